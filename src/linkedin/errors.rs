//! LinkedIn's errors, each in words: what happened, why, and what to do next. Texts and statuses
//! from "LinkedIn 3-Legged OAuth Flow", "Programmatic Refresh Tokens", "Error Handling", and from
//! answers that people published.

use serde::Deserialize;

use super::http::Answer;
use super::scopes;
use crate::text::{clean, decode_entities};
use crate::{Code, Error};

/// An error that came back to the redirect URL.
#[must_use]
pub fn authorization_error(error: &str, description: &str, asked: &[String]) -> Error {
    let description = decode_entities(description);
    let plain = |code, message: &str, hint: &str| Error::new(code, message, hint);
    let found = match error {
        "user_cancelled_login" => plain(
            Code::Denied,
            "The sign-in was cancelled on LinkedIn's sign-in page.",
            "Sign in again and complete LinkedIn's sign-in.",
        ),
        "user_cancelled_authorize" | "access_denied" => plain(
            Code::Denied,
            "The member pressed Cancel instead of Allow.",
            "Sign in again and press Allow; asking for fewer scopes may help.",
        ),
        "unauthorized_scope_error" | "invalid_scope_error" => return scope_error(&description, asked),
        "openid_insufficient_scope_error" => plain(
            Code::ScopeNotAuthorized,
            "LinkedIn refused the scope openid: it wants profile or email beside it, and the product that brings them.",
            "Ask for openid with profile or email, and request \"Sign In with LinkedIn using OpenID Connect\" on the app's Products tab.",
        ),
        "invalid_request" if description.contains("\"scope\"") => plain(
            Code::ScopeNotAuthorized,
            "LinkedIn says that no scope was asked for.",
            "Choose at least one scope and sign in again.",
        ),
        "invalid_request" | "unsupported_response_type" | "unauthorized_client" => plain(
            Code::Refused,
            "LinkedIn could not use the request.",
            "Check the client ID, the redirect URL and the scopes, then sign in again.",
        ),
        "server_error" | "temporarily_unavailable" => {
            plain(Code::ServerError, "LinkedIn had a problem of its own.", "Wait a moment, then sign in again.")
        }
        other => Error::new(
            Code::Refused,
            format!("LinkedIn refused the sign-in with an error this program does not know ({}).", clean(other, 60)),
            "Check the app's Auth and Products tabs, then sign in again.",
        ),
    };
    found.said(&description)
}

fn scope_error(description: &str, asked: &[String]) -> Error {
    let named = description.split('"').nth(1).map(|scope| clean(scope, 60)).filter(|scope| !scope.is_empty());
    let (message, hint) = if let Some(scope) = named {
        let hint = match (scopes::successor(&scope), scopes::find(&scope)) {
            (Some(new), _) => format!("LinkedIn retired that scope: ask for {new} instead."),
            (None, Some(row)) if row.access == scopes::Access::SelfServe => {
                format!(
                    "Request the product \"{}\" on the app's Products tab (it is granted at once), then sign in again.",
                    row.product
                )
            }
            (None, Some(row)) => {
                format!(
                    "It belongs to \"{}\", which LinkedIn must approve for your app first. Leave it out until then.",
                    row.product
                )
            }
            (None, None) => "Leave it out, or request the product that brings it on the app's Products tab.".to_owned(),
        };
        (format!("The app is not allowed to ask for the scope {scope}."), hint)
    } else {
        let mut products: Vec<&str> = asked.iter().filter_map(|id| scopes::find(id)).map(|row| row.product).collect();
        products.dedup();
        (
            "The app is not allowed to ask for one of the scopes; LinkedIn does not say which.".to_owned(),
            format!("Check on the app's Products tab that it has: {}. Or ask for fewer scopes.", products.join("; ")),
        )
    };
    Error::new(Code::ScopeNotAuthorized, message, hint).said(description)
}

#[derive(Default, Deserialize)]
struct TokenErrorBody {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
}

/// An error of the token, introspection or revocation endpoint.
#[must_use]
pub fn token_error(answer: &Answer) -> Error {
    if let Some(error) = by_status(answer) {
        return error;
    }
    match answer.json::<TokenErrorBody>() {
        Ok(body) if !body.error.is_empty() => token_refusal(&body.error, &body.error_description),
        _ => Error::new(
            Code::UnexpectedAnswer,
            format!("LinkedIn refused with status {} and without a reason this program understands.", answer.status),
            "Check linkedin.www in config.toml and any proxy in between, then try again.",
        ),
    }
}

/// The same from LinkedIn's words.
#[must_use]
pub fn token_refusal(error: &str, description: &str) -> Error {
    let has = |words: &str| description.contains(words);
    let made = |code, message: &str, hint: &str| Error::new(code, message, hint).said(description);
    match error {
        _ if has("authorization code not found") => made(
            Code::CodeRefused,
            "LinkedIn does not know the authorization code (any more): it was used already, or is too old.",
            "Sign in again; a code serves once and for 30 minutes.",
        ),
        _ if has("appid/redirect uri/code verifier does not match") => made(
            Code::RedirectMismatch,
            "LinkedIn refused the authorization code. Likeliest first: the redirect URL of this step is not the one the browser \
             was sent with; the client ID is another app's; the code is older than 30 minutes or was used already; the member's \
             account is bound elsewhere.",
            "Check that the redirect URL is registered on the Auth tab of the app with this very client ID, then sign in again.",
        ),
        "invalid_redirect_uri" => made(
            Code::RedirectMismatch,
            "LinkedIn does not accept the redirect URL.",
            "Register it on the app's Auth tab exactly as it stands here, slash and port included.",
        ),
        _ if has("refresh token is invalid, expired or revoked") => {
            made(Code::Expired, "LinkedIn no longer accepts the refresh token.", "Sign in again by the browser.")
        }
        "invalid_grant" => made(Code::Expired, "The grant is no longer accepted.", "Sign in again by the browser."),
        "invalid_client" | "invalid_client_id" | "unauthorized_client" => made(
            Code::ClientRefused,
            "LinkedIn does not accept the client ID and secret.",
            "Copy both again from the app's Auth tab (the primary client secret), without spaces.",
        ),
        "access_denied" => made(
            Code::NotPermitted,
            "The app may not have tokens without a member (two-legged).",
            "LinkedIn enables that per app; use the browser sign-in instead.",
        ),
        "invalid_request" if has("required parameter") => made(
            Code::Refused,
            "LinkedIn misses a part of the request.",
            "Check that client ID, client secret and redirect URL are all filled in.",
        ),
        other => Error::new(
            Code::Refused,
            format!("LinkedIn refused ({}).", clean(other, 60)),
            "Check the app's Auth tab, then sign in again.",
        )
        .said(description),
    }
}

#[derive(Default, Deserialize)]
struct ApiErrorBody {
    #[serde(rename = "serviceErrorCode")]
    service_error_code: Option<i64>,
    code: Option<String>,
    message: Option<String>,
}

/// An error of the API hosts: every field but the status may be missing.
#[must_use]
pub fn api_error(answer: &Answer) -> Error {
    if let Some(error) = by_status(answer) {
        return error;
    }
    let body: ApiErrorBody = answer.json().unwrap_or_default();
    let code = body.code.unwrap_or_default();
    let said = body.message.unwrap_or_default();
    let error = match (answer.status, body.service_error_code) {
        (401, Some(65602)) => Error::new(Code::Expired, "The token has expired.", "Sign in again."),
        (401, Some(65601)) => Error::new(Code::Revoked, "LinkedIn calls the token revoked.", "Sign in again."),
        (401, _) if code.starts_with("EXPIRED") => {
            Error::new(Code::Expired, "The token has expired.", "Sign in again.")
        }
        (401, _) if code.starts_with("REVOKED") => {
            Error::new(Code::Revoked, "LinkedIn calls the token revoked.", "Sign in again.")
        }
        (401, _) => Error::new(Code::Revoked, "LinkedIn does not accept the token.", "Sign in again."),
        (403, _) => Error::new(
            Code::NotPermitted,
            "The token may not do this: a scope is missing, or the app lacks the product.",
            "Sign in again with the scope that is needed; linkedin-tui scopes lists them.",
        ),
        (status, _) => Error::new(
            Code::UnexpectedAnswer,
            format!("LinkedIn answered with status {status}."),
            "Try again; if it stays, check linkedin.api in config.toml.",
        ),
    };
    error.said(&said)
}

fn by_status(answer: &Answer) -> Option<Error> {
    let mut error = match answer.status {
        429 => Error::new(
            Code::RateLimited,
            "LinkedIn takes no more calls for now (429): a daily limit of the app or the member is reached.",
            "Try again later; LinkedIn's daily limits end at 00:00 UTC.",
        ),
        500..=599 => Error::new(
            Code::ServerError,
            format!("LinkedIn had a problem of its own ({}).", answer.status),
            "Wait a moment, then try again. Status of LinkedIn: https://www.linkedin-apistatus.com/",
        ),
        _ => return None,
    };
    error.wait = answer.retry_after;
    Some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l06_each_authorization_error_becomes_a_sentence_with_a_next_step() {
        let asked = scopes::split("openid r_liteprofile w_organization_social");
        for (error, description, code) in [
            ("user_cancelled_login", "The user cancelled LinkedIn login", Code::Denied),
            ("user_cancelled_authorize", "", Code::Denied),
            ("invalid_scope_error", "", Code::ScopeNotAuthorized),
            ("openid_insufficient_scope_error", "Include valid openId scopes", Code::ScopeNotAuthorized),
            ("invalid_request", "You need to pass the \"scope\" parameter", Code::ScopeNotAuthorized),
            ("unsupported_response_type", "", Code::Refused),
            ("something_new", "<b>x</b>\u{1b}[31m", Code::Refused),
        ] {
            let found = authorization_error(error, description, &asked);
            assert_eq!(found.code, code, "{error}");
            assert!(!found.message.is_empty() && !found.hint.is_empty());
            assert!(!found.to_string().contains('\u{1b}'));
        }
    }

    #[test]
    fn a_scope_error_names_scope_product_and_successor() {
        let named = |scope: &str| {
            authorization_error(
                "unauthorized_scope_error",
                &format!("Scope &quot;{scope}&quot; is not authorized for your application"),
                &[],
            )
        };
        assert!(named("r_liteprofile").hint.contains("openid profile"));
        assert!(named("w_member_social").hint.contains("Share on LinkedIn"));
        assert!(named("w_organization_social").hint.contains("Community Management API"));
        assert!(named("w_member_social").message.contains("w_member_social"));
    }

    #[test]
    fn t16_t29_token_endpoint_errors_are_told_apart() {
        let long = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists";
        for (error, description, code) in [
            ("invalid_client", "Client authentication failed", Code::ClientRefused),
            ("invalid_request", "Unable to retrieve access token: authorization code not found", Code::CodeRefused),
            ("invalid_redirect_uri", long, Code::RedirectMismatch),
            ("invalid_request", long, Code::RedirectMismatch),
            (
                "invalid_request",
                "The provided authorization grant or refresh token is invalid, expired or revoked",
                Code::Expired,
            ),
            ("invalid_grant", "", Code::Expired),
            ("access_denied", "This application is not allowed to create application tokens", Code::NotPermitted),
            ("invalid_request", "A required parameter \"code\" is missing", Code::Refused),
        ] {
            assert_eq!(token_refusal(error, description).code, code, "{error}: {description}");
        }
    }
}
