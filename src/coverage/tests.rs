use super::*;

fn of(name: &str, text: &str) -> Result<Report, Flaw> {
    read(name, &mut text.as_bytes())
}

type Figures = [Option<(u64, u64)>; 4];

fn counts(report: &Report) -> Vec<(String, Figures)> {
    let of = |file: &File| Metric::ALL.map(|metric| file.count(metric).map(|count| (count.hit, count.all)));
    report.files.iter().map(|file| (file.path.clone(), of(file))).collect()
}

fn one(name: &str, text: &str) -> Figures {
    let report = of(name, text).unwrap();
    assert_eq!(report.disagreement, None);
    assert_eq!(report.files.len(), 1);
    counts(&report)[0].1
}

const LCOV: &str = "TN:\nSF:src/a.ts\nFN:1,f\nFN:5,9,g\nFNDA:2,f\nFNDA:0,g\nFNF:2\nFNH:1\nBRDA:2,0,0,1\nBRDA:2,0,1,-\nBRF:2\nBRH:1\nDA:1,1\nDA:2,3\nDA:5,0\nLF:3\nLH:2\nend_of_record\n";

#[test]
fn every_format_is_known_by_its_beginning_and_counted_as_its_tool_does() {
    let (branches, lines, functions) = (Some((1, 2)), Some((2, 3)), Some((1, 2)));
    assert_eq!(one("lcov.info", LCOV), [branches, lines, functions, None]);
    let cobertura = r#"<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "x.dtd">
<coverage line-rate="0.66" lines-covered="2" lines-valid="3" branches-covered="1" branches-valid="2" timestamp="1732400000000">
<sources><source>/app</source></sources><packages><package><classes><class filename="src/a.py">
<methods><method name="f" signature="()"><lines><line number="1" hits="1"/></lines></method></methods>
<lines><line number="1" hits="1"/><line number="2" hits="3" branch="true" condition-coverage="50% (1/2)"/><line number="5" hits="0"/></lines>
</class></classes></package></packages></coverage>"#;
    assert_eq!(one("coverage.xml", cobertura), [branches, lines, Some((1, 1)), None]);
    let report = of("coverage.xml", cobertura).unwrap();
    assert_eq!((report.made, report.sources), (Some(1_732_400_000), vec!["/app".to_owned()]));
    let clover = r#"<coverage generated="1"><project timestamp="1732400000">
<file name="a.php" path="/app/src/a.php"><line num="1" type="method" count="1"/><line num="2" type="stmt" count="1"/><line num="3" type="stmt" count="0"/>
<metrics conditionals="2" coveredconditionals="1" methods="2" coveredmethods="1" statements="3" coveredstatements="2"/></file>
<metrics files="1" conditionals="2" coveredconditionals="1" methods="2" coveredmethods="1" statements="3" coveredstatements="2"/></project></coverage>"#;
    assert_eq!(one("clover.xml", clover), [branches, Some((1, 2)), functions, Some((2, 3))]);
    let jacoco = r#"<report name="x"><sessioninfo id="a" start="1" dump="1732400000000"/><package name="com/acme"><class name="com/acme/A" sourcefilename="A.java">
<method name="f" desc="()V" line="3"><counter type="METHOD" missed="0" covered="1"/></method><counter type="METHOD" missed="0" covered="1"/></class>
<sourcefile name="A.java"><line nr="3" mi="0" ci="2" mb="1" cb="1"/><line nr="4" mi="1" ci="0" mb="0" cb="0"/><counter type="LINE" missed="1" covered="1"/></sourcefile></package>
<counter type="BRANCH" missed="1" covered="1"/><counter type="LINE" missed="1" covered="1"/></report>"#;
    assert_eq!(one("jacoco.xml", jacoco), [branches, Some((1, 2)), Some((1, 1)), None]);
    let istanbul = r#"{"/app/a.js": {"path": "/app/a.js", "statementMap": {"0": {"start": {"line": 1, "column": 0}}, "1": {"start": {"line": 1}}, "2": {"start": {"line": 2}}},
"fnMap": {"0": {"name": "f", "decl": {"start": {"line": 1}}}}, "branchMap": {"0": {"loc": {"start": {"line": 2}}, "locations": [{"start": {"line": 2}}, {"start": {}}]}},
"s": {"0": 1, "1": 0, "2": 0}, "f": {"0": 1}, "b": {"0": [1, 0]}}}"#;
    assert_eq!(one("coverage-final.json", istanbul), [branches, Some((1, 2)), Some((1, 1)), Some((1, 3))]);
    let summary = r#"{"total": {"lines": {"total": 3, "covered": 2}, "statements": {"total": 3, "covered": 2}, "functions": {"total": 2, "covered": 1}, "branches": {"total": 2, "covered": 1}},
"/app/a.js": {"lines": {"total": 3, "covered": 2}, "statements": {"total": 3, "covered": 2}, "functions": {"total": 2, "covered": 1}, "branches": {"total": 2, "covered": 1, "pct": 50}}}"#;
    assert_eq!(one("coverage-summary.json", summary), [branches, lines, functions, Some((2, 3))]);
    let python = r#"{"meta": {"version": "7", "branch_coverage": true}, "files": {"a.py": {"executed_lines": [1, 2], "missing_lines": [5], "executed_branches": [[2, 5]], "missing_branches": [[2, -1]]}},
"totals": {"covered_lines": 2, "num_statements": 3, "num_branches": 2, "covered_branches": 1}}"#;
    assert_eq!(one("coverage.json", python), [branches, lines, None, None]);
    let go = "mode: set\nx.org/m/a.go:3.14,5.2 2 1\nx.org/m/a.go:5.2,7.3 1 0\nx.org/m/a.go:3.14,5.2 2 0\n";
    assert_eq!(one("cover.out", go), [None, Some((2, 5)), None, Some((2, 3))]);
    let llvm = r#"{"data": [{"files": [{"filename": "/app/a.rs", "branches": [[2, 1, 2, 9, 1, 0, 0, 0, 4]], "segments": [[1, 1, 1, true, true, false], [3, 2, 0, true, true, false], [4, 2, 0, false, false, false]],
"summary": {"lines": {"count": 4, "covered": 3}, "branches": {"count": 2, "covered": 1}}}], "functions": [], "totals": {}}], "type": "llvm.coverage.json.export", "version": "2.0.1"}"#;
    assert_eq!(one("llvm.json", llvm), [branches, Some((3, 4)), None, None]);
    let simplecov = r#"{"RSpec": {"coverage": {"/app/a.rb": {"lines": [1, null, 2, 0, "ignored"], "branches": {"[:if, 0, 3, 4, 7, 7]": {"[:then, 1, 4, 6, 4, 10]": 1, "[:else, 2, 6, 6, 6, 10]": 0}}}}, "timestamp": 1732400000}}"#;
    assert_eq!(one(".resultset.json", simplecov), [branches, lines, None, None]);
    let last = of(".last_run.json", r#"{"result": {"line": 85.71, "branch": 66.66}}"#).unwrap();
    assert_eq!(last.percent, [Some(66.66), Some(85.71), None, None]);
    let opencover = r#"<CoverageSession><Summary/><Modules><Module><Files><File uid="1" fullPath="C:\src\A.cs"/></Files><Classes><Class><Methods><Method><FileRef uid="1"/><Name>F</Name>
<SequencePoints><SequencePoint vc="1" sl="1" fileid="1"/><SequencePoint vc="1" sl="2"/><SequencePoint vc="0" sl="3"/></SequencePoints>
<BranchPoints><BranchPoint vc="1" sl="2" offset="1" path="0"/><BranchPoint vc="0" sl="2" offset="1" path="1"/></BranchPoints></Method></Methods></Class></Classes></Module></Modules></CoverageSession>"#;
    assert_eq!(one("coverage.opencover.xml", opencover), [branches, lines, Some((1, 1)), None]);
    let coverlet = r#"{"A.dll": {"/app/A.cs": {"N.A": {"System.Void N.A::F()": {"Lines": {"1": 1, "2": 1, "3": 0}, "Branches": [{"Line": 2, "Offset": 1, "EndOffset": 2, "Path": 0, "Ordinal": 0, "Hits": 1}, {"Line": 2, "Offset": 1, "EndOffset": 2, "Path": 1, "Ordinal": 1, "Hits": 0}]}}}}}"#;
    assert_eq!(one("coverage.json", coverlet), [branches, lines, Some((1, 1)), None]);
}

#[test]
fn what_is_broken_is_told_with_its_line() {
    let told = |name: &str, text: &str| of(name, text).map(|_| ()).unwrap_err();
    let cut = LCOV.strip_suffix("end_of_record\n").unwrap();
    assert!(told("lcov.info", cut).message.contains("cut off"));
    assert_eq!(told("lcov.info", &LCOV.replace("DA:2,3", "DA:2,-3")), Flaw::new(14, "a negative count: `-3`"));
    assert_eq!(told("lcov.info", "SF:a\nnonsense\n").line, 2);
    assert_eq!(told("lcov.info", "SF:a\nSF:b\n").line, 2);
    assert!(told("lcov.info", &format!("SF:{}\n", "a".repeat(100_000))).message.contains("longer"));
    assert!(told("lcov.info", "").message.contains("empty"));
    assert!(told("x.info", "hello\n").message.contains("no format"));
    assert!(told("c.xml", "<coverage line-rate='1'>\n<packages>").message.contains("cut off"));
    assert!(told("c.xml", "<html></html>").message.contains("no format"));
    assert_eq!(told("coverage-final.json", "{\"a\":\n{\"statementMap\":{\"0\":{}},\n\"s\":{\"0\":-1}}}").line, 3);
    assert!(told("coverage-final.json", "{\"a\":").message.contains("cut off"));
    assert!(told("c.out", "mode: set\na.go:9.1,3.2 1 1\n").message.contains("from line 9"));
    assert!(of("c.json", &format!("{{\"meta\": {{\"x\": {}", "[".repeat(100_000))).is_err());
    let lie = of("lcov.info", &LCOV.replace("LH:2", "LH:3")).unwrap();
    assert_eq!(lie.disagreement.unwrap().line, 18);
}

#[test]
fn several_records_of_a_file_are_the_union_of_their_hits() {
    let other = LCOV
        .replace("DA:5,0", "DA:5,7")
        .replace("LH:2", "LH:3")
        .replace("BRDA:2,0,1,-", "BRDA:2,0,1,4")
        .replace("BRH:1", "BRH:2");
    let report = of("lcov.info", &format!("{LCOV}{other}")).unwrap();
    assert_eq!(counts(&report)[0].1, [Some((2, 2)), Some((3, 3)), Some((1, 2)), None]);
}

#[test]
fn a_digest_keeps_everything() {
    let mut report = of("lcov.info", LCOV).unwrap();
    report.files[0].path = "strange\n\\path".to_owned();
    report.made = Some(7);
    report.sources.push("/a b".to_owned());
    let text = digest::write(Ok(report.clone()));
    let again = digest::read(&text).unwrap();
    assert_eq!(counts(&again), counts(&report));
    assert_eq!((again.made, again.sources, again.format), (report.made, report.sources, report.format));
    let flaw = Flaw::new(9, "it is cut off");
    assert_eq!(digest::read(&digest::write(Err(flaw.clone()))).unwrap_err(), flaw);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_harms(text in "(SF|DA|BRDA|FN|FNDA|LF|end_of_record|mode|[<{:,0-9\\-\"/>a-z\n ])*", name in "[a-z.]*") {
            let _ = of(&name, &text);
        }

        #[test]
        fn a_report_that_is_cut_never_says_more(at in 0..LCOV.len()) {
            let cut = &LCOV[..at];
            if let Ok(report) = of("lcov.info", cut) {
                prop_assert!(report.files.is_empty() || cut.trim_end().ends_with("end_of_record"));
            }
        }
    }
}
