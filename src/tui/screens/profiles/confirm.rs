//! The dialogs that confirm a re-authorization, a deletion or a revocation, and those that report its result.

use super::availability::profile_context;
use super::commands::missing_app;
use super::model::List;
use super::{batch, jobs};
use crate::Error;
use crate::flows::sign_in::{Request, find_revoked_profiles};
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::store::{Name, Profile, Token, Verdict};
use crate::text::{fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobKind};
use crate::tui::screens::progress::{self, Origin};
use crate::tui::screens::{browser_label, member_name, sign_in_request};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{LABEL_WIDTH, Page};

/// The most names of profiles in a dialog.
const MAX_LISTED_NAMES: usize = 12;

/// Returns the sign-in that re-authorizes a profile, or why it cannot start, as a sentence.
fn reauthorization_request(state: &State, name: &Name) -> Result<Request, String> {
    let store = state.store();
    let Some(profile) = store.profile(name) else { return Err(format!("The profile {name} cannot be read.")) };
    if profile.client_credentials {
        let refresh = state.key_sentence(profile_context(state), Action::Refresh, "request a new token");
        return Err(format!("{name} belongs to the app itself, so no member signs in. {refresh}"));
    }
    let app = store.apps.iter().find(|app| app.name == profile.app).ok_or_else(|| missing_app(profile))?;
    Ok(sign_in_request(state, app.clone(), name.clone(), profile.scopes.clone(), profile.browser.clone()))
}

pub(crate) fn reauthorize(state: &mut State, name: &Name) -> Vec<Effect> {
    match reauthorization_request(state, name) {
        Ok(request) => {
            if !state.list.reauthorization_queue.is_empty() || !state.list.skipped.is_empty() {
                // The marks show what remains if the queue is canceled.
                let List { reauthorization_queue, skipped, .. } = &state.list;
                let remaining = reauthorization_queue.iter().chain(skipped).chain([name]).cloned().collect();
                state.list.marked = remaining;
            }
            progress::start(state, request, Origin::List)
        }
        Err(reason) => {
            state.notify_error(reason);
            Vec::new()
        }
    }
}

/// Offers the next profile of the queue instead of `name`, which remains marked.
pub(crate) fn skip(state: &mut State, name: Name) {
    let remaining = state.list.reauthorization_queue.len();
    let Some(next) = state.list.reauthorization_queue.pop_front() else { return };
    state.reauthorization_count = state.reauthorization_count.max(remaining + 1);
    state.list.skipped.insert(name);
    state.dialog = Some(Dialog::Reauthorize(next));
}

/// Cancels the sign-in to `name`, which remains marked, and starts that of the next profile.
pub(crate) fn skip_sign_in(state: &mut State, name: Name) -> Vec<Effect> {
    state.list.skipped.insert(name);
    let mut effects = vec![Effect::CancelSignIn];
    effects.extend(reauthorize_next(state).unwrap_or_default());
    effects
}

/// Returns the position of the profile that is re-authorized among several, and their number: `2/5`.
pub(crate) fn queue_position(state: &State) -> Option<String> {
    let total = state.reauthorization_count;
    (total > 1).then(|| format!("{}/{total}", total.saturating_sub(state.list.reauthorization_queue.len())))
}

/// Returns what skipping leads to: the next profile of the queue; `None` where there is none.
pub(crate) fn skip_label(state: &State) -> Option<String> {
    let next = state.list.reauthorization_queue.front()?;
    let left = state.list.reauthorization_queue.len();
    Some(format!("next: {} ({left} left)", fit(next.as_str(), state.hint_name_width())))
}

/// Starts the next re-authorization of several that can start; returns `None` after the last.
pub(crate) fn reauthorize_next(state: &mut State) -> Option<Vec<Effect>> {
    let name = state.list.reauthorization_queue.pop_front()?;
    match reauthorization_request(state, &name) {
        Ok(request) => Some(progress::start(state, request, Origin::List)),
        Err(reason) => {
            state.list.skipped.insert(name);
            let next = reauthorize_next(state).unwrap_or_else(|| {
                state.open_screen(Screen::Profiles);
                vec![Effect::ReloadStore]
            });
            state.notify_error(reason);
            Some(next)
        }
    }
}

pub(crate) fn reauthorize_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Re-authorize profile {name}?"));
    let request = match reauthorization_request(state, name) {
        Ok(request) => request,
        Err(reason) => {
            page.error(&reason);
            return page;
        }
    };
    let store = state.store();
    if let Some(member) = store.profile(name).and_then(|profile| profile.member.as_ref()) {
        page.value("Sign in as", &member_name(member));
    }
    let room = page.width.saturating_sub(LABEL_WIDTH);
    page.value("Browser", &browser_label(state, request.browser.as_deref(), theme, room));
    page.value("Scopes", &sanitize(&request.scopes.join(" "), 300));
    let waiting: Vec<Name> = state.list.reauthorization_queue.iter().cloned().collect();
    let warnings = reauthorization_warnings(state, &request, &waiting);
    if !warnings.is_empty() {
        page.blank();
    }
    for warning in warnings {
        page.warning(&warning);
    }
    page.blank();
    let browser = if is_headless(state, &request) { "the browser where you open the link" } else { "this browser" };
    page.dim(&format!(
        "LinkedIn signs in the account that is active in {browser}. If it is a different member, you are asked before \
         anything is replaced."
    ));
    if !waiting.is_empty() {
        let names: Vec<&str> = waiting.iter().map(Name::as_str).collect();
        page.blank();
        page.plain(&format!("{} after this one: {}", names.len(), names.join(", ")));
    }
    page.with_choices(state, KeyContext::Reauthorize)
}

/// Returns which tokens a re-authorization may revoke, and which cannot all be kept by those that wait after it.
fn reauthorization_warnings(state: &State, request: &Request, waiting: &[Name]) -> Vec<String> {
    let store = state.store();
    let mut warnings = Vec::new();
    let revoked = find_revoked_profiles(request, &store.apps, store.readable(), state.now);
    if !revoked.is_empty() {
        let tokens = if revoked.len() == 1 { "token" } else { "tokens" };
        let names = list_names(&revoked);
        warnings.push(format!(
            "The scopes differ from those that LinkedIn granted to {names}, so it revokes the earlier {tokens}."
        ));
    }
    warnings.extend(reauthorized_warning(state, &request.profile));
    let all: Vec<Name> = [&request.profile].into_iter().chain(waiting).cloned().collect();
    for conflicting in batch::conflicting_names(&store, &all) {
        warnings.push(format!(
            "{} have one app and member, but different scopes: LinkedIn keeps only the tokens with the scopes of the last \
             sign-in.",
            list_names(&conflicting)
        ));
    }
    warnings
}

/// Returns which of the tokens that the user has just got the next re-authorization may revoke; `None` for none.
pub(crate) fn reauthorized_warning(state: &State, next: &Name) -> Option<String> {
    if state.list.reauthorized.is_empty() {
        return None;
    }
    let request = reauthorization_request(state, next).ok()?;
    let store = state.store();
    let is_new = |name: &Name| {
        name != next
            && state.list.reauthorized.contains(name)
            && store.profile(name).is_some_and(|profile| !profile.is_in_doubt())
    };
    let mut names = find_revoked_profiles(&request, &store.apps, store.readable(), state.now);
    names.retain(is_new);
    let tokens = match names.len() {
        0 => return None,
        1 => "the token".to_owned(),
        count => format!("{count} tokens"),
    };
    Some(format!("It may revoke {tokens} that you re-authorized a moment ago: {}.", list_names(&names)))
}

/// Returns what the sign-in of the dialog begins with; `None` where it cannot start.
pub(crate) fn reauthorize_label(state: &State, name: &Name) -> Option<&'static str> {
    let request = reauthorization_request(state, name).ok()?;
    Some(if is_headless(state, &request) { "show the link" } else { "open the browser" })
}

/// Returns whether the sign-in of the open dialog begins with a link instead of a browser.
pub(crate) fn shows_link(state: &State) -> bool {
    let Some(Dialog::Reauthorize(name)) = &state.dialog else { return false };
    reauthorization_request(state, name).is_ok_and(|request| is_headless(state, &request))
}

/// Returns whether no browser is opened on this machine.
fn is_headless(state: &State, request: &Request) -> bool {
    request.browser.is_none() && state.config.is_headless()
}

/// Returns the message after the sign-in of a profile was canceled: what is unchanged, and how the queue goes on.
pub(crate) fn canceled_message(state: &State, name: &Name) -> String {
    if state.reauthorization_count < 2 || state.list.marked.is_empty() {
        let has_token = state.store().profile(name).is_some_and(|profile| profile.token.is_some());
        return if has_token {
            format!("Sign-in canceled. Profile {name} keeps its token.")
        } else {
            "Sign-in canceled. Nothing was changed.".to_owned()
        };
    }
    let remaining = state.list.marked.len();
    let finished = match state.reauthorization_count.saturating_sub(remaining) {
        0 => String::new(),
        count => format!("{count} re-authorized, "),
    };
    let remain = if remaining == 1 { "1 remains marked" } else { &format!("{remaining} remain marked") };
    let key = state.key_name(KeyContext::List, Action::Reauthorize);
    format!("Sign-in to {name} canceled. {finished}{remain}: press {key} to go on.")
}

fn name_or_count(names: &[Name]) -> String {
    match names {
        [name] => format!("profile {name}"),
        many => format!("{} profiles", many.len()),
    }
}

/// Returns the names, or the first of many and the number of the others, so that a dialog has room for its question.
fn list_names(names: &[Name]) -> String {
    let shown = if names.len() > MAX_LISTED_NAMES { MAX_LISTED_NAMES - 1 } else { names.len() };
    let text = names[..shown].iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    if shown < names.len() { format!("{text} and {} more", names.len() - shown) } else { text }
}

fn stored_token<'a>(store: &'a StoreSnapshot, name: &Name) -> Option<&'a Token> {
    store.profile(name)?.token.as_ref()
}

pub(crate) fn delete_page(state: &State, profiles: &[Name], theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Delete {}?", name_or_count(profiles)));
    let is_one = profiles.len() == 1;
    if !is_one {
        page.strong(&list_names(profiles));
        page.blank();
    }
    let undo = state.key_name(KeyContext::List, Action::Undo);
    let store = state.store();
    let links = profiles.iter().filter(|name| store.links.contains(name)).count();
    let what = match (is_one, links > 0) {
        (true, true) => "The symbolic link to the profile is",
        (true, false) => "The profile and its token are",
        (false, _) => "The profiles and their tokens are",
    };
    page.plain(&format!("{what} deleted from this machine. In the list, {undo} undoes this until you quit."));
    match (is_one, links) {
        (_, 0) => {}
        (true, _) => page.warning("The file that it refers to stays, with the token."),
        (false, 1) => page.warning("1 of them is a symbolic link: its file stays, with the token."),
        (false, count) => {
            page.warning(&format!("{count} of them are symbolic links: their files stay, with the tokens."));
        }
    }
    if is_one && profiles.iter().any(|name| store.profile(name).is_none()) {
        page.warning("The file cannot be read, so its contents are unknown.");
    } else if can_revoke(state, profiles) {
        let expiry = profiles.iter().find_map(|name| stored_token(&store, name)?.expires_at);
        let until =
            expiry.filter(|_| is_one).map(|expiry| format!(" until {}", time_format::format_day(state, expiry)));
        let tokens = if is_one { "The token stays" } else { "Tokens stay" };
        let revoked = if is_one { "you revoke it" } else { "you revoke them" };
        page.warning(&format!("{tokens} valid at LinkedIn{} unless {revoked}.", until.unwrap_or_default()));
    }
    let mut apps: Vec<&Name> = profiles.iter().filter_map(|name| Some(&store.profile(name)?.app)).collect();
    apps.sort_unstable();
    apps.dedup();
    page.dim(if apps.len() > 1 {
        "The apps and their credentials are kept."
    } else {
        "The app and its credentials are kept."
    });
    page.with_choices(state, KeyContext::Delete)
}

/// Returns whether any of the profiles has a token that may still be valid.
pub(crate) fn can_revoke(state: &State, profiles: &[Name]) -> bool {
    let store = state.store();
    let may_be_valid = |profile: &Profile| {
        let is_ended = matches!(profile.check.map(|check| check.verdict), Some(Verdict::Expired | Verdict::Revoked));
        let has_time = |token: &Token| token.expires_at.is_none_or(|expiry| expiry > state.now);
        !is_ended && profile.token.as_ref().is_some_and(has_time)
    };
    profiles.iter().any(|name| store.profile(name).is_some_and(may_be_valid))
}

/// Deletes profiles; `revokes_first` revokes their tokens before. Without a token to revoke nothing is deleted, because the
/// user chose both.
pub(crate) fn delete(state: &mut State, profiles: Vec<Name>, revokes_first: bool) -> Vec<Effect> {
    if revokes_first && !can_revoke(state, &profiles) {
        let delete = state.key_sentence(KeyContext::Delete, Action::Delete, "delete");
        let what = match profiles.as_slice() {
            [name] => format!("Profile {name} has no valid token"),
            many => format!("None of the {} profiles has a valid token", many.len()),
        };
        state.notify_error(format!("{what}: nothing to revoke. {delete}"));
        state.dialog = Some(Dialog::Delete(profiles));
        return Vec::new();
    }
    state.list.marked.clear();
    vec![Effect::DeleteProfiles { names: profiles, revokes_first }]
}

/// Opens the confirmation for the profiles that have a token.
pub(super) fn open_revoke(state: &mut State, names: Vec<Name>) {
    let store = state.store();
    let (with, without): (Vec<Name>, Vec<Name>) =
        names.into_iter().partition(|name| stored_token(&store, name).is_some());
    if !with.is_empty() {
        state.dialog = Some(Dialog::Revoke(with));
    } else if let [name] = without.as_slice() {
        state.notify_error(format!("{name} has no token to revoke."));
    } else if !without.is_empty() {
        state.notify_error(format!("None of the {} profiles has a token to revoke.", without.len()));
    }
}

/// Revokes the tokens. One reports in a dialog, several report as a job does.
pub(crate) fn revoke(state: &mut State, mut names: Vec<Name>) -> Vec<Effect> {
    if names.len() > 1 {
        return jobs::start(state, JobKind::Revoke, names, Vec::new(), false);
    }
    let Some(name) = names.pop() else { return Vec::new() };
    state.notify(format!("Revoking the token of {name}…"));
    vec![Effect::Revoke(name)]
}

pub(crate) fn revoke_page(state: &State, names: &[Name], theme: Theme, width: usize) -> Page {
    let title = match names {
        [name] => format!("Revoke the token of profile {name}?"),
        many => format!("Revoke the tokens of {} profiles?", many.len()),
    };
    let mut page = Page::new(theme, width, title);
    if names.len() > 1 {
        page.strong(&list_names(names));
        page.blank();
    }
    let (token, it) = if names.len() == 1 { ("the token", "it") } else { ("these tokens", "them") };
    page.plain(&format!("Asks LinkedIn to revoke {token}, checks that it did, and deletes {it} from this machine."));
    page.dim(
        "LinkedIn does not document this request and may ignore it. The reliable way is the member's page of \
         permitted services, which is shown afterwards.",
    );
    page.with_choices(state, KeyContext::Revoke)
}

pub(crate) fn on_revoked(state: &mut State, name: Name, result: Result<Option<Error>, Error>) -> Vec<Effect> {
    match result {
        Ok(error) => state.dialog = Some(Dialog::Revoked { name, error }),
        Err(error) => state.notify_error(format!("{name}: {error} {}", state.status_hint(&error))),
    }
    vec![Effect::ReloadStore]
}

pub(crate) fn revoked_page(state: &State, name: &Name, error: Option<&Error>, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("The token of profile {name}"));
    match error {
        None => page.success("LinkedIn confirms that the token is revoked."),
        Some(error) => {
            page.warning("LinkedIn did not confirm that the token is revoked.");
            page.plain(&error.to_string());
        }
    }
    page.plain("The token is deleted from this machine.");
    page.blank();
    page.dim("To remove the app's access completely, open the member's permitted services:");
    page.link(PERMITTED_SERVICES);
    page.with_choices(state, KeyContext::Revoked)
}

pub(crate) fn no_refresh_page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Profile {name} cannot be refreshed"));
    let store = state.store();
    let reason = match stored_token(&store, name).and_then(|token| token.refresh.as_ref()) {
        Some(refresh) if refresh.refused_at.is_some() => {
            "LinkedIn rejected its refresh token: it was revoked, or replaced elsewhere. It is not used again."
        }
        Some(_) => {
            "Its refresh token has expired: it is valid for a year from the sign-in, and refreshing does not extend that."
        }
        None => {
            "It has no refresh token. LinkedIn issues one only to apps of approved partners; with any other app the member \
             re-authorizes every 60 days."
        }
    };
    page.plain(reason);
    page.dim("If you are still signed in to LinkedIn in that browser, re-authorizing takes one click or none.");
    page.with_choices(state, KeyContext::NoRefresh)
}
