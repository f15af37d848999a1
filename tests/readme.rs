//! Holds the README to what the program is: its tables are made from the registry and from `action.yml`, its
//! commands are those that CI runs, its links lead somewhere. `UPDATE_EXPECT=1 cargo test --test readme` rewrites it.

use mx_prod_gate::checks::CHECKS;
use mx_prod_gate::evidence::Blob;
use mx_prod_gate::facts::yaml::{Yaml, documents};
use std::path::Path;
use std::sync::Arc;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(ROOT).join(name)).ok()
}

/// Holds what stands between two markers to what it should be, or rewrites it.
fn hold(marker: &str, wanted: &str) {
    let readme = read("README.md").expect("there is a README");
    let (open, close) = (format!("<!-- {marker} -->\n"), format!("<!-- /{marker} -->"));
    let (before, rest) = readme.split_once(&open).expect("the marker opens");
    let (stands, after) = rest.split_once(&close).expect("the marker closes");
    if std::env::var_os("UPDATE_EXPECT").is_some() && stands != wanted {
        let text = format!("{before}{open}{wanted}{close}{after}");
        return std::fs::write(Path::new(ROOT).join("README.md"), text).expect("the README can be written");
    }
    assert_eq!(stands, wanted, "the README's table of {marker}: UPDATE_EXPECT=1 cargo test --test readme");
}

/// One test, since both tables are rewritten in the same file.
#[test]
fn the_tables_are_what_the_program_is() {
    let mut table = String::from("| check | priority | passes when |\n|---|---|---|\n");
    let mut area = "";
    for check in CHECKS {
        if check.area.word() != area {
            area = check.area.word();
            table.push_str(&format!("| **{area}** | | |\n"));
        }
        let page = format!("src/checks/{area}/{}.md", check.id.replace('-', "_"));
        table.push_str(&format!("| [`{}`]({page}) | {} | {} |\n", check.id, check.priority.word(), check.title));
    }
    hold("checks", &table);
    let action = read("action.yml").map(|text| {
        let blob = Arc::new(Blob::new("action.yml", text));
        documents(&blob).expect("action.yml is YAML").remove(0)
    });
    let table = action.map(|action| format!("{}\n{}", described(&action, "inputs"), described(&action, "outputs")));
    hold("action", &table.unwrap_or_default());
}

/// The inputs or outputs of the action as a table.
fn described(action: &Yaml, section: &str) -> String {
    let word = section.trim_end_matches('s');
    let is_input = section == "inputs";
    let mut table = match is_input {
        true => format!("| {word} | default | |\n|---|---|---|\n"),
        false => format!("| {word} | |\n|---|---|\n"),
    };
    for (name, entry) in action.get(section).map(|section| section.entries()).unwrap_or_default() {
        let text = |key: &str| entry.get(key).and_then(|value| value.text().map(one_line)).unwrap_or_default();
        let default = if text("default").is_empty() { String::new() } else { format!("`{}`", text("default")) };
        let name = name.text().unwrap_or_default().to_owned();
        match is_input {
            true => table.push_str(&format!("| `{name}` | {default} | {} |\n", text("description"))),
            false => table.push_str(&format!("| `{name}` | {} |\n", text("description"))),
        }
    }
    table
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[test]
fn the_command_that_runs_the_tests_is_the_one_that_ci_runs() {
    let (readme, ci) = (read("README.md").expect("a README"), read(".ci/run").expect(".ci/run"));
    assert!(readme.contains("\ncargo test --locked\n"));
    assert!(ci.trim_end().ends_with("\ncargo test --locked"), "it ends with the test runner's own lines");
}

#[test]
fn the_settings_it_shows_are_valid() {
    let readme = read("README.md").expect("a README");
    let shown = readme.split("```yaml\n").find(|block| block.starts_with("fail-on:")).expect("an example of settings");
    let text = shown.split("```").next().unwrap_or_default();
    // Names of checks that are yet to come may stand in an example only once they exist.
    let ids: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
    let settings = mx_prod_gate::settings::read::read(".mx-prod-gate.yml", text, &ids);
    assert!(settings.is_ok(), "{}", settings.err().map(|problems| problems.render(false)).unwrap_or_default());
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        let text = read(document).unwrap_or_else(|| panic!("{document} is missing"));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            let is_local = !path.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
            assert!(!is_local || Path::new(ROOT).join(path).exists(), "{document}: {target} leads nowhere");
        }
    }
}
