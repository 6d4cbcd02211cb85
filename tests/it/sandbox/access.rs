//! Quirks 51 to 58, 66 to 68 and 70: what an app and a token may do, and LinkedIn's errors when
//! they may not.

use linkedin_tui::internal::sandbox::{CLIENT_ID, MEMBERS, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::publishing::{image, pages_token};
use crate::sandbox::world::*;

const OWN_PAGE: &str = "urn:li:organization:2414183";
/// The scopes that an app with the Community Management API requests.
const COMMUNITY: &str = "r_basicprofile w_member_social w_member_social_feed r_member_postAnalytics \
    w_organization_social r_organization_social rw_organization_admin";

#[track_caller]
fn is_denied(seen: &HttpResponse, permission: &str) {
    let message = format!("Not enough permissions to access: {permission}");
    let body = json!({ "status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message });
    assert_eq!((seen.status, seen.json()), (403, body));
}

fn with_author(text: &str, author: &str) -> Value {
    let mut body = draft(text);
    body["author"] = json!(author);
    body
}

#[tokio::test]
async fn quirk_51_the_app_decides_which_api_takes_a_post() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    for (scenario, rest, legacy) in [
        ("normal", 201, 201),
        ("self-serve-app", 201, 201),
        ("legacy-posts-only", 403, 201),
        ("rest-posts-broken", 500, 201),
        ("posts-refused", 403, 403),
        ("app-without-products", 403, 403),
    ] {
        world.control("scenario", json!({ "name": scenario })).await;
        let seen = world.publish(&token, &draft(&format!("{scenario} by /rest"))).await;
        assert_eq!(seen.status, rest, "{scenario}");
        if rest == 403 {
            is_denied(&seen, "partnerApiPostsExternal.CREATE.20260901");
        } else if rest == 500 {
            assert_eq!(seen.text, r#"{"message":"Internal Server Error","status":500}"#);
        }
        let seen = world.publish_legacy(&token, &urn(), &format!("{scenario} by /v2")).await;
        assert_eq!(seen.status, legacy, "{scenario}");
        if legacy == 403 {
            is_denied(&seen, "ugcPosts.CREATE.NO_VERSION");
        }
    }
    let state = world.state().await;
    let texts: Vec<&str> =
        state["posts"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert!(!texts.contains(&"rest-posts-broken by /rest"), "a 500 of this app publishes nothing");
}

#[tokio::test]
async fn quirk_52_a_gate_is_named_in_three_ways() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let set = async |gate_text: &str| world.set(json!({ "posts_access": "gated", "gate_text": gate_text })).await;
    set("bare").await;
    is_denied(&world.publish(&token, &draft("x")).await, "partnerApiPostsExternal.CREATE");
    set("2023").await;
    let seen = world.publish(&token, &draft("x")).await;
    let message = "Not enough permissions to access: POST /posts";
    assert_eq!(
        (seen.status, seen.json()),
        (403, json!({ "serviceErrorCode": 100, "message": message, "status": 403 }))
    );
}

#[tokio::test]
async fn quirk_53_a_page_without_its_scope_is_refused_with_400() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let post = with_author("as a Page", OWN_PAGE);
    let two_keys = |expected_text: &str| json!({ "message": expected_text, "status": 400 });
    let seen = world.publish(&token, &post).await;
    let expected_text = "Organization Or Events permissions must be used when using organization as author";
    assert_eq!((seen.status, seen.json()), (400, two_keys(expected_text)));
    assert_eq!(seen.header("x-restli-gateway-error"), Some("false"));
    world.set(json!({ "old_page_words": true })).await;
    let expected_text = "Organization permissions must be used when using organization as author";
    assert_eq!(world.publish(&token, &post).await.json(), two_keys(expected_text));
    let pages = pages_token(&world, "openid profile w_organization_social", "ada").await;
    world.control("scenario", json!({ "name": "page-post-refused" })).await;
    assert_eq!(world.publish(&pages, &post).await.status, 400);
    world.control("scenario", json!({ "name": "normal" })).await;
    assert_eq!(world.publish(&pages, &post).await.status, 201);
}

#[tokio::test]
async fn quirk_54_55_56_an_upload_has_the_tokens_own_owner() {
    let world = World::new().await;
    let member = world.token(ALL).await;
    let page_only = pages_token(&world, "r_basicprofile w_organization_social", "ada").await;
    // A different member: other scopes of the same one would revoke the first token.
    let reader = world.exchange(&world.code_for(CLIENT_ID, READY_URI, "openid profile", "bruce").await).await.json();
    let reader = reader["access_token"].as_str().unwrap();
    let me = format!("urn:li:person:{}", MEMBERS[0].sub_for(linkedin_tui::internal::sandbox::PAGES_CLIENT_ID));
    let start = async |token: &str, owner: &str| {
        let body = json!({ "initializeUploadRequest": { "owner": owner } }).to_string();
        world.call(Method::POST, "/rest/images?action=initializeUpload", token, HEADERS, &body).await
    };
    let forbidden = "Accessing this image resource is forbidden. Please check your permissions for this resource";
    for (token, owner, status, message) in [
        (&member, OWN_PAGE, 400, "Organization permissions must be used when using organization as owner"),
        (&page_only, me.as_str(), 400, "Member permissions must be used when using person as owner"),
        (&page_only, "urn:li:organization:2414185", 403, forbidden),
        (&page_only, "urn:li:organization:1", 403, forbidden),
        (&member, "urn:li:person:somebody", 403, forbidden),
        (&member, "urn:li:person:", 403, ""),
    ] {
        let seen = start(token, owner).await;
        assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (status, message), "{owner}");
    }
    let empty = start(&member, "urn:li:person:").await;
    assert_eq!(
        (empty.text.as_str(), empty.header("x-linkedin-error-response")),
        (r#"{"message":"","status":403}"#, Some("true"))
    );
    assert_eq!(empty.header("x-restli-error-response"), None);
    assert_eq!(start(&page_only, OWN_PAGE).await.status, 200);
    is_denied(&start(reader, &urn()).await, "partnerApiImagesExternal.ACTION-initializeUpload.20260901");
}

#[tokio::test]
async fn quirk_57_a_restricted_member_signs_in_and_may_do_nothing() {
    let world = World::in_scenario(Scenario::RestrictedMember).await;
    let token = world.token(ALL).await;
    let body = json!({ "status": 401, "serviceErrorCode": 65608, "code": "RESTRICTED_MEMBER", "message": "Member is restricted" });
    for path in ["/v2/userinfo", "/rest/posts?q=author&author=x", "/rest/organizationAcls?q=roleAssignee"] {
        let seen = world.read(&token, path).await;
        assert_eq!((seen.status, seen.json()), (401, body.clone()), "{path}");
        assert_eq!(seen.header("x-restli-gateway-error"), Some("true"));
    }
    assert_eq!(world.publish(&token, &draft("x")).await.json(), body);
    assert_eq!(world.introspect(&token).await.json()["status"], "active");
    assert_eq!(world.userinfo("garbage").await.json()["serviceErrorCode"], 65_600, "the token is looked at first");
}

#[tokio::test]
async fn quirk_58_the_api_and_introspection_may_disagree() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    world.control("scenario", json!({ "name": "introspection-disagrees" })).await;
    assert_eq!(world.introspect(&token).await.json()["status"], "active");
    assert_eq!(world.userinfo(&token).await.json()["serviceErrorCode"], 65_601);
    world.control("scenario", json!({ "name": "normal" })).await;
    assert_eq!(world.userinfo(&token).await.status, 200);
}

#[tokio::test]
async fn quirk_66_a_duplicate_is_one_across_both_apis() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let first = world.publish(&token, &draft("the same")).await.header("x-restli-id").unwrap().to_owned();
    let seen = world.publish_legacy(&token, &urn(), "the same").await;
    assert_eq!((seen.status, &seen.json()["errorDetails"]["inputErrors"][0]["code"]), (422, &json!("DUPLICATE_POST")));
    world.set(json!({ "duplicate_undetailed": true })).await;
    let seen = world.publish(&token, &draft("the same")).await;
    let body = json!({ "message": format!("Content is a duplicate of {first}"), "status": 422 });
    assert_eq!((seen.status, seen.json()), (422, body));
}

#[tokio::test]
async fn quirk_67_68_an_image_is_the_authors_and_is_there() {
    let world = World::new().await;
    let scopes = "openid profile w_member_social w_organization_social";
    let token = pages_token(&world, scopes, "ada").await;
    let me = format!("urn:li:person:{}", MEMBERS[0].sub_for(linkedin_tui::internal::sandbox::PAGES_CLIENT_ID));
    let start = async || {
        let body = json!({ "initializeUploadRequest": { "owner": &me } }).to_string();
        let seen = world.call(Method::POST, "/rest/images?action=initializeUpload", &token, HEADERS, &body).await;
        seen.json()["value"].clone()
    };
    let put = async |slot: &Value, bytes: &'static [u8]| {
        let sent = world.http.put(slot["uploadUrl"].as_str().unwrap()).bearer_auth(&token).body(bytes).send().await;
        seen(sent.unwrap()).await
    };
    let post = async |author: &str, image: &str| {
        let mut body = with_author(&format!("{author} {image}"), author);
        body["content"] = json!({ "media": { "id": image } });
        world.publish(&token, &body).await
    };
    let owned = image(&world, &token, &me).await;
    let seen = post(OWN_PAGE, &owned).await;
    assert_eq!(
        (seen.status, &seen.json()["errorDetails"]["inputErrors"][0]["code"]),
        (400, &json!("INVALID_CONTENT_OWNERSHIP"))
    );
    let slot = start().await;
    let urn = slot["image"].as_str().unwrap();
    assert_eq!(post(&me, urn).await.json()["code"], "MEDIA_ASSET_WAITING_UPLOAD");
    assert_eq!(put(&slot, b"this is no image").await.status, 201, "it is looked at later");
    assert_eq!(post(&me, urn).await.json()["code"], "MEDIA_ASSET_PROCESSING_FAILED");
    assert_eq!(post(&me, "urn:li:image:D4D10AQunknown").await.json()["code"], "INVALID_IMAGE_ID");
    assert_eq!(post(&me, "urn:li:share:1").await.json()["code"], "INVALID_URN_ID");
    assert_eq!(post(&me, &owned).await.status, 201);
    world.advance(25 * 3600).await;
    let late = put(&slot, b"GIF89a").await;
    assert_eq!((late.status, late.json()["code"].as_str().unwrap()), (400, "EXPIRED_UPLOAD_URL"));
}

#[tokio::test]
async fn the_legacy_api_has_images_of_its_own() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let register = async |change: fn(&mut Value)| {
        let mut body = json!({ "registerUploadRequest": {
            "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
            "owner": urn(),
            "serviceRelationships": [{ "relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent" }],
        } });
        change(&mut body["registerUploadRequest"]);
        world.call(Method::POST, "/v2/assets?action=registerUpload", &token, &[], &body.to_string()).await
    };
    let value = register(|_| ()).await.json()["value"].clone();
    let mechanism = &value["uploadMechanism"]["com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"];
    let put = world.http.put(mechanism["uploadUrl"].as_str().unwrap()).bearer_auth(&token).body(&b"GIF89a"[..]);
    assert_eq!(put.send().await.unwrap().status(), 201);
    let mut post = legacy_draft(&urn(), "with an image");
    let share = &mut post["specificContent"]["com.linkedin.ugc.ShareContent"];
    share["shareMediaCategory"] = json!("IMAGE");
    share["media"] = json!([{ "status": "READY", "media": value["asset"], "description": { "text": "a dot" } }]);
    let seen = world.call(Method::POST, "/v2/ugcPosts", &token, &[], &post.to_string()).await;
    assert_eq!(seen.status, 201, "{}", seen.text);
    let content = world.state().await["posts"][0]["content"].clone();
    assert_eq!(content, json!({ "media": { "id": value["asset"], "altText": "a dot" } }));
    let mut versioned = draft("by the other API");
    versioned["content"] = content;
    assert_eq!(world.publish(&token, &versioned).await.json()["code"], "INVALID_URN_ID");

    let recipes = register(|request| request["recipes"] = json!([])).await;
    assert!(recipes.status == 403 && recipes.text.contains("[/registerUploadRequest/recipes"), "{}", recipes.text);
    let owner = register(|request| request["owner"] = json!("urn:li:person:somebody")).await;
    assert!(owner.status == 403 && owner.text.contains("[/registerUploadRequest/owner]"), "{}", owner.text);
}

/// Each read of a self-serve token, and the permission that its refusal names.
fn reads(post: &str) -> Vec<(String, &'static str)> {
    let (me, post) = (encoded(&urn()), encoded(post));
    let authorization = format!(
        "/rest/organizationAuthorizations/(impersonator:{me},organization:{},action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))",
        encoded(OWN_PAGE)
    );
    vec![
        (format!("/rest/posts?q=author&author={me}&count=1"), "partnerApiPostsExternal.FINDER-author.20260901"),
        (format!("/rest/posts/{post}"), "partnerApiPostsExternal.GET.20260901"),
        (format!("/rest/socialActions/{post}/comments"), "partnerApiSocialActions.GET_ALL.20260901"),
        (format!("/rest/socialActions/{post}"), "partnerApiSocialActions.GET.20260901"),
        (format!("/v2/socialActions/{post}"), "socialActions.GET.NO_VERSION"),
        (format!("/rest/socialMetadata/{post}"), "partnerApiSocialMetadata.GET.20260901"),
        (
            "/rest/memberCreatorPostAnalytics?q=me&queryType=IMPRESSION&aggregation=TOTAL".to_owned(),
            "partnerApiMemberCreatorPostAnalytics.FINDER-me.20260901",
        ),
        ("/rest/organizationAcls?q=roleAssignee".to_owned(), "partnerApiOrganizationAcls.FINDER-roleAssignee.20260901"),
        ("/v2/organizationAcls?q=roleAssignee".to_owned(), "organizationAcls.FINDER-roleAssignee.NO_VERSION"),
        ("/rest/organizations/2414183".to_owned(), "partnerApiOrganizations.GET.20260901"),
        (authorization, "partnerApiOrganizationAuthorizations.GET.20260901"),
        ("/v2/me".to_owned(), "me.GET.NO_VERSION"),
    ]
}

async fn own_data(world: &World, token: &str, version: &str) -> HttpResponse {
    let path = "/rest/memberAuthorizations?q=memberAndApplication";
    world.call(Method::GET, path, token, &[("linkedin-version", version)], "").await
}

#[tokio::test]
async fn quirk_70_a_self_serve_token_reads_nothing() {
    let world = World::in_scenario(Scenario::SelfServeApp).await;
    let token = world.token(ALL).await;
    let post = world.publish(&token, &draft("mine")).await.header("x-restli-id").unwrap().to_owned();
    for (path, permission) in reads(&post) {
        is_denied(&world.read(&token, &path).await, permission);
    }
    is_denied(
        &own_data(&world, &token, "202312").await,
        "partnerApiMemberAuthorizations.FINDER-memberAndApplication.20231201",
    );
    assert_eq!(own_data(&world, &token, "202609").await.status, 426);
    for (path, permission) in [
        (format!("/rest/socialActions/{}/comments", encoded(&post)), "partnerApiSocialActions.CREATE.20260901"),
        ("/rest/reactions".to_owned(), "partnerApiReactions.CREATE.20260901"),
    ] {
        is_denied(&world.call(Method::POST, &path, &token, HEADERS, "{}").await, permission);
    }
    let query = world.authorize(CLIENT_ID, READY_URI, "openid profile w_organization_social").await.query();
    assert_eq!(query["error"], "unauthorized_scope_error", "its app has no other product");
}

#[tokio::test]
async fn an_approved_app_reads_what_its_scopes_cover() {
    let world = World::in_scenario(Scenario::ApprovedApp).await;
    let token = world.token(COMMUNITY).await;
    let post = world.publish(&token, &draft("mine")).await.header("x-restli-id").unwrap().to_owned();
    for (path, _) in reads(&post) {
        let seen = world.read(&token, &path).await;
        let is_member_post = path.starts_with("/rest/posts");
        assert_eq!(seen.status, if is_member_post { 400 } else { 200 }, "{path}: {}", seen.text);
        if is_member_post {
            let expected_text = "Member permissions must be used when using member as author";
            assert_eq!(seen.json()["message"], expected_text, "r_member_social is closed to every product");
        }
    }
    let page_post = world.publish(&token, &with_author("as the Page", OWN_PAGE)).await;
    let page_post = encoded(page_post.header("x-restli-id").unwrap());
    let list = world.read(&token, &format!("/rest/posts?q=author&author={}", encoded(OWN_PAGE))).await;
    assert_eq!(list.json()["elements"][0]["commentary"], "as the Page");
    assert_eq!(world.read(&token, &format!("/rest/posts/{page_post}")).await.json()["author"], OWN_PAGE);
    let gone = world.read(&token, "/rest/socialMetadata/urn%3Ali%3Ashare%3A1").await;
    assert_eq!((gone.status, gone.json()["code"].as_str().unwrap()), (404, "NOT_FOUND"));
    is_denied(&world.userinfo(&token).await, "userinfo.GET.NO_VERSION");
}

#[tokio::test]
async fn a_role_decides_what_may_be_done_on_a_page() {
    let world = World::in_scenario(Scenario::ApprovedApp).await;
    let token = world.token(COMMUNITY).await;
    let ask = async |member: &str, page: &str| {
        let path = format!(
            "/rest/organizationAuthorizations/(impersonator:{},organization:{},action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))",
            encoded(member),
            encoded(page)
        );
        world.read(&token, &path).await
    };
    for (page, key) in [
        (OWN_PAGE, "com.linkedin.organization.Approved"),
        ("urn:li:organization:2414185", "com.linkedin.organization.Denied"),
    ] {
        let seen = ask(&urn(), page).await.json();
        assert_eq!((&seen["impersonator"], &seen["organization"]), (&json!(urn()), &json!(page)));
        assert!(seen["status"].get(key).is_some(), "{page}: {seen}");
    }
    assert_eq!(ask(&urn(), "urn:li:organization:1").await.status, 404);
    assert_eq!(ask("urn:li:person:somebody", OWN_PAGE).await.status, 403);
}

#[tokio::test]
async fn an_app_without_products_keeps_nothing_but_an_active_token() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    world.control("scenario", json!({ "name": "app-without-products" })).await;
    assert_eq!(world.introspect(&token).await.json()["status"], "active");
    is_denied(&world.userinfo(&token).await, "userinfo.GET.NO_VERSION");
    for (path, permission) in reads("urn:li:share:1") {
        is_denied(&world.read(&token, &path).await, permission);
    }
    for (scope, error) in
        [("openid profile", "openid_insufficient_scope_error"), ("w_member_social", "unauthorized_scope_error")]
    {
        assert_eq!(world.authorize(CLIENT_ID, READY_URI, scope).await.query()["error"], error);
    }
}

#[tokio::test]
async fn own_data_has_a_permission_and_a_version_of_its_own() {
    let world = World::new().await;
    world.control("app", json!({ "client_id": CLIENT_ID, "scopes": ["r_dma_portability_self_serve"] })).await;
    let token = world.token("r_dma_portability_self_serve").await;
    let seen = own_data(&world, &token, "202312").await.json();
    assert_eq!(seen["elements"][0]["memberComplianceAuthorizationKey"]["member"], json!(urn()));
    assert_eq!(own_data(&world, &token, "202609").await.status, 426);
    is_denied(&world.userinfo(&token).await, "userinfo.GET.NO_VERSION");
}
