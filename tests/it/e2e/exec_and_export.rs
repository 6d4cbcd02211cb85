//! `exec` and `export`: the token for other programs.

use std::process::Stdio;

use linkedin_tui::internal::sandbox::CLIENT_SECRET;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

#[test]
fn exec_passes_the_token_and_no_other_secret() {
    let env = TestEnv::signed_in(None);
    let mut command = env.command(&["exec", "work", "--", "env"]);
    command.env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET).env("LINKEDIN_MEMBER_ID", "stale").env("PASSED_ON", "yes");
    let variables = stdout(&command.output().unwrap());
    let id = json(&env.run(&["whoami", "work", "--json"]))["member"]["id"].as_str().unwrap().to_owned();
    for line in [
        format!("LINKEDIN_ACCESS_TOKEN={}", env.token("work")),
        format!("LINKEDIN_MEMBER_ID={id}"),
        format!("LINKEDIN_MEMBER_URN=urn:li:person:{id}"),
        "PASSED_ON=yes".to_owned(),
    ] {
        assert!(variables.lines().any(|one| one == line), "{line}");
    }
    assert!(!variables.contains(CLIENT_SECRET), "x06");
}

#[cfg(unix)]
#[test]
fn exec_keeps_exit_code_streams_and_signals() {
    use std::os::unix::process::ExitStatusExt;
    let env = TestEnv::signed_in(None);
    let output = env.run(&["exec", "--", "sh", "-c", "echo out; echo err >&2; exit 41"]);
    assert_eq!(output.status.code(), Some(41));
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("out\n", "err\n"));
    let output = env.run(&["exec", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(output.status.signal(), Some(15));
    // The command replaces the program in its process, so a signal reaches it.
    let mut child =
        env.command(&["exec", "--", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"]);
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn exec_reports_a_command_that_cannot_run() {
    let env = TestEnv::signed_in(None);
    for (arguments, code) in [
        (&["exec", "work", "--", "no-such-program"][..], 2),
        (&["exec", "work"], 2),
        (&["exec", "nope", "--", "true"], 3),
    ] {
        let output = env.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[cfg(unix)]
#[test]
fn exports_are_read_by_their_target_programs() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::signed_in(None);
    let token = env.token("work");
    let sh = |script: String| {
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let dotenv = stdout(&env.run(&["export", "work", "--format", "env"]));
    assert_eq!(sh(format!("{dotenv}printf %s \"$LINKEDIN_ACCESS_TOKEN\"")), token);
    let exported = json(&env.run(&["export", "work", "--format", "json"]));
    assert_eq!(exported["access_token"], token.as_str());
    assert!(exported["member_urn"].as_str().unwrap().starts_with("urn:li:person:"));
    let curl = stdout(&env.run(&["export", "work", "--format", "curl"]));
    let (first, second) = curl.split_once(" | ").unwrap();
    assert!(first.starts_with("echo 'Authorization: Bearer AQ"), "{curl}");
    assert!(
        second.starts_with("curl -H @- ") && second.contains("/v2/userinfo"),
        "the token is not an argument of curl: {curl}"
    );
    let header = "Authorization: Bearer ".to_owned() + &token;
    assert_eq!(sh(format!("{first} | cat")).trim_end(), header);
    let path = env.dir.path().join("out.env");
    let output = env.run(&["export", "work", "--format", "dotenv", "--output", path.to_str().unwrap()]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(&format!("LINKEDIN_ACCESS_TOKEN={token}\n")));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, "A=1\r\nLINKEDIN_ACCESS_TOKEN=old").unwrap();
    assert!(env.run(&["export", "work", "--format", "dotenv", "--output", path.to_str().unwrap()]).status.success());
    let merged = std::fs::read_to_string(&path).unwrap();
    assert!(merged.starts_with(&format!("A=1\r\nLINKEDIN_ACCESS_TOKEN={token}\r\n")), "other lines stay: {merged}");
    let missing_directory = env.run(&["export", "work", "--format", "env", "--output", "no/such/directory/file"]);
    assert_eq!(missing_directory.status.code(), Some(6), "{}", stderr(&missing_directory));
    assert!(!env.dir.path().join("no").exists());
    std::os::unix::fs::symlink("loop", env.dir.path().join("loop")).unwrap();
    let directory = env.dir.path().to_str().unwrap();
    for (path, reason) in [
        ("/dev/stdout", "it is not a regular file."),
        (directory, "it is a directory."),
        (&format!("{directory}/new/"), "it is a directory."),
        (&format!("{directory}/loop"), "could not be resolved: "),
    ] {
        let output = env.run(&["export", "work", "--format", "env", "--output", path]);
        let text = stderr(&output);
        assert!(text.contains(reason) && !text.contains("--config-dir"), "{path}: {text}");
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(6), ""));
    }
}

#[test]
fn a_calendar_has_every_expiry_two_alarms_and_no_token() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("second", "bruce", &[]).status.success());
    let output = env.run(&["export", "--all", "--format", "ics"]);
    let text = stdout(&output);
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
    assert_eq!(text.matches("BEGIN:VALARM").count(), 4, "{text}");
    assert!(text.contains("TRIGGER:-PT604800S") && text.contains("TRIGGER:-PT172800S"), "{text}");
    assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n") && line.len() <= 77), "RFC 5545, 3.1: {text}");
    assert!(!text.contains("DTEND") && text.matches("DTSTAMP:").count() >= 2, "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR") && text.trim_end().ends_with("END:VCALENDAR"));
    assert!(!text.contains(&env.token("work")[..12]));
    assert_eq!(env.run(&["export", "--all", "--format", "env"]).status.code(), Some(2));
}

#[test]
fn import_reads_the_files_of_the_node_script() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    let client_id = linkedin_tui::internal::sandbox::CLIENT_ID;
    let dotenv = format!(
        "PORT=4321\nLINKEDIN_CLIENT_ID={client_id}\nLINKEDIN_CLIENT_SECRET='{CLIENT_SECRET}'\n\
         LINKEDIN_REDIRECT_URI=http://localhost:{{__PORT__}}/callback\n"
    );
    std::fs::write(env.dir.path().join(".env"), dotenv).unwrap();
    // The token file that the script writes.
    let file = format!("{{\"linkedInAccessToken\":\"{token}\"}}");
    std::fs::write(env.dir.path().join("access_token.json"), file).unwrap();
    let output = env.run(&["import", "work", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let profile = json(&output);
    assert_eq!((&profile["name"], &profile["status"]), (&"work".into(), &"active".into()));
    assert_eq!(profile["member"]["name"], "Ada Lovelace");
    assert_eq!(profile["scopes"].as_array().unwrap().len(), 4, "introspection returns the scopes");
    assert!(profile["expires_in"].as_i64().unwrap() > 5_000_000);
    assert_eq!(stdout(&env.run(&["token", "work"])).trim(), token);
    let app = json(&env.run(&["apps", "show", "work", "--json"]));
    assert_eq!(app["redirect_url"], "http://localhost:4321/callback");
    let printed = format!("{}{}", stdout(&output), stderr(&output));
    assert!(!printed.contains(&token[..12]) && !printed.contains(CLIENT_SECRET));
    // Existing variables are not overwritten.
    assert_eq!(env.run(&["import", "work"]).status.code(), Some(2));
    assert_eq!(stdout(&env.run(&["token", "work"])).trim(), token);
}

#[test]
fn import_rejects_tokens_not_valid_for_the_app() {
    let env = TestEnv::signed_in(None);
    let import = |text: &str| {
        let mut command = env.command(&["import", "new", "--app", "work", "--token-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(!stderr(&output).contains("canary"), "{}", stderr(&output));
        output.status.code()
    };
    assert_eq!(import(""), Some(2));
    assert_eq!(import("{\"refresh\": \"canary\"}"), Some(2));
    assert_eq!(import("<html>canary</html>                     "), Some(2));
    assert_eq!(import("AQcanary-never-issued-0000000000000000"), Some(5));
    env.control("revoke-member-grants", &serde_json::json!({}));
    assert_eq!(import(&env.token("work")), Some(4), "a revoked token");
    assert_eq!(env.run(&["import"]).status.code(), Some(2), "there is nothing to import");
    let names = json(&env.run(&["profiles", "list", "--json"]));
    assert_eq!(names.as_array().unwrap().len(), 1, "nothing was saved");
}
