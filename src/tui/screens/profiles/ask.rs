//! The questions before something that cannot be taken back lightly, and their answers.

use ratatui::style::Style;

use crate::Error;
use crate::flows::sign_in::{Request, endangered};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::store::Name;
use crate::text::{clean, fit};
use crate::tui::hint::hint;
use crate::tui::message::Effect;
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::setup;
use crate::tui::state::{Overlay, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::{Page, choice};

/// The sign-in that renews a profile's token.
///
/// # Errors
/// A sentence that says why it cannot start.
pub(in crate::tui) fn renewal(state: &State, name: &Name) -> Result<Request, String> {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return Err(format!("The profile {name} cannot be read.")) };
    if profile.client_credentials {
        return Err(format!("{name} is the app's own, without a member: f renews it, and nobody signs in."));
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

/// The answer to "re-authorize?".
pub(in crate::tui) fn reauthorize(state: &mut State, name: &Name) -> Vec<Effect> {
    state.overlay = None;
    match renewal(state, name) {
        Ok(request) => progress::start(state, request, Origin::List),
        Err(why) => {
            state.say(why, true);
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
            page.say(theme.bad(), &why, width);
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
    page.say(
        theme.dim(),
        "LinkedIn uses whoever is signed in in that browser; a different member's token is never put over this one.",
        width,
    );
    let siblings = endangered(&request, files.readable());
    if !siblings.is_empty() {
        let names: Vec<&str> = siblings.iter().map(Name::as_str).collect();
        page.blank();
        page.say(
            theme.warning(),
            &format!(
                "Other scopes than before: LinkedIn ends this member's earlier tokens for the app, wherever they are in use: {}.",
                names.join(", ")
            ),
            width,
        );
    }
    if !state.list.queue.is_empty() {
        page.blank();
        page.say(theme.dim(), &format!("{} after this one.", state.list.queue.len()), width);
    }
    page.blank();
    page.lines.push(choice(theme, "enter", "open the browser"));
    page.lines.push(choice(theme, "esc", "not now"));
    page
}

/// The next of several that are re-authorized; `None` where there is none.
pub(in crate::tui) fn next_in_queue(state: &mut State) -> Option<Vec<Effect>> {
    let name = state.list.queue.pop_front()?;
    match renewal(state, &name) {
        Ok(request) => Some(progress::start(state, request, Origin::List)),
        Err(why) => {
            state.go(Screen::Profiles);
            state.say(why, true);
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
        page.say(theme.strong(), &fit(&list.join(", "), width * 3), width);
    }
    page.say(Style::new(), "The file goes, and the token in it. u brings it back, until the program ends.", width);
    let files = state.files();
    let revocable = can_revoke(state, which);
    if let [name] = which
        && files.profile(name).is_none()
    {
        page.say(theme.warning(), "It cannot be read, so nobody knows what is in it.", width);
    } else if revocable {
        let end = which.iter().find_map(|name| files.profile(name)?.token.as_ref()?.expires_at);
        let until = end.filter(|_| which.len() == 1).map(|end| format!(", until {}", when::day(state, end)));
        let words =
            format!("The token itself lives on at LinkedIn{}, unless it is revoked first.", until.unwrap_or_default());
        page.say(theme.warning(), &words, width);
    }
    page.say(theme.dim(), "The app stays.", width);
    page.blank();
    page.lines.push(choice(theme, "y", "delete"));
    if revocable {
        page.lines.push(choice(theme, "x", "revoke at LinkedIn first, then delete"));
    }
    page.lines.push(choice(theme, "esc", "keep"));
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
        state.say(format!("{} without a token that lives: nothing to revoke. y deletes.", names(&which)), true);
        return Vec::new();
    }
    state.overlay = None;
    state.list.marked.clear();
    vec![Effect::DeleteProfiles { names: which, revoke }]
}

/// Opens the question before a token is revoked.
pub(super) fn revoke(state: &mut State, name: Name) {
    if state.files().profile(&name).is_some_and(|profile| profile.token.is_some()) {
        state.overlay = Some(Overlay::Revoke(name));
    } else {
        state.say(format!("{name} has no token to revoke."), true);
    }
}

/// The question before a token is revoked.
pub(in crate::tui) fn revoke_page(name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Revoke the token of {name}?"));
    page.say(Style::new(), "LinkedIn is asked to end it, and then whether it is dead. Here it is forgotten.", width);
    page.say(
        theme.dim(),
        "LinkedIn documents no such request, so it may not be heard. The dependable way is the member's own page, which \
         is named afterwards.",
        width,
    );
    page.blank();
    page.lines.push(choice(theme, "y", "revoke it"));
    page.lines.push(choice(theme, "esc", "keep it"));
    page
}

/// Takes what became of a revocation.
pub(in crate::tui) fn revoked(
    state: &mut State,
    name: Name,
    result: Result<(bool, Option<Error>), Error>,
) -> Vec<Effect> {
    match result {
        Ok((confirmed, trouble)) => state.overlay = Some(Overlay::Revoked { name, confirmed, trouble }),
        Err(error) => state.say(format!("{name}: {error} {}", hint(&error)), true),
    }
    vec![Effect::ReadFiles]
}

/// What became of it.
pub(in crate::tui) fn revoked_page(
    name: &Name,
    confirmed: bool,
    trouble: Option<&Error>,
    theme: Theme,
    width: usize,
) -> Page {
    let mut page = Page::titled(format!("The token of {name}"));
    if confirmed {
        page.say(theme.good(), "LinkedIn confirms by introspection that it is revoked.", width);
    } else {
        page.say(theme.warning(), "LinkedIn was asked to revoke it but did not confirm that.", width);
        if let Some(error) = trouble {
            page.say(Style::new(), &error.to_string(), width);
        }
    }
    page.say(Style::new(), "It is deleted from this machine.", width);
    page.blank();
    page.say(
        theme.dim(),
        "The member withdraws the app's permission for good on the page of permitted services:",
        width,
    );
    page.link(PERMITTED_SERVICES, theme.accent());
    page.blank();
    page.lines.push(choice(theme, "o", "open that page"));
    page.lines.push(choice(theme, "esc", "close"));
    page
}

/// Why there is nothing to refresh, and what to do instead.
pub(in crate::tui) fn no_refresh_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("{name} cannot be refreshed"));
    let files = state.files();
    let token = files.profile(name).and_then(|profile| profile.token.as_ref());
    let why = match token.and_then(|token| token.refresh.as_ref()) {
        Some(refresh) if refresh.refused_at.is_some() => {
            "LinkedIn refused its refresh token: it was revoked, or replaced elsewhere. Nobody asks with it again."
        }
        Some(_) => {
            "Its refresh token has ended: it lives a year from the first sign-in, and a refresh never moves that."
        }
        None => {
            "It has no refresh token. LinkedIn gives one only to the apps of approved partners; an ordinary app's member \
             signs in again every 60 days."
        }
    };
    page.say(Style::new(), why, width);
    page.say(theme.dim(), "Where the browser is still signed in, LinkedIn does not even ask.", width);
    page.blank();
    page.lines.push(choice(theme, "r", "sign in again"));
    page.lines.push(choice(theme, "esc", "not now"));
    page
}
