//! The result of a sign-in: the member, the token, and what can be done next.

mod view;

use super::{compose, copy, copy_text, deliveries, member_and_email, profiles, setup};
use crate::flows::sign_in::SignInOutcome;
use crate::linkedin::endpoints::portal;
use crate::linkedin::{member, products};
use crate::store::{Name, Profile};
use crate::text::sanitize;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use crate::{Code, Error};

pub(crate) use view::page;

/// The result.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub outcome: SignInOutcome,
    /// Whether the sign-in was started from a post, whose draft is saved.
    is_for_post: bool,
    /// Why the member could not be identified.
    member_error: Option<Error>,
}

impl SignedIn {
    pub(super) const fn new(outcome: SignInOutcome, is_for_post: bool, member_error: Option<Error>) -> Self {
        Self { outcome, is_for_post, member_error }
    }

    /// Returns whether LinkedIn restricted the account and refuses every call.
    fn is_restricted(&self) -> bool {
        self.member_error.as_ref().is_some_and(|error| error.code == Code::MemberRestricted)
    }

    /// Returns whether identifying the member failed and may work later.
    fn can_identify(&self) -> bool {
        self.member_error.is_some() && !self.is_restricted()
    }

    /// Returns whether the token can be used to publish a post.
    fn can_publish(&self) -> bool {
        !self.is_restricted() && has_post_scope(&self.outcome.profile)
    }
}

/// Returns whether the token can be used to publish a post.
pub(crate) fn can_publish(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.can_publish())
}

/// Returns whether identifying the member failed and may work later.
pub(crate) fn can_identify(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.can_identify())
}

/// Returns whether the token has a scope to publish posts with.
fn has_post_scope(profile: &Profile) -> bool {
    let token = profile.token.as_ref();
    token.is_some_and(|token| {
        token.scopes.iter().any(|id| matches!(id.as_str(), "w_member_social" | "w_organization_social"))
    })
}

/// Returns the product of the first scope that was not granted.
fn missing_product(outcome: &SignInOutcome) -> Option<&'static products::Product> {
    outcome.missing_scopes.first().and_then(|missing| products::products_with(missing).next())
}

/// Returns whether the portal may add what was not granted. The sandbox's apps are in no portal.
pub(crate) fn can_open_portal(state: &State) -> bool {
    let Screen::SignedIn(signed_in) = &state.screen else { return false };
    !state.is_sandbox() && missing_product(&signed_in.outcome).is_some()
}

/// Returns whether the sign-in was started from a post, whose draft is saved.
pub(crate) fn is_for_post(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.is_for_post)
}

/// Returns the next steps that come first, the likeliest first.
pub(super) fn first_steps(state: &State) -> Vec<Action> {
    // Requesting the scopes again is of no use before the app has the product.
    let mut first = vec![Action::OpenPortal, Action::Reauthorize, Action::Check, Action::Skip];
    // A post that the sign-in was for comes before the profile list.
    first.extend(is_for_post(state).then_some(Action::Compose));
    first.push(Action::Back);
    first
}

/// Returns what a next step does.
pub(super) fn step_description(state: &State, action: Action) -> Option<String> {
    let Screen::SignedIn(signed_in) = &state.screen else { return None };
    let outcome = &signed_in.outcome;
    let queue = &state.list.reauthorization_queue;
    let text = match action {
        Action::OpenPortal => "open the app's Products tab in the portal",
        Action::Reauthorize => match outcome.missing_scopes.as_slice() {
            [scope] => return Some(format!("re-authorize, to request {} again", sanitize(scope, 60))),
            _ => "re-authorize, to request the missing scopes again",
        },
        Action::Check => "try again to identify the member",
        Action::Skip => {
            let store = state.store();
            let next = queue.front();
            let member = next.and_then(|next| store.profile(next)).and_then(|profile| profile.member.as_ref());
            let account = member.map_or_else(String::new, |member| format!(", as {}", member_and_email(member)));
            let name = next.map_or("", Name::as_str);
            let warning = next.and_then(|next| profiles::reauthorized_warning(state, next));
            let warning = warning.map_or_else(String::new, |warning| format!(". {warning}"));
            return Some(format!("re-authorize {name}{account} ({} left){warning}", queue.len()));
        }
        Action::Back if !queue.is_empty() => "go to the profile list; the remaining profiles stay marked",
        Action::Back => "go to the profile list",
        Action::Compose if signed_in.is_for_post => "continue your post (the draft is saved)",
        Action::Deliveries if outcome.profile.deliveries.is_empty() => "deliver it to CI, a server, a vault",
        Action::Deliveries => "see its deliveries",
        Action::Add => "add another profile",
        _ => return None,
    };
    Some(text.to_owned())
}

/// Returns the shell commands that use the token, each with the action that copies it.
fn shell_commands(state: &State, profile: &Profile) -> Vec<(Action, String)> {
    let program_command = state.config.program_command;
    // Without a name, a command uses the current profile, which may be another one when a script runs.
    let name = &profile.name;
    let granted = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let mut commands = vec![
        (Action::CopyTokenCommand, format!("{program_command} token {name}")),
        (Action::CopyExportCommand, export_command(program_command, name)),
    ];
    if let Some(path) = member::select_path(granted) {
        commands.push((Action::CopyRequestCommand, format!("{program_command} --profile {name} api GET {path}")));
    }
    commands
}

/// Returns the command that sets the variable in a shell; on Windows that is PowerShell.
fn export_command(program_command: &str, name: &Name) -> String {
    if cfg!(windows) {
        format!("$env:LINKEDIN_ACCESS_TOKEN = {program_command} token {name}")
    } else {
        format!("export LINKEDIN_ACCESS_TOKEN=\"$({program_command} token {name})\"")
    }
}

pub(crate) fn handle(state: &mut State, signed_in: Box<SignedIn>, action: Action) -> Vec<Effect> {
    let profile = signed_in.outcome.profile.clone();
    // The screen stays open where a step cannot be taken.
    state.screen = Screen::SignedIn(signed_in);
    match action {
        Action::Back => open_profile_list(state),
        Action::Skip if !state.list.reauthorization_queue.is_empty() => {
            state.revealed_until = None;
            profiles::reauthorize_next(state).unwrap_or_else(|| open_profile_list(state))
        }
        Action::OpenPortal => vec![Effect::OpenPage(portal::APPS.to_owned())],
        Action::Reauthorize => profiles::reauthorize(state, &profile.name),
        Action::Check => {
            let mut effects = open_profile_list(state);
            effects.extend(profiles::check_one(state, &profile.name));
            effects
        }
        Action::Compose => compose::open(state, &profile),
        Action::Deliveries => {
            deliveries::open(state, profile.name);
            Vec::new()
        }
        Action::Add => {
            state.revealed_until = None;
            setup::open(state);
            Vec::new()
        }
        action => handle_value(state, profile, action),
    }
}

fn open_profile_list(state: &mut State) -> Vec<Effect> {
    state.revealed_until = None;
    state.open_screen(Screen::Profiles);
    vec![Effect::ReloadStore]
}

/// Handles a key that shows, copies or changes a value.
fn handle_value(state: &mut State, profile: Profile, action: Action) -> Vec<Effect> {
    let lacks_scopes =
        matches!(&state.screen, Screen::SignedIn(signed_in) if !signed_in.outcome.missing_scopes.is_empty());
    match action {
        Action::Reveal => state.toggle_reveal(),
        Action::Copy => profiles::open_copy(state, profile.name),
        Action::EditScopes if !lacks_scopes => {}
        Action::EditScopes => {
            let store = state.store();
            match store.apps.iter().find(|app| app.name == profile.app) {
                Some(app) => setup::edit_scopes(state, &profile, app),
                None => return profiles::reauthorize(state, &profile.name),
            }
        }
        Action::CopyTokenCommand | Action::CopyExportCommand | Action::CopyRequestCommand => {
            let command = shell_commands(state, &profile).into_iter().find(|(copied_by, _)| *copied_by == action);
            return command.map_or_else(Vec::new, |(_, command)| copy_text("the command", &command));
        }
        action => {
            let copied = profiles::copied_value(state, &profile, action);
            return copied.map_or_else(Vec::new, |(label, content)| copy(label, content));
        }
    }
    Vec::new()
}
