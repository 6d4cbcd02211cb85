//! A store with one profile, and a session whose requests go to a mock server.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use linkedin_tui::internal::clock::FixedClock;
use linkedin_tui::internal::linkedin::http::{Http, Network, Timeouts};
use linkedin_tui::internal::linkedin::{Flow, RedirectUrl};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::Context;
use linkedin_tui::internal::store::{App, Member, Name, Profile, RefreshToken, Token};

use crate::support::{self, context, fixed_clock, save, start_time};

pub(crate) const OLD_TOKEN: &str = "AQold0access0token";
pub(crate) const NEW_TOKEN: &str = "AQnew0access0token";
pub(crate) const REFRESH_TOKEN: &str = "AQrefresh0token";

pub(crate) struct MockEnv {
    pub(crate) ctx: Context,
    pub(crate) clock: Arc<FixedClock>,
    _directory: tempfile::TempDir,
}

pub(crate) fn profile_name() -> Name {
    support::name("work")
}

/// Timeouts short enough for a test, long enough for a busy machine.
pub(crate) fn timeouts() -> Timeouts {
    Timeouts { connect: Duration::from_secs(2), total: Duration::from_secs(2) }
}

impl MockEnv {
    pub(crate) fn new(base: &str) -> Self {
        Self::with_http(base, Http::with_timeouts(Network::default(), timeouts()))
    }

    /// Creates a profile with a refresh token and an access token that expires 60 days after the start.
    pub(crate) fn with_http(base: &str, http: Http) -> Self {
        let (directory, clock) = (tempfile::tempdir().unwrap(), fixed_clock());
        let ctx = Context { http, ..context(directory.path(), base, clock.clone()) };
        ctx.store.save_app(&app(Flow::Standard)).unwrap();
        let days = |days: i64| start_time() + SignedDuration::from_hours(24 * days);
        let scopes = vec!["openid".to_owned(), "profile".to_owned()];
        let profile = Profile {
            scopes: scopes.clone(),
            member: Some(Member { id: "kfW51gr4Ja".into(), name: Some("Ada".into()), email: None }),
            token: Some(Token {
                access: Secret::new(OLD_TOKEN),
                scopes,
                issued_at: start_time(),
                expires_at: Some(days(60)),
                refresh: Some(RefreshToken::new(Secret::new(REFRESH_TOKEN), Some(days(365)))),
            }),
            ..support::profile("work")
        };
        save(&ctx.store, profile);
        ctx.store.set_current_profile(Some(&profile_name())).unwrap();
        Self { ctx, clock, _directory: directory }
    }

    pub(crate) fn advance(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// Advances the clock by days: after 61 the access token is expired.
    pub(crate) fn advance_days(&self, days: i64) {
        self.advance(SignedDuration::from_hours(24 * days));
    }

    pub(crate) fn stored_profile(&self) -> Profile {
        self.ctx.store.profile(&profile_name()).unwrap()
    }

    pub(crate) fn file_text(&self) -> String {
        std::fs::read_to_string(self.ctx.store.profile_path(&profile_name())).unwrap()
    }

    /// Changes the stored profile as a different process would.
    pub(crate) fn edit_profile(&self, change: impl FnOnce(&mut Profile)) {
        let mut profile = self.stored_profile();
        change(&mut profile);
        save(&self.ctx.store, profile);
    }
}

pub(crate) fn app(flow: Flow) -> App {
    let app = support::app("my-app");
    App {
        client_secret: app.client_secret.filter(|_| flow == Flow::Standard),
        redirect_url: RedirectUrl::parse_for(flow, RedirectUrl::default_for(flow)).unwrap(),
        flow,
        ..app
    }
}
