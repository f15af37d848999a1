//! How a request goes out: through interceptors and the retries of its client, down to the server that answers.

use super::between::{classes_between, functions_between, response_handlers};
use super::machine::Machine;
use super::member::method_of;
use super::method::failed;
use super::value::{Answer, Arguments, Closure, Step, Stop, Value};
use crate::facts::clients::Site;
use crate::facts::code::{Call, Function, Node, Origin};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The libraries whose calls throw where the answer is an error. Source: each library's documentation.
const THROWING: [&str; 22] = [
    "axios",
    "got",
    "ky",
    "ofetch",
    "wretch",
    "superagent",
    "request",
    "Nest HttpService",
    "urllib",
    "RestTemplate",
    "RestClient",
    "WebClient",
    "Flurl",
    "rest-client",
    "Guzzle",
    "Stripe",
    "HubSpot",
    "Jira",
    "Notion",
    "PyGithub",
    "Octokit",
    "Zendesk",
];
/// Methods of .NET's client that throw where others answer.
const THROWING_METHODS: [&str; 6] = [
    "GetFromJsonAsync",
    "GetStringAsync",
    "GetStreamAsync",
    "GetByteArrayAsync",
    "DeleteFromJsonAsync",
    "GetFromJsonAsAsyncEnumerable",
];
/// The method of a class that stands between a client and the server, by what the class is derived from or implements.
const BETWEEN: [&str; 10] = [
    "intercept",
    "SendAsync",
    "RoundTrip",
    "request",
    "send",
    "handle_request",
    "handle_async_request",
    "call",
    "filter",
    "dispatch",
];

impl<'a> Machine<'a, '_> {
    /// Whether a call is of the client whose interceptors run: what they send goes on with the same request.
    pub fn is_inside(&self, site: &Site) -> bool {
        self.inside.last().is_some_and(|library| *library == site.library.name)
    }

    /// A request of the client that is rehearsed.
    pub fn send(&mut self, call: Call<'a>, site: &'a Site, arguments: Arguments<'a>) -> Step<'a> {
        let handed = arguments.listed.iter().find(|value| matches!(value, Value::Map(_))).cloned();
        let request = handed.unwrap_or_else(|| Value::map(BTreeMap::new()));
        let result = self.through_policies(call, site, request);
        let answer = match result {
            Ok(Value::Answer(answer)) => answer,
            other => return other,
        };
        // Node's callbacks are handed the answer.
        if site.library.name == "node:http" {
            for callback in arguments.functions() {
                self.invoke(&callback, Arguments::of(vec![Value::Answer(answer.clone())]))?;
            }
        }
        Ok(super::call::in_language(call, Value::Answer(answer)))
    }

    fn through_policies(&mut self, call: Call<'a>, site: &'a Site, request: Value<'a>) -> Step<'a> {
        let key = self.maker_of(site).map_or(call.node, |maker| maker.node).key();
        let is_first = self.retried.insert(key);
        let spec = if is_first { self.policy_of(call, site) } else { None };
        let result = match spec {
            Some(spec) => self.repeat(&spec, &mut |machine| machine.through_interceptors(call, site, request.clone())),
            None => self.through_interceptors(call, site, request),
        };
        if is_first {
            self.retried.remove(&key);
        }
        result
    }

    fn through_interceptors(&mut self, call: Call<'a>, site: &'a Site, request: Value<'a>) -> Step<'a> {
        let between = if self.below == 0 { self.between(call, site) } else { Vec::new() };
        let result = match between.first() {
            Some((method, this)) => {
                self.below += 1;
                self.inside.push(site.library.name);
                let closure = Rc::new(Closure { function: *method, frame: None, this: this.clone(), is_bare: false });
                let handed = self.handed_to(*method, &request);
                let result = self.invoke(&closure, handed);
                self.inside.pop();
                self.below -= 1;
                match result {
                    Ok(Value::List(list)) => Ok(list.borrow().first().cloned().unwrap_or(Value::Null)),
                    Ok(Value::Unknown | Value::Null | Value::Part | Value::Library(_)) => match &self.last {
                        Some(answer) => Ok(Value::Answer(answer.clone())),
                        None => Ok(Value::Unknown),
                    },
                    other => other,
                }
            }
            None => self.raw(request).map(Value::Answer),
        };
        let settled = match result {
            Ok(Value::Answer(answer)) if !answer.is_success() && throws(call, self.maker_of(site), site) => {
                Err(Stop::Throw(failed(class_of_failure(site), &answer)))
            }
            other => other,
        };
        match settled {
            Err(Stop::Throw(error)) if site.library.name == "axios" || site.library.name == "Nest HttpService" => {
                self.rejected(call, site, error)
            }
            other => other,
        }
    }

    /// The call that made the client: where the client is handed in by who knows whom, the only one of its kind.
    pub fn maker_of(&self, site: &'a Site) -> Option<Call<'a>> {
        let code = self.code;
        site.maker(code).or_else(|| {
            let handed = site.call(code)?.receiver()?;
            let is_object = code
                .origins(handed)
                .iter()
                .any(|origin| matches!(origin, Origin::Library(path, None) if path.ends_with("()")));
            let alike = self.sites.values().filter(|other| is_object && other.library.name == site.library.name);
            let mut makers: Vec<Call<'a>> = alike.filter_map(|other| other.maker(code)).collect();
            makers.sort_by_key(|maker| maker.node);
            makers.dedup();
            if let [only] = makers[..] { Some(only) } else { None }
        })
    }

    fn raw(&mut self, request: Value<'a>) -> Result<Rc<Answer<'a>>, Stop<'a>> {
        self.attempt(request)
    }

    /// The request goes on below the interceptor that runs.
    pub fn proceed(&mut self, arguments: Arguments<'a>, call: Call<'a>) -> Step<'a> {
        if self.below == 0 {
            return self.unknown_call(arguments, call);
        }
        self.proceed_with(call)
    }

    pub fn proceed_with(&mut self, call: Call<'a>) -> Step<'a> {
        let answer = self.attempt(Value::Unknown)?;
        Ok(super::call::in_language(call, Value::Answer(answer)))
    }

    /// axios: handlers of rejected answers, of the client that the call goes through.
    fn rejected(&mut self, call: Call<'a>, site: &'a Site, error: Value<'a>) -> Step<'a> {
        let maker = self.maker_of(site);
        let handlers = response_handlers(self.code, call, maker);
        // The first handler decides.
        if let Some(handler) = handlers.into_iter().next() {
            self.inside.push(site.library.name);
            let value = self.eval(handler);
            let result = match value {
                Ok(value @ Value::Function(_)) => self.called(value, Arguments::of(vec![error]), call),
                Ok(_) => Err(Stop::Throw(error)),
                Err(stop) => Err(stop),
            };
            self.inside.pop();
            return result;
        }
        Err(Stop::Throw(error))
    }

    /// What an interceptor is handed: whatever it calls of it goes on with the request.
    fn handed_to(&self, method: Function<'a>, request: &Value<'a>) -> Arguments<'a> {
        let names =
            method.parameters.iter().filter_map(Node::as_parameter).filter(|one| !matches!(one.name(), "self" | "cls"));
        let values = names.map(|parameter| match parameter.name() {
            "chain" | "execution" | "next" | "handler" | "proceed" | "it" => Value::Proceed,
            _ => match request {
                Value::Map(_) => Value::Unknown,
                other => other.clone(),
            },
        });
        Arguments::of(values.collect())
    }

    /// Own classes and functions between the client and the server.
    fn between(&mut self, call: Call<'a>, site: &'a Site) -> Vec<(Function<'a>, Option<Value<'a>>)> {
        let code = self.code;
        let mut found = Vec::new();
        let maker = self.maker_of(site);
        for class in classes_between(code, call, maker) {
            let method =
                BETWEEN.iter().find_map(|name| method_of(code, class, name).filter(|method| method.body.is_some()));
            if let Some(method) = method.filter(|method| !method.node.contains(call.node)) {
                let this = self.instance(class, None);
                found.push((method, Some(this)));
            }
        }
        found.extend(functions_between(maker).into_iter().map(|function| (function, None)));
        found
    }
}

fn class_of_failure(site: &Site) -> &'static str {
    match site.library.name {
        "axios" | "Nest HttpService" => "AxiosError",
        "urllib" => "urllib.error.HTTPError",
        "Guzzle" => "GuzzleHttp.RequestException",
        "aiohttp" => "aiohttp.ClientResponseError",
        "Ktor" => "ktor.ResponseException",
        _ => "HTTPError",
    }
}

/// Whether an error of the server is thrown at whoever calls.
fn throws(call: Call<'_>, maker: Option<Call<'_>>, site: &Site) -> bool {
    let name = site.library.name;
    let text =
        |word: &str| call.node.text().contains(word) || maker.is_some_and(|maker| maker.node.text().contains(word));
    let off = text("throwHttpErrors: false")
        || text("validateStatus")
        || text("'http_errors' => false")
        || text("\"http_errors\" => false")
        || text("exchangeToMono")
        || text("ignoreResponseError");
    if THROWING.contains(&name) {
        return !off;
    }
    match name {
        "HttpClient" => THROWING_METHODS.contains(&call.method()),
        "RestSharp" => call.method().ends_with("JsonAsync") || text("ThrowOnAnyError = true"),
        "Ktor" => text("expectSuccess = true"),
        "aiohttp" => text("raise_for_status=True"),
        "Faraday" => text("raise_error"),
        "Laravel Http" => text("->throw()") || text("retry("),
        "HttpURLConnection" => false,
        _ => site.library.is_sdk,
    }
}
