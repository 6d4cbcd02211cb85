//! Responds to the requests that reach the redirect URL's port. The order of checks is: `request_checks`, path, fetch
//! metadata, the user whose process connected, `state`, `iss`, `error`, `code`. A request that fails one never ends the
//! wait.

use std::sync::Mutex;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::sync::{Notify, mpsc, watch};
use url::Url;

use super::connections::{ConnectionState, Service};
use super::pages::{self, BrowserOutcome, Response};
use super::pasted::{self, PastedUrl};
use super::peer::Peer;
use super::query::Query;
use super::request_checks::{is_own_host, reject_invalid_request, reject_non_navigation};
use crate::linkedin::RedirectUrl;
use crate::linkedin::endpoints::WWW;
use crate::linkedin::meanings::authorization_error;
use crate::oauth::authorize::{AuthorizationAttempt, random_base64url};
use crate::secret::Secret;
use crate::sync::lock;
use crate::{Code, Error, Result};

/// Why a pasted URL without a whole `state` is rejected.
const INCOMPLETE_URL: &str = "The URL is incomplete. If it was broken over several lines, paste the rest as well.";
/// Why a request that begins a TLS handshake is rejected.
const HTTPS_USED: &str = "The browser used https, but the redirect URL is http: open it in a private window, or remove \
                          \"localhost\" from the browser's HTTPS-only list.";
/// How long the response to a request for the result page waits for the outcome.
const OUTCOME_WAIT: Duration = Duration::from_secs(50);

/// The callbacks that failed a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectedCallbacks {
    pub count: u64,
    /// Why the last one was rejected, as a sentence.
    pub last_reason: String,
}

/// The effect of the callbacks so far.
#[derive(Default)]
struct CallbackState {
    /// The query that was accepted: its state can't be used again, but a reload gets the same page.
    accepted_query: Option<Secret>,
    /// Whether a browser was redirected to the result page.
    is_browser_redirected: bool,
}

/// The service of one sign-in: its callback, the short link to LinkedIn, and the result page.
pub(super) struct CallbackService {
    port: u16,
    state: Secret,
    authorization_url: Url,
    scopes: Vec<String>,
    callback_path: String,
    short_path: String,
    result_path: String,
    code: mpsc::Sender<Result<Secret>>,
    outcome: watch::Receiver<Option<BrowserOutcome>>,
    rejected: watch::Sender<RejectedCallbacks>,
    callback: Mutex<CallbackState>,
    outcome_fetched: Notify,
}

impl CallbackService {
    /// Returns the service with what receives the authorization code and what sends the outcome.
    pub(super) fn new(
        port: u16,
        redirect: &RedirectUrl,
        attempt: &AuthorizationAttempt,
        scopes: &[String],
    ) -> (Self, mpsc::Receiver<Result<Secret>>, watch::Sender<Option<BrowserOutcome>>) {
        let (code_sender, code) = mpsc::channel(1);
        let (outcome, outcome_receiver) = watch::channel(None);
        // Without random numbers there would be no attempt to serve.
        let secret_path = |directory: &str| format!("/{directory}/{}", random_base64url(9).unwrap_or_default());
        let service = Self {
            port,
            state: attempt.state().clone(),
            authorization_url: attempt.url().clone(),
            scopes: scopes.to_vec(),
            callback_path: redirect.path().to_owned(),
            short_path: secret_path("go"),
            result_path: secret_path("done"),
            code: code_sender,
            outcome: outcome_receiver,
            rejected: watch::Sender::default(),
            callback: Mutex::default(),
            outcome_fetched: Notify::new(),
        };
        (service, code, outcome)
    }

    pub(super) fn short_link(&self) -> String {
        format!("http://localhost:{}{}", self.port, self.short_path)
    }

    pub(super) fn rejected_callbacks(&self) -> watch::Receiver<RejectedCallbacks> {
        self.rejected.subscribe()
    }

    pub(super) fn is_browser_redirected(&self) -> bool {
        lock(&self.callback).is_browser_redirected
    }

    pub(super) async fn wait_until_outcome_fetched(&self) {
        self.outcome_fetched.notified().await;
    }

    async fn respond(&self, request: &Request<Incoming>, peer: Peer, connection: &ConnectionState) -> Response {
        if let Some(response) = reject_invalid_request(request, self.port) {
            return response;
        }
        let path = request.uri().path();
        if path == "/favicon.ico" {
            return pages::plain(StatusCode::NO_CONTENT, String::new());
        }
        if ![&self.callback_path, &self.short_path, &self.result_path].iter().any(|served| served.as_str() == path) {
            return pages::rejected(StatusCode::NOT_FOUND);
        }
        if let Some(response) = reject_non_navigation(request.headers()) {
            return response;
        }
        if let Some(reason) = peer.rejection_reason() {
            if path == self.callback_path {
                self.count_rejected(reason);
            }
            return pages::rejected(StatusCode::FORBIDDEN);
        }
        if path == self.callback_path {
            self.respond_to_callback(request.uri().query().unwrap_or_default()).await
        } else if path == self.short_path {
            pages::redirect(self.authorization_url.as_str())
        } else {
            self.respond_with_result(connection).await
        }
    }

    async fn respond_to_callback(&self, query: &str) -> Response {
        match self.accept_query(query).await {
            Ok(()) => {
                lock(&self.callback).is_browser_redirected = true;
                pages::redirect(&self.result_path)
            }
            Err(reason) => {
                self.count_rejected(reason);
                pages::rejected(StatusCode::BAD_REQUEST)
            }
        }
    }

    /// Waits for the outcome and shows it.
    async fn respond_with_result(&self, connection: &ConnectionState) -> Response {
        connection.set_waits_for_outcome();
        let mut outcome = self.outcome.clone();
        match tokio::time::timeout(OUTCOME_WAIT, outcome.wait_for(Option::is_some)).await {
            Ok(Ok(outcome)) => outcome.as_ref().map_or_else(pages::in_progress, |outcome| {
                if !matches!(outcome, BrowserOutcome::DecisionNeeded) {
                    connection.set_has_outcome();
                }
                outcome.to_response()
            }),
            _ => pages::in_progress(),
        }
    }

    fn count_rejected(&self, reason: &str) {
        self.rejected.send_modify(|rejected| {
            rejected.count += 1;
            reason.clone_into(&mut rejected.last_reason);
        });
    }

    /// Checks a callback's query, and sends the result of the first valid one to the waiting sign-in.
    ///
    /// # Errors
    /// Why the callback is rejected.
    pub(super) async fn accept_query(&self, text: &str) -> Result<(), &'static str> {
        let query = Query::parse(text)?;
        match query.state.as_deref() {
            None | Some("") => return Err("The state parameter is missing."),
            Some(state) if !self.state.matches(state) => {
                return Err(
                    "The state parameter doesn't match this sign-in: it is forged, or from an earlier attempt.",
                );
            }
            Some(_) => {}
        }
        if query.issuer.as_deref().is_some_and(|issuer| !self.is_issuer(issuer)) {
            return Err("Its issuer is a different server.");
        }
        let code = match (&query.error, query.usable_code()) {
            (Some(error), _) => Err(authorization_error(error, &query.description, &self.scopes)),
            (None, Some(code)) => Ok(Secret::new(code)),
            (None, None) => return Err("It has neither a usable code nor an error."),
        };
        {
            let accepted = &mut lock(&self.callback).accepted_query;
            match accepted {
                // A reload, or the same callback on the other address family.
                Some(first) if first.matches(text) => return Ok(()),
                Some(_) => return Err("Its state parameter was already used."),
                None => *accepted = Some(Secret::new(text)),
            }
        }
        // The channel holds one result, and only one is ever sent.
        drop(self.code.send(code).await);
        Ok(())
    }

    /// Returns whether `iss` names the authorization server (RFC 9207). By its host alone: LinkedIn has changed the
    /// rest of it before, and a simulator may name LinkedIn.
    fn is_issuer(&self, issuer: &str) -> bool {
        let linkedin = Url::parse(WWW).ok();
        let hosts = [self.authorization_url.host(), linkedin.as_ref().and_then(Url::host)];
        Url::parse(issuer).is_ok_and(|issuer| hosts.contains(&issuer.host()))
    }

    /// Checks a pasted URL like a callback.
    pub(super) async fn paste(&self, text: &str) -> Result<()> {
        let mut first_reason = None;
        for url in pasted::find_urls(text) {
            let reason = if self.is_redirect_url(&url) {
                match self.accept_query(&url.query).await {
                    Ok(()) => return Ok(()),
                    Err(_) if self.is_incomplete(&url.query) => INCOMPLETE_URL,
                    Err(reason) => reason,
                }
            } else {
                "It is not this sign-in's redirect URL."
            };
            first_reason.get_or_insert(reason);
        }
        let reason = match first_reason {
            Some(reason) => reason,
            None if text.contains(['/', ':']) => INCOMPLETE_URL,
            None => "A code alone is not enough: the state parameter is missing.",
        };
        Err(Error::new(
            Code::StateMismatch,
            format!("The pasted text was rejected. {reason}"),
            "Paste the whole address that the browser ended on, from its address bar.",
        ))
    }

    /// Returns whether a pasted URL is the redirect URL, as far as it was pasted.
    fn is_redirect_url(&self, url: &PastedUrl) -> bool {
        let is_path = url.path == self.callback_path || url.path.is_empty() && url.authority.is_empty();
        let is_host = url.authority.is_empty() || is_own_host(&url.authority, self.port);
        is_path && is_host
    }

    /// Returns whether the query ends before its `state` is complete, or within an escape.
    fn is_incomplete(&self, query: &str) -> bool {
        match Query::parse(query) {
            Ok(query) => query.state.unwrap_or_default().len() < self.state.len(),
            Err(_) => query.rfind('%').is_some_and(|at| query.len() - at < 3),
        }
    }
}

impl Service for CallbackService {
    async fn respond(&self, request: &Request<Incoming>, peer: Peer, connection: &ConnectionState) -> Response {
        let response = self.respond(request, peer, connection).await;
        // Neither path nor query: the one-time paths and the query are secrets.
        tracing::info!("callback server: responded to {} with {}", request.method(), response.status().as_u16());
        response
    }

    fn on_tls_attempt(&self) {
        self.count_rejected(HTTPS_USED);
    }

    fn on_outcome_delivered(&self) {
        self.outcome_fetched.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::linkedin::RedirectUrl;
    use crate::oauth::callback::fuzzing::SignIn;

    #[rstest]
    #[case::whole("http://localhost:3000/callback?code=AQ1&state=abcdef", None)]
    #[case::without_scheme("localhost:3000/callback?code=AQ1&state=abcdef", None)]
    #[case::only_path("/callback?code=AQ1&state=abcdef", None)]
    #[case::only_query("?code=AQ1&state=abcdef", None)]
    #[case::issuer("?code=AQ1&state=abcdef&iss=https://www.linkedin.com/oauth", None)]
    #[case::partial_state("?code=AQ1&state=abcde", Some("The URL is incomplete."))]
    #[case::no_state("?code=AQ1", Some("The URL is incomplete."))]
    #[case::no_query("http://localhost:3000/callback", Some("The URL is incomplete."))]
    #[case::partial_escape("?state=abcdef&code=AQ%2", Some("The URL is incomplete."))]
    #[case::bad_escape("?code=AQ%zz&state=abcdef", Some("Its encoding is invalid."))]
    #[case::repeated("?code=AQ1&code=AQ2&state=abcdef", Some("It repeats a parameter."))]
    #[case::other_state("?code=AQ1&state=abcdeg", Some("The state parameter doesn't match"))]
    #[case::longer_state("?code=AQ1&state=abcdefg", Some("The state parameter doesn't match"))]
    #[case::other_path("/other?code=AQ1&state=abcdef", Some("It is not this sign-in's redirect URL."))]
    #[case::no_path("localhost:3000?code=AQ1&state=abcdef", Some("It is not this sign-in's redirect URL."))]
    #[case::other_port("localhost:3001/callback?code=AQ1&state=abcdef", Some("It is not this sign-in's redirect URL."))]
    #[case::other_host("example.com:3000/callback?code=AQ1&state=abcdef", Some("It is not this sign-in's"))]
    #[case::other_issuer("?code=AQ1&state=abcdef&iss=https://www.example.com/oauth", Some("Its issuer"))]
    #[case::no_code("?state=abcdef", Some("It has neither a usable code nor an error."))]
    #[case::only_code("AQ1", Some("A code alone is not enough"))]
    fn pasted_text_is_checked_like_a_callback(#[case] text: &str, #[case] rejected: Option<&str>) {
        let redirect = RedirectUrl::parse("http://localhost:3000/callback").unwrap();
        let mut sign_in = SignIn::new(&redirect, "abcdef").unwrap();
        let error = sign_in.paste(text).err().map(|error| error.message);
        assert_eq!(error.is_some(), rejected.is_some(), "{error:?}");
        assert!(error.is_none_or(|error| error.contains(rejected.unwrap())), "{text}");
        let code = sign_in.take_result().map(|code| code.unwrap().matches("AQ1"));
        assert_eq!(code, rejected.is_none().then_some(true));
    }

    #[test]
    fn only_the_accepted_callback_can_be_repeated() {
        let redirect = RedirectUrl::parse("http://localhost:3000/callback").unwrap();
        let sign_in = SignIn::new(&redirect, "abcdef").unwrap();
        assert!(!sign_in.receive("code=AQ1&state=abcdeg"));
        assert!(sign_in.receive("code=AQ1&state=abcdef"));
        assert!(sign_in.receive("code=AQ1&state=abcdef"), "a reload");
        assert!(!sign_in.receive("code=AQ2&state=abcdef"));
    }
}
