//! The search is the same in the list, the palette, the scopes and the help, and what does not scroll stays in view.

use crossterm::event::KeyCode;
use linkedin_tui::internal::tui::message::Message;

use super::scenes::{self, COLOR_THEME, Scene, text};

/// Draws a scene; returns the line with the search.
fn search_line(scene: &Scene, (columns, rows): (u16, u16)) -> (String, String) {
    let shown = text(&scene.draw(columns, rows, COLOR_THEME));
    let line = shown.lines().find(|line| line.contains("› ") && !line.starts_with(" linkedin-tui")).unwrap_or_default();
    let line = line.split_once("› ").map_or("", |(_, typed)| typed).split('│').next().unwrap_or_default();
    (format!("› {}", line.trim_end()), shown)
}

#[test]
fn every_search_has_the_same_prompt_and_placeholder() {
    let places = [
        (scenes::list().keys("/"), "› Type a name, member, app or status"),
        (scenes::list().keys(":"), "› Type to find an action"),
        (scenes::scopes().keys("/"), "› Type to find a scope"),
        (scenes::list().keys("?/"), "› Type to find a key"),
    ];
    for size in [(60, 20), (80, 24), (120, 36)] {
        for (scene, expected) in &places {
            let (line, shown) = search_line(scene, size);
            assert!(line.starts_with(expected), "{expected}: {line}\n{shown}");
            let (line, shown) = search_line(&scene.clone().keys("re"), size);
            assert!(line.starts_with("› re") && !line.contains("Type"), "{line}\n{shown}");
        }
    }
}

#[test]
fn the_search_stays_in_view_while_its_matches_scroll() {
    let scopes = scenes::scopes().keys("/e");
    let scene = (0..30).fold(scopes, |scene, _| scene.press(crossterm::event::KeyCode::Down));
    let (line, shown) = search_line(&scene, (60, 20));
    assert!(line.starts_with("› e") && shown.contains("▌ ") && shown.contains('↑'), "{shown}");
}

#[test]
fn every_page_of_the_setup_has_the_same_edges() {
    let edges = |scene: &Scene, (columns, rows): (u16, u16)| {
        let shown = text(&scene.draw(columns, rows, COLOR_THEME));
        let frame = shown.lines().find(|line| line.trim_start().starts_with('╭')).unwrap().to_owned();
        (frame.chars().position(|c| c == '╭'), frame.chars().count())
    };
    let saved = scenes::list().keys("a");
    for size in [(80, 24), (120, 36), (160, 40), (200, 50)] {
        let expected = edges(&scenes::guide(), size);
        for scene in [saved.clone(), scenes::credentials(), scenes::scopes(), scenes::redirect(), scenes::review()] {
            assert_eq!(edges(&scene, size), expected, "{size:?}\n{}", text(&scene.draw(size.0, size.1, COLOR_THEME)));
        }
    }
    let shown = text(&saved.draw(120, 36, COLOR_THEME));
    assert!(shown.contains("Saved app") && shown.contains("Its saved credentials are used."), "{shown}");
}

#[test]
fn a_page_that_scrolls_names_the_key() {
    let failed = scenes::all().into_iter().find(|(name, _)| *name == "compose-first-comment-refused").unwrap().1;
    let small = text(&failed.draw(60, 20, COLOR_THEME));
    assert!(small.contains("page-down") && small.contains('↓'), "{small}");
    let large = text(&failed.draw(120, 36, COLOR_THEME));
    assert!(!large.contains("page-down scrolls"), "{large}");
}

#[test]
fn every_line_is_in_view_once_while_scrolling_by_pages() {
    for (size, scene) in [((80, 24), scenes::done_without_member()), ((60, 20), scenes::done_without_member())] {
        let whole = text(&scene.draw(200, 60, COLOR_THEME));
        let labels: Vec<&str> = ["Member", "Token", "Expires", "Renewal", "Saved in"]
            .into_iter()
            .filter(|label| whole.contains(label))
            .collect();
        assert!(labels.len() > 3, "{whole}");
        let (mut seen, mut scene) = (String::new(), scene.send(Message::Resized(size.0, size.1)));
        for _ in 0..12 {
            seen += &text(&scene.draw(size.0, size.1, COLOR_THEME));
            scene = scene.press(KeyCode::PageDown);
        }
        for label in labels {
            assert!(seen.contains(label), "{label} at {size:?}: {seen}");
        }
    }
}

#[test]
fn a_port_that_is_probed_too_late_leaves_no_note() {
    let mut scene = scenes::review();
    scene.state.config.sandbox_members = vec![("ada".to_owned(), "Ada".to_owned())];
    let url = scene.state.setup.redirect_url().unwrap().as_str().to_owned();
    let in_use = linkedin_tui::Error::new(linkedin_tui::Code::PortInUse, "Port 3000 is in use.", "");
    let signing_in = scene.enter().send(Message::PortProbed { url, result: Err(in_use) });
    assert!(signing_in.state.notification.is_none(), "{:?}", signing_in.state.notification);
    assert_eq!(signing_in.state.setup.redirect.text(), "http://localhost:3000/callback");
}
