//! A small GitHub in this process: check runs, comments, a pull request; and failures at whatever call.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked: the method, the path, the body.
pub type Asked = (String, String, Value);

/// An answer in place of the real one: for which calls, how often, and whether the call took effect all the same.
#[derive(Clone)]
pub struct Fault {
    /// Method and a part of the path.
    pub at: (&'static str, &'static str),
    pub answer: (u16, &'static str, &'static str),
    pub times: usize,
    pub acts: bool,
}

#[derive(Default)]
pub struct State {
    pub asked: Vec<Asked>,
    pub runs: Vec<Value>,
    pub annotations: Vec<Value>,
    pub comments: Vec<Value>,
    pub files: Vec<Value>,
    pub pull: Option<Value>,
    pub faults: Vec<Fault>,
    pub uploads: Vec<Value>,
    next: u64,
}

pub struct Fake {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api/v3", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { next: 100, ..State::default() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { url, state }
    }

    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn fail(
        &self,
        at: (&'static str, &'static str),
        answer: (u16, &'static str, &'static str),
        times: usize,
        acts: bool,
    ) {
        self.state().faults.push(Fault { at, answer, times, acts });
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let (status, headers, text) = {
        let mut state = state.lock().unwrap();
        state.asked.push((method.clone(), path.clone(), body));
        let fault =
            state.faults.iter_mut().find(|fault| fault.times > 0 && fault.at.0 == method && path.contains(fault.at.1));
        let fault = fault.map(|fault| {
            fault.times -= 1;
            fault.clone()
        });
        let body = state.asked.last().map(|asked| asked.2.clone()).unwrap_or_default();
        match fault {
            Some(fault) => {
                if fault.acts {
                    state.act(&method, &path, &body);
                }
                (fault.answer.0, fault.answer.1.to_owned(), fault.answer.2.to_owned())
            }
            None => {
                let (status, answer) = state.act(&method, &path, &body);
                (status, String::new(), if answer.is_null() { String::new() } else { answer.to_string() })
            }
        }
    };
    let mut stream = stream;
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n", text.len());
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(text.as_bytes()).ok()
}

impl State {
    fn act(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let Some(path) = path.strip_prefix("/api/v3/repos/o/r") else { return missing() };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, &parts[..]) {
            ("POST", ["check-runs"]) => {
                let mut run = body.clone();
                self.next += 1;
                run["id"] = self.next.into();
                run["html_url"] = format!("https://github.com/o/r/runs/{}", self.next).into();
                self.runs.push(run.clone());
                (201, run)
            }
            ("PATCH", ["check-runs", id]) => {
                let Some(at) = self.runs.iter().position(|run| run["id"].as_u64() == id.parse().ok()) else {
                    return missing();
                };
                let new = body.pointer("/output/annotations").and_then(Value::as_array).cloned().unwrap_or_default();
                self.annotations.extend(new);
                for key in ["status", "conclusion", "output"] {
                    if let Some(value) = body.get(key) {
                        self.runs[at][key] = value.clone();
                    }
                }
                (200, self.runs[at].clone())
            }
            ("GET", ["check-runs", id]) => {
                let found = self.runs.iter().find(|run| run["id"].as_u64() == id.parse().ok()).cloned();
                found.map_or_else(missing, |mut run| {
                    run["output"]["annotations_count"] = self.annotations.len().into();
                    (200, run)
                })
            }
            ("GET", ["commits", commit, "check-runs"]) => {
                let of: Vec<&Value> = self.runs.iter().filter(|run| run["head_sha"] == *commit).collect();
                (200, json!({ "total_count": of.len(), "check_runs": of }))
            }
            ("GET", ["commits", commit, "pulls"]) => {
                let of = self.pull.iter().filter(|pull| pull["head"]["sha"] == *commit).collect::<Vec<_>>();
                (200, json!(of))
            }
            ("GET", ["pulls", _]) => self.pull.clone().map_or_else(missing, |pull| (200, pull)),
            ("GET", ["pulls", _, "files"]) => (200, page(&self.files, query)),
            ("GET", ["issues", _, "comments"]) => (200, page(&self.comments, query)),
            ("POST", ["issues", _, "comments"]) => {
                self.next += 1;
                let url = format!("https://github.com/o/r/pull/7#issuecomment-{}", self.next);
                let user = json!({ "login": "github-actions[bot]", "type": "Bot" });
                let comment = json!({ "id": self.next, "body": body["body"], "user": user, "html_url": url });
                self.comments.push(comment.clone());
                (201, comment)
            }
            (_, ["issues", "comments", id]) => {
                let Some(at) = self.comments.iter().position(|one| one["id"].as_u64() == id.parse().ok()) else {
                    return missing();
                };
                match method {
                    "DELETE" => {
                        self.comments.remove(at);
                        return (204, Value::Null);
                    }
                    "PATCH" => self.comments[at]["body"] = body["body"].clone(),
                    _ => {}
                }
                (200, self.comments[at].clone())
            }
            ("POST", ["code-scanning", "sarifs"]) => {
                self.uploads.push(body.clone());
                (202, json!({ "id": "47177e22", "url": "https://x" }))
            }
            _ => missing(),
        }
    }
}

fn missing() -> (u16, Value) {
    (404, json!({ "message": "Not Found" }))
}

fn page(list: &[Value], query: &str) -> Value {
    let number = |key: &str, other: usize| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
        found.unwrap_or(other)
    };
    let (size, page) = (number("per_page", 30), number("page", 1));
    list.iter().skip((page - 1) * size).take(size).cloned().collect()
}
