//! The names that languages and libraries give the statuses of an answer, and what is asked of them.

use super::value::plain;

/// Names of statuses, plain. Source: RFC 9110 and RFC 6585, in the spelling of every library.
const NAMES: [(&str, f64); 20] = [
    ("ok", 200.0),
    ("created", 201.0),
    ("nocontent", 204.0),
    ("badrequest", 400.0),
    ("unauthorized", 401.0),
    ("forbidden", 403.0),
    ("notfound", 404.0),
    ("requesttimeout", 408.0),
    ("conflict", 409.0),
    ("preconditionfailed", 412.0),
    ("unprocessableentity", 422.0),
    ("tooearly", 425.0),
    ("toomanyrequests", 429.0),
    ("toomany", 429.0),
    ("internalservererror", 500.0),
    ("internalerror", 500.0),
    ("notimplemented", 501.0),
    ("badgateway", 502.0),
    ("serviceunavailable", 503.0),
    ("gatewaytimeout", 504.0),
];

/// The status that a constant is: `HttpStatus.TOO_MANY_REQUESTS`, `http.StatusBadGateway`, `:too_many_requests`.
pub(super) fn named(name: &str) -> Option<f64> {
    // `HTTP_429_TOO_MANY_REQUESTS`.
    let letters: String = name.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let plain = plain(&letters);
    let bare = plain.strip_prefix("http").unwrap_or(&plain);
    let bare = bare.strip_prefix("status").or(bare.strip_prefix("sc")).unwrap_or(bare);
    NAMES.iter().find(|(own, _)| *own == bare).map(|(_, status)| *status)
}

/// The first status of a family that is asked for by name: `is5xxServerError`, `server_error?`.
pub(super) fn asked(name: &str, status: f64) -> Option<bool> {
    let plain = plain(name);
    let family = (status / 100.0).floor();
    Some(match plain.as_str() {
        "ok"
        | "issuccessful"
        | "issuccess"
        | "issuccessstatuscode"
        | "success"
        | "successful"
        | "isok"
        | "is2xxsuccessful" => family == 2.0,
        "is5xxservererror" | "isservererror" | "servererror" | "is5xx" => family == 5.0,
        "is4xxclienterror" | "isclienterror" | "clienterror" | "is4xx" => family == 4.0,
        "iserror" | "failed" | "error" | "iserrorstatuscode" => status >= 400.0,
        "isredirect" | "redirect" | "is3xxredirection" => family == 3.0,
        "toomanyrequests" | "istoomanyrequests" => status == 429.0,
        "notfound" | "isnotfound" => status == 404.0,
        "unauthorized" | "isunauthorized" => status == 401.0,
        "forbidden" => status == 403.0,
        _ => return None,
    })
}

/// Whether a member of an answer or an error is its status.
pub(super) fn is_status(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "status"
            | "statuscode"
            | "getstatus"
            | "getstatuscode"
            | "getstatuscodevalue"
            | "getrawstatuscode"
            | "rawstatuscode"
            | "httpstatus"
            | "httpstatuscode"
            | "code"
            | "getcode"
            | "responsecode"
            | "getresponsecode"
            | "httpcode"
            | "value"
            | "intvalue"
            | "responsestatus"
    )
}

/// The types that an error about an answer is caught by, besides those that catch everything.
pub(super) fn catches(type_name: &str, class: &str, status: f64) -> bool {
    let wanted = plain(type_name);
    if wanted == plain(class) {
        return true;
    }
    let has = |word: &str| wanted.contains(word);
    if has("toomanyrequests") || has("ratelimit") {
        return status == 429.0;
    }
    if has("serviceunavailable") {
        return status == 503.0;
    }
    if has("notfound") || has("unauthorized") || has("forbidden") || has("badrequest") {
        return named(type_name.trim_end_matches("Error").trim_end_matches("Exception")) == Some(status);
    }
    if has("internalservererror") {
        return status == 500.0;
    }
    if has("timeout") || has("connect") || has("socket") || has("transport") || has("network") || has("abort") {
        return false;
    }
    if has("servererror") || has("serverresponse") || wanted == "serverexception" {
        return status >= 500.0;
    }
    let is_family = (has("httpclienterror") || wanted == "clienterror" || wanted == "clientexception")
        && !class.starts_with("aiohttp");
    if is_family || (wanted == "clientrequestexception" && class.contains("ktor")) {
        return (400.0..500.0).contains(&status);
    }
    ["http", "request", "response", "status", "client", "api", "faraday", "guzzle", "axios", "urlerror"]
        .iter()
        .any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_known_by_their_names() {
        for name in ["TOO_MANY_REQUESTS", "StatusTooManyRequests", "TooManyRequests", "HTTP_TOO_MANY_REQUESTS"] {
            assert_eq!(named(name), Some(429.0), "{name}");
        }
        assert_eq!(named("SC_BAD_GATEWAY"), Some(502.0));
        assert_eq!(named("status"), None);
    }

    #[test]
    fn errors_are_caught_by_what_they_are_about() {
        assert!(catches("requests.exceptions.HTTPError", "requests.HTTPError", 503.0));
        assert!(catches("HttpServerErrorException", "RestTemplate", 503.0));
        assert!(!catches("HttpServerErrorException", "RestTemplate", 429.0));
        assert!(!catches("requests.ConnectionError", "requests.HTTPError", 503.0));
        assert!(!catches("requests.Timeout", "requests.HTTPError", 503.0));
    }
}
