//! Jenkins: the `sh` steps of a declarative Jenkinsfile, in order, stage by stage.

use super::resolve::step;
use super::{Job, Provider, Step, Workflow};
use crate::evidence::Blob;
use crate::facts::recipe::Recipes;
use crate::facts::shell::{Strictness, commands};
use std::sync::Arc;

/// All stages as one job, since each runs only when those before it succeeded.
pub(super) fn workflow(blob: &Arc<Blob>, recipes: &Recipes) -> Vec<Workflow> {
    let job = Job::new("pipeline", blob.line(1), steps(blob, recipes));
    vec![Workflow::on_push(Provider::Jenkins, blob, blob.line(1), vec![job])]
}

fn steps(blob: &Blob, recipes: &Recipes) -> Vec<Step> {
    let mut found = Vec::new();
    let mut caught = 0_i32;
    for (number, line) in blob.lines() {
        let bare = line.trim();
        if bare.starts_with("//") {
            continue;
        }
        // What stands inside catchError cannot stop the stages after it.
        if caught > 0 || bare.contains("catchError") {
            caught += bare.matches('{').count() as i32 - bare.matches('}').count() as i32;
        }
        let Some(at) = bare.find("sh ").or_else(|| bare.find("sh(")).or_else(|| bare.find("bat ")) else { continue };
        let script = script_at(blob, number, &bare[at..]);
        let mut made = step(blob.line(number));
        made.tolerated = caught > 0 || bare.contains("returnStatus: true");
        let read = commands(&script, Strictness::ERREXIT);
        made.acts = read.iter().flat_map(|command| recipes.expand(command, "", &blob.line(number))).collect();
        found.push(made);
    }
    found
}

/// The literal behind `sh`: on the line, or over several in triple quotes.
fn script_at(blob: &Blob, number: u32, rest: &str) -> String {
    for quote in ["\"\"\"", "'''"] {
        if let Some((_, first)) = rest.split_once(quote) {
            if let Some((whole, _)) = first.split_once(quote) {
                return whole.to_owned();
            }
            let below = blob.lines().skip(number as usize).map(|(_, line)| line);
            let body: Vec<&str> = below.take(200).take_while(|line| !line.contains(quote)).collect();
            return format!("{first}\n{}", body.join("\n"));
        }
    }
    let quote = rest.chars().find(|letter| matches!(letter, '\'' | '"'));
    quote.and_then(|quote| rest.split(quote).nth(1)).unwrap_or_default().to_owned()
}
