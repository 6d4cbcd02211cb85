//! The forms that rename a profile and edit its settings.

use super::availability::profile_context;
use super::commands::on_undone;
use crate::flows::manage::ProfileSettings;
use crate::linkedin::{products, scopes};
use crate::store::{Name, Profile};
use crate::text::sanitize;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, Undoable};
use crate::tui::screens::{Note, add_browser_field, has_unclosed_quote, parse_profile_name};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

#[derive(Clone, Debug)]
pub struct RenameForm {
    name: Name,
    pub new_name: Field,
}

#[derive(Clone, Debug)]
pub struct EditForm {
    name: Name,
    /// The settings when the form was opened, or as they were changed elsewhere since.
    before: ProfileSettings,
    app: Name,
    scopes: Field,
    /// The browser command.
    browser: Field,
    /// The focused line: 0 the scopes, 1 the browser.
    line: usize,
    /// The settings as they were changed elsewhere, until the user chooses between them and the form.
    pub conflict: Option<ProfileSettings>,
}

impl EditForm {
    /// Returns the field that has the focus.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        match (&self.conflict, self.line) {
            (Some(_), _) => None,
            (None, 0) => Some(&mut self.scopes),
            (None, _) => Some(&mut self.browser),
        }
    }

    fn edited_settings(&self) -> ProfileSettings {
        let browser = self.browser.trimmed();
        ProfileSettings {
            app: self.app.clone(),
            scopes: scopes::split(self.scopes.text()),
            browser: (!browser.is_empty()).then(|| browser.to_owned()),
        }
    }
}

pub(super) fn open_rename(state: &mut State, name: Name) {
    let new_name = Field::new(name.as_str());
    state.dialog = Some(Dialog::Rename(RenameForm { name, new_name }));
}

pub(super) fn open_edit(state: &mut State, profile: &Profile) {
    state.dialog = Some(Dialog::Edit(Box::new(EditForm {
        name: profile.name.clone(),
        before: ProfileSettings::from(profile),
        app: profile.app.clone(),
        scopes: Field::new(profile.scopes.join(" ")),
        browser: Field::new(profile.browser.clone().unwrap_or_default()),
        line: 0,
        conflict: None,
    })));
}

fn new_name(state: &State, form: &RenameForm) -> Result<Name, String> {
    parse_profile_name(state, form.new_name.trimmed(), Some(&form.name))
}

/// Renames the profile; the form stays open until that is done.
pub(crate) fn rename(state: &mut State, form: RenameForm) -> Vec<Effect> {
    let new = new_name(state, &form);
    if new.as_ref().is_ok_and(|new| *new == form.name) {
        return Vec::new();
    }
    let old = form.name.clone();
    state.dialog = Some(Dialog::Rename(form));
    new.map(|new| vec![Effect::RenameProfile { old, new, is_undo: false }]).unwrap_or_default()
}

pub(crate) fn on_renamed(state: &mut State, old: &Name, new: Name, is_undo: bool) -> Vec<Effect> {
    if matches!(&state.dialog, Some(Dialog::Rename(form)) if form.name == *old) {
        state.dialog = None;
    }
    if is_undo {
        state.notify(format!("Renamed {old} back to {new}."));
    } else {
        let undo = state.key_sentence(KeyContext::List, Action::Undo, "undo");
        state.notify(format!("Renamed {old} to {new}. {undo}"));
        state.list.undoable.push(Undoable::Renaming { old: old.clone(), new: new.clone() });
    }
    state.list.selected = Some(new);
    state.list.marked.remove(old);
    if is_undo { on_undone(state) } else { vec![Effect::ReloadStore] }
}

/// Handles a key of the form, which stays open until the settings are saved.
pub(crate) fn handle_edit(state: &mut State, mut form: Box<EditForm>, action: Action) -> Vec<Effect> {
    let effects = match (form.conflict.clone(), action) {
        (_, Action::Back) => return Vec::new(),
        (Some(_), Action::DiscardMine) => return vec![Effect::ReloadStore],
        (Some(theirs), Action::KeepMine) => {
            // Saving compares with what is stored now.
            form.before = theirs;
            form.conflict = None;
            save(&mut form)
        }
        (None, Action::NextField | Action::PreviousField) => {
            form.line = 1 - form.line;
            Vec::new()
        }
        (None, Action::NextApp) => {
            let store = state.store();
            let at = store.apps.iter().position(|app| app.name == form.app).map_or(0, |at| at + 1);
            if let Some(app) = store.apps.get(at).or_else(|| store.apps.first()) {
                form.app = app.name.clone();
            }
            Vec::new()
        }
        (None, Action::Save) if form.edited_settings() == form.before => {
            state.notify(format!("Nothing was changed in {}.", form.name));
            return Vec::new();
        }
        (None, Action::Save) => save(&mut form),
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Edit(form));
    effects
}

fn save(form: &mut EditForm) -> Vec<Effect> {
    let after = form.edited_settings();
    // What is wrong with a field is shown below it.
    if scopes::check_before_request(&after.scopes, &form.before.scopes).is_err() {
        form.line = 0;
        return Vec::new();
    }
    if has_unclosed_quote(&form.browser) {
        form.line = 1;
        return Vec::new();
    }
    vec![Effect::EditProfile { name: form.name.clone(), before: form.before.clone(), after }]
}

/// Handles the result of saving the settings: they were saved, or the profile was changed elsewhere meanwhile.
pub(crate) fn on_edited(state: &mut State, name: &Name, conflict: Option<&Profile>) -> Vec<Effect> {
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
    let apply = state.key_sentence(profile_context(state), Action::Reauthorize, "re-authorize with them");
    state.notify(format!("Saved {name}. New scopes and app apply at the next sign-in. {apply}"));
    vec![Effect::ReloadStore]
}

pub(crate) fn rename_page(state: &State, form: &RenameForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Rename profile {}", form.name));
    let note = match new_name(state, form) {
        Err(problem) => (theme.error(), problem),
        Ok(_) => (theme.dim(), "Update scripts that use the old name.".to_owned()),
    };
    page.field("New name", &form.new_name, true, vec![note]);
    page
}

pub(crate) fn edit_page(state: &State, edit: &EditForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Edit profile {}", edit.name));
    if let Some(theirs) = &edit.conflict {
        page.warning("This profile was changed elsewhere while you edited it. It is now:");
        add_settings(&mut page, theirs);
        page.blank();
        page.strong("Your changes:");
        add_settings(&mut page, &edit.edited_settings());
        return page.with_choices(state, KeyContext::EditConflict);
    }
    page.growing_field("Scopes", &edit.scopes, edit.line == 0, scope_notes(state, edit, theme));
    add_browser_field(&mut page, state, &edit.browser, edit.line == 1, Vec::new());
    let key = state.key_name(KeyContext::Edit, Action::NextApp);
    page.selection("App", edit.app.as_str(), &format!("{key} next app"), false);
    if edit.app != edit.before.app {
        page.warning("The token belongs to the previous app: re-authorize after saving.");
    }
    page
}

fn scope_notes(state: &State, edit: &EditForm, theme: Theme) -> Vec<Note> {
    let (before, after) = (&edit.before.scopes, edit.edited_settings().scopes);
    if let Err(error) = scopes::check_before_request(&after, before) {
        // The scopes are typed: a list of them would not be the next step.
        let hint = if after.is_empty() { String::new() } else { format!(" {}", state.hint(&error)) };
        let unknown = scopes::unknown_warning(&after).map(|warning| (theme.warning(), warning));
        return std::iter::once((theme.error(), format!("{error}{hint}"))).chain(unknown).collect();
    }
    if scopes::are_same(&after, before) {
        return vec![(theme.dim(), "Requested at the next sign-in.".to_owned())];
    }
    let revokes = "Requesting other scopes revokes this member's earlier tokens for the app.".to_owned();
    let warnings = scopes::unknown_warning(&after).into_iter().chain(products::combination_warning(&after));
    warnings.chain([revokes]).map(|note| (theme.warning(), note)).collect()
}

fn add_settings(page: &mut Page, settings: &ProfileSettings) {
    page.value("Scopes", &sanitize(&settings.scopes.join(" "), 300));
    page.value("Browser", &sanitize(settings.browser.as_deref().unwrap_or("system default"), 120));
    page.value("App", settings.app.as_str());
}
