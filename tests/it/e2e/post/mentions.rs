//! Mentions without a URN: Pages by their link, and names that the program knows.

use rstest::rstest;
use serde_json::{Value, json};

use super::last_post;
use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

const PAGE: &str = "urn:li:organization:2414183";

fn lookups(env: &TestEnv) -> u64 {
    env.sandbox_state()["requests"]["GET /rest/organizations"].as_u64().unwrap_or_default()
}

/// Publishes with `--mentions`, and returns the text as it was saved, with the URNs that were sent.
fn publish(env: &TestEnv, text: &str) -> String {
    let output = env.run(&["post", text, "--mentions"]);
    assert_eq!(output.status.code(), Some(0), "{text}: {}", stderr(&output));
    let saved = std::fs::read_to_string(env.config().join("posts/work.toml")).unwrap();
    let saved: toml::Table = saved.parse().unwrap();
    let text = saved["post"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
    // The title of the post has the names, and no markup.
    let recent = parsed(&env.run(&["post", "--recent", "--json"]));
    assert!(!recent[0]["first_line"].as_str().unwrap().contains("]("), "{recent}");
    text
}

/// Returns the error of a post that is not published.
fn refused(env: &TestEnv, arguments: &[&str], code: i32) -> Value {
    let output = env.run(&[&["post"], arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    assert!(env.sandbox_state()["posts"].as_array().unwrap().is_empty(), "{arguments:?}");
    parsed(&output)["error"].clone()
}

fn member_urn(env: &TestEnv, profile: &str) -> String {
    parsed(&env.run(&["profiles", "show", profile, "--json"]))["member"]["urn"].as_str().unwrap().to_owned()
}

#[test]
fn pages_are_found_by_their_link() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let text =
        "@[Engines](company:analytical-engines) @[E](https://www.linkedin.com/company/analytical-engines/about/)";
    assert_eq!(publish(&env, text), format!("@[Engines]({PAGE}) @[E]({PAGE})"));
    assert_eq!((last_post(&env)["text"].as_str(), lookups(&env)), (Some("Engines E"), 1), "it is requested once");

    let numbered = "@[Film](https://www.linkedin.com/company/2414185/admin/)";
    assert_eq!(publish(&env, numbered), "@[Film](urn:li:organization:2414185)");
    assert_eq!(lookups(&env), 1, "a number needs no request");

    let urn = parsed(&env.run(&["post", "--recent", "--json"]))[0]["urn"].as_str().unwrap().to_owned();
    let edited = env.run(&["post", "now @[Tea](company:tea-and-differences)", "--edit", &urn]);
    assert_eq!(edited.status.code(), Some(0), "{}", stderr(&edited));
    assert_eq!(last_post(&env)["text"], "now Tea");

    // Without the option the text is published as it is, and listed so.
    let literal = format!("@[Tea]({PAGE})");
    assert!(env.run(&["post", &literal]).status.success());
    assert_eq!(last_post(&env)["text"], literal.as_str());
    assert_eq!(parsed(&env.run(&["post", "--recent", "--json"]))[0]["first_line"], literal.as_str());
    assert!(env.run(&["post", "@[x](company:missing) @[y]"]).status.success());
    assert_eq!(last_post(&env)["text"], "@[x](company:missing) @[y]");
}

#[test]
fn an_unknown_page_is_an_error_before_publishing() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let error = refused(&env, &["Hi @[X](company:no-such-company)", "--mentions"], 2);
    assert!(error["message"].as_str().unwrap().contains("linkedin.com/company/no-such-company"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("@[X](urn:li:organization:NUMBER)"), "{error}");
    let error = refused(&env, &["Hi @[X](company:a?q=b)", "--mentions"], 2);
    assert!(error["message"].as_str().unwrap().contains("a?q=b"), "{error}");
    assert_eq!(lookups(&env), 1);
}

#[test]
fn a_refused_lookup_says_where_the_number_is() {
    let env = TestEnv::signed_in(None);
    let error = refused(&env, &["Hi @[X](company:analytical-engines)", "--mentions"], 5);
    assert_eq!(error["code"], "not_permitted", "{error}");
    assert!(error["message"].as_str().unwrap().contains("rw_organization_admin"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("linkedin.com/company/NUMBER/admin"), "{error}");
}

#[test]
fn a_dry_run_shows_the_lookup_and_sends_nothing() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let me = member_urn(&env, "work");
    let text = "@[X](company:analytical-engines) @[Y](company:7) @[Ada Lovelace]";
    let json = parsed(&env.run(&["post", text, "--mentions", "--dry-run", "--json"]));
    let url = format!("{}rest/organizations?q=vanityName&vanityName=analytical-engines", env.sandbox.base());
    assert_eq!((&json["requests"][0]["method"], &json["requests"][0]["url"]), (&json!("GET"), &json!(url)));
    let commentary = format!("@[X](urn:li:organization:<page 1>) @[Y](urn:li:organization:7) @[Ada Lovelace]({me})");
    assert_eq!(json["requests"][1]["body"]["commentary"], commentary);
    assert_eq!(lookups(&env), 0);
}

#[test]
fn known_names_are_mentioned_without_a_urn() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("second", "grace", &[]).status.success());
    let grace = parsed(&env.run(&["profiles", "show", "second", "--json"]))["member"].clone();
    let (name, urn) = (grace["name"].as_str().unwrap(), grace["urn"].as_str().unwrap());
    assert_eq!(publish(&env, &format!("With @[{}]!", name.to_lowercase())), format!("With @[{name}]({urn})!"));
    assert_eq!(last_post(&env)["text"], format!("With {name}!"));

    // Who was mentioned in a post is known from then on.
    publish(&env, "With @[Charles Babbage](urn:li:person:cb-1791) of @[Engines](urn:li:organization:7)");
    let again = publish(&env, "Again @[Charles Babbage] of @[engines]");
    assert_eq!(again, "Again @[Charles Babbage](urn:li:person:cb-1791) of @[Engines](urn:li:organization:7)");

    let rows = parsed(&env.run(&["post", "--list-mentions", "--json"]));
    let row = |name: &str, urn: &str| json!({ "name": name, "urn": urn });
    let mut expected = vec![
        row("Ada Lovelace", &member_urn(&env, "work")),
        row("Charles Babbage", "urn:li:person:cb-1791"),
        row("Engines", "urn:li:organization:7"),
        row(name, urn),
    ];
    expected.sort_by_key(|row| row["name"].as_str().unwrap().to_owned());
    assert_eq!(rows, json!(expected));
    let listed = stdout(&env.run(&["post", "--list-mentions"]));
    assert!(listed.contains("urn:li:person:cb-1791  Charles Babbage\n"), "{listed}");
}

#[rstest]
#[case::unknown("Hi @[Unknown]", "@[Unknown]", "Known: @[Ada Lovelace](urn:li:person:")]
#[case::part_of_a_name("Hi @[Ada]", "@[Ada]", "Known: @[Ada Lovelace](urn:li:person:")]
fn an_unknown_name_is_an_error_with_candidates(#[case] text: &str, #[case] message: &str, #[case] hint: &str) {
    let env = TestEnv::signed_in(None);
    let error = refused(&env, &[text, "--mentions"], 2);
    assert!(error["message"].as_str().unwrap().contains(message), "{error}");
    assert!(error["hint"].as_str().unwrap().contains(hint), "{error}");
    assert!(!env.sandbox_state()["requests"].as_object().unwrap().keys().any(|key| key.contains("/rest/")));
}

#[test]
fn an_ambiguous_name_lists_each_urn() {
    let env = TestEnv::signed_in(None);
    publish(&env, "@[Ada Lovelace](urn:li:organization:1815)");
    let output = env.run(&["post", "By @[Ada Lovelace]", "--mentions", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let hint = parsed(&output)["error"]["hint"].as_str().unwrap().to_owned();
    let me = format!("@[Ada Lovelace]({})", member_urn(&env, "work"));
    assert!(hint.contains(&me) && hint.contains("@[Ada Lovelace](urn:li:organization:1815)"), "{hint}");
}

#[test]
fn members_of_another_app_are_not_known() {
    let env = TestEnv::signed_in(None);
    let profile = std::fs::read_to_string(env.config().join("profiles/work.toml")).unwrap();
    let other = profile.replace("app = \"work\"", "app = \"other\"").replace("Ada Lovelace", "Ada Elsewhere");
    assert_ne!(profile, other);
    std::fs::write(env.config().join("profiles/elsewhere.toml"), other).unwrap();
    std::fs::copy(env.config().join("apps/work.toml"), env.config().join("apps/other.toml")).unwrap();
    let listed = stdout(&env.run(&["post", "--list-mentions", "--profile", "work"]));
    assert!(listed.contains("Ada Lovelace") && !listed.contains("Elsewhere"), "each app sees other IDs: {listed}");
}
