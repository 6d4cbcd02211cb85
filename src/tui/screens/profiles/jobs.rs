//! Checks and refreshes that go on while the person goes on too.

use crate::Error;
use crate::profile::{Name, Profile, Status};
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
    /// How many ended well, with a dead token, or not at all.
    tally: [usize; 3],
}

/// Starts a job; background checks make room for what a person asks for.
pub(super) fn start(state: &mut State, kind: Kind, names: Vec<Name>, quiet: bool) -> Vec<Effect> {
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
    state.list.jobs.push(Job { id, kind, quiet, total: names.len(), done: 0, running: Vec::new(), tally: [0; 3] });
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
pub(in crate::tui) fn did(state: &mut State, id: u64, name: &Name, result: Result<Did, Error>) -> Vec<Effect> {
    if let Ok(did) = &result {
        super::acts::put(state, &did.profile);
    }
    let (now, days) = (state.now, state.start.expiring_days);
    let Some(at) = state.list.jobs.iter().position(|job| job.id == id) else { return Vec::new() };
    let job = &mut state.list.jobs[at];
    job.running.retain(|one| one != name);
    job.done += 1;
    let lives = |profile: &Profile| matches!(profile.status(now, days), Status::Active | Status::Expiring);
    job.tally[match &result {
        Ok(did) if lives(&did.profile) => 0,
        Ok(_) => 1,
        Err(_) => 2,
    }] += 1;
    if job.done < job.total {
        return Vec::new();
    }
    let job = state.list.jobs.remove(at);
    let [well, dead, failed] = job.tally;
    if job.total > 1 || job.quiet {
        let verb = if job.kind == Kind::Check { "Checked" } else { "Refreshed" };
        let parts = [(well, "alive"), (dead, "dead"), (failed, "without an answer")];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        if !job.quiet || dead > 0 {
            state.say(format!("{verb} {}: {}.", job.total, parts.join(", ")), dead + failed > 0);
        }
    } else {
        match result {
            Ok(did) => state.say(format!("{name}: {}", did.said), dead > 0),
            Err(error) => state.say(format!("{name}: {error} {}", error.hint), true),
        }
    }
    // A refusal changes the file too.
    vec![Effect::ReadFiles]
}

/// Ends what goes on; `None` where nothing does.
pub(super) fn cancel(state: &mut State) -> Option<Vec<Effect>> {
    let jobs = std::mem::take(&mut state.list.jobs);
    let (done, total) = jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    if jobs.is_empty() {
        return None;
    }
    state.say(format!("Cancelled after {done} of {total}."), false);
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
    start(state, Kind::Check, names, true)
}

/// How far it is: `Checking 37 of 100`.
pub(in crate::tui) fn progress(state: &State) -> Option<String> {
    let job = state.list.jobs.iter().max_by_key(|job| job.total)?;
    let verb = if job.kind == Kind::Check { "Checking" } else { "Refreshing" };
    let (done, total) = state.list.jobs.iter().fold((0, 0), |(done, total), job| (done + job.done, total + job.total));
    Some(format!("{verb} {done} of {total}"))
}
