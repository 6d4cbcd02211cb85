//! An issued token is saved before anything else, never replaces a different member's token, and is never lost.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use linkedin_tui::internal::flows::refresh::{refresh, refresh_with_events, valid_token, valid_token_with_events};
use linkedin_tui::internal::flows::sign_in::{DifferentMemberChoice, Event, Request, SignInOutcome};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::session::{Context, FlowEvent, Reporter};
use linkedin_tui::internal::store::{App, Name};
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{MockServer, Response, json_response, response, run_then};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, OLD_TOKEN, app, profile_name};
use crate::support::access_token;
use crate::support::sign_in::{free_redirect_url, request, sign_in_by_paste};

/// Signs in by a pasted callback; returns the result and the events.
async fn sign_in_by_callback(
    env: &MockEnv,
    profile: Name,
    choice: DifferentMemberChoice,
) -> (Result<SignInOutcome, Error>, Vec<Event>) {
    let app = App { redirect_url: free_redirect_url(), ..app(Flow::Standard) };
    let request = Request { profile, on_different_member: Some(choice), ..request(app) };
    sign_in_by_paste(&env.ctx, request).await
}

/// Queues the responses up to the userinfo request.
fn enqueue_token_response(mock: &MockServer, id_token: Option<&str>) {
    mock.enqueue(json_response(200, &json!({"active": false})));
    let mut token = json!({"access_token": NEW_TOKEN, "expires_in": 5_183_999, "scope": "openid,profile"});
    if let Some(id_token) = id_token {
        token["id_token"] = id_token.into();
    }
    mock.enqueue(json_response(200, &token));
}

fn ada_userinfo() -> Value {
    json!({"sub": "kfW51gr4Ja", "name": "Ada"})
}

fn new_profile_name() -> Name {
    Name::parse("fresh").unwrap()
}

#[tokio::test]
async fn t20_the_token_is_saved_before_userinfo_is_requested() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    enqueue_token_response(&mock, None);
    let path = env.ctx.store.profile_path(&new_profile_name());
    let found = Arc::new(Mutex::new(String::new()));
    let content = Arc::clone(&found);
    let read_file = move || *content.lock().unwrap() = std::fs::read_to_string(path).unwrap_or_default();
    mock.enqueue(run_then(read_file, json_response(200, &ada_userinfo())));
    let (result, events) = sign_in_by_callback(&env, new_profile_name(), DifferentMemberChoice::Discard).await;
    assert_eq!(access_token(&result.unwrap().profile), NEW_TOKEN);
    assert!(found.lock().unwrap().contains(NEW_TOKEN), "saved before userinfo was requested");
    let position = |matches: fn(&Event) -> bool| events.iter().position(matches).unwrap();
    let saved = position(|event| matches!(event, Event::TokenSaved { .. }));
    assert!(saved < position(|event| matches!(event, Event::MemberIdentified(_))));
}

#[tokio::test]
async fn t21_id_token_of_a_different_member_overwrites_nothing() {
    let responses: [fn() -> Response; 3] = [
        || json_response(403, &json!({"status": 403, "message": "no"})),
        || response(500, "", b""),
        || response(200, "", b"<html>"),
    ];
    let claims = URL_SAFE_NO_PAD.encode(json!({"sub": "zoe"}).to_string());
    let id_token = format!("e30.{claims}.c2ln");
    for userinfo_response in responses {
        for choice in [DifferentMemberChoice::Discard, DifferentMemberChoice::SaveAs(Name::parse("zoe").unwrap())] {
            let mock = MockServer::new();
            let env = MockEnv::new(&mock.base);
            let before = env.file_text();
            enqueue_token_response(&mock, Some(&id_token));
            mock.enqueue(userinfo_response()).enqueue(userinfo_response()).enqueue(userinfo_response());
            let (result, events) = sign_in_by_callback(&env, profile_name(), choice.clone()).await;
            let is_mismatch_reported =
                events.iter().any(|event| matches!(event, Event::DifferentMember { found, .. } if found.id == "zoe"));
            assert!(is_mismatch_reported, "{events:?}");
            assert_eq!(env.file_text(), before, "byte for byte");
            if choice == DifferentMemberChoice::Discard {
                assert_eq!(result.unwrap_err().code, Code::DifferentMember);
            } else {
                let saved = result.unwrap().profile;
                assert_eq!((saved.name.as_str(), access_token(&saved)), ("zoe", NEW_TOKEN));
                assert_eq!(saved.member.unwrap().id, "zoe");
            }
        }
    }
}

#[tokio::test]
async fn a_saved_token_is_reported_despite_later_failures() {
    for fault in ["newer profile", "deleted profile", "newer state", "damaged sibling"] {
        let mock = MockServer::new();
        let env = MockEnv::new(&mock.base);
        if fault == "newer state" {
            let state = env.ctx.store.profile_path(&profile_name()).parent().unwrap().with_file_name("state.toml");
            std::fs::write(state, "schema = 2\n").unwrap();
        }
        enqueue_token_response(&mock, None);
        let (path, sibling) =
            (env.ctx.store.profile_path(&new_profile_name()), env.ctx.store.profile_path(&profile_name()));
        let inject_fault = move || match fault {
            "newer profile" => {
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
            }
            "deleted profile" => std::fs::remove_file(&path).unwrap(),
            "damaged sibling" => std::fs::write(&sibling, "app = ").unwrap(),
            _ => {}
        };
        mock.enqueue(run_then(inject_fault, json_response(200, &ada_userinfo())));
        let (result, events) = sign_in_by_callback(&env, new_profile_name(), DifferentMemberChoice::Discard).await;
        let outcome = result.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(
            (access_token(&outcome.profile), outcome.profile.member.as_ref().unwrap().id.as_str()),
            (NEW_TOKEN, "kfW51gr4Ja")
        );
        let is_unsaved = events.iter().any(|event| matches!(event, Event::MemberNotSaved { .. }));
        assert_eq!(is_unsaved, fault.ends_with(" profile"), "{fault}: {events:?}");
        let failures = env.ctx.store.take_failures();
        assert_eq!(!failures.is_empty(), fault == "newer state", "{fault}: {failures:?}");
    }
}

#[tokio::test]
async fn t22_a_refreshed_token_that_cannot_be_saved_is_returned() {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    env.advance_days(61);
    let original = env.file_text();
    let enqueue_token_and_rewrite = || {
        let (path, text) = (env.ctx.store.profile_path(&profile_name()), original.clone());
        std::fs::write(&path, &text).unwrap();
        // A newer version of the program rewrote the file during the request.
        let rewrite = move || std::fs::write(path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
        mock.enqueue(run_then(
            rewrite,
            json_response(200, &json!({"access_token": NEW_TOKEN, "expires_in": 5_183_999})),
        ));
    };
    enqueue_token_and_rewrite();
    let events = Mutex::new(Vec::new());
    let record = |event: FlowEvent| events.lock().unwrap().push(event);
    let profile = valid_token_with_events(&env.ctx, &profile_name(), SignedDuration::ZERO, &record).await.unwrap();
    assert_eq!(access_token(&profile), NEW_TOKEN);
    let recorded = events.into_inner().unwrap();
    assert!(matches!(&recorded[..], [FlowEvent::NotSaved(error)] if error.code == Code::FileNewer), "{recorded:?}");
    assert_eq!(access_token(&env.stored_profile()), OLD_TOKEN);
    // A flow that handles no events reports to the context's reporter.
    enqueue_token_and_rewrite();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let reporter = Reporter::new(move |event| sink.lock().unwrap().push(event));
    let ctx = Context { reporter, ..env.ctx.clone() };
    assert_eq!(access_token(&valid_token(&ctx, &profile_name(), SignedDuration::ZERO).await.unwrap()), NEW_TOKEN);
    let recorded = std::mem::take(&mut *events.lock().unwrap());
    assert!(matches!(&recorded[..], [FlowEvent::NotSaved(error)] if error.code == Code::FileNewer), "{recorded:?}");
    enqueue_token_and_rewrite();
    let refreshed = refresh_with_events(&env.ctx, &profile_name(), &|_| {}).await.unwrap();
    assert_eq!((access_token(&refreshed.profile), refreshed.not_saved.unwrap().code), (NEW_TOKEN, Code::FileNewer));
    enqueue_token_and_rewrite();
    let error = refresh(&env.ctx, &profile_name()).await.unwrap_err();
    assert!(error.message.starts_with("LinkedIn issued a new token, but it could not be saved"), "{error}");
}
