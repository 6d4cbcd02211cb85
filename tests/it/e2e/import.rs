//! `import` of the files and variables of other programs, pasted tokens, and expired tokens.

use std::io::Write;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

/// Writes the files of a script: `.env` with its own variables, and a token file with a custom name.
fn write_script_files(env: &TestEnv, token: &str) -> std::path::PathBuf {
    let directory = env.dir.path().join("script");
    std::fs::create_dir(&directory).unwrap();
    let dotenv = format!(
        "LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET={CLIENT_SECRET}\n\
         LINKEDIN_AUTHORIZATION_URL=https://www.linkedin.com/oauth/v2/authorization\n\
         LINKEDIN_REDIRECT_URI=http://localhost:{{__PORT__}}/callback\n\
         LINKEDIN_ACCESS_TOKEN_URL=https://www.linkedin.com/oauth/v2/accessToken\nACCESS_TOKEN_FILEPATH=custom.json\n"
    );
    std::fs::write(directory.join(".env"), dotenv).unwrap();
    std::fs::write(directory.join("custom.json"), format!("{{\"linkedInAccessToken\":\"{token}\"}}")).unwrap();
    directory
}

#[test]
fn the_token_file_named_in_dotenv_is_read() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    write_script_files(&env, &token);
    let output = env.run(&["import", "work", "--env-file", "script/.env", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["member"]["name"], "Ada Lovelace");
    assert_eq!(stdout(&env.run(&["token", "work"])).trim(), token);
    let app = json(&env.run(&["apps", "show", "work", "--json"]));
    assert_eq!(app["redirect_url"], "http://localhost:3000/callback", "the default port");
}

#[test]
fn an_expired_token_imports_the_app_and_the_next_step() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    write_script_files(&env, &token);
    env.control("clock", &json!({"advance_seconds": 61 * 86_400}));
    let output = env.run(&["import", "work", "--env-file", "script/.env", "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let error = &json(&output)["error"];
    assert_eq!(error["code"], "expired");
    assert!(error["hint"].as_str().unwrap().contains("login work --app work"), "{error}");
    assert_eq!(json(&env.run(&["apps", "list", "--json"]))[0]["client_id"], CLIENT_ID);
    assert_eq!(json(&env.run(&["profiles", "list", "--json"])), json!([]));
}

#[test]
fn app_and_token_come_from_the_environment_on_request() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    let run = |variables: &[(&str, &str)]| -> Output {
        let mut command = env.command(&["import", "work", "--from-env", "--json"]);
        command.env("LINKEDIN_CLIENT_ID", CLIENT_ID).env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET);
        command.env("PORT", "4000").env("LINKEDIN_REDIRECT_URI", "http://localhost:{__PORT__}/callback");
        command.envs(variables.iter().copied()).output().unwrap()
    };
    let app = run(&[]);
    assert_eq!((app.status.code(), &json(&app)["redirect_url"]), (Some(0), &json!("http://localhost:4000/callback")));
    let output = run(&[("LINKEDIN_ACCESS_TOKEN", &token)]);
    assert_eq!((output.status.code(), &json(&output)["status"]), (Some(0), &json!("active")), "{}", stderr(&output));
    assert!(stderr(&output).ends_with("Saved the token in the profile work.\n"), "{}", stderr(&output));
}

#[test]
fn a_pasted_token_is_identified_and_dated() {
    let env = TestEnv::signed_in(None);
    let token = stdout(&env.run(&["token", "work"]));
    let mut command = env.command(&["import", "pasted", "--app", "work", "--token-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (pasted, work) = (json(&output), json(&env.run(&["profiles", "show", "work", "--json"])));
    assert_eq!(pasted["member"], work["member"]);
    assert_eq!(pasted["scopes"], work["scopes"]);
    assert!(pasted["expires_at"].is_string() && pasted["refreshable"] == false);
    // A token without an app is not introspected.
    let mut command = env.command(&["import", "lone", "--token-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let hint = json(&output)["error"]["hint"].as_str().unwrap().to_owned();
    assert_eq!(hint.matches("Name the app").count(), 1, "{hint}");
}

#[test]
fn import_reports_ignored_app_values() {
    let env = TestEnv::new(Some("refresh-tokens"));
    assert!(env.login("temporary", "ada", &[]).status.success());
    let file = std::fs::read_to_string(env.config().join("profiles/temporary.toml")).unwrap();
    let value = |key: &str| file.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim_matches('"').to_owned();
    let saved = json!({
        "access_token": value("access_token = "), "expires_in": "5183999",
        "refresh_token": value("refresh_token = "), "refresh_token_expires_in": 31_000_000,
    });
    std::fs::write(env.dir.path().join("token.json"), saved.to_string()).unwrap();
    let dotenv = format!(
        "LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET=different\n\
         LINKEDIN_REDIRECT_URI=http://localhost:4567/callback\n"
    );
    std::fs::write(env.dir.path().join("second.env"), dotenv).unwrap();
    let output = env.run(&["import", "new", "--env-file", "second.env", "--token-file", "token.json", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(json(&output)["refreshable"], true);
    let detail = stderr(&output);
    assert!(detail.contains("The saved app temporary keeps its client secret"), "{detail}");
    assert!(detail.contains("keeps its redirect URL") && detail.contains("http://localhost:4567/callback"), "{detail}");
    assert!(!detail.contains("different\n") && !detail.contains(CLIENT_SECRET), "{detail}");
    assert!(env.run(&["refresh", "new"]).status.success());
}

/// Writes a file in the home directory; returns its path.
fn write_home_file(env: &TestEnv, path: &str, text: &str) -> String {
    let path = env.dir.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What each tool writes for one token; the path below the home directory comes first.
fn tool_files(token: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let dotenv = format!("LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET={CLIENT_SECRET}\n");
    vec![
        (
            "linkedctl",
            vec![(
                ".linkedctl.yaml",
                format!(
                    "api-version: \"202601\"\noauth:\n  client-id: {CLIENT_ID}\n  client-secret: {CLIENT_SECRET}\n  access-token: \
                     {token}\n  token-expires-at: 2026-05-03T12:00:00.000Z\n  scope: openid profile\n"
                ),
            )],
        ),
        (
            "@osanoai/linkedin",
            vec![(
                ".config/linkedin-cli/credentials.json",
                json!({
                    "access_token": token, "refresh_token": null, "scope": "openid,profile",
                    "expires_at": "2026-05-03T12:00:00.000Z", "person_urn": "urn:li:person:-Xq7Lm2PdZ",
                    "name": "Ada Lovelace", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                    "obtained_at": "2026-03-04T12:00:00.000Z",
                })
                .to_string(),
            )],
        ),
        (
            "konradbachowski/linkedin-cli",
            vec![(
                ".config/linkedin-cli/config.json",
                json!({
                    "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "access_token": token,
                    "author_urn": "urn:li:person:-Xq7Lm2PdZ", "expires_at": 1_777_777_777_777_i64,
                })
                .to_string(),
            )],
        ),
        (
            "lcli",
            vec![
                (
                    ".config/lcli/tokens.json",
                    json!({
                        "access_token": token, "refresh_token": "", "expires_at": "2026-05-03T12:00:00.123456789+02:00",
                        "scopes": ["openid,profile"],
                    })
                    .to_string(),
                ),
                (
                    ".config/lcli/config.json",
                    json!({
                        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                        "redirect_uri": "http://localhost:8484/callback", "api_version": "202601",
                    })
                    .to_string(),
                ),
            ],
        ),
        (
            "linkedin-publisher",
            vec![
                (
                    "queue/.linkedin-tokens.json",
                    json!({
                        "access_token": token, "access_expires_at": "2026-05-03T12:00:00.123456", "refresh_token": "",
                        "refresh_expires_at": "", "author_urn": "urn:li:person:-Xq7Lm2PdZ",
                        "obtained_at": "2026-03-04T12:00:00.123456",
                    })
                    .to_string(),
                ),
                ("queue/.env", dotenv.clone()),
            ],
        ),
        (
            "linkedin-oauth-helper",
            vec![
                ("script/access_token.json", json!({ "linkedInAccessToken": token }).to_string()),
                ("script/.env", dotenv),
            ],
        ),
    ]
}

#[test]
fn files_of_other_tools_are_recognized_by_content() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    for (number, (tool, files)) in tool_files(&token).into_iter().enumerate() {
        // The names say nothing, but those of files that belong together.
        let mut paths: Vec<String> = files.iter().map(|(path, text)| write_home_file(&env, path, text)).collect();
        if let [path] = paths.as_mut_slice() {
            let renamed = format!("{}/store-{number}", env.dir.path().display());
            std::fs::rename(&path, &renamed).unwrap();
            *path = renamed;
        }
        let profile = format!("profile-{number}");
        let output = env.run(&["import", &profile, &paths[0], "--json"]);
        assert_eq!(output.status.code(), Some(0), "{tool}: {}", stderr(&output));
        let imported = json(&output);
        assert_eq!(imported["member"]["name"], "Ada Lovelace", "{tool}");
        assert!(imported["expires_at"].is_string() && !imported["scopes"].as_array().unwrap().is_empty(), "{tool}");
        let detail = stderr(&output);
        assert!(detail.contains(&format!("Recognized {}", paths.join(" and "))), "{tool}: {detail}");
        assert!(detail.contains(&format!("({tool})")) && detail.contains("was not changed"), "{tool}: {detail}");
        assert!(!detail.contains(&token) && !detail.contains(CLIENT_SECRET), "{tool}: {detail}");
        for (path, (_, text)) in paths.iter().zip(&files) {
            assert_eq!(&std::fs::read_to_string(path).unwrap(), text, "{tool}: {path} was changed");
        }
        assert_eq!(env.token(&profile), token, "{tool}");
        let app = json(&env.run(&["apps", "show", &profile, "--json"]));
        assert!(app["redirect_url"].as_str().unwrap().starts_with("http://"), "{tool}");
        for kind in ["profiles", "apps"] {
            assert!(env.run(&[kind, "delete", &profile]).status.success(), "{tool}");
        }
    }
}

#[test]
fn file_without_an_app_needs_its_name() {
    let env = TestEnv::signed_in(None);
    let token = env.token("work");
    let file = json!({
        "access_token": token, "author_urn": "urn:li:person:-Xq7Lm2PdZ", "linkedin_version": "202605",
        "scopes": ["openid", "profile"], "expires_in": 5_184_000, "created_at": "2026-11-01T00:00:00Z",
    });
    let path = write_home_file(&env, ".config/linkedin/oauth.json", &file.to_string());
    let refused = env.run(&["import", "agent", &path, "--json"]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    assert!(json(&refused)["error"]["hint"].as_str().unwrap().contains("--app NAME"));
    let output = env.run(&["import", "agent", &path, "--app", "work", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("(agent-linkedin)"));
    assert_eq!(env.token("agent"), token);
}

#[test]
fn several_files_become_several_profiles() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    let yaml = format!("oauth:\n  client-id: {CLIENT_ID}\n  client-secret: {CLIENT_SECRET}\n  access-token: {token}\n");
    let paths: Vec<String> =
        ["site", "brand"].map(|name| write_home_file(&env, &format!(".linkedctl/{name}.yaml"), &yaml)).into();
    let damaged = write_home_file(&env, ".linkedctl/damaged.yaml", "oauth: {access-token: SECRET}\n");
    let refused = env.run(&["import", "one", &paths[0], &paths[1]]);
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
    let refused = env.run(&["import", &damaged]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("Line 1") && !stderr(&refused).contains("SECRET"), "{}", stderr(&refused));
    let output = env.run(&["import", &paths[0], &paths[1], "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<String> =
        json(&output).as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["site", "brand"]);
    // One that fails does not prevent the others.
    std::fs::remove_file(&damaged).unwrap();
    let third = write_home_file(&env, ".linkedctl/third.yaml", &yaml);
    let output = env.run(&["import", &paths[0], &third]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("site") && stderr(&output).contains("already exists"), "{}", stderr(&output));
    assert_eq!(env.token("third"), token);
}

#[test]
fn without_a_file_the_only_known_one_is_imported() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    let directory = env.dir.path().join("empty");
    std::fs::create_dir(&directory).unwrap();
    let run = || env.command(&["import"]).current_dir(&directory).env("XDG_CONFIG_HOME", "").output().unwrap();
    let nothing = run();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("nothing to import"), "{}", stderr(&nothing));
    let files = tool_files(&token);
    for (path, text) in files.iter().filter(|(tool, _)| *tool == "lcli").flat_map(|(_, files)| files) {
        write_home_file(&env, path, text);
    }
    write_home_file(&env, ".linkedctl.yaml", &files[0].1[0].1);
    let refused = run();
    assert_eq!(refused.status.code(), Some(2));
    let detail = stderr(&refused);
    assert!(detail.contains(".linkedctl.yaml (linkedctl)") && detail.contains("tokens.json (lcli)"), "{detail}");
    assert!(!detail.contains(&token) && json(&env.run(&["profiles", "list", "--json"])) == json!([]));
    std::fs::remove_file(env.dir.path().join(".linkedctl.yaml")).unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("(lcli)"), "{}", stderr(&output));
    assert_eq!(env.token("default"), token);
}

#[test]
fn a_malformed_token_is_explained_and_imports_nothing() {
    let env = TestEnv::new(None);
    let token = env.unsaved_token();
    write_script_files(&env, &token[..token.len() / 2]);
    let output = env.run(&["import", "work", "--env-file", "script/.env", "--json"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let error = &json(&output)["error"];
    assert!(error["message"].as_str().unwrap().starts_with("LinkedIn cannot read the access token: "), "{error}");
    assert!(error["hint"].as_str().unwrap().starts_with("Copy the whole access token again"), "{error}");
    assert_eq!(json(&env.run(&["apps", "list", "--json"])), json!([]));
    assert_eq!(json(&env.run(&["profiles", "list", "--json"])), json!([]));
}
