//! `post`: the published text is the typed text, and each refusal is explained.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::user::world::{World, json as parsed, stderr, stdout};

/// Returns the path of a test image.
fn image(file: &str) -> String {
    format!("{}/tests/it/user/images/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn last_post(world: &World) -> Value {
    world.sandbox_state()["posts"].as_array().unwrap().last().cloned().unwrap_or_default()
}

#[test]
fn hello_linkedin_is_published_with_urn_and_permalink() {
    let world = World::signed_in(None);
    let done = world.run(&["post", "Hello LinkedIn API :-)"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let lines: Vec<String> = stdout(&done).lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("urn:li:share:7"), "{lines:?}");
    assert_eq!(lines[1], format!("{}feed/update/{}/", world.sandbox.base(), lines[0]));
    assert_eq!(lines.len(), 2);
    assert!(stderr(&done).contains("not at LinkedIn"), "{}", stderr(&done));
    let post = last_post(&world);
    assert_eq!((post["text"].as_str(), post["visibility"].as_str()), (Some("Hello LinkedIn API :-)"), Some("PUBLIC")));

    let again = world.run(&["post", "Hello LinkedIn API :-)", "--json"]);
    assert_eq!(again.status.code(), Some(0));
    let again = parsed(&again);
    assert_eq!((&again["duplicate"], again["urn"].as_str()), (&json!(true), Some(lines[0].as_str())));
    assert_eq!(world.sandbox_state()["posts"].as_array().unwrap().len(), 1);
}

#[test]
fn the_json_has_the_documented_keys() {
    let world = World::signed_in(None);
    let done = parsed(&world.run(&["post", "x #rust", "--visibility", "connections", "--json"]));
    let mut keys: Vec<&str> = done.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let mut wanted = ["urn", "url", "duplicate", "visibility", "author", "profile", "images", "legacy", "published_at"];
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!((&done["visibility"], &done["duplicate"]), (&json!("connections"), &json!(false)));
    assert_eq!(last_post(&world)["visibility"], "CONNECTIONS");

    let recent = parsed(&world.run(&["post", "--recent", "--json"]));
    assert_eq!((&recent[0]["urn"], &recent[0]["first_line"]), (&done["urn"], &json!("x #rust")));
    let urn = done["urn"].as_str().unwrap();
    for _ in 0..2 {
        // The permalink is accepted too.
        for named in [urn, done["url"].as_str().unwrap()] {
            let deleted = world.run(&["post", "--delete", named, "--json"]);
            assert_eq!(parsed(&deleted), json!({ "urn": urn, "deleted": true }), "{}", stderr(&deleted));
        }
    }
    assert_eq!(last_post(&world)["deleted"], true);
    assert!(stdout(&world.run(&["post", "--recent"])).contains("x #rust (deleted)"));
}

#[test]
fn stdin_is_taken_whole_except_its_final_newline() {
    let world = World::signed_in(None);
    let done = world.run_with_stdin(&["post", "-"], "# Title (draft)\n\nsecond *line* 李小龙\n");
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(last_post(&world)["text"], "# Title (draft)\n\nsecond *line* 李小龙");
}

#[test]
fn a_link_and_images_stand_below_the_text() {
    let world = World::signed_in(None);
    let done = world.run(&["post", "read", "--link", "https://example.com/a?b=c", "--title", "A (title)"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let article = json!({ "article": { "source": "https://example.com/a?b=c", "title": "A (title)" } });
    assert_eq!(last_post(&world)["content"], article);
    assert!(world.run(&["post", "untitled", "--link", "https://example.com/a/"]).status.success());
    assert_eq!(last_post(&world)["content"]["article"]["title"], "example.com/a");

    let (png, jpg, gif) = (image("small.png"), image("small.jpg"), image("small.gif"));
    let done = world.run(&["post", "see", "--image", &png, "--alt", "blue", "--image", &jpg, "--image", &gif]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(!stderr(&done).contains("uploading"), "a bar is for terminals");
    let images = last_post(&world)["content"]["multiImage"]["images"].clone();
    assert_eq!(images.as_array().unwrap().len(), 3);
    assert_eq!((images[0]["altText"].as_str(), images[1].get("altText")), (Some("blue"), None));
    let kinds: Vec<Value> =
        world.sandbox_state()["images"].as_array().unwrap().iter().map(|image| image["kind"].clone()).collect();
    assert_eq!(kinds, ["image/png", "image/jpeg", "image/gif"]);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let world = World::signed_in(None);
    let token = stdout(&world.run(&["token", "work"]));
    let before = world.sandbox_state()["requests"].clone();
    let done = world.run(&["post", "Hello :-)", "--dry-run", "--image", &image("small.png")]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let shown = stdout(&done);
    for line in [
        &format!("POST {}rest/posts", world.sandbox.base()) as &str,
        "LinkedIn-Version: 202609",
        "X-Restli-Protocol-Version: 2.0.0",
        "\"commentary\": \"Hello :-\\\\)\"",
        "?action=initializeUpload",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(!shown.contains(token.trim()) && shown.contains("Authorization: Bearer ****"));
    let json = parsed(&world.run(&["post", "Hello :-)", "--dry-run", "--json"]));
    let body = json!({
        "author": last_author(&world), "commentary": r"Hello :-\)", "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    });
    assert_eq!(json["requests"][0]["body"], body);
    assert!(world.sandbox_state()["posts"].as_array().unwrap().is_empty());
    let posts = |requests: &Value| requests.get("POST /rest/posts").cloned();
    assert_eq!(posts(&before), posts(&world.sandbox_state()["requests"]));
}

fn last_author(world: &World) -> Value {
    parsed(&world.run(&["whoami", "work", "--json"]))["member"]["urn"].clone()
}

/// Damaged images with a valid header: one of each format truncated to its half, and one without pixels.
fn damaged_images(world: &World) -> Vec<String> {
    let mut damaged = Vec::new();
    for file in ["small.png", "small.jpg", "small.gif"] {
        let mut bytes = std::fs::read(image(file)).unwrap();
        damaged.push((format!("cut-{file}"), bytes[..bytes.len() * 2 / 3].to_vec()));
        if file == "small.png" {
            bytes[16..20].fill(0);
            damaged.push(("no-columns.png".to_owned(), bytes));
        }
    }
    let write = |(name, bytes): (String, Vec<u8>)| {
        let path = world.dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    damaged.into_iter().map(write).collect()
}

#[test]
fn damaged_images_are_refused_and_nothing_is_published() {
    let world = World::signed_in(None);
    for path in damaged_images(&world) {
        let done = world.run(&["post", "x", "--image", &path]);
        assert_eq!(done.status.code(), Some(2), "{path}: {}", stderr(&done));
        assert!(stderr(&done).contains("damaged"), "{}", stderr(&done));
    }
    assert!(!world.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let world = World::signed_in(None);
    let long = "x".repeat(3001);
    // An emoji counts as two, as in UTF-16.
    let emoji = "😀".repeat(1501);
    let png = image("small.png");
    let text = world.dir.path().join("not-an-image.png");
    std::fs::write(&text, "<svg>").unwrap();
    for arguments in [
        &["post"][..],
        &["post", ""],
        &["post", "  \n"],
        &["post", &long],
        &["post", &emoji],
        &["post", "x", "--image", "/nowhere.png"],
        &["post", "x", "--image", text.to_str().unwrap()],
        &["post", "x", "--image", world.dir.path().to_str().unwrap()],
        &["post", "x", "--image", &png, "--alt", "a", "--alt", "b"],
        &["post", "x", "--image", &png, "--link", "https://example.com"],
        &["post", "x", "--link", "example.com"],
        &["post", "x", "--link", "javascript:alert(1)"],
        &["post", "x", "--as", "782bbtaQ"],
        &["post", "x", "--visibility", "nobody"],
        &["post", "x", "--delete", "urn:li:share:1"],
        &["post", "--delete", "7141138937766391808"],
    ] {
        let done = world.run(arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", stderr(&done));
        assert_eq!(stdout(&done), "");
    }
    assert!(!world.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
    let fits = world.run(&["post", &"😀".repeat(1500)]);
    assert_eq!(fits.status.code(), Some(0), "{}", stderr(&fits));
}

/// LinkedIn's errors: status, body, exit code, error code, and parts of message and hint.
const REFUSALS: &[(u16, &str, i32, &str, &str)] = &[
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
fn each_refusal_has_its_exit_code_and_sentence() {
    let world = World::signed_in(None);
    age(&world);
    let path = world.config().join("profiles").join("work.toml");
    let profile = std::fs::read(&path).unwrap();
    for (status, body, exit, code, expected_text) in REFUSALS {
        // The verdict on a refused token is saved.
        std::fs::write(&path, &profile).unwrap();
        // After a refused API version another one is tried.
        for _ in 0..if *status == 426 { 2 } else { 1 } {
            world.control("fault", &json!({ "path_prefix": "/rest/posts", "status": status, "body": body }));
        }
        let done = world.run(&["post", "refused", "--json"]);
        let error = parsed(&done)["error"].clone();
        let printed = format!("{} {}", error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
        assert_eq!(
            (done.status.code(), error["code"].as_str()),
            (Some(*exit), Some(*code)),
            "{status} {body}: {printed}"
        );
        assert!(printed.contains(expected_text), "{status} {body}: {printed}");
        assert!(!error["hint"].as_str().unwrap().is_empty());
    }
    assert!(world.sandbox_state()["posts"].as_array().unwrap().is_empty());
}

/// LinkedIn refuses the version of the next request.
fn refuse_version(world: &World) {
    let body = r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20260901 is not active"}"#;
    world.control("fault", &json!({ "path_prefix": "/rest/posts", "status": 426, "body": body }));
}

#[test]
fn a_refused_version_moves_on_and_is_noted_once() {
    let world = World::signed_in(None);
    refuse_version(&world);
    let done = world.run(&["post", "first", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert!(parsed(&done)["urn"].as_str().unwrap().starts_with("urn:li:"));
    let note = "note: LinkedIn does not serve API version 202609; 202608 is used from now on.";
    assert_eq!(stderr(&done).matches(note).count(), 1, "{}", stderr(&done));
    assert_eq!(world.sandbox_state()["requests"]["POST /rest/posts"], json!(2));
    // The version that worked is saved: no warning, and no additional request.
    let again = world.run(&["post", "second"]);
    assert!(again.status.success() && !stderr(&again).contains("API version"), "{}", stderr(&again));
    assert_eq!(world.sandbox_state()["requests"]["POST /rest/posts"], json!(3));
    assert!(stdout(&world.run(&["post", "third", "--dry-run"])).contains("LinkedIn-Version: 202608"));
}

#[test]
fn a_configured_version_is_used_with_a_warning() {
    let world = World::signed_in(None);
    let config = world.config().join("config.toml");
    let base = std::fs::read_to_string(&config).unwrap();
    let set = |version: &str| std::fs::write(&config, format!("{base}api_version = \"{version}\"\n")).unwrap();
    set("202401");
    refuse_version(&world);
    let done = world.run(&["post", "first"]);
    assert_eq!(done.status.code(), Some(5));
    assert!(!stderr(&done).contains("used from now on") && !stderr(&done).contains("202512"), "{}", stderr(&done));
    assert_eq!(world.sandbox_state()["requests"]["POST /rest/posts"], json!(1));
    let status = world.run(&["status", "--json"]);
    assert!(stderr(&status).contains("API version 202401 was retired on 2025-01-15"), "{}", stderr(&status));
    assert!(parsed(&status).is_array(), "the data is as ever");
    set("auto");
    assert!(!stderr(&world.run(&["status"])).contains("API version"));
    set("newest");
    let refused = world.run(&["status"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("linkedin.api_version") && stderr(&refused).contains("YYYYMM"));
}

#[test]
fn missing_permission_falls_back_once_and_then_names_the_scope() {
    let world = World::new(None);
    assert!(world.login("work", "ada", &["--scope", "openid profile"]).status.success());
    let done = world.run(&["post", "x"]);
    assert_eq!(done.status.code(), Some(5));
    assert!(stderr(&done).contains("lacks the scope w_member_social"), "{}", stderr(&done));
    assert!(stderr(&done).contains("linkedin-tui login work --scope \"openid profile w_member_social\""));
    let asked = world.sandbox_state()["requests"].clone();
    assert_eq!((&asked["POST /rest/posts"], &asked["POST /v2/ugcPosts"]), (&json!(1), &json!(1)));
}

#[test]
fn lost_answers_conflicts_and_unusual_headers() {
    let world = World::signed_in(None);
    for (order, published) in [(json!({ "drop": true, "after": true }), 1), (json!({ "drop": true }), 0)] {
        let mut fault = order;
        fault["path_prefix"] = json!("/rest/posts");
        world.control("fault", &fault);
        let before = world.sandbox_state()["posts"].as_array().unwrap().len();
        let done = world.run(&["post", &format!("dropped {published}")]);
        assert_eq!(done.status.code(), Some(5));
        assert!(stderr(&done).contains("may have been published"), "{}", stderr(&done));
        assert_eq!(world.sandbox_state()["posts"].as_array().unwrap().len() - before, published);
    }
    for (scenario, named) in [("mixed-case-headers", true), ("post-id-omitted", false), ("legacy-posts-only", true)] {
        world.control("scenario", &json!({ "name": scenario }));
        let done = world.run(&["post", scenario, "--json"]);
        assert_eq!(done.status.code(), Some(0), "{scenario}: {}", stderr(&done));
        assert_eq!(parsed(&done)["urn"].is_string(), named, "{scenario}");
        assert_eq!(last_post(&world)["text"], scenario);
    }
    world.control("scenario", &json!({ "name": "daily-limit" }));
    let done = world.run(&["post", "too many"]);
    assert_eq!(done.status.code(), Some(5));
    assert!(stderr(&done).contains("resets at 00:00 UTC"), "{}", stderr(&done));
}

#[cfg(unix)]
#[test]
fn uploads_show_a_bar_on_a_terminal() {
    use crate::user::terminal::Terminal;
    let world = World::signed_in(None);
    let png = image("small.png");
    let mut terminal = Terminal::start(world.pty(&["post", "with a bar", "--image", &png]), 100, 20);
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains("uploading image 1 of 1 [########################] 100 %"), "{raw}");
    assert!(raw.contains("urn:li:share:"), "{raw}");
}

/// Makes the token older than the seconds that LinkedIn may need to propagate a new one.
fn age(world: &World) {
    let path = world.config().join("profiles").join("work.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let older = |line: &str| {
        if line.starts_with("issued_at") { "issued_at = \"2026-01-01T00:00:00Z\"".to_owned() } else { line.to_owned() }
    };
    std::fs::write(&path, text.lines().map(older).collect::<Vec<_>>().join("\n")).unwrap();
}

#[test]
fn k05_a_refused_token_is_refreshed_once() {
    let world = World::signed_in(Some("refresh-tokens"));
    age(&world);
    let refused = json!({ "path_prefix": "/rest/posts", "status": 401, "body": REFUSALS[3].1 });
    world.control("fault", &refused);
    let done = world.run(&["post", "refreshed"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    age(&world);
    let mut always = refused;
    always["times"] = json!(100);
    world.control("fault", &always);
    let done = world.run(&["api", "GET", "/rest/posts"]);
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    // A sign-in and two refreshes; the refreshed token is retried for the seconds that LinkedIn needs to propagate it.
    let requests = world.sandbox_state()["requests"].clone();
    assert_eq!(requests["POST /oauth/v2/accessToken"], json!(3));
    assert!(requests["GET /rest/posts"].as_u64().unwrap() > 2, "{requests}");
    assert_eq!(world.sandbox_state()["posts"].as_array().unwrap().len(), 1);
    // The verdict is saved.
    assert_eq!(world.run(&["status"]).status.code(), Some(4));
}

#[test]
fn a_token_too_new_to_be_known_is_tried_again() {
    let world = World::signed_in(None);
    let refused = json!({ "path_prefix": "/rest/posts", "status": 401, "body": REFUSALS[3].1, "times": 2 });
    world.control("fault", &refused);
    let done = world.run(&["post", "right after the sign-in"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(world.sandbox_state()["requests"]["POST /rest/posts"], json!(3));
}

#[cfg(unix)]
#[test]
fn an_interruption_after_sending_warns_it_may_be_published() {
    use crate::support::wait_for;
    let world = World::signed_in(None);
    world.control("fault", &json!({ "path_prefix": "/rest/posts", "delay_ms": 25_000, "after": true }));
    let mut command = world.command(&["post", "on its way", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the post", || world.sandbox_state()["posts"].as_array().filter(|posts| !posts.is_empty()).map(Vec::len));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130));
    let error = parsed(&done)["error"].clone();
    assert!(error["message"].as_str().unwrap().contains("may have been published"), "{error}");
}
