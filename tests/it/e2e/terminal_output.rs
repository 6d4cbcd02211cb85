//! The output of the command line on a terminal.

use serde_json::Value;

use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, stderr, stdout};

/// C1 controls (CSI, OSC), bidi overrides and isolates, a tag, a zero-width space, DEL.
const HOSTILE: &str = "\u{9b}31m\u{9d}0;x\u{9c}\u{202e}\u{2066}\u{e0041}\u{200b}\u{7f}";

#[test]
fn u02_json_on_a_terminal_has_no_control_characters() {
    let env = TestEnv::new(Some("hostile-names"));
    assert!(env.login("work", "grace", &[]).status.success());
    let file = env.config().join("profiles/work.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    // TOML accepts this control character only as an escape.
    let with_hostile_email = text.replace("grace@", &format!("grace{}@", HOSTILE.replace('\u{7f}', "\\u007F")));
    assert_ne!(with_hostile_email, text);
    for arguments in [
        &["profiles", "list", "--json"][..],
        &["profiles", "show", "work", "--json"],
        &["status", "--json"],
        &["check", "--json"],
        &["whoami", "--json"],
        &["api", "GET", "/v2/userinfo", "--json"],
        &["api", "GET", "/v2/userinfo"],
        &["token", "work", "--json"],
    ] {
        std::fs::write(&file, &with_hostile_email).unwrap();
        let mut terminal = Terminal::start(env.pty(arguments), 200, 50);
        assert_eq!(terminal.exit_code(), 0, "{arguments:?}");
        let raw = String::from_utf8(terminal.raw_output()).unwrap();
        let hostile = |c: &char| linkedin_tui::internal::text::is_hostile(*c) && !matches!(c, '\r' | '\n');
        assert_eq!(raw.chars().find(hostile), None, "{arguments:?}: {raw:?}");
        if arguments.contains(&"--json") && arguments[0] == "profiles" {
            let shown: Value = serde_json::from_str(raw.trim()).unwrap_or_else(|error| panic!("{error}: {raw}"));
            let piped: Value = serde_json::from_str(&stdout(&env.run(arguments))).unwrap();
            let email = |value: &Value| value.pointer("/member/email").or(value.pointer("/0/member/email")).cloned();
            assert_eq!(email(&shown), email(&piped), "{arguments:?}");
            assert!(email(&piped).unwrap().as_str().unwrap().contains(HOSTILE), "a pipe gets it unchanged");
        }
    }
}

/// Runs the binary on a terminal to its end and returns what it wrote.
fn output_on_terminal(env: &TestEnv, arguments: &[&str]) -> String {
    let mut terminal = Terminal::start(env.pty(arguments), 120, 30);
    assert_eq!(terminal.exit_code(), 0, "{arguments:?}");
    String::from_utf8(terminal.raw_output()).unwrap()
}

#[test]
fn lists_have_aligned_columns_with_headers_and_colors() {
    let env = TestEnv::signed_in(None);
    for arguments in [&["post", "Hello"][..], &["deliver", "work", "--add", "dotenv", "--set", "file=.env"]] {
        let output = env.run(arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    for (arguments, header, cell) in [
        (&["status"][..], "STATUS", "✓ active"),
        (&["profiles", "list"], "EXPIRES", "in 60 days"),
        (&["apps", "list"], "REDIRECT URL", "http://localhost:"),
        (&["post", "--recent"], "STATE", "✓ published"),
        (&["post", "--list-mentions"], "URN", "urn:li:person:"),
        (&["deliver", "--list"], "RESULT", "- never run"),
    ] {
        let plain = output_on_terminal(&env, &[arguments, &["--no-color"]].concat());
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
        let lines: Vec<&str> = plain.lines().collect();
        assert_eq!(lines.len(), 2, "{plain}");
        let column = |line: &str, text| line.find(text).map(|at| line[..at].chars().count());
        assert_eq!(column(lines[0], header), column(lines[1], cell), "{plain}");
        assert!(lines[1].contains(cell), "{plain}");
        let piped = stdout(&env.run(arguments));
        assert!(!piped.contains(header) && piped.lines().count() == 1, "{piped}");
    }
    let colored = output_on_terminal(&env, &["status"]);
    assert!(colored.contains("\u{1b}[32m✓ active\u{1b}[0m"), "{colored:?}");
}

#[test]
fn answers_have_a_mark_and_a_word_on_a_terminal() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    for (arguments, header, rows, piped_start) in [
        (&["pages"][..], "CAN POST  PAGE", &["✓ yes     Analytical Engines"][..], "can post     urn:"),
        (
            &["permissions"],
            "ALLOWED    CAPABILITY",
            &["✓ yes      Post as a Page", "✗ no       Sign in ", "? unknown  Edit posts ", "CAN POST  PAGE"],
            "no       Sign in",
        ),
        (&["stats"], "METRIC", &["Impressions                   670"], "Impressions                   670\n"),
        (&["sandbox", "--list-scenarios"], "SCENARIO", &["approved-app "], "normal  "),
    ] {
        let shown = output_on_terminal(&env, &[arguments, &["--no-color"]].concat());
        assert!(shown.starts_with(header), "{shown}");
        for row in rows {
            assert!(shown.contains(row), "{row}: {shown}");
        }
        let widest = shown.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(120), "{shown}");
        let piped = stdout(&env.run(arguments));
        assert!(piped.starts_with(piped_start), "{piped}");
    }
}

#[test]
fn a_narrow_terminal_cuts_the_text_and_not_the_urn() {
    let env = TestEnv::signed_in(None);
    let published = env.run(&["post", "A text with more words than the column has at 80 columns"]);
    let urn = stdout(&published).lines().next().unwrap().to_owned();
    let mut terminal = Terminal::start(env.pty(&["post", "--recent", "--no-color"]), 80, 30);
    assert_eq!(terminal.exit_code(), 0);
    let shown = String::from_utf8(terminal.raw_output()).unwrap();
    let row = shown.lines().nth(1).unwrap().trim_end();
    assert!(row.contains("A text with") && row.contains('…') && row.ends_with(&urn), "{shown}");
    assert!(row.chars().count() <= 80, "{shown}");
}

#[test]
fn a_revoked_token_has_no_remaining_time() {
    let env = TestEnv::signed_in(None);
    assert!(env.run(&["revoke", "work", "--keep"]).status.success());
    let mut terminal = Terminal::start(env.pty(&["status", "--no-color"]), 120, 30);
    assert_eq!(terminal.exit_code(), 4);
    let shown = String::from_utf8(terminal.raw_output()).unwrap();
    assert!(shown.contains("✗ revoked  -        work"), "{shown}");
}

#[test]
fn a_profile_is_shown_with_dates_for_people() {
    let env = TestEnv::signed_in(None);
    let shown = output_on_terminal(&env, &["profiles", "show", "work"]);
    let expires = shown.lines().find(|line| line.starts_with("expires")).unwrap();
    assert!(expires.trim_end().ends_with(", in 60 days") && !expires.contains('T'), "{expires}");
    let piped = stdout(&env.run(&["profiles", "show", "work"]));
    let exact = piped.lines().find_map(|line| line.strip_prefix("expires")).unwrap().trim().to_owned();
    assert!(exact.parse::<jiff::Timestamp>().is_ok(), "{exact}");
}

#[test]
fn a_check_of_all_profiles_shows_its_progress() {
    let env = TestEnv::signed_in(None);
    let raw = output_on_terminal(&env, &["check", "--all"]);
    let (progress, result) = raw.split_once("checked 1/1\r\u{1b}[K").unwrap_or_else(|| panic!("{raw:?}"));
    assert!(progress.ends_with("\r\u{1b}[K"), "the result replaces it: {raw:?}");
    assert!(result.contains("work") && result.contains("active"), "{raw:?}");
    assert!(!result.contains("checked"), "{raw:?}");
}
