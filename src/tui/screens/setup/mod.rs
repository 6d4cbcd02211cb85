//! The setup of an app and a profile, from the app guide to the review.

mod commands;
mod guide;
mod scopes;
mod scopes_view;
mod view;

pub(crate) use commands::{handle, on_port_probed, open_earlier_step, paste, type_key};
pub(crate) use scopes::toggle_label;
pub(crate) use view::setup_page;

use super::progress::{Origin, SignIn};
use super::{parse_profile_name, sign_in_request};
use crate::flows::sign_in::Request;
use crate::linkedin::scopes as catalog;
use crate::linkedin::scopes::CATALOG;
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::store::{App, Name, Profile};
use crate::text::CopiedValue;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Prefill, Screen, SetupStep, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::widgets::field::Field;
use crate::{Code, Error, NextStep, Result};
use scopes::{ScopeList, ScopeRow};

/// The input of the setup. Leaving a step does not clear it.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The selected step of the app guide.
    pub guide_row: usize,
    pub shows_outdated_tutorials: bool,
    /// The profile that is re-authorized; `None` creates one.
    pub existing_profile: Option<Name>,
    /// Whether it was opened at the review, so that going back leads to the profile list.
    pub is_opened_at_review: bool,
    /// The step that the setup was opened at, if not the first one; going back from it leaves the setup.
    pub entry_step: Option<SetupStep>,
    /// Whether it was opened from a post, so that going back leads to it.
    pub is_opened_from_post: bool,
    /// Whether the step was opened from the review, and returns to it.
    pub returns_to_review: bool,
    /// The selected saved app; `None` where an app is entered.
    pub app: Option<Name>,
    /// The focused line of the credentials: the saved apps, then client ID, then client secret.
    pub credentials_row: usize,
    /// The line that the user tried to leave although its field was empty or wrong.
    pub invalid_row: Option<usize>,
    pub client_id: Field,
    pub secret: Field,
    /// Whether the whole secret is selected, so that typing replaces it.
    pub typing_replaces_secret: bool,
    /// What LinkedIn refused, until it is changed.
    pub(crate) refused: Option<CopiedValue>,
    /// Where the credentials were found.
    pub source: Option<&'static str>,
    /// The scopes that are checked in the catalog.
    pub scopes: Vec<String>,
    pub scope_list: ScopeList,
    pub custom_scopes: Field,
    pub redirect: Field,
    /// Whether the redirect URL is being typed: its port stays then, even if it is in use.
    pub is_redirect_typed: bool,
    /// The redirect URL for an app that is entered, while a saved app is selected.
    pub new_app_redirect: Option<Field>,
    /// The URL whose port was probed, and whether it is available.
    pub port_probe: Option<(String, Result<(), Error>)>,
    /// The focused line of the review: 0 the name, 1 the browser, then the steps before.
    pub review_row: usize,
    pub name: Field,
    /// Whether the name was typed; otherwise it is suggested.
    pub is_name_typed: bool,
    /// The browser command.
    pub browser: Field,
}

impl Setup {
    /// Creates a setup with the credentials from the environment.
    pub(crate) fn new(prefill: &Prefill) -> Self {
        let checked: Vec<String> = catalog::DEFAULT.iter().map(|&scope| scope.to_owned()).collect();
        Self {
            client_id: Field::new(prefill.client_id.clone()),
            secret: Field::new(prefill.client_secret.as_ref().map(crate::tui::expose).unwrap_or_default()),
            source: prefill.source,
            scope_list: ScopeList::from_checked(&checked),
            scopes: checked,
            redirect: Self::default_redirect(prefill),
            ..Self::default()
        }
    }

    fn default_redirect(prefill: &Prefill) -> Field {
        Field::new(prefill.redirect_url.clone().unwrap_or_else(|| RedirectUrl::DEFAULT.to_owned()))
    }

    /// Selects a saved app and its redirect URL; `None` for the app that is entered, which has a redirect URL of its own.
    fn select_app(&mut self, app: Option<&App>, prefill: &Prefill) {
        match app {
            Some(app) => {
                let before = std::mem::replace(&mut self.redirect, Field::new(app.redirect_url.as_str()));
                if self.app.is_none() {
                    self.new_app_redirect = Some(before);
                }
            }
            None if self.app.is_some() => {
                self.redirect = self.new_app_redirect.take().unwrap_or_else(|| Self::default_redirect(prefill));
            }
            None => {}
        }
        self.app = app.map(|app| app.name.clone());
    }

    /// Moves the focus of the credentials to the selected app. Where an app is entered, it stays in its field; `apps_before` is
    /// the number of saved apps that it was counted with.
    pub(crate) fn sync_credentials_row(&mut self, apps: &[App], apps_before: usize) {
        let selected = apps.iter().position(|app| Some(&app.name) == self.app.as_ref());
        self.credentials_row =
            selected.unwrap_or_else(|| apps.len() + self.credentials_row.saturating_sub(apps_before).min(1));
        // It was deleted elsewhere.
        self.app.take_if(|_| selected.is_none());
    }

    /// Returns whether the port of the redirect URL is available; `None` until it was probed.
    fn port_result(&self) -> Option<&Result<(), Error>> {
        let url = self.redirect_url().ok()?;
        self.port_probe.as_ref().filter(|(probed, _)| probed == url.as_str()).map(|(_, result)| result)
    }

    /// Returns whether a text was typed or changed that quitting would lose.
    pub(crate) fn has_typed_text(&self, prefill: &Prefill) -> bool {
        let secret = prefill.client_secret.as_ref().map(crate::tui::expose).unwrap_or_default();
        let is_typed = |field: &Field, filled_in: &str| !field.text().is_empty() && field.text() != filled_in;
        self.app.is_none() && (is_typed(&self.client_id, &prefill.client_id) || is_typed(&self.secret, secret))
            || !self.custom_scopes.text().is_empty()
            || self.is_name_typed
            || !self.browser.text().is_empty() && self.existing_profile.is_none()
    }

    fn client_id_problem(&self) -> Option<&'static str> {
        crate::linkedin::client_id_problem(self.client_id.trimmed())
    }

    /// Returns the saved app whose client ID was typed. The credentials are saved in that app.
    fn matching_app<'a>(&self, store: &'a StoreSnapshot) -> Option<&'a App> {
        store.apps.iter().find(|app| app.client_id == self.client_id.trimmed())
    }

    fn secret_problem(&self) -> Option<&'static str> {
        Self::problem_of_secret(self.secret.trimmed())
    }

    /// Returns whether a pasted value replaces the whole text of its field: LinkedIn refused that, or it is wrong and the pasted
    /// one is right.
    fn is_replaced_by(&self, kind: CopiedValue, pasted: &str) -> bool {
        let is_right = |value: &str| match kind {
            CopiedValue::ClientId => crate::linkedin::client_id_problem(value).is_none(),
            CopiedValue::ClientSecret | CopiedValue::Token => Self::problem_of_secret(value).is_none(),
            CopiedValue::RedirectUrl => self.parse_redirect_url(value).is_ok(),
        };
        let field = match kind {
            CopiedValue::ClientId => &self.client_id,
            CopiedValue::ClientSecret | CopiedValue::Token => &self.secret,
            CopiedValue::RedirectUrl => &self.redirect,
        };
        let is_refused = kind == CopiedValue::ClientId && self.refused == Some(kind);
        is_refused || !is_right(field.trimmed()) && is_right(pasted)
    }

    fn problem_of_secret(text: &str) -> Option<&'static str> {
        if text.is_empty() {
            Some("Required: copy the Primary Client Secret from the Auth tab.")
        } else if text.chars().any(char::is_whitespace) {
            Some("Contains a space. Copy the Primary Client Secret again.")
        } else {
            None
        }
    }

    /// Returns the scopes that are checked and those that were typed.
    pub fn all_scopes(&self) -> Vec<String> {
        let mut all = self.scopes.clone();
        all.extend(catalog::find_missing(&catalog::split(self.custom_scopes.text()), &self.scopes));
        all
    }

    /// Returns the scopes that LinkedIn granted to the profile that is re-authorized.
    fn granted_scopes(&self, store: &StoreSnapshot) -> Vec<String> {
        let profile = self.existing_profile.as_ref().and_then(|name| store.profile(name));
        profile.and_then(|profile| profile.token.as_ref()).map(|token| token.scopes.clone()).unwrap_or_default()
    }

    /// Returns the redirect URL, or the rule that it breaks.
    pub fn redirect_url(&self) -> Result<RedirectUrl> {
        self.parse_redirect_url(self.redirect.trimmed())
    }

    fn parse_redirect_url(&self, text: &str) -> Result<RedirectUrl> {
        RedirectUrl::parse(text).or_else(|error| match &self.app {
            // A saved native PKCE app may request a free port; `app` checks whether it is one.
            Some(_) => RedirectUrl::parse_for(Flow::NativePkce, text).map_err(|_| error),
            None => Err(error),
        })
    }

    /// Returns the profile's name as it was typed, or a free one.
    fn profile_name_text(&self, store: &StoreSnapshot) -> String {
        if let Some(name) = &self.existing_profile {
            return name.to_string();
        }
        if self.is_name_typed {
            return self.name.trimmed().to_owned();
        }
        let base = Name::suggest("", if store.rows.is_empty() { "default" } else { "account" });
        base.first_free(|name| store.has_profile(name.as_str())).to_string()
    }

    /// Returns the profile's name, or why it cannot be used.
    fn profile_name(&self, state: &State) -> Result<Name, String> {
        parse_profile_name(state, &self.profile_name_text(&state.store()), self.existing_profile.as_ref())
    }

    /// Returns the app as it was selected or typed, or what is missing.
    fn app(&self, store: &StoreSnapshot) -> Result<App> {
        let redirect_url = self.redirect_url()?;
        if let Some(app) = self.app.as_ref().and_then(|name| store.apps.iter().find(|app| app.name == *name)) {
            let redirect_url = RedirectUrl::parse_for(app.flow, redirect_url.as_str())?;
            return Ok(App { redirect_url, ..app.clone() });
        }
        if let Some(problem) = self.client_id_problem() {
            return Err(Error::bad_input(format!("Client ID: {problem}"), ""));
        }
        if let Some(problem) = self.secret_problem() {
            return Err(Error::bad_input(format!("Client secret: {problem}"), ""));
        }
        let name = match self.matching_app(store) {
            Some(app) => app.name.clone(),
            None => Name::parse(&self.profile_name_text(store))?
                .first_free(|name| store.apps.iter().any(|app| app.name == *name)),
        };
        Ok(App {
            name,
            client_id: self.client_id.trimmed().to_owned(),
            client_secret: Some(Secret::new(self.secret.trimmed())),
            redirect_url,
            flow: Flow::Standard,
        })
    }

    /// Returns the sign-in of this setup, or what is missing.
    fn request(&self, state: &State, store: &StoreSnapshot) -> Result<Request> {
        let profile =
            self.profile_name(state).map_err(|problem| Error::bad_input(format!("Profile name: {problem}"), ""))?;
        let scopes = self.all_scopes();
        catalog::check_before_request(&scopes, &self.granted_scopes(store))?;
        let browser = Some(self.browser.trimmed().to_owned()).filter(|command| !command.is_empty());
        Ok(sign_in_request(state, self.app(store)?, profile, scopes, browser))
    }

    /// Returns whether the field for custom scopes has the focus in the step of the scopes.
    pub(crate) fn is_typing_custom_scopes(&self) -> bool {
        self.scope_list.find.is_none() && self.scope_list.row == ScopeRow::Custom
    }

    /// Returns the text field that has the focus at a step.
    fn field(&mut self, step: SetupStep, apps: usize) -> Option<&mut Field> {
        match step {
            SetupStep::Credentials if self.credentials_row == apps => Some(&mut self.client_id),
            SetupStep::Credentials if self.credentials_row == apps + 1 => Some(&mut self.secret),
            SetupStep::Guide | SetupStep::Credentials => None,
            SetupStep::Scopes => match &mut self.scope_list {
                ScopeList { find: Some(find), .. } => Some(find),
                ScopeList { row: ScopeRow::Custom, .. } => Some(&mut self.custom_scopes),
                ScopeList { .. } => None,
            },
            SetupStep::Redirect => Some(&mut self.redirect),
            SetupStep::Review => match self.review_row {
                0 => self.existing_profile.is_none().then_some(&mut self.name),
                1 => Some(&mut self.browser),
                _ => None,
            },
        }
    }
}

/// Opens the setup of a new profile.
pub(crate) fn open(state: &mut State) {
    let store = state.store();
    // What was entered for an existing profile, or for a duplicate of one, does not belong to a new one.
    if state.setup.existing_profile.is_some() || state.setup.is_opened_at_review {
        state.setup = Setup::new(&state.config.prefill);
    }
    // A name stays while a profile can be created with it.
    let name = state.setup.name.trimmed();
    state.setup.is_name_typed &= !name.is_empty() && !store.has_profile(name);
    // A user who has an app does not need the guide.
    let has_app = !store.apps.is_empty() || !store.completed_guide_steps.is_empty() || state.is_sandbox();
    // A saved app is what a second account usually needs.
    state.setup.credentials_row = 0;
    state.setup.select_app(store.apps.first(), &state.config.prefill);
    // Credentials that are saved already are in the list of apps; the fields are for those of another app.
    let filled_in = &state.config.prefill.client_id;
    if state.setup.client_id.text() == filled_in && store.apps.iter().any(|app| app.client_id == *filled_in) {
        state.setup.client_id = Field::default();
        state.setup.secret.wipe();
        state.setup.source = None;
    }
    state.open_screen(Screen::Setup(if has_app { SetupStep::Credentials } else { SetupStep::Guide }));
}

/// Opens the review of a sign-in to the sandbox: its app is filled in.
pub(crate) fn open_sandbox_review(state: &mut State) -> Vec<Effect> {
    state.setup = Setup { is_opened_at_review: true, ..Setup::new(&state.config.prefill) };
    state.open_screen(Screen::Setup(SetupStep::Review));
    commands::probe_port(state)
}

/// Opens the review for a different member, with the app and the scopes of `profile`.
pub(crate) fn duplicate(state: &mut State, profile: &Profile, app: &App) -> Vec<Effect> {
    state.setup = Setup {
        is_opened_at_review: true,
        app: Some(app.name.clone()),
        scope_list: ScopeList::from_checked(&profile.scopes),
        scopes: profile.scopes.clone(),
        redirect: Field::new(app.redirect_url.as_str()),
        ..Setup::default()
    };
    state.open_screen(Screen::Setup(SetupStep::Review));
    commands::probe_port(state)
}

/// Opens the step that fixes a failed sign-in, filled in from its request.
pub(crate) fn open_step_to_fix(state: &mut State, failed: &SignIn, action: Action) -> Vec<Effect> {
    let store = state.store();
    let (app, request) = (&failed.request.app, &failed.request);
    if failed.origin == Origin::List {
        state.setup = Setup {
            existing_profile: Some(request.profile.clone()),
            app: Some(app.name.clone()),
            scope_list: ScopeList::from_checked(&request.scopes),
            scopes: request.scopes.clone(),
            redirect: Field::new(app.redirect_url.as_str()),
            browser: Field::new(request.browser.clone().unwrap_or_default()),
            ..Setup::default()
        };
    }
    state.setup.is_opened_at_review = false;
    let step = match action {
        Action::EditScopes => SetupStep::Scopes,
        Action::EditCredentials => SetupStep::Credentials,
        _ => SetupStep::Redirect,
    };
    // A sign-in from the setup has been through the steps before.
    state.setup.entry_step = (failed.origin == Origin::List).then_some(step);
    match action {
        Action::EditScopes => {
            let message = failed.failure.as_ref().map(|error| error.message.as_str()).unwrap_or_default();
            let words = message.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_refused =
                |id: &str| words.clone().any(|word| word == id) && request.scopes.iter().any(|scope| scope == id);
            state.setup.scope_list = ScopeList::from_checked(&state.setup.scopes);
            if let Some(scope) = CATALOG.iter().find(|scope| is_refused(scope.id)) {
                state.setup.scope_list.select(scope.id);
            }
            state.open_screen(Screen::Setup(SetupStep::Scopes));
        }
        Action::EditCredentials => {
            // The secret that was typed stays, selected; a saved one is not in memory and is entered again.
            if failed.origin == Origin::List || state.setup.app.is_some() {
                state.setup.secret.wipe();
            }
            state.setup.refused = failed.failure.as_ref().and_then(refused_value);
            let is_id_refused = state.setup.refused == Some(CopiedValue::ClientId);
            state.setup.typing_replaces_secret = !is_id_refused && !state.setup.secret.text().is_empty();
            state.setup.app = None;
            state.setup.client_id = Field::new(app.client_id.as_str());
            state.setup.credentials_row = store.apps.len() + usize::from(!is_id_refused);
            state.open_screen(Screen::Setup(SetupStep::Credentials));
        }
        _ => {
            state.open_screen(Screen::Setup(SetupStep::Redirect));
            return commands::probe_port(state);
        }
    }
    Vec::new()
}

/// Returns which value LinkedIn refused with this error: the secret, unless LinkedIn does not know the client ID.
fn refused_value(error: &Error) -> Option<CopiedValue> {
    match (error.code, error.next_step.as_deref()) {
        (Code::ClientRefused, Some(NextStep::CopyClientId)) => Some(CopiedValue::ClientId),
        (Code::ClientRefused, _) => Some(CopiedValue::ClientSecret),
        _ => None,
    }
}

/// Opens the scopes of a profile, to request others.
pub(crate) fn edit_scopes(state: &mut State, profile: &Profile, app: &App) {
    state.setup = Setup {
        existing_profile: Some(profile.name.clone()),
        app: Some(app.name.clone()),
        scope_list: ScopeList::from_checked(&profile.scopes),
        scopes: profile.scopes.clone(),
        redirect: Field::new(app.redirect_url.as_str()),
        browser: Field::new(profile.browser.clone().unwrap_or_default()),
        entry_step: Some(SetupStep::Scopes),
        ..Setup::default()
    };
    state.open_screen(Screen::Setup(SetupStep::Scopes));
}

/// Opens the review of a sign-in to a profile that requests one more scope, for a post.
pub(crate) fn open_with_scope(state: &mut State, profile: &Profile, app: &App, scope: &str) -> Vec<Effect> {
    edit_scopes(state, profile, app);
    if !state.setup.scopes.iter().any(|requested| requested == scope) {
        state.setup.scopes.push(scope.to_owned());
    }
    state.setup.scope_list = ScopeList::from_checked(&state.setup.scopes);
    (state.setup.is_opened_at_review, state.setup.is_opened_from_post) = (true, true);
    state.setup.entry_step = None;
    state.open_screen(Screen::Setup(SetupStep::Review));
    commands::probe_port(state)
}

/// Returns whether the fields for another app are shown.
pub(crate) fn shows_credential_fields(state: &State) -> bool {
    state.setup.credentials_row >= state.store().apps.len()
}

fn is_guide_done(store: &StoreSnapshot) -> bool {
    guide::STEPS.iter().all(|step| store.completed_guide_steps.iter().any(|key| key == step.key))
}

/// Returns what the key that marks a step of the guide does with the selected one.
pub(crate) fn guide_toggle_label(state: &State) -> &'static str {
    let step = &guide::STEPS[state.setup.guide_row.min(guide::STEPS.len() - 1)];
    let is_done = state.store().completed_guide_steps.iter().any(|key| key == step.key);
    if is_done { "mark not done" } else { "mark done" }
}

/// Returns what the guide's primary key does.
pub(crate) fn guide_next_label(state: &State) -> &'static str {
    if is_guide_done(&state.store()) {
        "continue"
    } else if state.is_sandbox() {
        "use the demo app"
    } else {
        "I have an app"
    }
}

/// Returns what going back in the guide does.
pub(crate) fn back_label(state: &State) -> &'static str {
    if state.setup.shows_outdated_tutorials { "close" } else { "back" }
}

/// The steps that the review can change, in the order of its lines after the name and the browser.
const REVIEWED_STEPS: [(SetupStep, &str); 3] = [
    (SetupStep::Credentials, "change the app"),
    (SetupStep::Redirect, "change the redirect URL"),
    (SetupStep::Scopes, "change the scopes"),
];

/// Returns the step that the selected line of the review changes.
fn reviewed_step(setup: &Setup) -> Option<(SetupStep, &'static str)> {
    setup.review_row.checked_sub(2).and_then(|line| REVIEWED_STEPS.get(line)).copied()
}

/// Returns what the review's primary key does.
pub(crate) fn review_next_label(state: &State) -> &'static str {
    match reviewed_step(&state.setup) {
        Some((_, label)) => label,
        None if matches!(state.config.browser, Some(Err(_))) => "sign in (shows a link)",
        None => "sign in",
    }
}
