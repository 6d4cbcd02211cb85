//! `deliver`, and the automatic delivery of every new token, by commands that work or fail.

mod presets;

use std::path::PathBuf;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::CLIENT_SECRET;
use serde_json::Value;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

fn profile_path(env: &TestEnv) -> PathBuf {
    env.config().join("profiles/work.toml")
}

fn profile_text(env: &TestEnv) -> String {
    std::fs::read_to_string(profile_path(env)).unwrap()
}

/// Adds a delivery to the profile file, as an editor would.
fn write_delivery(env: &TestEnv, name: &str, script: &str, more: &str) {
    let text = profile_text(env);
    let table = format!("\n[[deliver]]\nname = \"{name}\"\ncommand = [\"sh\", \"-c\", '''{script}''']\n{more}\n");
    std::fs::write(profile_path(env), text + &table).unwrap();
}

/// Returns the text that a delivery wrote to the file `name`.
fn delivered_text(env: &TestEnv, name: &str) -> Option<String> {
    std::fs::read_to_string(env.dir.path().join(name)).ok()
}

fn delivery_results(env: &TestEnv) -> Vec<Value> {
    let listed = json(&env.run(&["deliver", "work", "--list", "--json"]));
    listed.as_array().unwrap().iter().map(|item| item["last"].clone()).collect()
}

/// Asserts that the output and the profile, except its access token, contain no part of the token.
fn assert_no_token(env: &TestEnv, output: &Output, token: &str) {
    let file: String = profile_text(env).lines().filter(|line| !line.starts_with("access_token")).collect();
    for text in [stdout(output), stderr(output), file] {
        assert!(!text.contains(&token[..12]) && !text.contains(&token[token.len() - 12..]), "{text}");
    }
}

#[test]
fn every_new_token_is_delivered_in_its_format() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    for (name, more) in [
        ("token", "input = \"token\""),
        ("default", ""),
        ("env", "input = \"env\""),
        ("json", "input = \"json\""),
        ("template", "template = 't: \"${LINKEDIN_ACCESS_TOKEN}\" ${LINKEDIN_MEMBER_URN}'"),
    ] {
        write_delivery(&env, name, &format!("cat > {name}"), more);
    }
    write_delivery(&env, "environment", "env > environment; cat >> environment", "input = \"environment\"");
    // A re-authorization, `refresh`, and a refresh within `token`.
    for trigger in ["login", "refresh", "token"] {
        let output = match trigger {
            "login" => env.login("work", "ada", &[]),
            "refresh" => env.run(&["refresh", "work"]),
            _ => {
                env.expire("work");
                env.run(&["token", "work"])
            }
        };
        assert!(output.status.success(), "{trigger}: {}", stderr(&output));
        assert_eq!(stderr(&output).matches("delivered: ").count(), 6, "{trigger}: {}", stderr(&output));
        let token = env.token("work");
        assert_eq!(delivered_text(&env, "token").unwrap(), token, "{trigger}: not even a newline");
        assert_eq!(delivered_text(&env, "default").unwrap(), token);
        let value: Value = serde_json::from_str(&delivered_text(&env, "json").unwrap()).unwrap();
        assert_eq!((&value["access_token"], &value["profile"]), (&token.as_str().into(), &"work".into()));
        let urn = value["member_urn"].as_str().unwrap();
        let id = urn.trim_start_matches("urn:li:person:");
        let lines = format!("LINKEDIN_ACCESS_TOKEN={token}\nLINKEDIN_MEMBER_ID={id}\nLINKEDIN_MEMBER_URN={urn}\n");
        assert_eq!(delivered_text(&env, "env").unwrap(), lines);
        assert_eq!(delivered_text(&env, "template").unwrap(), format!("t: \"{token}\" {urn}"));
        assert!(
            lines.lines().all(|line| delivered_text(&env, "environment").unwrap().lines().any(|item| item == line))
        );
        if trigger != "token" {
            assert_no_token(&env, &output, &token);
        }
    }
    assert!(delivery_results(&env).iter().all(|last| last["delivered"] == true));
}

#[test]
fn deliveries_of_one_name_have_their_own_results() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "twice", "exit 3", "");
    write_delivery(&env, "twice", "cat > twice", "");
    let ran = env.run(&["deliver", "work", "--json"]);
    assert_eq!(ran.status.code(), Some(5), "{}", stderr(&ran));
    let warning = "more than one delivery is called twice.";
    assert!(stderr(&ran).contains(warning) && stderr(&ran).contains("work.toml"), "{}", stderr(&ran));
    let listed = env.run(&["deliver", "work", "--list", "--json"]);
    let delivered: Vec<Value> = delivery_results(&env).iter().map(|last| last["delivered"].clone()).collect();
    assert_eq!(delivered, [false, true], "{}", stdout(&listed));
    assert!(stderr(&listed).contains(warning), "{}", stderr(&listed));
}

#[test]
fn manual_edits_stay_and_results_are_separate() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let written = "\n# the site\n[[deliver]]\nname = \"site\" # note\ncommand = [\n  \"true\", # nothing\n]\ninput = \"token\"\n\
                   owner = \"ada\"\n";
    let before = profile_text(&env);
    std::fs::write(profile_path(&env), format!("{before}{written}")).unwrap();
    assert_eq!(env.run(&["deliver"]).status.code(), Some(0));
    let after = profile_text(&env);
    assert!(after.contains(written), "{after}");
    let rest = after.split("[delivered.site]").nth(1).unwrap();
    assert!(rest.contains("code = 0") && rest.contains("at = \"2"), "{rest}");
    // Removing a delivery from the file removes its result.
    std::fs::write(profile_path(&env), after.replace("name = \"site\"", "name = \"renamed\"")).unwrap();
    assert_eq!(env.run(&["deliver"]).status.code(), Some(0));
    let after = profile_text(&env);
    assert!(after.contains("[delivered.renamed]") && !after.contains("[delivered.site]"), "{after}");
}

#[test]
fn failing_commands_are_reported_and_affect_nothing_else() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    let bad = [
        ("fails", "cat >/dev/null; echo no; echo 'not so' >&2; exit 3", "exit code 3", "not so"),
        ("signal", "kill -9 $$", "signal 9", ""),
        ("token back", "cat; exit 4", "exit code 4", "[token]"),
        ("token in pieces", "fold -w 50; exit 5", "exit code 5", "[token]"),
        ("escapes", "printf '\\033]0;pwned\\007\\033[31mred\\033[0m\\n'; exit 6", "exit code 6", "red"),
        ("megabytes", "head -c 4000000 /dev/zero | tr '\\0' y; echo; echo end; exit 7", "exit code 7", "end"),
    ];
    for (name, script, _, _) in bad {
        write_delivery(&env, name, script, "");
    }
    write_delivery(&env, "unknown input", "touch unexpected", "input = \"carrier pigeon\"");
    let text = profile_text(&env) + "\n[[deliver]]\nname = \"missing\"\ncommand = [\"/no/such/program\"]\n";
    std::fs::write(profile_path(&env), text).unwrap();
    write_delivery(&env, "last", "cat > last", "");
    let output = env.run(&["deliver", "work", "--json"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let token = env.token("work");
    assert_no_token(&env, &output, &token);
    assert!(!stderr(&output).contains('\u{1b}') && !stdout(&output).contains("pwned"));
    let rows = json(&output);
    for ((name, _, expected_exit, line), row) in bad.iter().zip(rows.as_array().unwrap()) {
        let exit = row["failure"].as_str().map_or_else(|| format!("exit code {}", row["exit_code"]), str::to_owned);
        assert!(row["name"] == *name && row["delivered"] == false && exit.contains(expected_exit), "{row}");
        assert_eq!(row["line"], *line, "{name}");
    }
    assert!(rows[6]["failure"].as_str().unwrap().contains("input"), "{}", rows[6]);
    assert!(delivered_text(&env, "unexpected").is_none());
    assert!(rows[7]["failure"].as_str().unwrap().contains("not found"), "{}", rows[7]);
    assert_eq!((&rows[8]["delivered"], delivered_text(&env, "last").unwrap()), (&true.into(), token));
    let saved: Vec<Value> = rows.as_array().unwrap().clone();
    assert_eq!(delivery_results(&env), saved, "the saved results equal the reported ones");
    // A failed delivery does not make the refresh fail.
    let output = env.run(&["refresh", "work", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["status"], "active");
    assert!(stderr(&output).contains("not delivered: fails") && stderr(&output).contains("linkedin-tui deliver work"));
    // A single delivery can be selected.
    assert_eq!(env.run(&["deliver", "work", "--only", "last"]).status.code(), Some(0));
    assert_eq!(env.run(&["deliver", "work", "--only", "nope"]).status.code(), Some(2));
}

#[test]
fn c04_one_of_32_processes_delivers_the_token() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "count", "cat >/dev/null; echo once >> count; echo noise; echo noise >&2", "");
    env.expire("work");
    let start = |_| env.command(&["token", "work"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = (0..32).map(start).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let token = env.token("work");
    assert!(outputs.iter().all(|item| item.status.success() && stdout(item) == format!("{token}\n")));
    assert_eq!(outputs.iter().filter(|item| stderr(item).contains("delivered: count")).count(), 1);
    assert_eq!(delivered_text(&env, "count").unwrap(), "once\n");
}

#[cfg(unix)]
#[test]
fn a_hanging_delivery_does_not_block_the_token() {
    use std::io::{BufRead, BufReader};
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "hangs", "cat > hangs; sleep 1000", "");
    env.expire("work");
    let mut child = env.command(&["token", "work"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    crate::support::wait_for("the delivery", || delivered_text(&env, "hangs").filter(|text| !text.is_empty()));
    // The delivery still hangs, and other processes have the new token.
    assert_eq!(line.trim(), env.token("work"));
    assert!(child.try_wait().unwrap().is_none());
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(delivery_results(&env), [Value::Null], "an unfinished delivery has no result");
}

#[test]
fn a_test_token_is_delivered_and_recorded() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "site", "cat > site; cat site", "");
    let before = profile_text(&env);
    let output = env.run(&["deliver", "work", "--test"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (delivered, token) = (delivered_text(&env, "site").unwrap(), env.token("work"));
    assert!(delivered.starts_with("test-token-") && delivered.len() == token.len(), "{delivered}");
    assert!(stderr(&output).contains("without --test"), "{}", stderr(&output));
    // The profile records a delivered test token until the real token is delivered.
    let saved = profile_text(&env);
    assert!(saved != before && saved.contains("test_token = true"), "{saved}");
    let last = delivery_results(&env)[0].clone();
    assert_eq!((&last["delivered"], &last["test_token"]), (&false.into(), &true.into()));
    assert!(stdout(&env.run(&["deliver", "work", "--list"])).contains("test token delivered"));
    assert_eq!(env.run(&["deliver", "work"]).status.code(), Some(0));
    assert!(!profile_text(&env).contains("test_token") && delivery_results(&env)[0]["delivered"] == true);
    // A failed delivery has replaced nothing.
    write_delivery(&env, "second", "test -e works", "");
    let output = env.run(&["deliver", "work", "--only", "second", "--test"]);
    assert_eq!(output.status.code(), Some(5));
    let message = stderr(&output);
    assert!(message.ends_with("Test it again: linkedin-tui deliver work --only=second --test\n"), "{message}");
    assert!(delivery_results(&env)[1].is_null());
    std::fs::write(env.dir.path().join("works"), "").unwrap();
    // A delivery can be tested while the token is revoked.
    env.control("revoke-member-grants", &serde_json::json!({}));
    assert_eq!(env.run(&["check", "work"]).status.code(), Some(4));
    assert_eq!(env.run(&["deliver", "work", "--test"]).status.code(), Some(0));
    assert_eq!(env.run(&["profiles", "rename", "work", "add"]).status.code(), Some(0));
    assert_eq!(env.run(&["deliver", "add", "--test"]).status.code(), Some(0), "a profile may be called add");
}

#[test]
fn a_dry_run_prints_the_commands_and_runs_none() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "site", "touch ran", "");
    write_delivery(&env, "env", "touch ran", "input = \"env\"");
    let before = profile_text(&env);
    let output = env.run(&["deliver", "work", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "site  sh -c touch ran  (input: token)\nenv  sh -c touch ran  (input: env)\n");
    let item = json(&env.run(&["deliver", "work", "--dry-run", "--only", "env", "--json"]));
    let row = serde_json::json!({"name": "env", "command": ["sh", "-c", "touch ran"], "input": "env"});
    assert_eq!(item, serde_json::json!({"dry_run": true, "deliveries": [row]}));
    assert!(delivered_text(&env, "ran").is_none(), "no command ran");
    assert_eq!(profile_text(&env), before, "a dry run is not recorded");
    for wrong in [&["--dry-run", "--test"][..], &["--dry-run", "--only", "nope"], &["--dry-run", "--list"]] {
        assert_eq!(env.run(&[&["deliver", "work"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn an_expired_token_without_a_refresh_token_is_not_delivered() {
    let env = TestEnv::signed_in(None);
    write_delivery(&env, "site", "touch site", "");
    env.expire("work");
    let output = env.run(&["deliver", "work", "--json"]);
    assert_eq!((output.status.code(), &json(&output)["error"]["code"]), (Some(4), &"expired".into()));
    assert!(delivered_text(&env, "site").is_none());
}

#[test]
fn an_expired_token_is_refreshed_and_delivered_once() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "site", "cat > site; echo once >> count", "");
    let old = env.token("work");
    env.expire("work");
    assert_eq!(env.run(&["deliver", "work"]).status.code(), Some(0));
    let new = env.token("work");
    assert!(new != old && delivered_text(&env, "site").unwrap() == new);
    assert_eq!(delivered_text(&env, "count").unwrap(), "once\n");
}

#[cfg(unix)]
#[test]
fn the_interface_shows_deliveries_live_and_retries_one() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "good", "cat > good", "");
    write_delivery(&env, "bad", "test -e fixed && cat > bad", "");
    let mut terminal = crate::e2e::interface::start(&env);
    terminal.wait_for_text("1 active");
    terminal.send("r");
    terminal.wait_for_text("Re-authorize profile work?");
    terminal.send("\r");
    terminal.wait_for_text("Waiting for you to click Allow");
    env.approve_and_follow(&env.browser_url(), "ada");
    terminal.wait_for_text("✓ Signed in");
    terminal.wait_for_text("✓ good");
    terminal.wait_for_text("✗ bad: It ended with exit code 1.");
    std::fs::write(env.dir.path().join("fixed"), "").unwrap();
    terminal.send("t");
    terminal.wait_for_text("Deliveries of profile work");
    terminal.send("T");
    terminal.wait_for_text("✓ bad");
    terminal.send("\u{1b}");
    terminal.wait_for_text("publish a post");
    terminal.send("q");
    assert_eq!(terminal.exit_code(), 0);
    let token = env.token("work");
    assert_eq!(
        (delivered_text(&env, "good").unwrap(), delivered_text(&env, "bad").unwrap()),
        (token.clone(), token.clone())
    );
    let raw = terminal.raw_output();
    assert!(!raw.windows(token.len()).any(|window| window == token.as_bytes()), "x09");
    assert!(delivery_results(&env).iter().all(|last| last["delivered"] == true));
}

/// A shell command that prints the variables, arguments and open files of its process.
const PROCESS_DUMP: &str = "{ env; tr '\\0' '\\n' < /proc/$$/cmdline; ls -l /proc/$$/fd; }";

#[cfg(target_os = "linux")]
#[test]
fn x06_x07_x08_children_inherit_no_secret_and_no_open_file() {
    let env = TestEnv::signed_in(Some("refresh-tokens"));
    write_delivery(&env, "dump", &format!("cat >/dev/null; {PROCESS_DUMP} > inherited"), "");
    let browser = format!(
        "sh -c '{}' dump",
        format!("{PROCESS_DUMP} > opened; echo \"$1\" > part; mv part \"$URL_FILE\"").replace('\'', "'\\''")
    );
    let mut command = env.command(&["login", "work", "--browser", &browser, "--redirect-url", &env.redirect_url()]);
    command.env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET).env("LINKEDIN_ACCESS_TOKEN", "stale-token");
    command.env("LINKEDIN_TUI_PASSPHRASE_FILE", "/secret/path");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    env.approve_and_follow(&env.browser_url(), "ada");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let token = env.token("work");
    for (file, expected) in [("opened", "URL_FILE="), ("inherited", "PATH=")] {
        let dump = delivered_text(&env, file).unwrap();
        assert!(dump.contains(expected), "{dump}");
        for secret in [CLIENT_SECRET, "stale-token", "/secret/path", &token[..12]] {
            assert!(!dump.contains(secret), "{file}: {dump}");
        }
        let open: Vec<(&str, &str)> = dump
            .lines()
            .filter_map(|line| line.split_once(" -> "))
            .map(|(before, what)| (before.rsplit(' ').next().unwrap(), what))
            .collect();
        assert!(open.len() >= 3, "{dump}");
        for (number, what) in open {
            let is_internal = ["socket:", ".lock", ".toml"].iter().any(|kind| what.contains(kind));
            // While it redirects, the shell saves its standard streams as descriptors from 10.
            assert!(!is_internal && !(3..10).contains(&number.parse().unwrap()), "{file}: {number} {what}");
        }
    }
}

#[test]
fn a_delivery_whose_result_is_not_saved_is_reported() {
    let env = TestEnv::signed_in(None);
    write_delivery(&env, "site", &format!("cat > site; rm {}", profile_path(&env).display()), "");
    let ran = env.run(&["deliver", "work"]);
    let text = stderr(&ran);
    let places = ["delivered: site", "The result of site could not be saved."].map(|part| text.find(part));
    assert!(places[0].is_some() && places[0] < places[1], "{text}");
}
