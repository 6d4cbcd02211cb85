//! Refreshing: which tokens stay, when a request is retried, and which process goes first.

use std::sync::Mutex;

use jiff::SignedDuration;
use linkedin_tui::internal::flows::check::{check, whoami};
use linkedin_tui::internal::flows::refresh::{Note, refresh, stored_token, valid_token, valid_token_with_progress};
use linkedin_tui::internal::flows::revoke::revoke;
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{RefreshToken, Status, Verdict};
use linkedin_tui::{Code, NextStep};
use rstest::rstest;
use serde_json::{Value, json};

use crate::faults::mock::{Mock, after, json, raw, with};
use crate::faults::world::{NEW, OLD, REFRESH, World, app, name};
use crate::support::{access_token, start_time};

const TOKEN: &str = "POST /oauth/v2/accessToken";
const ZERO: SignedDuration = SignedDuration::ZERO;

fn fresh() -> Value {
    json!({"access_token": NEW, "expires_in": 5_183_999, "refresh_token": REFRESH, "refresh_token_expires_in": 26_352_000})
}

fn refresh_token_refusal() -> Value {
    json!({"error": "invalid_request", "error_description":
        "The provided authorization grant or refresh token is invalid, expired or revoked"})
}

#[tokio::test]
async fn t13_t14_rotated_token_and_shorter_expiry_are_one_write() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let rotated = json!({"access_token": NEW, "expires_in": "432000", "refresh_token": "AQrotated", "refresh_token_expires_in": 432_000});
    mock.then(json(200, &rotated));
    let profile = valid_token(&world.ctx, &name(), ZERO).await.unwrap();
    assert_eq!(world.stored(), profile);
    let token = profile.token.unwrap();
    let refresh = token.refresh.unwrap();
    assert_eq!((token.access.expose(), refresh.token.expose()), (NEW, "AQrotated"));
    assert_eq!(refresh.expires_at, token.expires_at, "capped: both expire together");
    let sent = mock.requests().remove(0);
    assert!(sent.contains("grant_type=refresh_token") && sent.contains("client_secret=WPL_AP1."), "{sent}");
}

#[rstest]
#[tokio::test]
async fn t04_a_server_error_is_retried_and_loses_nothing(#[values(500, 502, 503, 504, 429)] status: u16) {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    mock.then(with(status, "retry-after: 0\r\n", b"<html>oops</html>")).then(json(200, &fresh()));
    let notes = Mutex::new(Vec::new());
    let note = |note: Note| notes.lock().unwrap().push(note);
    let profile = valid_token_with_progress(&world.ctx, &name(), ZERO, &note).await.unwrap();
    assert_eq!((access_token(&profile), mock.count(TOKEN)), (NEW, 2));
    assert!(matches!(&notes.lock().unwrap()[..], [Note::Retrying { .. }]), "the wait is reported");
}

#[tokio::test]
async fn t18_a_retry_after_of_a_year_is_reported_not_waited_for() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let before = world.file();
    mock.then(with(429, "retry-after: 31536000\r\n", b"{}"));
    let error = valid_token(&world.ctx, &name(), ZERO).await.unwrap_err();
    assert_eq!((error.code, mock.count(TOKEN)), (Code::RateLimited, 1));
    assert!(error.hint.contains("wait until 2028-"), "{}", error.hint);
    assert_eq!(world.file(), before);
}

#[tokio::test]
async fn t01_t03_a_network_that_fails_keeps_the_refresh_token() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let before = world.file();
    // Closes the connection after reading the request, three times.
    let error = valid_token(&world.ctx, &name(), ZERO).await.unwrap_err();
    assert_eq!((error.code, mock.count(TOKEN)), (Code::Network, 3));
    assert_eq!(world.file(), before, "byte for byte");
    mock.then(json(200, &fresh()));
    assert!(valid_token(&world.ctx, &name(), ZERO).await.is_ok(), "and works later");
}

#[tokio::test]
async fn t15_a_refused_refresh_deletes_nothing_and_needs_a_login() {
    for body in [refresh_token_refusal(), json!({"error": "invalid_grant"})] {
        let mock = Mock::new();
        let world = World::new(&mock.base);
        world.advance_days(61);
        mock.then(json(400, &body));
        let error = valid_token(&world.ctx, &name(), ZERO).await.unwrap_err();
        assert_eq!((error.code, error.code.exit_code(), mock.count(TOKEN)), (Code::Expired, 4, 1), "{body}");
        let step = NextStep::SignIn { profile: "work".to_owned() };
        assert_eq!(error.next_step.as_deref(), Some(&step), "{}", error.hint);
        let stored = world.stored();
        assert_eq!(stored.check.unwrap().verdict, Verdict::Expired);
        assert_eq!((access_token(&stored), world.ctx.status(&stored)), (OLD, Status::Expired));
        assert_eq!(stored.token.unwrap().refresh.unwrap().token.expose(), REFRESH);
    }
}

#[tokio::test]
async fn t22_s06_nothing_is_requested_that_cannot_be_saved() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let path = world.ctx.store.profile_path(&name());
    let text = world.file().replacen("schema = 1", "schema = 2", 1);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(valid_token(&world.ctx, &name(), ZERO).await.unwrap_err().code, Code::FileNewer);
    assert_eq!(refresh(&world.ctx, &name()).await.unwrap_err().code, Code::FileNewer);
    assert_eq!(revoke(&world.ctx, &name(), false).await.unwrap_err().code, Code::FileNewer);
    assert_eq!(world.ctx.store.delete_profile(&name()).unwrap_err().code, Code::FileNewer);
    assert_eq!((mock.count(""), world.file()), (0, text));
}

#[tokio::test]
async fn t15_a_token_stored_meanwhile_elsewhere_is_used() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let (path, text) = (world.ctx.store.profile_path(&name()), world.file());
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.starts_with("expires_at") {
                "expires_at = \"2040-01-01T00:00:00Z\"".into()
            } else {
                line.replace(OLD, "AQtheirs")
            }
        })
        .collect();
    // Another machine does not see the lock: it writes during the request.
    mock.then(after(move || std::fs::write(&path, lines.join("\n")).unwrap(), json(400, &refresh_token_refusal())));
    let profile = valid_token(&world.ctx, &name(), ZERO).await.unwrap();
    assert_eq!((access_token(&profile), mock.count(TOKEN)), ("AQtheirs", 1));
    assert_eq!(world.stored(), profile, "and is not marked");
}

#[tokio::test]
async fn k06_t15_a_refused_refresh_token_is_sent_once_and_never_again() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    mock.then(json(400, &json!({"error": "invalid_grant"})));
    for _ in 0..3 {
        assert_eq!(valid_token(&world.ctx, &name(), ZERO).await.unwrap_err().code, Code::Expired);
        assert_eq!(mock.count(TOKEN), 1);
    }
    assert!(!world.stored().is_refreshable(world.ctx.now()));
    let error = refresh(&world.ctx, &name()).await.unwrap_err();
    assert!(error.message.contains("LinkedIn refused the refresh token"), "{error}");
    assert_eq!((error.code.exit_code(), mock.count(TOKEN)), (4, 1));
    // Another refresh token was saved meanwhile: it is tried.
    world.edit(|profile| {
        let token = profile.token.as_mut().unwrap();
        token.refresh = Some(RefreshToken::new(Secret::new("AQanother"), None));
    });
    mock.then(json(400, &json!({"error": "invalid_grant"})));
    assert!(valid_token(&world.ctx, &name(), ZERO).await.is_err());
    assert_eq!(mock.count(TOKEN), 2);
}

#[tokio::test]
async fn t16_a_wrong_secret_is_sent_once_and_changes_nothing() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let before = world.file();
    let body = json!({"error": "invalid_client", "error_description": "Client authentication failed"});
    mock.then(json(401, &body));
    let error = valid_token(&world.ctx, &name(), ZERO).await.unwrap_err();
    assert_eq!((error.code, mock.count(TOKEN)), (Code::ClientRefused, 1));
    assert_eq!(world.file(), before);
}

#[tokio::test]
async fn an_invalid_refresh_token_leaves_the_access_token_valid() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(json(400, &refresh_token_refusal())).then(json(200, &json!({"active": true, "status": "active"})));
    assert_eq!(refresh(&world.ctx, &name()).await.unwrap_err().code, Code::Expired);
    assert_eq!(world.ctx.status(&world.stored()), Status::Active);
    world.edit(|profile| profile.token.as_mut().unwrap().refresh.as_mut().unwrap().refused_at = None);
    mock.then(json(400, &refresh_token_refusal())).then(json(200, &json!({"active": false, "status": "revoked"})));
    assert_eq!(refresh(&world.ctx, &name()).await.unwrap_err().code, Code::Expired);
    assert_eq!(world.ctx.status(&world.stored()), Status::Revoked);
}

#[tokio::test]
async fn k05_refreshes_five_minutes_early_and_tolerates_failure() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let minutes = SignedDuration::from_mins;
    world.advance(SignedDuration::from_hours(24 * 60) - minutes(10));
    assert!(stored_token(&world.stored(), world.ctx.now(), ZERO).unwrap().is_some(), "ten minutes are enough");
    assert!(stored_token(&world.stored(), world.ctx.now(), minutes(20)).unwrap().is_none(), "unless more is requested");
    world.advance(minutes(6));
    let before = world.file();
    let notes = Mutex::new(Vec::new());
    let note = |note: Note| notes.lock().unwrap().push(note);
    mock.then(with(503, "", b""));
    let saved = valid_token_with_progress(&world.ctx, &name(), ZERO, &note).await.unwrap();
    assert_eq!((access_token(&saved), mock.count(TOKEN)), (OLD, 1), "tried once, then the old token is returned");
    assert!(matches!(&notes.lock().unwrap()[..], [Note::RefreshFailed(_)]));
    assert_eq!(world.file(), before);
    // Another process is refreshing: the old token is returned at once.
    let lock = world.ctx.store.lock_profile(&name(), std::time::Duration::ZERO).unwrap();
    assert_eq!(access_token(&valid_token(&world.ctx, &name(), ZERO).await.unwrap()), OLD);
    drop(lock);
    mock.then(json(200, &fresh()));
    assert_eq!(access_token(&valid_token(&world.ctx, &name(), ZERO).await.unwrap()), NEW);
    // Near its own expiry a refresh token yields no longer lifetime: no request is sent.
    world.edit(|profile| {
        let token = profile.token.as_mut().unwrap();
        token.expires_at = Some(world.ctx.now() + minutes(4));
        token.refresh = Some(RefreshToken::new(Secret::new(REFRESH), token.expires_at));
    });
    let requests_before = mock.count(TOKEN);
    assert!(valid_token(&world.ctx, &name(), ZERO).await.is_ok());
    assert_eq!(valid_token(&world.ctx, &name(), minutes(30)).await.unwrap_err().code, Code::Expired);
    assert_eq!(mock.count(TOKEN), requests_before);
}

#[tokio::test]
async fn a_refreshed_token_that_expires_too_soon_is_reported() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(json(200, &json!({"access_token": NEW, "expires_in": 600})));
    let error = valid_token(&world.ctx, &name(), SignedDuration::from_hours(24 * 90)).await.unwrap_err();
    assert_eq!((error.code, mock.count(TOKEN)), (Code::Expired, 1));
    assert_eq!(access_token(&world.stored()), NEW, "but is saved");
}

#[tokio::test]
async fn k05_a_401_causes_one_refresh() {
    let revoked = || json(401, &json!({"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN"}));
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(revoked()).then(json(200, &fresh()));
    mock.then(json(200, &json!({"sub": "kfW51gr4Ja", "name": "Ada"})));
    let profile = whoami(&world.ctx, &name()).await.unwrap();
    assert_eq!((access_token(&profile), mock.count(TOKEN), mock.count("GET /v2/userinfo")), (NEW, 1, 2));
    // Without a refresh token the user must re-authorize.
    world.edit(|profile| profile.token.as_mut().unwrap().refresh = None);
    mock.then(revoked());
    assert_eq!(whoami(&world.ctx, &name()).await.unwrap_err().code, Code::Revoked);
    assert_eq!((mock.count(TOKEN), mock.count("GET /v2/userinfo")), (1, 3));
}

#[tokio::test]
async fn s12_a_held_lock_blocks_writers_but_not_readers() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let lock = world.ctx.store.lock_profile(&name(), std::time::Duration::ZERO).unwrap();
    let other = world.ctx.store.lock_profile(&name(), std::time::Duration::from_millis(50));
    let error = other.unwrap_err();
    assert_eq!((error.code, error.code.exit_code()), (Code::Locked, 7));
    assert_eq!(access_token(&valid_token(&world.ctx, &name(), ZERO).await.unwrap()), OLD, "a plain read never waits");
    drop(lock);
    assert!(world.ctx.store.lock_profile(&name(), std::time::Duration::ZERO).is_ok());
}

#[tokio::test]
async fn a_native_app_refreshes_and_revokes_without_a_secret() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.ctx.store.put_app(&app(Flow::NativePkce)).unwrap();
    mock.then(json(200, &fresh()));
    refresh(&world.ctx, &name()).await.unwrap();
    assert!(!mock.requests()[0].contains("client_secret"), "{}", mock.requests()[0]);
    // Refresh token, access token, and the API as the proof.
    mock.then(with(200, "", b"")).then(with(200, "", b""));
    mock.then(json(401, &json!({"status": 401, "serviceErrorCode": 65601})));
    let done = revoke(&world.ctx, &name(), false).await.unwrap();
    assert!(done.is_confirmed && world.stored().token.is_none(), "{:?}", done.error);
    assert_eq!(mock.count("POST /oauth/v2/revoke"), 2);
}

#[tokio::test]
async fn revoking_without_a_network_forgets_the_token_all_the_same() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let done = revoke(&world.ctx, &name(), false).await.unwrap();
    assert!(!done.is_confirmed && done.error.is_some_and(|error| error.code == Code::Network));
    assert!(!world.file().contains(OLD) && !world.file().contains(REFRESH));
    assert_eq!(mock.count("POST /oauth/v2/revoke"), 2, "the refresh token too");
}

#[tokio::test]
async fn a_check_distinguishes_expired_revoked_and_foreign_tokens() {
    for (body, status, expected_text) in [
        (json!({"active": false, "status": "expired"}), Status::Expired, ""),
        (json!({"active": false, "status": "revoked"}), Status::Revoked, ""),
        (json!({"active": false}), Status::Unknown, "another app"),
    ] {
        let mock = Mock::new();
        let world = World::new(&mock.base);
        mock.then(json(200, &body));
        let checked = check(&world.ctx, &name()).await.unwrap();
        assert_eq!(world.ctx.status(&checked.profile), status, "{body}");
        assert!(checked.remarks.join(" ").contains(expected_text), "{:?}", checked.remarks);
        assert_eq!(mock.count("GET /v2/userinfo"), 0);
    }
    // A token that introspection cannot parse: the API decides, once the token is older than the propagation time.
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(1);
    mock.then(json(400, &json!({"error": "invalid_request"})));
    mock.then(json(401, &json!({"status": 401, "serviceErrorCode": 65600})));
    let checked = check(&world.ctx, &name()).await.unwrap();
    assert_eq!(world.ctx.status(&checked.profile), Status::Revoked);
    // An invalid response stops the check and leaves the file unchanged.
    let before = world.file();
    mock.then(raw("HTTP/1.1 200 X\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"));
    assert_eq!(check(&world.ctx, &name()).await.unwrap_err().code, Code::UnexpectedResponse);
    assert_eq!(world.file(), before);
    assert_eq!(world.stored().token.unwrap().issued_at, start_time());
}

#[tokio::test]
async fn t21_token_of_a_different_member_is_reported() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    mock.then(json(200, &json!({"active": true, "status": "active"})));
    mock.then(json(200, &json!({"sub": "otherAAAAA", "name": "Grace\u{1b}[31m Hopper"})));
    let checked = check(&world.ctx, &name()).await.unwrap();
    assert_eq!(world.ctx.status(&checked.profile), Status::Unknown, "which is exit code 4");
    assert_eq!(checked.profile, world.stored());
    assert_eq!(checked.profile.member.unwrap().id, "kfW51gr4Ja", "nothing is overwritten");
    let [remark] = checked.remarks.as_slice() else { panic!("{:?}", checked.remarks) };
    assert!(remark.contains("urn:li:person:otherAAAAA") && remark.contains("Sign in again"), "{remark}");
    assert!(!remark.contains('\u{1b}'), "{remark:?}");
    assert!(valid_token(&world.ctx, &name(), ZERO).await.is_ok(), "it is valid all the same");
}
