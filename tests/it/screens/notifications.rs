//! The status line when several messages arrive at once.

use crossterm::event::KeyCode::{Char, Down, Enter, Esc, Home};
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::{Code, Error};

use crate::screens::keys::notification;
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn error(text: &str) -> Error {
    Error::new(Code::Files, text, "")
}

fn failed(text: &str) -> Message {
    Message::Failed(error(text))
}

fn notified(text: &str) -> Message {
    Message::Notified(text.to_owned())
}

fn shown(scene: &Scene) -> &str {
    notification(scene).trim()
}

#[test]
fn error_is_shown_before_a_later_message() {
    let scene = scenes::list().send(failed("Disk full.")).send(notified("Checked."));
    assert_eq!(shown(&scene), "Disk full.");
    assert_eq!(shown(&scene.clone().advance(11)), "Disk full.");
    let later = scene.clone().advance(12);
    assert_eq!(shown(&later), "Checked.");
    assert_eq!(shown(&later.clone().advance(5)), "Checked.", "its time starts when it is shown");
    assert_eq!(shown(&later.advance(6)), "");
    assert_eq!(shown(&scene.press(Down)), "Checked.");
}

#[test]
fn read_error_is_replaced() {
    let read = scenes::list().send(failed("Disk full.")).press(Down);
    assert_eq!(shown(&read), "Disk full.", "a key alone removes nothing");
    assert_eq!(shown(&read.send(notified("Checked."))), "Checked.");
}

#[test]
fn errors_are_shown_one_after_the_other() {
    let scene = ["One.", "Two.", "One.", "Two."].iter().fold(scenes::list(), |scene, text| scene.send(failed(text)));
    let scene = scene.send(notified("Checked.")).send(notified("Refreshed.")).send(failed("Three."));
    let texts: Vec<String> = (0..4)
        .scan(scene, |scene, _| {
            let text = shown(scene).to_owned();
            *scene = scene.clone().press(Down);
            Some(text)
        })
        .collect();
    assert_eq!(texts, ["One.", "Two.", "Three.", "Three."]);
}

#[test]
fn unread_error_survives_a_change_of_screen() {
    let scene = scenes::progress()
        .event(Event::MemberNotSaved { member: scenes::member("1x", "Ada"), error: error("Disk full.") });
    let done = scene.finish_sign_in(Ok(scenes::outcome()));
    assert_eq!(done.state.key_context(), KeyContext::SignedIn);
    assert_eq!(shown(&done), "The token is saved, but its member could not be saved: Disk full.");
    assert_eq!(shown(&done.press(Esc)), "");
}

#[test]
fn quitting_warns_also_behind_an_unread_error() {
    let undecided = scenes::all().into_iter().find(|(name, _)| *name == "different-member").unwrap().1;
    let quit = |scene: Scene| scene.ctrl('c');
    let error_first = quit(undecided.send(failed("Disk full.")));
    assert!(shown(&error_first).starts_with("Quitting discards the new token."), "{}", shown(&error_first));
    assert_eq!(crate::screens::keys::effects(&quit(error_first)), "Quit");
    assert_eq!(shown(&scenes::list().send(failed("Disk full.")).press(Char('?')).press(Esc)), "");
}

#[test]
fn a_read_message_ends_with_what_it_speaks_of() {
    let marked = scenes::list().press(Home).keys("  ");
    let refused = marked.clone().press(Enter);
    assert_eq!(shown(&refused), "enter works on one profile. Press esc to clear the 2 marks first.");
    assert_eq!(shown(&refused.press(Esc)), "");
    let restored = scenes::list().send(notified("Restored old."));
    assert_eq!(shown(&restored.clone().press(Down)), "Restored old.");
    let all = restored.clone().keys("*");
    assert_eq!(shown(&all), "");
    assert!(text(&all.draw(80, 24, COLOR_THEME)).contains("◆ 7 marked"), "{}", text(&all.draw(80, 24, COLOR_THEME)));
    assert_eq!(shown(&restored.keys("/w")), "");
    let failed = scenes::list().send(failed("Disk full."));
    assert_eq!(shown(&failed.clone().press(Down)), "Disk full.");
    assert_eq!(shown(&failed.ctrl('l')), "");
}

#[test]
fn an_error_ends_with_the_next_action() {
    let refused = scenes::list().press(Char('u'));
    assert_eq!(shown(&refused), "Nothing to undo.");
    assert_eq!(shown(&refused.clone().press(Down)), "Nothing to undo.", "there was no time to read it");
    assert_eq!(shown(&refused.clone().press(Char('s'))), "Nothing to undo.");
    assert_eq!(shown(&refused.clone().advance(1).press(Char('s'))), "");
    let moved = refused.advance(4).press(Down);
    assert_eq!(shown(&moved), "");
    assert!(text(&moved.draw(80, 24, COLOR_THEME)).contains("need you"), "the status line is back");
}

#[test]
fn a_canceled_sign_in_has_no_mark_of_a_success() {
    let canceled = scenes::list().press(Home).keys("r").enter().press(Esc);
    let screen = text(&canceled.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("– Sign-in canceled."), "{screen}");
    assert!(text(&canceled.draw(80, 24, scenes::PLAIN_THEME)).contains("- Sign-in canceled."));
}

#[test]
fn a_wait_ends_with_its_result() {
    let waiting = scenes::preview().enter().press(Esc);
    assert!(shown(&waiting).contains("cannot be canceled now"), "{}", shown(&waiting));
    let published = scenes::published(waiting, Ok(Some(scenes::published_post(false))));
    assert_eq!(shown(&published), "");
    let waiting = scenes::posts().keys("m").keys("Well").ctrl('p').press(Esc);
    assert!(shown(&waiting).contains("cannot be canceled now"), "{}", shown(&waiting));
    assert_eq!(shown(&scenes::commented(waiting, Ok(Vec::new()))), "The comment was published.");
}

#[test]
fn a_new_check_ends_the_report_of_a_canceled_one() {
    let canceled = scenes::list().keys("V").press(Esc);
    assert!(shown(&canceled).starts_with("Canceled after 0/"), "{}", shown(&canceled));
    assert_eq!(shown(&canceled.keys("V")), "");
}

#[test]
fn a_report_about_the_form_ends_with_the_next_typed_key() {
    let discarded = scenes::compose().ctrl('d').keys("y");
    assert_eq!(shown(&discarded), "The draft was discarded.");
    assert_eq!(shown(&discarded.clone().press(Down)), "The draft was discarded.", "nothing was typed");
    assert_eq!(shown(&discarded.keys("N")), "");
}
