//! Imports and packages, which every language writes in its own way.

use super::super::model::{ImportParts, Imported, NodeId, Shape, Text};
use super::lower::Lowering;
use super::table::{Part, Rule, named};
use tree_sitter::Node;

impl<'s> Lowering<'s> {
    pub(super) fn import(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        match rule.option("style").unwrap_or_default() {
            "python" => rule.all(node, Part::Name).into_iter().for_each(|one| self.python_module(one, out)),
            "python-from" => self.python_names(node, rule, out),
            "go" => self.go_package(node, rule, out),
            "php" => self.php_use(node, "", out),
            "using" => self.using(node, rule, out),
            _ => self.dotted(node, rule, out),
        }
    }

    fn bring(&mut self, node: Node, module: &str, names: &[(&str, &str)], out: &mut Vec<NodeId>) {
        let module = self.builder.text(module);
        let mut imported = Vec::new();
        for (name, local) in names {
            imported.push(Imported { name: self.builder.text(name), local: self.builder.text(local) });
        }
        let parts = ImportParts { module, names: imported, is_type: false };
        out.push(self.builder.import(node.byte_range(), parts));
    }

    /// `import a.b` makes the name `a`; `import a.b as c` makes `c` the module `a.b`.
    fn python_module(&mut self, node: Node, out: &mut Vec<NodeId>) {
        match node.child_by_field_name("alias") {
            Some(alias) => {
                let module = node.child_by_field_name("name").map(|name| self.text(name)).unwrap_or_default();
                let alias = self.text(alias);
                self.bring(node, module, &[("*", alias)], out);
            }
            None => {
                let first = self.text(node).split('.').next().unwrap_or_default();
                self.bring(node, first, &[("*", first)], out);
            }
        }
    }

    fn python_names(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let module = rule.one(node, Part::Value).map(|module| self.text(module)).unwrap_or_default();
        let mut names = Vec::new();
        for one in rule.all(node, Part::Name) {
            let name = one.child_by_field_name("name").map_or(self.text(one), |name| self.text(name));
            let local = one.child_by_field_name("alias").map_or(name, |alias| self.text(alias));
            names.push((name, local));
        }
        if names.is_empty() {
            names.push(("", ""));
        }
        self.bring(node, module, &names, out);
    }

    /// The name of a Go package is the last part of its path, versions left out.
    fn go_package(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let path = rule.one(node, Part::Value).map(|path| self.text(path).trim_matches(['"', '`'])).unwrap_or_default();
        let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
        let last = path.rsplit('/').find(|part| !is_version(part)).unwrap_or(path);
        let own = match last.rsplit_once(".v") {
            Some((name, version)) if version.parse::<u32>().is_ok() => name,
            _ => last,
        };
        let own = own.strip_prefix("go-").unwrap_or(own);
        let own = own.strip_suffix("-go").unwrap_or(own);
        match rule.one(node, Part::Alias).map(|alias| self.text(alias)) {
            Some(".") => self.bring(node, path, &[("", "")], out),
            Some(alias) => self.bring(node, path, &[("*", alias)], out),
            None => self.bring(node, path, &[("*", own)], out),
        }
    }

    /// `import a.b.C`, `import a.b.*`, `import a.b.C as D`.
    fn dotted(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let written = self.text(node).trim_end_matches([';', ' ', '\n', '\r']);
        let path = rule.one(node, Part::Value).map(|path| self.text(path)).unwrap_or_default();
        if written.ends_with('*') {
            return self.bring(node, path, &[("", "")], out);
        }
        let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
        let alias = rule.one(node, Part::Alias).map_or(name, |alias| self.text(alias));
        self.bring(node, module, &[(name, alias)], out);
    }

    /// C#: `using A.B;` brings all of it, `using X = A.B;` one name, `using static A.B;` its members.
    fn using(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let path = named(node).last().map(|path| self.text(*path)).unwrap_or_default();
        match rule.one(node, Part::Alias).map(|alias| self.text(alias)) {
            Some(alias) if alias != path => {
                let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
                self.bring(node, module, &[(name, alias)], out);
            }
            _ => self.bring(node, path, &[("", "")], out),
        }
    }

    /// `use A\B\C as D;`, `use A\{B, C as D};`.
    fn php_use(&mut self, node: Node, prefix: &str, out: &mut Vec<NodeId>) {
        let mut prefix = prefix.to_owned();
        for child in named(node) {
            match child.kind() {
                "namespace_name" => prefix = format!("{}\\", self.text(child)),
                "namespace_use_group" => self.php_use(child, &prefix, out),
                "namespace_use_clause" => {
                    let alias = child.child_by_field_name("alias").map(|alias| self.text(alias));
                    let path = named(child).first().map(|path| self.text(*path)).unwrap_or_default();
                    let path = format!("{prefix}{}", path.trim_start_matches('\\'));
                    let (module, name) = path.rsplit_once('\\').unwrap_or(("", &path));
                    self.bring(child, module, &[(name, alias.unwrap_or(name))], out);
                }
                _ => {}
            }
        }
    }

    /// Ruby's `require`, a call like any other.
    pub(super) fn required(&mut self, node: Node, word: &str, arguments: &[NodeId]) -> Option<NodeId> {
        let [one] = arguments else { return None };
        let Shape::Str(_) = self.builder.shape(*one) else { return None };
        let path = self.builder.written(*one).to_owned();
        let module = if word == "require_relative" && !path.starts_with('.') { format!("./{path}") } else { path };
        let parts = ImportParts {
            module: self.builder.text(&module),
            names: vec![Imported { name: Text::EMPTY, local: Text::EMPTY }],
            is_type: false,
        };
        Some(self.builder.import(node.byte_range(), parts))
    }

    /// The package of a file; a namespace with braces gives what is in it.
    pub(super) fn package(&mut self, node: Node, rule: &Rule, out: &mut Vec<NodeId>) {
        let name = rule.one(node, Part::Name).map(|name| self.text(name)).unwrap_or_default();
        self.builder.package(name);
        rule.all(node, Part::Body).into_iter().for_each(|body| self.lower_into(body, out));
    }
}
