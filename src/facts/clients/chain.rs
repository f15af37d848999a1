//! The way from the place where an address is written down to the call that sends the request.

use super::target;
use crate::facts::code::{Call, Code, Declared, Definition, Function, Kind, Node, Parameter};

/// As many wrappers lie around a request.
const MAX_WRAPPERS: usize = 5;
/// As many places that use one wrapper are told apart.
const MAX_CHAINS: usize = 100;
/// As many variables are followed within one function.
const MAX_VARIABLES: usize = 3;

/// One way to a request.
#[derive(Debug, Clone)]
pub(super) struct Chain<'a> {
    /// From the sending call to the outermost wrapper, which is handed the address.
    pub calls: Vec<Call<'a>>,
    /// What the address may be there, with `{}` for what is not known.
    pub texts: Vec<String>,
}

impl<'a> Chain<'a> {
    /// The call that names the address.
    pub fn leaf(&self) -> Option<Call<'a>> {
        self.calls.last().copied()
    }
}

/// Every way to a request; `is_address` tells an address from other texts that wrappers are handed.
pub(super) fn chains<'a>(code: &'a Code, call: Call<'a>, is_address: &dyn Fn(&str) -> bool) -> Vec<Chain<'a>> {
    let mut found = Vec::new();
    if let Some(address) = target::own_address(code, call) {
        climb(code, address, vec![call], is_address, &mut found);
    }
    found
}

fn climb<'a>(
    code: &'a Code,
    address: Node<'a>,
    calls: Vec<Call<'a>>,
    is_address: &dyn Fn(&str) -> bool,
    found: &mut Vec<Chain<'a>>,
) {
    let before = found.len();
    if calls.len() < MAX_WRAPPERS {
        for (function, parameter) in parameters(code, address, 0) {
            for argument in code.arguments_for(function, parameter) {
                let caller = argument.ancestors().find_map(Node::as_call);
                let Some(caller) = caller.filter(|caller| !calls.iter().any(|call| call.node == caller.node)) else {
                    continue;
                };
                if found.len() < MAX_CHAINS {
                    let calls = calls.iter().copied().chain([caller]).collect();
                    climb(code, argument, calls, is_address, found);
                }
            }
        }
    }
    let is_first = calls.len() == 1;
    let texts = code.texts(address);
    if found.len() == before && (is_first || texts.iter().any(|text| is_address(text))) {
        found.push(Chain { calls, texts });
    }
}

/// The parameters that an expression is made of, through the variables of its function.
fn parameters<'a>(code: &'a Code, node: Node<'a>, depth: usize) -> Vec<(Function<'a>, Parameter<'a>)> {
    let mut found = Vec::new();
    for inner in node.walk_own() {
        let Kind::Name(name) = inner.kind() else { continue };
        for definition in code.define(inner, name) {
            match definition {
                Definition::Declared(Declared::Parameter(parameter, _)) => {
                    found.extend(parameter.node.enclosing_function().map(|function| (function, parameter)));
                }
                Definition::Declared(Declared::Variable(variable)) if depth < MAX_VARIABLES => {
                    let value = variable.ancestors().find_map(Node::as_let).and_then(|declared| declared.value);
                    let near =
                        value.filter(|value| !value.contains(node) && std::ptr::eq(value.source(), node.source()));
                    found.extend(near.into_iter().flat_map(|value| parameters(code, value, depth + 1)));
                }
                _ => {}
            }
        }
    }
    found.sort_by_key(|(_, parameter)| parameter.node);
    found.dedup_by_key(|(_, parameter)| parameter.node);
    found
}
