//! `doctor`: a machine without problems, each kind of problem, and a report that can be shared.

use std::collections::BTreeSet;
use std::path::Path;

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json as value};

use crate::e2e::encryption::{passphrase_file, two_profiles, with_passphrase, write_fast_key};
use crate::e2e::test_env::{TestEnv, json, stderr, stdout};
use crate::support::process::runs_in_own_process;

/// The IDs of all checks, on which scripts rely.
const CHECK_IDS: &[&str] = &[
    "apps.client_id",
    "apps.missing",
    "apps.redirect_url",
    "apps.secret",
    "desktop.browser",
    "desktop.clipboard",
    "desktop.locale",
    "desktop.terminal",
    "files.damaged",
    "files.directory",
    "files.git",
    "files.leftovers",
    "files.locks",
    "files.modes",
    "files.names",
    "files.newer",
    "files.owner",
    "network.api",
    "network.ca",
    "network.clock",
    "network.proxy",
    "network.www",
    "ports.loopback",
    "ports.port",
    "settings.api_version",
    "settings.file",
    "settings.hosts",
    "settings.keys",
    "storage.files",
    "storage.key",
    "tokens.life",
];

fn run_doctor(env: &TestEnv) -> (Option<i32>, Value) {
    let output = env.run(&["doctor", "--json"]);
    (output.status.code(), json(&output))
}

/// Returns state, message and fix of the failed checks with this ID.
fn findings(report: &Value, id: &str) -> Vec<(String, String)> {
    let all = report["checks"].as_array().unwrap().iter();
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    all.filter(|check| check["id"] == id && check["state"] != "ok")
        .map(|check| (text(check, "state"), format!("{} | {}", text(check, "message"), text(check, "fix"))))
        .collect()
}

/// Asserts that one check with this ID failed, and its state, its text and the exit code.
fn assert_finding(env: &TestEnv, id: &str, state: &str, expected_text: &[&str], code: i32) {
    let (exit, report) = run_doctor(env);
    let found = findings(&report, id);
    assert_eq!(found.len(), 1, "{id}: {report:#}");
    assert_eq!(found[0].0, state, "{found:?}");
    for word in expected_text {
        assert!(found[0].1.contains(word), "{word}: {found:?}");
    }
    assert_eq!(exit, Some(code), "{report:#}");
    assert_eq!(report["ok"], state != "error");
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_healthy_machine_has_no_findings() {
    let env = TestEnv::signed_in(None);
    let (code, report) = run_doctor(&env);
    assert_eq!((code, &report["ok"]), (Some(0), &value!(true)), "{report:#}");
    let ids: BTreeSet<&str> =
        report["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CHECK_IDS.iter().copied().collect());
    for check in report["checks"].as_array().unwrap() {
        let id = check["id"].as_str().unwrap();
        assert_eq!(check["group"], id.split('.').next().unwrap());
        assert_eq!(check["state"] == "ok", check["fix"].is_null(), "{check}");
        // The tests use a sandbox instead of LinkedIn's hosts.
        assert!(check["state"] == "ok" || id == "settings.hosts", "{check}");
    }
    assert_eq!(env.sandbox_state()["requests"]["GET /v2/userinfo"], 2, "one of the two by login");
}

#[test]
fn lines_have_symbols_or_ascii() {
    let env = TestEnv::signed_in(None);
    let plain = env.run(&["doctor"]);
    let text = stdout(&plain);
    assert!(text.starts_with("files\n  ✓ ") && text.contains("\nnetwork\n"), "{text}");
    assert_eq!(stderr(&plain), "");
    // The fix is on the next line.
    let lines: Vec<&str> = text.lines().collect();
    let warned = lines.iter().position(|line| line.starts_with("  ! ")).unwrap();
    assert!(lines[warned + 1].starts_with("      "), "{text}");
    for (name, value, ok_mark) in [("NO_COLOR", "1", "  ✓ "), ("LC_ALL", "C", "  + "), ("TERM", "linux", "  + ")] {
        let text = stdout(&env.command(&["doctor"]).env(name, value).output().unwrap());
        assert!(text.contains(ok_mark) && text.is_ascii() == ok_mark.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn a_new_machine_and_the_sandbox_are_checked() {
    let env = TestEnv::new(None);
    let (code, report) = run_doctor(&env);
    assert_eq!(code, Some(0), "{report:#}");
    let output = env.run(&["--sandbox", "doctor", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(findings(&json(&output), "settings.hosts").is_empty());
    assert!(!env.config().join("sandbox").exists(), "nothing is changed");
    // The sandbox runs in this process, so a proxy must not be used.
    let mut proxied = env.command(&["--sandbox", "doctor", "--json"]);
    let output =
        proxied.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9").output().unwrap();
    assert!(findings(&json(&output), "network.api").is_empty(), "{}", stdout(&output));
    let without_directory =
        env.command(&["doctor", "--json"]).env("LINKEDIN_TUI_CONFIG_DIR", "/no/such/directory").output().unwrap();
    assert!(
        json(&without_directory)["checks"].as_array().unwrap().iter().any(|check| check["id"] == "files.directory")
    );
}

#[cfg(unix)]
#[test]
fn s18_open_modes_are_reported_and_left_unchanged() {
    let env = TestEnv::signed_in(None);
    let file = env.config().join("profiles/work.toml");
    set_mode(&file, 0o644);
    assert_finding(&env, "files.modes", "error", &["work.toml (644)", "chmod 600", "new client secret"], 6);
    assert_eq!(mode(&file), 0o644, "doctor changes nothing");
    set_mode(&file, 0o600);
    set_mode(&env.config(), 0o755);
    assert_finding(&env, "files.modes", "warning", &["(755)", "chmod 700"], 0);
    assert_eq!(mode(&env.config()), 0o755);
}

#[test]
fn damaged_and_newer_files_are_reported_by_position() {
    let env = TestEnv::signed_in(None);
    let profile = env.config().join("profiles/work.toml");
    edit(&profile, "access_token = \"", "access_token = = \"");
    assert_finding(&env, "files.damaged", "error", &["work.toml cannot be parsed at line "], 6);
    edit(&profile, "access_token = = \"", "access_token = \"");
    edit(&profile, "schema = 1", "schema = 99");
    assert_finding(&env, "files.newer", "error", &["work.toml", "schema 99", "Update"], 6);
    edit(&profile, "schema = 99", "schema = 1");
    std::fs::write(env.config().join("config.toml"), "[linkedin\n").unwrap();
    let (code, report) = run_doctor(&env);
    assert_eq!(code, Some(6));
    assert_eq!(findings(&report, "settings.file")[0].0, "error", "{report:#}");
}

#[test]
fn a_port_in_use_is_reported_with_its_app() {
    // A child of a parallel test may briefly inherit the port and be named.
    if !runs_in_own_process("e2e::doctor::a_port_in_use_is_reported_with_its_app") {
        return;
    }
    let env = TestEnv::signed_in(None);
    let listener = std::net::TcpListener::bind(("127.0.0.1", env.port)).unwrap();
    let port = format!("Port {} is in use by", env.port);
    assert_finding(&env, "ports.port", "error", &[&port, "work", "Stop that program"], 7);
    drop(listener);
    if let Ok(_listener) = std::net::TcpListener::bind(("::1", env.port)) {
        assert_finding(&env, "ports.port", "error", &[&port], 7);
    }
}

#[test]
fn t23_a_wrong_clock_is_reported() {
    let env = TestEnv::signed_in(None);
    env.control("clock", &value!({"advance_seconds": 3600}));
    assert_finding(&env, "network.clock", "warning", &["60 minutes behind LinkedIn's", "Set the clock"], 0);
}

#[test]
fn an_unreachable_host_does_not_stop_other_checks() {
    let env = TestEnv::signed_in(None);
    let closed_port = format!("http://127.0.0.1:{}", crate::support::ports::free_port());
    let base = env.sandbox.base().as_str().trim_end_matches('/').to_owned();
    edit(&env.config().join("config.toml"), &format!("api = \"{base}"), &format!("api = \"{closed_port}"));
    assert_finding(&env, "network.api", "error", &["127.0.0.1", "Check the network"], 5);
    let (_, report) = run_doctor(&env);
    assert!(findings(&report, "network.www").is_empty() && findings(&report, "network.clock").is_empty());
    // A host that accepts connections and never responds times out.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    edit(&env.config().join("config.toml"), &closed_port, &silent_url);
    assert_finding(&env, "network.api", "error", &["did not respond within 5 seconds"], 5);
}

#[test]
fn invalid_settings_are_reported() {
    let env = TestEnv::signed_in(None);
    let config = env.config().join("config.toml");
    let base = std::fs::read_to_string(&config).unwrap();
    for (more, id, state, word, code) in [
        ("api_version = \"202401\"\n", "settings.api_version", "error", "426", 5),
        ("api_version = \"newest\"\n", "settings.api_version", "error", "YYYYMM", 2),
        ("api_versoin = \"202609\"\n", "settings.keys", "warning", "linkedin.api_versoin", 0),
        ("[network]\nca_file = \"/no/such.pem\"\n", "network.ca", "error", "network.ca_file", 2),
    ] {
        std::fs::write(&config, format!("{base}{more}")).unwrap();
        assert_finding(&env, id, state, &[word], code);
    }
    std::fs::write(&config, "[linkedin]\nwww = \"http://linkedin.example\"\n").unwrap();
    assert_finding(&env, "settings.hosts", "error", &["linkedin.www", "https"], 2);
}

#[test]
fn invalid_apps_are_reported() {
    let env = TestEnv::signed_in(None);
    let app = env.config().join("apps/work.toml");
    let valid = std::fs::read_to_string(&app).unwrap();
    let write_changed = |from: &str, to: &str| {
        std::fs::write(&app, &valid).unwrap();
        edit(&app, from, to);
    };
    write_changed("/callback\"", "/callback/\"");
    assert_finding(&env, "apps.redirect_url", "warning", &["ends in a slash", "/callback"], 0);
    write_changed("http://localhost", "http://127.0.0.1");
    assert_finding(&env, "apps.redirect_url", "warning", &["instead of localhost"], 0);
    write_changed("http://localhost", "https://localhost");
    assert_finding(&env, "apps.redirect_url", "error", &["must be http", "apps/work.toml"], 2);
    write_changed(CLIENT_ID, "Not-A-Client");
    assert_finding(&env, "apps.client_id", "warning", &["14 lower-case"], 0);
    write_changed("client_secret", "unknown_key");
    assert_finding(&env, "apps.secret", "error", &["work", "--client-secret-stdin"], 2);
    std::fs::remove_file(&app).unwrap();
    assert_finding(&env, "apps.missing", "error", &["The profile work", "apps add work"], 3);
}

#[test]
fn s28_s29_conflict_copies_and_leftovers_are_reported() {
    let env = TestEnv::signed_in(None);
    let directory = env.config().join("profiles");
    std::fs::copy(directory.join("work.toml"), directory.join("work (1).toml")).unwrap();
    assert_finding(&env, "files.names", "warning", &["work (1).toml is not loaded"], 0);
    let leftover = std::fs::File::create(directory.join(".tmp-linkedin-tui-x1y2")).unwrap();
    leftover.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(7200)).unwrap();
    assert_finding(&env, "files.leftovers", "warning", &["1 temporary file"], 0);
    assert!(directory.join(".tmp-linkedin-tui-x1y2").exists(), "doctor deletes nothing");
}

#[test]
fn a_held_lock_is_reported_with_its_holder() {
    let env = TestEnv::signed_in(None);
    let lock = env.config().join("locks/profile-work.lock");
    let lock_file = std::fs::File::options().read(true).write(true).open(lock).unwrap();
    lock_file.lock().unwrap();
    let holder_text = if cfg!(target_os = "linux") { format!("(pid {})", std::process::id()) } else { String::new() };
    assert_finding(&env, "files.locks", "warning", &[&holder_text, "the profile work"], 0);
    lock_file.unlock().unwrap();
    assert!(findings(&run_doctor(&env).1, "files.locks").is_empty());
}

#[test]
fn tokens_that_need_a_sign_in_are_reported() {
    let env = TestEnv::signed_in(None);
    let file = env.config().join("profiles/work.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.starts_with("expires_at")).unwrap();
    edit(&file, line, "expires_at = \"2020-01-01T00:00:00Z\"");
    assert_finding(&env, "tokens.life", "warning", &["expired", "linkedin-tui login work"], 0);
}

#[test]
fn x18_secrets_in_a_git_repository_are_reported() {
    let env = TestEnv::signed_in(None);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(arguments).current_dir(env.dir.path()).env("HOME", env.dir.path());
        command.env("GIT_CONFIG_NOSYSTEM", "1").output()
    };
    if git(&["init", "-q"]).is_err() {
        // A missing git is reported.
        std::fs::create_dir(env.dir.path().join(".git")).unwrap();
        assert_finding(&env, "files.git", "warning", &["could not list"], 0);
        return;
    }
    assert_finding(&env, "files.git", "warning", &["git add", ".gitignore"], 0);
    assert!(git(&["add", "config/profiles"]).unwrap().status.success());
    assert_finding(&env, "files.git", "error", &["git tracks", "profiles/work.toml", "git rm", "secret"], 6);
    assert!(git(&["rm", "-r", "-q", "--cached", "config"]).unwrap().status.success());
    std::fs::write(env.dir.path().join(".gitignore"), "config/\n").unwrap();
    assert!(findings(&run_doctor(&env).1, "files.git").is_empty());
}

/// Creates an environment with private values everywhere and mostly wrong settings; returns the values too.
fn env_with_private_values() -> (TestEnv, Vec<String>) {
    let env = TestEnv::new(None);
    assert!(env.login("canaryprofile", "ada", &["--app", "canaryapp"]).status.success());
    let token = env.token("canaryprofile");
    let member = json(&env.run(&["whoami", "canaryprofile", "--json"]))["member"].clone();
    let (profiles, apps) = (env.config().join("profiles"), env.config().join("apps"));
    let profile = profiles.join("canaryprofile.toml");
    edit(&profile, "scopes = ", "browser = \"/no/canarybrowser --token=canaryargument\"\nscopes = ");
    std::fs::copy(&profile, profiles.join("canaryprofile (canarycopy).toml")).unwrap();
    std::fs::write(profiles.join("canarydamaged.toml"), format!("app = \"x\"\naccess_token = {token}\n")).unwrap();
    std::fs::write(profiles.join("canaryorphan.toml"), "schema = 1\napp = \"canarynoapp\"\n").unwrap();
    edit(&apps.join("canaryapp.toml"), "/callback\"", "/callback?canaryquery=1\"");
    std::fs::write(env.config().join("state.toml"), "schema = 1\ncurrent = \"canarycurrent\"\n").unwrap();
    let mut config = std::fs::read_to_string(env.config().join("config.toml")).unwrap();
    config.push_str(
        "canarykey = 1\n[network]\nproxy = \"http://canaryuser:canarypassword@127.0.0.1:1\"\n\
         ca_file = \"/srv/canaryfolder/ca.pem\"\n[notify]\ncommand = [\"canarynotify\"]\n",
    );
    std::fs::write(env.config().join("config.toml"), config).unwrap();
    let private_values = ["id", "name", "email"].map(|key| member[key].as_str().unwrap().to_owned());
    let mut canaries: Vec<String> = private_values.into();
    canaries.extend([token.clone(), token[..12].to_owned(), CLIENT_SECRET.to_owned(), CLIENT_ID.to_owned()]);
    canaries.extend(["canarypassword", "canaryuser:", "access_token ="].map(str::to_owned));
    (env, canaries)
}

#[test]
fn x15_no_output_has_a_secret_and_the_bundle_no_name() {
    let (env, canaries) = env_with_private_values();
    let bundle = env.dir.path().join("report.md");
    let output = env.run(&["doctor", "--bundle", bundle.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(6), "{}{}", stdout(&output), stderr(&output));
    let as_json = env.run(&["-vv", "doctor", "--json"]);
    let printed = format!("{}{}{}{}", stdout(&output), stderr(&output), stdout(&as_json), stderr(&as_json));
    let report = std::fs::read_to_string(&bundle).unwrap();
    for canary in &canaries {
        assert!(!printed.contains(canary.as_str()), "{canary} is printed");
        assert!(!report.contains(canary.as_str()), "{canary} is in the report");
    }
    assert!(printed.contains("canaryprofile") && printed.contains("canarybrowser"), "{printed}");
    let home = env.dir.path().to_string_lossy().into_owned();
    let user = std::env::var("USER").ok().filter(|user| user.len() > 4);
    for private in ["canary", home.as_str()].into_iter().chain(user.as_deref()) {
        assert!(!report.contains(private), "{private}: {report}");
    }
    for useful in [
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        "profile 1",
        "app 1",
        "~/config",
        "network.proxy (set)",
        "`files.damaged`",
        "line 2",
    ] {
        assert!(report.contains(useful), "{useful}: {report}");
    }
    #[cfg(unix)]
    assert_eq!(mode(&bundle), 0o600);
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let env = TestEnv::new(None);
    let output = env.run(&["doctor", "--bundle", "/no/such/directory/report.md"]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("directory does not exist"));
}

#[test]
fn a_setting_that_differs_from_the_key_is_explained() {
    let (env, _) = two_profiles();
    write_fast_key(&env);
    let app = env.config().join("apps/one.toml");
    let plain = std::fs::read_to_string(&app).unwrap();
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).status().unwrap().success());
    std::fs::write(&app, plain).unwrap();
    edit(&env.config().join("config.toml"), "encryption = \"passphrase\"", "encryption = \"off\"");
    let messages: Vec<String> =
        findings(&run_doctor(&env).1, "storage.files").into_iter().map(|(_, message)| message).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("storage.encryption is off") && messages[0].contains("new secrets"), "{messages:?}");
    let expected = "New secrets are stored with encryption passphrase, but those in ";
    assert!(messages[1].contains(expected) && messages[1].contains("one.toml are stored differently."), "{messages:?}");
}

#[test]
fn encryption_keys_are_checked_without_a_prompt() {
    let (env, _) = two_profiles();
    write_fast_key(&env);
    assert!(with_passphrase(&env, &["encryption", "passphrase"]).status().unwrap().success());
    let detail = |report: &Value, id: &str| {
        let found = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
        found["message"].as_str().unwrap().to_owned()
    };
    let (code, report) = run_doctor(&env);
    assert_eq!(code, Some(0), "{report:#}");
    assert!(detail(&report, "storage.key").contains("requested at each start"));
    assert!(detail(&report, "storage.files").starts_with("All secrets"));
    let tried = json(&with_passphrase(&env, &["doctor", "--json"]).output().unwrap());
    assert!(detail(&tried, "storage.key").contains("The passphrase file decrypts"));
    // A wrong passphrase.
    std::fs::write(passphrase_file(&env), "wrong\n").unwrap();
    let output = with_passphrase(&env, &["doctor", "--json"]).output().unwrap();
    assert!(
        detail(&json(&output), "storage.key").contains("does not decrypt the encryption key"),
        "{}",
        stdout(&output)
    );
    // A plain-text secret was added to a file in an editor.
    let app = env.config().join("apps/one.toml");
    let text = std::fs::read_to_string(&app).unwrap();
    let (before, encrypted) = text.split_once("client_secret = ").unwrap();
    let after = encrypted.rsplit_once("\"\"\"").or_else(|| encrypted.split_once('\n')).unwrap().1;
    std::fs::write(&app, format!("{before}client_secret = \"plain\"\n{after}")).unwrap();
    let expected_text = ["apps/one.toml: client_secret is plain text in a file whose secrets are encrypted"];
    assert_finding(&env, "files.damaged", "error", &expected_text, 6);
    std::fs::write(&app, text).unwrap();
    std::fs::remove_file(env.config().join("keys/passphrase.age")).unwrap();
    assert_finding(&env, "storage.key", "error", &["passphrase.age", "from a backup"], 6);
    edit(&env.config().join("config.toml"), "encryption = \"passphrase\"", "encryption = \"keyring\"");
    let printed = findings(&run_doctor(&env).1, "storage.key");
    assert_eq!(printed.len(), 2, "the key that the files need, and the configured one: {printed:?}");
    assert!(printed.iter().any(|(_, message)| message.contains("keys/keyring was not found")), "{printed:?}");
}
