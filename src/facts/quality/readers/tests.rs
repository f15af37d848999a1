use super::*;

type Row = (&'static str, u32, u32, Severity, &'static str);

fn of(name: &str, text: &str) -> Found {
    read(&Arc::new(Blob::new(name, text)), false).unwrap_or_else(|bad| panic!("{name}: {bad:?}"))
}

fn expect(tool: &str, text: &str, rows: &[Row]) {
    let found = of("report", text);
    assert_eq!(found.tool, tool, "{text}");
    let seen: Vec<_> = found
        .raws
        .iter()
        .map(|raw| (raw.path.as_str(), raw.line, raw.column, raw.severity, raw.rule.as_str()))
        .collect();
    assert_eq!(seen, rows, "{text}");
}

#[test]
fn every_format_gives_the_same_findings() {
    use Severity::{Error, Note, Warning};
    expect(
        "ESLint",
        r#"[{"filePath": "/app/a.js", "messages": [{"ruleId": "no-undef", "severity": 2, "message": "x", "line": 3, "column": 5}, {"ruleId": null, "fatal": true, "severity": 1, "message": "p", "line": 4}, {"ruleId": "q", "severity": 1, "message": "w", "line": 5}], "errorCount": 2}]"#,
        &[("/app/a.js", 3, 5, Error, "no-undef"), ("/app/a.js", 4, 0, Error, ""), ("/app/a.js", 5, 0, Warning, "q")],
    );
    expect(
        "Ruff",
        r#"[{"code": "F401", "filename": "/a.py", "location": {"row": 1, "column": 8}, "message": "m"}]"#,
        &[("/a.py", 1, 8, Error, "F401")],
    );
    expect(
        "pylint",
        r#"[{"type": "convention", "path": "a.py", "line": 1, "column": 0, "symbol": "s", "message": "m", "message-id": "C0114"}, {"type": "error", "path": "a.py", "line": 2, "column": 4, "symbol": "e", "message": "m", "message-id": "E1101"}]"#,
        &[("a.py", 1, 1, Warning, "s"), ("a.py", 2, 5, Error, "e")],
    );
    expect(
        "flake8",
        r#"{"a.py": [{"code": "E501", "filename": "a.py", "line_number": 3, "column_number": 80, "text": "t"}], "b.py": []}"#,
        &[("a.py", 3, 80, Error, "E501")],
    );
    expect(
        "golangci-lint",
        r#"{"Issues": [{"FromLinter": "errcheck", "Text": "t", "Severity": "", "Pos": {"Filename": "a.go", "Line": 4, "Column": 2}}], "Report": {}}"#,
        &[("a.go", 4, 2, Error, "errcheck")],
    );
    expect("golangci-lint", r#"{"Issues": null, "Report": {}}"#, &[]);
    expect(
        "RuboCop",
        r#"{"metadata": {}, "files": [{"path": "a.rb", "offenses": [{"severity": "convention", "message": "m", "cop_name": "Style/X", "location": {"start_line": 2, "start_column": 3, "line": 2, "column": 3}}]}], "summary": {"offense_count": 1}}"#,
        &[("a.rb", 2, 3, Error, "Style/X")],
    );
    expect(
        "PHPStan",
        r#"{"totals": {"errors": 0, "file_errors": 1}, "files": {"/a.php": {"errors": 1, "messages": [{"message": "m", "line": 7, "ignorable": true, "identifier": "i"}]}}, "errors": []}"#,
        &[("/a.php", 7, 0, Error, "i")],
    );
    expect(
        "PHP_CodeSniffer",
        r#"{"totals": {"errors": 1, "warnings": 1, "fixable": 0}, "files": {"/a.php": {"errors": 1, "warnings": 1, "messages": [{"message": "m", "source": "P.S", "severity": 5, "type": "ERROR", "line": 2, "column": 1}, {"message": "m", "source": "P.W", "severity": 5, "type": "WARNING", "line": 3, "column": 1}]}}}"#,
        &[("/a.php", 2, 1, Error, "P.S"), ("/a.php", 3, 1, Warning, "P.W")],
    );
    expect(
        "pyright",
        r#"{"version": "1", "generalDiagnostics": [{"file": "/a.py", "severity": "error", "message": "m", "range": {"start": {"line": 2, "character": 4}}, "rule": "r"}], "summary": {"errorCount": 1}}"#,
        &[("/a.py", 3, 5, Error, "r")],
    );
    expect(
        "SARIF",
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "detekt", "rules": [{"id": "d", "defaultConfiguration": {"level": "error"}}]}}, "results": [
{"ruleId": "d", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///a%20b.kt"}, "region": {"startLine": 3, "startColumn": 2}}}]},
{"ruleId": "w", "message": {"text": "m"}, "locations": []}, {"ruleId": "s", "level": "error", "message": {"text": "m"}, "suppressions": [{"kind": "inSource"}]}]}]}"#,
        &[("file:///a b.kt", 3, 2, Error, "d"), ("", 0, 0, Warning, "w")],
    );
    expect(
        "Checkstyle",
        "<checkstyle version='8'><file name='/a.java'><error line='3' column='1' severity='error' message='a &lt; b' source='c.X'/><error line='4' severity='warning' message='m' source='c.Y'/></file></checkstyle>",
        &[("/a.java", 3, 1, Error, "c.X"), ("/a.java", 4, 0, Warning, "c.Y")],
    );
    expect(
        "tsc",
        "src/a.ts(3,7): error TS2322: Type 'string' is not assignable.\n",
        &[("src/a.ts", 3, 7, Error, "TS2322")],
    );
    expect(
        "tsc",
        "\u{1b}[96msrc/a.ts\u{1b}[0m:3:7 - \u{1b}[91merror\u{1b}[0m TS2322: Type.\n\nFound 1 error in src/a.ts:3\n",
        &[("src/a.ts", 3, 7, Error, "TS2322")],
    );
    expect(
        "mypy",
        "a.py:4: error: Incompatible types  [assignment]\na.py:4: note: See\nFound 1 error in 1 file (checked 1 source file)\n",
        &[("a.py", 4, 0, Error, ""), ("a.py", 4, 0, Note, "")],
    );
    expect(
        "mypy",
        "{\"file\": \"a.py\", \"line\": 4, \"column\": 11, \"message\": \"m\", \"hint\": null, \"code\": \"assignment\", \"severity\": \"error\"}\n",
        &[("a.py", 4, 12, Error, "assignment")],
    );
    expect("flake8", "./a.py:1:80: E501 line too long\n", &[("./a.py", 1, 80, Error, "E501")]);
    expect(
        "go vet",
        "# example.com/m\n./a.go:5:2: fmt.Printf format %d has arg\nvet: b.go:1:1: expected\n",
        &[("./a.go", 5, 2, Error, ""), ("b.go", 1, 1, Error, "")],
    );
    expect(
        "Sorbet",
        "a.rb:3: Method `x` does not exist https://srb.help/7003\n     3 |x\nErrors: 1\n",
        &[("a.rb", 3, 0, Error, "")],
    );
    expect("the type checker", "Success: no issues found in 3 source files\n", &[]);
}

#[test]
fn what_is_no_report_is_told() {
    let bad = |text: &str| read(&Arc::new(Blob::new("r", text)), false).unwrap_err().note;
    assert!(bad("").contains("empty"));
    assert!(bad("{\"a\": 1}").contains("no format"));
    assert!(bad("[{\"a\":").contains("no valid JSON"));
    assert!(bad("hello\n").contains("no format"));
    assert!(bad("<html/>").contains("no format"));
    assert_eq!(of("r", "a.py:4: error: x\nFound 3 errors in 1 file\n").stated_errors, Some(3));
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_harms(text in "[\\[{<a-z\"]?(\"(runs|files|totals|messages|Issues)\"|[:,{}\\[\\]0-9a-z()./ \n-])*") {
            let _ = read(&Arc::new(Blob::new("r", text)), true);
        }
    }
}
