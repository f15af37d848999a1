use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

fn described(tree: &str) -> Vec<String> {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let sites = facts.clients().sites.iter();
    sites
        .map(|site| format!("{} {} {:?} {}", site.span, site.title(), site.timeout.limit, site.timeout.span.line()))
        .collect()
}

#[test]
fn call_sites_know_their_address_and_limit() {
    let tree = "\
-- src/http.ts --
import axios from 'axios';
export const http = axios.create({ baseURL: 'https://api.getmaintainx.com/v1', timeout: 20_000 });
-- src/a.ts --
import { http } from './http';
export const get = (id) => http.get(`/workorders/${id}`);
export const send = (id) => fetch(`https://api.getmaintainx.com/v1/assets/${id}`, { method: 'POST', signal: AbortSignal.timeout(5000) });
export const notify = () => fetch('https://hooks.slack.com/services/x');
";
    assert_eq!(
        described(tree),
        ["src/a.ts:2 GET /workorders/{} Set(20.0) 2", "src/a.ts:3 POST /assets/{} Set(5.0) 3",]
    );
}

#[test]
fn a_generic_integration_is_judged_on_its_calls() {
    let tree = "\
-- a.py --
import requests
def f(i):
    return requests.post('https://api.vendor.io/x/%s' % i, json={})
";
    assert_eq!(described(tree), ["a.py:3 POST /x/{} Nothing 3"]);
}
