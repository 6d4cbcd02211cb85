//! Quirks 59 to 65: paths, queries, versions and limits that the gateway refuses, and the headers
//! of its refusals.

use linkedin_tui::internal::sandbox::Scenario;
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::world::*;

const STATISTICS: &str = "/rest/memberCreatorPostAnalytics?q=me&queryType=IMPRESSION&aggregation=TOTAL";

#[track_caller]
fn is_illegal(seen: &HttpResponse, message: &str) {
    assert_eq!(
        (seen.status, seen.json()),
        (400, json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": message }))
    );
}

#[tokio::test]
async fn quirk_59_a_urn_must_be_percent_encoded() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    for path in ["/rest/posts/urn:li:share:1", "/rest/socialActions/urn:li:share:1/comments", "/v2/people/~:(id)"] {
        is_illegal(&world.read(&token, path).await, "Syntax exception in path variables");
    }
    for path in ["/rest/posts?q=author&author=urn:li:person:x", "/rest/posts?ids=List(urn:li:share:1)"] {
        is_illegal(&world.read(&token, path).await, "Invalid query parameters passed to request");
    }
    let statistics = format!("{STATISTICS}&entity=(share:urn%3Ali%3Ashare%3A1)");
    assert_eq!(world.read(&token, &statistics).await.status, 403, "colons of a compound key stay bare");
}

#[tokio::test]
async fn quirk_60_a_query_must_fit_a_method() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let unresolved = "Resource method could not be resolved from request parameters.";
    for path in ["/rest/posts", "/rest/posts?q=author", "/rest/posts?author=x"] {
        is_illegal(&world.read(&token, path).await, unresolved);
    }
    is_illegal(&world.call(Method::POST, "/rest/images", &token, HEADERS, "{}").await, unresolved);
    let projection = "projection parameter is not allowed for this endpoint";
    for path in ["/rest/organizationAcls?q=roleAssignee&projection=(elements*(role))", "/rest/posts/1?projection=(id)"]
    {
        is_illegal(&world.read(&token, path).await, projection);
    }
    assert_eq!(world.read(&token, "/v2/me?projection=(id)").await.status, 403, "/v2 knows projections");
}

#[tokio::test]
async fn quirk_61_a_path_and_an_entity_are_missed_differently() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    for path in ["/rest/nothing", "/v2/nothing", "/rest/posts2/x"] {
        let seen = world.read(&token, path).await;
        let body = json!({ "status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found" });
        assert_eq!((seen.status, seen.json()), (404, body), "{path}");
        assert_eq!(seen.header("x-restli-gateway-error"), Some("true"));
    }
    let mut reshare = draft("look at this");
    reshare["reshareContext"] = json!({ "parent": "urn:li:share:1" });
    let seen = world.publish(&token, &reshare).await;
    assert_eq!((seen.status, seen.json()["message"].as_str().unwrap()), (404, "Could not find entity"));
    assert_eq!(seen.header("x-restli-gateway-error"), Some("false"));
    let seen = world.call(Method::PUT, "/rest/posts", &token, HEADERS, "{}").await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn quirk_62_a_version_older_than_the_endpoint_does_not_have_it() {
    let world = World::in_scenario(Scenario::ApprovedApp).await;
    let token = world.token("r_basicprofile r_member_postAnalytics").await;
    let versions = json!({ "versions": ["202505", "202506", "202604", "202605"] });
    world.control("scenario", json!({ "name": "approved-app", "set": versions })).await;
    let ask = async |version| world.call(Method::GET, STATISTICS, &token, &[("linkedin-version", version)], "").await;
    let seen = ask("202505").await;
    assert_eq!((seen.status, seen.json()["code"].as_str().unwrap()), (404, "RESOURCE_NOT_FOUND"));
    for (version, is_string) in [("202506", false), ("202604", false), ("202605", true)] {
        let element = ask(version).await.json()["elements"][0].clone();
        assert_eq!(element["metricType"] == "IMPRESSION", is_string, "{version}: {element}");
        assert!(element["count"].is_u64());
    }
    assert_eq!(ask("202504").await.status, 426, "an inactive version is refused first");
}

#[tokio::test]
async fn quirk_63_a_429_names_the_limit() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let day = |limit: &str| format!("Resource level throttle {limit} limit for calls to this resource is reached.");
    let documented = "Resource level throttle limit for calls to this resource is reached.".to_owned();
    for (throttle, message, keys) in [
        ("application-day", day("APPLICATION DAY"), 4),
        ("application-day-short", day("APPLICATION DAY"), 2),
        ("member-day", day("APPLICATION_AND_MEMBER DAY"), 4),
        ("documented", documented, 3),
    ] {
        world.set(json!({ "throttle": throttle })).await;
        let seen = world.userinfo(&token).await;
        let body: Value = seen.json();
        assert_eq!((seen.status, body["message"].as_str().unwrap()), (429, message.as_str()), "{throttle}");
        assert_eq!(body.as_object().unwrap().len(), keys, "{throttle}");
        assert_eq!((seen.header("retry-after"), seen.header("x-restli-gateway-error")), (None, Some("true")));
        assert_eq!(world.exchange("x").await.status == 429, throttle == "documented");
    }
    for (scenario, limit) in
        [("app-day-used-up", "APPLICATION DAY"), ("member-day-used-up", "APPLICATION_AND_MEMBER DAY")]
    {
        world.control("scenario", json!({ "name": scenario })).await;
        assert_eq!(world.publish(&token, &draft("x")).await.json()["message"], day(limit));
    }
    world.control("scenario", json!({ "name": "comment-limit" })).await;
    for path in ["/rest/socialActions/urn%3Ali%3Ashare%3A1/comments", "/v2/socialActions/urn%3Ali%3Ashare%3A1/comments"]
    {
        let seen = world.call(Method::POST, path, &token, HEADERS, "{}").await;
        let expected_text = "Comment create throttled: creation rate limit exceeded for member";
        assert_eq!((seen.status, seen.json()), (429, json!({ "message": expected_text, "status": 429 })));
    }
    assert_eq!(world.publish(&token, &draft("posts are not comments")).await.status, 201);
}

#[tokio::test]
async fn quirk_65_refusals_say_who_refuses() {
    let world = World::new().await;
    let token = world.token(ALL).await;
    let version = |version| vec![("linkedin-version", version)];
    let mut uuids = Vec::new();
    for (what, seen, gateway, keys) in [
        ("no token", world.get("/v2/userinfo").await, "true", 3),
        ("bad token", world.userinfo("garbage").await, "true", 4),
        ("no version", world.call(Method::GET, "/rest/posts", &token, &[], "").await, "true", 3),
        ("old version", world.call(Method::GET, "/rest/posts", &token, &version("202504"), "").await, "true", 3),
        ("no path", world.read(&token, "/rest/nothing").await, "true", 3),
        ("gate", world.read(&token, "/rest/posts/urn%3Ali%3Ashare%3A1").await, "false", 4),
        ("schema", world.publish(&token, &json!({})).await, "false", 2),
        ("page", world.publish(&token, &with_page_author()).await, "false", 2),
    ] {
        assert_eq!(seen.header("x-restli-error-response"), Some("true"), "{what}");
        assert_eq!(seen.header("x-restli-gateway-error"), Some(gateway), "{what}");
        assert_eq!(seen.header("content-type"), Some("application/json"), "{what}");
        assert_eq!(seen.json().as_object().unwrap().len(), keys, "{what}");
        assert_eq!(seen.headers.get_all("x-li-fabric").iter().count(), 1, "{what}");
        uuids.push(seen.header("x-li-uuid").unwrap().to_owned());
    }
    let count = uuids.len();
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), count, "each answer has a number of its own");
}

fn with_page_author() -> Value {
    let mut body = draft("x");
    body["author"] = json!("urn:li:organization:2414183");
    body
}
