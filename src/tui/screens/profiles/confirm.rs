//! The questions before something that cannot be taken back lightly, and their answers.

use ratatui::style::Style;

use crate::Error;
use crate::flows::sign_in::{Request, invalidated_by};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::store::Name;
use crate::text::{clean, fit};
use crate::tui::keymap::{Action, KeyContext, choices};
use crate::tui::message::Effect;
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::setup;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::Page;

/// The sign-in that renews a profile's token.
///
/// # Errors
/// A sentence that says why it cannot start.
pub(in crate::tui) fn renewal(state: &State, name: &Name) -> Result<Request, String> {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return Err(format!("The profile {name} cannot be read.")) };
    if profile.client_credentials {
        let refresh = state.press(KeyContext::List, Action::Refresh, "request a new token");
        return Err(format!("{name} belongs to the app itself, so no member signs in. {refresh}"));
    }
    let Some(app) = files.apps.iter().find(|app| app.name == profile.app) else {
        return Err(format!("The app {} of this profile is missing or cannot be read.", profile.app));
    };
    Ok(Request {
        app: app.clone(),
        profile: name.clone(),
        scopes: profile.scopes.clone(),
        browser: profile.browser.clone(),
        no_browser: false,
        timeout_seconds: state.start.timeout_seconds,
        show_token: state.start.show_token,
        on_member_mismatch: None,
    })
}

/// Starts the re-authorization.
pub(in crate::tui) fn reauthorize(state: &mut State, name: &Name) -> Vec<Effect> {
    match renewal(state, name) {
        Ok(request) => progress::start(state, request, Origin::List),
        Err(why) => {
            state.notify_error(why);
            Vec::new()
        }
    }
}

/// The question before a re-authorization.
pub(in crate::tui) fn reauthorize_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Re-authorize {name}?"));
    let request = match renewal(state, name) {
        Ok(request) => request,
        Err(why) => {
            page.text(theme.bad(), &why, width);
            return page;
        }
    };
    let files = state.files();
    if let Some(member) = files.profile(name).and_then(|profile| profile.member.as_ref()) {
        let who = clean(member.name.as_deref().unwrap_or(&member.id), 60);
        page.labelled(theme, "Sign in as", &who, "", width);
    }
    page.labelled(theme, "Browser", &setup::browser_words(state, request.browser.as_deref()), "", width);
    page.labelled(theme, "Scopes", &fit(&clean(&request.scopes.join(" "), 300), width.saturating_sub(15)), "", width);
    page.blank();
    page.text(
        theme.dim(),
        "LinkedIn uses the account that is signed in to this browser. A different member's token never replaces this one unasked.",
        width,
    );
    let siblings = invalidated_by(&request, files.readable());
    if !siblings.is_empty() {
        let names: Vec<&str> = siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.text(
            theme.warning(),
            &format!(
                "The scopes differ from before, so LinkedIn revokes this member's earlier tokens for the app: {}.",
                names.join(", ")
            ),
            width,
        );
    }
    if !state.list.queue.is_empty() {
        page.blank();
        page.text(theme.dim(), &format!("{} after this one.", state.list.queue.len()), width);
    }
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::Reauthorize));
    page
}

/// The next of several that are re-authorized; `None` where there is none.
pub(in crate::tui) fn next_in_queue(state: &mut State) -> Option<Vec<Effect>> {
    let name = state.list.queue.pop_front()?;
    match renewal(state, &name) {
        Ok(request) => Some(progress::start(state, request, Origin::List)),
        Err(why) => {
            state.go(Screen::Profiles);
            state.notify_error(why);
            Some(vec![Effect::ReadFiles])
        }
    }
}

fn names(names: &[Name]) -> String {
    match names {
        [one] => one.to_string(),
        many => format!("{} profiles", many.len()),
    }
}

/// The question before profiles are deleted: what goes, and what stays.
pub(in crate::tui) fn delete_page(state: &State, which: &[Name], theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Delete {}?", names(which)));
    if which.len() > 1 {
        let list: Vec<&str> = which.iter().map(Name::as_str).collect();
        page.text(theme.strong(), &fit(&list.join(", "), width * 3), width);
    }
    let undo = state.press(KeyContext::List, Action::Undo, "undo this until you quit");
    let what = if which.len() == 1 { "the file with the stored token" } else { "the files with the stored tokens" };
    page.text(Style::new(), &format!("Deletes {what}. {undo}"), width);
    let files = state.files();
    let revocable = can_revoke(state, which);
    if let [name] = which
        && files.profile(name).is_none()
    {
        page.text(theme.warning(), "The file cannot be read, so its contents are unknown.", width);
    } else if revocable {
        let end = which.iter().find_map(|name| files.profile(name)?.token.as_ref()?.expires_at);
        let until = end.filter(|_| which.len() == 1).map(|end| format!(" until {}", when::day(state, end)));
        let tokens = if which.len() == 1 { "The token stays" } else { "Tokens stay" };
        let words = format!("{tokens} valid at LinkedIn{} unless revoked.", until.unwrap_or_default());
        page.text(theme.warning(), &words, width);
    }
    page.text(theme.dim(), "The app is not deleted.", width);
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::Delete));
    page
}

/// Is there a token among these that still lives, so far as anybody knows?
pub(in crate::tui) fn can_revoke(state: &State, which: &[Name]) -> bool {
    let files = state.files();
    which.iter().any(|name| {
        let token = files.profile(name).and_then(|profile| profile.token.as_ref());
        token.is_some_and(|token| token.expires_at.is_none_or(|end| end > state.now))
    })
}

/// The answer to "delete?". Whoever wants to revoke first does not want a mere deletion, so nothing goes where there is nothing
/// to revoke.
pub(in crate::tui) fn delete(state: &mut State, which: Vec<Name>, revoke: bool) -> Vec<Effect> {
    if revoke && !can_revoke(state, &which) {
        let delete = state.press(KeyContext::Delete, Action::Delete, "delete");
        state.notify_error(format!("{} without a valid token: nothing to revoke. {delete}", names(&which)));
        state.dialog = Some(Dialog::Delete(which));
        return Vec::new();
    }
    state.list.marked.clear();
    vec![Effect::DeleteProfiles { names: which, revoke }]
}

/// Opens the question before a token is revoked.
pub(super) fn revoke(state: &mut State, name: Name) {
    if state.files().profile(&name).is_some_and(|profile| profile.token.is_some()) {
        state.dialog = Some(Dialog::Revoke(name));
    } else {
        state.notify_error(format!("{name} has no token to revoke."));
    }
}

/// The question before a token is revoked.
pub(in crate::tui) fn revoke_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Revoke the token of {name}?"));
    page.text(
        Style::new(),
        "Asks LinkedIn to revoke the token, verifies that by introspection, and deletes it from this machine.",
        width,
    );
    page.text(
        theme.dim(),
        "LinkedIn does not document this request and may ignore it. The reliable way is the member's page of permitted \
         services, which is shown afterwards.",
        width,
    );
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::Revoke));
    page
}

/// Takes what became of a revocation.
pub(in crate::tui) fn revoked(
    state: &mut State,
    name: Name,
    result: Result<(bool, Option<Error>), Error>,
) -> Vec<Effect> {
    match result {
        Ok((confirmed, error)) => state.dialog = Some(Dialog::Revoked { name, confirmed, error }),
        Err(error) => state.notify_error(format!("{name}: {error} {}", state.hint(&error))),
    }
    vec![Effect::ReadFiles]
}

/// What became of it.
pub(in crate::tui) fn revoked_page(
    state: &State,
    name: &Name,
    confirmed: bool,
    trouble: Option<&Error>,
    theme: Theme,
    width: usize,
) -> Page {
    let mut page = Page::titled(format!("The token of {name}"));
    if confirmed {
        page.text(theme.good(), "LinkedIn confirms that the token is revoked.", width);
    } else {
        page.text(theme.warning(), "LinkedIn did not confirm that the token is revoked.", width);
        if let Some(error) = trouble {
            page.text(Style::new(), &error.to_string(), width);
        }
    }
    page.text(Style::new(), "It is deleted from this machine.", width);
    page.blank();
    page.text(
        theme.dim(),
        "To remove the app's access for good, the member opens the page of permitted services:",
        width,
    );
    page.link(PERMITTED_SERVICES, theme.accent());
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::Revoked));
    page
}

/// Why there is nothing to refresh, and what to do instead.
pub(in crate::tui) fn no_refresh_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("{name} cannot be refreshed"));
    let files = state.files();
    let token = files.profile(name).and_then(|profile| profile.token.as_ref());
    let why = match token.and_then(|token| token.refresh.as_ref()) {
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
    page.text(Style::new(), why, width);
    page.text(theme.dim(), "If the browser is still signed in to LinkedIn, this takes one click or none.", width);
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::NoRefresh));
    page
}
