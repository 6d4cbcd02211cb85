//! `pages`: the Pages of a member, by the real binary against the sandbox.

use serde_json::{Value, json};

use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

fn page(name: &str, id: u32, role: &str, can_post: bool) -> Value {
    json!({ "name": name, "urn": format!("urn:li:organization:{id}"), "role": role, "can_post": can_post })
}

#[test]
fn all_parts_of_the_list_are_read() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    // The two approved roles are on a part of the list each; the third role is only requested, and is on none.
    env.control("scenario", &json!({ "name": "approved-app", "set": { "largest_page": 1 } }));
    let output = env.run(&["pages", "work", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = json!([
        page("Analytical Engines", 2_414_183, "ADMINISTRATOR", true),
        page("Tea & Differences Ltd.", 2_414_184, "ADMINISTRATOR", true),
    ]);
    assert_eq!(parsed(&output), expected);
    let requests = env.sandbox_state()["requests"].clone();
    assert_eq!(requests["GET /rest/organizationAcls"], json!(3), "one part per Page, and an empty one");
    let line = "can post     urn:li:organization:2414183  ADMINISTRATOR  Analytical Engines\n";
    assert!(stdout(&env.run(&["pages"])).starts_with(line), "{}", stdout(&env.run(&["pages"])));
}

#[test]
fn other_roles_are_listed_too() {
    let env = TestEnv::new(Some("approved-app"));
    assert!(env.login("work", "bruce", &["--scope", COMMUNITY_SCOPES]).status.success());
    let pages = parsed(&env.run(&["pages", "--json"]));
    let expected = json!([
        page("龍 Film Studio", 2_414_185, "ADMINISTRATOR", true),
        page("Tea & Differences Ltd.", 2_414_184, "CONTENT_ADMIN", true),
    ]);
    assert_eq!(pages, expected);
}

#[test]
fn without_a_response_can_post_is_null() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    env.control("fault", &json!({ "path_prefix": "/rest/organizationAuthorizations", "status": 503, "times": 100 }));
    let pages = parsed(&env.run(&["pages", "--json"]));
    assert_eq!((&pages[0]["can_post"], &pages[1]["can_post"]), (&Value::Null, &Value::Null));
    assert!(stdout(&env.run(&["pages"])).starts_with("unknown "));
}

#[test]
fn without_the_scope_no_page_can_be_posted_as() {
    let env = signed_in_with_approved_app("r_basicprofile w_member_social rw_organization_admin");
    let pages = parsed(&env.run(&["pages", "--json"]));
    assert_eq!((&pages[0]["can_post"], &pages[0]["name"]), (&json!(false), &json!("Analytical Engines")));
    let requests = env.sandbox_state()["requests"].clone();
    assert_eq!(requests.get("GET /rest/organizationAuthorizations"), None);
}

#[test]
fn a_member_without_roles_has_no_pages() {
    let env = TestEnv::new(Some("approved-app"));
    assert!(env.login("work", "grace", &["--scope", COMMUNITY_SCOPES]).status.success());
    assert_eq!(parsed(&env.run(&["pages", "--json"])), json!([]));
    assert!(stderr(&env.run(&["pages"])).contains("The member has no role on any Page."));
}

#[test]
fn a_self_serve_app_learns_which_product_is_missing() {
    let env = TestEnv::signed_in(None);
    let output = env.run(&["pages", "--json"]);
    assert_eq!(output.status.code(), Some(5));
    let error = parsed(&output)["error"].clone();
    assert_eq!(error["code"], "not_permitted", "{error}");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("rw_organization_admin") && hint.contains("Community Management API"), "{error}");
}
