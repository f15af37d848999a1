//! Which version of Node runs a file: by the image, the platform, version files, `engines`, workflows, types.

use crate::evidence::Span;
use crate::facts::Facts;

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeVersion {
    Known { major: u32, span: Span },
    Unknown,
}

/// One place that says it: the major version and where it stands.
type Way = fn(&Facts, &str) -> Option<(u32, Span)>;

/// The version of Node that runs a file in production; the place that is nearest to production decides.
pub fn node_version(facts: &Facts, path: &str) -> NodeVersion {
    let ways: [Way; 6] = [of_image, of_platform, of_version_file, of_engines, of_workflow, of_types];
    let found = ways.into_iter().find_map(|way| way(facts, path));
    found.map_or(NodeVersion::Unknown, |(major, span)| NodeVersion::Known { major, span })
}

fn of_image(facts: &Facts, _: &str) -> Option<(u32, Span)> {
    facts.dockerfiles().production().find_map(|image| {
        let base = image.base()?;
        let (name, tag) = base.rsplit_once(':')?;
        let is_node = name == "node" || name.ends_with("/node");
        let major = is_node.then(|| major(tag)).flatten()?;
        let (number, _) = image.file.blob().lines().find(|(_, line)| line.contains(base))?;
        Some((major, image.file.blob().line(number)))
    })
}

/// `runtime: nodejs20.x` of a functions platform.
fn of_platform(facts: &Facts, _: &str) -> Option<(u32, Span)> {
    let ends = [".yml", ".yaml", ".tf", ".json", ".toml"];
    let files = facts.snapshot.blobs().filter(|blob| {
        ends.iter().any(|end| blob.path().ends_with(end)) && !blob.path().ends_with("package-lock.json")
    });
    files.into_iter().find_map(|blob| {
        let at = blob.text().find("nodejs")?;
        let rest = blob.text().get(at + "nodejs".len()..)?;
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
        let is_runtime = rest.get(digits.len()..).is_some_and(|after| after.starts_with(['.', '"', '\'', '\n', '-']));
        let major: u32 = digits.parse().ok().filter(|_| is_runtime)?;
        Some((major, blob.span(at..at + 1)))
    })
}

fn of_version_file(facts: &Facts, path: &str) -> Option<(u32, Span)> {
    runtime(facts, path, |own| !own.ends_with("package.json"))
}

fn of_engines(facts: &Facts, path: &str) -> Option<(u32, Span)> {
    runtime(facts, path, |own| own.ends_with("package.json"))
}

fn runtime(facts: &Facts, path: &str, is_of: impl Fn(&str) -> bool) -> Option<(u32, Span)> {
    let runtimes = facts.manifests().runtimes(path, "node");
    let listed = facts
        .manifests()
        .packages()
        .iter()
        .flat_map(|package| &package.runtimes)
        .filter(|runtime| runtime.name == "node");
    let mut all = runtimes.into_iter().chain(listed).filter(|runtime| is_of(runtime.span.path()));
    all.find_map(|runtime| Some((major(&runtime.requirement)?, runtime.span.clone())))
}

fn of_workflow(facts: &Facts, _: &str) -> Option<(u32, Span)> {
    let jobs = facts.workflows().all().iter().flat_map(|workflow| &workflow.jobs);
    jobs.flat_map(|job| &job.steps).find_map(|step| Some((major(step.input("node-version")?)?, step.span.clone())))
}

fn of_types(facts: &Facts, _: &str) -> Option<(u32, Span)> {
    let types = facts.manifests().dependency("@types/node")?;
    Some((types.major()?, types.span.clone()))
}

/// The lowest version that a requirement allows: 20 of `20-slim`, `>=20.1`, `^20 || ^22`, `v20.11.0`; none of `lts`.
fn major(text: &str) -> Option<u32> {
    let text = text.trim();
    let is_plain =
        text.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, 'v' | '^' | '~' | '>' | '='));
    let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let digits = digits.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|major| is_plain && (4..100).contains(major))
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_lowest_version_counts() {
        let texts = ["20-slim", ">=18.17", "^20 || ^22", "v20.11.0", "lts/iron", "latest", "alpine3.19"];
        assert_eq!(texts.map(major), [Some(20), Some(18), Some(20), Some(20), None, None, None]);
    }
}
