//! The permissions of an app and a token, and LinkedIn's errors for missing ones.

use linkedin_tui::internal::sandbox::{CLIENT_ID, MEMBERS, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::client::*;
use crate::sandbox::publishing::{pages_token, upload_image};

const OWN_PAGE: &str = "urn:li:organization:2414183";
/// The scopes that an app with the Community Management API requests.
const COMMUNITY_MANAGEMENT_SCOPES: &str = "r_basicprofile w_member_social w_member_social_feed r_member_postAnalytics \
    w_organization_social r_organization_social rw_organization_admin";

#[track_caller]
fn assert_denied(response: &HttpResponse, permission: &str) {
    let message = format!("Not enough permissions to access: {permission}");
    let body = json!({ "status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message });
    assert_eq!((response.status, response.json()), (403, body));
}

fn with_author(text: &str, author: &str) -> Value {
    let mut body = draft(text);
    body["author"] = json!(author);
    body
}

#[tokio::test]
async fn the_app_determines_which_api_accepts_a_post() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    for (scenario, rest, legacy) in [
        ("normal", 201, 201),
        ("self-serve-app", 201, 201),
        ("legacy-posts-only", 403, 201),
        ("rest-posts-broken", 500, 201),
        ("posts-refused", 403, 403),
        ("app-without-products", 403, 403),
    ] {
        client.control("scenario", json!({ "name": scenario })).await;
        let response = client.publish(&token, &draft(&format!("{scenario} by /rest"))).await;
        assert_eq!(response.status, rest, "{scenario}");
        if rest == 403 {
            assert_denied(&response, "partnerApiPostsExternal.CREATE.20260901");
        } else if rest == 500 {
            assert_eq!(response.text, r#"{"message":"Internal Server Error","status":500}"#);
        }
        let response = client.publish_legacy(&token, &member_urn(), &format!("{scenario} by /v2")).await;
        assert_eq!(response.status, legacy, "{scenario}");
        if legacy == 403 {
            assert_denied(&response, "ugcPosts.CREATE.NO_VERSION");
        }
    }
    let state = client.state().await;
    let texts: Vec<&str> =
        state["posts"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert!(!texts.contains(&"rest-posts-broken by /rest"), "a 500 of this app publishes nothing");
}

#[tokio::test]
async fn a_permission_error_has_three_spellings() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let set =
        async |text: &str| client.set_behavior(json!({ "posts_access": "legacy-only", "permission_text": text })).await;
    set("bare").await;
    assert_denied(&client.publish(&token, &draft("x")).await, "partnerApiPostsExternal.CREATE");
    set("2023").await;
    let response = client.publish(&token, &draft("x")).await;
    let message = "Not enough permissions to access: POST /posts";
    assert_eq!(
        (response.status, response.json()),
        (403, json!({ "serviceErrorCode": 100, "message": message, "status": 403 }))
    );
}

#[tokio::test]
async fn a_page_post_without_its_scope_gets_400() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let post = with_author("as a Page", OWN_PAGE);
    let two_keys = |message: &str| json!({ "message": message, "status": 400 });
    let response = client.publish(&token, &post).await;
    let expected_text = "Organization Or Events permissions must be used when using organization as author";
    assert_eq!((response.status, response.json()), (400, two_keys(expected_text)));
    assert_eq!(response.header("x-restli-gateway-error"), Some("false"));
    client.set_behavior(json!({ "old_page_refusal": true })).await;
    let expected_text = "Organization permissions must be used when using organization as author";
    assert_eq!(client.publish(&token, &post).await.json(), two_keys(expected_text));
    let pages = pages_token(&client, "openid profile w_organization_social", "ada").await;
    client.control("scenario", json!({ "name": "page-post-refused" })).await;
    assert_eq!(client.publish(&pages, &post).await.status, 400);
    client.control("scenario", json!({ "name": "normal" })).await;
    assert_eq!(client.publish(&pages, &post).await.status, 201);
}

#[tokio::test]
async fn an_upload_needs_an_owner_that_the_token_covers() {
    let client = SandboxClient::new().await;
    let member = client.token(MEMBER_SCOPES).await;
    let page_only = pages_token(&client, "r_basicprofile w_organization_social", "ada").await;
    // A different member, because different scopes of the same member would revoke the first token.
    let reader =
        client.exchange(&client.code_for(CLIENT_ID, REDIRECT_URI, "openid profile", "bruce").await).await.json();
    let reader = reader["access_token"].as_str().unwrap();
    let me = format!("urn:li:person:{}", MEMBERS[0].sub_for(linkedin_tui::internal::sandbox::PAGES_CLIENT_ID));
    let start = async |token: &str, owner: &str| {
        let body = json!({ "initializeUploadRequest": { "owner": owner } }).to_string();
        client.send(Method::POST, "/rest/images?action=initializeUpload", token, VERSION_HEADERS, &body).await
    };
    let forbidden = "Accessing this image resource is forbidden. Please check your permissions for this resource";
    for (token, owner, status, message) in [
        (&member, OWN_PAGE, 400, "Organization permissions must be used when using organization as owner"),
        (&page_only, me.as_str(), 400, "Member permissions must be used when using person as owner"),
        (&page_only, "urn:li:organization:2414185", 403, forbidden),
        (&page_only, "urn:li:organization:1", 403, forbidden),
        (&member, "urn:li:person:unknown", 403, forbidden),
        (&member, "urn:li:person:", 403, ""),
    ] {
        let response = start(token, owner).await;
        assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (status, message), "{owner}");
    }
    let empty = start(&member, "urn:li:person:").await;
    assert_eq!(
        (empty.text.as_str(), empty.header("x-linkedin-error-response")),
        (r#"{"message":"","status":403}"#, Some("true"))
    );
    assert_eq!(empty.header("x-restli-error-response"), None);
    assert_eq!(start(&page_only, OWN_PAGE).await.status, 200);
    assert_denied(&start(reader, &member_urn()).await, "partnerApiImagesExternal.ACTION-initializeUpload.20260901");
}

#[tokio::test]
async fn a_restricted_member_signs_in_but_may_do_nothing() {
    let client = SandboxClient::in_scenario(Scenario::RestrictedMember).await;
    let token = client.token(MEMBER_SCOPES).await;
    let body = json!({ "status": 401, "serviceErrorCode": 65608, "code": "RESTRICTED_MEMBER", "message": "Member is restricted" });
    for path in ["/v2/userinfo", "/rest/posts?q=author&author=x", "/rest/organizationAcls?q=roleAssignee"] {
        let response = client.get_versioned(&token, path).await;
        assert_eq!((response.status, response.json()), (401, body.clone()), "{path}");
        assert_eq!(response.header("x-restli-gateway-error"), Some("true"));
    }
    assert_eq!(client.publish(&token, &draft("x")).await.json(), body);
    assert_eq!(client.introspect(&token).await.json()["status"], "active");
    assert_eq!(client.userinfo("garbage").await.json()["serviceErrorCode"], 65_600, "the token is checked first");
}

#[tokio::test]
async fn the_api_and_introspection_can_disagree() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    client.control("scenario", json!({ "name": "introspection-disagrees" })).await;
    assert_eq!(client.introspect(&token).await.json()["status"], "active");
    assert_eq!(client.userinfo(&token).await.json()["serviceErrorCode"], 65_601);
    client.control("scenario", json!({ "name": "normal" })).await;
    assert_eq!(client.userinfo(&token).await.status, 200);
}

#[tokio::test]
async fn duplicates_are_detected_across_both_apis() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let first = client.publish(&token, &draft("the same")).await.header("x-restli-id").unwrap().to_owned();
    let response = client.publish_legacy(&token, &member_urn(), "the same").await;
    assert_eq!(
        (response.status, &response.json()["errorDetails"]["inputErrors"][0]["code"]),
        (422, &json!("DUPLICATE_POST"))
    );
    client.set_behavior(json!({ "duplicate_undetailed": true })).await;
    let response = client.publish(&token, &draft("the same")).await;
    let body = json!({ "message": format!("Content is a duplicate of {first}"), "status": 422 });
    assert_eq!((response.status, response.json()), (422, body));
}

#[tokio::test]
async fn a_posted_image_must_exist_and_belong_to_the_author() {
    let client = SandboxClient::new().await;
    let scopes = "openid profile w_member_social w_organization_social";
    let token = pages_token(&client, scopes, "ada").await;
    let me = format!("urn:li:person:{}", MEMBERS[0].sub_for(linkedin_tui::internal::sandbox::PAGES_CLIENT_ID));
    let start = async || {
        let body = json!({ "initializeUploadRequest": { "owner": &me } }).to_string();
        let response =
            client.send(Method::POST, "/rest/images?action=initializeUpload", &token, VERSION_HEADERS, &body).await;
        response.json()["value"].clone()
    };
    let put = async |slot: &Value, bytes: &'static [u8]| {
        let sent = client.http.put(slot["uploadUrl"].as_str().unwrap()).bearer_auth(&token).body(bytes).send().await;
        read_response(sent.unwrap()).await
    };
    let post = async |author: &str, image: &str| {
        let mut body = with_author(&format!("{author} {image}"), author);
        body["content"] = json!({ "media": { "id": image } });
        client.publish(&token, &body).await
    };
    let owned = upload_image(&client, &token, &me).await;
    let response = post(OWN_PAGE, &owned).await;
    assert_eq!(
        (response.status, &response.json()["errorDetails"]["inputErrors"][0]["code"]),
        (400, &json!("INVALID_CONTENT_OWNERSHIP"))
    );
    let slot = start().await;
    let urn = slot["image"].as_str().unwrap();
    assert_eq!(post(&me, urn).await.json()["code"], "MEDIA_ASSET_WAITING_UPLOAD");
    assert_eq!(put(&slot, b"not an image").await.status, 201, "checked after the upload");
    assert_eq!(post(&me, urn).await.json()["code"], "MEDIA_ASSET_PROCESSING_FAILED");
    assert_eq!(post(&me, "urn:li:image:D4D10AQunknown").await.json()["code"], "INVALID_IMAGE_ID");
    assert_eq!(post(&me, "urn:li:share:1").await.json()["code"], "INVALID_URN_ID");
    assert_eq!(post(&me, &owned).await.status, 201);
    client.advance_clock(25 * 3600).await;
    let expired = put(&slot, b"GIF89a").await;
    assert_eq!((expired.status, expired.json()["code"].as_str().unwrap()), (400, "EXPIRED_UPLOAD_URL"));
}

#[tokio::test]
async fn the_legacy_api_has_its_own_images() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let register = async |change: fn(&mut Value)| {
        let mut body = json!({ "registerUploadRequest": {
            "recipes": ["urn:li:digitalmediaRecipe:feedshare-image"],
            "owner": member_urn(),
            "serviceRelationships": [{ "relationshipType": "OWNER", "identifier": "urn:li:userGeneratedContent" }],
        } });
        change(&mut body["registerUploadRequest"]);
        client.send(Method::POST, "/v2/assets?action=registerUpload", &token, &[], &body.to_string()).await
    };
    let value = register(|_| ()).await.json()["value"].clone();
    let mechanism = &value["uploadMechanism"]["com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest"];
    let put = client.http.put(mechanism["uploadUrl"].as_str().unwrap()).bearer_auth(&token).body(&b"GIF89a"[..]);
    assert_eq!(put.send().await.unwrap().status(), 201);
    let mut post = legacy_draft(&member_urn(), "with an image");
    let share = &mut post["specificContent"]["com.linkedin.ugc.ShareContent"];
    share["shareMediaCategory"] = json!("IMAGE");
    share["media"] = json!([{ "status": "READY", "media": value["asset"], "description": { "text": "a dot" } }]);
    let response = client.send(Method::POST, "/v2/ugcPosts", &token, &[], &post.to_string()).await;
    assert_eq!(response.status, 201, "{}", response.text);
    let content = client.state().await["posts"][0]["content"].clone();
    assert_eq!(content, json!({ "media": { "id": value["asset"], "altText": "a dot" } }));
    let mut versioned = draft("by the versioned API");
    versioned["content"] = content;
    assert_eq!(client.publish(&token, &versioned).await.json()["code"], "INVALID_URN_ID");

    let recipes = register(|request| request["recipes"] = json!([])).await;
    assert!(recipes.status == 403 && recipes.text.contains("[/registerUploadRequest/recipes"), "{}", recipes.text);
    let owner = register(|request| request["owner"] = json!("urn:li:person:unknown")).await;
    assert!(owner.status == 403 && owner.text.contains("[/registerUploadRequest/owner]"), "{}", owner.text);
}

/// Returns each read request with the permission that the error names.
fn read_requests(post: &str) -> Vec<(String, &'static str)> {
    let (me, post) = (encode_urn(&member_urn()), encode_urn(post));
    let authorization = format!(
        "/rest/organizationAuthorizations/(impersonator:{me},organization:{},action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))",
        encode_urn(OWN_PAGE)
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

async fn get_portability_data(client: &SandboxClient, token: &str, version: &str) -> HttpResponse {
    let path = "/rest/memberAuthorizations?q=memberAndApplication";
    client.send(Method::GET, path, token, &[("linkedin-version", version)], "").await
}

#[tokio::test]
async fn a_self_serve_token_can_read_nothing() {
    let client = SandboxClient::in_scenario(Scenario::SelfServeApp).await;
    let token = client.token(MEMBER_SCOPES).await;
    let post = client.publish(&token, &draft("my post")).await.header("x-restli-id").unwrap().to_owned();
    for (path, permission) in read_requests(&post) {
        assert_denied(&client.get_versioned(&token, &path).await, permission);
    }
    assert_denied(
        &get_portability_data(&client, &token, "202312").await,
        "partnerApiMemberAuthorizations.FINDER-memberAndApplication.20231201",
    );
    assert_eq!(get_portability_data(&client, &token, "202609").await.status, 426);
    for (path, permission) in [
        (format!("/rest/socialActions/{}/comments", encode_urn(&post)), "partnerApiSocialActions.CREATE.20260901"),
        ("/rest/reactions".to_owned(), "partnerApiReactions.CREATE.20260901"),
    ] {
        assert_denied(&client.send(Method::POST, &path, &token, VERSION_HEADERS, "{}").await, permission);
    }
    let query = client.authorize(CLIENT_ID, REDIRECT_URI, "openid profile w_organization_social").await.query();
    assert_eq!(query["error"], "unauthorized_scope_error", "the app has no other product");
}

#[tokio::test]
async fn an_approved_app_reads_what_its_scopes_cover() {
    let client = SandboxClient::in_scenario(Scenario::ApprovedApp).await;
    let token = client.token(COMMUNITY_MANAGEMENT_SCOPES).await;
    let post = client.publish(&token, &draft("my post")).await.header("x-restli-id").unwrap().to_owned();
    for (path, _) in read_requests(&post) {
        let response = client.get_versioned(&token, &path).await;
        let is_member_post = path.starts_with("/rest/posts");
        assert_eq!(response.status, if is_member_post { 400 } else { 200 }, "{path}: {}", response.text);
        if is_member_post {
            let expected_text = "Member permissions must be used when using member as author";
            assert_eq!(response.json()["message"], expected_text, "r_member_social is closed to every product");
        }
    }
    let page_post = client.publish(&token, &with_author("as the Page", OWN_PAGE)).await;
    let page_post = encode_urn(page_post.header("x-restli-id").unwrap());
    let list = client.get_versioned(&token, &format!("/rest/posts?q=author&author={}", encode_urn(OWN_PAGE))).await;
    assert_eq!(list.json()["elements"][0]["commentary"], "as the Page");
    assert_eq!(client.get_versioned(&token, &format!("/rest/posts/{page_post}")).await.json()["author"], OWN_PAGE);
    let unknown_post = client.get_versioned(&token, "/rest/socialMetadata/urn%3Ali%3Ashare%3A1").await;
    assert_eq!((unknown_post.status, unknown_post.json()["code"].as_str().unwrap()), (404, "NOT_FOUND"));
    assert_denied(&client.userinfo(&token).await, "userinfo.GET.NO_VERSION");
}

#[tokio::test]
async fn a_role_determines_what_is_allowed_on_a_page() {
    let client = SandboxClient::in_scenario(Scenario::ApprovedApp).await;
    let token = client.token(COMMUNITY_MANAGEMENT_SCOPES).await;
    let send = async |member: &str, page: &str| {
        let path = format!(
            "/rest/organizationAuthorizations/(impersonator:{},organization:{},action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))",
            encode_urn(member),
            encode_urn(page)
        );
        client.get_versioned(&token, &path).await
    };
    for (page, key) in [
        (OWN_PAGE, "com.linkedin.organization.Approved"),
        ("urn:li:organization:2414185", "com.linkedin.organization.Denied"),
    ] {
        let response = send(&member_urn(), page).await.json();
        assert_eq!((&response["impersonator"], &response["organization"]), (&json!(member_urn()), &json!(page)));
        assert!(response["status"].get(key).is_some(), "{page}: {response}");
    }
    assert_eq!(send(&member_urn(), "urn:li:organization:1").await.status, 404);
    assert_eq!(send("urn:li:person:unknown", OWN_PAGE).await.status, 403);
}

#[tokio::test]
async fn an_app_without_products_keeps_only_an_active_token() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    client.control("scenario", json!({ "name": "app-without-products" })).await;
    assert_eq!(client.introspect(&token).await.json()["status"], "active");
    assert_denied(&client.userinfo(&token).await, "userinfo.GET.NO_VERSION");
    for (path, permission) in read_requests("urn:li:share:1") {
        assert_denied(&client.get_versioned(&token, &path).await, permission);
    }
    for (scope, error) in
        [("openid profile", "openid_insufficient_scope_error"), ("w_member_social", "unauthorized_scope_error")]
    {
        assert_eq!(client.authorize(CLIENT_ID, REDIRECT_URI, scope).await.query()["error"], error);
    }
}

#[tokio::test]
async fn portability_data_has_its_own_permission_and_version() {
    let client = SandboxClient::new().await;
    client.control("app", json!({ "client_id": CLIENT_ID, "scopes": ["r_dma_portability_self_serve"] })).await;
    let token = client.token("r_dma_portability_self_serve").await;
    let response = get_portability_data(&client, &token, "202312").await.json();
    assert_eq!(response["elements"][0]["memberComplianceAuthorizationKey"]["member"], json!(member_urn()));
    assert_eq!(get_portability_data(&client, &token, "202609").await.status, 426);
    assert_denied(&client.userinfo(&token).await, "userinfo.GET.NO_VERSION");
}
