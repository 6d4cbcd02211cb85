//! Introspection and revocation.

use crate::sandbox::client::*;
use linkedin_tui::internal::sandbox::{CLIENT_ID, STRICT_CLIENT_ID, STRICT_CLIENT_SECRET};
use serde_json::json;

#[tokio::test]
async fn introspection_reports_seconds() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let now = 1_795_000_000;
    assert_eq!(
        client.introspect(&token).await.json(),
        json!({
            "active": true, "client_id": CLIENT_ID, "authorized_at": now, "created_at": now, "status": "active",
            "expires_at": now + 5_184_001, "scope": "email,openid,profile,w_member_social", "auth_type": "3L",
        })
    );
    client.set_behavior(json!({ "short_introspection": true })).await;
    let short = client.introspect(&token).await.json();
    assert!(short["active"] == true && short.get("status").is_none() && short.get("authorized_at").is_none());
}

#[tokio::test]
async fn introspection_of_foreign_and_expired_tokens() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let different_client =
        [("client_id", STRICT_CLIENT_ID), ("client_secret", STRICT_CLIENT_SECRET), ("token", &token)];
    let response = client.post("/oauth/v2/introspectToken", &different_client).await;
    assert_eq!((response.status, response.json()), (200, json!({ "active": false })));
    let request = client_credentials(&[("token", &token)]);
    assert_eq!(
        client.post("/oauth/v2/introspectToken", &with_parameter(&request, "client_id", "unknown")).await.status,
        400
    );
    assert_eq!(
        client.post("/oauth/v2/introspectToken", &with_parameter(&request, "client_secret", "wrong")).await.status,
        401
    );
    assert_eq!(client.introspect("garbage").await.status, 400);
    let unknown = client.post("/oauth/v2/introspectToken", &with_parameter(&request, "client_id", "unknown")).await;
    unknown.assert_oauth_error(400, "invalid_client_id", "The passed in client_id is invalid \"unknown\"");
    client.advance_clock(60 * 86_400).await;
    let response = client.introspect(&token).await.json();
    assert_eq!((&response["active"], &response["status"]), (&json!(false), &json!("expired")));
}

#[tokio::test]
async fn revocation_succeeds_is_missing_or_fails() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let request = client_credentials(&[("token", &token)]);
    client.control("scenario", json!({ "name": "revoke-missing" })).await;
    let response = client.post("/oauth/v2/revoke", &request).await;
    assert_eq!(response.status, 404);
    assert!(response.header("content-type").unwrap().starts_with("text/html"));
    client.control("scenario", json!({ "name": "revoke-error" })).await;
    let response = client.post("/oauth/v2/revoke", &request).await;
    response.assert_oauth_error(401, "invalid_client", "Client authentication failed");
    assert_eq!(client.introspect(&token).await.json()["status"], "active");
    client.control("scenario", json!({ "name": "normal" })).await;
    let response = client.post("/oauth/v2/revoke", &request).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));
    assert_eq!(client.introspect(&token).await.json()["status"], "revoked");
    assert!(!client.get("/oauth/.well-known/openid-configuration").await.text.contains("revo"));
}

#[tokio::test]
async fn the_member_can_withdraw_consent() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    client.control("revoke-member-grants", json!({ "member": "ada" })).await;
    assert_eq!(client.introspect(&token).await.json()["status"], "revoked");
    let response = client.authorize(CLIENT_ID, REDIRECT_URI, MEMBER_SCOPES).await;
    assert!(response.status == 200 && response.text.contains("id=\"allow\""));
}
