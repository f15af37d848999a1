//! What the API's answers mean, in words.

use crate::transcript::{Exchange, Transcript};

/// Status and meaning of an answer that is none of success, with the server's own words.
pub(super) fn meaning(exchange: &Exchange, transcript: &Transcript) -> String {
    let Some(status) = exchange.status else {
        return exchange.trouble.clone().unwrap_or_else(|| "no answer".to_owned());
    };
    let told = exchange.error.as_deref();
    let meaning = match status {
        200..300 => {
            exchange.trouble.clone().unwrap_or_else(|| "the answer has not the form that is published".to_owned())
        }
        400 if is_about_organization(told) => {
            "the key belongs to several organizations and none is configured".to_owned()
        }
        400 => "the API refuses the request".to_owned(),
        401 => format!("the key is unknown or was revoked{}", age(transcript)),
        403 => "the key's user has not the right, or the plan has not the feature".to_owned(),
        404 => "there is no such thing, or the key's user may not see it".to_owned(),
        413 => "the request is too large".to_owned(),
        429 => "the quota of 100 requests a minute is used up".to_owned(),
        500.. => "the server failed".to_owned(),
        _ => "an answer that is not published".to_owned(),
    };
    let told = told.map(|told| format!(" ({told})")).unwrap_or_default();
    format!("{status}: {meaning}{told}")
}

fn is_about_organization(told: Option<&str>) -> bool {
    told.is_some_and(|told| told.to_ascii_lowercase().contains("organization"))
}

fn age(transcript: &Transcript) -> String {
    let days = transcript.key.as_ref().and_then(|key| key.age_days);
    days.map(|days| format!("; it was made {days} days ago")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{KeyFacts, Step};

    #[test]
    fn a_refusal_says_what_it_is_about() {
        let key = KeyFacts { age_days: Some(143), ..KeyFacts::default() };
        let transcript = Transcript { key: Some(key), ..Transcript::default() };
        let meaning = |status: Option<u16>, error: Option<&str>| {
            let error = error.map(str::to_owned);
            let (request, seen) = ("GET /".to_owned(), serde_json::Map::new());
            let exchange = Exchange { n: 1, step: Step::ApiAccess, request, status, ms: 0, trouble: None, error, seen };
            super::meaning(&exchange, &transcript)
        };
        assert_eq!(meaning(Some(401), None), "401: the key is unknown or was revoked; it was made 143 days ago");
        let missing = meaning(Some(400), Some("Missing x-organization-id header."));
        assert_eq!(
            missing,
            "400: the key belongs to several organizations and none is configured (Missing x-organization-id header.)"
        );
        assert_eq!(meaning(Some(502), Some("an HTML page")), "502: the server failed (an HTML page)");
        assert_eq!(meaning(None, None), "no answer");
    }
}
