//! Whose token it is: a different member than was meant, and several in a row.

use crossterm::event::KeyCode::{Char, Enter, Esc, F};
use linkedin_tui::tui::keymap::Place;
use linkedin_tui::{Code, Error};

use crate::screens::keys::{done, table, told};
use crate::screens::scenes::{self, FULL, Scene, text};

/// 李小龙 came back in the place of Ada, whose profile `work` was to be renewed.
fn different_member() -> Scene {
    scenes::all().into_iter().find(|(name, _)| *name == "different-member").unwrap().1
}

#[test]
fn a_different_member_is_confirmed() {
    use Place::{DifferentMember, Help, Progress, Replace};
    let scene = different_member();
    table(
        &scene,
        &[
            (Char('k'), Progress, "keep as account"),
            (Char('p'), Replace, ""),
            (Char('a'), Progress, "Choose(Discard)"),
            (Char('d'), Progress, "Choose(Discard)"),
            (Char('r'), DifferentMember, ""),
            (Char('u'), DifferentMember, ""),
            (Enter, DifferentMember, ""),
            (Esc, DifferentMember, ""),
            (Char('?'), Help, ""),
            (F(1), Help, ""),
        ],
    );
    assert!(told(&scene.clone().press(Esc)).starts_with("Nothing is lost"));
    // Another's token is replaced after a question only, which names whose it is.
    let asked = scene.clone().keys("p");
    assert!(
        text(&asked.draw(80, 24, FULL)).contains("The token of Ada Lovelace in work is replaced by that of 李小龙")
    );
    table(&asked, &[(Char('y'), Progress, "Choose(Replace)"), (Esc, DifferentMember, ""), (Enter, Replace, "")]);
    // Leaving loses it, which is said once.
    let warned = scene.ctrl('c');
    assert_eq!((done(&warned).as_str(), told(&warned)), ("", "ctrl-c again throws the new token away, and leaves."));
    assert_eq!(done(&warned.ctrl('c')), "Quit");
}

#[test]
fn a_token_is_discarded_silently_on_request() {
    use Place::{Failure, List, Progress};
    let refused =
        || Err(Error::new(Code::DifferentMember, "A different member signed in.", "linkedin-tui login work ..."));
    let gone = different_member().keys("d").ends(refused());
    assert_eq!((gone.state.place(), done(&gone).as_str()), (List, "ReadFiles"));
    assert_eq!(told(&gone), "The token of 李小龙 was thrown away; work keeps its own.");
    let again = different_member().keys("a").ends(refused());
    assert_eq!((again.state.place(), done(&again).as_str()), (Progress, "ReadFiles; sign in work by my-app"));
    assert_eq!(different_member().keys("k").ends(refused()).state.place(), Failure, "that was not asked for");
}

#[test]
fn a_different_member_with_a_profile_can_re_authorize_it() {
    let scene = scenes::known_member();
    let seen = text(&scene.draw(80, 24, FULL));
    assert!(seen.contains("李小龙 has the profile client-a for this app."), "{seen}");
    assert!(seen.contains("renew client-a instead") && seen.contains("u renew their own"), "{seen}");
    table(&scene, &[(Char('u'), Place::Progress, "keep as client-a")]);
}

#[test]
fn several_in_a_row_say_whom_to_sign_in_as_and_what_is_next() {
    let first = scenes::in_a_row();
    let seen = |scene: &Scene| text(&scene.draw(80, 24, FULL));
    assert!(seen(&first).contains("Sign in as 李小龙 (client-a-1x@example.com), 1 of 3"), "{}", seen(&first));
    let done = scenes::renewed(first, "client-a", "李小龙");
    assert!(seen(&done).contains("enter next: client-b") && !seen(&done).contains("enter profile list"));
    let second = done.clone().enter();
    assert!(seen(&second).contains("Sign in as Grace Hopper (client-b-1x@example.com), 2 of 3"), "{}", seen(&second));
    assert_eq!(self::done(&second), "sign in client-b by my-app");
    // A failure that is tried again is the same turn.
    let again = second.clone().ends(Err(Error::new(Code::Network, "No.", "Again."))).keys("r");
    assert!(seen(&again).contains("2 of 3"));
    // What is finished loses its mark, so that what is left can be taken up again.
    for stopped in [second.press(Esc), done.press(Esc)] {
        assert_eq!(stopped.state.place(), Place::List);
        let left: Vec<_> = stopped.state.list.marked.iter().map(linkedin_tui::store::Name::as_str).collect();
        assert_eq!(left, ["client-b", "shop"]);
        let alone = stopped.press(Esc).keys("r").enter();
        assert!(!seen(&alone).contains(" of 3"), "{}", seen(&alone));
    }
}

#[test]
fn saving_as_a_new_profile_says_the_other_is_unchanged() {
    let kept = scenes::renewed(scenes::known_member().keys("k"), "account", "李小龙");
    let seen = text(&kept.draw(80, 24, FULL));
    assert!(seen.contains("work is still not renewed"), "{seen}");
    let well = scenes::renewed(scenes::list().keys("r").enter(), "work", "Ada Lovelace");
    assert!(!text(&well.draw(80, 24, FULL)).contains("still not renewed"));
}
