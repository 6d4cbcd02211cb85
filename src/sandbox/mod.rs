//! A simulation of LinkedIn: everything can be tried without a LinkedIn app, without a network, and
//! without effect on an account.
//!
//! One port on 127.0.0.1 serves the paths of LinkedIn's `www` and `api` hosts. The sandbox is written
//! from LinkedIn's documentation and from recorded responses of LinkedIn, the entries of
//! `assets/linkedin/answers.json`. Of this program's client it shares only the paths and the list of
//! scopes: the same mistake on both sides would stay hidden.
//!
//! The control page at `/` shows posts, tokens and apps, and switches scenarios. Its JSON API:
//!
//! | request | effect |
//! |---|---|
//! | `GET /sandbox/state` | returns the signed-in member, apps, grants, tokens (masked), posts, comments, reactions, images, documents and videos, and the number of requests to each path |
//! | `POST /sandbox/scenario` `{"name"}`, optionally `"set": {switch: value}` | selects a scenario, and changes single switches of it |
//! | `POST /sandbox/sign-in` `{"member"}` | signs a member in; without one, out |
//! | `POST /sandbox/revoke-member-grants`, optionally `{"member","client_id"}` | revokes permissions, as on the member's settings page |
//! | `POST /sandbox/clock` `{"advance_seconds"}` or `{"reset":true}` | moves the clock |
//! | `POST /sandbox/app` `{"client_id","client_secret","name","redirect_urls","scopes","refresh","native_pkce","client_credentials","any_loopback_callback"}` | creates or changes an app; settings that are left out do not change |
//! | `POST /sandbox/fault` `{"path_prefix","status","body","skip","times","delay_ms","drop","after"}` | makes the next requests fail, or those after `skip` others; with `after`, once they are carried out |
//! | `POST /sandbox/clear-faults` | removes the injected errors that did not occur |
//! | `POST /sandbox/reset` | deletes everything |
//!
//! Each returns the state, and a form of the control page redirects to it. Requests must be for this machine's own
//! names, and not from another site's page. Grants, tokens, posts, comments, reactions, images, apps and the clock are
//! stored in the directory; scenario,
//! injected errors and counts last as long as the process.

mod answers;
mod api;
mod apps;
mod authorization_request;
mod authorize;
mod call;
mod consent;
mod content;
mod control;
mod control_page;
mod conversation;
mod core;
mod fault;
mod feed;
mod html;
mod image_store;
mod images;
mod introspect;
mod little_text;
mod media;
mod members;
mod oidc;
mod organizations;
mod pages;
mod paths;
mod posts;
mod random;
mod reads;
mod response;
mod routes;
mod samples;
mod scenario;
mod server;
mod signing_key;
mod social;
mod state;
mod state_store;
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
pub use members::MEMBERS;
pub(crate) use samples::{REFRESH_TOKEN_SECONDS, SampleToken, TOKEN_SECONDS};
pub use scenario::Scenario;

use crate::clock::{self, Clock};
use crate::{Code, Error, NextStep, Result};

/// How to start a sandbox.
pub struct Options {
    /// The port on 127.0.0.1; `None` uses a free one.
    pub port: Option<u16>,
    /// The directory of `server.json`, which stores tokens across runs; `None` stores everything in
    /// memory. Several processes may use one directory.
    pub directory: Option<PathBuf>,
    /// The scenario at the start.
    pub scenario: Option<Scenario>,
    /// The clock; the control page adds an offset to it.
    pub clock: Arc<dyn Clock>,
}

/// A running sandbox. Dropping it closes the port.
pub struct Sandbox {
    base: Url,
    core: Arc<core::Core>,
    task: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox; it accepts connections once this returns.
    ///
    /// # Errors
    /// `port_in_use`; `files`, `file_damaged` or `file_newer` for its directory.
    pub async fn start(options: Options) -> Result<Self> {
        if !clock::is_system_clock_usable() {
            return Err(Error::unusable_clock());
        }
        let images = image_store::ImageStore::new(options.directory.clone());
        let store = state_store::StateStore::open(options.directory)?;
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
            Error::new(Code::Unexpected, format!("The sandbox has no valid URL: {error}."), "Please report this.")
        })?;
        let core = Arc::new(core::Core {
            store,
            images,
            base: base.clone(),
            signing_key: signing_key::SigningKey::embedded()?,
            clock: options.clock,
            scenario_state: Mutex::new(core::ScenarioState::new(options.scenario.unwrap_or_default())),
        });
        let task = tokio::spawn(server::serve(listener, Arc::clone(&core)));
        Ok(Self { base, core, task })
    }

    /// Returns `http://127.0.0.1:PORT`, in place of both LinkedIn's `www` and `api`.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Signs a member in and allows the request, as the member does in a browser; returns the URL of
    /// the redirect, with a code or with the error of the scenario.
    ///
    /// # Errors
    /// `bad_input` for an unknown member, `refused` if LinkedIn shows its "Bummer" page.
    pub async fn approve(&self, authorization_url: &Url, member: &str) -> Result<Url> {
        let (core, url, member) = (Arc::clone(&self.core), authorization_url.clone(), member.to_owned());
        // The file of the state and its lock may block.
        tokio::task::spawn_blocking(move || consent::approve(&core, &url, &member)).await.unwrap_or_else(|error| {
            Err(Error::new(Code::Unexpected, format!("The sandbox failed: {error}."), "Please report this."))
        })
    }

    /// Stops the sandbox and waits until the port is closed.
    pub async fn stop(mut self) {
        self.task.abort();
        // The only outcome is "canceled".
        drop((&mut self.task).await);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}
