//! What takes work from a queue: the functions that run what was handed over.

use crate::facts::code::{Call, Class, Code, Function, Kind, Node, Origin, Value};

/// Methods that a queue's library calls on the class of a job. Source: Sidekiq, Active Job, Laravel, BullMQ for Nest.
const RUNS: [&str; 6] = ["perform", "handle", "process", "run", "execute", "__invoke"];
/// Calls that are handed the function which takes the work.
const TAKES: [&str; 8] =
    ["Worker", "process", "work", "consume", "basic_consume", "subscribe", "createFunction", "run"];
/// Decorators of such functions.
const MARKS: [&str; 8] = [
    "Process",
    "Processor",
    "RabbitListener",
    "KafkaListener",
    "SqsListener",
    "JmsListener",
    "OnQueueEvent",
    "RabbitSubscribe",
];

/// The functions that run what a call hands to a queue.
pub(super) fn of<'a>(code: &'a Code, send: Call<'a>) -> Vec<Node<'a>> {
    let named = send.receiver().map(|receiver| task(code, receiver)).unwrap_or_default();
    if !named.is_empty() {
        return named;
    }
    // Whoever takes work from any queue of the repository.
    let by_call = code
        .calls()
        .filter(|call| TAKES.contains(&call.method()))
        .filter(|call| call.is_new || call.receiver().is_some());
    let by_call = by_call
        .filter_map(|call| call.arguments.last().filter(|last| *last != call.node))
        .flat_map(|last| functions(code, last));
    let marked = code.functions().filter(|function| function.decorators.iter().any(is_mark));
    let hosts = code.classes().filter(|class| {
        class.bases.iter().any(|base| base.text().contains("WorkerHost")) || class.decorators.iter().any(is_mark)
    });
    by_call.chain(marked).chain(hosts.flat_map(|class| run_methods(class))).map(|function| function.node).collect()
}

/// Celery's task, Sidekiq's and Laravel's job class.
fn task<'a>(code: &'a Code, receiver: Node<'a>) -> Vec<Node<'a>> {
    let origins = code.origins(receiver).into_iter();
    origins
        .flat_map(|origin| match origin {
            Origin::Own(Value::Function(function)) => vec![function.node],
            Origin::Own(Value::Class(class) | Value::Instance(class, _)) => {
                run_methods(class).map(|method| method.node).collect()
            }
            _ => Vec::new(),
        })
        .collect()
}

fn run_methods<'a>(class: Class<'a>) -> impl Iterator<Item = Function<'a>> {
    RUNS.iter().filter_map(move |name| class.method(name))
}

fn functions<'a>(code: &'a Code, node: Node<'a>) -> Vec<Function<'a>> {
    match node.kind() {
        Kind::Function(function) => vec![function],
        Kind::Name(_) | Kind::Member { .. } => code
            .origins(node)
            .into_iter()
            .filter_map(|origin| match origin {
                Origin::Own(Value::Function(function)) => Some(function),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_mark(mark: Node<'_>) -> bool {
    MARKS.contains(&mark.as_call().map_or(mark, |call| call.callee).leaf())
}
