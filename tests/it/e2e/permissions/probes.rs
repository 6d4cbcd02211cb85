//! The requests of a probe, and what LinkedIn's responses prove.

use serde_json::{Value, json};

use super::{
    CAPABILITY_IDS, MEMBER_AND_PAGE_SCOPES, MockedEnv, allowed, denied_response, evidence, expected, probe_permissions,
    product,
};
use crate::e2e::mock_api::Request;
use crate::e2e::test_env::{json, stderr};

fn roles_response(pages: &[(u32, &str)]) -> (u16, Value) {
    let row = |(id, role): &(u32, &str)| {
        json!({"role": role, "organization": format!("urn:li:organization:{id}"), "state": "APPROVED",
               "roleAssignee": "urn:li:person:-kfW51gr4J"})
    };
    (200, json!({"elements": pages.iter().map(row).collect::<Vec<_>>(), "paging": {"start": 0, "count": 100}}))
}

fn authorization_response(is_approved: bool) -> (u16, Value) {
    let key = if is_approved { "Approved" } else { "Denied" };
    (200, json!({"status": {format!("com.linkedin.organization.{key}"): {}}}))
}

#[test]
fn portability_data_is_requested_in_its_own_version() {
    let mocked = MockedEnv::new("r_dma_portability_self_serve", |request| match request.path.as_str() {
        "/v2/userinfo" => Some(denied_response("Not enough permissions to access: userinfo.GET.NO_VERSION")),
        "/rest/memberAuthorizations" if request.header("linkedin-version") == Some("202312") => {
            Some((200, json!({"elements": [{"memberComplianceAuthorizationKey": {"member": "urn:li:person:a"}}]})))
        }
        "/rest/memberAuthorizations" => Some((426, json!({"status": 426, "code": "NONEXISTENT_VERSION"}))),
        _ => None,
    });
    let report = probe_permissions(&mocked.env, "work");
    let mut denied_ids = CAPABILITY_IDS.to_vec();
    denied_ids.retain(|id| *id != "read_posts");
    assert_eq!(allowed(&report, "work"), expected(&["read_posts"], &denied_ids), "{report}");
    assert_eq!(mocked.server.requests().len(), 3);
}

#[test]
fn json_of_another_shape_proves_nothing() {
    let mocked = MockedEnv::new(MEMBER_AND_PAGE_SCOPES, |request| match request.path.as_str() {
        "/v2/userinfo" => Some((200, json!({}))),
        path if path.starts_with("/rest/organizationAcls") => Some((200, json!([]))),
        _ => None,
    });
    let report = probe_permissions(&mocked.env, "work");
    for id in ["sign_in", "post_as_page"] {
        assert_eq!(allowed(&report, "work")[id], None, "{id}");
        assert!(evidence(&report, id).contains("a body that is not LinkedIn's"), "{}", evidence(&report, id));
    }
    let shown = mocked.env.run(&["profiles", "show", "work", "--json"]);
    assert!(json(&shown)["checked_at"].is_null(), "nothing was checked");
}

#[test]
fn at_most_ten_requests_are_sent_and_none_writes() {
    let mocked = MockedEnv::new(MEMBER_AND_PAGE_SCOPES, |request| match request.path.as_str() {
        path if path.starts_with("/rest/organizationAcls") => {
            Some(roles_response(&(1..=40).map(|id| (id, "ADMINISTRATOR")).collect::<Vec<_>>()))
        }
        path if path.starts_with("/rest/organizationAuthorizations/") => Some(authorization_response(true)),
        path if path.starts_with("/rest/") => Some((200, json!({"elements": []}))),
        _ => None,
    });
    mocked.record_post("2025-01-01T00:00:00Z");
    let report = probe_permissions(&mocked.env, "work");
    assert_eq!(
        allowed(&report, "work"),
        expected(&["sign_in", "read_posts", "post_as_page", "statistics"], &[]),
        "{report}"
    );
    let shown = mocked.env.run(&["profiles", "show", "work", "--json"]);
    assert!(json(&shown)["checked_at"].is_string(), "an answer to the token is a check");
    let requests = mocked.server.requests();
    assert_eq!(requests.len(), 10, "{requests:?}");
    for request in &requests {
        let is_read_only = request.method == "GET" || request.path == "/oauth/v2/introspectToken";
        assert!(is_read_only, "{request:?}");
        let version = request.header("linkedin-version");
        assert_eq!(version.is_some(), request.path.starts_with("/rest/"), "{request:?}");
    }
    let paths: Vec<&str> = requests.iter().map(|request| request.path.as_str()).collect();
    for path in [
        "/rest/posts",
        "/rest/socialActions/urn%3Ali%3Ashare%3A7/comments",
        "/rest/socialMetadata/urn%3Ali%3Ashare%3A7",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert!(evidence(&report, "comment").contains("Reading is allowed"), "{report}");
}

#[test]
fn each_error_is_read_as_evidence() {
    let outage = || (503, json!({"message": "Service Unavailable", "status": 503}));
    let rate_limit = || {
        (
            429,
            json!({"status": 429, "message": "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."}),
        )
    };
    let missing_entity = || (404, json!({"status": 404, "code": "NOT_FOUND", "message": "Could not find entity"}));
    let unknown_path =
        || (404, json!({"status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found"}));
    let inactive_version = || {
        (
            426,
            json!({"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"}),
        )
    };
    let missing_product = |name: &str| denied_response(&format!("Not enough permissions to access: {name}"));
    for (what, response, posts, statistics) in [
        ("an outage", outage(), None, None),
        ("a limit", rate_limit(), None, None),
        ("a missing entity", missing_entity(), Some(true), Some(true)),
        ("an unknown path", unknown_path(), None, None),
        ("an inactive version", inactive_version(), None, None),
        ("a missing product", missing_product("partnerApiAnything.FINDER-me.20260901"), Some(false), Some(false)),
        ("a missing product, without a version", missing_product("partnerApiAnything.GET"), Some(false), Some(false)),
        ("a missing scope", missing_product("anything.GET.NO_VERSION"), Some(false), Some(false)),
        (
            "a refused value",
            denied_response(
                "Field Value validation failed in PARAMETER: Data Processing Exception while processing fields [/author]",
            ),
            None,
            None,
        ),
        (
            "another owner",
            denied_response("Accessing the resource is forbidden. Please check your permissions for this resource"),
            None,
            None,
        ),
        (
            "permissions for Pages",
            (400, json!({"message": "Member permissions must be used when using member as author", "status": 400})),
            Some(false),
            Some(false),
        ),
        ("a web page", (200, Value::Null), None, None),
    ] {
        let mocked = MockedEnv::new("openid profile r_member_social r_member_postAnalytics", move |request| {
            request.path.starts_with("/rest/").then(|| response.clone())
        });
        let report = probe_permissions(&mocked.env, "work");
        let found = allowed(&report, "work");
        assert_eq!((found["read_posts"], found["statistics"]), (posts, statistics), "{what}: {report}");
    }
}

#[test]
fn page_posts_are_allowed_by_authorization_or_role() {
    let page = |authorizations: [Option<bool>; 2]| {
        move |request: &Request| {
            let is_for_page = |id: &str| request.path.contains(&format!("organization%3A{id},"));
            let response = |authorization: Option<bool>| {
                authorization.map_or_else(|| denied_response("Insufficient permissions"), authorization_response)
            };
            match request.path.as_str() {
                path if path.starts_with("/rest/organizationAcls") => {
                    Some(roles_response(&[(1, "ADMINISTRATOR"), (2, "ANALYST")]))
                }
                _ if is_for_page("1") => Some(response(authorizations[0])),
                _ if is_for_page("2") => Some(response(authorizations[1])),
                "/rest/organizations/1" => Some((200, json!({"id": 1, "localizedName": "Analytical Engines"}))),
                _ => None,
            }
        }
    };
    let scopes = "openid profile w_organization_social rw_organization_admin";
    for (authorizations, can_post_as_page) in [
        ([Some(true), Some(false)], true),
        ([Some(false), Some(true)], true),
        ([Some(false), Some(false)], false),
        ([None, None], true),
    ] {
        let mocked = MockedEnv::new(scopes, page(authorizations));
        let report = probe_permissions(&mocked.env, "work");
        assert_eq!(allowed(&report, "work")["post_as_page"], Some(can_post_as_page), "{authorizations:?}: {report}");
        // No product can add a missing role.
        assert_eq!(product(&report, "post_as_page").is_null(), !can_post_as_page, "{report}");
        let file = mocked.file();
        let expected = [authorizations[0].unwrap_or(true), authorizations[1].unwrap_or(false)];
        for (id, can_post) in ["1", "2"].iter().zip(expected) {
            let table = file
                .split("[[permissions.pages]]")
                .find(|table| table.contains(&format!("organization:{id}\"")))
                .unwrap();
            assert!(table.contains(&format!("can_post = {can_post}")), "{authorizations:?}: {file}");
        }
    }
    // The error of an invalid author names the possible Pages.
    let mocked = MockedEnv::new(scopes, page([Some(true), Some(false)]));
    probe_permissions(&mocked.env, "work");
    let refused = mocked.env.run(&["post", "Hello", "--as", "my page", "--profile", "work"]);
    assert_eq!(refused.status.code(), Some(2));
    let printed = stderr(&refused);
    assert!(
        printed.contains("urn:li:organization:1 (Analytical Engines)") && !printed.contains("organization:2"),
        "{printed}"
    );
}

#[test]
fn without_openid_the_member_is_read_from_me() {
    let mocked = MockedEnv::new("r_basicprofile w_organization_social rw_organization_admin", |request| match request
        .path
        .as_str()
    {
        "/v2/userinfo" => Some(denied_response("Not enough permissions to access: userinfo.GET.NO_VERSION")),
        "/v2/me" => Some((200, json!({"id": "_me4567890", "localizedFirstName": "Ada"}))),
        path if path.starts_with("/rest/organizationAcls") => Some(roles_response(&[(1, "ANALYST")])),
        path if path.contains("person%3A_me4567890,organization") => Some(authorization_response(true)),
        _ => None,
    });
    let file = mocked.file().replace("[member]\nid = \"-kfW51gr4J\"\n", "");
    std::fs::write(mocked.env.config().join("profiles/work.toml"), file).unwrap();
    let report = probe_permissions(&mocked.env, "work");
    let found = allowed(&report, "work");
    assert_eq!((found["sign_in"], found["post_as_page"]), (Some(false), Some(true)), "{report}");
    assert!(evidence(&report, "post_as_page").contains("by LinkedIn's response"), "{report}");
}

#[test]
fn a_rejected_token_stops_the_probe() {
    for (number, code, exit) in [(65600, "revoked", 4), (65601, "revoked", 4), (65602, "expired", 4)] {
        let mocked = MockedEnv::new(MEMBER_AND_PAGE_SCOPES, move |request| {
            (!request.path.starts_with("/oauth/")).then(|| (401, json!({"status": 401, "serviceErrorCode": number})))
        });
        let output = mocked.env.run(&["permissions", "work", "--json"]);
        assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(exit), &json!(code)), "{number}");
        assert_eq!(mocked.server.requests().len(), 2, "introspection and one call");
        assert!(!mocked.file().contains("permissions"));
    }
}

#[test]
fn a_network_failure_stops_the_probe() {
    let mocked = MockedEnv::new("openid profile r_member_social r_member_postAnalytics", |request| {
        request.path.starts_with("/rest/posts").then_some((0, Value::Null))
    });
    let report = probe_permissions(&mocked.env, "work");
    assert_eq!(
        allowed(&report, "work"),
        expected(&["sign_in"], &["post_as_member", "edit_posts", "comment", "react", "post_as_page"])
    );
    // The request is retried once, because a pooled connection may have been stale.
    assert_eq!(mocked.server.requests().len(), 4, "no request follows it");
}

#[test]
fn an_inactive_version_stops_the_probe() {
    let inactive = || {
        (
            426,
            json!({"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"}),
        )
    };
    let scopes = "openid profile r_member_social r_member_postAnalytics w_organization_social rw_organization_admin";
    let mocked = MockedEnv::new(scopes, move |request| request.path.starts_with("/rest/").then(inactive));
    let found = allowed(&probe_permissions(&mocked.env, "work"), "work");
    assert_eq!((found["read_posts"], found["statistics"], found["post_as_page"]), (None, None, None));
    assert_eq!(mocked.server.requests().len(), 4, "one more request with an earlier version, and no others");

    let mocked = MockedEnv::new(scopes, move |request| match request.path.as_str() {
        path if !path.starts_with("/rest/") => None,
        _ if request.header("linkedin-version") == Some("202609") => Some(inactive()),
        path if path.starts_with("/rest/organizationAcls") => {
            Some(roles_response(&(1..=40).map(|id| (id, "ADMINISTRATOR")).collect::<Vec<_>>()))
        }
        path if path.starts_with("/rest/organizationAuthorizations/") => Some(authorization_response(true)),
        _ => Some((200, json!({"elements": []}))),
    });
    let found = allowed(&probe_permissions(&mocked.env, "work"), "work");
    assert_eq!((found["read_posts"], found["statistics"], found["post_as_page"]), (Some(true), Some(true), Some(true)));
    assert_eq!(mocked.server.requests().len(), 10, "the request that was repeated counts twice");
}
