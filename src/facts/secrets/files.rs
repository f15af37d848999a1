//! What kind of file a path is, as far as it bears on the judgement of a candidate.

/// How a value is written there, and how much a find there says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Source code: a value without quotes is an expression.
    pub code: bool,
    /// Tests, fixtures, examples.
    pub test: bool,
    /// Recorded answers and snapshots: only what carries its provider's mark counts.
    pub recorded: bool,
    /// Lock files, checksums, maps, images: full of digests.
    pub digests: bool,
    /// Prose.
    pub prose: bool,
    /// Translations: names and prose.
    pub translation: bool,
}

const CODE: &[&str] = &[
    "rs", "go", "py", "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "java", "kt", "kts", "cs", "rb", "php",
    "c", "h", "cc", "cpp", "hpp", "m", "mm", "swift", "scala", "ex", "exs", "erl", "hs", "ml", "dart", "lua", "pl",
    "pm", "r", "jl", "vue", "svelte", "astro", "groovy", "clj", "fs", "vb", "elm", "zig", "nim", "sol", "cr", "ipynb",
    "gradle",
];

impl Kind {
    pub fn of(path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        let (folder, file) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let in_folder = |names: &[&str]| folder.split('/').any(|part| names.contains(&part));
        let recorded = in_folder(&[
            "__snapshots__",
            "cassettes",
            "vcr_cassettes",
            "recordings",
            "__recordings__",
            "snapshots",
            "mocks",
            "__mocks__",
        ]) || file.ends_with(".test.json")
            || file.ends_with(".snap")
            || file.ends_with(".har")
            || matches!(ending, "json" | "jsonl" | "csv" | "xml" | "txt")
                && ["sample", "fixture", "mock", "snapshot", "recording"].iter().any(|mark| file.contains(mark))
            || (ending == "json" || ending == "jsonl" || ending == "csv" || ending == "xml")
                && in_folder(&[
                    "fixtures",
                    "testdata",
                    "test-data",
                    "test_data",
                    "test",
                    "tests",
                    "examples",
                    "samples",
                ]);
        let test = recorded
            || in_folder(&[
                "test",
                "tests",
                "testing",
                "__tests__",
                "spec",
                "specs",
                "fixtures",
                "testdata",
                "test-data",
                "test_data",
                "testutil",
                "testutils",
                "e2e",
                "mock",
                "examples",
                "example",
                "samples",
                "sample",
                "demo",
                "demos",
                "unittests",
                "integration-tests",
                "androidtest",
                "benches",
                "benchmarks",
                "stories",
                "playground",
            ])
            || [".test.", ".spec.", "_test.", "_spec.", ".stories.", ".e2e."].iter().any(|mark| file.contains(mark))
            || file.starts_with("test_")
            || file.starts_with("conftest");
        let digests = matches!(
            ending,
            "lock"
                | "sum"
                | "map"
                | "svg"
                | "sha256"
                | "sha512"
                | "md5"
                | "asc"
                | "sig"
                | "pdf"
                | "woff"
                | "woff2"
                | "ttf"
                | "eot"
                | "lockb"
                | "resx"
                | "pbxproj"
                | "css"
                | "scss"
                | "less"
                | "diff"
                | "patch"
        ) || matches!(
            file,
            "package-lock.json"
                | "pnpm-lock.yaml"
                | "yarn.lock"
                | "composer.lock"
                | "npm-shrinkwrap.json"
                | "go.sum"
                | "go.mod"
                | "poetry.lock"
                | "flake.lock"
                | "packages.lock.json"
                | "deno.lock"
                | "checksums.txt"
                | "sha256sums"
                | ".secrets.baseline"
        ) || file.ends_with(".min.js")
            || file.ends_with(".min.css")
            || file.ends_with(".bundle.js")
            || file.contains("-lock.")
            || file.ends_with(".sops.yaml");
        Self {
            code: CODE.contains(&ending),
            test,
            recorded,
            digests,
            prose: matches!(ending, "md" | "mdx" | "rst" | "adoc" | "html" | "htm" | "tex" | "org"),
            translation: in_folder(&["locale", "locales", "i18n", "lang", "langs", "translations", "l10n"])
                || matches!(ending, "po" | "pot" | "xliff" | "strings" | "arb"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_kind() {
        assert!(Kind::of("src/a_test.go").test && Kind::of("src/a_test.go").code);
        assert!(Kind::of("x/mocks/answer.json").recorded);
        assert!(Kind::of("pnpm-lock.yaml").digests);
        assert!(!Kind::of("deploy/values.yaml").test && !Kind::of("example.txt").test);
    }
}
