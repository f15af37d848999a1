//! What a name means, in its file and across files.

use super::model::{Class, Kind, Language, Node, Source};
use super::module::Reached;
use super::scope::Declared;
use super::{Code, Definition};

/// How many re-exports may lead to one another.
const MAX_HOPS: usize = 12;

impl Code {
    /// What a name stands for at a place. Several where a language declares by assignment, none where nothing in
    /// the repository declares it and no import brings it.
    pub fn define<'a>(&'a self, at: Node<'a>, name: &str) -> Vec<Definition<'a>> {
        let declared = self.scopes(at.source()).lookup(at, name);
        if !declared.is_empty() {
            return declared.into_iter().flat_map(|declared| self.follow(declared, 0)).collect();
        }
        let inherited = self.inherited(at, name);
        if !inherited.is_empty() {
            return inherited;
        }
        let siblings = self.modules.siblings(at.source()).to_vec();
        let beside = self.in_files(&siblings, name, 0);
        if !beside.is_empty() {
            return beside;
        }
        let brought = self.brought_whole(at.source(), name);
        if !brought.is_empty() { brought } else { self.by_simple_name(at, name) }
    }

    /// A declaration with its imports followed to where the name comes from.
    fn follow<'a>(&'a self, declared: Declared<'a>, hops: usize) -> Vec<Definition<'a>> {
        match declared {
            Declared::Imported(import, theirs) if hops < MAX_HOPS => {
                self.imported(import.node.source(), import.module, theirs, hops + 1)
            }
            Declared::Imported(..) => Vec::new(),
            other => vec![Definition::Declared(other)],
        }
    }

    /// What a name of a module means; `*` is the module itself.
    pub(super) fn imported<'a>(
        &'a self,
        from: &'a Source,
        module: &str,
        name: &str,
        hops: usize,
    ) -> Vec<Definition<'a>> {
        let reached = self.modules.resolve(from, module);
        if from.language() == Language::Python && name != "*" {
            // `from package import module`: the file wins where the package itself has no such name.
            let dots = if module.ends_with('.') { "" } else { "." };
            if let Reached::Files(files) = self.modules.resolve(from, &format!("{module}{dots}{name}")) {
                let in_package = match &reached {
                    Reached::Files(package) => self.in_files(package, name, hops),
                    Reached::Library(_) => Vec::new(),
                };
                return if in_package.is_empty() { vec![Definition::Module(files)] } else { in_package };
            }
        }
        match reached {
            Reached::Files(files) if name == "*" => vec![Definition::Module(files)],
            Reached::Files(files) => self.in_files(&files, name, hops),
            Reached::Library(library) => vec![Definition::Library(symbol(&library, name))],
        }
    }

    /// What files hand out under a name.
    pub(super) fn in_files<'a>(&'a self, files: &[u32], name: &str, hops: usize) -> Vec<Definition<'a>> {
        if hops > MAX_HOPS {
            return Vec::new();
        }
        let mut found = Vec::new();
        for source in files.iter().filter_map(|file| self.sources.get(*file as usize)) {
            if source.language().is_script() {
                found.extend(self.exported(source, name, hops));
            } else {
                let declared = self.scopes(source).at_top(source, name);
                found.extend(declared.into_iter().flat_map(|declared| self.follow(declared, hops + 1)));
                if found.is_empty() {
                    found.extend(self.nested_at_top(source, name));
                }
            }
        }
        found
    }

    /// Classes inside a namespace with braces.
    fn nested_at_top<'a>(&'a self, source: &'a Source, name: &str) -> Option<Definition<'a>> {
        let candidates = self.index.classes(name).filter_map(|key| self.at(key)).filter_map(Node::as_class);
        let mut own = candidates.filter(|class| std::ptr::eq(class.node.source(), source));
        own.next().map(|class| Definition::Declared(Declared::Class(class)))
    }

    fn exported<'a>(&'a self, source: &'a Source, name: &str, hops: usize) -> Vec<Definition<'a>> {
        let mut found = Vec::new();
        for export in source.exports().filter(|export| export.exported == name) {
            if !export.module.is_empty() {
                found.extend(self.imported(source, export.module, export.local, hops + 1));
            } else if !export.local.is_empty() {
                let declared = self.scopes(source).at_top(source, export.local);
                found.extend(declared.into_iter().flat_map(|declared| self.follow(declared, hops + 1)));
            } else {
                found.extend(export.node.map(|node| self.exported_node(node)));
            }
        }
        if found.is_empty() && name != "default" {
            for export in source.exports().filter(|export| export.exported == "*") {
                found.extend(self.imported(source, export.module, name, hops + 1));
            }
            // A library's whole contents may hand out anything: only what is found in the repository counts here.
            found.retain(|definition| !matches!(definition, Definition::Library(_)) || source.exports().count() == 1);
        }
        if found.is_empty() && name == "default" && source.exports().next().is_none() {
            return vec![Definition::Module(vec![source.index])];
        }
        found
    }

    fn exported_node<'a>(&self, node: Node<'a>) -> Definition<'a> {
        match node.kind() {
            Kind::Function(function) => Definition::Declared(Declared::Function(function)),
            Kind::Class(class) => Definition::Declared(Declared::Class(class)),
            _ => Definition::Value(node),
        }
    }

    /// Members of base classes, where the language names them without `this`.
    fn inherited<'a>(&'a self, at: Node<'a>, name: &str) -> Vec<Definition<'a>> {
        let is_bare =
            matches!(at.source().language(), Language::Java | Language::Kotlin | Language::CSharp | Language::Ruby);
        let class = at.enclosing_class().filter(|_| is_bare);
        let Some(class) = class else { return Vec::new() };
        // Its own first: parameters of a primary constructor are fields too.
        let classes = std::iter::once(class).chain(self.base_classes(class));
        classes.flat_map(|class| self.class_members(class, name)).map(Definition::Declared).collect()
    }

    /// `from x import *`, `import a.b.*`, `using A.B`.
    fn brought_whole<'a>(&'a self, source: &'a Source, name: &str) -> Vec<Definition<'a>> {
        for import in self.index.whole_imports(source) {
            if let Reached::Files(files) = self.modules.resolve(source, import) {
                let found = self.in_files(&files, name, 1);
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    /// A class of that name elsewhere in the repository, where it is the only one and no import says otherwise.
    fn by_simple_name<'a>(&'a self, at: Node<'a>, name: &str) -> Vec<Definition<'a>> {
        let language = at.source().language();
        let by_name = matches!(language, Language::CSharp | Language::Ruby | Language::Php);
        if !by_name || !name.starts_with(char::is_uppercase) {
            return Vec::new();
        }
        let classes: Vec<Class<'a>> = self
            .index
            .classes(name)
            .filter_map(|key| self.at(key))
            .filter(|node| node.source().language() == language)
            .filter_map(Node::as_class)
            .collect();
        match classes.as_slice() {
            [only] => vec![Definition::Declared(Declared::Class(*only))],
            _ => Vec::new(),
        }
    }
}

/// A name of a library: `axios.create`, `requests.Session`; the library itself for `default` and `*`.
fn symbol(library: &str, name: &str) -> String {
    match name {
        "default" | "*" | "" => library.to_owned(),
        _ if library.is_empty() => name.to_owned(),
        _ => format!("{library}.{name}"),
    }
}
