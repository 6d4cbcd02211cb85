//! `post`: publishing, input errors, and LinkedIn's errors.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::e2e::env::{TestEnv, json as parsed, stderr, stdout};

/// Returns the path of a test image.
fn image_path(file: &str) -> String {
    format!("{}/tests/it/e2e/images/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn last_post(env: &TestEnv) -> Value {
    env.sandbox_state()["posts"].as_array().unwrap().last().cloned().unwrap_or_default()
}

#[test]
fn a_post_is_published_with_urn_and_permalink() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["post", "Hello LinkedIn API :-)"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines: Vec<String> = stdout(&output).lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("urn:li:share:7"), "{lines:?}");
    assert_eq!(lines[1], format!("{}feed/update/{}/", env.sandbox.base(), lines[0]));
    assert_eq!(lines.len(), 2);
    assert!(stderr(&output).contains("not at LinkedIn"), "{}", stderr(&output));
    let post = last_post(&env);
    assert_eq!((post["text"].as_str(), post["visibility"].as_str()), (Some("Hello LinkedIn API :-)"), Some("PUBLIC")));

    let again = env.run(&["post", "Hello LinkedIn API :-)", "--json"]);
    assert_eq!(again.status.code(), Some(0));
    let again = parsed(&again);
    assert_eq!((&again["duplicate"], again["urn"].as_str()), (&json!(true), Some(lines[0].as_str())));
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 1);
}

#[test]
fn the_json_has_the_documented_keys() {
    let env = TestEnv::signed_in(None);
    let output = parsed(&env.run(&["post", "x #rust", "--visibility", "connections", "--json"]));
    let mut keys: Vec<&str> = output.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut expected =
        ["urn", "url", "duplicate", "visibility", "author", "profile", "images", "legacy", "published_at"];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!((&output["visibility"], &output["duplicate"]), (&json!("connections"), &json!(false)));
    assert_eq!(last_post(&env)["visibility"], "CONNECTIONS");

    let recent = parsed(&env.run(&["post", "--recent", "--json"]));
    assert_eq!((&recent[0]["urn"], &recent[0]["first_line"]), (&output["urn"], &json!("x #rust")));
    let urn = output["urn"].as_str().unwrap();
    for _ in 0..2 {
        // The permalink is accepted too.
        for post in [urn, output["url"].as_str().unwrap()] {
            let deleted = env.run(&["post", "--delete", post, "--json"]);
            assert_eq!(parsed(&deleted), json!({ "urn": urn, "deleted": true }), "{}", stderr(&deleted));
        }
    }
    assert_eq!(last_post(&env)["deleted"], true);
    assert!(stdout(&env.run(&["post", "--recent"])).contains("x #rust (deleted)"));
}

#[test]
fn stdin_is_the_text_without_its_final_newline() {
    let env = TestEnv::signed_in(None);
    let output = env.run_with_stdin(&["post", "-"], "# Title (draft)\n\nsecond *line* 李小龙\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(last_post(&env)["text"], "# Title (draft)\n\nsecond *line* 李小龙");
}

#[test]
fn a_link_or_images_are_attached() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["post", "read", "--link", "https://example.com/a?b=c", "--title", "A (title)"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let article = json!({ "article": { "source": "https://example.com/a?b=c", "title": "A (title)" } });
    assert_eq!(last_post(&env)["content"], article);
    assert!(env.run(&["post", "untitled", "--link", "https://example.com/a/"]).status.success());
    assert_eq!(last_post(&env)["content"]["article"]["title"], "example.com/a");

    let (png, jpg, gif) = (image_path("small.png"), image_path("small.jpg"), image_path("small.gif"));
    let output = env.run(&["post", "see", "--image", &png, "--alt", "blue", "--image", &jpg, "--image", &gif]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stderr(&output).contains("uploading"), "a progress bar is shown on terminals only");
    let images = last_post(&env)["content"]["multiImage"]["images"].clone();
    assert_eq!(images.as_array().unwrap().len(), 3);
    assert_eq!((images[0]["altText"].as_str(), images[1].get("altText")), (Some("blue"), None));
    let kinds: Vec<Value> =
        env.sandbox_state()["images"].as_array().unwrap().iter().map(|image| image["kind"].clone()).collect();
    assert_eq!(kinds, ["image/png", "image/jpeg", "image/gif"]);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let env = TestEnv::signed_in(None);
    let token = stdout(&env.run(&["token", "work"]));
    let before = env.sandbox_state()["requests"].clone();
    let output = env.run(&["post", "Hello :-)", "--dry-run", "--image", &image_path("small.png")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    for line in [
        &format!("POST {}rest/posts", env.sandbox.base()) as &str,
        "LinkedIn-Version: 202609",
        "X-Restli-Protocol-Version: 2.0.0",
        "\"commentary\": \"Hello :-\\\\)\"",
        "?action=initializeUpload",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(!shown.contains(token.trim()) && shown.contains("Authorization: Bearer ****"));
    let json = parsed(&env.run(&["post", "Hello :-)", "--dry-run", "--json"]));
    let body = json!({
        "author": last_author(&env), "commentary": r"Hello :-\)", "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    });
    assert_eq!(json["requests"][0]["body"], body);
    assert!(env.sandbox_state()["posts"].as_array().unwrap().is_empty());
    let posts = |requests: &Value| requests.get("POST /rest/posts").cloned();
    assert_eq!(posts(&before), posts(&env.sandbox_state()["requests"]));
}

fn last_author(env: &TestEnv) -> Value {
    parsed(&env.run(&["whoami", "work", "--json"]))["member"]["urn"].clone()
}

/// Writes damaged images with a valid header: one truncated of each format, and one without columns.
fn damaged_images(env: &TestEnv) -> Vec<String> {
    let mut damaged = Vec::new();
    for file in ["small.png", "small.jpg", "small.gif"] {
        let mut bytes = std::fs::read(image_path(file)).unwrap();
        damaged.push((format!("cut-{file}"), bytes[..bytes.len() * 2 / 3].to_vec()));
        if file == "small.png" {
            bytes[16..20].fill(0);
            damaged.push(("no-columns.png".to_owned(), bytes));
        }
    }
    let write = |(name, bytes): (String, Vec<u8>)| {
        let path = env.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    damaged.into_iter().map(write).collect()
}

#[test]
fn damaged_images_are_rejected() {
    let env = TestEnv::signed_in(None);
    for path in damaged_images(&env) {
        let output = env.run(&["post", "x", "--image", &path]);
        assert_eq!(output.status.code(), Some(2), "{path}: {}", stderr(&output));
        assert!(stderr(&output).contains("damaged"), "{}", stderr(&output));
    }
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn bad_input_is_rejected_before_any_request() {
    let env = TestEnv::signed_in(None);
    let long = "x".repeat(3001);
    // An emoji counts as two, as in UTF-16.
    let emoji = "😀".repeat(1501);
    let png = image_path("small.png");
    let text = env.dir.path().join("not-an-image.png");
    std::fs::write(&text, "<svg>").unwrap();
    for arguments in [
        &["post"][..],
        &["post", ""],
        &["post", "  \n"],
        &["post", &long],
        &["post", &emoji],
        &["post", "x", "--image", "/missing.png"],
        &["post", "x", "--image", text.to_str().unwrap()],
        &["post", "x", "--image", env.dir.path().to_str().unwrap()],
        &["post", "x", "--image", &png, "--alt", "a", "--alt", "b"],
        &["post", "x", "--image", &png, "--link", "https://example.com"],
        &["post", "x", "--link", "example.com"],
        &["post", "x", "--link", "javascript:alert(1)"],
        &["post", "x", "--as", "782bbtaQ"],
        &["post", "x", "--visibility", "unknown"],
        &["post", "x", "--delete", "urn:li:share:1"],
        &["post", "--delete", "7141138937766391808"],
    ] {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
    let fits = env.run(&["post", &"😀".repeat(1500)]);
    assert_eq!(fits.status.code(), Some(0), "{}", stderr(&fits));
}

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
        // The verdict on a refused token is saved.
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
    assert!(stderr(&status).contains("API version 202401 was retired on 2025-01-15"), "{}", stderr(&status));
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
    for (scenario, has_urn) in [("mixed-case-headers", true), ("post-id-omitted", false), ("legacy-posts-only", true)] {
        env.control("scenario", &json!({ "name": scenario }));
        let output = env.run(&["post", scenario, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{scenario}: {}", stderr(&output));
        assert_eq!(parsed(&output)["urn"].is_string(), has_urn, "{scenario}");
        assert_eq!(last_post(&env)["text"], scenario);
    }
    env.control("scenario", &json!({ "name": "daily-limit" }));
    let output = env.run(&["post", "too many"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(stderr(&output).contains("resets at 00:00 UTC"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn uploads_show_a_progress_bar_on_a_terminal() {
    use crate::e2e::terminal::Terminal;
    let env = TestEnv::signed_in(None);
    let png = image_path("small.png");
    let mut terminal = Terminal::start(env.pty(&["post", "with a bar", "--image", &png]), 100, 20);
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(raw.contains("uploading image 1 of 1 [########################] 100 %"), "{raw}");
    assert!(raw.contains("urn:li:share:"), "{raw}");
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
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let error = parsed(&output)["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("may have been published"), "{error}");
}
