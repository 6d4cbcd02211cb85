//! The callback URL, pasted on stdin and into the interface.

use std::io::Write;
use std::process::Stdio;

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};

use crate::user::interface::{start, through_setup};
use crate::user::world::{World, stderr};

/// Returns the callback URL from a browser on another machine.
fn callback(world: &World) -> String {
    let url = world.browser_url();
    world.runtime.block_on(world.sandbox.approve(&url, "ada")).unwrap().into()
}

#[test]
fn l33_login_takes_a_pasted_url_without_scheme_over_lines() {
    type Form = fn(&str) -> String;
    let forms: [Form; 2] =
        [|url| url.replace("http://", ""), |url| format!("{}\n  {}\n{}", &url[..40], &url[40..60], &url[60..])];
    for form in forms {
        let world = World::new(None);
        let secret = world.dir.path().join("secret");
        std::fs::write(&secret, CLIENT_SECRET).unwrap();
        let redirect = world.redirect_url();
        let mut command = world.command(&["login", "work", "--manual", "--client-id", CLIENT_ID]);
        command.args(["--redirect-url", &redirect, "--client-secret-file"]).arg(&secret);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pasted = form(&callback(&world));
        writeln!(child.stdin.as_mut().unwrap(), "{pasted}").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{pasted:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("forged"), "{}", stderr(&output));
    }
}

#[test]
fn l33_the_interface_takes_a_pasted_url_broken_over_lines() {
    let world = World::new(None);
    let mut terminal = start(&world);
    terminal.wait("Set up a LinkedIn app");
    terminal.send("\r");
    through_setup(&mut terminal);
    let address = callback(&world);
    terminal.paste(&format!("<{}\r\n  {}>", &address[..50], &address[50..]));
    terminal.wait("Paste the callback URL");
    terminal.send("\r");
    terminal.wait("✓ Signed in");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
}
