//! Revocation: `POST /oauth/v2/revoke`. LinkedIn documents no such endpoint; many programs call it.
//! Introspection verifies the result.

use super::endpoints::{Endpoints, REVOKE};
use super::http::{Form, Http};
use super::meanings::token_error;
use crate::Result;
use crate::secret::Secret;

/// Asks LinkedIn to revoke `token`, an access token or a refresh token. An app without a secret
/// (native PKCE) sends none.
pub(crate) async fn revoke(
    http: &Http,
    endpoints: &Endpoints,
    client_id: &str,
    secret: Option<&Secret>,
    token: &Secret,
) -> Result<()> {
    let mut form = Form::default().with_text("client_id", client_id);
    if let Some(secret) = secret {
        form = form.with_secret("client_secret", secret);
    }
    let form = form.with_secret("token", token);
    let response = http.post_form(endpoints.www(REVOKE), form).await?;
    if response.is_success() { Ok(()) } else { Err(token_error(&response, None)) }
}
