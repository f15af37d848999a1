//! Go, Java and Kotlin, .NET and Rust: their own test, vet and build commands.

use super::{Base, Plan, any_file, has};
use crate::facts::Facts;
use crate::facts::manifests::{Ecosystem, Package};
use crate::tools::Gate;

pub fn plan(facts: &Facts, package: &Package, gate: Gate) -> Option<Plan> {
    let base = Base { gate, package };
    match package.ecosystem {
        Ecosystem::Go => go(facts, &base),
        Ecosystem::Jvm if package.path.ends_with("pom.xml") => maven(facts, &base),
        Ecosystem::Jvm => gradle(facts, &base),
        Ecosystem::Nuget => dotnet(&base),
        _ => cargo(facts, &base),
    }
}

fn go(facts: &Facts, base: &Base) -> Option<Plan> {
    let head = &base.package.span;
    match base.gate {
        Gate::Coverage => any_file(facts, base.package, "_test.go").then(|| {
            let words = ["go", "test", "-coverprofile=coverage.out", "./..."];
            base.plan(&[&words], Some("coverage.out"), "there are tests of Go", head)
        }),
        Gate::Lint => {
            let files = [".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"];
            let words = ["golangci-lint", "run", "--out-format", "json", "./..."];
            match files.into_iter().find(|file| has(facts, base.package, file)) {
                Some(file) => Some(base.plan(&[&words], None, format!("there is a {file}"), head)),
                None => Some(base.plan(&[&["go", "vet", "./..."]], None, "Go vets its own code", head)),
            }
        }
        Gate::Types => Some(base.plan(&[&["go", "build", "./..."]], None, "the compiler checks the types", head)),
    }
}

/// The text of the manifest names a plugin.
fn names(facts: &Facts, package: &Package, word: &str) -> bool {
    facts.snapshot.blob(&package.path).is_some_and(|blob| blob.text().contains(word))
}

fn maven(facts: &Facts, base: &Base) -> Option<Plan> {
    let program = if has(facts, base.package, "mvnw") { "./mvnw" } else { "mvn" };
    let (package, head) = (base.package, &base.package.span);
    match base.gate {
        Gate::Coverage => {
            let is_measured = names(facts, package, "jacoco-maven-plugin");
            let why = if is_measured { "the build has JaCoCo" } else { "Maven runs the tests" };
            let goal = if is_measured { "verify" } else { "test" };
            let report = is_measured.then_some("target/site/jacoco/jacoco.xml");
            any_file(facts, package, "Test.java").then(|| base.plan(&[&[program, "-B", "-q", goal]], report, why, head))
        }
        Gate::Lint => ["checkstyle", "pmd", "spotbugs", "spotless"].into_iter().find_map(|tool| {
            let plugin = format!("{tool}-maven-plugin");
            let goal = format!("{tool}:check");
            names(facts, package, &plugin)
                .then(|| base.plan(&[&[program, "-B", "-q", &goal]], None, format!("the build has {tool}"), head))
        }),
        Gate::Types => {
            Some(base.plan(&[&[program, "-B", "-q", "test-compile"]], None, "the compiler checks the types", head))
        }
    }
}

fn gradle(facts: &Facts, base: &Base) -> Option<Plan> {
    let program = if facts.tree().has("gradlew") { "./gradlew" } else { "gradle" };
    let (package, head) = (base.package, &base.package.span);
    if package.path.ends_with("libs.versions.toml") {
        return None;
    }
    match base.gate {
        Gate::Coverage => {
            let measured = [("jacoco", "jacocoTestReport"), ("kover", "koverXmlReport")];
            let tool = measured.into_iter().find(|(tool, _)| names(facts, package, tool));
            let has_tests = any_file(facts, package, "Test.java") || any_file(facts, package, "Test.kt");
            match tool {
                Some((tool, task)) => {
                    let report = Some("build/reports");
                    Some(base.plan(&[&[program, "test", task]], report, format!("the build has {tool}"), head))
                }
                None => has_tests.then(|| base.plan(&[&[program, "test"]], None, "Gradle runs the tests", head)),
            }
        }
        Gate::Lint => [
            ("detekt", "detekt"),
            ("ktlint", "ktlintCheck"),
            ("checkstyle", "checkstyleMain"),
            ("spotless", "spotlessCheck"),
            ("pmd", "pmdMain"),
        ]
        .into_iter()
        .find(|(tool, _)| names(facts, package, tool))
        .map(|(tool, task)| base.plan(&[&[program, task]], None, format!("the build has {tool}"), head)),
        Gate::Types => Some(base.plan(&[&[program, "testClasses"]], None, "the compiler checks the types", head)),
    }
}

fn dotnet(base: &Base) -> Option<Plan> {
    let (package, head) = (base.package, &base.package.span);
    if !package.path.ends_with("proj") {
        return None;
    }
    match base.gate {
        Gate::Coverage => match package.dependency("coverlet.collector") {
            Some(collector) => {
                let words =
                    ["dotnet", "test", "--collect", "XPlat Code Coverage", "--results-directory", "TestResults"];
                Some(base.plan(&[&words], Some("TestResults"), "coverlet.collector is a dependency", &collector.span))
            }
            None => package
                .dependency("Microsoft.NET.Test.Sdk")
                .map(|sdk| base.plan(&[&["dotnet", "test"]], None, "it is a project of tests", &sdk.span)),
        },
        Gate::Lint => {
            let words = ["dotnet", "format", "--verify-no-changes"];
            Some(base.plan(&[&words], None, "the SDK has a linter", head))
        }
        Gate::Types => Some(base.plan(&[&["dotnet", "build"]], None, "the compiler checks the types", head)),
    }
}

fn cargo(facts: &Facts, base: &Base) -> Option<Plan> {
    let head = &base.package.span;
    let has_tests = || {
        let sources = facts.snapshot.blobs().filter(|blob| blob.path().ends_with(".rs"));
        sources.into_iter().any(|blob| blob.text().contains("#[test]") || blob.text().contains("::test]"))
    };
    match base.gate {
        Gate::Coverage => has_tests().then(|| {
            let words = ["cargo", "llvm-cov", "--lcov", "--output-path", "lcov.info"];
            base.plan(&[&words], Some("lcov.info"), "there are tests of Rust", head)
        }),
        Gate::Lint => {
            let words = ["cargo", "clippy", "--all-targets", "--", "-D", "warnings"];
            Some(base.plan(&[&words], None, "the toolchain has a linter", head))
        }
        Gate::Types => {
            Some(base.plan(&[&["cargo", "check", "--all-targets"]], None, "the compiler checks the types", head))
        }
    }
}
