//! The callback server: bound before the browser opens, closed when the wait ends.

use super::handle::CallbackHandle;
use super::probe;
use super::service::CallbackService;
use super::sockets::{LOOPBACK, Sockets};
use crate::linkedin::RedirectUrl;
use crate::oauth::authorize::AuthorizationAttempt;
use crate::{Code, Error, Result, clock};

/// How many ports are tried until one is free on both families.
const MAX_FREE_PORT_TRIES: u32 = 20;

/// Holds the redirect URL's port on both loopback families.
#[derive(Debug)]
pub struct CallbackServer {
    sockets: Sockets,
    port: u16,
    redirect: RedirectUrl,
}

impl CallbackServer {
    /// Binds 127.0.0.1 and `[::1]` on the redirect URL's port, or on one that is free on both if that is 0. A family
    /// that the machine lacks is left out.
    ///
    /// # Errors
    /// `port_in_use`, with the port's owner if it can be read; `network` if the system's clock is so wrong that no certificate can be verified.
    #[expect(clippy::unused_async, reason = "the sockets belong to the runtime that it is called in")]
    pub async fn bind(redirect: &RedirectUrl) -> Result<Self> {
        if !clock::is_system_clock_usable() {
            return Err(Error::unusable_clock());
        }
        // A port that is free on one family may be in use on the other: another one is tried.
        let tries = if redirect.port() == 0 { MAX_FREE_PORT_TRIES } else { 1 };
        let (sockets, port) = retry_while_in_use(tries, || Sockets::bind(redirect.port()))?;
        Ok(Self { sockets, port, redirect: redirect.with_port(port) })
    }

    /// Returns the redirect URL in use: with the port that was bound, where it has port 0.
    pub const fn redirect_url(&self) -> &RedirectUrl {
        &self.redirect
    }

    /// Returns whether IPv4 and IPv6 are bound.
    pub fn families(&self) -> (bool, bool) {
        (self.sockets.has_family_of(LOOPBACK[0]), self.sockets.has_family_of(LOOPBACK[1]))
    }

    /// Sends a request to the port on each family that `localhost` resolves to; it must reach this process.
    pub async fn self_test(&self) -> Result<()> {
        probe::run(&self.sockets, self.port).await
    }

    /// Starts to serve the callback of `attempt`, which requested `scopes`.
    pub fn serve(self, attempt: &AuthorizationAttempt, scopes: &[String]) -> CallbackHandle {
        let (service, code, outcome) = CallbackService::new(self.port, &self.redirect, attempt, scopes);
        CallbackHandle::spawn(service, self.sockets, code, outcome)
    }
}

/// Calls `bind` until it finds a port that is not in use, at most `tries` times.
fn retry_while_in_use<T>(tries: u32, bind: impl Fn() -> Result<T>) -> Result<T> {
    for _ in 1..tries {
        match bind() {
            Err(error) if error.code == Code::PortInUse => {}
            other => return other,
        }
    }
    bind()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn only_a_port_in_use_is_retried() {
        let outcome = |code: Code, failures: u32, tries: u32| {
            let calls = Cell::new(0);
            let result = retry_while_in_use(tries, || {
                calls.set(calls.get() + 1);
                if calls.get() <= failures { Err(Error::new(code, "", "")) } else { Ok(()) }
            });
            (result.err().map(|error| error.code), calls.get())
        };
        assert_eq!(outcome(Code::PortInUse, 0, 20), (None, 1));
        assert_eq!(outcome(Code::PortInUse, 3, 20), (None, 4));
        assert_eq!(outcome(Code::PortInUse, 99, 20), (Some(Code::PortInUse), 20));
        assert_eq!(outcome(Code::PortInUse, 99, 1), (Some(Code::PortInUse), 1));
        assert_eq!(outcome(Code::Network, 99, 20), (Some(Code::Network), 1), "other errors are not retried");
    }
}
