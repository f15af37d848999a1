//! What a live run is to do: everything that it takes from outside, as arguments.

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use std::time::Duration;
use url::{Host, Url};

/// The vendor's API.
pub const API: &str = "https://api.getmaintainx.com/v1";
/// The vendor's status page, as data.
pub const STATUS_PAGE: &str = "https://status.getmaintainx.com/en/index.json";

/// A live run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub api_url: Url,
    pub status_url: Url,
    pub service_url: Option<Url>,
    pub metrics_url: Option<Url>,
    /// Sent as `x-organization-id`, and only when it is configured.
    pub organization: Option<u64>,
    /// How long a roll-out may take.
    pub wait: Duration,
    /// The version that has to answer at the end of the roll-out.
    pub expected_version: Option<String>,
    /// Counters of the service that have to be there and to move.
    pub counters: Vec<String>,
    /// Services on private, loopback and link-local addresses may be probed.
    pub allow_private: bool,
    /// Test orders of earlier runs are swept at this age.
    pub older_than: Duration,
    /// More certificate authorities, as PEM.
    pub ca_bundle: Option<Vec<u8>>,
    /// Proxies are taken from here and from nowhere else.
    pub use_system_proxy: bool,
    pub timing: Timing,
    /// Why no API question is put, where none is.
    pub without_api: Option<super::Withheld>,
    /// Why no service is probed, where none is.
    pub without_service: Option<super::Withheld>,
}

/// How long things may take. Tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// One request, from the first byte to the last one of the answer.
    pub request: Duration,
    pub connect: Duration,
    /// How long a second lasts that a server tells to wait, or that lies between two tries.
    pub second: Duration,
    /// Between two looks at a roll-out.
    pub poll: Duration,
    /// For the clean-up after a signal. The runner grants 7.5 s and 2.5 s more; the rest is for the reports.
    pub grace: Duration,
    /// For everything but the roll-out and the clean-up.
    pub longest: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(15),
            connect: Duration::from_secs(5),
            second: Duration::from_secs(1),
            poll: Duration::from_secs(5),
            grace: Duration::from_millis(7_800),
            longest: Duration::from_secs(600),
        }
    }
}

impl Plan {
    /// A run against the API at this address, with nothing else configured.
    pub fn new(api_url: Url) -> Self {
        // The address is a constant: a test holds that it is one.
        let status_url = Url::parse(STATUS_PAGE).unwrap_or_else(|_| api_url.clone());
        Self {
            api_url,
            status_url,
            service_url: None,
            metrics_url: None,
            organization: None,
            wait: Duration::ZERO,
            expected_version: None,
            counters: Vec::new(),
            allow_private: false,
            older_than: Duration::from_secs(3600),
            ca_bundle: None,
            use_system_proxy: true,
            timing: Timing::default(),
            without_api: None,
            without_service: None,
        }
    }
}

/// The address of the API: TLS, except on this machine, and nothing in it but host, port and path.
pub fn api_url(text: &str) -> anyhow::Result<Url> {
    let mut url = Url::parse(text.trim()).with_context(|| "--api-url is no URL")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => bail!(
            "--api-url has to begin with https:// (http only on a loopback address): the key would be sent in the clear"
        ),
        other => bail!("--api-url has the scheme {other}: https is needed"),
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        bail!("--api-url may hold a host, a port and a path only");
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// The address of a service: http or https.
pub fn service_url(text: &str, flag: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text.trim()).with_context(|| format!("{flag} is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        bail!("{flag} has to begin with http:// or https://");
    }
    Ok(url)
}

/// The URL names this machine. A name is only taken for it when it is `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The mark of a run: when it began, and eight random digits. It makes the order's title unique.
pub fn run_mark(now: Timestamp, random: u64) -> String {
    let moment = now.strftime("%Y%m%dT%H%M%SZ");
    format!("{moment}-{:012x}", random & 0xffff_ffff_ffff)
}

/// A duration as people write it: `90s`, `5m`, `1h`, `1h30m`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let form = || format!("`{text}` is no duration: write 90s, 5m or 1h");
    let (mut total, mut digits) = (0_u64, String::new());
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let factor = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(form()),
        };
        let number: u64 = digits.parse().map_err(|_| form())?;
        total = number.checked_mul(factor).and_then(|part| total.checked_add(part)).ok_or_else(form)?;
        digits.clear();
    }
    // A bare number would leave the unit to guessing; zero needs none.
    let is_whole = digits.is_empty() || digits == "0";
    if text.trim().is_empty() || !is_whole { Err(form()) } else { Ok(Duration::from_secs(total)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_nowhere_without_tls() {
        assert!(api_url(API).is_ok() && Url::parse(STATUS_PAGE).is_ok());
        for good in ["http://127.0.0.1:4010/v1/", "http://localhost:1/v1", "http://[::1]:1", "https://proxy.example/v1"]
        {
            assert!(api_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.getmaintainx.com/v1",
            "http://127.0.0.1.nip.io/v1",
            "http://localhost.evil.example",
            "ftp://x",
            "x",
        ] {
            assert!(api_url(bad).is_err(), "{bad}");
        }
        for bad in ["https://u:p@host/v1", "https://host/v1?x=1", "https://host/v1#a"] {
            assert!(api_url(bad).is_err(), "{bad}");
        }
        assert_eq!(api_url("https://host/v1/").unwrap().as_str(), "https://host/v1");
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text: &str| duration(text).ok().map(|found| found.as_secs());
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("5m"), Some(300));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("0"), Some(0));
        for bad in ["", "5", "m", "5x", "-1s", "99999999999999999999h", "99999999999999999h"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_mark_of_a_run_holds_its_moment() {
        let now: Timestamp = "2026-11-24T00:06:54Z".parse().unwrap();
        assert_eq!(run_mark(now, 0xdead_beef_0000_1234), "20261124T000654Z-beef00001234");
    }
}
