//! The output of the command line on a terminal.

use serde_json::Value;

use crate::e2e::env::{TestEnv, stdout};
use crate::e2e::terminal::Terminal;

/// C1 controls (CSI, OSC), bidi overrides and isolates, a tag, a zero-width space, DEL.
const HOSTILE: &str = "\u{9b}31m\u{9d}0;x\u{9c}\u{202e}\u{2066}\u{e0041}\u{200b}\u{7f}";

#[test]
fn u02_json_on_a_terminal_has_no_control_characters() {
    let env = TestEnv::new(None);
    assert!(env.login("work", "mallory", &[]).status.success());
    let file = env.config().join("profiles/work.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    // TOML accepts this control character only as an escape.
    let with_hostile_email = text.replace("mallory@", &format!("mallory{}@", HOSTILE.replace('\u{7f}', "\\u007F")));
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
