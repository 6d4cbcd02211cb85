//! Deliveries: shown live, run again, tested, added, removed.

use crossterm::event::KeyCode::{self, Char, Down, Enter, Esc};
use linkedin_tui::internal::store::{CommandExit, DeliveryResult};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;

use crate::screens::keys::{assert_keys, effects};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

#[test]
fn deliveries_are_shown_live_and_rerun() {
    let scene = scenes::signed_in_with_deliveries(&["a", "b"]).keys("t");
    assert_eq!(effects(&scene.clone().keys("T")), "deliver default to []", "none has failed, so all are run");
    assert_eq!(effects(&scene.clone().press(Enter)), "deliver default to [a]");
    assert_eq!(effects(&scene.clone().press(Down).keys("n")), "test default to [b]");
    let delivering = scenes::delivering(scene, "a");
    assert!(delivering.state.time_until_next_tick().is_some(), "the spinner turns");
    assert_eq!(effects(&delivering.clone().keys("T")), "", "only one delivery at a time");
    // Quitting would stop the delivery, which needs a second press; Ctrl-C quits at once.
    let fresh = delivering.clone().press(Esc);
    assert_eq!(effects(&fresh.clone().keys("q")), "");
    assert_eq!(effects(&fresh.clone().keys("qq")), "Quit");
    assert_eq!(effects(&fresh.ctrl('c')), "Quit");
    let failed = scenes::delivered(delivering, "a", CommandExit::Code(1), "no");
    assert_eq!(effects(&failed), "ReloadStore");
    let failed = scenes::delivered(failed, "b", CommandExit::Code(0), "");
    for screen in [failed.clone(), failed.clone().press(Esc)] {
        assert!(text(&screen.draw(80, 40, COLOR_THEME)).contains("exit code 1. no"));
    }
    assert_eq!(effects(&failed.clone().keys("T")), "deliver default to [a]");
    let redelivered = scenes::delivered(failed, "a", CommandExit::Code(0), "");
    assert!(!text(&redelivered.draw(80, 40, COLOR_THEME)).contains("exit code"));
    // A target with a test token needs the real one.
    let sent = scenes::tested(redelivered.clone(), "b", CommandExit::Code(0));
    assert!(text(&sent.draw(80, 40, COLOR_THEME)).contains("b: has a test token"));
    assert_eq!(effects(&sent.keys("T")), "deliver default to [b]");
    assert_eq!(effects(&redelivered.keys("qq")), "Quit", "the first closes the panel");
    // On a different screen a failure is shown in the status line.
    let elsewhere = scenes::delivered(scenes::list(), "a", CommandExit::Code(1), "no");
    assert!(
        elsewhere
            .state
            .notification
            .is_some_and(|notification| notification.is_error && notification.text.contains("not delivered to a"))
    );
}

#[test]
fn a_test_token_replaces_the_real_one_after_confirmation() {
    use KeyContext::{Deliveries, TestDelivery};
    let panel = scenes::list().press(KeyCode::Up).keys("t");
    let dialog = panel.clone().keys("n");
    assert!(text(&dialog.draw(80, 24, COLOR_THEME)).contains("site secret has the real token"));
    assert_keys(
        &dialog,
        &[
            (Char('y'), Deliveries, "test shop to [site secret]"),
            (Esc, Deliveries, ""),
            (Char('n'), Deliveries, ""),
            (Enter, TestDelivery, ""),
        ],
    );
    // After a failure, no run, or a test token, no confirmation is needed.
    for (down, of) in [(1, "vault"), (2, "pass"), (3, "staging")] {
        let at = (0..down).fold(panel.clone(), |scene, _| scene.press(Down));
        assert_eq!(effects(&at.keys("n")), format!("test shop to [{of}]"));
    }
    // After a restart the panel and the list show it from the file.
    for (scene, mark) in
        [(panel.clone(), "! staging"), (scenes::list().press(KeyCode::Up), "! staging has a test token")]
    {
        let screen = text(&scene.draw(120, 36, COLOR_THEME));
        assert!(screen.contains(mark), "{screen}");
    }
    assert_eq!(effects(&panel.keys("T")), "deliver shop to [vault, pass, staging]", "they lack the real token");
    // A delivery of this run counts too.
    let confirmation =
        scenes::delivered(scenes::signed_in_with_deliveries(&["a"]), "a", CommandExit::Code(0), "").keys("tn");
    assert_eq!(confirmation.state.key_context(), TestDelivery);
}

#[test]
fn a_delivery_is_added_from_a_preset_and_removed() {
    let panel = scenes::list().keys("t");
    let screen = text(&panel.draw(80, 24, COLOR_THEME));
    assert!(
        screen.contains("Deliveries of profile work")
            && screen.contains("No deliveries yet")
            && !screen.contains("test token"),
        "{screen}"
    );
    for key in [Enter, Char('T'), Char('n'), Char('d')] {
        assert_eq!(effects(&panel.clone().press(key)), "", "there is nothing to deliver");
    }
    let form = panel.clone().keys("a").press(Enter);
    assert_eq!(form.state.key_context(), KeyContext::AddDelivery);
    // A missing detail is requested, and typed text stays.
    let dialog = form.clone().press(Enter);
    assert_eq!(effects(&dialog), "");
    assert!(text(&dialog.draw(80, 24, COLOR_THEME)).contains("Required: OWNER/REPO."));
    let wrong = dialog.clone().keys("live.env").enter();
    assert_eq!(effects(&wrong), "");
    assert!(text(&wrong.draw(80, 24, COLOR_THEME)).contains("This is not OWNER/REPO."));
    let detail = dialog.keys("me/siteq").press(KeyCode::Backspace).press(Enter);
    let expected = "add github-secret to work as github-secret: \
                    [(\"repo\", \"me/site\"), (\"secret\", \"LINKEDIN_ACCESS_TOKEN\")]";
    assert_eq!(effects(&detail), expected);
    assert_eq!(detail.state.key_context(), KeyContext::AddDelivery, "until the file is saved");
    let mut profile = scenes::profile("work", "Ada Lovelace", 52);
    profile.deliveries = scenes::deliveries(&["github-secret"]);
    let added =
        detail.send(Message::DeliveryAdded { profile: Box::new(profile), delivery: "github-secret".to_owned() });
    assert_eq!(effects(&added.clone().keys("n")), "test work to [github-secret]");
    assert_eq!((added.state.key_context(), effects(&added).as_str()), (KeyContext::Deliveries, "ReloadStore"));
    // Esc goes back a step at a time.
    let presets = form.clone().press(Esc);
    assert_eq!(presets.state.key_context(), KeyContext::Presets);
    assert_eq!(presets.press(Esc).press(Esc).state.key_context(), KeyContext::List);
    // A paste goes into the field, where q is a letter.
    let pasted = form.send(Message::TextPasted("me/queue\n".to_owned())).press(Enter);
    assert!(effects(&pasted).contains("me/queue"));
    let removal = scenes::signed_in_with_deliveries(&["a", "b"]).keys("t").press(Down).keys("d");
    assert_eq!(removal.state.key_context(), KeyContext::RemoveDelivery);
    assert_eq!(effects(&removal.clone().keys("n")), "");
    assert_eq!(effects(&removal.keys("y")), "remove b from default");
}

/// Reads the profile again, with the results of its deliveries and how many seconds after the first one they were saved.
fn read_again(scene: &Scene, deliveries: &[(&str, Option<(CommandExit, i64)>)]) -> Scene {
    let mut profile = scenes::profile("default", "Ada Lovelace", 52);
    let result = |(exit, seconds): &(CommandExit, i64)| DeliveryResult {
        at: scenes::now() + jiff::SignedDuration::from_secs(*seconds),
        exit: exit.clone(),
        last_line: "from the file".to_owned(),
        is_test_token: false,
    };
    for (of, last) in deliveries {
        let mut delivery = scenes::deliveries(&[*of]).remove(0);
        delivery.last_result = last.as_ref().map(result);
        profile.deliveries.push(delivery);
    }
    scene.clone().send(Message::ProfilesRead(vec![(scenes::name("default"), Ok(profile))]))
}

#[test]
fn a_newer_result_from_elsewhere_replaces_one_of_this_run() {
    let panel = scenes::signed_in_with_deliveries(&["a", "b"]).keys("t");
    let screen = |scene: &Scene| text(&scene.draw(80, 40, COLOR_THEME));
    for (here, elsewhere, pending) in [(3, 0, "b"), (0, 3, "")] {
        let ran = scenes::delivered(panel.clone(), "a", CommandExit::Code(here), "of this run");
        let own = read_again(&ran, &[("a", Some((CommandExit::Code(here), 0))), ("b", None)]);
        assert!(screen(&own).contains("of this run"), "{}", screen(&own));
        let newer = read_again(&ran, &[("a", Some((CommandExit::Code(elsewhere), 60))), ("b", None)]);
        assert!(!screen(&newer).contains("of this run") && screen(&newer).contains("from the file"));
        let signed_in = screen(&newer.clone().press(Esc));
        assert!(signed_in.contains("from the file") && !signed_in.contains("a: not run yet"), "{signed_in}");
        assert_eq!(effects(&newer.clone().keys("T")), format!("deliver default to [{pending}]"));
        let is_confirmed = newer.keys("n").state.key_context() == KeyContext::TestDelivery;
        assert_eq!(is_confirmed, elsewhere == 0, "only a real token needs it");
    }
}

#[test]
fn a_removed_delivery_has_no_result_when_added_again() {
    let panel = scenes::signed_in_with_deliveries(&["a", "b"]).keys("t");
    let ran = scenes::delivered(panel, "a", CommandExit::Code(0), "of this run");
    let added = read_again(&read_again(&ran, &[("b", None)]), &[("b", None), ("a", None)]);
    let screen = text(&added.draw(80, 40, COLOR_THEME));
    assert!(screen.contains("a: not run yet") && !screen.contains("of this run"), "{screen}");
}

#[test]
fn a_failed_test_leaves_the_real_token() {
    let panel = scenes::signed_in_with_deliveries(&["a"]).keys("t");
    let delivered = read_again(&panel, &[("a", Some((CommandExit::Code(0), -60)))]);
    let tested = scenes::tested(delivered, "a", CommandExit::Code(3));
    let screen = text(&tested.draw(80, 40, COLOR_THEME));
    assert!(screen.contains("a: the test token was not delivered. It ended with exit code 3."), "{screen}");
    assert!(screen.contains("deliver all again"), "{screen}");
    assert_eq!(tested.keys("n").state.key_context(), KeyContext::TestDelivery);
}
