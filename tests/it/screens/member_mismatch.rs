//! The member of a new token: a different member than expected, and several sign-ins in a row.

use crossterm::event::KeyCode::{Char, Down, Enter, Esc, F};
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::{Code, Error};

use crate::screens::keys::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, name, text};

/// Returns the screen after 李小龙 signed in to Ada's profile `work`.
fn different_member() -> Scene {
    scenes::all().into_iter().find(|(name, _)| *name == "different-member").unwrap().1
}

#[test]
fn a_different_member_is_confirmed() {
    use KeyContext::{DifferentMember, Help, ReplaceToken, SignIn};
    let scene = different_member();
    assert_keys(
        &scene,
        &[
            (Enter, SignIn, "save as account"),
            (Char('a'), SignIn, "save as account"),
            (Char('R'), ReplaceToken, ""),
            (Char('r'), SignIn, "Choose(Discard)"),
            (Char('x'), SignIn, "Choose(Discard)"),
            (Char('m'), DifferentMember, ""),
            (Down, DifferentMember, ""),
            (Esc, DifferentMember, ""),
            (Char('?'), Help, ""),
            (F(1), Help, ""),
        ],
    );
    assert!(notification(&scene.clone().press(Esc)).starts_with("The new token is in memory."));
    // A different member's token is replaced only after a confirmation that names both.
    let dialog = scene.clone().press(Down).enter();
    assert_eq!(dialog.state.key_context(), ReplaceToken);
    assert!(
        text(&dialog.draw(80, 24, COLOR_THEME)).contains("The token of Ada Lovelace is replaced by that of 李小龙")
    );
    assert_keys(
        &dialog,
        &[(Char('y'), SignIn, "Choose(Replace)"), (Esc, DifferentMember, ""), (Enter, ReplaceToken, "")],
    );
    // Quitting discards the new token, which needs a second press.
    let warned = scene.ctrl('c');
    assert_eq!(
        (effects(&warned).as_str(), notification(&warned)),
        ("", "Quitting discards the new token. Press the same key again to quit.")
    );
    assert_eq!(effects(&warned.ctrl('c')), "Quit");
}

#[test]
fn a_token_is_discarded_on_request() {
    use KeyContext::{List, SignIn, SignInFailed};
    let refused =
        || Err(Error::new(Code::DifferentMember, "A different member signed in.", "linkedin-tui login work ..."));
    let discarded = different_member().keys("x").finish_sign_in(refused());
    assert_eq!((discarded.state.key_context(), effects(&discarded).as_str()), (List, "ReloadStore"));
    assert_eq!(notification(&discarded), "The token of 李小龙 was discarded. Profile work is unchanged.");
    let again = different_member().keys("r").finish_sign_in(refused());
    assert_eq!((again.state.key_context(), effects(&again).as_str()), (SignIn, "ReloadStore; sign in work by my-app"));
    assert_eq!(
        different_member().keys("a").finish_sign_in(refused()).state.key_context(),
        SignInFailed,
        "the discard was not requested"
    );
}

#[test]
fn a_different_member_with_a_profile_can_re_authorize_it() {
    let scene = scenes::different_member_with_profile();
    let screen = text(&scene.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("李小龙 already has the profile client-a for this app."), "{screen}");
    assert!(
        screen.contains("update profile client-a with the new token") && screen.contains("enter update client-a"),
        "{screen}"
    );
    assert_keys(
        &scene,
        &[(Enter, KeyContext::SignIn, "save as client-a"), (Char('m'), KeyContext::SignIn, "save as client-a")],
    );
}

#[test]
fn sign_ins_in_a_row_name_the_member_and_the_next_profile() {
    let first = scenes::reauthorizing_three();
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let shown = screen(&first);
    assert!(shown.contains("Sign in as 李小龙 (client-a-1x@example.com)") && shown.contains(" 1/3 "), "{shown}");
    let signed_in = scenes::finish_reauthorization(first, "client-a", "李小龙");
    assert!(screen(&signed_in).contains("enter next: shop") && !screen(&signed_in).contains("enter profile list"));
    let second = signed_in.clone().enter();
    assert!(screen(&second).contains("Sign in as Ada Lovelace (shop-1x@example.com)"), "{}", screen(&second));
    assert_eq!(effects(&second), "sign in shop by my-app");
    // A retry after a failure is still for the same profile.
    let again = second.clone().finish_sign_in(Err(Error::new(Code::Network, "No.", "Again."))).keys("r");
    assert!(screen(&again).contains("2/3"));
    // A finished profile is unmarked, so that the rest can be continued.
    for stopped in [second.press(Esc), signed_in.press(Esc)] {
        assert_eq!(stopped.state.key_context(), KeyContext::List);
        let marked: Vec<_> =
            stopped.state.list.marked.iter().map(linkedin_tui::internal::store::Name::as_str).collect();
        assert_eq!(marked, ["shop", "work"]);
        let alone = stopped.press(Esc).keys("r").enter();
        assert!(!screen(&alone).contains("/3 "), "{}", screen(&alone));
    }
}

#[test]
fn saving_as_a_new_profile_reports_the_old_unchanged() {
    let saved = scenes::finish_reauthorization(scenes::different_member_with_profile().keys("a"), "account", "李小龙");
    let screen = text(&saved.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("Profile work was not re-authorized"), "{screen}");
    let reauthorized = scenes::finish_reauthorization(scenes::list().keys("r").enter(), "work", "Ada Lovelace");
    assert!(!text(&reauthorized.draw(80, 24, COLOR_THEME)).contains("not re-authorized"));
}

#[test]
fn a_discarded_token_is_not_shown_as_being_saved() {
    let discarded = different_member().keys("x");
    for (columns, rows) in [(120, 36), (80, 24), (60, 20), (200, 50)] {
        let screen = text(&discarded.draw(columns, rows, COLOR_THEME));
        assert!(screen.contains("The token of 李小龙 is discarded"), "{screen}");
        assert!(screen.contains("Show the result in the browser"), "{screen}");
        assert!(!screen.contains("Save the token") && !screen.contains("Identify the member"), "{screen}");
    }
}

#[test]
fn the_time_of_a_step_is_not_that_of_the_user() {
    let saved = Event::TokenSaved { profile: name("account"), missing_scopes: Vec::new() };
    let waiting = different_member().advance(20);
    let failed = Event::SaveFailed(Error::new(Code::Files, "The disk is full.", "Free some space."));
    for scene in
        [waiting.clone().keys("a"), waiting.clone().keys("Ry"), waiting.keys("a").event(failed).advance(9).keys("r")]
    {
        let screen = text(&scene.event(saved.clone()).draw(80, 24, COLOR_THEME));
        let line = screen.lines().find(|line| line.contains("Token saved")).unwrap_or_else(|| panic!("{screen}"));
        assert!(line.contains("<0.1 s"), "{screen}");
    }
}

#[test]
fn an_identified_member_is_not_shown_as_being_identified() {
    let scene = different_member().keys("a");
    let scene = scene.event(Event::TokenSaved { profile: name("account"), missing_scopes: Vec::new() });
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    assert!(screen(&scene).contains("Identify the member"), "{}", screen(&scene));
    let identified = scene.event(Event::MemberIdentified(scenes::member("client-a-1x", "李小龙")));
    assert!(screen(&identified).contains("Show the result in the browser"), "{}", screen(&identified));
}
