//! Refreshing: which tokens are kept, when a request is retried, and how concurrent processes agree.

use std::sync::Mutex;

use jiff::SignedDuration;
use linkedin_tui::internal::flows::check::{check, whoami};
use linkedin_tui::internal::flows::refresh::{refresh, stored_token, valid_token, valid_token_with_events};
use linkedin_tui::internal::flows::revoke::{AfterRevocation, revoke};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::FlowEvent;
use linkedin_tui::internal::store::{RefreshToken, Status, Verdict};
use linkedin_tui::{Code, NextStep};
use rstest::rstest;
use serde_json::{Value, json};

use crate::faults::mock::{MockServer, json_response, raw_response, response, run_then};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, OLD_TOKEN, REFRESH_TOKEN, app, profile_name};
use crate::support::{access_token, start_time};

const TOKEN_REQUEST: &str = "POST /oauth/v2/accessToken";
const ANY_LIFETIME: SignedDuration = SignedDuration::ZERO;

fn refresh_response() -> Value {
    json!({"access_token": NEW_TOKEN, "expires_in": 5_183_999, "refresh_token": REFRESH_TOKEN, "refresh_token_expires_in": 26_352_000})
}

fn invalid_refresh_token_error() -> Value {
    json!({"error": "invalid_request", "error_description":
        "The provided authorization grant or refresh token is invalid, expired or revoked"})
}

#[tokio::test]
async fn t13_t14_a_rotated_token_is_saved_with_its_expiry() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let rotated = json!({"access_token": NEW_TOKEN, "expires_in": "432000", "refresh_token": "AQrotated", "refresh_token_expires_in": 432_000});
    mock.enqueue(json_response(200, &rotated));
    let profile = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap();
    assert_eq!(env.stored_profile(), profile);
    let token = profile.token.unwrap();
    let refresh = token.refresh.unwrap();
    assert_eq!((token.access.expose(), refresh.token.expose()), (NEW_TOKEN, "AQrotated"));
    assert_eq!(refresh.expires_at, token.expires_at, "capped: both expire together");
    let sent = mock.requests().remove(0);
    assert!(sent.contains("grant_type=refresh_token") && sent.contains("client_secret=WPL_AP1."), "{sent}");
}

#[rstest]
#[tokio::test]
async fn t04_a_server_error_is_retried_and_loses_nothing(#[values(500, 502, 503, 504, 429)] status: u16) {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    mock.enqueue(response(status, "retry-after: 0\r\n", b"<html>oops</html>"))
        .enqueue(json_response(200, &refresh_response()));
    let events = Mutex::new(Vec::new());
    let record = |event: FlowEvent| events.lock().unwrap().push(event);
    let profile = valid_token_with_events(&env.ctx, &profile_name(), ANY_LIFETIME, &record).await.unwrap();
    assert_eq!((access_token(&profile), mock.count_requests(TOKEN_REQUEST)), (NEW_TOKEN, 2));
    assert!(matches!(&events.lock().unwrap()[..], [FlowEvent::Retrying { .. }]), "the wait is reported");
}

#[tokio::test]
async fn t18_a_retry_after_of_a_year_is_reported_at_once() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let before = env.file_text();
    mock.enqueue(response(429, "retry-after: 31536000\r\n", b"{}"));
    let error = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err();
    assert_eq!((error.code, mock.count_requests(TOKEN_REQUEST)), (Code::RateLimited, 1));
    let until = error.hint.strip_prefix("LinkedIn asks to wait until ").expect(&error.hint);
    assert!(until.contains(", 2028 ") && !until.contains('Z'), "{}", error.hint);
    assert_eq!(env.file_text(), before);
}

#[tokio::test]
async fn t01_t03_a_network_error_keeps_the_refresh_token() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let before = env.file_text();
    // Closes the connection after reading the request, three times.
    let error = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err();
    assert_eq!((error.code, mock.count_requests(TOKEN_REQUEST)), (Code::Network, 3));
    assert_eq!(env.file_text(), before, "byte for byte");
    mock.enqueue(json_response(200, &refresh_response()));
    assert!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.is_ok(), "and works later");
}

#[tokio::test]
async fn t15_a_rejected_refresh_deletes_nothing() {
    for body in [invalid_refresh_token_error(), json!({"error": "invalid_grant"})] {
        let mock = MockServer::new();
        let env = MockEnv::new(&mock.base);
        env.advance_days(61);
        mock.enqueue(json_response(400, &body));
        let error = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err();
        assert_eq!(
            (error.code, error.code.exit_code(), mock.count_requests(TOKEN_REQUEST)),
            (Code::Expired, 4, 1),
            "{body}"
        );
        let step = NextStep::SignIn { profile: "work".to_owned() };
        assert_eq!(error.next_step.as_deref(), Some(&step), "{}", error.hint);
        let stored = env.stored_profile();
        assert_eq!(stored.check.unwrap().verdict, Verdict::Expired);
        assert_eq!((access_token(&stored), env.ctx.status(&stored)), (OLD_TOKEN, Status::Expired));
        assert_eq!(stored.token.unwrap().refresh.unwrap().token.expose(), REFRESH_TOKEN);
    }
}

#[tokio::test]
async fn t22_s06_an_unwritable_profile_sends_no_request() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let path = env.ctx.store.profile_path(&profile_name());
    let text = env.file_text().replacen("schema = 1", "schema = 2", 1);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err().code, Code::FileNewer);
    assert_eq!(refresh(&env.ctx, &profile_name()).await.unwrap_err().code, Code::FileNewer);
    assert_eq!(
        revoke(&env.ctx, &profile_name(), AfterRevocation::DeleteTokens).await.unwrap_err().code,
        Code::FileNewer
    );
    assert_eq!(env.ctx.store.delete_profile(&profile_name()).unwrap_err().code, Code::FileNewer);
    assert_eq!((mock.count_requests(""), env.file_text()), (0, text));
}

#[tokio::test]
async fn t15_a_token_saved_elsewhere_meanwhile_is_used() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let (path, text) = (env.ctx.store.profile_path(&profile_name()), env.file_text());
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.starts_with("expires_at") {
                "expires_at = \"2040-01-01T00:00:00Z\"".into()
            } else {
                line.replace(OLD_TOKEN, "AQelsewhere")
            }
        })
        .collect();
    // A different machine does not see the lock and writes during the request.
    mock.enqueue(run_then(
        move || std::fs::write(&path, lines.join("\n")).unwrap(),
        json_response(400, &invalid_refresh_token_error()),
    ));
    let profile = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap();
    assert_eq!((access_token(&profile), mock.count_requests(TOKEN_REQUEST)), ("AQelsewhere", 1));
    assert_eq!(env.stored_profile(), profile, "and is not marked as expired");
}

#[tokio::test]
async fn k06_t15_a_rejected_refresh_token_is_sent_only_once() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    mock.enqueue(json_response(400, &json!({"error": "invalid_grant"})));
    for _ in 0..3 {
        assert_eq!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err().code, Code::Expired);
        assert_eq!(mock.count_requests(TOKEN_REQUEST), 1);
    }
    assert!(!env.stored_profile().is_refreshable(env.ctx.now()));
    let error = refresh(&env.ctx, &profile_name()).await.unwrap_err();
    assert!(error.message.contains("LinkedIn refused the refresh token"), "{error}");
    assert_eq!((error.code.exit_code(), mock.count_requests(TOKEN_REQUEST)), (4, 1));
    // A refresh token saved since then is tried.
    env.edit_profile(|profile| {
        let token = profile.token.as_mut().unwrap();
        token.refresh = Some(RefreshToken::new(Secret::new("AQreplaced"), None));
    });
    mock.enqueue(json_response(400, &json!({"error": "invalid_grant"})));
    assert!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.is_err());
    assert_eq!(mock.count_requests(TOKEN_REQUEST), 2);
}

#[tokio::test]
async fn t16_a_wrong_secret_is_sent_once_and_changes_nothing() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let before = env.file_text();
    let body = json!({"error": "invalid_client", "error_description": "Client authentication failed"});
    mock.enqueue(json_response(401, &body));
    let error = valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap_err();
    assert_eq!((error.code, mock.count_requests(TOKEN_REQUEST)), (Code::ClientRefused, 1));
    assert_eq!(env.file_text(), before);
}

#[tokio::test]
async fn an_invalid_refresh_token_leaves_the_access_token_valid() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(json_response(400, &invalid_refresh_token_error()))
        .enqueue(json_response(200, &json!({"active": true, "status": "active"})));
    assert_eq!(refresh(&env.ctx, &profile_name()).await.unwrap_err().code, Code::Expired);
    assert_eq!(env.ctx.status(&env.stored_profile()), Status::Active);
    env.edit_profile(|profile| profile.token.as_mut().unwrap().refresh.as_mut().unwrap().refused_at = None);
    mock.enqueue(json_response(400, &invalid_refresh_token_error()))
        .enqueue(json_response(200, &json!({"active": false, "status": "revoked"})));
    assert_eq!(refresh(&env.ctx, &profile_name()).await.unwrap_err().code, Code::Expired);
    assert_eq!(env.ctx.status(&env.stored_profile()), Status::Revoked);
}

#[tokio::test]
async fn k05_refreshes_five_minutes_early_and_tolerates_failure() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let minutes = SignedDuration::from_mins;
    env.advance(SignedDuration::from_hours(24 * 60) - minutes(10));
    assert!(
        stored_token(&env.stored_profile(), env.ctx.now(), ANY_LIFETIME).unwrap().is_some(),
        "ten minutes are enough"
    );
    assert!(
        stored_token(&env.stored_profile(), env.ctx.now(), minutes(20)).unwrap().is_none(),
        "unless more is requested"
    );
    env.advance(minutes(6));
    let before = env.file_text();
    let events = Mutex::new(Vec::new());
    let record = |event: FlowEvent| events.lock().unwrap().push(event);
    mock.enqueue(response(503, "", b""));
    let saved = valid_token_with_events(&env.ctx, &profile_name(), ANY_LIFETIME, &record).await.unwrap();
    assert_eq!(
        (access_token(&saved), mock.count_requests(TOKEN_REQUEST)),
        (OLD_TOKEN, 1),
        "tried once, then the old token is returned"
    );
    assert!(matches!(&events.lock().unwrap()[..], [FlowEvent::RefreshFailed(_)]));
    assert_eq!(env.file_text(), before);
    // While a different process refreshes, the old token is returned at once.
    let lock = env.ctx.store.lock_profile(&profile_name(), std::time::Duration::ZERO).unwrap();
    assert_eq!(access_token(&valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap()), OLD_TOKEN);
    drop(lock);
    mock.enqueue(json_response(200, &refresh_response()));
    assert_eq!(access_token(&valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap()), NEW_TOKEN);
    // A refresh token that expires soon cannot extend the access token's lifetime: no request is sent.
    env.edit_profile(|profile| {
        let token = profile.token.as_mut().unwrap();
        token.expires_at = Some(env.ctx.now() + minutes(4));
        token.refresh = Some(RefreshToken::new(Secret::new(REFRESH_TOKEN), token.expires_at));
    });
    let requests_before = mock.count_requests(TOKEN_REQUEST);
    assert!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.is_ok());
    assert_eq!(valid_token(&env.ctx, &profile_name(), minutes(30)).await.unwrap_err().code, Code::Expired);
    assert_eq!(mock.count_requests(TOKEN_REQUEST), requests_before);
}

#[tokio::test]
async fn a_refreshed_token_that_expires_too_soon_is_reported() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(json_response(200, &json!({"access_token": NEW_TOKEN, "expires_in": 600})));
    let error = valid_token(&env.ctx, &profile_name(), SignedDuration::from_hours(24 * 90)).await.unwrap_err();
    assert_eq!((error.code, mock.count_requests(TOKEN_REQUEST)), (Code::Expired, 1));
    assert_eq!(access_token(&env.stored_profile()), NEW_TOKEN, "but is saved");
}

#[tokio::test]
async fn a_member_signs_in_for_60_days_and_no_longer() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    // An imported token: when it was issued is not known.
    env.edit_profile(|profile| {
        let token = profile.token.as_mut().unwrap();
        (token.issued_at, token.refresh) = (env.ctx.now(), None);
        token.expires_at = Some(env.ctx.now() + SignedDuration::from_hours(24 * 5));
    });
    for (days, message, has_sign_in) in [(10, "expires too soon: in 5 days", true), (61, "for 60 days", false)] {
        let error = valid_token(&env.ctx, &profile_name(), SignedDuration::from_hours(24 * days)).await.unwrap_err();
        assert!(error.code == Code::Expired && error.message.contains(message), "{days}: {error}");
        assert_eq!(error.next_step.is_some(), has_sign_in, "{days}");
    }
}

#[tokio::test]
async fn k05_a_401_causes_one_refresh() {
    let revoked =
        || json_response(401, &json!({"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}));
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(revoked()).enqueue(json_response(200, &refresh_response()));
    mock.enqueue(json_response(200, &json!({"sub": "kfW51gr4Ja", "name": "Ada"})));
    let profile = whoami(&env.ctx, &profile_name()).await.unwrap();
    assert_eq!(
        (access_token(&profile), mock.count_requests(TOKEN_REQUEST), mock.count_requests("GET /v2/userinfo")),
        (NEW_TOKEN, 1, 2)
    );
    // Without a refresh token the user must re-authorize.
    env.edit_profile(|profile| profile.token.as_mut().unwrap().refresh = None);
    mock.enqueue(revoked());
    assert_eq!(whoami(&env.ctx, &profile_name()).await.unwrap_err().code, Code::Revoked);
    assert_eq!((mock.count_requests(TOKEN_REQUEST), mock.count_requests("GET /v2/userinfo")), (1, 3));
}

#[tokio::test]
async fn s12_a_held_lock_blocks_writers_but_not_readers() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let lock = env.ctx.store.lock_profile(&profile_name(), std::time::Duration::ZERO).unwrap();
    let second_lock = env.ctx.store.lock_profile(&profile_name(), std::time::Duration::from_millis(50));
    let error = second_lock.unwrap_err();
    assert_eq!((error.code, error.code.exit_code()), (Code::Locked, 7));
    assert_eq!(
        access_token(&valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.unwrap()),
        OLD_TOKEN,
        "a plain read never waits"
    );
    drop(lock);
    assert!(env.ctx.store.lock_profile(&profile_name(), std::time::Duration::ZERO).is_ok());
}

#[tokio::test]
async fn a_native_app_refreshes_and_revokes_without_a_secret() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.ctx.store.save_app(&app(Flow::NativePkce)).unwrap();
    mock.enqueue(json_response(200, &refresh_response()));
    refresh(&env.ctx, &profile_name()).await.unwrap();
    assert!(!mock.requests()[0].contains("client_secret"), "{}", mock.requests()[0]);
    // Revokes the refresh token and the access token; then an API request confirms it.
    mock.enqueue(response(200, "", b"")).enqueue(response(200, "", b""));
    mock.enqueue(json_response(401, &json!({"status": 401, "serviceErrorCode": 65601})));
    let revocation = revoke(&env.ctx, &profile_name(), AfterRevocation::DeleteTokens).await.unwrap();
    assert!(revocation.is_confirmed() && env.stored_profile().token.is_none(), "{:?}", revocation.error);
    assert_eq!(mock.count_requests("POST /oauth/v2/revoke"), 2);
}

#[tokio::test]
async fn revoking_offline_still_deletes_the_token() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let revocation = revoke(&env.ctx, &profile_name(), AfterRevocation::DeleteTokens).await.unwrap();
    assert!(!revocation.is_confirmed() && revocation.error.is_some_and(|error| error.code == Code::Network));
    assert!(!env.file_text().contains(OLD_TOKEN) && !env.file_text().contains(REFRESH_TOKEN));
    assert_eq!(mock.count_requests("POST /oauth/v2/revoke"), 2, "the refresh token too");
}

#[tokio::test]
async fn a_check_distinguishes_expired_revoked_and_foreign_tokens() {
    for (body, status, expected_text) in [
        (json!({"active": false, "status": "expired"}), Status::Expired, ""),
        (json!({"active": false, "status": "revoked"}), Status::Revoked, ""),
        (json!({"active": false}), Status::Unknown, "another app"),
    ] {
        let mock = MockServer::new();
        let env = MockEnv::new(&mock.base);
        mock.enqueue(json_response(200, &body));
        let checked = check(&env.ctx, &profile_name()).await.unwrap();
        assert_eq!(env.ctx.status(&checked.profile), status, "{body}");
        assert!(checked.warnings.join(" ").contains(expected_text), "{:?}", checked.warnings);
        assert_eq!(mock.count_requests("GET /v2/userinfo"), 0);
    }
    // A token that introspection cannot parse: the API decides, once the token is older than the propagation time.
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(1);
    mock.enqueue(json_response(400, &json!({"error": "invalid_request"})));
    mock.enqueue(json_response(401, &json!({"status": 401, "serviceErrorCode": 65600})));
    let checked = check(&env.ctx, &profile_name()).await.unwrap();
    assert_eq!(env.ctx.status(&checked.profile), Status::Revoked);
    // An invalid response stops the check and leaves the file unchanged.
    let before = env.file_text();
    mock.enqueue(raw_response("HTTP/1.1 200 X\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"));
    assert_eq!(check(&env.ctx, &profile_name()).await.unwrap_err().code, Code::UnexpectedResponse);
    assert_eq!(env.file_text(), before);
    assert_eq!(env.stored_profile().token.unwrap().issued_at, start_time());
}

#[tokio::test]
async fn t21_token_of_a_different_member_is_reported() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    mock.enqueue(json_response(200, &json!({"active": true, "status": "active"})));
    mock.enqueue(json_response(200, &json!({"sub": "otherAAAAA", "name": "Grace\u{1b}[31m Hopper"})));
    let checked = check(&env.ctx, &profile_name()).await.unwrap();
    assert_eq!(env.ctx.status(&checked.profile), Status::Unknown, "which is exit code 4");
    assert_eq!(checked.profile, env.stored_profile());
    assert_eq!(checked.profile.member.unwrap().id, "kfW51gr4Ja", "nothing is overwritten");
    let [warning] = checked.warnings.as_slice() else { panic!("{:?}", checked.warnings) };
    assert!(warning.contains("urn:li:person:otherAAAAA") && warning.contains("Sign in again"), "{warning}");
    assert!(!warning.contains('\u{1b}'), "{warning:?}");
    assert!(valid_token(&env.ctx, &profile_name(), ANY_LIFETIME).await.is_ok(), "the token itself is still valid");
}
