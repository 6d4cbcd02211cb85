//! Keys that `config.toml` changes: dispatch, hints, help, choices and sentences follow.

use crossterm::event::KeyCode::{self, Char, F};
use linkedin_tui::internal::config::Settings;
use linkedin_tui::internal::tui::keymap::{KeyContext, Keymap};

use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

/// Reads settings as the program does.
fn settings(text: &str) -> linkedin_tui::Result<Settings> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.toml"), text).unwrap();
    Settings::load(directory.path())
}

fn keymap(text: &str) -> Keymap {
    Keymap::with_settings(&settings(text).unwrap().keys).unwrap()
}

/// Returns the scene with other keys.
fn with_keys(mut scene: Scene, text: &str) -> Scene {
    scene.state.config.keymap = keymap(text);
    scene
}

fn screen(scene: &Scene) -> String {
    text(&scene.draw(120, 40, COLOR_THEME))
}

#[test]
fn a_rebound_key_is_dispatched_and_shown_everywhere() {
    let scene = with_keys(scenes::list(), "[keys.list]\nreauthorize = \"R\"\nfilter = [\"f5\", \"ctrl-f\"]\n");
    // Dispatch: the new key works, the old one does not, and the action that had it by default lost it.
    assert_eq!(scene.clone().keys("R").state.key_context(), KeyContext::Reauthorize);
    assert_eq!(scene.clone().keys("r").state.key_context(), KeyContext::List);
    assert_eq!(scene.clone().press(F(5)).state.key_context(), KeyContext::Filter);
    assert_eq!(scene.clone().ctrl('f').state.key_context(), KeyContext::Filter);
    // Hint bar.
    let shown = screen(&scene);
    assert!(shown.contains("R re-authorize") && shown.contains("F5 filter"), "{shown}");
    assert!(!shown.contains(" r re-authorize") && !shown.contains("/ filter"), "{shown}");
    // Help, with a dash for what has no key.
    let help = text(&scene.clone().keys("?").draw(120, 80, COLOR_THEME));
    assert!(help.contains("Press R to re-authorize with the same app and scopes."), "{help}");
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("F5 ctrl-f filter") && words.contains(" - re-authorize all due"), "{help}");
    // Sentences.
    let used = scene.send(scenes::current_profile_set(scenes::profile("blog", "Zoë", -3)));
    assert_eq!(
        notification(&used),
        "blog is now the current profile (was work). Its token has expired. Press R to re-authorize."
    );
}

#[test]
fn the_detail_page_names_its_own_keys() {
    let keys = "[keys.list]\ncheck = \"c\"\nreauthorize = \"R\"\n[keys.detail]\ncheck = \"f7\"\nreauthorize = \"f8\"\n";
    let mut doubted = scenes::profile("shop", "Ada Lovelace", 30);
    doubted.doubt(scenes::now(), linkedin_tui::internal::store::Doubt::OtherScopes);
    let read = linkedin_tui::internal::tui::message::Message::ProfilesRead(vec![(scenes::name("shop"), Ok(doubted))]);
    let list = with_keys(scenes::list(), keys).send(read);
    let shop = list.clone().keys("/shop").enter();
    assert!(screen(&shop).contains("Press c to") && screen(&shop.clone().enter()).contains("Press F7 to check."));
    let old = list.keys("/old").enter();
    assert!(screen(&old).contains("Press R to sign in."), "{}", screen(&old));
    let page = old.enter();
    assert!(screen(&page).contains("Press F8 to sign in."), "{}", screen(&page));
    assert_eq!(notification(&page.press(F(7))), "old has no token to check. Press F8 to sign in.");
}

#[test]
fn the_choices_of_a_dialog_follow_its_keys() {
    let dialog = with_keys(scenes::list(), "[keys.delete]\ndelete = \"f8\"\nback = [\"n\", \"q\"]\n").keys("d");
    let shown = screen(&dialog);
    assert!(shown.contains("  F8  delete") && shown.contains("  n   cancel"), "{shown}");
    assert_eq!(effects(&dialog.clone().keys("y")), "", "the former key does nothing");
    assert_eq!(dialog.clone().keys("q").state.key_context(), KeyContext::List);
    assert_eq!(effects(&dialog.press(F(8))), "delete work");
}

#[test]
fn an_unbound_action_is_named_with_its_setting() {
    let scene = with_keys(scenes::list(), "[keys.list]\nadd = \"none\"\n");
    assert_eq!(scene.clone().keys("a").state.key_context(), KeyContext::List);
    let shown = screen(&scene);
    assert!(!shown.contains(" add  "), "{shown}");
    let signed_out = with_keys(scenes::list(), "[keys.list]\nreauthorize = \"none\"\n").keys("/old").enter().keys("v");
    assert_eq!(
        notification(&signed_out),
        "old has no token to check. To sign in, bind reauthorize in [keys.list] of config.toml."
    );
}

#[test]
fn text_fields_accept_bound_characters() {
    let keys = "[keys.compose]\npreview = \"f2\"\n[keys.rename]\nsave = \"ctrl-s\"\n[keys.scopes]\ntoggle = \"x\"\n";
    let renamed = with_keys(scenes::list(), keys).keys("n-x").enter();
    assert_eq!(effects(&renamed), "", "enter has no action any more");
    assert_eq!(effects(&renamed.ctrl('s')), "rename work to work-x");
    let custom = with_keys(scenes::scopes(), keys).press(KeyCode::Tab).press(Char('x'));
    assert_eq!(custom.state.setup.custom_scopes.text(), "x", "a bound character is text in the field");
    let previewed = with_keys(scenes::compose(), keys).press(F(2));
    assert_eq!(previewed.state.key_context(), KeyContext::Preview);
}

#[test]
fn the_keys_in_the_example_are_known() {
    let example = include_str!("../../../config.example.toml");
    let commented: Vec<&str> = example.lines().skip_while(|line| !line.contains("# [keys.")).collect();
    let keys = commented.iter().map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>().join("\n");
    let rebound = keymap(&keys);
    let key = rebound.key(KeyContext::Compose, linkedin_tui::internal::tui::keymap::Action::Preview);
    assert_eq!(key.unwrap().name(), "F2");
    assert!(Settings::unknown_keys(&keys).is_empty());
    assert_eq!(Settings::unknown_keys("keys = 1"), ["keys"]);
}

#[test]
fn an_invalid_key_setting_is_reported_with_its_line() {
    let wrong = settings("[ui]\nascii = true\n\n[keys.list]\nreauthorise = \"R\"\n").unwrap();
    let error = Keymap::with_settings(&wrong.keys).unwrap_err();
    assert_eq!(error.message, "config.toml, line 5: [keys.list] has no action reauthorise.");
    let error = settings("[keys.list]\nadd = 1\n").unwrap_err();
    assert!(error.message.contains("line 2"), "{}", error.message);
}

#[test]
fn key_of_the_search_for_scopes_can_be_changed() {
    let has_openid = |scene: &Scene| scene.state.setup.scopes.iter().any(|scope| scope == "openid");
    let find = |text: &str| with_keys(scenes::scopes(), text).keys("/openid");
    let toggled = find("[keys.find_scope]\ntoggle = \"space\"\n").keys(" ");
    assert_eq!((has_openid(&find("")), has_openid(&toggled)), (true, false));
    assert!(has_openid(&find("[keys.find_scope]\ntoggle = \"none\"\n").keys(" ")), "the space is text");
    let by_other_key = find("[keys.find_scope]\ntoggle = \"f5\"\n");
    assert!(has_openid(&by_other_key.clone().keys(" ")) && !has_openid(&by_other_key.press(F(5))));
}

#[test]
fn key_of_the_filled_in_credentials_is_named() {
    let scene = with_keys(scenes::welcome().keys("o").enter(), "[keys.credentials]\ncontinue = \"f5\"\n");
    let words = screen(&scene).replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Press F5 to use it.") || words.contains("Press f5 to use it."), "{words}");
}

#[test]
fn ctrl_c_closes_what_covers_unfinished_work() {
    let typed = scenes::list().keys("p").keys("x");
    for (covered, below) in [
        (scenes::progress().keys("?"), KeyContext::SignIn),
        (scenes::progress().keys("p"), KeyContext::SignIn),
        (scenes::uploading().press(F(1)), KeyContext::Publishing),
        (typed.clone().press(F(1)), KeyContext::Compose),
        (typed.clone().press(F(2)), KeyContext::Compose),
    ] {
        let closed = covered.ctrl('c');
        assert_eq!((closed.state.key_context(), effects(&closed).as_str()), (below, ""));
    }
    assert_eq!(effects(&scenes::list().keys("?").ctrl('c')), "Quit", "nothing is lost there");
    // A window that is too small shows no question and no help.
    let left = typed.send(linkedin_tui::internal::tui::message::Message::Resized(20, 5)).ctrl('c');
    assert_eq!((left.state.key_context(), effects(&left).as_str()), (KeyContext::List, "save work's draft: x"));
}
