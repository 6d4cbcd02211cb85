//! LinkedIn's errors when posting, retries, and API versions.

use std::process::Stdio;

use serde_json::json;

use super::last_post;
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

/// Errors of LinkedIn: status, body, exit code, error code, and a part of message or hint.
const LINKEDIN_ERRORS: &[(u16, &str, i32, &str, &str)] = &[
    (
        401,
        r#"{"status":401,"serviceErrorCode":65604,"code":"EMPTY_ACCESS_TOKEN","message":"Empty oauth2 access token"}"#,
        5,
        "refused",
        "Authorization header did not arrive",
    ),
    (
        401,
        r#"{"status":401,"serviceErrorCode":65600,"code":"INVALID_ACCESS_TOKEN","message":"Invalid access token"}"#,
        4,
        "revoked",
        "login work",
    ),
    (
        401,
        r#"{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"The token used in the request has been revoked by the user"}"#,
        4,
        "revoked",
        "revoked",
    ),
    (
        401,
        r#"{"status":401,"serviceErrorCode":65602,"code":"EXPIRED_ACCESS_TOKEN","message":"The token used in the request has expired"}"#,
        4,
        "expired",
        "has expired",
    ),
    (401, r#"{"message":"Unknown authentication schema","status":401}"#, 5, "refused", "Bearer"),
    (
        403,
        r#"{"status":403,"serviceErrorCode":100,"code":"ACCESS_DENIED","message":"Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]"}"#,
        5,
        "not_permitted",
        "as that author",
    ),
    (
        403,
        r#"{"message":"Not enough permissions to access: GET /me","status":403}"#,
        5,
        "not_permitted",
        "read profiles by that path",
    ),
    (
        400,
        r#"{"status":400,"code":"VERSION_MISSING","message":"A version must be present. Please specify a version by adding the LinkedIn-Version header."}"#,
        5,
        "refused",
        "LinkedIn-Version",
    ),
    (
        426,
        r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}"#,
        5,
        "refused",
        "linkedin.api_version",
    ),
    (
        400,
        r#"{"status":400,"code":"ILLEGAL_ARGUMENT","message":"Request body could not be converted to data map"}"#,
        5,
        "refused",
        "cannot read",
    ),
    (
        422,
        r#"{"message":"ERROR :: /author :: field is required but not found and has no default value\nERROR :: /foo :: unrecognized field found but not allowed\n","status":422}"#,
        5,
        "refused",
        "/foo: unrecognized field",
    ),
    (
        400,
        r#"{"status":400,"code":"FIELD_LENGTH_TOO_LONG","message":"too long"}"#,
        5,
        "refused",
        "too long for LinkedIn",
    ),
    (400, r#"{"status":400,"code":"INVALID_URN_ID","message":"no such URN"}"#, 5, "refused", "no such URN"),
    (
        429,
        r#"{"serviceErrorCode":101,"message":"Resource level throttle MEMBER DAY limit for calls to this resource is reached.","status":429}"#,
        5,
        "rate_limited",
        "00:00 UTC (in ",
    ),
    (500, "", 5, "maybe_published", "may have been published"),
    (503, "<html>busy</html>", 5, "maybe_published", "may have been published"),
    (504, r#"{"status":504}"#, 5, "maybe_published", "may have been published"),
    (200, "<html>Welcome to the hotel</html>", 5, "unexpected_response", "web page"),
    (302, "", 5, "unexpected_response", "redirect"),
];

#[test]
fn each_error_has_its_exit_code_and_message() {
    let env = TestEnv::signed_in(None);
    backdate_token(&env);
    let path = env.config().join("profiles").join("work.toml");
    let profile = std::fs::read(&path).unwrap();
    for (status, body, exit, code, expected_text) in LINKEDIN_ERRORS {
        // An error for the token changes the saved profile.
        std::fs::write(&path, &profile).unwrap();
        // After a rejected API version an earlier one is tried.
        for _ in 0..if *status == 426 { 2 } else { 1 } {
            env.control("fault", &json!({ "path_prefix": "/rest/posts", "status": status, "body": body }));
        }
        let output = env.run(&["post", "rejected", "--json"]);
        let error = parsed(&output)["error"].clone();
        let printed = format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
        assert_eq!(
            (output.status.code(), error["code"].as_str()),
            (Some(*exit), Some(*code)),
            "{status} {body}: {printed}"
        );
        assert!(printed.contains(expected_text), "{status} {body}: {printed}");
        assert!(!error["hint"].as_str().unwrap().is_empty());
    }
    assert!(env.sandbox_state()["posts"].as_array().unwrap().is_empty());
}

/// Makes the sandbox reject the API version of the next post.
fn reject_next_version(env: &TestEnv) {
    let body = r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20260901 is not active"}"#;
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "status": 426, "body": body }));
}

#[test]
fn a_rejected_version_is_replaced_and_noted_once() {
    let env = TestEnv::signed_in(None);
    reject_next_version(&env);
    let output = env.run(&["post", "first", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(parsed(&output)["urn"].as_str().unwrap().starts_with("urn:li:"));
    let note = "note: LinkedIn does not serve API version 202609; 202608 is used from now on.";
    assert_eq!(stderr(&output).matches(note).count(), 1, "{}", stderr(&output));
    assert_eq!(env.sandbox_state()["requests"]["POST /rest/posts"], json!(2));
    // The version that worked is saved: no warning, and no additional request.
    let again = env.run(&["post", "second"]);
    assert!(again.status.success() && !stderr(&again).contains("API version"), "{}", stderr(&again));
    assert_eq!(env.sandbox_state()["requests"]["POST /rest/posts"], json!(3));
    assert!(stdout(&env.run(&["post", "third", "--dry-run"])).contains("LinkedIn-Version: 202608"));
}

#[test]
fn a_configured_version_is_used_with_a_warning() {
    let env = TestEnv::signed_in(None);
    let config = env.config().join("config.toml");
    let base = std::fs::read_to_string(&config).unwrap();
    let set = |version: &str| std::fs::write(&config, format!("{base}api_version = \"{version}\"\n")).unwrap();
    set("202401");
    reject_next_version(&env);
    let output = env.run(&["post", "first"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(
        !stderr(&output).contains("used from now on") && !stderr(&output).contains("202512"),
        "{}",
        stderr(&output)
    );
    assert_eq!(env.sandbox_state()["requests"]["POST /rest/posts"], json!(1));
    let status = env.run(&["status", "--json"]);
    assert!(stderr(&status).contains("API version 202401 was retired on Jan 15, 2025"), "{}", stderr(&status));
    assert!(parsed(&status).is_array(), "stdout is unchanged");
    set("auto");
    assert!(!stderr(&env.run(&["status"])).contains("API version"));
    set("newest");
    let refused = env.run(&["status"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("linkedin.api_version") && stderr(&refused).contains("YYYYMM"));
}

#[test]
fn a_missing_permission_names_the_scope() {
    let env = TestEnv::new(None);
    assert!(env.login("work", "ada", &["--scope", "openid profile"]).status.success());
    let output = env.run(&["post", "x"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains("lacks the scope w_member_social"), "{}", stderr(&output));
    assert!(stderr(&output).contains("linkedin-tui login work --scope \"openid profile w_member_social\""));
    let requests = env.sandbox_state()["requests"].clone();
    assert_eq!((&requests["POST /rest/posts"], &requests["POST /v2/ugcPosts"]), (&json!(1), &json!(1)));
}

#[test]
fn lost_responses_and_unusual_headers_are_handled() {
    let env = TestEnv::signed_in(None);
    for (options, published) in [(json!({ "drop": true, "after": true }), 1), (json!({ "drop": true }), 0)] {
        let mut fault = options;
        fault["path_prefix"] = json!("/rest/posts");
        env.control("fault", &fault);
        let before = env.sandbox_state()["posts"].as_array().unwrap().len();
        let output = env.run(&["post", &format!("dropped {published}")]);
        assert_eq!(output.status.code(), Some(5));
        assert!(stderr(&output).contains("may have been published"), "{}", stderr(&output));
        assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len() - before, published);
    }
    // Only the same post is warned about, once, and the JSON is the usual one.
    let warning = |text: &str| {
        let output = env.run(&["post", text, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{text}: {}", stderr(&output));
        assert_eq!(parsed(&output).as_object().unwrap().len(), 10, "{text}");
        stderr(&output).matches("warning: this post was sent on ").count()
    };
    assert_eq!((warning("dropped 0"), warning("dropped 0"), warning("dropped")), (1, 0, 0));
    for (scenario, has_urn) in [("mixed-case-headers", true), ("post-id-omitted", false), ("legacy-posts-only", true)] {
        env.control("scenario", &json!({ "name": scenario }));
        let output = env.run(&["post", scenario, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{scenario}: {}", stderr(&output));
        assert_eq!(parsed(&output)["urn"].is_string(), has_urn, "{scenario}");
        assert_eq!(last_post(&env)["text"], scenario);
    }
    env.control("scenario", &json!({ "name": "one-post-a-day" }));
    let output = env.run(&["post", "too many"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains("resets at 00:00 UTC"), "{}", stderr(&output));
}

/// Makes the token older than the time that LinkedIn may need to propagate a new one.
fn backdate_token(env: &TestEnv) {
    let path = env.config().join("profiles").join("work.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let older = |line: &str| {
        if line.starts_with("issued_at") { "issued_at = \"2026-01-01T00:00:00Z\"".to_owned() } else { line.to_owned() }
    };
    std::fs::write(&path, text.lines().map(older).collect::<Vec<_>>().join("\n")).unwrap();
}

#[test]
fn k05_a_rejected_token_is_refreshed_once() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    backdate_token(&env);
    let refused = json!({ "path_prefix": "/rest/posts", "status": 401, "body": LINKEDIN_ERRORS[3].1 });
    env.control("fault", &refused);
    let output = env.run(&["post", "refreshed"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    backdate_token(&env);
    let mut always = refused;
    always["times"] = json!(100);
    env.control("fault", &always);
    let output = env.run(&["api", "GET", "/rest/posts"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    // A sign-in and two refreshes; the refreshed token is retried for the seconds that LinkedIn needs to propagate it.
    let requests = env.sandbox_state()["requests"].clone();
    assert_eq!(requests["POST /oauth/v2/accessToken"], json!(3));
    assert!(requests["GET /rest/posts"].as_u64().unwrap() > 2, "{requests}");
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 1);
    // The verdict is saved.
    assert_eq!(env.run(&["status"]).status.code(), Some(4));
}

#[test]
fn a_token_not_yet_propagated_is_retried() {
    let env = TestEnv::signed_in(None);
    let refused = json!({ "path_prefix": "/rest/posts", "status": 401, "body": LINKEDIN_ERRORS[3].1, "times": 2 });
    env.control("fault", &refused);
    let output = env.run(&["post", "right after the sign-in"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(env.sandbox_state()["requests"]["POST /rest/posts"], json!(3));
}

#[cfg(unix)]
#[test]
fn an_interruption_after_sending_warns_it_may_be_published() {
    use crate::support::wait_for;
    let env = TestEnv::signed_in(None);
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "delay_ms": 25_000, "after": true }));
    let mut command = env.command(&["post", "interrupted", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the post", || env.sandbox_state()["posts"].as_array().filter(|posts| !posts.is_empty()).map(Vec::len));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let error = parsed(&output)["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("may have been published"), "{error}");
    assert_eq!(parsed(&env.run(&["post", "--recent", "--json"]))[0]["maybe_published"], true);
}

#[cfg(unix)]
#[test]
fn an_interruption_before_sending_publishes_nothing() {
    use crate::support::wait_for;
    let env = TestEnv::signed_in(None);
    env.control("fault", &json!({ "path_prefix": "/dms-uploads/", "delay_ms": 25_000, "after": true }));
    let image = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/e2e/images/small.png");
    let mut command = env.command(&["post", "Look", "--image", image, "--first-comment", "The link", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the upload", || env.sandbox_state()["requests"].get("POST /rest/images").cloned());
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let error = parsed(&output)["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("nothing was left half done"), "{error}");
    assert_eq!(error["hint"], "", "the comment is not to be sent to a post that does not exist");
}
