//! The export of tokens: which form, to which file, and whether one that stands there is replaced.

use std::path::PathBuf;

use super::list::meant;
use crate::flows::export::Format;
use crate::store::Name;
use crate::text::{clean, fit};
use crate::tui::keymap::{Action, KeyContext, choices};
use crate::tui::message::Effect;
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Input, Page, marked};

/// What is exported, and where to.
#[derive(Clone, Debug)]
pub struct Export {
    /// Whose tokens.
    pub names: Vec<Name>,
    /// The form.
    pub format: Format,
    /// The file.
    pub path: Field,
    /// Was the file's name typed? Else it follows the form.
    pub named: bool,
    /// The files that stand there already: replaced only where that is said.
    pub standing: Vec<PathBuf>,
}

impl Export {
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
        meant(state).into_iter().filter(|name| files.profile(name).is_some_and(|one| one.token.is_some())).collect();
    if names.is_empty() {
        state.say("No token to export.", true);
        return;
    }
    let format = if names.len() > 1 { Format::Ics } else { Format::Dotenv };
    let path = Field::new(Export::suggested(&names, format));
    state.list.export = Some(Export { path, names, format, named: false, standing: Vec::new() });
    state.overlay = Some(Overlay::Export);
}

/// Esc: from the question back to the form, from the form to the list.
pub(super) fn back(state: &mut State) {
    let standing = state.list.export.as_mut().map(|export| std::mem::take(&mut export.standing));
    if standing.is_none_or(|paths| paths.is_empty()) {
        state.overlay = None;
    }
}

/// A command.
pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(export) = state.list.export.as_mut() else { return Vec::new() };
    match action {
        Action::NextField | Action::PreviousField => {
            let at = Format::ALL.iter().position(|format| *format == export.format).unwrap_or_default();
            let by = if action == Action::NextField { 1 } else { Format::ALL.len() - 1 };
            export.format = Format::ALL[(at + by) % Format::ALL.len()];
            if !export.named {
                export.path = Field::new(Export::suggested(&export.names, export.format));
            }
            Vec::new()
        }
        Action::Copy => vec![written(export, None, false)],
        Action::Save | Action::Replace => {
            let path = PathBuf::from(export.path.trimmed());
            if path.as_os_str().is_empty() {
                let copy = state.press(KeyContext::Export, Action::Copy, "copy it instead");
                state.say(format!("Enter a file name. {copy}"), true);
                return Vec::new();
            }
            let standing = std::mem::take(&mut export.standing);
            vec![written(export, Some(path), action == Action::Replace && !standing.is_empty())]
        }
        _ => Vec::new(),
    }
}

fn written(export: &Export, path: Option<PathBuf>, replace: bool) -> Effect {
    Effect::Export { names: export.names.clone(), format: export.format, path, replace }
}

/// The export is written: only now its form has served.
pub(in crate::tui) fn exported(state: &mut State, detail: String) -> Vec<Effect> {
    copied(state);
    state.say(detail, false);
    Vec::new()
}

/// An export, or a token, goes to the clipboard.
pub(in crate::tui) fn copied(state: &mut State) {
    if state.overlay == Some(Overlay::Export) {
        state.overlay = None;
    }
}

/// Files stand already where the export would be written.
pub(in crate::tui) fn stands(state: &mut State, paths: Vec<PathBuf>) {
    if let Some(export) = state.list.export.as_mut().filter(|_| state.overlay == Some(Overlay::Export)) {
        export.standing = paths;
    }
}

/// The question before files are replaced.
fn stands_lines(page: &mut Page, state: &State, standing: &[PathBuf], theme: Theme, width: usize) {
    const MOST: usize = 5;
    let words = if standing.len() == 1 { "This file already exists:" } else { "These files already exist:" };
    page.say(theme.warning(), words, width);
    for path in standing.iter().take(MOST) {
        page.say(theme.strong(), &clean(&path.display().to_string(), 300), width);
    }
    if standing.len() > MOST {
        page.say(theme.dim(), &format!("and {} more", standing.len() - MOST), width);
    }
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::ExportExists));
}

/// The export.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some(export) = &state.list.export else { return Page::default() };
    let mut page = Page::titled(match export.names.as_slice() {
        [one] => format!("Export {one}"),
        many => format!("Export {} profiles", many.len()),
    });
    if !export.standing.is_empty() {
        stands_lines(&mut page, state, &export.standing, theme, width);
        return page;
    }
    if export.names.len() > 1 {
        let names: Vec<&str> = export.names.iter().map(Name::as_str).collect();
        page.say(theme.dim(), &fit(&names.join(", "), width * 2), width);
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
        let mut line = marked(theme, mark, &format!("{:<8}{words}", format.word()));
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
