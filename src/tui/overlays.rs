//! What is opened over any screen and its dialog, and leaves both as they were: palette, help, request log, settings.

use crossterm::event::KeyEvent;

use super::keymap::{Action, KeyContext};
use super::layout::Window;
use super::message::Effect;
use super::screens::help::{self, Help};
use super::screens::palette::{self, Palette};
use super::screens::requests::{self, RequestsPanel};
use super::screens::settings::{self, SettingsPanel};
use super::state::State;
use super::theme::Theme;
use super::widgets::field::{Field, clean_line};
use super::widgets::page::Page;

/// What is opened over a screen and its dialog.
#[derive(Clone, Debug)]
pub enum Overlay {
    Palette(Palette),
    Help(Help),
    Requests(RequestsPanel),
    Settings(Box<SettingsPanel>),
}

impl Overlay {
    /// Creates the help of a context.
    pub fn help(context: KeyContext) -> Self {
        Self::Help(Help::new(context))
    }

    pub fn key_context(&self) -> KeyContext {
        match self {
            Self::Palette(_) => KeyContext::Palette,
            Self::Help(help) if help.is_filtering => KeyContext::FindHelp,
            Self::Help(_) => KeyContext::Help,
            Self::Requests(panel) if panel.is_detail_open => KeyContext::Request,
            Self::Requests(_) => KeyContext::Requests,
            Self::Settings(panel) if panel.field.is_some() => KeyContext::EditSetting,
            Self::Settings(_) => KeyContext::Settings,
        }
    }

    /// Returns whether it covers the whole screen instead of being a dialog over it.
    const fn covers_screen(&self) -> bool {
        matches!(self, Self::Requests(_) | Self::Settings(_))
    }

    /// Returns the text field that has the focus.
    fn field(&mut self) -> Option<&mut Field> {
        match self {
            Self::Palette(palette) => Some(&mut palette.query),
            Self::Help(help) if help.is_filtering => Some(&mut help.filter),
            Self::Settings(panel) => panel.field.as_mut(),
            Self::Help(_) | Self::Requests(_) => None,
        }
    }

    fn on_text_changed(&mut self) {
        match self {
            Self::Palette(palette) => palette.selected = 0,
            Self::Help(help) => help.scroll = 0,
            Self::Settings(panel) => panel.error = None,
            Self::Requests(_) => {}
        }
    }

    /// Handles a key without a binding.
    pub(super) fn type_key(&mut self, key: KeyEvent) {
        if let Some(field) = self.field() {
            field.type_key(key);
            self.on_text_changed();
        }
    }

    /// Inserts pasted text; returns how many characters were inserted, where that was not all.
    pub(super) fn paste(&mut self, text: &str) -> Option<usize> {
        let inserted_chars = self.field()?.insert(&clean_line(text).0);
        self.on_text_changed();
        inserted_chars
    }
}

/// Opens an overlay. The one of its kind that is open already is closed first, with everything over it.
pub(super) fn open(state: &mut State, overlay: Overlay) {
    let is_same = |open: &Overlay| std::mem::discriminant(open) == std::mem::discriminant(&overlay);
    if let Some(at) = state.overlays.iter().position(is_same) {
        state.overlays.truncate(at);
    }
    state.overlays.push(overlay);
}

/// Opens the overlay of an action; `None` for any other action.
pub(super) fn open_for(state: &mut State, context: KeyContext, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Palette => open(state, Overlay::Palette(Palette::default())),
        Action::Help => open(state, Overlay::help(context)),
        Action::RequestLog => open(state, Overlay::Requests(RequestsPanel::default())),
        Action::Settings => {
            open(state, Overlay::Settings(Box::default()));
            return Some(vec![Effect::ReadSettings]);
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Performs the action of a key. The overlay is removed from the state before; one that stays open is put back.
pub(super) fn handle(state: &mut State, overlay: Overlay, action: Action) -> Vec<Effect> {
    match overlay {
        Overlay::Palette(palette) => palette::handle(state, palette, action),
        Overlay::Help(help) => {
            help::handle(state, help, action);
            Vec::new()
        }
        Overlay::Requests(panel) => requests::handle(state, panel, action),
        Overlay::Settings(panel) => settings::handle(state, panel, action),
    }
}

/// Returns the overlay that is drawn instead of the screen and its dialog.
pub(super) fn covering_overlay(state: &State) -> Option<(usize, &Overlay)> {
    state.overlays.iter().enumerate().rfind(|(_, overlay)| overlay.covers_screen())
}

/// Returns the columns of the text of an overlay that covers the screen.
pub(super) fn covering_width(state: &State, at: usize, window: &Window) -> usize {
    match state.overlays.get(at) {
        Some(Overlay::Requests(panel)) if !panel.is_detail_open => window.table_text_width(),
        _ => window.page_widths().single,
    }
}

/// Returns the path to an overlay that covers the screen, for the title bar.
pub(super) const fn title_path(overlay: &Overlay) -> &'static [&'static str] {
    match overlay {
        Overlay::Palette(_) => &["Actions"],
        Overlay::Help(_) => &["Help"],
        Overlay::Requests(panel) if panel.is_detail_open => &["Request log", "Request"],
        Overlay::Requests(_) => &["Request log"],
        Overlay::Settings(_) => &["Settings"],
    }
}

/// Returns the page of an overlay with `width` columns, and the lines that it is scrolled by.
pub(super) fn page(state: &State, at: usize, theme: Theme, width: usize, window: &Window) -> Option<(Page, u16)> {
    Some(match state.overlays.get(at)? {
        Overlay::Palette(palette) => {
            (palette::page(state, palette, theme, width.min(palette::WIDTH), window.dialog_text_height()), 0)
        }
        Overlay::Help(help) => (help::page(state, help, theme, width), help.scroll),
        Overlay::Requests(panel) => (requests::page(state, panel, theme, width), state.overlay_scroll),
        Overlay::Settings(panel) => (settings::page(state, panel, theme, width), state.overlay_scroll),
    })
}
