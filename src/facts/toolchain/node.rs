//! Node: the package manager of the lock file, the scripts by their names, the flags of the test runners.

use super::{Base, Plan, has};
use crate::facts::Facts;
use crate::facts::manifests::{Package, Script};
use crate::facts::shell::call::Call;
use crate::facts::shell::{Strictness, commands};
use crate::tools::Gate;

/// How a package manager runs a script of the package, and a program of its dependencies.
#[derive(Debug, Clone, Copy)]
struct Manager {
    lock: &'static [&'static str],
    run: &'static [&'static str],
    /// What stands between the script and its arguments.
    then: &'static [&'static str],
    program: &'static [&'static str],
}

const MANAGERS: [Manager; 4] = [
    Manager { lock: &["pnpm-lock.yaml"], run: &["pnpm", "run"], then: &[], program: &["pnpm", "exec"] },
    Manager { lock: &["yarn.lock"], run: &["yarn", "run"], then: &[], program: &["yarn", "run"] },
    Manager { lock: &["bun.lock", "bun.lockb"], run: &["bun", "run"], then: &[], program: &["bun", "run"] },
    // Of none of them npm knows how to run it.
    Manager { lock: &[], run: &["npm", "run"], then: &["--"], program: &["npx", "--no-install"] },
];

/// Stands for a file outside the repository, where a command is run.
const REPORT: &str = "mx-prod-gate-report.json";

const COVERAGE_SCRIPTS: [&str; 7] =
    ["coverage", "test:coverage", "test:cov", "test-coverage", "cover", "coverage:ci", "test:ci"];
const LINT_SCRIPTS: [&str; 4] = ["lint", "lint:ci", "lint:check", "eslint"];
const TYPES_SCRIPTS: [&str; 8] =
    ["typecheck", "type-check", "check-types", "types", "types:check", "tsc", "check:types", "ts:check"];

/// Test runners, and the arguments that make each write a report that is read here.
const RUNNERS: [(&str, &[&str], &str); 4] = [
    ("jest", &["--coverage", "--coverageReporters=json"], "coverage/coverage-final.json"),
    ("vitest", &["--run", "--coverage.enabled", "--coverage.reporter=json"], "coverage/coverage-final.json"),
    ("react-scripts", &["--coverage", "--coverageReporters=json", "--watchAll=false"], "coverage/coverage-final.json"),
    ("ava", &[], ""),
];

/// Linters other than ESLint that need no settings.
const LINTERS: [(&str, &[&str]); 5] = [
    ("@biomejs/biome", &["biome", "lint", "."]),
    ("oxlint", &["oxlint"]),
    ("xo", &["xo"]),
    ("standard", &["standard"]),
    ("tslint", &["tslint", "-p", "."]),
];

/// Deno has all tools itself.
fn deno(base: &Base) -> Plan {
    let head = &base.package.span;
    match base.gate {
        Gate::Coverage => {
            let test = ["deno", "test", "--coverage=coverage/deno"];
            let write = ["deno", "coverage", "--lcov", "--output=lcov.info", "coverage/deno"];
            base.plan(&[&test, &write], Some("lcov.info"), "there is a deno.json", head)
        }
        Gate::Lint => base.plan(&[&["deno", "lint"]], None, "there is a deno.json", head),
        Gate::Types => base.plan(&[&["deno", "check", "."]], None, "there is a deno.json", head),
    }
}

pub fn plan(facts: &Facts, package: &Package, gate: Gate) -> Option<Plan> {
    if package.path.rsplit('/').next().is_some_and(|name| name.starts_with("deno.json")) {
        return Some(deno(&Base { gate, package }));
    }
    let one = Node { facts, base: Base { gate, package }, manager: manager(facts, package) };
    match gate {
        Gate::Coverage => one.coverage(),
        Gate::Lint => one.lint(),
        Gate::Types => one.types(),
    }
}

fn manager(facts: &Facts, package: &Package) -> Manager {
    let lock = facts.manifests().lock_of(package).and_then(|lock| lock.path.rsplit('/').next());
    let by_lock = MANAGERS.into_iter().find(|manager| lock.is_some_and(|lock| manager.lock.contains(&lock)));
    by_lock.unwrap_or(MANAGERS[MANAGERS.len() - 1])
}

struct Node<'a> {
    facts: &'a Facts<'a>,
    base: Base<'a>,
    manager: Manager,
}

impl Node<'_> {
    fn coverage(&self) -> Option<Plan> {
        let package = self.base.package;
        if let Some(script) = self.script(&COVERAGE_SCRIPTS).filter(|script| runner(script).is_some() || wraps(script))
        {
            let why = format!("the script {} runs the tests with coverage", script.name);
            return Some(self.tested(script, why));
        }
        let script = package.script("test").filter(|script| !is_stub(script))?;
        Some(self.tested(script, "the script test runs the tests".to_owned()))
    }

    /// A script of tests, with what makes its runner write a report.
    fn tested(&self, script: &Script, why: String) -> Plan {
        let run: Vec<&str> = [self.manager.run, &[script.name.as_str()]].concat();
        let known = runner(script).and_then(|name| RUNNERS.iter().find(|(runner, ..)| *runner == name));
        let tool = ["c8", "nyc"].into_iter().find(|tool| words(script).any(|word| word == *tool));
        if let Some(tool) = tool {
            // What it has measured is written once more, in a form that is read here.
            let report = [self.manager.program, &[tool, "report", "--reporter=json", "--report-dir=coverage"]].concat();
            let why = format!("{why}, below {tool}");
            return self.base.plan(&[&run, &report], Some("coverage/coverage-final.json"), why, &script.span);
        }
        if let Some((runner, flags, report)) = known.filter(|(_, flags, _)| !flags.is_empty()) {
            let all = [run.as_slice(), self.manager.then, flags].concat();
            let providers = ["@vitest/coverage-v8", "@vitest/coverage-istanbul"];
            if *runner == "vitest" && !providers.iter().any(|name| self.is_listed(name)) {
                return self.base.plan(
                    &[&run],
                    None,
                    format!("{why}, by vitest without a coverage provider"),
                    &script.span,
                );
            }
            return self.base.plan(&[&all], Some(report), format!("{why}, by {runner}"), &script.span);
        }
        if runner(script) == Some("node") {
            let flags =
                ["--experimental-test-coverage", "--test-reporter=lcov", "--test-reporter-destination=lcov.info"];
            let all = [run.as_slice(), self.manager.then, &flags].concat();
            return self.base.plan(&[&all], Some("lcov.info"), format!("{why}, by Node's own runner"), &script.span);
        }
        let collector = ["c8", "nyc"].into_iter().find(|tool| self.base.package.dependency(tool).is_some());
        match collector {
            Some(tool) => {
                let flags = ["--reporter=json", "--report-dir=coverage"];
                let all = [self.manager.program, &[tool], &flags, &run].concat();
                let why = format!("{why}, and {tool} is a dependency");
                self.base.plan(&[&all], Some("coverage/coverage-final.json"), why, &script.span)
            }
            None => self.base.plan(&[&run], None, why, &script.span),
        }
    }

    fn lint(&self) -> Option<Plan> {
        let package = self.base.package;
        if let Some(script) = self.script(&LINT_SCRIPTS).filter(|script| !is_stub(script)) {
            let run: Vec<&str> = [self.manager.run, &[script.name.as_str()]].concat();
            let is_eslint = last_program(script).is_some_and(|program| program == "eslint");
            let flags: &[&str] = &["--format", "json", "--output-file", REPORT];
            let why = format!("the script {} is there", script.name);
            return Some(if is_eslint {
                let all = [run.as_slice(), self.manager.then, flags].concat();
                self.base.plan(&[&all], Some(REPORT), why + ", and runs ESLint", &script.span)
            } else {
                self.base.plan(&[&run], None, why, &script.span)
            });
        }
        let eslint = package.dependency("eslint").filter(|_| self.has_eslint_settings());
        let Some(eslint) = eslint else {
            return LINTERS.iter().find_map(|(name, words)| {
                let dependency = package.dependency(name)?;
                let all = [self.manager.program, words].concat();
                Some(self.base.plan(&[&all], None, format!("{name} is a dependency"), &dependency.span))
            });
        };
        let all = [self.manager.program, &["eslint", ".", "--format", "json", "--output-file", REPORT]].concat();
        Some(self.base.plan(&[&all], Some(REPORT), "eslint is a dependency", &eslint.span))
    }

    fn types(&self) -> Option<Plan> {
        let package = self.base.package;
        if let Some(script) = self.script(&TYPES_SCRIPTS).filter(|script| !is_stub(script)) {
            let run: Vec<&str> = [self.manager.run, &[script.name.as_str()]].concat();
            return Some(self.base.plan(&[&run], None, format!("the script {} is there", script.name), &script.span));
        }
        if !has(self.facts, package, "tsconfig.json") || !self.is_listed("typescript") {
            return None;
        }
        let span = package.dependency("typescript").map_or(&package.span, |typescript| &typescript.span);
        let all = [self.manager.program, &["tsc", "--noEmit", "--pretty", "false"]].concat();
        Some(self.base.plan(&[&all], None, "there is a tsconfig.json, and typescript is a dependency", span))
    }

    fn has_eslint_settings(&self) -> bool {
        let is_settings = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.starts_with("eslint.config.") || name.starts_with(".eslintrc")
        };
        let in_manifest = self
            .facts
            .snapshot
            .blob(&self.base.package.path)
            .is_some_and(|blob| blob.text().contains("\"eslintConfig\""));
        in_manifest || self.facts.tree().files().any(is_settings)
    }

    /// A dependency of the package, or of the workspace around it.
    fn is_listed(&self, name: &str) -> bool {
        let own = self.base.package.dependency(name).is_some();
        own || self.facts.manifests().in_folder("").any(|package| package.dependency(name).is_some())
    }

    fn script(&self, names: &[&str]) -> Option<&Script> {
        names.iter().find_map(|name| self.base.package.script(name))
    }
}

/// `npm init` writes a test that fails.
fn is_stub(script: &Script) -> bool {
    script.command.contains("no test specified")
        || script.command.trim_start().starts_with("echo ") && !script.command.contains("&&")
}

fn words(script: &Script) -> impl Iterator<Item = &str> {
    script.command.split([' ', '\t']).filter(|word| !word.is_empty())
}

fn wraps(script: &Script) -> bool {
    words(script).any(|word| ["c8", "nyc", "--coverage", "--coverage.enabled"].contains(&word))
}

/// The program that gets what is added to a script: that of its last command.
fn last_program(script: &Script) -> Option<String> {
    let all = commands(&script.command, Strictness::LENIENT);
    all.last().and_then(|command| Call::of(&command.words)).map(|call| call.program.to_owned())
}

fn runner(script: &Script) -> Option<&'static str> {
    let program = last_program(script)?;
    if program == "node" || program == "tsx" {
        return words(script).any(|word| word == "--test").then_some("node");
    }
    RUNNERS.iter().map(|(name, ..)| *name).chain(["mocha"]).find(|name| *name == program)
}
