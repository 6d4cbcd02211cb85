//! The forms of the list: a new name, an edit; the export is beside them.

use crossterm::event::KeyEvent;

use super::export;
pub use super::export::Export;
pub(super) use super::export::open as open_export;
pub(in crate::tui) use super::export::{copied, exported, page as export_page, stands};
use crate::flows::manage::Settings;
use crate::linkedin::scopes;
use crate::store::{Name, Profile};
use crate::text::{clean, fit};
use crate::tui::hint::hint;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::deliveries;
use crate::tui::screens::setup::no_browser_words;
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::{Field, cleaned};
use crate::tui::widgets::page::{Input, Page, choice};

/// What is edited of a profile.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Whose.
    pub name: Name,
    /// As it was when the person began, or as another hand left it meanwhile.
    pub before: Settings,
    /// The app.
    pub app: Name,
    /// The scopes to ask for.
    pub scopes: Field,
    /// The browser command.
    pub browser: Field,
    /// Which line has the focus: 0 the scopes, 1 the browser.
    pub line: usize,
    /// What another hand made of it meanwhile, where the two differ.
    pub conflict: Option<Settings>,
}

impl Edit {
    fn new(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            before: Settings::from(profile),
            app: profile.app.clone(),
            scopes: Field::new(profile.scopes.join(" ")),
            browser: Field::new(profile.browser.clone().unwrap_or_default()),
            line: 0,
            conflict: None,
        }
    }

    /// Can the browser's command not be split into words?
    fn browser_trouble(&self) -> bool {
        shlex::split(self.browser.trimmed()).is_none()
    }

    fn after(&self) -> Settings {
        let browser = self.browser.trimmed();
        Settings {
            app: self.app.clone(),
            scopes: scopes::split(self.scopes.text()),
            browser: (!browser.is_empty()).then(|| browser.to_owned()),
        }
    }
}

/// Opens the field for a new name.
pub(super) fn open_rename(state: &mut State, name: Name) {
    state.list.rename = Field::new(name.as_str());
    state.overlay = Some(Overlay::Rename(name));
}

/// Opens the edit of a profile.
pub(super) fn open_edit(state: &mut State, name: &Name) {
    if let Some(profile) = state.files().profile(name) {
        state.list.edit = Some(Edit::new(profile));
        state.overlay = Some(Overlay::Edit);
    }
}

/// Why a new name cannot be taken.
fn rename_trouble(state: &State, old: &Name) -> Option<String> {
    let text = state.list.rename.trimmed();
    match Name::parse(text) {
        Err(_) => Some("a-z, 0-9, dot, underscore, hyphen; begins with a letter or digit".to_owned()),
        Ok(new) if new != *old && state.files().has(new.as_str()) => Some(format!("there is a profile {new} already")),
        Ok(_) => None,
    }
}

fn field(state: &mut State) -> Option<&mut Field> {
    match state.overlay.as_ref()? {
        Overlay::Rename(_) => Some(&mut state.list.rename),
        Overlay::Edit => {
            let edit = state.list.edit.as_mut().filter(|edit| edit.conflict.is_none())?;
            Some(if edit.line == 0 { &mut edit.scopes } else { &mut edit.browser })
        }
        Overlay::Export => {
            let export = state.list.export.as_mut()?;
            export.named = true;
            Some(&mut export.path)
        }
        Overlay::Deliveries => deliveries::field(state),
        _ => None,
    }
}

/// A key that is no command.
pub(in crate::tui) fn type_key(state: &mut State, key: KeyEvent) {
    if let Some(field) = field(state) {
        field.type_key(key);
    }
}

/// Pasted text.
pub(in crate::tui) fn paste(state: &mut State, text: &str) {
    if let Some(field) = field(state) {
        field.insert(&cleaned(text).0);
    }
}

/// A command in a form.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if action == Action::Back {
        match state.overlay {
            Some(Overlay::Export) => export::back(state),
            _ => state.overlay = None,
        }
        return Vec::new();
    }
    match state.overlay.clone() {
        Some(Overlay::Rename(old)) if action == Action::Next => rename(state, &old),
        Some(Overlay::Edit) => edit(state, action),
        Some(Overlay::Export) => export::act(state, action),
        _ => Vec::new(),
    }
}

fn rename(state: &mut State, old: &Name) -> Vec<Effect> {
    if rename_trouble(state, old).is_some() {
        return Vec::new();
    }
    let Ok(new) = Name::parse(state.list.rename.trimmed()) else { return Vec::new() };
    if new == *old {
        state.overlay = None;
        return Vec::new();
    }
    vec![Effect::RenameProfile { old: old.clone(), new }]
}

/// A profile has another name: only now the form has served.
pub(in crate::tui) fn renamed(state: &mut State, old: &Name, new: Name) -> Vec<Effect> {
    if matches!(&state.overlay, Some(Overlay::Rename(name)) if name == old) {
        state.overlay = None;
    }
    state.say(format!("{old} is called {new} now."), false);
    // The selection stays on the profile, whatever it is called.
    state.list.selected = Some(new);
    state.list.marked.remove(old);
    vec![Effect::ReadFiles]
}

fn edit(state: &mut State, action: Action) -> Vec<Effect> {
    let files = state.files();
    let Some(edit) = state.list.edit.as_mut() else { return Vec::new() };
    if let Some(theirs) = edit.conflict.clone() {
        match action {
            Action::KeepMine => {
                // Asked once more against what is there now.
                edit.before = theirs;
                edit.conflict = None;
                return save(state);
            }
            Action::TakeTheirs => {
                state.overlay = None;
                return vec![Effect::ReadFiles];
            }
            _ => return Vec::new(),
        }
    }
    match action {
        Action::NextField | Action::PreviousField => edit.line = 1 - edit.line,
        Action::NextApp => {
            let at = files.apps.iter().position(|app| app.name == edit.app).map_or(0, |at| at + 1);
            if let Some(app) = files.apps.get(at).or_else(|| files.apps.first()) {
                edit.app = app.name.clone();
            }
        }
        Action::Next => return save(state),
        _ => {}
    }
    Vec::new()
}

fn save(state: &mut State) -> Vec<Effect> {
    let Some(edit) = state.list.edit.as_mut() else { return Vec::new() };
    let after = edit.after();
    if let Err(error) = scopes::check_granted(&after.scopes, &edit.before.scopes) {
        edit.line = 0;
        state.say(format!("{error} {}", hint(&error)), true);
        return Vec::new();
    }
    if edit.browser_trouble() {
        edit.line = 1;
        state.say("The browser command: a quote is not closed. Nothing is saved.", true);
        return Vec::new();
    }
    vec![Effect::EditProfile { name: edit.name.clone(), before: edit.before.clone(), after }]
}

/// Takes what became of an edit: saved, or changed by another hand meanwhile.
pub(in crate::tui) fn edited(state: &mut State, name: &Name, conflict: Option<&Profile>) -> Vec<Effect> {
    if let Some(theirs) = conflict {
        if let Some(edit) = state.list.edit.as_mut().filter(|edit| edit.name == *name) {
            edit.conflict = Some(Settings::from(theirs));
        }
        return Vec::new();
    }
    if state.overlay == Some(Overlay::Edit) {
        state.overlay = None;
    }
    state.say(format!("{name} is saved. Its token stays as it is; r asks for what was changed."), false);
    vec![Effect::ReadFiles]
}

/// The form for a new name.
pub(in crate::tui) fn rename_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Rename {name}"));
    let notes = match rename_trouble(state, name) {
        Some(trouble) => vec![(theme.bad(), trouble)],
        None => vec![(theme.dim(), "scripts that name it must follow".to_owned())],
    };
    page.field(
        theme,
        &Input { label: "New name", field: &state.list.rename, focused: true, masked: false, notes },
        width,
    );
    page
}

/// The edit.
pub(in crate::tui) fn edit_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some(edit) = &state.list.edit else { return Page::default() };
    let mut page = Page::titled(format!("Edit {}", edit.name));
    if let Some(theirs) = &edit.conflict {
        page.say(theme.warning(), "Another hand changed this profile while you edited it. It is now:", width);
        shown(&mut page, theirs, theme, width);
        page.blank();
        page.say(theme.strong(), "You wanted:", width);
        shown(&mut page, &edit.after(), theme, width);
        page.blank();
        page.lines.push(choice(theme, "k", "keep mine"));
        page.lines.push(choice(theme, "t", "take theirs"));
        page.lines.push(choice(theme, "esc", "decide later; nothing is saved"));
        return page;
    }
    let after = edit.after();
    let mut notes = Vec::new();
    match scopes::check_granted(&after.scopes, &edit.before.scopes) {
        Err(error) => notes.push((theme.bad(), format!("{error} {}", hint(&error)))),
        Ok(()) if !scopes::same(&after.scopes, &edit.before.scopes) => notes.push((
            theme.warning(),
            "other scopes end this member's earlier tokens for the app, once they are asked for".to_owned(),
        )),
        Ok(()) => notes.push((theme.dim(), "asked for at the next sign-in".to_owned())),
    }
    let input = Input { label: "Scopes", field: &edit.scopes, focused: edit.line == 0, masked: false, notes };
    page.field(theme, &input, width);
    let mut notes = Vec::new();
    if edit.browser.trimmed().is_empty() {
        notes.push((theme.dim(), no_browser_words(state)));
    } else if edit.browser_trouble() {
        notes.push((theme.bad(), "a quote is not closed".to_owned()));
    }
    let input = Input { label: "Browser", field: &edit.browser, focused: edit.line == 1, masked: false, notes };
    page.field(theme, &input, width);
    page.blank();
    page.fixed(theme, "App", &fit(edit.app.as_str(), width.saturating_sub(35)), "ctrl-a changes");
    if edit.app != edit.before.app {
        page.say(theme.warning(), "The token is the other app's: sign in again after this.", width);
    }
    page.focus = None;
    page
}

fn shown(page: &mut Page, settings: &Settings, theme: Theme, width: usize) {
    page.labelled(theme, "Scopes", &clean(&settings.scopes.join(" "), 300), "", width);
    page.labelled(theme, "Browser", &clean(settings.browser.as_deref().unwrap_or("the system's own"), 120), "", width);
    page.labelled(theme, "App", settings.app.as_str(), "", width);
}
