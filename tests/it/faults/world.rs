//! A store with one profile, and the use cases over a network that a test controls.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use linkedin_tui::clock::FixedClock;
use linkedin_tui::config::Settings;
use linkedin_tui::host::{Browser, Started};
use linkedin_tui::linkedin::http::{Http, Network, Timeouts};
use linkedin_tui::linkedin::versions::Setting;
use linkedin_tui::linkedin::{Endpoints, Flow, RedirectUrl, VersionInUse};
use linkedin_tui::secret::Secret;
use linkedin_tui::session::Context;
use linkedin_tui::session::DeliveryMonitor;
use linkedin_tui::store::{App, Member, Name, Profile, Refresh, Store, Token};
use url::Url;

pub(crate) const OLD: &str = "AQold0access0token";
pub(crate) const NEW: &str = "AQnew0access0token";
pub(crate) const REFRESH: &str = "AQrefresh0token";

/// No browser: these tests need none.
pub(crate) struct Nobody;

impl Browser for Nobody {
    fn start(&self, _: Option<&str>, _: &Url) -> Result<Started, String> {
        Err("there is none".to_owned())
    }
}

pub(crate) struct World {
    pub(crate) ctx: Context,
    pub(crate) clock: Arc<FixedClock>,
    _folder: tempfile::TempDir,
}

pub(crate) fn name() -> Name {
    Name::parse("work").unwrap()
}

pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

/// Short enough for a test, long enough for a busy machine.
pub(crate) fn limits() -> Timeouts {
    Timeouts { connect: Duration::from_secs(2), total: Duration::from_secs(2) }
}

impl World {
    pub(crate) fn new(base: &str) -> Self {
        Self::over(base, Http::with_timeouts(Network::default(), limits()))
    }

    /// A signed-in profile with a refresh token, whose access token ends 60 days after the start.
    pub(crate) fn over(base: &str, http: Http) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let clock = Arc::new(FixedClock::new(start()));
        store.put_app(&app(Flow::Standard)).unwrap();
        let mut profile = Profile::new(name(), app(Flow::Standard).name, vec!["openid".into(), "profile".into()]);
        let days = |days: i64| start() + SignedDuration::from_hours(24 * days);
        profile.member = Some(Member { id: "kfW51gr4Ja".into(), name: Some("Ada".into()), email: None });
        profile.token = Some(Token {
            access: Secret::new(OLD),
            scopes: profile.scopes.clone(),
            issued_at: start(),
            expires_at: Some(days(60)),
            refresh: Some(Refresh::new(Secret::new(REFRESH), Some(days(365)))),
        });
        store.put_profile(profile.clone(), |stored| *stored = profile).unwrap();
        store.set_current_profile(Some(&name())).unwrap();
        let ctx = Context {
            store,
            settings: Settings::default(),
            endpoints: Endpoints::new(base, base).unwrap(),
            http,
            clock: clock.clone(),
            api_version: VersionInUse::new(Setting::Auto, None, clock.clone()),
            browser: Arc::new(Nobody),
            deliveries: DeliveryMonitor::default(),
        };
        Self { ctx, clock, _folder: folder }
    }

    /// Time goes on.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// The same, in days: 61 end the access token.
    pub(crate) fn days(&self, days: i64) {
        self.pass(SignedDuration::from_hours(24 * days));
    }

    pub(crate) fn stored(&self) -> Profile {
        self.ctx.store.profile(&name()).unwrap()
    }

    pub(crate) fn file(&self) -> String {
        std::fs::read_to_string(self.ctx.store.profile_path(&name())).unwrap()
    }

    /// Changes the stored profile behind everybody's back.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut Profile)) {
        let mut profile = self.stored();
        change(&mut profile);
        self.ctx.store.put_profile(profile.clone(), |stored| *stored = profile).unwrap();
    }
}

pub(crate) fn app(flow: Flow) -> App {
    App {
        name: Name::parse("my-app").unwrap(),
        client_id: "86abcdefghijkl".into(),
        client_secret: (flow == Flow::Standard).then(|| Secret::new("WPL_AP1.canary0secret.x==")),
        redirect_url: RedirectUrl::parse_for(flow, RedirectUrl::default_for(flow)).unwrap(),
        flow,
    }
}

/// The access token's text.
pub(crate) fn access(profile: &Profile) -> &str {
    profile.token.as_ref().unwrap().access.expose()
}
