//! Checks and refreshes that go on while the person goes on too.

use super::results::{self, Ended, Told};
use crate::Error;
use crate::store::{Name, Status};
use crate::tui::message::{Did, Effect, Kind};
use crate::tui::state::State;

/// A day, in seconds: an older check is made anew as the list opens.
const DAY: i64 = 86_400;
/// Most checks that are made unasked.
const UNASKED: usize = 100;

/// Profiles that are checked or refreshed.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number; answers of a dropped one say nothing.
    pub id: u64,
    /// What is done.
    pub kind: Kind,
    /// Nobody asked for it, so it says nothing of what is as it should be.
    pub quiet: bool,
    /// How many profiles it is about.
    pub total: usize,
    /// How many are done.
    pub done: usize,
    /// Those that are at work now.
    pub running: Vec<Name>,
    /// What was said of those that are done, and of those that were left out from the start.
    told: Vec<Told>,
}

/// Starts a job; background checks make room for what a person asks for. `left_out` were meant as well, but there is nothing to do
/// with them.
pub(super) fn start(state: &mut State, kind: Kind, names: Vec<Name>, left_out: Vec<Name>, quiet: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.list.jobs.retain(|job| {
        if job.quiet {
            effects.push(Effect::CancelJob(job.id));
        }
        !job.quiet
    });
    // One profile is at work once at a time.
    let names: Vec<Name> = names.into_iter().filter(|name| at_work(state, name).is_none()).collect();
    if names.is_empty() {
        return effects;
    }
    let id = state.next_id;
    state.next_id += 1;
    let told = left_out.into_iter().map(|name| Told::skipped(kind, name)).collect();
    state.list.jobs.push(Job { id, kind, quiet, total: names.len(), done: 0, running: Vec::new(), told });
    effects.push(Effect::StartJob { id, kind, names });
    effects
}

/// What is being done with a profile.
pub(super) fn at_work(state: &State, name: &Name) -> Option<&'static str> {
    let job = state.list.jobs.iter().find(|job| job.running.contains(name))?;
    Some(match job.kind {
        Kind::Check => "checking",
        Kind::Refresh => "refreshing",
    })
}

/// One profile's turn came.
pub(in crate::tui) fn began(state: &mut State, id: u64, name: Name) {
    if let Some(job) = state.list.jobs.iter_mut().find(|job| job.id == id) {
        job.running.push(name);
    }
}

/// One profile is done. What was saved is shown even when the rest was cancelled.
pub(in crate::tui) fn did(state: &mut State, id: u64, name: &Name, result: &Result<Did, Error>) -> Vec<Effect> {
    if let Ok(did) = result {
        super::acts::put(state, &did.profile);
    }
    let told = Told::new(state, name, result);
    if let Ok(did) = result {
        results::remember(state, &did.profile, &told);
    }
    let Some(at) = state.list.jobs.iter().position(|job| job.id == id) else { return Vec::new() };
    let job = &mut state.list.jobs[at];
    job.running.retain(|one| one != name);
    job.done += 1;
    job.told.push(told);
    if job.done == job.total {
        let job = state.list.jobs.remove(at);
        ended(state, job);
        // A refusal changes the file too.
        return vec![Effect::ReadFiles];
    }
    Vec::new()
}

/// Says how a job went: of one profile what was said, of many how many are how.
fn ended(state: &mut State, job: Job) {
    let bad = job.told.iter().any(|one| one.ended.is_bad());
    match job.told.as_slice() {
        [one] if !job.quiet => state.say(format!("{}: {}", one.name, one.detail), bad),
        // Of what nobody asked for, dead tokens alone are worth a line: a network that is down is not.
        told if !job.quiet || told.iter().any(|one| matches!(one.ended, Ended::Dead | Ended::Odd)) => {
            let verb = if job.kind == Kind::Check { "Checked" } else { "Refreshed" };
            let words = results::counted(told);
            state.say(format!("{verb} {}: {words}; {} lists them.", job.total, results::key()), bad);
        }
        _ => {}
    }
    results::keep(state, job.kind, job.told);
}

/// Ends what goes on; `None` where nothing does.
pub(super) fn cancel(state: &mut State) -> Option<Vec<Effect>> {
    let jobs = std::mem::take(&mut state.list.jobs);
    let (done, total) = jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    if jobs.is_empty() {
        return None;
    }
    state.say(format!("Cancelled after {done} of {total}."), false);
    for job in jobs.iter().filter(|job| job.done > 0) {
        results::keep(state, job.kind, job.told.clone());
    }
    let cancelled = jobs.into_iter().map(|job| Effect::CancelJob(job.id));
    Some(cancelled.chain([Effect::ReadFiles]).collect())
}

/// Once, when all files were read: what was not checked for a day is, those first that were not for
/// longest. A token that is over by the clock needs no check.
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
            (worth && state.now.as_second() - last.as_second() > DAY).then_some((last, &profile.name))
        })
        .collect();
    due.sort();
    let names = due.into_iter().take(UNASKED).map(|(_, name)| name.clone()).collect();
    start(state, Kind::Check, names, Vec::new(), true)
}

/// How far it is: `Checking 37 of 100`.
pub(in crate::tui) fn progress(state: &State) -> Option<String> {
    let job = state.list.jobs.iter().max_by_key(|job| job.total)?;
    let verb = if job.kind == Kind::Check { "Checking" } else { "Refreshing" };
    let (done, total) = state.list.jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    Some(format!("{verb} {done} of {total}"))
}
