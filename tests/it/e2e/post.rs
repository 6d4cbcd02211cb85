//! `post`: publishing, input errors, and LinkedIn's errors.

mod errors;
mod kinds;
mod mentions;

use serde_json::{Value, json};

use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

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
        ["urn", "url", "duplicate", "visibility", "author", "profile", "kind", "images", "legacy", "published_at"];
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
    for (text, title) in [("untitled", None), ("blank", Some("--title= "))] {
        let arguments = ["post", text, "--link", "https://example.com/a/"].into_iter().chain(title);
        assert!(env.run(&arguments.collect::<Vec<_>>()).status.success());
        assert_eq!(last_post(&env)["content"]["article"]["title"], "example.com/a");
    }

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
        "author": member_urn(&env), "commentary": r"Hello :-\)", "visibility": "PUBLIC",
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
    });
    assert_eq!(json["requests"][0]["body"], body);
    assert!(env.sandbox_state()["posts"].as_array().unwrap().is_empty());
    let writes = |requests: &Value| {
        let all = requests.as_object().unwrap().iter();
        all.filter(|(request, _)| !request.starts_with("GET ")).map(|(_, count)| count.clone()).collect::<Vec<_>>()
    };
    assert_eq!(writes(&before), writes(&env.sandbox_state()["requests"]));
}

#[test]
fn a_dry_run_shows_the_first_comment() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let shown = |env: &TestEnv, arguments: &[&str]| {
        let output = env.run(&[&["post", "Hello", "--dry-run", "--json"], arguments].concat());
        let requests = parsed(&output)["requests"].clone();
        requests.as_array().unwrap().last().unwrap().clone()
    };
    let page = "urn:li:organization:2414183";
    let comment = shown(&env, &["--first-comment", "More :-)", "--as", page]);
    let url = format!("{}rest/socialActions/<post>/comments", env.sandbox.base());
    assert_eq!((&comment["method"], &comment["url"]), (&json!("POST"), &json!(url)));
    assert_eq!(comment["headers"]["LinkedIn-Version"], "202609");
    assert_eq!(comment["body"], json!({ "actor": page, "object": "<post>", "message": { "text": "More :-)" } }));
    assert_eq!(env.sandbox_state()["comments"], json!([]));

    // The API that accepted the last comment is tried first.
    let env = TestEnv::signed_in(None);
    assert!(env.run(&["post", "Hello", "--first-comment", "x"]).status.success());
    let comment = shown(&env, &["--first-comment", "y"]);
    assert!(comment["url"].as_str().unwrap().ends_with("/v2/socialActions/<post>/comments"), "{comment}");
}

fn member_urn(env: &TestEnv) -> Value {
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
    // An emoji is two units, as in UTF-16.
    let emoji = "😀".repeat(1501);
    let png = image_path("small.png");
    let text = env.dir.path().join("not-an-image.png");
    std::fs::write(&text, "<svg>").unwrap();
    for arguments in [
        &["post"][..],
        &["post", ""],
        &["post", "  \n"],
        &["post", "list"],
        &["post", "delete"],
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
        assert!(!stderr(&output).contains("publishing at"), "{arguments:?}: {}", stderr(&output));
    }
    assert!(stderr(&env.run(&["post", "list"])).contains("post --recent"));
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
    let fits = env.run(&["post", &"😀".repeat(1500)]);
    assert_eq!(fits.status.code(), Some(0), "{}", stderr(&fits));
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
