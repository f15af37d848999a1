//! GitHub's API: octocrab carries the requests; what is repeated, and how long is waited, is decided here.
//!
//! Octocrab is built without its own retries, which would repeat a write that took effect. Reads are repeated after failures of the server; a
//! write only once a look has shown that it took no effect.

pub mod limits;
mod trouble;

use anyhow::{Context as _, Result};
use octocrab::Octocrab;
use secrecy::SecretString;
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Runtime;

pub use trouble::Trouble;
use trouble::{After, Answer};

/// Where the API is, and what opens it.
pub struct Address<'a> {
    /// `GITHUB_API_URL`, taken as it is: `https://api.github.com`, `https://host/api/v3`, `https://api.sub.ghe.com`.
    pub api: &'a str,
    /// `owner/name`.
    pub repository: &'a str,
    pub token: Option<SecretString>,
    /// More certificate authorities, as PEM.
    pub authorities: Option<Vec<u8>>,
}

/// A client for one repository. Its calls wait for their answers.
pub struct Client {
    crab: Octocrab,
    runtime: Runtime,
    root: String,
    /// What may still be waited.
    budget: Mutex<Duration>,
}

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Client {
    pub fn new(address: Address) -> Result<Self> {
        // A second client in one process finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut http = reqwest::Client::builder()
            .connect_timeout(limits::REQUEST)
            .timeout(limits::REQUEST)
            .retry(reqwest::retry::never());
        if let Some(pem) = &address.authorities {
            let authorities =
                reqwest::Certificate::from_pem_bundle(pem).context("ca-bundle holds no PEM certificates")?;
            http = http.tls_certs_merge(authorities);
        }
        let http = http.build().context("TLS cannot be set up")?;
        let accept = "application/vnd.github+json".to_owned();
        let mut builder = Octocrab::builder()
            .add_header(reqwest::header::ACCEPT, accept)
            .base_uri(address.api.trim_end_matches('/'))
            .context("GITHUB_API_URL is no address")?;
        if let Some(token) = address.token {
            builder = builder.personal_token(token);
        }
        let crab = {
            // It starts a task of its own.
            let _guard = runtime.enter();
            builder.build_with_reqwest(http).context("the client of GitHub cannot be set up")?
        };
        let root = format!("/repos/{}", address.repository);
        Ok(Self { crab, runtime, root, budget: Mutex::new(limits::WAITING) })
    }

    /// Reads below the repository, again after failures of the server.
    pub fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.repeated(Method::Get, path, None, || None)
    }

    /// A list, page by page, by number: links could lead to another host.
    pub fn list(&self, path: &str, key: Option<&str>) -> Result<Vec<Value>, Trouble> {
        let mut all = Vec::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        for page in 1..=limits::PAGES {
            let mut answer = self.get(&format!("{path}{joint}per_page={}&page={page}", limits::PAGE))?;
            let list = match key {
                Some(key) => answer.get_mut(key).map(Value::take).unwrap_or_default(),
                None => answer,
            };
            let Value::Array(list) = list else { return Err(Trouble::Odd("a list was expected".to_owned())) };
            let is_last = list.len() < limits::PAGE;
            all.extend(list);
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// Writes below the repository. Where nobody knows whether it took effect, `look` tells what is there: a value
    /// means that it did, and null that it did not; nothing, that this cannot be told, and then it is not repeated.
    pub fn write(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        look: impl Fn() -> Option<Value>,
    ) -> Result<Value, Trouble> {
        self.repeated(method, path, Some(body), look)
    }

    fn repeated(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        look: impl Fn() -> Option<Value>,
    ) -> Result<Value, Trouble> {
        let mut pause = limits::PAUSE;
        for _ in 1..limits::TRIES {
            let answer = self.once(method, path, body, limits::REQUEST);
            match answer.after() {
                After::Done => return answer.value(),
                // It was refused before anything was done.
                After::Wait(wait) => self.wait(wait, &answer)?,
                After::Unsure => {
                    self.wait(pause, &answer)?;
                    pause *= 2;
                    if method != Method::Get {
                        match look() {
                            Some(Value::Null) => {}
                            Some(found) => return Ok(found),
                            None => return answer.value(),
                        }
                    }
                }
            }
        }
        self.once(method, path, body, limits::REQUEST).value()
    }

    /// One write within a time, for a process that is about to end.
    pub fn last(&self, method: Method, path: &str, body: &Value, within: Duration) -> Result<Value, Trouble> {
        self.once(method, path, Some(body), within).value()
    }

    fn wait(&self, wait: Duration, answer: &Answer) -> Result<(), Trouble> {
        let mut budget = self.budget.lock().unwrap_or_else(|poison| poison.into_inner());
        match budget.checked_sub(wait) {
            Some(left) => *budget = left,
            None => return Err(answer.trouble()),
        }
        drop(budget);
        // The timer has to be made within the runtime.
        self.runtime.block_on(async { tokio::time::sleep(wait).await });
        Ok(())
    }

    fn once(&self, method: Method, path: &str, body: Option<&Value>, within: Duration) -> Answer {
        let path = format!("{}{path}", self.root);
        let exchange = async {
            let response = match method {
                Method::Get => self.crab._get(path).await,
                Method::Post => self.crab._post(path, body).await,
                Method::Patch => self.crab._patch(path, body).await,
                Method::Delete => self.crab._delete(path, None::<&Value>).await,
            }?;
            let head = trouble::head(response.status().as_u16(), |name| {
                response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
            });
            let body = self.crab.body_to_string(response).await.unwrap_or_default();
            Ok::<_, octocrab::Error>((head, body))
        };
        self.runtime.block_on(async {
            match tokio::time::timeout(within, exchange).await {
                Ok(Ok((head, body))) => Answer::new(head, body),
                Ok(Err(error)) => Answer::silent(&error),
                Err(_) => Answer::late(within),
            }
        })
    }
}
