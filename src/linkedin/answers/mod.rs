//! The meaning of LinkedIn's answers, in one table: from status, `serviceErrorCode`, `code`, `errorDetails`, resource name and text
//! patterns to a meaning, and to the product, scope or step that changes it.
//!
//! A new answer is one entry in `assets/linkedin/answers.json`; a row is added only where none matches it. An answer that no row
//! matches gets a neutral sentence with LinkedIn's own text, never a guessed cause.

mod access;
mod api;
mod body;
mod oauth;
mod resource;
mod row;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use self::body::Body;
use self::row::{Request, Row};
use super::http::Answer;
use super::products::Access;
use super::scopes;
use super::versions::{self, Version};
use crate::text::{clean, decode_entities};
use crate::{Code, Error};

pub(crate) use resource::Resource;
pub(crate) use row::{Grant, Meaning};

/// How many refused scopes one message names: the description is from the browser, and unlimited.
const MAX_SCOPES: usize = 10;

/// The reading of an answer of the API.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What the answer means.
    pub meaning: Meaning,
    /// The error for the user.
    pub error: Error,
    /// The resource that a 403 names.
    pub resource: Option<Resource>,
    /// The URN of the published post that a duplicate names.
    pub duplicate_of: Option<String>,
}

impl Reading {
    /// Replaces the hint for a request of this program, whose form the user cannot correct.
    pub(super) fn for_own_request(mut self) -> Self {
        if self.meaning == Meaning::RequestMalformed {
            "linkedin-tui wrote this request. A proxy may have changed it; otherwise please report it with LinkedIn's error message."
                .clone_into(&mut self.error.hint);
        }
        self
    }
}

/// Reads an answer of the API that is not a success.
pub(crate) fn read(answer: &Answer) -> Reading {
    read_api(request(answer, None), answer)
}

/// Returns the error of an answer of the API that is not a success.
pub(crate) fn api_error(answer: &Answer) -> Error {
    read(answer).error
}

/// Returns the error of the token, introspection or revocation endpoint.
pub(crate) fn token_error(answer: &Answer, grant: Grant) -> Error {
    let request = request(answer, Some(grant));
    let json = answer.json::<Value>().ok();
    let mut error = match &json {
        None if is_foreign_page(answer) => web_page(request.status),
        json => explain(&[oauth::TOKEN_ROWS], request, &Body::parse(json.as_ref()), answer.date).1,
    };
    apply_retry_after(&mut error, answer);
    error
}

/// Adds the `Retry-After` of the answer, which takes precedence over what is documented of the limits.
fn apply_retry_after(error: &mut Error, answer: &Answer) {
    error.retry_after = answer.retry_after.and_then(|wait| wait.try_into().ok());
    if let Some(wait) = answer.retry_after.filter(|_| error.code == Code::RateLimited) {
        error.hint = format!("LinkedIn asks to wait for {} s. Then try again.", wait.as_secs());
    }
}

/// Returns the error of a redirect to the redirect URL, with the scopes that were requested.
pub fn authorization_error(error: &str, description: &str, requested: &[String]) -> Error {
    let description = decode_entities(description);
    let body = Body::parse(Some(&serde_json::json!({ "error": error, "error_description": description })));
    let request = Request { status: 302, method: "GET", path: "/oauth/v2/authorization", grant: None };
    let (meaning, mut found) = explain(&[oauth::AUTHORIZATION_ROWS], request, &body, None);
    if meaning == Meaning::ScopeNotAuthorized {
        let quoted = description.split('"').skip(1).step_by(2).flat_map(scopes::split);
        let cleaned = quoted.map(|scope| clean(&scope, 60)).filter(|scope| !scope.is_empty());
        let named: Vec<String> = cleaned.take(MAX_SCOPES).collect();
        let (scope, hint) = refused_scopes(&named, requested);
        found.message = found.message.replace("{scope}", &scope);
        found.hint = found.hint.replace("{scope_hint}", &hint);
    }
    found
}

fn request(answer: &Answer, grant: Option<Grant>) -> Request<'_> {
    Request { status: answer.status, method: answer.method.as_str(), path: &answer.path, grant }
}

fn read_api(request: Request<'_>, answer: &Answer) -> Reading {
    let json = answer.json::<Value>().ok();
    let body = Body::parse(json.as_ref());
    let (mut meaning, mut error) = match json {
        None if is_foreign_page(answer) => (Meaning::Unknown, web_page(request.status)),
        _ => explain(api::ROWS, request, &body, answer.date),
    };
    apply_retry_after(&mut error, answer);
    let resource = Resource::parse(&body.message).filter(|_| meaning == Meaning::ProductMissing);
    if resource.as_ref().is_some_and(|resource| !resource.requires_product) {
        meaning = Meaning::ScopeMissing;
    }
    Reading { meaning, error, resource, duplicate_of: body.duplicate_of().filter(|_| meaning == Meaning::Duplicate) }
}

/// Returns whether the body is a web page of something in between, such as a proxy or a sign-in page. LinkedIn's API sends none,
/// except for outages and limits, where the status is sufficient.
fn is_foreign_page(answer: &Answer) -> bool {
    let is_outage_or_limit = matches!(answer.status, 429 | 500..=599 | 999);
    !is_outage_or_limit && answer.body().trim_ascii_start().first() == Some(&b'<')
}

fn web_page(status: u16) -> Error {
    Error::new(
        Code::UnexpectedResponse,
        format!("A web page came back instead of an answer ({status})."),
        "A proxy or a sign-in page of the network may be in between: open a web page, then try again. Check linkedin.www and \
         linkedin.api in config.toml.",
    )
}

/// Returns the meaning and the error of the first row that matches the answer.
fn explain(rows: &[&[Row]], request: Request<'_>, body: &Body, date: Option<Timestamp>) -> (Meaning, Error) {
    let Some(row) = rows.iter().copied().flatten().find(|row| row.matches(request, body)) else {
        let message = format!("LinkedIn refused the request ({}).", request.status);
        return (Meaning::Unknown, Error::new(Code::Refused, message, "Try again later.").with_detail(&body.message));
    };
    tracing::info!("the answer {} was read as {}", request.status, row.name);
    let fill = |template: &str| fill(template, request, body, date);
    let error = Error::new(row.code, fill(row.message), fill(row.hint));
    // The problems are in the message already.
    let repeats = row.message.contains("{problems}");
    (row.meaning, if repeats { error } else { error.with_detail(&body.text()) })
}

/// Fills in the placeholders of a template.
fn fill(template: &str, request: Request<'_>, body: &Body, date: Option<Timestamp>) -> String {
    let mut out = template.to_owned();
    let mut put = |name: &str, value: &dyn Fn() -> String| {
        if out.contains(name) {
            out = out.replace(name, &value());
        }
    };
    put("{status}", &|| request.status.to_string());
    put("{method}", &|| request.method.to_owned());
    put("{problems}", &|| if body.problems.is_empty() { "see below".to_owned() } else { body.problems.join("; ") });
    put("{field}", &|| or(body.field_list(), "that LinkedIn names"));
    put("{correct}", &|| {
        if body.text().is_empty() {
            "LinkedIn gives no reason. Compare the request with LinkedIn's documentation of the resource."
        } else {
            "Correct what LinkedIn names, then send the request again."
        }
        .to_owned()
    });
    put("{in_field}", &|| {
        let fields = body.field_list();
        if fields.is_empty() { fields } else { format!(": {fields}") }
    });
    put("{error}", &|| or(clean(&body.codes.join(", "), 60), &request.status.to_string()));
    put("{parameter}", &|| or(quoted(&body.message), "unnamed"));
    put("{version}", &|| body.version().unwrap_or("named in the request").to_owned());
    put("{versions}", &|| active_versions(body, date));
    put("{midnight}", &|| until_midnight(date));
    put("{lengths}", &|| lengths(body));
    let resource = Resource::parse(&body.message).or_else(|| Resource::of_request(request.method, request.path));
    let access = resource.as_ref().map(Resource::access);
    put("{resource}", &|| resource.as_ref().map_or_else(String::new, |resource| resource.label.clone()));
    put("{purpose}", &|| access.map_or("do this", |access| access.purpose).to_owned());
    put("{access}", &|| access.map_or("", |access| access.hint).to_owned());
    put("{why}", &|| {
        let requires_product = resource.as_ref().is_some_and(|resource| resource.requires_product);
        if requires_product {
            "the app has no product that grants it"
        } else {
            "its scopes, or the app's products, do not cover it"
        }
        .to_owned()
    });
    out
}

/// Formats the versions that may be used instead of the refused one, by the clock of LinkedIn's answer if it has one.
fn active_versions(body: &Body, date: Option<Timestamp>) -> String {
    let refused = body.version().and_then(Version::parse);
    versions::active_list(date.unwrap_or_else(crate::clock::system_now), refused)
}

fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

/// Returns the first text in double quotes.
fn quoted(message: &str) -> String {
    clean(message.split('"').nth(1).or_else(|| message.rsplit(" : ").next()).unwrap_or_default(), 60)
}

fn lengths(body: &Body) -> String {
    match body.lengths() {
        (Some(length), Some(max)) => format!("{length} of at most {max} characters"),
        (_, Some(max)) => format!("at most {max} characters are allowed"),
        _ => "it names no maximum".to_owned(),
    }
}

/// Formats the time until LinkedIn's daily limits reset, by the clock of LinkedIn's answer if it has one. 00:00 UTC is documented;
/// the answers do not contain it.
fn until_midnight(date: Option<Timestamp>) -> String {
    let now = date.unwrap_or_else(crate::clock::system_now);
    let tomorrow = TimeZone::UTC.to_datetime(now).date().tomorrow().ok();
    let midnight = tomorrow.and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    midnight.map_or_else(String::new, |end| {
        let minutes = end.duration_since(now).as_mins();
        format!(" (in {} h {} min)", minutes / 60, minutes % 60)
    })
}

/// Returns the refused scopes as a phrase, and the hint for them.
fn refused_scopes(named: &[String], requested: &[String]) -> (String, String) {
    let [first, rest @ ..] = named else {
        let mut products: Vec<&str> =
            requested.iter().filter_map(|id| scopes::find(id)).map(|row| row.product).collect();
        products.dedup();
        return (
            "one of the requested scopes, which LinkedIn does not name".to_owned(),
            format!("Check that the app's Products tab has: {}. Or request fewer scopes.", products.join("; ")),
        );
    };
    if rest.is_empty() {
        return (format!("the scope {first}"), scope_hint(first));
    }
    let hints: Vec<String> = named.iter().map(|scope| format!("{scope}: {}", scope_hint(scope))).collect();
    (format!("the scopes {}", named.join(", ")), hints.join(" "))
}

fn scope_hint(scope: &str) -> String {
    match (scopes::successor(scope), scopes::find(scope)) {
        (Some(new), _) => format!("LinkedIn retired that scope. Request {new} instead."),
        (None, Some(row)) => match row.access {
            Access::SelfServe => format!(
                "Request the product \"{}\" on the app's Products tab (granted at once), then sign in again.",
                row.product
            ),
            Access::Approval => format!(
                "The scope belongs to \"{}\", which LinkedIn must approve for the app first. Leave it out until then.",
                row.product
            ),
            Access::Closed => {
                format!("LinkedIn takes no new requests for that scope ({}). Leave it out.", row.product)
            }
        },
        (None, None) => "No product that this program knows includes it. Leave it out, or request the product that does on the app's Products tab."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
