//! Proxies: how they are written, what they refuse, and what never goes through them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use linkedin_tui::Code;
use linkedin_tui::internal::flows::refresh::refresh;
use linkedin_tui::internal::linkedin::http::{Http, Network, Route};
use serde_json::{Value, json};

use crate::faults::mock::{Mock, json as answer_json, with};
use crate::faults::network::{at, run};
use crate::faults::world::{World, limits, name};

/// Returns a `config.toml` section with this `network.proxy`.
fn setting(proxy: &str) -> String {
    format!("[network]\nproxy = {proxy:?}\n")
}

/// Returns the error of the binary's refresh at LinkedIn's own host.
fn refusal(world: &World, settings: &str, env: &[(&str, &str)], code: i32) -> Value {
    let done = run(world, &["refresh", "work", "--json"], settings, env);
    assert_eq!(done.status.code(), Some(code), "{settings} {env:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice::<Value>(&done.stdout).unwrap()["error"].clone()
}

fn text<'a>(error: &'a Value, key: &str) -> &'a str {
    error[key].as_str().unwrap()
}

#[tokio::test]
async fn t09_t25_a_broken_proxy_is_named_as_such() {
    let proxy = Mock::new();
    let network = Network { proxy: Some(proxy.base.clone()), ca_file: None };
    let world = World::with_http("https://www.linkedin.com", Http::with_timeouts(network, limits()));
    for _ in 0..3 {
        proxy.then(with(502, "", b"<html>no way</html>"));
    }
    let error = refresh(&world.ctx, &name()).await.unwrap_err();
    assert_eq!(error.code, Code::Network);
    assert!(error.message.contains("proxy") && error.hint.contains("network.proxy"), "{error} {}", error.hint);
    assert_eq!(proxy.count("CONNECT www.linkedin.com:443"), 3);
}

#[test]
fn t09_an_unreachable_proxy_is_named_with_its_source() {
    let world = World::new("http://127.0.0.1:9");
    let unreachable = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    let by_setting = setting(&unreachable);
    for (settings, env, source) in [
        ("", &[("HTTPS_PROXY", unreachable.as_str())][..], "HTTPS_PROXY"),
        ("", &[("all_proxy", unreachable.as_str())], "all_proxy"),
        (by_setting.as_str(), &[], "network.proxy"),
        (by_setting.as_str(), &[("HTTPS_PROXY", "http://other.invalid:1")], "network.proxy"),
    ] {
        let error = refusal(&world, settings, env, 5);
        assert_eq!(text(&error, "message"), "No connection to the proxy.", "{env:?}");
        assert!(text(&error, "hint").contains(source), "{source}: {error}");
    }
}

#[test]
fn a_proxy_that_requires_a_password_says_where_to_set_it() {
    let world = World::new("http://127.0.0.1:9");
    let proxy = Mock::new();
    let with_password = proxy.base.replace("//", "//bob:wrong@");
    for (address, expected_text, hint) in [
        (&proxy.base, "requires a user name and password (407)", "USER:PASSWORD@HOST"),
        (&with_password, "does not accept the user name or password", "Correct the user name and password"),
    ] {
        for (settings, env, source) in [
            (setting(address), None, "network.proxy"),
            (String::new(), Some(("HTTPS_PROXY", address.as_str())), "HTTPS_PROXY"),
        ] {
            for _ in 0..3 {
                proxy.then(with(407, "proxy-authenticate: Basic\r\n", b""));
            }
            let error = refusal(&world, &settings, env.as_slice(), 5);
            assert!(text(&error, "message").contains(expected_text), "{error}");
            assert!(text(&error, "hint").contains(hint) && text(&error, "hint").contains(source), "{error}");
            assert!(!error.to_string().contains("wrong@"), "{error}");
            for _ in 0..2 {
                proxy.then(with(407, "", b""));
            }
            let done = run(&world, &["doctor", "--json"], &settings, env.as_slice());
            let report: Value = serde_json::from_slice(&done.stdout).unwrap();
            let found = |id: &str| {
                report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).cloned().unwrap()
            };
            assert!(found("network.www")["message"].as_str().unwrap().contains("407"), "{report:#}");
            assert_eq!(found("network.proxy")["state"], "warning", "{report:#}");
        }
    }
}

#[test]
fn a_proxy_is_read_the_same_from_variable_and_setting() {
    let world = World::new("http://127.0.0.1:9");
    let proxy = Mock::new();
    let host = proxy.base.strip_prefix("http://").unwrap();
    for (written, user_and_password) in [
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
            let address = format!("{scheme}{written}@{host}");
            for (settings, env) in [(setting(&address), None), (String::new(), Some(("HTTPS_PROXY", address.as_str())))]
            {
                let before = proxy.requests().len();
                run(&world, &["doctor"], &settings, env.as_slice());
                let requests = proxy.requests().split_off(before);
                assert!(!requests.is_empty(), "{address} {env:?}");
                let expected = format!("proxy-authorization: Basic {}\r\n", STANDARD.encode(user_and_password));
                assert!(requests.iter().all(|request| request.contains(&expected)), "{address} {env:?}: {requests:?}");
            }
            if scheme.is_empty() {
                break;
            }
        }
    }
}

#[test]
fn an_unusable_proxy_is_refused_with_its_source() {
    for text in
        ["http://", "http://bob:p/ss", "socks5://127.0.0.1:1080", "ftp://proxy:1", "http://proxy:99999", "http://a b:1"]
    {
        let by_setting = Network { proxy: Some(text.to_owned()), ca_file: None };
        let by_variable = |name: &str| (name == "ALL_PROXY").then(|| text.into());
        for (found, place) in [
            (Route::find(&by_setting, |_| None), "network.proxy in config.toml"),
            (Route::find(&Network::default(), by_variable), "the variable ALL_PROXY"),
        ] {
            let error = found.unwrap_err();
            assert_eq!(error.code, Code::BadInput, "{text}");
            assert!(error.message.contains(place), "{text}: {error}");
            assert!(!error.message.contains("p/ss"), "{error}");
        }
    }
    let error =
        Route::find(&Network { proxy: Some("http://bob:p/ss".to_owned()), ca_file: None }, |_| None).unwrap_err();
    assert!(error.message.contains("%40"), "{error}");
}

#[test]
fn no_request_to_this_machine_goes_through_a_proxy() {
    let proxy = Mock::new();
    let server = Mock::new();
    let port = server.base.rsplit_once(':').unwrap().1;
    let world = World::new(&server.base);
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"];
    let env: Vec<(&str, &str)> = variables.into_iter().map(|name| (name, proxy.base.as_str())).collect();
    for host in ["127.0.0.1", "localhost"] {
        for (more, env) in [(String::new(), env.as_slice()), (setting(&proxy.base), &[])] {
            server.then(answer_json(200, &json!({"access_token": "AQ1"})));
            run(&world, &["refresh", "work", "--json"], &at(&format!("http://{host}:{port}"), &more), env);
            assert!(proxy.requests().is_empty(), "{host} {more}: {:?}", proxy.requests());
        }
    }
    assert_eq!(server.count("POST /oauth/v2/accessToken"), 4);
    let network = Network { proxy: Some(proxy.base), ca_file: None };
    let route = Route::find(&network, |_| None).unwrap().unwrap();
    for (url, takes) in [
        ("http://127.1.2.3:80/", false),
        ("http://[::1]:80/", false),
        ("https://localhost/", false),
        ("https://127.0.0.1.example/", true),
        ("https://www.linkedin.com/", true),
    ] {
        assert_eq!(route.applies_to(&url::Url::parse(url).unwrap()), takes, "{url}");
    }
}
