//! The question when a different member signed in: whose the new token is, and where it goes. Nothing
//! but a choice of one of its own keys ends it, for the token cannot be had again for nothing.

use super::{SignIn, start};
use crate::flows::sign_in::{Command, MemberMismatch};
use crate::store::{Member, Name};
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext, choice, choices};
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// A token that a person chose to throw away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Whose it was.
    resolve_owner: Member,
    /// Is the same sign-in started anew?
    again: bool,
}

/// The profile's member and the one who came back, while nobody has chosen.
fn both(state: &State) -> Option<(&SignIn, &Member, &Member)> {
    let sign_in = state.sign_in()?;
    let (stored, found) = sign_in.other.as_ref()?;
    Some((sign_in, stored, found))
}

/// Does a fresh token wait for a choice?
pub(in crate::tui) fn waits(state: &State) -> bool {
    both(state).is_some()
}

/// The name, or what stands for it.
fn called(member: &Member) -> String {
    clean(member.name.as_deref().unwrap_or(&member.urn()), 60)
}

/// The profile that the member who came back has for this app already.
pub(in crate::tui) fn own_profile(state: &State) -> Option<Name> {
    let (sign_in, _, found) = both(state)?;
    let files = state.files();
    let own = files.readable().find(|profile| {
        profile.app == sign_in.request.app.name
            && profile.name != sign_in.request.profile
            && profile.member.as_ref().is_some_and(|member| member.id == found.id)
    });
    own.map(|profile| profile.name.clone())
}

/// A free name for the member who came back.
fn free_name(state: &State, found: &Member) -> Name {
    let base = Name::suggest(found.name.as_deref().unwrap_or_default(), "account");
    let files = state.files();
    base.first_free(|name| files.has(name.as_str()))
}

/// A command.
pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some((_, _, found)) = both(state) else { return Vec::new() };
    match action {
        Action::SaveAsNewProfile => {
            let name = free_name(state, found);
            choose(state, MemberMismatch::KeepAs(name))
        }
        Action::UpdateTheirProfile => {
            own_profile(state).map_or_else(Vec::new, |name| choose(state, MemberMismatch::KeepAs(name)))
        }
        Action::Replace => {
            state.dialog = Some(Dialog::ReplaceToken);
            Vec::new()
        }
        Action::Retry | Action::Discard => discard(state, action == Action::Retry),
        Action::Back => {
            state.notify("The new token is in memory. Choose one of the keys below.");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Replaces the stored token by that of the different member.
pub(in crate::tui) fn replace(state: &mut State) -> Vec<Effect> {
    choose(state, MemberMismatch::Replace)
}

fn discard(state: &mut State, again: bool) -> Vec<Effect> {
    if let Screen::SignIn(sign_in) = &mut state.screen {
        sign_in.dropped = sign_in.other.as_ref().map(|(_, found)| Dropped { resolve_owner: found.clone(), again });
    }
    choose(state, MemberMismatch::Discard)
}

fn choose(state: &mut State, choice: MemberMismatch) -> Vec<Effect> {
    state.dialog = None;
    state.notification = None;
    if let Screen::SignIn(sign_in) = &mut state.screen {
        sign_in.other = None;
    }
    vec![Effect::SendSignInCommand(Command::Choose(choice))]
}

/// The token was thrown away, as asked: no failure, so the way leads back, or to the same sign-in anew.
pub(super) fn dropped(state: &mut State, sign_in: SignIn, dropped: &Dropped) -> Vec<Effect> {
    if dropped.again {
        return start(state, sign_in.request, sign_in.origin);
    }
    state.go(sign_in.origin.screen());
    let (resolve_owner, profile) = (called(&dropped.resolve_owner), sign_in.request.profile);
    state.notify(format!("The token of {resolve_owner} was discarded. {profile} is unchanged."));
    Vec::new()
}

/// The question.
pub(super) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, stored, found)) = both(state) else { return Page::default() };
    let profile = &sign_in.request.profile;
    let mut page = Page::titled(format!("{} A different member signed in", theme.pick("⚠", "!")));
    let who = |member: &Member| {
        format!("{} ({})", clean(member.name.as_deref().unwrap_or("(no name)"), 60), clean(&member.urn(), 60))
    };
    page.labelled(theme, "Profile", profile.as_str(), "", width);
    page.labelled(theme, "Expected", &who(stored), "", width);
    page.labelled(theme, "Signed in as", &who(found), "", width);
    page.blank();
    page.text(
        theme.dim(),
        "LinkedIn uses the account that is signed in to the browser. Nothing was overwritten.",
        width,
    );
    let own = own_profile(state);
    if let Some(own) = &own {
        page.text(theme.strong(), &format!("{} already has the profile {own} for this app.", called(found)), width);
    }
    page.blank();
    let mut offer = |action: Action, text: &str| {
        page.lines.extend(choice(state, theme, (KeyContext::DifferentMember, action), Some(text), width));
    };
    if let Some(own) = &own {
        offer(Action::UpdateTheirProfile, &format!("update {own} with the new token"));
    }
    offer(Action::SaveAsNewProfile, &format!("save the new token as profile {}", free_name(state, found)));
    offer(Action::Replace, &format!("replace the token of {profile}, which is then {}'s", called(found)));
    offer(Action::Retry, &format!("discard the new token and sign in again as {}", called(stored)));
    offer(Action::Discard, "discard the new token");
    page
}

/// The question before a token is put over a different member's.
pub(in crate::tui) fn replace_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, stored, found)) = both(state) else { return Page::default() };
    let (profile, stored, found) = (&sign_in.request.profile, called(stored), called(found));
    let mut page = Page::titled(format!("Replace the token of {profile}?"));
    page.text(
        theme.warning(),
        &format!("The token of {stored} is replaced by that of {found}. This cannot be undone."),
        width,
    );
    page.blank();
    page.lines.extend(choices(state, theme, KeyContext::ReplaceToken));
    page
}
