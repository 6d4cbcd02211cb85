//! The setup's draft and its keys. Nothing typed is lost on the way back and forth.

use crossterm::event::KeyEvent;

use super::guide;
use super::progress::{Origin, SignIn};
use crate::flows::sign_in::Request;
use crate::linkedin::endpoints::portal;
use crate::linkedin::scopes::{self, CATALOGUE, PRESETS};
use crate::linkedin::{Flow, RedirectUrl};
use crate::profile::{App, Name, Profile};
use crate::secret::Secret;
use crate::text::clean;
use crate::tui::field::{Field, cleaned};
use crate::tui::files::Files;
use crate::tui::keys::Action;
use crate::tui::message::{Copied, Effect};
use crate::tui::state::{Prefill, Screen, State, Step};
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
    #[must_use]
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
    #[must_use]
    pub fn client_id_trouble(&self) -> Option<&'static str> {
        let text = self.client_id.trimmed();
        if text.is_empty() {
            Some("copy it from the app's Auth tab")
        } else if !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
            Some("it has letters and digits only")
        } else {
            None
        }
    }

    /// Something odd about a client ID that may still be right.
    #[must_use]
    pub fn client_id_oddity(&self) -> Option<&'static str> {
        let usual = crate::linkedin::usual_client_id(self.client_id.trimmed());
        (!usual).then_some("unusual: LinkedIn's have 14 lower-case letters and digits")
    }

    /// Why the secret cannot be used.
    #[must_use]
    pub fn secret_trouble(&self) -> Option<&'static str> {
        let text = self.secret.trimmed();
        if text.is_empty() {
            Some("copy the primary client secret from the Auth tab")
        } else if text.chars().any(char::is_whitespace) {
            Some("it has spaces inside: copy it again")
        } else {
            None
        }
    }

    /// The chosen scopes and those typed.
    #[must_use]
    pub fn all_scopes(&self) -> Vec<String> {
        let mut all = self.scopes.clone();
        for other in scopes::split(self.others.text()) {
            if !all.contains(&other) {
                all.push(other);
            }
        }
        all
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
    #[must_use]
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
    #[must_use]
    pub fn name_trouble(&self, files: &Files) -> Option<String> {
        let name = self.profile_name(files);
        match Name::parse(&name) {
            Err(_) => Some("a-z, 0-9, dot, underscore, hyphen; begins with a letter or digit".to_owned()),
            Ok(name) if self.existing.as_ref() != Some(&name) && files.has(name.as_str()) => {
                Some(format!("there is a profile {name} already"))
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
        if let Some(trouble) = self.client_id_trouble() {
            return Err(Error::bad_input(format!("The client ID: {trouble}."), ""));
        }
        if let Some(trouble) = self.secret_trouble() {
            return Err(Error::bad_input(format!("The client secret: {trouble}."), ""));
        }
        let client_id = self.client_id.trimmed().to_owned();
        let known = files.apps.iter().find(|app| app.client_id == client_id).map(|app| app.name.clone());
        let name = if let Some(name) = known {
            name
        } else {
            let wanted = self.profile_name(files);
            let taken = |name: &str| files.apps.iter().any(|app| app.name.as_str() == name);
            let numbered = (2..=files.apps.len() + 2).map(|n| format!("{wanted}-{n}"));
            let free = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken(name));
            Name::parse(&free.unwrap_or(wanted))?
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
            return Err(Error::bad_input(format!("The profile's name: {trouble}."), ""));
        }
        let scopes = self.all_scopes();
        scopes::check(&scopes)?;
        Ok(Request {
            app: self.app(files)?,
            profile: Name::parse(&self.profile_name(files))?,
            scopes,
            browser: Some(self.browser.trimmed().to_owned()).filter(|command| !command.is_empty()),
            no_browser: false,
            timeout_seconds: state.start.timeout_seconds,
            show_token: state.start.show_token,
            on_other_member: None,
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
    // A draft that mends an old profile is not the one of a new profile.
    if state.setup.existing.is_some() {
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
        app: Some(app.name.clone()),
        scopes: profile.scopes.clone(),
        redirect: Field::new(app.redirect_url.as_str()),
        ..Setup::default()
    };
    state.go(Screen::Setup(Step::Review));
}

/// Leads from a failed sign-in to the step that mends it, with all that was asked for in place.
pub(in crate::tui) fn mend(state: &mut State, failed: &SignIn, action: Action) -> Vec<Effect> {
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
    state.sign_in = None;
    match action {
        Action::ToScopes => {
            let named = failed.failure.as_ref().map(|error| error.message.clone()).unwrap_or_default();
            let row = CATALOGUE
                .iter()
                .position(|scope| request.scopes.iter().any(|id| id == scope.id) && named.contains(scope.id));
            state.setup.scope_line = row.unwrap_or_default();
            state.go(Screen::Setup(Step::Scopes));
        }
        Action::ToCredentials => {
            // The saved secret was refused: the client ID stands, the secret is entered anew.
            state.setup.app = None;
            state.setup.client_id = Field::new(app.client_id.as_str());
            state.setup.secret.wipe();
            state.setup.credentials_line = files.apps.len() + 1;
            state.go(Screen::Setup(Step::Credentials));
        }
        _ => {
            state.go(Screen::Setup(Step::Redirect));
            return probe(state);
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
        (None, None) => "the system's own".to_owned(),
    }
}

/// What happens where no browser command is typed.
pub(in crate::tui) fn no_browser_words(state: &State) -> String {
    match &state.start.browser {
        Some(Err(why)) => format!("none can be started here: {}", clean(why, 200)),
        _ => format!("if empty, {}", browser_words(state, None)),
    }
}

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
    let (text, several) =
        cleaned(text, &["LINKEDIN_CLIENT_SECRET=", "client_secret=", "LINKEDIN_CLIENT_ID=", "client_id="]);
    if let Some(field) = state.setup.field(step, apps) {
        field.insert(&text);
    }
    if several {
        state.say("Only the first line was taken.", true);
    }
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
            state.say(format!("{taken} The sandbox takes any port: here is the next one."), false);
            probe(state)
        }
        _ => Vec::new(),
    }
}

fn probe(state: &mut State) -> Vec<Effect> {
    state.setup.probed = None;
    state.setup.redirect_url().map(|url| vec![Effect::ProbePort(url)]).unwrap_or_default()
}

/// A command at a step.
pub(in crate::tui) fn act(state: &mut State, step: Step, action: Action) -> Vec<Effect> {
    let files = state.files();
    match (step, action) {
        (_, Action::Next) => return next(state, step, &files),
        (_, Action::Back) => return back(state, step, &files),
        (Step::Guide, action) => return guide::act(state, action),
        (_, Action::Portal) => return vec![Effect::OpenPage(portal::APPS.to_owned())],
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
        (Step::Scopes, action) => scopes_act(state, action),
        (Step::Redirect, Action::CopyUrl) => {
            let copied = Copied::Text(state.setup.redirect.trimmed().to_owned());
            return vec![Effect::Copy { what: "the redirect URL", copied }];
        }
        (Step::Review, Action::NextField | Action::PreviousField) => {
            state.setup.review_line = 1 - state.setup.review_line;
        }
        _ => {}
    }
    Vec::new()
}

fn scopes_act(state: &mut State, action: Action) {
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
}

fn next(state: &mut State, step: Step, files: &Files) -> Vec<Effect> {
    let to = |state: &mut State, step| state.go(Screen::Setup(step));
    match step {
        Step::Guide => {
            to(state, Step::Credentials);
            return vec![Effect::KeepGuide(guide::seen(&files.guide))];
        }
        Step::Credentials => {
            let apps = files.apps.len();
            let trouble = if state.setup.app.is_some() {
                None
            } else if let Some(trouble) = state.setup.client_id_trouble() {
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
        Step::Scopes => match scopes::check(&state.setup.all_scopes()) {
            Ok(()) => {
                to(state, Step::Redirect);
                return probe(state);
            }
            Err(error) => state.say(format!("{error} {}", error.hint), true),
        },
        Step::Redirect => match state.setup.redirect_url() {
            Ok(_) => to(state, Step::Review),
            Err(error) => state.say(format!("{error} {}", error.hint), true),
        },
        Step::Review => match state.setup.request(state, files) {
            Ok(request) => return super::progress::start(state, request, Origin::Setup),
            Err(error) => state.say(error.to_string(), true),
        },
    }
    Vec::new()
}

fn back(state: &mut State, step: Step, files: &Files) -> Vec<Effect> {
    state.revealed = None;
    let to = match step {
        Step::Guide if files.rows.is_empty() => return vec![Effect::Quit],
        Step::Guide => Screen::Profiles,
        Step::Credentials if !files.rows.is_empty() => Screen::Profiles,
        Step::Credentials => Screen::Setup(Step::Guide),
        Step::Scopes => Screen::Setup(Step::Credentials),
        Step::Redirect => Screen::Setup(Step::Scopes),
        Step::Review => Screen::Setup(Step::Redirect),
    };
    state.go(to);
    Vec::new()
}
