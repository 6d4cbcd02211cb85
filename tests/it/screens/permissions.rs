//! The permissions panel: probed once, saved, probed again, and used by the compose screen.

use crossterm::event::KeyCode::{Char, Down, Esc, Up};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::message::{Author, ComposeContents};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, name, text};

fn screen(scene: &Scene) -> String {
    text(&scene.draw(80, 24, COLOR_THEME))
}

/// Returns the ID of the last probe.
fn last_probe_id(scene: &Scene) -> u64 {
    scene.state.next_id - 1
}

fn profile_with_permissions() -> Box<linkedin_tui::internal::store::Profile> {
    let profile = scenes::profile("work", "Ada Lovelace", 52);
    Box::new(scenes::with_permissions(profile, ("GET /x returned 200.", "Acme"), true))
}

#[test]
fn unknown_permissions_are_probed_at_once() {
    let probing = scenes::list().keys("P");
    assert_eq!(effects(&probing), "probe the permissions of work; ReloadStore");
    assert!(screen(&probing).contains("Probing the permissions"), "{}", screen(&probing));
    assert!(probing.state.time_until_next_tick().is_some(), "the spinner turns");
    assert_eq!(effects(&probing.clone().keys("v")), "", "only one probe at a time");
    let id = last_probe_id(&probing);
    let found =
        probing.send(Message::PermissionsProbed { id, name: name("work"), result: Ok(profile_with_permissions()) });
    assert!(screen(&found).contains("yes      Sign in"), "{}", screen(&found));
    assert_eq!(found.state.time_until_next_tick(), None);
}

#[test]
fn the_list_stays_where_it_is_while_the_selection_moves() {
    let opened = scenes::known_permissions(true).keys("P");
    let rows = |scene: &Scene| {
        let shown = text(&scene.draw(120, 40, COLOR_THEME));
        let titles = ["Sign in", "Comment", "React", "Statistics", "Post as", "╰──"];
        let row = |title: &str| {
            shown.lines().position(|line| line.contains(&format!(" {title}")) || title == "╰──" && line.contains(title))
        };
        titles.map(row)
    };
    let mut moved = opened.clone();
    for _ in 0..7 {
        moved = moved.press(crossterm::event::KeyCode::Down);
        assert_eq!(rows(&moved), rows(&opened), "{}", text(&moved.draw(120, 40, COLOR_THEME)));
    }
}

#[test]
fn known_permissions_are_shown_with_their_time() {
    let scene = scenes::known_permissions(true).keys("P");
    assert_eq!(effects(&scene), "ReloadStore");
    assert!(screen(&scene).contains("Probed Mar 1, 2026 08:00, 2 h ago."), "{}", screen(&scene));
    assert_eq!(effects(&scene.clone().keys("v")), "probe the permissions of work");
    assert_keys(
        &scene,
        &[
            (Esc, KeyContext::List, ""),
            (Char('q'), KeyContext::List, ""),
            (Char('P'), KeyContext::List, ""),
            (Up, KeyContext::Permissions, ""),
            (Down, KeyContext::Permissions, ""),
            (Char('o'), KeyContext::Permissions, ""),
        ],
    );
    // A missing capability has the portal page that adds it; an available one has none.
    let has_portal_hint = |scene: &Scene| screen(scene).contains("enter open Create app");
    assert!(!has_portal_hint(&scene));
    let react = scene.keys("jjjj");
    assert!(has_portal_hint(&react), "{}", screen(&react));
    assert_eq!(effects(&react.clone().keys("o")), "open https://www.linkedin.com/developers/apps/new");
    assert!(
        screen(&react).contains("Community Management API (requires approval, an app of its"),
        "{}",
        screen(&react)
    );
    assert!(screen(&react).contains("Use a second profile, with an app of its own."), "{}", screen(&react));
    let pages = react.keys("jj");
    assert!(!screen(&pages).contains("Use a second profile"), "{}", screen(&pages));
    for page in ["yes: Analytical Engines (ADMINISTRATOR)", "no: urn:li:organization:8 (ANALYST)"] {
        assert!(screen(&pages).contains(page), "{page}: {}", screen(&pages));
    }
}

#[test]
fn a_failed_probe_keeps_earlier_results() {
    let probing = scenes::known_permissions(true).keys("Pv");
    let id = last_probe_id(&probing);
    let failed_probe = |code| Message::PermissionsProbed {
        id,
        name: name("work"),
        result: Err(Error::new(code, "It failed.", "Do this.")),
    };
    let failed = probing.clone().send(failed_probe(Code::Network));
    for words in ["It failed.", "Do this.", "yes      Sign in"] {
        assert!(screen(&failed).contains(words), "{words}: {}", screen(&failed));
    }
    let expired = probing.clone().send(failed_probe(Code::Expired));
    assert!(screen(&expired).contains("Press r to re-authorize."), "a key, not a command: {}", screen(&expired));
    assert_eq!(expired.keys("r").state.key_context(), KeyContext::Reauthorize);
    // A result that arrives after the panel was closed changes no screen.
    let closed = probing.press(Esc);
    assert_eq!(closed.clone().send(failed_probe(Code::Network)).state.key_context(), KeyContext::List);
    assert!(notification(&closed.clone().send(failed_probe(Code::Network))).contains("It failed."));
    let saved =
        closed.send(Message::PermissionsProbed { id, name: name("work"), result: Ok(profile_with_permissions()) });
    assert!(screen(&saved.keys("P")).contains("GET /x returned 200."));
}

#[test]
fn a_profile_without_a_token_is_not_probed() {
    let scene = scenes::list().keys("/turing").enter().keys("P");
    assert_eq!((scene.state.key_context(), effects(&scene).as_str()), (KeyContext::List, ""));
    assert!(notification(&scene).contains("has no token"));
}

#[test]
fn composing_warns_that_the_author_may_not_post() {
    let refused = scenes::known_permissions(false).keys("p");
    assert!(screen(&refused).contains("LinkedIn refused the last post"), "{}", screen(&refused));
    // A Page that can be the author replaces it.
    let page = Author { urn: Some("urn:li:organization:7".to_owned()), name: "Acme".to_owned(), refusal: None };
    let id = refused.state.compose().unwrap().id;
    let opened = ComposeContents { pages: vec![page], ..ComposeContents::default() };
    let page = refused.send(Message::ComposeOpened { id, contents: Box::new(opened) }).alt('a');
    assert!(screen(&page).contains("w_organization_social. Press ctrl-g to add it."), "{}", screen(&page));
    let mut granted = scenes::profile("work", "Ada Lovelace", 52);
    granted.token.as_mut().unwrap().scopes.push("w_organization_social".to_owned());
    let page = page.send(Message::ProfilesRead(vec![(name("work"), Ok(granted))]));
    assert!(!screen(&page).contains("Cannot post"), "{}", screen(&page));
    let allowed = scenes::known_permissions(true).keys("p");
    assert!(!screen(&allowed).contains("Cannot post"));
}
