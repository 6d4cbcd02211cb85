//! The results of the last job: the status line counts them, and this dialog lists them.

use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::list;
use crate::store::{Name, Profile, Status, Verdict};
use crate::text::{columns, fit, sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobItem, JobKind};
use crate::tui::screens::{member_name, move_in_list};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::{Page, cursor_mark, row_style};
use crate::{Code, Error};

/// Columns from which the next step has its own column.
const WIDE_WIDTH: usize = 76;
/// Columns of a profile's name at most, where more than the name is shown.
const MAX_NAME_WIDTH: usize = 26;
/// Lines of the details of several results with the same cause.
const MAX_DETAIL_LINES: usize = 4;

/// How a job ended for one profile, in the order in which results are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum JobOutcome {
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

impl JobOutcome {
    /// Every outcome, in the order of [`format_counts`].
    const COUNTED: [Self; 5] = [Self::Valid, Self::Warning, Self::Invalid, Self::Failed, Self::Skipped];

    const fn label(self, kind: JobKind) -> &'static str {
        match (self, kind) {
            (Self::Valid, JobKind::Revoke) => "confirmed",
            (Self::Valid, JobKind::Probe) => "checked",
            (Self::Valid, _) => "valid",
            (Self::Warning, JobKind::Revoke) => "not confirmed",
            (Self::Warning, _) => "with warnings",
            (Self::Invalid, _) => "invalid",
            (Self::Failed, _) => "failed",
            (Self::Skipped, _) => "skipped",
        }
    }

    fn mark(self, theme: Theme) -> (&'static str, Style) {
        match self {
            Self::Valid => theme.done_mark(),
            Self::Skipped => ("-", theme.dim()),
            Self::Warning => theme.status_mark(Status::Expiring),
            Self::Invalid | Self::Failed => theme.failed_mark(),
        }
    }

    pub(super) const fn is_problem(self) -> bool {
        !matches!(self, Self::Valid | Self::Skipped)
    }
}

/// The result of a job for one profile.
#[derive(Clone, Debug)]
pub(super) struct JobResult {
    pub name: Name,
    pub outcome: JobOutcome,
    /// The verdict or the error, in a sentence or more.
    pub detail: String,
    /// What to do, in a sentence; empty where nothing is.
    pub next_step: String,
    /// The code of the error of a failed request.
    code: Option<Code>,
    /// The app of the profile.
    app: Option<Name>,
}

/// The results of the last job, sorted as they are listed.
#[derive(Clone, Debug)]
pub struct LastResults {
    kind: JobKind,
    results: Vec<JobResult>,
}

/// The dialog that lists the results.
#[derive(Clone, Debug)]
pub struct ResultsDialog {
    last: Arc<LastResults>,
    /// The selected profile, counted as they are listed.
    selected: usize,
}

impl ResultsDialog {
    fn selected_name(&self) -> Option<Name> {
        let groups = groups(&self.last.results);
        groups.iter().flat_map(|group| &group.results).nth(self.selected).map(|result| result.name.clone())
    }
}

/// Returns whether the profile that is selected in the dialog has a file that can be read.
pub(crate) fn has_selected_profile(state: &State) -> bool {
    let Some(Dialog::Results(dialog)) = &state.dialog else { return false };
    dialog.selected_name().is_some_and(|name| state.store().profile(&name).is_some())
}

impl JobResult {
    pub(super) fn new(state: &State, name: &Name, result: &Result<JobItem, Error>) -> Self {
        let (outcome, (detail, next_step)) = match result {
            Ok(item) => (outcome(state, item), verdict_and_next_step(state, item)),
            Err(error) => (JobOutcome::Failed, (error.to_string(), state.hint(error))),
        };
        let app = state.store().profile(name).map(|profile| profile.app.clone());
        Self {
            name: name.clone(),
            outcome,
            detail,
            next_step,
            code: result.as_ref().err().map(|error| error.code),
            app,
        }
    }

    /// Reports a profile with nothing to work on.
    pub(super) fn skipped(state: &State, kind: JobKind, name: Name) -> Self {
        let press = |purpose| state.key_sentence(KeyContext::List, Action::Reauthorize, purpose);
        let (detail, next_step) = match kind {
            _ if state.store().is_damaged(&name) => ("The file cannot be read.", String::new()),
            JobKind::Check => ("No token to check.", press("sign in")),
            JobKind::Probe => ("No token to check permissions with.", press("sign in")),
            JobKind::Refresh => ("No valid refresh token.", press("re-authorize")),
            JobKind::Revoke => ("No token to revoke.", String::new()),
        };
        let app = state.store().profile(&name).map(|profile| profile.app.clone());
        Self { name, outcome: JobOutcome::Skipped, detail: detail.to_owned(), next_step, code: None, app }
    }

    /// Returns the verdict and the next step.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.detail, self.next_step).trim().to_owned()
    }

    /// Returns whether two results have the same cause and next step. Errors that name an app's credentials are equal for all
    /// apps.
    fn has_same_cause(&self, other: &Self) -> bool {
        let is_same_error = self.code == Some(Code::ClientRefused) && other.code == self.code;
        self.outcome == other.outcome
            && self.next_step == other.next_step
            && (self.detail == other.detail || is_same_error)
    }
}

/// Results with the same cause.
struct Group<'a> {
    results: Vec<&'a JobResult>,
}

impl Group<'_> {
    /// Returns the cause of all results of the group.
    fn cause(&self) -> String {
        let first = self.results[0];
        if self.results.iter().all(|result| result.detail == first.detail) {
            return first.detail.clone();
        }
        let mut apps: Vec<&str> =
            self.results.iter().filter_map(|result| Some(result.app.as_ref()?.as_str())).collect();
        apps.sort_unstable();
        apps.dedup();
        let noun = if apps.len() == 1 { "app" } else { "apps" };
        format!("LinkedIn refused the client ID or secret ({noun} {}).", apps.join(", "))
    }
}

/// Groups the results by cause, in their order.
fn groups(results: &[JobResult]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for result in results {
        match groups.iter_mut().find(|group| group.results[0].has_same_cause(result)) {
            Some(group) => group.results.push(result),
            None => groups.push(Group { results: vec![result] }),
        }
    }
    groups
}

fn outcome(state: &State, item: &JobItem) -> JobOutcome {
    let profile = match item {
        JobItem::Revoked { error: None, .. } | JobItem::Probed(_) => return JobOutcome::Valid,
        JobItem::Revoked { .. } => return JobOutcome::Warning,
        JobItem::Checked { profile, .. } | JobItem::Refreshed(profile) => profile,
    };
    // A token of another app or member may be valid all the same.
    let has_warnings = matches!(item, JobItem::Checked { warnings, .. } if !warnings.is_empty());
    match profile.status(state.now, state.config.expiring_days) {
        _ if is_valid_after_expiry(state, profile) => JobOutcome::Warning,
        Status::Expired | Status::Revoked | Status::SignedOut => JobOutcome::Invalid,
        Status::Unknown => JobOutcome::Warning,
        Status::Active | Status::Expiring if has_warnings => JobOutcome::Warning,
        Status::Active | Status::Expiring => JobOutcome::Valid,
    }
}

/// Returns whether LinkedIn accepts a token that has expired by this machine's clock.
fn is_valid_after_expiry(state: &State, profile: &Profile) -> bool {
    let expiry = profile.token.as_ref().and_then(|token| token.expires_at);
    profile.check.is_some_and(|check| check.verdict == Verdict::Active) && expiry.is_some_and(|at| at <= state.now)
}

/// Returns the verdict, and the next step where there is one.
fn verdict_and_next_step(state: &State, item: &JobItem) -> (String, String) {
    let none = String::new;
    let press = |action, purpose| state.key_sentence(KeyContext::List, action, purpose);
    let (profile, warnings) = match item {
        JobItem::Checked { profile, warnings } => (profile, warnings),
        JobItem::Refreshed(_) => return ("Refreshed.".to_owned(), none()),
        JobItem::Revoked { error: None, .. } => {
            return ("LinkedIn confirms that the token is revoked.".to_owned(), none());
        }
        JobItem::Revoked { error: Some(error), .. } => {
            let next_step = "Remove the app under the member's permitted services.".to_owned();
            return (format!("LinkedIn did not confirm that the token is revoked. {error}"), next_step);
        }
        JobItem::Probed(profile) => {
            let allowed = profile.permissions().map_or(0, |permissions| {
                permissions.list.iter().filter(|permission| permission.allowed == Some(true)).count()
            });
            let total = profile.permissions().map_or(0, |permissions| permissions.list.len());
            return (format!("{allowed}/{total} permissions."), press(Action::Permissions, "see them"));
        }
    };
    let (verdict, next_step) = match profile.check.map(|check| check.verdict) {
        Some(Verdict::Active) if is_valid_after_expiry(state, profile) => (
            "LinkedIn confirms that the token is valid, although its date has passed.",
            "Check this machine's clock.".to_owned(),
        ),
        Some(Verdict::Active) => ("LinkedIn confirms that the token is valid.", none()),
        Some(Verdict::Expired) => ("The token has expired.", press(Action::Reauthorize, "re-authorize")),
        Some(Verdict::Revoked) => ("The token was revoked.", press(Action::Reauthorize, "re-authorize")),
        // The warning names the app or member that it belongs to.
        _ if !warnings.is_empty() => ("", none()),
        _ => ("LinkedIn does not know this token as one of this app.", none()),
    };
    (format!("{verdict} {}", warnings.join(" ")).trim().to_owned(), next_step)
}

/// Returns how many results have each outcome: `2 valid, 1 invalid`.
pub(super) fn format_counts(kind: JobKind, results: &[JobResult]) -> String {
    let count = |outcome: JobOutcome| results.iter().filter(|result| result.outcome == outcome).count();
    let counts = JobOutcome::COUNTED.map(|outcome| (count(outcome), outcome.label(kind))).into_iter();
    let counts = counts.filter(|(count, _)| *count > 0).map(|(count, label)| format!("{count} {label}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// Sets the results of the last job, also in the dialog that lists them.
pub(super) fn set_last_results(state: &mut State, kind: JobKind, mut results: Vec<JobResult>) {
    if results.is_empty() {
        return;
    }
    results.sort_unstable_by(|result, other| {
        result.outcome.cmp(&other.outcome).then_with(|| result.name.cmp(&other.name))
    });
    let results = Arc::new(LastResults { kind, results });
    if let Some(Dialog::Results(dialog)) = &mut state.dialog {
        *dialog = ResultsDialog { last: Arc::clone(&results), selected: 0 };
    }
    state.list.last_results = Some(results);
}

/// Sets the warning about a profile's token, which the list and the detail pane show, where the result is one; else clears it.
pub(super) fn update_warning(state: &mut State, profile: &Profile, result: &JobResult) {
    state.list.warnings.remove(&profile.name);
    if let Some(token) = profile.token.as_ref().filter(|_| result.outcome == JobOutcome::Warning) {
        state.list.warnings.insert(profile.name.clone(), (token.issued_at, result.text()));
    }
}

/// Returns the warning about the token that the profile has now.
pub(super) fn warning<'a>(state: &'a State, profile: &Profile) -> Option<&'a str> {
    let (issued, detail) = state.list.warnings.get(&profile.name)?;
    (profile.token.as_ref()?.issued_at == *issued).then_some(detail)
}

pub(super) fn open(state: &mut State) {
    let Some(last) = state.list.last_results.clone() else {
        if state.list.jobs.is_empty() {
            let check = state.key_sentence(KeyContext::List, Action::Check, "check a profile");
            state.notify_error(format!("No results yet. {check}"));
        } else {
            state.notify("The results are listed when the job ends.");
        }
        return;
    };
    state.dialog = Some(Dialog::Results(ResultsDialog { last, selected: 0 }));
}

/// Handles a key: it selects a profile, or closes the dialog and shows the profile in the list.
pub(crate) fn handle_results(state: &mut State, mut dialog: ResultsDialog, action: Action) -> Vec<Effect> {
    let count = dialog.last.results.len();
    match action {
        Action::Continue => {
            if let Some(name) = dialog.selected_name() {
                list::select_profile(state, &name);
            }
            return Vec::new();
        }
        Action::Back => return Vec::new(),
        Action::Reauthorize | Action::Permissions | Action::Check => {
            let Some(name) = dialog.selected_name() else { return Vec::new() };
            list::select_profile(state, &name);
            return super::commands::handle_for_profile(state, action, &name);
        }
        action => dialog.selected = move_in_list(state, dialog.selected, count, action),
    }
    state.dialog = Some(Dialog::Results(dialog));
    Vec::new()
}

pub(crate) fn results_page(state: &State, dialog: &ResultsDialog, theme: Theme, width: usize) -> Page {
    let page = page_with_details(state, dialog, theme, width, usize::MAX);
    if page.lines.len() <= state.window().dialog_text_height() {
        return page;
    }
    page_with_details(state, dialog, theme, width, MAX_DETAIL_LINES)
}

/// Returns the page with so many lines at most for the details of several results with the same cause.
fn page_with_details(
    state: &State,
    dialog: &ResultsDialog,
    theme: Theme,
    width: usize,
    max_detail_lines: usize,
) -> Page {
    let last = &dialog.last;
    let what = match last.kind {
        JobKind::Check => "Last check",
        JobKind::Refresh => "Last refresh",
        JobKind::Revoke => "Last revocation",
        JobKind::Probe => "Permissions",
    };
    let title = format!("{what}: {}", format_counts(last.kind, &last.results));
    let mut page = Page::new(theme, width, title);
    let names = last.results.iter().map(|result| columns(result.name.as_str())).max().unwrap_or_default();
    let name_width = names.min(MAX_NAME_WIDTH);
    // Beside the member of a row there is more room than beside a verdict.
    let wide_name_width = names.min(page.width / 2);
    let mut number = 0;
    for group in groups(&last.results) {
        let first = group.results[0];
        let is_many = group.results.len() > 1;
        if is_many {
            if page.lines.last().is_some_and(|line| line.width() > 0) {
                page.blank();
            }
            let (mark, style) = first.outcome.mark(theme);
            let cause = sanitize(&group.cause(), 600);
            // The first sentence is the cause; LinkedIn's words and the rest are details of it.
            let (cause, mut rest) = cause.split_once(". ").unwrap_or((cause.trim_end_matches('.'), ""));
            let own_words = rest.split_once("LinkedIn's message:").map_or(rest, |(own, _)| own.trim_end());
            if wrap(rest, hanging_width(&page)).len() > max_detail_lines {
                // Half a message would say who speaks, and not what.
                rest = own_words;
            }
            let heading = format!("{} profiles: {cause}.", group.results.len());
            add_hanging(&mut page, (mark, style), &heading, theme.strong(), max_detail_lines);
            add_hanging(&mut page, (" ", style), rest, theme.dim(), max_detail_lines);
            add_hanging(&mut page, (" ", style), &sanitize(&first.next_step, 300), theme.dim(), max_detail_lines);
        }
        for result in &group.results {
            let is_selected = number == dialog.selected;
            number += 1;
            if is_many {
                let member = state.store().profile(&result.name).and_then(|profile| profile.member.clone());
                let member = member.map_or_else(String::new, |member| member_name(&member));
                let room = page.width.saturating_sub(wide_name_width + 6);
                page.row(
                    is_selected,
                    vec![
                        Span::raw(format!("  {:wide_name_width$}  ", fit(result.name.as_str(), wide_name_width))),
                        Span::styled(fit(&member, room), theme.dim()),
                    ],
                );
            } else {
                add_result(&mut page, result, is_selected, name_width);
            }
        }
        if is_many {
            page.blank();
        }
    }
    while page.lines.last().is_some_and(|line| line.width() == 0) {
        page.lines.pop();
    }
    page
}

/// Returns the columns of a paragraph that is indented after its mark.
const fn hanging_width(page: &Page) -> usize {
    page.width.saturating_sub(4)
}

/// Adds a paragraph that is indented after its mark, of so many lines at most.
fn add_hanging(page: &mut Page, (mark, mark_style): (&'static str, Style), text: &str, style: Style, max_lines: usize) {
    if text.is_empty() {
        return;
    }
    let width = hanging_width(page);
    let mut rows = wrap(text, width);
    if rows.len() > max_lines {
        rows.truncate(max_lines);
        if let Some(last) = rows.last_mut() {
            *last = format!("{} …", fit(last, width.saturating_sub(2)).trim_end_matches(['…', ' ']));
        }
    }
    for (number, row) in rows.into_iter().enumerate() {
        let mark = if number == 0 { mark } else { " " };
        page.lines.push(Line::from(vec![Span::styled(format!("  {mark} "), mark_style), Span::styled(row, style)]));
    }
}

/// Adds the result of one profile: its name, the verdict, and the next step beside or below it.
fn add_result(page: &mut Page, result: &JobResult, is_selected: bool, name_width: usize) {
    let theme = page.theme;
    let indent = 2 + 2 + name_width + 2;
    let room = page.width.saturating_sub(indent);
    let (detail, next_step) = (sanitize(&result.detail, 600), sanitize(&result.next_step, 300));
    let rows: Vec<(String, String)> = if page.width >= WIDE_WIDTH {
        let detail_width = room * 3 / 5;
        let details = wrap(&detail, detail_width.saturating_sub(2));
        let steps = wrap(&next_step, room - detail_width);
        let row = |at: usize| {
            let text = |rows: &[String]| rows.get(at).cloned().unwrap_or_default();
            let detail = text(&details);
            let pad = " ".repeat(detail_width.saturating_sub(columns(&detail)));
            (format!("{detail}{pad}"), text(&steps))
        };
        (0..details.len().max(steps.len())).map(row).collect()
    } else {
        let details = wrap(&detail, room).into_iter().map(|row| (row, String::new()));
        let steps = wrap(&next_step, room).into_iter().map(|row| (String::new(), row));
        details.chain(steps).filter(|(detail, step)| !detail.is_empty() || !step.is_empty()).collect()
    };
    let (mark, mark_style) = result.outcome.mark(theme);
    for (number, (detail, step)) in rows.into_iter().enumerate() {
        let head = if number == 0 {
            vec![
                cursor_mark(theme, is_selected),
                Span::styled(format!("{mark} "), mark_style),
                Span::raw(format!("{:name_width$}  ", fit(result.name.as_str(), name_width))),
            ]
        } else {
            vec![Span::raw(" ".repeat(indent))]
        };
        let texts = [Span::raw(detail), Span::styled(step, theme.dim())];
        if is_selected {
            page.visible_line = Some(page.lines.len());
        }
        let line = Line::from([head, texts.to_vec()].concat());
        page.lines.push(line.style(row_style(theme, is_selected)));
    }
}
