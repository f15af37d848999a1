use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

fn commands_of(tree: &str) -> Vec<(Gate, String, String)> {
    let (snapshot, settings) = (Snapshot::from_text(tree), Settings::default());
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    facts.toolchain().plans.iter().map(|plan| (plan.gate, plan.folder.clone(), plan.command())).collect()
}

fn expect(tree: &str, expected: &[(Gate, &str)]) {
    let found = commands_of(tree);
    let found: Vec<(Gate, &str)> = found.iter().map(|(gate, _, command)| (*gate, command.as_str())).collect();
    assert_eq!(found, expected, "{tree}");
}

#[test]
fn every_ecosystem_is_run_as_it_runs_itself() {
    use Gate::{Coverage, Lint, Types};
    let scripts = "\"scripts\": {\"test\": \"jest\", \"lint\": \"eslint src\", \"typecheck\": \"tsc --noEmit\"}";
    expect(
        &format!("-- package.json --\n{{{scripts}}}\n-- package-lock.json --\n{{}}\n"),
        &[
            (Coverage, "npm run test -- --coverage --coverageReporters=json"),
            (Lint, "npm run lint -- --format json --output-file mx-prod-gate-report.json"),
            (Types, "npm run typecheck"),
        ],
    );
    expect(
        "-- package.json --\n{\"scripts\": {\"test\": \"vitest\"}, \"devDependencies\": {\"typescript\": \"5\", \"@vitest/coverage-v8\": \"3\"}}\n-- pnpm-lock.yaml --\n\n-- tsconfig.json --\n{}\n",
        &[
            (Coverage, "pnpm run test --run --coverage.enabled --coverage.reporter=json"),
            (Types, "pnpm exec tsc --noEmit --pretty false"),
        ],
    );
    expect(
        "-- package.json --\n{\"scripts\": {\"test\": \"c8 mocha\"}}\n-- yarn.lock --\n\n",
        &[(Coverage, "yarn run test && yarn run c8 report --reporter=json --report-dir=coverage")],
    );
    expect(
        "-- package.json --\n{\"scripts\": {\"test\": \"node --test\"}}\n",
        &[(
            Coverage,
            "npm run test -- --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info",
        )],
    );
    expect("-- package.json --\n{\"scripts\": {\"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"}}\n", &[]);
    expect(
        "-- pyproject.toml --\n[project]\nname = \"a\"\n[dependency-groups]\ndev = [\"pytest-cov\", \"mypy\"]\n[tool.ruff]\n-- uv.lock --\n\n",
        &[
            (Coverage, "uv run --no-sync pytest --cov --cov-branch --cov-report=json:coverage.json"),
            (Lint, "uv run --no-sync ruff check --output-format json ."),
            (Types, "uv run --no-sync mypy --output json ."),
        ],
    );
    expect(
        "-- go.mod --\nmodule x\n-- a_test.go --\npackage a\n",
        &[(Coverage, "go test -coverprofile=coverage.out ./..."), (Lint, "go vet ./..."), (Types, "go build ./...")],
    );
    expect(
        "-- Gemfile --\ngem 'rspec'\ngem 'simplecov'\ngem 'rubocop'\n",
        &[(Coverage, "bundle exec rspec"), (Lint, "bundle exec rubocop --format json")],
    );
    expect(
        "-- composer.json --\n{\"require-dev\": {\"phpunit/phpunit\": \"10\", \"phpstan/phpstan\": \"1\"}}\n",
        &[
            (Coverage, "vendor/bin/phpunit --coverage-clover clover.xml"),
            (Types, "vendor/bin/phpstan analyse --error-format=json --no-progress"),
        ],
    );
    expect(
        "-- A.Tests.csproj --\n<Project><ItemGroup><PackageReference Include=\"coverlet.collector\" Version=\"6\" /></ItemGroup></Project>\n",
        &[
            (Coverage, "dotnet test --collect 'XPlat Code Coverage' --results-directory TestResults"),
            (Lint, "dotnet format --verify-no-changes"),
            (Types, "dotnet build"),
        ],
    );
}
