//! The API.

use crate::sandbox::client::*;
use linkedin_tui::internal::sandbox::{MEMBERS, Scenario};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn invalid_tokens_have_service_error_codes() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let number = |response: HttpResponse| {
        assert_eq!(response.status, 401);
        assert_eq!(response.header("x-restli-error-response"), Some("true"));
        assert_eq!(response.header("x-restli-gateway-error"), Some("true"));
        (response.json()["serviceErrorCode"].as_u64().unwrap(), response.json()["code"].as_str().unwrap().to_owned())
    };
    let missing = client.get("/v2/userinfo").await;
    assert_eq!(
        (missing.status, missing.text.as_str()),
        (401, r#"{"message":"Empty oauth2_access_token","serviceErrorCode":401,"status":401}"#)
    );
    client.set_behavior(json!({ "empty_token_65604": true })).await;
    assert_eq!(number(client.get("/v2/userinfo").await), (65_604, "EMPTY_ACCESS_TOKEN".to_owned()));
    assert_eq!(number(client.userinfo("garbage").await), (65_600, "INVALID_ACCESS_TOKEN".to_owned()));
    client.advance_clock(60 * 86_400).await;
    assert_eq!(number(client.userinfo(&token).await), (65_602, "EXPIRED_ACCESS_TOKEN".to_owned()));
    let token = client.token(MEMBER_SCOPES).await;
    client.control("revoke-member-grants", json!({})).await;
    assert_eq!(number(client.userinfo(&token).await), (65_601, "REVOKED_ACCESS_TOKEN".to_owned()));
    let basic = client.request(Method::GET, "/v2/userinfo").basic_auth("a", Some("b")).send().await.unwrap();
    assert_eq!(read_response(basic).await.json()["message"], "Unknown authentication schema");
}

#[tokio::test]
async fn new_tokens_and_permissions_propagate_slowly() {
    let client = SandboxClient::in_scenario(Scenario::FreshTokenRefused).await;
    let token = client.token(MEMBER_SCOPES).await;
    let refused = client.userinfo(&token).await;
    assert_eq!(refused.json()["serviceErrorCode"], 65_601);
    assert_eq!(client.introspect(&token).await.json()["active"], true);
    client.advance_clock(3).await;
    assert_eq!(client.userinfo(&token).await.status, 200);

    client.control("scenario", json!({ "name": "ghost-permissions" })).await;
    client.token("openid profile").await;
    let token = client.token(MEMBER_SCOPES).await;
    assert_eq!(client.publish(&token, &draft("too early")).await.status, 403);
    client.advance_clock(300).await;
    assert_eq!(client.publish(&token, &draft("on time")).await.status, 201);
    let same_scopes = client.token(MEMBER_SCOPES).await;
    assert_eq!(client.publish(&same_scopes, &draft("at once")).await.status, 201, "no scope is new");
}

#[tokio::test]
async fn versions_must_be_active() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let body = draft("hello").to_string();
    let response = client.send(Method::POST, "/rest/posts", &token, &[], &body).await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (400, "VERSION_MISSING"));
    assert_eq!(response.header("x-restli-gateway-error"), Some("true"));
    let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(
        (response.status, response.json()),
        (
            426,
            json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20250401 is not active" })
        )
    );
    for (version, shown) in [("202512", "20251201"), ("202511", "20251101"), ("202610", "20261001"), ("202609.02", "")]
    {
        let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", version)], &body).await;
        assert_eq!(response.status == 426, !shown.is_empty(), "{version}: {}", response.text);
        assert!(shown.is_empty() || response.json()["message"] == format!("Requested version {shown} is not active"));
    }
    for month in 1..=9 {
        let text = draft(&format!("month {month}")).to_string();
        let version = format!("20260{month}");
        let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", &version)], &text).await;
        assert_eq!(response.status, 201, "{version}");
    }
    client.set_behavior(json!({ "versions": ["202504"] })).await;
    let body = draft("with different versions").to_string();
    let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(response.status, 201);
    client.control("scenario", json!({ "name": "version-not-active" })).await;
    for (version, status) in [("202609", 426), ("202608", 201)] {
        let body = draft(&format!("by {version}")).to_string();
        let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", version)], &body).await;
        assert_eq!(response.status, status, "{version}");
    }
}

#[tokio::test]
async fn v2_needs_no_version() {
    let client = SandboxClient::new().await;
    let response = client.userinfo(&client.token(MEMBER_SCOPES).await).await;
    assert_eq!(response.status, 200);
    for name in ["x-li-uuid", "x-li-fabric", "x-li-pop", "x-li-proto", "x-restli-protocol-version", "set-cookie"] {
        assert!(response.header(name).is_some(), "{name}");
    }
    assert!(response.header("x-restli-error-response").is_none());
    let token = client.token(MEMBER_SCOPES).await;
    let versioned =
        async || client.send(Method::GET, "/v2/userinfo", &token, &[("linkedin-version", "202609")], "").await;
    assert_eq!(versioned().await.status, 200);
    client.set_behavior(json!({ "v2_refuses_version": true })).await;
    assert_eq!((versioned().await.status, client.userinfo(&token).await.status), (426, 200));
}

#[tokio::test]
async fn the_post_id_is_only_in_a_header() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let response = client.publish(&token, &draft("one")).await;
    assert_eq!((response.status, response.text.as_str()), (201, ""));
    assert!(response.header("x-restli-id").unwrap().starts_with("urn:li:share:7"));
    client.control("scenario", json!({ "name": "post-id-omitted" })).await;
    let response = client.publish(&token, &draft("two")).await;
    assert_eq!((response.status, response.header("x-restli-id")), (201, None));
    assert_eq!(client.state().await["posts"].as_array().unwrap().len(), 2);
    for (post_id, start) in [("encoded", "urn%3Ali%3Ashare%3A7"), ("ugc-post", "urn:li:ugcPost:7")] {
        client.set_behavior(json!({ "post_id": post_id })).await;
        let response = client.publish(&token, &draft(post_id)).await;
        assert!(response.header("x-restli-id").unwrap().starts_with(start), "{post_id}");
    }
}

#[tokio::test]
async fn protocol_1_has_a_different_id_header() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    for (protocol, header, other) in
        [("2.0.0", "x-restli-id", "x-linkedin-id"), ("1.0.0", "x-linkedin-id", "x-restli-id")]
    {
        let headers = [("linkedin-version", "202609"), ("x-restli-protocol-version", protocol)];
        let response = client.send(Method::POST, "/rest/posts", &token, &headers, &draft(protocol).to_string()).await;
        assert!(response.header(header).unwrap().starts_with("urn:li:share:7") && response.header(other).is_none());
    }
    let body = draft("none").to_string();
    let response = client.send(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202609")], &body).await;
    assert!(response.header("x-linkedin-id").is_some());
}

#[tokio::test]
async fn the_author_must_be_the_members_full_urn() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let expected_text =
        "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]";
    for author in [MEMBERS[0].sub.to_owned(), format!("urn:li:person:{}", MEMBERS[1].sub)] {
        let mut body = draft("x");
        body["author"] = json!(author);
        let response = client.publish(&token, &body).await;
        assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, expected_text));
    }
    let response = client.publish(&client.token("openid profile").await, &draft("x")).await;
    let permission = "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901";
    assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, permission));
    let response = client.publish_legacy(&client.token("openid profile").await, &member_urn(), "x").await;
    assert_eq!(response.json()["message"], "Not enough permissions to access: ugcPosts.CREATE.NO_VERSION");
}

#[tokio::test]
async fn one_response_lists_all_problems() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let response = client
        .publish(&token, &json!({ "foo": 1, "visibility": "ALL", "distribution": {}, "lifecycleState": "PUBLISHED" }))
        .await;
    assert_eq!(response.status, 422);
    let message = response.json()["message"].as_str().unwrap().to_owned();
    for line in [
        "ERROR :: /author :: field is required but not found and has no default value\n",
        "ERROR :: /commentary :: field is required",
        "ERROR :: /foo :: unrecognized field found but not allowed\n",
        "ERROR :: /visibility :: \"ALL\" is not an enum symbol\n",
    ] {
        assert!(message.contains(line), "{message}");
    }
    let headers = [("linkedin-version", "202609")];
    let response = client.send(Method::POST, "/rest/posts", &token, &headers, "{").await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (400, "ILLEGAL_ARGUMENT"));
    assert_eq!(response.json()["message"], "Request body could not be converted to data map");
    let mut unpublished = draft("a draft");
    unpublished["lifecycleState"] = json!("DRAFT");
    let response = client.publish(&token, &unpublished).await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (400, "INVALID_VALUE_FOR_FIELD"));
}

#[tokio::test]
async fn the_same_text_again_is_a_duplicate() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let first = client.publish(&token, &draft("again")).await.header("x-restli-id").unwrap().to_owned();
    let response = client.publish(&token, &draft("again")).await;
    assert_eq!(response.status, 422);
    assert_eq!(response.json()["errorDetails"]["inputErrors"][0]["code"], "DUPLICATE_POST");
    assert!(response.json()["message"].as_str().unwrap().ends_with(&format!("Content is a duplicate of {first}")));
    client.advance_clock(600).await;
    assert_eq!(client.publish(&token, &draft("again")).await.status, 201);
}

#[tokio::test]
async fn an_unescaped_character_cuts_the_text() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    assert_eq!(client.publish(&token, &draft("Hello LinkedIn API :-) bye")).await.status, 201);
    assert_eq!(client.publish(&token, &draft("Hello LinkedIn API :-\\) bye")).await.status, 201);
    let posts = client.state().await["posts"].clone();
    assert_eq!(posts[0]["text"], "Hello LinkedIn API :-");
    assert_eq!(posts[1]["text"], "Hello LinkedIn API :-) bye");
}

#[tokio::test]
async fn more_than_3000_characters_are_refused() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    assert_eq!(client.publish(&token, &draft(&"x".repeat(3000))).await.status, 201);
    let response = client.publish(&token, &draft(&"x".repeat(3001))).await;
    assert_eq!(response.status, 400);
    let problem = response.json()["errorDetails"]["inputErrors"][0].clone();
    assert_eq!((&problem["code"], &problem["maxLength"]), (&json!("FIELD_ARRAY_SIZE_TOO_HIGH"), &json!(3000)));
    let message = response.json()["message"].as_str().unwrap().to_owned();
    let expected_text = "ShareCommentary text length (3001 characters) exceeded the maximum allowed (3000 characters)";
    assert!(message.ends_with(expected_text), "{message}");
    client.set_behavior(json!({ "long_text": "documented" })).await;
    let response = client.publish(&token, &draft(&"x".repeat(4200))).await;
    let expected_text = "commentary length 4200 can't exceeded maximum 3000 length";
    assert_eq!(response.json(), json!({ "status": 400, "code": "FIELD_LENGTH_TOO_LONG", "message": expected_text }));
}

#[tokio::test]
async fn legacy_posts_are_plain_text() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let response = client.publish_legacy(&token, &member_urn(), "Hello :-) [you]").await;
    assert_eq!(response.status, 201, "{}", response.text);
    assert!(response.header("x-restli-id").is_some());
    assert_eq!(client.state().await["posts"][0]["text"], "Hello :-) [you]");
    for field in ["distribution", "content"] {
        let mut body = legacy_draft(&member_urn(), "x");
        body[field] = json!(null);
        let response = client.send(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
        let expected_text = format!(
            "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/{field}]"
        );
        assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, expected_text.as_str()));
    }
    let mut body = legacy_draft(&member_urn(), "with an image");
    body["specificContent"]["com.linkedin.ugc.ShareContent"]["media"] = json!([{ "media": "urn:li:image:D4D10AQx" }]);
    let response = client.send(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
    assert_eq!(response.json()["errorDetails"]["inputErrors"][0]["code"], "INVALID_CONTENT_OWNERSHIP");
    let response = client.publish_legacy(&token, "urn:li:organization:2414183", "as a Page").await;
    assert!(response.status == 403 && response.text.contains("[/author]"), "{}", response.text);
}

#[tokio::test]
async fn a_deleted_post_is_not_found() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let urn = client.publish(&token, &draft("deleted soon")).await.header("x-restli-id").unwrap().to_owned();
    let path = format!("/rest/posts/{}", urn.replace(':', "%3A"));
    let delete =
        async |path: &str| client.send(Method::DELETE, path, &token, &[("linkedin-version", "202609")], "").await;
    let not_found = json!({ "code": "NOT_FOUND", "message": "Could not find entity", "status": 404 });
    assert_eq!(delete(&path).await.status, 204);
    assert_eq!(client.state().await["posts"][0]["deleted"], true);
    for path in [path.as_str(), "/rest/posts/urn%3Ali%3Ashare%3A1"] {
        let response = delete(path).await;
        assert_eq!((response.status, response.json()), (404, not_found.clone()));
        assert_eq!(response.header("x-restli-gateway-error"), Some("false"));
    }
    let created = client.publish_legacy(&token, &member_urn(), "by the legacy API").await;
    let path = format!("/v2/ugcPosts/{}", created.header("x-restli-id").unwrap().replace(':', "%3A"));
    assert_eq!(delete(&path).await.status, 204);
    client.control("scenario", json!({ "name": "post-already-deleted" })).await;
    let urn = client.publish(&token, &draft("deleted elsewhere")).await.header("x-restli-id").unwrap().to_owned();
    assert_eq!(delete(&format!("/rest/posts/{}", urn.replace(':', "%3A"))).await.json(), not_found);
}

#[tokio::test]
async fn faults_can_be_injected() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let fault = json!({ "path_prefix": "/v2/userinfo", "status": 503, "body": "{\"status\":503}", "times": 2 });
    client.control("fault", fault).await;
    for status in [503, 503, 200] {
        assert_eq!(client.userinfo(&token).await.status, status);
    }
    let after = json!({ "path_prefix": "/rest/posts", "status": 500, "after": true });
    client.control("fault", after).await;
    assert_eq!(client.publish(&token, &draft("published despite the error")).await.status, 500);
    assert_eq!(client.state().await["posts"][0]["text"], "published despite the error");

    client.control("scenario", json!({ "name": "drop-connection" })).await;
    let request = client.request(Method::POST, "/rest/posts").bearer_auth(&token).header("linkedin-version", "202609");
    assert!(request.body(draft("response lost").to_string()).send().await.is_err());
    assert_eq!(client.state().await["posts"][1]["text"], "response lost");

    client.set_behavior(json!({ "slow_ms": 150 })).await;
    let start = std::time::Instant::now();
    assert_eq!(client.userinfo(&token).await.status, 200);
    assert!(start.elapsed() >= std::time::Duration::from_millis(150));
    for (scenario, status) in [("rate-limited", 429), ("server-error", 500), ("html-instead-of-json", 200)] {
        client.control("scenario", json!({ "name": scenario })).await;
        let response = client.userinfo(&token).await;
        assert_eq!(response.status, status);
        assert_eq!(response.header("retry-after"), None);
        assert_eq!(response.text.contains("<html"), status == 200);
        assert_eq!(client.exchange("x").await.status, status);
    }
}
