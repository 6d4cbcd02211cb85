//! What each key does on each screen.

mod setup;
mod sign_in;

use crossterm::event::KeyCode::{self, Char, Enter, Esc, F, Tab};
use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind};
use linkedin_tui::internal::flows::sign_in::{Command, DifferentMemberChoice};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::Name;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{ClipboardContent, Effect, Message, TerminalEffect};
use linkedin_tui::internal::tui::state::Dialog;
use linkedin_tui::{Code, Error};

use crate::screens::scenes::{self, COLOR_THEME, Scene, TOKEN, name, text};

fn join_names(names: &[linkedin_tui::internal::store::Name]) -> String {
    names.iter().map(linkedin_tui::internal::store::Name::as_str).collect::<Vec<_>>().join(" ")
}

/// Describes an effect in a few words.
fn describe_effect(effect: &Effect) -> String {
    match effect {
        Effect::SetCurrentProfile { name, .. } => format!("use {name}"),
        Effect::ReadProfiles(names) => format!("read {}", join_names(names)),
        Effect::DeleteProfiles { names, revokes_first } => {
            format!("delete {}{}", join_names(names), if *revokes_first { " after revoking" } else { "" })
        }
        Effect::StartJob { kind, names, .. } => format!("{kind:?} {}", join_names(names)),
        Effect::CancelJob(_) => "cancel the job".to_owned(),
        Effect::Revoke(name) => format!("revoke {name}"),
        Effect::RenameProfile { old, new, .. } => format!("rename {old} to {new}"),
        Effect::EditProfile { name, after, .. } => format!("edit {name}: {}", after.scopes.join(" ")),
        Effect::Export { names, format, path, replaces_existing } => {
            let to = path.as_ref().map_or_else(|| "the clipboard".to_owned(), |path| path.display().to_string());
            format!(
                "export {} as {} to {to}{}",
                join_names(names),
                format.as_str(),
                if *replaces_existing { ", replaced" } else { "" }
            )
        }
        Effect::ReadToken { profile, kind } => format!("copy the {kind:?} token of {profile}"),
        Effect::Terminal(TerminalEffect::ClearClipboard(_)) => "clear the clipboard".to_owned(),
        Effect::Deliver { profile, only, is_test } => {
            format!("{} {profile} to [{}]", if *is_test { "test" } else { "deliver" }, only.join(", "))
        }
        Effect::AddDelivery { profile, preset, delivery, settings } => {
            format!("add {preset} to {profile} as {delivery}: {settings:?}")
        }
        Effect::RemoveDelivery { profile, delivery } => format!("remove {delivery} from {profile}"),
        Effect::ProbePermissions { name, .. } => format!("probe the permissions of {name}"),
        Effect::ProbePort(url) => format!("probe {}", url.port()),
        Effect::StartSignIn { request, .. } => format!("sign in {} by {}", request.profile, request.app.name),
        Effect::SendSignInCommand(Command::Choose(DifferentMemberChoice::SaveAs(name))) => format!("save as {name}"),
        Effect::SendSignInCommand(command) => format!("{command:?}"),
        Effect::ApproveInSandbox { member, .. } => format!("approve as {member}"),
        Effect::Terminal(TerminalEffect::Copy { label, content: ClipboardContent::InvalidToken { reason, .. } }) => {
            format!("copy {label}, which {reason}")
        }
        Effect::Terminal(TerminalEffect::Copy { label, content: ClipboardContent::Secret(_) }) => {
            format!("copy {label}, a secret")
        }
        Effect::Terminal(TerminalEffect::Copy { label, .. }) => format!("copy {label}"),
        Effect::AddSampleProfiles => "add the samples".to_owned(),
        Effect::OpenPage(url) => format!("open {url}"),
        Effect::OpenControlPage => "open the control page".to_owned(),
        Effect::ReadSettings => "read the settings".to_owned(),
        Effect::SaveSetting { section, key, value } => format!("save {section}.{key}: {value:?}"),
        Effect::ReadMentionableNames { name, .. } => format!("read the names for {name}"),
        Effect::OpenCompose { name, .. } => format!("compose as {name}"),
        Effect::RecordShownDraft { draft, .. } => format!("show the draft: {}", draft.text),
        Effect::SaveDraft { name, draft, .. } => format!("save {name}'s draft: {}", draft.text),
        Effect::DeleteDraft { name, .. } => format!("delete {name}'s draft"),
        Effect::Publish { name, draft, .. } => format!("publish as {name}: {}", draft.text),
        Effect::FetchStatistics { urn, .. } => format!("read the statistics of {urn}"),
        Effect::Comment { urn, text, actor, .. } => {
            format!("comment on {urn} as {}: {text}", actor.as_deref().unwrap_or("the member"))
        }
        Effect::React { urn, reaction, actor, .. } => {
            let reaction = reaction.map_or("nothing", linkedin_tui::internal::linkedin::social::Reaction::name);
            format!("react to {urn} as {}: {reaction}", actor.as_deref().unwrap_or("the member"))
        }
        Effect::CancelPublish { .. } => "cancel publishing".to_owned(),
        Effect::DeletePost { urn, .. } => format!("delete {urn}"),
        Effect::DeleteRecord { post, .. } => format!("delete the record of {}", post.text),
        Effect::EditPost { urn, text, .. } => format!("edit {urn}: {text}"),
        Effect::SearchRecordedPost { post, .. } => format!("find the post of the record {}", post.text),
        Effect::FindPost { draft, .. } => format!("find {}", draft.text),
        Effect::ReadPosts { name, .. } => format!("read {name}'s posts"),
        Effect::OpenRecentActivity { author } => {
            format!("open the recent activity of {}", author.as_deref().unwrap_or("the member"))
        }
        Effect::InspectFile { role, path, .. } => format!("check {} {path}", role.name()),
        Effect::PreviewLink { url, needs_picture, .. } => {
            format!("read {url}{}", if *needs_picture { " with its picture" } else { "" })
        }
        Effect::CancelLinkPreview => "cancel reading the page".to_owned(),
        Effect::CompletePath { text, .. } => format!("complete {text}"),
        Effect::Terminal(TerminalEffect::EditText { text, .. }) => format!("edit externally: {text}"),
        Effect::Terminal(TerminalEffect::PrintLine(_)) => "print the URL".to_owned(),
        Effect::SaveCompletedGuideSteps(steps) => format!("save completed steps {}", steps.join(" ")),
        Effect::Terminal(TerminalEffect::RaiseSuspendSignal) => "suspend".to_owned(),
        Effect::Terminal(TerminalEffect::Suspend) => "stop".to_owned(),
        Effect::Terminal(TerminalEffect::SetTheme { is_light, is_ascii }) => {
            format!(
                "draw for {}{}",
                if *is_light { "light" } else { "dark" },
                if *is_ascii { ", in ASCII" } else { "" }
            )
        }
        Effect::Terminal(effect @ (TerminalEffect::Quit | TerminalEffect::ShowScreen)) => format!("{effect:?}"),
        Effect::UndoDelete(names) => {
            format!("restore {}", names.iter().map(Name::as_str).collect::<Vec<_>>().join(" "))
        }
        Effect::ReloadStore | Effect::CancelSignIn => format!("{effect:?}"),
    }
}

pub(crate) fn effects(scene: &Scene) -> String {
    scene.effects.iter().map(describe_effect).collect::<Vec<_>>().join("; ")
}

/// Asserts the key context and the effects after each key.
pub(crate) fn assert_keys(scene: &Scene, rows: &[(KeyCode, KeyContext, &str)]) {
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

#[test]
fn neither_keys_nor_pastes_reach_a_too_small_window() {
    let pasted = |scene: Scene, text: &str| scene.send(Message::TextPasted(text.to_owned()));
    let small = scenes::list().keys("p").keys("before").send(Message::Resized(20, 5));
    let small = pasted(small.press(Char('x')), "y");
    let large = pasted(small.send(Message::Resized(80, 24)).press(Char(' ')), "after");
    assert_eq!(large.state.compose().unwrap().typed_text(), "before after");
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
    assert_keys(
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
    let other_name = dialog.clone().keys("z").send(Message::TextPasted("other".to_owned()));
    assert_eq!(
        effects(&other_name.keys("y")),
        "export work as json to work.jsonx, replaced",
        "only the file that the question names is replaced"
    );
    let written = dialog.keys("y").send(Message::TokensExported("Written, for you only: work.jsonx".to_owned()));
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
fn a_long_notification_keeps_its_start_and_its_hint() {
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
    let short = screen(&scenes::list().send(Message::Notified("Done.".to_owned())));
    let lines = |text: &str| text.lines().filter(|line| !line.is_empty()).count();
    assert_eq!(lines(&short), lines(&screen(&scenes::list())), "it replaces the line about due profiles");
    // The middle of an even longer one is cut: it takes at most three lines.
    let long_text = "x ".repeat(200);
    let covered = text(&scenes::progress().send(Message::Notified(long_text)).draw(60, 20, COLOR_THEME));
    assert_eq!(covered.lines().filter(|line| line.contains("x x x")).count(), 3, "{covered}");
}

#[test]
fn an_expired_token_is_copied_with_a_warning() {
    let read = |of: &str| {
        let (secret, access_token_of) = (Secret::new(TOKEN), Some(name(of)));
        scenes::list().send(Message::SecretRead { label: "the token", secret, access_token_of })
    };
    assert_eq!(effects(&read("blog")), "copy the token, which expired 2 days ago. Press r to re-authorize.");
    assert_eq!(effects(&read("client-b")), "copy the token, which was revoked. Press r to re-authorize.");
    assert_eq!(effects(&read("work")), "copy the token, a secret");
    let mut scene = scenes::list();
    scene.state.config.clear_clipboard_seconds = 30;
    let (reason, secret) = ("expired 2 days ago. Press r to re-authorize.".to_owned(), Some(Secret::new(TOKEN)));
    let copied = scene.send(Message::InvalidTokenCopied { reason, secret });
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
    let sent = scenes::list().keys("n-2").enter();
    assert_eq!(effects(&sent), "rename work to work-2");
    let failed = sent.clone().send(Message::Failed(Error::new(
        Code::Locked,
        "A different program holds the lock.",
        "Try again.",
    )));
    assert_eq!((failed.state.key_context(), new_name_in_form(&failed)), (KeyContext::Rename, "work-2"));
    let renamed = sent.send(Message::ProfileRenamed { old: name("work"), new: name("work-2"), is_undo: false });
    assert_eq!((renamed.state.key_context(), effects(&renamed).as_str()), (KeyContext::List, "ReloadStore"));
    assert_eq!(renamed.state.list.selected, Some(name("work-2")));
}

#[test]
fn the_mouse_selects_and_scrolls() {
    let mouse = |kind, row| Message::MouseUsed(MouseEvent { kind, column: 10, row, modifiers: KeyModifiers::NONE });
    let scene = scenes::list().send(Message::Resized(80, 24));
    let row = text(&scene.draw(80, 24, COLOR_THEME)).lines().position(|line| line.contains("client-b")).unwrap();
    let row = u16::try_from(row).unwrap();
    let clicked = scene.send(mouse(MouseEventKind::Down(crossterm::event::MouseButton::Left), row));
    assert_eq!(clicked.state.list.selected, Some(name("client-b")));
    let scrolled = clicked.send(mouse(MouseEventKind::ScrollDown, row));
    assert_eq!(scrolled.state.list.selected, Some(name("client-a")));
    let scrolled_back = scrolled.send(mouse(MouseEventKind::ScrollUp, row));
    assert_eq!(scrolled_back.state.list.selected, Some(name("client-b")));
    // A dialog does not pass clicks to the list.
    let dialog =
        scrolled_back.keys("d").send(mouse(MouseEventKind::Down(crossterm::event::MouseButton::Left), row + 1));
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
    assert_eq!(scenes::list().state.time_until_next_tick(), None);
    assert_eq!(scenes::guide().state.time_until_next_tick(), None);
    assert_eq!(scenes::done().state.time_until_next_tick(), None);
    assert!(scenes::progress().state.time_until_next_tick().is_some(), "the spinner turns");
}

#[test]
fn a_notification_disappears_with_its_screen() {
    let dialog = scenes::list().keys("xy");
    assert!(notification(&dialog).starts_with("Revoking the token"));
    let over = dialog.send(Message::TokenRevoked { name: name("work"), result: Ok(None) });
    assert_eq!((over.state.key_context(), notification(&over)), (KeyContext::Revoked, ""));
    let waits = scenes::progress().send(Message::Notified("Approving in the sandbox as Ada ...".to_owned()));
    let failed = waits.finish_sign_in(Err(Error::new(Code::Network, "No connection.", "Try again.")));
    assert_eq!((failed.state.key_context(), notification(&failed)), (KeyContext::SignInFailed, ""));
    // A notification that is set as the screen changes stays.
    assert!(notification(&scenes::progress().press(Esc)).starts_with("Sign-in canceled."));
}

#[cfg(unix)]
#[test]
fn u08_ctrl_z_suspends_everywhere_and_resuming_redraws() {
    for (name, scene) in scenes::all() {
        let suspended = scene.clone().ctrl('z');
        assert_eq!(effects(&suspended), "suspend", "{name}");
        assert_eq!(suspended.state.key_context(), scene.state.key_context(), "{name}");
        assert_eq!(effects(&scene.clone().send(Message::SuspendRequested)), "stop", "{name}");
        let shown = scene.send(Message::Continued).effects;
        assert!(
            shown.contains(&Effect::Terminal(TerminalEffect::ShowScreen)) && shown.contains(&Effect::ReloadStore),
            "{name}"
        );
    }
    let printed = scenes::progress().keys("F");
    assert_eq!(printed.state.key_context(), KeyContext::PrintedUrl);
    let resumed = printed.send(Message::Continued);
    assert!(matches!(
        resumed.effects[..],
        [
            Effect::Terminal(TerminalEffect::ShowScreen),
            Effect::Terminal(TerminalEffect::PrintLine(_)),
            Effect::ReloadStore
        ]
    ));
    assert_eq!(resumed.state.key_context(), KeyContext::PrintedUrl);
}
