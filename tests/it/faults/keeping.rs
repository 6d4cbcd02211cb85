//! A token that LinkedIn has issued: saved first, never over a different member's, and never lost.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use linkedin_tui::internal::flows::refresh::{Note, refresh, refresh_with_progress, valid_token_with_progress};
use linkedin_tui::internal::flows::sign_in::{Event, MemberMismatch, Outcome, Request};
use linkedin_tui::internal::linkedin::Flow;
use linkedin_tui::internal::store::{App, Name};
use linkedin_tui::{Code, Error};
use serde_json::{Value, json};

use crate::faults::mock::{Answer, Mock, after, json as answer_json, with};
use crate::faults::world::{NEW, OLD, World, app, name};
use crate::support::access_token;
use crate::support::sign_in::{free_redirect_url, request, sign_in_by_paste};

/// Signs in by a pasted callback; returns the result and the events.
async fn signed_in(world: &World, profile: Name, choice: MemberMismatch) -> (Result<Outcome, Error>, Vec<Event>) {
    let app = App { redirect_url: free_redirect_url(), ..app(Flow::Standard) };
    let request = Request { profile, on_member_mismatch: Some(choice), ..request(app) };
    sign_in_by_paste(&world.ctx, request).await
}

/// Queues the responses up to the userinfo request.
fn exchanged(mock: &Mock, id_token: Option<&str>) {
    mock.then(answer_json(200, &json!({"active": false})));
    let mut token = json!({"access_token": NEW, "expires_in": 5_183_999, "scope": "openid,profile"});
    if let Some(id_token) = id_token {
        token["id_token"] = id_token.into();
    }
    mock.then(answer_json(200, &token));
}

fn ada() -> Value {
    json!({"sub": "kfW51gr4Ja", "name": "Ada"})
}

fn fresh() -> Name {
    Name::parse("fresh").unwrap()
}

#[tokio::test]
async fn t20_the_token_is_saved_before_userinfo_is_requested() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    exchanged(&mock, None);
    let path = world.ctx.store.profile_path(&fresh());
    let found = Arc::new(Mutex::new(String::new()));
    let content = Arc::clone(&found);
    let read_file = move || *content.lock().unwrap() = std::fs::read_to_string(path).unwrap_or_default();
    mock.then(after(read_file, answer_json(200, &ada())));
    let (result, events) = signed_in(&world, fresh(), MemberMismatch::Discard).await;
    assert_eq!(access_token(&result.unwrap().profile), NEW);
    assert!(found.lock().unwrap().contains(NEW), "it was on the disk before userinfo was requested");
    let place = |wanted: fn(&Event) -> bool| events.iter().position(wanted).unwrap();
    let saved = place(|event| matches!(event, Event::TokenSaved { .. }));
    assert!(saved < place(|event| matches!(event, Event::MemberIdentified(_))));
}

#[tokio::test]
async fn t21_id_token_of_a_different_member_overwrites_nothing() {
    let answers: [fn() -> Answer; 3] = [
        || answer_json(403, &json!({"status": 403, "message": "no"})),
        || with(500, "", b""),
        || with(200, "", b"<html>"),
    ];
    let claims = URL_SAFE_NO_PAD.encode(json!({"sub": "zoe"}).to_string());
    let id_token = format!("e30.{claims}.c2ln");
    for answer in answers {
        for choice in [MemberMismatch::Discard, MemberMismatch::KeepAs(Name::parse("zoe").unwrap())] {
            let mock = Mock::new();
            let world = World::new(&mock.base);
            let before = world.file();
            exchanged(&mock, Some(&id_token));
            mock.then(answer()).then(answer()).then(answer());
            let (result, events) = signed_in(&world, name(), choice.clone()).await;
            let other =
                events.iter().any(|event| matches!(event, Event::DifferentMember { found, .. } if found.id == "zoe"));
            assert!(other, "{events:?}");
            assert_eq!(world.file(), before, "byte for byte");
            if choice == MemberMismatch::Discard {
                assert_eq!(result.unwrap_err().code, Code::DifferentMember);
            } else {
                let saved = result.unwrap().profile;
                assert_eq!((saved.name.as_str(), access_token(&saved)), ("zoe", NEW));
                assert_eq!(saved.member.unwrap().id, "zoe");
            }
        }
    }
}

#[tokio::test]
async fn a_saved_token_is_reported_as_saved_whatever_fails_after_it() {
    for fault in ["newer profile", "deleted profile", "newer state", "damaged sibling"] {
        let mock = Mock::new();
        let world = World::new(&mock.base);
        if fault == "newer state" {
            let state = world.ctx.store.profile_path(&name()).parent().unwrap().with_file_name("state.toml");
            std::fs::write(state, "schema = 2\n").unwrap();
        }
        exchanged(&mock, None);
        let (path, sibling) = (world.ctx.store.profile_path(&fresh()), world.ctx.store.profile_path(&name()));
        let inject_fault = move || match fault {
            "newer profile" => {
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
            }
            "deleted profile" => std::fs::remove_file(&path).unwrap(),
            "damaged sibling" => std::fs::write(&sibling, "app = ").unwrap(),
            _ => {}
        };
        mock.then(after(inject_fault, answer_json(200, &ada())));
        let (result, events) = signed_in(&world, fresh(), MemberMismatch::Discard).await;
        let outcome = result.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(
            (access_token(&outcome.profile), outcome.profile.member.as_ref().unwrap().id.as_str()),
            (NEW, "kfW51gr4Ja")
        );
        let not_saved = events.iter().any(|event| matches!(event, Event::MemberNotSaved { .. }));
        assert_eq!(not_saved, fault.ends_with(" profile"), "{fault}: {events:?}");
        let failures = world.ctx.store.failures();
        assert_eq!(!failures.is_empty(), fault == "newer state", "{fault}: {failures:?}");
    }
}

#[tokio::test]
async fn t22_a_refreshed_token_that_cannot_be_saved_is_returned() {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    world.advance_days(61);
    let original = world.file();
    let issue = || {
        let (path, text) = (world.ctx.store.profile_path(&name()), original.clone());
        std::fs::write(&path, &text).unwrap();
        // A newer version of the program rewrote the file during the request.
        let rewrite = move || std::fs::write(path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
        mock.then(after(rewrite, answer_json(200, &json!({"access_token": NEW, "expires_in": 5_183_999}))));
    };
    issue();
    let notes = Mutex::new(Vec::new());
    let note = |note: Note| notes.lock().unwrap().push(note);
    let profile = valid_token_with_progress(&world.ctx, &name(), SignedDuration::ZERO, &note).await.unwrap();
    assert_eq!(access_token(&profile), NEW);
    let printed = notes.into_inner().unwrap();
    assert!(matches!(&printed[..], [Note::NotSaved(error)] if error.code == Code::FileNewer), "{printed:?}");
    assert_eq!(access_token(&world.stored()), OLD);
    issue();
    let fresh = refresh_with_progress(&world.ctx, &name(), &|_| {}).await.unwrap();
    assert_eq!((access_token(&fresh.profile), fresh.not_saved.unwrap().code), (NEW, Code::FileNewer));
    issue();
    let error = refresh(&world.ctx, &name()).await.unwrap_err();
    assert!(error.message.starts_with("LinkedIn issued a new token, but it could not be saved"), "{error}");
}
