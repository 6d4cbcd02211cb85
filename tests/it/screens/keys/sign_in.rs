//! Keys while signing in and after it.

use crossterm::event::KeyCode::{Char, Enter, Esc};
use linkedin_tui::internal::flows::sign_in::{CredentialsCheck, Event};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::{Code, Error};

use super::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, SECRET, Scene, TOKEN, text};

#[test]
fn x09_a_revealed_secret_hides_by_itself_and_on_blur() {
    for (scene, reveal, secret) in
        [(scenes::credentials().ctrl('r'), "ctrl-r", SECRET), (scenes::done().ctrl('r'), "ctrl-r", TOKEN)]
    {
        let shown = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME)).contains(secret);
        assert!(shown(&scene), "{reveal}");
        assert!(scene.state.time_until_next_tick().is_some_and(|wait| wait.as_secs() <= 1), "it counts down");
        assert!(shown(&scene.clone().advance(14)));
        assert!(!shown(&scene.clone().advance(15)));
        assert!(!shown(&scene.clone().send(Message::FocusLost)));
        assert!(!shown(&scene.press(Enter)));
    }
}

#[test]
fn keys_while_signing_in() {
    use KeyContext::{Help, PasteCallback, PrintedUrl, Review, SignIn};
    let scene = scenes::progress();
    assert_keys(
        &scene,
        &[
            (Char('o'), SignIn, "OpenAgain"),
            (Char('F'), PrintedUrl, "print the URL"),
            (Char('c'), SignIn, "copy the full URL"),
            (Char('C'), SignIn, "copy the short link"),
            (Char('y'), SignIn, "copy the redirect URL"),
            (Char('i'), SignIn, "copy the client ID"),
            (Char('p'), PasteCallback, ""),
            (Char('?'), Help, ""),
            (Char('1'), SignIn, ""),
            (Esc, Review, "CancelSignIn"),
        ],
    );
    assert_eq!(effects(&scene.clone().ctrl('c')), "CancelSignIn", "Ctrl-C cancels the sign-in, not the program");
    assert_eq!(effects(&scene.clone().keys("F").press(Char('x'))), "ShowScreen", "any key returns");
    // Text pasted while the sign-in waits is the callback URL.
    let pasted = scene.clone().send(Message::TextPasted("http://localhost:3000/callback?code=c&state=s".to_owned()));
    assert_eq!(pasted.state.key_context(), PasteCallback);
    assert!(
        !text(&pasted.draw(80, 24, COLOR_THEME)).contains("code=c&"),
        "the callback contains a code, so it is masked"
    );
    let sent = pasted.enter();
    assert!(effects(&sent).starts_with("Paste("));
    let refused = Error::new(Code::StateMismatch, "The pasted text was rejected. It had no state.", "Paste all of it.");
    let sent = sent.event(Event::PasteRejected(refused));
    assert!(text(&sent.draw(80, 24, COLOR_THEME)).contains("It had no state."));
    assert_eq!(sent.event(Event::CallbackAccepted).state.key_context(), SignIn, "the field closes with the callback");
    // A failed save can be retried.
    let unsaved = scene.event(Event::SaveFailed(Error::new(Code::Files, "No space.", "Free some.")));
    assert_keys(&unsaved, &[(Char('r'), SignIn, "SaveAgain")]);
}

#[test]
fn a_canceled_sign_ins_result_changes_nothing() {
    let canceled = scenes::progress();
    let id = canceled.state.sign_in().unwrap().id;
    let second_sign_in = canceled.press(Esc).enter();
    let before = format!("{:?}", second_sign_in.state.sign_in());
    let after = second_sign_in
        .send(Message::SignInProgressed { id, event: Event::CallbackAccepted })
        .send(Message::SignInFinished { id, result: Box::new(Ok(scenes::outcome())) });
    assert_eq!(format!("{:?}", after.state.sign_in()), before);
    assert!(after.effects.is_empty());
}

#[test]
fn keys_after_a_failed_sign_in() {
    use KeyContext::{Credentials, Help, RedirectUrl, Review, Scopes, SignIn, SignInFailed};
    let error = Error::new(Code::RedirectMismatch, "It does not match.", "Check it.");
    let scene = scenes::progress().finish_sign_in(Err(error));
    assert_keys(
        &scene,
        &[
            (Char('r'), SignIn, "sign in default by default"),
            (Char('e'), Scopes, ""),
            (Char('I'), Credentials, ""),
            (Char('A'), RedirectUrl, "probe 3000"),
            (Char('o'), SignInFailed, super::setup::OPEN_PORTAL),
            (Enter, RedirectUrl, "probe 3000"),
            (Esc, Review, ""),
            (Char('?'), Help, ""),
        ],
    );
    let secret = scene.clone().keys("I");
    assert_eq!(secret.state.setup.client_id.text(), "86abcdefghijkl");
    assert_eq!(secret.state.setup.credentials_row, 1, "the secret has the focus");
    assert_eq!(scene.keys("e").state.setup.all_scopes().len(), 4, "nothing typed is lost");
}

#[test]
fn keys_after_signing_in() {
    use KeyContext::{Help, List, SignedIn};
    let scene = scenes::done();
    assert_eq!(effects(&scene), "ReloadStore");
    assert!(scene.state.setup.secret.text() == SECRET && scene.state.sign_in().is_none());
    assert_keys(
        &scene,
        &[
            (Char('c'), SignedIn, "copy the token, a secret"),
            (Char('i'), SignedIn, "copy the member ID"),
            (Char('1'), SignedIn, "copy the command"),
            (Char('3'), SignedIn, "copy the command"),
            (Char('y'), KeyContext::Copy, ""),
            (Char('t'), KeyContext::Deliveries, ""),
            (Char('a'), KeyContext::Guide, ""),
            (Char('q'), SignedIn, "Quit"),
            (Char('?'), Help, ""),
            (Enter, List, "ReloadStore"),
            (Esc, List, "ReloadStore"),
        ],
    );
}

#[test]
fn reopening_without_a_browser_reports_the_reason() {
    let reason = || Event::BrowserNotOpened(Error::new(Code::Unexpected, "There is no display.", ""));
    let first = scenes::progress().event(reason());
    assert_eq!(notification(&first), "", "the screen shows the reason");
    assert_eq!(effects(&first.clone().keys("o")), "OpenAgain");
    assert!(notification(&first.event(reason())).starts_with("There is no display. Open the URL yourself."));
}

#[test]
fn a_wait_notification_disappears_with_the_wait() {
    let scene = scenes::progress();
    let id = scene.state.sign_in().unwrap().id;
    let notified = scene.send(Message::Notified("Approving in the sandbox ...".to_owned()));
    assert!(notified.state.notification.is_some());
    assert!(
        notified.send(Message::SignInProgressed { id, event: Event::CallbackAccepted }).state.notification.is_none()
    );
}

#[test]
fn the_sandbox_offers_the_key_of_the_expected_member() {
    let mut config = scenes::list().state.config.clone();
    config.sandbox_members =
        [("ada", "Ada Lovelace"), ("grace", "Grace Hopper")].map(|(key, of)| (key.to_owned(), of.to_owned())).to_vec();
    let mut scene = scenes::list();
    scene.state.config = config;
    let waiting = |scene: Scene| {
        let now = scene.state.now;
        let id = scene.state.sign_in().unwrap().id;
        let event = Event::Waiting { since: now, until: now };
        scene.send(Message::SignInProgressed { id, event })
    };
    // The hints are below the last border.
    let hints = |scene: &Scene| {
        let shown = text(&scene.draw(80, 24, COLOR_THEME));
        shown.rsplit('╯').next().unwrap_or_default().to_owned()
    };
    let grace = waiting(scene.clone().keys("/client-b").enter().keys("r").enter());
    assert!(hints(&grace).contains("2 sign in as Grace Hopper"), "{}", hints(&grace));
    assert!(!hints(&grace).contains("Ada"), "{}", hints(&grace));
    let ada = waiting(scene.keys("/work").enter().keys("r").enter());
    assert!(hints(&ada).contains("1 sign in as Ada Lovelace"), "{}", hints(&ada));
}

#[test]
fn waiting_for_the_callback_has_one_filled_hint() {
    let background = |scene: &Scene, x, y| scene.draw(80, 24, COLOR_THEME)[(x, y)].bg;
    let filled = background(&scenes::review(), 2, 23);
    assert_eq!(background(&scenes::progress(), 2, 22), filled, "the first of two rows");
    assert_ne!(background(&scenes::progress(), 40, 22), filled);
}

#[test]
fn an_unchecked_secret_is_said_in_full_without_a_time() {
    let scene = scenes::list().keys("/work").enter().keys("r").enter();
    let scene = scene.event(Event::CredentialsChecked(CredentialsCheck::Inconclusive));
    let shown = text(&scene.draw(80, 24, COLOR_THEME));
    let line = shown.lines().find(|line| line.contains("Client ID and secret")).unwrap();
    let words = line.trim_matches(|c: char| c == '│' || c == ' ');
    assert!(words.starts_with('○') && words.ends_with("checked after you click Allow"), "{line}");
    let exchanged = scene
        .event(Event::CallbackAccepted)
        .event(Event::Exchanging)
        .event(Event::TokenSaved { profile: scenes::name("work"), missing_scopes: Vec::new() });
    let shown = text(&exchanged.draw(80, 24, COLOR_THEME));
    assert!(shown.contains("✓ Client ID and secret accepted"), "the exchange proves them: {shown}");
}
