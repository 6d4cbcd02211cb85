//! Concurrent processes.

use std::process::Stdio;

use super::MEMBER;
use crate::e2e::test_env::{TestEnv, stderr, stdout};
use serde_json::json;

#[test]
fn s10_32_processes_make_one_refresh_request() {
    let env = TestEnv::new(Some("refresh-tokens"));
    assert!(env.login("work", MEMBER, &[]).status.success());
    env.expire("work");
    let children: Vec<_> =
        (0..32).map(|_| env.command(&["token", "work"]).stdout(Stdio::piped()).spawn().unwrap()).collect();
    let tokens: std::collections::HashSet<String> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            stdout(&output)
        })
        .collect();
    assert_eq!(tokens.len(), 1, "all print the same token");
    assert_eq!(env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 2, "one exchange, one refresh");
}

#[test]
fn s10_t15_32_processes_send_a_bad_refresh_token_once() {
    let env = TestEnv::new(Some("refresh-tokens"));
    assert!(env.login("work", MEMBER, &[]).status.success());
    env.expire("work");
    let refused =
        json!({"error": "invalid_request", "error_description": "refresh token is invalid, expired or revoked"});
    env.control(
        "fault",
        &json!({"path_prefix": "/oauth/v2/accessToken", "times": 99, "status": 400, "body": refused.to_string()}),
    );
    let children: Vec<_> =
        (0..32).map(|_| env.command(&["token", "work"]).stderr(Stdio::piped()).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).contains("linkedin-tui login work"));
    }
    assert_eq!(env.run(&["exec", "work", "--", "true"]).status.code(), Some(4));
    assert_eq!(env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"], 2, "one exchange, one refresh");
    let status = crate::e2e::test_env::json(&env.run(&["status", "--json"]));
    assert_eq!((&status[0]["refreshable"], &status[0]["status"]), (&json!(false), &json!("expired")));
}

#[test]
fn s11_a_killed_refresh_blocks_nothing() {
    let env = TestEnv::new(Some("refresh-tokens"));
    assert!(env.login("work", MEMBER, &[]).status.success());
    env.expire("work");
    env.control(
        "fault",
        &json!({"path_prefix": "/oauth/v2/accessToken", "delay_ms": 60_000, "times": 1, "status": 500, "body": ""}),
    );
    let mut winner = env.command(&["token", "work"]).spawn().unwrap();
    crate::support::wait_for("the refresh request", || {
        (env.sandbox_state()["requests"]["POST /oauth/v2/accessToken"] == 2).then_some(())
    });
    winner.kill().unwrap();
    winner.wait().unwrap();
    let next = env.run(&["token", "work"]);
    assert_eq!(next.status.code(), Some(0), "{}", stderr(&next));
}

#[test]
fn l26_a_second_sign_in_names_the_first() {
    let env = TestEnv::new(None);
    let first = env.start_login("work", &[]);
    let url = env.browser_url();
    let second = env.start_login("spare", &[]).wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(7));
    let printed = stderr(&second);
    assert!(printed.contains("linkedin-tui") && printed.contains(&first.id().to_string()), "{printed}");
    assert!(printed.contains("Another sign-in or a sandbox is running there. Finish or stop it first."), "{printed}");
    env.approve_and_follow(&url, MEMBER);
    assert!(first.wait_with_output().unwrap().status.success());
}
