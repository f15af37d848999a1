//! Clients that repeat by themselves or can be told to, with what their documentation says of their defaults.

use super::retriers::Retrier;

const SERVER: &[(f64, f64)] = &[(500.0, 599.0)];
const USUAL: &[(f64, f64)] = &[(408.0, 408.0), (413.0, 413.0), (429.0, 429.0), (500.0, 500.0), (502.0, 504.0)];
const RESILIENCE: &[(f64, f64)] = &[(408.0, 408.0), (429.0, 429.0), (500.0, 599.0)];

/// A row for a client; what is not said here is nothing.
const CLIENT: Retrier = Retrier {
    name: "",
    path: &[],
    most: Some(3.0),
    retries: &[
        "limit",
        "retries",
        "maxretries",
        "retry",
        "max",
        "retrymax",
        "setretrycount",
        "maxretryattempts",
        "total",
    ],
    attempts: &["attempts", "maxattempts"],
    unit: 1e-3,
    first: &["delay", "mintimeout", "interval", "retrydelay", "setretrywaittime", "retrywaitmin", "starttimeout"],
    first_default: 0.0,
    factor: &["factor", "timeoutfactor", "multiplier"],
    factor_default: 1.0,
    statuses: &[],
    any_error: false,
    is_for_safe_methods: false,
    is_told: false,
};

#[rustfmt::skip]
pub(super) const GOT: Retrier = Retrier { name: "got", most: Some(2.0), first_default: 1.0, factor_default: 2.0, statuses: USUAL, is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const KY: Retrier = Retrier { name: "ky", most: Some(2.0), first_default: 0.3, factor_default: 2.0, statuses: USUAL, is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const OFETCH: Retrier = Retrier { name: "ofetch", most: Some(1.0), statuses: USUAL, is_for_safe_methods: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const AXIOS_RETRY: Retrier = Retrier { name: "axios-retry", statuses: &[(429.0, 429.0), (500.0, 599.0)], is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const RETRY_AXIOS: Retrier = Retrier { name: "retry-axios", first_default: 0.1, factor_default: 2.0, statuses: &[(429.0, 429.0), (500.0, 599.0)], is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const UNDICI: Retrier = Retrier { name: "undici's RetryAgent", most: Some(5.0), first_default: 0.5, factor_default: 2.0, statuses: &[(429.0, 429.0), (500.0, 500.0), (502.0, 504.0)], is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const FETCH_RETRY: Retrier = Retrier { name: "fetch-retry", first_default: 1.0, ..CLIENT };
#[rustfmt::skip]
pub(super) const RETRYABLEHTTP: Retrier = Retrier { name: "go-retryablehttp", most: Some(4.0), unit: 1e-9, first_default: 1.0, factor_default: 2.0, statuses: &[(429.0, 429.0), (500.0, 500.0), (502.0, 599.0)], is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const RESTY: Retrier = Retrier { name: "resty", most: Some(0.0), unit: 1e-9, first_default: 0.1, factor_default: 2.0, ..CLIENT };
#[rustfmt::skip]
pub(super) const KTOR: Retrier = Retrier { name: "Ktor's HttpRequestRetry", most: Some(3.0), retries: &["maxretries", "retryonservererrors", "retryonexceptionorservererrors", "retryonexception", "retryif"], first: &["constantdelay", "basedelayms"], first_default: 1.0, factor: &["base"], factor_default: 2.0, statuses: SERVER, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const RESILIENCE_HANDLER: Retrier = Retrier { name: "the standard resilience handler", unit: 1.0, first_default: 2.0, factor_default: 2.0, statuses: RESILIENCE, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const POLLY: Retrier = Retrier { name: "Polly", retries: &["waitandretryasync", "waitandretry", "retryasync", "retry", "retrycount", "maxretryattempts"], unit: 1.0, first: &["medianfirstretrydelay", "initialdelay", "delay"], first_default: 1.0, ..CLIENT };
#[rustfmt::skip]
pub(super) const REACTOR: Retrier = Retrier { name: "Reactor's Retry", retries: &["backoff", "fixeddelay", "max", "retry"], unit: 1.0, first_default: 1.0, any_error: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const FARADAY: Retrier = Retrier { name: "faraday-retry", most: Some(2.0), unit: 1.0, factor: &["backofffactor"], is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const GUZZLE: Retrier = Retrier { name: "Guzzle's retry middleware", most: None, first_default: 1.0, factor_default: 2.0, ..CLIENT };
#[rustfmt::skip]
pub(super) const LARAVEL: Retrier = Retrier { name: "Laravel's retry", any_error: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const SYMFONY: Retrier = Retrier { name: "RetryableHttpClient", retries: &["maxretries"], first: &["delayms"], first_default: 1.0, factor: &["multiplier"], factor_default: 2.0, statuses: &[(429.0, 429.0), (500.0, 500.0), (502.0, 504.0)], is_for_safe_methods: true, is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const STRIPE: Retrier = Retrier { name: "Stripe's client", most: Some(2.0), retries: &["maxnetworkretries"], first_default: 0.5, factor_default: 2.0, statuses: &[(409.0, 409.0), (500.0, 599.0)], is_told: true, ..CLIENT };
#[rustfmt::skip]
pub(super) const JIRA: Retrier = Retrier { name: "the Jira client", most: Some(3.0), unit: 1.0, first_default: 1.0, factor_default: 2.0, statuses: &[(429.0, 429.0)], is_told: true, ..CLIENT };
