//! Token introspection: `POST /oauth/v2/introspectToken` ("Token Introspection"). Needs
//! the app's credentials and no scope.

use jiff::Timestamp;
use serde_json::Value;

use super::endpoints::{DISCOVERY, Endpoints, INTROSPECT};
use super::http::{Failure, Fields, Form, Http, HttpRequest, Response};
use super::meanings::token_error;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// LinkedIn's description of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    pub is_active: bool,
    /// `active`, `expired` or `revoked`; absent for another app's token.
    pub status: Option<String>,
    /// Its scopes, separated by commas.
    pub scope: Option<String>,
    /// When it was first issued, in epoch seconds.
    pub created_at: Option<i64>,
    /// When it expires, in epoch seconds.
    pub expires_at: Option<i64>,
    /// The client ID of its app.
    pub client_id: Option<String>,
    /// `3L`, `2L` or `Enterprise_User`.
    pub auth_type: Option<String>,
}

impl Introspection {
    /// Reads the fields; `None` if the response has neither `active` nor a status.
    fn parse(fields: &Fields) -> Option<Self> {
        let status = fields.string("status").map(str::to_owned);
        let is_active = fields.boolean("active").or_else(|| Some(status.as_deref()? == "active"))?;
        Some(Self {
            is_active,
            scope: fields.get("scope").and_then(parse_scope),
            created_at: fields.integer("created_at"),
            expires_at: fields.integer("expires_at"),
            client_id: fields.string_or_number("client_id"),
            auth_type: fields.string("auth_type").map(str::to_owned),
            status,
        })
    }
}

fn parse_scope(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
        _ => None,
    }
}

async fn post(
    http: &Http,
    endpoints: &Endpoints,
    client_id: &str,
    secret: &Secret,
    token: &Secret,
) -> Result<Response, Failure> {
    let form = Form::default()
        .with_text("client_id", client_id)
        .with_secret("client_secret", secret)
        .with_secret("token", token);
    http.post_form(endpoints.www(INTROSPECT), form).await
}

/// Introspects `token`; also returns the server's time.
pub async fn introspect(
    http: &Http,
    endpoints: &Endpoints,
    client_id: &str,
    secret: &Secret,
    token: &Secret,
) -> Result<(Introspection, Option<Timestamp>)> {
    let response = post(http, endpoints, client_id, secret, token).await?;
    if response.status != 200 {
        return Err(token_error(&response, None));
    }
    let fields = response.fields()?;
    match Introspection::parse(&fields) {
        Some(introspection) => Ok((introspection, response.date)),
        None if fields.string("error").is_some() => Err(token_error(&response, None)),
        None => Err(Error::new(
            Code::UnexpectedResponse,
            "LinkedIn's response does not contain whether the token is active.",
            "Check linkedin.www in config.toml and any proxy in between, then try again.",
        )
        .with_detail(fields.detail())),
    }
}

/// Verifies client ID and secret with a dummy token, before a browser opens.
///
/// LinkedIn responds with 401 to a wrong secret, and with 400 both to a wrong client ID and to the dummy token
/// ("Token Introspection"); only the text differs. Returns whether they are verified: without a response,
/// or by one that proves nothing, they are not.
///
/// # Errors
/// `client_refused` when the client ID or the secret is wrong. `network` and `bad_input` if the
/// exchange of a code would fail in the same way, after the member's consent.
pub async fn verify_credentials(http: &Http, endpoints: &Endpoints, client_id: &str, secret: &Secret) -> Result<bool> {
    let dummy = Secret::new(format!("AQ{}", "x".repeat(200)));
    let response = match post(http, endpoints, client_id, secret, &dummy).await {
        Ok(response) => response,
        Err(failure) if failure.is_permanent => return Err(failure.error),
        Err(_) => return Ok(false),
    };
    let refusal = token_error(&response, None);
    match response.status {
        // Only this reason of a 400 is about the app.
        400 if refusal.code == Code::ClientRefused => Err(refusal),
        // A login page in between responds with 401 too.
        401 if !response.is_web_page() => {
            let mut error = Error::new(
                Code::ClientRefused,
                "LinkedIn does not accept this client secret for this client ID.",
                "Copy both again from the app's Auth tab (the Primary Client Secret), without spaces.",
            );
            error.detail = refusal.detail;
            Err(error)
        }
        // A portal in between responds with 200 too, and with a page of its own.
        200 => Ok(response.fields().is_ok_and(|fields| Introspection::parse(&fields).is_some())),
        _ => Ok(false),
    }
}

/// Verifies the connection to LinkedIn's web host, for an app without a secret.
///
/// # Errors
/// `network` and `bad_input` if the exchange of a code would fail in the same way. A temporary
/// failure, or any response, is `Ok`.
pub async fn verify_connection(http: &Http, endpoints: &Endpoints) -> Result<()> {
    let url = endpoints.www(DISCOVERY);
    match http.execute(HttpRequest::new(reqwest::Method::GET, url, reqwest::header::HeaderMap::new(), Vec::new())).await
    {
        Err(failure) if failure.is_permanent => Err(failure.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Introspection> {
        Introspection::parse(&Fields::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn unusable_fields_do_not_hide_the_status() {
        let found = read(
            "{\"active\":\"true\",\"status\":7,\"scope\":[\"openid\",\"profile\"],\"created_at\":\"1731259037\",\
             \"expires_at\":1736443038.0,\"client_id\":78,\"auth_type\":null}",
        );
        let expected = Introspection {
            is_active: true,
            status: None,
            scope: Some("openid,profile".to_owned()),
            created_at: Some(1_731_259_037),
            expires_at: Some(1_736_443_038),
            client_id: Some("78".to_owned()),
            auth_type: None,
        };
        assert_eq!(found, Some(expected));
        assert!(!read("{\"status\":\"revoked\"}").unwrap().is_active);
        assert!(read("{\"status\":\"active\"}").unwrap().is_active);
        assert_eq!(read("{\"active\":null,\"message\":\"x\"}"), None);
    }
}
