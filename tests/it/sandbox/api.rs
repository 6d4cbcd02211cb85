//! Quirks 35 to 50: the API.

use crate::sandbox::world::*;
use linkedin_tui::internal::sandbox::{MEMBERS, Scenario};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn quirk_35_bad_tokens_have_numbers() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let number = |seen: HttpResponse| {
        assert_eq!(seen.status, 401);
        assert_eq!(seen.header("x-restli-error-response"), Some("true"));
        assert_eq!(seen.header("x-restli-gateway-error"), Some("true"));
        (seen.json()["serviceErrorCode"].as_u64().unwrap(), seen.json()["code"].as_str().unwrap().to_owned())
    };
    let missing = world.get("/v2/userinfo").await;
    assert_eq!(
        (missing.status, missing.text.as_str()),
        (401, r#"{"message":"Empty oauth2_access_token","serviceErrorCode":401,"status":401}"#)
    );
    world.set(json!({ "empty_token_65604": true })).await;
    assert_eq!(number(world.get("/v2/userinfo").await), (65_604, "EMPTY_ACCESS_TOKEN".to_owned()));
    assert_eq!(number(world.userinfo("garbage").await), (65_600, "INVALID_ACCESS_TOKEN".to_owned()));
    world.advance(60 * 86_400).await;
    assert_eq!(number(world.userinfo(&token).await), (65_602, "EXPIRED_ACCESS_TOKEN".to_owned()));
    let token = world.token(ALL).await;
    world.control("revoke-member-grants", json!({})).await;
    assert_eq!(number(world.userinfo(&token).await), (65_601, "REVOKED_ACCESS_TOKEN".to_owned()));
    let basic = world.request(Method::GET, "/v2/userinfo").basic_auth("a", Some("b")).send().await.unwrap();
    assert_eq!(seen(basic).await.json()["message"], "Unknown authentication schema");
}

#[tokio::test]
async fn quirk_36_fresh_tokens_and_ghost_permissions() {
    let world = World::in_scenario(Scenario::FreshTokenRefused).await;
    let token = world.token(ALL).await;
    let refused = world.userinfo(&token).await;
    assert_eq!(refused.json()["serviceErrorCode"], 65_601);
    assert_eq!(world.introspect(&token).await.json()["active"], true);
    world.advance(3).await;
    assert_eq!(world.userinfo(&token).await.status, 200);

    world.control("scenario", json!({ "name": "ghost-permissions" })).await;
    world.token("openid profile").await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft("too early")).await.status, 403);
    world.advance(300).await;
    assert_eq!(world.publish(&token, &draft("on time")).await.status, 201);
}

#[tokio::test]
async fn quirk_37_versions_must_be_active() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let body = draft("hello").to_string();
    let seen = world.call(Method::POST, "/rest/posts", &token, &[], &body).await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "VERSION_MISSING"));
    assert_eq!(seen.header("x-restli-gateway-error"), Some("true"));
    let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(
        (seen.status, seen.json()),
        (
            426,
            json!({ "status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20250401 is not active" })
        )
    );
    for (version, shown) in [("202512", "20251201"), ("202511", "20251101"), ("202610", "20261001"), ("202609.02", "")]
    {
        let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", version)], &body).await;
        assert_eq!(seen.status == 426, !shown.is_empty(), "{version}: {}", seen.text);
        assert!(shown.is_empty() || seen.json()["message"] == format!("Requested version {shown} is not active"));
    }
    for month in 1..=9 {
        let text = draft(&format!("month {month}")).to_string();
        let version = format!("20260{month}");
        let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", &version)], &text).await;
        assert_eq!(seen.status, 201, "{version}");
    }
    world.set(json!({ "versions": ["202504"] })).await;
    let body = draft("by another set of versions").to_string();
    let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202504")], &body).await;
    assert_eq!(seen.status, 201);
    world.control("scenario", json!({ "name": "version-not-active" })).await;
    for (version, status) in [("202609", 426), ("202608", 201)] {
        let body = draft(&format!("by {version}")).to_string();
        let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", version)], &body).await;
        assert_eq!(seen.status, status, "{version}");
    }
}

#[tokio::test]
async fn quirk_38_v2_needs_no_version() {
    let world = World::new().await;
    let seen = world.userinfo(&world.token(ALL).await).await;
    assert_eq!(seen.status, 200);
    for name in ["x-li-uuid", "x-li-fabric", "x-li-pop", "x-li-proto", "x-restli-protocol-version", "set-cookie"] {
        assert!(seen.header(name).is_some(), "{name}");
    }
    assert!(seen.header("x-restli-error-response").is_none());
    let token = world.token(ALL).await;
    let versioned =
        async || world.call(Method::GET, "/v2/userinfo", &token, &[("linkedin-version", "202609")], "").await;
    assert_eq!(versioned().await.status, 200);
    world.set(json!({ "v2_refuses_version": true })).await;
    assert_eq!((versioned().await.status, world.userinfo(&token).await.status), (426, 200));
}

#[tokio::test]
async fn quirk_39_the_post_id_is_only_in_a_header() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let seen = world.publish(&token, &draft("one")).await;
    assert_eq!((seen.status, seen.text.as_str()), (201, ""));
    assert!(seen.header("x-restli-id").unwrap().starts_with("urn:li:share:7"));
    world.control("scenario", json!({ "name": "post-id-omitted" })).await;
    let seen = world.publish(&token, &draft("two")).await;
    assert_eq!((seen.status, seen.header("x-restli-id")), (201, None));
    assert_eq!(world.state().await["posts"].as_array().unwrap().len(), 2);
    for (post_id, start) in [("encoded", "urn%3Ali%3Ashare%3A7"), ("ugc-post", "urn:li:ugcPost:7")] {
        world.set(json!({ "post_id": post_id })).await;
        let seen = world.publish(&token, &draft(post_id)).await;
        assert!(seen.header("x-restli-id").unwrap().starts_with(start), "{post_id}");
    }
}

#[tokio::test]
async fn quirk_69_protocol_1_has_a_different_id_header() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    for (protocol, header, other) in
        [("2.0.0", "x-restli-id", "x-linkedin-id"), ("1.0.0", "x-linkedin-id", "x-restli-id")]
    {
        let headers = [("linkedin-version", "202609"), ("x-restli-protocol-version", protocol)];
        let seen = world.call(Method::POST, "/rest/posts", &token, &headers, &draft(protocol).to_string()).await;
        assert!(seen.header(header).unwrap().starts_with("urn:li:share:7") && seen.header(other).is_none());
    }
    let body = draft("none").to_string();
    let seen = world.call(Method::POST, "/rest/posts", &token, &[("linkedin-version", "202609")], &body).await;
    assert!(seen.header("x-linkedin-id").is_some());
}

#[tokio::test]
async fn quirk_40_the_author_must_be_the_members_whole_urn() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let expected_text =
        "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]";
    for author in [MEMBERS[0].sub.to_owned(), format!("urn:li:person:{}", MEMBERS[1].sub)] {
        let mut body = draft("x");
        body["author"] = json!(author);
        let seen = world.publish(&token, &body).await;
        assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (403, expected_text));
    }
    let seen = world.publish(&world.token("openid profile").await, &draft("x")).await;
    let permission = "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901";
    assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (403, permission));
    let seen = world.publish_legacy(&world.token("openid profile").await, &urn(), "x").await;
    assert_eq!(seen.json()["message"], "Not enough permissions to access: ugcPosts.CREATE.NO_VERSION");
}

#[tokio::test]
async fn quirk_41_all_problems_come_in_one_answer() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let seen = world
        .publish(&token, &json!({ "foo": 1, "visibility": "ALL", "distribution": {}, "lifecycleState": "PUBLISHED" }))
        .await;
    assert_eq!(seen.status, 422);
    let message = seen.json()["message"].as_str().unwrap().to_owned();
    for line in [
        "ERROR :: /author :: field is required but not found and has no default value\n",
        "ERROR :: /commentary :: field is required",
        "ERROR :: /foo :: unrecognized field found but not allowed\n",
        "ERROR :: /visibility :: \"ALL\" is not an enum symbol\n",
    ] {
        assert!(message.contains(line), "{message}");
    }
    let headers = [("linkedin-version", "202609")];
    let seen = world.call(Method::POST, "/rest/posts", &token, &headers, "{").await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "ILLEGAL_ARGUMENT"));
    assert_eq!(seen.json()["message"], "Request body could not be converted to data map");
    let mut unpublished = draft("a draft");
    unpublished["lifecycleState"] = json!("DRAFT");
    let seen = world.publish(&token, &unpublished).await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (400, "INVALID_VALUE_FOR_FIELD"));
}

#[tokio::test]
async fn quirk_42_the_same_text_again_is_a_duplicate() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let first = world.publish(&token, &draft("again")).await.header("x-restli-id").unwrap().to_owned();
    let seen = world.publish(&token, &draft("again")).await;
    assert_eq!(seen.status, 422);
    assert_eq!(seen.json()["errorDetails"]["inputErrors"][0]["code"], "DUPLICATE_POST");
    assert!(seen.json()["message"].as_str().unwrap().ends_with(&format!("Content is a duplicate of {first}")));
    world.advance(600).await;
    assert_eq!(world.publish(&token, &draft("again")).await.status, 201);
}

#[tokio::test]
async fn quirk_43_an_unescaped_character_cuts_the_text() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft("Hello LinkedIn API :-) bye")).await.status, 201);
    assert_eq!(world.publish(&token, &draft("Hello LinkedIn API :-\\) bye")).await.status, 201);
    let posts = world.state().await["posts"].clone();
    assert_eq!(posts[0]["text"], "Hello LinkedIn API :-");
    assert_eq!(posts[1]["text"], "Hello LinkedIn API :-) bye");
}

#[tokio::test]
async fn quirk_44_more_than_3000_characters_are_refused() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    assert_eq!(world.publish(&token, &draft(&"x".repeat(3000))).await.status, 201);
    let seen = world.publish(&token, &draft(&"x".repeat(3001))).await;
    assert_eq!(seen.status, 400);
    let problem = seen.json()["errorDetails"]["inputErrors"][0].clone();
    assert_eq!((&problem["code"], &problem["maxLength"]), (&json!("FIELD_ARRAY_SIZE_TOO_HIGH"), &json!(3000)));
    let message = seen.json()["message"].as_str().unwrap().to_owned();
    let expected_text = "ShareCommentary text length (3001 characters) exceeded the maximum allowed (3000 characters)";
    assert!(message.ends_with(expected_text), "{message}");
    world.set(json!({ "long_text": "documented" })).await;
    let seen = world.publish(&token, &draft(&"x".repeat(4200))).await;
    let expected_text = "commentary length 4200 can't exceeded maximum 3000 length";
    assert_eq!(seen.json(), json!({ "status": 400, "code": "FIELD_LENGTH_TOO_LONG", "message": expected_text }));
}

#[tokio::test]
async fn quirk_46_legacy_posts_take_plain_text() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let seen = world.publish_legacy(&token, &urn(), "Hello :-) [you]").await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    assert!(seen.header("x-restli-id").is_some());
    assert_eq!(world.state().await["posts"][0]["text"], "Hello :-) [you]");
    for field in ["distribution", "content"] {
        let mut body = legacy_draft(&urn(), "x");
        body[field] = json!(null);
        let seen = world.call(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
        let expected_text = format!(
            "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/{field}]"
        );
        assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (403, expected_text.as_str()));
    }
    let mut body = legacy_draft(&urn(), "with an image");
    body["specificContent"]["com.linkedin.ugc.ShareContent"]["media"] = json!([{ "media": "urn:li:image:D4D10AQx" }]);
    let seen = world.call(Method::POST, "/v2/ugcPosts", &token, &[], &body.to_string()).await;
    assert_eq!(seen.json()["errorDetails"]["inputErrors"][0]["code"], "INVALID_CONTENT_OWNERSHIP");
    let seen = world.publish_legacy(&token, "urn:li:organization:2414183", "as a Page").await;
    assert!(seen.status == 403 && seen.text.contains("[/author]"), "{}", seen.text);
}

#[tokio::test]
async fn quirk_49_a_post_that_is_gone_is_not_found() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let urn = world.publish(&token, &draft("gone soon")).await.header("x-restli-id").unwrap().to_owned();
    let path = format!("/rest/posts/{}", urn.replace(':', "%3A"));
    let delete =
        async |path: &str| world.call(Method::DELETE, path, &token, &[("linkedin-version", "202609")], "").await;
    let gone = json!({ "code": "NOT_FOUND", "message": "Could not find entity", "status": 404 });
    assert_eq!(delete(&path).await.status, 204);
    assert_eq!(world.state().await["posts"][0]["deleted"], true);
    for path in [path.as_str(), "/rest/posts/urn%3Ali%3Ashare%3A1"] {
        let seen = delete(path).await;
        assert_eq!((seen.status, seen.json()), (404, gone.clone()));
        assert_eq!(seen.header("x-restli-gateway-error"), Some("false"));
    }
    let created = world.publish_legacy(&token, &self::urn(), "by the legacy API").await;
    let path = format!("/v2/ugcPosts/{}", created.header("x-restli-id").unwrap().replace(':', "%3A"));
    assert_eq!(delete(&path).await.status, 204);
    world.control("scenario", json!({ "name": "post-already-deleted" })).await;
    let urn = world.publish(&token, &draft("deleted elsewhere")).await.header("x-restli-id").unwrap().to_owned();
    assert_eq!(delete(&format!("/rest/posts/{}", urn.replace(':', "%3A"))).await.json(), gone);
}

#[tokio::test]
async fn quirk_50_faults_can_be_ordered() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let fault = json!({ "path_prefix": "/v2/userinfo", "status": 503, "body": "{\"status\":503}", "times": 2 });
    world.control("fault", fault).await;
    for status in [503, 503, 200] {
        assert_eq!(world.userinfo(&token).await.status, status);
    }
    let after = json!({ "path_prefix": "/rest/posts", "status": 500, "after": true });
    world.control("fault", after).await;
    assert_eq!(world.publish(&token, &draft("published all the same")).await.status, 500);
    assert_eq!(world.state().await["posts"][0]["text"], "published all the same");

    world.control("scenario", json!({ "name": "drop-connection" })).await;
    let request = world.request(Method::POST, "/rest/posts").bearer_auth(&token).header("linkedin-version", "202609");
    assert!(request.body(draft("unheard").to_string()).send().await.is_err());
    assert_eq!(world.state().await["posts"][1]["text"], "unheard");

    world.set(json!({ "slow_ms": 150 })).await;
    let start = std::time::Instant::now();
    assert_eq!(world.userinfo(&token).await.status, 200);
    assert!(start.elapsed() >= std::time::Duration::from_millis(150));
    for (scenario, status) in [("rate-limited", 429), ("server-error", 500), ("html-instead-of-json", 200)] {
        world.control("scenario", json!({ "name": scenario })).await;
        let seen = world.userinfo(&token).await;
        assert_eq!(seen.status, status);
        assert_eq!(seen.header("retry-after"), None);
        assert_eq!(seen.text.contains("<html"), status == 200);
        assert_eq!(world.exchange("x").await.status, status);
    }
}
