//! The setup's draft and its keys. Nothing typed is lost on the way back and forth.

mod commands;
mod view;

pub(in crate::tui) use commands::{act, paste, probed, takes_text, type_key};
pub(in crate::tui) use view::page;

use super::progress::{Origin, SignIn};
use crate::flows::sign_in::Request;
use crate::linkedin::scopes::{self, CATALOGUE};
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::store::{App, Name, Profile};
use crate::text::clean;
use crate::tui::files::Files;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Prefill, Screen, State, Step};
use crate::tui::widgets::field::Field;
use crate::{Error, Result};

/// What was typed and chosen.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The selected line of the guide.
    pub guide_line: usize,
    /// Is the word on old tutorials shown?
    pub old_tutorial: bool,
    /// The profile that is signed in to again; `None` makes a new one.
    pub existing: Option<Name>,
    /// Was it opened at its last page? Then nothing lies before it but the list.
    pub at_the_end: bool,
    /// The saved app that is chosen; `None` for a new one.
    pub app: Option<Name>,
    /// Which line of the credentials has the focus: saved apps, then client ID, then secret.
    pub credentials_line: usize,
    /// Client ID.
    pub client_id: Field,
    /// Client secret.
    pub secret: Field,
    /// Where the credentials were found.
    pub source: Option<&'static str>,
    /// The chosen scopes.
    pub scopes: Vec<String>,
    /// The selected line of the catalogue; its length is the field for others.
    pub scope_line: usize,
    /// Other scopes.
    pub others: Field,
    /// The redirect URL.
    pub redirect: Field,
    /// What the probe of the port said, and for which URL.
    pub probed: Option<(String, Result<(), Error>)>,
    /// Which field of the review has the focus: 0 the name, 1 the browser.
    pub review_line: usize,
    /// The profile's name.
    pub name: Field,
    /// Did the person type a name? Else it is suggested.
    pub named: bool,
    /// The browser command.
    pub browser: Field,
}

impl Setup {
    /// An empty draft with what the environment offers.
    pub fn new(prefill: &Prefill) -> Self {
        Self {
            client_id: Field::new(prefill.client_id.clone()),
            secret: Field::new(prefill.client_secret.as_ref().map(crate::tui::shown).unwrap_or_default()),
            source: prefill.source,
            scopes: scopes::DEFAULT.iter().map(|&scope| scope.to_owned()).collect(),
            redirect: Field::new(prefill.redirect_url.clone().unwrap_or_else(|| RedirectUrl::DEFAULT.to_owned())),
            ..Self::default()
        }
    }

    /// Why the client ID cannot be used.
    pub fn client_id_problem(&self) -> Option<&'static str> {
        crate::linkedin::client_id_problem(self.client_id.trimmed())
    }

    /// The saved app whose client ID was typed: what is entered is saved with it.
    pub fn known_app<'a>(&self, files: &'a Files) -> Option<&'a App> {
        files.apps.iter().find(|app| app.client_id == self.client_id.trimmed()).filter(|_| self.app.is_none())
    }

    /// Something odd about a client ID that may still be right.
    pub fn client_id_oddity(&self) -> Option<&'static str> {
        let usual = crate::linkedin::is_usual_client_id(self.client_id.trimmed());
        (!usual).then_some("Unusual client ID: expected 14 lowercase letters and digits.")
    }

    /// Why the secret cannot be used.
    pub fn secret_trouble(&self) -> Option<&'static str> {
        let text = self.secret.trimmed();
        if text.is_empty() {
            Some("Required: copy the Primary Client Secret from the Auth tab.")
        } else if text.chars().any(char::is_whitespace) {
            Some("Contains a space. Copy it again.")
        } else {
            None
        }
    }

    /// The chosen scopes and those typed.
    pub fn all_scopes(&self) -> Vec<String> {
        let mut all = self.scopes.clone();
        for other in scopes::split(self.others.text()) {
            if !all.contains(&other) {
                all.push(other);
            }
        }
        all
    }

    /// What LinkedIn granted to the profile that is signed in to again.
    pub fn granted(&self, files: &Files) -> Vec<String> {
        let profile = files.readable().find(|profile| self.existing.as_ref() == Some(&profile.name));
        profile.and_then(|profile| profile.token.as_ref()).map(|token| token.scopes.clone()).unwrap_or_default()
    }

    /// The redirect URL, or the rule it breaks.
    ///
    /// # Errors
    /// `bad_input`.
    pub fn redirect_url(&self) -> Result<RedirectUrl> {
        let text = self.redirect.trimmed();
        RedirectUrl::parse(text).or_else(|error| match &self.app {
            // A saved native PKCE app may ask for a free port; `app` looks whether it is one.
            Some(_) => RedirectUrl::parse_for(Flow::NativePkce, text).map_err(|_| error),
            None => Err(error),
        })
    }

    /// The profile's name: typed, else suggested and free.
    pub fn profile_name(&self, files: &Files) -> String {
        if let Some(name) = &self.existing {
            return name.to_string();
        }
        if self.named {
            return self.name.trimmed().to_owned();
        }
        let taken = |name: &str| files.has(name);
        let base = if files.rows.is_empty() { "default" } else { "account" };
        let mut number = 1;
        loop {
            let name = if number == 1 { base.to_owned() } else { format!("{base}-{number}") };
            if !taken(&name) {
                return name;
            }
            number += 1;
        }
    }

    /// Why the profile's name cannot be used.
    pub fn name_trouble(&self, files: &Files) -> Option<String> {
        let name = self.profile_name(files);
        match Name::parse(&name) {
            Err(_) => Some("Use a-z, 0-9, \".\", \"_\" or \"-\"; start with a letter or digit.".to_owned()),
            Ok(name) if self.existing.as_ref() != Some(&name) && files.has(name.as_str()) => {
                Some(format!("A profile named {name} already exists."))
            }
            Ok(_) => None,
        }
    }

    /// The app as chosen or typed.
    ///
    /// # Errors
    /// `bad_input` for what is missing.
    pub fn app(&self, files: &Files) -> Result<App> {
        let redirect_url = self.redirect_url()?;
        if let Some(app) = self.app.as_ref().and_then(|name| files.apps.iter().find(|app| app.name == *name)) {
            let redirect_url = RedirectUrl::parse_for(app.flow, redirect_url.as_str())?;
            return Ok(App { redirect_url, ..app.clone() });
        }
        if let Some(trouble) = self.client_id_problem() {
            return Err(Error::bad_input(format!("Client ID: {trouble}"), ""));
        }
        if let Some(trouble) = self.secret_trouble() {
            return Err(Error::bad_input(format!("Client secret: {trouble}"), ""));
        }
        let client_id = self.client_id.trimmed().to_owned();
        let known = files.apps.iter().find(|app| app.client_id == client_id).map(|app| app.name.clone());
        let name = if let Some(name) = known {
            name
        } else {
            Name::parse(&self.profile_name(files))?.first_free(|name| files.apps.iter().any(|app| app.name == *name))
        };
        Ok(App {
            name,
            client_id,
            client_secret: Some(Secret::new(self.secret.trimmed())),
            redirect_url,
            flow: Flow::Standard,
        })
    }

    /// The sign-in that all this asks for.
    ///
    /// # Errors
    /// `bad_input` for what is missing.
    pub fn request(&self, state: &State, files: &Files) -> Result<Request> {
        if let Some(trouble) = self.name_trouble(files) {
            return Err(Error::bad_input(format!("Profile name: {trouble}"), ""));
        }
        let scopes = self.all_scopes();
        scopes::check_granted(&scopes, &self.granted(files))?;
        Ok(Request {
            app: self.app(files)?,
            profile: Name::parse(&self.profile_name(files))?,
            scopes,
            browser: Some(self.browser.trimmed().to_owned()).filter(|command| !command.is_empty()),
            no_browser: false,
            timeout_seconds: state.start.timeout_seconds,
            show_token: state.start.show_token,
            on_member_mismatch: None,
        })
    }

    /// The text field that has the focus at a step.
    fn field(&mut self, step: Step, apps: usize) -> Option<&mut Field> {
        match step {
            Step::Credentials if self.credentials_line == apps => Some(&mut self.client_id),
            Step::Credentials if self.credentials_line == apps + 1 => Some(&mut self.secret),
            Step::Guide | Step::Credentials => None,
            Step::Scopes => (self.scope_line == CATALOGUE.len()).then_some(&mut self.others),
            Step::Redirect => Some(&mut self.redirect),
            Step::Review if self.review_line == 0 => self.existing.is_none().then_some(&mut self.name),
            Step::Review => Some(&mut self.browser),
        }
    }
}

/// Opens the setup.
pub(in crate::tui) fn open(state: &mut State) {
    let files = state.files();
    // A draft that mends an old profile, or is like one, is not the one of a new profile.
    if state.setup.existing.is_some() || state.setup.at_the_end {
        state.setup = Setup::new(&state.start.prefill);
    }
    state.setup.named = false;
    // Somebody with an app has seen the guide.
    let step = if files.apps.is_empty() && files.guide.is_empty() { Step::Guide } else { Step::Credentials };
    if state.setup.client_id.trimmed().is_empty() {
        state.setup.app = files.apps.first().map(|app| app.name.clone());
        state.setup.credentials_line = 0;
    } else {
        state.setup.credentials_line = files.apps.len();
    }
    if let Some(app) = files.apps.first().filter(|_| state.setup.app.is_some()) {
        state.setup.redirect = Field::new(app.redirect_url.as_str());
    }
    state.go(Screen::Setup(step));
}

/// Opens the last page for another account of the same app, with the scopes of `profile`.
pub(in crate::tui) fn like(state: &mut State, profile: &Profile, app: &App) {
    state.setup = Setup {
        at_the_end: true,
        app: Some(app.name.clone()),
        scopes: profile.scopes.clone(),
        redirect: Field::new(app.redirect_url.as_str()),
        ..Setup::default()
    };
    state.go(Screen::Setup(Step::Review));
}

/// Leads from a failed sign-in to the step that mends it, with all that was asked for in place.
pub(in crate::tui) fn fix(state: &mut State, failed: &SignIn, action: Action) -> Vec<Effect> {
    let files = state.files();
    let (app, request) = (&failed.request.app, &failed.request);
    if failed.origin == Origin::List {
        state.setup = Setup {
            existing: Some(request.profile.clone()),
            app: Some(app.name.clone()),
            scopes: request.scopes.clone(),
            redirect: Field::new(app.redirect_url.as_str()),
            browser: Field::new(request.browser.clone().unwrap_or_default()),
            ..Setup::default()
        };
    }
    state.setup.at_the_end = false;
    match action {
        Action::EditScopes => {
            let named = failed.failure.as_ref().map(|error| error.message.clone()).unwrap_or_default();
            let row = CATALOGUE
                .iter()
                .position(|scope| request.scopes.iter().any(|id| id == scope.id) && named.contains(scope.id));
            state.setup.scope_line = row.unwrap_or_default();
            state.go(Screen::Setup(Step::Scopes));
        }
        Action::EditCredentials => {
            // The saved secret was refused: the client ID stands, the secret is entered anew.
            state.setup.app = None;
            state.setup.client_id = Field::new(app.client_id.as_str());
            state.setup.secret.wipe();
            state.setup.credentials_line = files.apps.len() + 1;
            state.go(Screen::Setup(Step::Credentials));
        }
        _ => {
            state.go(Screen::Setup(Step::Redirect));
            return commands::probe(state);
        }
    }
    Vec::new()
}

/// The browser that would be started, in words.
pub(in crate::tui) fn browser_words(state: &State, own: Option<&str>) -> String {
    match (own, &state.start.browser) {
        (Some(command), _) => clean(command, 120),
        (None, Some(Ok(command))) => clean(command, 120),
        (None, Some(Err(why))) => format!("none: {}", clean(why, 200)),
        (None, None) => "system default".to_owned(),
    }
}

/// What happens where no browser command is typed.
pub(in crate::tui) fn no_browser_words(state: &State) -> String {
    match &state.start.browser {
        Some(Err(why)) => format!("No browser can be started here: {}", clean(why, 200)),
        _ => format!("Leave empty for the default: {}", browser_words(state, None)),
    }
}
