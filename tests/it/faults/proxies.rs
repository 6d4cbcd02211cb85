//! Proxies: how they are configured, their errors, and the requests that bypass them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use linkedin_tui::Code;
use linkedin_tui::internal::flows::refresh::refresh;
use linkedin_tui::internal::linkedin::http::{Http, Network, ProxyInUse};
use serde_json::{Value, json};

use crate::faults::mock::{MockServer, json_response, response};
use crate::faults::mock_env::{MockEnv, profile_name, timeouts};
use crate::faults::network::{endpoint_settings, run_binary};

/// Returns a `config.toml` section with this `network.proxy`.
fn proxy_setting(proxy: &str) -> String {
    format!("[network]\nproxy = {proxy:?}\n")
}

/// Returns the error when the binary refreshes at LinkedIn's own host, and asserts the exit code.
fn expect_refresh_error(env: &MockEnv, settings: &str, variables: &[(&str, &str)], code: i32) -> Value {
    let output = run_binary(env, &["refresh", "work", "--json"], settings, variables);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{settings} {variables:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["error"].clone()
}

fn error_text<'a>(error: &'a Value, key: &str) -> &'a str {
    error[key].as_str().unwrap()
}

#[tokio::test]
async fn t09_t25_a_broken_proxy_is_reported() {
    let proxy = MockServer::new();
    let network = Network { proxy: Some(proxy.base.clone()), ca_file: None };
    let env = MockEnv::with_http("https://www.linkedin.com", Http::with_timeouts(network, timeouts()));
    for _ in 0..3 {
        proxy.enqueue(response(502, "", b"<html>no way</html>"));
    }
    let error = refresh(&env.ctx, &profile_name()).await.unwrap_err();
    assert_eq!(error.code, Code::Network);
    assert!(error.message.contains("proxy") && error.hint.contains("network.proxy"), "{error} {}", error.hint);
    assert_eq!(proxy.count_requests("CONNECT www.linkedin.com:443"), 3);
}

#[test]
fn t09_an_unreachable_proxy_is_reported_with_its_source() {
    let env = MockEnv::new("http://127.0.0.1:9");
    let unreachable = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    let by_setting = proxy_setting(&unreachable);
    for (settings, variables, source) in [
        ("", &[("HTTPS_PROXY", unreachable.as_str())][..], "HTTPS_PROXY"),
        ("", &[("all_proxy", unreachable.as_str())], "all_proxy"),
        (by_setting.as_str(), &[], "network.proxy"),
        (by_setting.as_str(), &[("HTTPS_PROXY", "http://other.invalid:1")], "network.proxy"),
    ] {
        let error = expect_refresh_error(&env, settings, variables, 5);
        assert_eq!(error_text(&error, "message"), "No connection to the proxy.", "{variables:?}");
        assert!(error_text(&error, "hint").contains(source), "{source}: {error}");
    }
}

#[test]
fn a_proxy_password_error_names_the_setting() {
    let env = MockEnv::new("http://127.0.0.1:9");
    let proxy = MockServer::new();
    let with_password = proxy.base.replace("//", "//bob:wrong@");
    for (address, expected_text, hint) in [
        (&proxy.base, "requires a user name and password (407)", "USER:PASSWORD@HOST"),
        (&with_password, "does not accept the user name or password", "Correct the user name and password"),
    ] {
        for (settings, variables, source) in [
            (proxy_setting(address), None, "network.proxy"),
            (String::new(), Some(("HTTPS_PROXY", address.as_str())), "HTTPS_PROXY"),
        ] {
            for _ in 0..3 {
                proxy.enqueue(response(407, "proxy-authenticate: Basic\r\n", b""));
            }
            let error = expect_refresh_error(&env, &settings, variables.as_slice(), 5);
            assert!(error_text(&error, "message").contains(expected_text), "{error}");
            assert!(
                error_text(&error, "hint").contains(hint) && error_text(&error, "hint").contains(source),
                "{error}"
            );
            assert!(!error.to_string().contains("wrong@"), "{error}");
            for _ in 0..2 {
                proxy.enqueue(response(407, "", b""));
            }
            let output = run_binary(&env, &["doctor", "--json"], &settings, variables.as_slice());
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let find_check = |id: &str| {
                report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).cloned().unwrap()
            };
            assert!(find_check("network.www")["message"].as_str().unwrap().contains("407"), "{report:#}");
            assert_eq!(find_check("network.proxy")["state"], "warning", "{report:#}");
        }
    }
}

#[test]
fn variable_and_setting_are_parsed_alike() {
    let env = MockEnv::new("http://127.0.0.1:9");
    let proxy = MockServer::new();
    let host = proxy.base.strip_prefix("http://").unwrap();
    for (credentials, user_and_password) in [
        ("bob:plain", "bob:plain"),
        ("bob:p@ss", "bob:p@ss"),
        ("bob:p#s/s?t", "bob:p#s/s?t"),
        ("bob:p%40s%23s%2F%25", "bob:p@s#s/%"),
        ("bob:100%", "bob:100%"),
        ("bob:a:b", "bob:a:b"),
        ("bob", "bob:"),
        ("b%6fb:", "bob:"),
        ("bob:h\u{fc}nter2", "bob:h\u{fc}nter2"),
        ("bob:two words", "bob:two words"),
    ] {
        for scheme in ["http://", "HTTP://", ""] {
            let address = format!("{scheme}{credentials}@{host}");
            for (settings, variables) in
                [(proxy_setting(&address), None), (String::new(), Some(("HTTPS_PROXY", address.as_str())))]
            {
                let before = proxy.requests().len();
                run_binary(&env, &["doctor"], &settings, variables.as_slice());
                let requests = proxy.requests().split_off(before);
                assert!(!requests.is_empty(), "{address} {variables:?}");
                let expected = format!("proxy-authorization: Basic {}\r\n", STANDARD.encode(user_and_password));
                assert!(
                    requests.iter().all(|request| request.contains(&expected)),
                    "{address} {variables:?}: {requests:?}"
                );
            }
        }
    }
}

#[test]
fn an_invalid_proxy_is_rejected_with_its_source() {
    for text in
        ["http://", "http://bob:p/ss", "socks5://127.0.0.1:1080", "ftp://proxy:1", "http://proxy:99999", "http://a b:1"]
    {
        let by_setting = Network { proxy: Some(text.to_owned()), ca_file: None };
        let by_variable = |name: &str| (name == "ALL_PROXY").then(|| text.into());
        for (found, source) in [
            (ProxyInUse::find(&by_setting, |_| None), "network.proxy in config.toml"),
            (ProxyInUse::find(&Network::default(), by_variable), "the variable ALL_PROXY"),
        ] {
            let error = found.unwrap_err();
            assert_eq!(error.code, Code::BadInput, "{text}");
            assert!(error.message.contains(source), "{text}: {error}");
            assert!(!error.message.contains("p/ss"), "{error}");
        }
    }
    let error =
        ProxyInUse::find(&Network { proxy: Some("http://bob:p/ss".to_owned()), ca_file: None }, |_| None).unwrap_err();
    assert!(error.message.contains("%40"), "{error}");
}

#[test]
fn loopback_requests_bypass_the_proxy() {
    let proxy = MockServer::new();
    let server = MockServer::new();
    let port = server.base.rsplit_once(':').unwrap().1;
    let env = MockEnv::new(&server.base);
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"];
    let variables: Vec<(&str, &str)> = variables.into_iter().map(|name| (name, proxy.base.as_str())).collect();
    for host in ["127.0.0.1", "localhost"] {
        for (more, variables) in [(String::new(), variables.as_slice()), (proxy_setting(&proxy.base), &[])] {
            server.enqueue(json_response(200, &json!({"access_token": "AQ1"})));
            run_binary(
                &env,
                &["refresh", "work", "--json"],
                &endpoint_settings(&format!("http://{host}:{port}"), &more),
                variables,
            );
            assert!(proxy.requests().is_empty(), "{host} {more}: {:?}", proxy.requests());
        }
    }
    assert_eq!(server.count_requests("POST /oauth/v2/accessToken"), 4);
    let network = Network { proxy: Some(proxy.base), ca_file: None };
    let proxy_in_use = ProxyInUse::find(&network, |_| None).unwrap().unwrap();
    for (url, is_proxied) in [
        ("http://127.1.2.3:80/", false),
        ("http://[::1]:80/", false),
        ("https://localhost/", false),
        ("https://127.0.0.1.example/", true),
        ("https://www.linkedin.com/", true),
    ] {
        assert_eq!(proxy_in_use.applies_to(&url::Url::parse(url).unwrap()), is_proxied, "{url}");
    }
}
