//! The sign-in that a post needs: for a scope that the token lacks, or because LinkedIn refused the token.

use super::{ComposedPost, Stage};
use crate::flows::permissions;
use crate::linkedin::products::USE_SECOND_PROFILE;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::screens::setup;
use crate::tui::state::{Dialog, Screen, State};
use crate::{Code, Error};

/// Returns the scope that the token lacks for a post of the selected author, where the granted scopes are known.
pub(crate) fn missing_scope(state: &State) -> Option<&'static str> {
    let post = state.compose()?;
    let store = state.store();
    permissions::missing_post_scope(store.profile(&post.profile)?, post.selected_author()?.urn.as_deref())
}

/// Returns whether the missing scope can be requested from here: what is written stays, as a draft.
pub(crate) fn can_add_scope(state: &State) -> bool {
    addable_scope(state).is_some() && state.compose().is_some_and(|post| !post.is_edit())
}

/// Returns the scope that the token lacks, unless it needs another app than the profile's.
fn addable_scope(state: &State) -> Option<&'static str> {
    let scope = missing_scope(state)?;
    let store = state.store();
    permissions::can_add_scope(store.profile(&state.compose()?.profile)?, scope).then_some(scope)
}

/// Returns how to get the missing scope: the key of this context that adds it, or another profile.
pub(super) fn how_to_add_scope(state: &State, context: KeyContext) -> String {
    if can_add_scope(state) {
        state.key_sentence(context, Action::EditScopes, "add it")
    } else if addable_scope(state).is_none() {
        USE_SECOND_PROFILE.to_owned()
    } else {
        String::new()
    }
}

/// Returns what a sign-in does about the failure; `None` where it does not help.
pub(crate) fn reauthorize_label(state: &State) -> Option<String> {
    let post = state.compose()?;
    if post.needs_sign_in() {
        return Some("re-authorize".to_owned());
    }
    let is_refused = matches!(&post.stage, Stage::Failed(error) if error.code == Code::NotPermitted);
    if is_refused_despite_scope(state) {
        return Some("re-authorize".to_owned());
    }
    addable_scope(state).filter(|_| is_refused).map(|scope| format!("re-authorize with {scope}"))
}

/// Returns whether LinkedIn refused a new post although the token has its scope: the app lacks the product, or the token is older
/// than it.
pub(crate) fn is_refused_despite_scope(state: &State) -> bool {
    let store = state.store();
    let granted = |name| store.profile(name).and_then(|profile| profile.token.as_ref()).map(|token| &token.scopes);
    state.compose().is_some_and(|post| {
        let is_refused = matches!(&post.stage, Stage::Failed(error) if error.code == Code::NotPermitted);
        let has_scopes = granted(&post.profile).is_some_and(|scopes| !scopes.is_empty());
        is_refused && !post.is_edit() && has_scopes && missing_scope(state).is_none()
    })
}

/// Returns whether the portal may add the product that the app lacks. The sandbox's apps are in no portal.
pub(crate) fn can_open_portal(state: &State) -> bool {
    is_refused_despite_scope(state) && !state.is_sandbox()
}

/// Opens the review of a sign-in that requests the scope that the token lacks. The post returns if the review is left.
pub(super) fn request_missing_scope(state: &mut State, mut post: Box<ComposedPost>) -> Vec<Effect> {
    let store = state.store();
    let profile = store.profile(&post.profile);
    let author = post.selected_author().and_then(|author| author.urn.clone());
    let missing = |profile| permissions::missing_post_scope(profile, author.as_deref());
    let can_add = |profile, scope: &&str| permissions::can_add_scope(profile, scope);
    let scope = profile.and_then(|profile| missing(profile).filter(|scope| can_add(profile, scope)));
    let (Some(profile), Some(scope)) = (profile, scope) else {
        state.screen = Screen::Compose(post);
        return Vec::new();
    };
    let Some(app) = store.apps.iter().find(|app| app.name == profile.app) else {
        state
            .notify_error(format!("The app {} of profile {} is missing or cannot be read.", profile.app, profile.name));
        state.screen = Screen::Compose(post);
        return Vec::new();
    };
    let mut effects = post.finish_focused_field();
    // Without this, `save` skips a form that "new post from it" filled and that was not changed.
    post.can_replace_draft = true;
    effects.extend(post.save());
    effects.extend(post.cancel_link_preview());
    post.stage = Stage::Writing;
    // The text of an edit is not a draft.
    state.post_to_continue = Some(post.profile.clone()).filter(|_| !post.is_edit());
    state.closed_post = Some(post);
    effects.extend(setup::open_with_scope(state, profile, app, scope));
    effects
}

/// Returns to the post that the review of a sign-in was opened from.
pub(crate) fn return_to_closed_post(state: &mut State) -> bool {
    let Some(post) = state.closed_post.take() else { return false };
    state.open_screen(Screen::Compose(post));
    true
}

/// Asks whether to sign in again. What was typed is saved as a draft, which the sign-in leads back to.
pub(super) fn ask_to_sign_in(state: &mut State, mut post: Box<ComposedPost>, error: Error) -> Vec<Effect> {
    state.post_to_continue = Some(post.profile.clone()).filter(|_| !post.is_edit());
    state.dialog = Some(Dialog::Reauthorize(post.profile.clone()));
    post.can_replace_draft = true;
    let effects = post.save();
    post.stage = Stage::Failed(error);
    state.screen = Screen::Compose(post);
    effects
}
