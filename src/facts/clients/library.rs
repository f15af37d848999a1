//! The HTTP clients and vendor SDKs that are known, with what their documentation says of their defaults.

use crate::facts::code::{Language, Unit};

/// One line a library.
#[derive(Debug)]
pub struct Library {
    pub name: &'static str,
    languages: &'static [Language],
    /// Paths that mean the library or a client of it.
    roots: &'static [&'static str],
    /// Methods that send a request.
    sends: &'static [&'static str],
    /// Calling the client itself sends a request: `axios(…)`, `fetch(…)`.
    is_callable: bool,
    /// The limit that applies where none is set, in seconds; none waits for ever.
    pub default_timeout: Option<f64>,
    /// What a plain number of a timeout counts.
    pub unit: Unit,
    /// The options, properties and builder methods that limit a request as a whole or its reading.
    pub timeouts: &'static [&'static str],
    /// A vendor's own SDK, or a client for any API.
    pub is_sdk: bool,
    /// It retries 429 and 5xx with growing delays by itself.
    pub retries_by_default: bool,
    /// Where the defaults are said.
    pub source: &'static str,
}

const SCRIPT: &[Language] = &[Language::JavaScript, Language::TypeScript];
const PYTHON: &[Language] = &[Language::Python];
const GO: &[Language] = &[Language::Go];
const JVM: &[Language] = &[Language::Java, Language::Kotlin];
const CSHARP: &[Language] = &[Language::CSharp];
const RUBY: &[Language] = &[Language::Ruby];
const PHP: &[Language] = &[Language::Php];

const VERBS: &[&str] = &[
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "request",
    "send",
    "stream",
    "del",
    "postForm",
    "putForm",
    "patchForm",
    "getUri",
    "requestAsync",
    "getAsync",
    "postAsync",
];
const GO_VERBS: &[&str] = &["Do", "Get", "Post", "PostForm", "Head", "Put", "Patch", "Delete", "Execute", "Send"];
const NET_VERBS: &[&str] = &[
    "GetAsync",
    "PostAsync",
    "PutAsync",
    "PatchAsync",
    "DeleteAsync",
    "SendAsync",
    "Send",
    "GetStringAsync",
    "GetStreamAsync",
    "GetByteArrayAsync",
    "GetFromJsonAsync",
    "PostAsJsonAsync",
    "PutAsJsonAsync",
    "PatchAsJsonAsync",
    "DeleteFromJsonAsync",
    "GetFromJsonAsAsyncEnumerable",
    "ExecuteAsync",
    "Execute",
    "ExecuteGetAsync",
    "ExecutePostAsync",
    "GetJsonAsync",
    "PostJsonAsync",
];
const SPRING_VERBS: &[&str] = &[
    "getForObject",
    "getForEntity",
    "postForObject",
    "postForEntity",
    "postForLocation",
    "exchange",
    "execute",
    "put",
    "delete",
    "patchForObject",
];
/// Words that the methods of SDKs begin with, or hold among others: `create_issue`, `enhanced_search_issues`.
const SDK_VERBS: &[&str] = &[
    "create",
    "retrieve",
    "update",
    "del",
    "list",
    "search",
    "get",
    "post",
    "send",
    "delete",
    "fetch",
    "query",
    "add",
    "remove",
    "transition",
    "assign",
    "edit",
    "find",
    "request",
    "graphql",
    "paginate",
];

#[allow(clippy::too_many_arguments, reason = "a row of the table: its columns are the arguments")]
const fn client(
    name: &'static str,
    languages: &'static [Language],
    roots: &'static [&'static str],
    sends: &'static [&'static str],
    is_callable: bool,
    default_timeout: Option<f64>,
    unit: Unit,
    timeouts: &'static [&'static str],
    retries_by_default: bool,
    source: &'static str,
) -> Library {
    Library {
        name,
        languages,
        roots,
        sends,
        is_callable,
        default_timeout,
        unit,
        timeouts,
        is_sdk: false,
        retries_by_default,
        source,
    }
}

use Unit::{Milliseconds as Ms, Nanoseconds as Ns, Seconds as S};

#[rustfmt::skip]
static LIBRARIES: &[Library] = &[
    client("axios", SCRIPT, &["axios"], VERBS, true, None, Ms, &["timeout"], false, "axios README: `timeout: 1000, // default is `0` (no timeout)`"),
    client("fetch", SCRIPT, &["fetch", "globalThis.fetch", "window.fetch", "self.fetch", "node-fetch", "cross-fetch", "isomorphic-fetch", "undici.fetch", "node-fetch-native"], &["fetch"], true, None, Ms, &["signal", "timeout"], false, "Fetch standard: no timeout; node-fetch 2 has `timeout: 0`"),
    client("got", SCRIPT, &["got"], VERBS, true, None, Ms, &["timeout"], true, "got docs: no timeout; retry.limit 2, GET PUT HEAD DELETE OPTIONS TRACE"),
    client("ky", SCRIPT, &["ky", "ky-universal"], VERBS, true, Some(10.0), Ms, &["timeout"], true, "ky README: timeout 10000, retry.limit 2"),
    client("ofetch", SCRIPT, &["ofetch.ofetch", "ofetch", "$fetch"], &["ofetch", "$fetch", "raw"], true, None, Ms, &["timeout", "signal"], false, "ofetch README"),
    client("wretch", SCRIPT, &["wretch"], VERBS, false, None, Ms, &["signal"], false, "wretch README"),
    client("undici", SCRIPT, &["undici"], &["request", "stream", "pipeline"], false, Some(300.0), Ms, &["headersTimeout", "bodyTimeout", "signal"], false, "undici Client: headersTimeout and bodyTimeout 300e3"),
    client("superagent", SCRIPT, &["superagent"], VERBS, true, None, Ms, &["timeout", "response", "deadline"], false, "superagent docs"),
    client("needle", SCRIPT, &["needle"], VERBS, true, Some(10.0), Ms, &["response_timeout", "read_timeout", "timeout"], false, "needle README: open_timeout 10000"),
    client("request", SCRIPT, &["request", "request-promise", "request-promise-native"], VERBS, true, None, Ms, &["timeout"], false, "request README"),
    client("node:http", SCRIPT, &["https", "http"], &["request", "get"], false, None, Ms, &["timeout", "signal", "setTimeout"], false, "Node http: no timeout by default"),
    client("Nest HttpService", SCRIPT, &["@nestjs/axios.HttpService"], VERBS, false, None, Ms, &["timeout"], false, "axios"),
    client("requests", PYTHON, &["requests"], VERBS, false, None, S, &["timeout"], false, "requests: do not time out unless a timeout value is set explicitly"),
    client("httpx", PYTHON, &["httpx"], VERBS, false, Some(5.0), S, &["timeout"], false, "httpx: 5 seconds of inactivity"),
    client("aiohttp", PYTHON, &["aiohttp"], &["get", "post", "put", "patch", "delete", "head", "options", "request"], false, Some(300.0), S, &["timeout"], false, "aiohttp: total 5 min"),
    client("urllib", PYTHON, &["urllib.request", "urllib2"], &["urlopen", "urlretrieve"], false, None, S, &["timeout"], false, "Python: the global default timeout, none"),
    client("urllib3", PYTHON, &["urllib3"], &["request", "urlopen"], false, None, S, &["timeout"], false, "urllib3"),
    client("http.client", PYTHON, &["http.client"], &["request"], false, None, S, &["timeout"], false, "Python http.client"),
    client("net/http", GO, &["net/http"], GO_VERBS, false, None, Ns, &["Timeout"], false, "Go: a Timeout of zero means no timeout"),
    client("retryablehttp", GO, &["github.com/hashicorp/go-retryablehttp"], GO_VERBS, false, None, Ns, &["Timeout"], true, "go-retryablehttp: DefaultRetryPolicy, DefaultBackoff, RetryMax 4"),
    client("resty", GO, &["github.com/go-resty/resty", "github.com/go-resty/resty/v2", "resty.dev/v3"], GO_VERBS, false, None, Ns, &["SetTimeout"], false, "resty docs"),
    client("OkHttp", JVM, &["OkHttpClient"], &["newCall"], false, Some(10.0), Ms, &["callTimeout", "readTimeout"], false, "OkHttp: 10 s for connecting, reading and writing"),
    client("java.net.http", JVM, &["java.net.http.HttpClient", "HttpClient.newHttpClient()", "HttpClient.newBuilder()"], &["send", "sendAsync"], false, None, S, &["timeout"], false, "HttpRequest.Builder.timeout: infinite if not set"),
    client("RestTemplate", JVM, &["RestTemplate", "RestTemplateBuilder"], SPRING_VERBS, false, None, Ms, &["setReadTimeout", "readTimeout", "withReadTimeout"], false, "SimpleClientHttpRequestFactory: system default, infinite"),
    client("RestClient", JVM, &["org.springframework.web.client.RestClient"], &["retrieve", "exchange"], false, None, Ms, &["setReadTimeout", "readTimeout", "withReadTimeout"], false, "Spring RestClient"),
    client("WebClient", JVM, &["WebClient"], &["retrieve", "exchangeToMono", "exchangeToFlux", "awaitExchange"], false, None, S, &["responseTimeout", "timeout", "block"], false, "Reactor Netty: no response timeout"),
    client("Ktor", JVM, &["io.ktor.client.HttpClient", "HttpClient()"], VERBS, false, None, Ms, &["requestTimeoutMillis", "socketTimeoutMillis", "requestTimeout"], false, "Ktor HttpTimeout is not installed by default"),
    client("Apache HttpClient", JVM, &["HttpClients", "HttpClientBuilder", "CloseableHttpClient"], &["execute"], false, None, Ms, &["setResponseTimeout", "setSocketTimeout"], false, "Apache HttpClient 5"),
    client("Unirest", JVM, &["Unirest"], &["get", "post", "put", "patch", "delete"], false, Some(60.0), Ms, &["socketTimeout", "requestTimeout"], false, "Unirest docs"),
    client("HttpURLConnection", JVM, &["java.net.URL", "URL", "URI"], &["openConnection"], false, None, Ms, &["setReadTimeout", "readTimeout"], false, "Java: infinite"),
    client("HttpClient", CSHARP, &["HttpClient", "IHttpClientFactory", "HttpMessageInvoker"], NET_VERBS, false, Some(100.0), S, &["Timeout"], false, ".NET: HttpClient.Timeout is 100 seconds"),
    client("RestSharp", CSHARP, &["RestClient", "IRestClient"], NET_VERBS, false, Some(100.0), Ms, &["Timeout", "MaxTimeout"], false, "RestSharp: 100 s"),
    client("Flurl", CSHARP, &["IFlurlClient", "FlurlClient", "Flurl"], NET_VERBS, false, Some(100.0), S, &["WithTimeout", "Timeout"], false, "Flurl: HttpClient's 100 s"),
    client("Net::HTTP", RUBY, &["Net.HTTP"], &["get", "post", "request", "put", "patch", "delete", "get_response", "post_form", "head", "request_get", "request_post"], false, Some(60.0), S, &["read_timeout", "timeout"], false, "Ruby: open_timeout and read_timeout 60"),
    client("Faraday", RUBY, &["Faraday"], VERBS, false, Some(60.0), S, &["timeout", "read_timeout"], false, "Faraday: the adapter's, Net::HTTP 60"),
    client("HTTParty", RUBY, &["HTTParty"], VERBS, false, Some(60.0), S, &["timeout", "default_timeout", "read_timeout"], false, "HTTParty: Net::HTTP 60"),
    client("rest-client", RUBY, &["RestClient"], VERBS, false, Some(60.0), S, &["timeout", "read_timeout"], false, "rest-client: 60"),
    client("http.rb", RUBY, &["HTTP"], VERBS, false, None, S, &["timeout"], false, "http.rb: no timeout"),
    client("httpx.rb", RUBY, &["HTTPX"], VERBS, false, Some(60.0), S, &["timeout", "request_timeout"], false, "httpx gem"),
    client("Typhoeus", RUBY, &["Typhoeus"], VERBS, false, None, S, &["timeout"], false, "Typhoeus"),
    client("Excon", RUBY, &["Excon"], VERBS, false, Some(60.0), S, &["read_timeout"], false, "Excon: 60"),
    client("Guzzle", PHP, &["GuzzleHttp.Client", "GuzzleHttp.ClientInterface"], VERBS, false, None, S, &["timeout"], false, "Guzzle: 0, wait indefinitely"),
    client("Laravel Http", PHP, &["Illuminate.Support.Facades.Http", "Illuminate.Http.Client.PendingRequest", "Illuminate.Http.Client.Factory"], &["get", "post", "put", "patch", "delete", "send", "head"], false, Some(30.0), S, &["timeout"], false, "Laravel: 30 seconds"),
    client("Symfony HttpClient", PHP, &["Symfony.Contracts.HttpClient.HttpClientInterface", "Symfony.Component.HttpClient.HttpClient"], &["request"], false, Some(60.0), S, &["timeout", "max_duration"], false, "Symfony: default_socket_timeout 60"),
    client("curl", PHP, &["curl_exec"], &[], true, None, S, &["CURLOPT_TIMEOUT", "CURLOPT_TIMEOUT_MS"], false, "libcurl: no limit"),
    sdk("Stripe", &[Language::JavaScript, Language::TypeScript], &["stripe", "stripe.Stripe"], Some(80.0), Ms, "stripe-node: timeout 80000, maxNetworkRetries 2"),
    sdk("Stripe", PYTHON, &["stripe"], Some(80.0), S, "stripe-python: 80 s"),
    sdk("HubSpot", SCRIPT, &["@hubspot/api-client.Client"], None, Ms, "HubSpot client: node-fetch"),
    sdk("Jira", PYTHON, &["jira.JIRA"], None, S, "jira: timeout None; ResilientSession max_retries 3"),
    sdk("PyGithub", PYTHON, &["github.Github", "github.GithubIntegration"], Some(15.0), S, "PyGithub: DEFAULT_TIMEOUT 15"),
    sdk("Octokit", SCRIPT, &["@octokit/rest.Octokit", "octokit.Octokit", "@octokit/core.Octokit", "@actions/github.getOctokit"], None, Ms, "octokit: fetch without a signal"),
    sdk("Notion", SCRIPT, &["@notionhq/client.Client"], Some(60.0), Ms, "Notion client: timeoutMs 60000"),
];

const fn sdk(
    name: &'static str,
    languages: &'static [Language],
    roots: &'static [&'static str],
    default_timeout: Option<f64>,
    unit: Unit,
    source: &'static str,
) -> Library {
    Library {
        name,
        languages,
        roots,
        sends: SDK_VERBS,
        is_callable: false,
        default_timeout,
        unit,
        timeouts: &["timeout", "timeoutMs", "signal"],
        is_sdk: true,
        retries_by_default: false,
        source,
    }
}

/// The library and the method by which a called path sends a request: `axios.create().get` is axios and `get`.
pub(super) fn sending(path: &str, language: Language) -> Option<(&'static Library, &str)> {
    let matching = LIBRARIES.iter().filter(|library| library.languages.contains(&language));
    matching.filter_map(|library| Some((library, library.verb(path, language)?))).next()
}

impl Library {
    fn verb<'p>(&self, path: &'p str, language: Language) -> Option<&'p str> {
        self.roots.iter().find_map(|root| self.verb_after(rest_after(path, root, language)?))
    }

    fn verb_after<'p>(&self, rest: &'p str) -> Option<&'p str> {
        let (before, verb) = match rest.rsplit_once('.') {
            _ if rest.is_empty() || rest.ends_with("()") => return self.is_called(rest).then_some(""),
            Some((before, verb)) => (before, verb),
            None => return None,
        };
        let steps = || before.split('.').filter(|step| !step.is_empty());
        // What an answer holds, and settings of the client, send nothing.
        let is_setting = steps().any(|step| !step.ends_with("()") && !self.is_part_of_client(step));
        let has_sent = steps()
            .any(|step| !self.is_builder() && step.ends_with("()") && self.does_send(step.trim_end_matches("()")));
        (self.does_send(verb) && !is_setting && !has_sent).then_some(verb)
    }

    fn does_send(&self, verb: &str) -> bool {
        self.sends.contains(&verb) || (self.is_sdk && self.sends.iter().any(|word| has_word(verb, word)))
    }

    fn is_called(&self, rest: &str) -> bool {
        let makers = ["", ".create()", ".extend()", ".instance()", ".defaults()", "()"];
        self.is_callable && makers.contains(&rest)
    }

    /// Plain names between the library and the method: parts of an SDK, ready-made clients.
    fn is_part_of_client(&self, step: &str) -> bool {
        self.is_sdk
            || matches!(
                step,
                "default" | "DefaultClient" | "axiosRef" | "HTTPClient" | "client" | "sessions" | "Session" | "Builder"
            )
    }

    /// Its chains name verbs before the request goes out.
    fn is_builder(&self) -> bool {
        matches!(self.name, "WebClient" | "RestClient" | "resty" | "Laravel Http" | "Unirest")
    }
}

/// Whether a name is made of words, and that is one of them: `create` of `create_issue` and of `createIssue`.
fn has_word(name: &str, word: &str) -> bool {
    let camel = name.strip_prefix(word).is_some_and(|rest| rest.starts_with(|letter: char| letter.is_uppercase()));
    camel || (name.contains('_') && name.split('_').any(|part| part == word))
}

/// What follows a root in a path. Packages and namespaces may come before it where imports name classes.
fn rest_after<'p>(path: &'p str, root: &str, language: Language) -> Option<&'p str> {
    let by_class =
        matches!(language, Language::Java | Language::Kotlin | Language::CSharp | Language::Php | Language::Ruby);
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with('.') || rest.starts_with("()");
    if let Some(rest) = path.strip_prefix(root).filter(|rest| is_end(rest)) {
        return Some(rest);
    }
    if !by_class {
        return None;
    }
    let at = path.find(&format!(".{root}"))?;
    // Only a package may come before: no call.
    let before = path.get(..at)?;
    let rest = path.get(at + 1 + root.len()..)?;
    (is_end(rest) && !before.contains('(') && !root.contains('.')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_send_are_told_from_those_that_do_not() {
        let name = |path, language| sending(path, language).map(|(library, verb)| format!("{} {verb}", library.name));
        let js = Language::TypeScript;
        assert_eq!(name("axios.create().get", js).as_deref(), Some("axios get"));
        assert_eq!(name("axios.create()", js).as_deref(), Some("axios "));
        assert_eq!(name("fetch", js).as_deref(), Some("fetch "));
        assert_eq!(name("axios.create().interceptors.response.use", js), None);
        assert_eq!(name("axios.get().headers.get", js), None);
        assert_eq!(name("axios.create", js), None);
        assert_eq!(name("stripe().customers.list", js).as_deref(), Some("Stripe list"));
        assert_eq!(name("requests.Session().headers.get", Language::Python), None);
        assert_eq!(name("requests.Session().get", Language::Python).as_deref(), Some("requests get"));
        assert_eq!(name("net/http.Client().Do", Language::Go).as_deref(), Some("net/http Do"));
        assert_eq!(name("net/http.Request().Header.Get", Language::Go), None);
        assert_eq!(
            name("okhttp3.OkHttpClient.Builder().readTimeout().build().newCall", Language::Java).as_deref(),
            Some("OkHttp newCall")
        );
        assert_eq!(name("io.ktor.client.HttpClient().get", Language::Kotlin).as_deref(), Some("Ktor get"));
        assert_eq!(
            name("System.Net.Http.HttpClient().GetAsync", Language::CSharp).as_deref(),
            Some("HttpClient GetAsync")
        );
        assert_eq!(name("Net.HTTP.start().get", Language::Ruby).as_deref(), Some("Net::HTTP get"));
    }
}
