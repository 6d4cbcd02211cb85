//! Passes typed and pasted text to the text field that has the focus.

use super::dialogs::Dialog;
use super::layout::is_too_small;
use super::message::Effect;
use super::screens::progress::PasteForm;
use super::screens::{profiles, setup};
use super::state::{Screen, State};
use super::widgets::field::clean_line;
use crate::tui::keymap::KeyContext;
use crossterm::event::KeyEvent;

/// Returns whether a step of the setup has a text field in this context.
const fn is_setup_field(context: KeyContext) -> bool {
    matches!(
        context,
        KeyContext::Credentials
            | KeyContext::CustomScopes
            | KeyContext::FindScope
            | KeyContext::RedirectUrl
            | KeyContext::Review
    )
}

pub(super) fn type_key(state: &mut State, context: KeyContext, key: KeyEvent) -> Vec<Effect> {
    if let Some(overlay) = state.overlays.last_mut() {
        overlay.type_key(key);
        return Vec::new();
    }
    if let Some(dialog) = &mut state.dialog {
        dialog.type_key(key);
        return Vec::new();
    }
    let now = state.now;
    if let Screen::Compose(post) = &mut state.screen {
        return post.type_key(key, now);
    }
    match (context, &state.screen) {
        (KeyContext::Filter, _) => {
            state.list.filter.type_key(key);
            profiles::apply_filter(state);
        }
        (context, Screen::Setup(step)) if is_setup_field(context) => {
            let step = *step;
            return setup::type_key(state, step, key);
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn on_text_pasted(state: &mut State, text: &str) -> Vec<Effect> {
    // The fields are not shown, and keys do not reach them either.
    if is_too_small(state.size) {
        return Vec::new();
    }
    if let Some(overlay) = state.overlays.last_mut() {
        let inserted_chars = overlay.paste(text);
        state.notify_truncated_paste(inserted_chars);
        return Vec::new();
    }
    if let Some(dialog) = &mut state.dialog {
        let inserted_chars = dialog.paste(text);
        state.notify_truncated_paste(inserted_chars);
        return Vec::new();
    }
    let now = state.now;
    if let Screen::Compose(post) = &mut state.screen {
        let inserted_chars = post.paste(text, now);
        state.notify_truncated_paste(inserted_chars);
        return Vec::new();
    }
    match (state.key_context(), &state.screen) {
        (KeyContext::Filter, _) => {
            let inserted_chars = state.list.filter.insert(&clean_line(text).0);
            profiles::apply_filter(state);
            state.notify_truncated_paste(inserted_chars);
        }
        (context, Screen::Setup(step)) if is_setup_field(context) => {
            let step = *step;
            return setup::paste(state, step, text);
        }
        // A text that is pasted while the sign-in waits is the callback URL.
        (KeyContext::SignIn, _) if state.sign_in().is_some_and(|sign_in| sign_in.links.is_some()) => {
            let mut form = PasteForm::default();
            let inserted_chars = form.paste(text);
            state.dialog = Some(Dialog::PasteCallback(form));
            state.notify_truncated_paste(inserted_chars);
        }
        _ => {}
    }
    Vec::new()
}
