//! The meaning of LinkedIn's responses, in one table: from status, `serviceErrorCode`, `code`, `errorDetails`, resource
//! name and text patterns to a meaning, and to the product, scope or step that changes it.
//!
//! The rows are in `assets/linkedin/meanings.toml`. A new one is an entry in `assets/linkedin/answers.json`; a row
//! is added only if none matches it. A response that no row matches gets a neutral sentence with LinkedIn's own text,
//! never a guessed cause.

mod body;
mod message;
mod resource;
mod table;

use serde_json::Value;

use self::body::Body;
use self::message::Context;
use self::table::{Request, Row, TABLE};
use super::http::Response;
use crate::clock::system_now;
use crate::text::decode_entities;
use crate::{Code, Error, NextStep};

/// The hint about an entity that is missing, where LinkedIn does not say which one. `publish` and `social` name those of the
/// request instead.
pub(crate) const URNS_HINT: &str = "Check the URNs of the author, the mentions and the media.";

pub(crate) use resource::Resource;
pub(crate) use table::{Grant, Meaning};

/// What a response of the API means.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    pub meaning: Meaning,
    pub error: Error,
    /// The resource that a 403 names.
    pub resource: Option<Resource>,
    /// The URN of the published post that a duplicate names.
    pub duplicate_of: Option<String>,
}

impl Explanation {
    /// Replaces the hint for a request of this program, whose form the user cannot correct.
    pub(super) fn for_request_by_program(mut self) -> Self {
        if self.meaning == Meaning::RequestMalformed {
            "linkedin-tui wrote this request. A proxy may have changed it; otherwise please report it with LinkedIn's error message."
                .clone_into(&mut self.error.hint);
        }
        self
    }
}

/// Explains a response of the API that is not a success.
pub(crate) fn explain(response: &Response) -> Explanation {
    let (mut meaning, error, body) = find_meaning(&TABLE.api, response, None);
    let resource = Resource::parse(&body.message).filter(|_| meaning == Meaning::ProductMissing);
    if resource.as_ref().is_some_and(|resource| !resource.requires_product) {
        meaning = Meaning::ScopeMissing;
    }
    Explanation {
        meaning,
        error,
        resource,
        duplicate_of: body.duplicate_of().filter(|_| meaning == Meaning::Duplicate),
    }
}

/// Returns the error of a response of the API that is not a success.
pub(crate) fn api_error(response: &Response) -> Error {
    explain(response).error
}

/// Returns the error of the token endpoint, or without a grant of the introspection or revocation endpoint.
pub(crate) fn token_error(response: &Response, grant: Option<Grant>) -> Error {
    find_meaning(&TABLE.token, response, grant).1
}

/// Returns the error of a redirect to the redirect URL, with the scopes that were requested.
pub fn authorization_error(error: &str, description: &str, requested: &[String]) -> Error {
    let body = serde_json::json!({ "error": error, "error_description": decode_entities(description) });
    let request = Request { status: 302, method: "GET", path: "/oauth/v2/authorization", grant: None };
    let body = Body::parse(Some(&body));
    let context = Context { request, body: &body, now: system_now(), requested_scopes: requested };
    apply_rows(&TABLE.authorization, &context).1
}

fn find_meaning(rows: &[Row], response: &Response, grant: Option<Grant>) -> (Meaning, Error, Body) {
    let json = response.json::<Value>().ok();
    let body = Body::parse(json.as_ref());
    let (meaning, mut error) = if json.is_none() && is_intermediary_page(response) {
        (Meaning::Unknown, web_page_error(response.status))
    } else {
        let now = response.date.unwrap_or_else(system_now);
        apply_rows(rows, &Context { request: to_request(response, grant), body: &body, now, requested_scopes: &[] })
    };
    error.retry_after = response.retry_after.and_then(|wait| wait.try_into().ok());
    // What LinkedIn asks for takes precedence over what is documented of its limits.
    if let Some(wait) = response.retry_after.filter(|_| error.code == Code::RateLimited) {
        error.hint = format!("LinkedIn asks to wait for {} s. Then try again.", wait.as_secs());
    }
    (meaning, error, body)
}

fn to_request(response: &Response, grant: Option<Grant>) -> Request<'_> {
    Request { status: response.status, method: response.method.as_str(), path: &response.path, grant }
}

/// Returns whether the body is a web page of an intermediary, such as a proxy or the sign-in page of a network. LinkedIn's API
/// sends none, except for outages and limits, where the status is sufficient.
fn is_intermediary_page(response: &Response) -> bool {
    let is_outage_or_limit = matches!(response.status, 429 | 500..=599 | 999);
    !is_outage_or_limit && response.body().trim_ascii_start().first() == Some(&b'<')
}

fn web_page_error(status: u16) -> Error {
    Error::new(
        Code::UnexpectedResponse,
        format!("The response is a web page that does not come from LinkedIn's API ({status})."),
        "A proxy or a sign-in page of the network may be in between: open a web page, then try again. Check linkedin.www and \
         linkedin.api in config.toml.",
    )
}

/// Returns the meaning and the error of the first row that matches the response.
fn apply_rows(rows: &[Row], context: &Context<'_>) -> (Meaning, Error) {
    let (status, body) = (context.request.status, context.body);
    let Some(row) = TABLE.find(rows, context.request, body) else {
        let message = format!("LinkedIn refused the request ({status}).");
        return (Meaning::Unknown, Error::new(Code::Refused, message, "Try again later.").with_detail(&body.message));
    };
    tracing::info!("the response {status} matches the row {}", row.name);
    let mut error = Error::new(row.code, context.fill(&row.message), context.fill(&row.hint));
    if row.meaning == Meaning::ClientIdUnknown {
        error = error.with_next_step(NextStep::CopyClientId);
    }
    // A message with {problems} has LinkedIn's text already.
    let has_text = row.message.contains("{problems}");
    (row.meaning, if has_text { error } else { error.with_detail(&body.text()) })
}

#[cfg(test)]
mod tests;
