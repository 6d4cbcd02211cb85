//! The bindings of a sign-in and of its result.

use super::super::context::{Action, KeyContext};
use super::{
    Binding, ESC, HELP, ROW_DOWN, ROW_UP, SCROLL_DOWN, SCROLL_UP, SKIP, ctrl, enter, esc, help_only, hint, key, no,
    step, take_step, yes,
};
use crate::text::{fit, sanitize};
use crate::tui::screens::progress::{self, Phase};
use crate::tui::screens::{next_steps, profiles, signed_in};
use crate::tui::state::{Screen, State};

fn is_waiting(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| sign_in.phase == Phase::Consent)
}

fn is_waiting_in_sandbox(state: &State) -> bool {
    is_waiting(state) && !state.config.sandbox_members.is_empty()
}

/// Returns the label of the key that signs in as a member; `None` where there is no sandbox, so that the key does nothing.
fn approve_label(state: &State, number: usize) -> Option<String> {
    let (_, name) = state.config.sandbox_members.get(number).filter(|_| is_waiting(state))?;
    let width = state.hint_name_width();
    Some(format!("sign in as {}", fit(&sanitize(name, width), width)))
}

/// Returns whether the profile expects this member: any other one leads to a mismatch.
fn is_expected(state: &State, number: usize) -> bool {
    progress::expected_sandbox_member(state) == number
}

fn has_unsaved_token(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| sign_in.save_error.is_some())
}

/// Returns the label of the key that skips to the next profile of the re-authorization queue; `None` while a token is not saved,
/// because skipping would lose it.
fn skip_label(state: &State) -> Option<String> {
    profiles::skip_label(state).filter(|_| !has_unsaved_token(state))
}

fn cancel_label(state: &State) -> &'static str {
    if has_unsaved_token(state) { "discard the token" } else { "cancel" }
}

pub(super) const SIGN_IN: &[Binding] = &[
    help_only(Action::ApproveFirst, &[key('1')], "sign in as the first member (sandbox)")
        .labeled(|state| approve_label(state, 0))
        .hinted_while(|state| is_expected(state, 0)),
    help_only(Action::ApproveSecond, &[key('2')], "sign in as the second member (sandbox)")
        .labeled(|state| approve_label(state, 1))
        .hinted_while(|state| is_expected(state, 1)),
    help_only(Action::ApproveThird, &[key('3')], "sign in as the third member (sandbox)")
        .labeled(|state| approve_label(state, 2))
        .hinted_while(|state| is_expected(state, 2)),
    hint(Action::ReopenBrowser, &[key('o')], "reopen browser").labeled(progress::open_browser_label),
    hint(Action::Skip, &[SKIP], "skip to the next profile").labeled(skip_label),
    hint(Action::CopyUrlToOpen, &[key('c')], "copy full URL").when(is_waiting),
    hint(Action::ShowUrl, &[key('F')], "show full URL").when(is_waiting),
    hint(Action::PasteCallback, &[key('p')], "paste callback URL").when(is_waiting),
    help_only(Action::OpenControlPage, &[key('B'), key('0')], "open the sandbox's control page")
        .when(is_waiting_in_sandbox),
    hint(Action::Retry, &[key('r')], "retry saving").when(has_unsaved_token),
    HELP,
    esc("cancel").labeled(|state| Some(cancel_label(state).to_owned())),
    help_only(Action::CopyShortLink, &[key('C')], "copy short link").when(is_waiting),
    help_only(Action::CopyRedirectUrl, &[key('y')], "copy redirect URL"),
    help_only(Action::CopyClientId, &[key('i')], "copy client ID"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const PASTE_CALLBACK: &[Binding] = &[enter(Action::Continue, "submit"), esc("cancel")];

fn is_fix(state: &State, action: Action) -> bool {
    progress::fix_actions(state).contains(&action)
}

fn portal_label(state: &State) -> Option<String> {
    let label = if progress::needs_self_serve_product(state) { "open portal (Products tab)" } else { "open portal" };
    is_fix(state, Action::OpenPortal).then(|| label.to_owned())
}

pub(super) const SIGN_IN_FAILED: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::SignInFailed)),
    step(Action::Retry, &[key('r')], "try again").when(|state| is_fix(state, Action::Retry)),
    step(Action::EditScopes, &[key('e')], "change scopes").when(|state| is_fix(state, Action::EditScopes)),
    step(Action::EditCredentials, &[key('I')], "change credentials")
        .when(|state| is_fix(state, Action::EditCredentials)),
    step(Action::EditRedirectUrl, &[key('A')], "change redirect URL")
        .when(|state| is_fix(state, Action::EditRedirectUrl)),
    step(Action::OpenPortal, &[key('o')], "open portal").labeled(portal_label),
    step(Action::Skip, &[SKIP], "skip to the next profile").labeled(skip_label),
    HELP,
    esc("back").and_step(),
    ROW_UP,
    ROW_DOWN,
];

fn has_next_profile(state: &State) -> bool {
    !state.list.reauthorization_queue.is_empty()
}

fn lacks_scopes(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if !signed_in.outcome.missing_scopes.is_empty())
}

fn next_profile_label(state: &State) -> Option<String> {
    let next = state.list.reauthorization_queue.front()?;
    Some(format!("next: {}", fit(next.as_str(), state.hint_name_width())))
}

fn post_label(state: &State) -> Option<String> {
    let label = if signed_in::is_for_post(state) { "continue the post" } else { "publish a post" };
    (signed_in::can_publish(state) && !has_next_profile(state)).then(|| label.to_owned())
}

pub(super) const SIGNED_IN: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::SignedIn)),
    step(Action::OpenPortal, &[key('o')], "open portal").when(signed_in::can_open_portal),
    step(Action::Reauthorize, &[key('r')], "re-authorize").when(lacks_scopes),
    step(Action::Check, &[key('v')], "try again to identify the member").when(signed_in::can_identify),
    step(Action::Skip, &[SKIP], "next profile").labeled(next_profile_label),
    step(Action::Compose, &[key('p')], "publish a post").labeled(post_label),
    step(Action::Deliveries, &[key('t')], "deliveries").when(|state| !has_next_profile(state)),
    step(Action::Add, &[key('a')], "add a profile").when(|state| !has_next_profile(state)),
    hint(Action::CopyToken, &[key('c')], "copy token"),
    hint(Action::EditScopes, &[key('e')], "change scopes").when(lacks_scopes),
    hint(Action::Reveal, &[ctrl('r')], "show token"),
    hint(Action::Copy, &[key('y')], "copy a value"),
    HELP,
    esc("profile list").and_step(),
    hint(Action::Quit, &[key('q')], "quit"),
    help_only(Action::CopyTokenCommand, &[key('1')], "copy the first command"),
    help_only(Action::CopyExportCommand, &[key('2')], "copy the second command"),
    help_only(Action::CopyRequestCommand, &[key('3')], "copy the third command"),
    help_only(Action::CopyMemberId, &[key('i')], "copy member ID"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const DIFFERENT_MEMBER: &[Binding] = &[
    take_step(|state| next_steps::selected_label(state, KeyContext::DifferentMember)),
    step(Action::UpdateMembersProfile, &[key('m')], "update that member's profile").labeled(progress::update_label),
    step(Action::SaveAsNewProfile, &[key('a')], "save as new profile"),
    step(Action::Replace, &[key('R')], "replace this profile's token"),
    step(Action::Retry, &[key('r')], "sign in again"),
    step(Action::Discard, &[key('x')], "discard"),
    HELP,
    help_only(Action::Back, &[ESC], "list the choices"),
    ROW_UP,
    ROW_DOWN,
];

pub(super) const REPLACE_TOKEN: &[Binding] = &[yes(Action::Replace, "replace"), no("back")];
