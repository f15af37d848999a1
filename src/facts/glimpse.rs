//! What the text of production source shows at a glance, without parsing it: the paths it serves, whether a remote
//! system calls it with events, whether it keeps a copy of remote data. A stand-in for facts of code, asked by checks
//! of manifests only.

use super::{Facet, Facts};
use crate::evidence::Span;
use crate::facts::tree::is_source;
use regex::Regex;
use std::sync::LazyLock;

/// More paths than this are not kept from one repository.
const MAX_ROUTES: usize = 5_000;

/// A path that the program seems to serve.
#[derive(Debug, Clone)]
pub struct Route {
    /// As written, with a slash in front.
    pub path: String,
    pub span: Span,
}

/// The signs of a repository.
#[derive(Debug, Default)]
pub struct Glimpse {
    pub routes: Vec<Route>,
    /// Where a remote system's events seem to arrive.
    pub webhook: Option<Span>,
    /// Where data is copied again and again, as it seems.
    pub sync: Option<Span>,
    /// Where the program begins to listen for requests.
    pub server: Option<Span>,
    /// What shows that this is a library or a client app, with nothing that runs unattended.
    pub runs_elsewhere: Option<&'static str>,
}

static PATH_LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"["'`](?:(?:GET|HEAD|POST|PUT|ANY) )?(/?[A-Za-z0-9_\-./:{}<>\[\]*^$?]{1,80})["'`]"#)
        .expect("a fixed pattern")
});
/// Words of a line that registers a route, in the frameworks of all languages.
static REGISTRATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \.(?:get|post|all|use|route|head|any|put|add|api_route|add_route|add_api_route|add_url_rule|register|mount
           |HandleFunc|Handle|Get|Post|GET|POST|Any|Group|Route|Map\w*|scope|namespace|prefix|nest|resource|service)\s*(?:<[^>]*>)?\(
        | @(?:\w+\.)*(?:Get|Post|All|Controller|GetMapping|PostMapping|RequestMapping|Path|get|post|route|app|bp)\b
        | \[(?:Http\w+|Route)\(
        | \b(?:path|re_path|url|HandleFunc|Route|Mount|GET|POST|get|post|match|include_router|APIRouter|Blueprint)\s*\(?\s*[\x22'`/]
        | \b(?:url|path|pathname|prefix|route|endpoint|endpoints|health|up|readiness\w*|liveness\w*)\s*[:=]
        | (?:===?|case)\s*[\x22'`]
        | (?i:health|ready|live|router|route)",
    )
    .expect("a fixed pattern")
});
static CLIENT_CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:fetch|axios(?:\.\w+)?|requests\.\w+|httpx\.\w+|http\.Get|client\.(?:get|post)|got(?:\.\w+)?|curl)\(",
    )
    .expect("a fixed pattern")
});
static WEBHOOK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        (?:\.(?:post|all|route|HandleFunc|Handle|Map\w*|add_url_rule|use)\s*(?:<[^>]*>)?\(|@\w*\.?(?:post\w*|controller|requestmapping|route)\s*\(|\[(?:HttpPost|Route)\(|\bpath\(|\bpost\s+)
            [^\n]{0,60}[\x22'`/][^\x22'`\n]*(?:hook|event|callback|notif|inbound|incoming|subscription)
        | x-maintainx-webhook | x-hub-signature | stripe-signature | webhook[-_]?signature | webhook[-_]?secret
        | \bwebhooks?\.(?:constructEvent|verify)",
    )
    .expect("a fixed pattern")
});
static SYNC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \b(?:last_?[sS]ync\w*|sync_?[sS]tate|sync_?[cC]ursor|watermark|lastSynced\w*|synced_at|syncedAt|sync_lag\w*)\b
        | \b(?:def|func|function|async|fun|void|Task|class)\s+\w*(?:[sS]ync(?:[A-Z_]\w*)?|[mM]irror\w*|[rR]eplicat\w*|[bB]ackfill\w*|[rR]econcil\w*)\s*[(<:{]
        | \b(?:sync|mirror|replicate|backfill|reconcile)[A-Z]\w*\(|\b(?:sync|mirror|replicate|backfill|reconcile)_\w+\(
        | ON\ CONFLICT | INSERT\ OR\ REPLACE | \b(?:upsert|bulkWrite|updateOrCreate|update_or_create|UpsertAsync|batchWrite)\w*\b",
    )
    .expect("a fixed pattern")
});
/// What runs again and again: a schedule, a ticker, a loop that sleeps, a consumer.
static REPEATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        time\.Tick|NewTicker|setInterval|cron|Cron\b|@Scheduled|schedule\.|APScheduler|BackgroundScheduler|celery|
        \bbeat_schedule|apply_async|BullMQ|new\ Worker\(|new\ Queue\(|while\ True|while\ \(true\)|for\ \{|PeriodicTimer|
        BackgroundService|Hangfire|Quartz|sidekiq|Sidekiq|perform_async|webhook|onMessage|subscribe\(",
    )
    .expect("a fixed pattern")
});
static SERVER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.listen\(|ListenAndServe|uvicorn|gunicorn|app\.run\(|FastAPI\(|Flask\(|SpringApplication|WebApplication|serve\(|NestFactory|Rails\.application|Sinatra|http\.createServer|Deno\.serve|Bun\.serve|axum::|actix_web").expect("a fixed pattern")
});

impl Facet for Glimpse {
    fn read(facts: &Facts) -> Self {
        let tree = facts.tree();
        let mut glimpse = Self::default();
        let mut repeats = false;
        let mut copies = None;
        for blob in facts.snapshot.blobs().filter(|blob| is_source(blob.path()) && tree.is_production(blob.path())) {
            let text = blob.text();
            glimpse.webhook = glimpse.webhook.take().or_else(|| line_of(blob, &WEBHOOK));
            glimpse.server = glimpse.server.take().or_else(|| line_of(blob, &SERVER));
            copies = copies.or_else(|| line_of(blob, &SYNC));
            repeats = repeats || REPEATED.is_match(text);
            glimpse.routes.extend(file_route(blob).map(|(path, span)| Route { path, span }));
            for (number, line) in blob.lines().filter(|(_, line)| !is_comment(line)) {
                if glimpse.routes.len() >= MAX_ROUTES {
                    break;
                }
                if line.len() > 1_000 || !REGISTRATION.is_match(line) || CLIENT_CALL.is_match(line) {
                    continue;
                }
                for found in PATH_LITERAL.captures_iter(line).filter_map(|captures| captures.get(1)) {
                    let path = found.as_str().trim_matches(['^', '$']);
                    let path = format!("/{}", path.trim_matches('/'));
                    glimpse.routes.push(Route { path, span: blob.line(number) });
                }
            }
        }
        glimpse.sync = copies.filter(|_| repeats || glimpse.webhook.is_some());
        glimpse.runs_elsewhere = runs_elsewhere(facts, &glimpse);
        glimpse
    }
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["//", "#", "* ", "/*", "--"].iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#[")
}

fn line_of(blob: &crate::evidence::Blob, pattern: &Regex) -> Option<Span> {
    let is_code = |line: &str| !is_comment(line);
    let found = pattern.find_iter(blob.text()).map(|found| blob.span(found.range()));
    let line_text =
        |span: &Span| blob.text().get(blob.offset_of_line(span.line())..).and_then(|rest| rest.lines().next());
    found.take(20).find(|span| line_text(span).is_some_and(is_code)).map(|span| blob.line(span.line()))
}

/// The path that a file serves by its own place: `app/api/ready/route.ts`, `pages/api/ready.ts`,
/// `server/routes/ready.get.ts`, `src/routes/ready/+server.ts`.
pub(super) fn file_route(blob: &crate::evidence::Blob) -> Option<(String, Span)> {
    let (path, _) = blob.path().rsplit_once('.')?;
    let route = match path.rsplit_once('/')? {
        (folder, "route") => folder.split_once("app/")?.1,
        (folder, "+server") => folder.split_once("routes/")?.1,
        _ if path.contains("pages/api/") => path.split_once("pages/")?.1,
        _ if path.contains("server/api/") => path.split_once("server/")?.1,
        _ if path.contains("server/routes/") => path.split_once("server/routes/")?.1,
        _ => return None,
    };
    let route = route.trim_end_matches("/index").trim_end_matches(".get");
    Some((format!("/{}", route.trim_matches('/')), blob.line(1)))
}

/// Signs in a manifest of packages of what runs on somebody else's machine only.
fn runs_elsewhere(facts: &Facts, glimpse: &Glimpse) -> Option<&'static str> {
    let is_run_here = glimpse.server.is_some()
        || facts.deployment().production().next().is_some()
        || super::deployment::built_container(facts).is_some();
    if is_run_here {
        return None;
    }
    let has = |path: &str, words: &[&str]| {
        facts.snapshot.blob(path).is_some_and(|blob| words.iter().any(|word| blob.text().contains(word)))
    };
    let apps = ["\"react-native\"", "\"expo\"", "\"electron\"", "\"@ionic/", "\"@capacitor/core\""];
    if has("package.json", &apps) || has("pubspec.yaml", &["flutter:"]) {
        return Some("a client app: it runs on its users' machines");
    }
    let is_published = has("package.json", &["\"exports\"", "\"types\"", "\"publishConfig\"", "\"module\""])
        && !has("package.json", &["\"start\"", "\"private\": true"]);
    let is_package =
        has("pyproject.toml", &["[build-system]"]) && !has("pyproject.toml", &["fastapi", "flask", "django", "celery"]);
    let is_crate = has("Cargo.toml", &["[lib]"]) && facts.tree().has("src/lib.rs") && !facts.tree().has("src/main.rs");
    let is_gem = facts.tree().files().any(|path| path.ends_with(".gemspec"));
    if (is_published || is_package || is_crate || is_gem) && glimpse.sync.is_none() && glimpse.webhook.is_none() {
        return Some("a library: it runs inside other programs");
    }
    None
}
