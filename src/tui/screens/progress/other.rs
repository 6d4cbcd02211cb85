//! The question when a different member signed in: whose the new token is, and where it goes. Nothing
//! but a choice of one of its own keys ends it, for the token cannot be had again for nothing.

use super::{SignIn, start};
use crate::flows::sign_in::{Command, MemberMismatch};
use crate::store::{Member, Name};
use crate::text::{clean, wrap};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Overlay, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::{Page, choice};

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
    let sign_in = state.sign_in.as_ref()?;
    let (stored, found) = sign_in.other.as_ref()?;
    Some((sign_in, stored, found))
}

/// Does a fresh token wait for a choice?
pub(in crate::tui) fn waits(state: &State) -> bool {
    matches!(state.screen, Screen::SignIn) && both(state).is_some()
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
    let taken = |name: &Name| files.has(name.as_str());
    if !taken(&base) {
        return base;
    }
    (2..10_000).filter_map(|n| Name::parse(&format!("{base}-{n}")).ok()).find(|name| !taken(name)).unwrap_or(base)
}

/// A command.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some((_, _, found)) = both(state) else { return Vec::new() };
    if state.overlay == Some(Overlay::Replace) {
        if action == Action::Replace {
            return choose(state, MemberMismatch::Replace);
        }
        state.overlay = None;
        return Vec::new();
    }
    match action {
        Action::KeepNew => {
            let name = free_name(state, found);
            choose(state, MemberMismatch::KeepAs(name))
        }
        Action::RenewTheirs => {
            own_profile(state).map_or_else(Vec::new, |name| choose(state, MemberMismatch::KeepAs(name)))
        }
        Action::Replace => {
            state.overlay = Some(Overlay::Replace);
            Vec::new()
        }
        Action::Retry | Action::Discard => discard(state, action == Action::Retry),
        Action::Back => {
            let theirs = if own_profile(state).is_some() { "u renews their profile, " } else { "" };
            let words = format!(
                "Nothing is lost; the new token waits. k keeps it, {theirs}p puts it here, a signs in again, d throws it away."
            );
            state.say(words, false);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn discard(state: &mut State, again: bool) -> Vec<Effect> {
    if let Some(sign_in) = &mut state.sign_in {
        sign_in.dropped = sign_in.other.as_ref().map(|(_, found)| Dropped { resolve_owner: found.clone(), again });
    }
    choose(state, MemberMismatch::Discard)
}

fn choose(state: &mut State, choice: MemberMismatch) -> Vec<Effect> {
    state.overlay = None;
    state.toast = None;
    if let Some(sign_in) = &mut state.sign_in {
        sign_in.other = None;
    }
    vec![Effect::CommandSignIn(Command::Choose(choice))]
}

/// The token was thrown away, as asked: no failure, so the way leads back, or to the same sign-in anew.
pub(super) fn dropped(state: &mut State, sign_in: SignIn, dropped: &Dropped) -> Vec<Effect> {
    if dropped.again {
        return start(state, sign_in.request, sign_in.origin);
    }
    state.sign_in = None;
    state.go(sign_in.origin.screen());
    let (resolve_owner, profile) = (called(&dropped.resolve_owner), sign_in.request.profile);
    state.say(format!("The token of {resolve_owner} was thrown away; {profile} keeps its own."), false);
    Vec::new()
}

/// The question.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, stored, found)) = both(state) else { return Page::default() };
    let profile = &sign_in.request.profile;
    let mut page = Page::titled(format!("{} A different member signed in", theme.pick("⚠", "!")));
    let who = |member: &Member| {
        format!("{} ({})", clean(member.name.as_deref().unwrap_or("somebody"), 60), clean(&member.urn(), 60))
    };
    page.labelled(theme, "Profile", profile.as_str(), "", width);
    page.labelled(theme, "Belongs to", &who(stored), "", width);
    page.labelled(theme, "Now it was", &who(found), "", width);
    page.blank();
    page.say(
        theme.dim(),
        "LinkedIn uses whoever is signed in in that browser, and offers no choice. Nothing has been overwritten.",
        width,
    );
    let own = own_profile(state);
    if let Some(own) = &own {
        page.say(theme.strong(), &format!("{} has the profile {own} for this app.", called(found)), width);
    }
    page.blank();
    let mut offer = |key: &str, text: &str| {
        for (number, row) in wrap(text, width.saturating_sub(8)).into_iter().enumerate() {
            page.lines.push(choice(theme, if number == 0 { key } else { "" }, &row));
        }
    };
    if let Some(own) = &own {
        offer("u", &format!("renew {own} instead"));
    }
    offer("k", &format!("keep the new token as profile {}", free_name(state, found)));
    offer("p", &format!("put it in {profile}, which is theirs from now on"));
    offer("a", &format!("sign in again as {}; the new token is thrown away", called(stored)));
    offer("d", "throw the new token away");
    page
}

/// The question before a token is put over a different member's.
pub(in crate::tui) fn replace_page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((sign_in, stored, found)) = both(state) else { return Page::default() };
    let (profile, stored, found) = (&sign_in.request.profile, called(stored), called(found));
    let mut page = Page::titled(format!("Put it in {profile}?"));
    page.say(
        theme.warning(),
        &format!("The token of {stored} in {profile} is replaced by that of {found}, and does not come back."),
        width,
    );
    page.blank();
    page.lines.push(choice(theme, "y", "replace it"));
    page.lines.push(choice(theme, "esc", "choose otherwise"));
    page
}
