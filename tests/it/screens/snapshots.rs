//! Snapshots of every screen at each size and without color, and the pictures in the documentation.

use std::fmt::Write as _;
use std::path::PathBuf;

use linkedin_tui::internal::tui::theme::{ColorDepth, Theme};
use ratatui::style::Color;

use crate::screens::scenes::{self, COLOR_THEME, PLAIN_THEME, SECRET_MARKER, Scene, text};
use crate::screens::svg::{animated_svg, svg};

#[test]
fn every_screen_matches_its_snapshot() {
    for (name, scene) in scenes::all() {
        let mut snapshot = String::new();
        for (columns, rows, theme, note) in [
            (120, 36, COLOR_THEME, ""),
            (80, 24, COLOR_THEME, ""),
            (60, 20, COLOR_THEME, ""),
            (80, 24, PLAIN_THEME, ", without color, in ASCII"),
        ] {
            let buffer = scene.draw(columns, rows, theme);
            write!(snapshot, "== {columns}x{rows}{note}\n{}", text(&buffer)).unwrap();
        }
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, snapshot);
        });
    }
}

#[test]
fn u12_screens_without_color_are_ascii() {
    for (name, scene) in scenes::all() {
        let buffer = scene.draw(80, 24, PLAIN_THEME);
        for cell in buffer.content() {
            assert!(cell.fg == Color::Reset && cell.bg == Color::Reset, "{name}: {cell:?}");
        }
        let non_ascii: String = text(&buffer).chars().filter(|c| !c.is_ascii()).collect();
        assert!(non_ascii.chars().all(|c| "李小龙Zoë🚀👩\u{200d}👧".contains(c)), "{name}: {non_ascii}");
    }
}

#[test]
fn x09_no_screen_shows_a_secret_by_default() {
    for (name, scene) in scenes::all() {
        let screen = text(&scene.draw(200, 60, COLOR_THEME));
        assert!(!screen.contains(SECRET_MARKER), "{name} shows a secret:\n{screen}");
    }
}

#[test]
fn scroll_arrows_cover_no_text() {
    for (name, scene) in scenes::all() {
        for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
            let screen = text(&scene.draw(columns, rows, COLOR_THEME));
            for line in screen.lines() {
                let before = line.trim_end_matches([' ', '│']).strip_suffix(['↑', '↓']);
                assert!(before.is_none_or(|before| before.ends_with([' ', '│'])), "{name} at {columns}x{rows}: {line}");
            }
        }
    }
}

#[test]
fn back_and_quit_are_hinted_in_the_smallest_window() {
    use linkedin_tui::internal::tui::keymap::Action;
    for (name, scene) in scenes::all() {
        let screen = text(&scene.draw(60, 20, COLOR_THEME));
        let key_hints = screen.lines().skip(15).collect::<Vec<_>>().join("\n");
        let bound = scene.state.config.keymap.bindings(scene.state.key_context());
        let back = bound.filter(|one| {
            one.binding.is_hint(&scene.state) && matches!(one.binding.action, Action::Back | Action::Quit)
        });
        for key in back {
            let Some(label) = key.binding.current_label(&scene.state) else { continue };
            let hint = format!("{} {label}", key.keys[0].name());
            // Where it is the selected step, Enter does it.
            let is_shown = key_hints.contains(&hint) || key_hints.contains(&format!("enter {label}"));
            assert!(is_shown, "{name} lacks `{hint}`:\n{screen}");
        }
    }
}

/// Asserts that a file is up to date; `UPDATE_SCREENS=1` rewrites it first.
fn assert_up_to_date(path: &str, expected: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_SCREENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let saved = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(saved == expected, "{} is stale: UPDATE_SCREENS=1 cargo test --test it screens", path.display());
}

#[test]
fn documented_pictures_are_up_to_date() {
    let light = Theme { is_light: true, ..COLOR_THEME };
    let pictures = [
        ("scopes", scenes::scopes()),
        ("progress", scenes::progress()),
        ("profiles", scenes::list()),
        ("compose", scenes::compose().keys("We ship today. #rust")),
    ];
    for (name, scene) in pictures {
        for (suffix, theme) in [("", COLOR_THEME), ("-light", light)] {
            let picture = svg(&scene.draw(120, 30, theme), theme.is_light);
            assert_up_to_date(&format!("assets/screens/{name}{suffix}.svg"), &picture);
        }
    }
}

/// The way from the first screen to a token, the list and a post.
#[test]
fn the_demo_is_up_to_date() {
    let draw = |scene: Scene, seconds| (scene.draw(120, 30, COLOR_THEME), seconds);
    let frames = [
        draw(scenes::welcome(), 3.0),
        draw(scenes::review_in_sandbox(), 2.0),
        draw(scenes::progress_in_sandbox(), 3.0),
        draw(scenes::done(), 3.0),
        draw(scenes::list(), 3.0),
        draw(scenes::compose().keys("We ship today. #rust"), 3.0),
    ];
    assert_up_to_date("assets/screens/demo.svg", &animated_svg(&frames));
}

/// Writes every screen as a picture to `target/screens`, for a look at all of them; the name of a scene in `SCENE` limits them.
#[test]
#[ignore = "writes pictures for a review"]
fn draw_every_screen() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screens");
    std::fs::create_dir_all(&directory).unwrap();
    let wanted = std::env::var("SCENE").unwrap_or_default();
    let light = Theme { is_light: true, ..COLOR_THEME };
    let no_color = Theme { color_depth: ColorDepth::None, ..COLOR_THEME };
    for (name, scene) in scenes::all().into_iter().filter(|(name, _)| name.starts_with(&wanted)) {
        for (columns, rows) in [(120, 36), (80, 24), (60, 20), (200, 50)] {
            for (theme_name, theme) in [("dark", COLOR_THEME), ("light", light), ("plain", no_color)] {
                let picture = svg(&scene.draw(columns, rows, theme), theme.is_light);
                std::fs::write(directory.join(format!("{name}-{columns}x{rows}-{theme_name}.svg")), picture).unwrap();
            }
        }
    }
}

#[test]
fn the_key_reference_is_up_to_date() {
    assert_up_to_date("docs/keys.md", &linkedin_tui::internal::tui::keymap::key_reference());
}
