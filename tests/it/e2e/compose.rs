//! Posts written in the interface: drafts, preview, publishing with an image, deletion.

mod attachments;

use std::process::Stdio;

use crate::e2e::interface::start;
use crate::e2e::social::{COMMUNITY_SCOPES, publish, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json, stdout};
use crate::support::PIXEL_PNG;

#[test]
fn a_post_is_written_published_with_an_image_and_deleted() {
    let env = TestEnv::signed_in(None);
    std::fs::write(env.dir.path().join("one pixel.png"), PIXEL_PNG).unwrap();
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("Hello LinkedIn API :-) #rust");
    // The draft is saved while typing, and restored after a kill.
    crate::support::wait_for("the draft", || {
        let draft = std::fs::read_to_string(env.config().join("drafts/work.toml")).ok()?;
        draft.contains("#rust").then_some(())
    });
    terminal.child.kill().unwrap();
    drop(terminal.wait_for_exit());

    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("Hello LinkedIn API :-) #rust");
    // The second tab completes the path, the third one moves to the alt text.
    terminal.send("\t\t\u{1b}[C\u{1b}[C\tone p");
    terminal.wait_for_text("one p");
    terminal.send("\t");
    terminal.wait_for_text("✓ 1×1 · 70 B");
    terminal.send("\tone pixel, enlarged");
    terminal.wait_for_text("one pixel, enl");
    terminal.send("\u{10}");
    let preview = terminal.wait_for_text("Publish this post?");
    assert!(preview.contains("Ada Lovelace") && preview.contains("one pixel.png"), "{preview}");
    assert!(preview.contains('▀'), "the picture: {preview}");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let post = env.sandbox_state()["posts"][0].clone();
    assert_eq!(post["text"], "Hello LinkedIn API :-) #rust");
    terminal.send("d");
    terminal.wait_for_text("Delete the post?");
    terminal.send("y");
    terminal.wait_for_text("The post was deleted.");
    assert_eq!(env.sandbox_state()["posts"][0]["deleted"], true);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_first_comment_follows_the_post_or_can_be_sent_again() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pNews");
    terminal.wait_for_text("News");
    // The last field is the first one backwards.
    terminal.send("\u{1b}[ZMore: https://example.com/");
    terminal.wait_for_text("More: https://example.com/");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("First comment  published");
    let url =
        format!("{}feed/update/{}/", env.sandbox.base(), env.sandbox_state()["posts"][0]["urn"].as_str().unwrap());
    let shown = env.runtime.block_on(crate::e2e::test_env::follow(url.parse().unwrap()));
    assert!(shown.contains("News") && shown.contains("More: https://example.com/"), "{shown}");

    // LinkedIn accepts one comment a minute: the second one is refused, and its text is kept.
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("Again\u{1b}[ZSecond");
    terminal.wait_for_text("Second");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_until("the refusal and what to do", |screen| {
        ["! Published without the first comment", "\"Second\"", "send the comment"]
            .iter()
            .all(|text| screen.contains(text))
    });
    env.control("clock", &serde_json::json!({ "advance_seconds": 61 }));
    terminal.send("m");
    terminal.wait_for_text("Comment on the post");
    terminal.send("\u{10}");
    terminal.wait_for_text("First comment  published");
    let comments = env.sandbox_state()["comments"].clone();
    assert_eq!((comments.as_array().unwrap().len(), &comments[1]["text"]), (2, &serde_json::json!("Second")));
}

#[test]
fn an_accepted_comment_is_evidence_after_a_restart() {
    let env = TestEnv::signed_in(None);
    let post = publish(&env);
    let dialog = || {
        let mut terminal = start(&env);
        terminal.wait_for_text("1 active");
        terminal.send("h");
        terminal.wait_for_text("1/1");
        terminal.send("m");
        // The key hints are drawn last.
        terminal.wait_for_text("publish the comment")
    };
    assert!(dialog().contains("LinkedIn may refuse it"), "the token lacks the scope");
    assert!(env.run(&["comment", &post, "first"]).status.success(), "/v2/socialActions accepts it");
    assert!(!dialog().contains("LinkedIn may refuse it"));
}

#[test]
fn a_name_is_completed_and_mentioned() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("Hi @[lovel");
    terminal.wait_for_text("tab insert the name");
    terminal.send("\t");
    terminal.wait_for_text("Hi @[Ada Lovelace]");
    terminal.send("!\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let text = env.sandbox_state()["posts"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("Ada Lovelace") && !text.contains("@[Ada Lovelace]!"), "{text}");
    let feed = env.runtime.block_on(crate::e2e::test_env::follow(env.sandbox.base().clone()));
    assert!(feed.contains("Ada Lovelace"), "{feed}");
}

#[test]
fn statistics_and_a_comment_of_a_listed_post() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    publish(&env);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("h");
    terminal.wait_for_text("1/1");
    terminal.send("#");
    let statistics = terminal.wait_for_text("v check again");
    assert!(statistics.contains("Impressions") && statistics.contains("Reactions"), "{statistics}");
    terminal.send("\u{1b}");
    terminal.wait_until("the posts", |screen| !screen.contains("Impressions"));
    terminal.send("mWell done :-)");
    terminal.wait_for_text("Well done :-)");
    terminal.send("\u{10}");
    terminal.wait_for_text("The comment was published.");
    assert_eq!(env.sandbox_state()["comments"][0]["text"], "Well done :-)");
    terminal.send("+");
    terminal.wait_for_text("React to the post");
    terminal.send("j\r");
    terminal.wait_for_text("You reacted to the post: Celebrate.");
    assert_eq!(env.sandbox_state()["reactions"][0]["kind"], "PRAISE");
    terminal.send("+");
    terminal.wait_for_text("React to the post");
    terminal.send("G\r");
    terminal.wait_for_text("The reaction to the post was deleted.");
    assert_eq!(env.sandbox_state()["reactions"], serde_json::json!([]));
}

#[test]
fn a_listed_post_is_used_again_and_reshared() {
    let env = TestEnv::signed_in(None);
    let published = env.run(&["post", "Read this", "--link", "https://example.com/news", "--json"]);
    assert_eq!(published.status.code(), Some(0));
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("h");
    terminal.wait_for_text("1/1");
    terminal.send("D");
    terminal.wait_for_text("(●) Link");
    terminal.wait_for_text("Read this");
    terminal.wait_for_text("https://example.com/news");
    terminal.send(" again\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    terminal.send("h");
    terminal.wait_for_text("1/2");
    terminal.send(">");
    terminal.wait_for_text("(●) Reshare");
    terminal.send("Look\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let posts = env.sandbox_state()["posts"].as_array().unwrap().clone();
    assert_eq!(posts.len(), 3);
    let article = |number: usize| posts[number]["content"]["article"]["source"].clone();
    assert_eq!((&posts[1]["text"], article(1)), (&serde_json::json!("Read this again"), article(0)));
    assert_eq!(posts[2]["parent"], posts[1]["urn"]);
}

/// Returns the draft file of a profile; empty if there is none.
fn draft_text(env: &TestEnv, profile: &str) -> String {
    std::fs::read_to_string(env.config().join(format!("drafts/{profile}.toml"))).unwrap_or_default()
}

#[test]
fn a_draft_follows_a_profile_renamed_elsewhere() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("before");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("before").then_some(()));
    assert!(env.run(&["profiles", "rename", "work", "job"]).status.success());
    terminal.send(" and after");
    terminal.wait_for_text("Profile work is now called job");
    terminal.send("!\u{1b}");
    terminal.wait_for_text("1 active");
    crate::support::wait_for("the draft", || draft_text(&env, "job").contains("before and after!").then_some(()));
    assert_eq!(draft_text(&env, "work"), "", "the old name has no draft");
    terminal.wait_for_text("✓ job");
    terminal.send("p");
    terminal.wait_for_text("before and after!");

    // A newer draft of the renamed profile is not overwritten.
    let newer = draft_text(&env, "job").replace("before", "newer");
    std::fs::write(env.config().join("drafts/job.toml"), newer).unwrap();
    assert!(env.run(&["profiles", "rename", "job", "third"]).status.success());
    terminal.send("?\u{1b}");
    terminal.wait_for_text("has another draft");
    terminal.wait_for_text("before and after!?");
    // After the profile is deleted, the text is not reported as saved.
    assert!(env.run(&["profiles", "delete", "third"]).status.success());
    terminal.send("?\u{1b}");
    terminal.wait_for_text("no longer exists");
    terminal.wait_for_text("before and after!??");
    assert_eq!((draft_text(&env, "job"), draft_text(&env, "third")), (String::new(), String::new()));
    terminal.send("\u{4}");
    terminal.wait_for_text("Discard the draft?");
    terminal.send("y");
    // The message may wait behind the error of a save that was under way.
    terminal.wait_until("the empty form", |screen| !screen.contains("before and after"));
    terminal.wait_for_text("What do you want to say?");
}

#[test]
fn the_first_post_takes_few_keys_and_is_in_the_feed() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pHello");
    terminal.wait_for_text("Hello");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let feed = env.runtime.block_on(crate::e2e::test_env::follow(env.sandbox.base().clone()));
    assert!(feed.contains("Hello") && feed.contains("Ada Lovelace"), "{feed}");

    // The text is changed from the list of posts.
    terminal.send("h");
    terminal.wait_for_text("Posts published with this program");
    terminal.wait_for_text("1/1");
    terminal.send("e");
    terminal.wait_for_text("Text of the published post");
    terminal.send(" again");
    terminal.wait_for_text("Hello again");
    terminal.send("\u{10}");
    terminal.wait_for_text("Save the new text?");
    terminal.send("\r");
    // The question above says "edited" too.
    terminal.wait_for_text("✓ edited");
    assert_eq!(env.sandbox_state()["posts"][0]["text"], "Hello again");
    terminal.send("d");
    let question = terminal.wait_for_text("Delete the post?");
    assert!(question.contains("Hello again"), "{question}");
    terminal.send("y");
    terminal.wait_for_text("✗ deleted");
    assert_eq!(env.sandbox_state()["posts"][0]["deleted"], true);

    // Keys that are typed before the list is read again reach the new post, not the one that was selected.
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("Second");
    terminal.wait_for_text("Second");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    terminal.send("hm");
    let dialog = terminal.wait_for_text("Comment on the post");
    let post = dialog.lines().find(|line| line.contains("Post  ")).unwrap();
    assert!(post.contains("Second"), "{dialog}");
    terminal.send("\u{1b}");
    terminal.wait_until("the list", |screen| !screen.contains("Comment on the post"));
    terminal.send("qq");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_post_that_may_be_published_is_not_called_unpublished() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pHello");
    terminal.wait_for_text("Hello");
    env.control("scenario", &serde_json::json!({ "name": "drop-connection" }));
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    let screen = terminal.wait_for_text("? May have been published");
    assert!(!screen.contains("Not published"), "{screen}");
    terminal.send("v");
    terminal.wait_for_text("does not let this token read posts");
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 1, "it was sent once");
    terminal.send("\u{1b}");
    terminal.wait_for_text("preview and publish");
    assert!(draft_text(&env, "work").contains("Hello"), "the draft is still there");
    terminal.send("\u{1b}");
    terminal.wait_for_text("1 active");
    drop(terminal);

    // Another run knows it too.
    env.control("scenario", &serde_json::json!({ "name": "normal" }));
    let recent = env.run(&["post", "--recent"]);
    assert!(stdout(&recent).contains("Hello (may have been published)"), "{}", stdout(&recent));
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("h");
    terminal.wait_for_text("? maybe published");
    terminal.send("\u{1b}");
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("Restored your draft");
    terminal.send("\u{10}");
    terminal.wait_for_text("This post was sent on");
    terminal.send("\ry");
    terminal.wait_for_text("write another");
    let recent = env.run(&["post", "--recent"]);
    assert!(!stdout(&recent).contains("may have been published"), "{}", stdout(&recent));
}

#[test]
fn a_text_changed_by_another_process_is_not_replaced_unseen() {
    let env = TestEnv::signed_in(None);
    let urn = publish(&env);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("h");
    terminal.wait_for_text("1/1");
    terminal.send("e");
    terminal.wait_for_text("Text of the published post");
    assert!(env.run(&["post", "Theirs", "--edit", &urn]).status.success());
    terminal.send("!\u{10}");
    terminal.wait_for_text("Save the new text?");
    let published_text = || env.sandbox_state()["posts"][0]["text"].clone();
    terminal.send("\r");
    terminal.wait_for_text("Yours replaces: Theirs");
    assert_eq!(published_text(), "Theirs", "nothing was sent");
    terminal.send("\r");
    terminal.wait_for_text("The text of the post was changed.");
    assert_eq!(published_text(), "Hello!");
}

#[test]
fn a_profile_renamed_while_a_post_is_sent_has_the_post() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pIn flight");
    terminal.wait_for_text("In flight");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    env.control("scenario", &serde_json::json!({ "name": "normal", "set": { "slow_ms": 4_000 } }));
    terminal.send("\r");
    crate::support::wait_for("the post", || {
        env.sandbox_state()["posts"].as_array().filter(|posts| !posts.is_empty()).map(Vec::len)
    });
    assert!(env.run(&["profiles", "rename", "work", "job"]).status.success());
    terminal.wait_for_text("✓ Published");
    let screen = terminal.wait_for_text("Profile work is now called job.");
    assert!(!screen.contains("the draft is saved there"), "{screen}");
    terminal.send("h");
    terminal.wait_for_text("1/1");
    let recent = json(&env.run(&["post", "--recent", "--profile", "job", "--json"]));
    assert_eq!(recent.as_array().map(Vec::len), Some(1), "{recent}");
    assert!(recent[0]["urn"].is_string() && recent[0]["maybe_published"] != true, "{recent}");
    assert!(!env.config().join("posts/work.toml").exists());
}

#[test]
fn an_undone_deletion_has_the_post_that_was_sent_meanwhile() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    let posts = env.config().join("posts/work.toml");
    let delete_while_sending = |terminal: &mut crate::e2e::terminal::Terminal, text: &str, sent: usize| {
        env.control("scenario", &serde_json::json!({ "name": "normal", "set": { "slow_ms": 4_000 } }));
        let mut command = env.command(&["post", text, "--profile", "work", "--json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let count = || env.sandbox_state()["posts"].as_array().map_or(0, Vec::len);
        crate::support::wait_until("the post", || count() == sent);
        terminal.send("d");
        terminal.wait_for_text("Delete");
        terminal.send("y");
        crate::support::wait_until("the deletion", || !posts.exists());
        child.wait_with_output().unwrap()
    };
    let published = json(&delete_while_sending(&mut terminal, "First", 1));
    terminal.send("u");
    terminal.wait_for_text("1 active");
    let recent = json(&env.run(&["post", "--recent", "--profile", "work", "--json"]));
    assert_eq!(recent.as_array().map(Vec::len), Some(1), "{recent}");
    assert_eq!(recent[0]["urn"], published["urn"], "{recent}");

    // Without an undo nothing remains.
    assert!(delete_while_sending(&mut terminal, "Second", 2).status.success());
    terminal.send("\u{3}");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!posts.exists());
}

#[test]
fn a_draft_of_a_newer_version_is_reported_and_stays() {
    let env = TestEnv::signed_in(None);
    let newer = "schema = 2\ntext = [\"a\", \"b\"]\n";
    std::fs::create_dir_all(env.config().join("drafts")).unwrap();
    std::fs::write(env.config().join("drafts/work.toml"), newer).unwrap();
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("newer linkedin-tui");
    terminal.send("typed\u{4}");
    terminal.wait_for_text("Discard the draft?");
    terminal.send("y");
    terminal.wait_until("the empty form", |screen| !screen.contains("typed"));
    terminal.wait_for_text("newer linkedin-tui");
    assert_eq!(draft_text(&env, "work"), newer);
}

#[test]
fn a_draft_changed_elsewhere_is_kept_beside_the_own_one() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("mine");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("mine").then_some(()));
    let theirs = draft_text(&env, "work").replace("mine", "theirs");
    std::fs::write(env.config().join("drafts/work.toml"), theirs).unwrap();
    terminal.send("!");
    terminal.wait_for_text("was changed elsewhere too");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("mine!").then_some(()));
    let other = std::fs::read_to_string(env.config().join("drafts/work.toml.other")).unwrap();
    assert!(other.contains("theirs"), "{other}");
    terminal.send("?");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("mine!?").then_some(()));
    // A second one would replace the first, so nothing is saved until that is moved away.
    let again = draft_text(&env, "work").replace("mine!?", "again");
    std::fs::write(env.config().join("drafts/work.toml"), again).unwrap();
    terminal.send("1");
    terminal.wait_for_text("so yours is not saved");
    assert!(draft_text(&env, "work").contains("again"));
    std::fs::remove_file(env.config().join("drafts/work.toml.other")).unwrap();
    terminal.send("2");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("mine!?12").then_some(()));
    let other = std::fs::read_to_string(env.config().join("drafts/work.toml.other")).unwrap();
    assert!(other.contains("again"), "{other}");
}

#[cfg(unix)]
#[test]
fn the_editor_takes_over_the_terminal_and_returns_the_text() {
    use crate::e2e::interface::command;
    use crate::e2e::terminal::Terminal;

    let env = TestEnv::signed_in(None);
    let editor = env.dir.path().join("editor");
    std::fs::write(
        &editor,
        "#!/bin/sh\nprintf 'editing %s\\n' \"$1\"\nread -r line\nif [ \"$line\" = fail ]; then exit 3; fi\n\
         printf '%s\\n' \"$line\" >> \"$1\"\nprintf %s \"$1\" > \"$HOME/edited\"\n",
    )
    .unwrap();
    crate::e2e::test_env::make_executable(&editor);
    let mut terminal = Terminal::start(command(&env, &[("EDITOR", editor.to_str().unwrap()), ("VISUAL", "")]), 100, 30);
    terminal.wait_for_text("1 active");
    terminal.send("pfirst");
    terminal.wait_for_text("first");
    terminal.send("\u{5}");
    terminal.wait_for_text("editing /");
    assert!(!terminal.is_alternate_screen());
    // Every key is the editor's.
    terminal.send("second\r");
    terminal.wait_for_text("preview and publish");
    let screen = terminal.wait_for_text("second");
    assert!(screen.contains("first"), "{screen}");
    let edited = std::fs::read_to_string(env.dir.path().join("edited")).unwrap();
    assert!(!std::path::Path::new(&edited).exists(), "the file is deleted");
    terminal.send("\u{5}");
    // What the first editor printed is there, too.
    terminal.wait_until("the second editor", |screen| screen.matches("editing /").count() == 2);
    terminal.send("fail\r");
    terminal.wait_for_text("failed (exit status: 3), so the text is unchanged.");
    terminal.send("\u{15}");
    terminal.wait_until("the undone text", |screen| !screen.contains("second"));
    terminal.send("\u{1b}");
    terminal.wait_for_text("1 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    terminal.assert_modes_as_before();
}
