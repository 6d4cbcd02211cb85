//! The token endpoint with an app's credentials.

use crate::Result;
use crate::oauth::exchange::TokenClient;
use crate::session::Context;
use crate::store::App;

impl Context {
    /// Returns the client for the token requests of `app`.
    ///
    /// # Errors
    /// `bad_input` when the app needs a client secret and has none.
    pub(super) fn token_client<'a>(&'a self, app: &'a App) -> Result<TokenClient<'a>> {
        Ok(TokenClient::new(&self.http, &self.endpoints, &app.client_id, app.secret_for_exchange()?))
    }
}
