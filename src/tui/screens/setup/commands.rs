//! What the setup's keys do.

use crossterm::event::KeyEvent;

use super::guide;
use crate::Error;
use crate::linkedin::endpoints::portal;
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS};
use crate::text::{Credential, clean_credential};
use crate::tui::files::Files;
use crate::tui::keymap::Action;
use crate::tui::message::{Effect, TerminalEffect};
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::{copy_text, moved};
use crate::tui::state::{Screen, State, Step};
use crate::tui::widgets::field::{Field, cleaned};

/// Returns whether a typed character goes into a field instead of being a command.
pub(crate) fn takes_text(state: &mut State, step: Step) -> bool {
    let apps = state.files().apps.len();
    state.setup.field(step, apps).is_some()
}

/// Takes a key that is bound to nothing.
pub(crate) fn type_key(state: &mut State, step: Step, key: KeyEvent) -> Vec<Effect> {
    let apps = state.files().apps.len();
    start_name(state, step);
    if let Some(field) = state.setup.field(step, apps) {
        field.type_key(key);
    }
    on_text_changed(state, step)
}

/// Takes pasted text, cleaned; it never is a command.
pub(crate) fn paste(state: &mut State, step: Step, text: &str) -> Vec<Effect> {
    let apps = state.files().apps.len();
    start_name(state, step);
    let credential = match step {
        Step::Credentials if state.setup.credentials_line == apps => Some(Credential::ClientId),
        Step::Credentials => Some(Credential::ClientSecret),
        Step::Redirect => Some(Credential::RedirectUrl),
        Step::Guide | Step::Scopes | Step::Review => None,
    };
    let (text, several) = credential.map_or_else(|| cleaned(text), |kind| clean_credential(kind, text));
    let cut = state.setup.field(step, apps).and_then(|field| field.insert(&text));
    if several {
        state.notify_error("The pasted text had several lines. Only the first was used.");
    }
    state.notify_cut(cut);
    on_text_changed(state, step)
}

/// Makes the suggested name the field's text, so that typing changes it.
fn start_name(state: &mut State, step: Step) {
    if step == Step::Review && state.setup.review_line == 0 && !state.setup.is_name_typed {
        state.setup.name = Field::new(state.setup.profile_name_text(&state.files()));
        state.setup.is_name_typed = true;
    }
}

fn on_text_changed(state: &mut State, step: Step) -> Vec<Effect> {
    match step {
        Step::Redirect => return probe_port(state),
        // Credentials that are typed are those of another app.
        Step::Credentials if state.setup.credentials_line >= state.files().apps.len() => state.setup.app = None,
        _ => {}
    }
    Vec::new()
}

/// Takes the result of a port's probe. The sandbox's app accepts any port, so a port in use is replaced by the next.
pub(crate) fn on_port_probed(state: &mut State, url: String, result: Result<(), Error>) -> Vec<Effect> {
    let problem = result.as_ref().err().map(|error| error.message.clone());
    state.setup.port_probe = Some((url, result));
    let is_sandbox_app = !state.start.sandbox_members.is_empty() && state.setup.app.is_none();
    let default_url = |port: u16| format!("http://localhost:{port}/callback");
    match (state.setup.redirect_url(), problem) {
        (Ok(url), Some(problem))
            if is_sandbox_app && (3000..3020).contains(&url.port()) && url.as_str() == default_url(url.port()) =>
        {
            state.setup.redirect = Field::new(default_url(url.port() + 1));
            state.notify(format!("{problem} The sandbox accepts any port, so the next one was chosen."));
            probe_port(state)
        }
        _ => Vec::new(),
    }
}

pub(super) fn probe_port(state: &mut State) -> Vec<Effect> {
    state.setup.port_probe = None;
    state.setup.redirect_url().map(|url| vec![Effect::ProbePort(url)]).unwrap_or_default()
}

pub(crate) fn handle(state: &mut State, step: Step, action: Action) -> Vec<Effect> {
    let files = state.files();
    match (step, action) {
        (_, Action::Continue) => return next(state, step, &files),
        (_, Action::Back) => return back(state, step, &files),
        (Step::Guide, action) => return guide::handle(state, action),
        (_, Action::OpenPortal) => return vec![Effect::OpenPage(portal::APPS.to_owned())],
        (Step::Credentials, Action::Reveal) => state.toggle_reveal(),
        (Step::Credentials, Action::NextField | Action::PreviousField) => {
            let setup = &mut state.setup;
            setup.credentials_line = moved(setup.credentials_line, files.apps.len() + 2, action);
            let app = files.apps.get(setup.credentials_line);
            setup.app = app.map(|app| app.name.clone());
            if let Some(app) = app {
                setup.redirect = Field::new(app.redirect_url.as_str());
            }
        }
        (Step::Scopes, action) => handle_scopes(state, action, &files),
        (Step::Redirect, Action::CopyUrl) => return copy_text("the redirect URL", state.setup.redirect.trimmed()),
        (Step::Review, Action::NextField | Action::PreviousField) => {
            state.setup.review_line = 1 - state.setup.review_line;
        }
        _ => {}
    }
    Vec::new()
}

fn handle_scopes(state: &mut State, action: Action, files: &Files) {
    let setup = &mut state.setup;
    let custom_line = CATALOGUE.len();
    let preset = match action {
        Action::Up | Action::Down => {
            setup.scope_line = moved(setup.scope_line, custom_line + 1, action);
            return;
        }
        Action::NextField => {
            setup.scope_line = if setup.scope_line == custom_line { 0 } else { custom_line };
            return;
        }
        Action::Toggle => {
            if let Some(scope) = CATALOGUE.get(setup.scope_line) {
                match setup.scopes.iter().position(|id| id == scope.id) {
                    Some(at) => drop(setup.scopes.remove(at)),
                    None => setup.scopes.push(scope.id.to_owned()),
                }
            }
            None
        }
        Action::PresetOne => Some(0),
        Action::PresetTwo => Some(1),
        Action::PresetThree => Some(2),
        _ => return,
    };
    if let Some(number) = preset {
        setup.scopes = PRESETS[number].scopes.iter().map(|&scope| scope.to_owned()).collect();
    }
    // The page shows the problem at its top, which most of its lines scroll out of sight.
    state.notification = None;
    let scopes = state.setup.all_scopes();
    if let Err(error) = scopes::check_granted(&scopes, &state.setup.granted(files))
        && !scopes.is_empty()
    {
        state.notify_failure(&error);
    }
}

fn next(state: &mut State, step: Step, files: &Files) -> Vec<Effect> {
    let to = |state: &mut State, step| state.go(Screen::Setup(step));
    match step {
        Step::Guide => {
            to(state, Step::Credentials);
            return vec![Effect::SaveGuide(guide::mark_seen(&files.guide))];
        }
        Step::Credentials => {
            state.revealed = None;
            let setup = &mut state.setup;
            // The line of the first field that is missing or wrong: Enter in the first field moves to the second.
            let wrong = if setup.app.is_some() {
                None
            } else if setup.client_id_problem().is_some() {
                Some(files.apps.len())
            } else {
                setup.secret_problem().map(|_| files.apps.len() + 1)
            };
            match wrong {
                Some(line) => setup.credentials_line = line,
                None => to(state, Step::Scopes),
            }
        }
        Step::Scopes => match scopes::check_granted(&state.setup.all_scopes(), &state.setup.granted(files)) {
            Ok(()) => {
                to(state, Step::Redirect);
                return probe_port(state);
            }
            Err(error) => state.notify_failure(&error),
        },
        Step::Redirect => match state.setup.redirect_url() {
            Ok(_) => to(state, Step::Review),
            Err(error) => state.notify_failure(&error),
        },
        Step::Review => match state.setup.request(state, files) {
            Ok(request) => return progress::start(state, request, Origin::Setup),
            Err(error) => state.notify_error(error.to_string()),
        },
    }
    Vec::new()
}

fn back(state: &mut State, step: Step, files: &Files) -> Vec<Effect> {
    state.revealed = None;
    let to = match step {
        Step::Guide if files.rows.is_empty() => return vec![Effect::Terminal(TerminalEffect::Quit)],
        Step::Guide => Screen::Profiles,
        Step::Credentials if !files.rows.is_empty() => Screen::Profiles,
        Step::Credentials => Screen::Setup(Step::Guide),
        Step::Scopes => Screen::Setup(Step::Credentials),
        Step::Redirect => Screen::Setup(Step::Scopes),
        Step::Review if state.setup.opened_at_review => Screen::Profiles,
        Step::Review => Screen::Setup(Step::Redirect),
    };
    state.go(to);
    Vec::new()
}
