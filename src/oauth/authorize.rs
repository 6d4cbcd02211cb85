//! The authorization request ("LinkedIn 3-Legged OAuth Flow", "Authorization Code Flow with PKCE
//! for native clients").

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use url::Url;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::linkedin::endpoints::{AUTHORIZATION, NATIVE_AUTHORIZATION};
use crate::linkedin::{Endpoints, Flow, RedirectUrl};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// One attempt to sign in: its URL, its `state` and its PKCE verifier. `Debug` shows none of them.
pub struct AuthorizationAttempt {
    url: Url,
    state: Secret,
    verifier: Option<Secret>,
}

impl std::fmt::Debug for AuthorizationAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationAttempt").finish_non_exhaustive()
    }
}

/// Returns `bytes` random bytes as base64url.
pub(super) fn random_base64url(bytes: usize) -> Result<String> {
    let mut buffer = vec![0; bytes];
    getrandom::fill(&mut buffer)
        .map_err(|_| Error::new(Code::Unexpected, "The system has no random numbers.", "Try again."))?;
    Ok(URL_SAFE_NO_PAD.encode(buffer))
}

impl AuthorizationAttempt {
    /// Creates the request with a new `state`. No PKCE on the standard endpoint: LinkedIn responds `invalid_client` to a
    /// `code_verifier` there.
    pub fn new(
        endpoints: &Endpoints,
        client_id: &str,
        redirect: &RedirectUrl,
        scopes: &[String],
        flow: Flow,
    ) -> Result<Self> {
        let state = random_base64url(32)?;
        let mut url = endpoints.www(if flow == Flow::NativePkce { NATIVE_AUTHORIZATION } else { AUTHORIZATION });
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", &state)
            .append_pair("scope", &scopes.join(" "));
        let verifier = (flow == Flow::NativePkce).then(|| {
            let (challenge, verifier): (PkceCodeChallenge, PkceCodeVerifier) = PkceCodeChallenge::new_random_sha256();
            query
                .append_pair("code_challenge", challenge.as_str())
                .append_pair("code_challenge_method", challenge.method().as_str());
            Secret::new(verifier.into_secret())
        });
        // Spaces as %20: every server decodes that, not every one decodes `+`.
        url.set_query(Some(&query.finish().replace('+', "%20")));
        Ok(Self { url, state: Secret::new(state), verifier })
    }

    /// Creates an attempt with a known `state`.
    #[cfg(any(fuzzing, test))]
    pub(crate) fn with_state(endpoints: &Endpoints, state: Secret) -> Self {
        Self { url: endpoints.www(AUTHORIZATION), state, verifier: None }
    }

    /// Returns the authorization URL. It carries `state`: never log it.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the `state` that the callback must carry.
    pub const fn state(&self) -> &Secret {
        &self.state
    }

    /// Returns the PKCE verifier of a native app's attempt.
    pub const fn verifier(&self) -> Option<&Secret> {
        self.verifier.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkedin::http::expose_to_network;
    use crate::linkedin::scopes::split;

    fn attempt(client_id: &str, flow: Flow) -> AuthorizationAttempt {
        let redirect = RedirectUrl::parse("http://localhost:3000/callback").unwrap();
        AuthorizationAttempt::new(&Endpoints::linkedin().unwrap(), client_id, &redirect, &split("openid profile"), flow)
            .unwrap()
    }

    #[test]
    fn l35_hostile_values_stay_values() {
        let attempt = attempt("a&scope=x\n\"-y", Flow::Standard);
        assert_eq!((attempt.url().scheme(), attempt.url().host_str()), ("https", Some("www.linkedin.com")));
        let pairs: Vec<(String, String)> = attempt.url().query_pairs().into_owned().collect();
        let expected = [
            ("response_type", "code"),
            ("client_id", "a&scope=x\n\"-y"),
            ("redirect_uri", "http://localhost:3000/callback"),
            ("state", expose_to_network(attempt.state())),
            ("scope", "openid profile"),
        ];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(attempt.url().as_str().contains("scope=openid%20profile"));
    }

    #[test]
    fn t17_pkce_is_for_native_apps_only() {
        let standard = attempt("86", Flow::Standard);
        assert!(standard.url().as_str().contains("/oauth/v2/authorization?"));
        assert!(!standard.url().as_str().contains("code_challenge") && standard.verifier().is_none());
        let native = attempt("86", Flow::NativePkce);
        assert!(native.url().as_str().contains("/oauth/native-pkce/authorization?"));
        assert!(native.url().as_str().contains("code_challenge_method=S256"));
        let verifier = expose_to_network(native.verifier().unwrap());
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        let challenge = native.url().query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1;
        assert_eq!(challenge, URL_SAFE_NO_PAD.encode(digest));
    }

    #[test]
    fn state_is_32_random_bytes_and_never_shown() {
        let (first, second) = (attempt("86", Flow::Standard), attempt("86", Flow::Standard));
        assert_eq!(first.state().len(), 43);
        assert_ne!(first.state(), second.state());
        assert_eq!(format!("{first:?}"), "AuthorizationAttempt { .. }");
    }
}
