//! Quirks 26 to 29: introspection and revocation.

use crate::sandbox::world::*;
use linkedin_tui::internal::sandbox::{CLIENT_ID, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET};
use serde_json::json;

#[tokio::test]
async fn quirk_26_introspection_reports_seconds() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let now = 1_795_000_000;
    assert_eq!(
        world.introspect(&token).await.json(),
        json!({
            "active": true, "client_id": CLIENT_ID, "authorized_at": now, "created_at": now, "status": "active",
            "expires_at": now + 5_184_001, "scope": "email,openid,profile,w_member_social", "auth_type": "3L",
        })
    );
    world.set(json!({ "short_introspection": true })).await;
    let short = world.introspect(&token).await.json();
    assert!(short["active"] == true && short.get("status").is_none() && short.get("authorized_at").is_none());
}

#[tokio::test]
async fn quirk_27_introspection_of_strange_tokens() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let other = [("client_id", STRICT_CLIENT_ID), ("client_secret", STRICT_CLIENT_SECRET), ("token", &token)];
    let seen = world.post("/oauth/v2/introspectToken", &other).await;
    assert_eq!((seen.status, seen.json()), (200, json!({ "active": false })));
    let good = credentials(&[("token", &token)]);
    assert_eq!(world.post("/oauth/v2/introspectToken", &with(&good, "client_id", "nobody")).await.status, 400);
    assert_eq!(world.post("/oauth/v2/introspectToken", &with(&good, "client_secret", "wrong")).await.status, 401);
    assert_eq!(world.introspect("garbage").await.status, 400);
    let unknown = world.post("/oauth/v2/introspectToken", &with(&good, "client_id", "nobody")).await;
    unknown.is_oauth_error(400, "invalid_client_id", "The passed in client_id is invalid \"nobody\"");
    world.advance(60 * 86_400).await;
    let seen = world.introspect(&token).await.json();
    assert_eq!((&seen["active"], &seen["status"]), (&json!(false), &json!("expired")));
}

#[tokio::test]
async fn quirk_28_revocation_works_is_missing_or_fails() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let order = credentials(&[("token", &token)]);
    world.control("scenario", json!({ "name": "revoke-missing" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    assert_eq!(seen.status, 404);
    assert!(seen.header("content-type").unwrap().starts_with("text/html"));
    world.control("scenario", json!({ "name": "revoke-error" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    seen.is_oauth_error(401, "invalid_client", "Client authentication failed");
    assert_eq!(world.introspect(&token).await.json()["status"], "active");
    world.control("scenario", json!({ "name": "normal" })).await;
    let seen = world.post("/oauth/v2/revoke", &order).await;
    assert_eq!((seen.status, seen.text.as_str()), (200, ""));
    assert_eq!(world.introspect(&token).await.json()["status"], "revoked");
    assert!(!world.get("/oauth/.well-known/openid-configuration").await.text.contains("revo"));
}

#[tokio::test]
async fn quirk_29_the_member_can_withdraw() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    world.control("revoke-member-grants", json!({ "member": "ada" })).await;
    assert_eq!(world.introspect(&token).await.json()["status"], "revoked");
    let seen = world.authorize(CLIENT_ID, READY_URI, ALL).await;
    assert!(seen.status == 200 && seen.text.contains("id=\"allow\""));
}
