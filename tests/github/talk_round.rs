//! Attempts of a pull request to pass without deserving it. Each gets the base branch's verdict, and is told.

use super::repository::{BASE, Repository, Seen, WORKFLOW};

/// The base branch's verdict on the unchanged tree: `USER root` blocks under `fail-on: P1`.
fn stands(seen: &Seen) {
    assert_eq!((seen.code, seen.output("verdict").as_deref()), (1, Some("not-ready")), "{}", seen.log);
    assert!(seen.output("blocking").is_some_and(|blocking| blocking.contains("non-root-user")), "{}", seen.log);
}

/// An attempt that writes these files.
fn attempt(files: &[(&str, &str)]) -> Seen {
    let repository = Repository::with_base();
    files.iter().for_each(|(path, text)| repository.write(path, text));
    repository.propose().run()
}

/// The attempt fails, and the report tells it in these words, in the log and in the summary.
fn told(seen: &Seen, part: &str) {
    stands(seen);
    assert!(seen.tells(part), "{part} is not among {:#?}", seen.told());
    assert!(seen.log.contains("what this change proposes about its own gate"), "{}", seen.log);
    assert!(seen.summary.contains("What this change proposes about its own gate"), "{}", seen.summary);
}

fn under_it(seen: &Seen) -> Option<&str> {
    seen.report.pointer("/proposal/under_it/verdict")?.as_str()
}

const WAIVER: &str =
    "waivers:\n- check: non-root-user\n  path: '**'\n  reason: x\n  owner: me\n  expires: 2099-01-01\n";

#[test]
fn without_an_attempt_the_base_branch_decides_and_nothing_is_told() {
    let seen = attempt(&[("src/b.ts", "export const b = 1;\n")]);
    stands(&seen);
    assert!(seen.told().is_empty() && !seen.summary.contains("What this change proposes"), "{:?}", seen.told());
    assert_eq!(seen.report["fail_on"], "P1");
    assert_eq!(under_it(&seen), None);
}

#[test]
fn waiving_what_blocks() {
    let waive_all = format!(
        "fail-on: P1\n{WAIVER}- check: ignored-key-files\n  path: '**'\n  reason: x\n  owner: me\n  expires: 2099-01-01\n"
    );
    let seen = attempt(&[(".mx-prod-gate.yml", &waive_all)]);
    told(&seen, "settings .mx-prod-gate.yml:3 waivers: - > {check: non-root-user, path: **,");
    assert_eq!(under_it(&seen), Some("ready"));
    assert!(seen.summary.contains("under it the verdict would be: ready"), "{}", seen.summary);
}

#[test]
fn prolonging_a_waiver_that_has_ended() {
    let ended = format!("fail-on: P1\n{}", WAIVER.replace("2099", "2020"));
    let repository = Repository::new(&[BASE, &[(".mx-prod-gate.yml", &ended)]].concat());
    repository.write(".mx-prod-gate.yml", &ended.replace("2020", "2099"));
    told(&repository.propose().run(), "waivers.non-root-user **.expires: 2020-01-01 > 2099-01-01");
}

#[test]
fn lowering_the_threshold() {
    let seen = attempt(&[(".mx-prod-gate.yml", "fail-on: never\n")]);
    told(&seen, "settings .mx-prod-gate.yml:1 fail-on: P1 > never");
    assert_eq!(under_it(&seen), Some("ready"));
    let seen =
        attempt(&[(".mx-prod-gate.yml", "fail-on: P1\nchecks:\n  non-root-user: P2\n  ignored-key-files: off\n")]);
    told(&seen, "checks.non-root-user: - > P2");
    assert!(seen.tells("checks.ignored-key-files: - > off"));
    assert_eq!(under_it(&seen), Some("ready"));
}

#[test]
fn turning_a_check_off() {
    told(
        &attempt(&[(".mx-prod-gate.yml", "fail-on: P1\nchecks:\n  non-root-user: off\n")]),
        "checks.non-root-user: - > off",
    );
}

#[test]
fn marking_the_path_ignored() {
    told(&attempt(&[(".mx-prod-gate.yml", "fail-on: P1\nignore: [Dockerfile, 'src/**']\n")]), "ignore: - > Dockerfile");
}

#[test]
fn changing_the_shape_the_part_or_the_kind() {
    let seen = attempt(&[
        (".mx-prod-gate.yml", "fail-on: P1\nintegration: generic\nparts:\n- path: docs\n  shape: library\n"),
        ("docs/a.md", "x\n"),
    ]);
    told(&seen, "parts: - > {path: docs, shape: library}");
    assert!(seen.tells("integration: - > generic"));
}

#[test]
fn attesting_for_itself() {
    let base = "fail-on: P1\nmanual: block\n";
    let repository = Repository::new(&[BASE, &[(".mx-prod-gate.yml", base)]].concat());
    let more = "manual: report\nattestations:\n- check: rollback\n  by: me\n  on: 2026-01-01\n  evidence: x\n";
    repository.write(".mx-prod-gate.yml", &base.replace("manual: block\n", more));
    let seen = repository.propose().run();
    told(&seen, "manual: block > report");
    assert!(seen.tells("attestations: - > {check: rollback"));
}

#[test]
fn removing_the_settings_or_moving_them() {
    let repository = Repository::with_base();
    repository.remove(".mx-prod-gate.yml");
    let seen = repository.propose().run();
    told(&seen, "fail-on: P1 > -");
    let repository = Repository::with_base();
    repository.remove(".mx-prod-gate.yml");
    repository.write(".github/.mx-prod-gate.yml", "fail-on: never\n");
    let seen = repository.propose().run();
    told(&seen, "file: .mx-prod-gate.yml > .github/.mx-prod-gate.yml");
    assert!(seen.tells("fail-on: P1 > never"));
}

#[test]
fn planting_a_second_settings_file() {
    let seen = attempt(&[(".github/.mx-prod-gate.yml", "fail-on: never\n")]);
    told(&seen, "both exist: keep one of them");
    let seen = attempt(&[(".mx-prod-gate.yaml", "fail-on: never\n")]);
    told(&seen, "is not read: name it .mx-prod-gate.yml");
}

#[test]
fn planting_settings_in_another_place() {
    let seen = attempt(&[("src/.mx-prod-gate.yml", "fail-on: never\n")]);
    told(&seen, "look-alike src/.mx-prod-gate.yml".replace("look-alike", "mimicry").as_str());
    told(&attempt(&[("mx-prod-gate.yml", "fail-on: never\n")]), "mimicry mx-prod-gate.yml");
}

#[test]
fn making_the_settings_a_symbolic_link() {
    let repository = Repository::with_base();
    repository.remove(".mx-prod-gate.yml");
    repository.write("docs/lax.yml", "fail-on: never\n");
    repository.link(".mx-prod-gate.yml", "docs/lax.yml");
    told(&repository.propose().run(), "is a symbolic link, which is not followed");
    // The same through the folder.
    let files = [BASE, &[(".github/.mx-prod-gate.yml", "fail-on: P1\n")]].concat();
    let files: Vec<_> = files.into_iter().filter(|(path, _)| *path != ".mx-prod-gate.yml").collect();
    let repository = Repository::new(&files);
    std::fs::rename(repository.top().join(".github"), repository.top().join("other")).unwrap();
    repository.write("other/.mx-prod-gate.yml", "fail-on: never\n");
    repository.link(".github", "other");
    let seen = repository.propose().run();
    told(&seen, "workflow .github/workflows/gate.yml:0 file: .github/workflows/gate.yml > -");
    assert!(seen.tells("fail-on: P1 > -"));
}

#[test]
fn breaking_the_settings() {
    for text in ["fail-on: [\n", "fail-onn: P1\n", &format!("a: &a [x]\n{}", "b: [*a, *a]\n".repeat(3)), "\u{0}"] {
        let seen = attempt(&[(".mx-prod-gate.yml", text)]);
        stands(&seen);
        let mistakes = seen.report.pointer("/proposal/mistakes").and_then(|list| list.as_array()).cloned();
        assert!(mistakes.is_some_and(|list| !list.is_empty()), "{text:?}: {}", seen.report["proposal"]);
    }
}

#[test]
fn a_huge_settings_file() {
    let huge = format!("fail-on: never\n# {}\n", "x".repeat(2 << 20));
    let seen = attempt(&[(".mx-prod-gate.yml", &huge)]);
    told(&seen, "more than settings may have");
}

#[test]
fn letters_that_only_look_like_the_path_that_is_excused() {
    let excused = "fail-on: P1\nignore: ['legacy/**']\n";
    let dockerfile = "FROM node:22-slim\nUSER root\n";
    let files = [BASE, &[(".mx-prod-gate.yml", excused), ("legacy/Dockerfile", dockerfile)]].concat();
    let files: Vec<_> = files.into_iter().filter(|(path, _)| *path != "Dockerfile").collect();
    let repository = Repository::new(&files);
    repository.write("lеgacy/Dockerfile", dockerfile); // a Cyrillic letter
    let seen = repository.propose().run();
    told(&seen, "mimicry lеgacy/Dockerfile:0 file: - > legacy/Dockerfile");
    // A settings file whose name has such letters is nobody's settings.
    told(&attempt(&[(".mx‐prod‐gate.yml", "fail-on: never\n")]), "mimicry .mx‐prod‐gate.yml");
}

/// An attempt that edits the workflow.
fn workflow(old: &str, new: &str) -> Seen {
    assert!(WORKFLOW.contains(old));
    attempt(&[(".github/workflows/gate.yml", &WORKFLOW.replace(old, new))])
}

#[test]
fn deleting_the_workflow() {
    let repository = Repository::with_base();
    repository.remove(".github/workflows/gate.yml");
    repository.write(".github/workflows/other.yml", &WORKFLOW.replace("name: Gate", "name: Other"));
    told(&repository.propose().run(), "the workflow that runs the gate is gone");
}

#[test]
fn renaming_the_job() {
    told(&workflow("  gate:\n", "  gatee:\n"), "jobs: gate > gatee (the job that runs the gate has another name");
    told(&workflow("    runs-on", "    name: other\n    runs-on"), "jobs.gate.name: - > other");
}

#[test]
fn leaving_the_job_out_by_a_condition() {
    told(
        &workflow("    runs-on", "    if: false\n    runs-on"),
        "jobs.gate.if: - > false (a condition under which the gate is left out",
    );
}

#[test]
fn tolerating_its_failure() {
    let seen = workflow("        with:", "        continue-on-error: true\n        with:");
    told(&seen, "continue-on-error: - > true (the gate would no longer stop anything)");
    told(&workflow("    runs-on", "    continue-on-error: true\n    runs-on"), "jobs.gate.continue-on-error: - > true");
}

#[test]
fn a_path_filter_that_skips_it() {
    let seen = workflow("  pull_request:\n", "  pull_request:\n    paths: ['docs/**']\n");
    told(&seen, "on.pull_request.paths: - > docs/** (other events start the workflow that runs the gate)");
}

#[test]
fn unpinning_it() {
    let seen = workflow("mx-prod-gate@0123456789012345678901234567890123456789", "mx-prod-gate@main");
    told(
        &seen,
        "mx-prod-gate/mx-prod-gate.uses: mx-prod-gate/mx-prod-gate@0123456789012345678901234567890123456789 > mx-prod-gate/mx-prod-gate@main (another version of the gate, which is not pinned to a commit)",
    );
}

#[test]
fn telling_the_gate_less_through_its_inputs() {
    for (input, value) in [
        ("fail-on", "never"),
        ("skip", "non-root-user"),
        ("only", "pagination"),
        ("path", "src"),
        ("config", "lax.yml"),
    ] {
        let repository = Repository::with_base();
        repository.write("lax.yml", "fail-on: never\n");
        let more = format!("        with:\n          {input}: {value}\n");
        let edited = if input == "only" {
            WORKFLOW.replace("only: ignored", "only: pagination #")
        } else {
            WORKFLOW.replace("        with:\n", &more)
        };
        repository.write(".github/workflows/gate.yml", &edited);
        let seen = repository.propose().input(input, value).run();
        told(&seen, &format!("with.{input}: "));
    }
}

#[test]
fn naming_other_settings_that_the_change_brings() {
    // The base names no file; the run does, and the file is the proposal's own.
    let repository = Repository::new(
        &BASE
            .iter()
            .filter(|(path, _)| !path.ends_with("gate.yml") || *path == ".mx-prod-gate.yml")
            .copied()
            .collect::<Vec<_>>(),
    );
    repository.write("lax.yml", "fail-on: never\n");
    let seen = repository.propose().input("config", "lax.yml").run();
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("on the base branch, lax.yml does not exist"), "{}", seen.log);
}

#[test]
fn making_files_unreadable_by_attributes() {
    let seen = attempt(&[(".gitattributes", "*.ts working-tree-encoding=UTF-16LE\n* export-ignore\n")]);
    told(&seen, "attributes .gitattributes:1 line: - > *.ts working-tree-encoding=UTF-16LE");
}

#[test]
fn owning_the_settings() {
    let files = [BASE, &[(".github/CODEOWNERS", "/.mx-prod-gate.yml @o/gatekeepers\n")]].concat();
    let repository = Repository::new(&files);
    repository.write(".github/CODEOWNERS", "/.mx-prod-gate.yml @mallory\n");
    repository.write(".mx-prod-gate.yml", "fail-on: never\n");
    let seen = repository.propose().run();
    told(&seen, "owners .github/CODEOWNERS:1 line: - > /.mx-prod-gate.yml @mallory");
    assert_eq!(seen.report.pointer("/proposal/owners/0").and_then(|owner| owner.as_str()), Some("@o/gatekeepers"));
    assert!(seen.summary.contains("has to be approved by `@o/gatekeepers`"), "{}", seen.summary);
}

#[test]
fn replacing_the_base_in_the_folder_of_git() {
    let repository = Repository::with_base();
    repository.write(".mx-prod-gate.yml", "fail-on: never\n");
    let repository = repository.propose();
    // A replacement that `git` itself would follow.
    repository.git(&["replace", &repository.base, &repository.head]);
    stands(&repository.run());
    // The settings' blob, overwritten by another one under its name.
    let old = repository.git(&["--no-replace-objects", "rev-parse", &format!("{}:.mx-prod-gate.yml", repository.base)]);
    let new = repository.git(&["--no-replace-objects", "rev-parse", &format!("{}:.mx-prod-gate.yml", repository.head)]);
    let file = |id: &str| repository.top().join(".git/objects").join(&id[..2]).join(&id[2..]);
    let _ = std::fs::remove_file(file(&old));
    std::fs::copy(file(&new), file(&old)).unwrap();
    let seen = repository.run();
    assert_eq!((seen.code, seen.output("verdict").as_deref()), (2, Some("unknown")), "{}", seen.log);
    assert!(seen.log.contains("is not what its name says"), "{}", seen.log);
}

#[test]
fn packed_objects_are_read_as_well_as_loose_ones() {
    let repository = Repository::with_base();
    for number in 0..30 {
        repository.write("src/a.ts", &format!("{}export const a = {number};\n", "// line\n".repeat(200)));
        repository.commit("more");
    }
    let repository = repository.propose();
    repository.git(&["repack", "-a", "-d", "-q", "-f", "--depth=50"]);
    repository.git(&["prune-packed"]);
    stands(&repository.run());
}

#[test]
fn a_base_branch_that_cannot_be_read_is_no_permission() {
    let mut repository = Repository::with_base().propose();
    let missing = "b".repeat(40);
    repository.event()["pull_request"]["base"]["sha"] = missing.clone().into();
    repository.set("GITHUB_SHA", &missing);
    let seen = repository.run();
    assert_eq!(seen.code, 2, "{}", seen.log);
    assert!(seen.log.contains("fetch-depth of 2"), "{}", seen.log);
    // Nor is an event that is missing or odd.
    *repository.event() = serde_json::json!({"pull_request": 3});
    assert_eq!(repository.run().code, 2);
    let (merge, mut repository) = (repository.merge.clone(), repository);
    repository.set("GITHUB_SHA", &merge);
    stands(&repository.run());
}

#[test]
fn planting_what_only_comes_from_outside() {
    let live = "{\"schema\": 1}";
    let seen = attempt(&[("@live/transcript.json", live), ("@github/pull.json", "{}"), ("@tools/lint.json", "[]")]);
    stands(&seen);
    assert!(seen.findings("service-health").is_empty() && seen.report.get("live").is_none());
    let rows = seen.report["rows"].as_array().cloned().unwrap_or_default();
    assert!(rows.iter().all(|row| row["area"] != "live"), "a file of the tree poses as a live run");
}

#[test]
fn planting_a_report_of_the_gate() {
    let seen = attempt(&[("report.json", "{\"verdict\": \"ready\"}"), ("gate.sarif", "{}"), ("event.json", "{}")]);
    stands(&seen);
    assert_eq!(seen.report["verdict"], "not-ready");
}

#[test]
fn a_huge_file_to_blow_a_limit() {
    let huge = format!(
        "// {}\nexport const get = () => fetch('https://api.getmaintainx.com/v1/users');\n",
        "x".repeat(6 << 20)
    );
    let seen = attempt(&[("src/huge.ts", &huge)]);
    stands(&seen);
    let rows = seen.report["rows"].as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["check"] == "request-timeouts").cloned().unwrap_or_default();
    assert!(row["outcome"] != "pass" && row["outcome"] != "not-applicable", "what was not read passed: {row:#}");
}

#[test]
fn a_byte_that_makes_the_source_look_like_no_text() {
    let hidden = "// \u{0}\nexport const get = () => fetch('https://api.getmaintainx.com/v1/users');\n";
    let seen = attempt(&[("src/hidden.ts", hidden)]);
    stands(&seen);
    let rows = seen.report["rows"].as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["check"] == "request-timeouts").cloned().unwrap_or_default();
    assert_eq!(row["outcome"], "error", "{row:#}");
}

#[test]
fn allowing_a_secret_in_a_comment() {
    let secret = ["AKIA", "Q3EGRVZXT5NWJ2LM"].concat();
    let line = format!("const key = '{secret}'; // mx-prod-gate: allow(no-secrets) a sandbox\n");
    let seen = attempt(&[("src/key.ts", &line)]);
    stands(&seen);
    assert_eq!(seen.findings("no-secrets").len(), 1, "{}", seen.log);
    // What the base branch has allowed stays allowed.
    let repository = Repository::new(&[BASE, &[("src/key.ts", &line)]].concat());
    repository.write("src/b.ts", "export {}\n");
    assert!(repository.propose().run().findings("no-secrets").is_empty());
}

#[test]
fn a_merge_group_is_held_against_its_base_as_well() {
    let repository = Repository::with_base();
    repository.write(".mx-prod-gate.yml", "fail-on: never\n");
    let mut repository = repository.propose();
    let (base, head) = (repository.base.clone(), repository.merge.clone());
    *repository.event() =
        serde_json::json!({"merge_group": {"base_sha": base, "head_sha": head, "base_ref": "refs/heads/main"}});
    repository.set("GITHUB_EVENT_NAME", "merge_group");
    told(&repository.run(), "fail-on: P1 > never");
}

#[test]
fn after_the_merge_it_counts() {
    let repository = Repository::with_base();
    repository.write(".mx-prod-gate.yml", "fail-on: never\n");
    let mut repository = repository.propose();
    *repository.event() = serde_json::json!({"before": repository.base, "repository": {"default_branch": "main"}});
    repository.set("GITHUB_EVENT_NAME", "push");
    let seen = repository.run();
    assert_eq!(seen.code, 0, "{}", seen.log);
    assert!(seen.report.get("proposal").is_none());
}
