//! What the machine sees in small clients.

use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

/// For each request: the delays after 429 and after 503, how they grow, and what becomes of a header.
fn seen(tree: &str) -> Vec<String> {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let told = |reaction: &Reaction| {
        let end = if reaction.is_capped { "" } else { " for ever" };
        format!("{:?} {:?}{end} {:?}", reaction.delays, reaction.growth, reaction.wait)
    };
    let rehearsed = facts.rehearsals().sites.iter();
    let lines = rehearsed.map(|rehearsal| match rehearsal {
        Rehearsal::Seen(conduct) => format!("{} | {}", told(&conduct.rate_limited), told(conduct.at_failure())),
        other => format!("{other:?}"),
    });
    lines.collect()
}

#[test]
fn a_loop_is_run_on_a_clock_of_its_own() {
    let tree = "\
-- a.py --
import time, requests
def get(path):
    for attempt in range(4):
        res = requests.get('https://api.getmaintainx.com/v1' + path)
        if res.status_code == 429:
            time.sleep(int(res.headers.get('X-Rate-Limit-Reset', 62)))
        elif res.status_code >= 500:
            time.sleep(2 ** attempt)
        else:
            return res.json()
";
    assert_eq!(seen(tree), ["[62.0, 62.0, 62.0] Fixed Kept | [1.0, 2.0, 4.0] Exponential Unread"]);
}

#[test]
fn a_library_is_run_as_it_is_documented() {
    let tree = "\
-- app/client.rb --
class Client
  def initialize
    @http = Faraday.new(url: 'https://api.getmaintainx.com/v1') do |f|
      f.request :retry, max: 3, interval: 1, backoff_factor: 2, retry_statuses: [429, 500, 502, 503, 504]
    end
  end
  def order(id)
    @http.get(\"workorders/#{id}\")
  end
end
";
    assert_eq!(seen(tree), ["[1.0, 2.0, 4.0] Exponential Kept | [1.0, 2.0, 4.0] Exponential Kept"]);
}

#[test]
fn nothing_keeps_the_machine_from_ending() {
    let tree = "\
-- a.ts --
async function again(n: number): Promise<unknown> {
  const res = await fetch('https://api.getmaintainx.com/v1/users');
  return res.ok ? res : again(n + 1);
}
";
    assert_eq!(
        seen(tree),
        [
            "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0] Nothing for ever Unread | [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] Nothing for ever Unread"
        ]
    );
}
