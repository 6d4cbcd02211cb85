//! The export of tokens: the format, the file, and whether an existing one is replaced.

use std::path::PathBuf;

use ratatui::text::{Line, Span};

use super::list::marked_or_selected;
use crate::flows::export::Format;
use crate::store::Name;
use crate::text::{fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::screens::move_selection;
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

#[derive(Clone, Debug)]
pub struct ExportForm {
    names: Vec<Name>,
    format: Format,
    path: Field,
    /// Whether the path was typed; otherwise it follows the format.
    is_path_typed: bool,
    /// Files that exist already, until the user decides whether to replace them.
    pub existing: Vec<PathBuf>,
}

impl ExportForm {
    /// Returns the field of the path, which stops following the format; `None` while the user decides whether to replace what is
    /// named in it.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        if !self.existing.is_empty() {
            return None;
        }
        self.is_path_typed = true;
        Some(&mut self.path)
    }

    fn suggested_path(names: &[Name], format: Format) -> String {
        let extension = match format {
            Format::Env => "sh",
            Format::PowerShell => "ps1",
            Format::Dotenv => "env",
            Format::Json => "json",
            Format::Curl => "curl",
            Format::Ics => "ics",
        };
        match names {
            [name] => format!("{name}.{extension}"),
            _ if format == Format::Ics => "linkedin-tokens.ics".to_owned(),
            _ => format!("NAME.{extension}"),
        }
    }
}

/// Opens the export of the marked profiles, or of the selected one.
pub(super) fn open(state: &mut State) {
    let store = state.store();
    let names: Vec<Name> = marked_or_selected(state)
        .into_iter()
        .filter(|name| store.profile(name).is_some_and(|profile| profile.token.is_some()))
        .collect();
    if names.is_empty() {
        state.notify_error("No token to export.");
        return;
    }
    let format = if names.len() > 1 { Format::Ics } else { Format::Dotenv };
    let path = Field::new(ExportForm::suggested_path(&names, format));
    let form = ExportForm { path, names, format, is_path_typed: false, existing: Vec::new() };
    state.dialog = Some(Dialog::Export(Box::new(form)));
}

/// Handles a key of the form, which stays open until the export is written.
pub(crate) fn handle_export(state: &mut State, mut form: Box<ExportForm>, action: Action) -> Vec<Effect> {
    let existing = std::mem::take(&mut form.existing);
    let effects = match action {
        // From the confirmation, "back" returns to the form.
        Action::Back if existing.is_empty() => return Vec::new(),
        Action::NextField | Action::PreviousField => {
            let at = Format::ALL.iter().position(|format| *format == form.format).unwrap_or_default();
            form.format = Format::ALL[move_selection(at, Format::ALL.len(), action)];
            if !form.is_path_typed {
                form.path = Field::new(ExportForm::suggested_path(&form.names, form.format));
            }
            Vec::new()
        }
        Action::Copy => vec![export_effect(&form, None, false)],
        Action::Save | Action::Replace => {
            let path = PathBuf::from(form.path.trimmed());
            if path.as_os_str().is_empty() {
                let copy = state.key_sentence(KeyContext::Export, Action::Copy, "copy it instead");
                state.notify_error(format!("Enter a file name. {copy}"));
                Vec::new()
            } else {
                vec![export_effect(&form, Some(path), action == Action::Replace && !existing.is_empty())]
            }
        }
        _ => Vec::new(),
    };
    state.dialog = Some(Dialog::Export(form));
    effects
}

fn export_effect(export: &ExportForm, path: Option<PathBuf>, replaces_existing: bool) -> Effect {
    Effect::Export { names: export.names.clone(), format: export.format, path, replaces_existing }
}

pub(crate) fn on_exported(state: &mut State, report: String) -> Vec<Effect> {
    close_export(state);
    state.notify(report);
    Vec::new()
}

/// Closes the form, where it is open.
pub(crate) fn close_export(state: &mut State) {
    if matches!(state.dialog, Some(Dialog::Export(_))) {
        state.dialog = None;
    }
}

/// Asks whether to replace files that already exist.
pub(crate) fn on_export_exists(state: &mut State, paths: Vec<PathBuf>) {
    if let Some(Dialog::Export(form)) = &mut state.dialog {
        form.existing = paths;
    }
}

/// The mode of the file. On Windows the file system may have no access control.
const ONLY_YOU: &str = if cfg!(windows) { "" } else { "Only you can read the file. " };

fn add_existing_files(page: &mut Page, state: &State, existing: &[PathBuf]) {
    const MAX_SHOWN: usize = 5;
    page.warning(if existing.len() == 1 { "This file already exists:" } else { "These files already exist:" });
    for path in existing.iter().take(MAX_SHOWN) {
        page.strong(&sanitize(&path.display().to_string(), 300));
    }
    if existing.len() > MAX_SHOWN {
        page.dim(&format!("and {} more", existing.len() - MAX_SHOWN));
    }
    page.blank();
    page.choices(state, KeyContext::ExportExists);
}

pub(crate) fn export_page(state: &State, export: &ExportForm, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(
        theme,
        width,
        match export.names.as_slice() {
            [name] => format!("Export profile {name}"),
            many => format!("Export {} profiles", many.len()),
        },
    );
    if !export.existing.is_empty() {
        add_existing_files(&mut page, state, &export.existing);
        return page;
    }
    if export.names.len() > 1 {
        let names: Vec<&str> = export.names.iter().map(Name::as_str).collect();
        page.dim(&fit(&names.join(", "), width * 2));
        page.blank();
    }
    for format in Format::ALL {
        let description = match format {
            Format::Env => "shell variables",
            Format::PowerShell => "variables for PowerShell",
            Format::Dotenv => ".env file",
            Format::Json => "JSON",
            Format::Curl => "curl command",
            Format::Ics => "calendar of expiry, no tokens",
        };
        let is_selected = format == export.format;
        let style = if is_selected { theme.strong() } else { ratatui::style::Style::new() };
        page.lines.push(Line::from(vec![
            Span::styled(format!("  {}", theme.radio(is_selected)), theme.accent()),
            // The descriptions begin where the text of the field below does.
            Span::styled(format!("{:<11}{description}", format.as_str()), style),
        ]));
    }
    page.blank();
    let note = if export.format == Format::Dotenv && export.names.len() == 1 {
        format!("{ONLY_YOU}In an existing file, other lines are kept.")
    } else if export.names.len() > 1 && export.format != Format::Ics {
        "One file per profile. NAME is replaced by the profile's name.".to_owned()
    } else {
        let copy = state.key_sentence(KeyContext::Export, Action::Copy, "copy it instead");
        format!("{ONLY_YOU}{copy}")
    };
    page.field("File", &export.path, true, vec![(theme.dim(), note)]);
    // The field is below the formats, which stay visible too: the page scrolls by its keys.
    page.visible_line = None;
    page
}
