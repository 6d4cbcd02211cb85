//! The dialogs that confirm a re-authorization, a deletion or a revocation, and those that report its result.

use super::commands::missing_app;
use crate::Error;
use crate::flows::sign_in::{Request, invalidated_by};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::store::{Name, Token};
use crate::text::{clean, fit};
use crate::tui::files::Files;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::{browser_label, member_name, sign_in_request};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// Returns the sign-in that re-authorizes a profile, or why it cannot start, as a sentence.
fn reauthorization_request(state: &State, name: &Name) -> Result<Request, String> {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return Err(format!("The profile {name} cannot be read.")) };
    if profile.client_credentials {
        let refresh = state.press(KeyContext::List, Action::Refresh, "request a new token");
        return Err(format!("{name} belongs to the app itself, so no member signs in. {refresh}"));
    }
    let app = files.apps.iter().find(|app| app.name == profile.app).ok_or_else(|| missing_app(profile))?;
    Ok(sign_in_request(state, app.clone(), name.clone(), profile.scopes.clone(), profile.browser.clone()))
}

pub(crate) fn reauthorize(state: &mut State, name: &Name) -> Vec<Effect> {
    match reauthorization_request(state, name) {
        Ok(request) => progress::start(state, request, Origin::List),
        Err(reason) => {
            state.notify_error(reason);
            Vec::new()
        }
    }
}

/// Starts the next re-authorization of several; returns `None` after the last.
pub(crate) fn reauthorize_next(state: &mut State) -> Option<Vec<Effect>> {
    let name = state.list.queue.pop_front()?;
    Some(match reauthorization_request(state, &name) {
        Ok(request) => progress::start(state, request, Origin::List),
        Err(reason) => {
            state.open_screen(Screen::Profiles);
            state.notify_error(reason);
            vec![Effect::ReadFiles]
        }
    })
}

pub(crate) fn reauthorize_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Re-authorize {name}?"));
    let request = match reauthorization_request(state, name) {
        Ok(request) => request,
        Err(reason) => {
            page.error(&reason);
            return page;
        }
    };
    let files = state.files();
    if let Some(member) = files.profile(name).and_then(|profile| profile.member.as_ref()) {
        page.value("Sign in as", &member_name(member));
    }
    page.value("Browser", &browser_label(state, request.browser.as_deref()));
    page.value("Scopes", &fit(&clean(&request.scopes.join(" "), 300), width.saturating_sub(15)));
    page.blank();
    page.dim(
        "LinkedIn uses the account that is signed in to this browser. A different member's token replaces this one only \
         after you confirm it.",
    );
    let siblings = invalidated_by(&request, files.readable());
    if !siblings.is_empty() {
        let names: Vec<&str> = siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.warning(&format!(
            "The scopes differ from before, so LinkedIn revokes this member's earlier tokens for the app: {}.",
            names.join(", ")
        ));
    }
    if !state.list.queue.is_empty() {
        page.blank();
        page.dim(&format!("{} after this one.", state.list.queue.len()));
    }
    page.with_choices(state, KeyContext::Reauthorize)
}

fn name_or_count(names: &[Name]) -> String {
    match names {
        [name] => name.to_string(),
        many => format!("{} profiles", many.len()),
    }
}

fn stored_token<'a>(files: &'a Files, name: &Name) -> Option<&'a Token> {
    files.profile(name)?.token.as_ref()
}

pub(crate) fn delete_page(state: &State, profiles: &[Name], theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Delete {}?", name_or_count(profiles)));
    let is_one = profiles.len() == 1;
    if !is_one {
        let names: Vec<&str> = profiles.iter().map(Name::as_str).collect();
        page.strong(&fit(&names.join(", "), width * 3));
    }
    let undo = state.press(KeyContext::List, Action::Undo, "undo this until you quit");
    let what = if is_one { "the file with the stored token" } else { "the files with the stored tokens" };
    page.plain(&format!("Deletes {what}. {undo}"));
    let files = state.files();
    if is_one && profiles.iter().any(|name| files.profile(name).is_none()) {
        page.warning("The file cannot be read, so its contents are unknown.");
    } else if can_revoke(state, profiles) {
        let expiry = profiles.iter().find_map(|name| stored_token(&files, name)?.expires_at);
        let until =
            expiry.filter(|_| is_one).map(|expiry| format!(" until {}", time_format::format_day(state, expiry)));
        let tokens = if is_one { "The token stays" } else { "Tokens stay" };
        page.warning(&format!("{tokens} valid at LinkedIn{} unless revoked.", until.unwrap_or_default()));
    }
    page.dim("The app is not deleted.");
    page.with_choices(state, KeyContext::Delete)
}

/// Returns whether any of the profiles has a token that may still be valid.
pub(crate) fn can_revoke(state: &State, profiles: &[Name]) -> bool {
    let files = state.files();
    let may_be_valid = |token: &Token| token.expires_at.is_none_or(|expiry| expiry > state.now);
    profiles.iter().any(|name| stored_token(&files, name).is_some_and(may_be_valid))
}

/// Deletes profiles, after revoking their tokens if `revoke`. Without a token to revoke nothing is deleted, because the user chose
/// both.
pub(crate) fn delete(state: &mut State, profiles: Vec<Name>, revoke: bool) -> Vec<Effect> {
    if revoke && !can_revoke(state, &profiles) {
        let delete = state.press(KeyContext::Delete, Action::Delete, "delete");
        let name = name_or_count(&profiles);
        state.notify_error(format!("{name} without a valid token: nothing to revoke. {delete}"));
        state.dialog = Some(Dialog::Delete(profiles));
        return Vec::new();
    }
    state.list.marked.clear();
    vec![Effect::DeleteProfiles { names: profiles, revoke }]
}

pub(super) fn open_revoke(state: &mut State, name: Name) {
    if stored_token(&state.files(), &name).is_some() {
        state.dialog = Some(Dialog::Revoke(name));
    } else {
        state.notify_error(format!("{name} has no token to revoke."));
    }
}

pub(crate) fn revoke_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Revoke the token of {name}?"));
    page.plain("Asks LinkedIn to revoke the token, verifies that by introspection, and deletes it from this machine.");
    page.dim(
        "LinkedIn does not document this request and may ignore it. The reliable way is the member's page of \
         permitted services, which is shown afterwards.",
    );
    page.with_choices(state, KeyContext::Revoke)
}

pub(crate) fn on_revoked(state: &mut State, name: Name, result: Result<(bool, Option<Error>), Error>) -> Vec<Effect> {
    match result {
        Ok((confirmed, error)) => state.dialog = Some(Dialog::Revoked { name, confirmed, error }),
        Err(error) => state.notify_error(format!("{name}: {error} {}", state.hint(&error))),
    }
    vec![Effect::ReadFiles]
}

pub(crate) fn revoked_page(
    state: &State,
    name: &Name,
    confirmed: bool,
    error: Option<&Error>,
    theme: Theme,
    width: usize,
) -> Page {
    let mut page = Page::new(theme, width, format!("The token of {name}"));
    if confirmed {
        page.success("LinkedIn confirms that the token is revoked.");
    } else {
        page.warning("LinkedIn did not confirm that the token is revoked.");
        if let Some(error) = error {
            page.plain(&error.to_string());
        }
    }
    page.plain("It is deleted from this machine.");
    page.blank();
    page.dim("To remove the app's access for good, the member opens the page of permitted services:");
    page.link(PERMITTED_SERVICES);
    page.with_choices(state, KeyContext::Revoked)
}

pub(crate) fn no_refresh_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("{name} cannot be refreshed"));
    let files = state.files();
    let reason = match stored_token(&files, name).and_then(|token| token.refresh.as_ref()) {
        Some(refresh) if refresh.refused_at.is_some() => {
            "LinkedIn refused its refresh token: it was revoked, or replaced elsewhere. It is not used again."
        }
        Some(_) => {
            "Its refresh token has expired: it is valid for a year from the sign-in, and a refresh does not extend that."
        }
        None => {
            "It has no refresh token. LinkedIn issues one only to apps of approved partners; with any other app the member \
             re-authorizes every 60 days."
        }
    };
    page.plain(reason);
    page.dim("If the browser is still signed in to LinkedIn, this takes one click or none.");
    page.with_choices(state, KeyContext::NoRefresh)
}
