//! `permissions`: the capabilities of a token, probed by the real binary against the sandbox and a mock.

mod probes;

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::{Value, json};

use crate::e2e::mock_api::{MockApi, Request};
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

/// The capabilities in their order.
const CAPABILITY_IDS: [&str; 8] =
    ["sign_in", "post_as_member", "edit_posts", "comment", "react", "read_posts", "post_as_page", "statistics"];

/// Returns whether each capability is allowed, from the documented JSON.
fn allowed(report: &Value, profile: &str) -> BTreeMap<String, Option<bool>> {
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((&report["profile"], keys(report)), (&json!(profile), vec!["profile".into(), "capabilities".into()]));
    let rows = report["capabilities"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), CAPABILITY_IDS);
    let row = |row: &Value| {
        assert_eq!(keys(row), ["id", "allowed", "product", "evidence"], "{row}");
        assert!(row["allowed"].is_boolean() || row["allowed"].is_null(), "{row}");
        assert!(row["product"].is_string() || row["product"].is_null(), "{row}");
        assert!(row["evidence"].as_str().is_some_and(|text| !text.is_empty()), "{row}");
        (row["id"].as_str().unwrap().to_owned(), row["allowed"].as_bool())
    };
    rows.iter().map(row).collect()
}

/// Builds the expected value of `allowed`: the capabilities in neither list are unknown.
fn expected(yes: &[&str], no: &[&str]) -> BTreeMap<String, Option<bool>> {
    let is_allowed = |id: &str| match (yes.contains(&id), no.contains(&id)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    CAPABILITY_IDS.iter().map(|id| ((*id).to_owned(), is_allowed(id))).collect()
}

fn probe_permissions(env: &TestEnv, profile: &str) -> Value {
    let output = env.run(&["permissions", profile, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    json(&output)
}

fn evidence<'a>(report: &'a Value, id: &str) -> &'a str {
    let rows = report["capabilities"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()["evidence"].as_str().unwrap()
}

fn product(report: &Value, id: &str) -> Value {
    report["capabilities"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()["product"].clone()
}

const MEMBER_AND_PAGE_SCOPES: &str = "openid profile w_member_social w_member_social_feed r_member_social r_member_postAnalytics \
                          w_organization_social rw_organization_admin";

/// An environment with one profile and a mock of LinkedIn's API that sends the result of `respond`.
struct MockedEnv {
    env: TestEnv,
    server: MockApi,
}

impl MockedEnv {
    fn new(scopes: &str, respond: impl Fn(&Request) -> Option<(u16, Value)> + Send + 'static) -> Self {
        let scopes_granted = scopes.replace(' ', ",");
        let server = MockApi::start(move |request| {
            respond(request).unwrap_or_else(|| match request.path.as_str() {
                "/oauth/v2/introspectToken" => {
                    (200, json!({"active": true, "status": "active", "scope": scopes_granted}))
                }
                "/v2/userinfo" => (200, json!({"sub": "-kfW51gr4J", "name": "Ada Lovelace"})),
                _ => (500, json!({"message": "Internal Server Error", "status": 500})),
            })
        });
        let env = TestEnv::new(None);
        let base = server.base();
        std::fs::write(env.config().join("config.toml"), format!("[linkedin]\nwww = \"{base}\"\napi = \"{base}\"\n"))
            .unwrap();
        for directory in ["apps", "profiles"] {
            std::fs::create_dir_all(env.config().join(directory)).unwrap();
        }
        let redirect = env.redirect_url();
        let app = format!(
            "schema = 1\nclient_id = \"86scripted0app\"\nclient_secret = \"canary0secret==\"\nredirect_url = \"{redirect}\"\n"
        );
        std::fs::write(env.config().join("apps/my-app.toml"), app).unwrap();
        let quoted_scopes = scopes.split(' ').map(|scope| format!("\"{scope}\"")).collect::<Vec<_>>().join(", ");
        let profile = format!(
            "# note\nschema = 1\napp = \"my-app\"\nscopes = [{quoted_scopes}]\n\n[member]\nid = \"-kfW51gr4J\"\n\n[token]\n\
             access_token = \"AQcanary0token\"\nscopes = [{quoted_scopes}]\nissued_at = \"2026-01-01T00:00:00Z\"\n\
             expires_at = \"2099-01-01T00:00:00Z\"\n"
        );
        std::fs::write(env.config().join("profiles/work.toml"), profile).unwrap();
        Self { env, server }
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.env.config().join("profiles/work.toml")).unwrap()
    }

    /// Saves a post as published by this program at `at`.
    fn record_post(&self, at: &str) {
        std::fs::create_dir_all(self.env.config().join("posts")).unwrap();
        let row = format!(
            "schema = 1\n[[post]]\nurn = \"urn:li:share:7\"\nauthor = \"urn:li:person:-kfW51gr4J\"\nat = \"{at}\"\n"
        );
        std::fs::write(self.env.config().join("posts/work.toml"), row).unwrap();
    }
}

fn denied_response(message: &str) -> (u16, Value) {
    (403, json!({"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message}))
}

/// The scopes of an app with the Community Management API, which LinkedIn combines with no other product.
const PARTNER_SCOPES: &str = "r_basicprofile w_member_social w_member_social_feed r_organization_social \
                              w_organization_social rw_organization_admin r_member_postAnalytics";

#[test]
fn four_kinds_of_apps_are_distinguished() {
    let needs_partner = ["react", "read_posts", "post_as_page", "statistics"];
    for (scenario, scopes, yes, no) in [
        ("self-serve-app", None, &["sign_in"][..], &needs_partner[..]),
        ("app-without-products", None, &[], &["sign_in", "react", "read_posts", "post_as_page", "statistics"]),
        ("approved-app", Some(PARTNER_SCOPES), &["post_as_page", "statistics"], &["sign_in", "read_posts"]),
        ("restricted-member", None, &[], &CAPABILITY_IDS),
    ] {
        let env = TestEnv::new(None);
        if scopes.is_some() {
            env.control("scenario", &json!({"name": scenario}));
        }
        let options = scopes.map_or(Vec::new(), |scopes| vec!["--scope", scopes]);
        let signed_in = env.login("work", "ada", &options);
        assert!(signed_in.status.success(), "{scenario}: {}", stderr(&signed_in));
        // An app without its former products, and a restricted member, still have the earlier token.
        env.control("scenario", &json!({"name": scenario}));
        let before = env.sandbox_state()["posts"].clone();
        let report = probe_permissions(&env, "work");
        assert_eq!(allowed(&report, "work"), expected(yes, no), "{scenario}: {report}");
        assert_eq!(env.sandbox_state()["posts"], before, "{scenario}: nothing is written");
        let product = |id: &str| product(&report, id);
        match scenario {
            "restricted-member" => {
                assert!(CAPABILITY_IDS.iter().all(|id| product(id).is_null()), "no product helps: {report}");
                assert!(evidence(&report, "comment").contains("restricted"), "{report}");
            }
            "app-without-products" => assert_eq!(product("sign_in"), "Sign In with LinkedIn using OpenID Connect"),
            _ => assert_eq!(product("comment"), "Community Management API"),
        }
    }
}

#[test]
fn a_post_by_either_api_shows_that_posting_works() {
    for (scenario, api) in [("self-serve-app", "/rest/posts"), ("legacy-posts-only", "/v2/ugcPosts")] {
        let env = TestEnv::signed_in(Some(scenario));
        assert_eq!(allowed(&probe_permissions(&env, "work"), "work")["post_as_member"], None, "{scenario}");
        assert!(env.run(&["post", "Hello", "--profile", "work"]).status.success());
        let report = probe_permissions(&env, "work");
        assert_eq!(allowed(&report, "work")["post_as_member"], Some(true), "{scenario}");
        assert!(evidence(&report, "post_as_member").contains(api), "{scenario}: {report}");
    }
}

#[test]
fn signing_in_with_different_scopes_deletes_the_result() {
    let env = TestEnv::signed_in(None);
    probe_permissions(&env, "work");
    let file = || std::fs::read_to_string(env.config().join("profiles/work.toml")).unwrap();
    assert!(file().contains("[permissions]"));
    assert!(env.login("work", "ada", &[]).status.success());
    assert!(file().contains("[permissions]"), "the same app and scopes");
    assert!(env.login("work", "ada", &["--scope", "openid profile"]).status.success());
    assert!(!file().contains("[permissions]"));
}

#[test]
fn the_table_names_each_product_once() {
    let env = TestEnv::signed_in(Some("self-serve-app"));
    let output = env.run(&["permissions", "work"]);
    let table = stdout(&output);
    for line in [
        "yes      Sign in",
        "unknown  Post as the member   The scope w_member_social is granted; only publishing a post shows",
        "unknown  Comment              The scope w_member_social is granted; only commenting shows",
        "no       React                The token lacks the scope w_member_social_feed.",
        "  Community Management API (requires approval, an app of its own, registered legal entities only)\n    React, Post as a Page, Post statistics\n    https://www.linkedin.com/developers/apps/new\n    Use a second profile, with an app of its own.\n",
    ] {
        assert!(table.contains(line), "{line}: {table}");
    }
    assert_eq!(table.matches("(requires approval").count(), 1, "{table}");
}

#[test]
fn the_result_is_saved_for_its_app_and_scopes() {
    let mocked = MockedEnv::new("openid profile", |_| None);
    probe_permissions(&mocked.env, "work");
    let saved = mocked.file();
    assert!(saved.starts_with("# note\n") && saved.contains("[permissions.capabilities.sign_in]"), "{saved}");
    assert!(!stdout(&mocked.env.run(&["permissions", "work"])).contains("AQcanary"));
    // A different program changes the scopes of the token but not the permissions.
    let edited = saved.replace("scopes = [\"openid\", \"profile\"]\nissued_at", "scopes = [\"openid\"]\nissued_at");
    assert_ne!(edited, saved);
    std::fs::write(mocked.env.config().join("profiles/work.toml"), edited).unwrap();
    assert!(mocked.env.run(&["check", "work"]).status.success());
    assert!(!mocked.file().contains("permissions"), "{}", mocked.file());
}

#[test]
fn a_saved_post_proves_that_posting_works() {
    // A post published before the token was issued may be of a different app.
    for (at, expected_permission) in [("2026-03-01T00:00:00Z", Some(true)), ("2025-03-01T00:00:00Z", None)] {
        let mocked = MockedEnv::new("openid profile w_member_social", |_| None);
        mocked.record_post(at);
        let report = probe_permissions(&mocked.env, "work");
        assert_eq!(allowed(&report, "work")["post_as_member"], expected_permission, "{at}");
    }
}

#[test]
fn a_post_rejected_by_both_apis_is_saved_as_evidence() {
    let reject_posts = |request: &Request| match request.path.as_str() {
        "/rest/posts" => {
            Some(denied_response("Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901"))
        }
        "/v2/ugcPosts" => Some(denied_response("Not enough permissions to access: ugcPosts.CREATE.NO_VERSION")),
        _ => None,
    };
    let mocked = MockedEnv::new("openid profile w_member_social", reject_posts);
    assert_eq!(allowed(&probe_permissions(&mocked.env, "work"), "work")["post_as_member"], None);
    assert_eq!(mocked.env.run(&["post", "Hello", "--profile", "work"]).status.code(), Some(5));
    let known = mocked.file();
    assert!(known.contains("LinkedIn refused the last post of this program"), "the saved permission changes: {known}");
    let report = probe_permissions(&mocked.env, "work");
    assert_eq!(allowed(&report, "work")["post_as_member"], Some(false));
    assert_eq!(product(&report, "post_as_member"), "Share on LinkedIn");
    let again = mocked.env.run(&["post", "Hello", "--profile", "work"]);
    assert!(stderr(&again).contains("warning: LinkedIn may refuse this post"), "{}", stderr(&again));
}

#[cfg(unix)]
#[test]
fn the_panel_probes_shows_and_probes_again() {
    let env = TestEnv::signed_in(Some("self-serve-app"));
    let mut terminal = crate::e2e::interface::start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("P");
    for verdict in ["yes      Sign in", "unknown  Comment", "no       React"] {
        terminal.wait_for_text(verdict);
    }
    terminal.send("jjjj");
    terminal.wait_for_text("Needs Community Management API (requires approval, an app of its own");
    terminal.wait_for_text("Use a second profile");
    terminal.send("o");
    terminal.wait_for_text("Opening https://www.linkedin.com/developers/apps/new");
    assert_eq!(env.browser_url().path(), "/developers/apps/new");
    env.control("scenario", &json!({"name": "restricted-member"}));
    terminal.send("v");
    terminal.wait_for_text("LinkedIn restricted the member's account");
    // The compose screen warns that LinkedIn will reject the post.
    terminal.send("qp");
    terminal.wait_for_text("Cannot post. LinkedIn restricted");
    // The result is saved in the profile for the next start.
    terminal.send("\u{1b}");
    terminal.wait_for_text("1 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = crate::e2e::interface::start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("P");
    // Without the saved result, "Not probed yet" would be here; a new probe would need the key v.
    terminal.wait_until("the saved result", |screen| {
        screen.contains("Probed ") && (screen.contains(" ago.") || screen.contains("just now."))
    });
    assert_eq!(env.sandbox_state()["posts"], json!([]));
    terminal.send("qq");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_client_credentials_token_has_no_permissions() {
    let mocked = MockedEnv::new("openid", |_| None);
    let file = mocked.file().replace("app = \"my-app\"", "app = \"my-app\"\nclient_credentials = true");
    std::fs::write(mocked.env.config().join("profiles/work.toml"), file).unwrap();
    let output: Output = mocked.env.run(&["permissions", "work", "--json"]);
    assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(5), &json!("not_permitted")));
    assert!(mocked.server.requests().is_empty());
}
