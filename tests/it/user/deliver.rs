//! `deliver`, and the automatic delivery of every new token, by commands that work or fail.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::CLIENT_SECRET;
use serde_json::Value;

use crate::support::wait_for;
use crate::user::interface::start;
use crate::user::world::{World, json, stderr, stdout};

fn profile_file(world: &World) -> PathBuf {
    world.config().join("profiles/work.toml")
}

fn file_text(world: &World) -> String {
    std::fs::read_to_string(profile_file(world)).unwrap()
}

/// Adds a delivery to the profile's file, as in an editor.
fn write_delivery(world: &World, name: &str, script: &str, more: &str) {
    let text = file_text(world);
    let table = format!("\n[[deliver]]\nname = \"{name}\"\ncommand = [\"sh\", \"-c\", '''{script}''']\n{more}\n");
    std::fs::write(profile_file(world), text + &table).unwrap();
}

/// The file to which a delivery of these tests writes its input.
fn delivered_text(world: &World, name: &str) -> Option<String> {
    std::fs::read_to_string(world.dir.path().join(name)).ok()
}

fn results(world: &World) -> Vec<Value> {
    let listed = json(&world.run(&["deliver", "work", "--list", "--json"]));
    listed.as_array().unwrap().iter().map(|one| one["last"].clone()).collect()
}

/// Asserts that no output, and no file but the profile's `token` key, contains a part of the token.
fn assert_no_token(world: &World, output: &Output, token: &str) {
    let file: String = file_text(world).lines().filter(|line| !line.starts_with("access_token")).collect();
    for text in [stdout(output), stderr(output), file] {
        assert!(!text.contains(&token[..12]) && !text.contains(&token[token.len() - 12..]), "{text}");
    }
}

#[test]
fn every_new_token_is_delivered_in_its_format() {
    let world = World::signed_in(Some("refresh-tokens"));
    for (name, more) in [
        ("token", "input = \"token\""),
        ("default", ""),
        ("env", "input = \"env\""),
        ("json", "input = \"json\""),
        ("template", "template = 't: \"${LINKEDIN_ACCESS_TOKEN}\" ${LINKEDIN_MEMBER_URN}'"),
    ] {
        write_delivery(&world, name, &format!("cat > {name}; echo $# $0 > {name}.args"), more);
    }
    write_delivery(&world, "environment", "env > environment; cat >> environment", "input = \"environment\"");
    // By re-authorization, by `refresh`, by a refresh within `token`.
    for way in ["login", "refresh", "token"] {
        let done = match way {
            "login" => world.login("work", "ada", &[]),
            "refresh" => world.run(&["refresh", "work"]),
            _ => {
                world.expire("work");
                world.run(&["token", "work"])
            }
        };
        assert!(done.status.success(), "{way}: {}", stderr(&done));
        assert_eq!(stderr(&done).matches("delivered: ").count(), 6, "{way}: {}", stderr(&done));
        let token = world.token("work");
        assert_eq!(delivered_text(&world, "token").unwrap(), token, "{way}: not even a newline");
        assert_eq!(delivered_text(&world, "default").unwrap(), token);
        let whole: Value = serde_json::from_str(&delivered_text(&world, "json").unwrap()).unwrap();
        assert_eq!((&whole["access_token"], &whole["profile"]), (&token.as_str().into(), &"work".into()));
        let urn = whole["member_urn"].as_str().unwrap();
        let id = urn.trim_start_matches("urn:li:person:");
        let lines = format!("LINKEDIN_ACCESS_TOKEN={token}\nLINKEDIN_MEMBER_ID={id}\nLINKEDIN_MEMBER_URN={urn}\n");
        assert_eq!(delivered_text(&world, "env").unwrap(), lines);
        assert_eq!(delivered_text(&world, "template").unwrap(), format!("t: \"{token}\" {urn}"));
        assert!(
            lines.lines().all(|line| delivered_text(&world, "environment").unwrap().lines().any(|one| one == line))
        );
        if way != "token" {
            assert_no_token(&world, &done, &token);
        }
    }
    assert!(results(&world).iter().all(|last| last["delivered"] == true));
}

#[test]
fn deliveries_of_one_name_have_their_own_results() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "twice", "exit 3", "");
    write_delivery(&world, "twice", "cat > twice", "");
    let ran = world.run(&["deliver", "work", "--json"]);
    assert_eq!(ran.status.code(), Some(5), "{}", stderr(&ran));
    let warning = "more than one delivery is called twice.";
    assert!(stderr(&ran).contains(warning) && stderr(&ran).contains("work.toml"), "{}", stderr(&ran));
    let listed = world.run(&["deliver", "work", "--list", "--json"]);
    let delivered: Vec<Value> = results(&world).iter().map(|last| last["delivered"].clone()).collect();
    assert_eq!(delivered, [false, true], "{}", stdout(&listed));
    assert!(stderr(&listed).contains(warning), "{}", stderr(&listed));
}

#[test]
fn manual_edits_stay_and_results_are_separate() {
    let world = World::signed_in(Some("refresh-tokens"));
    let written = "\n# the site\n[[deliver]]\nname = \"site\" # mine\ncommand = [\n  \"true\", # nothing\n]\ninput = \"token\"\n\
                   owner = \"ada\"\n";
    let before = file_text(&world);
    std::fs::write(profile_file(&world), format!("{before}{written}")).unwrap();
    assert_eq!(world.run(&["deliver"]).status.code(), Some(0));
    let after = file_text(&world);
    assert!(after.contains(written), "{after}");
    let rest = after.split("[delivered.site]").nth(1).unwrap();
    assert!(rest.contains("code = 0") && rest.contains("at = \"2"), "{rest}");
    // The result of a table that is removed from the file is removed with it; the others stay.
    std::fs::write(profile_file(&world), after.replace("name = \"site\"", "name = \"other\"")).unwrap();
    assert_eq!(world.run(&["deliver"]).status.code(), Some(0));
    let after = file_text(&world);
    assert!(after.contains("[delivered.other]") && !after.contains("[delivered.site]"), "{after}");
}

#[test]
fn failing_commands_are_reported_and_affect_nothing_else() {
    let world = World::signed_in(Some("refresh-tokens"));
    let bad = [
        ("fails", "cat >/dev/null; echo no; echo 'not so' >&2; exit 3", "exit code 3", "not so"),
        ("signal", "kill -9 $$", "signal 9", ""),
        ("token back", "cat; exit 4", "exit code 4", "[token]"),
        ("token in pieces", "fold -w 50; exit 5", "exit code 5", "[token]"),
        ("escapes", "printf '\\033]0;pwned\\007\\033[31mred\\033[0m\\n'; exit 6", "exit code 6", "red"),
        ("megabytes", "head -c 4000000 /dev/zero | tr '\\0' y; echo; echo end; exit 7", "exit code 7", "end"),
    ];
    for (name, script, _, _) in bad {
        write_delivery(&world, name, script, "");
    }
    write_delivery(&world, "odd", "touch odd", "input = \"carrier pigeon\"");
    let text = file_text(&world) + "\n[[deliver]]\nname = \"missing\"\ncommand = [\"/no/such/program\"]\n";
    std::fs::write(profile_file(&world), text).unwrap();
    write_delivery(&world, "last", "cat > last", "");
    let done = world.run(&["deliver", "work", "--json"]);
    assert_eq!(done.status.code(), Some(5), "{}", stderr(&done));
    let token = world.token("work");
    assert_no_token(&world, &done, &token);
    assert!(!stderr(&done).contains('\u{1b}') && !stdout(&done).contains("pwned"));
    let rows = json(&done);
    for ((name, _, how, line), row) in bad.iter().zip(rows.as_array().unwrap()) {
        let ended = row["failure"].as_str().map_or_else(|| format!("exit code {}", row["exit_code"]), str::to_owned);
        assert!(row["name"] == *name && row["delivered"] == false && ended.contains(how), "{row}");
        assert_eq!(row["line"], *line, "{name}");
    }
    assert!(rows[6]["failure"].as_str().unwrap().contains("input"), "{}", rows[6]);
    assert!(delivered_text(&world, "odd").is_none());
    assert!(rows[7]["failure"].as_str().unwrap().contains("not found"), "{}", rows[7]);
    assert_eq!((&rows[8]["delivered"], delivered_text(&world, "last").unwrap()), (&true.into(), token));
    let saved: Vec<Value> = rows.as_array().unwrap().clone();
    assert_eq!(results(&world), saved, "saved as reported");
    // A failed delivery does not make the refresh fail.
    let done = world.run(&["refresh", "work", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(json(&done)["status"], "active");
    assert!(stderr(&done).contains("not delivered: fails") && stderr(&done).contains("linkedin-tui deliver work"));
    // Only one of them.
    assert_eq!(world.run(&["deliver", "work", "--only", "last"]).status.code(), Some(0));
    assert_eq!(world.run(&["deliver", "work", "--only", "nope"]).status.code(), Some(2));
}

#[test]
fn c04_of_32_processes_one_delivers_and_all_print_the_token() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "count", "cat >/dev/null; echo once >> count; echo noise; echo noise >&2", "");
    world.expire("work");
    let start = |_| world.command(&["token", "work"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..32).map(start).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let token = world.token("work");
    assert!(outputs.iter().all(|one| one.status.success() && stdout(one) == format!("{token}\n")));
    assert_eq!(outputs.iter().filter(|one| stderr(one).contains("delivered: count")).count(), 1);
    assert_eq!(delivered_text(&world, "count").unwrap(), "once\n");
}

#[cfg(unix)]
#[test]
fn a_hanging_delivery_does_not_block_the_token() {
    use std::io::{BufRead, BufReader};
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "hangs", "cat > hangs; sleep 1000", "");
    world.expire("work");
    let mut child = world.command(&["token", "work"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    crate::support::wait_for("the delivery", || delivered_text(&world, "hangs").filter(|text| !text.is_empty()));
    // It still hangs, and other processes have the new token.
    assert_eq!(line.trim(), world.token("work"));
    assert!(child.try_wait().unwrap().is_none());
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(results(&world), [Value::Null], "it never ended");
}

#[test]
fn a_test_token_of_the_same_length_is_sent_and_remembered() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "site", "cat > site; cat site", "");
    let before = file_text(&world);
    let done = world.run(&["deliver", "work", "--test"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let (given, token) = (delivered_text(&world, "site").unwrap(), world.token("work"));
    assert!(given.starts_with("test-token-") && given.len() == token.len(), "{given}");
    assert!(stderr(&done).contains("without --test"), "{}", stderr(&done));
    // That a test token was delivered is saved in the profile until the real token is delivered.
    let saved = file_text(&world);
    assert!(saved != before && saved.contains("test_token = true"), "{saved}");
    let last = results(&world)[0].clone();
    assert_eq!((&last["delivered"], &last["test_token"]), (&false.into(), &true.into()));
    assert!(stdout(&world.run(&["deliver", "work", "--list"])).contains("test token delivered"));
    assert_eq!(world.run(&["deliver", "work"]).status.code(), Some(0));
    assert!(!file_text(&world).contains("test_token") && results(&world)[0]["delivered"] == true);
    // A delivery that failed has replaced nothing.
    write_delivery(&world, "other", "test -e works", "");
    assert_eq!(world.run(&["deliver", "work", "--only", "other", "--test"]).status.code(), Some(5));
    assert!(results(&world)[1].is_null());
    std::fs::write(world.dir.path().join("works"), "").unwrap();
    // An expired token can be tested with, but not delivered.
    world.control("revoke-member-grants", &serde_json::json!({}));
    assert_eq!(world.run(&["check", "work"]).status.code(), Some(4));
    assert_eq!(world.run(&["deliver", "work", "--test"]).status.code(), Some(0));
    assert_eq!(world.run(&["profiles", "rename", "work", "add"]).status.code(), Some(0));
    assert_eq!(world.run(&["deliver", "add", "--test"]).status.code(), Some(0), "a profile may be called add");
}

#[test]
fn a_dry_run_prints_the_commands_and_runs_none() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "site", "touch ran", "");
    write_delivery(&world, "env", "touch ran", "input = \"env\"");
    let before = file_text(&world);
    let done = world.run(&["deliver", "work", "--dry-run"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(stdout(&done), "site  sh -c touch ran  (input: token)\nenv  sh -c touch ran  (input: env)\n");
    let one = json(&world.run(&["deliver", "work", "--dry-run", "--only", "env", "--json"]));
    let row = serde_json::json!({"name": "env", "command": ["sh", "-c", "touch ran"], "input": "env"});
    assert_eq!(one, serde_json::json!({"dry_run": true, "deliveries": [row]}));
    assert!(delivered_text(&world, "ran").is_none(), "no command ran");
    assert_eq!(file_text(&world), before, "nothing is remembered of it");
    for wrong in [&["--dry-run", "--test"][..], &["--dry-run", "--only", "nope"], &["--dry-run", "--list"]] {
        assert_eq!(world.run(&[&["deliver", "work"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn an_expired_token_without_a_refresh_token_is_not_delivered() {
    let world = World::signed_in(None);
    write_delivery(&world, "site", "touch site", "");
    world.expire("work");
    let done = world.run(&["deliver", "work", "--json"]);
    assert_eq!((done.status.code(), &json(&done)["error"]["code"]), (Some(4), &"expired".into()));
    assert!(delivered_text(&world, "site").is_none());
}

#[test]
fn an_expired_token_is_refreshed_and_delivered_once() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "site", "cat > site; echo once >> count", "");
    let old = world.token("work");
    world.expire("work");
    assert_eq!(world.run(&["deliver", "work"]).status.code(), Some(0));
    let new = world.token("work");
    assert!(new != old && delivered_text(&world, "site").unwrap() == new);
    assert_eq!(delivered_text(&world, "count").unwrap(), "once\n");
}

#[cfg(unix)]
#[test]
fn presets_are_added_listed_and_removed() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::signed_in(Some("refresh-tokens"));
    let run = |arguments: &[&str], code: i32| {
        let done = world.run(arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", stderr(&done));
        done
    };
    assert!(stdout(&run(&["deliver", "--presets"], 0)).contains("github-secret"));
    assert_eq!(json(&run(&["deliver", "--presets", "--json"], 0)).as_array().unwrap().len(), 8);
    run(&["deliver", "work"], 2);
    run(&["deliver", "work", "--add", "github-secret"], 2);
    run(&["deliver", "work", "--add", "ftp"], 2);
    run(&["deliver", "nope", "--add", "pass"], 3);
    run(&["deliver", "work", "--add", "github-secret", "--name", "site", "--set", "repo=me/site"], 0);
    run(&["deliver", "work", "--add", "github-secret", "--name", "site", "--set", "repo=me/site"], 2);
    std::fs::write(world.dir.path().join(".env"), "# mine\nA=1\nLINKEDIN_ACCESS_TOKEN=old\n").unwrap();
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(world.dir.path().join(".env"), mode).unwrap();
    run(&["deliver", "--add", "dotenv", "--set", "file=.env", "--json"], 0);
    let listed = json(&run(&["deliver", "work", "--list", "--json"], 0));
    assert_eq!(listed[0]["command"].as_array().unwrap().last().unwrap(), "me/site");
    assert!(file_text(&world).contains("[[deliver]]\nname = \"site\"\ncommand = [\"gh\", \"secret\", \"set\","));
    // `linkedin-tui` in a delivery is this binary; the file is the same from any folder.
    let mut command = world.command(&["deliver", "work", "--only", "dotenv"]);
    let done = command.current_dir(world.config()).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let env = delivered_text(&world, ".env").unwrap();
    assert!(env.starts_with(&format!("# mine\nA=1\nLINKEDIN_ACCESS_TOKEN={}\n", world.token("work"))), "{env}");
    assert!(env.contains("LINKEDIN_MEMBER_URN=urn:li:person:"));
    let mode = std::fs::metadata(world.dir.path().join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "a file of one's own keeps its mode");
    run(&["deliver", "work", "--remove", "site"], 0);
    run(&["deliver", "--remove", "site"], 2);
    let listed = json(&run(&["deliver", "work", "--list", "--json"], 0));
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["last"]["delivered"]), (1, &true.into()));
    assert!(stdout(&run(&["deliver", "work", "--list"], 0)).contains("delivered 2"));
    run(&["deliver", "work", "--remove", "dotenv"], 0);
    assert!(!file_text(&world).contains("deliver"), "{}", file_text(&world));
}

#[cfg(unix)]
#[test]
fn the_interface_shows_deliveries_live_and_retries_one() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "good", "cat > good", "");
    write_delivery(&world, "bad", "test -e fixed && cat > bad", "");
    let mut terminal = crate::user::interface::start(&world);
    terminal.wait("1 active");
    terminal.send("r");
    terminal.wait("Re-authorize work?");
    terminal.send("\r");
    terminal.wait("Waiting for you to click Allow");
    world.allow(&world.browser_url(), "ada");
    terminal.wait("✓ Signed in");
    terminal.wait("✓ good");
    terminal.wait("✗ bad: It ended with exit code 1.");
    std::fs::write(world.dir.path().join("fixed"), "").unwrap();
    terminal.send("d");
    terminal.wait("Deliveries of work");
    terminal.send("t");
    terminal.wait("✓ bad");
    terminal.send("\u{1b}");
    terminal.wait("publish a post");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let token = world.token("work");
    assert_eq!(
        (delivered_text(&world, "good").unwrap(), delivered_text(&world, "bad").unwrap()),
        (token.clone(), token.clone())
    );
    let raw = terminal.raw();
    assert!(!raw.windows(token.len()).any(|window| window == token.as_bytes()), "x09");
    assert!(results(&world).iter().all(|last| last["delivered"] == true));
}

/// A shell script that writes the variables, arguments and open files of a child process.
const PROCESS_DUMP: &str = "{ env; tr '\\0' '\\n' < /proc/$$/cmdline; ls -l /proc/$$/fd; }";

#[cfg(target_os = "linux")]
#[test]
fn x06_x07_x08_children_inherit_no_secret_and_no_open_file() {
    let world = World::signed_in(Some("refresh-tokens"));
    write_delivery(&world, "look", &format!("cat >/dev/null; {PROCESS_DUMP} > seen"), "");
    let browser = format!(
        "sh -c '{}' look",
        format!("{PROCESS_DUMP} > opened; echo \"$1\" > part; mv part \"$URL_FILE\"").replace('\'', "'\\''")
    );
    let mut command = world.command(&["login", "work", "--browser", &browser, "--redirect-url", &world.redirect_url()]);
    command.env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET).env("LINKEDIN_ACCESS_TOKEN", "stale-token");
    command.env("LINKEDIN_TUI_PASSPHRASE_FILE", "/secret/place");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    world.allow(&world.browser_url(), "ada");
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let token = world.token("work");
    for (file, own) in [("opened", "URL_FILE="), ("seen", "PATH=")] {
        let seen = delivered_text(&world, file).unwrap();
        assert!(seen.contains(own), "{seen}");
        for secret in [CLIENT_SECRET, "stale-token", "/secret/place", &token[..12]] {
            assert!(!seen.contains(secret), "{file}: {seen}");
        }
        let open: Vec<(&str, &str)> = seen
            .lines()
            .filter_map(|line| line.split_once(" -> "))
            .map(|(before, what)| (before.rsplit(' ').next().unwrap(), what))
            .collect();
        assert!(open.len() >= 3, "{seen}");
        for (number, what) in open {
            let ours = ["socket:", ".lock", ".toml"].iter().any(|kind| what.contains(kind));
            // The shell keeps its own standard streams from 10 on while it redirects.
            assert!(!ours && !(3..10).contains(&number.parse().unwrap()), "{file}: {number} {what}");
        }
    }
}

#[test]
#[ignore = "needs pass and gpg"]
fn a_real_password_store_takes_each_new_token() {
    let world = World::signed_in(Some("refresh-tokens"));
    // The path of gpg's socket must be short.
    let home = tempfile::Builder::new().prefix("p").tempdir_in("/tmp").unwrap();
    let with = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments).env("GNUPGHOME", home.path()).env("PASSWORD_STORE_DIR", home.path().join("store"));
        let done = command.output().unwrap();
        assert!(done.status.success(), "{program} {arguments:?}: {}", stderr(&done));
        stdout(&done)
    };
    #[cfg(unix)]
    std::fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let key = ["--batch", "--passphrase", "", "--quick-generate-key", "me@example.org", "default", "default", "never"];
    with("gpg", &key);
    with("pass", &["init", "me@example.org"]);
    let run = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("GNUPGHOME", home.path()).env("PASSWORD_STORE_DIR", home.path().join("store"));
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", stderr(&done));
    };
    run(&["deliver", "work", "--add", "pass"]);
    run(&["deliver", "work", "--test"]);
    assert!(with("pass", &["show", "linkedin/token"]).starts_with("test-token-"));
    run(&["deliver", "work"]);
    let old = world.token("work");
    assert_eq!(with("pass", &["show", "linkedin/token"]), old);
    run(&["refresh", "work"]);
    let new = world.token("work");
    assert_ne!(new, old);
    assert_eq!(with("pass", &["show", "linkedin/token"]), new);
    assert_eq!(results(&world)[0]["delivered"], true);
    with("gpgconf", &["--kill", "all"]);
}

#[test]
fn a_delivery_is_added_tried_and_run_by_keys() {
    let world = World::signed_in(Some("refresh-tokens"));
    let token = world.token("work");
    let mut terminal = start(&world);
    terminal.wait("1 active");
    terminal.send("t");
    terminal.wait("No deliveries yet");
    terminal.send("a");
    terminal.wait("Add a delivery");
    terminal.send(&"j".repeat(7));
    terminal.send("\r");
    terminal.wait("Add dotenv");
    terminal.send("\r");
    terminal.wait("it needs its path");
    terminal.send("site.env\r");
    terminal.wait("Press n to send a test token. Press enter to deliver now.");
    // The real command, and an invalid token.
    terminal.send("n");
    terminal.wait("has a test token and needs the real one.");
    let tried = delivered_text(&world, "site.env").unwrap();
    assert!(tried.contains("LINKEDIN_ACCESS_TOKEN=test-token-") && !tried.contains(&token), "{tried}");
    assert!(wait_for("the trace of it", || results(&world)[0]["test_token"].as_bool()));
    terminal.send("t");
    wait_for("the token to arrive", || delivered_text(&world, "site.env").filter(|text| text.contains(&token)));
    terminal.until("the real token", |screen| screen.contains("✓ dotenv") && !screen.contains("has a test token"));
    wait_for("the result", || results(&world)[0]["delivered"].as_bool().filter(|delivered| *delivered));
    terminal.send("d");
    terminal.wait("Remove dotenv?");
    terminal.send("y");
    terminal.wait("dotenv is no longer delivered to");
    terminal.wait("No deliveries yet");
    assert!(delivered_text(&world, "site.env").is_some_and(|text| text.contains(&token)), "the delivered token stays");
    terminal.send("\u{1b}");
    terminal.wait("all keys");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(!String::from_utf8_lossy(&terminal.raw()).contains(&token[..12]));
}
