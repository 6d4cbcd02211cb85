//! Posts with an attachment, written in the interface.

use crate::e2e::compose::draft_text;
use crate::e2e::interface::start;
use crate::e2e::social::publish;
use crate::e2e::test_env::TestEnv;
use crate::support::PIXEL_PNG;

/// Writes a PDF of two pages.
fn write_pdf(env: &TestEnv, name: &str) {
    let text = "%PDF-1.4\n4 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\n\
                1 0 obj << /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >> endobj\n2 0 obj << /Type /Page >> \
                endobj\n3 0 obj << /Type /Page >> endobj\ntrailer << /Root 4 0 R >>\n";
    std::fs::write(env.dir.path().join(name), text).unwrap();
}

/// The keys that choose an attachment by its number in the form.
fn attachment_keys(number: usize) -> String {
    "\u{1b}t".repeat(number)
}

#[test]
fn a_poll_and_a_document_are_published_from_the_form() {
    let env = TestEnv::signed_in(None);
    write_pdf(&env, "slides.pdf");
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pVote");
    terminal.wait_for_text("Vote");
    terminal.send(&attachment_keys(6));
    terminal.wait_for_text("(●) Poll");
    terminal.send("\t\t\tTabs or spaces?\tTabs\tSpaces");
    terminal.wait_for_text("Spaces");
    terminal.send("\u{10}");
    let preview = terminal.wait_for_text("Publish this post?");
    assert!(preview.contains("( ) Tabs") && preview.contains("Open for 3 days"), "{preview}");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    terminal.send("p");
    terminal.wait_for_text("What do you want to say?");
    terminal.send("Slides");
    terminal.send(&attachment_keys(3));
    terminal.wait_for_text("(●) Document");
    terminal.send("\t\t\tsli");
    terminal.wait_for_text("sli");
    terminal.send("\t");
    terminal.wait_for_text("✓ 2 pages");
    terminal.send("\tOur slides");
    terminal.wait_for_text("Our slides");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let feed = env.runtime.block_on(crate::e2e::test_env::follow(env.sandbox.base().clone()));
    for expected in ["Vote", "Tabs or spaces?", "Spaces", "Slides", "Document", "Our slides"] {
        assert!(feed.contains(expected), "{expected}: {feed}");
    }
}

#[test]
fn a_document_with_only_a_title_is_restored_as_one() {
    let env = TestEnv::signed_in(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pSlides");
    terminal.wait_for_text("Slides");
    terminal.send(&attachment_keys(3));
    terminal.wait_for_text("(●) Document");
    terminal.send("\t\t\t\tOur year");
    crate::support::wait_for("the draft", || draft_text(&env, "work").contains("Our year").then_some(()));
    terminal.child.kill().unwrap();
    drop(terminal.wait_for_exit());
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("p");
    let form = terminal.wait_for_text("Restored your draft.");
    assert!(form.contains("(●) Document") && form.contains("Our year"), "{form}");
}

#[test]
fn pictures_become_a_carousel() {
    let env = TestEnv::signed_in(None);
    for name in ["one.png", "two.png"] {
        std::fs::write(env.dir.path().join(name), PIXEL_PNG).unwrap();
    }
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pSwipe");
    terminal.wait_for_text("Swipe");
    terminal.send(&attachment_keys(4));
    terminal.wait_for_text("(●) Carousel");
    terminal.send("\t\t\tone.png");
    terminal.wait_for_text("✓ 1×1");
    terminal.send("\ttwo.png");
    terminal.wait_until("both pages", |screen| screen.matches("✓ 1×1").count() == 2);
    terminal.send("\u{10}");
    let preview = terminal.wait_for_text("Publish this post?");
    assert!(preview.contains("one.pdf") && preview.contains("2 pages ·"), "{preview}");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let media = env.sandbox_state()["media"][0].clone();
    assert_eq!((&media["pages"], &media["is_unreadable"]), (&serde_json::json!(2), &serde_json::json!(false)));
}

#[test]
fn the_card_of_a_link_is_read_from_its_page() {
    let env = TestEnv::signed_in(None);
    let urn = publish(&env);
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pLook");
    terminal.wait_for_text("Look");
    terminal.send(&attachment_keys(1));
    terminal.wait_for_text("(●) Link");
    // A port that nothing listens on, of this machine: nothing is sent.
    terminal.send("\t\t\thttp://127.0.0.1:9/\u{c}");
    terminal.wait_for_text("in a private network");
    // A page of the sandbox itself, the only one on this machine that is read.
    terminal.send(&format!("\u{15}{}feed/update/{urn}/\u{c}", env.sandbox.base()));
    terminal.wait_for_text("Filled in from the page: title");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    let title = env.sandbox_state()["posts"][1]["content"]["article"]["title"].as_str().unwrap().to_owned();
    assert!(title.contains("Ada"), "{title}");
}

#[test]
fn an_upload_is_canceled_without_leaving_a_post() {
    let env = TestEnv::signed_in(None);
    write_pdf(&env, "slides.pdf");
    let mut terminal = start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("pSlides");
    terminal.wait_for_text("Slides");
    terminal.send(&attachment_keys(3));
    terminal.wait_for_text("(●) Document");
    terminal.send("\t\t\tslides.pdf");
    terminal.wait_for_text("✓ 2 pages");
    terminal.send("\u{10}");
    terminal.wait_for_text("Publish this post?");
    // LinkedIn takes its time to process the document.
    env.control("scenario", &serde_json::json!({ "name": "slow-answer" }));
    terminal.send("\r");
    terminal.wait_for_text("esc cancel the upload");
    terminal.send("\u{1b}");
    terminal.wait_for_text("The upload was canceled. Nothing was published.");
    env.control("scenario", &serde_json::json!({ "name": "normal" }));
    // The next attempt publishes, once.
    terminal.send("\r");
    terminal.wait_for_text("✓ Published");
    assert_eq!(env.sandbox_state()["posts"].as_array().unwrap().len(), 1);
}
