//! What each key does on each screen.

use crossterm::event::KeyCode::{self, Char, Down, Enter, Esc, F, Tab};
use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind};
use linkedin_tui::internal::flows::sign_in::{Command, Event, MemberMismatch};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{ClipboardContent, Effect, Message, TerminalEffect};
use linkedin_tui::internal::tui::state::{Dialog, Screen, Step};
use linkedin_tui::{Code, Error};

use crate::screens::scenes::{self, COLOR_THEME, SECRET, Scene, TOKEN, name, text};

fn join_names(names: &[linkedin_tui::internal::store::Name]) -> String {
    names.iter().map(linkedin_tui::internal::store::Name::as_str).collect::<Vec<_>>().join(" ")
}

/// Describes an effect in a few words.
fn describe_effect(effect: &Effect) -> String {
    match effect {
        Effect::SetCurrentProfile(name) => format!("use {name}"),
        Effect::ReadProfiles(names) => format!("read {}", join_names(names)),
        Effect::DeleteProfiles { names, revoke } => {
            format!("delete {}{}", join_names(names), if *revoke { " after revoking" } else { "" })
        }
        Effect::StartJob { kind, names, .. } => format!("{kind:?} {}", join_names(names)),
        Effect::CancelJob(_) => "cancel the job".to_owned(),
        Effect::Revoke(name) => format!("revoke {name}"),
        Effect::RenameProfile { old, new } => format!("rename {old} to {new}"),
        Effect::EditProfile { name, after, .. } => format!("edit {name}: {}", after.scopes.join(" ")),
        Effect::Export { names, format, path, replace } => {
            let to = path.as_ref().map_or_else(|| "the clipboard".to_owned(), |path| path.display().to_string());
            format!(
                "export {} as {} to {to}{}",
                join_names(names),
                format.word(),
                if *replace { ", replaced" } else { "" }
            )
        }
        Effect::ReadToken { profile, which } => format!("copy the {which:?} token of {profile}"),
        Effect::Terminal(TerminalEffect::Forget(_)) => "clear the clipboard".to_owned(),
        Effect::Deliver { profile, only, test } => {
            format!("{} {profile} to [{}]", if *test { "test" } else { "deliver" }, only.join(", "))
        }
        Effect::AddDelivery { profile, preset, delivery, detail } => {
            format!("add {preset} to {profile} as {delivery}: {detail:?}")
        }
        Effect::RemoveDelivery { profile, delivery } => format!("remove {delivery} from {profile}"),
        Effect::ProbePermissions { name, .. } => format!("probe the permissions of {name}"),
        Effect::ProbePort(url) => format!("probe {}", url.port()),
        Effect::StartSignIn { request, .. } => format!("sign in {} by {}", request.profile, request.app.name),
        Effect::CommandSignIn(Command::Choose(MemberMismatch::KeepAs(name))) => format!("save as {name}"),
        Effect::CommandSignIn(command) => format!("{command:?}"),
        Effect::ApproveInSandbox { member, .. } => format!("approve as {member}"),
        Effect::Terminal(TerminalEffect::Copy { what, copied: ClipboardContent::Dead(_, reason) }) => {
            format!("copy {what}, which {reason}")
        }
        Effect::Terminal(TerminalEffect::Copy { what, copied: ClipboardContent::Secret(_) }) => {
            format!("copy {what}, a secret")
        }
        Effect::Terminal(TerminalEffect::Copy { what, .. }) => format!("copy {what}"),
        Effect::OpenPage(url) => format!("open {url}"),
        Effect::OpenCompose { name, .. } => format!("compose as {name}"),
        Effect::SaveDraft { name, draft, .. } => format!("save {name}'s draft: {}", draft.text),
        Effect::DeleteDraft { name, .. } => format!("delete {name}'s draft"),
        Effect::Publish { name, draft, .. } => format!("publish as {name}: {}", draft.text),
        Effect::DeletePost { urn, .. } => format!("delete {urn}"),
        Effect::Terminal(TerminalEffect::PrintLine(_)) => "print the URL".to_owned(),
        Effect::KeepGuide(ticks) => format!("save guide ticks {}", ticks.join(" ")),
        Effect::Terminal(TerminalEffect::Suspend) => "suspend".to_owned(),
        Effect::Terminal(TerminalEffect::Stop) => "stop".to_owned(),
        Effect::Terminal(effect @ (TerminalEffect::Quit | TerminalEffect::ShowScreen)) => format!("{effect:?}"),
        Effect::UndoDelete | Effect::ReadFiles | Effect::CancelSignIn => format!("{effect:?}"),
    }
}

pub(crate) fn effects(scene: &Scene) -> String {
    scene.effects.iter().map(describe_effect).collect::<Vec<_>>().join("; ")
}

/// Asserts the key context and the effects after each key.
pub(crate) fn table(scene: &Scene, rows: &[(KeyCode, KeyContext, &str)]) {
    for (key, context, expected) in rows {
        let after = scene.clone().press(*key);
        assert_eq!(
            (after.state.key_context(), effects(&after).as_str()),
            (*context, *expected),
            "{key:?} on {:?}",
            scene.state.key_context()
        );
    }
}

/// Returns the text of the notification.
pub(crate) fn notification(scene: &Scene) -> &str {
    scene.state.notification.as_ref().map_or("", |notification| notification.text.as_str())
}

const OPEN_PORTAL: &str = "open https://www.linkedin.com/developers/apps";

#[test]
fn keys_of_the_guide() {
    use KeyContext::{Credentials, Guide, Help};
    let scene = scenes::guide();
    table(
        &scene,
        &[
            (Enter, Credentials, "save guide ticks seen"),
            (Char('?'), Help, ""),
            (F(1), Help, ""),
            (Char('q'), Guide, "Quit"),
            (Esc, Guide, "Quit"),
            (Char('t'), Guide, ""),
        ],
    );
    let ticked = scene.press(Down).press(Char(' '));
    assert!(effects(&ticked).starts_with("save guide ticks "), "{}", effects(&ticked));
    assert!(effects(&ticked.press(Char('o'))).starts_with("open https://"));
}

#[test]
fn keys_of_the_credentials() {
    use KeyContext::{Credentials, Guide, Help, Scopes};
    let scene = scenes::credentials();
    table(&scene, &[(Enter, Scopes, ""), (Esc, Guide, ""), (F(1), Help, ""), (Tab, Credentials, "")]);
    // A character without a modifier is text, not a command.
    let typed = scene.clone().keys("q?");
    assert_eq!(typed.state.setup.client_id.text(), "86abcdefghijklq?");
    assert_eq!(typed.clone().enter().state.key_context(), Credentials, "an invalid client ID stays on the screen");
    assert_eq!(typed.press(Esc).enter().state.setup.client_id.text(), "86abcdefghijklq?", "nothing typed is lost");
    assert_eq!(effects(&scene.clone().ctrl('o')), OPEN_PORTAL);
    assert_eq!(effects(&scene.ctrl('c')), "Quit");
}

#[test]
fn x09_a_revealed_secret_hides_by_itself_and_on_blur() {
    for (scene, reveal, secret) in
        [(scenes::credentials().ctrl('r'), "ctrl-r", SECRET), (scenes::done().keys("t"), "t", TOKEN)]
    {
        let shown = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME)).contains(secret);
        assert!(shown(&scene), "{reveal}");
        assert!(scene.state.next_tick().is_some_and(|wait| wait.as_secs() <= 1), "it counts down");
        assert!(shown(&scene.clone().advance(14)));
        assert!(!shown(&scene.clone().advance(15)));
        assert!(!shown(&scene.clone().send(Message::FocusLost)));
        assert!(!shown(&scene.press(Enter)));
    }
}

#[test]
fn keys_of_the_scopes() {
    use KeyContext::{Credentials, Help, RedirectUrl, Scopes};
    let scene = scenes::scopes();
    table(
        &scene,
        &[(Enter, RedirectUrl, "probe 3000"), (Esc, Credentials, ""), (Char('?'), Help, ""), (Down, Scopes, "")],
    );
    let chosen = |scene: &Scene| scene.state.setup.all_scopes().join(" ");
    assert_eq!(chosen(&scene), "openid profile email w_member_social");
    assert_eq!(chosen(&scene.clone().keys("1")), "openid profile email");
    assert_eq!(chosen(&scene.clone().keys(" ")), "profile email w_member_social");
    assert!(chosen(&scene.clone().keys("3")).contains("w_organization_social"));
    // The scope openid alone is rejected with an explanation.
    let single = scene.clone().keys("1").press(Down).keys(" ").press(Down).keys(" ").enter();
    assert_eq!((single.state.key_context(), chosen(&single).as_str()), (Scopes, "openid"));
    assert!(single.state.notification.as_ref().is_some_and(|notification| notification.is_error));
    // The field for custom scopes accepts any character; a retired scope is rejected and its successor named.
    let others = scene.press(Tab).keys("r_liteprofile");
    assert!(text(&others.draw(120, 40, COLOR_THEME)).contains("profile"));
    let refused = others.enter();
    assert_eq!(refused.state.key_context(), Scopes);
    assert!(refused.state.notification.as_ref().is_some_and(|notification| notification.text.contains("profile")));
}

#[test]
fn keys_of_the_redirect_url() {
    use KeyContext::{Help, RedirectUrl, Review, Scopes};
    let scene = scenes::redirect();
    table(&scene, &[(Enter, Review, ""), (Esc, Scopes, ""), (F(1), Help, "")]);
    assert_eq!(effects(&scene.clone().ctrl('y')), "copy the redirect URL");
    let typed = scene.clone().press(Char('/'));
    assert_eq!(effects(&typed), "probe 3000", "each change probes again");
    assert!(typed.state.setup.probed.is_none());
    let wrong = scene.keys("#x");
    assert_eq!(wrong.clone().enter().state.key_context(), RedirectUrl);
    assert!(text(&wrong.draw(80, 24, COLOR_THEME)).contains('#'), "the rule is next to the field");
}

#[test]
fn keys_of_the_review() {
    use KeyContext::{Help, RedirectUrl, Review, SignIn};
    let scene = scenes::review();
    table(
        &scene,
        &[(Enter, SignIn, "sign in default by default"), (Esc, RedirectUrl, ""), (F(1), Help, ""), (Tab, Review, "")],
    );
    let named = scene.keys("2");
    assert_eq!(effects(&named.clone().enter()), "sign in default2 by default2");
    assert_eq!(named.keys(" X").enter().state.key_context(), Review, "an invalid name stays on the screen");
    // A name in use is rejected too.
    let taken = scenes::list().keys("a").enter().enter().enter();
    assert_eq!(taken.state.key_context(), Review);
    assert_eq!(effects(&taken.clone().enter()), "sign in account by my-app");
    let taken =
        (0..7).fold(taken.keys("x"), |scene, _| scene.press(KeyCode::Backspace)).press(KeyCode::Backspace).keys("work");
    assert_eq!(taken.enter().state.key_context(), Review);
}

#[test]
fn keys_while_signing_in() {
    use KeyContext::{Help, PasteCallback, PrintedUrl, Review, SignIn};
    let scene = scenes::progress();
    table(
        &scene,
        &[
            (Char('o'), SignIn, "OpenAgain"),
            (Char('u'), PrintedUrl, "print the URL"),
            (Char('c'), SignIn, "copy the URL"),
            (Char('l'), SignIn, "copy the short link"),
            (Char('y'), SignIn, "copy the redirect URL"),
            (Char('i'), SignIn, "copy the client ID"),
            (Char('p'), PasteCallback, ""),
            (Char('?'), Help, ""),
            (Char('1'), SignIn, ""),
            (Esc, Review, "CancelSignIn"),
        ],
    );
    assert_eq!(effects(&scene.clone().ctrl('c')), "CancelSignIn", "Ctrl-C cancels the sign-in, not the program");
    assert_eq!(effects(&scene.clone().keys("u").press(Char('x'))), "ShowScreen", "any key returns");
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
    table(&unsaved, &[(Char('r'), SignIn, "SaveAgain")]);
}

#[test]
fn a_cancelled_sign_ins_result_changes_nothing() {
    let cancelled = scenes::progress();
    let id = cancelled.state.sign_in().unwrap().id;
    let again = cancelled.press(Esc).enter();
    let before = format!("{:?}", again.state.sign_in());
    let after = again
        .send(Message::SignInProgressed { id, event: Event::CallbackAccepted })
        .send(Message::SignInEnded { id, result: Box::new(Ok(scenes::outcome())) });
    assert_eq!(format!("{:?}", after.state.sign_in()), before);
    assert!(after.effects.is_empty());
}

#[test]
fn keys_after_a_failed_sign_in() {
    use KeyContext::{Credentials, Help, RedirectUrl, Review, Scopes, SignIn, SignInFailed};
    let error = Error::new(Code::RedirectMismatch, "It does not match.", "Check it.");
    let scene = scenes::progress().finish_sign_in(Err(error));
    table(
        &scene,
        &[
            (Char('r'), SignIn, "sign in default by default"),
            (Char('s'), Scopes, ""),
            (Char('k'), Credentials, ""),
            (Char('u'), RedirectUrl, "probe 3000"),
            (Char('l'), SignInFailed, OPEN_PORTAL),
            (Enter, Review, ""),
            (Esc, Review, ""),
            (Char('?'), Help, ""),
        ],
    );
    let secret = scene.clone().keys("k");
    assert_eq!(secret.state.setup.client_id.text(), "86abcdefghijkl");
    assert_eq!(secret.state.setup.credentials_line, 1, "the secret has the focus");
    assert_eq!(scene.keys("s").state.setup.all_scopes().len(), 4, "nothing typed is lost");
}

#[test]
fn leaving_a_duplicate_returns_to_the_list() {
    let same = scenes::list().keys("D");
    assert_eq!(same.state.key_context(), KeyContext::Review);
    let left = same.clone().press(Esc);
    assert_eq!(left.state.key_context(), KeyContext::List);
    assert!(left.keys("a").state.setup.existing.is_none());
    // After the cause of a failure is fixed, the wizard continues from that step.
    let failed = same.enter().finish_sign_in(Err(Error::new(Code::ScopeNotAuthorized, "No.", "Check it.")));
    let fixed = failed.keys("s").enter().enter();
    assert_eq!(
        (fixed.state.key_context(), fixed.press(Esc).state.key_context()),
        (KeyContext::Review, KeyContext::RedirectUrl)
    );
}

#[test]
fn a_rejected_secret_is_reentered_for_the_saved_app() {
    let error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy it again.");
    let setup = scenes::list().keys("r").enter().finish_sign_in(Err(error)).keys("k");
    let screen = text(&setup.draw(80, 24, COLOR_THEME));
    assert!(screen.contains("● my-app") && screen.contains("Enter a new client secret for my-app"), "{screen}");
    assert!(!screen.contains("Or enter another app"));
    assert_eq!(effects(&setup.clone().enter()), "", "the secret is required");
    let signed = setup.keys("new0secret==").enter().enter().enter().enter();
    assert_eq!(effects(&signed), "sign in work by my-app");
    let Some(Effect::StartSignIn { request, .. }) = signed.effects.first() else { panic!() };
    assert_eq!(request.app.client_secret, Some(Secret::new("new0secret==")));
}

#[test]
fn an_export_confirms_replacing_and_waits_for_the_write() {
    let sent = scenes::list().keys("E").press(Tab).keys("x").enter();
    assert_eq!(effects(&sent), "export work as json to work.jsonx");
    let failed =
        sent.clone().send(Message::Failed(Error::new(Code::Files, "work.jsonx cannot be written.", "Free some.")));
    assert_eq!(failed.state.key_context(), KeyContext::Export, "what was typed stays");
    let dialog = sent.clone().send(Message::ExportExists(vec!["/home/ada/work.jsonx".into()]));
    assert!(text(&dialog.draw(80, 24, COLOR_THEME)).contains("/home/ada/work.jsonx"));
    table(
        &dialog,
        &[
            (Char('y'), KeyContext::Export, "export work as json to work.jsonx, replaced"),
            (Esc, KeyContext::Export, ""),
            (Enter, KeyContext::ExportExists, ""),
        ],
    );
    assert_eq!(
        effects(&dialog.clone().press(Esc).enter()),
        "export work as json to work.jsonx",
        "confirmation is required again"
    );
    let written = dialog.keys("y").send(Message::Exported("Written, for you only: work.jsonx".to_owned()));
    assert_eq!(
        (written.state.key_context(), notification(&written)),
        (KeyContext::List, "Written, for you only: work.jsonx")
    );
    // A file name is required.
    let without_name = scenes::list().keys("E").ctrl('u').enter();
    assert_eq!(effects(&without_name), "");
    assert!(notification(&without_name).contains("Enter a file name."));
}

#[test]
fn a_notification_wraps_and_is_not_truncated() {
    let address = "https://www.linkedin.com/developers/apps";
    let error = Error::new(
        Code::Unexpected,
        "No browser could be started: there is no display, and no program to open pages with was found on this machine.",
        format!("Open it yourself: {address}"),
    );
    let screen = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let notified = scenes::guide().send(Message::Failed(error.clone()));
    assert!(screen(&notified).contains(address), "{}", screen(&notified));
    assert!(screen(&notified).contains("No browser could be started"));
    let longer = Error { message: format!("{} {}", error.message, error.message), ..error };
    let longer = scenes::guide().send(Message::Failed(longer));
    assert!(screen(&longer).contains(address) && screen(&longer).contains("✗ No browser"), "{}", screen(&longer));
    // A short notification takes one line.
    let short = screen(&scenes::list().send(Message::Notify("Done.".to_owned())));
    let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).count();
    assert_eq!(lines(&short), lines(&screen(&scenes::list())) + 1);
    // A covered link can no longer be clicked.
    let long_text = "x ".repeat(200);
    let covered = text(&scenes::progress().send(Message::Notify(long_text)).draw(60, 20, COLOR_THEME));
    assert_eq!(covered.lines().filter(|line| line.contains("x x x")).count(), 3, "{covered}");
}

#[test]
fn an_expired_token_is_copied_with_a_warning() {
    let read = |of: &str| {
        let (secret, token_of) = (Secret::new(TOKEN), Some(name(of)));
        scenes::list().send(Message::SecretRead { what: "the token", secret, token_of })
    };
    assert_eq!(effects(&read("blog")), "copy the token, which expired 2 days ago. Press r to re-authorize.");
    assert_eq!(effects(&read("client-b")), "copy the token, which was revoked. Press r to re-authorize.");
    assert_eq!(effects(&read("work")), "copy the token, a secret");
    let mut scene = scenes::list();
    scene.state.start.clear_clipboard_seconds = 30;
    let (reason, secret) = ("expired 2 days ago. Press r to re-authorize.".to_owned(), Some(Secret::new(TOKEN)));
    let copied = scene.send(Message::InvalidTokenCopied { why: reason, secret });
    assert_eq!(notification(&copied), "Copied the token, which expired 2 days ago. Press r to re-authorize.");
    assert!(copied.state.notification.as_ref().is_some_and(|notification| notification.is_error));
    assert_eq!(effects(&copied.advance(30)), "clear the clipboard", "the clipboard is cleared as for a valid token");
}

/// Returns the new name in the open form.
fn new_name_in_form(scene: &Scene) -> &str {
    match &scene.state.dialog {
        Some(Dialog::Rename(form)) => form.new_name.text(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failed_rename_keeps_what_was_typed() {
    let sent = scenes::list().keys("R-2").enter();
    assert_eq!(effects(&sent), "rename work to work-2");
    let failed = sent.clone().send(Message::Failed(Error::new(
        Code::Locked,
        "A different program holds the lock.",
        "Try again.",
    )));
    assert_eq!((failed.state.key_context(), new_name_in_form(&failed)), (KeyContext::Rename, "work-2"));
    let renamed = sent.send(Message::Renamed { old: name("work"), new: name("work-2") });
    assert_eq!((renamed.state.key_context(), effects(&renamed).as_str()), (KeyContext::List, "ReadFiles"));
    assert_eq!(renamed.state.list.selected, Some(name("work-2")));
}

#[test]
fn keys_after_signing_in() {
    use KeyContext::{Help, List, SignedIn};
    let scene = scenes::done();
    assert_eq!(effects(&scene), "ReadFiles");
    assert!(scene.state.setup.secret.text() == SECRET && scene.state.sign_in().is_none());
    table(
        &scene,
        &[
            (Char('c'), SignedIn, "copy the token, a secret"),
            (Char('i'), SignedIn, "copy the member ID"),
            (Char('u'), SignedIn, "copy the URN"),
            (Char('t'), SignedIn, ""),
            (Char('q'), SignedIn, "Quit"),
            (Char('?'), Help, ""),
            (Enter, List, "ReadFiles"),
            (Esc, List, "ReadFiles"),
        ],
    );
}

#[test]
fn the_mouse_selects_and_scrolls() {
    let mouse = |kind, row| Message::MouseMoved(MouseEvent { kind, column: 10, row, modifiers: KeyModifiers::NONE });
    let scene = scenes::list().send(Message::Resized(80, 24));
    let row = text(&scene.draw(80, 24, COLOR_THEME)).lines().position(|line| line.contains("client-b")).unwrap();
    let row = u16::try_from(row).unwrap();
    let clicked = scene.send(mouse(MouseEventKind::Down(crossterm::event::MouseButton::Left), row));
    assert_eq!(clicked.state.list.selected, Some(name("client-b")));
    let wheeled = clicked.send(mouse(MouseEventKind::ScrollDown, row));
    assert_eq!(wheeled.state.list.selected, Some(name("shop")));
    let back = wheeled.send(mouse(MouseEventKind::ScrollUp, row));
    assert_eq!(back.state.list.selected, Some(name("client-b")));
    // A dialog does not pass clicks to the list.
    let dialog = back.keys("d").send(mouse(MouseEventKind::Down(crossterm::event::MouseButton::Left), row + 1));
    assert_eq!(dialog.state.list.selected, Some(name("client-b")));
}

#[test]
fn help_closes_and_a_small_window_only_quits() {
    let help = scenes::list().keys("?");
    for key in [Esc, Enter, Char('?'), Char('q'), F(1)] {
        assert_eq!(help.clone().press(key).state.key_context(), KeyContext::List, "{key:?}");
    }
    let small = scenes::list().send(Message::Resized(59, 24));
    assert_eq!(effects(&small.clone().keys("q")), "Quit");
    assert_eq!(small.clone().keys("d").state.key_context(), KeyContext::List, "hidden screens receive no keys");
    assert!(text(&small.draw(59, 24, COLOR_THEME)).contains("Needed: 60x20."));
}

#[test]
fn a_key_release_does_nothing() {
    for (_, scene) in scenes::all() {
        for code in [Enter, Esc, Char('q'), Char('r'), Char('y')] {
            let key = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::from(code) };
            let after = scene.clone().send(Message::KeyPressed(key));
            assert!(after.effects.is_empty() && after.state.key_context() == scene.state.key_context());
        }
    }
}

#[test]
fn an_idle_screen_causes_no_wakeups() {
    assert_eq!(scenes::list().state.next_tick(), None);
    assert_eq!(scenes::guide().state.next_tick(), None);
    assert_eq!(scenes::done().state.next_tick(), None);
    assert!(scenes::progress().state.next_tick().is_some(), "the spinner turns");
}

#[test]
fn going_back_and_forth_loses_no_input() {
    let scene = scenes::credentials().keys("x").enter();
    let scene = scene.keys("1").enter().keys("/").enter().press(Tab).keys("firefox -P work");
    let back = scene.press(Esc).press(Esc).press(Esc).press(Esc);
    assert!(matches!(back.state.screen, Screen::Setup(Step::Guide)));
    let forth = back.enter().enter().enter().enter();
    assert!(matches!(forth.state.screen, Screen::Setup(Step::Review)));
    let setup = &forth.state.setup;
    assert_eq!(setup.client_id.text(), "86abcdefghijklx");
    assert_eq!(setup.all_scopes(), ["openid", "profile", "email"]);
    assert_eq!(setup.redirect.text(), "http://localhost:3000/callback/");
    assert_eq!(setup.browser.text(), "firefox -P work");
    let alt_left = KeyEvent::new(KeyCode::Left, KeyModifiers::ALT);
    let back = forth.send(Message::KeyPressed(alt_left));
    assert!(matches!(back.state.screen, Screen::Setup(Step::Redirect)));
}

#[test]
fn in_the_sandbox_a_port_in_use_moves_to_the_next() {
    let refused = || Err(Error::new(Code::PortInUse, "Port 3000 is taken by node (pid 7).", "Stop it."));
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
    scene.state.start.sandbox_members = vec![("ada".to_owned(), "Ada".to_owned())];
    let moved = probed(scene.clone(), refused());
    assert_eq!(effects(&moved), "probe 3001");
    assert_eq!(moved.state.setup.redirect.text(), "http://localhost:3001/callback");
    assert!(moved.state.notification.as_ref().is_some_and(|notification| notification.text.contains("node (pid 7)")));
    assert_eq!(effects(&probed(moved, Ok(()))), "");
    // A URL that was typed is not changed.
    let typed = scene.keys("x");
    assert_eq!(effects(&probed(typed, refused())), "");
}

#[test]
fn a_notification_disappears_with_its_screen() {
    let dialog = scenes::list().keys("xy");
    assert!(notification(&dialog).starts_with("Revoking the token"));
    let over = dialog.send(Message::Revoked { name: name("work"), result: Ok((true, None)) });
    assert_eq!((over.state.key_context(), notification(&over)), (KeyContext::Revoked, ""));
    let waits = scenes::progress().send(Message::Notify("Approving in the sandbox as Ada ...".to_owned()));
    let failed = waits.finish_sign_in(Err(Error::new(Code::Network, "Nothing answers.", "Try again.")));
    assert_eq!((failed.state.key_context(), notification(&failed)), (KeyContext::SignInFailed, ""));
    // A notification that is set as the screen changes stays.
    assert!(notification(&scenes::progress().press(Esc)).starts_with("Sign-in cancelled."));
}

#[test]
fn reopening_without_a_browser_reports_the_reason() {
    let reason = || Event::BrowserNotOpened { reason: "There is no display.".to_owned() };
    let first = scenes::progress().event(reason());
    assert_eq!(notification(&first), "", "the screen shows the reason");
    assert_eq!(effects(&first.clone().keys("o")), "OpenAgain");
    assert!(notification(&first.event(reason())).starts_with("There is no display. Open the URL yourself."));
}

#[test]
fn an_edited_client_id_is_not_labeled_prefilled() {
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME)).contains("Filled in from");
    let scene = scenes::credentials();
    assert!(screen(&scene));
    assert!(!screen(&scene.clone().keys("x")));
    assert!(screen(&scene.keys("x").press(KeyCode::Backspace)));
    // A whole line of a settings file is pasted.
    let pasted = scenes::credentials().ctrl('u').send(Message::TextPasted("client_id = \"86zyxwvutsrqpo\"".to_owned()));
    assert_eq!(pasted.state.setup.client_id.text(), "86zyxwvutsrqpo");
}

#[test]
fn a_wait_notification_disappears_with_the_wait() {
    let scene = scenes::progress();
    let id = scene.state.sign_in().unwrap().id;
    let notified = scene.send(Message::Notify("Approving in the sandbox ...".to_owned()));
    assert!(notified.state.notification.is_some());
    assert!(
        notified.send(Message::SignInProgressed { id, event: Event::CallbackAccepted }).state.notification.is_none()
    );
}

#[cfg(unix)]
#[test]
fn u08_ctrl_z_suspends_everywhere_and_resuming_redraws() {
    for (name, scene) in scenes::all() {
        let suspended = scene.clone().ctrl('z');
        assert_eq!(effects(&suspended), "suspend", "{name}");
        assert_eq!(suspended.state.key_context(), scene.state.key_context(), "{name}");
        assert_eq!(effects(&scene.clone().send(Message::StopAsked)), "stop", "{name}");
        let shown = scene.send(Message::Continued).effects;
        assert!(
            shown.contains(&Effect::Terminal(TerminalEffect::ShowScreen)) && shown.contains(&Effect::ReadFiles),
            "{name}"
        );
    }
    let printed = scenes::progress().keys("u");
    assert_eq!(printed.state.key_context(), KeyContext::PrintedUrl);
    let again = printed.send(Message::Continued);
    assert!(matches!(
        again.effects[..],
        [
            Effect::Terminal(TerminalEffect::ShowScreen),
            Effect::Terminal(TerminalEffect::PrintLine(_)),
            Effect::ReadFiles
        ]
    ));
    assert_eq!(again.state.key_context(), KeyContext::PrintedUrl);
}
