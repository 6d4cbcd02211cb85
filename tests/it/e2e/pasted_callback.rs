//! The callback URL, pasted on stdin and into the interface.

use std::io::Write;
use std::process::Stdio;

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};

use crate::e2e::interface::{complete_setup, start};
use crate::e2e::test_env::{TestEnv, stderr};

/// Returns the callback URL from a browser on a different machine.
fn callback_url(env: &TestEnv) -> String {
    let url = env.browser_url();
    env.runtime.block_on(env.sandbox.approve(&url, "ada")).unwrap().into()
}

#[test]
fn l33_login_accepts_a_damaged_pasted_url() {
    type Damage = fn(&str) -> String;
    let damages: [Damage; 2] =
        [|url| url.replace("http://", ""), |url| format!("{}\n  {}\n{}", &url[..40], &url[40..60], &url[60..])];
    for damage in damages {
        let env = TestEnv::new(None);
        let secret = env.dir.path().join("secret");
        std::fs::write(&secret, CLIENT_SECRET).unwrap();
        let redirect = env.redirect_url();
        let mut command = env.command(&["login", "work", "--manual", "--client-id", CLIENT_ID]);
        command.args(["--redirect-url", &redirect, "--client-secret-file"]).arg(&secret);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pasted = damage(&callback_url(&env));
        writeln!(child.stdin.as_mut().unwrap(), "{pasted}").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{pasted:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("forged"), "{}", stderr(&output));
    }
}

#[test]
fn l33_the_interface_accepts_a_url_broken_over_lines() {
    let env = TestEnv::new(None);
    let mut terminal = start(&env);
    terminal.wait_for_text("Set up a LinkedIn app");
    terminal.send("\r");
    complete_setup(&mut terminal);
    let url = callback_url(&env);
    terminal.paste(&format!("<{}\r\n  {}>", &url[..50], &url[50..]));
    terminal.wait_for_text("Paste the URL that the browser ended on");
    terminal.send("\r");
    terminal.wait_for_text("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}
