//! `exec` and `export`: the token for other programs.

use std::process::Stdio;

use linkedin_tui::internal::sandbox::CLIENT_SECRET;

use crate::user::world::{World, json, stderr, stdout};

#[test]
fn exec_passes_the_token_and_no_other_secret() {
    let world = World::signed_in(None);
    let mut command = world.command(&["exec", "work", "--", "env"]);
    command.env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET).env("LINKEDIN_MEMBER_ID", "stale").env("KEPT", "yes");
    let seen = stdout(&command.output().unwrap());
    let id = json(&world.run(&["whoami", "work", "--json"]))["member"]["id"].as_str().unwrap().to_owned();
    for line in [
        format!("LINKEDIN_ACCESS_TOKEN={}", world.token("work")),
        format!("LINKEDIN_MEMBER_ID={id}"),
        format!("LINKEDIN_MEMBER_URN=urn:li:person:{id}"),
        "KEPT=yes".to_owned(),
    ] {
        assert!(seen.lines().any(|one| one == line), "{line}");
    }
    assert!(!seen.contains(CLIENT_SECRET), "x06");
}

#[cfg(unix)]
#[test]
fn exec_keeps_exit_code_streams_and_signals() {
    use std::os::unix::process::ExitStatusExt;
    let world = World::signed_in(None);
    let done = world.run(&["exec", "--", "sh", "-c", "echo out; echo err >&2; exit 41"]);
    assert_eq!(done.status.code(), Some(41));
    assert_eq!((stdout(&done).as_str(), stderr(&done).as_str()), ("out\n", "err\n"));
    let done = world.run(&["exec", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(done.status.signal(), Some(15));
    // A signal to the program reaches the command: it is the same process.
    let mut child =
        world.command(&["exec", "--", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"]);
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn exec_reports_a_command_that_cannot_run() {
    let world = World::signed_in(None);
    for (arguments, code) in [
        (&["exec", "work", "--", "no-such-program"][..], 2),
        (&["exec", "work"], 2),
        (&["exec", "nope", "--", "true"], 3),
    ] {
        let done = world.run(arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", stderr(&done));
        assert_eq!(stdout(&done), "");
    }
}

#[cfg(unix)]
#[test]
fn exports_are_read_by_their_target_programs() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::signed_in(None);
    let token = world.token("work");
    let sh = |script: String| {
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let env = stdout(&world.run(&["export", "work", "--format", "env"]));
    assert_eq!(sh(format!("{env}printf %s \"$LINKEDIN_ACCESS_TOKEN\"")), token);
    let whole = json(&world.run(&["export", "work", "--format", "json"]));
    assert_eq!(whole["access_token"], token.as_str());
    assert!(whole["member_urn"].as_str().unwrap().starts_with("urn:li:person:"));
    let curl = stdout(&world.run(&["export", "work", "--format", "curl"]));
    let (first, second) = curl.split_once(" | ").unwrap();
    assert!(first.starts_with("echo 'Authorization: Bearer AQ"), "{curl}");
    assert!(second.starts_with("curl -H @- ") && second.contains("/v2/userinfo"), "no argument of curl's: {curl}");
    let header = "Authorization: Bearer ".to_owned() + &token;
    assert_eq!(sh(format!("{first} | cat")).trim_end(), header);
    let path = world.dir.path().join("out.env");
    let done = world.run(&["export", "work", "--format", "dotenv", "--output", path.to_str().unwrap()]);
    assert_eq!((done.status.code(), stdout(&done).as_str()), (Some(0), ""));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(&format!("LINKEDIN_ACCESS_TOKEN={token}\n")));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&path, "A=1\r\nLINKEDIN_ACCESS_TOKEN=old").unwrap();
    assert!(world.run(&["export", "work", "--format", "dotenv", "--output", path.to_str().unwrap()]).status.success());
    let merged = std::fs::read_to_string(&path).unwrap();
    assert!(merged.starts_with(&format!("A=1\r\nLINKEDIN_ACCESS_TOKEN={token}\r\n")), "other lines stay: {merged}");
    let nowhere = world.run(&["export", "work", "--format", "env", "--output", "no/such/folder/file"]);
    assert_eq!(nowhere.status.code(), Some(6), "{}", stderr(&nowhere));
    assert!(!world.dir.path().join("no").exists());
}

#[test]
fn a_calendar_has_every_expiry_two_alarms_and_no_token() {
    let world = World::signed_in(None);
    assert!(world.login("other", "bruce", &[]).status.success());
    let done = world.run(&["export", "--all", "--format", "ics"]);
    let text = stdout(&done);
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
    assert_eq!(text.matches("BEGIN:VALARM").count(), 4, "{text}");
    assert!(text.contains("TRIGGER:-PT604800S") && text.contains("TRIGGER:-PT172800S"), "{text}");
    assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n") && line.len() <= 77), "RFC 5545, 3.1: {text}");
    assert!(!text.contains("DTEND") && text.matches("DTSTAMP:").count() >= 2, "{text}");
    assert!(text.starts_with("BEGIN:VCALENDAR") && text.trim_end().ends_with("END:VCALENDAR"));
    assert!(!text.contains(&world.token("work")[..12]));
    assert_eq!(world.run(&["export", "--all", "--format", "env"]).status.code(), Some(2));
}

#[test]
fn the_node_scripts_files_are_taken_over() {
    let world = World::new(None);
    let token = world.foreign_token();
    let client_id = linkedin_tui::internal::sandbox::CLIENT_ID;
    let dotenv = format!(
        "PORT=4321\nLINKEDIN_CLIENT_ID={client_id}\nLINKEDIN_CLIENT_SECRET='{CLIENT_SECRET}'\n\
         LINKEDIN_REDIRECT_URI=http://localhost:{{__PORT__}}/callback\n"
    );
    std::fs::write(world.dir.path().join(".env"), dotenv).unwrap();
    // What the script itself writes.
    let file = format!("{{\"linkedInAccessToken\":\"{token}\"}}");
    std::fs::write(world.dir.path().join("access_token.json"), file).unwrap();
    let done = world.run(&["import", "work", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let profile = json(&done);
    assert_eq!((&profile["name"], &profile["status"]), (&"work".into(), &"active".into()));
    assert_eq!(profile["member"]["name"], "Ada Lovelace");
    assert_eq!(profile["scopes"].as_array().unwrap().len(), 4, "introspection says which");
    assert!(profile["expires_in"].as_i64().unwrap() > 5_000_000);
    assert_eq!(stdout(&world.run(&["token", "work"])).trim(), token);
    let app = json(&world.run(&["apps", "show", "work", "--json"]));
    assert_eq!(app["redirect_url"], "http://localhost:4321/callback");
    let printed = format!("{}{}", stdout(&done), stderr(&done));
    assert!(!printed.contains(&token[..12]) && !printed.contains(CLIENT_SECRET));
    // Existing variables are not overwritten.
    assert_eq!(world.run(&["import", "work"]).status.code(), Some(2));
    assert_eq!(stdout(&world.run(&["token", "work"])).trim(), token);
}

#[test]
fn import_refuses_tokens_not_valid_for_the_app() {
    let world = World::signed_in(None);
    let import = |text: &str| {
        let mut command = world.command(&["import", "new", "--app", "work", "--token-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(!stderr(&done).contains("canary"), "{}", stderr(&done));
        done.status.code()
    };
    assert_eq!(import(""), Some(2));
    assert_eq!(import("{\"refresh\": \"canary\"}"), Some(2));
    assert_eq!(import("<html>canary</html>                     "), Some(2));
    assert_eq!(import("AQcanary-never-issued-by-anybody-0000"), Some(5));
    world.control("revoke-member-grants", &serde_json::json!({}));
    assert_eq!(import(&world.token("work")), Some(4), "a revoked one");
    assert_eq!(world.run(&["import"]).status.code(), Some(2), "there is nothing to import");
    let names = json(&world.run(&["profiles", "list", "--json"]));
    assert_eq!(names.as_array().unwrap().len(), 1, "nothing was saved");
}
