//! Token introspection: `POST /oauth/v2/introspectToken` ("Token Introspection"). Needs no scope,
//! only the app's credentials.

use jiff::Timestamp;
use serde::Deserialize;

use super::Endpoints;
use super::answers::{Grant, token_error};
use super::endpoints::INTROSPECT;
use super::http::{Answer, Form, Http};
use crate::secret::Secret;
use crate::{Code, Result};

/// What LinkedIn says of a token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Introspection {
    /// Does it live?
    pub active: bool,
    /// `active`, `expired` or `revoked`; absent for another app's token.
    pub status: Option<String>,
    /// Comma-separated.
    pub scope: Option<String>,
    /// Epoch seconds of the first issue.
    pub created_at: Option<i64>,
    /// Epoch seconds of its end.
    pub expires_at: Option<i64>,
    /// The app it belongs to.
    pub client_id: Option<String>,
    /// `3L`, `2L` or `Enterprise_User`.
    pub auth_type: Option<String>,
}

async fn ask(http: &Http, endpoints: &Endpoints, client_id: &str, secret: &Secret, token: &Secret) -> Result<Answer> {
    let form = Form::default().text("client_id", client_id).secret("client_secret", secret).secret("token", token);
    http.post_form(endpoints.www(INTROSPECT), form).await
}

/// Asks about `token`; also gives the server's time.
///
/// # Errors
/// `client_refused` for a wrong client ID or secret, `server_error`, `rate_limited`,
/// `unexpected_response`, `network`.
pub async fn introspect(
    http: &Http,
    endpoints: &Endpoints,
    client_id: &str,
    secret: &Secret,
    token: &Secret,
) -> Result<(Introspection, Option<Timestamp>)> {
    let answer = ask(http, endpoints, client_id, secret, token).await?;
    if answer.status != 200 {
        return Err(token_error(&answer, Grant::Inspection));
    }
    Ok((answer.json()?, answer.date))
}

/// Tries client ID and secret with a dummy token: LinkedIn answers 401 to a wrong secret; a 400
/// is for a wrong client ID or the token itself, and says nothing sure.
///
/// `Ok(false)` says that nothing is known.
///
/// # Errors
/// `client_refused` when the secret is wrong; `bad_input` when a network setting cannot be used:
/// it would only fail after the consent.
pub async fn try_secret(http: &Http, endpoints: &Endpoints, client_id: &str, secret: &Secret) -> Result<bool> {
    let dummy = Secret::new(format!("AQ{}", "x".repeat(200)));
    match ask(http, endpoints, client_id, secret, &dummy).await {
        Ok(answer) if answer.status == 401 => {
            let mut error = crate::Error::new(
                Code::ClientRefused,
                "LinkedIn does not accept this client secret for this client ID.",
                "Copy both again from the app's Auth tab (the primary client secret), without spaces.",
            );
            error.said = token_error(&answer, Grant::Inspection).said;
            Err(error)
        }
        Ok(answer) => Ok(answer.status == 200),
        Err(error) if error.code == Code::BadInput => Err(error),
        Err(_) => Ok(false),
    }
}
