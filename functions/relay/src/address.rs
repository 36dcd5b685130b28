//! Which addresses events may be sent to: public ones.
//!
//! A subscriber names a host, and whoever controls its name decides where it leads. So what
//! is checked is each address that a connection is made to, after the name was resolved: a
//! name that leads somewhere else the next time does not help.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use thiserror::Error;

/// How far events may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses, over HTTPS.
    #[default]
    Public,
    /// Also to this machine, and there without TLS: for the local stack, where it says so.
    PublicAndLoopback,
}

/// Why events are not sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It is no URL of a server.
    #[error("give a URL such as https://example.com/events, without a user or a fragment")]
    NoUrl,
    /// It is not encrypted.
    #[error("only https:// is sent to")]
    NotHttps,
    /// It is of a network that only machines within it reach.
    #[error("only public addresses are sent to")]
    NotPublic,
}

impl Refused {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        match self {
            Refused::NoUrl => "ADDRESS_NO_URL",
            Refused::NotHttps => "ADDRESS_NOT_HTTPS",
            Refused::NotPublic => "ADDRESS_NOT_PUBLIC",
        }
    }
}

impl Reach {
    /// Checks what a URL says by itself; where its host is a name, the name is checked when
    /// it is resolved.
    ///
    /// # Errors
    ///
    /// [`Refused`] when nothing is sent there.
    pub fn check(self, url: &str) -> Result<Url, Refused> {
        let url: Url = url.parse().map_err(|_| Refused::NoUrl)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Refused::NoUrl)?;
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.fragment().is_some() {
            return Err(Refused::NoUrl);
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let here = match literal {
            Ok(address) => is_loopback(address),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        match (url.scheme(), self) {
            ("https", _) => {}
            ("http", Reach::PublicAndLoopback) if here => {}
            _ => return Err(Refused::NotHttps),
        }
        // A literal is never resolved.
        match literal {
            Ok(address) if !self.reaches(address) => Err(Refused::NotPublic),
            _ => Ok(url),
        }
    }

    fn reaches(self, address: IpAddr) -> bool {
        is_public(address) || (self == Reach::PublicAndLoopback && is_loopback(address))
    }

    /// The resolver that gives only addresses within reach.
    pub(crate) fn resolver(self) -> Arc<impl Resolve> {
        Arc::new(Resolver(self))
    }

    /// The addresses that a name leads to. One that is out of reach refuses them all: a name
    /// that leads both outside and inside is no honest one.
    fn within(self, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refused> {
        match addresses.iter().all(|address| self.reaches(address.ip())) {
            true => Ok(addresses),
            false => Err(Refused::NotPublic),
        }
    }
}

struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let addresses: Addrs = Box::new(reach.within(found)?.into_iter());
            Ok(addresses)
        })
    }
}

fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|it| it.is_loopback())
        }
    }
}

/// Whether an address is of the public internet (IANA special-purpose address registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, ..)
            | (100, 64..=127, _)      // shared by carriers
            | (169, 254, _)           // link-local, and the metadata of clouds
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)         // protocol assignments, documentation
            | (192, 88, 99)           // 6to4 relays
            | (192, 168, _)
            | (198, 18..=19, _)       // benchmarks
            | (198, 51, 100)          // documentation
            | (203, 0, 113)           // documentation
            | (224.., ..) // multicast, reserved, broadcast
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, ..] = address.segments();
    let [.., w, x, y, z] = address.octets();
    let last = Ipv4Addr::new(w, x, y, z);
    match (a, b, c, d, e, f) {
        // IPv4 in IPv6: mapped, and translated by NAT64.
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => is_public_v4(last),
        // 6to4, whose IPv4 address follows.
        (0x2002, ..) => {
            let ([w, x], [y, z]) = (b.to_be_bytes(), c.to_be_bytes());
            is_public_v4(Ipv4Addr::new(w, x, y, z))
        }
        // Protocol assignments, Teredo among them; documentation.
        (0x2001, 0..=0x1ff, ..) | (0x2001, 0xdb8, ..) | (0x3fff, 0..=0xfff, ..) => false,
        // Global unicast is here; loopback, local, link-local, unique-local and multicast
        // addresses are not.
        (a, ..) => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: [&str; 34] = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:c0a8:101::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    const PUBLIC: [&str; 9] = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "2606:4700:4700::1111",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_public_addresses_are_reached() {
        for text in PRIVATE {
            assert!(!Reach::Public.reaches(address(text)), "{text}");
        }
        for text in PUBLIC {
            assert!(Reach::Public.reaches(address(text)), "{text}");
        }
        for text in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!(Reach::PublicAndLoopback.reaches(address(text)), "{text}");
        }
        for text in ["10.0.0.1", "169.254.169.254", "::ffff:192.168.0.1", "fd00::1"] {
            assert!(!Reach::PublicAndLoopback.reaches(address(text)), "{text}");
        }
    }

    #[test]
    fn what_a_url_says_by_itself_is_checked() {
        let cases = [
            ("https://example.com/events?a=b", Ok(())),
            ("https://example.com:8443/", Ok(())),
            ("https://[2606:4700:4700::1111]/", Ok(())),
            ("http://example.com/", Err(Refused::NotHttps)),
            ("http://127.0.0.1/", Err(Refused::NotHttps)),
            ("ftp://example.com/", Err(Refused::NotHttps)),
            ("file:///etc/passwd", Err(Refused::NoUrl)),
            ("example.com", Err(Refused::NoUrl)),
            ("https://", Err(Refused::NoUrl)),
            ("https://ada:secret@example.com/", Err(Refused::NoUrl)),
            ("https://example.com/#here", Err(Refused::NoUrl)),
            ("https://127.0.0.1/", Err(Refused::NotPublic)),
            // Other ways to write 127.0.0.1 and 169.254.169.254.
            ("https://0x7f.1/", Err(Refused::NotPublic)),
            ("https://2130706433/", Err(Refused::NotPublic)),
            ("https://0251.0376.0251.0376/", Err(Refused::NotPublic)),
            ("https://[::ffff:a9fe:a9fe]/", Err(Refused::NotPublic)),
            ("https://[::1]/", Err(Refused::NotPublic)),
        ];
        for (url, expected) in cases {
            assert_eq!(Reach::Public.check(url).map(|_| ()), expected, "{url}");
        }
        let here = |url| Reach::PublicAndLoopback.check(url).map(|_| ());
        for url in ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "https://[::1]/"] {
            assert_eq!(here(url), Ok(()), "{url}");
        }
        assert_eq!(here("http://10.0.0.1/"), Err(Refused::NotHttps));
        assert_eq!(here("https://10.0.0.1/"), Err(Refused::NotPublic));
        assert_eq!(here("http://example.com/"), Err(Refused::NotHttps));
    }

    #[tokio::test]
    async fn a_name_is_refused_for_where_it_leads() {
        let resolve = |reach: Reach| async move {
            let name = "localhost".parse().expect("a name");
            reach.resolver().resolve(name).await.map(Iterator::count)
        };
        let refused = resolve(Reach::Public).await.expect_err("it leads to this machine");
        assert_eq!(refused.downcast_ref::<Refused>(), Some(&Refused::NotPublic));
        assert!(resolve(Reach::PublicAndLoopback).await.expect("an address") > 0);
        let both = vec![(address("8.8.8.8"), 0).into(), (address("10.0.0.1"), 0).into()];
        assert_eq!(Reach::Public.within(both), Err(Refused::NotPublic));
    }
}
