//! The panel of what a token may do: asked once, kept, asked again, and used by the compose screen.

use crossterm::event::KeyCode::{Char, Down, Esc, Up};
use linkedin_tui::tui::keymap::Place;
use linkedin_tui::tui::message::Message;
use linkedin_tui::tui::screens::compose::{Author, Opened};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{done, table, told};
use crate::screens::scenes::{self, FULL, Scene, name, text};

fn seen(scene: &Scene) -> String {
    text(&scene.draw(80, 24, FULL))
}

/// The number of the last probe.
fn probe(scene: &Scene) -> u64 {
    scene.state.next_id - 1
}

fn known() -> Box<linkedin_tui::store::Profile> {
    let profile = scenes::profile("work", "Ada Lovelace", 52);
    Box::new(scenes::with_permissions(profile, ("GET /x answered 200.", "Acme"), true))
}

#[test]
fn unknown_permissions_are_probed_at_once() {
    let asking = scenes::list().keys("P");
    assert_eq!(done(&asking), "ask for the permissions of work; ReadFiles");
    assert!(seen(&asking).contains("Asking LinkedIn"), "{}", seen(&asking));
    assert!(asking.state.next_tick().is_some(), "the spinner turns");
    assert_eq!(done(&asking.clone().keys("v")), "", "not twice at once");
    let id = probe(&asking);
    let found = asking.send(Message::PermissionsProbed { id, name: name("work"), result: Ok(known()) });
    assert!(seen(&found).contains("yes     Sign in"), "{}", seen(&found));
    assert_eq!(found.state.next_tick(), None);
}

#[test]
fn what_is_known_is_shown_with_its_time() {
    let scene = scenes::known_permissions(true).keys("P");
    assert_eq!(done(&scene), "ReadFiles");
    assert!(seen(&scene).contains("LinkedIn was asked 2 h ago, 2026-03-01 08:00."), "{}", seen(&scene));
    assert_eq!(done(&scene.clone().keys("v")), "ask for the permissions of work");
    table(
        &scene,
        &[
            (Esc, Place::List, ""),
            (Char('q'), Place::List, ""),
            (Char('P'), Place::List, ""),
            (Up, Place::Permissions, ""),
            (Down, Place::Permissions, ""),
            (Char('o'), Place::Permissions, ""),
        ],
    );
    // The selected capability has the portal page that changes it; where nothing is missing there is none.
    let hinted = |scene: &Scene| seen(scene).contains("o open the portal page");
    assert!(!hinted(&scene));
    let comment = scene.keys("jjj");
    assert!(hinted(&comment), "{}", seen(&comment));
    assert_eq!(done(&comment.clone().keys("o")), "open https://www.linkedin.com/developers/apps/new");
    assert!(
        seen(&comment).contains("Community Management API (requires approval, an app of its"),
        "{}",
        seen(&comment)
    );
    let pages = comment.keys("jjj");
    for page in ["yes: Analytical Engines (ADMINISTRATOR)", "no: urn:li:organization:8 (ANALYST)"] {
        assert!(seen(&pages).contains(page), "{page}: {}", seen(&pages));
    }
}

#[test]
fn a_failed_probe_says_why_and_keeps_earlier_results() {
    let asking = scenes::known_permissions(true).keys("Pv");
    let id = probe(&asking);
    let fails = |code| Message::PermissionsProbed {
        id,
        name: name("work"),
        result: Err(Error::new(code, "It failed.", "Do this.")),
    };
    let failed = asking.clone().send(fails(Code::Network));
    for words in ["It failed.", "Do this.", "yes     Sign in"] {
        assert!(seen(&failed).contains(words), "{words}: {}", seen(&failed));
    }
    let expired = asking.clone().send(fails(Code::Expired));
    assert!(seen(&expired).contains("esc, then r re-authorizes."), "a key, not a command: {}", seen(&expired));
    // An answer that comes after the panel was closed changes no screen.
    let closed = asking.press(Esc);
    assert_eq!(closed.clone().send(fails(Code::Network)).state.place(), Place::List);
    assert!(told(&closed.clone().send(fails(Code::Network))).contains("It failed."));
    let saved = closed.send(Message::PermissionsProbed { id, name: name("work"), result: Ok(known()) });
    assert!(seen(&saved.keys("P")).contains("GET /x answered 200."));
}

#[test]
fn a_profile_without_a_token_is_not_probed() {
    let scene = scenes::list().keys("/turing").enter().keys("P");
    assert_eq!((scene.state.place(), done(&scene).as_str()), (Place::List, ""));
    assert!(told(&scene).contains("has no token"));
}

#[test]
fn composing_warns_that_the_author_may_not_post() {
    let refused = scenes::known_permissions(false).keys("p");
    assert!(seen(&refused).contains("May not post: GET"), "{}", seen(&refused));
    // A Page that can be the author takes its place.
    let page = Author { urn: Some("urn:li:organization:7".to_owned()), name: "Acme".to_owned(), refusal: None };
    let id = refused.state.compose.as_ref().unwrap().id;
    let opened = Opened { pages: vec![page], ..Opened::default() };
    let page = refused.send(Message::ComposeOpened { id, found: Box::new(opened) }).ctrl('a');
    assert!(!seen(&page).contains("May not post"), "{}", seen(&page));
    let allowed = scenes::known_permissions(true).keys("p");
    assert!(!seen(&allowed).contains("May not post"));
}
