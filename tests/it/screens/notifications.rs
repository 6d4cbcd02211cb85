//! The status line when several messages arrive at once.

use crossterm::event::KeyCode::{Char, Down, Esc};
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::{Code, Error};

use crate::screens::keys::notification;
use crate::screens::scenes::{self, Scene};

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
    let scene = scenes::progress().event(Event::MemberUnknown(error("No network.")));
    let done = scene.finish_sign_in(Ok(scenes::outcome()));
    assert_eq!(done.state.key_context(), KeyContext::SignedIn);
    assert_eq!(shown(&done), "The member could not be identified: No network.");
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
