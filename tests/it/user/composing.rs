//! A post by keys: written, previewed, published with an image, and deleted.

use crate::user::interface::start;
use crate::user::world::World;

/// The smallest PNG there is: one pixel.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6,
    0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0xf8, 0xcf, 0xc0, 0xf0,
    0x1f, 0, 0x05, 0, 0x01, 0xff, 0x89, 0x99, 0x3d, 0x1d, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn a_post_is_written_published_with_an_image_and_deleted() {
    let world = World::signed_in(None);
    std::fs::write(world.dir.path().join("one pixel.png"), PIXEL).unwrap();
    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("p");
    terminal.wait("What do you want to say?");
    terminal.send("Hello LinkedIn API :-) #rust");
    // The draft is saved while it is written: after a kill it is restored.
    crate::support::wait_for("the draft", || {
        let draft = std::fs::read_to_string(world.config().join("drafts/work.toml")).ok()?;
        draft.contains("#rust").then_some(())
    });
    terminal.child.kill().unwrap();
    drop(terminal.end());

    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("p");
    terminal.wait("Hello LinkedIn API :-) #rust");
    terminal.send("\t\t\t\t\t'one pixel.png'\tone pixel, seen from near");
    terminal.wait("one pixel, seen");
    terminal.send("\u{10}");
    let preview = terminal.wait("publish   esc back to the text");
    assert!(preview.contains("Ada Lovelace") && preview.contains("one pixel.png"), "{preview}");
    terminal.send("\r");
    terminal.wait("✓ Published");
    let post = world.sandbox_state()["posts"][0].clone();
    assert_eq!(post["text"], "Hello LinkedIn API :-) #rust");
    terminal.send("d");
    terminal.wait("Delete the post?");
    terminal.send("y");
    terminal.wait("The post was deleted.");
    assert_eq!(world.sandbox_state()["posts"][0]["deleted"], true);
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// The draft of a profile; empty where there is none.
fn draft(world: &World, profile: &str) -> String {
    std::fs::read_to_string(world.config().join(format!("drafts/{profile}.toml"))).unwrap_or_default()
}

#[test]
fn a_draft_follows_a_profile_renamed_elsewhere() {
    let world = World::signed_in(None);
    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("p");
    terminal.wait("What do you want to say?");
    terminal.send("before");
    crate::support::wait_for("the draft", || draft(&world, "work").contains("before").then_some(()));
    assert!(world.run(&["profiles", "rename", "work", "job"]).status.success());
    terminal.send(" and after");
    terminal.wait("Profile work is now called job");
    terminal.send("!\u{1b}");
    terminal.wait("1 active");
    crate::support::wait_for("the draft", || draft(&world, "job").contains("before and after!").then_some(()));
    assert_eq!(draft(&world, "work"), "", "no profile's draft is left");
    terminal.send("p");
    terminal.wait("before and after!");

    // A newer draft of the renamed profile is not overwritten.
    assert!(world.run(&["profiles", "rename", "job", "third"]).status.success());
    let newer = draft(&world, "third").replace("before", "newer");
    std::fs::write(world.config().join("drafts/third.toml"), newer).unwrap();
    terminal.send("?\u{1b}");
    terminal.wait("has another draft");
    terminal.wait("before and after!?");
    // Neither is the text claimed to be saved when the profile is deleted.
    assert!(world.run(&["profiles", "delete", "third"]).status.success());
    terminal.send("?\u{1b}");
    terminal.wait("no longer exists");
    terminal.wait("before and after!??");
    assert_eq!((draft(&world, "job"), draft(&world, "third")), (String::new(), String::new()));
    terminal.send("\u{18}\u{1b}");
    terminal.until("the list", |screen| !screen.contains("before and after"));
}
