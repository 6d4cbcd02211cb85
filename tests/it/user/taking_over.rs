//! `import` of what other programs keep: files named by a variable, the process's variables, a
//! pasted token, and expired tokens.

use std::io::Write;
use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET};
use serde_json::json;

use crate::user::world::{World, json, stderr, stdout};

/// The script's folder: `.env` with its own variables, and its token under another name.
fn script(world: &World, token: &str) -> std::path::PathBuf {
    let folder = world.dir.path().join("script");
    std::fs::create_dir(&folder).unwrap();
    let dotenv = format!(
        "LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET={CLIENT_SECRET}\n\
         LINKEDIN_AUTHORIZATION_URL=https://www.linkedin.com/oauth/v2/authorization\n\
         LINKEDIN_REDIRECT_URI=http://localhost:{{__PORT__}}/callback\n\
         LINKEDIN_ACCESS_TOKEN_URL=https://www.linkedin.com/oauth/v2/accessToken\nACCESS_TOKEN_FILEPATH=kept.json\n"
    );
    std::fs::write(folder.join(".env"), dotenv).unwrap();
    std::fs::write(folder.join("kept.json"), format!("{{\"linkedInAccessToken\":\"{token}\"}}")).unwrap();
    folder
}

#[test]
fn the_scripts_token_file_is_read_beside_its_env_file() {
    let world = World::new(None);
    let token = world.foreign_token();
    script(&world, &token);
    let done = world.run(&["import", "work", "--env-file", "script/.env", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(json(&done)["member"]["name"], "Ada Lovelace");
    assert_eq!(stdout(&world.run(&["token", "work"])).trim(), token);
    let app = json(&world.run(&["apps", "show", "work", "--json"]));
    assert_eq!(app["redirect_url"], "http://localhost:3000/callback", "the script's own port");
}

#[test]
fn an_expired_token_imports_the_app_and_the_next_step() {
    let world = World::new(None);
    let token = world.foreign_token();
    script(&world, &token);
    world.control("clock", &json!({"advance_seconds": 61 * 86_400}));
    let done = world.run(&["import", "work", "--env-file", "script/.env", "--json"]);
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    let error = &json(&done)["error"];
    assert_eq!(error["code"], "expired");
    assert!(error["hint"].as_str().unwrap().contains("login work --app work"), "{error}");
    assert_eq!(json(&world.run(&["apps", "list", "--json"]))[0]["client_id"], CLIENT_ID);
    assert_eq!(json(&world.run(&["profiles", "list", "--json"])), json!([]));
}

#[test]
fn app_and_token_come_from_the_environment_on_request() {
    let world = World::new(None);
    let token = world.foreign_token();
    let run = |more: &[(&str, &str)]| -> Output {
        let mut command = world.command(&["import", "work", "--from-env", "--json"]);
        command.env("LINKEDIN_CLIENT_ID", CLIENT_ID).env("LINKEDIN_CLIENT_SECRET", CLIENT_SECRET);
        command.env("PORT", "4000").env("LINKEDIN_REDIRECT_URI", "http://localhost:{__PORT__}/callback");
        command.envs(more.iter().copied()).output().unwrap()
    };
    let app = run(&[]);
    assert_eq!((app.status.code(), &json(&app)["redirect_url"]), (Some(0), &json!("http://localhost:4000/callback")));
    let done = run(&[("LINKEDIN_ACCESS_TOKEN", &token)]);
    assert_eq!((done.status.code(), &json(&done)["status"]), (Some(0), &json!("active")), "{}", stderr(&done));
}

#[test]
fn a_pasted_token_is_identified_and_dated() {
    let world = World::signed_in(None);
    let token = stdout(&world.run(&["token", "work"]));
    let mut command = world.command(&["import", "pasted", "--app", "work", "--token-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let (pasted, work) = (json(&done), json(&world.run(&["profiles", "show", "work", "--json"])));
    assert_eq!(pasted["member"], work["member"]);
    assert_eq!(pasted["scopes"], work["scopes"]);
    assert!(pasted["expires_at"].is_string() && pasted["refreshable"] == false);
    // A token without an app is not introspected.
    let mut command = world.command(&["import", "lone", "--token-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
}

#[test]
fn import_reports_kept_app_values_and_takes_refresh_tokens() {
    let world = World::new(Some("refresh-tokens"));
    assert!(world.login("gone", "ada", &[]).status.success());
    let file = std::fs::read_to_string(world.config().join("profiles/gone.toml")).unwrap();
    let value = |key: &str| file.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim_matches('"').to_owned();
    let saved = json!({
        "access_token": value("access_token = "), "expires_in": "5183999",
        "refresh_token": value("refresh_token = "), "refresh_token_expires_in": 31_000_000,
    });
    std::fs::write(world.dir.path().join("token.json"), saved.to_string()).unwrap();
    let dotenv = format!(
        "LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET=another\n\
         LINKEDIN_REDIRECT_URI=http://localhost:4567/callback\n"
    );
    std::fs::write(world.dir.path().join("other.env"), dotenv).unwrap();
    let done = world.run(&["import", "new", "--env-file", "other.env", "--token-file", "token.json", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(json(&done)["refreshable"], true);
    let detail = stderr(&done);
    assert!(detail.contains("The saved app gone keeps its client secret"), "{detail}");
    assert!(detail.contains("keeps its redirect URL") && detail.contains("http://localhost:4567/callback"), "{detail}");
    assert!(!detail.contains("another\n") && !detail.contains(CLIENT_SECRET), "{detail}");
    assert!(world.run(&["refresh", "new"]).status.success());
}
