//! The version of the API that requests carry, and how an automatic choice changes if LinkedIn
//! refuses it.

use std::fmt;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::versions::{Setting, Version, newest_active};
use crate::clock::Clock;
use crate::sync::lock;

/// A change of the automatic choice to a version that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The version that LinkedIn refused.
    pub from: Version,
    /// The version that it accepted.
    pub to: Version,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkedIn does not serve API version {}; {} is used from now on.", self.from, self.to)
    }
}

/// The version that requests carry. Clones share it, so that parallel calls agree.
#[derive(Clone)]
pub struct VersionInUse {
    setting: Setting,
    clock: Arc<dyn Clock>,
    choice: Arc<Mutex<Choice>>,
    /// The choice that a [pinned](Self::pinned) copy was created from.
    shared: Option<Arc<Mutex<Choice>>>,
    on_change: Arc<dyn Fn(Change) + Send + Sync>,
}

#[derive(Clone)]
struct Choice {
    version: Version,
    /// The versions that LinkedIn refused since the program started.
    refused: Vec<Version>,
}

impl Choice {
    /// Applies `change`; returns whether it is new.
    fn apply(&mut self, change: Change) -> bool {
        if !self.refused.contains(&change.from) {
            self.refused.push(change.from);
        }
        let is_new = self.version == change.from;
        if is_new {
            self.version = change.to;
        }
        is_new
    }
}

impl fmt::Debug for VersionInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionInUse({})", self.current())
    }
}

impl VersionInUse {
    /// Starts with the version of the setting; with `auto`, with the one that worked last while it is
    /// active, else with the newest active one.
    pub fn new(setting: Setting, last_working: Option<Version>, clock: Arc<dyn Clock>) -> Self {
        let version = match setting {
            Setting::Fixed(version) => version,
            Setting::Auto => Self::choose(last_working, clock.now()),
        };
        let choice = Arc::new(Mutex::new(Choice { version, refused: Vec::new() }));
        Self { setting, clock, choice, shared: None, on_change: Arc::new(|_| {}) }
    }

    /// Returns the version that an automatic choice starts with.
    pub fn choose(last_working: Option<Version>, now: Timestamp) -> Version {
        // There always is one: on the list, or last month's.
        let newest = || newest_active(now, &[]).unwrap_or(Version::NEWEST);
        last_working.filter(|version| version.may_be_active(now)).unwrap_or_else(newest)
    }

    /// Sets what is called once for each change; it must not block.
    pub fn on_change(self, on_change: impl Fn(Change) + Send + Sync + 'static) -> Self {
        Self { on_change: Arc::new(on_change), ..self }
    }

    /// Returns a copy that changes only if its own requests are refused: the steps of an upload and its
    /// post must carry one version, whatever other requests do.
    pub fn pinned(&self) -> Self {
        let choice = Arc::new(Mutex::new(lock(&self.choice).clone()));
        let shared = Some(Arc::clone(self.shared.as_ref().unwrap_or(&self.choice)));
        Self { choice, shared, ..self.clone() }
    }

    pub fn current(&self) -> Version {
        lock(&self.choice).version
    }

    /// Returns the version for one retry after LinkedIn refused `refused`; `None` for a fixed version, and
    /// if no other is known to be active.
    pub fn alternative(&self, refused: Version) -> Option<Version> {
        if self.setting != Setting::Auto {
            return None;
        }
        let mut refused_versions = lock(&self.choice).refused.clone();
        refused_versions.push(refused);
        newest_active(self.clock.now(), &refused_versions)
    }

    /// Records that LinkedIn refused one version and accepted the other.
    pub fn accept(&self, change: Change) {
        let mut is_new = lock(&self.choice).apply(change);
        if let Some(shared) = &self.shared {
            is_new = lock(shared).apply(change);
        }
        if is_new {
            (self.on_change)(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn auto(last: Option<&str>, day: &str) -> (VersionInUse, Arc<Mutex<Vec<Change>>>) {
        let clock = Arc::new(FixedClock::new(format!("{day}T12:00:00Z").parse().unwrap()));
        let reported = Arc::<Mutex<Vec<Change>>>::default();
        let recorded = Arc::clone(&reported);
        let versions = VersionInUse::new(Setting::Auto, last.map(version), clock)
            .on_change(move |change| recorded.lock().unwrap().push(change));
        (versions, reported)
    }

    fn change(from: &str, to: &str) -> Change {
        Change { from: version(from), to: version(to) }
    }

    #[test]
    fn auto_starts_with_what_worked_last() {
        for (last, day, starts) in [
            (None, "2026-11-26", "202609"),
            (Some("202608"), "2026-11-26", "202608"),
            (Some("202608"), "2027-08-16", "202608"),
            (Some("202608"), "2027-08-17", "202609"),
            (Some("202512"), "2026-11-26", "202609"),
            (Some("202701"), "2026-11-26", "202609"),
            (None, "2027-10-20", "202709"),
            (Some("202709"), "2027-11-20", "202709"),
        ] {
            assert_eq!(auto(last, day).0.current(), version(starts), "{last:?} on {day}");
        }
    }

    #[test]
    fn a_fixed_version_is_never_changed() {
        let clock = Arc::new(FixedClock::new("2026-11-26T12:00:00Z".parse().unwrap()));
        let fixed = VersionInUse::new(Setting::Fixed(version("202401")), Some(version("202608")), clock);
        assert_eq!(fixed.current(), version("202401"));
        assert_eq!(fixed.alternative(version("202401")), None);
    }

    #[test]
    fn each_change_is_reported_once() {
        let (versions, reported) = auto(None, "2026-11-26");
        let concurrent = versions.clone();
        versions.accept(change("202609", "202608"));
        concurrent.accept(change("202609", "202608"));
        assert_eq!(concurrent.current(), version("202608"));
        assert_eq!(*reported.lock().unwrap(), [change("202609", "202608")]);
        // What was refused before is not tried again.
        assert_eq!(versions.alternative(version("202608")), Some(version("202607")));
    }

    #[test]
    fn a_pinned_copy_keeps_its_version() {
        let (versions, reported) = auto(None, "2026-11-26");
        let (pinned, other) = (versions.pinned(), versions.pinned());
        versions.accept(change("202609", "202608"));
        assert_eq!((pinned.current(), versions.current()), (version("202609"), version("202608")));
        // Its own refusal changes it, and is not reported again.
        pinned.accept(change("202609", "202608"));
        assert_eq!(pinned.current(), version("202608"));
        assert_eq!(reported.lock().unwrap().len(), 1);
        other.accept(change("202609", "202608"));
        other.pinned().accept(change("202608", "202607"));
        assert_eq!(versions.current(), version("202607"), "a copy of a copy reports to the first");
    }
}
