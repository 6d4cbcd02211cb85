//! What the last check or refresh said of each profile: the line at the bottom counts, and this names.

use crate::Error;
use crate::store::{Name, Profile, Status};
use crate::tui::hint::hint;
use crate::tui::keymap::{self, Action, Place};
use crate::tui::message::{Did, Kind};
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// How a profile's turn ended; what a person must look at comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Nobody answered, or not to this question.
    Failed,
    /// The token is dead.
    Dead,
    /// It lives, and something is odd about it.
    Odd,
    /// It was marked, but there was nothing to check or to refresh.
    Skipped,
    /// It lives.
    Well,
}

impl Ended {
    /// Each with the word that counts it, in the order in which they are counted.
    const COUNTED: [(Self, &str); 5] = [
        (Self::Well, "alive"),
        (Self::Odd, "to look at"),
        (Self::Dead, "dead"),
        (Self::Failed, "without an answer"),
        (Self::Skipped, "left out"),
    ];

    pub(super) const fn is_bad(self) -> bool {
        !matches!(self, Self::Well | Self::Skipped)
    }
}

/// What was said of one profile.
#[derive(Clone, Debug)]
pub struct Told {
    /// The profile.
    pub name: Name,
    /// How its turn ended.
    pub ended: Ended,
    /// The whole of it.
    pub detail: String,
}

impl Told {
    /// Judges an answer.
    pub(super) fn new(state: &State, name: &Name, result: &Result<Did, Error>) -> Self {
        let status = |profile: &Profile| profile.status(state.now, state.start.expiring_days);
        let dead = |profile: &Profile| matches!(status(profile), Status::Expired | Status::Revoked | Status::SignedOut);
        let (ended, detail) = match result {
            Ok(did) if dead(&did.profile) => (Ended::Dead, did.detail.clone()),
            // Another app's, or a different member's: it may well live.
            Ok(did) if did.odd || status(&did.profile) == Status::Unknown => (Ended::Odd, did.detail.clone()),
            Ok(did) => (Ended::Well, did.detail.clone()),
            Err(error) => (Ended::Failed, format!("{error} {}", hint(&error))),
        };
        Self { name: name.clone(), ended, detail }
    }

    /// A profile that was meant, but that there was nothing to do with.
    pub(super) fn skipped(kind: Kind, name: Name) -> Self {
        let detail = match kind {
            Kind::Check => "there is no token to check; r signs in.",
            Kind::Refresh => "there is no refresh token that lives; r signs in again.",
        };
        Self { name, ended: Ended::Skipped, detail: detail.to_owned() }
    }
}

/// `2 alive, 1 dead`.
pub(super) fn counted(told: &[Told]) -> String {
    let count = |ended: Ended| told.iter().filter(|one| one.ended == ended).count();
    let parts = Ended::COUNTED.map(|(ended, word)| (count(ended), word));
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    parts.join(", ")
}

/// The key that shows them, as the binding table has it.
pub(super) fn key() -> String {
    let key = keymap::at(Place::List).find(|binding| binding.action == Action::Results);
    key.map(|binding| binding.key.name()).unwrap_or_default()
}

/// Keeps them, in the order in which they are read.
pub(super) fn keep(state: &mut State, kind: Kind, mut told: Vec<Told>) {
    if told.is_empty() {
        return;
    }
    told.sort_by(|one, other| one.ended.cmp(&other.ended).then_with(|| one.name.cmp(&other.name)));
    state.list.last = Some((kind, told));
}

/// Remembers what is odd about a token, or that nothing is any more.
pub(super) fn remember(state: &mut State, profile: &Profile, told: &Told) {
    state.list.odd.remove(&profile.name);
    if let Some(token) = profile.token.as_ref().filter(|_| told.ended == Ended::Odd) {
        state.list.odd.insert(profile.name.clone(), (token.issued_at, told.detail.clone()));
    }
}

/// What was odd about the token that the profile has now.
pub(super) fn odd<'a>(state: &'a State, profile: &Profile) -> Option<&'a str> {
    let (issued, detail) = state.list.odd.get(&profile.name)?;
    (profile.token.as_ref()?.issued_at == *issued).then_some(detail)
}

/// Opens them.
pub(super) fn open(state: &mut State) {
    if state.list.last.is_none() {
        state.say("Nothing was checked or refreshed yet; v checks.", true);
        return;
    }
    state.scroll = 0;
    state.overlay = Some(Overlay::Results);
}

/// All of them.
pub(in crate::tui) fn page(state: &State, theme: Theme, width: usize) -> Page {
    let Some((kind, told)) = &state.list.last else { return Page::titled("Last results") };
    let verb = if *kind == Kind::Check { "check" } else { "refresh" };
    let mut page = Page::titled(format!("Last {verb}: {}", counted(told)));
    // The last two columns are for the arrows.
    let width = width.saturating_sub(2);
    for one in told {
        let (mark, style) = match one.ended {
            Ended::Well => (theme.pick("✓", "*"), theme.good()),
            Ended::Skipped => ("-", theme.dim()),
            Ended::Odd => (theme.pick("✗", "!"), theme.warning()),
            Ended::Dead | Ended::Failed => (theme.pick("✗", "!"), theme.bad()),
        };
        page.say(style, &format!("{mark} {}: {}", one.name, crate::text::clean(one.detail.trim(), 600)), width);
    }
    page
}
