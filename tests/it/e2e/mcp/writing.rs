//! The tools that change something: preview, digest, result.

use std::fs::File;

use rstest::rstest;
use serde_json::{Value, json};

use super::{Client, with_digest};
use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json as parsed};

fn posts(env: &TestEnv) -> Vec<Value> {
    env.sandbox_state()["posts"].as_array().cloned().unwrap_or_default()
}

fn image(name: &str) -> String {
    format!("{}/tests/it/e2e/images/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Writes a file that begins with `start`, followed by zeros, and returns its path.
fn write_file(env: &TestEnv, name: &str, start: &[u8], size: u64) -> String {
    let path = env.dir.path().join(name);
    std::fs::write(&path, start).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_post_is_published_only_with_its_digest() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let arguments = json!({"text": "First line\n\nHello :-) #rust", "connections_only": true});
    let first = client.content("create_post", &arguments);
    let preview = &first["preview"];
    assert_eq!((&first["done"], &preview["action"]), (&false.into(), &"create_post".into()));
    assert_eq!((&preview["profile"], &preview["visibility"]), (&"work".into(), &"connections".into()));
    assert_eq!(preview["text"], "First line\n\nHello :-) #rust", "lines stay lines");
    assert!(preview["author"].as_str().unwrap().starts_with("urn:li:person:"));
    let digest = first["digest"].as_str().unwrap();
    assert!(digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{digest}");
    assert_eq!(posts(&env), Vec::<Value>::new(), "a preview sends nothing");

    let done = client.content("create_post", &with_digest(&arguments, &first["digest"]));
    assert_eq!((&done["done"], &done["result"]["visibility"]), (&true.into(), &"connections".into()));
    assert_eq!(posts(&env)[0]["text"], "First line\n\nHello :-) #rust");

    let (_, again) = client.confirm("create_post", &arguments);
    assert_eq!(again["duplicate"], true, "nothing is published twice");
    assert_eq!(client.error("create_post", &json!({"text": " "}))["code"], "bad_input");
    client.finish();
    assert_eq!(posts(&env).len(), 1);
}

#[test]
fn a_post_that_may_have_been_published_is_listed_and_named() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let arguments = json!({"text": "Lost", "attachment": {"images": [{"path": image("small.png")}]}});
    let first = client.content("create_post", &arguments);
    assert_eq!(first["warnings"], json!([]));
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "drop": true }));
    let lost = client.error("create_post", &with_digest(&arguments, &first["digest"]));
    assert_eq!(lost["code"], "maybe_published");
    let listed = client.content("list_posts", &json!({}))["posts"].clone();
    assert_eq!((&listed[0]["text"], &listed[0]["maybe_published"]), (&"Lost".into(), &true.into()));
    assert!(listed[0]["attachment"].as_str().unwrap().starts_with("images: small.png ("), "{listed}");

    let warnings = |content: &Value| content["warnings"].as_array().unwrap().len();
    let other = client.content("create_post", &json!({"text": "Lost"}));
    assert_eq!(warnings(&other), 0, "it has another attachment: {other}");
    let again = client.content("create_post", &arguments);
    assert!(again["warnings"][0].as_str().unwrap().contains("may have been published"), "{again}");
    client.content("create_post", &with_digest(&arguments, &again["digest"]));
    let listed = client.content("list_posts", &json!({}))["posts"].clone();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["maybe_published"]), (1, &false.into()));
    client.finish();
    assert_eq!(posts(&env).len(), 1);
}

#[test]
fn a_linked_page_is_read_once_and_a_first_comment_added() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let linked = env.run(&["post", "Read me", "--image", &image("small.png"), "--json"]);
    let url = parsed(&linked)["url"].as_str().unwrap().to_owned();
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let arguments = json!({
        "text": "Look",
        "attachment": {"link": {"url": url, "read_page": true, "description": "My own words"}},
        "first_comment": "The source is below.",
    });
    let (preview, result) = client.confirm("create_post", &arguments);
    let card = &preview["attachment"]["link"];
    assert!(card["title"].as_str().unwrap().contains("Ada Lovelace"), "{card}");
    assert_eq!(card["description"], "My own words", "a field that is set is kept");
    let thumbnail = card["thumbnail"].as_str().unwrap().to_owned();
    assert!(std::path::Path::new(&thumbnail).exists() && preview["files"][0]["path"] == card["thumbnail"], "{preview}");
    assert_eq!(preview["first_comment"], "The source is below.");
    assert_eq!(result["first_comment"], json!({"published": true, "error": null}));
    let published = posts(&env)[1]["content"]["article"].clone();
    assert_eq!((&published["title"], &published["description"]), (&card["title"], &card["description"]));
    assert!(published["thumbnail"].is_string(), "{published}");
    assert_eq!(env.sandbox_state()["comments"][0]["text"], "The source is below.");

    let wrong = client.error("create_post", &json!({"text": "No", "first_comment": " "}));
    assert_eq!(wrong["code"], "bad_input");
    client.finish();
    assert!(!std::path::Path::new(&thumbnail).exists(), "the picture of the page is deleted");
    assert_eq!(posts(&env).len(), 2);
}

#[test]
fn a_preview_names_who_is_mentioned() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("second", "grace", &[]).status.success());
    let arguments = json!({"text": "With @[ada lovelace] and @[Grace Hopper]", "mentions": true, "profile": "work"});
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let (preview, _) = client.confirm("create_post", &arguments);
    let text = preview["text"].as_str().unwrap();
    assert!(text.starts_with("With @[Ada Lovelace](urn:li:person:") && text.ends_with(')'), "{text}");
    assert_eq!(posts(&env)[0]["text"], "With Ada Lovelace and Grace Hopper");
    client.finish();

    // A server for one profile does not know the members of the others.
    let arguments = json!({"text": "Again with @[Grace H]", "mentions": true});
    let mut client = Client::start(&env, &["mcp", "--allow-post", "--profile", "second"]);
    let hint = client.error("create_post", &arguments)["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains("Grace Hopper") && !hint.contains("Ada"), "{hint}");

    // Nor does it mention them in a new text, where an unknown name is text.
    let (_, mine) = client.confirm("create_post", &json!({"text": "Mine"}));
    let edit = json!({"post": mine["urn"], "text": "By @[Ada Lovelace]"});
    let warnings = client.content("edit_post", &edit)["warnings"].clone();
    assert!(warnings[0].as_str().unwrap().contains("@[Ada Lovelace]"), "{warnings}");
    client.confirm("edit_post", &edit);
    client.finish();
    let texts: Vec<Value> = posts(&env).iter().map(|post| post["text"].clone()).collect();
    assert_eq!(texts, ["With Ada Lovelace and Grace Hopper", "By @[Ada Lovelace]"]);
}

#[test]
fn a_digest_is_valid_once() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let arguments = json!({"text": "Once"});
    let digest = client.content("create_post", &arguments)["digest"].clone();
    client.content("create_post", &with_digest(&arguments, &digest));
    let error = client.error("create_post", &with_digest(&arguments, &digest));
    assert_eq!(error["code"], "bad_input");
    assert!(error["message"].as_str().unwrap().contains("used already"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("without a digest"), "{error}");
    client.finish();
    assert_eq!(env.sandbox_state()["requests"]["POST /rest/posts"], 1);
}

#[rstest]
#[case::other_text(json!({"text": "Other"}))]
#[case::other_visibility(json!({"text": "Hello", "connections_only": true}))]
#[case::other_author(json!({"text": "Hello", "author": "urn:li:organization:2414183"}))]
#[case::other_profile(json!({"text": "Hello", "profile": "second"}))]
#[case::attachment(json!({"text": "Hello", "attachment": {"link": {"url": "https://example.com"}}}))]
fn a_digest_of_another_request_is_rejected(#[case] changed: Value) {
    let env = TestEnv::signed_in(None);
    assert!(env.login("second", "bruce", &[]).status.success());
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let arguments = json!({"text": "Hello", "profile": "work"});
    let digest = client.content("create_post", &arguments)["digest"].clone();
    let changed = if changed.get("profile").is_some() { changed } else { with_profile(changed) };
    let error = client.error("create_post", &with_digest(&changed, &digest));
    assert!(error["message"].as_str().unwrap().contains("differs from the preview"), "{error}");
    assert_eq!(posts(&env), Vec::<Value>::new());
    client.content("create_post", &with_digest(&arguments, &digest));
    client.finish();
}

fn with_profile(mut arguments: Value) -> Value {
    arguments["profile"] = "work".into();
    arguments
}

#[test]
fn a_digest_of_another_process_is_rejected() {
    let env = TestEnv::signed_in(None);
    let arguments = json!({"text": "Hello"});
    let mut first = Client::start(&env, &["mcp", "--allow-post"]);
    let digest = first.content("create_post", &arguments)["digest"].clone();
    let mut second = Client::start(&env, &["mcp", "--allow-post"]);
    second.content("create_post", &arguments);
    for wrong in [digest, json!(""), json!("0".repeat(64))] {
        let error = second.error("create_post", &with_digest(&arguments, &wrong));
        assert!(error["message"].as_str().unwrap().contains("is not of a preview"), "{error}");
    }
    first.finish();
    second.finish();
    assert_eq!(posts(&env), Vec::<Value>::new());
}

#[test]
fn a_file_that_changed_needs_a_new_preview() {
    let env = TestEnv::signed_in(None);
    let path = env.dir.path().join("picture.png");
    std::fs::copy(image("small.png"), &path).unwrap();
    let arguments = json!({"text": "Look", "attachment": {"images": [{"path": path, "alt": "A square"}]}});
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let first = client.content("create_post", &arguments);
    let file = &first["preview"]["files"][0];
    assert_eq!(file["path"], path.to_str().unwrap());
    assert_eq!(file["size"], std::fs::metadata(&path).unwrap().len());
    let changed_at = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
    File::options().write(true).open(&path).unwrap().set_modified(changed_at).unwrap();
    let error = client.error("create_post", &with_digest(&arguments, &first["digest"]));
    assert!(error["message"].as_str().unwrap().contains("a file of it"), "{error}");
    assert_eq!(posts(&env), Vec::<Value>::new());
    let (_, published) = client.confirm("create_post", &arguments);
    assert_eq!((&published["kind"], &published["images"]), (&"images".into(), &1.into()));
    client.finish();
}

#[test]
fn every_kind_of_post_is_published() {
    let env = TestEnv::signed_in(None);
    let pdf = write_file(&env, "slides.pdf", b"%PDF-1.4\n1 0 obj << /Type /Page >> endobj\n", 60);
    let mp4 = write_file(&env, "film.mp4", b"\0\0\0\x18ftypmp42", 80_000);
    let png = image("small.png");
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let (_, first) = client.confirm("create_post", &json!({"text": "The first"}));
    let attachments = [
        ("link", json!({"link": {"url": "https://example.com/page", "title": "A page", "thumbnail": png}}), 1),
        ("images", json!({"images": [{"path": png}, {"path": image("small.jpg"), "alt": "A square"}]}), 2),
        ("document", json!({"document": {"path": pdf, "title": "Slides"}}), 1),
        ("document", json!({"document": {"carousel": [png, png]}}), 2),
        ("video", json!({"video": {"path": mp4, "title": "A film"}}), 1),
        ("poll", json!({"poll": {"question": "Tabs?", "options": ["Yes", "No"], "days": 7}}), 0),
        ("reshare", json!({"reshare": first["url"]}), 0),
    ];
    for (number, (kind, attachment, files)) in attachments.into_iter().enumerate() {
        let arguments = json!({"text": format!("Post {number}"), "attachment": attachment});
        let (preview, published) = client.confirm("create_post", &arguments);
        assert_eq!((&preview["kind"], &published["kind"]), (&kind.into(), &kind.into()), "{published}");
        assert_eq!(preview["files"].as_array().unwrap().len(), files, "{preview}");
        assert_eq!(preview["attachment"].as_object().unwrap().len(), 1, "{preview}");
    }
    assert_eq!(posts(&env).len(), 8);
    assert_eq!(posts(&env)[6]["content"]["poll"]["settings"]["duration"], "SEVEN_DAYS");
    client.finish();
}

#[rstest]
#[case::two_kinds(json!({"attachment": {"reshare": "urn:li:share:1", "link": {"url": "https://example.com"}}}), "more than one kind")]
#[case::no_kind(json!({"attachment": {}}), "no kind")]
#[case::misspelled(json!({"attachment": {"image": "a.png"}}), "unknown field `image`")]
#[case::misspelled_field(json!({"link": "https://example.com"}), "unknown field `link`")]
#[case::no_images(json!({"attachment": {"images": []}}), "no images")]
#[case::no_document(json!({"attachment": {"document": {"title": "x"}}}), "either a file or a carousel")]
#[case::missing_file(json!({"attachment": {"document": {"path": "/missing.pdf"}}}), "/missing.pdf cannot be used")]
#[case::poll_of_two_days(json!({"attachment": {"poll": {"question": "?", "options": ["a", "b"], "days": 2}}}), "for 2 days")]
#[case::poll_of_one_option(json!({"attachment": {"poll": {"question": "?", "options": ["a"]}}}), "2 to 4 options")]
#[case::no_author(json!({"author": "Ada"}), "not the URN of an author")]
fn wrong_arguments_are_errors_without_a_preview(#[case] mut arguments: Value, #[case] message: &str) {
    let env = TestEnv::signed_in(None);
    arguments["text"] = "Hello".into();
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let error = client.error("create_post", &arguments);
    assert_eq!(error["code"], "bad_input");
    assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    assert!(!error["hint"].as_str().unwrap().is_empty() && error["retryable"] == false, "{error}");
    client.finish();
}

#[test]
fn a_post_is_edited_and_deleted_by_its_link() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let (_, published) = client.confirm("create_post", &json!({"text": "Frist"}));
    let (urn, url) = (&published["urn"], &published["url"]);
    let (preview, edited) = client.confirm("edit_post", &json!({"post": url, "text": "First"}));
    assert_eq!((&preview["previous_text"], &preview["text"]), (&"Frist".into(), &"First".into()));
    assert_eq!((&edited["urn"], &edited["edited"]), (urn, &true.into()));
    assert_eq!(posts(&env)[0]["text"], "First");
    let listed = client.content("list_posts", &json!({}));
    assert_eq!(listed["posts"][0]["text"], "First");
    assert!(listed["posts"][0]["edited_at"].is_string());

    let (preview, deleted) = client.confirm("delete_post", &json!({"post": url}));
    assert_eq!((&preview["previous_text"], &preview["post"]), (&"First".into(), urn));
    assert_eq!(deleted["deleted"], true);
    assert_eq!(posts(&env)[0]["deleted"], true);
    for (tool, arguments) in [("delete_post", json!({"post": "x"})), ("edit_post", json!({"post": url, "text": " "}))] {
        assert_eq!(client.error(tool, &arguments)["code"], "bad_input", "{tool}");
    }
    client.finish();
}

#[test]
fn comments_and_reactions_are_sent_as_a_page_too() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let (_, published) = client.confirm("create_post", &json!({"text": "Hello"}));
    let page = "urn:li:organization:2414183";
    let comment = json!({"post": published["urn"], "text": "Well done", "author": page});
    let (preview, commented) = client.confirm("comment", &comment);
    assert_eq!((&preview["author"], &preview["text"]), (&page.into(), &"Well done".into()));
    assert_eq!(commented["post"], published["urn"]);
    assert_eq!(env.sandbox_state()["comments"][0]["actor"], page);
    let react = |reaction: &str| json!({"post": published["urn"], "reaction": reaction});
    let (preview, reacted) = client.confirm("react", &react("love"));
    assert_eq!((&preview["reaction"], &reacted["reaction"]), (&"love".into(), &"love".into()));
    let (_, deleted) = client.confirm("react", &react("none"));
    assert_eq!((&deleted["reaction"], &deleted["deleted"]), (&Value::Null, &true.into()));
    assert!(client.error("react", &react("maybe"))["message"].as_str().unwrap().contains("unknown variant"));
    assert_eq!(client.error("comment", &json!({"post": published["urn"], "text": " "}))["code"], "bad_input");
    client.finish();
}

#[test]
fn a_hidden_character_is_a_warning() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let preview = client.content("create_post", &json!({"text": "Hello\u{e0041}"}));
    assert_eq!(preview["preview"]["text"], "Hello");
    assert!(preview["warnings"][0].as_str().unwrap().contains("leaves out"), "{preview}");
    let comment = client.content("create_post", &json!({"text": "Hello", "first_comment": "More\u{e0041}"}));
    assert!(comment["warnings"][0].as_str().unwrap().starts_with("first_comment contains"), "{comment}");
    let lines = client.content("create_post", &json!({"text": "Hello", "first_comment": "One\nTwo"}));
    assert_eq!((&lines["preview"]["first_comment"], &lines["warnings"]), (&json!("One\nTwo"), &json!([])));
    let preview = client.content("create_post", &json!({"text": "Hello\n\tyou"}));
    assert_eq!(preview["warnings"], json!([]));
    client.finish();
}

#[test]
fn an_expired_token_is_an_error_before_the_preview() {
    let env = TestEnv::signed_in(None);
    env.expire("work");
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let post = json!("urn:li:share:1");
    for (tool, arguments) in [
        ("create_post", json!({"text": "Hello"})),
        ("edit_post", json!({"post": post, "text": "Hello"})),
        ("delete_post", json!({"post": post})),
        ("comment", json!({"post": post, "text": "Hello"})),
        ("react", json!({"post": post, "reaction": "like"})),
    ] {
        let error = client.error(tool, &arguments);
        assert_eq!(error["code"], "expired", "{tool}");
        assert!(error["hint"].as_str().unwrap().contains("linkedin-tui login work"), "{error}");
    }
    client.finish();
}

#[test]
fn no_tool_returns_the_token() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let token = env.token("work");
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    for tool in super::READ_TOOLS {
        client.content(tool, &json!({}));
        client.call(tool, &json!({"profile": "missing"}));
    }
    // A token in an argument is a text like any other, so none of these contains it.
    let (_, published) = client.confirm("create_post", &json!({"text": "Hello"}));
    let post = &published["urn"];
    client.confirm("edit_post", &json!({"post": post, "text": "Hello you"}));
    client.confirm("comment", &json!({"post": post, "text": "Well done"}));
    client.confirm("react", &json!({"post": post, "reaction": "like"}));
    client.confirm("delete_post", &json!({"post": post}));
    env.control("revoke-member-grants", &json!({}));
    for tool in ["whoami", "permissions", "pages", "stats"] {
        client.call(tool, &json!({}));
    }
    client.error("create_post", &with_digest(&json!({"text": "Hello"}), &json!("0")));
    let transcript = client.finish();
    for secret in [token.as_str(), linkedin_tui::internal::sandbox::CLIENT_SECRET] {
        assert!(!transcript.contains(&secret[..12]), "a tool returned a secret");
    }
}
