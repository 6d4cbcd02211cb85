//! The forms of the list: a new name and the settings of a profile. The export has its own file.

pub(crate) use super::export::ExportForm;
pub(super) use super::export::open as open_export;
use crate::flows::manage::ProfileSettings;
use crate::linkedin::scopes;
use crate::store::{Name, Profile};
use crate::text::{clean, fit};
use crate::tui::keymap::{Action, KeyContext, choices};
use crate::tui::message::Effect;
use crate::tui::screens::setup::no_browser_words;
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Input, Page};

/// A new name for a profile.
#[derive(Clone, Debug)]
pub struct RenameForm {
    /// The profile.
    pub name: Name,
    /// The new name as typed.
    pub new_name: Field,
}

/// The settings of a profile while they are edited.
#[derive(Clone, Debug)]
pub struct EditForm {
    /// The profile.
    pub name: Name,
    /// The settings when the form was opened, or as they were changed elsewhere since.
    pub before: ProfileSettings,
    /// The app.
    pub app: Name,
    /// The scopes to request.
    pub scopes: Field,
    /// The browser command.
    pub browser: Field,
    /// Which line has the focus: 0 the scopes, 1 the browser.
    pub line: usize,
    /// The settings as they were changed elsewhere, until one version is chosen.
    pub conflict: Option<ProfileSettings>,
}

impl EditForm {
    fn new(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            before: ProfileSettings::from(profile),
            app: profile.app.clone(),
            scopes: Field::new(profile.scopes.join(" ")),
            browser: Field::new(profile.browser.clone().unwrap_or_default()),
            line: 0,
            conflict: None,
        }
    }

    /// Returns the field that has the focus.
    pub(in crate::tui) fn field(&mut self) -> Option<&mut Field> {
        match (&self.conflict, self.line) {
            (Some(_), _) => None,
            (None, 0) => Some(&mut self.scopes),
            (None, _) => Some(&mut self.browser),
        }
    }

    /// Returns whether the browser command has an unclosed quote.
    fn has_unclosed_quote(&self) -> bool {
        shlex::split(self.browser.trimmed()).is_none()
    }

    fn after(&self) -> ProfileSettings {
        let browser = self.browser.trimmed();
        ProfileSettings {
            app: self.app.clone(),
            scopes: scopes::split(self.scopes.text()),
            browser: (!browser.is_empty()).then(|| browser.to_owned()),
        }
    }
}

/// Opens the field for a new name.
pub(super) fn open_rename(state: &mut State, name: Name) {
    let new_name = Field::new(name.as_str());
    state.dialog = Some(Dialog::Rename(RenameForm { name, new_name }));
}

/// Opens the edit of a profile.
pub(super) fn open_edit(state: &mut State, name: &Name) {
    if let Some(profile) = state.files().profile(name) {
        state.dialog = Some(Dialog::Edit(Box::new(EditForm::new(profile))));
    }
}

/// Parses the new name, or returns why it cannot be used.
fn new_name(state: &State, form: &RenameForm) -> Result<Name, String> {
    match Name::parse(form.new_name.trimmed()) {
        Err(_) => Err("Use a-z, 0-9, \".\", \"_\" or \"-\"; start with a letter or digit.".to_owned()),
        Ok(new) if new != form.name && state.files().has(new.as_str()) => {
            Err(format!("A profile named {new} already exists."))
        }
        Ok(new) => Ok(new),
    }
}

/// Renames the profile; the form stays open until that is done.
pub(in crate::tui) fn rename(state: &mut State, form: RenameForm) -> Vec<Effect> {
    let new = new_name(state, &form);
    if new.as_ref().is_ok_and(|new| *new == form.name) {
        return Vec::new();
    }
    let old = form.name.clone();
    state.dialog = Some(Dialog::Rename(form));
    new.map(|new| vec![Effect::RenameProfile { old, new }]).unwrap_or_default()
}

/// A profile was renamed: its form closes.
pub(in crate::tui) fn renamed(state: &mut State, old: &Name, new: Name) -> Vec<Effect> {
    if matches!(&state.dialog, Some(Dialog::Rename(form)) if form.name == *old) {
        state.dialog = None;
    }
    state.notify(format!("Renamed {old} to {new}."));
    // The selection stays on the profile, whatever it is called.
    state.list.selected = Some(new);
    state.list.marked.remove(old);
    vec![Effect::ReadFiles]
}

/// A command in the form, which stays open until the settings are saved.
pub(in crate::tui) fn handle_edit(state: &mut State, mut form: Box<EditForm>, action: Action) -> Vec<Effect> {
    let effects = match (form.conflict.clone(), action) {
        (_, Action::Back) => return Vec::new(),
        (Some(_), Action::TakeTheirs) => return vec![Effect::ReadFiles],
        (Some(theirs), Action::KeepMine) => {
            // Saving compares with what is stored now.
            form.before = theirs;
            form.conflict = None;
            save(state, &mut form)
        }
        (None, Action::NextField | Action::PreviousField) => {
            form.line = 1 - form.line;
            Vec::new()
        }
        (None, Action::NextApp) => {
            let files = state.files();
            let at = files.apps.iter().position(|app| app.name == form.app).map_or(0, |at| at + 1);
            if let Some(app) = files.apps.get(at).or_else(|| files.apps.first()) {
                form.app = app.name.clone();
            }
            Vec::new()
        }
        (None, Action::Save) => save(state, &mut form),
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Edit(form));
    effects
}

fn save(state: &mut State, form: &mut EditForm) -> Vec<Effect> {
    let after = form.after();
    if let Err(error) = scopes::check_granted(&after.scopes, &form.before.scopes) {
        form.line = 0;
        state.notify_error(format!("{error} {}", state.hint(&error)));
        return Vec::new();
    }
    if form.has_unclosed_quote() {
        form.line = 1;
        state.notify_error("The browser command has an unclosed quote. Nothing was saved.");
        return Vec::new();
    }
    vec![Effect::EditProfile { name: form.name.clone(), before: form.before.clone(), after }]
}

/// The settings were saved, or they were changed elsewhere since the form was opened.
pub(in crate::tui) fn edited(state: &mut State, name: &Name, conflict: Option<&Profile>) -> Vec<Effect> {
    if let Some(theirs) = conflict {
        if let Some(Dialog::Edit(form)) = &mut state.dialog
            && form.name == *name
        {
            form.conflict = Some(ProfileSettings::from(theirs));
        }
        return Vec::new();
    }
    if matches!(&state.dialog, Some(Dialog::Edit(form)) if form.name == *name) {
        state.dialog = None;
    }
    let apply = state.press(KeyContext::List, Action::Reauthorize, "re-authorize with them");
    state.notify(format!("Saved {name}. New scopes and app apply at the next sign-in. {apply}"));
    vec![Effect::ReadFiles]
}

/// The form for a new name.
pub(in crate::tui) fn rename_page(state: &State, form: &RenameForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Rename {}", form.name));
    let note = match new_name(state, form) {
        Err(problem) => (theme.bad(), problem),
        Ok(_) => (theme.dim(), "Update scripts that use the old name.".to_owned()),
    };
    let input = Input { label: "New name", field: &form.new_name, focused: true, masked: false, notes: vec![note] };
    page.field(theme, &input, width);
    page
}

/// The form for the settings of a profile.
pub(in crate::tui) fn edit_page(state: &State, edit: &EditForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Edit {}", edit.name));
    if let Some(theirs) = &edit.conflict {
        page.text(theme.warning(), "This profile was changed elsewhere while you edited it. It is now:", width);
        shown(&mut page, theirs, theme, width);
        page.blank();
        page.text(theme.strong(), "Your changes:", width);
        shown(&mut page, &edit.after(), theme, width);
        page.blank();
        page.lines.extend(choices(state, theme, KeyContext::EditConflict));
        return page;
    }
    let after = edit.after();
    let mut notes = Vec::new();
    match scopes::check_granted(&after.scopes, &edit.before.scopes) {
        Err(error) => notes.push((theme.bad(), format!("{error} {}", state.hint(&error)))),
        Ok(()) if !scopes::same(&after.scopes, &edit.before.scopes) => notes.push((
            theme.warning(),
            "Requesting other scopes revokes this member's earlier tokens for the app.".to_owned(),
        )),
        Ok(()) => notes.push((theme.dim(), "Requested at the next sign-in.".to_owned())),
    }
    let input = Input { label: "Scopes", field: &edit.scopes, focused: edit.line == 0, masked: false, notes };
    page.field(theme, &input, width);
    let mut notes = Vec::new();
    if edit.browser.trimmed().is_empty() {
        notes.push((theme.dim(), no_browser_words(state)));
    } else if edit.has_unclosed_quote() {
        notes.push((theme.bad(), "Unclosed quote.".to_owned()));
    }
    let input = Input { label: "Browser", field: &edit.browser, focused: edit.line == 1, masked: false, notes };
    page.field(theme, &input, width);
    page.blank();
    let key = state.key_name(KeyContext::Edit, Action::NextApp);
    page.fixed(theme, "App", &fit(edit.app.as_str(), width.saturating_sub(35)), &format!("{key} next app"));
    if edit.app != edit.before.app {
        page.text(theme.warning(), "The token belongs to the previous app: re-authorize after saving.", width);
    }
    page.focus = None;
    page
}

fn shown(page: &mut Page, settings: &ProfileSettings, theme: Theme, width: usize) {
    page.labelled(theme, "Scopes", &clean(&settings.scopes.join(" "), 300), "", width);
    page.labelled(theme, "Browser", &clean(settings.browser.as_deref().unwrap_or("system default"), 120), "", width);
    page.labelled(theme, "App", settings.app.as_str(), "", width);
}
