//! Jobs: checks, refreshes, revocations and probes of one or more profiles in the background.

use std::collections::HashSet;

use super::results::{self, JobOutcome, JobResult};
use crate::Error;
use crate::store::{Name, Status};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobItem, JobKind};
use crate::tui::state::State;

/// The age in seconds from which a check is repeated when the program starts.
const RECHECK_AGE_SECONDS: i64 = 86_400;
const MAX_BACKGROUND_CHECKS: usize = 100;

/// Profiles that are checked, refreshed or probed, or whose tokens are revoked.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number; messages of a canceled job are ignored.
    pub id: u64,
    pub kind: JobKind,
    /// Whether the program started it, and not the user. It reports only problems.
    pub is_background: bool,
    pub total: usize,
    pub finished: usize,
    /// The profiles that wait.
    queued: HashSet<Name>,
    /// The profiles in progress.
    pub running: Vec<Name>,
    /// The results so far, the skipped ones included.
    results: Vec<JobResult>,
}

/// Starts a job; it replaces background checks. The `skipped` profiles are only part of its results.
pub(super) fn start(
    state: &mut State,
    kind: JobKind,
    names: Vec<Name>,
    skipped: Vec<Name>,
    is_background: bool,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.list.jobs.retain(|job| {
        if job.is_background {
            effects.push(Effect::CancelJob(job.id));
        }
        !job.is_background
    });
    // No profile is processed twice at a time, or twice for the same result. One that waits in another kind of job is processed
    // by both: a refresh does not wait for a check of all profiles.
    let is_pending = |name: &Name| {
        let mut jobs = state.list.jobs.iter();
        jobs.any(|job| job.running.contains(name) || (job.kind == kind && job.queued.contains(name)))
    };
    let requested = names.len();
    let names: Vec<Name> = names.into_iter().filter(|name| !is_pending(name)).collect();
    if names.is_empty() {
        if requested > 0 && !is_background {
            state.notify("Already in progress.");
        }
        return effects;
    }
    // What was canceled before is over.
    state.notification.take_if(|shown| shown.is_neutral);
    let id = state.take_id();
    let results = skipped.into_iter().map(|name| JobResult::skipped(state, kind, name)).collect();
    state.list.jobs.push(Job {
        id,
        kind,
        is_background,
        total: names.len(),
        finished: 0,
        queued: names.iter().cloned().collect(),
        running: Vec::new(),
        results,
    });
    effects.push(Effect::StartJob { id, kind, names });
    effects
}

/// Returns what is being done with a profile, to show it instead of the status.
pub(super) fn progress_label(state: &State, name: &Name) -> Option<&'static str> {
    let job = state.list.jobs.iter().find(|job| job.running.contains(name))?;
    match job.kind {
        JobKind::Check => Some("checking"),
        JobKind::Refresh => Some("refreshing"),
        JobKind::Revoke => Some("revoking"),
        // A probe does not check the status, which stays visible.
        JobKind::Probe => None,
    }
}

pub(crate) fn on_item_started(state: &mut State, id: u64, name: Name) {
    if let Some(job) = state.list.jobs.iter_mut().find(|job| job.id == id) {
        job.queued.remove(&name);
        job.running.push(name);
    }
}

/// Handles the result of a profile. The profile was saved, so it is listed even if the job was canceled.
pub(crate) fn on_item_finished(
    state: &mut State,
    id: u64,
    name: &Name,
    result: &Result<JobItem, Error>,
) -> Vec<Effect> {
    if let Ok(item) = result {
        super::commands::update_profile(state, item.profile());
    }
    let job_result = JobResult::new(state, name, result);
    if let Ok(item) = result {
        results::update_warning(state, item.profile(), &job_result);
    }
    let Some(at) = state.list.jobs.iter().position(|job| job.id == id) else { return Vec::new() };
    let job = &mut state.list.jobs[at];
    // Where no request can be sent at all, it finishes without having started.
    job.queued.remove(name);
    job.running.retain(|running| running != name);
    job.finished += 1;
    job.results.push(job_result);
    if job.finished == job.total {
        let job = state.list.jobs.remove(at);
        report(state, job);
        // A failed item may have changed its file too: LinkedIn's refusal is saved.
        return vec![Effect::ReloadStore];
    }
    Vec::new()
}

/// Reports a finished job: the result of one profile, or counts of many.
fn report(state: &mut State, job: Job) {
    let has_problem = job.results.iter().any(|result| result.outcome.is_problem());
    match job.results.as_slice() {
        [result] if !job.is_background => {
            let text = format!("{}: {}", result.name, result.detail);
            let is_warning = result.outcome == JobOutcome::Warning;
            state.notify_with_fix((has_problem, is_warning), &text, result.next_step.clone());
        }
        // A background check reports invalid tokens, but not that the network is down.
        results
            if !job.is_background
                || results.iter().any(|result| matches!(result.outcome, JobOutcome::Invalid | JobOutcome::Warning)) =>
        {
            let verb = match job.kind {
                JobKind::Check => "Checked",
                JobKind::Refresh => "Refreshed",
                JobKind::Revoke => "Revoked",
                JobKind::Probe => "Permissions of",
            };
            let counts = results::format_counts(job.kind, results);
            let list = state.key_sentence(KeyContext::List, Action::JobResults, "list them");
            state.notify_as(has_problem, format!("{verb} {}: {counts}. {list}", job.total));
        }
        _ => {}
    }
    results::set_last_results(state, job.kind, job.results);
}

/// Cancels all jobs; returns `None` where there are none.
pub(super) fn cancel(state: &mut State) -> Option<Vec<Effect>> {
    let jobs = std::mem::take(&mut state.list.jobs);
    let (finished, total) = finished_and_total(&jobs);
    if jobs.is_empty() {
        return None;
    }
    state.notify_canceled(format!("Canceled after {finished}/{total}."));
    for job in jobs.iter().filter(|job| job.finished > 0) {
        results::set_last_results(state, job.kind, job.results.clone());
    }
    let canceled = jobs.into_iter().map(|job| Effect::CancelJob(job.id));
    Some(canceled.chain([Effect::ReloadStore]).collect())
}

/// Starts the background check, once, when all files are read: profiles not checked for a day, the oldest checks first.
/// A token that has expired by the clock needs none.
pub(crate) fn start_background_checks(state: &mut State) -> Vec<Effect> {
    if state.list.has_checked_on_start || !state.config.check_on_start || state.list.view.unread > 0 {
        return Vec::new();
    }
    state.list.has_checked_on_start = true;
    let store = state.store();
    let mut due: Vec<_> = store
        .readable()
        .filter_map(|profile| {
            let token = profile.token.as_ref()?;
            let status = profile.status(state.now, state.config.expiring_days);
            let may_be_valid = matches!(status, Status::Active | Status::Expiring | Status::Unknown);
            // A sign-in and a refresh prove as much as a check.
            let last = profile.check.map_or(token.issued_at, |check| check.at.max(token.issued_at));
            (may_be_valid && state.now.as_second() - last.as_second() > RECHECK_AGE_SECONDS)
                .then_some((last, &profile.name))
        })
        .collect();
    due.sort_unstable();
    let names = due.into_iter().take(MAX_BACKGROUND_CHECKS).map(|(_, name)| name.clone()).collect();
    start(state, JobKind::Check, names, Vec::new(), true)
}

/// Returns the numbers of finished and of all profiles.
fn finished_and_total(jobs: &[Job]) -> (usize, usize) {
    jobs.iter().fold((0, 0), |(finished, total), job| (finished + job.finished, total + job.total))
}

/// Returns the progress of all jobs: `Checking 37/100`.
pub(crate) fn progress(state: &State) -> Option<String> {
    let job = state.list.jobs.iter().max_by_key(|job| job.total)?;
    let verb = match job.kind {
        JobKind::Check => "Checking",
        JobKind::Refresh => "Refreshing",
        JobKind::Revoke => "Revoking",
        JobKind::Probe => "Checking permissions",
    };
    let (finished, total) = finished_and_total(&state.list.jobs);
    Some(format!("{verb} {finished}/{total}"))
}
