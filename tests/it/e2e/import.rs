//! `import` of the files and variables of other programs, pasted tokens, and expired tokens.

use std::io::Write;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::e2e::env::{TestEnv, json, stderr, stdout};

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
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
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
