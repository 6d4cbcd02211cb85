//! What the setup's keys do.

use crossterm::event::KeyEvent;

use crate::Error;
use crate::linkedin::endpoints::portal;
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS};
use crate::text::{Credential, clean_credential};
use crate::tui::files::Files;
use crate::tui::keymap::Action;
use crate::tui::message::{ClipboardContent, Effect, TerminalEffect};
use crate::tui::screens::guide;
use crate::tui::screens::progress::{self, Origin};
use crate::tui::state::{Screen, State, Step};
use crate::tui::widgets::field::{Field, cleaned};

/// Does a typed character go into a field, and not to a command?
pub(in crate::tui) fn takes_text(state: &mut State, step: Step) -> bool {
    let apps = state.files().apps.len();
    state.setup.field(step, apps).is_some()
}

/// A key that is no command.
pub(in crate::tui) fn type_key(state: &mut State, step: Step, key: KeyEvent) -> Vec<Effect> {
    let apps = state.files().apps.len();
    begin_name(state, step);
    if let Some(field) = state.setup.field(step, apps) {
        field.type_key(key);
    }
    changed(state, step)
}

/// Pasted text: cleaned, and never a command.
pub(in crate::tui) fn paste(state: &mut State, step: Step, text: &str) -> Vec<Effect> {
    let apps = state.files().apps.len();
    begin_name(state, step);
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
    changed(state, step)
}

/// Typing in the name's field begins from what it shows.
fn begin_name(state: &mut State, step: Step) {
    if step == Step::Review && state.setup.review_line == 0 && !state.setup.named {
        state.setup.name = Field::new(state.setup.profile_name(&state.files()));
        state.setup.named = true;
    }
}

/// What a changed text makes necessary.
fn changed(state: &mut State, step: Step) -> Vec<Effect> {
    match step {
        Step::Redirect => probe(state),
        Step::Credentials => {
            let apps = state.files().apps.len();
            if state.setup.credentials_line >= apps {
                state.setup.app = None;
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// What the probe of a port said. The sandbox's app takes any port, so where the usual one is
/// taken a newcomer is spared the search.
pub(in crate::tui) fn probed(state: &mut State, url: String, result: Result<(), Error>) -> Vec<Effect> {
    let taken = result.as_ref().err().map(|error| error.message.clone());
    state.setup.probed = Some((url, result));
    let sandbox = !state.start.sandbox_members.is_empty() && state.setup.app.is_none();
    let usual = |port: u16| format!("http://localhost:{port}/callback");
    match (state.setup.redirect_url(), taken) {
        (Ok(url), Some(taken))
            if sandbox && (3000..3020).contains(&url.port()) && url.as_str() == usual(url.port()) =>
        {
            state.setup.redirect = Field::new(usual(url.port() + 1));
            state.notify(format!("{taken} The sandbox accepts any port, so the next one was chosen."));
            probe(state)
        }
        _ => Vec::new(),
    }
}

pub(super) fn probe(state: &mut State) -> Vec<Effect> {
    state.setup.probed = None;
    state.setup.redirect_url().map(|url| vec![Effect::ProbePort(url)]).unwrap_or_default()
}

/// A command at a step.
pub(in crate::tui) fn act(state: &mut State, step: Step, action: Action) -> Vec<Effect> {
    let files = state.files();
    match (step, action) {
        (_, Action::Continue) => return next(state, step, &files),
        (_, Action::Back) => return back(state, step, &files),
        (Step::Guide, action) => return guide::act(state, action),
        (_, Action::OpenPortal) => return vec![Effect::OpenPage(portal::APPS.to_owned())],
        (Step::Credentials, Action::Reveal) => state.toggle_reveal(),
        (Step::Credentials, Action::NextField | Action::PreviousField) => {
            let lines = files.apps.len() + 2;
            let by = if action == Action::NextField { 1 } else { lines - 1 };
            let line = (state.setup.credentials_line + by) % lines;
            state.setup.credentials_line = line;
            state.setup.app = files.apps.get(line).map(|app| app.name.clone());
            if let Some(app) = files.apps.get(line) {
                state.setup.redirect = Field::new(app.redirect_url.as_str());
            }
        }
        (Step::Scopes, action) => scopes_act(state, action, &files),
        (Step::Redirect, Action::CopyUrl) => {
            let copied = ClipboardContent::Text(state.setup.redirect.trimmed().to_owned());
            return vec![Effect::Terminal(TerminalEffect::Copy { what: "the redirect URL", copied })];
        }
        (Step::Review, Action::NextField | Action::PreviousField) => {
            state.setup.review_line = 1 - state.setup.review_line;
        }
        _ => {}
    }
    Vec::new()
}

fn scopes_act(state: &mut State, action: Action, files: &Files) {
    let setup = &mut state.setup;
    let last = CATALOGUE.len();
    match action {
        Action::Up => setup.scope_line = setup.scope_line.saturating_sub(1),
        Action::Down => setup.scope_line = (setup.scope_line + 1).min(last),
        Action::NextField => setup.scope_line = if setup.scope_line == last { 0 } else { last },
        Action::PresetOne | Action::PresetTwo | Action::PresetThree => {
            let number = if action == Action::PresetOne { 0 } else { 1 + usize::from(action == Action::PresetThree) };
            setup.scopes = PRESETS[number].scopes.iter().map(|&scope| scope.to_owned()).collect();
        }
        Action::Toggle => {
            if let Some(row) = CATALOGUE.get(setup.scope_line) {
                match setup.scopes.iter().position(|scope| scope == row.id) {
                    Some(at) => drop(setup.scopes.remove(at)),
                    None => setup.scopes.push(row.id.to_owned()),
                }
            }
        }
        _ => {}
    }
    if matches!(action, Action::PresetOne | Action::PresetTwo | Action::PresetThree | Action::Toggle) {
        say_trouble(state, files);
    }
}

/// Says why a choice is impossible: the summary at the top of the page is out of sight from most rows.
fn say_trouble(state: &mut State, files: &Files) {
    let chosen = state.setup.all_scopes();
    state.notification = None;
    if let Err(error) = scopes::check_granted(&chosen, &state.setup.granted(files))
        && !chosen.is_empty()
    {
        state.notify_error(format!("{error} {}", state.hint(&error)));
    }
}

fn next(state: &mut State, step: Step, files: &Files) -> Vec<Effect> {
    let to = |state: &mut State, step| state.go(Screen::Setup(step));
    match step {
        Step::Guide => {
            to(state, Step::Credentials);
            return vec![Effect::SaveGuide(guide::seen(&files.guide))];
        }
        Step::Credentials => {
            let apps = files.apps.len();
            let trouble = if state.setup.app.is_some() {
                None
            } else if let Some(trouble) = state.setup.client_id_problem() {
                state.setup.credentials_line = apps;
                Some(trouble)
            } else if let Some(trouble) = state.setup.secret_trouble() {
                // Enter in the first field goes on to the second.
                state.setup.credentials_line = apps + 1;
                Some(trouble)
            } else {
                None
            };
            state.revealed = None;
            if trouble.is_none() {
                to(state, Step::Scopes);
            }
        }
        Step::Scopes => match scopes::check_granted(&state.setup.all_scopes(), &state.setup.granted(files)) {
            Ok(()) => {
                to(state, Step::Redirect);
                return probe(state);
            }
            Err(error) => state.notify_error(format!("{error} {}", state.hint(&error))),
        },
        Step::Redirect => match state.setup.redirect_url() {
            Ok(_) => to(state, Step::Review),
            Err(error) => state.notify_error(format!("{error} {}", state.hint(&error))),
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
        Step::Review if state.setup.at_the_end => Screen::Profiles,
        Step::Review => Screen::Setup(Step::Redirect),
    };
    state.go(to);
    Vec::new()
}
