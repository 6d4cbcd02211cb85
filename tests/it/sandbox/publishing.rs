//! Posts with images, posts of Pages, limits, and updates.

use linkedin_tui::internal::sandbox::{MEMBERS, PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::client::*;

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x01D\0;";

pub(crate) async fn pages_token(client: &SandboxClient, scope: &str, member: &str) -> String {
    let code = client.code_for(PAGES_CLIENT_ID, REDIRECT_URI, scope, member).await;
    let form = with_parameter(
        &with_parameter(&token_request(&code), "client_id", PAGES_CLIENT_ID),
        "client_secret",
        PAGES_CLIENT_SECRET,
    );
    client.post("/oauth/v2/accessToken", &form).await.json()["access_token"].as_str().unwrap().to_owned()
}

/// Uploads an image for `owner` and returns its URN.
pub(crate) async fn upload_image(client: &SandboxClient, token: &str, owner: &str) -> String {
    let body = json!({ "initializeUploadRequest": { "owner": owner } }).to_string();
    let response =
        client.send(Method::POST, "/rest/images?action=initializeUpload", token, VERSION_HEADERS, &body).await;
    assert_eq!(response.status, 200, "{}", response.text);
    let value = response.json()["value"].clone();
    let url = value["uploadUrl"].as_str().unwrap();
    let put = client.http.put(url).bearer_auth(token).body(GIF).send().await.unwrap();
    assert_eq!((put.status().as_u16(), put.text().await.unwrap().as_str()), (201, ""));
    value["image"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn repeated_upload_of_a_first_part_replaces_it() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let post = async |action: &str, body: Value| {
        let path = format!("/rest/videos?action={action}");
        client.send(Method::POST, &path, &token, VERSION_HEADERS, &body.to_string()).await
    };
    let request = json!({ "initializeUploadRequest": { "owner": member_urn(), "fileSizeBytes": 80_000 } });
    let started = post("initializeUpload", request).await.json()["value"].clone();
    let url = started["uploadInstructions"][0]["uploadUrl"].as_str().unwrap();
    let put = async |url: &str, start: &[u8]| {
        let mut bytes = start.to_vec();
        bytes.resize(80_000, 0);
        client.http.put(url).body(bytes).send().await.unwrap()
    };
    assert_eq!(put(url, b"no video").await.status(), 201);
    let unknown_part = url.replace("/uploadedVideo/0", &format!("/uploadedVideo/{}", u64::MAX));
    assert_eq!(put(&unknown_part, b"").await.status(), 404);
    let accepted = put(url, b"\0\0\0\x18ftypmp42").await;
    let part = accepted.headers()["etag"].to_str().unwrap().trim_matches('"').to_owned();
    let request = json!({ "video": started["video"], "uploadToken": "", "uploadedPartIds": [part] });
    assert_eq!(post("finalizeUpload", json!({ "finalizeUploadRequest": request })).await.status, 200);
    let path = format!("/rest/videos/{}", started["video"].as_str().unwrap().replace(':', "%3A"));
    let mut status = json!("PROCESSING");
    while status == "PROCESSING" {
        status = client.send(Method::GET, &path, &token, VERSION_HEADERS, "").await.json()["status"].clone();
    }
    assert_eq!(status, "AVAILABLE");
}

#[tokio::test]
async fn the_header_may_come_in_mixed_case() {
    let client = SandboxClient::in_scenario(Scenario::MixedCaseHeaders).await;
    let token = client.token(MEMBER_SCOPES).await;
    let body = draft("mixed").to_string();
    let mut stream =
        tokio::net::TcpStream::connect(("127.0.0.1", client.sandbox.base().port().unwrap())).await.unwrap();
    let request = format!(
        "POST /rest/posts HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nLinkedIn-Version: 202609\r\nX-Restli-Protocol-Version: 2.0.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut response = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 201") && response.contains("X-Restli-Id: urn:li:share:7"), "{response}");
}

#[tokio::test]
async fn the_daily_limit_resets_at_midnight_utc() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    // The sandbox's clock is at 2026-11-18T11:06:40Z.
    for number in 0..150 {
        assert_eq!(client.publish(&token, &draft(&format!("post {number}"))).await.status, 201, "{number}");
    }
    let response = client.publish(&token, &draft("one too many")).await;
    let expected_text =
        "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.";
    let body = json!({ "status": 429, "serviceErrorCode": 101, "code": "TOO_MANY_REQUESTS", "message": expected_text });
    assert_eq!((response.status, response.json()), (429, body));
    assert_eq!(response.header("retry-after"), None);
    let bruce_token = pages_token(&client, "openid profile w_member_social", "bruce").await;
    let mut body = draft("a different member");
    body["author"] = json!(format!("urn:li:person:{}", MEMBERS[1].sub_for(PAGES_CLIENT_ID)));
    assert_eq!(client.publish(&bruce_token, &body).await.status, 201, "each member has a separate daily limit");
    let seconds_left = 86_400 - 1_795_000_000 % 86_400;
    client.advance_clock(seconds_left - 1).await;
    assert_eq!(client.publish(&token, &draft("before midnight")).await.status, 429);
    client.advance_clock(1).await;
    assert_eq!(client.publish(&token, &draft("a new day")).await.status, 201);
}

#[tokio::test]
async fn images_are_uploaded_with_the_token() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let initialize = |owner: &str| json!({ "initializeUploadRequest": { "owner": owner } }).to_string();
    let path = "/rest/images?action=initializeUpload";
    let response = client.send(Method::POST, path, &token, VERSION_HEADERS, &initialize(&member_urn())).await;
    let value = response.json()["value"].clone();
    let (url, image_urn) = (value["uploadUrl"].as_str().unwrap(), value["image"].as_str().unwrap());
    assert!(value["uploadUrlExpiresAt"].as_i64().unwrap() > 1_795_000_000_000);
    assert!(image_urn.starts_with("urn:li:image:D4D10AQ"));
    let bare = client.http.put(url).body(GIF).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    let mut post = draft("with an image");
    post["content"] = json!({ "media": { "id": image_urn, "altText": "a dot" } });
    assert_eq!(client.publish(&token, &post).await.json()["code"], "MEDIA_ASSET_WAITING_UPLOAD");
    let put = client.http.put(url).bearer_auth(&token).body(GIF).send().await.unwrap();
    assert_eq!((put.status().as_u16(), put.text().await.unwrap().as_str()), (201, ""));
    assert_eq!(client.publish(&token, &post).await.status, 201);
    let encoded = image_urn.replace(':', "%3A");
    let response = client.send(Method::GET, &format!("/rest/images/{encoded}"), &token, VERSION_HEADERS, "").await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (403, "ACCESS_DENIED"));
    client.set_behavior(json!({ "images_readable": true })).await;
    assert_eq!(client.get_versioned(&token, &format!("/rest/images/{encoded}")).await.json()["status"], "AVAILABLE");
    let shown =
        client.http.get(client.url(&format!("/sandbox/image/{}", image_urn.trim_start_matches("urn:li:image:"))));
    let shown = shown.send().await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/gif");
    assert_eq!(shown.bytes().await.unwrap(), GIF);
    assert_eq!(
        client.send(Method::POST, path, &token, VERSION_HEADERS, &initialize("urn:li:person:x")).await.status,
        403
    );
    assert_eq!(client.send(Method::POST, path, &token, VERSION_HEADERS, "{}").await.status, 422);
    assert_eq!(
        client.send(Method::POST, path, &token, &[], &initialize(&member_urn())).await.json()["code"],
        "VERSION_MISSING"
    );
}

#[tokio::test]
async fn content_is_checked_and_stored() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let (one, two) =
        (upload_image(&client, &token, &member_urn()).await, upload_image(&client, &token, &member_urn()).await);
    let mut body = draft("content");
    let images = |ids: &[&str]| {
        let images: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
        json!({ "multiImage": { "images": images } })
    };
    for count in [1, 21] {
        body["content"] = images(&vec![one.as_str(); count]);
        let response = client.publish(&token, &body).await;
        assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (400, "INVALID_VALUE_FOR_FIELD"));
    }
    for wrong in [
        json!({}),
        json!({ "poll": {} }),
        json!({ "article": { "title": "no source" } }),
        json!({ "media": {} }),
        json!({ "article": { "source": "https://x.example" }, "media": { "id": one } }),
    ] {
        body["content"] = wrong.clone();
        let response = client.publish(&token, &body).await;
        assert!(response.status == 422 && response.text.contains("ERROR :: /content"), "{wrong}: {}", response.text);
    }
    body["content"] = json!({ "media": { "id": one, "altText": "x".repeat(4087) } });
    assert_eq!(client.publish(&token, &body).await.json()["code"], "FIELD_LENGTH_TOO_LONG");
    body["content"] = images(&[&one, &two]);
    let created = client.publish(&token, &body).await.header("x-restli-id").unwrap().to_owned();
    assert!(created.starts_with("urn:li:ugcPost:7"), "{created}");
    assert_eq!(client.state().await["posts"][0]["content"], body["content"]);
    let page = client.get("/").await.text;
    assert_eq!(page.matches("<img src=\"/sandbox/image/D4D10AQ").count(), 2);
}

#[tokio::test]
async fn page_roles_are_paginated_and_have_a_state() {
    let client = SandboxClient::new().await;
    let scopes = "openid profile rw_organization_admin w_organization_social w_member_social";
    let token = pages_token(&client, scopes, "ada").await;
    let send = async |path: &str| client.send(Method::GET, path, &token, VERSION_HEADERS, "").await.json();
    let all = "/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR";
    let states: Vec<Value> =
        send(all).await["elements"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect();
    assert_eq!(states, ["APPROVED", "REQUESTED", "APPROVED"]);
    let mut path = format!("{all}&state=APPROVED&start=0&count=1");
    let mut organizations = Vec::new();
    loop {
        let list = send(&path).await;
        assert_eq!(list["paging"]["count"], 1);
        organizations.push(list["elements"][0]["organization"].as_str().unwrap().to_owned());
        let Some(next) = list["paging"]["links"][0]["href"].as_str() else { break };
        path = next.to_owned();
    }
    assert_eq!(organizations, ["urn:li:organization:2414183", "urn:li:organization:2414184"]);
    for (path, key) in
        [("/v2/organizationAcls", "organizationTarget"), ("/v2/organizationalEntityAcls", "organizationalTarget")]
    {
        assert_eq!(send(&format!("{path}?q=roleAssignee")).await["elements"][0][key], organizations[0].as_str());
    }
    let organization = send("/rest/organizations/2414183").await;
    let expected =
        json!({ "id": 2_414_183, "localizedName": "Analytical Engines", "vanityName": "analytical-engines" });
    assert_eq!(organization, expected);

    let plain = client.token(MEMBER_SCOPES).await;
    let response = client.send(Method::GET, "/v2/organizationAcls?q=roleAssignee", &plain, &[], "").await;
    let expected_text = "Not enough permissions to access: organizationAcls.FINDER-roleAssignee.NO_VERSION";
    assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, expected_text));
    let response = client.get_versioned(&plain, "/rest/organizationAcls?q=roleAssignee").await;
    let expected_text = "Not enough permissions to access: partnerApiOrganizationAcls.FINDER-roleAssignee.20260901";
    assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, expected_text));
}

#[tokio::test]
async fn a_page_post_needs_its_own_scope_and_a_role() {
    let client = SandboxClient::new().await;
    let scopes = "openid profile w_organization_social";
    let ada = pages_token(&client, scopes, "ada").await;
    let bruce = pages_token(&client, scopes, "bruce").await;
    let post = |author: &str| {
        let mut body = draft(&format!("as {author}"));
        body["author"] = json!(author);
        body
    };
    let (own_page, foreign_page) = ("urn:li:organization:2414183", "urn:li:organization:2414185");
    let response = client.publish(&ada, &post(own_page)).await;
    let created = response.header("x-restli-id").unwrap().to_owned();
    assert_eq!(response.status, 201);
    let forbidden = "Accessing the resource is forbidden. Please check your permissions for this resource";
    for page in [foreign_page, "urn:li:organization:1"] {
        let refused = client.publish(&ada, &post(page)).await;
        assert_eq!((refused.status, refused.json()), (403, json!({ "message": forbidden, "status": 403 })), "{page}");
    }
    assert_eq!(client.publish(&bruce, &post("urn:li:organization:2414184")).await.status, 201, "CONTENT_ADMIN may");
    let member = format!("urn:li:person:{}", MEMBERS[0].sub_for(PAGES_CLIENT_ID));
    let refused = client.publish(&ada, &post(&member)).await;
    assert!(refused.text.contains("partnerApiPostsExternal.CREATE.20260901"), "{}", refused.text);
    let path = format!("/rest/posts/{}", created.replace(':', "%3A"));
    assert_eq!(client.send(Method::DELETE, &path, &bruce, VERSION_HEADERS, "").await.status, 403);
    assert_eq!(client.send(Method::DELETE, &path, &ada, VERSION_HEADERS, "").await.status, 204);
    assert!(client.get("/").await.text.contains("Deleted by Analytical Engines"));
}

#[tokio::test]
async fn a_partial_update_changes_the_text() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let created = client.publish(&token, &draft("first")).await.header("x-restli-id").unwrap().to_owned();
    let path = format!("/rest/posts/{}", created.replace(':', "%3A"));
    let headers = [VERSION_HEADERS, &[("x-restli-method", "PARTIAL_UPDATE")]].concat();
    let change = json!({ "patch": { "$set": { "commentary": r"second \(better\)" } } }).to_string();
    let response = client.send(Method::POST, &path, &token, &headers, &change).await;
    assert_eq!((response.status, response.text.as_str()), (204, ""));
    assert_eq!(client.state().await["posts"][0]["text"], "second (better)");
    assert!(client.get("/").await.text.contains("Edited"));
    assert_eq!(client.send(Method::POST, &path, &token, VERSION_HEADERS, &change).await.status, 400);
    assert_eq!(client.send(Method::POST, &path, &token, &headers, "{}").await.status, 422);
    let unknown = client.send(Method::POST, "/rest/posts/urn%3Ali%3Ashare%3A1", &token, &headers, &change).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn an_app_without_the_product_has_only_legacy_posts() {
    let client = SandboxClient::in_scenario(Scenario::LegacyPostsOnly).await;
    let token = client.token(MEMBER_SCOPES).await;
    let response = client.publish(&token, &draft("x")).await;
    let expected_text = "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901";
    assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (403, expected_text));
    assert_eq!(client.publish_legacy(&token, &member_urn(), "x").await.status, 201);
}

#[tokio::test]
async fn the_feed_shows_a_post_as_published() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let mut body = draft("see #rust and \\<b\\>");
    body["content"] =
        json!({ "article": { "source": "javascript:alert(1)", "title": "<script>", "description": "d" } });
    body["visibility"] = json!("CONNECTIONS");
    let created = client.publish(&token, &body).await.header("x-restli-id").unwrap().to_owned();
    for page in [client.get("/").await, client.get(&format!("/feed/update/{created}/")).await] {
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        let page = page.text;
        assert!(page.contains("see <span class=\"tag\">#rust</span> and &lt;b&gt;"), "{page}");
        assert!(page.contains("Connections only") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("href=\"javascript") && !page.contains("<script"));
    }
    assert_eq!(client.get("/feed/update/urn:li:share:1/").await.status, 404);
    assert_eq!(client.get("/sandbox/image/..%2f..%2fserver.json").await.status, 404);
}
