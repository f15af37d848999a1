//! Names, values and calls are followed through files, in every language.

use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

fn with_code(tree: &str, look: impl FnOnce(&Code)) {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    look(facts.code());
}

/// What the callee of the last call of that method comes from.
fn callee(tree: &str, method: &str) -> Vec<String> {
    let mut said = Vec::new();
    with_code(tree, |code| {
        let call = code.calls().filter(|call| call.method() == method).last().expect("a call");
        said = code
            .origins(call.callee)
            .iter()
            .map(|origin| match origin {
                Origin::Library(path, maker) => {
                    format!("{path} made {}", maker.map_or(0, |maker| maker.node.span().line()))
                }
                Origin::Own(Value::Function(function)) => format!("function {}", function.node.span()),
                Origin::Own(value) => format!("{:?}", value),
                Origin::Module(files) => format!("module {files:?}"),
                Origin::Unknown(node) => format!("unknown {}", node.text()),
            })
            .collect();
    });
    said
}

#[test]
fn a_client_is_found_through_imports_fields_and_parameters() {
    let tree = "\
-- src/http.ts --
import axios from 'axios';
const http = axios.create({ baseURL: 'x' });
export { http as client };
-- src/index.ts --
export * from './http.js';
-- src/api.ts --
import { client } from '.';
export class Api {
  constructor(private readonly send: any) {}
  load() { return this.send.fetchAll('/x'); }
}
export const api = new Api(client);
";
    assert_eq!(callee(tree, "fetchAll"), ["axios.create().fetchAll made 2"]);
    let tree = "\
-- app/session.py --
import requests

class Timed(requests.Session):
    def request(self, *a): pass

def build():
    s = Timed()
    return s
-- app/main.py --
from .session import build
from app import session

class Client:
    def __init__(self, http):
        self._http = http
    def run(self):
        return self._http.patch_all('/x')

Client(session.build()).run()
";
    assert_eq!(callee(tree, "patch_all"), ["requests.Session().patch_all made 7"]);
    let tree = "\
-- go.mod --
module example.com/x
-- mx/client.go --
package mx

import \"net/http\"

type Client struct { http *http.Client }

func New() *Client {
	return &Client{http: &http.Client{Timeout: 1}}
}

func (c *Client) Get() error {
	resp, err := c.http.Do(req)
	return err
}
-- main.go --
package main

import \"example.com/x/mx\"

func main() {
	client := mx.New()
	client.Get()
}
";
    assert_eq!(callee(tree, "Do"), ["net/http.Client().Do made 8"]);
    assert_eq!(callee(tree, "Get"), ["function mx/client.go:11"]);
}

#[test]
fn types_say_where_injected_values_come_from() {
    let tree = "\
-- A.cs --
namespace X;
public class Api(HttpClient http) {
    public Task Get() => http.GetAsync(\"x\");
}
";
    assert_eq!(callee(tree, "GetAsync"), ["HttpClient().GetAsync made 0"]);
    let tree = "\
-- A.java --
package x;
import okhttp3.OkHttpClient;
class A {
    private final OkHttpClient http = new OkHttpClient.Builder().readTimeout(1).build();
    void get() { http.newCall(r); }
}
";
    assert_eq!(callee(tree, "newCall"), ["okhttp3.OkHttpClient.Builder().readTimeout().build().newCall made 4"]);
    let tree = "\
-- a.php --
<?php
namespace App;
use GuzzleHttp\\Client;
class A { public function __construct(private Client $http) {} function g() { return $this->http->request('GET', 'x'); } }
";
    assert_eq!(callee(tree, "request"), ["GuzzleHttp.Client().request made 0"]);
}

#[test]
fn constants_paths_and_durations_are_worked_out() {
    let tree = "\
-- src/config.ts --
export const BASE = process.env.BASE ?? 'https://api.getmaintainx.com/v1';
export const TIMEOUT = 30 * 1_000;
-- src/a.ts --
import * as config from './config';
go(`${config.BASE}/workorders/${id}/status`, config.TIMEOUT, 'x' + '/y');
";
    with_code(tree, |code| {
        let call = code.calls().find(|call| call.method() == "go").expect("a call");
        let argument = |n| call.argument(n).expect("an argument");
        assert_eq!(code.texts(argument(0)), ["https://api.getmaintainx.com/v1/workorders/{}/status"]);
        assert_eq!(code.seconds(argument(1), Unit::Milliseconds), Some(30.0));
        assert_eq!(code.text(argument(2)).as_deref(), Some("x/y"));
    });
    let durations = [
        ("a.go", "package a\nvar x = f(30 * time.Second)", 30.0),
        ("A.java", "class A { Object x = f(Duration.ofSeconds(20)); }", 20.0),
        ("a.py", "f(timedelta(minutes=1, seconds=5))", 65.0),
        ("a.kt", "val x = f(15.seconds)", 15.0),
        ("a.cs", "class A { object x = f(TimeSpan.FromMinutes(2)); }", 120.0),
        ("a.py", "f(int(os.environ.get('T', '25')))", 25.0),
    ];
    for (path, text, seconds) in durations {
        with_code(&format!("-- {path} --\n{text}\n"), |code| {
            let call = code.calls().find(|call| call.method() == "f").expect("a call");
            assert_eq!(code.seconds(call.argument(0).expect("one"), Unit::Seconds), Some(seconds), "{text}");
        });
    }
}

#[test]
fn callers_are_found_through_wrappers_two_files_away() {
    let tree = "\
-- src/retry.ts --
export async function withRetry(fn) { return fn(); }
-- src/client.ts --
import { withRetry } from './retry';
const load = (id) => get(`/x/${id}`);
export const api = { load: (id) => withRetry(() => load(id)) };
-- src/main.ts --
import { api } from './client';
api.load(1);
";
    with_code(tree, |code| {
        let find = |name: &str| code.functions().find(|function| function.known_as() == name).expect("a function");
        let callers =
            |name| code.callers_of(find(name)).iter().map(|call| call.node.span().to_string()).collect::<Vec<_>>();
        assert_eq!(callers("withRetry"), ["src/client.ts:3"]);
        let loads: Vec<Function> = code.functions().filter(|function| function.known_as() == "load").collect();
        assert_eq!(code.callers_of(loads[1])[0].node.span().to_string(), "src/main.ts:2");
        let main = code.source("src/main.ts").expect("a file").root();
        assert!(code.reached_from(main).iter().any(|function| function.name == "withRetry"));
    });
}

#[test]
fn a_property_that_has_the_name_of_its_type_ends() {
    let tree = "\
-- Client.cs --
class Holder {
    public Client Client { get; set; }
    public void Run() { Client.Fetch(); }
}
";
    assert_eq!(callee(tree, "Fetch").len(), 1);
}
