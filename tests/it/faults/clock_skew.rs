//! Wrong clocks and suspend: nothing is deleted, and the user is warned.

use std::sync::Mutex;

use jiff::SignedDuration;
use linkedin_tui::Code;
use linkedin_tui::internal::flows::check::check;
use linkedin_tui::internal::flows::refresh::valid_token;
use linkedin_tui::internal::flows::sign_in::{DifferentMemberChoice, Event, Request, sign_in};
use linkedin_tui::internal::linkedin::{Flow, RedirectUrl};
use linkedin_tui::internal::store::{App, Status};
use serde_json::json;

use crate::faults::mock::{MockServer, json_response, response};
use crate::faults::mock_env::{MockEnv, app, profile_name};

#[tokio::test]
async fn k01_a_wrong_clock_deletes_no_token() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.edit_profile(|profile| profile.token.as_mut().unwrap().refresh = None);
    let before = env.file_text();
    for (days, status, in_future) in [
        (-1, Status::Active, true),
        (3650, Status::Expired, false),
        (-20_700, Status::Active, true),
        (0, Status::Active, false),
    ] {
        let offset = SignedDuration::from_hours(24 * days);
        env.advance(offset);
        assert_eq!(env.ctx.status(&env.stored_profile()), status, "{days}");
        assert_eq!(
            valid_token(&env.ctx, &profile_name(), SignedDuration::ZERO).await.is_ok(),
            status == Status::Active
        );
        assert_eq!(env.stored_profile().has_future_times(env.ctx.now()), in_future, "{days}");
        assert_eq!(env.file_text(), before, "byte for byte");
        env.advance(-offset);
    }
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn t23_clock_skew_beyond_five_minutes_is_reported() {
    // The test clock is set to Wed, 18 Nov 2026 11:06:40 GMT.
    for (date, expected_text) in [
        ("Wed, 18 Nov 2026 11:10:00 GMT", None),
        ("Wed, 18 Nov 2026 11:17:40 GMT", Some("11 minutes behind LinkedIn's")),
        ("Wed, 18 Nov 2026 10:06:40 GMT", Some("60 minutes ahead of LinkedIn's")),
    ] {
        let mock = MockServer::new();
        let env = MockEnv::new(&mock.base);
        let body = json!({"active": true, "status": "active"}).to_string();
        mock.enqueue(response(200, &format!("date: {date}\r\n"), body.as_bytes()));
        mock.enqueue(json_response(200, &json!({"sub": "kfW51gr4Ja", "name": "Ada"})));
        let checked = check(&env.ctx, &profile_name()).await.unwrap();
        let printed = checked.warnings.join(" ");
        assert_eq!(printed.is_empty(), expected_text.is_none(), "{date}: {printed}");
        assert!(printed.contains(expected_text.unwrap_or_default()), "{date}: {printed}");
        assert_eq!(env.ctx.status(&checked.profile), Status::Active, "and is not fatal");
    }
}

#[tokio::test]
async fn k01_a_check_reports_saved_times_in_the_future() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(-2);
    mock.enqueue(json_response(200, &json!({"active": true, "status": "active"})));
    mock.enqueue(json_response(200, &json!({"sub": "kfW51gr4Ja"})));
    let checked = check(&env.ctx, &profile_name()).await.unwrap();
    assert!(checked.warnings.join(" ").contains("clock looks wrong"), "{:?}", checked.warnings);
}

fn request() -> Request {
    let redirect = format!("http://localhost:{}/callback", crate::support::ports::free_port());
    Request {
        app: App { redirect_url: RedirectUrl::parse(&redirect).unwrap(), ..app(Flow::Standard) },
        profile: profile_name(),
        scopes: vec!["w_member_social".into()],
        browser: None,
        is_browser_disabled: true,
        timeout_seconds: 300,
        is_token_shown: false,
        on_different_member: Some(DifferentMemberChoice::Discard),
    }
}

/// Returns how long a sign-in without a callback waits when the machine sleeps for `sleep` in between.
async fn wait_without_callback(sleep: SignedDuration) -> std::time::Duration {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let before = env.file_text();
    let since = Mutex::new(None);
    let (_commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let on_event = |event: Event| {
        if matches!(event, Event::Waiting { .. }) {
            tokio::time::pause();
            env.advance(sleep);
            *since.lock().unwrap() = Some(tokio::time::Instant::now());
        }
    };
    let error = sign_in(&env.ctx, request(), &on_event, receiver).await.unwrap_err();
    assert_eq!(error.code, Code::TimedOut, "{error}");
    assert_eq!(env.file_text(), before);
    let since = since.lock().unwrap().unwrap();
    since.elapsed()
}

#[tokio::test]
async fn k03_sleep_past_the_deadline_leaves_seconds_for_the_browser() {
    let waited = wait_without_callback(SignedDuration::from_hours(8)).await;
    assert!((5..60).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test]
async fn k03_l28_without_sleep_the_timeout_is_exact() {
    let waited = wait_without_callback(SignedDuration::ZERO).await;
    assert_eq!(waited.as_secs(), 300);
}
