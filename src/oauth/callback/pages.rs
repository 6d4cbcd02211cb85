//! The pages that the browser shows, and the headers of every response.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Error;
use crate::clock::format_day;
use crate::secret::Secret;
use crate::text::{escape_html, sanitize};

const LAYOUT: &str = include_str!("../../../assets/callback/page.html");
const STYLE: &str = include_str!("../../../assets/callback/page.css");

/// Reloads the page after a second, without a script.
const RELOAD: &str = "<meta http-equiv=\"refresh\" content=\"1\">";

/// The pages' stylesheet is inline: the policy allows it by its hash, and nothing else.
static CONTENT_SECURITY_POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// A response of the callback server.
pub(super) type Response = hyper::Response<Full<Bytes>>;

/// The outcome of a sign-in, as the browser shows it.
#[derive(Clone, Debug)]
pub enum BrowserOutcome {
    SignedIn(SuccessPage),
    Failed(Error),
    /// A choice waits in the terminal.
    DecisionNeeded,
}

/// What the page of a successful sign-in shows.
#[derive(Clone, Debug)]
pub struct SuccessPage {
    pub member: Option<String>,
    pub member_id: Option<String>,
    /// The name of the profile that holds the token.
    pub profile: String,
    pub expires_at: Option<Timestamp>,
    /// The token, only if it was requested to be shown here.
    pub token: Option<Secret>,
}

impl BrowserOutcome {
    pub(super) fn to_response(&self) -> Response {
        match self {
            Self::SignedIn(success) => page("good", "✓", "You are signed in", &success.body()),
            Self::Failed(error) => {
                let detail = error
                    .detail
                    .as_deref()
                    .map_or_else(String::new, |detail| row("LinkedIn's message", &clean_and_escape(detail)));
                let body = format!(
                    "<p>{}</p><p>{}</p><dl>{detail}</dl><p>The terminal has the details. You can close this tab.</p>",
                    clean_and_escape(&error.message),
                    clean_and_escape(&error.hint_without_command())
                );
                page("bad", "✕", "You are not signed in", &body)
            }
            Self::DecisionNeeded => {
                let body = "<p>Choose in the terminal how to continue. This page updates automatically.</p>";
                reloading_page("Go back to the terminal", body)
            }
        }
    }
}

impl SuccessPage {
    fn body(&self) -> String {
        let code = |text: &str| format!("<code>{text}</code>");
        let member = self.member.as_deref().or(self.member_id.as_deref()).unwrap_or("an unknown member");
        let mut rows = row("Profile", &code(&clean_and_escape(&self.profile)));
        rows.push_str(&row("Signed in as", &clean_and_escape(member)));
        if let Some(at) = self.expires_at {
            rows.push_str(&row("Token expires", &clean_and_escape(&format_day(at, &TimeZone::system()))));
        }
        if let Some(token) = &self.token {
            if let Some(id) = &self.member_id {
                rows.push_str(&row("Member ID", &code(&clean_and_escape(id))));
            }
            rows.push_str(&row("Access token", &code(&escape_html(token.expose()))));
        }
        format!("<p>You can close this tab and go back to the terminal.</p><dl>{rows}</dl>")
    }
}

fn row(label: &str, value: &str) -> String {
    format!("<dt>{label}</dt><dd>{value}</dd>")
}

fn clean_and_escape(text: &str) -> String {
    escape_html(&sanitize(text, 400))
}

/// Returns a fixed page for a rejected request: nothing of the request is on it.
pub(super) fn rejected(status: StatusCode) -> Response {
    let body = "<p>This request does not belong to the current sign-in, or that has a callback already. \
                Go back to the terminal. If it is still waiting, open the newest link.</p>";
    html(status, document("bad", "✕", "Unexpected request", body, ""))
}

/// Returns the page for an outcome that takes longer than a response may.
pub(super) fn in_progress() -> Response {
    reloading_page("One moment", "<p>The sign-in is still in progress. This page updates automatically.</p>")
}

fn page(kind: &str, mark: &str, title: &str, body: &str) -> Response {
    html(StatusCode::OK, document(kind, mark, title, body, ""))
}

fn reloading_page(title: &str, body: &str) -> Response {
    html(StatusCode::OK, document("", "…", title, body, RELOAD))
}

fn document(kind: &str, mark: &str, title: &str, body: &str, refresh: &str) -> String {
    LAYOUT
        .replace("{style}", STYLE)
        .replace("{refresh}", refresh)
        .replace("{kind}", kind)
        .replace("{mark}", mark)
        .replace("{title}", title)
        .replace("{body}", body)
}

fn html(status: StatusCode, document: String) -> Response {
    let mut response = plain(status, document);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

pub(super) fn redirect(to: &str) -> Response {
    let mut response = plain(StatusCode::SEE_OTHER, String::new());
    match HeaderValue::from_str(to) {
        Ok(to) => drop(response.headers_mut().insert(LOCATION, to)),
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

pub(super) fn method_not_allowed() -> Response {
    let mut response = rejected(StatusCode::METHOD_NOT_ALLOWED);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    response
}

/// Returns a plain text, with the headers that every response has.
pub(super) fn plain(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&CONTENT_SECURITY_POLICY) {
        headers.insert(hyper::header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-type", "text/plain; charset=utf-8"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn body(response: Response) -> String {
        let body = futures_util::FutureExt::now_or_never(response.into_body().collect()).unwrap().unwrap();
        String::from_utf8(body.to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn an_unfinished_sign_in_reloads_its_page() {
        let in_progress = in_progress();
        assert_eq!(in_progress.status(), StatusCode::OK);
        let page = body(in_progress);
        assert!(page.contains("still in progress") && page.contains(RELOAD), "{page}");
        let choice = body(BrowserOutcome::DecisionNeeded.to_response());
        assert!(choice.contains("terminal") && choice.contains(RELOAD), "{choice}");
        assert!(!body(rejected(StatusCode::NOT_FOUND)).contains(RELOAD));
    }
}
