//! `Gemfile` and gemspecs, by their literal lines.

use super::model::{Ecosystem, Package};
use crate::evidence::{Blob, Evidence};
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// `gem 'faraday', '~> 2.12', require: false`, `spec.add_dependency "httpx", ">= 1"`.
static GEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[\s(]+['"]([\w.\-]+)['"](?:\s*,\s*['"]([^'"]+)['"])?"#)
        .ok()
});
static RUBY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^\s*ruby\s+['"]([^'"]+)['"]"#).ok());
const DEVELOPMENT: [&str; 3] = [":development", ":test", ":tools"];

pub fn read(blob: &Arc<Blob>) -> Result<Package, Evidence> {
    let mut package = Package::new(Ecosystem::Ruby, blob);
    package.is_library = blob.path().ends_with(".gemspec");
    let mut groups: Vec<bool> = Vec::new();
    for (number, line) in blob.lines() {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if code.ends_with(" do") || code.contains(" do |") {
            let is_group = code.starts_with("group");
            groups.push(is_group && is_development(code));
        } else if code == "end" {
            groups.pop();
        }
        if let Some(found) = GEM.as_ref().and_then(|gem| gem.captures(line)) {
            let is_listed = code.contains("group:") || code.contains("groups:");
            let development =
                groups.contains(&true) || (is_listed && is_development(code)) || code.contains("development_dep");
            package.require(&found[1], found.get(2).map(|version| version.as_str()), development, blob.line(number));
        } else if let Some(found) = RUBY.as_ref().and_then(|ruby| ruby.captures(line)) {
            package.run_with("ruby", &found[1], blob.line(number));
        }
    }
    Ok(package)
}

/// A group that production has too is no development group.
fn is_development(code: &str) -> bool {
    DEVELOPMENT.iter().any(|group| code.contains(group)) && !code.contains(":production") && !code.contains(":default")
}
