//! Applies a message to the state and returns the effects to perform. It is pure, and the only place that changes the state.

mod mouse;

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};
use jiff::Timestamp;

use super::dialogs::{self, Dialog};
use super::layout::is_too_small;
use super::message::{ClipboardContent, Effect, Message, TerminalEffect};
use super::overlays;
use super::screens::profiles::{forms, jobs};
use super::screens::{
    comment, compose, deliveries, next_steps, permissions, post_statistics, posts, profiles, progress, reaction,
    settings, setup, signed_in, welcome,
};
use super::scrolling::{scroll, scroll_position};
use super::state::{ERROR_SECONDS, Screen, State};
use super::store_snapshot::StoreSnapshot;
use super::text_input::{on_text_pasted, type_key};
use crate::linkedin::capabilities::Capability;
use crate::secret::Secret;
use crate::store::{Name, Profile};
use crate::tui::keymap::{self, Action, KeyContext};
use crate::{Code, Error};

/// Applies a message.
pub fn update(state: &mut State, msg: Message) -> Vec<Effect> {
    let (context, screen) = (state.key_context(), state.screen_context());
    let shown = |state: &State| state.notification.as_ref().map(|shown| (shown.text.clone(), shown.until));
    let notification = shown(state);
    let (marked_count, filter) = (state.list.marked.len(), state.list.filter.text().to_owned());
    let resets = matches!(&msg, Message::KeyPressed(key) if is_reset(state, key) || ends_error(state, key));
    let is_input = match &msg {
        Message::KeyPressed(key) => key.kind != KeyEventKind::Release,
        Message::TextPasted(_) => true,
        _ => false,
    };
    if is_input {
        state.mark_notification_read();
    }
    let changes = |state: &State| state.compose().map(|post| post.changes);
    let changes_before = changes(state);
    let mut effects = apply(state, msg);
    if state.screen_context() != screen {
        state.selected_step = None;
    }
    if state.key_context() != context {
        state.dialog_scroll = 0;
    }
    let has_changed =
        state.key_context() != context || state.list.marked.len() != marked_count || state.list.filter.text() != filter;
    // An error about the form may be corrected now, and what was reported is about the text before.
    let is_edited = changes(state) != changes_before;
    if (has_changed || resets || is_edited) && shown(state) == notification {
        // The notification may not apply any more, and it would hide how many profiles are marked.
        state.drop_read_notification();
    }
    state.drop_outdated_notifications();
    state.show_next_notification();
    if is_input && matches!(state.screen, Screen::Profiles) && is_store_old(state) {
        effects.push(Effect::ReloadStore);
    }
    if effects.contains(&Effect::ReloadStore) {
        state.store_requested_at = state.now;
    }
    effects
}

/// The seconds after which a key in the profile list reads the files again: other programs change them too.
const STORE_AGE_SECONDS: i64 = 2;

/// Returns whether the list may no longer show what the files contain. A clock that was set back counts as a passed time.
fn is_store_old(state: &State) -> bool {
    let age = state.now.as_second() - state.store_requested_at.as_second();
    state.store.is_some() && !(0..STORE_AGE_SECONDS).contains(&age)
}

/// Returns whether a key goes back or reads the files again: a message that was read is over then.
fn is_reset(state: &State, key: &KeyEvent) -> bool {
    key.kind != KeyEventKind::Release
        && matches!(state.config.keymap.action(state.key_context(), key), Some(Action::Back | Action::Reload))
}

/// How long an error stays at least, and while the selection is moved.
const MIN_ERROR_SECONDS: i64 = 1;
const READ_ERROR_SECONDS: i64 = 3;

/// Returns whether a key does something after which an error that was shown before is over. A moved selection ends the
/// error only after there was time to read it.
fn ends_error(state: &State, key: &KeyEvent) -> bool {
    let Some(error) = state.notification.as_ref().filter(|shown| shown.is_error) else { return false };
    let age = ERROR_SECONDS - (error.until.as_second() - state.now.as_second());
    let action = state.config.keymap.action(state.key_context(), key);
    action.is_some_and(|action| age >= if action.is_navigation() { READ_ERROR_SECONDS } else { MIN_ERROR_SECONDS })
}

#[expect(clippy::too_many_lines, reason = "one arm for each message")]
fn apply(state: &mut State, msg: Message) -> Vec<Effect> {
    match msg {
        Message::Tick(now) => on_tick(state, now),
        Message::KeyPressed(key) => on_key_pressed(state, key),
        Message::TextPasted(text) => on_text_pasted(state, &text),
        Message::MouseUsed(event) => mouse::on_mouse_used(state, event),
        Message::Resized(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Message::Drawn { scroll_range, click_targets } => {
            (state.scroll_range, state.click_targets) = (scroll_range, click_targets);
            let scroll = scroll_position(state);
            *scroll = (*scroll).min(scroll_range.max);
            Vec::new()
        }
        Message::FocusLost => {
            state.revealed_until = None;
            Vec::new()
        }
        Message::FocusGained => vec![Effect::ReloadStore, Effect::ReadSettings],
        Message::StoreChanged => [Effect::ReloadStore].into_iter().chain(posts::reload(state)).collect(),
        Message::SuspendRequested => {
            state.revealed_until = None;
            vec![Effect::Terminal(TerminalEffect::Suspend)]
        }
        Message::Continued => on_continued(state),
        Message::StoreReloaded(store) => on_store_reloaded(state, *store),
        Message::ProfilesRead(read) => on_profiles_read(state, read),
        Message::PortProbed { url, result } => setup::on_port_probed(state, url, result),
        Message::SignInProgressed { id, event } => {
            progress::on_progressed(state, id, event);
            Vec::new()
        }
        Message::SignInFinished { id, result } => progress::on_finished(state, id, *result),
        Message::JobItemStarted { id, name } => {
            jobs::on_item_started(state, id, name);
            Vec::new()
        }
        Message::JobItemFinished { id, name, result } => jobs::on_item_finished(state, id, &name, &result),
        Message::TokenRevoked { name, result } => profiles::on_revoked(state, name, result),
        Message::ProfileEdited { name, conflict } => forms::on_edited(state, &name, conflict.as_deref()),
        Message::CurrentProfileSet { profile, previous, is_undo } => {
            profiles::on_current_profile_set(state, &profile, previous, is_undo)
        }
        Message::ProfileRenamed { old, new, is_undo } => forms::on_renamed(state, &old, new, is_undo),
        Message::UndoFailed { change, error } => profiles::on_undo_failed(state, change, &error),
        Message::TokensExported(detail) => profiles::on_exported(state, detail),
        Message::ExportExists(paths) => {
            profiles::on_export_exists(state, paths);
            Vec::new()
        }
        Message::ProfilesDeleted(names) => profiles::on_deleted(state, names),
        Message::DeleteUndone(names) => profiles::on_delete_undone(state, &names),
        Message::SecretRead { label, secret, access_token_of } => on_secret_read(state, label, secret, access_token_of),
        Message::PermissionsProbed { id, name, result } => {
            permissions::on_probed(state, id, &name, result);
            Vec::new()
        }
        Message::DeliveryProgressed(event) => deliveries::on_progressed(state, event),
        Message::DeliveryAdded { profile, delivery } => deliveries::on_added(state, &profile, &delivery),
        Message::ComposeOpened { id, contents } => compose::on_opened(state, id, *contents),
        Message::NamesRead { id, names } => {
            compose::on_names_read(state, id, names);
            Vec::new()
        }
        Message::DraftMoved { id, name } => compose::on_draft_moved(state, id, &name),
        Message::DraftFailed { id, error } => {
            compose::on_draft_failed(state, id, &error);
            Vec::new()
        }
        Message::PublishProgressed { id, event } => {
            compose::on_progressed(state, id, event);
            Vec::new()
        }
        Message::PublishCanceled { id } => {
            compose::on_canceled(state, id);
            Vec::new()
        }
        Message::PublishFinished { id, result } => compose::on_finished(state, id, result),
        Message::PostEdited { id, result } => compose::on_edited(state, id, result),
        Message::PostChangedMeanwhile { id, post } => {
            compose::on_changed_meanwhile(state, id, post);
            Vec::new()
        }
        Message::PostSearched { id, result } => compose::on_searched(state, id, result),
        Message::PostsRead { id, result } => {
            let queued_keys = posts::on_read(state, id, result);
            queued_keys.into_iter().flat_map(|key| on_key_pressed(state, key)).collect()
        }
        Message::RecordedPostSearched { id, author, result } => posts::on_record_searched(state, id, &author, result),
        Message::RecordDeleted { id } => posts::on_record_deleted(state, id),
        Message::StatisticsFetched { id, result } => {
            post_statistics::on_fetched(state, id, result);
            Vec::new()
        }
        Message::CommentFinished { id, result } => {
            if let Some(urn) = comment::on_finished(state, id, result) {
                compose::on_commented(state, &urn);
                posts::set_accepted(state, &urn, Capability::Comment);
            }
            Vec::new()
        }
        Message::ReactionFinished { id, result } => {
            reaction::on_finished(state, id, result);
            Vec::new()
        }
        Message::FileInspected { id, role, path, result, picture } => {
            compose::on_file_inspected(state, id, (role, &path), &result, picture.as_ref())
        }
        Message::LinkMetadataFetched { id, url, result } => compose::on_link_metadata_fetched(state, id, &url, result),
        Message::PathCompleted { id, text, completion } => compose::on_path_completed(state, id, &text, completion),
        Message::TextEdited { id, result } => compose::on_text_edited(state, id, result),
        Message::SecretCopied { label, clipboard, secret } => {
            state.report_copied_secret(label, clipboard, secret);
            Vec::new()
        }
        Message::InvalidTokenCopied { reason, secret } => {
            state.report_copied_invalid_token(&reason, secret);
            Vec::new()
        }
        Message::RequestSent(request) => {
            state.requests.add(state.now, *request);
            Vec::new()
        }
        Message::SettingsRead { settings: read, saved } => settings::on_read(state, &read, saved),
        Message::Notified(text) => {
            state.notify(text);
            Vec::new()
        }
        Message::Warned(text) => {
            state.notify_warning(text);
            Vec::new()
        }
        Message::Failed(error) => {
            state.notify_failure(&error);
            // The list still shows a profile that no longer exists.
            if error.code == Code::NoSuchProfile { vec![Effect::ReloadStore] } else { Vec::new() }
        }
    }
}

fn on_tick(state: &mut State, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    if state.notification.as_ref().is_some_and(|notification| notification.until <= now) {
        state.notification = None;
    }
    if state.revealed_until.is_some_and(|until| until <= now) {
        state.revealed_until = None;
    }
    let mut effects = compose::save_if_due(state);
    if profiles::is_outdated(state) {
        profiles::recompute(state);
        // Another program may have refreshed the token before its status changed. The program is awake anyway.
        effects.push(Effect::ReloadStore);
    }
    effects.extend(state.take_expired_secret().map(|secret| Effect::Terminal(TerminalEffect::ClearClipboard(secret))));
    effects
}

/// Draws everything again after a stop, because the shell used the terminal meanwhile.
fn on_continued(state: &State) -> Vec<Effect> {
    if state.is_editor_open {
        return vec![Effect::ReloadStore];
    }
    let mut effects = vec![Effect::Terminal(TerminalEffect::ShowScreen)];
    if let Some(Dialog::PrintedUrl(address)) = &state.dialog {
        effects.push(Effect::Terminal(TerminalEffect::PrintLine(address.clone())));
    }
    effects.push(Effect::ReloadStore);
    effects
}

/// Copies a secret, with a warning where it is a token that is not valid.
fn on_secret_read(
    state: &mut State,
    label: &'static str,
    secret: Secret,
    access_token_of: Option<Name>,
) -> Vec<Effect> {
    profiles::close_export(state);
    let content = match access_token_of.and_then(|name| profiles::invalid_reason_and_fix(state, &name)) {
        Some(reason) => ClipboardContent::InvalidToken { token: secret, reason },
        None => ClipboardContent::Secret(secret),
    };
    vec![Effect::Terminal(TerminalEffect::Copy { label, content })]
}

fn on_profiles_read(state: &mut State, read: Vec<(Name, Result<Profile, Error>)>) -> Vec<Effect> {
    if let Some(store) = &mut state.store {
        let store = Arc::make_mut(store);
        for (name, profile) in read {
            store.set(name, profile);
        }
    }
    deliveries::forget_removed(state);
    profiles::recompute(state);
    continue_after_reading(state)
}

/// Handles the list of the files. The setup opens where the first one is empty.
fn on_store_reloaded(state: &mut State, mut store: StoreSnapshot) -> Vec<Effect> {
    let is_first = state.store.is_none();
    let is_empty = store.rows.is_empty();
    if is_first {
        if let Some(name) = state.config.selected_profile.take_if(|name| store.row(name).is_none()) {
            state.notify_error(format!("The profile {name} was not found."));
        }
        state.list.selected = state.config.selected_profile.clone().or_else(|| store.current.clone());
    }
    if let Some(previous) = &state.store {
        store.copy_unread_from(previous);
    }
    let apps_before = state.store().apps.len();
    state.setup.sync_credentials_row(&store.apps, apps_before);
    let changed = std::mem::take(&mut store.stale);
    state.store = Some(store.into());
    profiles::recompute(state);
    if is_first && is_empty {
        welcome::open_first(state);
    }
    let mut effects = compose::save_if_profile_is_missing(state);
    if changed.is_empty() {
        effects.extend(continue_after_reading(state));
    } else {
        effects.push(Effect::ReadProfiles(profiles::sort_visible_first(state, changed)));
    }
    effects
}

/// Starts the checks in the background, and handles the keys that waited for the profile that they are for.
fn continue_after_reading(state: &mut State) -> Vec<Effect> {
    profiles::select_first_due(state);
    let mut effects = profiles::start_background_checks(state);
    for key in std::mem::take(&mut state.list.queued_keys) {
        effects.extend(on_key_pressed(state, key));
    }
    effects
}

fn on_key_pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if keymap::is_suspend_key(&key) {
        return vec![Effect::Terminal(TerminalEffect::RaiseSuspendSignal)];
    }
    if is_too_small(state.size) {
        // Nothing is shown, so a key must do nothing but quit, or go back where quitting would lose something.
        return match state.config.keymap.action(KeyContext::List, &key) {
            Some(Action::Quit) if state.has_back_on_ctrl_c() => perform(state, state.key_context(), Action::Back),
            Some(Action::Quit) => vec![Effect::Terminal(TerminalEffect::Quit)],
            _ => Vec::new(),
        };
    }
    if matches!(state.dialog, Some(Dialog::PrintedUrl(_))) {
        state.dialog = None;
        return vec![Effect::Terminal(TerminalEffect::ShowScreen)];
    }
    let context = state.key_context();
    let action = if keymap::QUIT_KEY.matches(&key) && state.has_back_on_ctrl_c() {
        Some(Action::Back)
    } else {
        state.config.keymap.action(context, &key)
    };
    if context == KeyContext::List && action != Some(Action::Quit) && profiles::queue_key(state, action, key) {
        return Vec::new();
    }
    if context == KeyContext::Posts && action != Some(Action::Quit) && posts::queue_key(state, action, key) {
        return Vec::new();
    }
    let Some(action) = action else { return type_key(state, context, key) };
    if action == Action::Quit {
        let is_ctrl_c = key.modifiers.contains(KeyModifiers::CONTROL);
        return quit(state, if is_ctrl_c { QuitBy::CtrlC } else { QuitBy::Action });
    }
    perform(state, context, action)
}

/// How the user quits. Ctrl-C does not wait for deliveries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QuitBy {
    CtrlC,
    Action,
}

/// Quits; where that discards or stops something, only when the key is pressed again.
fn quit(state: &mut State, by: QuitBy) -> Vec<Effect> {
    let warning = quit_warning(state, by)
        .filter(|text| state.notification.as_ref().is_none_or(|notification| notification.text != *text));
    if let Some(text) = warning {
        state.notify_error(text);
        return Vec::new();
    }
    vec![Effect::Terminal(TerminalEffect::Quit)]
}

/// Returns the warning that quitting requires the key a second time, because it discards or stops something.
fn quit_warning(state: &State, by: QuitBy) -> Option<&'static str> {
    if progress::has_undecided_token(state) {
        return Some("Quitting discards the new token. Press the same key again to quit.");
    }
    if matches!(state.screen, Screen::Setup(_)) && state.setup.has_typed_text(&state.config.prefill) {
        return Some("Quitting discards what you typed. Press the same key again to quit.");
    }
    (deliveries::is_any_running(state) && by == QuitBy::Action)
        .then_some("A delivery is still running, and quitting stops it. Press the same key again to quit.")
}

/// Performs an action that was chosen in the palette, in the context below it.
pub(super) fn run_from_palette(state: &mut State, action: Action) -> Vec<Effect> {
    let context = state.key_context();
    if action == Action::Quit {
        return quit(state, QuitBy::Action);
    }
    if let Some(key) = state.config.keymap.key(context, action).filter(|_| context == KeyContext::List)
        && profiles::queue_key(state, Some(action), key.to_event())
    {
        return Vec::new();
    }
    perform(state, context, action)
}

fn perform(state: &mut State, context: KeyContext, action: Action) -> Vec<Effect> {
    if let Some(effects) = overlays::open_for(state, context, action) {
        return effects;
    }
    if action == Action::OpenControlPage && state.is_sandbox() {
        return vec![Effect::OpenControlPage];
    }
    // Where the portal is no step, nothing explains why. The sandbox's apps are in no portal.
    if action == Action::OpenPortal && state.config.keymap.label(state, context, action).is_none() {
        return Vec::new();
    }
    if action == Action::Reload {
        return vec![Effect::Terminal(TerminalEffect::ShowScreen), Effect::ReloadStore, Effect::ReadSettings];
    }
    if action.is_navigation() && (context.is_scrollable() || reaction::has_failed(state)) {
        scroll(state, action);
        return Vec::new();
    }
    let Some(action) = next_steps::resolve(state, context, action) else { return Vec::new() };
    if let Some(overlay) = state.overlays.pop() {
        return overlays::handle(state, overlay, action);
    }
    if let Some(dialog) = state.dialog.take() {
        return dialogs::handle(state, dialog, action);
    }
    // A handler gets the screen's state, and puts it back where the screen stays open.
    match std::mem::replace(&mut state.screen, Screen::Profiles) {
        Screen::Welcome => {
            state.screen = Screen::Welcome;
            welcome::handle(state, action)
        }
        Screen::Setup(step) => {
            state.screen = Screen::Setup(step);
            setup::handle(state, step, action)
        }
        Screen::SignIn(sign_in) => progress::handle(state, sign_in, action),
        Screen::SignedIn(signed_in) => signed_in::handle(state, signed_in, action),
        Screen::Compose(post) => compose::handle(state, post, action),
        Screen::Posts(list) => posts::handle(state, list, action),
        Screen::Profiles if state.list.is_filtering => profiles::handle_filter(state, action),
        Screen::Profiles => profiles::handle(state, action),
    }
}
