//! `network`: both hosts, and the clock against theirs.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

use super::check::Check;
use super::redactable::{RedactableText, private};
use crate::clock::Clock;
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::{DISCOVERY, USERINFO, is_loopback};
use crate::linkedin::http::Http;
use crate::store::Profile;
use crate::{Code, Error, Result};

/// How long each host may take to respond.
const HOST_TIMEOUT: Duration = Duration::from_secs(5);
/// The difference between this machine's clock and LinkedIn's up to which the clock is ok.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
const STATUS_PAGE: &str = "https://www.linkedin-apistatus.com/";

pub(super) struct HostProbe {
    pub(super) url: Url,
    pub(super) result: Result<HostResponse>,
}

pub(super) struct HostResponse {
    pub(super) status: u16,
    pub(super) elapsed: Duration,
    /// How far the host's clock is ahead of this machine's.
    pub(super) clock_ahead: Option<SignedDuration>,
    /// Why the body of a successful response is not JSON, as this endpoint's is.
    pub(super) body: Result<()>,
}

/// The probes of www and api, or why neither could be sent.
pub(super) type Hosts = Result<(HostProbe, HostProbe)>;

/// Probes both hosts at once with requests that need no token.
pub(super) async fn probe(http: &Http, endpoints: &Endpoints, clock: &dyn Clock) -> (HostProbe, HostProbe) {
    tokio::join!(probe_host(http, endpoints.www(DISCOVERY), clock), probe_host(http, endpoints.api(USERINFO), clock))
}

async fn probe_host(http: &Http, url: Url, clock: &dyn Clock) -> HostProbe {
    let started_at = Instant::now();
    let request = http.send(Method::GET, url.clone(), HeaderMap::new(), Vec::new());
    let result = match tokio::time::timeout(HOST_TIMEOUT, request).await {
        Err(_) => Err(Error::new(
            Code::Network,
            format!(
                "{} did not respond within {} seconds.",
                url.host_str().unwrap_or_default(),
                HOST_TIMEOUT.as_secs()
            ),
            "Check the network, then try again.",
        )),
        Ok(response) => response.map(|response| HostResponse {
            status: response.status,
            elapsed: started_at.elapsed(),
            clock_ahead: response.date.map(|date| date.duration_since(clock.now())),
            body: if response.is_success() { response.fields().map(drop) } else { Ok(()) },
        }),
    };
    HostProbe { url, result }
}

const IDS: [&str; 2] = ["network.www", "network.api"];

/// Evaluates the hosts' responses and the clock.
pub(super) fn evaluate(hosts: &Hosts, profiles: &[Profile], now: Timestamp) -> Vec<Check> {
    match hosts {
        Ok((www, api)) => {
            let clock_ahead = [www, api].into_iter().find_map(|probe| probe.result.as_ref().ok()?.clock_ahead);
            vec![evaluate_host(IDS[0], www), evaluate_host(IDS[1], api), evaluate_clock(clock_ahead, profiles, now)]
        }
        Err(error) => {
            IDS.map(|id| Check::failed(id, error)).into_iter().chain([evaluate_clock(None, profiles, now)]).collect()
        }
    }
}

fn evaluate_host(id: &'static str, probe: &HostProbe) -> Check {
    let name = probe.url.host_str().unwrap_or_default();
    let is_public = matches!(name, "www.linkedin.com" | "api.linkedin.com") || is_loopback(&probe.url);
    let shown = if is_public { RedactableText::from(name) } else { private(name, "(another host)") };
    match &probe.result {
        // The checks of proxy and certificates name the setting, and a path in it.
        Err(error) if error.code == Code::BadInput => Check::error(
            id,
            Code::BadInput,
            shown.and(" was not probed: a network setting is invalid."),
            "See the checks network.proxy and network.ca.",
        ),
        Err(error) => Check::failed_at(id, error, name, &shown),
        Ok(response) if response.status >= 500 => Check::warning(
            id,
            shown.and(format!(" is temporarily unavailable ({}).", response.status)),
            format!("Try again later; LinkedIn reports incidents at {STATUS_PAGE}"),
        ),
        Ok(HostResponse { body: Err(error), .. }) => Check::failed(id, error),
        Ok(response) => {
            let tls = if probe.url.scheme() == "https" { "with TLS" } else { "without TLS, on this machine" };
            // A simulator has one name for both.
            let role = match (is_loopback(&probe.url), id == IDS[0]) {
                (false, _) => "",
                (true, true) => " (sign-in)",
                (true, false) => " (API)",
            };
            Check::ok(id, shown.and(format!("{role} responds {tls} (in {} ms).", response.elapsed.as_millis())))
        }
    }
}

fn evaluate_clock(clock_ahead: Option<SignedDuration>, profiles: &[Profile], now: Timestamp) -> Check {
    const ID: &str = "network.clock";
    const FIX: &str = "Set the clock (Linux: timedatectl set-ntp true); expiry times depend on it.";
    // A token cannot have been issued in the future.
    let latest = profiles.iter().filter_map(|profile| Some(profile.token.as_ref()?.issued_at)).max();
    match clock_ahead {
        Some(ahead) if ahead.abs() > MAX_CLOCK_SKEW => {
            // LinkedIn's clock ahead means that this machine's is behind.
            let side = if ahead.is_negative() { "ahead of" } else { "behind" };
            Check::warning(
                ID,
                format!("This machine's clock is {} {side} LinkedIn's.", format_rounded(ahead.abs())),
                FIX,
            )
        }
        Some(_) => Check::ok(ID, "This machine's clock agrees with LinkedIn's."),
        None if latest.is_some_and(|at| at.duration_since(now) > MAX_CLOCK_SKEW) => {
            Check::warning(ID, "This machine's clock looks wrong: a token was saved later than now.", FIX)
        }
        None => Check::warning(
            ID,
            "This machine's clock could not be compared: neither host sent the time.",
            "Try again when the hosts can be reached.",
        ),
    }
}

/// Formats a time in whole minutes, hours or days: both clocks have whole seconds, and the response took some time.
fn format_rounded(time: SignedDuration) -> String {
    let time = time.saturating_add(SignedDuration::from_secs(30));
    match (time.as_mins(), time.as_hours()) {
        (minutes, ..2) => format!("{minutes} minutes"),
        (_, hours @ ..48) => format!("{hours} hours"),
        (_, hours) => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::CheckState;
    use super::super::redactable::Aliases;
    use super::*;
    use crate::secret::Secret;
    use crate::store::{Name, Token};

    fn host_probe(url: &str, result: Result<HostResponse>) -> HostProbe {
        HostProbe { url: Url::parse(url).unwrap(), result }
    }

    fn response(status: u16) -> HostResponse {
        HostResponse { status, elapsed: Duration::from_millis(40), clock_ahead: None, body: Ok(()) }
    }

    fn message(check: &Check) -> String {
        check.message.plain(Path::new("/"), "linkedin-tui")
    }

    #[test]
    fn a_host_that_responds_with_any_status_is_reachable() {
        for (status, state) in
            [(200, CheckState::Ok), (401, CheckState::Ok), (404, CheckState::Ok), (503, CheckState::Warning)]
        {
            let check =
                evaluate_host("network.api", &host_probe("https://api.linkedin.com/v2/userinfo", Ok(response(status))));
            assert_eq!(check.state, state, "{status}");
        }
        let page = HostResponse { body: Err(Error::new(Code::UnexpectedResponse, "a web page", "")), ..response(200) };
        assert_eq!(
            evaluate_host("network.www", &host_probe("https://www.linkedin.com/", Ok(page))).state,
            CheckState::Error
        );
        let loopback = evaluate_host("network.www", &host_probe("http://127.0.0.1:9/", Ok(response(200))));
        assert!(message(&loopback).contains("without TLS, on this machine"));
    }

    #[test]
    fn x15_a_companys_host_is_named_on_the_screen_only() {
        let error = Error::new(Code::Network, "No connection to linkedin.acme.example.", "");
        let check = evaluate_host("network.www", &host_probe("https://linkedin.acme.example/", Err(error)));
        assert_eq!((check.state, check.code), (CheckState::Error, Some(Code::Network)));
        assert!(message(&check).contains("acme"));
        assert_eq!(check.message.redacted(&Aliases::default()), "No connection to (another host).");
    }

    #[test]
    fn t23_a_wrong_clock_is_reported_as_ahead_or_behind() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let result = |minutes: Option<i64>| {
            let check = evaluate_clock(minutes.map(SignedDuration::from_mins), &[], now);
            (check.state, message(&check))
        };
        assert_eq!(result(Some(4)).0, CheckState::Ok);
        assert!(result(Some(10)).1.contains("10 minutes behind"), "{:?}", result(Some(10)));
        assert!(result(Some(-180)).1.contains("3 hours ahead of"));
        assert!(result(Some(60 * 24 * 3)).1.contains("3 days behind"));
        assert_eq!(result(None).0, CheckState::Warning);
    }

    #[test]
    fn k01_offline_a_token_issued_tomorrow_shows_a_wrong_clock() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        let issued_at = now + SignedDuration::from_hours(24);
        profile.token =
            Some(Token { access: Secret::new("x"), scopes: vec![], issued_at, expires_at: None, refresh: None });
        assert!(message(&evaluate_clock(None, &[profile], now)).contains("looks wrong"));
    }
}
