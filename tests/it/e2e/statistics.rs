//! `stats`: the statistics of posts, by the real binary against the sandbox.

use rstest::rstest;
use serde_json::{Value, json};

use crate::e2e::social::{COMMUNITY_SCOPES, publish, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

/// The keys of `metrics`, in their order.
const KEYS: [&str; 11] = [
    "impressions",
    "members_reached",
    "reactions",
    "comments",
    "reshares",
    "sends",
    "saves",
    "link_clicks",
    "premium_button_clicks",
    "followers_gained",
    "profile_views",
];

fn metrics(report: &Value) -> Vec<Option<u64>> {
    let metrics = report["metrics"].as_object().unwrap();
    assert_eq!(metrics.keys().collect::<Vec<_>>(), KEYS);
    metrics.values().map(Value::as_u64).collect()
}

/// Returns the number of requests for statistics so far.
fn request_count(env: &TestEnv) -> u64 {
    env.sandbox_state()["requests"]["GET /rest/memberCreatorPostAnalytics"].as_u64().unwrap_or_default()
}

#[test]
fn a_post_has_counts_and_statistics() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let post = publish(&env);
    for arguments in [
        &["react", &post, "love"][..],
        &["react", &post, "like", "--as", "urn:li:organization:2414183"],
        &["comment", &post, "Thank you"],
    ] {
        let output = env.run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let output = env.run(&["stats", &post, "--json"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let report = parsed(&output);
    assert_eq!(report["urn"], json!(post));
    let expected = [670, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0].map(Some);
    assert_eq!(metrics(&report), expected);
    assert_eq!(request_count(&env), 9, "the counts are not requested twice");

    let total = parsed(&env.run(&["stats", "--json"]));
    assert_eq!((&total["urn"], metrics(&total)), (&Value::Null, expected.to_vec()));
    let table = stdout(&env.run(&["stats"]));
    assert!(table.starts_with("Impressions                   670\n"), "{table}");
}

#[test]
fn an_older_version_has_fewer_metrics() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let config = env.config().join("config.toml");
    let base = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{base}api_version = \"202603\"\n")).unwrap();
    let report = parsed(&env.run(&["stats", "--json"]));
    let expected: Vec<Option<u64>> = [Some(670)].into_iter().chain([Some(0); 4]).chain([None; 6]).collect();
    assert_eq!(metrics(&report), expected, "before 202605 LinkedIn's `metricType` is an object");
    assert_eq!(request_count(&env), 5);
}

#[rstest]
#[case::statistics(
    "r_basicprofile w_member_social w_member_social_feed",
    "note: no statistics: ",
    "r_member_postAnalytics",
    2
)]
#[case::counts(
    "r_basicprofile w_member_social r_member_postAnalytics",
    "note: no reactions and comments: ",
    "w_member_social_feed",
    11
)]
fn a_refused_part_is_reported_with_its_product(
    #[case] scopes: &str,
    #[case] note: &str,
    #[case] missing_scope: &str,
    #[case] count: usize,
) {
    let env = signed_in_with_approved_app(scopes);
    let post = publish(&env);
    let output = env.run(&["stats", &post, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let shown = stderr(&output);
    assert_eq!(shown.matches("note: ").count(), 1, "{shown}");
    assert!(
        shown.contains(note)
            && shown.contains(&format!("lacks the scope {missing_scope}"))
            && shown.contains("Community Management API"),
        "{shown}"
    );
    // LinkedIn's internal names are in its own message only, on the last line.
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    assert!(lines.last().unwrap().starts_with("LinkedIn's message: "), "{shown}");
    assert!(lines[..lines.len() - 1].iter().all(|line| !line.contains("Not enough permissions")), "{shown}");
    assert_eq!(metrics(&parsed(&output)).iter().flatten().count(), count);
}

#[test]
fn a_self_serve_app_learns_which_product_is_missing() {
    let env = TestEnv::signed_in(None);
    let post = publish(&env);
    for arguments in [&["stats", &post, "--json"][..], &["stats", "--json"]] {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
        let error = parsed(&output)["error"].clone();
        assert_eq!(error["code"], "not_permitted", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("Community Management API") && hint.contains("Use a second profile"), "{error}");
        assert!(!hint.contains("login work"), "the app of this profile cannot have the scope: {error}");
    }
    assert_eq!(request_count(&env), 2, "one refusal ends the requests");
}

#[test]
fn an_activity_has_no_statistics() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let output = env.run(&["stats", "https://www.linkedin.com/posts/ada_x-activity-71-AbCd", "--json"]);
    assert_eq!(request_count(&env), 0);
    let error = parsed(&output)["error"].clone();
    assert_eq!((output.status.code(), &error["code"]), (Some(5), &json!("refused")), "{error}");
}
