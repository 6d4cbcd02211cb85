//! The values of a profile, as its details show them.

use super::availability::profile_context;
use super::results;
use crate::flows::sign_in::is_same_client;
use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::linkedin::scopes;
use crate::store::{Delivery, Doubt, Name, Profile, Status, Token, Undecided, Verdict};
use crate::text::{columns, sanitize};
use crate::tui::keymap::Action;
use crate::tui::state::State;
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::theme::Theme;
use crate::tui::time_format;

/// A short text after a mark, such as a scope or a delivery.
pub(super) struct MarkedText {
    pub(super) mark: &'static str,
    pub(super) style: Style,
    pub(super) text: String,
}

impl MarkedText {
    pub(super) fn new((mark, style): (&'static str, Style), text: impl Into<String>) -> Self {
        Self { mark, style, text: text.into() }
    }

    pub(super) fn width(&self) -> usize {
        columns(self.mark) + 1 + columns(&self.text)
    }

    pub(super) fn spans(&self) -> [Span<'static>; 2] {
        [Span::styled(format!("{} ", self.mark), self.style), Span::raw(self.text.clone())]
    }
}

/// Returns when the token expires and how the profile gets its next one, each with its label.
pub(super) fn token_values(state: &State, profile: &Profile) -> Vec<(&'static str, String)> {
    let Some(token) = &profile.token else {
        let sign_in = state.key_sentence(profile_context(state), Action::Reauthorize, "sign in");
        return vec![("Token", format!("none. {sign_in}"))];
    };
    let (label, value) = Expiry::new(state, profile, token).label_and_value(state);
    let (renewal, until) = renewal(state, profile, token);
    vec![(label, value), ("Renewal", format!("{renewal}{}", until.unwrap_or_default()))]
}

/// When a token expires, or expired.
#[derive(Clone, Copy)]
pub(super) enum Expiry {
    Unknown,
    /// A day that is to come; or one that has just passed, while the status is still another.
    Expires(Timestamp),
    Expired(Timestamp),
    /// The token became invalid before this time.
    InvalidBefore(Timestamp),
}

impl Expiry {
    pub(super) fn new(state: &State, profile: &Profile, token: &Token) -> Self {
        let Some(expiry) = token.expires_at else { return Self::Unknown };
        match profile.status(state.now, state.config.expiring_days) {
            Status::Expired if expiry <= state.now => Self::Expired(expiry),
            Status::Expired | Status::Revoked => Self::InvalidBefore(expiry),
            _ => Self::Expires(expiry),
        }
    }

    pub(super) fn label_and_value(self, state: &State) -> (&'static str, String) {
        match self {
            Self::Unknown => ("Expires", "unknown".to_owned()),
            Self::Expires(at) => ("Expires", time_format::format_day_and_relative(state, at)),
            Self::Expired(at) => ("Expired", time_format::format_day_and_relative(state, at)),
            Self::InvalidBefore(at) => ("Expiry", format!("was {}", time_format::format_day(state, at))),
        }
    }
}

/// Returns how a profile gets its next token, and the text of the day until which it can be refreshed.
pub(super) fn renewal(state: &State, profile: &Profile, token: &Token) -> (&'static str, Option<String>) {
    let Some(refresh) = &token.refresh else {
        let is_automatic = profile.client_credentials;
        return (if is_automatic { "the app requests a new token" } else { "re-authorize" }, None);
    };
    match refresh.expires_at {
        _ if refresh.refused_at.is_some() => ("re-authorize (refresh token refused)", None),
        Some(expiry) if expiry <= state.now => ("re-authorize (refresh token expired)", None),
        Some(expiry) => ("refresh", Some(format!(" until {}", time_format::format_day(state, expiry)))),
        None => ("refresh", None),
    }
}

/// Returns the granted scopes, then those of the profile that the token lacks: LinkedIn did not grant them, or they were added after
/// the sign-in. Without a token, returns the scopes to request.
pub(super) fn scope_texts(profile: &Profile, theme: Theme) -> Vec<MarkedText> {
    let requested = |scope: &String| MarkedText::new((theme.symbol("○", "o"), theme.dim()), sanitize(scope, 100));
    let Some(token) = &profile.token else { return profile.scopes.iter().map(requested).collect() };
    let granted = token.scopes.iter().map(|scope| MarkedText::new(theme.done_mark(), sanitize(scope, 100)));
    let missing = scopes::find_missing(&profile.scopes, &token.scopes);
    let missing = missing.into_iter().map(|scope| {
        MarkedText::new(("!", theme.warning_mark()), format!("{} (not in the token)", sanitize(&scope, 100)))
    });
    granted.chain(missing).collect()
}

/// Returns a delivery with the result of its last run.
pub(super) fn delivery_text(state: &State, delivery: &Delivery, theme: Theme) -> MarkedText {
    let name = sanitize(&delivery.name, 60);
    let Some(last) = &delivery.last_result else {
        return MarkedText::new((theme.symbol("○", "o"), theme.dim()), format!("{name}, not run yet"));
    };
    let day = time_format::format_recent_day(state, last.at);
    if last.succeeded() && last.is_test_token {
        MarkedText::new(theme.status_mark(Status::Expiring), format!("{name} has a test token, {day}"))
    } else if last.succeeded() {
        MarkedText::new(theme.done_mark(), format!("{name}, {day}"))
    } else {
        MarkedText::new(theme.failed_mark(), format!("{name} failed, {day}"))
    }
}

/// Returns when the token was checked last and the verdict, with the time in the form of `format`.
pub(super) fn last_check_label(
    state: &State,
    profile: &Profile,
    format: impl Fn(&State, Timestamp) -> String,
) -> String {
    let Some(check) = profile.last_check() else { return "never".to_owned() };
    let doubt = if profile.is_in_doubt() { "; since then in doubt" } else { "" };
    format!("{}: {}{doubt}", format(state, check.at), check.verdict.as_str())
}

/// Returns the profile with which the member of a token signed in to its app later, with other scopes.
fn revoked_by<'a>(store: &'a StoreSnapshot, profile: &Profile) -> Option<&'a Name> {
    let token = profile.token.as_ref()?;
    let member = profile.member.as_ref()?;
    let is_sibling =
        |other: &&Profile| other.name != profile.name && is_same_client(&store.apps, &other.app, &profile.app);
    let later = store.readable().filter(is_sibling).filter(|other| {
        other.member.as_ref().is_some_and(|other| other.id == member.id)
            && other.token.as_ref().is_some_and(|other| {
                other.issued_at > token.issued_at && !scopes::are_same(&other.scopes, &token.scopes)
            })
    });
    later.max_by_key(|other| other.token.as_ref().map(|token| token.issued_at)).map(|other| &other.name)
}

/// Returns why the status of a profile is not known, and the key that finds it out.
pub(super) fn unknown_reason(state: &State, store: &StoreSnapshot, profile: &Profile) -> Option<String> {
    if profile.status(state.now, state.config.expiring_days) != Status::Unknown {
        return None;
    }
    let check = profile.check?;
    let Some(doubt) = check.doubt else {
        // A warning of this check has the reason in more words.
        let undecided = check.undecided.filter(|_| results::warning(state, profile).is_none())?;
        let next_step = match undecided {
            // No check helps before.
            Undecided::Restricted => "The member should open linkedin.com.".to_owned(),
            _ => state.key_sentence(profile_context(state), Action::Check, "check again"),
        };
        return Some(format!("{}. {next_step}", undecided.as_clause()?));
    };
    let reason = match doubt {
        Doubt::OtherScopes => revoked_by(store, profile).map_or_else(
            || "may be revoked by a sign-in with other scopes".to_owned(),
            |later| format!("may be revoked: {later} signed in later with other scopes"),
        ),
        Doubt::OtherApp => "not checked since the profile has a different app".to_owned(),
        Doubt::Unknown => "may be revoked".to_owned(),
    };
    let check = state.key_sentence(profile_context(state), Action::Check, "check");
    Some(format!("{reason}. {check}"))
}

/// The seconds after its issue in which a token needs no check: LinkedIn has just sent it.
const NEW_TOKEN_SECONDS: i64 = 86_400;

/// Returns the verdict of the last check and its time; for a new token without a check, when it was issued.
pub(super) fn check_text(state: &State, profile: &Profile, theme: Theme) -> MarkedText {
    let Some(check) = profile.last_check() else {
        let issued = profile.token.as_ref().map(|token| token.issued_at);
        let new = issued.filter(|at| state.now.as_second() - at.as_second() < NEW_TOKEN_SECONDS);
        return match new {
            Some(at) => {
                MarkedText::new(theme.done_mark(), format!("issued {}", time_format::format_relative(state, at)))
            }
            None => MarkedText::new((theme.symbol("○", "o"), theme.dim()), "never checked"),
        };
    };
    let mark = match check.verdict {
        Verdict::Active => theme.done_mark(),
        Verdict::Expired | Verdict::Revoked => theme.failed_mark(),
        Verdict::Unknown => theme.status_mark(Status::Unknown),
    };
    let checked = time_format::format_relative(state, check.at);
    MarkedText::new(mark, format!("{}, checked {checked}", check.verdict.as_str()))
}

/// Returns the deliveries that need attention first: what follows may be cut.
pub(super) fn sorted_deliveries(profile: &Profile) -> Vec<&Delivery> {
    let mut deliveries: Vec<&Delivery> = profile.deliveries.iter().collect();
    deliveries.sort_by_key(|delivery| match &delivery.last_result {
        Some(last) if !last.succeeded() => 0,
        Some(last) if last.is_test_token => 1,
        Some(_) => 3,
        None => 2,
    });
    deliveries
}
