//! Scopes and the products that grant them: the list, rejected combinations, and the member of a token without `openid`.

use std::io::Write;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{PAGES_CLIENT_ID, PAGES_CLIENT_SECRET};
use serde_json::{Value, json};

use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

const PAGE_SCOPES: &str = "r_basicprofile w_organization_social r_organization_social rw_organization_admin";

/// Signs in with the app for Pages.
fn login_with_pages_app(env: &TestEnv, profile: &str, scopes: &str, member: &str) -> Output {
    let redirect = env.redirect_url();
    let mut command = env.command(&[
        "login",
        profile,
        "--client-id",
        PAGES_CLIENT_ID,
        "--client-secret-stdin",
        "--redirect-url",
        &redirect,
        "--scope",
        scopes,
        "--json",
    ]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PAGES_CLIENT_SECRET}").unwrap();
    env.approve_and_follow(&env.browser_url(), member);
    child.wait_with_output().unwrap()
}

fn request_count(env: &TestEnv, what: &str) -> Value {
    env.sandbox_state()["requests"][what].clone()
}

#[test]
fn without_openid_the_member_is_read_from_me() {
    let env = TestEnv::new(None);
    let output = login_with_pages_app(&env, "page", PAGE_SCOPES, "ada");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let member = parsed(&output)["member"].clone();
    let urn = format!("urn:li:person:{}", member["id"].as_str().unwrap());
    assert!(member["name"].as_str().unwrap().starts_with("Ada") && member["email"].is_null(), "{member}");
    assert_eq!(member["urn"], urn);
    let whoami = env.run(&["whoami", "page"]);
    assert!(whoami.status.success() && stdout(&whoami).contains(&urn), "{}", stderr(&whoami));
    let check = env.run(&["check", "page"]);
    assert!(check.status.success() && stdout(&check).contains(&urn), "{}", stderr(&check));
    assert_eq!((request_count(&env, "GET /v2/me"), request_count(&env, "GET /v2/userinfo")), (json!(3), Value::Null));
    // A different member's token does not replace this one.
    let different_member = login_with_pages_app(&env, "page", PAGE_SCOPES, "bruce");
    assert_eq!(different_member.status.code(), Some(4), "{}", stderr(&different_member));
    assert_eq!(parsed(&env.run(&["profiles", "show", "page", "--json"]))["member"]["id"], member["id"]);
}

#[test]
fn the_same_member_has_one_id_with_and_without_openid() {
    let env = TestEnv::new(None);
    let with_openid =
        parsed(&login_with_pages_app(&env, "page", &format!("openid profile {PAGE_SCOPES}"), "ada"))["member"]["id"]
            .clone();
    let without_openid = login_with_pages_app(&env, "page", PAGE_SCOPES, "ada");
    assert_eq!(without_openid.status.code(), Some(0), "{}", stderr(&without_openid));
    assert_eq!(parsed(&without_openid)["member"]["id"], with_openid);
}

#[test]
fn scopes_that_no_app_can_have_are_rejected_at_once() {
    let env = TestEnv::new(None);
    for (scopes, expected_text) in [
        ("openid profile r_member_postAnalytics", ["Community Management API", "openid, profile"]),
        ("r_dma_portability_self_serve w_member_social", ["Member Data Portability API", "w_member_social"]),
    ] {
        let child = env.start_login("work", &["--scope", scopes, "--json"]);
        let output = child.wait_with_output().unwrap();
        let error = parsed(&output)["error"].clone();
        assert_eq!((output.status.code(), &error["code"]), (Some(2), &json!("bad_input")), "{scopes}");
        for word in expected_text {
            assert!(error["message"].as_str().unwrap().contains(word), "{error}");
        }
        assert!(error["hint"].as_str().unwrap().contains("second profile"), "{error}");
    }
    assert!(!env.config().join("profiles").exists(), "nothing was saved");
}

#[test]
fn page_scopes_with_openid_have_a_warning() {
    let env = TestEnv::new(None);
    let output = login_with_pages_app(&env, "page", "openid profile w_member_social w_organization_social", "ada");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let warning = "warning: With openid profile, w_organization_social needs the Advertising API";
    assert!(stderr(&output).contains(warning), "{}", stderr(&output));
    let without_openid = login_with_pages_app(&env, "second", PAGE_SCOPES, "ada");
    let printed = stderr(&without_openid);
    assert!(!printed.contains("warning: With"), "{printed}");
    assert!(printed.contains("require LinkedIn's approval of your app for: Community Management API"), "{printed}");
}

#[test]
fn the_scope_list_shows_access_and_products() {
    let env = TestEnv::new(None);
    let catalog = parsed(&env.run(&["scopes", "--json"]));
    let scope = |id: &str| {
        let found = catalog["scopes"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
        (found["access"].as_str().unwrap().to_owned(), found["products"].as_array().unwrap().len())
    };
    for (id, access, products) in [
        ("openid", "self-serve", 1),
        ("w_member_social", "self-serve", 3),
        ("w_member_social_feed", "requires approval", 1),
        ("r_basicprofile", "requires approval", 2),
        ("w_organization_social", "requires approval", 2),
        ("r_verify", "closed", 1),
        ("r_member_social", "closed", 0),
        ("r_member_social_feed", "closed", 0),
        ("r_dma_portability_self_serve", "self-serve", 1),
    ] {
        assert_eq!(scope(id), (access.to_owned(), products), "{id}");
    }
    let with_own_app: Vec<&str> = catalog["products"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|product| product["needs_own_app"] == true)
        .map(|product| product["name"].as_str().unwrap())
        .collect();
    assert_eq!(with_own_app, ["Community Management API", "Member Data Portability API (Member)"]);
    let page = catalog["presets"].as_array().unwrap().last().unwrap().clone();
    assert!(page["cost"].as_str().unwrap().contains("/v2/me"), "{page}");
    let text = stdout(&env.run(&["scopes"]));
    let line = |word: &str| text.lines().find(|line| line.contains(word)).unwrap_or_default().to_owned();
    assert!(line("  w_member_social ").contains("create and delete posts"), "{text}");
    assert!(!line("  w_member_social ").contains("comment"), "{text}");
    assert!(line("Member Data Portability API (Member)").contains("EEA and Switzerland"), "{text}");
    assert!(line("  r_verify ").contains("closed"), "{text}");
}
