//! Which files any store of facts may want to read: by name first, by their bytes where the name does not tell.
//!
//! Most of a large tree is of no interest: recorded results, style sheets, other people's code, the text of tests.
//! Of these a file is kept only for a word that some store looks for in files of every kind. Whoever writes such a
//! store names its words here, in [`ASKERS`]; what is read by its path needs no entry.

use super::secrets::{Salt, Scanner};
use super::tree::{Role, is_source, role_of_path, role_of_text};
use super::{credentials, dockerfile};
use crate::secret::Hit;
use crate::snapshot::{Sieve, Sifted};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// A store that looks into files whatever they are for, if they hold one of its words.
struct Asker {
    /// In lower case; they are found in any.
    words: &'static [&'static str],
    reads: fn(&str, Role) -> bool,
}

const ASKERS: &[Asker] = &[
    // What the repository integrates with.
    Asker { words: &["maintainx", "mx_api_"], reads: |_, role| role == Role::Production },
    // Scripts that install commit hooks.
    Asker { words: &["hooks/", "/hooks", "hookspath"], reads: is_own },
    // Programs that describe infrastructure: load balancers, alarms.
    Asker { words: &["aws-cdk", "aws_cdk", "amazon.cdk", "awscdk", "pulumi"], reads: is_own },
    // Rotation of keys, in manifests of every kind.
    Asker { words: &["otat", "automaticallyafterdays"], reads: |path, _| is_yaml(path) },
    Asker { words: dockerfile::BUILD_WORDS, reads: |path, _| dockerfile::may_name_builds(path) },
    Asker { words: credentials::SUPPLY_WORDS, reads: |path, _| credentials::may_supply(path) },
];

/// Ends of the names of files that no store reads for what they are: recorded results, style sheets, pages, drawings,
/// tables of data, translations, grammars.
const UNREAD: &[&str] = &[
    ".snap",
    ".ambr",
    ".css",
    ".scss",
    ".sass",
    ".less",
    ".styl",
    ".html",
    ".htm",
    ".xhtml",
    ".svg",
    ".csv",
    ".tsv",
    ".po",
    ".pot",
    ".strings",
    ".map",
    ".ipynb",
    ".ungram",
    ".hbs",
    ".ejs",
    ".mustache",
    ".liquid",
    ".sum",
    ".golden",
    ".diff",
    ".patch",
    ".geojson",
    ".wat",
    ".ps",
    ".eps",
    ".tex",
    ".srt",
    ".vtt",
    ".har",
];

/// Shell scripts run things wherever they lie.
const SHELL: [&str; 5] = [".sh", ".bash", ".zsh", ".ksh", ".ps1"];

static WORDS: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
    let pairs = ASKERS.iter().enumerate().flat_map(|(asker, each)| each.words.iter().map(move |word| (*word, asker)));
    let (words, askers): (Vec<&str>, Vec<usize>) = pairs.unzip();
    (AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("fixed words"), askers)
});

/// The sieve of this program's facts.
#[derive(Debug, Default)]
pub struct Wanted {
    scanner: Scanner,
    without_secrets: bool,
}

impl Wanted {
    /// A sieve that knows what time it is, in seconds since 1970: expired tokens weigh less.
    pub fn new(now: i64) -> Self {
        Self { scanner: Scanner::new(Salt::default(), now), without_secrets: false }
    }

    /// The same for a run that does not ask for credentials that lie in the tree.
    pub fn without_secrets(self, without_secrets: bool) -> Self {
        Self { without_secrets, ..self }
    }
}

impl Sieve for Wanted {
    fn wants(&self, _path: &str) -> bool {
        true
    }

    fn part(&self, path: &str, bytes: &[u8], first_line: u32) -> Vec<Hit> {
        if self.without_secrets { Vec::new() } else { self.scanner.part(path, bytes, first_line) }
    }

    fn sift(&self, path: &str, bytes: &[u8]) -> Sifted {
        let (keep, generated) = interest(path, bytes);
        let hits = if self.without_secrets { Vec::new() } else { self.scanner.scan(path, bytes) };
        Sifted { keep, generated, hits }
    }
}

/// Whether some store may read the file, and whether a program wrote it although its path does not say so.
fn interest(path: &str, bytes: &[u8]) -> (bool, bool) {
    let role = role_of_path(path);
    let source = is_source(path);
    let is_foreign = match role {
        Role::Vendored => true,
        Role::Build | Role::Generated | Role::Fixture | Role::Test | Role::Example | Role::Docs => source,
        Role::Config | Role::Script | Role::Production => false,
    };
    let generated = source && !is_foreign && role_of_text(path, bytes).is_some();
    let by_name = ends(path, &SHELL) && role != Role::Vendored;
    let keep = by_name || !(is_foreign || generated || ends(path, UNREAD)) || is_asked_for(path, role, bytes);
    (keep, generated)
}

fn is_asked_for(path: &str, role: Role, bytes: &[u8]) -> bool {
    let (words, askers) = &*WORDS;
    let asking: Vec<bool> = ASKERS.iter().map(|asker| (asker.reads)(path, role)).collect();
    if !asking.contains(&true) {
        return false;
    }
    let asks = |word: usize| askers.get(word).and_then(|asker| asking.get(*asker)).copied().unwrap_or(false);
    words.find_overlapping_iter(bytes).any(|found| asks(found.pattern().as_usize()))
}

/// The project's own, and neither for tests nor for readers.
fn is_own(_path: &str, role: Role) -> bool {
    !matches!(role, Role::Vendored | Role::Docs | Role::Test | Role::Fixture | Role::Build | Role::Example)
}

fn ends(path: &str, all: &[&str]) -> bool {
    all.iter().any(|end| path.ends_with(end))
}

fn is_yaml(path: &str) -> bool {
    ends(path, &[".yml", ".yaml", ".json", ".template"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeps(path: &str, text: &str) -> bool {
        interest(path, text.as_bytes()).0
    }

    #[test]
    fn what_is_read_by_its_path_is_kept() {
        for path in ["src/a.ts", "README.md", "tests/run.sh", "tests/compose.yml", "k8s/a.json", "LICENSE", "a.unknown"]
        {
            assert!(keeps(path, "x"), "{path}");
        }
    }

    #[test]
    fn of_tests_and_other_peoples_code_only_what_holds_a_word_is_kept() {
        for path in ["src/a.test.ts", "node_modules/a/index.js", "tests/out.snap", "dist/a.js"] {
            assert!(!keeps(path, "const maintainx = 1"), "{path}");
        }
        assert!(!keeps("public/site.css", "a {}") && keeps("public/site.css", "/* for MaintainX */"));
        assert!(keeps("tests/image.py", "run('docker build .')"));
    }

    #[test]
    fn what_a_program_wrote_is_told_by_its_text() {
        let written = interest("src/api.ts", b"// Code generated by orval. Do not edit.\nexport {}");
        assert_eq!(written, (false, true));
        assert_eq!(interest("src/api.ts", b"export {}"), (true, false));
    }
}
