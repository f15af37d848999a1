//! Files that say with which version of a language the code is to be run.

use super::model::Runtime;
use crate::evidence::Blob;

/// Files that hold one version.
const SINGLE: [(&str, &str); 6] = [
    (".nvmrc", "node"),
    (".node-version", "node"),
    (".python-version", "python"),
    (".ruby-version", "ruby"),
    (".go-version", "go"),
    (".java-version", "java"),
];
/// asdf's and mise's names.
const TOOLS: [(&str, &str); 7] = [
    ("nodejs", "node"),
    ("node", "node"),
    ("python", "python"),
    ("ruby", "ruby"),
    ("golang", "go"),
    ("java", "java"),
    ("php", "php"),
];

pub fn is_named(name: &str) -> bool {
    name == ".tool-versions" || name == "runtime.txt" || SINGLE.iter().any(|(file, _)| *file == name)
}

pub fn read(blob: &Blob) -> Vec<Runtime> {
    let name = blob.path().rsplit('/').next().unwrap_or_default();
    let single = SINGLE.iter().find(|(file, _)| *file == name).map(|(_, language)| *language);
    let lines = blob.lines().filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let found = lines.filter_map(|(number, line)| {
        let (language, version) = match single {
            Some(language) => (language, line.trim()),
            None => pair(line)?,
        };
        let folder = super::parent(blob.path()).to_owned();
        Some(Runtime { folder, name: language, requirement: version.to_owned(), span: blob.line(number) })
    });
    found.collect()
}

/// `nodejs 20.11.0` of asdf, `python-3.12.1` of Heroku.
fn pair(line: &str) -> Option<(&'static str, &str)> {
    let (tool, version) = line.trim().split_once([' ', '\t', '-'])?;
    let language = TOOLS.iter().find(|(name, _)| *name == tool)?.1;
    Some((language, version.trim()))
}
