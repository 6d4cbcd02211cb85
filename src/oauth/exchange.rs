//! The token endpoint: the authorization code grant, refresh tokens, client credentials ("LinkedIn 3-Legged OAuth
//! Flow", "Programmatic Refresh Tokens", "Client Credentials Flow"). The `oauth2` crate writes the requests; the HTTP
//! client and the token response are this program's own: LinkedIn omits `token_type`, separates scopes by commas, and
//! sometimes sends `expires_in` as a string.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeVerifier, RedirectUrl as OauthRedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::linkedin::endpoints::ACCESS_TOKEN;
use crate::linkedin::http::{self, Failure, Fields, Http, Response, expose_to_network};
use crate::linkedin::meanings::{Grant, token_error};
use crate::linkedin::userinfo::is_member_id;
use crate::linkedin::{Endpoints, RedirectUrl, scopes};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// Longest token that is accepted.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// A hundred years: a longer time is a mistake, and would overflow a date.
const MAX_LIFETIME_SECONDS: u64 = 3_155_760_000;

/// A token as it was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IssuedToken {
    /// The access token.
    pub access: Secret,
    /// The granted scopes; `None` if LinkedIn names none.
    pub scopes: Option<Vec<String>>,
    /// Lifetime in seconds; `None` if LinkedIn sends no plausible one.
    pub expires_in: Option<u64>,
    /// The refresh token, which only approved partners' apps get.
    pub refresh: Option<Secret>,
    /// Lifetime of the refresh token in seconds.
    pub refresh_expires_in: Option<u64>,
    /// `sub` of the `id_token`. Its signature is not checked: it came straight from the token endpoint.
    pub subject: Option<String>,
}

/// The body of a successful response. A malformed field next to the access token must not lose the token. `Debug` shows no
/// contents.
#[derive(Deserialize, Serialize)]
struct Body {
    access_token: AccessToken,
    #[serde(flatten, skip_serializing)]
    fields: Fields,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

/// What the `oauth2` crate reads of the body: it uses only the access token.
impl TokenResponse for Body {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

type LinkedInClient = Client<
    BasicErrorResponse,
    Body,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Requests tokens with the credentials of one app.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenClient<'a> {
    http: &'a Http,
    endpoints: &'a Endpoints,
    client_id: &'a str,
    /// `None` for native PKCE apps.
    client_secret: Option<&'a Secret>,
}

impl<'a> TokenClient<'a> {
    /// Creates a client; a native PKCE app has no secret.
    pub(crate) const fn new(
        http: &'a Http,
        endpoints: &'a Endpoints,
        client_id: &'a str,
        client_secret: Option<&'a Secret>,
    ) -> Self {
        Self { http, endpoints, client_id, client_secret }
    }

    /// Exchanges an authorization code. It is sent once, whatever happens.
    ///
    /// # Errors
    /// The failure records whether LinkedIn may have exchanged the code all the same:
    /// [`Code::ClientRefused`], [`Code::RedirectMismatch`], [`Code::CodeRefused`] or [`Code::Refused`] when LinkedIn
    /// refuses the credentials, the redirect URL, the code or the request; [`Code::Network`], [`Code::ServerError`] or
    /// [`Code::RateLimited`]; [`Code::UnexpectedResponse`] without a usable token.
    pub(crate) async fn exchange_code(
        &self,
        redirect: &RedirectUrl,
        code: &Secret,
        verifier: Option<&Secret>,
    ) -> Result<IssuedToken, Failure> {
        let client = new_client(self.endpoints, self.client_id, self.client_secret);
        let redirect = OauthRedirectUrl::new(redirect.as_str().to_owned())
            .map_err(|_| Error::bad_input("The redirect URL cannot be used.", "Correct it."))
            .map_err(Failure::not_carried_out)?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(expose_to_network(code).to_owned()))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(expose_to_network(verifier).to_owned()));
        }
        let respond = |request| send(self.http, request, Grant::AuthorizationCode);
        read_issued_token(request.request_async(&respond).await).map_err(|failure| *failure)
    }

    /// Requests a new access token with a refresh token.
    ///
    /// # Errors
    /// [`Code::Expired`] when LinkedIn refuses the refresh token permanently; else as [`TokenClient::exchange_code`].
    pub(crate) async fn refresh(&self, refresh: &Secret) -> Result<IssuedToken> {
        let client = new_client(self.endpoints, self.client_id, self.client_secret);
        let token = RefreshToken::new(expose_to_network(refresh).to_owned());
        let request = client.exchange_refresh_token(&token);
        Ok(read_issued_token(request.request_async(&|request| send(self.http, request, Grant::RefreshToken)).await)?)
    }

    /// Requests a token without a member (client credentials grant), for apps that LinkedIn enabled it for.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] if the app is not enabled; else as [`TokenClient::exchange_code`].
    pub(crate) async fn client_credentials(&self) -> Result<IssuedToken> {
        let client = new_client(self.endpoints, self.client_id, self.client_secret);
        let request = client.exchange_client_credentials();
        let respond = |request| send(self.http, request, Grant::ClientCredentials);
        Ok(read_issued_token(request.request_async(&respond).await)?)
    }
}

fn new_client(endpoints: &Endpoints, client_id: &str, secret: Option<&Secret>) -> LinkedInClient {
    let client = Client::new(ClientId::new(client_id.to_owned()))
        // LinkedIn does not accept HTTP Basic.
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(endpoints.www(ACCESS_TOKEN)));
    match secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(expose_to_network(secret).to_owned())),
        None => client,
    }
}

/// Sends a request that must not be sent twice: over a fresh connection.
async fn send(http: &Http, request: HttpRequest, grant: Grant) -> Result<HttpResponse, Box<Failure>> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string())
        .map_err(|_| Failure::not_carried_out(Error::new(Code::Unexpected, "The token endpoint is not a URL.", "")))?;
    let request = http::HttpRequest {
        reuses_connection: false,
        ..http::HttpRequest::new(parts.method, url, parts.headers, body)
    };
    check_response(&http.execute(request).await?, grant)
}

/// Returns a successful response for the `oauth2` crate to parse.
fn check_response(response: &Response, grant: Grant) -> Result<HttpResponse, Box<Failure>> {
    if response.status != 200 {
        let error = token_error(response, Some(grant));
        // LinkedIn may fail after it has issued a token. A refusal means that it issued none.
        let is_refusal = !response.is_success() && response.status < 500;
        return Err(Box::new(if is_refusal {
            Failure::not_carried_out(error)
        } else {
            Failure::outcome_unknown(error)
        }));
    }
    let fields = response.fields().map_err(Failure::outcome_unknown)?;
    if fields.string("access_token").is_none() {
        return Err(Box::new(missing_token_failure(response, &fields, grant)));
    }
    Ok(HttpResponse::new(fields.into_json()))
}

/// Builds the failure for a successful response without an access token.
fn missing_token_failure(response: &Response, fields: &Fields, grant: Grant) -> Failure {
    if fields.string("error").is_some() {
        return Failure::not_carried_out(token_error(response, Some(grant)));
    }
    Failure::outcome_unknown(unexpected_response_error("has no access token").with_detail(fields.detail()))
}

fn unexpected_response_error(problem: &str) -> Error {
    Error::new(
        Code::UnexpectedResponse,
        format!("LinkedIn's token response {problem}."),
        "Try again; if it happens again, check linkedin.www in config.toml and any proxy in between.",
    )
}

/// Maps the errors of the `oauth2` crate at once: its parse error carries the raw body.
fn read_issued_token(
    response: Result<Body, RequestTokenError<Box<Failure>, BasicErrorResponse>>,
) -> Result<IssuedToken, Box<Failure>> {
    let body = match response {
        Ok(body) => body,
        Err(RequestTokenError::Request(failure)) => return Err(failure),
        Err(_) => return Err(Box::new(Failure::outcome_unknown(unexpected_response_error("is invalid")))),
    };
    parse_body(body).map_err(Failure::outcome_unknown).map_err(Box::new)
}

fn parse_body(body: Body) -> Result<IssuedToken> {
    let Body { access_token, fields } = body;
    if fields.string("token_type").is_some_and(|token_type| !token_type.eq_ignore_ascii_case("bearer")) {
        return Err(unexpected_response_error("has a token type other than Bearer"));
    }
    let access = access_token.into_secret();
    if !is_plausible_token(&access) {
        return Err(unexpected_response_error("has a token with invalid characters or length"));
    }
    // Untrimmed and even blank: a token must be valid as it was sent.
    let raw_text = |name: &str| fields.get(name).and_then(Value::as_str);
    Ok(IssuedToken {
        access: Secret::new(access),
        scopes: fields.get("scope").and_then(parse_scopes),
        expires_in: parse_seconds(&fields, "expires_in"),
        refresh: raw_text("refresh_token").filter(|token| is_plausible_token(token)).map(Secret::new),
        refresh_expires_in: parse_seconds(&fields, "refresh_token_expires_in"),
        subject: raw_text("id_token").and_then(parse_subject),
    })
}

/// Parses a token response.
#[cfg(any(fuzzing, test))]
pub(crate) fn parse(status: u16, body: &[u8], grant: Grant) -> Result<IssuedToken> {
    use futures_util::FutureExt as _;
    let client = new_client(&Endpoints::linkedin()?, "id", None);
    let respond =
        |_| std::future::ready(check_response(&Response::from_parts("POST", ACCESS_TOKEN, status, body), grant));
    let response = client.exchange_code(AuthorizationCode::new(String::new())).request_async(&respond).now_or_never();
    Ok(read_issued_token(response.unwrap_or_else(|| Err(RequestTokenError::Other(String::new()))))?)
}

fn is_plausible_token(token: &str) -> bool {
    !token.is_empty() && token.len() <= MAX_TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Parses a number of seconds, given as a number or a string; `None` for an implausible one.
fn parse_seconds(fields: &Fields, name: &str) -> Option<u64> {
    let seconds = fields.integer(name).and_then(|seconds| u64::try_from(seconds).ok());
    seconds.filter(|seconds| (1..=MAX_LIFETIME_SECONDS).contains(seconds))
}

fn parse_scopes(value: &Value) -> Option<Vec<String>> {
    let scopes = match value {
        Value::String(text) => scopes::split(text),
        Value::Array(items) => items.iter().filter_map(Value::as_str).flat_map(scopes::split).collect(),
        _ => return None,
    };
    (!scopes.is_empty()).then_some(scopes)
}

fn parse_subject(id_token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    Fields::parse(&payload)?.string_or_number("sub").filter(|sub| is_member_id(sub))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse_json(body: Value) -> Result<IssuedToken> {
        Ok(read_issued_token(serde_json::from_value(body).map_err(|_| RequestTokenError::Other(String::new())))?)
    }

    #[test]
    fn t10_only_another_token_type_is_refused() {
        for token_type in [json!(null), json!("bearer"), json!("BEARER"), json!("Bearer "), json!(7), json!({})] {
            assert!(parse_json(json!({"access_token": "AQ1", "token_type": token_type})).is_ok());
        }
        assert_eq!(
            parse_json(json!({"access_token": "AQ1", "token_type": "mac"})).unwrap_err().code,
            Code::UnexpectedResponse
        );
    }

    #[test]
    fn t12_an_invalid_expiry_keeps_the_token() {
        for (value, expected) in [
            (json!(5_183_999), Some(5_183_999)),
            (json!("1800"), Some(1800)),
            (json!(-5), None),
            (json!(5_183_999.0), Some(5_183_999)),
            (json!("5183999.0"), Some(5_183_999)),
            (json!(1.5), Some(1)),
            (json!(0.5), None),
            (json!(0), None),
            (json!(3_155_760_000_i64), Some(3_155_760_000)),
            (json!(3_155_760_001_i64), None),
            (json!(u64::MAX), None),
            (json!("NaN"), None),
            (json!([]), None),
        ] {
            assert_eq!(parse_json(json!({"access_token": "AQ1", "expires_in": value})).unwrap().expires_in, expected);
        }
    }

    #[test]
    fn t11_scopes_come_in_any_form() {
        let scopes = |value: Value| parse_json(json!({"access_token": "AQ1", "scope": value})).unwrap().scopes;
        let expected = Some(vec!["email".to_owned(), "openid".to_owned(), "profile".to_owned()]);
        assert_eq!(scopes(json!("email,openid profile")), expected);
        assert_eq!(scopes(json!(["email", "openid,profile", 7])), expected);
        for invalid in [json!(""), json!([]), json!(7), json!(null)] {
            assert_eq!(scopes(invalid), None);
        }
    }

    #[test]
    fn t06_invalid_fields_next_to_the_token_are_ignored() {
        for invalid in [json!({"x": 1}), json!(7), json!(null), json!([])] {
            let issued =
                parse_json(json!({"access_token": "AQ1", "id_token": invalid, "refresh_token": invalid})).unwrap();
            assert_eq!((issued.subject, issued.refresh), (None, None));
        }
    }

    #[test]
    fn only_a_plausible_refresh_token_is_returned() {
        let refresh = |token: &str| {
            let body = json!({"access_token": "AQ1", "refresh_token": token, "refresh_token_expires_in": 31_536_000});
            let issued = parse_json(body).unwrap();
            assert_eq!(issued.refresh_expires_in, Some(31_536_000));
            issued.refresh
        };
        assert_eq!(refresh("AQX-1"), Some(Secret::new("AQX-1")));
        for invalid in ["", "a b", "a\nb", "ä"] {
            assert_eq!(refresh(invalid), None, "{invalid:?}");
        }
    }

    #[test]
    fn a_response_without_a_token_is_an_error() {
        let code = |status, body: Value| {
            parse(status, body.to_string().as_bytes(), Grant::AuthorizationCode).unwrap_err().code
        };
        assert_eq!(code(200, json!({"access_token": " "})), Code::UnexpectedResponse);
        assert_eq!(code(200, json!({"message": "x"})), Code::UnexpectedResponse);
        assert_eq!(code(200, json!({"error": "invalid_client"})), Code::ClientRefused);
        assert_eq!(code(201, json!({"access_token": "AQ1"})), Code::Refused);
        assert!(parse(200, br#"{"access_token":"AQ1"}"#, Grant::AuthorizationCode).is_ok());
    }

    #[test]
    fn only_a_refusal_means_that_no_token_was_issued() {
        let is_outcome_unknown = |status, body: &str| {
            let response = Response::from_parts("POST", ACCESS_TOKEN, status, body.as_bytes());
            check_response(&response, Grant::AuthorizationCode).unwrap_err().is_outcome_unknown
        };
        for (status, body) in [(200, "{}"), (200, "<html>"), (200, ""), (204, ""), (500, "{}"), (504, "<html>")] {
            assert!(is_outcome_unknown(status, body), "{status} {body}");
        }
        let refusal = r#"{"error": "invalid_request"}"#;
        for (status, body) in [(200, refusal), (400, refusal), (401, "{}"), (403, "<html>"), (429, "{}")] {
            assert!(!is_outcome_unknown(status, body), "{status} {body}");
        }
        let unusable = serde_json::from_value(json!({"access_token": "a b"})).unwrap();
        assert!(read_issued_token(Ok(unusable)).unwrap_err().is_outcome_unknown);
    }

    #[test]
    fn a_native_app_sends_no_client_secret() {
        let client_secret = |secret: Option<&Secret>| {
            let client = new_client(&Endpoints::linkedin().unwrap(), "86", secret);
            let form = std::cell::RefCell::new(Vec::new());
            let send = |request: HttpRequest| {
                assert!(request.headers().get("authorization").is_none(), "LinkedIn does not accept HTTP Basic");
                form.borrow_mut().extend(url::form_urlencoded::parse(request.body()).into_owned());
                std::future::ready(Err(Box::new(Failure::not_carried_out(Error::bad_input("", "")))))
            };
            let request = client.exchange_client_credentials().request_async(&send);
            assert!(futures_util::FutureExt::now_or_never(request).unwrap().is_err());
            form.into_inner().into_iter().find(|(name, _)| name == "client_secret").map(|(_, value)| value)
        };
        assert_eq!(client_secret(Some(&Secret::new("s3cret"))).as_deref(), Some("s3cret"));
        assert_eq!(client_secret(None), None);
    }

    #[test]
    fn an_id_token_has_a_valid_member_id_or_none() {
        let subject = |sub: &str| {
            let payload = URL_SAFE_NO_PAD.encode(json!({ "sub": sub }).to_string());
            let subject = |payload: &str| {
                let id_token = format!("e30.{payload}.c2ln");
                parse_json(json!({"access_token": "AQ1", "id_token": id_token})).unwrap().subject
            };
            assert_eq!(subject(&format!("{payload}==")), subject(&payload), "with and without padding");
            subject(&payload)
        };
        assert_eq!(subject("-kfW51gr4J").as_deref(), Some("-kfW51gr4J"));
        for invalid in ["", "a b", "\u{1b}[31m", "../x", "ä", &"a".repeat(65)] {
            assert_eq!(subject(invalid), None, "{invalid:?}");
        }
    }

    #[test]
    fn t19_a_token_with_control_characters_is_refused() {
        for token in ["", "a\nb", "a\u{1b}b", "a b", &"x".repeat(MAX_TOKEN_BYTES + 1)] {
            assert!(parse_json(json!({"access_token": token})).is_err());
        }
        assert!(parse_json(json!({"access_token": "x".repeat(MAX_TOKEN_BYTES)})).is_ok());
    }
}
