//! The key handlers of the setup.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{REVIEWED_STEPS, guide, reviewed_step, scopes};
use crate::Error;
use crate::linkedin::endpoints::portal;
use crate::linkedin::scopes::check_before_request;
use crate::text::{CopiedValue, clean_copied_value};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::{compose, copy_text, move_selection};
use crate::tui::state::{Screen, SetupStep, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::widgets::field::{Field, clean_line};

/// Handles a key without a binding.
pub(crate) fn type_key(state: &mut State, step: SetupStep, key: KeyEvent) -> Vec<Effect> {
    let apps = state.store().apps.len();
    edit_suggested_name(state, step);
    replace_selected_secret(state, step, changes_text(key));
    if let Some(field) = state.setup.field(step, apps) {
        field.type_key(key);
    }
    on_text_changed(state, step)
}

/// Returns whether a key changes the text of a field. Other characters with ctrl move the cursor.
fn changes_text(key: KeyEvent) -> bool {
    match (key.code, key.modifiers.difference(KeyModifiers::SHIFT)) {
        (KeyCode::Char(c), KeyModifiers::CONTROL) => "hkuwy".contains(c),
        // The characters of the right alt key have both.
        (KeyCode::Char(_), modifiers) => modifiers.is_empty() || modifiers == KeyModifiers::CONTROL | KeyModifiers::ALT,
        (code, _) => matches!(code, KeyCode::Backspace | KeyCode::Delete),
    }
}

/// Clears the secret where all of it is selected and the key changes it; it is not selected afterwards.
fn replace_selected_secret(state: &mut State, step: SetupStep, is_change: bool) {
    let is_focused = step == SetupStep::Credentials && state.setup.credentials_row > state.store().apps.len();
    if is_focused && std::mem::take(&mut state.setup.typing_replaces_secret) && is_change {
        state.setup.secret.wipe();
    }
    if is_change && step == SetupStep::Credentials {
        let focused = if is_focused { CopiedValue::ClientSecret } else { CopiedValue::ClientId };
        state.setup.refused = state.setup.refused.filter(|refused| *refused != focused);
    }
}

/// Inserts pasted text after cleaning it; pasted characters never run an action.
pub(crate) fn paste(state: &mut State, step: SetupStep, text: &str) -> Vec<Effect> {
    let apps = state.store().apps.len();
    let value_kind = match step {
        SetupStep::Credentials if state.setup.credentials_row == apps => Some(CopiedValue::ClientId),
        SetupStep::Credentials => Some(CopiedValue::ClientSecret),
        SetupStep::Redirect => Some(CopiedValue::RedirectUrl),
        SetupStep::Guide | SetupStep::Scopes | SetupStep::Review => None,
    };
    let (text, has_more_lines) = value_kind.map_or_else(|| clean_line(text), |kind| clean_copied_value(kind, text));
    if text.is_empty() {
        return Vec::new();
    }
    edit_suggested_name(state, step);
    if value_kind.is_some_and(|kind| state.setup.is_replaced_by(kind, &text))
        && let Some(field) = state.setup.field(step, apps)
    {
        field.wipe();
    }
    replace_selected_secret(state, step, true);
    let inserted_chars = state.setup.field(step, apps).and_then(|field| field.insert(&text));
    if has_more_lines {
        state.notify_error("The pasted text had several lines. Only the first was used.");
    }
    state.notify_truncated_paste(inserted_chars);
    on_text_changed(state, step)
}

/// Copies the suggested name into the field, so that typing changes it.
fn edit_suggested_name(state: &mut State, step: SetupStep) {
    if step == SetupStep::Review && state.setup.review_row == 0 && !state.setup.is_name_typed {
        state.setup.name = Field::new(state.setup.profile_name_text(&state.store()));
        state.setup.is_name_typed = true;
    }
}

fn on_text_changed(state: &mut State, step: SetupStep) -> Vec<Effect> {
    match step {
        SetupStep::Redirect => {
            state.setup.is_redirect_typed = true;
            return probe_port(state);
        }
        SetupStep::Scopes if state.setup.scope_list.find.is_some() => state.setup.scope_list.on_find_typed(),
        // Credentials that are typed are those of another app.
        SetupStep::Credentials if state.setup.credentials_row >= state.store().apps.len() => state.setup.app = None,
        _ => {}
    }
    Vec::new()
}

/// Handles the result of a port's probe. The sandbox's app accepts any port, so a port in use is replaced by the next, but not
/// while the URL is typed.
pub(crate) fn on_port_probed(state: &mut State, url: String, result: Result<(), Error>) -> Vec<Effect> {
    // The URL may have changed since.
    if !state.setup.redirect_url().is_ok_and(|current| current.as_str() == url) {
        return Vec::new();
    }
    let problem = result.as_ref().err().map(|error| error.message.clone());
    // A sign-in that started meanwhile has its port.
    let problem = problem.filter(|_| matches!(state.screen, Screen::Setup(_)));
    state.setup.port_probe = Some((url, result));
    let store = state.store();
    let selected = state.setup.app.as_ref().and_then(|name| store.apps.iter().find(|app| app.name == *name));
    let is_demo = selected.is_none_or(|app| app.client_id == state.config.prefill.client_id);
    let is_sandbox_app = state.is_sandbox() && is_demo && !state.setup.is_redirect_typed;
    let default_url = |port: u16| format!("http://localhost:{port}/callback");
    match (state.setup.redirect_url(), problem) {
        (Ok(url), Some(problem))
            if is_sandbox_app && (3000..3020).contains(&url.port()) && url.as_str() == default_url(url.port()) =>
        {
            state.setup.redirect = Field::new(default_url(url.port() + 1));
            state.notify_warning(format!("{problem} The sandbox accepts any port, so the next one was chosen."));
            probe_port(state)
        }
        _ => Vec::new(),
    }
}

pub(super) fn probe_port(state: &mut State) -> Vec<Effect> {
    state.setup.port_probe = None;
    state.setup.redirect_url().map(|url| vec![Effect::ProbePort(url)]).unwrap_or_default()
}

pub(crate) fn handle(state: &mut State, step: SetupStep, action: Action) -> Vec<Effect> {
    let store = state.store();
    match (step, action) {
        (_, Action::Continue) => return go_to_next(state, step, &store),
        (_, Action::Back) => return go_back(state, step, &store),
        (SetupStep::Guide, action) => return guide::handle(state, action),
        (_, Action::OpenPortal) => return vec![Effect::OpenPage(portal::APPS.to_owned())],
        (SetupStep::Credentials, Action::Reveal) => state.toggle_reveal(),
        (SetupStep::Credentials, Action::NextField | Action::PreviousField) => {
            let setup = &mut state.setup;
            setup.credentials_row = move_selection(setup.credentials_row, store.apps.len() + 2, action);
            setup.select_app(store.apps.get(setup.credentials_row), &state.config.prefill);
        }
        (SetupStep::Scopes, action) => scopes::handle(state, action),
        (SetupStep::Redirect, Action::CopyRedirectUrl) => {
            return copy_text("the redirect URL", state.setup.redirect.trimmed());
        }
        (SetupStep::Review, Action::NextField | Action::PreviousField) => {
            state.setup.review_row = move_selection(state.setup.review_row, 2 + REVIEWED_STEPS.len(), action);
        }
        _ => {}
    }
    Vec::new()
}

fn go_to_next(state: &mut State, step: SetupStep, store: &StoreSnapshot) -> Vec<Effect> {
    match step {
        SetupStep::Guide => {
            open_step(state, SetupStep::Credentials);
            return vec![Effect::SaveCompletedGuideSteps(guide::mark_seen(&store.completed_guide_steps))];
        }
        SetupStep::Credentials => {
            state.revealed_until = None;
            let setup = &mut state.setup;
            // The line of the first field that is missing or wrong: Enter in the first field moves to the second.
            let invalid_line = if setup.app.is_some() {
                None
            } else if setup.client_id_problem().is_some() {
                Some(store.apps.len())
            } else {
                setup.secret_problem().map(|_| store.apps.len() + 1)
            };
            match invalid_line {
                Some(line) => {
                    setup.invalid_row = (setup.credentials_row == line).then_some(line);
                    setup.credentials_row = line;
                }
                None => return open_step_or_review(state, SetupStep::Scopes),
            }
        }
        SetupStep::Scopes if state.setup.scope_list.find.is_some() => state.setup.scope_list.close_find(),
        SetupStep::Scopes => {
            // The error is below the list.
            if check_before_request(&state.setup.all_scopes(), &state.setup.granted_scopes(store)).is_ok() {
                return open_step_or_review(state, SetupStep::Redirect);
            }
        }
        // The reason is below the field.
        SetupStep::Redirect if state.setup.redirect_url().is_err() => {}
        SetupStep::Redirect => return open_step_or_review(state, SetupStep::Review),
        SetupStep::Review => {
            if let Some((step, _)) = reviewed_step(&state.setup) {
                state.setup.returns_to_review = true;
                return open_step(state, step);
            }
            match state.setup.request(state, store) {
                Ok(request) => return progress::start(state, request, Origin::Setup),
                Err(error) => state.notify_error(error.to_string()),
            }
        }
    }
    Vec::new()
}

fn open_step_or_review(state: &mut State, step: SetupStep) -> Vec<Effect> {
    if std::mem::take(&mut state.setup.returns_to_review) {
        return return_to_review(state);
    }
    open_step(state, step)
}

/// Returns to the review after a change, to the row whose primary key signs in.
fn return_to_review(state: &mut State) -> Vec<Effect> {
    state.setup.review_row = 0;
    open_step(state, SetupStep::Review)
}

/// Opens a step; the port is probed where its result is shown.
fn open_step(state: &mut State, step: SetupStep) -> Vec<Effect> {
    state.open_screen(Screen::Setup(step));
    let store = state.store();
    state.setup.sync_credentials_row(&store.apps, store.apps.len());
    state.setup.is_redirect_typed = false;
    // A port in use may be free now.
    let is_unavailable = state.setup.port_result().is_none_or(Result::is_err);
    if step == SetupStep::Redirect || step == SetupStep::Review && is_unavailable {
        return probe_port(state);
    }
    Vec::new()
}

/// Opens an earlier step, whatever the step that is left would go back to.
pub(crate) fn open_earlier_step(state: &mut State, step: SetupStep) -> Vec<Effect> {
    state.revealed_until = None;
    state.setup.returns_to_review = false;
    if state.setup.scope_list.find.is_some() {
        state.setup.scope_list.close_find();
    }
    open_step(state, step)
}

fn go_back(state: &mut State, step: SetupStep, store: &StoreSnapshot) -> Vec<Effect> {
    state.revealed_until = None;
    if step == SetupStep::Guide && std::mem::take(&mut state.setup.shows_outdated_tutorials) {
        return Vec::new();
    }
    if step == SetupStep::Scopes && state.setup.scope_list.find.is_some() {
        state.setup.scope_list.close_find();
        return Vec::new();
    }
    if std::mem::take(&mut state.setup.returns_to_review) {
        return return_to_review(state);
    }
    let is_first = step == SetupStep::Review && state.setup.is_opened_at_review;
    if is_first && std::mem::take(&mut state.setup.is_opened_from_post) && compose::return_to_closed_post(state) {
        return Vec::new();
    }
    // The setup opens again with what was typed for an app that is not saved, and with the profile name.
    let first = if store.rows.is_empty() && state.is_sandbox() { Screen::Welcome } else { Screen::Profiles };
    let to = match step {
        SetupStep::Guide => first,
        _ if state.setup.entry_step == Some(step) => first,
        SetupStep::Credentials if !store.rows.is_empty() || state.is_sandbox() => first,
        SetupStep::Credentials => Screen::Setup(SetupStep::Guide),
        SetupStep::Scopes => Screen::Setup(SetupStep::Credentials),
        SetupStep::Redirect => Screen::Setup(SetupStep::Scopes),
        SetupStep::Review if state.setup.is_opened_at_review => first,
        SetupStep::Review => Screen::Setup(SetupStep::Redirect),
    };
    state.setup.sync_credentials_row(&store.apps, store.apps.len());
    state.open_screen(to);
    Vec::new()
}
