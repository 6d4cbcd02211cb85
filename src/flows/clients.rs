//! LinkedIn's clients with the credentials of an app or a token.

use jiff::Timestamp;

use crate::Result;
use crate::linkedin::api::Api;
use crate::linkedin::introspection::{Introspection, introspect};
use crate::oauth::exchange::TokenClient;
use crate::secret::Secret;
use crate::session::Context;
use crate::store::{App, Token};

impl Context {
    /// Fails with `bad_input` when the app needs a client secret and has none.
    pub(super) fn token_client<'a>(&'a self, app: &'a App) -> Result<TokenClient<'a>> {
        Ok(TokenClient::new(&self.http, &self.endpoints, &app.client_id, app.secret_for_exchange()?))
    }

    pub(super) fn api<'a>(&'a self, token: &'a Token) -> Api<'a> {
        Api { http: &self.http, endpoints: &self.endpoints, token: &token.access, version: &self.api_version }
    }

    /// Introspects an access token, and returns LinkedIn's time too; `None` without the app's client secret, which
    /// introspection needs.
    pub(super) async fn introspect(
        &self,
        app: &App,
        access: &Secret,
    ) -> Option<Result<(Introspection, Option<Timestamp>)>> {
        let secret = app.client_secret.as_ref()?;
        Some(introspect(&self.http, &self.endpoints, &app.client_id, secret, access).await)
    }
}
