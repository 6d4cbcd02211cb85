//! The settings: their values in `config.toml`, their defaults, and how they are changed.

use ratatui::text::{Line, Span};

use super::{copy_text, move_in_list, profiles};
use crate::config::{SettingValue, Settings};
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::{Action, KeyContext, Keymap};
use crate::tui::message::{Effect, TerminalEffect};
use crate::tui::overlays::Overlay;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Page, note_spans};

/// The documentation of `config.toml`, which links to the list of keys.
const SETTINGS_URL: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/configuration.md");
/// The columns of a setting's title.
const TITLE_WIDTH: usize = 25;

/// The kind of a value, which decides how it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SettingKind {
    /// A key selects the next of these.
    Choice(&'static [&'static str]),
    Switch,
    /// A number up to this one.
    Number(u64),
    Text,
    /// A program and its arguments.
    Command,
}

/// A setting that the screen changes.
struct Setting {
    section: &'static str,
    key: &'static str,
    title: &'static str,
    kind: SettingKind,
    explanation: &'static str,
    /// Whether the running interface follows a change.
    is_applied_at_once: bool,
}

const SETTINGS: &[Setting] = &[
    Setting {
        section: "ui",
        key: "theme",
        title: "Theme",
        kind: SettingKind::Choice(&["auto", "dark", "light"]),
        explanation: "Colors for a dark or a light background. auto: what the terminal reports, else dark.",
        is_applied_at_once: true,
    },
    Setting {
        section: "ui",
        key: "mouse",
        title: "Mouse",
        kind: SettingKind::Switch,
        explanation: "Click rows, fields and key hints. Select text with shift-drag, or switch it off.",
        is_applied_at_once: true,
    },
    Setting {
        section: "ui",
        key: "ascii",
        title: "ASCII only",
        kind: SettingKind::Switch,
        explanation: "Draw without box characters and symbols.",
        is_applied_at_once: true,
    },
    Setting {
        section: "ui",
        key: "clear_clipboard_seconds",
        title: "Clear the clipboard after",
        kind: SettingKind::Number(86_400),
        explanation: "Seconds before a copied secret is cleared from the clipboard. 0: never.",
        is_applied_at_once: true,
    },
    Setting {
        section: "ui",
        key: "reveal_seconds",
        title: "Hide a shown secret after",
        kind: SettingKind::Number(3600),
        explanation: "Seconds before a secret that you show is hidden again.",
        is_applied_at_once: true,
    },
    Setting {
        section: "status",
        key: "expiring_days",
        title: "Expiring within",
        kind: SettingKind::Number(365),
        explanation: "A token that expires in this many days or fewer has the status expiring.",
        is_applied_at_once: true,
    },
    Setting {
        section: "status",
        key: "check_on_start",
        title: "Check on start",
        kind: SettingKind::Switch,
        explanation: "Check tokens in the background that were not checked for a day.",
        is_applied_at_once: false,
    },
    Setting {
        section: "browser",
        key: "command",
        title: "Browser command",
        kind: SettingKind::Text,
        explanation: "For example: firefox -P work. Empty: the variable BROWSER, else the system's default browser.",
        is_applied_at_once: false,
    },
    Setting {
        section: "notify",
        key: "command",
        title: "Notification command",
        kind: SettingKind::Command,
        explanation: "A program and its arguments, which status --notify runs for tokens that expire soon.",
        // The next run of the command reads it.
        is_applied_at_once: true,
    },
];

#[derive(Clone, Debug, Default)]
pub struct SettingsPanel {
    /// `None` until they are read.
    pub(crate) settings: Option<Settings>,
    selected: usize,
    /// The field of the setting that is being edited.
    pub(crate) field: Option<Field>,
    /// Why the typed value cannot be saved.
    pub(crate) error: Option<String>,
}

impl SettingsPanel {
    fn setting(&self) -> &'static Setting {
        &SETTINGS[self.selected.min(SETTINGS.len() - 1)]
    }
}

impl Setting {
    fn value(&self, settings: &Settings) -> SettingValue {
        settings.value(self.section, self.key).unwrap_or(SettingValue::Text(String::new()))
    }

    fn is_default(&self, settings: &Settings) -> bool {
        self.value(settings) == self.value(&Settings::default())
    }

    fn format(&self, value: &SettingValue) -> String {
        match value {
            SettingValue::Text(text) if text.trim().is_empty() => "default browser".to_owned(),
            SettingValue::Text(text) => sanitize(text, 120),
            SettingValue::Switch(is_on) => if *is_on { "on" } else { "off" }.to_owned(),
            SettingValue::Number(0) if self.key == "clear_clipboard_seconds" => "never".to_owned(),
            SettingValue::Number(number) => format!("{number} {}", self.unit()),
            SettingValue::List(words) if words.is_empty() => "none".to_owned(),
            SettingValue::List(words) => sanitize(&join(words), 120),
        }
    }

    /// Returns the unit of a number.
    fn unit(&self) -> &'static str {
        match self.kind {
            SettingKind::Number(_) if self.section == "status" => "days",
            SettingKind::Number(_) => "s",
            _ => "",
        }
    }

    /// Returns what the setting does, and which numbers it takes.
    fn description(&self) -> String {
        match self.kind {
            SettingKind::Number(max) => format!("{} From 0 to {max} {}.", self.explanation, self.unit()),
            _ => self.explanation.to_owned(),
        }
    }

    /// Returns the text that the field starts with.
    fn editable_text(&self, value: &SettingValue) -> String {
        match value {
            SettingValue::Text(text) => text.clone(),
            SettingValue::Number(number) => number.to_string(),
            SettingValue::List(words) => join(words),
            SettingValue::Switch(is_on) => is_on.to_string(),
        }
    }

    /// Parses what was typed.
    fn parse(&self, text: &str) -> Result<SettingValue, String> {
        match self.kind {
            SettingKind::Number(max) => match text.parse() {
                Ok(number) if number <= max => Ok(SettingValue::Number(number)),
                _ => Err(format!("Enter a number from 0 to {max}.")),
            },
            SettingKind::Command => {
                shlex::split(text).map(SettingValue::List).ok_or_else(|| "Unclosed quote.".to_owned())
            }
            SettingKind::Text if shlex::split(text).is_none() => Err("Unclosed quote.".to_owned()),
            SettingKind::Text | SettingKind::Choice(_) | SettingKind::Switch => Ok(SettingValue::Text(text.to_owned())),
        }
    }

    /// Returns the value after this one; `None` where it is typed instead.
    fn next(&self, value: &SettingValue) -> Option<SettingValue> {
        match (self.kind, value) {
            (SettingKind::Switch, SettingValue::Switch(is_on)) => Some(SettingValue::Switch(!is_on)),
            (SettingKind::Choice(choices), SettingValue::Text(text)) => {
                let at = choices.iter().position(|choice| choice == text).map_or(0, |at| at + 1);
                Some(SettingValue::Text(choices[at % choices.len()].to_owned()))
            }
            _ => None,
        }
    }
}

fn join(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

fn panel(state: &State) -> Option<&SettingsPanel> {
    state.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Settings(panel) => Some(&**panel),
        _ => None,
    })
}

pub(crate) fn change_label(state: &State) -> Option<String> {
    let panel = panel(state)?;
    let setting = panel.setting();
    let next = setting.next(&setting.value(panel.settings.as_ref()?));
    Some(next.map_or_else(|| "edit".to_owned(), |next| format!("set to {}", setting.format(&next))))
}

/// Returns whether the selected setting differs from its default.
pub(crate) fn is_changed(state: &State) -> bool {
    panel(state)
        .is_some_and(|panel| panel.settings.as_ref().is_some_and(|settings| !panel.setting().is_default(settings)))
}

pub(crate) fn handle(state: &mut State, mut panel: Box<SettingsPanel>, action: Action) -> Vec<Effect> {
    let setting = panel.setting();
    let Some(value) = panel.settings.as_ref().map(|settings| setting.value(settings)) else {
        if action != Action::Back {
            state.overlays.push(Overlay::Settings(panel));
        }
        return Vec::new();
    };
    let save = |value| vec![Effect::SaveSetting { section: setting.section, key: setting.key, value }];
    let effects = match (action, setting.next(&value)) {
        (Action::Back, _) if panel.field.is_some() => {
            (panel.field, panel.error) = (None, None);
            Vec::new()
        }
        (Action::Back, _) => return Vec::new(),
        (Action::Edit | Action::Toggle, Some(next)) => save(Some(next)),
        (Action::Edit | Action::Toggle, None) => {
            panel.field = Some(Field::new(setting.editable_text(&value)));
            Vec::new()
        }
        (Action::Save, _) => match panel.field.as_ref().map(|field| setting.parse(field.trimmed())) {
            Some(Ok(value)) => save(Some(value)),
            Some(Err(reason)) => {
                panel.error = Some(reason);
                Vec::new()
            }
            None => Vec::new(),
        },
        (Action::ResetSetting, _) if panel.settings.as_ref().is_some_and(|it| !setting.is_default(it)) => save(None),
        (Action::CopyFilePath, _) => {
            copy_text("the path of config.toml", &state.config.config_file.display().to_string())
        }
        (action, _) => {
            panel.selected = move_in_list(state, panel.selected, SETTINGS.len(), action);
            Vec::new()
        }
    };
    state.overlays.push(Overlay::Settings(panel));
    effects
}

/// Applies the settings as they were read, and shows them: `saved` is the section and the key that was saved.
pub(crate) fn on_read(state: &mut State, settings: &Settings, saved: Option<(&str, &str)>) -> Vec<Effect> {
    let effects = apply(state, settings);
    let setting = SETTINGS.iter().find(|setting| Some((setting.section, setting.key)) == saved);
    if let Some(setting) = setting {
        let note = if setting.is_applied_at_once { "" } else { " It applies when the program starts again." };
        let value = setting.format(&setting.value(settings));
        state.notify(format!("{}: {value}. Saved.{note}", setting.title));
    }
    for overlay in &mut state.overlays {
        if let Overlay::Settings(panel) = overlay {
            if setting.is_some() {
                (panel.field, panel.error) = (None, None);
            }
            panel.settings = Some(settings.clone());
        }
    }
    effects
}

/// Applies the settings and the keys that the running interface follows.
fn apply(state: &mut State, settings: &Settings) -> Vec<Effect> {
    match Keymap::with_settings(&settings.keys) {
        Ok(keymap) => state.config.keymap = keymap,
        Err(error) => state.notify_failure(&error),
    }
    let config = &mut state.config;
    config.mouse = settings.ui.mouse;
    config.reveal_seconds = settings.ui.reveal_seconds;
    config.clear_clipboard_seconds = settings.ui.clear_clipboard_seconds;
    config.expiring_days = settings.status.expiring_days;
    let is_light = match settings.ui.theme.as_str() {
        "light" => true,
        "dark" => false,
        _ => config.is_background_light,
    };
    let is_ascii = settings.ui.ascii || config.requires_ascii;
    config.is_ascii = is_ascii;
    profiles::recompute(state);
    vec![Effect::Terminal(TerminalEffect::SetTheme { is_light, is_ascii })]
}

pub(crate) fn page(state: &State, panel: &SettingsPanel, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Settings");
    let Some(settings) = &panel.settings else {
        page.dim(&format!("Reading config.toml{}", theme.ellipsis()));
        return page;
    };
    let defaults = Settings::default();
    for (at, setting) in SETTINGS.iter().enumerate() {
        let is_selected = at == panel.selected;
        if let Some(field) = panel.field.as_ref().filter(|_| is_selected) {
            page.edited_row(format!("{:<TITLE_WIDTH$}  ", setting.title), field, setting.unit());
            continue;
        }
        let value = setting.format(&setting.value(settings));
        let default = format!("default: {}", setting.format(&setting.value(&defaults)));
        let note = if setting.is_default(settings) { "default" } else { &default };
        let room = width.saturating_sub(2 + TITLE_WIDTH + 2 + 2 + columns(note));
        let value = fit(&value, room);
        let pad = " ".repeat(room.saturating_sub(columns(&value)) + 2);
        let note_style = if is_selected { theme.selected() } else { theme.dim() };
        page.row(
            is_selected,
            vec![
                Span::raw(format!("{:<TITLE_WIDTH$}  {value}{pad}", setting.title)),
                Span::styled(note.to_owned(), note_style),
            ],
        );
    }
    page.blank();
    let setting = panel.setting();
    match &panel.error {
        Some(error) => page.error(error),
        None => page.plain(&setting.description()),
    }
    let when = if setting.is_applied_at_once { "Applies at once." } else { "Applies when the program starts again." };
    page.dim(&format!("[{}] {} in config.toml. {when}", setting.section, setting.key));
    page.panel("Keys and everything else");
    page.plain(
        "Keys are changed in config.toml, in tables such as [keys.list]. All keys and settings are described at",
    );
    page.link(SETTINGS_URL);
    let copy = state.key_name(KeyContext::Settings, Action::CopyFilePath);
    let path =
        theme.shorten_path(&sanitize(&state.config.config_file.display().to_string(), 300), width.saturating_sub(12));
    let mut line = Line::from(format!("{path}   "));
    line.spans.extend(note_spans(theme, &format!("{copy} copy")));
    page.lines.push(line);
    if panel.selected + 1 == SETTINGS.len() && panel.field.is_none() {
        // The text below the last setting is in view with it, where both have room.
        page.visible_line = Some(page.lines.len() - 1);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_value_and_its_choices_are_valid() {
        let settings = Settings::default();
        for setting in SETTINGS {
            let value = settings.value(setting.section, setting.key);
            let value = value.unwrap_or_else(|| panic!("{}.{} is not a setting", setting.section, setting.key));
            assert!(setting.is_default(&settings));
            if setting.next(&value).is_none() {
                assert_eq!(setting.parse(&setting.editable_text(&value)).as_ref(), Ok(&value), "{}", setting.title);
            }
        }
    }

    #[test]
    fn typed_values_are_validated() {
        let setting = |key: &str| SETTINGS.iter().find(|setting| setting.key == key).unwrap();
        assert_eq!(setting("expiring_days").parse("9"), Ok(SettingValue::Number(9)));
        for wrong in ["", "-1", "366", "soon"] {
            assert_eq!(setting("expiring_days").parse(wrong), Err("Enter a number from 0 to 365.".to_owned()));
        }
        assert!(setting("command").parse("firefox -P 'work").is_err());
    }
}
