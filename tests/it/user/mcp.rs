//! `mcp`: the protocol line by line, and by a client of the official SDK.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::user::world::{World, stderr};

/// Sends `calls` without an SDK, and returns the responses in their order.
fn exchange_messages(world: &World, arguments: &[&str], calls: &[Value]) -> Vec<Value> {
    let mut lines = vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ];
    lines.extend_from_slice(calls);
    let mut command = world.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut heard = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut answers = Vec::new();
    for line in &lines {
        writeln!(stdin, "{line}").unwrap();
        if line.get("id").is_some() {
            let answer: Value = serde_json::from_str(&heard.next().unwrap().unwrap()).unwrap();
            assert_eq!(answer["id"], line["id"], "{answer}");
            answers.push(answer);
        }
    }
    drop(stdin);
    let rest: Vec<_> = heard.collect();
    assert!(rest.is_empty(), "stdout is the protocol alone: {rest:?}");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    answers.split_off(1)
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn tools(answer: &Value) -> Vec<&str> {
    let list = answer["result"]["tools"].as_array().unwrap();
    list.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn the_tools_return_everything_but_the_token() {
    let world = World::new(None);
    assert!(world.login("work", "bruce", &[]).status.success());
    assert!(world.login("spare", "ada", &[]).status.success());
    let token = world.token("work");
    let answers = exchange_messages(
        &world,
        &["mcp"],
        &[
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
            call(2, "list_profiles", &json!({})),
            call(3, "whoami", &json!({"profile": "spare"})),
            call(4, "token_status", &json!({"ask_linkedin": true})),
            call(5, "whoami", &json!({"profile": "nobody"})),
            call(6, "create_post", &json!({"text": "no"})),
            call(7, "permissions", &json!({"profile": "work"})),
        ],
    );
    assert_eq!(tools(&answers[0]), ["list_profiles", "permissions", "token_status", "whoami"]);
    let content = |number: usize| &answers[number]["result"]["structuredContent"];
    let names: Vec<&str> =
        content(1)["profiles"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["spare", "work"]);
    assert_eq!(content(2)["member"]["name"], "Ada Lovelace");
    assert_eq!((&content(3)["name"], &content(3)["status"]), (&"work".into(), &"active".into()));
    assert!(content(3)["checked_at"].is_string() && content(3)["next"].is_null());
    assert_eq!(answers[4]["result"]["isError"], true);
    assert_eq!(content(4)["error"]["code"], "no_such_profile");
    assert!(answers[5].get("error").is_some(), "posting is not offered: {}", answers[5]);
    let capabilities = content(6)["capabilities"].as_array().unwrap();
    assert_eq!((&content(6)["profile"], capabilities.len()), (&"work".into(), 8), "{}", content(6));
    assert_eq!((&capabilities[0]["id"], &capabilities[0]["allowed"]), (&"sign_in".into(), &true.into()));
    assert_eq!((&capabilities[1]["id"], &capabilities[1]["allowed"]), (&"post_as_member".into(), &Value::Null));
    let detail = serde_json::to_string(&answers).unwrap();
    for secret in [token.as_str(), linkedin_tui::internal::sandbox::CLIENT_SECRET] {
        assert!(!detail.contains(&secret[..12]));
    }
}

#[test]
fn a_server_for_one_profile_serves_no_other() {
    let world = World::signed_in(None);
    assert!(world.login("other", "bruce", &[]).status.success());
    let other = json!({"profile": "other", "text": "no", "urn": "urn:li:share:1"});
    let tools = ["whoami", "token_status", "create_post", "delete_post"];
    let mut calls: Vec<Value> = (1_u64..).zip(tools).map(|(id, tool)| call(id, tool, &other)).collect();
    calls.push(call(5, "list_profiles", &json!({})));
    calls.push(call(6, "whoami", &json!({"profile": "work"})));
    calls.push(call(7, "whoami", &json!({})));
    let answers = exchange_messages(&world, &["mcp", "--allow-post", "--profile", "work"], &calls);
    for (answer, tool) in answers.iter().zip(tools) {
        let error = &answer["result"]["structuredContent"]["error"];
        assert_eq!((&answer["result"]["isError"], &error["code"]), (&true.into(), &"bad_input".into()), "{tool}");
        assert!(error["message"].as_str().unwrap().contains("restricted to the profile work"), "{error}");
    }
    let listed = answers[4]["result"]["structuredContent"]["profiles"].as_array().unwrap();
    assert_eq!(listed.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["work"]);
    for answer in &answers[5..] {
        assert_eq!(answer["result"]["structuredContent"]["member"]["name"], "Ada Lovelace", "{answer}");
    }
    assert!(!serde_json::to_string(&answers[4..]).unwrap().contains("other"));
    assert_eq!(world.sandbox_state()["posts"], json!([]), "nothing was published");
}

#[test]
fn u01_an_assistant_gets_names_without_hidden_characters() {
    let world = World::new(None);
    assert!(world.login("work", "mallory", &[]).status.success());
    let file = world.config().join("profiles/work.toml");
    let hidden = "\u{202e}\u{200b}\u{e0041}\u{e0042}\u{9b}31m";
    let text = std::fs::read_to_string(&file).unwrap().replace("mallory@", &format!("mallory{hidden}@"));
    std::fs::write(&file, text).unwrap();
    let calls =
        [call(1, "list_profiles", &json!({})), call(2, "token_status", &json!({})), call(3, "whoami", &json!({}))];
    for answer in exchange_messages(&world, &["mcp"], &calls) {
        let detail = answer["result"].to_string();
        assert!(detail.contains("Mallory"), "{detail}");
        let printed: Value = answer["result"]["structuredContent"].clone();
        assert!(!has_hostile(&printed), "{printed:?}");
    }
}

/// Returns whether any text contains a control, bidi or invisible character.
fn has_hostile(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().any(linkedin_tui::internal::text::is_hostile),
        Value::Array(items) => items.iter().any(has_hostile),
        Value::Object(fields) => fields.values().any(has_hostile),
        _ => false,
    }
}

#[test]
fn an_expired_token_names_the_command_to_run() {
    let world = World::signed_in(None);
    world.control("revoke-member-grants", &json!({}));
    let answers = exchange_messages(
        &world,
        &["mcp", "--profile", "work"],
        &[call(1, "token_status", &json!({"ask_linkedin": true})), call(2, "whoami", &json!({}))],
    );
    assert_eq!(answers[0]["result"]["structuredContent"]["status"], "revoked");
    assert_eq!(answers[0]["result"]["structuredContent"]["next"], "linkedin-tui login work");
    let error = &answers[1]["result"]["structuredContent"]["error"];
    assert_eq!((&error["code"], &answers[1]["result"]["isError"]), (&"revoked".into(), &true.into()));
    assert!(error["hint"].as_str().unwrap().contains("linkedin-tui login work"), "{error}");
}

#[test]
fn posting_is_offered_only_where_it_was_allowed() {
    let world = World::signed_in(None);
    let text = "Hello LinkedIn API :-) (really) #rust";
    let answers = exchange_messages(
        &world,
        &["mcp", "--allow-post"],
        &[
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
            call(2, "create_post", &json!({"text": text, "connections_only": true})),
            call(3, "create_post", &json!({"text": text})),
            call(4, "create_post", &json!({"text": " "})),
        ],
    );
    assert_eq!(
        tools(&answers[0]),
        ["create_post", "delete_post", "list_profiles", "permissions", "token_status", "whoami"]
    );
    let live = &answers[1]["result"]["structuredContent"];
    assert_eq!((&live["duplicate"], &live["visibility"]), (&false.into(), &"connections".into()), "{live}");
    assert_eq!(answers[2]["result"]["structuredContent"]["duplicate"], true, "nothing is published twice");
    assert_eq!(answers[3]["result"]["structuredContent"]["error"]["code"], "bad_input");
    assert_eq!(world.sandbox_state()["posts"][0]["text"], text);
    let gone =
        exchange_messages(&world, &["mcp", "--allow-post"], &[call(1, "delete_post", &json!({"urn": live["urn"]}))]);
    assert_eq!(gone[0]["result"]["structuredContent"]["deleted"], true);
    assert_eq!(world.sandbox_state()["posts"][0]["deleted"], true);
}

#[test]
#[ignore = "needs the protocol's official SDK (the Python package mcp) in target/mcp-sdk"]
fn the_official_sdk_lists_and_calls_every_tool() {
    let world = World::signed_in(None);
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/target/mcp-sdk/bin/python");
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/user/mcp_client.py");
    let mut command = std::process::Command::new(python);
    for (name, value) in world.command(&[]).get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.args([client, env!("CARGO_BIN_EXE_linkedin-tui"), "mcp", "--allow-post"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let calls = json!([
        ["list_profiles", {}],
        ["token_status", {"profile": "work"}],
        ["whoami", {}],
        ["permissions", {}],
        ["create_post", {"text": "by the official SDK", "profile": "work"}],
        ["delete_post", {"urn": "urn:li:share:7300000000000000001"}]
    ]);
    child.stdin.take().unwrap().write_all(calls.to_string().as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", stderr(&done));
    let printed: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        printed["tools"],
        json!(["create_post", "delete_post", "list_profiles", "permissions", "token_status", "whoami"])
    );
    let answers = printed["answers"].as_array().unwrap();
    assert!(answers.iter().all(|answer| answer["isError"] == false), "{printed}");
    assert_eq!(answers[1]["structuredContent"]["status"], "active");
    assert_eq!(answers[2]["structuredContent"]["member"]["name"], "Ada Lovelace");
    assert_eq!(answers[3]["structuredContent"]["profile"], "work");
    assert_eq!(answers[4]["structuredContent"]["urn"], "urn:li:share:7300000000000000001");
    assert_eq!(world.sandbox_state()["posts"][0]["deleted"], true);
}
