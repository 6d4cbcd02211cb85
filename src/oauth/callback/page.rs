//! The pages that the browser shows, and the headers of every answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use jiff::Timestamp;

use crate::Error;
use crate::secret::Secret;
use crate::text::{clean, html_escape};

const LAYOUT: &str = include_str!("../../../assets/callback/page.html");
const STYLE: &str = include_str!("../../../assets/callback/page.css");

/// Asks again in a second, without any script.
const AGAIN: &str = "<meta http-equiv=\"refresh\" content=\"1\">";

/// What an answer of the listener is made of.
pub(super) type Reply = Response<Full<Bytes>>;

/// How the sign-in ended, for the page in the browser.
#[derive(Clone, Debug)]
pub enum PageOutcome {
    /// The token is saved.
    Saved {
        /// The member's name.
        member: Option<String>,
        /// The user ID.
        member_id: Option<String>,
        /// The profile it was saved in.
        profile: String,
        /// Until when the token lives.
        until: Option<Timestamp>,
        /// The token, only where the person asked to see it here.
        token: Option<Secret>,
    },
    /// It failed.
    Failed(Error),
    /// It goes on once the person has chosen in the terminal.
    Asked,
}

impl PageOutcome {
    /// The page.
    pub(super) fn reply(&self) -> Reply {
        match self {
            Self::Saved { member, member_id, profile, until, token } => {
                let who = member.as_deref().or(member_id.as_deref()).unwrap_or("a member LinkedIn did not name");
                let mut rows = row("Profile", &format!("<code>{}</code>", safe(profile)));
                rows.push_str(&row("Signed in", &safe(who)));
                if let Some(until) = until {
                    let date = until.strftime("%-d %B %Y").to_string();
                    rows.push_str(&row("Token lives until", &safe(&date)));
                }
                if let Some(token) = token {
                    if let Some(id) = member_id {
                        rows.push_str(&row("User ID", &format!("<code>{}</code>", safe(id))));
                    }
                    rows.push_str(&row("Access token", &format!("<code>{}</code>", html_escape(token.expose()))));
                }
                let body = format!("<p>You can close this tab and go back to the terminal.</p><dl>{rows}</dl>");
                page(StatusCode::OK, "good", "✓", "You are signed in", &body)
            }
            Self::Failed(error) => {
                let detail =
                    error.detail.as_deref().map_or_else(String::new, |detail| row("LinkedIn said", &safe(detail)));
                let body = format!(
                    "<p>{}</p><p>{}</p><dl>{detail}</dl><p>The terminal has the details. You can close this tab.</p>",
                    safe(&error.message),
                    safe(&error.neutral_hint())
                );
                page(StatusCode::OK, "bad", "✕", "You are not signed in", &body)
            }
            Self::Asked => {
                let body = "<p>The terminal asks you what to do now. This page asks again by itself.</p>";
                html(StatusCode::OK, document("", "…", "Go back to the terminal", body, AGAIN))
            }
        }
    }
}

fn row(label: &str, value: &str) -> String {
    format!("<dt>{label}</dt><dd>{value}</dd>")
}

fn safe(text: &str) -> String {
    html_escape(&clean(text, 400))
}

/// A fixed page for an answer that was refused: nothing of the request is on it.
pub(super) fn refused(status: StatusCode) -> Reply {
    html(status, refusal())
}

fn refusal() -> String {
    let body =
        "<p>This is not the answer that linkedin-tui waits for. It goes on waiting; go back to the terminal.</p>";
    document("bad", "✕", "That did not fit", body, "")
}

/// The same page as bytes, for a request that could not even be read.
pub(super) fn refused_bytes(status: StatusCode) -> Vec<u8> {
    let text = refusal();
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", text.len());
    for (name, value) in html(status, String::new()).headers() {
        head.extend([name.as_str(), ": ", value.to_str().unwrap_or_default(), "\r\n"]);
    }
    format!("{head}\r\n{text}").into_bytes()
}

/// The page while the outcome is not known after a minute.
pub(super) fn still_working() -> Reply {
    let body = "<p>linkedin-tui is still talking to LinkedIn. This page asks again by itself.</p>";
    html(StatusCode::OK, document("", "…", "One moment", body, AGAIN))
}

fn page(status: StatusCode, kind: &str, mark: &str, title: &str, body: &str) -> Reply {
    html(status, document(kind, mark, title, body, ""))
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

fn html(status: StatusCode, document: String) -> Reply {
    let mut reply = plain(status, document);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    reply
}

/// A redirect that is never cached.
pub(super) fn redirect(to: &str) -> Reply {
    let mut reply = plain(StatusCode::SEE_OTHER, String::new());
    match HeaderValue::from_str(to) {
        Ok(to) => drop(reply.headers_mut().insert(LOCATION, to)),
        Err(_) => *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    reply
}

/// The answer to a method that is not GET.
pub(super) fn only_get() -> Reply {
    let mut reply = refused(StatusCode::METHOD_NOT_ALLOWED);
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    reply
}

/// A plain text with the headers that go on every answer.
pub(super) fn plain(status: StatusCode, text: String) -> Reply {
    let digest = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(digest)
    );
    let mut reply = Response::new(Full::new(Bytes::from(text)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(HeaderName::from_static("content-security-policy"), policy);
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
    reply
}
