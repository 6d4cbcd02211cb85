//! The results of the last check or refresh: the status line counts them, and this dialog lists them.

use std::sync::Arc;

use crate::Error;
use crate::store::{Name, Profile, Status, Verdict};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{JobItem, JobKind};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// How a job ended for one profile, in the order in which results are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ResultKind {
    /// The request failed.
    Failed,
    /// The token is expired, revoked or missing.
    Invalid,
    /// The token may be valid, but something needs attention.
    Warning,
    /// There was nothing to check or to refresh.
    Skipped,
    /// The token is valid.
    Valid,
}

impl ResultKind {
    /// Each outcome with its label, in the order in which they are counted.
    const COUNTED: [(Self, &str); 5] = [
        (Self::Valid, "valid"),
        (Self::Warning, "with warnings"),
        (Self::Invalid, "invalid"),
        (Self::Failed, "failed"),
        (Self::Skipped, "skipped"),
    ];

    pub(super) const fn is_problem(self) -> bool {
        !matches!(self, Self::Valid | Self::Skipped)
    }
}

/// One line of the results of a job.
#[derive(Clone, Debug)]
pub(super) struct JobResult {
    pub name: Name,
    pub outcome: ResultKind,
    /// The result in a sentence or more.
    pub detail: String,
}

/// The results of the last check or refresh, sorted as they are listed.
#[derive(Clone, Debug)]
pub struct LastResults {
    kind: JobKind,
    results: Vec<JobResult>,
}

impl JobResult {
    pub(super) fn new(state: &State, name: &Name, result: &Result<JobItem, Error>) -> Self {
        let (outcome, detail) = match result {
            Ok(item) => (outcome(state, item), detail(state, item)),
            Err(error) => (ResultKind::Failed, format!("{error} {}", state.hint(error))),
        };
        Self { name: name.clone(), outcome, detail }
    }

    /// Reports a profile with nothing to check or to refresh.
    pub(super) fn skipped(state: &State, kind: JobKind, name: Name) -> Self {
        let press = |purpose| state.press(KeyContext::List, Action::Reauthorize, purpose);
        let detail = match kind {
            JobKind::Check => format!("no token to check. {}", press("sign in")),
            JobKind::Refresh => format!("no valid refresh token. {}", press("re-authorize")),
        };
        Self { name, outcome: ResultKind::Skipped, detail }
    }
}

fn outcome(state: &State, item: &JobItem) -> ResultKind {
    // A token of another app or member may be valid all the same.
    let has_warnings = matches!(item, JobItem::Checked { warnings, .. } if !warnings.is_empty());
    match item.profile().status(state.now, state.config.expiring_days) {
        Status::Expired | Status::Revoked | Status::SignedOut => ResultKind::Invalid,
        Status::Unknown => ResultKind::Warning,
        Status::Active | Status::Expiring if has_warnings => ResultKind::Warning,
        Status::Active | Status::Expiring => ResultKind::Valid,
    }
}

fn detail(state: &State, item: &JobItem) -> String {
    let JobItem::Checked { profile, warnings } = item else { return "Refreshed.".to_owned() };
    let reauthorize = || state.press(KeyContext::List, Action::Reauthorize, "re-authorize");
    let verdict = match profile.check.map(|check| check.verdict) {
        Some(Verdict::Active) => "LinkedIn confirms that the token is valid.".to_owned(),
        Some(Verdict::Expired) => format!("The token has expired. {}", reauthorize()),
        Some(Verdict::Revoked) => format!("The token was revoked. {}", reauthorize()),
        // The warning names the app or member that it belongs to.
        _ if !warnings.is_empty() => String::new(),
        _ => "LinkedIn does not know this token as one of this app.".to_owned(),
    };
    format!("{verdict} {}", warnings.join(" ")).trim().to_owned()
}

/// Returns how many results have each outcome: `2 valid, 1 invalid`.
pub(super) fn counts(results: &[JobResult]) -> String {
    let count = |outcome: ResultKind| results.iter().filter(|result| result.outcome == outcome).count();
    let counts = ResultKind::COUNTED.map(|(outcome, label)| (count(outcome), label)).into_iter();
    let counts = counts.filter(|(count, _)| *count > 0).map(|(count, label)| format!("{count} {label}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// Sets the results of the last job, also in the dialog that lists them.
pub(super) fn set_last(state: &mut State, kind: JobKind, mut results: Vec<JobResult>) {
    if results.is_empty() {
        return;
    }
    results.sort_by(|result, other| result.outcome.cmp(&other.outcome).then_with(|| result.name.cmp(&other.name)));
    let results = Arc::new(LastResults { kind, results });
    if let Some(Dialog::Results(shown)) = &mut state.dialog {
        *shown = Arc::clone(&results);
    }
    state.list.last_results = Some(results);
}

/// Sets or clears the warning about a profile's token.
pub(super) fn update_warning(state: &mut State, profile: &Profile, result: &JobResult) {
    state.list.warnings.remove(&profile.name);
    if let Some(token) = profile.token.as_ref().filter(|_| result.outcome == ResultKind::Warning) {
        state.list.warnings.insert(profile.name.clone(), (token.issued_at, result.detail.clone()));
    }
}

/// Returns the warning about the token that the profile has now.
pub(super) fn warning<'a>(state: &'a State, profile: &Profile) -> Option<&'a str> {
    let (issued, detail) = state.list.warnings.get(&profile.name)?;
    (profile.token.as_ref()?.issued_at == *issued).then_some(detail)
}

pub(super) fn open(state: &mut State) {
    let Some(results) = state.list.last_results.clone() else {
        let check = state.press(KeyContext::List, Action::Check, "check a profile");
        state.notify_error(format!("Nothing was checked or refreshed yet. {check}"));
        return;
    };
    state.scroll = 0;
    state.dialog = Some(Dialog::Results(results));
}

pub(crate) fn page(last: &LastResults, theme: Theme, width: usize) -> Page {
    let verb = if last.kind == JobKind::Check { "check" } else { "refresh" };
    let title = format!("Last {verb}: {}", counts(&last.results));
    // The last two columns are for the arrows.
    let mut page = Page::new(theme, width.saturating_sub(2), title);
    for result in &last.results {
        let (mark, style) = match result.outcome {
            ResultKind::Valid => (theme.done_mark().0, theme.success()),
            ResultKind::Skipped => ("-", theme.dim()),
            ResultKind::Warning => (theme.symbol("✗", "!"), theme.warning()),
            ResultKind::Invalid | ResultKind::Failed => (theme.symbol("✗", "!"), theme.error()),
        };
        page.text(style, &format!("{mark} {}: {}", result.name, crate::text::clean(result.detail.trim(), 600)));
    }
    page
}
