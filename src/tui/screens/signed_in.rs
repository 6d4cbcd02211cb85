//! The result of a sign-in: the member, the token, and what can be done next.

mod view;

use super::{compose, copy, copy_text, deliveries, member_and_email, move_selection, profiles, setup};
use crate::flows::sign_in::SignInOutcome;
use crate::linkedin::endpoints::portal;
use crate::linkedin::{products, scopes};
use crate::store::{Name, Profile};
use crate::text::{fit, sanitize};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::scrolling::scroll;
use crate::tui::state::{Dialog, Screen, State};
use crate::{Code, Error};

pub(crate) use view::page;

/// The result and the selected next step.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub outcome: SignInOutcome,
    next_step: usize,
    /// Whether the sign-in was started from a post, whose draft is saved.
    continues_post: bool,
    /// Why the member could not be identified.
    member_error: Option<Error>,
}

impl SignedIn {
    pub(super) const fn new(outcome: SignInOutcome, continues_post: bool, member_error: Option<Error>) -> Self {
        Self { outcome, next_step: 0, continues_post, member_error }
    }

    /// Returns whether LinkedIn restricted the account and refuses every call.
    fn is_restricted(&self) -> bool {
        self.member_error.as_ref().is_some_and(|error| error.code == Code::MemberRestricted)
    }

    /// Returns whether identifying the member failed and may work later.
    fn can_identify(&self) -> bool {
        self.outcome.profile.member.is_none() && self.member_error.is_some() && !self.is_restricted()
    }

    /// Returns whether the token can be used to publish a post.
    fn can_publish(&self) -> bool {
        !self.is_restricted() && has_post_scope(&self.outcome.profile)
    }
}

/// What can be done after a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    /// Opens the portal, where the app gets the product of the scopes that were not granted.
    Portal,
    /// Requests the scopes again that were not granted.
    Reauthorize,
    /// Identifies the member again, by a check in the profile list.
    Identify,
    /// Re-authorizes the next of several profiles.
    NextProfile,
    ProfileList,
    Compose,
    Deliveries,
    Add,
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
    outcome.missing.first().and_then(|missing| products::products_with(missing).next())
}

/// Returns whether the portal may add what was not granted. The sandbox's apps are in no portal.
pub(crate) fn can_open_portal(state: &State) -> bool {
    let Screen::SignedIn(signed_in) = &state.screen else { return false };
    !state.is_sandbox() && missing_product(&signed_in.outcome).is_some()
}

fn next_steps(state: &State, signed_in: &SignedIn) -> Vec<NextStep> {
    let outcome = &signed_in.outcome;
    let mut steps = Vec::new();
    // Requesting the scopes again is of no use before the app has the product.
    if !state.is_sandbox() && missing_product(outcome).is_some() {
        steps.push(NextStep::Portal);
    }
    if !outcome.missing.is_empty() {
        steps.push(NextStep::Reauthorize);
    }
    if signed_in.can_identify() {
        steps.push(NextStep::Identify);
    }
    if !state.list.reauthorization_queue.is_empty() {
        steps.extend([NextStep::NextProfile, NextStep::ProfileList]);
        return steps;
    }
    steps.push(NextStep::ProfileList);
    if signed_in.can_publish() {
        // The text that the sign-in was for comes first.
        let at = steps.len() - usize::from(signed_in.continues_post);
        steps.insert(at, NextStep::Compose);
    }
    steps.extend([NextStep::Deliveries, NextStep::Add]);
    steps
}

/// Returns the action that takes a next step directly; Enter takes the selected one.
const fn key_action(step: NextStep) -> Action {
    match step {
        NextStep::Portal => Action::OpenPortal,
        NextStep::Reauthorize => Action::Reauthorize,
        NextStep::Identify => Action::Check,
        NextStep::NextProfile => Action::Skip,
        NextStep::ProfileList => Action::Back,
        NextStep::Compose => Action::Compose,
        NextStep::Deliveries => Action::Deliveries,
        NextStep::Add => Action::Add,
    }
}

/// Returns what Esc leads to; `None` where Enter does the same.
pub(crate) fn back_label(state: &State) -> Option<String> {
    let Screen::SignedIn(signed_in) = &state.screen else { return None };
    let steps = next_steps(state, signed_in);
    (steps.get(signed_in.next_step) != Some(&NextStep::ProfileList)).then(|| "back".to_owned())
}

/// Returns the name of the selected next step.
pub(crate) fn next_step_label(state: &State, name_width: usize) -> Option<String> {
    let Screen::SignedIn(signed_in) = &state.screen else { return None };
    let steps = next_steps(state, signed_in);
    let label = match steps.get(signed_in.next_step)? {
        NextStep::Portal => "open portal".to_owned(),
        NextStep::Reauthorize => "re-authorize".to_owned(),
        NextStep::Identify => "try again".to_owned(),
        NextStep::NextProfile => {
            format!("next: {}", fit(state.list.reauthorization_queue.front()?.as_str(), name_width))
        }
        NextStep::ProfileList => "profile list".to_owned(),
        NextStep::Compose if signed_in.continues_post => "continue the post".to_owned(),
        NextStep::Compose => "publish a post".to_owned(),
        NextStep::Deliveries => "deliveries".to_owned(),
        NextStep::Add => "add a profile".to_owned(),
    };
    Some(label)
}

fn description(state: &State, signed_in: &SignedIn, step: NextStep) -> String {
    let outcome = &signed_in.outcome;
    match step {
        NextStep::Portal => "open the app's Products tab in the portal".to_owned(),
        NextStep::Reauthorize => match outcome.missing.as_slice() {
            [scope] => format!("re-authorize, to request {} again", sanitize(scope, 60)),
            _ => "re-authorize, to request the missing scopes again".to_owned(),
        },
        NextStep::Identify => "try again to identify the member".to_owned(),
        NextStep::NextProfile => {
            let store = state.store();
            let next = state.list.reauthorization_queue.front();
            let member = next.and_then(|next| store.profile(next)).and_then(|profile| profile.member.as_ref());
            let account = member.map_or_else(String::new, |member| format!(", as {}", member_and_email(member)));
            let name = next.map_or("", Name::as_str);
            format!("re-authorize {name}{account} ({} left)", state.list.reauthorization_queue.len())
        }
        NextStep::ProfileList if !state.list.reauthorization_queue.is_empty() => {
            "go to the profile list; the remaining profiles stay marked".to_owned()
        }
        NextStep::ProfileList => "go to the profile list".to_owned(),
        NextStep::Compose if signed_in.continues_post => "continue your post (the draft is saved)".to_owned(),
        NextStep::Compose => "publish a post".to_owned(),
        NextStep::Deliveries if outcome.profile.deliveries.is_empty() => {
            "deliver it to CI, a server, a vault".to_owned()
        }
        NextStep::Deliveries => "see its deliveries".to_owned(),
        NextStep::Add => "add another profile".to_owned(),
    }
}

/// Returns the commands that use the token, with the options that select its files.
fn commands(state: &State, profile: &Profile) -> Vec<(Action, String)> {
    let program = state.config.program;
    // Without a name, a command uses the current profile, which may be another one when a script runs.
    let name = &profile.name;
    let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let mut commands = vec![
        (Action::CopyTokenCommand, format!("{program} token {name}")),
        (Action::CopyExportCommand, export_command(program, name)),
    ];
    let path = if scopes.iter().any(|id| id == "openid") {
        Some("/v2/userinfo")
    } else {
        scopes.iter().any(|id| id == scopes::BASIC_PROFILE).then_some("/v2/me")
    };
    commands
        .extend(path.map(|path| (Action::CopyRequestCommand, format!("{program} --profile {name} api GET {path}"))));
    commands
}

/// Returns the command that sets the variable in a shell; on Windows that is PowerShell.
fn export_command(program: &str, name: &Name) -> String {
    if cfg!(windows) {
        format!("$env:LINKEDIN_ACCESS_TOKEN = {program} token {name}")
    } else {
        format!("export LINKEDIN_ACCESS_TOKEN=\"$({program} token {name})\"")
    }
}

pub(crate) fn handle(state: &mut State, mut signed_in: Box<SignedIn>, action: Action) -> Vec<Effect> {
    let steps = next_steps(state, &signed_in);
    if matches!(action, Action::Up | Action::Down) {
        signed_in.next_step = move_selection(signed_in.next_step, steps.len(), action);
        state.screen = Screen::SignedIn(signed_in);
        return Vec::new();
    }
    if action.is_navigation() {
        // The page follows a moved selection; without one it scrolls.
        signed_in.next_step = 0;
        state.screen = Screen::SignedIn(signed_in);
        scroll(state, action);
        return Vec::new();
    }
    let step = match action {
        Action::Continue => steps.get(signed_in.next_step).copied().unwrap_or(NextStep::ProfileList),
        Action::Back => NextStep::ProfileList,
        Action::OpenPortal => NextStep::Portal,
        Action::Reauthorize => NextStep::Reauthorize,
        Action::Check => NextStep::Identify,
        Action::Compose => NextStep::Compose,
        Action::Deliveries => NextStep::Deliveries,
        Action::Add => NextStep::Add,
        Action::Skip if steps.contains(&NextStep::NextProfile) => NextStep::NextProfile,
        action => return handle_value(state, signed_in, action),
    };
    let profile = signed_in.outcome.profile.clone();
    // The screen stays open where a step cannot be taken.
    state.screen = Screen::SignedIn(signed_in);
    match step {
        NextStep::ProfileList => open_profile_list(state),
        NextStep::NextProfile => {
            state.revealed_until = None;
            profiles::reauthorize_next(state).unwrap_or_else(|| open_profile_list(state))
        }
        NextStep::Portal => vec![Effect::OpenPage(portal::APPS.to_owned())],
        NextStep::Reauthorize => profiles::reauthorize(state, &profile.name),
        NextStep::Identify => {
            let mut effects = open_profile_list(state);
            effects.extend(profiles::check_one(state, &profile.name));
            effects
        }
        NextStep::Compose => compose::open(state, &profile),
        NextStep::Deliveries => {
            deliveries::open(state, profile.name);
            Vec::new()
        }
        NextStep::Add => {
            state.revealed_until = None;
            setup::open(state);
            Vec::new()
        }
    }
}

fn open_profile_list(state: &mut State) -> Vec<Effect> {
    state.revealed_until = None;
    state.open_screen(Screen::Profiles);
    vec![Effect::ReloadStore]
}

/// Handles a key that shows, copies or changes a value.
fn handle_value(state: &mut State, signed_in: Box<SignedIn>, action: Action) -> Vec<Effect> {
    let profile = signed_in.outcome.profile.clone();
    let missing_scopes = !signed_in.outcome.missing.is_empty();
    state.screen = Screen::SignedIn(signed_in);
    match action {
        Action::Reveal => state.toggle_reveal(),
        Action::Copy => state.dialog = Some(Dialog::Copy(profiles::CopyMenu { name: profile.name, selected: 0 })),
        Action::EditScopes if !missing_scopes => {}
        Action::EditScopes => {
            let store = state.store();
            match store.apps.iter().find(|app| app.name == profile.app) {
                Some(app) => setup::edit_scopes(state, &profile, app),
                None => return profiles::reauthorize(state, &profile.name),
            }
        }
        Action::CopyTokenCommand | Action::CopyExportCommand | Action::CopyRequestCommand => {
            let command = commands(state, &profile).into_iter().find(|(copied_by, _)| *copied_by == action);
            return command.map_or_else(Vec::new, |(_, command)| copy_text("the command", &command));
        }
        action => {
            let copied = profiles::copied_value(state, &profile, action);
            return copied.map_or_else(Vec::new, |(label, content)| copy(label, content));
        }
    }
    Vec::new()
}
