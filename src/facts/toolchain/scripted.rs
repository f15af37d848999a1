//! Ruby and PHP: RSpec or minitest with SimpleCov, RuboCop, Sorbet; PHPUnit, PHP_CodeSniffer, PHPStan.

use super::{Base, Plan, has};
use crate::facts::Facts;
use crate::facts::manifests::{Ecosystem, Package};
use crate::tools::Gate;

pub fn plan(facts: &Facts, package: &Package, gate: Gate) -> Option<Plan> {
    let base = Base { gate, package };
    if package.ecosystem == Ecosystem::Ruby { ruby(facts, &base) } else { php(&base) }
}

fn ruby(facts: &Facts, base: &Base) -> Option<Plan> {
    let package = base.package;
    let bundle = |words: &[&str]| {
        [&["bundle", "exec"], words].concat().iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    let plan = |words: &[&str], report: Option<&str>, why: &str, span| {
        let words = bundle(words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Some(base.plan(&[&words], report, why, span))
    };
    match base.gate {
        Gate::Coverage => {
            let measured = package.dependency("simplecov");
            let report = measured.map(|_| "coverage/.resultset.json");
            if let Some(rspec) = package.dependency("rspec").or(package.dependency("rspec-rails")) {
                return plan(&["rspec"], report, "rspec is a dependency", &rspec.span);
            }
            let minitest = package.dependency("minitest").or(measured)?;
            let words: &[&str] = if has(facts, package, "bin/rails") { &["rails", "test"] } else { &["rake", "test"] };
            plan(words, report, "there are tests of Ruby", &minitest.span)
        }
        Gate::Lint => ["rubocop", "standard"].into_iter().find_map(|name| {
            let dependency = package.dependency(name)?;
            let program = if name == "standard" { "standardrb" } else { name };
            plan(&[program, "--format", "json"], None, &format!("{name} is a dependency"), &dependency.span)
        }),
        Gate::Types => {
            let sorbet = package.dependency("sorbet")?;
            plan(&["srb", "tc", "--color=never"], None, "sorbet is a dependency", &sorbet.span)
        }
    }
}

fn php(base: &Base) -> Option<Plan> {
    let package = base.package;
    let one = |names: &[&str], words: &[&str], report: Option<&str>| {
        let dependency = names.iter().find_map(|name| package.dependency(name))?;
        Some(base.plan(&[words], report, format!("{} is a dependency", dependency.name), &dependency.span))
    };
    match base.gate {
        Gate::Coverage => one(
            &["phpunit/phpunit", "pestphp/pest"],
            &["vendor/bin/phpunit", "--coverage-clover", "clover.xml"],
            Some("clover.xml"),
        ),
        Gate::Lint => one(&["squizlabs/php_codesniffer"], &["vendor/bin/phpcs", "--report=json"], None)
            .or_else(|| one(&["laravel/pint"], &["vendor/bin/pint", "--test"], None))
            .or_else(|| one(&["friendsofphp/php-cs-fixer"], &["vendor/bin/php-cs-fixer", "fix", "--dry-run"], None)),
        Gate::Types => one(
            &["phpstan/phpstan", "larastan/larastan", "nunomaduro/larastan"],
            &["vendor/bin/phpstan", "analyse", "--error-format=json", "--no-progress"],
            None,
        ),
    }
}
