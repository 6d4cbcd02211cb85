//! Checks and refreshes of many profiles in the background.

use super::results::{self, JobResult, Outcome};
use crate::Error;
use crate::store::{Name, Status};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, JobItem, JobKind};
use crate::tui::state::State;

/// The age from which a check is repeated when the list opens.
const DAY_SECONDS: i64 = 86_400;
/// Checks that a start runs at most.
const MAX_BACKGROUND_CHECKS: usize = 100;

/// Profiles that are checked or refreshed.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number; messages of a cancelled job are ignored.
    pub id: u64,
    /// What it does.
    pub kind: JobKind,
    /// Whether it runs by itself, so that it reports only problems.
    pub quiet: bool,
    /// The number of profiles.
    pub total: usize,
    /// The number of finished profiles.
    pub done: usize,
    /// The profiles in progress.
    pub running: Vec<Name>,
    /// The results so far, the skipped ones included.
    results: Vec<JobResult>,
}

/// Starts a job; it replaces background checks. `skipped` were selected as well, but there is nothing to do with them.
pub(super) fn start(
    state: &mut State,
    kind: JobKind,
    names: Vec<Name>,
    skipped: Vec<Name>,
    quiet: bool,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.list.jobs.retain(|job| {
        if job.quiet {
            effects.push(Effect::CancelJob(job.id));
        }
        !job.quiet
    });
    // A profile is processed once at a time.
    let names: Vec<Name> = names.into_iter().filter(|name| in_progress(state, name).is_none()).collect();
    if names.is_empty() {
        return effects;
    }
    let id = state.next_id;
    state.next_id += 1;
    let results = skipped.into_iter().map(|name| JobResult::skipped(state, kind, name)).collect();
    state.list.jobs.push(Job { id, kind, quiet, total: names.len(), done: 0, running: Vec::new(), results });
    effects.push(Effect::StartJob { id, kind, names });
    effects
}

/// Returns what is being done with a profile.
pub(super) fn in_progress(state: &State, name: &Name) -> Option<&'static str> {
    let job = state.list.jobs.iter().find(|job| job.running.contains(name))?;
    Some(match job.kind {
        JobKind::Check => "checking",
        JobKind::Refresh => "refreshing",
    })
}

/// Marks a profile as in progress.
pub(in crate::tui) fn item_started(state: &mut State, id: u64, name: Name) {
    if let Some(job) = state.list.jobs.iter_mut().find(|job| job.id == id) {
        job.running.push(name);
    }
}

/// Takes the result of a profile. What was saved is shown even when the job was cancelled.
pub(in crate::tui) fn item_finished(
    state: &mut State,
    id: u64,
    name: &Name,
    result: &Result<JobItem, Error>,
) -> Vec<Effect> {
    if let Ok(item) = result {
        super::commands::put(state, item.profile());
    }
    let judged = JobResult::new(state, name, result);
    if let Ok(item) = result {
        results::keep_warning(state, item.profile(), &judged);
    }
    let Some(at) = state.list.jobs.iter().position(|job| job.id == id) else { return Vec::new() };
    let job = &mut state.list.jobs[at];
    job.running.retain(|one| one != name);
    job.done += 1;
    job.results.push(judged);
    if job.done == job.total {
        let job = state.list.jobs.remove(at);
        ended(state, job);
        // A refusal changes the file too.
        return vec![Effect::ReadFiles];
    }
    Vec::new()
}

/// Reports a finished job: the result of one profile, or counts of many.
fn ended(state: &mut State, job: Job) {
    let bad = job.results.iter().any(|one| one.outcome.is_problem());
    match job.results.as_slice() {
        [one] if !job.quiet => state.notify_as(bad, format!("{}: {}", one.name, one.detail)),
        // A background check reports invalid tokens, but not that the network is down.
        results
            if !job.quiet || results.iter().any(|one| matches!(one.outcome, Outcome::Invalid | Outcome::Warning)) =>
        {
            let verb = if job.kind == JobKind::Check { "Checked" } else { "Refreshed" };
            let counts = results::counted(results);
            let list = state.press(KeyContext::List, Action::Results, "list them");
            state.notify_as(bad, format!("{verb} {}: {counts}. {list}", job.total));
        }
        _ => {}
    }
    results::keep(state, job.kind, job.results);
}

/// Cancels all jobs; returns `None` where there are none.
pub(super) fn cancel(state: &mut State) -> Option<Vec<Effect>> {
    let jobs = std::mem::take(&mut state.list.jobs);
    let (done, total) = jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    if jobs.is_empty() {
        return None;
    }
    state.notify(format!("Cancelled after {done} of {total}."));
    for job in jobs.iter().filter(|job| job.done > 0) {
        results::keep(state, job.kind, job.results.clone());
    }
    let cancelled = jobs.into_iter().map(|job| Effect::CancelJob(job.id));
    Some(cancelled.chain([Effect::ReadFiles]).collect())
}

/// Starts the background check, once, when all files are read: profiles not checked for a day, the oldest checks first.
/// A token that has expired by the clock needs none.
pub(in crate::tui) fn on_start(state: &mut State) -> Vec<Effect> {
    if state.list.checked_on_start || !state.start.check_on_start || state.list.shown.unread > 0 {
        return Vec::new();
    }
    state.list.checked_on_start = true;
    let files = state.files();
    let mut due: Vec<_> = files
        .readable()
        .filter_map(|profile| {
            let token = profile.token.as_ref()?;
            let status = profile.status(state.now, state.start.expiring_days);
            let worth = matches!(status, Status::Active | Status::Expiring | Status::Unknown);
            // A sign-in and a refresh say as much as a check.
            let last = profile.check.map_or(token.issued_at, |check| check.at.max(token.issued_at));
            (worth && state.now.as_second() - last.as_second() > DAY_SECONDS).then_some((last, &profile.name))
        })
        .collect();
    due.sort();
    let names = due.into_iter().take(MAX_BACKGROUND_CHECKS).map(|(_, name)| name.clone()).collect();
    start(state, JobKind::Check, names, Vec::new(), true)
}

/// Returns the progress of all jobs: `Checking 37 of 100`.
pub(in crate::tui) fn progress(state: &State) -> Option<String> {
    let job = state.list.jobs.iter().max_by_key(|job| job.total)?;
    let verb = if job.kind == JobKind::Check { "Checking" } else { "Refreshing" };
    let (done, total) = state.list.jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    Some(format!("{verb} {done} of {total}"))
}
