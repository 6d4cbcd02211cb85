//! The choice after a different member signed in. Only its own keys leave it: a token that is discarded by mistake would
//! cost another sign-in.

use super::{SignIn, start};
use crate::flows::sign_in::{Command, MemberMismatch};
use crate::store::{Member, Name};
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// A token that is discarded because the user chose so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DiscardedToken {
    member: Member,
    /// Whether the sign-in starts again.
    retry: bool,
}

/// Returns the sign-in that awaits a choice, the profile's member and the different one.
fn mismatch(state: &State) -> Option<(&SignIn, &Member, &Member)> {
    let sign_in = state.sign_in()?;
    let (stored, found) = sign_in.different_member.as_ref()?;
    Some((sign_in, stored, found))
}

/// Returns whether a new token awaits a choice.
pub(crate) fn has_undecided_token(state: &State) -> bool {
    mismatch(state).is_some()
}

fn name_or_urn(member: &Member) -> String {
    clean(member.name.as_deref().unwrap_or(&member.urn()), 60)
}

/// Returns the profile that the different member already has for this app.
pub(crate) fn own_profile(state: &State) -> Option<Name> {
    let (sign_in, _, found) = mismatch(state)?;
    let files = state.files();
    let own = files.readable().find(|profile| {
        profile.app == sign_in.request.app.name
            && profile.name != sign_in.request.profile
            && profile.member.as_ref().is_some_and(|member| member.id == found.id)
    });
    own.map(|profile| profile.name.clone())
}

/// Returns a free profile name for the different member.
fn new_profile_name(state: &State, found: &Member) -> Name {
    let files = state.files();
    Name::suggest(found.name.as_deref().unwrap_or_default(), "account").first_free(|name| files.has(name.as_str()))
}

pub(super) fn handle(state: &mut State, action: Action) -> Vec<Effect> {
    let Some((_, _, found)) = mismatch(state) else { return Vec::new() };
    match action {
        Action::SaveAsNewProfile => {
            let name = new_profile_name(state, found);
            choose(state, MemberMismatch::SaveAs(name))
        }
        Action::UpdateTheirProfile => {
            own_profile(state).map_or_else(Vec::new, |name| choose(state, MemberMismatch::SaveAs(name)))
        }
        Action::Replace => {
            state.dialog = Some(Dialog::ReplaceToken);
            Vec::new()
        }
        Action::Retry | Action::Discard => {
            let discarded = DiscardedToken { member: found.clone(), retry: action == Action::Retry };
            if let Screen::SignIn(sign_in) = &mut state.screen {
                sign_in.discarded = Some(discarded);
            }
            choose(state, MemberMismatch::Discard)
        }
        Action::Back => {
            state.notify("The new token is in memory. Choose one of the keys below.");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Replaces the stored token by that of the different member.
pub(crate) fn replace(state: &mut State) -> Vec<Effect> {
    choose(state, MemberMismatch::Replace)
}

fn choose(state: &mut State, choice: MemberMismatch) -> Vec<Effect> {
    state.dialog = None;
    state.notification = None;
    if let Screen::SignIn(sign_in) = &mut state.screen {
        sign_in.different_member = None;
    }
    vec![Effect::SendSignInCommand(Command::Choose(choice))]
}

/// Leaves the sign-in after its token was discarded by choice, which is no failure.
pub(super) fn on_discarded(state: &mut State, sign_in: SignIn, discarded: &DiscardedToken) -> Vec<Effect> {
    if discarded.retry {
        return start(state, sign_in.request, sign_in.origin);
    }
    state.go(sign_in.origin.screen());
    let (member, profile) = (name_or_urn(&discarded.member), sign_in.request.profile);
    state.notify(format!("The token of {member} was discarded. {profile} is unchanged."));
    Vec::new()
}

pub(super) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("{} A different member signed in", theme.pick("⚠", "!")));
    let Some((sign_in, stored, found)) = mismatch(state) else { return page };
    let profile = &sign_in.request.profile;
    let name_and_urn = |member: &Member| {
        format!("{} ({})", clean(member.name.as_deref().unwrap_or("(no name)"), 60), clean(&member.urn(), 60))
    };
    page.value("Profile", profile.as_str());
    page.value("Expected", &name_and_urn(stored));
    page.value("Signed in as", &name_and_urn(found));
    page.blank();
    page.dim("LinkedIn uses the account that is signed in to the browser. Nothing was overwritten.");
    let own = own_profile(state);
    if let Some(own) = &own {
        page.strong(&format!("{} already has the profile {own} for this app.", name_or_urn(found)));
    }
    page.blank();
    let mut offer = |action: Action, text: &str| page.choice(state, (KeyContext::DifferentMember, action), Some(text));
    if let Some(own) = &own {
        offer(Action::UpdateTheirProfile, &format!("update {own} with the new token"));
    }
    let new = new_profile_name(state, found);
    offer(Action::SaveAsNewProfile, &format!("save the new token as profile {new}"));
    offer(Action::Replace, &format!("replace the token of {profile}, which is then {}'s", name_or_urn(found)));
    offer(Action::Retry, &format!("discard the new token and sign in again as {}", name_or_urn(stored)));
    offer(Action::Discard, "discard the new token");
    page
}

/// The confirmation before the token replaces that of the profile's own member.
pub(crate) fn replace_page(state: &State, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Replace the token?");
    let Some((sign_in, stored, found)) = mismatch(state) else { return page };
    page.title = format!("Replace the token of {}?", sign_in.request.profile);
    let (stored, found) = (name_or_urn(stored), name_or_urn(found));
    page.warning(&format!("The token of {stored} is replaced by that of {found}. This cannot be undone."));
    page.with_choices(state, KeyContext::ReplaceToken)
}
