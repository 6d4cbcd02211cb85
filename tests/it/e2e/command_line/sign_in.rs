//! `login`: denied, rejected and missing callbacks.

use super::MEMBER;
use crate::e2e::test_env::{TestEnv, json, stderr};

#[test]
fn a_denied_consent_exits_4_and_saves_nothing() {
    let env = TestEnv::new(Some("cancel-at-consent"));
    let output = env.login("work", MEMBER, &["--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(json(&output)["error"]["code"], "denied");
    assert_eq!(env.run(&["token", "work"]).status.code(), Some(3));
}

#[test]
fn a_wrong_secret_opens_no_browser() {
    let env = TestEnv::new(None);
    let mut command = env.command(&[
        "login",
        "work",
        "--client-id",
        linkedin_tui::internal::sandbox::CLIENT_ID,
        "--json",
        "--redirect-url",
        &env.redirect_url(),
    ]);
    let output = command.env("LINKEDIN_CLIENT_SECRET", "WPL_AP1.wrong.secret==").output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert_eq!(json(&output)["error"]["code"], "client_refused");
    assert!(!env.url_file().exists());
}

#[test]
fn t21_different_member_changes_nothing_without_a_choice() {
    let env = TestEnv::new(None);
    env.login("work", "bruce", &[]);
    let before = std::fs::read(env.config().join("profiles/work.toml")).unwrap();
    let different_member = env.login("work", "ada", &["--json"]);
    assert_eq!(different_member.status.code(), Some(4), "{}", stderr(&different_member));
    assert_eq!(json(&different_member)["error"]["code"], "different_member");
    assert_eq!(std::fs::read(env.config().join("profiles/work.toml")).unwrap(), before);
    let saved = env.login("work", "ada", &["--json", "--on-member-mismatch", "new:second"]);
    assert_eq!(saved.status.code(), Some(0), "{}", stderr(&saved));
    assert_eq!(json(&saved)["name"], "second");
    assert_eq!(std::fs::read(env.config().join("profiles/work.toml")).unwrap(), before);
}

#[test]
fn t27_login_names_the_profiles_of_a_lost_exchange() {
    let env = TestEnv::new(None);
    env.login("work", MEMBER, &[]);
    env.control("scenario", &serde_json::json!({ "name": "drop-connection" }));
    let output = env.login("other", MEMBER, &["--json", "--scope", "openid,profile"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let message = json(&output)["error"]["message"].to_string();
    assert!(
        message.contains("differ from those of profile work, so LinkedIn may have revoked its token."),
        "{message}"
    );
    let shown = json(&env.run(&["profiles", "show", "work", "--json"]));
    assert_eq!(shown["status"], "unknown", "{shown}");
    assert!(shown["checked_at"].is_string(), "{shown}");
    let shown = env.run(&["profiles", "show", "work"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains(", active; since then in doubt"), "{text}");
}

#[test]
fn l01_many_rejected_callbacks_print_few_lines() {
    let env = TestEnv::new(None);
    let child = env.start_login("work", &[]);
    let url = env.browser_url();
    let rejected = url::Url::parse(&format!("{}?code=AQ1&state=wrong", env.redirect_url())).unwrap();
    env.runtime.block_on(async {
        for _ in 0..60 {
            assert!(crate::e2e::test_env::follow(rejected.clone()).await.contains("is still waiting"));
        }
    });
    env.approve_and_follow(&url, MEMBER);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let printed = stderr(&output).matches("rejected a callback").count();
    assert!((1..20).contains(&printed), "{printed} lines");
}

#[test]
fn a_configured_host_may_have_its_own_issuer() {
    let env = TestEnv::new(None);
    let sandbox_issuer = format!("{}oauth", env.sandbox.base());
    for issuer in ["https://www.linkedin.com", "https://www.linkedin.com/oauth", &sandbox_issuer] {
        let child = env.start_login("work", &["--timeout", "20"]);
        let url = env.browser_url();
        env.runtime.block_on(async {
            let mut callback = env.sandbox.approve(&url, MEMBER).await.unwrap();
            callback.query_pairs_mut().append_pair("iss", issuer);
            crate::e2e::test_env::follow(callback).await;
        });
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{issuer}: {}", stderr(&output));
    }
}

#[test]
fn l28_a_missing_callback_times_out() {
    let env = TestEnv::new(None);
    let output = env.start_login("work", &["--timeout", "1"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let printed = stderr(&output);
    assert!(
        printed.contains(&env.redirect_url()) && printed.contains(linkedin_tui::internal::sandbox::CLIENT_ID),
        "{printed}"
    );
    assert!(std::net::TcpListener::bind(("127.0.0.1", env.port)).is_ok(), "the port is free");
}

#[test]
fn verbose_shows_why_the_browser_did_not_start() {
    let env = TestEnv::new(None);
    let failed = |options: &[&str]| {
        let options = [&["--browser", "/no/such/browser", "--timeout", "1"], options].concat();
        let output = env.start_login("work", &options).wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        stderr(&output)
    };
    let printed = failed(&["-v"]);
    assert!(printed.contains("/no/such/browser could not be started: there is no such program."), "{printed}");
    assert!(printed.contains("caused by: No such file or directory (os error 2)"), "{printed}");
    assert!(!failed(&[]).contains("caused by"));
}

#[test]
fn a_sign_in_of_a_restricted_member_says_so() {
    let env = TestEnv::new(Some("restricted-member"));
    let output = env.login("work", "ada", &[]);
    assert_eq!(output.status.code(), Some(0), "the token is saved");
    let shown = stderr(&output);
    assert!(shown.contains("warning: LinkedIn has restricted") && !shown.contains("to try again"), "{shown}");
    assert!(
        shown.contains("done: work is signed in as ") && shown.contains(", whose account LinkedIn restricted;"),
        "{shown}"
    );
}
