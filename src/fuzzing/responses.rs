//! LinkedIn's responses.

use serde_json::Value;

use super::{check_displayed_error, collect_displayed_text, split_line};
use crate::linkedin::http::Response;
use crate::linkedin::meanings::{Grant, Meaning, authorization_error, explain, token_error};
use crate::linkedin::urn::is_urn;
use crate::linkedin::userinfo::UserInfo;
use crate::oauth::exchange;
use crate::text::is_hostile;
use crate::{Code, Error};

/// Keys of a body whose values no error may contain.
const SECRET_KEYS: [&str; 5] = ["access_token", "refresh_token", "id_token", "client_secret", "authorization"];

/// Shortest value that cannot occur by chance in the text of an error, in bytes.
const MIN_SECRET_BYTES: usize = 12;

/// Longest token that is accepted, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Returns a text of a JSON object; empty if it has none.
fn text_of<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn parse_grant(name: Option<&str>) -> Grant {
    match name {
        Some("refresh") => Grant::RefreshToken,
        Some("client") => Grant::ClientCredentials,
        _ => Grant::AuthorizationCode,
    }
}

/// Checks that no error contains a secret that occurs once in the body.
fn check_secrets(error: &Error, body: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return };
    let whole_body = json.to_string();
    for key in SECRET_KEYS {
        let secret = text_of(&json, key);
        if secret.len() >= MIN_SECRET_BYTES && whole_body.matches(secret).count() == 1 {
            assert!(!collect_displayed_text(error).contains(secret), "an error repeats {secret:?}: {error:?}");
        }
    }
}

/// Checks that a token is read only from a success and unchanged, and that only LinkedIn's error of an invalid refresh token makes a refresh token invalid.
///
/// Input: a line with the status and the grant, then the body.
pub fn token_response(input: &[u8]) {
    let (line, body) = split_line(input);
    let mut parts = line.split_whitespace();
    let status = parts.next().and_then(|word| word.parse().ok()).unwrap_or(200);
    let grant = parse_grant(parts.next());
    let issued = match exchange::parse(status, body, grant) {
        Ok(issued) => issued,
        Err(error) => {
            check_displayed_error(&error);
            check_secrets(&error, body);
            if error.code == Code::Expired {
                let detail = String::from_utf8_lossy(body).to_lowercase();
                assert!(
                    grant == Grant::RefreshToken
                        && (detail.contains("invalid_grant") || detail.contains("refresh token"))
                );
            }
            return;
        }
    };
    assert_eq!(status, 200);
    // Text after the object, or invalid UTF-8 in a field that is not read, does not prevent reading the token.
    let body = String::from_utf8_lossy(body);
    let first = serde_json::Deserializer::from_str(&body).into_iter::<Value>().next();
    // This parser is stricter than the program's, which reads a text with a raw line break in it.
    let Some(Ok(json)) = first else { return };
    for (token, key) in [(Some(&issued.access), "access_token"), (issued.refresh.as_ref(), "refresh_token")] {
        let (Some(token), sent) = (token, text_of(&json, key)) else { continue };
        let is_plausible = (1..=MAX_TOKEN_BYTES).contains(&sent.len()) && sent.bytes().all(|c| c.is_ascii_graphic());
        assert!(token.matches(sent) && is_plausible, "{key}");
    }
    for seconds in [issued.expires_in, issued.refresh_expires_in].into_iter().flatten() {
        assert!((1..=100 * 31_557_600).contains(&seconds), "{seconds}");
    }
    for scope in issued.scopes.iter().flatten() {
        assert!(!scope.is_empty() && !scope.contains(|c: char| c.is_whitespace() || c == ','), "{scope:?}");
    }
    if let Some(subject) = &issued.subject {
        check_member_id(subject);
    }
    let token = text_of(&json, "access_token");
    let is_unique = token.len() >= MIN_SECRET_BYTES && json.to_string().matches(token).count() == 1;
    assert!(!is_unique || !format!("{issued:?}").contains(token));
}

/// Checks a member ID: 10 characters in practice ("Sign In with LinkedIn using OpenID Connect").
fn check_member_id(id: &str) {
    assert!(
        (1..=64).contains(&id.len()) && id.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c)),
        "{id:?}"
    );
}

/// Checks that the error of a refusal is safe to show, whatever its body is.
///
/// Input: a line with method, path and status, then the body.
pub fn error_body(input: &[u8]) {
    let (line, body) = split_line(input);
    let mut parts = line.split_whitespace();
    let (method, path) = (parts.next().unwrap_or("GET"), parts.next().unwrap_or("/v2/userinfo"));
    let status = parts.next().and_then(|word| word.parse().ok()).unwrap_or(400);
    let response = Response::from_parts(method, path, status, body);
    let json: Value = response.json().unwrap_or_default();
    let explanation = explain(&response);
    let grants = [Grant::AuthorizationCode, Grant::RefreshToken, Grant::ClientCredentials].map(Some);
    let mut errors: Vec<Error> = grants.into_iter().chain([None]).map(|grant| token_error(&response, grant)).collect();
    errors.push(authorization_error(
        text_of(&json, "error"),
        text_of(&json, "error_description"),
        &["openid".to_owned()],
    ));
    errors.push(explanation.error);
    // A value that replaces a placeholder of a message may contain braces.
    let has_braces = |text: &str| text.contains(['{', '}']);
    let is_without_braces = !has_braces(&line) && !strings(&json).any(has_braces);
    for error in &errors {
        check_displayed_error(error);
        check_secrets(error, body);
        assert!(!error.message.is_empty());
        assert!(
            !is_without_braces || !has_braces(&error.message) && !has_braces(&error.hint),
            "an unfilled placeholder: {error:?}"
        );
    }
    if let Some(urn) = &explanation.duplicate_of {
        assert!(is_urn(urn) && explanation.meaning == Meaning::Duplicate, "{urn:?}");
    }
    if let Some(resource) = &explanation.resource {
        assert!(!resource.label.contains(is_hostile), "{resource:?}");
    }
}

/// Returns every text in a JSON value.
fn strings(json: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match json {
        Value::String(text) => Box::new(std::iter::once(text.as_str())),
        Value::Array(items) => Box::new(items.iter().flat_map(strings)),
        Value::Object(fields) => Box::new(fields.values().flat_map(strings)),
        _ => Box::new(std::iter::empty()),
    }
}

/// Checks that a member always has a valid ID.
///
/// Input: the body of a success.
pub fn userinfo(input: &[u8]) {
    let response = Response::from_parts("GET", "/v2/userinfo", 200, input);
    match UserInfo::read(&response) {
        Ok(info) => {
            check_member_id(&info.sub);
            let json: Value = response.json().unwrap_or_default();
            // A number is read as its digits.
            let sub = json.get("sub").map(|sub| sub.as_str().map_or_else(|| sub.to_string(), str::to_owned));
            assert_eq!(sub.as_deref().map(str::trim), Some(info.sub.as_str()));
            let claim = |key: &str| Some(text_of(&json, key).trim()).filter(|text| !text.is_empty());
            assert_eq!(claim("email"), info.email.as_deref());
            // Without a name, the given name and the family name replace it.
            let name = claim("name");
            assert!(name.is_none() || name == info.name.as_deref().map(str::trim), "{:?}", info.name);
        }
        Err(error) => {
            check_displayed_error(&error);
            assert_eq!(error.code, Code::UnexpectedResponse);
            check_secrets(&error, input);
        }
    }
}
