//! The digests of previews: what the user confirmed is what is sent, once.

use std::collections::VecDeque;
use std::sync::Mutex;

use ring::digest::{Context, SHA256};
use serde::Serialize;

use crate::sync::lock;
use crate::{Code, Error, Result};

/// Previews that can be confirmed; the oldest ones beyond it are forgotten.
const MAX_PENDING: usize = 64;

/// The previews that this process returned and that were not confirmed yet.
pub(super) struct Confirmations {
    /// Makes the digests of each process its own.
    salt: [u8; 32],
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    /// Makes each digest differ from the earlier ones of the same request.
    count: u64,
    previews: VecDeque<(u64, String)>,
}

impl Confirmations {
    pub(super) fn new() -> Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|_| {
            Error::new(Code::Unexpected, "The system has no random numbers.", "Try again after a restart.")
        })?;
        Ok(Self { salt, pending: Mutex::default() })
    }

    /// Returns a new digest of a request.
    pub(super) fn issue(&self, request: &impl Serialize) -> Result<String> {
        let mut pending = lock(&self.pending);
        pending.count += 1;
        let number = pending.count;
        let digest = self.digest(number, request)?;
        pending.previews.push_back((number, digest.clone()));
        if pending.previews.len() > MAX_PENDING {
            pending.previews.pop_front();
        }
        Ok(digest)
    }

    /// Uses up the digest of a request.
    ///
    /// # Errors
    /// `bad_input` if it was used already or forgotten, if it is not of this process, or if the request has changed.
    pub(super) fn take(&self, digest: &str, request: &impl Serialize) -> Result<()> {
        const HINT: &str = "Call the tool without a digest, and show the user the new preview. Nothing was sent.";
        let mut pending = lock(&self.pending);
        let Some(index) = pending.previews.iter().position(|(_, issued)| issued == digest) else {
            let message = "The digest was used already, is too old, or is not of a preview by this server process.";
            return Err(Error::bad_input(message, HINT));
        };
        let number = pending.previews[index].0;
        if self.digest(number, request)? != digest {
            return Err(Error::bad_input("The request, or a file of it, differs from the preview.", HINT));
        }
        pending.previews.remove(index);
        Ok(())
    }

    /// Returns the SHA-256 of a request as hexadecimal digits.
    fn digest(&self, number: u64, request: &impl Serialize) -> Result<String> {
        let request = serde_json::to_vec(request).map_err(|_| {
            Error::new(Code::Unexpected, "The request could not be written as JSON.", "Please report this.")
        })?;
        let mut context = Context::new(&SHA256);
        context.update(&self.salt);
        context.update(&number.to_be_bytes());
        context.update(&request);
        Ok(context.finish().as_ref().iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_accepted_once_for_its_request() {
        let confirmations = Confirmations::new().unwrap();
        let digest = confirmations.issue(&"a").unwrap();
        assert_eq!(digest.len(), 64);
        assert!(confirmations.take(&digest, &"b").unwrap_err().message.contains("differs"));
        confirmations.take(&digest, &"a").unwrap();
        assert!(confirmations.take(&digest, &"a").unwrap_err().message.contains("used already"));
    }

    #[test]
    fn digests_differ_between_previews_and_processes() {
        let (one, other) = (Confirmations::new().unwrap(), Confirmations::new().unwrap());
        let digests = [one.issue(&"a").unwrap(), one.issue(&"a").unwrap(), other.issue(&"a").unwrap()];
        assert!(digests[0] != digests[1] && digests[0] != digests[2]);
        assert!(other.take(&digests[0], &"a").is_err());
        one.take(&digests[1], &"a").unwrap();
        one.take(&digests[0], &"a").unwrap();
    }

    #[test]
    fn the_oldest_of_too_many_previews_is_forgotten() {
        let confirmations = Confirmations::new().unwrap();
        let first = confirmations.issue(&0).unwrap();
        let second = confirmations.issue(&1).unwrap();
        (2..=MAX_PENDING).for_each(|number| drop(confirmations.issue(&number).unwrap()));
        assert!(confirmations.take(&first, &0).is_err());
        confirmations.take(&second, &1).unwrap();
    }
}
