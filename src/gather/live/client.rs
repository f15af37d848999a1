//! Sends one request and takes what comes back, bounded in time and size. Follows nothing, repeats nothing.

use super::addresses::{Guarded, Lookup, REFUSED, Reach, literal_refusal};
use super::key::Key;
use super::plan::{Plan, is_loopback};
use super::requests::Request;
use anyhow::Context as _;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, redirect};
use std::error::Error as _;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

/// A page of 200 work orders is about 1 MB, the metrics of a large service 10 MB.
const MAX_BODY: usize = 16 << 20;

/// One half of the probes: to the API with the key, or to everything else without it.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    guard: Guarded,
    /// The value of the `Authorization` header and the one host that may get it.
    key: Option<(HeaderValue, Url)>,
}

/// An answer: at least its status and headers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The whole body, or why it is not whole.
    pub(super) body: Result<Vec<u8>, String>,
}

/// No answer.
#[derive(Debug)]
pub(super) struct Silence {
    pub(super) reason: String,
    /// The request cannot have reached the server.
    pub(super) unsent: bool,
}

impl Client {
    /// The client that holds the key.
    pub(super) fn for_api(plan: &Plan, key: &Key, lookup: &Lookup) -> anyhow::Result<Self> {
        let is_local = is_loopback(&plan.api_url);
        let reach = if is_local { Reach::Loopback } else { Reach::Anything };
        let guard = guarded(plan, reach, lookup);
        let mut builder = builder(plan, &guard)?.https_only(plan.api_url.scheme() == "https");
        if is_local {
            // A proxy would get the key in the clear, and this machine needs none.
            builder = builder.no_proxy();
        }
        let http = builder.build().context("cannot set up TLS")?;
        Ok(Self { http, guard, key: Some((key.header()?, plan.api_url.clone())) })
    }

    /// The client for services and the status page. It has no key to lose.
    pub(super) fn for_services(plan: &Plan, lookup: &Lookup) -> anyhow::Result<Self> {
        let reach = if plan.allow_private { Reach::Anything } else { Reach::Public };
        let guard = guarded(plan, reach, lookup);
        let http = builder(plan, &guard)?.build().context("cannot set up TLS")?;
        Ok(Self { http, guard, key: None })
    }

    /// One request, one answer.
    pub(super) async fn send(&self, request: &Request, within: Duration) -> Result<Answer, Silence> {
        let until = Instant::now() + within;
        if let Some(reason) = self.refusal(&request.url).await {
            return Err(Silence { reason, unsent: true });
        }
        let ready = self.prepared(request).map_err(|reason| Silence { reason, unsent: true })?;
        let sent = timeout_at(until, self.http.execute(ready)).await;
        let response = match sent {
            Err(_) => return Err(Silence { reason: format!("no answer within {within:?}"), unsent: false }),
            Ok(Err(error)) => return Err(silence(&error)),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = match timeout_at(until, whole(response)).await {
            Ok(body) => body,
            Err(_) => Err(format!("the answer did not end within {within:?}")),
        };
        Ok(Answer { status, headers, body })
    }

    /// Through a proxy the guard of the connection sees the proxy's name only, so the target is looked at first.
    async fn refusal(&self, url: &Url) -> Option<String> {
        if self.guard.reach == Reach::Anything {
            return None;
        }
        match url.host()? {
            Host::Domain(name) => self.guard.refusal(name).await,
            _ => literal_refusal(self.guard.reach, url),
        }
    }

    fn prepared(&self, request: &Request) -> Result<reqwest::Request, String> {
        let method = request.method.parse().map_err(|_| "no such method".to_owned())?;
        let mut ready = reqwest::Request::new(method, request.url.clone());
        let headers = ready.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(if request.with_key { "application/json" } else { "*/*" }));
        if let Some(organization) = request.organization.filter(|_| request.with_key) {
            headers.insert("x-organization-id", HeaderValue::from(organization));
        }
        if request.with_key {
            let (value, api) = self.key.as_ref().ok_or("this client has no key")?;
            if api.origin() != request.url.origin() {
                return Err("the key is for another host".to_owned());
            }
            headers.insert(AUTHORIZATION, value.clone());
        }
        if let Some(body) = &request.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *ready.body_mut() = Some(body.to_string().into());
        }
        Ok(ready)
    }
}

fn guarded(plan: &Plan, reach: Reach, lookup: &Lookup) -> Guarded {
    let urls = [Some(&plan.api_url), Some(&plan.status_url), plan.service_url.as_ref(), plan.metrics_url.as_ref()];
    let names = urls.into_iter().flatten().filter_map(Url::host_str).map(str::to_owned);
    Guarded { reach, lookup: lookup.clone(), targets: names.collect() }
}

fn builder(plan: &Plan, guard: &Guarded) -> anyhow::Result<reqwest::ClientBuilder> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("mx-prod-gate/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // One connection a request: none that died unseen can leave it open whether a request arrived.
        .pool_max_idle_per_host(0)
        .http1_only()
        .connect_timeout(plan.timing.connect)
        .dns_resolver(guard.clone());
    if !plan.use_system_proxy {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &plan.ca_bundle {
        let certificates = Certificate::from_pem_bundle(pem).context("--ca-bundle holds no PEM certificates")?;
        anyhow::ensure!(!certificates.is_empty(), "--ca-bundle holds no certificate");
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(builder)
}

async fn whole(mut response: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(format!("the answer is larger than {} MB", MAX_BODY >> 20)),
            Err(_) => return Err("the connection broke within the answer".to_owned()),
        }
    }
}

/// Why there is no answer, in words; the innermost cause says most.
fn silence(error: &reqwest::Error) -> Silence {
    let mut cause = String::new();
    let mut next = error.source();
    while let Some(inner) = next {
        let told = inner.to_string();
        if told.contains(REFUSED) {
            return Silence { reason: told, unsent: true };
        }
        cause = told;
        next = inner.source();
    }
    let what = match () {
        () if error.is_connect() && error.is_timeout() => "no connection in time",
        () if error.is_connect() => "no connection",
        () if error.is_timeout() => "no answer in time",
        () => "the connection broke before an answer",
    };
    let reason = if cause.is_empty() { what.to_owned() } else { format!("{what}: {cause}") };
    Silence { reason, unsent: error.is_connect() || error.is_builder() }
}
