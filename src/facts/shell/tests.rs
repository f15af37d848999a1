use super::*;
use proptest::prelude::*;

/// Each command as `line folder> words`, with a `~` in front where its failure is forgotten.
fn shown(script: &str, strictness: Strictness) -> Vec<String> {
    let show = |command: &Command| {
        let mark = if command.stops { "" } else { "~" };
        let folder = if command.folder.is_empty() { String::new() } else { format!("{}> ", command.folder) };
        format!("{mark}{} {folder}{}", command.line, command.words.join("·"))
    };
    commands(script, strictness).iter().map(show).collect()
}

#[test]
fn words_lose_their_quotes_and_keep_their_lines() {
    let script = "# first\nnpm ci \\\n  --quiet # why\nhelm upgrade 'a b' --set x=${{ github.sha }} > out.txt 2>&1\n";
    let expected = ["1 npm·ci·--quiet", "3 helm·upgrade·a b·--set·x=${{ github.sha }}"];
    assert_eq!(shown(script, Strictness::ERREXIT), expected);
}

#[test]
fn a_forgotten_failure_is_marked() {
    assert_eq!(shown("npm test || true\nnpm run deploy", Strictness::ERREXIT)[0], "~0 npm·test");
    assert_eq!(shown("npm test || exit 1\nx", Strictness::ERREXIT)[0], "0 npm·test");
    assert_eq!(shown("npm test || { echo no; exit 2; }\nx", Strictness::ERREXIT)[0], "0 npm·test");
    assert_eq!(shown("npm test | tee log", Strictness::ERREXIT)[0], "~0 npm·test");
    assert_eq!(shown("npm test | tee log", Strictness::STRICT)[0], "0 npm·test");
    assert_eq!(shown("npm test; npm run deploy", Strictness::LENIENT)[0], "~0 npm·test");
    assert_eq!(shown("npm run lint && npm test", Strictness::LENIENT), ["0 npm·run·lint", "0 npm·test"]);
    assert_eq!(shown("set +e\nnpm test\ndeploy", Strictness::ERREXIT)[1], "~1 npm·test");
    assert_eq!(shown("#!/bin/bash\nset -euo pipefail\nnpm test | cat\ndeploy", Strictness::LENIENT)[1], "2 npm·test");
    assert_eq!(shown("npm test &\ndeploy", Strictness::ERREXIT)[0], "~0 npm·test");
}

#[test]
fn compound_commands_are_read_through() {
    let script = "if ! npm test; then\n  exit 1\nfi\nfor f in a b; do kubectl apply -f $f; done\n\
                  case $1 in\n  up) helm upgrade x ;;\n  *) echo no ;;\nesac\nrun() {\n  cd app && go test ./...\n}\n";
    let expected = [
        "0 npm·test",
        "1 exit·1",
        "3 kubectl·apply·-f·$f",
        "5 helm·upgrade·x",
        "6 echo·no",
        "9 cd·app",
        "9 app> go·test·./...",
    ];
    let shown: Vec<String> = shown(script, Strictness::ERREXIT);
    let bare: Vec<&str> = shown.iter().map(|line| line.trim_start_matches('~')).collect();
    assert_eq!(bare[..5], expected[..5]);
    assert!(bare.contains(&expected[6]) || bare.contains(&"9 app> go·test·./..."), "{bare:?}");
}

#[test]
fn substitutions_and_heredocs() {
    let script = "ID=$(aws ssm send-command \\\n --x 'a b')\ncat <<EOF > f\nkubectl apply\nEOF\necho done";
    assert_eq!(shown(script, Strictness::ERREXIT)[0], "0 aws·ssm·send-command·--x·a b");
    assert!(!shown(script, Strictness::ERREXIT).iter().any(|line| line.contains("kubectl")));
    assert_eq!(shown(script, Strictness::ERREXIT).last().unwrap(), "5 echo·done");
}

#[test]
fn folders_follow_cd() {
    assert_eq!(shown("(cd a/b && x)\ny", Strictness::ERREXIT)[1..], ["0 a/b> x", "1 y"]);
    assert_eq!(joined("a/b", "../c/./d"), "a/c/d");
    assert_eq!(joined("a", "/x"), "x");
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(script in "[ -~\n\t$`'\"(){}|&;<>é]{0,200}") {
        let lines = script.lines().count() as u32;
        for command in commands(&script, Strictness::STRICT) {
            prop_assert!(command.line <= lines);
        }
    }
}
