//! `permissions`: what a token may do, probed by the real binary against the sandbox and a mock.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::{Value, json};

use crate::user::scripted::{Request, Scripted};
use crate::user::world::{World, json, stderr, stdout};

/// The capabilities in their order.
const IDS: [&str; 8] =
    ["sign_in", "post_as_member", "edit_posts", "comment", "react", "read_posts", "post_as_page", "statistics"];

/// Returns whether each capability is allowed, from the documented JSON.
fn allowed(report: &Value, profile: &str) -> BTreeMap<String, Option<bool>> {
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((&report["profile"], keys(report)), (&json!(profile), vec!["profile".into(), "capabilities".into()]));
    let rows = report["capabilities"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_str().unwrap()).collect::<Vec<_>>(), IDS);
    let row = |row: &Value| {
        assert_eq!(keys(row), ["id", "allowed", "product", "evidence"], "{row}");
        assert!(row["allowed"].is_boolean() || row["allowed"].is_null(), "{row}");
        assert!(row["product"].is_string() || row["product"].is_null(), "{row}");
        assert!(row["evidence"].as_str().is_some_and(|expected_text| !expected_text.is_empty()), "{row}");
        (row["id"].as_str().unwrap().to_owned(), row["allowed"].as_bool())
    };
    rows.iter().map(row).collect()
}

/// Builds the value that `allowed` returns.
fn expected(yes: &[&str], no: &[&str]) -> BTreeMap<String, Option<bool>> {
    let answer = |id: &str| match (yes.contains(&id), no.contains(&id)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    IDS.iter().map(|id| ((*id).to_owned(), answer(id))).collect()
}

fn probe(world: &World, profile: &str) -> Value {
    let done = world.run(&["permissions", profile, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}{}", stdout(&done), stderr(&done));
    json(&done)
}

fn evidence<'a>(report: &'a Value, id: &str) -> &'a str {
    let rows = report["capabilities"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()["evidence"].as_str().unwrap()
}

fn product(report: &Value, id: &str) -> Value {
    report["capabilities"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()["product"].clone()
}

const ALL_SCOPES: &str = "openid profile w_member_social w_member_social_feed r_member_social r_member_postAnalytics \
                          w_organization_social rw_organization_admin";

/// A machine with one profile and a mock of LinkedIn that answers as `answer` says.
struct Machine {
    world: World,
    server: Scripted,
}

impl Machine {
    fn new(scopes: &str, answer: impl Fn(&Request) -> Option<(u16, Value)> + Send + 'static) -> Self {
        let scopes_granted = scopes.replace(' ', ",");
        let server = Scripted::start(move |request| {
            answer(request).unwrap_or_else(|| match request.path.as_str() {
                "/oauth/v2/introspectToken" => {
                    (200, json!({"active": true, "status": "active", "scope": scopes_granted}))
                }
                "/v2/userinfo" => (200, json!({"sub": "-kfW51gr4J", "name": "Ada Lovelace"})),
                _ => (500, json!({"message": "Internal Server Error", "status": 500})),
            })
        });
        let world = World::new(None);
        let base = server.base();
        std::fs::write(world.config().join("config.toml"), format!("[linkedin]\nwww = \"{base}\"\napi = \"{base}\"\n"))
            .unwrap();
        for folder in ["apps", "profiles"] {
            std::fs::create_dir_all(world.config().join(folder)).unwrap();
        }
        let redirect = world.redirect_url();
        let app = format!(
            "schema = 1\nclient_id = \"86scripted0app\"\nclient_secret = \"canary0secret==\"\nredirect_url = \"{redirect}\"\n"
        );
        std::fs::write(world.config().join("apps/my-app.toml"), app).unwrap();
        let expected_text = scopes.split(' ').map(|scope| format!("\"{scope}\"")).collect::<Vec<_>>().join(", ");
        let profile = format!(
            "# mine\nschema = 1\napp = \"my-app\"\nscopes = [{expected_text}]\n\n[member]\nid = \"-kfW51gr4J\"\n\n[token]\n\
             access_token = \"AQcanary0token\"\nscopes = [{expected_text}]\nissued_at = \"2026-01-01T00:00:00Z\"\n\
             expires_at = \"2099-01-01T00:00:00Z\"\n"
        );
        std::fs::write(world.config().join("profiles/work.toml"), profile).unwrap();
        Self { world, server }
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.world.config().join("profiles/work.toml")).unwrap()
    }

    /// Records a post as published by this program before.
    fn posted(&self, at: &str) {
        std::fs::create_dir_all(self.world.config().join("posts")).unwrap();
        let row = format!(
            "schema = 1\n[[post]]\nurn = \"urn:li:share:7\"\nauthor = \"urn:li:person:-kfW51gr4J\"\nat = \"{at}\"\n"
        );
        std::fs::write(self.world.config().join("posts/work.toml"), row).unwrap();
    }
}

fn denied(message: &str) -> (u16, Value) {
    (403, json!({"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message}))
}

fn roles(pages: &[(u32, &str)]) -> (u16, Value) {
    let row = |(id, role): &(u32, &str)| {
        json!({"role": role, "organization": format!("urn:li:organization:{id}"), "state": "APPROVED",
               "roleAssignee": "urn:li:person:-kfW51gr4J"})
    };
    (200, json!({"elements": pages.iter().map(row).collect::<Vec<_>>(), "paging": {"start": 0, "count": 100}}))
}

fn authorization(approved: bool) -> (u16, Value) {
    let key = if approved { "Approved" } else { "Denied" };
    (200, json!({"status": {format!("com.linkedin.organization.{key}"): {}}}))
}

/// The scopes of an app with the Community Management API, which LinkedIn combines with no other product.
const PARTNER_SCOPES: &str = "r_basicprofile w_member_social w_member_social_feed r_organization_social \
                              w_organization_social rw_organization_admin r_member_postAnalytics";

#[test]
fn four_kinds_of_apps_are_distinguished() {
    let needs_partner = ["comment", "react", "read_posts", "post_as_page", "statistics"];
    for (scenario, scopes, yes, no) in [
        ("self-serve-app", None, &["sign_in"][..], &needs_partner[..]),
        (
            "app-without-products",
            None,
            &[],
            &["sign_in", "comment", "react", "read_posts", "post_as_page", "statistics"],
        ),
        ("approved-app", Some(PARTNER_SCOPES), &["post_as_page", "statistics"], &["sign_in", "read_posts"]),
        ("restricted-member", None, &[], &IDS),
    ] {
        let world = World::new(None);
        if scopes.is_some() {
            world.control("scenario", &json!({"name": scenario}));
        }
        let more = scopes.map_or(Vec::new(), |scopes| vec!["--scope", scopes]);
        let signed_in = world.login("work", "ada", &more);
        assert!(signed_in.status.success(), "{scenario}: {}", stderr(&signed_in));
        // An app without its former products, and a restricted member, still have the earlier token.
        world.control("scenario", &json!({"name": scenario}));
        let before = world.sandbox_state()["posts"].clone();
        let report = probe(&world, "work");
        assert_eq!(allowed(&report, "work"), expected(yes, no), "{scenario}: {report}");
        assert_eq!(world.sandbox_state()["posts"], before, "{scenario}: nothing is written");
        let product = |id: &str| product(&report, id);
        match scenario {
            "restricted-member" => {
                assert!(IDS.iter().all(|id| product(id).is_null()), "no product helps: {report}");
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
        let world = World::signed_in(Some(scenario));
        assert_eq!(allowed(&probe(&world, "work"), "work")["post_as_member"], None, "{scenario}");
        assert!(world.run(&["post", "Hello", "--profile", "work"]).status.success());
        let report = probe(&world, "work");
        assert_eq!(allowed(&report, "work")["post_as_member"], Some(true), "{scenario}");
        assert!(evidence(&report, "post_as_member").contains(api), "{scenario}: {report}");
    }
}

#[test]
fn signing_in_with_other_scopes_drops_the_result() {
    let world = World::signed_in(None);
    probe(&world, "work");
    let file = || std::fs::read_to_string(world.config().join("profiles/work.toml")).unwrap();
    assert!(file().contains("[permissions]"));
    assert!(world.login("work", "ada", &[]).status.success());
    assert!(file().contains("[permissions]"), "the same app and scopes");
    assert!(world.login("work", "ada", &["--scope", "openid profile"]).status.success());
    assert!(!file().contains("[permissions]"));
}

#[test]
fn the_table_names_each_product_once() {
    let world = World::signed_in(Some("self-serve-app"));
    let done = world.run(&["permissions", "work"]);
    let table = stdout(&done);
    for line in [
        "yes      Sign in",
        "unknown  Post as the member   The scope w_member_social is granted; only publishing a post shows",
        "no       Comment              The token lacks the scope w_member_social_feed.",
        "  Community Management API (requires approval, an app of its own, registered legal entities only)\n    Comment, React, Post as a Page, Post statistics\n    https://www.linkedin.com/developers/apps/new\n",
    ] {
        assert!(table.contains(line), "{line}: {table}");
    }
    assert_eq!(table.matches("(requires approval").count(), 1, "{table}");
}

#[test]
fn portability_data_is_requested_in_its_own_version() {
    let machine = Machine::new("r_dma_portability_self_serve", |request| match request.path.as_str() {
        "/v2/userinfo" => Some(denied("Not enough permissions to access: userinfo.GET.NO_VERSION")),
        "/rest/memberAuthorizations" if request.header("linkedin-version") == Some("202312") => {
            Some((200, json!({"elements": [{"memberComplianceAuthorizationKey": {"member": "urn:li:person:a"}}]})))
        }
        "/rest/memberAuthorizations" => Some((426, json!({"status": 426, "code": "NONEXISTENT_VERSION"}))),
        _ => None,
    });
    let report = probe(&machine.world, "work");
    let mut others = IDS.to_vec();
    others.retain(|id| *id != "read_posts");
    assert_eq!(allowed(&report, "work"), expected(&["read_posts"], &others), "{report}");
    assert_eq!(machine.server.requests().len(), 3);
}

#[test]
fn at_most_ten_requests_and_none_that_writes() {
    let machine = Machine::new(ALL_SCOPES, |request| match request.path.as_str() {
        path if path.starts_with("/rest/organizationAcls") => {
            Some(roles(&(1..=40).map(|id| (id, "ADMINISTRATOR")).collect::<Vec<_>>()))
        }
        path if path.starts_with("/rest/organizationAuthorizations/") => Some(authorization(true)),
        path if path.starts_with("/rest/") => Some((200, json!({"elements": []}))),
        _ => None,
    });
    machine.posted("2025-01-01T00:00:00Z");
    let report = probe(&machine.world, "work");
    assert_eq!(
        allowed(&report, "work"),
        expected(&["sign_in", "read_posts", "post_as_page", "statistics"], &[]),
        "{report}"
    );
    let requests = machine.server.requests();
    assert_eq!(requests.len(), 10, "{requests:?}");
    for request in &requests {
        let reads = request.method == "GET" || request.path == "/oauth/v2/introspectToken";
        assert!(reads, "{request:?}");
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
fn each_refusal_is_read_as_evidence() {
    let outage = || (503, json!({"message": "Service Unavailable", "status": 503}));
    let limit = || {
        (
            429,
            json!({"status": 429, "message": "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."}),
        )
    };
    let gone = || (404, json!({"status": 404, "code": "NOT_FOUND", "message": "Could not find entity"}));
    let path = || (404, json!({"status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found"}));
    let inactive = || {
        (
            426,
            json!({"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"}),
        )
    };
    let product = |name: &str| denied(&format!("Not enough permissions to access: {name}"));
    for (what, answer, posts, statistics) in [
        ("an outage", outage(), None, None),
        ("a limit", limit(), None, None),
        ("a missing entity", gone(), Some(true), Some(true)),
        ("an unknown path", path(), None, None),
        ("an inactive version", inactive(), None, None),
        ("a missing product", product("partnerApiAnything.FINDER-me.20260901"), Some(false), Some(false)),
        ("a missing product, without a version", product("partnerApiAnything.GET"), Some(false), Some(false)),
        ("a missing scope", product("anything.GET.NO_VERSION"), Some(false), Some(false)),
        (
            "a refused value",
            denied(
                "Field Value validation failed in PARAMETER: Data Processing Exception while processing fields [/author]",
            ),
            None,
            None,
        ),
        (
            "another owner",
            denied("Accessing the resource is forbidden. Please check your permissions for this resource"),
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
        let machine = Machine::new("openid profile r_member_social r_member_postAnalytics", move |request| {
            request.path.starts_with("/rest/").then(|| answer.clone())
        });
        let report = probe(&machine.world, "work");
        let found = allowed(&report, "work");
        assert_eq!((found["read_posts"], found["statistics"]), (posts, statistics), "{what}: {report}");
    }
}

#[test]
fn pages_are_possible_by_authorization_and_else_by_role() {
    let page = |answers: [Option<bool>; 2]| {
        move |request: &Request| {
            let asks = |id: &str| request.path.contains(&format!("organization%3A{id},"));
            let of = |answer: Option<bool>| answer.map_or_else(|| denied("Insufficient permissions"), authorization);
            match request.path.as_str() {
                path if path.starts_with("/rest/organizationAcls") => {
                    Some(roles(&[(1, "ADMINISTRATOR"), (2, "ANALYST")]))
                }
                _ if asks("1") => Some(of(answers[0])),
                _ if asks("2") => Some(of(answers[1])),
                "/rest/organizations/1" => Some((200, json!({"id": 1, "localizedName": "Analytical Engines"}))),
                _ => None,
            }
        }
    };
    let scopes = "openid profile w_organization_social rw_organization_admin";
    for (answers, possible) in [
        ([Some(true), Some(false)], true),
        ([Some(false), Some(true)], true),
        ([Some(false), Some(false)], false),
        ([None, None], true),
    ] {
        let machine = Machine::new(scopes, page(answers));
        let report = probe(&machine.world, "work");
        assert_eq!(allowed(&report, "work")["post_as_page"], Some(possible), "{answers:?}: {report}");
        // Where a role is missing, no product adds it.
        assert_eq!(product(&report, "post_as_page").is_null(), !possible, "{report}");
        let file = machine.file();
        let expected = [answers[0].unwrap_or(true), answers[1].unwrap_or(false)];
        for (id, can_post) in ["1", "2"].iter().zip(expected) {
            let table = file
                .split("[[permissions.pages]]")
                .find(|table| table.contains(&format!("organization:{id}\"")))
                .unwrap();
            assert!(table.contains(&format!("can_post = {can_post}")), "{answers:?}: {file}");
        }
    }
    // An invalid author gets an error with the possible Pages.
    let machine = Machine::new(scopes, page([Some(true), Some(false)]));
    probe(&machine.world, "work");
    let refused = machine.world.run(&["post", "Hello", "--as", "my page", "--profile", "work"]);
    assert_eq!(refused.status.code(), Some(2));
    let expected_text = stderr(&refused);
    assert!(
        expected_text.contains("urn:li:organization:1 (Analytical Engines)")
            && !expected_text.contains("organization:2"),
        "{expected_text}"
    );
}

#[test]
fn without_openid_the_older_profile_names_the_member() {
    let machine = Machine::new("r_basicprofile w_organization_social rw_organization_admin", |request| {
        match request.path.as_str() {
            "/v2/userinfo" => Some(denied("Not enough permissions to access: userinfo.GET.NO_VERSION")),
            "/v2/me" => Some((200, json!({"id": "_me4567890", "localizedFirstName": "Ada"}))),
            path if path.starts_with("/rest/organizationAcls") => Some(roles(&[(1, "ANALYST")])),
            path if path.contains("person%3A_me4567890,organization") => Some(authorization(true)),
            _ => None,
        }
    });
    let file = machine.file().replace("[member]\nid = \"-kfW51gr4J\"\n", "");
    std::fs::write(machine.world.config().join("profiles/work.toml"), file).unwrap();
    let report = probe(&machine.world, "work");
    let found = allowed(&report, "work");
    assert_eq!((found["sign_in"], found["post_as_page"]), (Some(false), Some(true)), "{report}");
    assert!(evidence(&report, "post_as_page").contains("by LinkedIn's answer"), "{report}");
}

#[test]
fn a_refused_token_stops_the_run_at_once() {
    for (number, code, exit) in [(65600, "revoked", 4), (65601, "revoked", 4), (65602, "expired", 4)] {
        let machine = Machine::new(ALL_SCOPES, move |request| {
            (!request.path.starts_with("/oauth/")).then(|| (401, json!({"status": 401, "serviceErrorCode": number})))
        });
        let done = machine.world.run(&["permissions", "work", "--json"]);
        assert_eq!((done.status.code(), &json(&done)["error"]["code"]), (Some(exit), &json!(code)), "{number}");
        assert_eq!(machine.server.requests().len(), 2, "introspection and one call");
        assert!(!machine.file().contains("permissions"));
    }
}

#[test]
fn a_network_failure_stops_the_run() {
    let machine = Machine::new("openid profile r_member_social r_member_postAnalytics", |request| {
        request.path.starts_with("/rest/posts").then_some((0, Value::Null))
    });
    let report = probe(&machine.world, "work");
    assert_eq!(
        allowed(&report, "work"),
        expected(&["sign_in"], &["post_as_member", "edit_posts", "comment", "react", "post_as_page"])
    );
    // The pooled connection may have been stale: the request is retried once over a new one.
    assert_eq!(machine.server.requests().len(), 4, "no request follows it");
}

#[test]
fn an_inactive_version_stops_the_run() {
    let inactive = || {
        (
            426,
            json!({"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260901 is not active"}),
        )
    };
    let scopes = "openid profile r_member_social r_member_postAnalytics w_organization_social rw_organization_admin";
    let machine = Machine::new(scopes, move |request| request.path.starts_with("/rest/").then(inactive));
    let found = allowed(&probe(&machine.world, "work"), "work");
    assert_eq!((found["read_posts"], found["statistics"], found["post_as_page"]), (None, None, None));
    assert_eq!(machine.server.requests().len(), 4, "one more request with another version, and no others");

    let machine = Machine::new(scopes, move |request| match request.path.as_str() {
        path if !path.starts_with("/rest/") => None,
        _ if request.header("linkedin-version") == Some("202609") => Some(inactive()),
        path if path.starts_with("/rest/organizationAcls") => {
            Some(roles(&(1..=40).map(|id| (id, "ADMINISTRATOR")).collect::<Vec<_>>()))
        }
        path if path.starts_with("/rest/organizationAuthorizations/") => Some(authorization(true)),
        _ => Some((200, json!({"elements": []}))),
    });
    let found = allowed(&probe(&machine.world, "work"), "work");
    assert_eq!((found["read_posts"], found["statistics"], found["post_as_page"]), (Some(true), Some(true), Some(true)));
    assert_eq!(machine.server.requests().len(), 10, "the request that was repeated counts twice");
}

#[test]
fn the_result_is_saved_for_its_app_and_scopes() {
    let machine = Machine::new("openid profile", |_| None);
    probe(&machine.world, "work");
    let saved = machine.file();
    assert!(saved.starts_with("# mine\n") && saved.contains("[permissions.capabilities.sign_in]"), "{saved}");
    assert!(!stdout(&machine.world.run(&["permissions", "work"])).contains("AQcanary"));
    // Another program, which ignores the permissions, changes the scopes of the token.
    let other = saved.replace("scopes = [\"openid\", \"profile\"]\nissued_at", "scopes = [\"openid\"]\nissued_at");
    assert_ne!(other, saved);
    std::fs::write(machine.world.config().join("profiles/work.toml"), other).unwrap();
    assert!(machine.world.run(&["check", "work"]).status.success());
    assert!(!machine.file().contains("permissions"), "{}", machine.file());
}

#[test]
fn a_post_from_here_proves_that_posting_works() {
    // A post that was published with an earlier token may be another app's.
    for (at, proven) in [("2026-03-01T00:00:00Z", Some(true)), ("2025-03-01T00:00:00Z", None)] {
        let machine = Machine::new("openid profile w_member_social", |_| None);
        machine.posted(at);
        let report = probe(&machine.world, "work");
        assert_eq!(allowed(&report, "work")["post_as_member"], proven, "{at}");
    }
}

#[test]
fn a_post_refused_by_both_apis_is_saved_and_warned_about() {
    let refuse = |request: &Request| match request.path.as_str() {
        "/rest/posts" => Some(denied("Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901")),
        "/v2/ugcPosts" => Some(denied("Not enough permissions to access: ugcPosts.CREATE.NO_VERSION")),
        _ => None,
    };
    let machine = Machine::new("openid profile w_member_social", refuse);
    assert_eq!(allowed(&probe(&machine.world, "work"), "work")["post_as_member"], None);
    assert_eq!(machine.world.run(&["post", "Hello", "--profile", "work"]).status.code(), Some(5));
    let known = machine.file();
    assert!(known.contains("LinkedIn refused the last post from here"), "the stored answer follows: {known}");
    let report = probe(&machine.world, "work");
    assert_eq!(allowed(&report, "work")["post_as_member"], Some(false));
    assert_eq!(product(&report, "post_as_member"), "Share on LinkedIn");
    let again = machine.world.run(&["post", "Hello", "--profile", "work"]);
    assert!(stderr(&again).contains("warning: LinkedIn may refuse this post"), "{}", stderr(&again));
}

#[cfg(unix)]
#[test]
fn the_panel_asks_shows_and_asks_again() {
    let world = World::signed_in(Some("self-serve-app"));
    let mut terminal = crate::user::interface::start(&world);
    terminal.wait("1 active");
    terminal.send("P");
    let seen = terminal.wait("yes     Sign in");
    assert!(seen.contains("no      Comment") && seen.contains("unknown Post as the member"), "{seen}");
    terminal.send("jjj");
    terminal.wait("Needs Community Management API (requires approval, an app of its own");
    terminal.send("o");
    terminal.wait("Opening https://www.linkedin.com/developers/apps/new");
    assert_eq!(world.browser_url().path(), "/developers/apps/new");
    world.control("scenario", &json!({"name": "restricted-member"}));
    terminal.send("v");
    terminal.wait("LinkedIn restricted the member's account");
    // The compose screen warns that LinkedIn will refuse the post.
    terminal.send("qp");
    terminal.wait("Cannot post: LinkedIn restricted");
    // The result is saved in the profile for the next start.
    terminal.send("\u{1b}");
    terminal.wait("1 active");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let mut terminal = crate::user::interface::start(&world);
    terminal.wait("1 active");
    terminal.send("P");
    terminal.wait("LinkedIn was asked");
    assert_eq!(world.sandbox_state()["posts"], json!([]));
    terminal.send("qq");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_client_credentials_token_acts_for_no_member() {
    let machine = Machine::new("openid", |_| None);
    let file = machine.file().replace("app = \"my-app\"", "app = \"my-app\"\nclient_credentials = true");
    std::fs::write(machine.world.config().join("profiles/work.toml"), file).unwrap();
    let done: Output = machine.world.run(&["permissions", "work", "--json"]);
    assert_eq!((done.status.code(), &json(&done)["error"]["code"]), (Some(5), &json!("not_permitted")));
    assert!(machine.server.requests().is_empty());
}
