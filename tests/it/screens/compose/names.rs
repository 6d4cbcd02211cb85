//! The names that complete a mention.

use crossterm::event::KeyCode::{Backspace, Down, Enter, Esc, Left, Tab, Up};
use linkedin_tui::internal::flows::publish::MentionName;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;

use crate::screens::keys::effects;
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn screen(scene: &Scene) -> String {
    text(&scene.draw(80, 24, COLOR_THEME))
}

fn typed_text(scene: &Scene) -> String {
    scene.state.compose().unwrap().typed_text()
}

fn is_listed(scene: &Scene, name: &str) -> bool {
    screen(scene).lines().any(|line| line.contains(name) && (line.contains("Member") || line.contains("Page")))
}

#[test]
fn names_are_listed_after_the_first_letter_and_inserted() {
    let started = scenes::compose_with_names().keys("Hi @[");
    assert!(!is_listed(&started, "Ada Lovelace"), "nothing is shown before a letter");
    let typed = started.clone().keys("a");
    for name in ["Ada Lovelace", "Alan Turing", "Analytical Engines"] {
        assert!(is_listed(&typed, name), "{name}\n{}", screen(&typed));
    }
    assert!(!is_listed(&typed, "Grace Hopper"));
    assert!(screen(&typed).contains("tab insert the name") && screen(&typed).contains("esc close names"));
    for (keys, expected) in [
        (vec![Tab], "Hi @[Ada Lovelace]"),
        (vec![Enter], "Hi @[Ada Lovelace]"),
        (vec![Down, Enter], "Hi @[Alan Turing]"),
        (vec![Up, Down, Down, Down, Tab], "Hi @[Analytical Engines](urn:li:organization:7)"),
    ] {
        let inserted = keys.into_iter().fold(typed.clone(), Scene::press);
        assert_eq!(typed_text(&inserted), expected);
        assert!(!is_listed(&inserted, "Ada Lovelace"), "{}", screen(&inserted));
        assert_eq!(typed_text(&inserted.keys(", hi")), format!("{expected}, hi"), "typing goes on after it");
    }
    // Any word of a name, in any case; and nothing that is not a name.
    assert_eq!(typed_text(&started.clone().keys("TUR").press(Tab)), "Hi @[Alan Turing]");
    assert!(!is_listed(&started.keys("zz"), "Ada"));
}

#[test]
fn esc_closes_the_names_and_not_the_screen() {
    let typed = scenes::compose_with_names().keys("@[a");
    let closed = typed.press(Esc);
    assert_eq!(closed.state.key_context(), KeyContext::Compose);
    assert!(!is_listed(&closed, "Ada Lovelace"));
    let more = closed.clone().keys("l");
    assert!(!is_listed(&more, "Alan Turing"), "the list of this mention stays closed");
    assert_eq!(typed_text(&more.clone().press(Enter).keys("x")), "@[al\nx", "enter is a new line again");
    // Another mention at the same place has a list again.
    let other = (0..2).fold(closed.clone(), |scene, _| scene.press(Backspace)).keys("[a");
    assert!(is_listed(&other, "Ada Lovelace"), "{}", screen(&other));
    assert_eq!(closed.press(Esc).state.key_context(), KeyContext::List);
}

#[test]
fn a_complete_mention_has_no_list() {
    let complete = scenes::compose_with_names().keys("@[Ada Lovelace] and more");
    let within = (0..15).fold(complete, |scene, _| scene.press(Left));
    assert!(!is_listed(&within, "Ada Lovelace"), "{}", screen(&within));
    let outside = scenes::compose_with_names().keys("a@[").press(Enter).keys("a");
    assert!(!is_listed(&outside, "Ada Lovelace"), "a mention is in one line");
}

#[test]
fn a_long_list_fits_wherever_the_cursor_is() {
    let typed = scenes::list().keys("p");
    let id = scenes::compose_id(&typed);
    let names = (1..=9).map(|number| MentionName {
        name: format!("Ada {number}"),
        urn: format!("urn:li:person:{number}"),
        mention: format!("@[Ada {number}]"),
    });
    let typed = typed.send(Message::NamesRead { id, names: names.collect() });
    for (typed_before, columns, rows) in
        [("", 60, 20), ("1\n2\n3\n4\n5\n6\n7\n8\n", 60, 20), (&"x ".repeat(36), 80, 24)]
    {
        let scene = typed.clone().send(Message::TextPasted(typed_before.to_owned())).keys("@[a");
        let shown = text(&scene.draw(columns, rows, COLOR_THEME));
        let is_shown = |shown: &str, number: u8| shown.contains(&format!("Ada {number}  Member"));
        assert!((1..=5).all(|number| is_shown(&shown, number)) && !is_shown(&shown, 6), "{typed_before:?}\n{shown}");
        assert!(shown.contains(" 1/9 ") && shown.contains("@[a"), "{typed_before:?}\n{shown}");
        let scrolled = (0..6).fold(scene, |scene, _| scene.press(Down));
        let shown = text(&scrolled.draw(columns, rows, COLOR_THEME));
        assert!(is_shown(&shown, 7) && !is_shown(&shown, 1) && shown.contains(" 7/9 "), "{typed_before:?}\n{shown}");
    }
}

#[test]
fn a_published_text_is_changed_with_the_names_too() {
    let editing = scenes::posts().keys("e");
    assert_eq!(effects(&editing), "read the names for work");
    let id = scenes::compose_id(&editing);
    let name = MentionName {
        name: "Ada Lovelace".to_owned(),
        urn: "urn:li:person:a1".to_owned(),
        mention: "@[Ada Lovelace]".to_owned(),
    };
    let typed = editing.send(Message::NamesRead { id, names: vec![name] }).keys(" @[ada");
    assert!(is_listed(&typed, "Ada Lovelace"), "{}", screen(&typed));
    assert_eq!(typed_text(&typed.press(Tab)), "We ship today. #rust @[Ada Lovelace]");
}

#[test]
fn an_inserted_name_is_undone_to_what_was_typed() {
    let inserted = scenes::compose_with_names().keys("@[Ad").press(Tab);
    assert_eq!(typed_text(&inserted), "@[Ada Lovelace]");
    assert_eq!(typed_text(&inserted.alt('u')), "@[Ad");
    let replaced = scenes::compose_with_names().keys("@[ad").press(Tab);
    assert_eq!(typed_text(&replaced), "@[Ada Lovelace]");
    assert_eq!(typed_text(&replaced.alt('u')), "@[ad");
}

#[test]
fn unknown_names_are_previewed_as_the_text_that_they_will_be() {
    let warning = |name: &str, reason: &str| format!("! {name} {reason}: published as text.");
    let preview = scenes::compose_with_names().keys("@[ada lovelace] @[Nobody] @[Analytical Engines]").ctrl('p');
    let shown = screen(&preview);
    assert!(shown.contains("│ ada lovelace @[Nobody] @[Analytical Engines]"), "{shown}");
    assert!(shown.contains(&warning("Nobody", "is not known")), "{shown}");
    assert!(shown.contains(&warning("Analytical Engines", "is not unique")), "{shown}");
    assert!(!shown.contains(&warning("ada lovelace", "is not known")), "{shown}");
    // Before the names were read, none is called unknown.
    let early = scenes::list().keys("p").keys("@[Nobody]").ctrl('p');
    assert!(!screen(&early).contains("is not known"), "{}", screen(&early));
}
