//! What the listener answers to one request. The order of checks is: method, Host, path, fetch
//! metadata, the user whose process asks, `state`, `error`, `code`. A request that fails one never ends the wait.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, ORIGIN, TRANSFER_ENCODING};
use hyper::{Method, Request, StatusCode, Version};
use tokio::sync::{mpsc, watch};
use url::Url;

use super::page::{self, PageOutcome, Reply};
use super::pasted;
use super::peer::Peer;
use super::query::Query;
use crate::linkedin::answers::authorization_error;
use crate::linkedin::endpoints::WWW;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Longest request target that is read.
const LONGEST_TARGET: usize = 8 * 1024;

/// Why a pasted address without a whole `state` is refused.
const CUT_OFF: &str = "It is not the whole address. If it was broken over lines, paste the rest as well.";

/// How long the one-time page is held until the outcome is known.
const HELD: Duration = Duration::from_secs(50);

/// What is served while a sign-in waits.
pub(super) struct PendingCallback {
    pub(super) state: Secret,
    pub(super) authorization: Url,
    pub(super) asked: Vec<String>,
    pub(super) callback: String,
    pub(super) go: String,
    pub(super) done: String,
    pub(super) answers: mpsc::Sender<Result<Secret>>,
    pub(super) rejected_callbacks: watch::Sender<(u64, String)>,
    pub(super) outcome: watch::Receiver<Option<PageOutcome>>,
    /// The query that was accepted: the state is spent, but a reload gets the same page.
    pub(super) accepted: Mutex<Option<Secret>>,
    /// Was a browser sent to the one-time page?
    pub(super) sent_on: AtomicBool,
}

/// What a port answers to.
pub(super) struct CallbackService {
    pub(super) port: u16,
    /// The random path of the self-test and what it answers.
    pub(super) probe: (String, String),
    pub(super) attempted: Option<PendingCallback>,
}

/// What became of an answer.
pub(super) enum Verdict {
    Accepted,
    Refused(&'static str),
}

impl CallbackService {
    /// Answers one request.
    pub(super) async fn answer(&self, request: &Request<Incoming>, peer: Peer) -> Reply {
        let reply = self.reply_to(request, peer).await;
        // Neither path nor query: the one-time paths and the query are secrets.
        tracing::info!("callback listener: {} answered with {}", request.method(), reply.status().as_u16());
        reply
    }

    async fn reply_to(&self, request: &Request<Incoming>, peer: Peer) -> Reply {
        if request.method() != Method::GET {
            return page::only_get();
        }
        if request.version() != Version::HTTP_11 || request.uri().authority().is_some() {
            return page::refused(StatusCode::BAD_REQUEST);
        }
        // A browser's navigation carries no body; what does is two requests in one, or worse.
        let empty = request.headers().get(CONTENT_LENGTH).is_none_or(|length| length == "0");
        if request.headers().contains_key(TRANSFER_ENCODING) || !empty {
            return page::refused(StatusCode::BAD_REQUEST);
        }
        if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
            return page::refused(StatusCode::URI_TOO_LONG);
        }
        match self.host(request.headers()) {
            Ok(true) => {}
            Ok(false) => return page::refused(StatusCode::FORBIDDEN),
            Err(()) => return page::refused(StatusCode::BAD_REQUEST),
        }
        let path = request.uri().path();
        if path == self.probe.0 {
            return page::plain(StatusCode::OK, self.probe.1.clone());
        }
        let Some(attempted) = &self.attempted else { return page::refused(StatusCode::NOT_FOUND) };
        let known = [&attempted.callback, &attempted.go, &attempted.done].iter().any(|known| known.as_str() == path);
        if !known {
            let icon = path == "/favicon.ico";
            return if icon {
                page::plain(StatusCode::NO_CONTENT, String::new())
            } else {
                page::refused(StatusCode::NOT_FOUND)
            };
        }
        if let Some(status) = not_a_navigation(request.headers()) {
            return if status == StatusCode::NO_CONTENT {
                page::plain(status, String::new())
            } else {
                page::refused(status)
            };
        }
        if let Some(why) = peer.refusal() {
            if path == attempted.callback {
                attempted.stray(why);
            }
            return page::refused(StatusCode::FORBIDDEN);
        }
        if path == attempted.callback {
            let query = request.uri().query().unwrap_or_default();
            return match attempted.judge(query).await {
                Verdict::Accepted => {
                    attempted.sent_on.store(true, Ordering::SeqCst);
                    page::redirect(&attempted.done)
                }
                Verdict::Refused(why) => {
                    attempted.stray(why);
                    page::refused(StatusCode::BAD_REQUEST)
                }
            };
        }
        if path == attempted.go {
            return page::redirect(attempted.authorization.as_str());
        }
        attempted.tell().await
    }

    /// Is the Host one of ours? An error for none, or several.
    fn host(&self, headers: &HeaderMap) -> Result<bool, ()> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(()) };
        Ok(is_ours(host.to_str().map_err(drop)?, self.port))
    }
}

/// Guards against DNS rebinding: only names of this machine, with this very port.
fn is_ours(host: &str, port: u16) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.eq_ignore_ascii_case(&format!("{name}:{port}")) || port == 80 && host.eq_ignore_ascii_case(name)
    })
}

/// The status for a request that a person's navigation does not make: a fetch, an image, a frame,
/// a prefetch.
fn not_a_navigation(headers: &HeaderMap) -> Option<StatusCode> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    if ["sec-purpose", "purpose", "x-moz", "x-purpose"]
        .iter()
        .any(|name| text(name).is_some_and(|value| value.contains("pre")))
    {
        return Some(StatusCode::NO_CONTENT);
    }
    let odd = |name: &str, wanted: &str| text(name).is_some_and(|value| value != wanted);
    let foreign =
        headers.contains_key(ORIGIN) || odd("sec-fetch-mode", "navigate") || odd("sec-fetch-dest", "document");
    foreign.then_some(StatusCode::FORBIDDEN)
}

impl PendingCallback {
    /// Judges a callback's query; the first good one is sent on.
    pub(super) async fn judge(&self, text: &str) -> Verdict {
        let query = match Query::parse(text) {
            Ok(query) => query,
            Err(why) => return Verdict::Refused(why),
        };
        match query.state.as_deref() {
            None | Some("") => return Verdict::Refused("It had no state."),
            Some(state) if !self.state.matches(state) => {
                return Verdict::Refused(
                    "Its state is not the one of this sign-in: it is forged, or from an earlier try.",
                );
            }
            Some(_) => {}
        }
        if query.issuer.as_deref().is_some_and(|issuer| !self.issued_by(issuer)) {
            return Verdict::Refused("It says that another server issued it.");
        }
        let answer = match (&query.error, query.usable_code()) {
            (Some(error), _) => Err(authorization_error(error, &query.description, &self.asked)),
            (None, Some(code)) => Ok(Secret::new(code)),
            (None, None) => return Verdict::Refused("It had neither a usable code nor an error."),
        };
        {
            let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            match &*accepted {
                // A reload, or the same callback on the other address family.
                Some(first) if first.matches(text) => return Verdict::Accepted,
                Some(_) => return Verdict::Refused("Its state was used already."),
                None => *accepted = Some(Secret::new(text)),
            }
        }
        // The channel holds one answer, and only one is ever sent.
        drop(self.answers.send(answer).await);
        Verdict::Accepted
    }

    /// Does an `iss` name the server that was asked (RFC 9207)? By its host alone: LinkedIn has changed the rest of it
    /// before, and an imitation may name LinkedIn.
    fn issued_by(&self, issuer: &str) -> bool {
        let linkedin = Url::parse(WWW).ok();
        let hosts = [self.authorization.host(), linkedin.as_ref().and_then(Url::host)];
        Url::parse(issuer).is_ok_and(|issuer| hosts.contains(&issuer.host()))
    }

    /// Counts a refused answer and says why.
    pub(super) fn stray(&self, why: &str) {
        self.rejected_callbacks.send_modify(|(count, last)| {
            *count += 1;
            why.clone_into(last);
        });
    }

    /// Holds the one-time page until the outcome is known.
    async fn tell(&self) -> Reply {
        let mut outcome = self.outcome.clone();
        let known = tokio::time::timeout(HELD, outcome.wait_for(Option::is_some)).await;
        match known {
            Ok(Ok(outcome)) => outcome.as_ref().map_or_else(page::still_working, PageOutcome::reply),
            _ => page::still_working(),
        }
    }

    /// Takes a pasted address through the same checks as a callback.
    ///
    /// # Errors
    /// `state_mismatch` with the reason.
    pub(super) async fn submit(&self, pasted: &str, port: u16) -> Result<()> {
        let mut reason = None;
        for address in pasted::addresses(pasted) {
            let why = if self.is_callback(&address, port) {
                match self.judge(&address.query).await {
                    Verdict::Accepted => return Ok(()),
                    Verdict::Refused(_) if self.is_cut_off(&address.query) => CUT_OFF,
                    Verdict::Refused(why) => why,
                }
            } else {
                "It is not this sign-in's redirect URL."
            };
            reason.get_or_insert(why);
        }
        let why = match reason {
            Some(why) => why,
            None if pasted.contains(['/', ':']) => CUT_OFF,
            None => {
                "A code alone cannot be trusted: its state is missing, which shows that the answer is this sign-in's."
            }
        };
        Err(Error::new(
            Code::StateMismatch,
            format!("The pasted text was refused. {why}"),
            "Paste the whole address that the browser ended on, from its address bar.",
        ))
    }

    /// Returns whether a pasted address is the redirect URL, as far as it was pasted.
    fn is_callback(&self, address: &pasted::Address, port: u16) -> bool {
        let is_path = address.path == self.callback || address.path.is_empty() && address.authority.is_empty();
        let is_host = address.authority.is_empty() || is_ours(&address.authority, port);
        is_path && is_host
    }

    /// Returns whether the query ends before its `state` does.
    fn is_cut_off(&self, query: &str) -> bool {
        let state = Query::parse(query).ok().and_then(|query| query.state).unwrap_or_default();
        state.len() < self.state.len()
    }
}
