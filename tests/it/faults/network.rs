//! Unreachable hosts, proxies, and the environment variables that configure networks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};

use linkedin_tui::Code;
use linkedin_tui::internal::flows::refresh::refresh;
use serde_json::json;

use crate::faults::mock::{MockServer, json_response};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, OLD_TOKEN, profile_name};
use crate::faults::tls::Authority;
use crate::support::{CLIENT_SECRET, access_token};

/// Runs the real binary on the files of `env`, with `settings` as its `config.toml`.
pub(crate) fn run_binary(env: &MockEnv, arguments: &[&str], settings: &str, variables: &[(&str, &str)]) -> Output {
    let root = env.ctx.store.profile_path(&profile_name());
    let root = root.parent().unwrap().parent().unwrap();
    std::fs::write(root.join("config.toml"), settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_linkedin-tui"));
    command.args(arguments).env_clear().env("HOME", root).env("LINKEDIN_TUI_CONFIG_DIR", root).current_dir(root);
    command.envs(variables.iter().copied()).output().unwrap()
}

pub(crate) fn endpoint_settings(base: &str, more: &str) -> String {
    format!("[linkedin]\nwww = \"{base}\"\napi = \"{base}\"\n{more}")
}

#[tokio::test]
async fn t01_refused_connections_and_unknown_hosts_differ() {
    let closed_port = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    for (base, expected_text) in
        [(closed_port.as_str(), "No connection to"), ("https://no-such-host.invalid", "could not be found")]
    {
        let env = MockEnv::new(base);
        let before = env.file_text();
        let error = refresh(&env.ctx, &profile_name()).await.unwrap_err();
        assert_eq!(error.code, Code::Network);
        assert!(error.message.contains(expected_text), "{base}: {error}");
        assert_eq!(env.file_text(), before, "the refresh token stays");
    }
}

/// Starts a proxy for one connection, which always connects to `port` of this machine; returns
/// its URL, and a channel with the head of the request.
fn proxy_to(port: u16) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            client.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        sender.send(String::from_utf8_lossy(&head).into_owned()).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
        drop(std::io::copy(&mut server, &mut client));
    });
    (url, receiver)
}

#[test]
fn t25_https_proxy_uses_connect_and_writes_no_key_log() {
    let authority = Authority::new();
    let mock = authority.server("www.linkedin.com", |_| {});
    mock.enqueue(json_response(200, &json!({"access_token": NEW_TOKEN})));
    let env = MockEnv::new(&mock.base);
    let port = mock.base.rsplit_once(':').unwrap().1.parse().unwrap();
    let (proxy, receiver) = proxy_to(port);
    let log = authority.directory.path().join("keys.log");
    let ca = format!("[network]\nca_file = {:?}\n", authority.directory.path().join("ca.pem").to_str().unwrap());
    let variables = [("HTTPS_PROXY", proxy.as_str()), ("SSLKEYLOGFILE", log.to_str().unwrap())];
    let output = run_binary(&env, &["refresh", "work", "--json"], &ca, &variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let request = receiver.recv().unwrap();
    assert!(request.starts_with("CONNECT www.linkedin.com:443 "), "{request}");
    assert!(!request.contains(CLIENT_SECRET), "the secret is inside the tunnel");
    assert_eq!(access_token(&env.stored_profile()), NEW_TOKEN);
    assert!(!log.exists(), "no key log");
}

#[test]
fn t24_no_variable_changes_the_endpoints() {
    let env = MockEnv::new("http://127.0.0.1:9");
    let proxy = MockServer::new();
    let plain =
        run_binary(&env, &["refresh", "work", "--json"], "[linkedin]\nwww = \"http://linkedin.example\"\n", &[]);
    assert_eq!(plain.status.code(), Some(2), "plain HTTP to a remote host is rejected");
    let decoy = MockServer::new();
    with_decoy_variables(&decoy, |variables| {
        let all = [variables, &[("HTTPS_PROXY", proxy.base.as_str())]].concat();
        let output = run_binary(&env, &["refresh", "work"], "", &all);
        assert_eq!(output.status.code(), Some(5), "{}", String::from_utf8_lossy(&output.stderr));
    });
    assert!(decoy.requests().is_empty());
    assert!(proxy.count_requests("CONNECT www.linkedin.com:443") > 0, "the request went to LinkedIn itself");
    assert_eq!(access_token(&env.stored_profile()), OLD_TOKEN);
}

/// Calls `then` with variables that name endpoints for other programs, or could do so for this one, all pointing to `decoy`.
fn with_decoy_variables(decoy: &MockServer, then: impl FnOnce(&[(&str, &str)])) {
    let token = format!("{}/oauth/v2/accessToken", decoy.base);
    then(&[
        ("LINKEDIN_AUTHORIZATION_URL", &decoy.base),
        ("LINKEDIN_ACCESS_TOKEN_URL", &token),
        ("LINKEDIN_WWW", &decoy.base),
        ("LINKEDIN_TUI_WWW", &decoy.base),
        ("LINKEDIN_TUI_LINKEDIN_WWW", &decoy.base),
    ]);
}

#[cfg(unix)]
#[test]
fn c09_ctrl_c_during_a_refresh_exits_130_with_intact_files() {
    use std::process::Stdio;
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let before = env.file_text();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let count = mock.requests().len();
        mock.enqueue(crate::faults::mock::stalled_response(b""));
        let root = env.ctx.store.profile_path(&profile_name());
        let root = root.parent().unwrap().parent().unwrap();
        std::fs::write(root.join("config.toml"), endpoint_settings(&mock.base, "")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkedin-tui"));
        command.args(["refresh", "work", "--json"]).env_clear().env("LINKEDIN_TUI_CONFIG_DIR", root);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while mock.requests().len() == count {
            assert!(std::time::Instant::now() < deadline, "timed out waiting for the request");
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"interrupted\""));
        assert_eq!(env.file_text(), before);
    }
}
