//! `network`: both hosts, and the clock against theirs.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::Url;

use super::check::Check;
use super::words::Words;
use crate::clock::Clock;
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::{DISCOVERY, USERINFO, is_loopback};
use crate::linkedin::http::Http;
use crate::store::Profile;
use crate::{Code, Error, Result};

/// How long each host is waited for.
const WAIT: Duration = Duration::from_secs(5);
/// A clock may be this wrong.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Where LinkedIn tells of its own troubles.
const STATUS_PAGE: &str = "https://www.linkedin-apistatus.com/";

/// A host's answer.
pub(super) struct Asked {
    pub(super) url: Url,
    pub(super) result: Result<Answered>,
}

pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) took: Duration,
    /// How far the host's clock is ahead of this machine's.
    pub(super) ahead: Option<SignedDuration>,
    /// Is the body data, as this address gives it?
    pub(super) data: Result<()>,
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
            data: if answer.is_success() { answer.fields().map(drop) } else { Ok(()) },
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
    let detail = if known { Words::from(name) } else { Words::default().private(name, "(another host)") };
    match &asked.result {
        // The lines on the way name the setting, and a path in it.
        Err(error) if error.code == Code::BadInput => Check::error(
            id,
            Code::BadInput,
            detail.text(" was not asked: a setting of the network cannot be used."),
            "Correct what the lines on network.proxy and network.ca name.",
        ),
        Err(error) => Check::failed(id, error, name, &detail),
        Ok(answered) if answered.status >= 500 => Check::warning(
            id,
            detail.text(&format!(" answers, but has a problem of its own ({}).", answered.status)),
            format!("Try again later; LinkedIn tells of its troubles at {STATUS_PAGE}"),
        ),
        Ok(Answered { data: Err(error), .. }) => Check::failed(id, error, "", &Words::default()),
        Ok(answered) => {
            let tls = if asked.url.scheme() == "https" { "with TLS" } else { "without TLS, on this machine" };
            Check::ok(id, detail.text(&format!(" answers {tls} (in {} ms).", answered.took.as_millis())))
        }
    }
}

fn clock(ahead: Option<SignedDuration>, profiles: &[Profile], now: Timestamp) -> Check {
    const ID: &str = "network.clock";
    const FIX: &str = "Set the clock (Linux: timedatectl set-ntp true); the ends of tokens are reckoned by it.";
    // A token cannot have been issued tomorrow.
    let latest = profiles.iter().filter_map(|profile| Some(profile.token.as_ref()?.issued_at)).max();
    match ahead {
        Some(ahead) if ahead.abs() > SKEW => {
            // LinkedIn ahead of us is we behind LinkedIn.
            let side = if ahead.is_negative() { "ahead of" } else { "behind" };
            Check::warning(ID, format!("This machine's clock is {} {side} LinkedIn's.", amount(ahead.abs())), FIX)
        }
        Some(_) => Check::ok(ID, "This machine's clock agrees with LinkedIn's."),
        None if latest.is_some_and(|at| at.duration_since(now) > SKEW) => {
            Check::warning(ID, "This machine's clock looks wrong: a token was saved later than now.", FIX)
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::State;
    use super::super::words::Aliases;
    use super::*;
    use crate::secret::Secret;
    use crate::store::{Name, Token};

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
        for (status, state) in [(200, State::Ok), (401, State::Ok), (404, State::Ok), (503, State::Warning)] {
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
    fn k01_offline_a_token_issued_tomorrow_shows_a_wrong_clock() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        let issued_at = now + SignedDuration::from_hours(24);
        profile.token =
            Some(Token { access: Secret::new("x"), scopes: vec![], issued_at, expires_at: None, refresh: None });
        assert!(told(&clock(None, &[profile], now)).contains("looks wrong"));
    }
}
