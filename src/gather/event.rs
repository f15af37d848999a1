//! The event that started a workflow: which change it is about, on which commit its reports hang, and whose settings count.

use serde_json::Value;

/// What the runner says about the event. Outside a workflow there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// `pull_request`, `push`, …; empty outside a workflow.
    pub name: String,
    /// The commit on which reports hang: of a pull request its own head, never the merge that GitHub tries.
    pub head: Option<String>,
    /// What the change is held against.
    pub base: Option<Base>,
    pub pull_request: Option<PullRequest>,
    /// It proposes something that is not merged: its settings do not count yet.
    pub is_proposal: bool,
}

/// The branch that a change goes to, or what was there before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// 40 hexadecimal digits, where the event says them.
    pub commit: Option<String>,
    pub branch: Option<String>,
}

/// The pull request, where the event is about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// 0 where the event does not say it.
    pub number: u64,
    /// It comes from another repository, or from one that was deleted.
    pub is_fork: bool,
    pub is_dependabot: bool,
}

/// What the inputs of the action say about the event, for a run that publishes what another has seen.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub pull_request: Option<u64>,
    pub head: Option<String>,
}

/// The variables of the runner that bear on the event.
#[derive(Debug, Clone, Copy)]
pub struct Variables<'a> {
    pub name: &'a str,
    /// `owner/name`.
    pub repository: &'a str,
    pub actor: &'a str,
    /// `GITHUB_SHA`, of which a pull request's is a merge that is on no branch.
    pub commit: &'a str,
    /// `GITHUB_REF`.
    pub reference: &'a str,
    /// `GITHUB_BASE_REF`.
    pub base_branch: &'a str,
}

impl Event {
    /// Reads the event. A missing or odd one leaves what the variables say, and never less caution.
    pub fn read(payload: &Value, said: Variables) -> Self {
        let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let event = Self { name: said.name.to_owned(), head: commit(said.commit), ..Self::default() };
        if payload.get("pull_request").is_some_and(Value::is_object) || said.name.starts_with("pull_request") {
            return of_pull_request(event, payload, said);
        }
        match said.name {
            "merge_group" => {
                let branch = text("/merge_group/base_ref").map(|name| branch(&name));
                let base = Base { commit: id(payload, "/merge_group/base_sha"), branch };
                let head = id(payload, "/merge_group/head_sha").or(event.head.clone());
                Self { head, base: Some(base), is_proposal: true, ..event }
            }
            "workflow_run" => of_workflow_run(event, payload, said),
            "push" => {
                let base = Base { commit: id(payload, "/before"), branch: text("/repository/default_branch") };
                Self { base: Some(base), ..event }
            }
            "deployment_status" | "deployment" => {
                Self { head: id(payload, "/deployment/sha").or(event.head.clone()), ..event }
            }
            _ => event,
        }
    }

    /// The same with what the inputs say. A number makes it a proposal, since a pull request is one.
    pub fn told(mut self, told: Told) -> Self {
        if let Some(number) = told.pull_request {
            self.is_proposal = true;
            // Who names a pull request by an input does so where the event does not: nothing else is known of it yet.
            let known = self.pull_request.take().filter(|known| known.number == number);
            self.pull_request = Some(known.unwrap_or(PullRequest { number, is_fork: true, is_dependabot: false }));
        }
        self.head = told.head.or(self.head);
        self
    }

    pub fn is_fork(&self) -> bool {
        self.pull_request.as_ref().is_some_and(|pull| pull.is_fork)
    }

    /// The number of the pull request, where it is known.
    pub fn number(&self) -> Option<u64> {
        self.pull_request.as_ref().map(|pull| pull.number).filter(|number| *number > 0)
    }
}

fn of_pull_request(event: Event, payload: &Value, said: Variables) -> Event {
    let pull = payload.get("pull_request").filter(|pull| pull.is_object());
    let text = |pointer: &str| pull?.pointer(pointer)?.as_str().map(str::to_owned);
    // The repository of a deleted fork is null; where the event is missing, nobody knows.
    let is_fork = text("/head/repo/full_name").is_none_or(|name| !name.eq_ignore_ascii_case(said.repository));
    let author = text("/user/login");
    let number = pull.and_then(|pull| pull.get("number")?.as_u64()).or_else(|| number_of(said.reference));
    let branch = text("/base/ref").or_else(|| Some(said.base_branch.to_owned()).filter(|name| !name.is_empty()));
    let commit = pull.and_then(|pull| id(pull, "/base/sha"));
    Event {
        head: pull.and_then(|pull| id(pull, "/head/sha")),
        base: Some(Base { commit, branch }),
        pull_request: Some(PullRequest {
            number: number.unwrap_or_default(),
            is_fork,
            is_dependabot: is_dependabot(said.actor) || author.as_deref().is_some_and(is_dependabot),
        }),
        is_proposal: true,
        ..event
    }
}

/// A run after another one: it reports on that one's commit, and is as much of a proposal.
fn of_workflow_run(event: Event, payload: &Value, said: Variables) -> Event {
    let run = payload.get("workflow_run");
    let text = |pointer: &str| run?.pointer(pointer)?.as_str();
    let first = run.and_then(|run| run.pointer("/pull_requests/0"));
    let is_fork = text("/head_repository/full_name").is_none_or(|name| !name.eq_ignore_ascii_case(said.repository));
    let is_proposal =
        is_fork || text("/event").is_none_or(|name| name.starts_with("pull_request") || name == "merge_group");
    let pull_request = is_proposal.then(|| PullRequest {
        // The list is empty for forks.
        number: first.and_then(|pull| pull.get("number")?.as_u64()).unwrap_or_default(),
        is_fork,
        is_dependabot: text("/actor/login").is_some_and(is_dependabot),
    });
    let base = first.map(|pull| Base {
        commit: id(pull, "/base/sha"),
        branch: pull.pointer("/base/ref").and_then(Value::as_str).map(str::to_owned),
    });
    Event { head: run.and_then(|run| id(run, "/head_sha")), base, pull_request, is_proposal, ..event }
}

fn is_dependabot(login: &str) -> bool {
    login == "dependabot[bot]"
}

fn branch(reference: &str) -> String {
    reference.strip_prefix("refs/heads/").unwrap_or(reference).to_owned()
}

/// `refs/pull/7/merge` is of number 7.
fn number_of(reference: &str) -> Option<u64> {
    reference.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok()
}

fn id(value: &Value, pointer: &str) -> Option<String> {
    commit(value.pointer(pointer)?.as_str()?)
}

/// A commit by its 40 digits. Zeros stand for none: a branch that is new or gone.
pub fn commit(text: &str) -> Option<String> {
    let is_id = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && text.bytes().any(|byte| byte != b'0')).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SAID: Variables = Variables {
        name: "pull_request",
        repository: "o/r",
        actor: "x",
        commit: "cccccccccccccccccccccccccccccccccccccccc",
        reference: "refs/pull/7/merge",
        base_branch: "main",
    };

    fn sha(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    #[test]
    fn a_pull_request_is_reported_on_its_head_and_held_against_its_base() {
        let pull = json!({"pull_request": {"number": 7, "user": {"login": "x"},
            "head": {"sha": sha('a'), "repo": {"full_name": "O/R"}}, "base": {"sha": sha('b'), "ref": "main"}}});
        let event = Event::read(&pull, SAID);
        assert_eq!((event.head.clone(), event.number()), (Some(sha('a')), Some(7)));
        assert_eq!(event.base, Some(Base { commit: Some(sha('b')), branch: Some("main".into()) }));
        assert!(event.is_proposal && !event.is_fork());
        let said = Variables { name: "pull_request_target", actor: "dependabot[bot]", ..SAID };
        assert!(Event::read(&pull, said).pull_request.is_some_and(|pull| pull.is_dependabot));
    }

    #[test]
    fn a_missing_or_odd_event_is_no_less_careful() {
        for payload in
            [Value::Null, json!({}), json!([]), json!({"pull_request": null}), json!({"pull_request": {"head": 1}})]
        {
            let event = Event::read(&payload, SAID);
            assert!(event.is_proposal && event.is_fork() && event.head.is_none(), "{payload}");
            assert_eq!(event.number(), Some(7));
            assert_eq!(event.base.and_then(|base| base.branch).as_deref(), Some("main"));
        }
        let gone = json!({"pull_request": {"number": 7, "head": {"repo": null}}});
        assert!(Event::read(&gone, SAID).is_fork());
        assert_eq!(Event::read(&Value::Null, Variables { name: "", commit: "", ..SAID }), Event::default());
    }

    #[test]
    fn every_other_event_says_what_it_is_about() {
        let of = |name: &str, payload: Value| Event::read(&payload, Variables { name, ..SAID });
        let group = of(
            "merge_group",
            json!({"merge_group": {"head_sha": sha('1'), "base_sha": sha('2'), "base_ref": "refs/heads/main"}}),
        );
        assert!(group.is_proposal && group.head == Some(sha('1')));
        assert_eq!(group.base, Some(Base { commit: Some(sha('2')), branch: Some("main".into()) }));
        let push = of("push", json!({"before": sha('0'), "after": sha('c'), "repository": {"default_branch": "main"}}));
        assert!(!push.is_proposal && push.base.unwrap().commit.is_none(), "a new branch");
        assert_eq!(of("push", json!({"before": sha('d')})).base.unwrap().commit, Some(sha('d')));
        for name in ["schedule", "workflow_dispatch", "release"] {
            let event = of(name, json!({}));
            assert_eq!((event.head, event.base, event.is_proposal), (Some(sha('c')), None, false), "{name}");
        }
        assert_eq!(of("deployment_status", json!({"deployment": {"sha": sha('e')}})).head, Some(sha('e')));
    }

    #[test]
    fn a_run_after_another_is_about_that_ones_commit() {
        let run = |event: &str, repository: &str| {
            let payload = json!({"workflow_run": {"event": event, "head_sha": sha('a'), "pull_requests": [],
                "head_repository": {"full_name": repository}}});
            Event::read(&payload, Variables { name: "workflow_run", ..SAID })
        };
        let fork = run("pull_request", "evil/r");
        assert!(fork.is_proposal && fork.is_fork() && fork.number().is_none());
        assert_eq!(fork.head, Some(sha('a')));
        assert!(run("push", "evil/r").is_proposal);
        assert!(!run("push", "o/r").is_proposal);
        let told = fork.told(Told { pull_request: Some(9), head: None });
        assert_eq!(told.number(), Some(9));
        assert!(told.is_fork());
        assert!(run("push", "o/r").told(Told { pull_request: Some(9), head: Some(sha('b')) }).is_proposal);
    }
}
