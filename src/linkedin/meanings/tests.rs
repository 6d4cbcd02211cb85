use serde::Deserialize;
use url::Url;

use super::message::format_until_midnight;
use super::*;
use crate::linkedin::scopes;

/// An entry of the recorded answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordedAnswer {
    id: String,
    method: String,
    endpoint: String,
    status: u16,
    headers: std::collections::BTreeMap<String, String>,
    body: String,
    #[expect(dead_code, reason = "the values of the field are checked")]
    sure: Certainty,
    /// When it was found.
    year: u16,
    source: String,
    /// The row that matches it; absent for a success and for an answer that is not JSON.
    means: Option<String>,
    /// The code of the error.
    code: Option<String>,
    /// What message and hint must contain.
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Certainty {
    /// Quoted in an issue or in public code.
    Seen,
    /// By LinkedIn or by a standard.
    Documented,
    /// Recalled or inferred.
    Unproved,
}

fn recorded_answers() -> Vec<RecordedAnswer> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/linkedin/answers.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl RecordedAnswer {
    fn grant(&self) -> Option<Grant> {
        match self.endpoint.as_str() {
            "/oauth/v2/accessToken" if self.id.starts_with("refresh") => Some(Grant::RefreshToken),
            "/oauth/v2/accessToken" if self.id.contains("two-legged") => Some(Grant::ClientCredentials),
            "/oauth/v2/accessToken" => Some(Grant::AuthorizationCode),
            _ => None,
        }
    }

    /// Returns `error` and `error_description` of a redirect.
    fn redirect(&self) -> Option<(String, String)> {
        let location = self.headers.get("Location")?.replace("{redirect_uri}", "http://localhost/");
        let query: Vec<(String, String)> = Url::parse(&location).ok()?.query_pairs().into_owned().collect();
        let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Some((value("error")?, value("error_description").unwrap_or_default()))
    }

    fn response(&self) -> Response {
        let path = self.endpoint.split('?').next().unwrap_or_default().replace("{urn}", "urn%3Ali%3Ashare%3A7");
        Response::from_parts(&self.method, &path, self.status, self.body.as_bytes())
    }

    /// Returns the name of the row that matches the answer, and the error.
    fn explain(&self) -> Option<(Option<&'static str>, Error)> {
        let find = |rows: &'static [Row], request: Request<'_>, json: Option<&Value>| {
            TABLE.find(rows, request, &Body::parse(json)).map(|row| row.name.as_str())
        };
        if let Some((error, description)) = self.redirect() {
            let json = serde_json::json!({ "error": error, "error_description": decode_entities(&description) });
            let request = Request { status: 302, method: "GET", path: &self.endpoint, grant: None };
            let name = find(&TABLE.authorization, request, Some(&json));
            return Some((name, authorization_error(&error, &description, &[])));
        }
        if self.status < 400 || self.endpoint == "/oauth/v2/authorization" {
            return None;
        }
        let response = self.response();
        let json = response.json::<Value>().ok();
        let is_page = json.is_none() && is_intermediary_page(&response);
        let (rows, error) = if self.endpoint.starts_with("/oauth/v2/") {
            (&TABLE.token, token_error(&response, self.grant()))
        } else {
            (&TABLE.api, api_error(&response))
        };
        let name = find(rows, to_request(&response, self.grant()), json.as_ref()).filter(|_| !is_page);
        Some((name, error))
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [&TABLE.api, &TABLE.token, &TABLE.shared, &TABLE.authorization].into_iter().flatten()
}

#[test]
fn every_recorded_answer_has_its_row_code_and_names() {
    let mut wrong = Vec::new();
    for entry in recorded_answers() {
        let Some((name, error)) = entry.explain() else {
            assert!(entry.means.is_none(), "{}: a success has no row", entry.id);
            continue;
        };
        let text = format!("{} {}", error.message, error.hint);
        if entry.means.as_deref() != name {
            wrong.push(format!("{}: row {name:?} instead of {:?}: {text}", entry.id, entry.means));
        }
        if entry.code.as_deref() != Some(error.code.as_str()) {
            wrong.push(format!("{}: code {} instead of {:?}", entry.id, error.code.as_str(), entry.code));
        }
        for needed in entry.names.iter().filter(|needed| !text.contains(needed.as_str())) {
            wrong.push(format!("{}: does not name {needed}: {text}", entry.id));
        }
        if text.contains(['{', '}']) {
            wrong.push(format!("{}: an unfilled placeholder: {text}", entry.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_recorded_answer_is_unique_and_has_its_source() {
    let entries = recorded_answers();
    for (at, entry) in entries.iter().enumerate() {
        assert!((2010..2100).contains(&entry.year) && !entry.source.is_empty(), "{}: year or source", entry.id);
        assert!(entries[at + 1..].iter().all(|other| other.id != entry.id), "{} is there twice", entry.id);
    }
}

#[test]
fn every_row_has_an_answer() {
    let matched: Vec<String> = recorded_answers().into_iter().filter_map(|entry| entry.means).collect();
    let specific = rows().filter(|row| !row.is_fallback());
    let unmatched: Vec<&str> =
        specific.map(|row| row.name.as_str()).filter(|name| !matched.iter().any(|row| row == name)).collect();
    assert!(unmatched.is_empty(), "no answer for: {}", unmatched.join(", "));
}

#[test]
fn row_names_are_unique() {
    let mut names: Vec<&str> = rows().map(|row| row.name.as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn linkedins_text_has_no_class_names() {
    for entry in recorded_answers() {
        let Some((_, error)) = entry.explain() else { continue };
        let detail = error.detail.unwrap_or_default();
        assert!(!detail.contains("com.linkedin."), "{}: {detail}", entry.id);
    }
}

#[test]
fn a_web_page_is_not_taken_for_linkedins_response() {
    for status in [400, 401, 403, 404, 422] {
        let response = Response::from_parts("GET", "/v2/userinfo", status, b"<html><body>Blocked</body></html>");
        assert_eq!(api_error(&response).code, Code::UnexpectedResponse, "{status}");
        assert_eq!(token_error(&response, Some(Grant::RefreshToken)).code, Code::UnexpectedResponse, "{status}");
    }
}

#[test]
fn unknown_response_gets_no_guessed_cause() {
    for status in [400, 401, 402, 403, 404, 406, 410, 412, 418, 422, 429, 451, 500, 599] {
        let body = serde_json::json!({ "status": status, "code": "SOMETHING_NEW", "message": "Never seen before" });
        let response = Response::from_parts("POST", "/rest/posts", status, body.to_string().as_bytes());
        let error = api_error(&response);
        assert_eq!(error.detail.as_deref(), Some("Never seen before"), "{status}");
        for guess in ["a scope is missing", "expired", "revoked", "w_member_social", "restricted"] {
            assert!(!error.message.contains(guess), "{status}: {}", error.message);
        }
    }
}

#[test]
fn only_documented_texts_refuse_the_refresh_token() {
    let refused = |error: &str, description: &str| {
        let body = serde_json::json!({ "error": error, "error_description": description });
        let response = Response::from_parts("POST", "/oauth/v2/accessToken", 400, body.to_string().as_bytes());
        token_error(&response, Some(Grant::RefreshToken)).code == Code::Expired
    };
    assert!(refused(
        "invalid_request",
        "The provided authorization grant or refresh token is invalid, expired or revoked"
    ));
    assert!(refused("invalid_grant", ""));
    for (error, description) in [
        ("invalid_request", "A required parameter \"refresh_token\" is missing"),
        ("invalid_request", "A required parameter \"client_secret\" is missing"),
        ("invalid_request", "Unable to retrieve access token: authorization code not found"),
        ("invalid_request", "Something else"),
        ("invalid_client", "Client authentication failed"),
        ("access_denied", "Refresh token not allowed"),
        ("server_error", "expired"),
        ("unsupported_grant_type", ""),
    ] {
        assert!(!refused(error, description), "{error}: {description}");
    }
}

#[test]
fn scope_errors_name_scope_product_and_replacement() {
    let named = |scope: &str| {
        let description = format!("Scope &quot;{scope}&quot; is not authorized for your application");
        authorization_error("unauthorized_scope_error", &description, &[])
    };
    assert!(named("r_liteprofile").hint.contains("openid profile"));
    assert!(named("w_member_social").hint.contains("Share on LinkedIn"));
    assert!(named("w_organization_social").hint.contains("Community Management API"));
    assert!(named("w_member_social").message.contains("w_member_social"));
    let requested = scopes::split("openid profile w_member_social");
    let first = authorization_error("unauthorized_scope_error", "Scope \"openid\" is not authorized", &requested);
    for product in ["Sign In with LinkedIn using OpenID Connect", "Share on LinkedIn"] {
        assert!(first.hint.contains(product), "each product of the request: {}", first.hint);
    }
    assert!(!named("w_member_social").hint.contains("OpenID"), "not requested");
    let unnamed = authorization_error("invalid_scope_error", "", &scopes::split("openid w_member_social"));
    assert!(unnamed.hint.contains("Share on LinkedIn"));
}

#[test]
fn a_message_names_a_few_refused_scopes() {
    let description = format!("Scope \"{}\" is not authorized", "s ".repeat(5000));
    let error = authorization_error("unauthorized_scope_error", &description, &[]);
    assert!(error.message.len() < 200 && error.hint.len() < 2000, "{} {}", error.message, error.hint);
}

#[test]
fn hostile_text_is_cleaned() {
    let error = authorization_error("something_new", "<b>x</b>\u{1b}[31m", &[]);
    assert!(!error.to_string().contains('\u{1b}') && error.code == Code::Refused);
}

#[test]
fn limits_name_their_owner_and_reset() {
    assert_eq!(format_until_midnight("2026-11-24T20:43:00Z".parse().unwrap()), " (in 3 h 17 min)");
    assert_eq!(format_until_midnight("2026-11-24T23:23:10Z".parse().unwrap()), " (in 36 min)");
    let hint = |message: &str| {
        let body = serde_json::json!({ "status": 429, "message": message });
        api_error(&Response::from_parts("GET", "/rest/x", 429, body.to_string().as_bytes()))
    };
    let app = hint("Resource level throttle APPLICATION DAY limit for calls to this resource is reached.");
    let member =
        hint("Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.");
    let minute = hint("Comment create throttled: creation rate limit exceeded for member");
    assert!(app.message.contains("app's daily limit") && member.message.contains("member's daily limit with this app"));
    assert!(minute.hint.contains("minute") && !minute.hint.contains("00:00 UTC"));
}

#[test]
fn a_limit_or_an_outage_reads_the_same_at_every_endpoint() {
    for entry in recorded_answers().iter().filter(|entry| matches!(entry.status, 429 | 500..)) {
        let at = |path: &str| Response::from_parts("POST", path, entry.status, entry.body.as_bytes());
        let api = api_error(&at("/v2/userinfo"));
        for (path, grant) in
            [("/oauth/v2/accessToken", Some(Grant::AuthorizationCode)), ("/oauth/v2/introspectToken", None)]
        {
            let token = token_error(&at(path), grant);
            assert_eq!((token.code, &token.message, &token.hint), (api.code, &api.message, &api.hint), "{}", entry.id);
        }
    }
}

#[test]
fn an_unnamed_refused_scope_lists_each_product_once() {
    let hint = |scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        authorization_error("unauthorized_scope_error", "A scope is not authorized", &scopes).hint
    };
    let products = "Sign In with LinkedIn using OpenID Connect; Share on LinkedIn";
    let expected = format!("Check that the app's Products tab has: {products}. Or request fewer scopes.");
    assert_eq!(hint(&["openid", "w_member_social", "profile"]), expected);
    for scopes in [&["r_unknown"][..], &[]] {
        assert!(hint(scopes).starts_with("Request fewer scopes, or "), "{}", hint(scopes));
    }
}
