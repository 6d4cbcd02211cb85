//! Fetching a page of another site: never from this machine or its network, whatever the site's name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Client, redirect};
use url::{Host, Url};

use super::client::{Http, USER_AGENT};
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// How long all redirects and the page may take together.
const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_REDIRECTS: usize = 5;

/// A page, or its begin.
pub(crate) struct PublicPage {
    /// After the redirects.
    pub url: Url,
    /// In lower case, without parameters; empty if the site sent none.
    pub media_type: String,
    pub body: Vec<u8>,
    /// Whether the body is only its first bytes.
    pub is_truncated: bool,
}

impl Http {
    /// Gets a page or a picture of another site without any credentials, and at most `max_bytes` of it. The host must be public:
    /// for each redirect the addresses are checked after the name is resolved. Only `sandbox`, on this machine, is accepted too.
    ///
    /// # Errors
    /// `bad_input` for a host that is not public, `network` for every other reason; the message is the reason alone.
    pub(crate) async fn fetch_public(&self, url: &Url, sandbox: Option<&Url>, max_bytes: usize) -> Result<PublicPage> {
        let host = sanitize(url.host_str().unwrap_or_default(), 80);
        let fetch = self.follow(url.clone(), sandbox, max_bytes);
        tokio::time::timeout(TIMEOUT, fetch)
            .await
            .unwrap_or_else(|_| Err(page_error(format!("{host} took longer than {} s to respond.", TIMEOUT.as_secs()))))
    }

    async fn follow(&self, mut url: Url, sandbox: Option<&Url>, max_bytes: usize) -> Result<PublicPage> {
        let client = self.public_client()?;
        for _ in 0..=MAX_REDIRECTS {
            check_host(&url, sandbox)?;
            if self.uses_proxy_for(&url)? {
                return Err(page_error("Behind a proxy, the program cannot check whether the host is public."));
            }
            let host = sanitize(url.host_str().unwrap_or_default(), 80);
            let lost = |error: reqwest::Error| {
                let is_private = source_texts(&error).contains(PRIVATE_ADDRESS);
                let error = error.without_url();
                if is_private {
                    private_host_error(&host)
                } else {
                    page_error(format!("{host} did not respond.")).with_source(error)
                }
            };
            let request = client.get(url.clone()).header(ACCEPT, "text/html,application/xhtml+xml,image/*;q=0.8");
            let mut response = request.send().await.map_err(lost)?;
            let status = response.status();
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            if status.is_redirection() {
                let target = header(LOCATION).and_then(|location| url.join(location).ok());
                url = target.ok_or_else(|| page_error(format!("{host} redirects to no valid URL.")))?;
                continue;
            }
            if !status.is_success() {
                return Err(page_error(format!("{host} responded with {}.", status.as_u16())));
            }
            let media_type = header(CONTENT_TYPE).unwrap_or_default();
            let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            let mut page = PublicPage { url, media_type, body: Vec::new(), is_truncated: false };
            while let Some(chunk) = response.chunk().await.map_err(lost)? {
                let room = max_bytes - page.body.len();
                page.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() > room {
                    page.is_truncated = true;
                    break;
                }
            }
            return Ok(page);
        }
        Err(page_error(format!("It redirects more than {MAX_REDIRECTS} times.")))
    }

    fn public_client(&self) -> Result<Client> {
        let builder = self.client_builder()?;
        let builder = builder.redirect(redirect::Policy::none()).no_proxy().user_agent(USER_AGENT).timeout(TIMEOUT);
        let builder = builder.dns_resolver(Arc::new(PublicResolver)).pool_max_idle_per_host(0);
        builder.build().map_err(|error| page_error("The client could not be created.").with_source(error.without_url()))
    }
}

/// The text of the resolver's error, by which it is recognized among the causes.
const PRIVATE_ADDRESS: &str = "the name resolves to no public address";

fn page_error(reason: impl std::fmt::Display) -> Error {
    Error::new(Code::Network, reason.to_string(), "Enter its title yourself.")
}

fn private_host_error(host: &str) -> Error {
    Error::bad_input(
        format!("{host} is on this machine or in a private network, so nothing is read from it."),
        "Enter its title yourself.",
    )
}

fn source_texts(error: &reqwest::Error) -> String {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Refuses URLs that are not public, as far as they show it: a name is resolved only when it is used.
fn check_host(url: &Url, sandbox: Option<&Url>) -> Result<()> {
    if sandbox.is_some_and(|sandbox| sandbox.origin() == url.origin()) {
        return Ok(());
    }
    let host = sanitize(url.host_str().unwrap_or_default(), 80);
    let is_public = match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        Some(Host::Domain(_)) => true,
        None => false,
    };
    match url.scheme() {
        "http" | "https" if is_public => Ok(()),
        "http" | "https" => Err(private_host_error(&host)),
        _ => Err(page_error("It is not a web page.")),
    }
}

/// Resolves names to public addresses only, so that a connection cannot reach another one.
struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(std::io::Error::other(PRIVATE_ADDRESS).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Returns whether an address is on the public internet (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // This network, carriers' networks, protocol assignments, benchmarks, multicast and reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 224;
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let last = || {
        let [.., a, b, c, d] = address.octets();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        // IPv4 in IPv6: mapped, and as NAT64 reaches it.
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => is_public_v4(last()),
        // 6to4 has the address in the next two words.
        [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Teredo and others of 2001::/23, and the documentation (also 3fff::/20).
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        // Global unicast; everything else is local, multicast or reserved.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::public("93.184.216.34", true)]
    #[case::loopback("127.0.0.1", false)]
    #[case::loopback_elsewhere("127.9.9.9", false)]
    #[case::private_10("10.0.0.1", false)]
    #[case::private_172("172.31.255.255", false)]
    #[case::next_to_private("172.32.0.1", true)]
    #[case::private_192("192.168.1.1", false)]
    #[case::link_local_metadata("169.254.169.254", false)]
    #[case::carrier("100.64.0.1", false)]
    #[case::this_network("0.0.0.0", false)]
    #[case::multicast("224.0.0.1", false)]
    #[case::broadcast("255.255.255.255", false)]
    #[case::public_v6("2606:2800:220:1:248:1893:25c8:1946", true)]
    #[case::loopback_v6("::1", false)]
    #[case::unspecified_v6("::", false)]
    #[case::link_local_v6("fe80::1", false)]
    #[case::unique_local_v6("fd00::1", false)]
    #[case::mapped_private("::ffff:10.0.0.1", false)]
    #[case::mapped_public("::ffff:93.184.216.34", true)]
    #[case::nat64_private("64:ff9b::192.168.1.1", false)]
    #[case::six_to_four_loopback("2002:7f00:1::1", false)]
    #[case::teredo("2001:0:4136:e378::1", false)]
    #[case::documentation_v6("2001:db8::1", false)]
    #[case::newer_documentation_v6("3fff::1", false)]
    #[case::multicast_v6("ff02::1", false)]
    fn only_public_addresses_are_reached(#[case] address: &str, #[case] expected: bool) {
        assert_eq!(is_public(address.parse().unwrap()), expected);
    }

    #[rstest]
    #[case::name("https://example.com/", true)]
    #[case::loopback("http://127.0.0.1:8080/", false)]
    #[case::loopback_as_number("http://2130706433/", false)]
    #[case::loopback_in_hex("http://0x7f.1/", false)]
    #[case::loopback_v6("http://[::1]/", false)]
    #[case::mapped("http://[::ffff:127.0.0.1]/", false)]
    #[case::file("file:///etc/passwd", false)]
    #[case::ftp("ftp://example.com/", false)]
    #[case::sandbox("http://127.0.0.1:9000/page", true)]
    #[case::beside_the_sandbox("http://127.0.0.1:9001/page", false)]
    fn literal_addresses_are_checked(#[case] url: &str, #[case] expected: bool) {
        let sandbox = Url::parse("http://127.0.0.1:9000/").unwrap();
        assert_eq!(check_host(&Url::parse(url).unwrap(), Some(&sandbox)).is_ok(), expected);
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_reached() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
        let error = Http::without_proxy().fetch_public(&url, None, 1024).await.err().unwrap();
        assert_eq!(error.code, Code::BadInput, "{error}");
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "nothing connected");
    }
}
