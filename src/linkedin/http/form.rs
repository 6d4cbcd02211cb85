//! The body of a form request.

use crate::secret::Secret;

/// The fields of a form. It has no `Debug`, because it contains secrets.
#[derive(Default)]
pub struct Form(pub(super) String);

impl Form {
    /// Adds a field.
    pub fn with_text(self, name: &str, value: &str) -> Self {
        let mut fields = url::form_urlencoded::Serializer::new(self.0);
        Self(fields.append_pair(name, value).finish())
    }

    /// Adds a field with a secret.
    pub fn with_secret(self, name: &str, value: &Secret) -> Self {
        self.with_text(name, expose_to_network(value))
    }
}

/// Exposes a secret to the network: the only place that does, for this form and for the `oauth2` crate.
pub(crate) fn expose_to_network(secret: &Secret) -> &str {
    secret.expose()
}
