//! The bindings of a sign-in and of its result.

use super::super::context::Action;
use super::{Binding, ENTER, ESC, HELP, SCROLL_DOWN, SCROLL_UP, ctrl, enter, esc, help_only, hint, key, no, yes};
use crate::text::fit;
use crate::tui::screens::progress::{self, Phase};
use crate::tui::state::State;

/// Columns of the next profile's name in the hint bar.
const NEXT_NAME_WIDTH: usize = 20;

fn is_waiting(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| sign_in.phase == Phase::Consent)
}

fn is_waiting_in_sandbox(state: &State) -> bool {
    is_waiting(state) && !state.config.sandbox_members.is_empty()
}

fn has_unsaved_token(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| sign_in.unsaved.is_some())
}

pub(super) const SIGN_IN: &[Binding] = &[
    hint(Action::ReopenBrowser, &[key('o')], "reopen browser").when(is_waiting),
    hint(Action::ShowUrl, &[key('f')], "show full URL").when(is_waiting),
    hint(Action::CopyLink, &[key('c')], "copy URL").when(is_waiting),
    hint(Action::PasteCallback, &[key('p')], "paste callback URL").when(is_waiting),
    hint(Action::ApproveFirst, &[key('1')], "approve (sandbox)").when(is_waiting_in_sandbox),
    help_only(Action::ApproveSecond, &[key('2')], "approve as the second member (sandbox)").when(is_waiting_in_sandbox),
    help_only(Action::ApproveThird, &[key('3')], "approve as the third member (sandbox)").when(is_waiting_in_sandbox),
    hint(Action::Retry, &[key('r')], "retry saving").when(has_unsaved_token),
    HELP,
    esc("cancel"),
    help_only(Action::CopyShortLink, &[key('l')], "copy short link").when(is_waiting),
    help_only(Action::CopyUrl, &[key('y')], "copy redirect URL"),
    help_only(Action::CopyClientId, &[key('i')], "copy client ID"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const PASTE_CALLBACK: &[Binding] = &[enter(Action::Continue, "submit"), esc("cancel")];

pub(super) const SIGN_IN_FAILED: &[Binding] = &[
    hint(Action::Retry, &[key('r')], "try again"),
    hint(Action::EditScopes, &[key('s')], "change scopes"),
    hint(Action::EditCredentials, &[key('i')], "change credentials"),
    hint(Action::EditRedirectUrl, &[key('l')], "change redirect URL"),
    hint(Action::OpenPortal, &[key('o')], "open portal"),
    hint(Action::Back, &[ENTER, ESC], "back"),
    HELP,
    SCROLL_UP,
    SCROLL_DOWN,
];

#[expect(clippy::unnecessary_wraps, reason = "other labels hide their binding with None")]
fn next_profile_label(state: &State) -> Option<String> {
    let next = state.list.queue.front().map(|next| format!("next: {}", fit(next.as_str(), NEXT_NAME_WIDTH)));
    Some(next.unwrap_or_else(|| "profile list".to_owned()))
}

pub(super) const SIGNED_IN: &[Binding] = &[
    enter(Action::Continue, "profile list").labeled(next_profile_label),
    hint(Action::Compose, &[key('p')], "publish a post"),
    hint(Action::CopyToken, &[key('c')], "copy token"),
    hint(Action::Reveal, &[ctrl('r')], "show token"),
    hint(Action::CopyMemberId, &[key('i')], "copy member ID"),
    hint(Action::CopyUrn, &[key('y')], "copy URN"),
    HELP,
    hint(Action::Quit, &[key('q')], "quit"),
    help_only(Action::Deliveries, &[key('t')], "deliveries"),
    help_only(Action::Back, &[ESC], "profile list"),
    SCROLL_UP,
    SCROLL_DOWN,
];

fn has_profile_of_member(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| progress::has_profile_of_member(state, sign_in))
}

pub(super) const DIFFERENT_MEMBER: &[Binding] = &[
    hint(Action::UpdateTheirProfile, &[key('m')], "update their profile").when(has_profile_of_member),
    hint(Action::SaveAsNewProfile, &[key('s')], "save as new profile"),
    hint(Action::Replace, &[key('R')], "replace this profile's token"),
    hint(Action::Retry, &[key('r')], "sign in again"),
    hint(Action::Discard, &[key('x')], "discard"),
    HELP,
    help_only(Action::Back, &[ESC], "list the choices"),
    SCROLL_UP,
    SCROLL_DOWN,
];

pub(super) const REPLACE_TOKEN: &[Binding] = &[yes(Action::Replace, "replace"), no("back")];
