//! Where tools put their reports, relative to the folder of the package they run in.

use crate::tools::Gate;

/// Files whose folder is a package of some ecosystem: its reports are looked for beside them.
pub const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "tox.ini",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
    "Cargo.toml",
    "deno.json",
];

/// Endings of manifests that have a name of their own.
pub const MANIFEST_ENDINGS: &[&str] = &[".csproj", ".fsproj", ".vbproj", ".sln", ".gemspec"];

/// Paths of reports; `*` stands for the name of one folder or a part of one name.
pub fn places(gate: Gate) -> &'static [&'static str] {
    match gate {
        Gate::Coverage => COVERAGE,
        Gate::Lint => LINT,
        Gate::Types => TYPES,
    }
}

/// Defaults of Jest, Vitest, nyc, c8, coverage.py, `go test`'s documents, Maven's and Gradle's JaCoCo, Kover,
/// coverlet's collector, SimpleCov, PHPUnit's and cargo-llvm-cov's documents.
const COVERAGE: &[&str] = &[
    "coverage/coverage-final.json",
    "coverage/lcov.info",
    "coverage/coverage-summary.json",
    "coverage/clover.xml",
    "coverage/cobertura-coverage.xml",
    "coverage/cobertura.xml",
    "coverage/coverage.xml",
    "coverage/coverage.json",
    "coverage/coverage.out",
    "coverage/.resultset.json",
    "coverage/.last_run.json",
    "lcov.info",
    "coverage.lcov",
    "coverage.info",
    "coverage.xml",
    "coverage.json",
    "cobertura.xml",
    "clover.xml",
    "coverage.out",
    "cover.out",
    "coverage.txt",
    "target/site/jacoco/jacoco.xml",
    "target/site/jacoco-aggregate/jacoco.xml",
    "build/reports/jacoco/*/*.xml",
    "build/reports/kover/report.xml",
    "build/logs/clover.xml",
    "TestResults/*/coverage.cobertura.xml",
    "TestResults/*/coverage.opencover.xml",
    "TestResults/*/coverage.json",
    "coverage.cobertura.xml",
    "coverage.opencover.xml",
];

const LINT: &[&str] = &[
    "eslint.json",
    "eslint-report.json",
    "eslint.sarif",
    "reports/eslint.json",
    "lint.json",
    "lint-report.json",
    "lint-results.json",
    "lint.sarif",
    "checkstyle.xml",
    "checkstyle-result.xml",
    "target/checkstyle-result.xml",
    "build/reports/checkstyle/*.xml",
    "build/reports/detekt/detekt.sarif",
    "build/reports/ktlint/*/*.sarif",
    "build/reports/ktlint/*/*.json",
    "golangci-lint.json",
    "golangci.json",
    "golangci-report.json",
    "ruff.json",
    "ruff-report.json",
    "ruff.sarif",
    "flake8.json",
    "pylint.json",
    "pylint-report.json",
    "rubocop.json",
    "phpcs.json",
];

const TYPES: &[&str] = &[
    "tsc.log",
    "tsc.txt",
    "typecheck.log",
    "typecheck.txt",
    "mypy.json",
    "mypy.log",
    "mypy.txt",
    "pyright.json",
    "phpstan.json",
    "sorbet.log",
];
