//! Hostile data on every screen, and windows of every size.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use crate::screens::scenes::{self, COLOR_THEME, PLAIN_THEME, Scene, files_with_text, text};
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::store::CommandExit;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::{Code, Error};

/// Escape sequences, C0 and C1 controls, bidi overrides, tag characters, wide clusters.
const HOSTILE: &[&str] = &[
    "\u{1b}[31mred\u{1b}]0;title\u{7}\u{1b}]52;c;QUJD\u{7}\u{1b}Pq\u{1b}\\",
    "a\rb\nc\td\u{8}e\u{7f}f\u{0}g",
    "\u{9b}31m\u{9d}0;x\u{9c}\u{90}q\u{85}",
    "\u{202e}evil\u{2066}x\u{2069}\u{200f}",
    "\u{200b}\u{feff}\u{e0041}\u{e007f}",
    "李小龙👨‍👩‍👧‍👦🇩🇪️é",
];

/// Returns screens with `bad` in every text field.
fn scenes_with_text(bad: &str) -> Vec<Scene> {
    let files = || Message::StoreReloaded(Box::new((*files_with_text(bad)).clone()));
    let list = || Scene::new().send(files());
    let error = || Error::new(Code::Denied, bad, bad).with_detail(bad);
    vec![
        list(),
        list().keys("j"),
        list().keys("d"),
        list().keys("r"),
        list().keys("jP"),
        list().keys("p"),
        list().keys("P"),
        list().keys("Pjjjjjj"),
        list().keys("a"),
        list().send(Message::Notified(bad.to_owned())),
        list().send(Message::Failed(error())),
        scenes::credentials().send(Message::TextPasted(bad.to_owned())),
        scenes::redirect().send(Message::TextPasted(bad.to_owned())),
        scenes::review().send(Message::TextPasted(bad.to_owned())),
        scenes::progress().event(Event::BrowserNotOpened(Error::new(Code::Unexpected, bad, ""))),
        scenes::progress().event(Event::BrowserOpened { command: bad.to_owned() }),
        scenes::progress().event(Event::SaveFailed(error())),
        scenes::progress().event(Event::DifferentMember {
            stored: scenes::member(bad, bad),
            found: scenes::member(bad, bad),
            revoked_profiles: Vec::new(),
        }),
        scenes::progress().keys("p").event(Event::PasteRejected(error())),
        scenes::progress().finish_sign_in(Err(error())),
        scenes::delivered(scenes::signed_in_with_deliveries(&[bad]), bad, CommandExit::Failed(bad.to_owned()), bad),
        scenes::delivered(scenes::list(), bad, CommandExit::Code(1), bad),
        scenes::progress().finish_sign_in(Ok({
            let mut outcome = scenes::outcome();
            outcome.profile.member = Some(scenes::member(bad, bad));
            outcome.missing_scopes = vec![bad.to_owned()];
            bad.clone_into(&mut outcome.saved_in);
            outcome
        })),
    ]
}

/// Returns whether a character controls the terminal instead of being drawn.
fn is_control_or_bidi(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// Asserts that the screen has no control characters, and no line wider than the window.
fn assert_safe(scene: &Scene, columns: u16, rows: u16, what: &str) {
    let screen = text(&scene.draw(columns, rows, COLOR_THEME));
    assert!(!screen.chars().any(|c| c != '\n' && is_control_or_bidi(c)), "{what} at {columns}x{rows}: {screen:?}");
    for line in screen.lines() {
        assert!(line.width() <= usize::from(columns), "{what} at {columns}x{rows}: {line:?}");
    }
}

#[test]
fn u01_u03_hostile_data_is_neutralized() {
    let stack = format!("e{}", "\u{301}".repeat(500));
    for bad in HOSTILE.iter().copied().chain([stack.as_str()]) {
        for (number, scene) in scenes_with_text(bad).iter().enumerate() {
            for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
                assert_safe(scene, columns, rows, &format!("scene {number} with {bad:?}"));
            }
        }
    }
}

#[test]
fn u05_every_screen_fits_every_size() {
    for (name, scene) in scenes::all() {
        for columns in [0, 1, 2, 3, 10, 20, 40, 59, 60, 61, 79, 80, 100, 103, 104, 120, 200, 500] {
            for rows in [0, 1, 2, 5, 10, 19, 20, 21, 24, 36, 200] {
                if columns < 60 || rows < 20 {
                    let screen = text(&scene.draw(columns, rows, PLAIN_THEME));
                    let has_size_notice = columns < 20
                        || rows < 3
                        || screen.contains("Needed: 60x20.") && screen.contains("Press q to quit.");
                    assert!(has_size_notice, "{name} at {columns}x{rows}:\n{screen}");
                }
                assert_safe(&scene, columns, rows, name);
            }
        }
    }
}

proptest! {
    #[test]
    fn u04_any_text_at_any_width_fits(bad in "\\PC{0,40}", columns in 60u16..200, rows in 20u16..50) {
        for scene in scenes_with_text(&bad) {
            assert_safe(&scene, columns, rows, &bad);
        }
    }
}

/// Returns the column after the first occurrence of `text`.
fn column_after(buffer: &Buffer, text: &str) -> Option<u16> {
    let length = u16::try_from(text.len()).unwrap();
    let matches = |x: u16, y: u16| (x..).zip(text.chars()).all(|(x, c)| buffer[(x, y)].symbol() == c.to_string());
    let places = (0..buffer.area.height).flat_map(|y| (0..=buffer.area.width - length).map(move |x| (x, y)));
    places.into_iter().find(|(x, y)| matches(*x, *y)).map(|(x, _)| x + length)
}

/// The start of "9 days" in the column after the hostile text: what the profile of `files_with_text` has left.
const DAYS_LEFT: &str = " 9 d";

#[test]
fn u04_columns_stay_aligned_with_any_name() {
    let draw = |shown: &str, columns| {
        Scene::new().send(Message::StoreReloaded(Box::new((*files_with_text(shown)).clone()))).draw(
            columns,
            30,
            COLOR_THEME,
        )
    };
    for shown in ["❤️", "1️⃣", "👩‍💻", "لا", "李", "e\u{301}", "ᄀ"].map(|text| text.repeat(12)) {
        for columns in [60, 80, 100, 120] {
            let buffer = draw(&shown, columns);
            // The columns are as wide as their content.
            let width: usize = shown.graphemes(true).map(UnicodeWidthStr::width).sum();
            let expected = column_after(&draw(&"x".repeat(width), columns), DAYS_LEFT);
            assert!(expected.is_some());
            assert_eq!(column_after(&buffer, DAYS_LEFT), expected, "{shown} at {columns}:\n{}", text(&buffer));
        }
    }
}
