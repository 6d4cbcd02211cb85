//! The environment of an end-to-end test: a home directory, a sandbox and the real binary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use linkedin_tui::internal::clock::SystemClock;
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, Sandbox, Scenario};
use serde_json::Value;
use url::Url;

use crate::support::ports::free_port;
use crate::support::{client, sandbox, wait_for};

/// A user's home directory, a sandbox instead of LinkedIn, and a browser that only records its URL.
pub(crate) struct TestEnv {
    /// Home and config directory.
    pub(crate) dir: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Sandbox,
    /// The port of the redirect URL.
    pub(crate) port: u16,
}

impl TestEnv {
    /// Creates an environment whose `config.toml` points to a sandbox in this scenario.
    pub(crate) fn new(scenario: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let scenario = scenario.map(|name| Scenario::parse(name).unwrap());
        let sandbox = runtime.block_on(sandbox::start(scenario, Arc::new(SystemClock)));
        let base = sandbox.base().as_str().trim_end_matches('/').to_owned();
        let env = Self { dir, runtime, sandbox, port: free_port() };
        std::fs::create_dir_all(env.config()).unwrap();
        std::fs::write(env.config().join("config.toml"), format!("[linkedin]\nwww = \"{base}\"\napi = \"{base}\"\n"))
            .unwrap();
        std::fs::write(
            env.browser_path(),
            "#!/bin/sh\nprintf %s \"$1\" > \"$URL_FILE.part\" && mv \"$URL_FILE.part\" \"$URL_FILE\"\n",
        )
        .unwrap();
        make_executable(&env.browser_path());
        env
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config")
    }

    fn browser_path(&self) -> PathBuf {
        self.dir.path().join("browser")
    }

    /// Returns the file to which the browser writes the URL.
    pub(crate) fn url_file(&self) -> PathBuf {
        self.dir.path().join("url")
    }

    pub(crate) fn redirect_url(&self) -> String {
        format!("http://localhost:{}/callback", self.port)
    }

    /// Returns the binary as a command with its own environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkedin-tui"));
        command.args(arguments).env_clear().stdin(Stdio::null()).current_dir(self.dir.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.dir.path()).env("LINKEDIN_TUI_CONFIG_DIR", self.config());
        command.env("BROWSER", self.browser_path()).env("URL_FILE", self.url_file());
        command
    }

    /// Runs the binary until it exits.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts `login PROFILE` for the sandbox's default app, with the secret on stdin.
    pub(crate) fn start_login(&self, profile: &str, options: &[&str]) -> Child {
        let redirect = self.redirect_url();
        let mut arguments =
            vec!["login", profile, "--client-id", CLIENT_ID, "--client-secret-stdin", "--redirect-url", &redirect];
        arguments.extend(options);
        drop(std::fs::remove_file(self.url_file()));
        let mut command = self.command(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(format!("{CLIENT_SECRET}\n").as_bytes()).unwrap();
        child
    }

    /// Waits for the URL that the program opened in the browser.
    pub(crate) fn browser_url(&self) -> Url {
        let text = wait_for("the URL to be opened", || std::fs::read_to_string(self.url_file()).ok());
        drop(std::fs::remove_file(self.url_file()));
        Url::parse(&text).unwrap()
    }

    /// Signs in to the sandbox as `member`, clicks Allow, follows the redirects to the
    /// outcome page, and returns its text.
    pub(crate) fn approve_and_follow(&self, authorization: &Url, member: &str) -> String {
        self.runtime.block_on(async {
            let callback = self.sandbox.approve(authorization, member).await.unwrap();
            follow(callback).await
        })
    }

    /// Signs in on the command line and approves as `member`.
    pub(crate) fn login(&self, profile: &str, member: &str, options: &[&str]) -> Output {
        let child = self.start_login(profile, options);
        self.approve_and_follow(&self.browser_url(), member);
        child.wait_with_output().unwrap()
    }

    pub(crate) fn sandbox_state(&self) -> Value {
        self.runtime.block_on(sandbox::state(&self.sandbox))
    }

    /// Creates an environment with the profile `work` of the member Ada.
    pub(crate) fn signed_in(scenario: Option<&str>) -> Self {
        let env = Self::new(scenario);
        assert!(env.login("work", "ada", &[]).status.success());
        env
    }

    /// Runs the binary until it exits, with `input` on stdin, which it may leave unread.
    pub(crate) fn run_with_stdin(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_ref()));
        child.wait_with_output().unwrap()
    }

    /// Sets the expiry of a profile's access token to the past.
    pub(crate) fn expire(&self, profile: &str) {
        let path = self.config().join(format!("profiles/{profile}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.starts_with("expires_at = ")).unwrap();
        std::fs::write(&path, text.replacen(line, "expires_at = \"2026-01-01T00:00:00Z\"", 1)).unwrap();
    }

    /// Returns a valid token of Ada that no profile has.
    pub(crate) fn unsaved_token(&self) -> String {
        assert!(self.login("temporary", "ada", &[]).status.success());
        let token = self.token("temporary");
        for arguments in [["profiles", "delete", "temporary"], ["apps", "delete", "temporary"]] {
            let output = self.run(&arguments);
            assert!(output.status.success(), "{}", stderr(&output));
        }
        token
    }

    /// Posts to `/sandbox/ACTION`.
    pub(crate) fn control(&self, action: &str, body: &Value) {
        self.runtime.block_on(sandbox::control(&self.sandbox, action, body));
    }

    /// Returns what `token PROFILE` prints.
    pub(crate) fn token(&self, profile: &str) -> String {
        let output = self.run(&["token", profile]);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).trim().to_owned()
    }
}

/// Follows redirects as a browser does, without cookies; returns the last page.
pub(crate) async fn follow(url: Url) -> String {
    client().get(url).send().await.unwrap().text().await.unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Parses stdout as JSON.
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

/// Runs a command that must exit within [`DEADLINE`](crate::support::DEADLINE).
pub(crate) fn run_within_deadline(mut command: Command, what: &str) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(what, || child.try_wait().unwrap());
    child.wait_with_output().unwrap()
}
