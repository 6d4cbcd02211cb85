//! Clicks: rows, fields, choices and links react, and the mouse is captured only where something does.

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use linkedin_tui::internal::tui::keymap::{KeyContext, Keymap};
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::theme::Theme;

use crate::screens::keys::effects;
use crate::screens::scenes::{self, COLOR_THEME, Scene, draw_state, text};

const SIZE: (u16, u16) = (100, 30);

/// Clicks on the first cell of a text, after the screen is drawn as the event loop does.
fn click(scene: Scene, on: &str) -> Scene {
    click_drawn(scene, on, COLOR_THEME)
}

fn click_drawn(scene: Scene, on: &str, theme: Theme) -> Scene {
    let scene = scene.send(Message::Resized(SIZE.0, SIZE.1));
    let (buffer, drawn) = draw_state(&scene.state, SIZE.0, SIZE.1, theme);
    let screen = text(&buffer);
    let (row, line) =
        screen.lines().enumerate().find(|(_, line)| line.contains(on)).unwrap_or_else(|| panic!("{screen}"));
    let column = line[..line.find(on).unwrap()].chars().count();
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: u16::try_from(column).unwrap(),
        row: u16::try_from(row).unwrap(),
        modifiers: KeyModifiers::NONE,
    };
    scene
        .send(Message::Drawn { scroll_range: drawn.scroll_range, click_targets: drawn.click_targets })
        .send(Message::MouseUsed(event))
}

/// Returns the review of many scopes, whose line continues.
fn review_of_many_scopes() -> Scene {
    let url = "http://localhost:3000/callback".to_owned();
    scenes::scopes().keys("3").enter().send(Message::PortProbed { url, result: Ok(()) }).enter()
}

#[test]
fn click_on_a_continued_line_selects_its_row() {
    let review = review_of_many_scopes();
    let screen = text(&review.clone().draw(SIZE.0, SIZE.1, COLOR_THEME));
    let second = screen.lines().skip_while(|line| !line.contains("Scopes   ")).nth(1).unwrap();
    let word = second.split_whitespace().find(|word| word.contains('_')).unwrap_or_else(|| panic!("{screen}"));
    let changed = click(review, word).enter();
    assert_eq!(changed.state.key_context(), KeyContext::Scopes);
}

#[test]
fn fields_of_another_app_can_be_reached_by_a_click() {
    let form = click(scenes::list().keys("a"), "Use another app");
    let screen = text(&form.draw(SIZE.0, SIZE.1, COLOR_THEME));
    assert!(screen.contains("Client secret"), "{screen}");
}

#[test]
fn hints_are_clicked_where_they_are_drawn_in_ascii() {
    let mut scene = scenes::list();
    scene.state.config.is_ascii = true;
    let settings = "[keys.list]\nreauthorize = \"left\"\n";
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.toml"), settings).unwrap();
    let settings = linkedin_tui::internal::config::Settings::load(directory.path()).unwrap();
    scene.state.config.keymap = Keymap::with_settings(&settings.keys).unwrap();
    let theme = Theme { is_ascii: true, ..COLOR_THEME };
    assert_eq!(click_drawn(scene, "filter", theme).state.key_context(), KeyContext::Filter);
}

fn reacts(scene: &Scene) -> bool {
    draw_state(&scene.state, SIZE.0, SIZE.1, COLOR_THEME).1.reacts_to_mouse
}

#[test]
fn clicked_row_is_selected_and_a_second_click_runs_it() {
    let palette = scenes::list().send(Message::Resized(SIZE.0, SIZE.1)).keys(":");
    let selected = click(palette, "check all");
    assert_eq!(selected.state.key_context(), KeyContext::Palette);
    let run = click(selected, "check all");
    assert_eq!(run.state.key_context(), KeyContext::List);
    assert!(effects(&run).starts_with("Check "), "{}", effects(&run));
}

#[test]
fn clicked_field_gets_the_focus() {
    let form = scenes::list().keys("e");
    let focused = click(form.clone(), "Browser ");
    let typed = focused.keys("x");
    assert_ne!(text(&typed.draw(100, 30, COLOR_THEME)), text(&form.draw(100, 30, COLOR_THEME)));
    let by_key = form.press(crossterm::event::KeyCode::Tab).keys("x");
    assert_eq!(text(&typed.draw(100, 30, COLOR_THEME)), text(&by_key.draw(100, 30, COLOR_THEME)));
}

#[test]
fn clicked_choice_of_a_dialog_is_performed() {
    assert_eq!(effects(&click(scenes::list().keys("d"), "revoke at LinkedIn")), "delete work after revoking");
    assert_eq!(click(scenes::list().keys("d"), "cancel").state.key_context(), KeyContext::List);
}

#[test]
fn mouse_is_captured_only_where_something_reacts() {
    for (scene, expected, what) in [
        (scenes::list(), true, "rows"),
        (scenes::list().keys("d"), true, "choices"),
        (scenes::list().keys("e"), true, "fields"),
        (scenes::progress(), false, "URLs are selected there"),
        (scenes::done(), false, "the member ID is selected there"),
    ] {
        assert_eq!(reacts(&scene), expected, "{what}");
    }
}

#[test]
fn clicked_step_of_the_setup_is_opened_again() {
    let back = click(scenes::review(), "Credentials");
    assert_eq!(back.state.key_context(), KeyContext::Credentials);
    // The step is opened also where "back" leads elsewhere: to the review, out of the search, to the welcome.
    let change = |row| (0..row).fold(scenes::review(), |scene, _| scene.press(KeyCode::Down)).enter();
    for (scene, on, expected) in [
        (change(4), "Credentials", KeyContext::Credentials),
        (change(3), "Scopes", KeyContext::Scopes),
        (scenes::scopes().keys("/"), "Credentials", KeyContext::Credentials),
        (scenes::welcome().keys("o").enter(), "✓", KeyContext::Guide),
    ] {
        assert_eq!(click(scene, on).state.key_context(), expected, "{on}");
    }
    let ahead = click(scenes::scopes(), "Review");
    assert_eq!(ahead.state.key_context(), KeyContext::Scopes, "a later step needs what is between");
}
