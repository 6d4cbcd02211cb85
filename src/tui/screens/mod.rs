//! A module for each screen or dialog: its state, its key handlers and its drawing.

pub(crate) mod comment;
pub(crate) mod compose;
pub(crate) mod deliveries;
pub(crate) mod help;
pub(crate) mod next_steps;
pub(crate) mod palette;
pub(crate) mod permissions;
pub(crate) mod post_statistics;
pub(crate) mod posts;
pub(crate) mod profiles;
pub(crate) mod progress;
pub(crate) mod reaction;
pub(crate) mod requests;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod signed_in;
pub(crate) mod welcome;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::keymap::{self, Action, KeyContext};
use super::message::{ClipboardContent, Effect, TerminalEffect};
use super::state::State;
use super::theme::Theme;
use super::widgets::field::Field;
use super::widgets::page::Page;
use crate::Error;
use crate::flows::sign_in::Request;
use crate::store::{App, Member, Name};
use crate::text::{sanitize, wrap};

pub(crate) use setup::setup_page;

impl Page {
    /// Adds every hinted key of a context with its label, one on each line.
    fn choices(&mut self, state: &State, context: KeyContext) {
        for (action, line) in keymap::choices(state, self.theme, context) {
            self.click_key(context, action);
            self.lines.push(line);
        }
    }

    /// Adds what failed, LinkedIn's own words below it, and what to do next.
    fn failure(&mut self, style: Style, error: &Error, hint: &str) {
        self.text(style, &error.message);
        if let Some(detail) = &error.detail {
            self.dim(&format!("LinkedIn: {}", sanitize(detail, 300)));
        }
        if !hint.is_empty() {
            self.blank();
        }
        for paragraph in hint.lines() {
            self.strong(paragraph);
        }
    }

    /// Adds an item of a list, with a hanging indent.
    fn bullet(&mut self, text: &str) {
        for (number, line) in wrap(text, self.width.saturating_sub(2)).into_iter().enumerate() {
            let mark = if number == 0 { self.theme.symbol("· ", "- ") } else { "  " };
            self.lines.push(Line::from(format!("{mark}{line}")));
        }
    }

    /// Adds the choices of a dialog at its end.
    fn with_choices(mut self, state: &State, context: KeyContext) -> Self {
        self.blank();
        self.choices(state, context);
        self
    }

    /// Adds the key of an action with its label, or with `text`; adds nothing where the action is unavailable.
    fn choice(&mut self, state: &State, action: (KeyContext, Action), text: Option<&str>) {
        for line in keymap::choice(state, self.theme, action, text, self.width) {
            self.click_key(action.0, action.1);
            self.lines.push(line);
        }
    }
}

/// Returns the key of an action and what it does, for a line of a page with several of them.
fn inline_hint(
    state: &State,
    theme: Theme,
    (context, action): (KeyContext, Action),
    label: &str,
) -> [Span<'static>; 2] {
    let key = state.key_name(context, action);
    [Span::styled(key, theme.accent()), Span::styled(format!(" {label}   "), theme.dim())]
}

/// Returns the index of the selection of a list after a key. A page has as many rows as the list shows.
fn move_in_list(state: &State, at: usize, count: usize, action: Action) -> usize {
    match action {
        Action::PageUp => at.saturating_sub(state.shown_rows()),
        Action::PageDown => (at + state.shown_rows()).min(count.saturating_sub(1)),
        action => move_selection(at, count, action),
    }
}

/// Returns the index of a selection among `count` after a key: moves stop at the ends, the keys of fields wrap around.
fn move_selection(at: usize, count: usize, action: Action) -> usize {
    match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(count.saturating_sub(1)),
        Action::First => 0,
        Action::Last => count.saturating_sub(1),
        Action::NextField => (at + 1) % count.max(1),
        Action::PreviousField => at.checked_sub(1).unwrap_or(count.saturating_sub(1)),
        _ => at,
    }
}

fn copy(label: &'static str, content: ClipboardContent) -> Vec<Effect> {
    vec![Effect::Terminal(TerminalEffect::Copy { label, content })]
}

fn copy_text(label: &'static str, text: &str) -> Vec<Effect> {
    copy(label, ClipboardContent::Text(text.to_owned()))
}

/// A line below a text field.
type Note = (Style, String);

fn error_notes(state: &State, error: &Error, theme: Theme) -> Vec<Note> {
    vec![(theme.error(), error.to_string()), (theme.dim(), state.hint(error))]
}

/// Adds the field of a browser command. Without a command it shows the browser that is started.
fn add_browser_field(page: &mut Page, state: &State, command: &Field, is_focused: bool, mut notes: Vec<Note>) {
    let theme = page.theme;
    let default = match &state.config.browser {
        Some(Err(_)) => "none".to_owned(),
        Some(Ok(_)) => format!("{} (default)", browser_label(state, None, theme, usize::MAX)),
        None => browser_label(state, None, theme, usize::MAX),
    };
    if command.trimmed().is_empty() {
        if let Some(Err(reason)) = &state.config.browser {
            notes.insert(0, (theme.dim(), sanitize(reason, 200)));
        }
    } else if has_unclosed_quote(command) {
        notes.insert(0, (theme.error(), "Unclosed quote.".to_owned()));
    }
    page.field_with_default("Browser", command, &default, is_focused, notes);
}

fn has_unclosed_quote(command: &Field) -> bool {
    shlex::split(command.trimmed()).is_none()
}

/// Returns the browser that would be opened: the profile's command, or the default. Each word of it fits in `width` columns.
fn browser_label(state: &State, profile_command: Option<&str>, theme: Theme, width: usize) -> String {
    let shorten = |command: &str| {
        let command = sanitize(command, 120);
        command.split(' ').map(|word| theme.shorten_path(word, width)).collect::<Vec<_>>().join(" ")
    };
    match (profile_command, &state.config.browser) {
        (Some(command), _) => shorten(command),
        (None, Some(Ok(command))) => shorten(command),
        (None, Some(Err(reason))) => format!("none: {}", sanitize(reason, 200)),
        (None, None) => "system default".to_owned(),
    }
}

/// Returns the browser that would be opened, in few words.
fn short_browser_label(state: &State, profile_command: Option<&str>, theme: Theme, width: usize) -> String {
    match (profile_command, &state.config.browser) {
        (None, Some(Err(_))) if state.config.ssh.is_some() => "none (SSH)".to_owned(),
        (None, Some(Err(_))) if !state.config.has_display => "none (no display)".to_owned(),
        (None, Some(Err(_))) => "none".to_owned(),
        _ => browser_label(state, profile_command, theme, width),
    }
}

/// Returns the name of a member, or the ID where LinkedIn gave no name.
fn member_name(member: &Member) -> String {
    sanitize(member.name.as_deref().unwrap_or(&member.id), 60)
}

/// Returns the name of a member and the email address where one is known.
fn member_and_email(member: &Member) -> String {
    let name = member_name(member);
    member.email.as_ref().map_or_else(|| name.clone(), |email| format!("{name} ({})", sanitize(email, 80)))
}

/// Returns the profile name that was typed, or why it cannot be used; `current` is the name that the profile has already.
fn parse_profile_name(state: &State, text: &str, current: Option<&Name>) -> Result<Name, String> {
    match Name::parse(text) {
        Err(_) => Err("Use a-z, 0-9, \".\", \"_\" or \"-\"; start with a letter or digit.".to_owned()),
        Ok(name) if current != Some(&name) && state.store().has_profile(name.as_str()) => {
            Err(format!("A profile named {name} already exists."))
        }
        Ok(name) => Ok(name),
    }
}

/// Returns the sign-in of a profile, with the settings of this start of the program.
fn sign_in_request(state: &State, app: App, profile: Name, scopes: Vec<String>, browser: Option<String>) -> Request {
    Request {
        app,
        profile,
        scopes,
        browser,
        is_browser_disabled: false,
        timeout_seconds: state.config.timeout_seconds,
        is_token_shown: state.config.is_token_shown,
        on_different_member: None,
    }
}
