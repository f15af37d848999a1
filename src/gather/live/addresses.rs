//! Which addresses a probe may connect to, decided at the moment of connecting.
//!
//! The address that was checked is the address that is used: a name that resolves to something else a moment later
//! (DNS rebinding) gains nothing, and a name with one bad address among good ones is refused as a whole.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use url::{Host, Url};

/// What a client may connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Anything,
    /// The public internet only.
    Public,
    /// This machine only.
    Loopback,
}

/// How a name becomes addresses: the system's resolver, or a test's.
pub type Lookup =
    Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>> + Send + Sync>;

/// The resolver of the system.
pub fn system_lookup() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

/// A resolver that hands out an address only when all of the name's addresses are within reach.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) reach: Reach,
    pub(super) lookup: Lookup,
    /// The names it is about. Any other name is that of a proxy, which the owner of the machine chose.
    pub(super) targets: Arc<[String]>,
}

impl Guarded {
    /// Why a name may not be asked. A name that cannot be resolved here is left to the connection, or to the proxy.
    pub(super) async fn refusal(&self, name: &str) -> Option<String> {
        let found = (self.lookup)(name.to_owned()).await.ok()?;
        self.judged(name, &found).err()
    }

    fn judged(&self, name: &str, found: &[SocketAddr]) -> Result<(), String> {
        match found.iter().find_map(|address| refusal(self.reach, address.ip())) {
            Some(reason) if self.targets.iter().any(|target| target == name) => {
                Err(format!("{REFUSED}: {name} {reason}"))
            }
            _ => Ok(()),
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = (guard.lookup)(name.as_str().to_owned()).await?;
            guard.judged(name.as_str(), &found)?;
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Marks an error as our own refusal, so that it is told as one.
pub(super) const REFUSED: &str = "refused by the probe";

/// Why a URL whose host is an address may not be asked. Names are checked when they are resolved.
pub(super) fn literal_refusal(reach: Reach, url: &Url) -> Option<String> {
    let address = match url.host()? {
        Host::Ipv4(address) => IpAddr::V4(address),
        Host::Ipv6(address) => IpAddr::V6(address),
        Host::Domain(_) => return None,
    };
    refusal(reach, address).map(|reason| format!("{REFUSED}: {address} {reason}"))
}

fn refusal(reach: Reach, address: IpAddr) -> Option<&'static str> {
    match reach {
        Reach::Anything => None,
        Reach::Loopback => (!unmapped(address).is_loopback()).then_some("is not on this machine"),
        Reach::Public => inner(address),
    }
}

fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn inner(address: IpAddr) -> Option<&'static str> {
    match unmapped(address) {
        IpAddr::V4(four) => inner4(four),
        IpAddr::V6(six) => inner6(six),
    }
}

/// IPv4 that is not the public internet: RFC 6890 and the metadata services of the clouds.
fn inner4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // Azure's wire server and Oracle's metadata hide behind public looking addresses.
        (168, 63, 129) if address == Ipv4Addr::new(168, 63, 129, 16) => Some("is a metadata address"),
        (192, 0, 0) => Some("is a metadata or reserved address"),
        (169, 254, _) => Some("is a link-local or metadata address"),
        (127, ..) => Some("is a loopback address"),
        (10, ..) | (192, 168, _) => Some("is a private address"),
        (172, 16..=31, _) => Some("is a private address"),
        (100, 64..=127, _) => Some("is a shared or metadata address"),
        (0, ..) | (224..=255, ..) | (198, 18..=19, _) => Some("is a reserved address"),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some("is a documentation address"),
        _ => None,
    }
}

/// IPv6 likewise; where an IPv4 address is wrapped in it (6to4, NAT64), that one decides.
fn inner6(address: Ipv6Addr) -> Option<&'static str> {
    let parts = address.segments();
    let four = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        inner4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("is a loopback address"),
        [0, 0, 0, 0, 0, 0, ..] => Some("is a reserved address"),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        [0x64, 0xff9b, ..] => Some("is a private address"),
        [0x2002, high, low, ..] => four(high, low),
        [0x2001, 0, ..] => Some("is a tunnel address"),
        [0x2001, 0xdb8, ..] => Some("is a documentation address"),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some("is a private or metadata address"),
        [first, ..] if first & 0xffc0 == 0xfe80 => Some("is a link-local address"),
        [first, ..] if first & 0xffc0 == 0xfec0 => Some("is a private address"),
        [first, ..] if first & 0xff00 == 0xff00 => Some("is a multicast address"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(url: &str) -> bool {
        literal_refusal(Reach::Public, &Url::parse(url).unwrap()).is_some()
    }

    #[test]
    fn inner_addresses_need_the_switch_however_they_are_written() {
        let inner = [
            "http://127.0.0.1",
            "http://2130706433",
            "http://0x7f.1",
            "http://0177.0.0.1",
            "http://127.1",
            "http://0",
            "http://10.0.0.1",
            "http://172.16.0.1",
            "http://172.31.255.255",
            "http://192.168.1.1",
            "http://100.64.0.1",
            "http://169.254.169.254/latest/meta-data",
            "http://100.100.100.200",
            "http://192.0.0.192",
            "http://168.63.129.16",
            "http://255.255.255.255",
            "http://224.0.0.1",
            "http://198.18.0.1",
            "http://[::1]",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://[::ffff:a9fe:a9fe]",
            "http://[fd00:ec2::254]",
            "http://[fe80::1]",
            "http://[64:ff9b::7f00:1]",
            "http://[2002:a9fe:a9fe::]",
            "http://[ff02::1]",
            "http://[fec0::1]",
            "http://[2001:0:1::]",
        ];
        for url in inner {
            assert!(refuses(url), "{url}");
        }
        for url in [
            "http://8.8.8.8",
            "http://172.32.0.1",
            "http://100.128.0.1",
            "http://[2606:4700::1111]",
            "http://[64:ff9b::808:808]",
        ] {
            assert!(!refuses(url), "{url}");
        }
        assert!(literal_refusal(Reach::Anything, &Url::parse("http://127.0.0.1").unwrap()).is_none());
        assert!(literal_refusal(Reach::Loopback, &Url::parse("http://8.8.8.8").unwrap()).is_some());
    }

    #[tokio::test]
    async fn a_name_with_one_bad_address_is_refused_as_a_whole() {
        let both = ["93.184.216.34:0", "169.254.169.254:0"].map(|text| text.parse::<SocketAddr>().unwrap());
        let lookup: Lookup = Arc::new(move |_| Box::pin(async move { Ok(both.to_vec()) }));
        let targets: Arc<[String]> = Arc::new(["x.example".to_owned()]);
        let guard = |reach| Guarded { reach, lookup: lookup.clone(), targets: targets.clone() };
        let resolve = |reach| guard(reach).resolve("x.example".parse().unwrap());
        assert!(guard(Reach::Public).resolve("proxy.example".parse().unwrap()).await.is_ok());
        assert!(guard(Reach::Public).refusal("x.example").await.is_some());
        let told = resolve(Reach::Public).await.err().expect("refused").to_string();
        assert!(told.contains(REFUSED) && told.contains("metadata"), "{told}");
        assert_eq!(resolve(Reach::Anything).await.expect("resolved").count(), 2);
    }
}
