//! Wrong clocks: they delete nothing, and the user is warned.

use std::sync::Mutex;

use jiff::SignedDuration;
use linkedin_tui::Code;
use linkedin_tui::internal::flows::check::check;
use linkedin_tui::internal::flows::refresh::valid_token;
use linkedin_tui::internal::flows::sign_in::{Event, MemberMismatch, Request, sign_in};
use linkedin_tui::internal::linkedin::{Flow, RedirectUrl};
use linkedin_tui::internal::store::{App, Status};
use serde_json::json;

use crate::faults::mock::{Mock, json, with};
use crate::faults::world::{World, app, name};

#[tokio::test]
async fn k01_no_clock_deletes_a_token() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.edit(|profile| profile.token.as_mut().unwrap().refresh = None);
    let before = world.file();
    for (days, status, in_future) in [
        (-1, Status::Active, true),
        (3650, Status::Expired, false),
        (-20_700, Status::Active, true),
        (0, Status::Active, false),
    ] {
        let back = SignedDuration::from_hours(24 * days);
        world.advance(back);
        assert_eq!(world.ctx.status(&world.stored()), status, "{days}");
        assert_eq!(valid_token(&world.ctx, &name(), SignedDuration::ZERO).await.is_ok(), status == Status::Active);
        assert_eq!(world.stored().has_future_times(world.ctx.now()), in_future, "{days}");
        assert_eq!(world.file(), before, "byte for byte");
        world.advance(-back);
    }
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn t23_clock_skew_beyond_five_minutes_is_reported() {
    // The store's clock is at Wed, 18 Nov 2026 11:06:40 GMT.
    for (date, expected_text) in [
        ("Wed, 18 Nov 2026 11:10:00 GMT", None),
        ("Wed, 18 Nov 2026 11:17:40 GMT", Some("11 minutes behind LinkedIn's")),
        ("Wed, 18 Nov 2026 10:06:40 GMT", Some("60 minutes ahead of LinkedIn's")),
    ] {
        let mock = Mock::new();
        let world = World::new(&mock.base);
        let body = json!({"active": true, "status": "active"}).to_string();
        mock.then(with(200, &format!("date: {date}\r\n"), body.as_bytes()));
        mock.then(json(200, &json!({"sub": "kfW51gr4Ja", "name": "Ada"})));
        let checked = check(&world.ctx, &name()).await.unwrap();
        let printed = checked.remarks.join(" ");
        assert_eq!(printed.is_empty(), expected_text.is_none(), "{date}: {printed}");
        assert!(printed.contains(expected_text.unwrap_or_default()), "{date}: {printed}");
        assert_eq!(world.ctx.status(&checked.profile), Status::Active, "and is not fatal");
    }
}

#[tokio::test]
async fn k01_a_check_reports_saved_times_in_the_future() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(-2);
    mock.then(json(200, &json!({"active": true, "status": "active"})));
    mock.then(json(200, &json!({"sub": "kfW51gr4Ja"})));
    let checked = check(&world.ctx, &name()).await.unwrap();
    assert!(checked.remarks.join(" ").contains("clock looks wrong"), "{:?}", checked.remarks);
}

fn request() -> Request {
    let redirect = format!("http://localhost:{}/callback", crate::support::ports::free_port());
    Request {
        app: App { redirect_url: RedirectUrl::parse(&redirect).unwrap(), ..app(Flow::Standard) },
        profile: name(),
        scopes: vec!["w_member_social".into()],
        browser: None,
        no_browser: true,
        timeout_seconds: 300,
        show_token: false,
        on_member_mismatch: Some(MemberMismatch::Discard),
    }
}

/// Returns how long a sign-in without a callback waits when the machine sleeps meanwhile.
async fn waited(sleep: SignedDuration) -> std::time::Duration {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let before = world.file();
    let since = Mutex::new(None);
    let (_commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let on_event = |event: Event| {
        if matches!(event, Event::Waiting { .. }) {
            tokio::time::pause();
            world.advance(sleep);
            *since.lock().unwrap() = Some(tokio::time::Instant::now());
        }
    };
    let error = sign_in(&world.ctx, request(), &on_event, receiver).await.unwrap_err();
    assert_eq!(error.code, Code::TimedOut, "{error}");
    assert_eq!(world.file(), before);
    let since = since.lock().unwrap().unwrap();
    since.elapsed()
}

#[tokio::test]
async fn k03_sleep_past_the_deadline_leaves_seconds_for_the_browser() {
    let waited = waited(SignedDuration::from_hours(8)).await;
    assert!((5..60).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test]
async fn k03_l28_without_sleep_the_timeout_is_exact() {
    let waited = waited(SignedDuration::ZERO).await;
    assert_eq!(waited.as_secs(), 300);
}
