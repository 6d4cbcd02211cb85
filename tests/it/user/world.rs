//! A folder, a sandbox and the real binary, for tests that play a user.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use linkedin_tui::clock::SystemClock;
use linkedin_tui::sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Sandbox, Scenario};
use serde_json::Value;
use url::Url;

use crate::support::ports::free_port;

/// Longest wait for anything a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One user's machine: files of its own, an imitation of LinkedIn, and a browser that only notes
/// the address it was handed.
pub(crate) struct World {
    /// Home and config folder.
    pub(crate) dir: tempfile::TempDir,
    /// Runs the sandbox.
    pub(crate) runtime: tokio::runtime::Runtime,
    /// The imitation of LinkedIn.
    pub(crate) sandbox: Sandbox,
    /// This world's callback port.
    pub(crate) port: u16,
}

impl World {
    /// A machine whose `config.toml` points at a sandbox that behaves as `scenario` says.
    pub(crate) fn new(scenario: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let scenario = scenario.map(|name| Scenario::parse(name).unwrap());
        let options = Options { port: None, folder: None, scenario, clock: Arc::new(SystemClock) };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let base = sandbox.base().as_str().trim_end_matches('/').to_owned();
        let world = Self { dir, runtime, sandbox, port: free_port() };
        std::fs::create_dir_all(world.config()).unwrap();
        std::fs::write(world.config().join("config.toml"), format!("[linkedin]\nwww = \"{base}\"\napi = \"{base}\"\n"))
            .unwrap();
        std::fs::write(
            world.browser_path(),
            "#!/bin/sh\nprintf %s \"$1\" > \"$URL_FILE.part\" && mv \"$URL_FILE.part\" \"$URL_FILE\"\n",
        )
        .unwrap();
        make_executable(&world.browser_path());
        world
    }

    /// The config folder.
    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    fn browser_path(&self) -> PathBuf {
        self.dir.path().join("browser")
    }

    /// Where the browser notes the address.
    pub(crate) fn url_file(&self) -> PathBuf {
        self.dir.path().join("url")
    }

    /// This world's redirect URL.
    pub(crate) fn redirect_url(&self) -> String {
        format!("http://localhost:{}/callback", self.port)
    }

    /// The binary with an environment of its own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkedin-tui"));
        command.args(arguments).env_clear().stdin(Stdio::null()).current_dir(self.dir.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.dir.path()).env("LINKEDIN_TUI_CONFIG_DIR", self.config());
        command.env("BROWSER", self.browser_path()).env("URL_FILE", self.url_file());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts `login PROFILE` for the ready app, with the secret on stdin.
    pub(crate) fn start_login(&self, profile: &str, more: &[&str]) -> Child {
        let redirect = self.redirect_url();
        let mut arguments =
            vec!["login", profile, "--client-id", CLIENT_ID, "--client-secret-stdin", "--redirect-url", &redirect];
        arguments.extend(more);
        drop(std::fs::remove_file(self.url_file()));
        let mut command = self.command(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, format!("{CLIENT_SECRET}\n").as_bytes()).unwrap();
        child
    }

    /// The address that the program handed to the browser.
    pub(crate) fn browser_url(&self) -> Url {
        let text = wait_for("the browser's address", || std::fs::read_to_string(self.url_file()).ok());
        drop(std::fs::remove_file(self.url_file()));
        Url::parse(&text).unwrap()
    }

    /// Signs in at the sandbox as `member`, presses Allow, and follows the browser's way to the
    /// outcome page, whose text it gives.
    pub(crate) fn allow(&self, authorization: &Url, member: &str) -> String {
        self.runtime.block_on(async {
            let callback = self.sandbox.approve(authorization, member).await.unwrap();
            follow(callback).await
        })
    }

    /// A whole sign-in from the command line.
    pub(crate) fn login(&self, profile: &str, member: &str, more: &[&str]) -> Output {
        let child = self.start_login(profile, more);
        self.allow(&self.browser_url(), member);
        child.wait_with_output().unwrap()
    }

    /// The sandbox's own view of what happened.
    pub(crate) fn sandbox_state(&self) -> Value {
        let url = self.sandbox.base().join("/sandbox/state").unwrap();
        let text = self.runtime.block_on(async { client().get(url).send().await.unwrap().text().await.unwrap() });
        serde_json::from_str(&text).unwrap()
    }

    /// Posts to the sandbox's control.
    pub(crate) fn control(&self, path: &str, body: &Value) {
        let url = self.sandbox.base().join(path).unwrap();
        let status = self.runtime.block_on(async {
            let request = client().post(url).header("content-type", "application/json").body(body.to_string());
            request.send().await.unwrap().status()
        });
        assert!(status.is_success(), "{path}: {status}");
    }
}

/// A browser without a screen: follows redirects, keeps nothing.
pub(crate) async fn follow(url: Url) -> String {
    client().get(url).send().await.unwrap().text().await.unwrap()
}

/// An HTTP client for the test's own requests.
pub(crate) fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Asks until there is an answer, or fails after [`PATIENCE`].
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// stdout as text.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// stderr as text.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// stdout as JSON.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

pub(crate) fn make_executable(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}
