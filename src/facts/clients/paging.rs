//! How a request for a list goes on after the first page.

use super::chain::Chain;
use super::lists::Paging;
use crate::facts::code::{Call, Code, Function, Kind, Node};

/// What a loop over pages speaks of.
const WORDS: [&str; 8] =
    ["cursor", "nexturl", "nextlink", "page", "offset", "hasmore", "continuation", "startingafter"];
/// What MaintainX does not answer with, and what it does not take.
const WRONG: [&str; 9] =
    ["cursor", "next", "page", "offset", "nextpage", "nextpagetoken", "pagetoken", "skip", "nexttoken"];
/// As many callers above the place where the address is written down are looked at.
const LEVELS: usize = 2;

/// How the calls of one way go on.
pub(super) fn of<'a>(code: &'a Code, chain: &Chain<'a>, is_maintainx: bool) -> Paging {
    let places = places(code, chain);
    let turns: Vec<Node<'a>> = places.iter().filter_map(|call| turn(code, *call)).collect();
    let around = places.iter().filter_map(|call| call.node.enclosing_function()).map(|function| function.node);
    let scopes: Vec<Node<'a>> = turns.iter().copied().chain(around).collect();
    let next = scopes.iter().find_map(|scope| reads_next(*scope));
    let Some(turn) = turns.first() else {
        let numbered = is_maintainx.then(|| scopes.iter().find_map(|scope| numbered(*scope))).flatten();
        return numbered.map_or(Paging::Single, |(node, word)| Paging::Wrong(node.span(), word.to_owned()));
    };
    if let Some(next) = next {
        return Paging::Followed(next.span());
    }
    if !is_maintainx || is_declared(code, *turn) {
        return Paging::Followed(turn.span());
    }
    let wrong =
        turn.walk().find_map(|node| WRONG.contains(&folded(word(node)?).as_str()).then_some((node, word(node)?)));
    wrong.map_or(Paging::Single, |(node, word)| Paging::Wrong(node.span(), word.to_owned()))
}

/// The calls of the way, and the calls of the function at its end.
fn places<'a>(code: &'a Code, chain: &Chain<'a>) -> Vec<Call<'a>> {
    let mut places = chain.calls.clone();
    let mut open: Vec<Call<'a>> = chain.leaf().into_iter().collect();
    for _ in 0..LEVELS {
        let functions: Vec<Function<'a>> = open.iter().filter_map(|call| call.node.enclosing_function()).collect();
        open = functions.into_iter().flat_map(|function| code.callers_of(function)).take(50).collect();
        places.extend(open.iter().copied());
    }
    places
}

/// The loop around a call that speaks of pages, or the function that calls itself for the next one.
fn turn<'a>(code: &'a Code, call: Call<'a>) -> Option<Node<'a>> {
    let is_paging = |word: &str| word == "next" || WORDS.iter().any(|own| folded(word).contains(own));
    let speaks = |node: &Node<'a>| node.walk().filter_map(word).any(is_paging);
    let around = call.node.ancestors().find(|node| matches!(node.kind(), Kind::Loop(_)) && speaks(node));
    around.or_else(|| {
        let function = call.node.enclosing_function()?;
        let again = function.node.walk().filter_map(Node::as_call);
        let is_itself = again.flat_map(|call| code.callees(call)).any(|callee| callee.node == function.node);
        (is_itself && speaks(&function.node)).then_some(function.node)
    })
}

/// Where a piece of code reads `nextCursor` or `nextPageUrl`.
pub(super) fn reads_next(scope: Node<'_>) -> Option<Node<'_>> {
    scope.walk().find(|node| word(*node).is_some_and(is_next))
}

fn is_next(word: &str) -> bool {
    let folded = folded(word);
    ["nextcursor", "nextpageurl"].iter().any(|name| folded.contains(name))
}

/// Typed languages name the field where the answer's type is declared: `@JsonProperty("nextCursor") String next`.
fn is_declared(code: &Code, turn: Node<'_>) -> bool {
    let language = turn.source().language();
    let speaks = turn.walk().filter_map(word).any(|word| folded(word).contains("next"));
    let mut same = code.sources().filter(|source| source.language() == language && !language.is_script());
    speaks
        && same
            .any(|source| source.blob().text().contains("nextCursor") || source.blob().text().contains("nextPageUrl"))
}

/// `page` or `offset` among what a request is given.
fn numbered(scope: Node<'_>) -> Option<(Node<'_>, &str)> {
    scope.walk_own().find_map(|node| match node.kind() {
        Kind::Pair { key, .. } => key.as_str().filter(|key| matches!(*key, "page" | "offset")).map(|key| (node, key)),
        Kind::Named { name: name @ ("page" | "offset"), .. } => Some((node, name)),
        _ => None,
    })
}

/// What a node is called.
fn word(node: Node<'_>) -> Option<&str> {
    match node.kind() {
        Kind::Name(name) | Kind::Named { name, .. } => Some(name),
        Kind::Member { property, .. } => Some(property),
        Kind::Str(text) if text.len() < 60 => Some(text),
        _ => None,
    }
}

fn folded(word: &str) -> String {
    word.chars().filter(|letter| *letter != '_').collect::<String>().to_ascii_lowercase()
}
