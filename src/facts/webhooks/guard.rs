//! What the code that a delivery runs does to know its sender and to know the delivery again.

use crate::evidence::Span;
use crate::facts::code::{Kind, Node, Operator};

/// Calls that make a keyed hash.
const HASHES: [&str; 12] = [
    "createHmac",
    "createHMAC",
    "hmac.new",
    "hmac.New",
    "hmac.digest",
    "Mac.getInstance",
    "HMACSHA256",
    "HMAC.hexdigest",
    "HMAC.digest",
    "hash_hmac",
    "HmacUtils",
    "subtle.sign",
];
/// Calls that compare in a time that tells nothing.
const COMPARISONS: [&str; 13] = [
    "timingSafeEqual",
    "compare_digest",
    "hmac.Equal",
    "ConstantTimeCompare",
    "MessageDigest.isEqual",
    "FixedTimeEquals",
    "secure_compare",
    "fixed_length_secure_compare",
    "hash_equals",
    "constant_time_compare",
    "safeCompare",
    "safe_compare",
    "subtle.verify",
];
/// A sender's own library, which does it all.
const LIBRARIES: [&str; 7] = [
    "constructEvent",
    "constructEventAsync",
    "construct_event",
    "ConstructEvent",
    "validateRequest",
    "verifyAndReceive",
    "SignatureVerifier",
];
const SERIALISERS: [&str; 8] = [
    "JSON.stringify",
    "json.dumps",
    "to_json",
    "json_encode",
    "writeValueAsString",
    "JsonSerializer.Serialize",
    "SerializeObject",
    "json.Marshal",
];
const CLOCKS: [&str; 12] = [
    "Date.now",
    "time.time",
    "time.Now",
    "Time.now",
    "Time.current",
    "Instant.now",
    "UtcNow",
    "currentTimeMillis",
    "time",
    "datetime.now",
    "datetime.utcnow",
    "time.Since",
];

/// One thing seen.
#[derive(Debug, Clone)]
pub struct Sign {
    pub span: Span,
    pub text: String,
}

/// The signs of a handler, each with its first place.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    pub hash: Option<Sign>,
    pub comparison: Option<Sign>,
    pub library: Option<Sign>,
    /// The signature is compared by an operator.
    pub plain_comparison: Option<Sign>,
    /// The hash is made over text that was put together again.
    pub serialised: Option<Sign>,
    /// The clock is read where the signature is checked.
    pub clock: Option<Sign>,
    /// A header named after MaintainX which it does not send.
    pub unknown_header: Option<Sign>,
}

impl Guard {
    pub(super) fn of(nodes: &[Node<'_>]) -> Self {
        let mut guard = Self::default();
        for node in nodes {
            guard.hash = guard.hash.or_else(|| call(*node, &HASHES));
            guard.comparison = guard.comparison.or_else(|| call(*node, &COMPARISONS));
            guard.library = guard.library.or_else(|| call(*node, &LIBRARIES));
            guard.unknown_header = guard.unknown_header.or_else(|| unknown_header(*node));
        }
        // The functions that check: those that hash or compare, and those that are called only for it.
        let checking =
            nodes.iter().filter(|node| call(**node, &HASHES).or_else(|| call(**node, &COMPARISONS)).is_some());
        for node in checking {
            guard.plain_comparison = guard.plain_comparison.or_else(|| plain_comparison(*node));
            guard.serialised = guard.serialised.or_else(|| call(*node, &SERIALISERS));
            guard.clock = guard.clock.or_else(|| call(*node, &CLOCKS)).or_else(|| clock_property(*node));
        }
        let reads_time = |node: &&Node<'_>| node.text().to_ascii_lowercase().contains("timestamp");
        let beside = nodes.iter().filter(reads_time).find_map(|node| call(*node, &CLOCKS));
        guard.clock = guard.clock.or(beside);
        guard
    }
}

/// .NET reads the clock like a field: `DateTimeOffset.UtcNow`.
fn clock_property(node: Node<'_>) -> Option<Sign> {
    let found = node.walk().find(|inner| matches!(inner.kind(), Kind::Member { property: "UtcNow", .. }))?;
    Some(Sign { span: found.span(), text: "UtcNow".to_owned() })
}

/// The first call of any of these names.
fn call(node: Node<'_>, names: &[&str]) -> Option<Sign> {
    node.walk().filter_map(Node::as_call).find_map(|call| {
        let path = call.callee.text();
        let is_called =
            |name: &&&str| path.strip_suffix(**name).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric));
        let name = names.iter().find(is_called)?;
        Some(Sign { span: call.node.span(), text: (*name).to_string() })
    })
}

/// `signature !== expected`, `received.equals(expected)`.
fn plain_comparison(node: Node<'_>) -> Option<Sign> {
    let speaks = |side: Node<'_>| {
        let name = side.leaf().to_ascii_lowercase();
        ["signature", "digest", "hmac", "expected", "computed", "hash"].iter().any(|word| name.contains(word))
    };
    node.walk().find_map(|inner| match inner.kind() {
        Kind::Binary { operator: Operator::Equal | Operator::NotEqual, left, right }
            if speaks(left) && speaks(right) && left.leaf() != "length" =>
        {
            Some(Sign { span: inner.span(), text: inner.text().to_owned() })
        }
        Kind::Call(call) if matches!(call.method(), "equals" | "equalsIgnoreCase" | "Equals") => {
            let argument = call.argument(0)?;
            let own = call.receiver()?;
            (speaks(argument) && speaks(own)).then(|| Sign { span: inner.span(), text: inner.text().to_owned() })
        }
        _ => None,
    })
}

fn unknown_header(node: Node<'_>) -> Option<Sign> {
    node.walk().find_map(|inner| {
        let header = inner.as_str()?.to_ascii_lowercase().replace('_', "-");
        let header = header.trim_start_matches("http-");
        let is_known = ["x-maintainx-webhook-body-signature", "x-maintainx-webhook-uri-signature"].contains(&header);
        (header.starts_with("x-maintainx-") && !is_known).then(|| Sign { span: inner.span(), text: header.to_owned() })
    })
}
