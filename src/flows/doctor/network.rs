//! `network`: proxy, certificates, both hosts, and the clock against theirs.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

use super::check::Check;
use super::words::Words;
use crate::clock::Clock;
use crate::config::{Network, Settings};
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::{DISCOVERY, USERINFO, is_loopback};
use crate::linkedin::http::{Http, certificates};
use crate::profile::Profile;
use crate::{Code, Error, Result};

/// How long each host is waited for.
const WAIT: Duration = Duration::from_secs(5);
/// A clock may be this wrong.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Where LinkedIn tells of its own troubles.
const STATUS_PAGE: &str = "https://www.linkedin-apistatus.com/";

/// A host's answer.
pub(super) struct Asked {
    url: Url,
    result: Result<Answered>,
}

struct Answered {
    status: u16,
    took: Duration,
    /// How far the host's clock is ahead of this machine's.
    ahead: Option<SignedDuration>,
    /// Is the body data, as this address gives it?
    data: Result<()>,
}

/// The answers of www and api, or why neither could be asked.
pub(super) type Hosts = Result<(Asked, Asked)>;

/// Asks both hosts at once for something that needs no token.
pub(super) async fn ask(http: &Http, endpoints: &Endpoints, clock: &dyn Clock) -> (Asked, Asked) {
    tokio::join!(ask_one(http, endpoints.www(DISCOVERY), clock), ask_one(http, endpoints.api(USERINFO), clock))
}

async fn ask_one(http: &Http, url: Url, clock: &dyn Clock) -> Asked {
    let since = Instant::now();
    let sent = http.send(Method::GET, url.clone(), HeaderMap::new(), Vec::new());
    let result = match tokio::time::timeout(WAIT, sent).await {
        Err(_) => Err(Error::new(
            Code::Network,
            format!("{} did not answer within {} seconds.", url.host_str().unwrap_or_default(), WAIT.as_secs()),
            "Check the network, then try again.",
        )),
        Ok(answer) => answer.map(|answer| Answered {
            status: answer.status,
            took: since.elapsed(),
            ahead: answer.date.map(|date| date.duration_since(clock.now())),
            data: if answer.is_success() { answer.json::<serde::de::IgnoredAny>().map(drop) } else { Ok(()) },
        }),
    };
    Asked { url, result }
}

/// Judges the hosts' answers and the clock.
pub(super) fn judge(hosts: &Hosts, profiles: &[Profile], now: Timestamp) -> Vec<Check> {
    match hosts {
        Ok((www, api)) => {
            let ahead = [www, api].into_iter().find_map(|one| one.result.as_ref().ok()?.ahead);
            vec![host("network.www", www), host("network.api", api), clock(ahead, profiles, now)]
        }
        Err(error) => {
            let failed = |id| Check::failed(id, error, "", &Words::default());
            vec![failed("network.www"), failed("network.api"), clock(None, profiles, now)]
        }
    }
}

fn host(id: &'static str, asked: &Asked) -> Check {
    let name = asked.url.host_str().unwrap_or_default();
    let known = matches!(name, "www.linkedin.com" | "api.linkedin.com") || is_loopback(&asked.url);
    let said = if known { Words::from(name) } else { Words::default().private(name, "(another host)") };
    match &asked.result {
        Err(error) => Check::failed(id, error, name, &said),
        Ok(answered) if answered.status == 407 => Check::error(
            id,
            Code::Network,
            Words::from("The proxy on the way to ").and(said).text(" wants a name and a password."),
            "Put them into network.proxy in config.toml (http://USER:PASSWORD@HOST:PORT), mode 600.",
        ),
        Ok(answered) if answered.status >= 500 => Check::warning(
            id,
            said.text(&format!(" answers, but has a problem of its own ({}).", answered.status)),
            format!("Try again later; LinkedIn tells of its troubles at {STATUS_PAGE}"),
        ),
        Ok(Answered { data: Err(error), .. }) => Check::failed(id, error, "", &Words::default()),
        Ok(answered) => {
            let tls = if asked.url.scheme() == "https" { "with TLS" } else { "without TLS, on this machine" };
            Check::ok(id, said.text(&format!(" answers {tls} (in {} ms).", answered.took.as_millis())))
        }
    }
}

fn clock(ahead: Option<SignedDuration>, profiles: &[Profile], now: Timestamp) -> Check {
    const ID: &str = "network.clock";
    const MEND: &str = "Set the clock (Linux: timedatectl set-ntp true); the ends of tokens are reckoned by it.";
    // A token cannot have been issued tomorrow.
    let latest = profiles.iter().filter_map(|profile| Some(profile.token.as_ref()?.issued_at)).max();
    match ahead {
        Some(ahead) if ahead.abs() > SKEW => {
            // LinkedIn ahead of us is we behind LinkedIn.
            let side = if ahead.is_negative() { "ahead of" } else { "behind" };
            Check::warning(ID, format!("This machine's clock is {} {side} LinkedIn's.", amount(ahead.abs())), MEND)
        }
        Some(_) => Check::ok(ID, "This machine's clock agrees with LinkedIn's."),
        None if latest.is_some_and(|at| at.duration_since(now) > SKEW) => {
            Check::warning(ID, "This machine's clock looks wrong: a token was saved later than now.", MEND)
        }
        None => Check::warning(
            ID,
            "This machine's clock could not be compared: neither host told the time.",
            "Run this again when the hosts can be reached.",
        ),
    }
}

/// To the nearest minute: both clocks tell whole seconds, and the answer took some time.
fn amount(time: SignedDuration) -> String {
    let time = time.saturating_add(SignedDuration::from_secs(30));
    match (time.as_mins(), time.as_hours()) {
        (minutes, ..2) => format!("{minutes} minutes"),
        (_, hours @ ..48) => format!("{hours} hours"),
        (_, hours) => format!("{} days", hours / 24),
    }
}

/// Judges the way to the network: proxy and certificates in use. Variables come by `get`.
pub(super) fn way(settings: &Settings, get: impl Fn(&str) -> Option<String>) -> Vec<Check> {
    vec![proxy(&settings.network, &get), ca(&settings.network, &get)]
}

fn proxy(network: &Network, get: impl Fn(&str) -> Option<String>) -> Check {
    const ID: &str = "network.proxy";
    const NAMES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let (text, source) = match network.proxy() {
        Some(text) => (text, "network.proxy in config.toml"),
        None => match NAMES.iter().find_map(|name| Some((get(name)?, *name))) {
            Some(found) => found,
            None => return Check::ok(ID, "No proxy is set."),
        },
    };
    let Some(shown) = without_password(&text) else {
        return Check::error(
            ID,
            Code::BadInput,
            format!("The proxy that {source} names is no address."),
            format!("Write http://HOST:PORT into {source}."),
        );
    };
    let words =
        Words::from("Requests go through the proxy ").private(&shown, "(an address)").text(&format!(" ({source})"));
    let spared = get("NO_PROXY").or_else(|| get("no_proxy")).is_some();
    Check::ok(ID, words.text(if spared { ", but for what NO_PROXY names." } else { "." }))
}

/// Scheme, host and port of a proxy, and never its user and password.
fn without_password(text: &str) -> Option<String> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(
        url.port()
            .map_or_else(|| format!("{}://{host}", url.scheme()), |port| format!("{}://{host}:{port}", url.scheme())),
    )
}

fn ca(network: &Network, get: impl Fn(&str) -> Option<String>) -> Check {
    const ID: &str = "network.ca";
    if let Some(file) = network.ca_file() {
        return match certificates(&file) {
            Ok(found) => Check::ok(
                ID,
                Words::from(format!("The system's certificates and {} of ", found.len()))
                    .path(&file)
                    .text(" are trusted."),
            ),
            Err(error) => Check::failed(ID, &error, "", &Words::default()),
        };
    }
    match ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| get(name).is_some()) {
        Some(name) => Check::ok(ID, format!("The certificates that {name} names are trusted.")),
        None => Check::ok(ID, "The system's certificates are trusted."),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::State;
    use super::super::words::Aliases;
    use super::*;
    use crate::profile::{Name, Token};
    use crate::secret::Secret;

    fn asked(url: &str, result: Result<Answered>) -> Asked {
        Asked { url: Url::parse(url).unwrap(), result }
    }

    fn answered(status: u16) -> Answered {
        Answered { status, took: Duration::from_millis(40), ahead: None, data: Ok(()) }
    }

    fn told(check: &Check) -> String {
        check.message.plain(Path::new("/"))
    }

    #[test]
    fn a_host_that_answers_anything_is_reached() {
        for (status, state) in
            [(200, State::Ok), (401, State::Ok), (404, State::Ok), (407, State::Error), (503, State::Warning)]
        {
            let check = host("network.api", &asked("https://api.linkedin.com/v2/userinfo", Ok(answered(status))));
            assert_eq!(check.state, state, "{status}");
        }
        let page = Answered { data: Err(Error::new(Code::UnexpectedResponse, "a web page", "")), ..answered(200) };
        assert_eq!(host("network.www", &asked("https://www.linkedin.com/", Ok(page))).state, State::Error);
        let loopback = host("network.www", &asked("http://127.0.0.1:9/", Ok(answered(200))));
        assert!(told(&loopback).contains("without TLS, on this machine"));
    }

    #[test]
    fn x15_a_companys_host_is_named_on_the_screen_only() {
        let error = Error::new(Code::Network, "No connection to linkedin.acme.example.", "");
        let check = host("network.www", &asked("https://linkedin.acme.example/", Err(error)));
        assert_eq!((check.state, check.code), (State::Error, Some(Code::Network)));
        assert!(told(&check).contains("acme"));
        assert_eq!(check.message.public(&Aliases::default()), "No connection to (another host).");
    }

    #[test]
    fn t23_a_wrong_clock_is_told_with_its_side() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let told = |minutes: Option<i64>| {
            let check = clock(minutes.map(SignedDuration::from_mins), &[], now);
            (check.state, told(&check))
        };
        assert_eq!(told(Some(4)).0, State::Ok);
        assert!(told(Some(10)).1.contains("10 minutes behind"), "{:?}", told(Some(10)));
        assert!(told(Some(-180)).1.contains("3 hours ahead of"));
        assert!(told(Some(60 * 24 * 3)).1.contains("3 days behind"));
        assert_eq!(told(None).0, State::Warning);
    }

    #[test]
    fn k01_without_a_network_a_token_of_tomorrow_shows_a_wrong_clock() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        let issued_at = now + SignedDuration::from_hours(24);
        profile.token =
            Some(Token { access: Secret::new("x"), scopes: vec![], issued_at, expires_at: None, refresh: None });
        assert!(told(&clock(None, &[profile], now)).contains("looks wrong"));
    }

    #[test]
    fn t25_a_proxy_is_named_without_its_password() {
        let with = |setting: &str, variable: Option<&str>| {
            let settings: Settings = toml::from_str(&format!("[network]\nproxy = \"{setting}\"")).unwrap();
            let get = |name: &str| variable.filter(|_| name == "HTTPS_PROXY").map(str::to_owned);
            let check = proxy(&settings.network, get);
            (check.state, told(&check))
        };
        assert_eq!(with("", None).1, "No proxy is set.");
        assert!(with("http://anna:geheim@proxy.corp:3128", None).1.contains("http://proxy.corp:3128 (network.proxy"));
        let (state, words) = with("", Some("anna:geheim@proxy.corp:3128"));
        assert!(
            state == State::Ok && words.contains("proxy.corp:3128 (HTTPS_PROXY)") && !words.contains("geheim"),
            "{words}"
        );
        assert_eq!(with("http://", None).0, State::Error);
    }

    #[test]
    fn certificates_in_use_are_named() {
        let with = |file: &str, variable: Option<&str>| {
            let settings: Settings = toml::from_str(&format!("[network]\nca_file = \"{file}\"")).unwrap();
            ca(&settings.network, |name| variable.filter(|known| *known == name).map(str::to_owned))
        };
        assert_eq!(with("/no/such/file.pem", None).state, State::Error);
        assert!(told(&with("", Some("SSL_CERT_FILE"))).contains("SSL_CERT_FILE"));
        assert_eq!(told(&with("", None)), "The system's certificates are trusted.");
    }
}
