//! Comments, reactions and their counts, as LinkedIn answers.

use linkedin_tui::internal::sandbox::Scenario;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::client::*;

const SCOPES: &str = "w_member_social w_member_social_feed w_organization_social_feed";
const OWN_PAGE: &str = "urn:li:organization:2414183";
const OTHER_PAGE: &str = "urn:li:organization:2414185";

/// A sandbox of an approved app, a token, and a post.
struct Social {
    client: SandboxClient,
    token: String,
    post: String,
}

impl Social {
    async fn new() -> Self {
        let client = SandboxClient::in_scenario(Scenario::ApprovedApp).await;
        let token = client.token(SCOPES).await;
        let post = client.publish(&token, &draft("Hello")).await.header("x-restli-id").unwrap().to_owned();
        Self { client, token, post }
    }

    fn comments_path(&self, api: &str) -> String {
        format!("{api}/socialActions/{}/comments", encode_urn(&self.post))
    }

    fn body(&self, text: &str) -> Value {
        json!({ "actor": member_urn(), "object": self.post, "message": { "text": text } })
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> HttpResponse {
        self.client.send(method, path, &self.token, VERSION_HEADERS, &body.to_string()).await
    }

    async fn comment(&self, body: &Value) -> HttpResponse {
        self.client.advance_clock(61).await;
        self.send(Method::POST, &self.comments_path("/rest"), body).await
    }

    async fn react(&self, actor: &str, body: &Value) -> HttpResponse {
        self.send(Method::POST, &format!("/rest/reactions?actor={}", encode_urn(actor)), body).await
    }
}

#[track_caller]
fn assert_permission(response: &HttpResponse, permission: &str) {
    let message = format!("Not enough permissions to access: {permission}");
    assert_eq!((response.status, response.json()["message"].as_str()), (403, Some(message.as_str())));
}

#[tokio::test]
async fn a_comment_has_its_number_in_a_header() {
    let social = Social::new().await;
    let response = social.comment(&social.body("First")).await;
    assert_eq!((response.status, response.text.as_str()), (201, ""));
    let id = response.header("x-restli-id").unwrap().to_owned();
    assert!(id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    let parent = format!("urn:li:comment:({},{id})", social.post);
    let mut reply = social.body("Second");
    reply["parentComment"] = json!(parent);
    assert_eq!(social.comment(&reply).await.status, 201);
    let list = social.client.get_versioned(&social.token, &social.comments_path("/rest")).await.json();
    let rows: Vec<(&Value, &Value)> = list["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["message"]["text"], &row["parentComment"]))
        .collect();
    assert_eq!(rows, [(&json!("First"), &Value::Null), (&json!("Second"), &json!(parent))]);
    assert_eq!(list["elements"][0]["commentUrn"], json!(parent));
    // Rest.li 1.0 has another header.
    social.client.advance_clock(61).await;
    let body = social.body("Third").to_string();
    let path = social.comments_path("/v2");
    let response = social.client.send(Method::POST, &path, &social.token, &[], &body).await;
    assert!(response.header("x-linkedin-id").is_some() && response.header("x-restli-id").is_none());
}

#[tokio::test]
async fn a_second_comment_within_a_minute_is_throttled() {
    let social = Social::new().await;
    assert_eq!(social.comment(&social.body("First")).await.status, 201);
    let send = async |api: &str| social.send(Method::POST, &social.comments_path(api), &social.body("x")).await;
    for api in ["/rest", "/v2"] {
        let response = send(api).await;
        let message = "Comment create throttled: creation rate limit exceeded for member";
        assert_eq!((response.status, response.json()), (429, json!({ "message": message, "status": 429 })), "{api}");
    }
    social.client.advance_clock(60).await;
    assert_eq!(send("/rest").await.status, 201);
}

#[tokio::test]
async fn the_body_of_a_comment_is_checked() {
    let social = Social::new().await;
    let response = social.comment(&json!({ "message": {}, "text": "x" })).await;
    let required = "field is required but not found and has no default value\n";
    let message = format!(
        "ERROR :: /actor :: {required}ERROR :: /object :: {required}ERROR :: /message/text :: {required}\
         ERROR :: /text :: unrecognized field found but not allowed\n"
    );
    assert_eq!((response.status, response.json()), (422, json!({ "message": message, "status": 422 })));
    for (actor, status, text) in [
        ("urn:li:person:unknown", 403, "while processing fields [/actor]"),
        (OTHER_PAGE, 403, "Accessing the resource is forbidden"),
        (OWN_PAGE, 201, ""),
    ] {
        let mut body = social.body("x");
        body["actor"] = json!(actor);
        let response = social.comment(&body).await;
        assert!(response.status == status && response.text.contains(text), "{actor}: {}", response.text);
    }
    let path = "/rest/socialActions/urn%3Ali%3Ashare%3A1/comments";
    let unknown = social.send(Method::POST, path, &social.body("x")).await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn a_comment_is_edited_and_deleted_by_its_actor() {
    let social = Social::new().await;
    let id = social.comment(&social.body("Tpyo")).await.header("x-restli-id").unwrap().to_owned();
    let path = |actor: &str| format!("{}/{id}?actor={}", social.comments_path("/rest"), encode_urn(actor));
    let update = json!({ "patch": { "message": { "$set": { "text": "Typo" } } } }).to_string();
    let headers = [VERSION_HEADERS, &[("x-restli-method", "PARTIAL_UPDATE")]].concat();
    let edit = async |actor: &str| {
        social.client.send(Method::POST, &path(actor), &social.token, &headers, &update).await.status
    };
    assert_eq!((edit(OWN_PAGE).await, edit(&member_urn()).await), (403, 204));
    assert_eq!(social.client.state().await["comments"][0]["text"], "Typo");
    for status in [204, 404] {
        assert_eq!(social.send(Method::DELETE, &path(&member_urn()), &json!({})).await.status, status);
    }
}

#[tokio::test]
async fn without_the_scope_only_the_legacy_api_accepts() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let post = client.publish(&token, &draft("Hello")).await.header("x-restli-id").unwrap().to_owned();
    let social = Social { client, token, post };
    let legacy = async || social.send(Method::POST, &social.comments_path("/v2"), &social.body("x")).await;
    assert_permission(&social.comment(&social.body("x")).await, "partnerApiSocialActions.CREATE.20260901");
    assert_eq!(legacy().await.status, 201);
    let id = social.client.state().await["comments"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{}/{id}?actor={}", social.comments_path("/rest"), encode_urn(&member_urn()));
    assert_permission(&social.send(Method::DELETE, &path, &json!({})).await, "partnerApiSocialActions.DELETE.20260901");
    social.client.control("scenario", json!({ "name": "comments-refused" })).await;
    assert_permission(&legacy().await, "socialActions.CREATE.NO_VERSION");

    let like = json!({ "root": social.post, "reactionType": "LIKE" });
    assert_permission(&social.react(&member_urn(), &like).await, "partnerApiReactions.CREATE.20260901");
    let key = format!("(actor:{},entity:{})", encode_urn(&member_urn()), encode_urn(&social.post));
    let deleted = social.send(Method::DELETE, &format!("/rest/reactions/{key}"), &json!({})).await;
    assert_permission(&deleted, "partnerApiReactions.DELETE.20260901");
}

#[tokio::test]
async fn a_scenario_refuses_comments_of_an_approved_app_too() {
    let social = Social::new().await;
    social.client.control("scenario", json!({ "name": "approved-app", "set": { "comments_refused": true } })).await;
    for (api, permission) in
        [("/rest", "partnerApiSocialActions.CREATE.20260901"), ("/v2", "socialActions.CREATE.NO_VERSION")]
    {
        let refused = social.send(Method::POST, &social.comments_path(api), &social.body("x")).await;
        assert_permission(&refused, permission);
    }
}

#[tokio::test]
async fn an_actor_has_one_reaction_which_is_counted() {
    let social = Social::new().await;
    let body = |kind: &str| json!({ "root": social.post, "reactionType": kind });
    for (actor, kind) in [(&*member_urn(), "LIKE"), (&member_urn(), "EMPATHY"), (OWN_PAGE, "EMPATHY")] {
        assert_eq!(social.react(actor, &body(kind)).await.status, 201);
    }
    assert_eq!(social.comment(&social.body("x")).await.status, 201);
    let counts = async || {
        let path = format!("/rest/socialMetadata/{}", encode_urn(&social.post));
        social.client.get_versioned(&social.token, &path).await.json()
    };
    let expected = json!({
        "reactionSummaries": { "EMPATHY": { "reactionType": "EMPATHY", "count": 2 } },
        "commentSummary": { "count": 1, "topLevelCount": 1 }, "commentsState": "OPEN", "entity": social.post,
    });
    assert_eq!(counts().await, expected);
    let list = format!("/rest/reactions/(entity:{})?q=entity", encode_urn(&social.post));
    let list = social.client.get_versioned(&social.token, &list).await.json();
    assert_eq!(list["elements"].as_array().unwrap().len(), 2);
    let key = format!("(actor:{},entity:{})", encode_urn(&member_urn()), encode_urn(&social.post));
    for status in [204, 404] {
        let response = social.send(Method::DELETE, &format!("/rest/reactions/{key}"), &json!({})).await;
        assert_eq!(response.status, status);
    }
    assert_eq!(counts().await["reactionSummaries"]["EMPATHY"]["count"], 1);
}

#[tokio::test]
async fn a_reaction_has_an_actor_a_type_and_a_post() {
    let social = Social::new().await;
    let with = |root: &str, kind: &str| json!({ "root": root, "reactionType": kind });
    let unknown = social.react(&member_urn(), &with(&social.post, "MAYBE")).await;
    assert_eq!(unknown.status, 422);
    assert_eq!(unknown.json()["message"], "ERROR :: /reactionType :: \"MAYBE\" is not an enum symbol\n");
    assert_eq!(social.react(&member_urn(), &with("urn:li:share:1", "LIKE")).await.status, 404);
    assert_eq!(social.react("urn:li:person:unknown", &with(&social.post, "LIKE")).await.status, 403);
    assert_eq!(social.send(Method::POST, "/rest/reactions", &with(&social.post, "LIKE")).await.status, 400);
}

#[tokio::test]
async fn statistics_are_strict_about_their_query() {
    let client = SandboxClient::in_scenario(Scenario::ApprovedApp).await;
    let token = client.token("w_member_social r_member_postAnalytics").await;
    let post = client.publish(&token, &draft("Hello")).await.header("x-restli-id").unwrap().to_owned();
    let get = async |query: &str, version: &str| {
        let path = format!("/rest/memberCreatorPostAnalytics?{query}&aggregation=TOTAL");
        client.send(Method::GET, &path, &token, &[("linkedin-version", version)], "").await
    };
    let urn = encode_urn(&post);
    for (query, version, status) in [
        ("q=me&queryType=IMPRESSION", "202609", 200),
        (&format!("q=entity&entity=(share:{urn})&queryType=IMPRESSION"), "202609", 200),
        (&format!("q=entity&entity=(ugc:{urn})&queryType=IMPRESSION"), "202609", 400),
        ("q=entity&queryType=IMPRESSION", "202609", 400),
        ("q=entity&entity=(share:urn%3Ali%3Ashare%3A1)&queryType=IMPRESSION", "202609", 404),
        ("q=me&queryType=VIEWS", "202609", 400),
        ("q=me&queryType=POST_SAVE", "202604", 200),
        ("q=me&queryType=POST_SAVE", "202603", 400),
    ] {
        let response = get(query, version).await;
        assert_eq!(response.status, status, "{query} {version}: {}", response.text);
    }
    let metric = async |version: &str| get("q=me&queryType=COMMENT", version).await.json()["elements"][0].clone();
    assert_eq!(metric("202605").await, json!({ "count": 0, "metricType": "COMMENT" }));
    assert!(metric("202604").await["metricType"].is_object());
}
