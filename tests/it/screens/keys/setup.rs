//! Keys of the setup screens.

use crossterm::event::KeyCode::{self, Char, Down, Enter, Esc, F, Tab};
use crossterm::event::{KeyEvent, KeyModifiers};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Effect, Message};
use linkedin_tui::internal::tui::state::{Screen, SetupStep};
use linkedin_tui::{Code, Error, NextStep};

use super::{assert_keys, effects};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

pub(super) const OPEN_PORTAL: &str = "open https://www.linkedin.com/developers/apps";

#[test]
fn keys_of_the_guide() {
    use KeyContext::{Credentials, Guide, Help};
    let scene = scenes::guide();
    assert_keys(
        &scene,
        &[
            (Enter, Credentials, "save completed steps seen"),
            (Char('?'), Help, ""),
            (F(1), Help, ""),
            (Char('q'), Guide, "Quit"),
            (Esc, KeyContext::List, ""),
            (Char('O'), Guide, ""),
        ],
    );
    let ticked = scene.press(Down).press(Char(' '));
    assert!(effects(&ticked).starts_with("save completed steps "), "{}", effects(&ticked));
    assert!(effects(&ticked.press(Char('o'))).starts_with("open https://"));
}

#[test]
fn keys_of_the_credentials() {
    use KeyContext::{Credentials, Guide, Help, Scopes};
    let scene = scenes::credentials();
    assert_keys(&scene, &[(Enter, Scopes, ""), (Esc, Guide, ""), (F(1), Help, ""), (Tab, Credentials, "")]);
    // A character without a modifier is text, not a command.
    let typed = scene.clone().keys("q?");
    assert_eq!(typed.state.setup.client_id.text(), "86abcdefghijklq?");
    assert_eq!(typed.clone().enter().state.key_context(), Credentials, "an invalid client ID stays on the screen");
    assert_eq!(typed.press(Esc).enter().state.setup.client_id.text(), "86abcdefghijklq?", "nothing typed is lost");
    assert_eq!(effects(&scene.clone().ctrl('o')), OPEN_PORTAL);
    assert_eq!(effects(&scene.ctrl('c')), "Quit");
}

#[test]
fn a_missing_or_swapped_credential_is_reported() {
    let clear = |scene: Scene| (0..40).fold(scene, |scene, _| scene.press(KeyCode::Backspace));
    let empty = clear(clear(scenes::credentials()).press(Tab)).press(Tab);
    assert_eq!(empty.state.setup.invalid_row, None, "it is not wrong before Enter");
    let refused = empty.clone().enter();
    assert_eq!(refused.state.setup.invalid_row, Some(0));
    // Enter in a filled field moves on to the next one.
    let next = empty.clone().keys("86abcdefghijkl").enter();
    assert_eq!((next.state.setup.credentials_row, next.state.setup.invalid_row), (1, None));
    let swapped = text(&empty.keys("WPL_AP1.x.aa==").draw(100, 30, COLOR_THEME));
    assert!(swapped.contains("This looks like the client secret. It belongs in the field below."), "{swapped}");
}

#[test]
fn another_app_is_not_filled_in_with_a_saved_one() {
    let list = scenes::list();
    let apps = list.state.store.as_ref().unwrap().apps.clone();
    assert!(apps.iter().any(|app| app.client_id == list.state.config.prefill.client_id));
    let another = (0..apps.len()).fold(list.keys("a"), |scene, _| scene.press(Tab));
    let shown = text(&another.draw(100, 30, COLOR_THEME));
    assert!(shown.contains("Use another app…") && !shown.contains("new client secret"), "{shown}");
    assert_eq!(effects(&another.ctrl('c')), "Quit", "nothing was typed");
}

#[test]
fn keys_of_the_scopes() {
    use KeyContext::{Credentials, CustomScopes, Help, RedirectUrl, Scopes};
    let scene = scenes::scopes();
    assert_keys(
        &scene,
        &[(Enter, RedirectUrl, "probe 3000"), (Esc, Credentials, ""), (Char('?'), Help, ""), (Down, Scopes, "")],
    );
    let chosen = |scene: &Scene| scene.state.setup.all_scopes().join(" ");
    assert_eq!(chosen(&scene), "openid profile email w_member_social");
    assert_eq!(chosen(&scene.clone().keys("1")), "openid profile email");
    let on_openid = (0..3).fold(scene.clone(), |scene, _| scene.press(Down));
    assert_eq!(chosen(&on_openid.keys(" ")), "profile email w_member_social");
    assert!(chosen(&scene.clone().keys("3")).contains("w_organization_social"));
    // The scope openid alone is rejected with an explanation.
    let on_profile = (0..5).fold(scene.clone().keys("1"), |scene, _| scene.press(Down));
    let single = on_profile.keys(" ").press(Down).keys(" ").enter();
    assert_eq!((single.state.key_context(), chosen(&single).as_str()), (Scopes, "openid"));
    let shown = text(&single.draw(120, 40, COLOR_THEME));
    assert!(shown.contains("LinkedIn refuses openid alone.") && single.state.notification.is_none(), "{shown}");
    // The field for custom scopes accepts any character; a retired scope is rejected and its successor named.
    let others = scene.press(Tab).keys("r_liteprofile");
    let refused = others.enter();
    assert_eq!((refused.state.key_context(), refused.state.notification.is_none()), (CustomScopes, true));
    let shown = text(&refused.draw(120, 40, COLOR_THEME));
    assert!(shown.contains("LinkedIn retired the scope r_liteprofile. Request openid profile instead."), "{shown}");
}

#[test]
fn keys_of_the_redirect_url() {
    use KeyContext::{Help, RedirectUrl, Review, Scopes};
    let scene = scenes::redirect();
    assert_keys(&scene, &[(Enter, Review, ""), (Esc, Scopes, ""), (F(1), Help, "")]);
    assert_eq!(effects(&scene.clone().ctrl('y')), "copy the redirect URL");
    let typed = scene.clone().press(Char('/'));
    assert_eq!(effects(&typed), "probe 3000", "each change probes again");
    assert!(typed.state.setup.port_probe.is_none());
    let wrong = scene.keys("#x");
    assert_eq!(wrong.clone().enter().state.key_context(), RedirectUrl);
    assert!(text(&wrong.draw(80, 24, COLOR_THEME)).contains('#'), "the rule is next to the field");
}

#[test]
fn keys_of_the_review() {
    use KeyContext::{Help, RedirectUrl, Review, SignIn};
    let scene = scenes::review();
    assert_keys(
        &scene,
        &[(Enter, SignIn, "sign in default by default"), (Esc, RedirectUrl, ""), (F(1), Help, ""), (Tab, Review, "")],
    );
    let renamed = scene.keys("2");
    assert_eq!(effects(&renamed.clone().enter()), "sign in default2 by default2");
    assert_eq!(renamed.keys(" X").enter().state.key_context(), Review, "an invalid name stays on the screen");
    // A name in use is rejected too.
    let name_in_use = scenes::list().keys("a").enter().enter().enter();
    assert_eq!(name_in_use.state.key_context(), Review);
    assert_eq!(effects(&name_in_use.clone().enter()), "sign in account by my-app");
    let name_in_use = (0..7)
        .fold(name_in_use.keys("x"), |scene, _| scene.press(KeyCode::Backspace))
        .press(KeyCode::Backspace)
        .keys("work");
    assert_eq!(name_in_use.enter().state.key_context(), Review);
}

#[test]
fn a_change_from_the_review_leads_back_to_the_sign_in() {
    let scopes = (0..4).fold(scenes::review(), |scene, _| scene.press(Tab)).enter();
    assert_eq!(scopes.state.key_context(), KeyContext::Scopes);
    for back in [scopes.clone().press(Esc), scopes.enter()] {
        assert_eq!(back.state.key_context(), KeyContext::Review);
        assert_eq!(effects(&back.enter()), "sign in default by default");
    }
}

#[test]
fn a_small_review_shows_what_the_sign_in_revokes() {
    let review = scenes::list().keys("a").enter().keys("1").enter().enter();
    assert_eq!(review.state.key_context(), KeyContext::Review);
    for (columns, rows) in [(80, 24), (60, 20)] {
        let screen = text(&review.draw(columns, rows, COLOR_THEME)).replace(['│', '\n'], " ");
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("If the same member signs in, LinkedIn revokes"), "{words}");
    }
}

#[test]
fn leaving_a_duplicate_returns_to_the_list() {
    let duplicate = scenes::list().keys("D");
    assert_eq!(effects(&duplicate), "probe 3000", "the review shows whether the port is free");
    assert_eq!(duplicate.state.key_context(), KeyContext::Review);
    let closed = duplicate.clone().press(Esc);
    assert_eq!(closed.state.key_context(), KeyContext::List);
    assert!(closed.keys("a").state.setup.existing_profile.is_none());
    // After the cause of a failure is fixed, the wizard continues from that step.
    let failed = duplicate.enter().finish_sign_in(Err(Error::new(Code::ScopeNotAuthorized, "No.", "Check it.")));
    let fixed = failed.keys("e").enter().enter();
    assert_eq!(
        (fixed.state.key_context(), fixed.press(Esc).state.key_context()),
        (KeyContext::Review, KeyContext::RedirectUrl)
    );
}

#[test]
fn an_unknown_client_id_is_reentered_and_the_secret_kept() {
    let error = Error::new(Code::ClientRefused, "LinkedIn does not know the client ID.", "")
        .with_next_step(NextStep::CopyClientId);
    let setup = scenes::review().enter().finish_sign_in(Err(error)).keys("I");
    let secret = setup.state.setup.secret.text().to_owned();
    let screen = text(&setup.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("LinkedIn does not know this client ID."), "{screen}");
    assert!(!screen.contains("refused secret") && !screen.contains("Filled in from"), "{screen}");
    let pasted = setup.send(Message::TextPasted("86newclientid1".to_owned()));
    assert_eq!(pasted.state.setup.client_id.text(), "86newclientid1");
    assert_eq!(pasted.state.setup.secret.text(), secret);
    assert!(!secret.is_empty());
    let screen = text(&pasted.draw(80, 24, COLOR_THEME));
    assert!(!screen.contains("does not know"), "{screen}");
}

#[test]
fn a_rejected_secret_is_reentered_for_the_saved_app() {
    let error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy it again.");
    let setup = scenes::list().keys("r").enter().finish_sign_in(Err(error)).keys("I");
    let screen = text(&setup.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("( ) my-app") && screen.contains("(●) Enter a new client secret for my-app"), "{screen}");
    assert!(!screen.contains("Or enter another app"));
    assert_eq!(effects(&setup.clone().enter()), "", "the secret is required");
    let signed = setup.keys("new0secret==").enter().enter().enter().enter();
    assert_eq!(effects(&signed), "sign in work by my-app");
    let Some(Effect::StartSignIn { request, .. }) = signed.effects.first() else { panic!() };
    assert_eq!(request.app.client_secret, Some(Secret::new("new0secret==")));
}

#[test]
fn going_back_and_forth_loses_no_input() {
    let scene = scenes::credentials().keys("x").enter();
    let scene = scene.keys("1").enter().keys("/").enter().press(Tab).keys("firefox -P work");
    let first_step = scene.press(Esc).press(Esc).press(Esc).press(Esc);
    assert!(matches!(first_step.state.screen, Screen::Setup(SetupStep::Guide)));
    let last_step = first_step.enter().enter().enter().enter();
    assert!(matches!(last_step.state.screen, Screen::Setup(SetupStep::Review)));
    let setup = &last_step.state.setup;
    assert_eq!(setup.client_id.text(), "86abcdefghijklx");
    assert_eq!(setup.all_scopes(), ["openid", "profile", "email"]);
    assert_eq!(setup.redirect.text(), "http://localhost:3000/callback/");
    assert_eq!(setup.browser.text(), "firefox -P work");
    let alt_left = KeyEvent::new(KeyCode::Left, KeyModifiers::ALT);
    let first_step = last_step.send(Message::KeyPressed(alt_left));
    assert!(matches!(first_step.state.screen, Screen::Setup(SetupStep::Redirect)));
}

#[test]
fn in_the_sandbox_a_port_in_use_moves_to_the_next() {
    let refused = || Err(Error::new(Code::PortInUse, "Port 3000 is in use by node (pid 7).", "Stop it."));
    let probed = |scene: Scene, result| {
        let url = scene.state.setup.redirect_url().unwrap().as_str().to_owned();
        scene.send(Message::PortProbed { url, result })
    };
    let mut scene = scenes::redirect();
    assert_eq!(
        effects(&probed(scene.clone(), refused())),
        "",
        "outside the sandbox the port is registered at LinkedIn"
    );
    scene.state.config.sandbox_members = vec![("ada".to_owned(), "Ada".to_owned())];
    let moved = probed(scene.clone(), refused());
    assert_eq!(effects(&moved), "probe 3001");
    assert_eq!(moved.state.setup.redirect.text(), "http://localhost:3001/callback");
    assert!(moved.state.notification.as_ref().is_some_and(|notification| notification.text.contains("node (pid 7)")));
    assert_eq!(effects(&probed(moved, Ok(()))), "");
    // A URL that was typed is not changed.
    let typed = scene.keys("x").press(KeyCode::Backspace);
    let typed = probed(typed, refused());
    assert_eq!((effects(&typed).as_str(), typed.state.setup.redirect.text()), ("", "http://localhost:3000/callback"));
    // It is when it was typed to its end.
    let review = typed.enter();
    assert_eq!(effects(&review), "probe 3000");
    assert_eq!(effects(&probed(review, refused())), "probe 3001");
}

#[test]
fn an_edited_client_id_is_not_labeled_prefilled() {
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME)).contains("Filled in from");
    let scene = scenes::credentials();
    assert!(screen(&scene));
    assert!(!screen(&scene.clone().keys("x")));
    assert!(screen(&scene.keys("x").press(KeyCode::Backspace)));
    // A pasted line of a settings file sets the value.
    let pasted = scenes::credentials().ctrl('u').send(Message::TextPasted("client_id = \"86zyxwvutsrqpo\"".to_owned()));
    assert_eq!(pasted.state.setup.client_id.text(), "86zyxwvutsrqpo");
}
