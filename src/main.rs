//! Arguments → gather → judge → report → publish → exit code.

use mx_prod_gate::facts::sieve::Wanted;
use mx_prod_gate::gather::tree;
use mx_prod_gate::settings::Settings;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "secrets") {
        return mx_prod_gate::cli::secrets::main(words);
    }
    let root = words.get(1).map_or(".", String::as_str);
    let snapshot = match tree::gather(Path::new(root), &Wanted::new(jiff::Timestamp::now().as_second())) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    let verdict = mx_prod_gate::judge(
        &snapshot,
        &Settings::default(),
        jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
    );
    match serde_json::to_string_pretty(&verdict) {
        Ok(text) => println!("{text}"),
        Err(_) => return ExitCode::from(2),
    }
    match verdict.verdict {
        mx_prod_gate::verdict::Decision::Ready => ExitCode::SUCCESS,
        mx_prod_gate::verdict::Decision::NotReady => ExitCode::from(1),
        mx_prod_gate::verdict::Decision::Unknown => ExitCode::from(2),
    }
}
