//! Imports and exports, of both module systems.

use super::{Lower, range};
use crate::facts::code::model::{ClassKind, ExportParts, ImportParts, Imported, NodeId, Shape, Text};
use oxc_ast::ast::{
    BindingPattern, ExportDefaultDeclarationKind, Expression, ImportDeclaration, ImportDeclarationSpecifier,
    ImportOrExportKind, ModuleDeclaration, TSImportEqualsDeclaration, TSModuleReference, TSNamespaceDeclaration,
    TSNamespaceDeclarationBody, VariableDeclarator,
};

impl Lower {
    pub(super) fn module_declaration(&mut self, module: &ModuleDeclaration<'_>, into: &mut Vec<NodeId>) {
        match module {
            ModuleDeclaration::ImportDeclaration(import) => into.push(self.import(import)),
            ModuleDeclaration::ExportDeclaration(export) => {
                let first = into.len();
                self.declaration(&export.declaration, into);
                let declared: Vec<NodeId> = into.get(first..).unwrap_or_default().to_vec();
                declared.into_iter().for_each(|node| self.export_declared(node));
            }
            ModuleDeclaration::ExportDefaultDeclaration(export) => {
                let node = match &export.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(function) => self.function(function, false),
                    ExportDefaultDeclarationKind::ClassDeclaration(class) => self.class(class),
                    other => self.optional(other.as_expression()),
                };
                if node != NodeId::NONE {
                    into.push(node);
                    self.export("default", "", "", node);
                }
            }
            ModuleDeclaration::ExportNamedDeclaration(export) => {
                for specifier in &export.specifiers {
                    let (exported, local) = (specifier.exported.name(), specifier.local.name());
                    self.export(exported.as_str(), local.as_str(), "", NodeId::NONE);
                }
            }
            ModuleDeclaration::ExportFromDeclaration(export) => {
                for specifier in &export.specifiers {
                    let (exported, local) = (specifier.exported.name(), specifier.local.name());
                    self.export(exported.as_str(), local.as_str(), export.source.value.as_str(), NodeId::NONE);
                }
            }
            ModuleDeclaration::ExportAllDeclaration(export) => {
                let name = export.exported.as_ref().map(|name| name.name());
                let exported = name.as_ref().map_or("*", |name| name.as_str());
                self.export(exported, "*", export.source.value.as_str(), NodeId::NONE);
            }
            ModuleDeclaration::TSExportAssignment(export) => {
                let node = self.expression(&export.expression);
                into.push(node);
                self.export("default", "", "", node);
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    pub(super) fn export(&mut self, exported: &str, local: &str, module: &str, node: NodeId) {
        let exported = self.builder.text(exported);
        let (local, module) = (self.builder.text(local), self.builder.text(module));
        self.builder.export(ExportParts { exported, local, module, node });
    }

    /// `export const x = …`, `export function f`, `export class C`.
    fn export_declared(&mut self, node: NodeId) {
        for name in self.declared_names(node) {
            self.builder.export(ExportParts { exported: name, local: name, module: Text::EMPTY, node });
        }
    }

    fn declared_names(&self, node: NodeId) -> Vec<Text> {
        match self.builder.shape(node) {
            Shape::Function(_) | Shape::Class(_) => self.builder.own_name(node).into_iter().collect(),
            Shape::Let { target, .. } => self.declared_names(target),
            Shape::Name(name) => vec![name],
            Shape::Object(parts) | Shape::List(parts) => {
                self.builder.listed(parts).into_iter().flat_map(|part| self.declared_names(part)).collect()
            }
            Shape::Pair { value, .. } => self.declared_names(value),
            Shape::Assign { target, .. } | Shape::Spread(target) => self.declared_names(target),
            _ => Vec::new(),
        }
    }

    fn import(&mut self, import: &ImportDeclaration<'_>) -> NodeId {
        let module = self.builder.text(import.source.value.as_str());
        let mut names = Vec::new();
        for specifier in import.specifiers.iter().flatten() {
            let (name, local) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(named) => {
                    (named.imported.name().as_str().to_owned(), named.local.name)
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(whole) => ("default".to_owned(), whole.local.name),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(whole) => ("*".to_owned(), whole.local.name),
            };
            names.push(Imported { name: self.builder.text(&name), local: self.builder.text(local.as_str()) });
        }
        let is_type = import.import_kind == ImportOrExportKind::Type;
        self.builder.import(range(import), ImportParts { module, names, is_type })
    }

    pub(super) fn import_equals(&mut self, import: &TSImportEqualsDeclaration<'_>) -> Option<NodeId> {
        let TSModuleReference::ExternalModuleReference(module) = &import.module_reference else { return None };
        let module = self.builder.text(module.expression.value.as_str());
        let names = vec![Imported { name: self.builder.text("*"), local: self.builder.text(import.id.name.as_str()) }];
        Some(self.builder.import(range(import), ImportParts { module, names, is_type: false }))
    }

    pub(super) fn namespace(&mut self, namespace: &TSNamespaceDeclaration<'_>) -> Option<NodeId> {
        let TSNamespaceDeclarationBody::TSModuleBlock(block) = &namespace.body else { return None };
        let mut members = Vec::new();
        block.body.iter().for_each(|statement| self.statement(statement, &mut members));
        let name = self.builder.text(namespace.id.name.as_str());
        Some(self.simple_class(range(namespace), name, ClassKind::Namespace, &members))
    }

    /// `const x = require('y')`, `const { a: b } = await import('y')`, `const a = require('y').a`.
    pub(super) fn required(&mut self, declared: &VariableDeclarator<'_>) -> Option<NodeId> {
        let (module, member) = required_module(declared.init.as_ref()?)?;
        let names = self.required_names(&declared.id, member.as_deref())?;
        let module = self.builder.text(module);
        Some(self.builder.import(range(declared), ImportParts { module, names, is_type: false }))
    }

    fn required_names(&mut self, pattern: &BindingPattern<'_>, member: Option<&str>) -> Option<Vec<Imported>> {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                let name = self.builder.text(member.unwrap_or("*"));
                Some(vec![Imported { name, local: self.builder.text(id.name.as_str()) }])
            }
            BindingPattern::ObjectPattern(object) if member.is_none() && object.rest.is_none() => {
                let mut names = Vec::new();
                for property in &object.properties {
                    let BindingPattern::BindingIdentifier(local) = &property.value else { return None };
                    let name = self.builder.text(&property.key.static_name()?);
                    names.push(Imported { name, local: self.builder.text(local.name.as_str()) });
                }
                Some(names)
            }
            _ => None,
        }
    }

    /// `module.exports = …`, `exports.x = …`, `module.exports.x = …`.
    pub(super) fn exports_of_assignment(&mut self, node: NodeId) {
        let Shape::Assign { operator: None, target, value } = self.builder.shape(node) else { return };
        let Shape::Member { object, property } = self.builder.shape(target) else { return };
        if self.is_exports(target) {
            let name = self.builder.text("default");
            self.builder.export(ExportParts { exported: name, local: Text::EMPTY, module: Text::EMPTY, node: value });
            if let Shape::Object(pairs) = self.builder.shape(value) {
                self.builder.listed(pairs).into_iter().for_each(|pair| self.export_pair(pair));
            }
        } else if self.is_exports(object) || self.builder.is_name(object, "exports") {
            self.builder.export(ExportParts {
                exported: property,
                local: Text::EMPTY,
                module: Text::EMPTY,
                node: value,
            });
        }
    }

    fn export_pair(&mut self, pair: NodeId) {
        let Shape::Pair { key, value } = self.builder.shape(pair) else { return };
        if let Shape::Str(exported) = self.builder.shape(key) {
            self.builder.export(ExportParts { exported, local: Text::EMPTY, module: Text::EMPTY, node: value });
        }
    }

    /// `module.exports`.
    fn is_exports(&self, node: NodeId) -> bool {
        match self.builder.shape(node) {
            Shape::Member { object, property } => {
                self.builder.is_name(object, "module") && self.builder.reads(property) == "exports"
            }
            _ => false,
        }
    }
}

/// The module that a `require` or `import()` names, with the one member that is taken of it.
fn required_module<'a>(expression: &'a Expression<'a>) -> Option<(&'a str, Option<String>)> {
    match expression {
        Expression::CallExpression(call) => {
            let Expression::Identifier(callee) = &call.callee else { return None };
            let module = call.arguments.first().and_then(|argument| argument.as_expression())?;
            match module {
                Expression::StringLiteral(module) if callee.name == "require" => Some((module.value.as_str(), None)),
                _ => None,
            }
        }
        Expression::AwaitExpression(awaited) => match &awaited.argument {
            Expression::ImportExpression(import) => match &import.source {
                Expression::StringLiteral(module) => Some((module.value.as_str(), None)),
                _ => None,
            },
            _ => None,
        },
        Expression::StaticMemberExpression(member) => {
            let (module, inner) = required_module(&member.object)?;
            inner.is_none().then(|| (module, Some(member.property.name.as_str().to_owned())))
        }
        _ => None,
    }
}
