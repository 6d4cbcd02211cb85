//! Posts written in the interface: drafts, preview, publishing with an image, deletion.

use crate::e2e::env::TestEnv;
use crate::e2e::interface::start;
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
    terminal.send("\t\t\t\t\t'one pixel.png'\tone pixel, enlarged");
    terminal.wait_for_text("one pixel, enl");
    terminal.send("\u{10}");
    let preview = terminal.wait_for_text("publish   esc back to the text");
    assert!(preview.contains("Ada Lovelace") && preview.contains("one pixel.png"), "{preview}");
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
    terminal.send("p");
    terminal.wait_for_text("before and after!");

    // A newer draft of the renamed profile is not overwritten.
    assert!(env.run(&["profiles", "rename", "job", "third"]).status.success());
    let newer = draft_text(&env, "third").replace("before", "newer");
    std::fs::write(env.config().join("drafts/third.toml"), newer).unwrap();
    terminal.send("?\u{1b}");
    terminal.wait_for_text("has another draft");
    terminal.wait_for_text("before and after!?");
    // After the profile is deleted, the text is not reported as saved.
    assert!(env.run(&["profiles", "delete", "third"]).status.success());
    terminal.send("?\u{1b}");
    terminal.wait_for_text("no longer exists");
    terminal.wait_for_text("before and after!??");
    assert_eq!((draft_text(&env, "job"), draft_text(&env, "third")), (String::new(), String::new()));
    terminal.send("\u{18}\u{1b}");
    terminal.wait_until("the list", |screen| !screen.contains("before and after"));
}
