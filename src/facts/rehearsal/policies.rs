//! Retries that belong to a client: by default, by its options, by what is registered for it.

use super::machine::Machine;
use super::pieces::Pieces;
use super::retrier::{Pace, Spec, When};
use super::retriers::Retrier;
use super::rows;
use super::value::Value;
use crate::facts::clients::{Site, option};
use crate::facts::code::{Call, Kind, Node, Origin};

/// Statuses at which `Retry-After` is heeded by default.
const TOLD: &[f64] = &[413.0, 429.0, 503.0];

impl<'a> Machine<'a, '_> {
    /// The retries of the client that a call goes through.
    pub fn policy_of(&mut self, call: Call<'a>, site: &'a Site) -> Option<Spec<'a>> {
        let code = self.code;
        let maker = self.maker_of(site);
        let place = maker.map_or(call.node, |maker| maker.node);
        match site.library.name {
            "got" => self.by_option(&rows::GOT, call, maker, TOLD),
            "ky" => self.by_option(&rows::KY, call, maker, TOLD),
            "ofetch" => self.by_option(&rows::OFETCH, call, maker, &[]),
            "axios" | "Nest HttpService" => self.axios(call, maker),
            "fetch" | "undici" => self.undici(call),
            "requests" | "urllib3" => self.urllib3(call, maker),
            "retryablehttp" => {
                let around = place.enclosing_function().map_or(place, |function| function.node);
                Some(self.spec(&rows::RETRYABLEHTTP, place, &[around]))
            }
            "resty" => {
                let around = place.enclosing_function().map_or(place, |function| function.node);
                let spec = self.spec(&rows::RESTY, place, &[around, call.node]);
                spec.most.is_none_or(|most| most > 0.0).then_some(spec)
            }
            "Ktor" => {
                let installed = inner_call(place, |one| {
                    one.method() == "install"
                        && one.argument(0).is_some_and(|plugin| plugin.leaf() == "HttpRequestRetry")
                })?;
                let mut spec = self.spec(&rows::KTOR, installed.node, &[installed.node]);
                if installed.node.text().contains("constantDelay") {
                    spec.pace = Pace::fixed(1.0);
                }
                Some(spec)
            }
            "HttpClient" | "RestSharp" | "Flurl" => self.registered(call),
            "WebClient" => self.reactor(call),
            "Faraday" => {
                let set = inner_call(place, |one| {
                    one.method() == "request" && one.argument(0).and_then(Node::as_str) == Some("retry")
                })?;
                self.faraday(set)
            }
            "Guzzle" => {
                let around = place.enclosing_function().map_or(place.source().root(), |function| function.node);
                let set = inner_call(around, |one| {
                    one.method() == "retry" && one.receiver().is_some_and(|on| on.leaf() == "Middleware")
                })?;
                self.guzzle(set)
            }
            "Laravel Http" => {
                let set = in_chain(call.node, "retry")?;
                self.laravel(set)
            }
            "Symfony HttpClient" => {
                let made = code.calls().find(|one| one.callee.leaf() == "RetryableHttpClient")?;
                Some(self.spec(&rows::SYMFONY, made.node, &[made.node]))
            }
            "superagent" => {
                let set = in_chain(call.node, "retry")?;
                let mut spec = self.spec(&rows::LARAVEL, set.node, &[]);
                spec.when = When::statuses(&[500.0, 502.0, 503.0, 504.0, 429.0]);
                Some(spec)
            }
            "Stripe" => Some(self.spec(&rows::STRIPE, place, &[place])),
            "Jira" => {
                let mut spec = self.spec(&rows::JIRA, place, &[]);
                spec.when.told = vec![503.0];
                Some(spec)
            }
            _ => None,
        }
    }

    /// got and ky: `retry: 5`, `retry: { limit: 5, … }`, `retry: false`.
    fn by_option(&mut self, row: &Retrier, call: Call<'a>, maker: Option<Call<'a>>, told: &[f64]) -> Option<Spec<'a>> {
        let given = option(self.code, call, "retry").or_else(|| option(self.code, maker?, "retry"));
        let place = given.or(maker.map(|maker| maker.node)).unwrap_or(call.node);
        let mut spec = match given {
            Some(given) => {
                let settings =
                    self.code.expressions(given).into_iter().find(|one| matches!(one.kind(), Kind::Object(_)));
                let mut spec = self.spec(row, place, &[settings.unwrap_or(given)]);
                match self.code.number(given) {
                    Some(limit) => spec.most = Some(limit),
                    None if matches!(given.kind(), Kind::Bool(false)) => spec.most = Some(0.0),
                    None => {}
                }
                spec
            }
            None => self.spec(row, place, &[]),
        };
        spec.when.told = Vec::new();
        spec.is_told = spec.is_told && !told.is_empty();
        spec.what = match given {
            Some(_) => format!("{}'s retries as they are set here", row.name),
            None => format!("{} repeats by default", row.name),
        };
        spec.most.is_none_or(|most| most > 0.0).then_some(spec)
    }

    /// `axiosRetry(client, { … })` and `rax.attach(client)`.
    fn axios(&mut self, call: Call<'a>, maker: Option<Call<'a>>) -> Option<Spec<'a>> {
        let code = self.code;
        let is_client = |node: Node<'a>| {
            code.origins(node).iter().any(|origin| match (origin, maker) {
                (Origin::Library(_, Some(made)), Some(maker)) => *made == maker,
                (Origin::Library(path, None), None) => path == "axios",
                (Origin::Library(path, _), None) => path.contains("HttpService"),
                _ => false,
            })
        };
        for one in code.calls().filter(|one| one.node != call.node) {
            let Some(first) = one.argument(0) else { continue };
            let is_maybe = matches!(one.method(), "axiosRetry" | "default" | "attach")
                || one.callee.leaf().to_ascii_lowercase().contains("retry");
            if !is_maybe {
                continue;
            }
            let path = code
                .origins(one.callee)
                .into_iter()
                .find_map(|origin| if let Origin::Library(path, _) = origin { Some(path) } else { None });
            let Some(path) = path.filter(|path| path.starts_with("axios-retry") || path.starts_with("retry-axios"))
            else {
                continue;
            };
            if !is_client(first) {
                continue;
            }
            if path.starts_with("retry-axios") {
                return Some(self.spec(&rows::RETRY_AXIOS, one.node, &[maker.map_or(one.node, |maker| maker.node)]));
            }
            let settings: Vec<Node<'a>> = one.argument(1).into_iter().collect();
            let mut spec = self.spec(&rows::AXIOS_RETRY, one.node, &settings);
            let pieces = Pieces::of(code, &settings);
            if pieces.has(&["isretryableerror"]) || !spec.when.asked.is_empty() {
                spec.when.is_for_safe_methods = false;
            }
            // Its own delay function honours the header; one of the repository's does not by itself.
            spec.is_told = spec.is_told && !matches!(spec.pace, Pace::Asked(..));
            if pieces.names_like(&["exponentialdelay"]) {
                spec.pace = Pace::growing(0.2, 2.0);
                spec.is_told = true;
            }
            return Some(spec);
        }
        None
    }

    fn undici(&mut self, call: Call<'a>) -> Option<Spec<'a>> {
        let code = self.code;
        let is_agent = |node: Node<'a>| {
            node.walk().filter_map(Node::as_call).find(|one| {
                one.callee.leaf() == "RetryAgent" || one.path().is_some_and(|path| path.ends_with("interceptors.retry"))
            })
        };
        let own =
            option(code, call, "dispatcher").and_then(|node| code.expressions(node).into_iter().find_map(is_agent));
        let global = || {
            code.calls().filter(|one| one.method() == "setGlobalDispatcher").find_map(|one| {
                let first = one.argument(0)?;
                is_agent(first).or_else(|| code.expressions(first).into_iter().find_map(is_agent))
            })
        };
        if let Some(agent) = own.or_else(global) {
            return Some(self.spec(&rows::UNDICI, agent.node, &[agent.node]));
        }
        let path = code.origins(call.callee).into_iter().find_map(|origin| match origin {
            Origin::Library(path, Some(made)) if path.starts_with("fetch-retry") => Some(made),
            _ => None,
        });
        let made = path?;
        let settings: Vec<Node<'a>> = call.argument(1).into_iter().chain(made.argument(1)).collect();
        Some(self.spec(&rows::FETCH_RETRY, made.node, &settings))
    }

    /// `session.mount("https://", HTTPAdapter(max_retries=Retry(…)))`, `PoolManager(retries=Retry(…))`.
    fn urllib3(&mut self, call: Call<'a>, maker: Option<Call<'a>>) -> Option<Spec<'a>> {
        let code = self.code;
        let maker = maker?;
        let around = maker.node.enclosing_function().map_or(maker.node.source().root(), |function| function.node);
        let classes = code.origins(call.receiver()?).into_iter().filter_map(|origin| match origin {
            Origin::Own(crate::facts::code::Value::Instance(class, _)) => Some(class.node),
            _ => None,
        });
        let places: Vec<Node<'a>> =
            std::iter::once(around).chain(classes).chain(call.node.enclosing_class().map(|class| class.node)).collect();
        let mounts = places
            .iter()
            .flat_map(|place| place.walk())
            .filter_map(Node::as_call)
            .filter(|one| one.method() == "mount");
        let mut adapters: Vec<Node<'a>> = Vec::new();
        for mount in mounts {
            let prefix = mount.argument(0).and_then(|prefix| code.text(prefix)).unwrap_or_default();
            // An adapter for `http://` alone is not for the API.
            if prefix != "http://" {
                adapters.extend(mount.argument(1));
            }
        }
        adapters.push(maker.node);
        for adapter in adapters {
            let made = code.expressions(adapter).into_iter().chain([adapter]).find_map(|one| one.unawaited().as_call());
            let Some(value) = made.and_then(|made| made.option("max_retries").or_else(|| made.option("retries")))
            else {
                continue;
            };
            let retry = code.expressions(value).into_iter().chain([value]).find_map(Node::as_call);
            return match retry {
                Some(retry) if retry.callee.leaf() == "Retry" || retry.callee.text().ends_with("Retry") => {
                    Some(self.urllib3_retry(retry))
                }
                // A number repeats what could not be sent; it looks at no status.
                _ => None,
            };
        }
        None
    }

    fn urllib3_retry(&mut self, retry: Call<'a>) -> Spec<'a> {
        let code = self.code;
        let listed = retry.option("status_forcelist").map(|list| self.quietly(list));
        let mut when = When::default();
        if let Some(Value::List(list)) = listed {
            when.statuses = list.borrow().iter().filter_map(Value::number).map(|status| (status, status)).collect();
        }
        if let Some(Value::Range(from, to)) = retry.option("status_forcelist").map(|list| self.quietly(list)) {
            when.statuses.push((from, to));
        }
        let is_told =
            !retry.option("respect_retry_after_header").is_some_and(|on| matches!(on.kind(), Kind::Bool(false)));
        when.told = if is_told { TOLD.to_vec() } else { Vec::new() };
        let methods = retry.option("allowed_methods").or_else(|| retry.option("method_whitelist"));
        let names = |verb: &str| {
            methods.is_some_and(|list| {
                matches!(list.kind(), Kind::Bool(false) | Kind::Null)
                    || list.text().contains(verb)
                    || code.expressions(list).iter().any(|one| one.text().contains(verb))
            })
        };
        when.is_for_safe_methods = !names(self.site.method.as_deref().unwrap_or("GET"));
        let factor = retry.option("backoff_factor").and_then(|factor| code.number(factor)).unwrap_or(0.0);
        let total = retry.option("total").or_else(|| retry.option("status")).or(retry.argument(0));
        let most = total.map_or(Some(10.0), |total| code.number(total).or(Some(super::machine::SOME)));
        let ceiling = retry.option("backoff_max").and_then(|most| code.number(most)).unwrap_or(120.0);
        let pace = Pace::Growing { first: factor, factor: 2.0, most: ceiling };
        let pace = if factor > 0.0 { pace } else { Pace::NOTHING };
        Spec { place: retry.node.span(), what: "urllib3's Retry".to_owned(), most, pace, when, is_told }
    }
}

fn inner_call<'a>(node: Node<'a>, is: impl Fn(&Call<'a>) -> bool) -> Option<Call<'a>> {
    node.walk().filter_map(Node::as_call).find(|call| is(call))
}

/// A call in the chain that a call ends.
fn in_chain<'a>(node: Node<'a>, name: &str) -> Option<Call<'a>> {
    let mut link = Some(node);
    for _ in 0..20 {
        let call = link?.unawaited().as_call()?;
        if call.method() == name {
            return Some(call);
        }
        link = call.receiver();
    }
    None
}
