//! `comment` and `react`: allowed, refused, and without a response.

use rstest::rstest;
use serde_json::{Value, json};

use crate::e2e::test_env::{TestEnv, follow, json as parsed, stderr, stdout};

/// The scopes of an app with the Community Management API.
pub(crate) const COMMUNITY_SCOPES: &str = "r_basicprofile w_member_social w_member_social_feed r_member_postAnalytics \
    w_organization_social w_organization_social_feed rw_organization_admin";

/// Creates an environment whose app has the Community Management API.
pub(crate) fn signed_in_with_approved_app(scopes: &str) -> TestEnv {
    let env = TestEnv::new(Some("approved-app"));
    let signed_in = env.login("work", "ada", &["--scope", scopes]);
    assert!(signed_in.status.success(), "{}", stderr(&signed_in));
    env
}

/// Publishes a post and returns its URN.
pub(crate) fn publish(env: &TestEnv) -> String {
    let output = env.run(&["post", "Hello", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    parsed(&output)["urn"].as_str().unwrap().to_owned()
}

fn comments(env: &TestEnv) -> Vec<Value> {
    env.sandbox_state()["comments"].as_array().unwrap().clone()
}

fn request_counts(env: &TestEnv) -> (u64, u64) {
    let requests = env.sandbox_state()["requests"].clone();
    let count = |path: &str| requests[format!("POST {path}")].as_u64().unwrap_or_default();
    (count("/rest/socialActions"), count("/v2/socialActions"))
}

/// Lets LinkedIn's minute between two comments pass.
fn wait_a_minute(env: &TestEnv) {
    env.control("clock", &json!({ "advance_seconds": 61 }));
}

#[test]
fn an_approved_app_comments_by_the_versioned_api() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    let output = env.run(&["comment", &post, "Well done :-) <b>", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let stored = &comments(&env)[0];
    let url = format!("{}feed/update/{post}/", env.sandbox.base());
    let urn = format!("urn:li:comment:({post},{})", stored["id"].as_str().unwrap());
    assert_eq!(parsed(&output), json!({ "urn": urn, "post": post, "url": url }));
    assert_eq!(stored["text"], "Well done :-) <b>", "plain text is not escaped");
    assert_eq!(request_counts(&env), (1, 0));

    wait_a_minute(&env);
    let page = "urn:li:organization:2414183";
    let output = env.run_with_stdin(&["comment", &url, "-", "--as", page], "From the Page\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().nth(1), Some(url.as_str()));
    let stored = &comments(&env)[1];
    assert_eq!((&stored["actor"], &stored["text"]), (&json!(page), &json!("From the Page")));
    let shown = env.runtime.block_on(follow(url.parse().unwrap()));
    assert!(shown.contains("Well done :-) &lt;b&gt;") && shown.contains("Analytical Engines"), "{shown}");
}

#[test]
fn a_comment_is_edited_and_deleted() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    let urn = parsed(&env.run(&["comment", &post, "first", "--json"]))["urn"].as_str().unwrap().to_owned();
    wait_a_minute(&env);
    let page = "urn:li:organization:2414183";
    let of_page = parsed(&env.run(&["comment", &post, "by the Page", "--as", page, "--json"]))["urn"].clone();

    let output = env.run(&["comment", "changed :-)", "--edit", &urn, "--json"]);
    assert_eq!(parsed(&output), json!({ "urn": urn, "edited": true }), "{}", stderr(&output));
    assert_eq!((&comments(&env)[0]["text"], &comments(&env)[0]["is_edited"]), (&json!("changed :-)"), &json!(true)));
    let output = env.run_with_stdin(&["comment", "--edit", of_page.as_str().unwrap(), "-", "--as", page], "stdin\n");
    assert_eq!(
        stderr(&output).lines().last(),
        Some(format!("Changed the text of {}.", of_page.as_str().unwrap()).as_str())
    );
    assert_eq!(comments(&env)[1]["text"], "stdin");

    // The comment of another actor is refused; an already deleted one is a success.
    let output = env.run(&["comment", "--delete", of_page.as_str().unwrap(), "--json"]);
    assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(5), &json!("not_permitted")));
    let id = comments(&env)[0]["id"].as_str().unwrap().to_owned();
    let short = post.replace("urn:li:", "").replace(':', "%3A");
    let link =
        format!("https://www.linkedin.com/feed/update/{post}/?commentUrn=urn%3Ali%3Acomment%3A%28{short}%2C{id}%29");
    for comment in [&urn, &urn, &link] {
        let output = env.run(&["comment", "--delete", comment, "--json"]);
        assert_eq!(parsed(&output), json!({ "urn": urn, "deleted": true }), "{}", stderr(&output));
        assert_eq!(comments(&env).len(), 1);
    }
}

#[test]
fn the_api_that_accepted_the_comment_changes_it() {
    let env = TestEnv::signed_in(None);
    let post = publish(&env);
    let urn = parsed(&env.run(&["comment", &post, "first", "--json"]))["urn"].as_str().unwrap().to_owned();
    let before = request_counts(&env);
    assert!(env.run(&["comment", "changed", "--edit", &urn]).status.success());
    assert_eq!((&comments(&env)[0]["text"], request_counts(&env)), (&json!("changed"), (before.0, before.1 + 1)));

    env.control("scenario", &json!({ "name": "comments-refused" }));
    for arguments in [&["comment", "again", "--edit", &urn, "--json"][..], &["comment", "--delete", &urn, "--json"]] {
        let output = env.run(arguments);
        assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(5), &json!("not_permitted")));
    }
    assert_eq!(comments(&env)[0]["text"], "changed");
}

#[test]
fn a_gated_app_comments_by_the_legacy_api() {
    let env = TestEnv::signed_in(None);
    let post = publish(&env);
    let note = "note: LinkedIn does not permit this app to comment by /rest/socialActions; trying /v2/socialActions.";
    let output = env.run(&["comment", &post, "first"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches(note).count(), 1, "{}", stderr(&output));
    assert_eq!(request_counts(&env), (1, 1));
    // The API that accepted the first comment is tried first.
    wait_a_minute(&env);
    let output = env.run(&["comment", &post, "second"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!stderr(&output).contains("trying"), "{}", stderr(&output));
    assert_eq!((request_counts(&env), comments(&env).len()), ((1, 2), 2));
    // LinkedIn's response outweighs the missing scope.
    let permissions = parsed(&env.run(&["permissions", "--json"]));
    let comment = permissions["capabilities"].as_array().unwrap().iter().find(|row| row["id"] == "comment").cloned();
    assert_eq!(comment.unwrap()["allowed"], true);
}

#[test]
fn a_refusal_by_both_apis_is_remembered() {
    let env = TestEnv::signed_in(Some("comments-refused"));
    let post = publish(&env);
    for (attempt, requests) in [(1, (1, 1)), (2, (2, 1))] {
        let output = env.run(&["comment", &post, "refused", "--json"]);
        assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
        let error = parsed(&output)["error"].clone();
        assert_eq!(error["code"], "not_permitted", "{error}");
        assert!(error["message"].as_str().unwrap().contains("partnerApiSocialActions.CREATE"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("Community Management API"), "{error}");
        assert_eq!(request_counts(&env), requests, "attempt {attempt}");
    }
    assert_eq!(comments(&env), Vec::<Value>::new());

    assert!(env.run(&["permissions"]).status.success());
    let output = env.run(&["comment", &post, "refused"]);
    let shown = stderr(&output);
    let (note, error) = (shown.find("note: LinkedIn may refuse this"), shown.find("error: "));
    assert!(note.is_some() && note < error, "the note is first: {shown}");
    assert_eq!(request_counts(&env), (3, 1), "the comment is sent all the same");
}

#[rstest]
#[case::after_the_comment(true, json!({ "drop": true, "after": true }), 1)]
#[case::before_the_comment(true, json!({ "drop": true }), 0)]
#[case::server_error(true, json!({ "status": 503, "after": true }), 1)]
#[case::after_the_legacy_comment(false, json!({ "drop": true, "after": true }), 1)]
#[case::before_the_legacy_comment(false, json!({ "drop": true }), 0)]
fn a_lost_response_does_not_repeat_the_comment(
    #[case] is_approved: bool,
    #[case] mut fault: Value,
    #[case] count: usize,
) {
    // The versioned API refuses an app that is not approved.
    let (env, path, requests) = if is_approved {
        (signed_in_with_approved_app(COMMUNITY_SCOPES), "/rest/socialActions", (1, 0))
    } else {
        (TestEnv::signed_in(None), "/v2/socialActions", (1, 1))
    };
    let post = publish(&env);
    fault["path_prefix"] = json!(path);
    env.control("fault", &fault);
    let output = env.run(&["comment", &post, "lost", "--json"]);
    assert_eq!(output.status.code(), Some(5));
    let error = parsed(&output)["error"].clone();
    assert_eq!(error["code"], "maybe_published", "{error}");
    assert!(error["message"].as_str().unwrap().starts_with("The comment was sent and may have been published"));
    assert_eq!((request_counts(&env), comments(&env).len()), (requests, count));
}

#[cfg(unix)]
#[test]
fn an_interrupted_comment_may_be_published() {
    use std::process::Stdio;

    use crate::support::wait_for;
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    env.control("fault", &json!({ "path_prefix": "/rest/socialActions", "delay_ms": 25_000, "after": true }));
    let mut command = env.command(&["comment", &post, "interrupted", "--json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the comment", || comments(&env).pop());
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let error = parsed(&output)["error"].clone();
    assert_eq!((output.status.code(), &error["code"]), (Some(130), &json!("interrupted")));
    assert!(error["message"].as_str().unwrap().contains("may have been published"), "{error}");
}

#[test]
fn comments_within_a_minute_are_limited() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    assert!(env.run(&["comment", &post, "first"]).status.success());
    let output = env.run(&["comment", &post, "second", "--json"]);
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(parsed(&output)["error"]["code"], "rate_limited");
    assert_eq!((request_counts(&env), comments(&env).len()), ((2, 0), 1), "a limit is not a reason for the other API");
}

#[rstest]
#[case::no_text(&["comment", "urn:li:share:7"])]
#[case::empty_text(&["comment", "urn:li:share:7", " "])]
#[case::edit_to_nothing(&["comment", "--edit", "urn:li:comment:(urn:li:share:7,71)"])]
#[case::edit_of_a_post(&["comment", "x", "--edit", "urn:li:share:7"])]
#[case::edit_with_two_texts(&["comment", "x", "y", "--edit", "urn:li:comment:(urn:li:share:7,71)"])]
#[case::delete_with_text(&["comment", "x", "--delete", "urn:li:comment:(urn:li:share:7,71)"])]
#[case::delete_and_edit(&["comment", "x", "--delete", "urn:li:share:7", "--edit", "urn:li:share:7"])]
#[case::no_post(&["comment", "7141138937766391808", "x"])]
#[case::member_as_post(&["react", "urn:li:person:x", "like"])]
#[case::no_reaction(&["react", "urn:li:share:7"])]
#[case::retired_reaction(&["react", "urn:li:share:7", "maybe"])]
#[case::post_as_actor(&["react", "urn:li:share:7", "like", "--as", "urn:li:share:7"])]
#[case::stats_of_a_member(&["stats", "urn:li:person:x"])]
fn bad_input_is_rejected_before_any_request(#[case] arguments: &[&str]) {
    let env = TestEnv::signed_in(None);
    let output = env.run(arguments);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{}", stderr(&output));
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn a_text_with_a_dash_gets_a_hint() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["comment", "urn:li:share:7", "- text"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("linkedin-tui comment URN -- \"- TEXT\""), "{}", stderr(&output));
}

fn reactions(env: &TestEnv) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let state = env.sandbox_state();
    state["reactions"].as_array().unwrap().iter().map(|row| (text(row, "actor"), text(row, "kind"))).collect()
}

#[test]
fn a_reaction_is_set_replaced_and_deleted() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    let me = parsed(&env.run(&["whoami", "--json"]))["member"]["urn"].as_str().unwrap().to_owned();
    for (name, label, kind) in
        [("like", "like", "LIKE"), ("PRAISE", "celebrate", "PRAISE"), ("Funny", "funny", "ENTERTAINMENT")]
    {
        let output = env.run(&["react", &post, name, "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(parsed(&output), json!({ "post": post, "reaction": label, "actor": me, "deleted": false }));
        assert_eq!(reactions(&env), [(me.clone(), kind.to_owned())]);
    }
    let page = "urn:li:organization:2414183";
    let output = env.run(&["react", &post, "love", "--as", page]);
    assert!(stderr(&output).contains(&format!("Reacted to {post}: love.")), "{}", stderr(&output));
    let shown = env.runtime.block_on(follow(env.sandbox.base().join(&format!("feed/update/{post}/")).unwrap()));
    assert!(shown.contains("Love 1 · Funny 1"), "{shown}");
    for _ in 0..2 {
        let output = env.run(&["react", &post, "--delete", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(parsed(&output), json!({ "post": post, "reaction": null, "actor": me, "deleted": true }));
        assert_eq!(reactions(&env), [(page.to_owned(), "EMPATHY".to_owned())]);
    }
}

#[test]
fn a_refused_reaction_names_the_product() {
    let env = TestEnv::signed_in(None);
    let post = publish(&env);
    for arguments in [&["react", &post, "like", "--json"][..], &["react", &post, "--delete", "--json"]] {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
        let error = parsed(&output)["error"].clone();
        assert_eq!(error["code"], "not_permitted", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(error["message"].as_str().unwrap().contains("w_member_social_feed"), "{error}");
        assert!(hint.contains("Community Management API") && hint.contains("Use a second profile"), "{error}");
    }
    assert_eq!(reactions(&env), []);
}

#[test]
fn nothing_is_sent_for_a_member_that_is_not_identified() {
    let env = TestEnv::new(Some("member-id-omitted"));
    assert!(env.login("work", "ada", &[]).status.success());
    let post = "urn:li:share:7141138937766391808";
    for arguments in [&["comment", post, "Hi", "--json"][..], &["react", post, "like", "--json"]] {
        let error = parsed(&env.run(arguments))["error"].clone();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("The member could not be identified, so nothing was sent. "), "{error}");
    }
}

#[test]
fn a_lost_reaction_may_be_sent_again() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    for (reaction, count) in [("like", 1), ("--delete", 0)] {
        for after in [false, true] {
            env.control("fault", &json!({ "path_prefix": "/rest/reactions", "drop": true, "after": after }));
            let output = env.run(&["react", &post, reaction, "--json"]);
            let error = parsed(&output)["error"].clone();
            let expected = (Some(5), &json!("network"), &json!(true));
            assert_eq!((output.status.code(), &error["code"], &error["retryable"]), expected, "{reaction} {after}");
            assert!(env.run(&["react", &post, reaction]).status.success());
            assert_eq!(reactions(&env).len(), count, "{reaction} {after}");
        }
    }
}
