//! What a message changes, and what is to be done about it: pure, and the only place that changes
//! the state.

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::Timestamp;

use super::files::Files;
use super::message::{ClipboardContent, Effect, Message};
use super::screens::profiles::{forms, jobs};
use super::screens::{compose, deliveries, done, permissions, profiles, progress, setup};
use super::state::{Overlay, Screen, State};
use super::view;
use super::widgets::field::cleaned;
use crate::Code;
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::secret::Secret;
use crate::store::Name;
use crate::tui::hint::hint;
use crate::tui::keymap::{self, Action, Place};

/// Said before the interface is left while a delivery goes on.
const STILL_DELIVERING: &str = "A delivery is still going on, and leaving stops it. q again leaves.";
/// Said before it is left while a fresh token waits for a choice.
const THROWN_AWAY: &str = "ctrl-c again throws the new token away, and leaves.";

/// Takes a message; gives what the runtime must do.
pub fn update(state: &mut State, msg: Message) -> Vec<Effect> {
    let (place, told) = (state.place(), state.toast.clone());
    let effects = take(state, msg);
    // What was told on one page would be wrong or out of place under another.
    if state.place() != place && state.toast == told {
        state.toast = None;
    }
    effects
}

fn take(state: &mut State, msg: Message) -> Vec<Effect> {
    match msg {
        Message::Tick(now) => on_tick(state, now),
        Message::KeyPressed(key) => key_pressed(state, key),
        Message::TextPasted(text) => pasted(state, &text),
        Message::MouseMoved(event) => mouse(state, event),
        Message::Resized(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Message::FocusLost => {
            state.revealed = None;
            Vec::new()
        }
        Message::FocusGained => vec![Effect::ReadFiles],
        Message::StopAsked => {
            state.revealed = None;
            vec![Effect::Stop]
        }
        Message::Continued => continued(state),
        Message::FilesRead(files) => files_read(state, *files),
        Message::ProfilesRead(read) => {
            if let Some(files) = &mut state.files {
                let files = Arc::make_mut(files);
                for (name, profile) in read {
                    files.take(name, profile);
                }
            }
            profiles::arrange(state);
            go_on(state)
        }
        Message::PortProbed { url, result } => setup::probed(state, url, result),
        Message::SignInProgressed { id, event } => {
            progress::went_on(state, id, event);
            Vec::new()
        }
        Message::SignInEnded { id, result } => progress::ended(state, id, *result),
        Message::JobItemStarted { id, name } => {
            jobs::began(state, id, name);
            Vec::new()
        }
        Message::JobItemFinished { id, name, result } => jobs::did(state, id, &name, &result),
        Message::Revoked { name, result } => profiles::revoked(state, name, result),
        Message::Edited { name, conflict } => forms::edited(state, &name, conflict.as_deref()),
        Message::CurrentProfileSet(profile) => profiles::current_profile_set(state, &profile),
        Message::Renamed { old, new } => forms::renamed(state, &old, new),
        Message::Exported(detail) => forms::exported(state, detail),
        Message::ExportExists(paths) => {
            forms::stands(state, paths);
            Vec::new()
        }
        Message::Deleted(names) => profiles::deleted(state, names),
        Message::DeleteUndone => {
            if let Some(names) = state.list.deleted.pop() {
                state.list.selected = names.first().cloned();
                let names: Vec<&str> = names.iter().map(crate::store::Name::as_str).collect();
                state.say(format!("Brought back: {}.", names.join(", ")), false);
            }
            vec![Effect::ReadFiles]
        }
        Message::SecretRead { what, secret, token_of } => secret_read(state, what, secret, token_of),
        Message::PermissionsProbed { id, name, result } => {
            permissions::probed(state, id, &name, result);
            Vec::new()
        }
        Message::DeliveryProgressed(event) => deliveries::went_on(state, event),
        Message::DeliveryAdded { profile, delivery } => deliveries::added(state, &profile, &delivery),
        Message::ComposeOpened { id, found } => {
            compose::opened(state, id, *found);
            Vec::new()
        }
        Message::PublishProgressed { id, event } => {
            compose::went_on(state, id, event);
            Vec::new()
        }
        Message::PublishEnded { id, result } => compose::ended(state, id, result),
        Message::SecretCopied { what, where_to, secret } => {
            state.secret_copied(what, where_to, secret);
            Vec::new()
        }
        Message::InvalidTokenCopied { why, secret } => {
            state.dead_token_copied(&why, secret);
            Vec::new()
        }
        Message::Told(text) => {
            state.say(text, false);
            Vec::new()
        }
        Message::Failed(error) => {
            state.say(format!("{error} {}", hint(&error)), true);
            // The list shows one that is gone.
            if error.code == Code::NoSuchProfile { vec![Effect::ReadFiles] } else { Vec::new() }
        }
    }
}

/// The clock stands at `now`: what is over goes.
fn on_tick(state: &mut State, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    if state.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        state.toast = None;
    }
    if state.revealed.is_some_and(|until| until <= now) {
        state.revealed = None;
    }
    if profiles::is_due(state) {
        profiles::arrange(state);
    }
    let mut effects = compose::keep_in_time(state);
    effects.extend(state.take_copied().map(Effect::Forget));
    effects
}

/// The program goes on after a stop, in a terminal that the shell used meanwhile.
fn continued(state: &State) -> Vec<Effect> {
    let mut effects = vec![Effect::ShowScreen];
    if let Some(Overlay::Printed(address)) = &state.overlay {
        effects.push(Effect::PrintLine(address.clone()));
    }
    effects.push(Effect::ReadFiles);
    effects
}

/// A secret goes to the clipboard; of a token it is said there if it is dead.
fn secret_read(state: &mut State, what: &'static str, secret: Secret, token_of: Option<Name>) -> Vec<Effect> {
    forms::copied(state);
    let copied = match token_of.and_then(|name| profiles::dead_words(state, &name)) {
        Some(why) => ClipboardContent::Dead(secret, why),
        None => ClipboardContent::Secret(secret),
    };
    vec![Effect::Copy { what, copied }]
}

/// New files; the first time they decide on the first screen.
fn files_read(state: &mut State, mut files: Files) -> Vec<Effect> {
    let first = state.files.is_none();
    let empty = files.rows.is_empty();
    if first {
        state.list.selected.clone_from(&files.current);
    }
    if let Some(before) = &state.files {
        files.keep_details(before);
    }
    let old = std::mem::take(&mut files.stale);
    state.files = Some(files.into());
    profiles::arrange(state);
    if first && empty {
        setup::open(state);
    }
    if old.is_empty() {
        return go_on(state);
    }
    vec![Effect::ReadProfiles(profiles::in_sight_first(state, old))]
}

/// More is known: checks in the background may begin, and keys that waited for it are pressed.
fn go_on(state: &mut State) -> Vec<Effect> {
    let mut effects = profiles::on_start(state);
    for key in std::mem::take(&mut state.list.ahead) {
        effects.extend(key_pressed(state, key));
    }
    effects
}

fn key_pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if keymap::suspends(&key) {
        return vec![Effect::Suspend];
    }
    if view::too_small(state.size) {
        // Nothing is seen, so nothing may happen but leaving.
        let quit = keymap::action(Place::List, &key) == Some(Action::Quit);
        return if quit { vec![Effect::Quit] } else { Vec::new() };
    }
    if let Some(Overlay::Printed(_)) = state.overlay {
        state.overlay = None;
        return vec![Effect::ShowScreen];
    }
    let place = state.place();
    let action = keymap::action(place, &key);
    if place == Place::List && action != Some(Action::Quit) && profiles::waits(state, action, key) {
        return Vec::new();
    }
    let Some(action) = action else { return typed(state, place, key) };
    if action == Action::Quit {
        let warning = warning(state, key).filter(|text| state.toast.as_ref().is_none_or(|toast| toast.text != *text));
        return if let Some(text) = warning {
            state.say(text, true);
            Vec::new()
        } else {
            vec![Effect::Quit]
        };
    }
    // In a text field a bare character is text, whatever it means beside it.
    let bare = matches!(key.code, crossterm::event::KeyCode::Char(_))
        && key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    if bare
        && let Screen::Setup(step) = state.screen
        && state.overlay.is_none()
        && setup::takes_text(state, step)
    {
        return setup::type_key(state, step, key);
    }
    act(state, place, action)
}

/// What leaving would cost, which is said once.
fn warning(state: &State, key: KeyEvent) -> Option<&'static str> {
    if progress::token_waits(state) {
        return Some(THROWN_AWAY);
    }
    (deliveries::running(state) && !key.modifiers.contains(KeyModifiers::CONTROL)).then_some(STILL_DELIVERING)
}

fn typed(state: &mut State, place: Place, key: KeyEvent) -> Vec<Effect> {
    match (place, &state.screen) {
        (Place::Paste, _) => state.pasting.type_key(key),
        (Place::Filter, _) => {
            state.list.filter.type_key(key);
            profiles::filtered(state);
        }
        (Place::Rename | Place::Edit | Place::Export | Place::AddDelivery, _) => forms::type_key(state, key),
        (Place::Compose, _) => return compose::type_key(state, key),
        (Place::Credentials | Place::Scopes | Place::Redirect | Place::Review, Screen::Setup(step)) => {
            let step = *step;
            return setup::type_key(state, step, key);
        }
        _ => {}
    }
    Vec::new()
}

fn pasted(state: &mut State, text: &str) -> Vec<Effect> {
    match (state.place(), &state.screen) {
        (Place::Paste, _) => progress::paste(&mut state.pasting, text),
        (Place::Filter, _) => {
            state.list.filter.insert(&cleaned(text).0);
            profiles::filtered(state);
        }
        (Place::Rename | Place::Edit | Place::Export | Place::AddDelivery, _) => forms::paste(state, text),
        (Place::Compose, _) => return compose::paste(state, text),
        (Place::Credentials | Place::Scopes | Place::Redirect | Place::Review, Screen::Setup(step)) => {
            let step = *step;
            return setup::paste(state, step, text);
        }
        // An address pasted while the sign-in waits for one is what it looks like.
        (Place::Progress, _) if state.sign_in.as_ref().is_some_and(|one| one.links.is_some()) => {
            state.pasting.wipe();
            progress::paste(&mut state.pasting, text);
            state.overlay = Some(Overlay::Paste);
        }
        _ => {}
    }
    Vec::new()
}

fn act(state: &mut State, place: Place, action: Action) -> Vec<Effect> {
    if action == Action::Help {
        state.overlay = Some(Overlay::Help(place, 0));
        return Vec::new();
    }
    if action == Action::Redraw {
        return vec![Effect::ShowScreen, Effect::ReadFiles];
    }
    let scrolls = matches!(
        place,
        Place::Done
            | Place::Failure
            | Place::Progress
            | Place::DifferentMember
            | Place::Preview
            | Place::Copy
            | Place::Results
    );
    if scrolls && matches!(action, Action::Up | Action::Down) {
        let most = view::overflow(state);
        state.scroll = if action == Action::Up { state.scroll.saturating_sub(1) } else { (state.scroll + 1).min(most) };
        return Vec::new();
    }
    match place {
        Place::List => profiles::act(state, action),
        Place::Filter => profiles::filter_act(state, action),
        Place::Guide | Place::Credentials | Place::Scopes | Place::Redirect | Place::Review => match state.screen {
            Screen::Setup(step) => setup::act(state, step, action),
            _ => Vec::new(),
        },
        Place::Progress => progress::act(state, action),
        Place::Failure => progress::failure_act(state, action),
        Place::Done => done::act(state, action),
        Place::Compose
        | Place::Preview
        | Place::Publishing
        | Place::Published
        | Place::DeletePost
        | Place::NotPublished => compose::act(state, action),
        Place::DifferentMember | Place::Replace => progress::other_act(state, action),
        Place::Rename | Place::Edit | Place::EditConflict | Place::Export | Place::ExportExists => {
            forms::act(state, action)
        }
        Place::Deliveries | Place::RemoveDelivery | Place::TestDelivery | Place::Presets | Place::AddDelivery => {
            deliveries::act(state, action)
        }
        Place::Permissions => permissions::act(state, action),
        Place::Delete
        | Place::Revoke
        | Place::Revoked
        | Place::NoRefresh
        | Place::Results
        | Place::Copy
        | Place::Reauthorize
        | Place::Paste
        | Place::Help
        | Place::Printed => on_overlay(state, action),
    }
}

fn on_overlay(state: &mut State, action: Action) -> Vec<Effect> {
    match (state.overlay.clone(), action) {
        (Some(Overlay::Help(place, line)), Action::Down) => {
            state.overlay = Some(Overlay::Help(place, (line + 1).min(view::overflow(state))));
            Vec::new()
        }
        (Some(Overlay::Help(place, line)), Action::Up) => {
            state.overlay = Some(Overlay::Help(place, line.saturating_sub(1)));
            Vec::new()
        }
        (Some(Overlay::Paste), action) => progress::paste_act(state, action),
        (Some(Overlay::Delete(names)), Action::Delete) => profiles::delete(state, names, false),
        (Some(Overlay::Delete(names)), Action::Revoke) => profiles::delete(state, names, true),
        (Some(Overlay::Revoke(name)), Action::Revoke) => {
            state.overlay = None;
            state.say(format!("Asking LinkedIn to revoke the token of {name} ..."), false);
            vec![Effect::Revoke(name)]
        }
        (Some(Overlay::Revoked { .. }), Action::OpenPage) => vec![Effect::OpenPage(PERMITTED_SERVICES.to_owned())],
        (Some(Overlay::NoRefresh(name)), Action::Reauthorize) => {
            state.overlay = Some(Overlay::Reauthorize(name));
            Vec::new()
        }
        (Some(Overlay::Copy(name)), action) if action != Action::Back => {
            state.overlay = None;
            profiles::copy(state, &name, action)
        }
        (Some(Overlay::Reauthorize(name)), Action::Next) => profiles::reauthorize(state, &name),
        (overlay, Action::Back) => {
            if matches!(overlay, Some(Overlay::Reauthorize(_))) {
                state.list.queue.clear();
            }
            state.overlay = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let place = state.place();
    let action = match event.kind {
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::Down(MouseButton::Left) => {
            if matches!(place, Place::List | Place::Filter) {
                let area = view::body(state);
                profiles::click(state, area, event.column, event.row);
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    // The wheel moves only where the arrows do.
    if keymap::at(place).any(|binding| binding.action == action) { act(state, place, action) } else { Vec::new() }
}
