//! The sandbox, and a member who allows every authorization request.

use std::sync::{Arc, Mutex};

use linkedin_tui::Error;
use linkedin_tui::internal::clock::{Clock, FixedClock};
use linkedin_tui::internal::host::{Browser, BrowserExit, Started};
use linkedin_tui::internal::sandbox::{Options, Sandbox, Scenario};
use linkedin_tui::internal::session::Context;
use serde_json::Value;
use url::Url;

use crate::support::{client, context, fixed_clock};

/// Starts a sandbox on a free port.
pub(crate) async fn start(scenario: Option<Scenario>, clock: Arc<dyn Clock>) -> Sandbox {
    Sandbox::start(Options { port: None, directory: None, scenario, clock }).await.unwrap()
}

/// Posts to `/sandbox/ACTION` and returns the response.
pub(crate) async fn control(sandbox: &Sandbox, action: &str, body: &Value) -> Value {
    let url = sandbox.base().join(&format!("/sandbox/{action}")).unwrap();
    let request = client().post(url).header("content-type", "application/json").body(body.to_string());
    let response = request.send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert!(status.is_success(), "{action}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

/// Returns the sandbox's state.
pub(crate) async fn state(sandbox: &Sandbox) -> Value {
    let url = sandbox.base().join("/sandbox/state").unwrap();
    serde_json::from_str(&client().get(url).send().await.unwrap().text().await.unwrap()).unwrap()
}

/// A sandbox in this process, and a session that uses it as LinkedIn; the test records events of type `E`.
pub(crate) struct SandboxEnv<E> {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) ctx: Context,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) member: Arc<ApprovingMember>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) events: Arc<Mutex<Vec<E>>>,
}

impl<E> SandboxEnv<E> {
    pub(crate) async fn start(scenario: Option<Scenario>) -> Self {
        let (directory, clock) = (tempfile::tempdir().unwrap(), fixed_clock());
        let sandbox = Arc::new(start(scenario, clock.clone()).await);
        let member = ApprovingMember::new(&sandbox);
        let ctx =
            Context { browser: member.clone(), ..context(directory.path(), sandbox.base().as_str(), clock.clone()) };
        Self { directory, ctx, sandbox, member, clock, events: Arc::default() }
    }

    /// Posts to `/sandbox/ACTION`.
    pub(crate) async fn control(&self, action: &str, body: Value) {
        control(&self.sandbox, action, &body).await;
    }

    /// Returns the sandbox's state.
    pub(crate) async fn state(&self) -> Value {
        state(&self.sandbox).await
    }

    /// Returns how many times the sandbox received this request: `POST /rest/posts`.
    pub(crate) async fn request_count(&self, request: &str) -> u64 {
        self.state().await["requests"][request].as_u64().unwrap_or_default()
    }
}

/// A browser in which a member signs in and allows every authorization request.
pub(crate) struct ApprovingMember {
    sandbox: Arc<Sandbox>,
    pub(crate) member: Mutex<&'static str>,
    pub(crate) opened: Mutex<Vec<Url>>,
}

impl ApprovingMember {
    pub(crate) fn new(sandbox: &Arc<Sandbox>) -> Arc<Self> {
        Arc::new(Self { sandbox: Arc::clone(sandbox), member: Mutex::new("ada"), opened: Mutex::default() })
    }
}

impl Browser for ApprovingMember {
    fn start(&self, _: Option<&str>, url: &Url) -> Result<Started, Error> {
        self.opened.lock().unwrap().push(url.clone());
        let (sandbox, url, member) = (Arc::clone(&self.sandbox), url.clone(), *self.member.lock().unwrap());
        let watch = tokio::spawn(async move {
            // No callback follows LinkedIn's error page.
            if let Ok(callback) = sandbox.approve(&url, member).await {
                drop(client().get(callback).send().await);
            }
            BrowserExit::Opened
        });
        Ok(Started { command: "approving member".to_owned(), watch })
    }
}
