//! The key that signs the sandbox's ID tokens. It is public, in this program's source, and protects
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::{Code, Error, Result};

const PKCS8: &[u8] = include_bytes!("../../assets/sandbox/signing-key.der");
/// The name of the key in the key set.
pub(super) const KEY_ID: &str = "5a4db0c5-1d25-4e0b-8c1a-5a4db0c50001";

pub(super) struct SigningKey(KeyPair);

fn signing_error(error: impl std::fmt::Display) -> Error {
    Error::new(Code::Unexpected, format!("The sandbox cannot sign: {error}."), "Please report this.")
}

impl SigningKey {
    pub(super) fn embedded() -> Result<Self> {
        KeyPair::from_pkcs8(PKCS8).map(Self).map_err(signing_error)
    }

    /// Returns the signed token (JWS) of `header` and `claims`.
    pub(super) fn sign(&self, header: &str, claims: &str) -> Result<String> {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0_u8; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(signing_error)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Returns the public key (JWK).
    pub(super) fn public_jwk(&self) -> Value {
        let parts: PublicKeyComponents<Vec<u8>> = self.0.public().into();
        json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
            "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
        })
    }
}
