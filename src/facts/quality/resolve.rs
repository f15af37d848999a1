//! Which file of the repository a path of a report means: relative to some folder, absolute on another machine or in a
//! container, with backslashes, or by package.

use std::collections::{BTreeMap, HashMap};

/// Where a measured file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// A file of the repository.
    Here(String),
    /// It exists, although it is no file that git tracks or would.
    Untracked,
    /// Of the platform or of a dependency.
    Foreign,
    /// Nowhere.
    Nowhere,
}

/// The files of the repository, for looking paths up.
pub struct Resolver<'a> {
    by_name: HashMap<&'a str, Vec<&'a str>>,
    has: &'a dyn Fn(&str) -> bool,
    root: &'a str,
    elsewhere: &'a [String],
}

/// Folders of what is no part of any repository.
const FOREIGN: [&str; 14] = [
    "/node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/.cargo/registry/",
    "/rustc/",
    "/go/pkg/mod/",
    "/usr/include/",
    "/usr/lib/",
    "/usr/local/lib/",
    "/usr/local/go/",
    "/vendor/bundle/",
    "/.nuget/packages/",
    "/gems/",
    "/nix/store/",
];
/// More files of one name than this say nothing.
const MOST_OF_A_NAME: usize = 200;

/// How paths of a report become paths of the repository: this beginning is replaced by that one.
type Mapping = (String, String);

impl<'a> Resolver<'a> {
    pub fn new(
        files: impl Iterator<Item = &'a str>,
        has: &'a dyn Fn(&str) -> bool,
        root: &'a str,
        elsewhere: &'a [String],
    ) -> Self {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for file in files {
            by_name.entry(file.rsplit('/').next().unwrap_or(file)).or_default().push(file);
        }
        Self { by_name, has, root, elsewhere }
    }

    /// The whereabouts of all files of one report, in their order. What most of them agree on decides about each.
    pub fn all(&self, report: &str, sources: &[String], paths: &[&str]) -> Vec<Whereabouts> {
        let plain: Vec<String> = paths.iter().map(|path| normal(path)).collect();
        let mut found: Vec<Option<String>> = plain.iter().map(|path| self.direct(report, sources, path)).collect();
        let mut votes: BTreeMap<Mapping, usize> = BTreeMap::new();
        for path in plain.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(path, _)| path) {
            self.mappings(path).into_iter().for_each(|mapping| *votes.entry(mapping).or_default() += 1);
        }
        for (path, found) in plain.iter().zip(&mut found).filter(|(_, found)| found.is_none()) {
            *found = self.by_votes(path, &votes);
        }
        let places = plain.iter().zip(paths).zip(found);
        places
            .map(|((plain, path), found)| match found {
                Some(found) => Whereabouts::Here(found),
                None if self.elsewhere.iter().any(|known| known == path) => Whereabouts::Untracked,
                None if is_foreign(plain) => Whereabouts::Foreign,
                None => Whereabouts::Nowhere,
            })
            .collect()
    }

    /// Below the report's own folders, the nearest first, the sources that it names, or the folder that was read.
    fn direct(&self, report: &str, sources: &[String], path: &str) -> Option<String> {
        let is_absolute = path.starts_with('/');
        if let Some(below) = path.strip_prefix(self.root).and_then(|rest| rest.strip_prefix('/'))
            && !self.root.is_empty()
            && (self.has)(below)
        {
            return Some(below.to_owned());
        }
        if is_absolute {
            return None;
        }
        let mut folder =
            if report.starts_with('/') { "" } else { report.rsplit_once('/').map_or("", |(folder, _)| folder) };
        let of_sources = sources.iter().map(|source| normal(&format!("{source}/{path}")));
        for source in of_sources {
            let below = source.strip_prefix(self.root).map_or(source.as_str(), |rest| rest.trim_start_matches('/'));
            if (self.has)(below) {
                return Some(below.to_owned());
            }
        }
        loop {
            let candidate = if folder.is_empty() { path.to_owned() } else { normal(&format!("{folder}/{path}")) };
            if (self.has)(&candidate) {
                return Some(candidate);
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    /// Every way in which a path could mean a file of the same name.
    fn mappings(&self, path: &str) -> Vec<Mapping> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let candidates = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        if candidates.len() > MOST_OF_A_NAME {
            return Vec::new();
        }
        candidates.iter().filter_map(|candidate| mapping(path, candidate)).collect()
    }

    /// The file that most paths of the report would agree on; none where two are as likely.
    fn by_votes(&self, path: &str, votes: &BTreeMap<Mapping, usize>) -> Option<String> {
        let mut ways: Vec<(usize, usize, Mapping)> = self
            .mappings(path)
            .into_iter()
            .map(|mapping| (votes.get(&mapping).copied().unwrap_or(0), path.len() - mapping.0.len(), mapping))
            .collect();
        ways.sort_by_key(|way| std::cmp::Reverse((way.0, way.1)));
        let (first, second) = (ways.first()?, ways.get(1));
        let is_clear = second.is_none_or(|second| (second.0, second.1) != (first.0, first.1));
        let (_, _, (from, to)) = first;
        is_clear.then(|| format!("{to}{}", path.strip_prefix(from.as_str()).unwrap_or(path)))
    }
}

/// The beginnings in which a path and a file of the repository differ, where their ends agree enough: in the whole of
/// one of them, or in two names.
fn mapping(path: &str, file: &str) -> Option<Mapping> {
    let bare = path.trim_start_matches('/');
    let same = bare.rsplit('/').zip(file.rsplit('/')).take_while(|(a, b)| a == b);
    let (parts, length) = same.fold((0, 0), |(parts, length), (part, _)| (parts + 1, length + part.len() + 1));
    let length = length - 1;
    let is_whole = length == bare.len() || length == file.len();
    if parts < 2 && !is_whole {
        return None;
    }
    Some((path.get(..path.len() - length)?.to_owned(), file.get(..file.len() - length)?.to_owned()))
}

fn is_foreign(path: &str) -> bool {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    ["webpack:", "node:"].iter().any(|scheme| path.contains(scheme))
        || FOREIGN.iter().any(|folder| path.contains(folder))
}

/// A path with slashes, without scheme, drive letter, `.` and `..`.
fn normal(path: &str) -> String {
    let path = path.trim().replace('\\', "/");
    let path = path.strip_prefix("file://").unwrap_or(&path);
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    let path = if drive { path.get(2..).unwrap_or_default() } else { path };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let joined = parts.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(files: &[&str], report: &str, sources: &[&str], path: &[&str]) -> Vec<Whereabouts> {
        let has = |path: &str| files.contains(&path);
        let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
        Resolver::new(files.iter().copied(), &has, "/home/x/repo", &["gen/a.ts".to_owned()]).all(report, &sources, path)
    }

    fn here(path: &str) -> Whereabouts {
        Whereabouts::Here(path.to_owned())
    }

    #[test]
    fn paths_of_every_machine_are_found() {
        let files = ["src/a.ts", "src/b/index.ts", "packages/web/src/a.ts", "packages/web/src/b.ts", "main.go"];
        let one = |path: &str| resolve(&files, "coverage/lcov.info", &[], &[path]).remove(0);
        assert_eq!(one("src/a.ts"), here("src/a.ts"));
        assert_eq!(one("./src/../src/a.ts"), here("src/a.ts"));
        assert_eq!(one("/home/x/repo/src/a.ts"), here("src/a.ts"));
        assert_eq!(one(r"C:\work\repo\src\b\index.ts"), here("src/b/index.ts"));
        assert_eq!(one("/app/src/b/index.ts"), here("src/b/index.ts"));
        assert_eq!(one("example.com/m/main.go"), here("main.go"));
        assert_eq!(one("/app/lie.ts"), Whereabouts::Nowhere);
        assert_eq!(one("gen/a.ts"), Whereabouts::Untracked);
        assert_eq!(one("/app/node_modules/x/index.ts"), Whereabouts::Foreign);
        let web = "packages/web/coverage/lcov.info";
        assert_eq!(resolve(&files, web, &[], &["src/a.ts"]), [here("packages/web/src/a.ts")]);
        assert_eq!(
            resolve(&files, "c.xml", &["/home/x/repo/packages/web"], &["src/b.ts"]),
            [here("packages/web/src/b.ts")]
        );
        // Of a container, whose /app is a package: all files together say which.
        let both = resolve(&files, "lcov.info", &[], &["/app/src/a.ts", "/app/src/b.ts"]);
        assert_eq!(both, [here("packages/web/src/a.ts"), here("packages/web/src/b.ts")]);
        let java = ["svc/src/main/java/com/acme/A.java"];
        assert_eq!(resolve(&java, "svc/jacoco.xml", &[], &["com/acme/A.java"]), [here(java[0])]);
    }
}
