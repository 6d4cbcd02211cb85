//! Random text for codes and tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Code, Error, Result};

/// Returns `length` random characters of `A-Za-z0-9_-`.
pub(super) fn generate_text(length: usize) -> Result<String> {
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(Code::Unexpected, format!("The system returned no random numbers: {error}."), "Try again.")
    })?;
    let mut text = URL_SAFE_NO_PAD.encode(bytes);
    text.truncate(length);
    Ok(text)
}
