//! The export of tokens: the format, the file, and whether an existing one is replaced.

use std::path::PathBuf;

use super::list::targets;
use crate::flows::export::Format;
use crate::store::Name;
use crate::text::{clean, fit};
use crate::tui::keymap::{Action, KeyContext, choices};
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Input, Page, marked};

/// An export of tokens while it is chosen.
#[derive(Clone, Debug)]
pub struct ExportForm {
    /// The profiles.
    pub names: Vec<Name>,
    /// The format.
    pub format: Format,
    /// The file.
    pub path: Field,
    /// Whether the file's name was typed; otherwise it follows the format.
    pub named: bool,
    /// Files that exist already, until the user decides whether to replace them.
    pub existing: Vec<PathBuf>,
}

impl ExportForm {
    /// Returns the field for the file's name, which stops following the format.
    pub(in crate::tui) fn field(&mut self) -> &mut Field {
        self.named = true;
        &mut self.path
    }

    fn suggested(names: &[Name], format: Format) -> String {
        let kind = match format {
            Format::Env => "sh",
            Format::Dotenv => "env",
            Format::Json => "json",
            Format::Curl => "curl",
            Format::Ics => "ics",
        };
        match names {
            [one] => format!("{one}.{kind}"),
            _ if format == Format::Ics => "linkedin-tokens.ics".to_owned(),
            _ => format!("NAME.{kind}"),
        }
    }
}

/// Opens the export of what is marked, or selected.
pub(super) fn open(state: &mut State) {
    let files = state.files();
    let names: Vec<Name> =
        targets(state).into_iter().filter(|name| files.profile(name).is_some_and(|one| one.token.is_some())).collect();
    if names.is_empty() {
        state.notify_error("No token to export.");
        return;
    }
    let format = if names.len() > 1 { Format::Ics } else { Format::Dotenv };
    let path = Field::new(ExportForm::suggested(&names, format));
    let form = ExportForm { path, names, format, named: false, existing: Vec::new() };
    state.dialog = Some(Dialog::Export(Box::new(form)));
}

/// A command in the form, which stays open until the export is written.
pub(in crate::tui) fn handle(state: &mut State, mut form: Box<ExportForm>, action: Action) -> Vec<Effect> {
    let existing = std::mem::take(&mut form.existing);
    let effects = match action {
        // From the question back to the form, from the form to the list.
        Action::Back if existing.is_empty() => return Vec::new(),
        Action::NextField | Action::PreviousField => {
            let at = Format::ALL.iter().position(|format| *format == form.format).unwrap_or_default();
            let by = if action == Action::NextField { 1 } else { Format::ALL.len() - 1 };
            form.format = Format::ALL[(at + by) % Format::ALL.len()];
            if !form.named {
                form.path = Field::new(ExportForm::suggested(&form.names, form.format));
            }
            Vec::new()
        }
        Action::Copy => vec![written(&form, None, false)],
        Action::Save | Action::Replace => {
            let path = PathBuf::from(form.path.trimmed());
            if path.as_os_str().is_empty() {
                let copy = state.press(KeyContext::Export, Action::Copy, "copy it instead");
                state.notify_error(format!("Enter a file name. {copy}"));
                Vec::new()
            } else {
                vec![written(&form, Some(path), action == Action::Replace && !existing.is_empty())]
            }
        }
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Export(form));
    effects
}

fn written(export: &ExportForm, path: Option<PathBuf>, replace: bool) -> Effect {
    Effect::Export { names: export.names.clone(), format: export.format, path, replace }
}

/// The export was written: its form closes.
pub(in crate::tui) fn exported(state: &mut State, detail: String) -> Vec<Effect> {
    copied(state);
    state.notify(detail);
    Vec::new()
}

/// An export, or a token, goes to the clipboard.
pub(in crate::tui) fn copied(state: &mut State) {
    if matches!(state.dialog, Some(Dialog::Export(_))) {
        state.dialog = None;
    }
}

/// Files exist already where the export would be written.
pub(in crate::tui) fn exists(state: &mut State, paths: Vec<PathBuf>) {
    if let Some(Dialog::Export(form)) = &mut state.dialog {
        form.existing = paths;
    }
}

/// The question before files are replaced.
fn existing_lines(page: &mut Page, state: &State, existing: &[PathBuf], theme: Theme, width: usize) {
    const MAX_SHOWN: usize = 5;
    let words = if existing.len() == 1 { "This file already exists:" } else { "These files already exist:" };
    page.text(theme.warning(), words, width);
    for path in existing.iter().take(MAX_SHOWN) {
        page.text(theme.strong(), &clean(&path.display().to_string(), 300), width);
    }
    if existing.len() > MAX_SHOWN {
        page.text(theme.dim(), &format!("and {} more", existing.len() - MAX_SHOWN), width);
    }
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::ExportExists));
}

/// The export.
pub(in crate::tui) fn page(state: &State, export: &ExportForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(match export.names.as_slice() {
        [one] => format!("Export {one}"),
        many => format!("Export {} profiles", many.len()),
    });
    if !export.existing.is_empty() {
        existing_lines(&mut page, state, &export.existing, theme, width);
        return page;
    }
    if export.names.len() > 1 {
        let names: Vec<&str> = export.names.iter().map(Name::as_str).collect();
        page.text(theme.dim(), &fit(&names.join(", "), width * 2), width);
        page.blank();
    }
    for format in Format::ALL {
        let words = match format {
            Format::Env => "shell variables",
            Format::Dotenv => "a .env file",
            Format::Json => "JSON",
            Format::Curl => "a curl command",
            Format::Ics => "a calendar of expiry dates, without tokens",
        };
        let chosen = format == export.format;
        let mark = if chosen { theme.pick("●", "*") } else { theme.pick("○", "-") };
        let mut line = marked(theme, mark, &format!("{:<8}{words}", format.as_str()));
        if chosen {
            line = line.style(theme.strong());
        }
        page.lines.push(line);
    }
    page.blank();
    let note = if export.format == Format::Dotenv && export.names.len() == 1 {
        "Only you can read the file. In an existing file, other lines are kept.".to_owned()
    } else if export.names.len() > 1 && export.format != Format::Ics {
        "One file per profile. NAME is replaced by the profile's name.".to_owned()
    } else {
        let copy = state.press(KeyContext::Export, Action::Copy, "copy it instead");
        format!("Only you can read the file. {copy}")
    };
    let notes = vec![(theme.dim(), note)];
    page.field(theme, &Input { label: "File", field: &export.path, focused: true, masked: false, notes }, width);
    page.focus = None;
    page
}
