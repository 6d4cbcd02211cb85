//! Paths, queries, versions and limits that the gateway rejects, and the headers of its errors.

use linkedin_tui::internal::sandbox::Scenario;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::client::*;

const STATISTICS: &str = "/rest/memberCreatorPostAnalytics?q=me&queryType=IMPRESSION&aggregation=TOTAL";

#[track_caller]
fn assert_illegal_argument(response: &HttpResponse, message: &str) {
    assert_eq!(
        (response.status, response.json()),
        (400, json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": message }))
    );
}

#[tokio::test]
async fn a_urn_must_be_percent_encoded() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    for path in ["/rest/posts/urn:li:share:1", "/rest/socialActions/urn:li:share:1/comments", "/v2/people/~:(id)"] {
        assert_illegal_argument(&client.get_versioned(&token, path).await, "Syntax exception in path variables");
    }
    for path in ["/rest/posts?q=author&author=urn:li:person:x", "/rest/posts?ids=List(urn:li:share:1)"] {
        assert_illegal_argument(
            &client.get_versioned(&token, path).await,
            "Invalid query parameters passed to request",
        );
    }
    let statistics = format!("{STATISTICS}&entity=(share:urn%3Ali%3Ashare%3A1)");
    assert_eq!(client.get_versioned(&token, &statistics).await.status, 403, "colons of a compound key are not encoded");
}

#[tokio::test]
async fn a_query_must_match_a_method() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let unresolved = "Resource method could not be resolved from request parameters.";
    for path in ["/rest/posts", "/rest/posts?q=author", "/rest/posts?author=x"] {
        assert_illegal_argument(&client.get_versioned(&token, path).await, unresolved);
    }
    assert_illegal_argument(
        &client.send(Method::POST, "/rest/images", &token, VERSION_HEADERS, "{}").await,
        unresolved,
    );
    let projection = "projection parameter is not allowed for this endpoint";
    for path in ["/rest/organizationAcls?q=roleAssignee&projection=(elements*(role))", "/rest/posts/1?projection=(id)"]
    {
        assert_illegal_argument(&client.get_versioned(&token, path).await, projection);
    }
    assert_eq!(client.get_versioned(&token, "/v2/me?projection=(id)").await.status, 403, "/v2 supports projections");
}

#[tokio::test]
async fn unknown_paths_and_unknown_entities_differ() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    for path in ["/rest/nothing", "/v2/nothing", "/rest/posts2/x"] {
        let response = client.get_versioned(&token, path).await;
        let body = json!({ "status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found" });
        assert_eq!((response.status, response.json()), (404, body), "{path}");
        assert_eq!(response.header("x-restli-gateway-error"), Some("true"));
    }
    let mut reshare = draft("my reshare");
    reshare["reshareContext"] = json!({ "parent": "urn:li:share:1" });
    let response = client.publish(&token, &reshare).await;
    assert_eq!((response.status, response.json()["message"].as_str().unwrap()), (404, "Could not find entity"));
    assert_eq!(response.header("x-restli-gateway-error"), Some("false"));
    let response = client.send(Method::PUT, "/rest/posts", &token, VERSION_HEADERS, "{}").await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn an_endpoint_is_missing_in_versions_before_it() {
    let client = SandboxClient::in_scenario(Scenario::ApprovedApp).await;
    let token = client.token("r_basicprofile r_member_postAnalytics").await;
    let versions = json!({ "versions": ["202505", "202506", "202604", "202605"] });
    client.control("scenario", json!({ "name": "approved-app", "set": versions })).await;
    let send = async |version| client.send(Method::GET, STATISTICS, &token, &[("linkedin-version", version)], "").await;
    let response = send("202505").await;
    assert_eq!((response.status, response.json()["code"].as_str().unwrap()), (404, "RESOURCE_NOT_FOUND"));
    for (version, is_string) in [("202506", false), ("202604", false), ("202605", true)] {
        let element = send(version).await.json()["elements"][0].clone();
        assert_eq!(element["metricType"] == "IMPRESSION", is_string, "{version}: {element}");
        assert!(element["count"].is_u64());
    }
    assert_eq!(send("202504").await.status, 426, "an inactive version is rejected first");
}

#[tokio::test]
async fn a_429_names_the_limit() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let day = |limit: &str| format!("Resource level throttle {limit} limit for calls to this resource is reached.");
    let documented = "Resource level throttle limit for calls to this resource is reached.".to_owned();
    for (limit, message, keys) in [
        ("application-day", day("APPLICATION DAY"), 4),
        ("application-day-short", day("APPLICATION DAY"), 2),
        ("member-day", day("APPLICATION_AND_MEMBER DAY"), 4),
        ("documented", documented, 3),
    ] {
        client.set_behavior(json!({ "rate_limit": limit })).await;
        let response = client.userinfo(&token).await;
        let body: Value = response.json();
        assert_eq!((response.status, body["message"].as_str().unwrap()), (429, message.as_str()), "{limit}");
        assert_eq!(body.as_object().unwrap().len(), keys, "{limit}");
        assert_eq!((response.header("retry-after"), response.header("x-restli-gateway-error")), (None, Some("true")));
        let is_token_limited = client.exchange("x").await.status == 429;
        assert_eq!(is_token_limited, limit == "documented", "{limit}: the daily limits are those of the API");
    }
    for (scenario, limit) in
        [("app-daily-limit", "APPLICATION DAY"), ("member-daily-limit", "APPLICATION_AND_MEMBER DAY")]
    {
        client.control("scenario", json!({ "name": scenario })).await;
        assert_eq!(client.publish(&token, &draft("x")).await.json()["message"], day(limit));
    }
    client.control("scenario", json!({ "name": "comment-limit" })).await;
    for path in ["/rest/socialActions/urn%3Ali%3Ashare%3A1/comments", "/v2/socialActions/urn%3Ali%3Ashare%3A1/comments"]
    {
        let response = client.send(Method::POST, path, &token, VERSION_HEADERS, "{}").await;
        let expected_text = "Comment create throttled: creation rate limit exceeded for member";
        assert_eq!((response.status, response.json()), (429, json!({ "message": expected_text, "status": 429 })));
    }
    assert_eq!(client.publish(&token, &draft("posts are not comments")).await.status, 201);
}

#[tokio::test]
async fn error_headers_name_gateway_or_service() {
    let client = SandboxClient::new().await;
    let token = client.token(MEMBER_SCOPES).await;
    let version = |version| vec![("linkedin-version", version)];
    let mut uuids = Vec::new();
    for (what, response, gateway, keys) in [
        ("no token", client.get("/v2/userinfo").await, "true", 3),
        ("bad token", client.userinfo("garbage").await, "true", 4),
        ("no version", client.send(Method::GET, "/rest/posts", &token, &[], "").await, "true", 3),
        ("old version", client.send(Method::GET, "/rest/posts", &token, &version("202504"), "").await, "true", 3),
        ("no path", client.get_versioned(&token, "/rest/nothing").await, "true", 3),
        ("no permission", client.get_versioned(&token, "/rest/posts/urn%3Ali%3Ashare%3A1").await, "false", 4),
        ("schema", client.publish(&token, &json!({})).await, "false", 2),
        ("Page author", client.publish(&token, &with_page_author()).await, "false", 2),
    ] {
        assert_eq!(response.header("x-restli-error-response"), Some("true"), "{what}");
        assert_eq!(response.header("x-restli-gateway-error"), Some(gateway), "{what}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{what}");
        assert_eq!(response.json().as_object().unwrap().len(), keys, "{what}");
        assert_eq!(response.headers.get_all("x-li-fabric").iter().count(), 1, "{what}");
        uuids.push(response.header("x-li-uuid").unwrap().to_owned());
    }
    let count = uuids.len();
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), count, "each response has its own UUID");
}

fn with_page_author() -> Value {
    let mut body = draft("x");
    body["author"] = json!("urn:li:organization:2414183");
    body
}
