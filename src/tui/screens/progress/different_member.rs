//! The choice after a different member signed in. Esc does not leave it: a token that is discarded by mistake costs another
//! sign-in.

use super::{Phase, SignIn, start};
use crate::flows::sign_in::{Command, DifferentMemberChoice, Request, describe_revoked};
use crate::store::{Member, Name};
use crate::text::{fit, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::message::Effect;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// The members of a profile and of a new token that do not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferentMember {
    /// The profile's member.
    pub(super) stored: Member,
    /// The member who signed in.
    pub(super) found: Member,
    /// The profiles of that member whose tokens LinkedIn may have revoked.
    pub(super) revoked_profiles: Vec<Name>,
}

/// A token that is discarded because the user chose so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DiscardedToken {
    member: Member,
    revoked_profiles: Vec<Name>,
    /// Whether the sign-in starts again.
    is_retry: bool,
}

impl DiscardedToken {
    /// Returns the title of the page until the sign-in has ended.
    pub(super) fn title(&self) -> String {
        format!("The token of {} is discarded", name_or_urn(&self.member))
    }
}

/// Returns whether a new token is in memory until the user chooses what to do with it.
pub(crate) fn has_undecided_token(state: &State) -> bool {
    state.sign_in().is_some_and(|sign_in| sign_in.different_member.is_some())
}

fn name_or_urn(member: &Member) -> String {
    sanitize(member.name.as_deref().unwrap_or(&member.urn()), 60)
}

/// Returns the profile that the member who signed in already has for this app.
fn profile_of_member(state: &State, request: &Request, member: &Member) -> Option<Name> {
    let store = state.store();
    let profile = store.readable().find(|profile| {
        profile.app == request.app.name
            && profile.name != request.profile
            && profile.member.as_ref().is_some_and(|stored| stored.id == member.id)
    });
    profile.map(|profile| profile.name.clone())
}

/// Returns the label of the update of the profile that the member who signed in already has for this app.
pub(crate) fn update_label(state: &State) -> Option<String> {
    let sign_in = state.sign_in()?;
    let existing = profile_of_member(state, &sign_in.request, &sign_in.different_member.as_ref()?.found)?;
    Some(format!("update {}", fit(existing.as_str(), state.hint_name_width())))
}

/// Returns a free profile name for the member who signed in.
fn new_profile_name(state: &State, member: &Member) -> Name {
    let store = state.store();
    Name::suggest(member.name.as_deref().unwrap_or_default(), "account")
        .first_free(|name| store.has_profile(name.as_str()))
}

/// Returns what a choice for the new token does.
pub(crate) fn choice_description(state: &State, action: Action) -> Option<String> {
    let sign_in = state.sign_in()?;
    let DifferentMember { stored, found, .. } = sign_in.different_member.as_ref()?;
    let profile = &sign_in.request.profile;
    Some(match action {
        Action::UpdateMembersProfile => {
            let existing = profile_of_member(state, &sign_in.request, found)?;
            format!("update profile {existing} with the new token")
        }
        Action::SaveAsNewProfile => {
            format!("save the new token as a new profile, \"{}\"", new_profile_name(state, found))
        }
        Action::Replace => format!("replace the token of profile {profile}, which is then {}'s", name_or_urn(found)),
        Action::Retry => format!("discard the new token and sign in again as {}", name_or_urn(stored)),
        Action::Discard => "discard the new token".to_owned(),
        _ => return None,
    })
}

pub(super) fn handle(
    state: &mut State,
    mut sign_in: Box<SignIn>,
    members: DifferentMember,
    action: Action,
) -> Vec<Effect> {
    let choice = match action {
        Action::SaveAsNewProfile => Some(DifferentMemberChoice::SaveAs(new_profile_name(state, &members.found))),
        Action::UpdateMembersProfile => {
            profile_of_member(state, &sign_in.request, &members.found).map(DifferentMemberChoice::SaveAs)
        }
        Action::Retry | Action::Discard => {
            let DifferentMember { found, revoked_profiles, .. } = members;
            let is_retry = action == Action::Retry;
            sign_in.discarded_token = Some(DiscardedToken { member: found, revoked_profiles, is_retry });
            sign_in.is_result_known = true;
            Some(DifferentMemberChoice::Discard)
        }
        Action::Replace => {
            let sign_in = Box::new(SignIn { different_member: None, ..SignIn::clone(&sign_in) });
            state.dialog = Some(Dialog::ReplaceToken { members: Box::new(members), sign_in });
            None
        }
        Action::Back => {
            state.notify("The new token is in memory. Choose what happens to it.");
            None
        }
        _ => None,
    };
    if choice.is_some() {
        sign_in.different_member = None;
        sign_in.enter(Phase::Save, state.now);
        state.notification = None;
    }
    state.screen = Screen::SignIn(sign_in);
    choice.map(|choice| Effect::SendSignInCommand(Command::Choose(choice))).into_iter().collect()
}

/// Replaces the stored token by that of the different member, and continues with `sign_in`.
pub(crate) fn replace_token(state: &mut State, mut sign_in: Box<SignIn>) -> Vec<Effect> {
    sign_in.enter(Phase::Save, state.now);
    state.notification = None;
    state.screen = Screen::SignIn(sign_in);
    vec![Effect::SendSignInCommand(Command::Choose(DifferentMemberChoice::Replace))]
}

/// Leaves the sign-in after its token was discarded by choice: this is not a failure.
pub(super) fn on_discarded(state: &mut State, sign_in: SignIn, discarded_token: &DiscardedToken) -> Vec<Effect> {
    if discarded_token.is_retry {
        return start(state, sign_in.request, sign_in.origin);
    }
    state.open_screen(sign_in.origin.screen());
    let (member, profile) = (name_or_urn(&discarded_token.member), sign_in.request.profile);
    let discarded = format!("The token of {member} was discarded. Profile {profile} is unchanged.");
    match describe_revoked(&discarded_token.revoked_profiles) {
        Some(revoked) => state.notify_warning(format!("{discarded} {revoked}")),
        None => state.notify(discarded),
    }
    Vec::new()
}

pub(super) fn page(
    state: &State,
    sign_in: &SignIn,
    members: &DifferentMember,
    theme: Theme,
    widths: PageWidths,
) -> Page {
    let mut page = Page::with_aside(theme, widths, "! A different member signed in");
    page.title_style = theme.warning();
    let DifferentMember { stored, found, revoked_profiles } = members;
    let profile = &sign_in.request.profile;
    let name_and_urn = |member: &Member| {
        format!("{} ({})", sanitize(member.name.as_deref().unwrap_or("(no name)"), 60), sanitize(&member.urn(), 60))
    };
    page.value("Profile", profile.as_str());
    page.value("Expected", &name_and_urn(stored));
    page.value("Signed in as", &name_and_urn(found));
    let existing = profile_of_member(state, &sign_in.request, found);
    if let Some(existing) = &existing {
        page.strong(&format!("{} already has the profile {existing} for this app.", name_or_urn(found)));
    }
    if let Some(revoked) = describe_revoked(revoked_profiles) {
        page.warning(&revoked);
    }
    page.panel("What happens to the new token?");
    page.next_steps(state, KeyContext::DifferentMember);
    page.aside("Why");
    page.plain("LinkedIn uses the account that is signed in to the browser, and does not ask which.");
    page.dim("Nothing was overwritten. The new token is in memory until you choose.");
    page
}

/// Returns the page that confirms that the token of a different member replaces the stored one.
pub(crate) fn replace_token_page(
    state: &State,
    profile: &Name,
    members: &DifferentMember,
    theme: Theme,
    width: usize,
) -> Page {
    let mut page = Page::new(theme, width, format!("Replace the token of profile {profile}?"));
    let (stored, found) = (name_or_urn(&members.stored), name_or_urn(&members.found));
    page.warning(&format!("The token of {stored} is replaced by that of {found}. This cannot be undone."));
    page.with_choices(state, KeyContext::ReplaceToken)
}
