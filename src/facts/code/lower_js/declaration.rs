//! Variables, functions, classes and what TypeScript declares.

use super::{Lower, range};
use crate::facts::code::model::{
    Children, ClassKind, ClassParts, FunctionMarks, FunctionParts, NodeId, ParameterKind, ParameterParts, Shape, Text,
};
use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, Class, ClassElement, Declaration, Decorator, FormalParameters,
    Function, FunctionBody, MethodDefinition, MethodDefinitionKind, TSAccessibility, TSSignature, TSType,
    TSTypeAnnotation, VariableDeclaration,
};
use std::ops::Range;

impl Lower {
    pub(super) fn declaration(&mut self, declaration: &Declaration<'_>, into: &mut Vec<NodeId>) {
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(variables, into),
            Declaration::FunctionDeclaration(function) => {
                let node = self.deeper(|lower| lower.function(function, false));
                into.push(node);
            }
            Declaration::ClassDeclaration(class) => {
                let node = self.deeper(|lower| lower.class(class));
                into.push(node);
            }
            Declaration::TSInterfaceDeclaration(interface) => {
                let members = self.signatures(&interface.body.body);
                let name = self.builder.text(interface.id.name.as_str());
                into.push(self.simple_class(range(&**interface), name, ClassKind::Interface, &members));
            }
            Declaration::TSTypeAliasDeclaration(alias) => {
                if let TSType::TSTypeLiteral(literal) = &alias.type_annotation {
                    let members = self.signatures(&literal.members);
                    let name = self.builder.text(alias.id.name.as_str());
                    into.push(self.simple_class(range(&**alias), name, ClassKind::Interface, &members));
                }
            }
            Declaration::TSEnumDeclaration(declared) => {
                let mut members = Vec::new();
                for member in &declared.body.members {
                    let key = member.id.static_name();
                    let target = self.builder.name(range(&member.id), key.as_str());
                    let value = self.optional(member.initializer.as_ref());
                    let annotation = NodeId::NONE;
                    members.push(
                        self.builder.push(range(member), Shape::Let { target, annotation, value, is_static: true }),
                    );
                }
                let name = self.builder.text(declared.id.name.as_str());
                into.push(self.simple_class(range(&**declared), name, ClassKind::Enum, &members));
            }
            Declaration::TSImportEqualsDeclaration(import) => into.extend(self.import_equals(import)),
            Declaration::TSNamespaceDeclaration(namespace) => into.extend(self.namespace(namespace)),
            Declaration::TSExternalModuleDeclaration(_) | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    pub(super) fn simple_class(&mut self, at: Range<usize>, name: Text, kind: ClassKind, members: &[NodeId]) -> NodeId {
        let members = self.builder.children(members);
        let (bases, decorators) = (Children::default(), Children::default());
        self.builder.class(at, ClassParts { name, kind, bases, members, decorators })
    }

    pub(super) fn variables(&mut self, variables: &VariableDeclaration<'_>, into: &mut Vec<NodeId>) {
        for declared in &variables.declarations {
            if let Some(import) = self.required(declared) {
                into.push(import);
                continue;
            }
            let target = self.pattern(&declared.id);
            let annotation = self.annotation(declared.type_annotation.as_deref());
            let value = self.optional(declared.init.as_ref());
            into.push(self.builder.push(range(declared), Shape::Let { target, annotation, value, is_static: false }));
        }
    }

    pub(super) fn annotation(&mut self, annotation: Option<&TSTypeAnnotation<'_>>) -> NodeId {
        let Some(annotation) = annotation else { return NodeId::NONE };
        let at = range(&annotation.type_annotation);
        let blob = self.builder.blob().clone();
        let text = self.builder.text(blob.text().get(at.clone()).unwrap_or_default());
        self.builder.push(at, Shape::Type(text))
    }

    /// The members of an interface: what they are called, and their types.
    fn signatures(&mut self, signatures: &[TSSignature<'_>]) -> Vec<NodeId> {
        let mut members = Vec::new();
        for signature in signatures {
            match signature {
                TSSignature::TSPropertySignature(property) => {
                    let Some(name) = property.key.static_name() else { continue };
                    let target = self.builder.name(range(&property.key), &name);
                    let annotation = self.annotation(property.type_annotation.as_deref());
                    let shape = Shape::Let { target, annotation, value: NodeId::NONE, is_static: false };
                    members.push(self.builder.push(range(&**property), shape));
                }
                TSSignature::TSMethodSignature(method) => {
                    let Some(name) = method.key.static_name() else { continue };
                    let parameters = self.parameters(&method.params);
                    let name = self.builder.text(&name);
                    let returns = self.annotation(method.return_type.as_deref());
                    members.push(
                        self.builder.function(
                            range(&**method),
                            FunctionParts { name, parameters, returns, ..empty_function() },
                        ),
                    );
                }
                _ => {}
            }
        }
        members
    }

    pub(super) fn function(&mut self, function: &Function<'_>, is_lambda: bool) -> NodeId {
        let name = function.id.as_ref().map_or("", |id| id.name.as_str());
        let marks = FunctionMarks { is_lambda: is_lambda && name.is_empty(), ..FunctionMarks::default() };
        self.function_as(range(function), name, function, &[], marks)
    }

    fn function_as(
        &mut self,
        at: Range<usize>,
        name: &str,
        function: &Function<'_>,
        decorators: &[Decorator<'_>],
        marks: FunctionMarks,
    ) -> NodeId {
        let decorators = self.decorators(decorators);
        let parameters = self.parameters(&function.params);
        let returns = self.annotation(function.return_type.as_deref());
        let body = function.body.as_ref().map_or(NodeId::NONE, |body| self.function_body(body));
        let marks = FunctionMarks { is_async: function.r#async, is_generator: function.generator, ..marks };
        let name = self.builder.text(name);
        let receiver = NodeId::NONE;
        self.builder.function(at, FunctionParts { name, parameters, body, returns, decorators, receiver, marks })
    }

    fn function_body(&mut self, body: &FunctionBody<'_>) -> NodeId {
        self.statements(range(body), &body.statements)
    }

    pub(super) fn arrow(&mut self, function: &ArrowFunctionExpression<'_>) -> NodeId {
        let parameters = self.parameters(&function.params);
        let returns = self.annotation(function.return_type.as_deref());
        let body = match &function.body {
            ArrowFunctionBody::FunctionBody(body) => self.function_body(body),
            other => self.optional(other.as_expression()),
        };
        let marks = FunctionMarks { is_async: function.r#async, is_lambda: true, ..FunctionMarks::default() };
        let parts = FunctionParts { parameters, body, returns, marks, ..empty_function() };
        self.builder.function(range(function), parts)
    }

    fn parameters(&mut self, parameters: &FormalParameters<'_>) -> Children {
        let mut nodes = Vec::with_capacity(parameters.items.len());
        for parameter in &parameters.items {
            let decorators = self.decorators(&parameter.decorators);
            let target = self.pattern(&parameter.pattern);
            let annotation = self.annotation(parameter.type_annotation.as_deref());
            let default = self.optional(parameter.initializer.as_deref());
            let is_field = parameter.accessibility.is_some() || parameter.readonly;
            let parts = ParameterParts { annotation, default, decorators, is_field, ..ParameterParts::new(target) };
            nodes.push(self.builder.parameter(range(parameter), parts));
        }
        if let Some(rest) = &parameters.rest {
            let target = self.pattern(&rest.rest.argument);
            let annotation = self.annotation(rest.type_annotation.as_deref());
            let kind = ParameterKind::Rest;
            let parts = ParameterParts { annotation, kind, ..ParameterParts::new(target) };
            nodes.push(self.builder.parameter(range(&**rest), parts));
        }
        self.builder.children(&nodes)
    }

    fn decorators(&mut self, decorators: &[Decorator<'_>]) -> Children {
        let nodes: Vec<NodeId> = decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect();
        self.builder.children(&nodes)
    }

    pub(super) fn class(&mut self, class: &Class<'_>) -> NodeId {
        let name = class.id.as_ref().map_or("", |id| id.name.as_str());
        let decorators = self.decorators(&class.decorators);
        let mut bases = Vec::new();
        if let Some(heritage) = &class.heritage {
            bases.push(self.expression(&heritage.expression));
        }
        for implemented in &class.implements {
            let at = range(&implemented.expression);
            let blob = self.builder.blob().clone();
            let text = self.builder.text(blob.text().get(at.clone()).unwrap_or_default());
            bases.push(self.builder.push(at, Shape::Type(text)));
        }
        let members: Vec<NodeId> = class.body.body.iter().map(|element| self.class_element(element)).collect();
        let (bases, members) = (self.builder.children(&bases), self.builder.children(&members));
        let name = self.builder.text(name);
        self.builder.class(range(class), ClassParts { name, kind: ClassKind::Class, bases, members, decorators })
    }

    fn class_element(&mut self, element: &ClassElement<'_>) -> NodeId {
        match element {
            ClassElement::StaticBlock(block) => self.statements(range(&**block), &block.body),
            ClassElement::MethodDefinition(method) => self.method(method),
            ClassElement::PropertyDefinition(property) => {
                let name = property.key.name().unwrap_or_default();
                let target = self.builder.name(range(&property.key), &name);
                let annotation = self.annotation(property.type_annotation.as_deref());
                let value = self.optional(property.value.as_ref());
                let shape = Shape::Let { target, annotation, value, is_static: property.r#static };
                let node = self.builder.push(range(&**property), shape);
                self.decorated(range(&**property), &property.decorators, node)
            }
            ClassElement::AccessorProperty(property) => {
                let name = property.key.name().unwrap_or_default();
                let target = self.builder.name(range(&property.key), &name);
                let value = self.optional(property.value.as_ref());
                let annotation = NodeId::NONE;
                let shape = Shape::Let { target, annotation, value, is_static: property.r#static };
                self.builder.push(range(&**property), shape)
            }
            ClassElement::TSIndexSignature(_) => NodeId::NONE,
        }
    }

    fn decorated(&mut self, at: Range<usize>, decorators: &[Decorator<'_>], item: NodeId) -> NodeId {
        if decorators.is_empty() {
            return item;
        }
        let decorators = self.decorators(decorators);
        self.builder.push(at, Shape::Decorated { decorators, item })
    }

    fn method(&mut self, method: &MethodDefinition<'_>) -> NodeId {
        let name = method.key.name().unwrap_or_default();
        let marks = FunctionMarks {
            is_static: method.r#static,
            is_constructor: method.kind == MethodDefinitionKind::Constructor,
            is_getter: method.kind == MethodDefinitionKind::Get,
            is_private: method.accessibility == Some(TSAccessibility::Private) || method.key.is_private_identifier(),
            ..FunctionMarks::default()
        };
        self.deeper(|lower| lower.function_as(range(method), &name, &method.value, &method.decorators, marks))
    }
}

fn empty_function() -> FunctionParts {
    FunctionParts {
        name: Text::EMPTY,
        parameters: Children::default(),
        body: NodeId::NONE,
        returns: NodeId::NONE,
        decorators: Children::default(),
        receiver: NodeId::NONE,
        marks: FunctionMarks::default(),
    }
}
