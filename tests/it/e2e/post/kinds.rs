//! The kinds of posts: link cards, documents, carousels, videos, polls and reshares.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use rstest::rstest;
use serde_json::{Value, json};

use super::{image_path, last_post};
use crate::e2e::test_env::{TestEnv, follow, json as parsed, stderr, stdout};

/// Bytes of a part of a video.
const PART: u64 = 4_194_304;

/// Writes a file that begins with `start`, followed by zeros.
fn write_file(env: &TestEnv, name: &str, start: &[u8], size: u64) -> String {
    let path = env.dir.path().join(name);
    std::fs::write(&path, start).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
    path.to_str().unwrap().to_owned()
}

fn video(env: &TestEnv, name: &str, size: u64) -> String {
    write_file(env, name, b"\0\0\0\x18ftypmp42", size)
}

fn pdf(env: &TestEnv, name: &str) -> String {
    let text = "%PDF-1.4\n4 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\n\
                1 0 obj << /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >> endobj\n2 0 obj << /Type /Page >> endobj\n\
                3 0 obj << /Type /Page >> endobj\ntrailer << /Root 4 0 R >>\n";
    write_file(env, name, text.as_bytes(), text.len() as u64)
}

/// Publishes, and returns the JSON that was printed.
fn publish(env: &TestEnv, arguments: &[&str]) -> Value {
    let output = env.run(&[&["post"], arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    parsed(&output)
}

/// Returns the error of a post that fails with this exit code; nothing is published.
fn refused(env: &TestEnv, arguments: &[&str], code: i32) -> Value {
    let output = env.run(&[&["post"], arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    assert!(env.sandbox_state()["posts"].as_array().unwrap().is_empty(), "{arguments:?}");
    if output.stdout.is_empty() { json!({ "message": stderr(&output) }) } else { parsed(&output)["error"].clone() }
}

fn last_media(env: &TestEnv) -> Value {
    env.sandbox_state()["media"].as_array().unwrap().last().cloned().unwrap()
}

fn request_count(env: &TestEnv, request: &str) -> u64 {
    env.sandbox_state()["requests"][request].as_u64().unwrap_or_default()
}

/// Returns the page of the last post.
fn page(env: &TestEnv, published: &Value) -> String {
    env.runtime.block_on(follow(published["url"].as_str().unwrap().parse().unwrap()))
}

#[test]
fn a_poll_is_published_with_its_options() {
    let env = TestEnv::signed_in(None);
    let arguments = ["Vote", "--poll", "Tabs or <b>?", "--option", " Tabs ", "--option", "Spaces", "--poll-days", "7"];
    let published = publish(&env, &arguments);
    assert_eq!(published["kind"], "poll");
    let poll = json!({ "poll": {
        "question": "Tabs or <b>?", "options": [{ "text": "Tabs" }, { "text": "Spaces" }],
        "settings": { "duration": "SEVEN_DAYS" },
    } });
    assert_eq!(last_post(&env)["content"], poll);
    let page = page(&env, &published);
    assert!(page.contains("Tabs or &lt;b&gt;?") && page.contains("<li>Spaces</li>"), "{page}");
}

#[test]
fn a_reshare_takes_a_urn_or_any_link() {
    let env = TestEnv::signed_in(None);
    let first = publish(&env, &["The first"]);
    let (urn, url) = (first["urn"].as_str().unwrap(), first["url"].as_str().unwrap());
    for (number, post) in [urn, url, &urn.replace(':', "%3A")].into_iter().enumerate() {
        let published = publish(&env, &[&format!("Look {number}"), "--reshare", post]);
        assert_eq!(published["kind"], "reshare");
        assert_eq!((&last_post(&env)["parent"], &last_post(&env)["content"]), (&json!(urn), &Value::Null));
        assert!(page(&env, &published).contains("The first"));
    }
    publish(&env, &["--reshare", urn]);
    let gone = env.run(&["post", "x", "--reshare", "urn:li:share:1", "--json"]);
    let error = &parsed(&gone)["error"];
    assert_eq!(error["code"], "refused", "{}", stderr(&gone));
    assert_eq!(error["hint"], "Check the post to reshare (urn:li:share:1), then the URN of the author.");
}

#[test]
fn a_link_card_has_description_and_thumbnail() {
    let env = TestEnv::signed_in(None);
    let (url, png) = ("https://example.com/a", image_path("small.png"));
    let arguments = ["Read", "--link", url, "--title", "T", "--description", "D", "--thumbnail", &png];
    assert_eq!(publish(&env, &arguments)["kind"], "link");
    let article = last_post(&env)["content"]["article"].clone();
    let thumbnail = article["thumbnail"].as_str().unwrap();
    assert!(thumbnail.starts_with("urn:li:image:"), "{article}");
    assert_eq!((&article["title"], &article["description"]), (&json!("T"), &json!("D")));

    // The legacy API has no thumbnails.
    env.control("scenario", &json!({ "name": "legacy-posts-only" }));
    let output = env.run(&["post", "Legacy", "--link", url, "--description", "D", "--thumbnail", &png]);
    assert!(output.status.success() && stderr(&output).contains("without its thumbnail"), "{}", stderr(&output));
    assert_eq!(last_post(&env)["content"]["article"]["description"], "D");
}

#[test]
fn a_document_has_a_title_and_pages() {
    let env = TestEnv::signed_in(None);
    let file = pdf(&env, "Our deck.pdf");
    let published = publish(&env, &["Slides", "--document", &file]);
    assert_eq!(published["kind"], "document");
    let content = last_post(&env)["content"]["media"].clone();
    assert!(content["id"].as_str().unwrap().starts_with("urn:li:document:"), "{content}");
    assert_eq!(content["title"], "Our deck.pdf", "by default the name of the file");
    let page = page(&env, &published);
    assert!(page.contains("<strong>Our deck.pdf</strong><small>Document · 2 pages</small>"), "{page}");
    publish(&env, &["Titled", "--document", &file, "--title", "A talk"]);
    assert_eq!(last_post(&env)["content"]["media"]["title"], "A talk");
}

#[test]
fn a_carousel_is_a_document_of_its_images() {
    let env = TestEnv::signed_in(None);
    let (png, jpg) = (image_path("small.png"), image_path("small.jpg"));
    let arguments = ["Swipe", "--carousel", &png, "--carousel", &jpg, "--carousel", &png];
    assert_eq!(publish(&env, &arguments)["kind"], "document");
    assert_eq!(last_post(&env)["content"]["media"]["title"], "small.pdf");
    assert_eq!((&last_media(&env)["pages"], &last_media(&env)["is_unreadable"]), (&json!(3), &json!(false)));
    let gif = image_path("small.gif");
    let error = env.run(&["post", "x", "--carousel", &gif]);
    assert_eq!(error.status.code(), Some(2));
    assert!(stderr(&error).contains("neither a JPEG nor a PNG"), "{}", stderr(&error));
}

#[rstest]
#[case::too_short(2, Some("shorter than 3 seconds"))]
#[case::shortest(3, None)]
#[case::longest(1800, None)]
#[case::too_long(1801, Some("30 min 1 s long"))]
fn the_duration_of_a_video_is_checked_before_anything_is_sent(#[case] seconds: u32, #[case] reason: Option<&str>) {
    let env = TestEnv::signed_in(None);
    let header = [&b"\0\0\0\x20mvhd"[..], &[0; 12], &1000_u32.to_be_bytes(), &(seconds * 1000).to_be_bytes(), &[0; 4]];
    let movie = [&b"\0\0\0\x10ftypmp42\0\0\0\0\0\0\0\x28moov"[..], &header.concat()].concat();
    let file = write_file(&env, "demo.mp4", &movie, 80_000);
    match reason {
        None => assert_eq!(publish(&env, &["Watch", "--video", &file])["kind"], "video"),
        Some(reason) => {
            let error = refused(&env, &["Watch", "--video", &file], 2);
            assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
            assert!(error["hint"].as_str().unwrap().contains("3 seconds to 30 minutes"), "{error}");
            assert_eq!(request_count(&env, "POST /rest/videos"), 0);
        }
    }
}

#[test]
fn a_video_is_sent_in_parts_and_awaited() {
    let env = TestEnv::signed_in(None);
    let file = video(&env, "demo.mp4", 2 * PART + 1);
    let captions = write_file(&env, "demo.vtt", b"WEBVTT\n\n", 8);
    let png = image_path("small.png");
    let arguments = ["Watch", "--video", &file, "--title", "A demo", "--captions", &captions, "--thumbnail", &png];
    let published = publish(&env, &arguments);
    assert_eq!(published["kind"], "video");
    let media = last_media(&env);
    assert_eq!(media["parts"].as_array().unwrap().len(), 3);
    assert_eq!((&media["has_captions"], &media["has_thumbnail"]), (&json!(true), &json!(true)));
    assert_eq!(media["steps_left"], 0, "it was published when it was available");
    let content = last_post(&env)["content"]["media"].clone();
    assert!(content["id"].as_str().unwrap().starts_with("urn:li:video:") && content["title"] == "A demo", "{content}");
    assert!(page(&env, &published).contains("<strong>A demo</strong><small>Video · captions</small>"));
    assert_eq!(request_count(&env, "PUT /dms-uploads/"), 5, "without the token each is accepted at once");
}

#[rstest]
#[case::token_required("video-token-required", 0)]
#[case::token_refused("video-token-refused", 0)]
#[case::state_unreadable("media-unreadable", 0)]
#[case::gate("videos-refused", 5)]
#[case::processing_failed("processing-failed", 5)]
fn a_video_is_published_only_where_linkedin_takes_it(#[case] scenario: &str, #[case] code: i32) {
    let env = TestEnv::signed_in(None);
    env.control("scenario", &json!({ "name": scenario }));
    let file = video(&env, "demo.mp4", PART + 1);
    if code == 0 {
        publish(&env, &["Watch", "--video", &file]);
        return;
    }
    let error = refused(&env, &["Watch", "--video", &file], code);
    let (message, hint) = (error["message"].as_str().unwrap(), error["hint"].as_str().unwrap());
    if scenario == "videos-refused" {
        assert_eq!(error["code"], "not_permitted");
        assert!(message.contains("partnerApiVideosExternal"), "{error}");
        assert_eq!(request_count(&env, "POST /v2/ugcPosts"), 0, "the legacy API has no videos here");
        assert!(env.run(&["post", "text only"]).status.success(), "other posts are not affected");
    } else {
        assert!(message.contains("could not process the video; nothing is published"), "{error}");
        assert!(message.contains("The video could not be processed.") && hint.contains("H.264"), "{error}");
        // The next attempt uploads the file again.
        env.control("scenario", &json!({ "name": "normal" }));
        publish(&env, &["Watch", "--video", &file]);
        assert_eq!(env.sandbox_state()["media"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn a_failed_status_request_does_not_end_the_waiting() {
    let env = TestEnv::signed_in(None);
    env.control("scenario", &json!({ "name": "normal", "set": { "processing_steps": 3 } }));
    let file = video(&env, "demo.mp4", PART + 1);
    for status in [503, 429] {
        env.control("fault", &json!({ "path_prefix": "/rest/videos/", "status": status, "times": 2 }));
        publish(&env, &[&format!("Watch {status}"), "--video", &file]);
        assert_eq!(last_media(&env)["steps_left"], 0, "it was published when it was available");
    }
    // A page of a proxy does not show what the token may read.
    env.control("fault", &json!({ "path_prefix": "/rest/documents/", "status": 404, "body": "<html>" }));
    let output = env.run(&["post", "Read", "--document", &pdf(&env, "a.pdf"), "--json"]);
    assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(5), &json!("unexpected_response")));
    env.control("fault", &json!({ "path_prefix": "/rest/documents/", "status": 503, "times": 9 }));
    let output = env.run(&["post", "Read", "--document", &pdf(&env, "a.pdf"), "--json"]);
    let error = parsed(&output)["error"].clone();
    assert_eq!((output.status.code(), &error["code"]), (Some(5), &json!("server_error")), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("The status of the document could not be read; nothing is published."), "{message}");
}

#[test]
fn an_upload_is_reused_after_a_failed_post() {
    let env = TestEnv::signed_in(None);
    let (file, document, png) = (video(&env, "demo.mp4", PART + 1), pdf(&env, "a.pdf"), image_path("small.png"));
    for (text, arguments) in
        [("video", ["--video", &file]), ("document", ["--document", &document]), ("image", ["--image", &png])]
    {
        env.control("fault", &json!({ "path_prefix": "/rest/posts", "status": 503 }));
        let failed = env.run(&["post", text, arguments[0], arguments[1]]);
        assert_eq!(failed.status.code(), Some(5), "{}", stderr(&failed));
        let before = request_count(&env, "PUT /dms-uploads/");
        let output = env.run(&["post", text, arguments[0], arguments[1]]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(stderr(&output).contains(&format!("The {text} was uploaded before")), "{}", stderr(&output));
        assert_eq!(request_count(&env, "PUT /dms-uploads/"), before, "{text} is not sent again");
        // A file of a published post is uploaded again.
        assert!(env.run(&["post", &format!("{text} again"), arguments[0], arguments[1]]).status.success());
        assert!(request_count(&env, "PUT /dms-uploads/") > before, "{text}");
    }
}

#[test]
fn a_changed_file_is_uploaded_again() {
    let env = TestEnv::signed_in(None);
    let file = video(&env, "demo.mp4", 80_000);
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "status": 503 }));
    assert_eq!(env.run(&["post", "x", "--video", &file]).status.code(), Some(5));
    video(&env, "demo.mp4", 80_001);
    let output = env.run(&["post", "x", "--video", &file]);
    assert!(output.status.success() && !stderr(&output).contains("used again"), "{}", stderr(&output));
    assert_eq!(last_media(&env)["size"], 80_001);
}

#[test]
fn limits_are_checked_before_any_request() {
    let env = TestEnv::signed_in(None);
    let (png, document) = (image_path("small.png"), pdf(&env, "a.pdf"));
    let long = |count: usize| "x".repeat(count);
    let (text_file, small) = (write_file(&env, "a.docx", b"text", 4), video(&env, "small.mp4", 74_999));
    let (huge, large) = (write_file(&env, "huge.pdf", b"%PDF-", 105_000_000), video(&env, "large.mp4", 524_288_001));
    let (movie, captions) = (video(&env, "a.mp4", 80_000), write_file(&env, "a.vtt", b"1\n00:00", 8));
    let pages =
        "%PDF-1.4\n1 0 obj << /Count 301 >> endobj\n2 0 obj << /Pages 1 0 R >> endobj\ntrailer << /Root 2 0 R >>";
    let pages = write_file(&env, "pages.pdf", pages.as_bytes(), pages.len() as u64);
    let (question, option) = (long(141), long(31));
    for arguments in [
        &["x", "--poll", "Q?"][..],
        &["x", "--poll", "Q?", "--option", "A"],
        &["x", "--poll", "Q?", "--option", "A", "--option", "A"],
        &["x", "--poll", "Q?", "--option", "A", "--option", " "],
        &["x", "--poll", " ", "--option", "A", "--option", "B"],
        &["x", "--poll", &question, "--option", "A", "--option", "B"],
        &["x", "--poll", "Q?", "--option", "A", "--option", &option],
        &["x", "--poll", "Q?", "--option", "A", "--option", "B", "--option", "C", "--option", "D", "--option", "E"],
        &["x", "--poll", "Q?", "--option", "A", "--option", "B", "--poll-days", "2"],
        &["x", "--poll", "Q?", "--option", "A", "--option", "B", "--image", &png],
        &["x", "--option", "A"],
        &["x", "--reshare", "urn:li:person:abc"],
        &["x", "--reshare", "7141138937766391808"],
        &["x", "--document", &text_file],
        &["x", "--document", &png],
        &["x", "--document", &huge],
        &["x", "--document", &pages],
        &["x", "--document", &document, "--title", &long(401)],
        &["x", "--document", &document, "--video", &movie],
        &["x", "--video", &small],
        &["x", "--video", &large],
        &["x", "--video", &document],
        &["x", "--video", "/missing.mp4"],
        &["x", "--video", &movie, "--captions", &captions],
        &["x", "--captions", &captions],
        &["x", "--thumbnail", &png],
        &["x", "--title", "T"],
        &["x", "--image", &png, "--description", "D"],
        &["x", "--image", &png, "--title", "T"],
        &["x", "--image", &png, "--captions", &captions],
        &["x", "--reshare", "urn:li:share:1", "--thumbnail", &png],
        &["x", "--video", &movie, "--alt", "A"],
        &["x", "--document", &document, "--option", "A"],
        &["--edit", "urn:li:share:1"],
        &["x", "--edit", "nonsense"],
        &["x", "--edit", "urn:li:share:1", "--image", &png],
        &["x", "--edit", "urn:li:share:1", "--visibility", "connections"],
        &["x", "--edit", "urn:li:share:1", "--alt", "A"],
        &["x", "--edit", "urn:li:share:1", "--captions", &captions],
        &["--delete", "urn:li:share:1", "--image", &png],
        &["--delete", "urn:li:share:1", "--title", "T"],
        &["--recent", "--poll-days", "7"],
        &["--list-mentions", "--preview-link"],
    ] {
        refused(&env, arguments, 2);
    }
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn a_dry_run_shows_the_api_that_is_tried_first() {
    let env = TestEnv::signed_in(Some("legacy-posts-only"));
    let png = image_path("small.png");
    let urls = |arguments: &[&str]| {
        let shown = parsed(&env.run(&[&["post", "Hello :-)", "--dry-run", "--json"], arguments].concat()));
        let requests = shown["requests"].as_array().unwrap().iter();
        let url = |request: &serde_json::Value| request["url"].as_str().unwrap().to_owned();
        (requests.map(url).collect::<Vec<_>>().join(" "), shown)
    };
    assert!(urls(&[]).0.ends_with("/rest/posts"));
    assert!(env.run(&["post", "first"]).status.success());
    let (url, shown) = urls(&[]);
    assert!(url.ends_with("/v2/ugcPosts"), "{url}");
    let content = &shown["requests"][0]["body"]["specificContent"]["com.linkedin.ugc.ShareContent"];
    assert_eq!(content["shareCommentary"]["text"], "Hello :-)", "plain text");
    let (url, _) = urls(&["--image", &png]);
    assert!(url.contains("/v2/assets?action=registerUpload <uploadUrl 1> ") && url.ends_with("/v2/ugcPosts"), "{url}");
    assert!(urls(&["--poll", "Q?", "--option", "A", "--option", "B"]).0.ends_with("/rest/posts"), "it has no polls");
}

#[test]
fn a_dry_run_shows_the_requests_of_each_kind() {
    let env = TestEnv::signed_in(None);
    let (file, png) = (video(&env, "demo.mp4", 80_000), image_path("small.png"));
    let document = pdf(&env, "a.pdf");
    for (arguments, requests) in [
        (
            &["--link", "https://example.com/", "--thumbnail", &png][..],
            &["POST /rest/images", "PUT", "POST /rest/posts"][..],
        ),
        (
            &["--document", &document],
            &["POST /rest/documents", "PUT", "GET /rest/documents/<document>", "POST /rest/posts"],
        ),
        (&["--carousel", &png], &["POST /rest/documents", "PUT", "GET /rest/documents/<document>", "POST /rest/posts"]),
        (
            &["--video", &file],
            &["POST /rest/videos", "PUT", "POST /rest/videos", "GET /rest/videos/<video>", "POST /rest/posts"],
        ),
        (&["--poll", "Q?", "--option", "A", "--option", "B"], &["POST /rest/posts"]),
        (&["--reshare", "urn:li:share:7"], &["POST /rest/posts"]),
    ] {
        let output = env.run(&[&["post", "Hello", "--dry-run", "--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let shown = parsed(&output);
        let base = env.sandbox.base().as_str().trim_end_matches('/').to_owned();
        let shown: Vec<String> = shown["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|request| {
                let (method, url) = (request["method"].as_str().unwrap(), request["url"].as_str().unwrap());
                let path = url.strip_prefix(&base).map(|path| format!(" {}", path.split('?').next().unwrap()));
                format!("{method}{}", path.unwrap_or_default())
            })
            .collect();
        assert_eq!(shown, requests, "{arguments:?}");
        let text = stdout(&env.run(&[&["post", "Hello", "--dry-run"], arguments].concat()));
        assert!(text.contains("POST ") && text.contains("\"commentary\": \"Hello\""), "{text}");
    }
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn the_text_of_a_post_is_edited() {
    let env = TestEnv::signed_in(None);
    let published = publish(&env, &["Frist (1)"]);
    let (urn, url) = (published["urn"].as_str().unwrap(), published["url"].as_str().unwrap());
    let output = env.run(&["post", "First (1)", "--edit", url, "--json"]);
    assert_eq!(parsed(&output), json!({ "urn": urn, "edited": true }), "{}", stderr(&output));
    assert_eq!(last_post(&env)["text"], "First (1)");
    assert!(stdout(&env.run(&["post", "--recent"])).contains("First (1)"));
    let output = env.run_with_stdin(&["post", "-", "--edit", urn], "From stdin\n");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(last_post(&env)["text"], "From stdin");
}

#[test]
fn a_first_comment_follows_the_post_or_warns() {
    let env = TestEnv::new(None);
    let scopes = "openid profile w_member_social w_member_social_feed";
    env.control("scenario", &json!({ "name": "approved-app" }));
    assert!(env.login("work", "ada", &["--scope", scopes]).status.success());
    let published = publish(&env, &["Post", "--first-comment", "The link: https://example.com/"]);
    let comments = env.sandbox_state()["comments"].clone();
    assert_eq!(comments.as_array().unwrap().len(), 1, "{comments}");
    assert!(comments[0].to_string().contains(published["urn"].as_str().unwrap()), "{comments}");
    assert_eq!(published["first_comment"], json!({ "published": true, "error": null }));

    let again = env.run(&["post", "Post", "--first-comment", "The link: https://example.com/"]);
    let next = format!("existed already. To send it: linkedin-tui comment {} TEXT", published["urn"].as_str().unwrap());
    assert!(again.status.success() && stderr(&again).contains(&next), "{}", stderr(&again));
    for (fault, text, verb) in [
        (json!({ "status": 403 }), "refused", "is not"),
        (json!({ "status": 500 }), "failed", "may be missing"),
        (json!({ "drop": true }), "lost", "may be missing"),
    ] {
        let mut fault = fault;
        fault["path_prefix"] = json!("/rest/socialActions");
        env.control("fault", &fault);
        let output = env.run(&["post", text, "--first-comment", "x", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            stderr(&output).contains(&format!("warning: the post is published, but its first comment {verb}.")),
            "{}",
            stderr(&output)
        );
        assert_eq!(parsed(&output)["duplicate"], false);
        let comment = &parsed(&output)["first_comment"];
        assert!(comment["published"] == false && comment["error"]["code"].is_string(), "{comment}");
    }
    assert_eq!(env.sandbox_state()["comments"].as_array().unwrap().len(), 1);
    assert_eq!(env.run(&["post", "x", "--first-comment", " "]).status.code(), Some(2));
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "status": 503 }));
    let error = parsed(&env.run(&["post", "y", "--first-comment", "My words", "--json"]))["error"].clone();
    assert_eq!(error["code"], "maybe_published");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("Its first comment \"My words\" was not sent.") && hint.contains("comment URL"), "{hint}");
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 4);
}

#[test]
fn an_article_is_published_once() {
    let env = TestEnv::signed_in(None);
    let file = env.dir.path().join("article.md");
    let text =
        "+++\ntitle = \"Our news\" # keep\ntext = \"Read it\"\nlink = \"https://example.com/news\"\n+++\n\nBody.\n";
    std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    let arguments = ["--front-matter", path, "--once"];
    let planned = env.run(&[&["post"], &arguments[..], &["--dry-run"]].concat());
    assert!(stdout(&planned).contains("https://example.com/news"), "{}", stderr(&planned));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "a dry run changes nothing");

    let published = publish(&env, &arguments);
    let urn = published["urn"].as_str().unwrap().to_owned();
    assert_eq!(published["kind"], "link");
    let marked = text.replace("news\"\n+++", &format!("news\"\nlinkedin_urn = \"{urn}\"\n+++"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), marked);
    assert_eq!(
        parsed(&env.run(&[&["post"], &arguments[..], &["--json"]].concat())),
        json!({ "urn": urn, "duplicate": true })
    );
    assert_eq!(request_count(&env, "POST /rest/posts"), 1);

    // A certain refusal leaves the file as it was; a lost response does not.
    std::fs::write(&file, text).unwrap();
    let refusal = json!({ "path_prefix": "/rest/posts", "status": 400, "body": "{\"status\":400,\"message\":\"no\"}" });
    env.control("fault", &refusal);
    assert_eq!(env.run(&[&["post"], &arguments[..]].concat()).status.code(), Some(5));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    // So it does without --once, where the file has the URN of the first post.
    std::fs::write(&file, &marked).unwrap();
    env.control("fault", &refusal);
    assert_eq!(env.run(&["post", "--front-matter", path]).status.code(), Some(5));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), marked, "the URN is not lost");
    let other = text.replace("Read it", "Read this");
    std::fs::write(&file, &other).unwrap();
    env.control("fault", &json!({ "path_prefix": "/rest/posts", "drop": true, "after": true }));
    assert_eq!(env.run(&[&["post"], &arguments[..]].concat()).status.code(), Some(5));
    let requests = request_count(&env, "POST /rest/posts");
    let again = env.run(&[&["post"], &arguments[..], &["--json"]].concat());
    assert_eq!(parsed(&again)["error"]["code"], "maybe_published", "{}", stderr(&again));
    assert_eq!(request_count(&env, "POST /rest/posts"), requests);
    assert_eq!(env.run(&["post", "--front-matter", "/missing.md"]).status.code(), Some(2));
}

#[test]
fn an_article_is_edited_while_it_is_published() {
    use crate::support::wait_for;
    let env = TestEnv::signed_in(None);
    let file = env.dir.path().join("article.md");
    std::fs::write(&file, "---\ntitle: Our news\n---\n\nBody.\n").unwrap();
    let arguments = ["post", "--front-matter", file.to_str().unwrap(), "--once", "--json"];
    env.control("scenario", &json!({ "name": "normal", "set": { "slow_ms": 4_000 } }));
    let mut command = env.command(&arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for("the post", || env.sandbox_state()["posts"].as_array().filter(|posts| !posts.is_empty()).map(Vec::len));
    let pending = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, pending.clone() + "A new paragraph.\n").unwrap();
    let second = parsed(&env.run(&arguments))["error"].clone();
    assert_eq!(second["code"], "locked", "{second}");
    assert!(second["message"].as_str().unwrap().contains("Another process is publishing"), "{second}");
    let published = parsed(&child.wait_with_output().unwrap());
    let expected = pending.replace("pending", published["urn"].as_str().unwrap()) + "A new paragraph.\n";
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);

    // A value that is not a text is no reason to publish it again.
    let broken = "---\ntitle: Our news\nlinkedin_urn:\n  - urn:li:share:5\n---\n";
    std::fs::write(&file, broken).unwrap();
    assert_eq!(parsed(&env.run(&arguments))["error"]["code"], "bad_input");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
    assert_eq!(request_count(&env, "POST /rest/posts"), 1);
}

#[test]
fn a_link_preview_is_read_from_public_pages_only() {
    let env = TestEnv::signed_in(None);
    // A page of the sandbox itself, the only one on this machine that is read.
    let first = publish(&env, &["A page"]);
    let url = first["url"].as_str().unwrap();
    publish(&env, &["Read", "--link", url, "--preview-link"]);
    let title = last_post(&env)["content"]["article"]["title"].as_str().unwrap().to_owned();
    assert!(title.contains("Ada"), "{title}");
    assert_eq!(last_post(&env)["content"]["article"]["description"], "A page");
    publish(&env, &["Mine", "--link", url, "--preview-link", "--title", "My title"]);
    assert_eq!(last_post(&env)["content"]["article"]["title"], "My title");

    env.control("fault", &json!({ "path_prefix": "/feed/update/", "drop": true }));
    let lost = env.run(&["post", "Lost", "--link", url, "--preview-link", "--json"]);
    assert_eq!((lost.status.code(), &parsed(&lost)["error"]["code"]), (Some(5), &json!("network")), "nothing is sent");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let output = env.run(&["post", "x", "--link", &format!("http://{host}:{port}/"), "--preview-link", "--json"]);
        assert_eq!(output.status.code(), Some(2), "{host}: {}", stdout(&output));
        assert!(stdout(&output).contains("private network"), "{host}: {}", stdout(&output));
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nothing connected");
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 3);
}

#[test]
fn a_link_preview_fills_only_what_is_empty() {
    let env = TestEnv::signed_in(None);
    let link = format!("{}feed/update/x", env.sandbox.base());
    let run = |text: &str, options: &[&str]| {
        let page = "<meta property=og:description content=About><meta property=og:image content=/feed/update/none.png>";
        env.control("fault", &json!({ "path_prefix": "/feed/update/x", "status": 200, "body": page }));
        env.run(&[&["post", text, "--link", &link, "--preview-link"], options].concat())
    };
    let article = || last_post(&env)["content"]["article"].clone();
    // The page has no title, and needs none.
    let output = run("One", &["--title", "Mine"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!((&article()["title"], &article()["description"]), (&json!("Mine"), &json!("About")));
    let warning = "the link has no thumbnail: its picture could not be read. 127.0.0.1 responded with 404.";
    assert!(stderr(&output).contains(warning), "{}", stderr(&output));
    // The picture is not fetched where it is not needed.
    let output =
        run("Two", &["--title", "Mine", "--description", "Also mine", "--thumbnail", &image_path("small.png")]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!stderr(&output).contains("thumbnail"), "{}", stderr(&output));
    assert_eq!(article()["description"], "Also mine");
    // A blank title is none.
    let output = run("Three", &["--title", " ", "--json"]);
    assert_eq!(parsed(&output)["error"]["message"], "The linked page has no title.", "{}", stdout(&output));
}

/// A video is never in memory as a whole.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "it sends 300 MB"]
fn a_large_video_needs_little_memory() {
    use crate::support::wait_for;
    let env = TestEnv::signed_in(None);
    let file = video(&env, "large.mp4", 300_000_000);
    let mut child = env.command(&["post", "Watch", "--video", &file]).spawn().unwrap();
    let status: PathBuf = format!("/proc/{}/status", child.id()).into();
    let mut peak_kib = 0;
    let exit = wait_for("the upload", || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let kib = |key: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_suffix(" kB")?.parse().ok());
            value.unwrap_or(0_u64)
        };
        // Without the pages of the executable: 35 MB here, and 8 MB with the optimization of a release.
        peak_kib = peak_kib.max(kib("VmHWM:").saturating_sub(kib("RssFile:")));
        child.try_wait().unwrap()
    });
    assert!(exit.success());
    // At most 40 MB with the 8 MB of a release.
    assert!((1..30_000).contains(&peak_kib), "{peak_kib} KiB");
}
