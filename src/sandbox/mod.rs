//! The embedded imitation of LinkedIn, so that everything can be tried without an app of one's
//! own, without a network and without a trace on anybody's account.
//!
//! One port on 127.0.0.1 serves what LinkedIn has on `www` and on `api`. It is written from
//! LinkedIn's documentation and from answers seen in the wild, which are entries of
//! `assets/linkedin/answers.json`, and shares no code with this program's own client: a mistake made
//! on both sides would go unseen.
//!
//! At `/` is a page that shows what happened, posts as a feed among it, and switches scenarios.
//! The same as JSON:
//!
//! | request | does |
//! |---|---|
//! | `GET /sandbox/state` | who is signed in, apps, grants, tokens (masked), posts, images, how often each address was asked |
//! | `POST /sandbox/scenario` `{"name"}`, optionally `"set": {switch: value}` | changes behaviour |
//! | `POST /sandbox/sign-in` `{"member"}` | signs a member in; nobody without one |
//! | `POST /sandbox/revoke-member-grants`, optionally `{"member","client_id"}` | as on the member's settings page |
//! | `POST /sandbox/clock` `{"advance_seconds"}` or `{"reset":true}` | turns the clock |
//! | `POST /sandbox/app` `{"client_id","client_secret","name","redirect_urls","scopes","refresh","native_pkce","client_credentials","any_loopback_callback"}` | makes or changes an app; what is left out stays |
//! | `POST /sandbox/fault` `{"path_prefix","status","body","times","delay_ms","drop","after"}` | the next answers fail; with `after`, once the work is done |
//! | `POST /sandbox/reset` | forgets everything |
//!
//! Each answers with the state. They take requests for this machine's own names only, and none
//! that another site's page sends. Grants, tokens, posts, images, apps and the clock are kept in the
//! folder; scenario, faults and counts last as long as the process.

mod answers;
mod api;
mod apps;
mod authorize;
mod call;
mod consent;
mod content;
mod control;
mod feed;
mod images;
mod introspect;
mod little;
mod members;
mod oidc;
mod organizations;
mod pages;
mod posts;
mod random;
mod reads;
mod routes;
mod scenario;
mod server;
mod state;
mod token;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

pub use apps::{
    CLIENT_ID, CLIENT_SECRET, PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET,
};
pub use members::{MEMBERS, SandboxMember};
pub use scenario::Scenario;

use crate::clock::{self, Clock};
use crate::{Code, Error, NextStep, Result};

/// How to start a sandbox.
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// Where `server.json` is kept, so that a token made yesterday still lives today; `None`
    /// forgets everything at the end. Several processes may use one folder.
    pub folder: Option<PathBuf>,
    /// How it behaves from the start.
    pub scenario: Option<Scenario>,
    /// Its time, to which the control page can add.
    pub clock: Arc<dyn Clock>,
}

/// A running sandbox. Dropping it closes the port.
pub struct Sandbox {
    base: Url,
    server: Arc<server::Server>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts it; it answers once this returns.
    ///
    /// # Errors
    /// `port_in_use`; `files`, `file_damaged` or `file_newer` for its folder.
    pub async fn start(options: Options) -> Result<Self> {
        if !clock::is_system_clock_usable() {
            return Err(Error::unusable_clock());
        }
        let pictures = images::Pictures::new(options.folder.clone());
        let store = state::Store::open(options.folder)?;
        let port = options.port.unwrap_or(0);
        let cannot_listen = |error: std::io::Error| {
            Error::new(
                Code::PortInUse,
                format!("The sandbox cannot listen on 127.0.0.1:{port}: {error}."),
                "Stop the program that uses the port.",
            )
            .with_next_step(NextStep::UseOtherPort)
            .with_io_source(&error)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(cannot_listen)?;
        let port = listener.local_addr().map_err(cannot_listen)?.port();
        let base = Url::parse(&format!("http://127.0.0.1:{port}")).map_err(|error| {
            Error::new(Code::Unexpected, format!("The sandbox has no address: {error}."), "Please report this.")
        })?;
        let scenario = options.scenario.unwrap_or_default();
        let scenario_state =
            server::ScenarioState { scenario, behaviour: scenario.behaviour(), ..server::ScenarioState::default() };
        let server = Arc::new(server::Server {
            store,
            pictures,
            base: base.clone(),
            key: oidc::SigningKey::embedded()?,
            clock: options.clock,
            scenario_state: Mutex::new(scenario_state),
        });
        let task = tokio::spawn(server::serve(listener, Arc::clone(&server)));
        Ok(Self { base, server, task })
    }

    /// `http://127.0.0.1:PORT`, in place of both LinkedIn's `www` and `api`.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Does what a member would do in the browser, sign in and press Allow, and gives the address
    /// that the browser would be sent to: with a code, or with the error of the scenario.
    ///
    /// # Errors
    /// `bad_input` for an unknown member, `refused` where the browser would stay on the "Bummer"
    /// page.
    pub async fn approve(&self, authorization_url: &Url, member: &str) -> Result<Url> {
        let (server, url, member) = (Arc::clone(&self.server), authorization_url.clone(), member.to_owned());
        // The state's file and its lock may block.
        tokio::task::spawn_blocking(move || consent::approve(&server, &url, &member)).await.unwrap_or_else(|error| {
            Err(Error::new(Code::Unexpected, format!("The sandbox failed: {error}."), "Please report this."))
        })
    }

    /// Stops it and waits until the port is closed.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only outcome is "cancelled".
        drop((&mut self.task).await);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
