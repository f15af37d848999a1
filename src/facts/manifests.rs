//! What the repository is made of: packages with their dependencies, scripts and required runtimes.

mod cargo;
mod composer;
mod gomod;
mod gradle;
mod lock;
mod maven;
mod model;
mod npm;
mod nuget;
mod python;
mod requirements;
mod ruby;
mod runtime;
mod toml;

use super::tree::{Role, role_of_path};
use super::{Facet, Facts, Unread};
use crate::evidence::{Blob, Evidence};
use crate::snapshot::Content;
use std::sync::Arc;

pub use lock::Lock;
pub use model::{Dependency, Ecosystem, Package, Runtime, Script};

/// All packages of the repository.
#[derive(Debug, Default)]
pub struct Manifests {
    /// By folder, the root first.
    packages: Vec<Package>,
    locks: Vec<Lock>,
    runtimes: Vec<Runtime>,
    unread: Vec<Unread>,
}

impl Manifests {
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The packages whose manifest is in this folder (`""` for the root).
    pub fn in_folder<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Package> {
        self.packages.iter().filter(move |package| package.folder == folder)
    }

    /// The packages that a file belongs to: those of the nearest folder at or above it that has any.
    pub fn around(&self, path: &str) -> Vec<&Package> {
        let mut folder = parent(path);
        loop {
            let found: Vec<&Package> = self.packages.iter().filter(|package| package.folder == folder).collect();
            if !found.is_empty() || folder.is_empty() {
                return found;
            }
            folder = parent(folder);
        }
    }

    /// Whether any package lists a dependency of that name.
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.packages.iter().find_map(|package| package.dependency(name))
    }

    /// The folders of the parts that the repository is made of, the root (`""`) always first.
    pub fn parts(&self) -> Vec<&str> {
        let own = self.packages.iter().map(|package| package.folder.as_str());
        let mut parts: Vec<&str> = std::iter::once("").chain(own.filter(|folder| is_part(folder))).collect();
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The version that a package's lock file holds a dependency at: the lock file of its folder or of one above.
    pub fn resolved(&self, package: &Package, name: &str) -> Option<&str> {
        self.lock_of(package)?.version(name)
    }

    /// The lock file that governs a package.
    pub fn lock_of(&self, package: &Package) -> Option<&Lock> {
        let governs =
            |lock: &&Lock| lock.ecosystem == package.ecosystem && is_at_or_below(&package.folder, lock.folder());
        self.locks.iter().filter(governs).max_by_key(|lock| lock.folder().len())
    }

    pub fn locks(&self) -> &[Lock] {
        &self.locks
    }

    /// What a file is to be run with: the version files and `engines` of its folder and of those above, nearest first.
    pub fn runtimes<'a>(&'a self, path: &str, name: &str) -> Vec<&'a Runtime> {
        let folder = parent(path);
        let applies = |runtime: &&Runtime| runtime.name == name && is_at_or_below(folder, &runtime.folder);
        let mut found: Vec<&Runtime> = self.runtimes.iter().filter(applies).collect();
        found.sort_by_key(|runtime| std::cmp::Reverse(runtime.folder.len()));
        found
    }
}

/// The folder that a path is in; empty for the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_at_or_below(folder: &str, top: &str) -> bool {
    top.is_empty() || folder == top || folder.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the files of a folder belong to the product: neither committed dependencies nor made for tests or readers.
fn is_of_the_product(folder: &str) -> bool {
    let role = role_of_path(&format!("{folder}/x"));
    matches!(role, Role::Production | Role::Config | Role::Script)
}

fn is_part(folder: &str) -> bool {
    role_of_path(&format!("{folder}/x")) == Role::Production
}

/// Reads one kind of manifest.
type Reader = fn(&Arc<Blob>) -> Result<Package, Evidence>;

/// The manifest's reader, by the name of the file.
fn reader(name: &str) -> Option<Reader> {
    let reader: Reader = match name {
        "package.json" => npm::read,
        "pyproject.toml" => python::read_pyproject,
        "Pipfile" => python::read_pipfile,
        "setup.cfg" => python::read_setup_cfg,
        "setup.py" => python::read_setup_py,
        "go.mod" => gomod::read,
        "pom.xml" => maven::read,
        "build.gradle" | "build.gradle.kts" => gradle::read,
        "libs.versions.toml" => gradle::read_catalog,
        "packages.config" | "Directory.Packages.props" | "Directory.Build.props" => nuget::read,
        "Gemfile" | "gems.rb" => ruby::read,
        "composer.json" => composer::read,
        "Cargo.toml" => cargo::read,
        "deno.json" | "deno.jsonc" => npm::read_deno,
        _ if name.ends_with(".csproj") || name.ends_with(".fsproj") || name.ends_with(".vbproj") => nuget::read,
        _ if name.ends_with(".gemspec") => ruby::read,
        _ if requirements::is_named(name) => requirements::read,
        _ => return None,
    };
    Some(reader)
}

/// Whether some store reads manifests of this name.
pub fn is_named(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    reader(name).is_some() || lock::is_named(name) || runtime::is_named(name)
}

impl Facet for Manifests {
    fn read(facts: &Facts) -> Self {
        let mut manifests = Self::default();
        for (path, entry) in facts.snapshot.entries() {
            if is_named(path) && is_of_the_product(parent(path)) {
                manifests.add(path, &entry.content);
            }
        }
        manifests.packages.sort_by(|a, b| (&a.folder, &a.path).cmp(&(&b.folder, &b.path)));
        npm::mark_members(&mut manifests.packages);
        manifests
    }

    fn unread(&self) -> &[Unread] {
        &self.unread
    }
}

impl Manifests {
    fn add(&mut self, path: &str, content: &Content) {
        let name = path.rsplit('/').next().unwrap_or(path);
        match content {
            Content::Text(blob) => self.add_text(name, blob),
            // A lock file may be huge; that it is there is what counts.
            _ if lock::is_named(name) => self.locks.extend(Lock::unread(path)),
            Content::TooLarge(bytes) => self.miss(path, &format!("larger than any manifest: {bytes} bytes")),
            Content::Unreadable(reason) => self.miss(path, reason),
            _ => {}
        }
    }

    fn miss(&mut self, path: &str, reason: &str) {
        self.unread.push(Unread(Evidence::absent([path], format!("the manifest could not be read: {reason}"))));
    }

    fn add_text(&mut self, name: &str, blob: &Arc<Blob>) {
        if let Some(reader) = reader(name) {
            match reader(blob) {
                Ok(package) => {
                    self.runtimes.extend(package.runtimes.iter().cloned());
                    self.packages.push(package);
                }
                Err(reason) => self.unread.push(Unread(reason)),
            }
        } else if lock::is_named(name) {
            self.locks.extend(Lock::read(blob));
        } else {
            self.runtimes.extend(runtime::read(blob));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn read(tree: &str) -> Manifests {
        let (snapshot, settings) = (Snapshot::from_text(tree), Settings::default());
        let today = jiff::civil::date(2026, 11, 1);
        <Manifests as Facet>::read(&Facts::new(&snapshot, &settings, today))
    }

    /// Name, requirement, development, line.
    fn listed(tree: &str) -> Vec<(String, String, bool, u32)> {
        let manifests = read(tree);
        assert!(manifests.unread.is_empty(), "{:?}", manifests.unread);
        let all = manifests.packages.into_iter().flat_map(|package| package.dependencies);
        all.map(|one| (one.name, one.requirement.unwrap_or_default(), one.development, one.span.line())).collect()
    }

    fn row(name: &str, requirement: &str, development: bool, line: u32) -> (String, String, bool, u32) {
        (name.to_owned(), requirement.to_owned(), development, line)
    }

    #[test]
    fn every_ecosystem_lists_its_dependencies() {
        type Case = (&'static str, &'static [(&'static str, &'static str, bool, u32)]);
        let cases: &[Case] = &[
            (
                "-- package.json --\n{\"dependencies\": {\n\"got\": \"^14\"},\n\"devDependencies\": {\"vitest\": \"2\"}}\n",
                &[("got", "^14", false, 2), ("vitest", "2", true, 3)],
            ),
            (
                "-- pyproject.toml --\n[project]\ndependencies = [\n  \"httpx>=0.27\",\n]\n[dependency-groups]\ndev = [\"ruff\"]\n",
                &[("httpx", ">=0.27", false, 3), ("ruff", "", true, 6)],
            ),
            (
                "-- pyproject.toml --\n[tool.poetry.dependencies]\nhttpx = \"^0.27\"\n[tool.poetry.group.dev.dependencies]\npytest = {version = \"8\"}\n",
                &[("httpx", "^0.27", false, 2), ("pytest", "8", true, 4)],
            ),
            (
                "-- Pipfile --\n[packages]\nflask = \"*\"\n[dev-packages]\nblack = \"*\"\n",
                &[("flask", "*", false, 2), ("black", "*", true, 4)],
            ),
            (
                "-- setup.cfg --\n[options]\ninstall_requires =\n    requests>=2\n[options.extras_require]\ntest = pytest\n",
                &[("requests", ">=2", false, 3), ("pytest", "", true, 5)],
            ),
            (
                "-- setup.py --\nsetup(\n  install_requires=[\n    'requests>=2',\n  ],\n)\n",
                &[("requests", ">=2", false, 3)],
            ),
            (
                "-- go.mod --\nmodule x\ngo 1.23\nrequire (\n\ta/b v1.0.0\n\tc v2 // indirect\n)\n",
                &[("a/b", "v1.0.0", false, 4), ("c", "v2", true, 5)],
            ),
            (
                "-- pom.xml --\n<project><properties><v>3.1</v></properties>\n<dependencies><dependency>\n<groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>\n",
                &[("g:a", "3.1", false, 2)],
            ),
            (
                "-- build.gradle.kts --\ndependencies {\n  implementation(\"g:a:1.0\")\n  testImplementation(platform(\"g:b:2\"))\n  api(libs.okhttp)\n}\n",
                &[("g:a", "1.0", false, 2), ("g:b", "2", true, 3), ("libs.okhttp", "", false, 4)],
            ),
            (
                "-- gradle/libs.versions.toml --\n[versions]\nok = \"4.12\"\n[libraries]\nokhttp = { module = \"com.squareup:okhttp\", version.ref = \"ok\" }\n",
                &[("com.squareup:okhttp", "4.12", false, 4)],
            ),
            (
                "-- src/A.csproj --\n<Project>\n<ItemGroup>\n<PackageReference Include=\"Polly\" Version=\"8.4\" />\n</ItemGroup></Project>\n",
                &[("Polly", "8.4", false, 3)],
            ),
            (
                "-- Gemfile --\ngem 'faraday', '~> 2.12'\ngroup :development, :test do\n  gem 'rspec'\nend\ngem 'puma'\n",
                &[("faraday", "~> 2.12", false, 1), ("rspec", "", true, 3), ("puma", "", false, 5)],
            ),
            (
                "-- composer.json --\n{\"require\": {\"php\": \">=8\", \"guzzlehttp/guzzle\": \"^7\"}}\n",
                &[("guzzlehttp/guzzle", "^7", false, 1)],
            ),
            (
                "-- Cargo.toml --\n[dependencies]\nreqwest = { version = \"0.12\" }\n[dev-dependencies]\ninsta = \"1\"\n",
                &[("reqwest", "0.12", false, 2), ("insta", "1", true, 4)],
            ),
            ("-- requirements-dev.txt --\npytest==8\n", &[("pytest", "8", true, 1)]),
        ];
        for (tree, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(name, version, dev, line)| row(name, version, *dev, *line)).collect();
            let found: Vec<_> = listed(tree)
                .into_iter()
                .map(|(name, version, dev, line)| (name, version.replace("==", ""), dev, line))
                .collect();
            assert_eq!(found, expected, "{tree}");
        }
    }

    #[test]
    fn lock_files_say_what_a_build_gets() {
        let npm = "-- package.json --\n{\"name\": \"a\"}\n-- apps/web/package.json --\n{}\n";
        for lock in [
            "-- package-lock.json --\n{\"packages\": {\n  \"node_modules/axios\": {\n    \"version\": \"1.7.7\",\n",
            "-- yarn.lock --\naxios@^1.7.0:\n  version \"1.7.7\"\n",
            "-- yarn.lock --\n\"axios@npm:^1.7.0\":\n  version: 1.7.7\n",
            "-- pnpm-lock.yaml --\npackages:\n\n  axios@1.7.7:\n    resolution: {}\n",
            "-- pnpm-lock.yaml --\npackages:\n\n  /axios@1.7.7(debug@4.0.0):\n    resolution: {}\n",
        ] {
            let manifests = read(&format!("{npm}{lock}"));
            let web = manifests.around("apps/web/src/a.ts")[0];
            assert_eq!(web.folder, "apps/web");
            assert_eq!(manifests.resolved(web, "axios"), Some("1.7.7"), "{lock}");
        }
    }

    #[test]
    fn parts_are_the_folders_of_the_product() {
        let manifests = read(
            "-- package.json --\n{\"workspaces\": [\"packages/*\"]}\n-- packages/a/package.json --\n{}\n\
             -- examples/b/package.json --\n{}\n-- node_modules/c/package.json --\n{}\n-- svc/go.mod --\nmodule x\n\
             -- .nvmrc --\nv20\n-- docs/package.json --\n{}\n",
        );
        assert_eq!(manifests.parts(), ["", "packages/a", "svc"]);
        assert!(manifests.in_folder("packages/a").all(|package| package.is_member));
        assert_eq!(manifests.runtimes("packages/a/src/x.ts", "node")[0].requirement, "v20");
    }

    #[test]
    fn a_broken_manifest_is_told_with_its_line() {
        let manifests = read("-- package.json --\n{\n  \"a\": }\n-- Cargo.toml --\n[a]\nb = =\n-- pom.xml --\n<a>\n");
        let lines: Vec<u32> = manifests.unread.iter().filter_map(|unread| Some(unread.0.span()?.line())).collect();
        assert_eq!(lines, [2, 2, 1]);
    }
}
