//! Pictures of every screen, at each size and without color; those of the documents are drawn from the same.

use std::fmt::Write as _;
use std::path::PathBuf;

use ratatui::style::Color;

use crate::screens::scenes::{self, BARE, FULL, SECRET, TOKEN, text};
use crate::screens::svg::svg;

#[test]
fn every_screen_matches_its_picture() {
    for (name, scene) in scenes::all() {
        let mut picture = String::new();
        for (columns, rows, theme, note) in
            [(120, 36, FULL, ""), (80, 24, FULL, ""), (60, 20, FULL, ""), (80, 24, BARE, ", without colour, in ASCII")]
        {
            let buffer = scene.draw(columns, rows, theme);
            write!(picture, "== {columns}x{rows}{note}\n{}", text(&buffer)).unwrap();
        }
        insta::with_settings!({ snapshot_path => "pictures", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, picture);
        });
    }
}

#[test]
fn u12_without_colour_no_cell_has_one_and_ascii_is_ascii() {
    for (name, scene) in scenes::all() {
        let buffer = scene.draw(80, 24, BARE);
        for cell in buffer.content() {
            assert!(cell.fg == Color::Reset && cell.bg == Color::Reset, "{name}: {cell:?}");
        }
        let own: String = text(&buffer).chars().filter(|c| !c.is_ascii()).collect();
        assert!(own.chars().all(|c| "李小龙Zoë🚀".contains(c)), "{name}: {own}");
    }
}

#[test]
fn x09_no_screen_shows_a_secret_unasked() {
    for (name, scene) in scenes::all() {
        let screen = text(&scene.draw(200, 60, FULL));
        for secret in [SECRET, TOKEN, "canary0refresh"] {
            assert!(!screen.contains(&secret[..12]), "{name} shows a secret:\n{screen}");
        }
    }
}

#[test]
fn the_arrows_for_more_cover_no_text() {
    for (name, scene) in scenes::all() {
        for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
            let screen = text(&scene.draw(columns, rows, FULL));
            for line in screen.lines() {
                let before = line.trim_end_matches([' ', '│']).strip_suffix(['↑', '↓']);
                assert!(before.is_none_or(|before| before.ends_with(' ')), "{name} at {columns}x{rows}: {line}");
            }
        }
    }
}

#[test]
fn every_way_back_is_in_the_hints_of_the_least_window() {
    use linkedin_tui::internal::tui::keymap::{Action, Availability};
    for (name, scene) in scenes::all() {
        let screen = text(&scene.draw(60, 20, FULL));
        let foot = screen.lines().skip(15).collect::<Vec<_>>().join("\n");
        let bound = scene.state.start.keymap.in_context(scene.state.key_context());
        let back = bound.filter(|one| one.binding.is_hint && matches!(one.binding.action, Action::Back | Action::Quit));
        for key in back {
            let label = match (key.binding.availability)(&scene.state) {
                Availability::Unavailable => continue,
                Availability::Available => key.binding.label.to_owned(),
                Availability::Labelled(label) => label,
            };
            let hint = format!("{} {label}", key.keys[0].name());
            assert!(foot.contains(&hint), "{name} lacks `{hint}`:\n{screen}");
        }
    }
}

/// Asserts that a file is up to date; `UPDATE_SCREENS=1` rewrites it first.
fn assert_up_to_date(path: &str, fresh: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, fresh).unwrap();
    }
    let saved = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(saved == fresh, "{} is stale: UPDATE_SCREENS=1 cargo test --test it screens", path.display());
}

#[test]
fn documented_pictures_are_those_of_the_screens() {
    let pictures = [("scopes", scenes::scopes()), ("progress", scenes::progress()), ("profiles", scenes::list())];
    for (name, scene) in pictures {
        assert_up_to_date(&format!("assets/screens/{name}.svg"), &svg(&scene.draw(110, 30, FULL)));
    }
}

#[test]
fn the_key_reference_is_up_to_date() {
    assert_up_to_date("docs/keys.md", &linkedin_tui::internal::tui::keymap::reference());
}
