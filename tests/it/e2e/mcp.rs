//! `mcp`: the protocol as JSON lines, and with a client of the official SDK.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::e2e::env::{TestEnv, stderr};

/// Initializes a server, sends `calls` one by one, and returns their responses.
fn call_server(env: &TestEnv, arguments: &[&str], calls: &[Value]) -> Vec<Value> {
    let mut lines = vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ];
    lines.extend_from_slice(calls);
    let mut command = env.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut output_lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let mut responses = Vec::new();
    for line in &lines {
        writeln!(stdin, "{line}").unwrap();
        if line.get("id").is_some() {
            let response: Value = serde_json::from_str(&output_lines.next().unwrap().unwrap()).unwrap();
            assert_eq!(response["id"], line["id"], "{response}");
            responses.push(response);
        }
    }
    drop(stdin);
    let rest: Vec<_> = output_lines.collect();
    assert!(rest.is_empty(), "stdout is the protocol alone: {rest:?}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    responses.split_off(1)
}

fn tool_call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn tool_names(response: &Value) -> Vec<&str> {
    let list = response["result"]["tools"].as_array().unwrap();
    list.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[test]
fn the_tools_return_everything_but_the_token() {
    let env = TestEnv::new(None);
    assert!(env.login("work", "bruce", &[]).status.success());
    assert!(env.login("spare", "ada", &[]).status.success());
    let token = env.token("work");
    let responses = call_server(
        &env,
        &["mcp"],
        &[
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
            tool_call(2, "list_profiles", &json!({})),
            tool_call(3, "whoami", &json!({"profile": "spare"})),
            tool_call(4, "token_status", &json!({"check_now": true})),
            tool_call(5, "whoami", &json!({"profile": "missing"})),
            tool_call(6, "create_post", &json!({"text": "no"})),
            tool_call(7, "permissions", &json!({"profile": "work"})),
        ],
    );
    assert_eq!(tool_names(&responses[0]), ["list_profiles", "permissions", "token_status", "whoami"]);
    let content = |number: usize| &responses[number]["result"]["structuredContent"];
    let names: Vec<&str> =
        content(1)["profiles"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["spare", "work"]);
    assert_eq!(content(2)["member"]["name"], "Ada Lovelace");
    assert_eq!((&content(3)["name"], &content(3)["status"]), (&"work".into(), &"active".into()));
    assert!(content(3)["checked_at"].is_string() && content(3)["next"].is_null());
    assert_eq!(responses[4]["result"]["isError"], true);
    assert_eq!(content(4)["error"]["code"], "no_such_profile");
    assert!(responses[5].get("error").is_some(), "posting is not offered: {}", responses[5]);
    let capabilities = content(6)["capabilities"].as_array().unwrap();
    assert_eq!((&content(6)["profile"], capabilities.len()), (&"work".into(), 8), "{}", content(6));
    assert_eq!((&capabilities[0]["id"], &capabilities[0]["allowed"]), (&"sign_in".into(), &true.into()));
    assert_eq!((&capabilities[1]["id"], &capabilities[1]["allowed"]), (&"post_as_member".into(), &Value::Null));
    let detail = serde_json::to_string(&responses).unwrap();
    for secret in [token.as_str(), linkedin_tui::internal::sandbox::CLIENT_SECRET] {
        assert!(!detail.contains(&secret[..12]));
    }
}

#[test]
fn a_server_for_one_profile_rejects_others() {
    let env = TestEnv::signed_in(None);
    assert!(env.login("second", "bruce", &[]).status.success());
    let second = json!({"profile": "second", "text": "no", "urn": "urn:li:share:1"});
    let tools = ["whoami", "token_status", "permissions", "create_post", "delete_post"];
    let mut calls: Vec<Value> = (1_u64..).zip(tools).map(|(id, tool)| tool_call(id, tool, &second)).collect();
    calls.push(tool_call(6, "list_profiles", &json!({})));
    calls.push(tool_call(7, "whoami", &json!({"profile": "work"})));
    calls.push(tool_call(8, "whoami", &json!({})));
    let responses = call_server(&env, &["mcp", "--allow-post", "--profile", "work"], &calls);
    for (response, tool) in responses.iter().zip(tools) {
        let error = &response["result"]["structuredContent"]["error"];
        assert_eq!((&response["result"]["isError"], &error["code"]), (&true.into(), &"bad_input".into()), "{tool}");
        assert!(error["message"].as_str().unwrap().contains("restricted to the profile work"), "{error}");
    }
    let listed = responses[5]["result"]["structuredContent"]["profiles"].as_array().unwrap();
    assert_eq!(listed.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["work"]);
    for response in &responses[6..] {
        assert_eq!(response["result"]["structuredContent"]["member"]["name"], "Ada Lovelace", "{response}");
    }
    assert!(!serde_json::to_string(&responses[5..]).unwrap().contains("second"));
    assert_eq!(env.sandbox_state()["posts"], json!([]), "nothing was published");
}

#[test]
fn u01_tool_results_have_no_hidden_characters() {
    let env = TestEnv::new(Some("hostile-names"));
    assert!(env.login("work", "grace", &[]).status.success());
    let file = env.config().join("profiles/work.toml");
    let hidden = "\u{202e}\u{200b}\u{e0041}\u{e0042}\u{9b}31m";
    let text = std::fs::read_to_string(&file).unwrap().replace("grace@", &format!("grace{hidden}@"));
    std::fs::write(&file, text).unwrap();
    let calls = [
        tool_call(1, "list_profiles", &json!({})),
        tool_call(2, "token_status", &json!({})),
        tool_call(3, "whoami", &json!({})),
    ];
    for response in call_server(&env, &["mcp"], &calls) {
        let detail = response["result"].to_string();
        assert!(detail.contains("Grace"), "{detail}");
        let printed: Value = response["result"]["structuredContent"].clone();
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
    let env = TestEnv::signed_in(None);
    env.control("revoke-member-grants", &json!({}));
    let responses = call_server(
        &env,
        &["mcp", "--profile", "work"],
        &[tool_call(1, "token_status", &json!({"check_now": true})), tool_call(2, "whoami", &json!({}))],
    );
    assert_eq!(responses[0]["result"]["structuredContent"]["status"], "revoked");
    assert_eq!(responses[0]["result"]["structuredContent"]["next"], "linkedin-tui login work");
    let error = &responses[1]["result"]["structuredContent"]["error"];
    assert_eq!((&error["code"], &responses[1]["result"]["isError"]), (&"revoked".into(), &true.into()));
    assert!(error["hint"].as_str().unwrap().contains("linkedin-tui login work"), "{error}");
}

#[test]
fn posting_is_offered_only_with_allow_post() {
    let env = TestEnv::signed_in(None);
    let text = "Hello LinkedIn API :-) (really) #rust";
    let responses = call_server(
        &env,
        &["mcp", "--allow-post"],
        &[
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
            tool_call(2, "create_post", &json!({"text": text, "connections_only": true})),
            tool_call(3, "create_post", &json!({"text": text})),
            tool_call(4, "create_post", &json!({"text": " "})),
        ],
    );
    assert_eq!(
        tool_names(&responses[0]),
        ["create_post", "delete_post", "list_profiles", "permissions", "token_status", "whoami"]
    );
    let published = &responses[1]["result"]["structuredContent"];
    assert_eq!(
        (&published["duplicate"], &published["visibility"]),
        (&false.into(), &"connections".into()),
        "{published}"
    );
    assert_eq!(responses[2]["result"]["structuredContent"]["duplicate"], true, "nothing is published twice");
    assert_eq!(responses[3]["result"]["structuredContent"]["error"]["code"], "bad_input");
    assert_eq!(env.sandbox_state()["posts"][0]["text"], text);
    let deleted =
        call_server(&env, &["mcp", "--allow-post"], &[tool_call(1, "delete_post", &json!({"urn": published["urn"]}))]);
    assert_eq!(deleted[0]["result"]["structuredContent"]["deleted"], true);
    assert_eq!(env.sandbox_state()["posts"][0]["deleted"], true);
}

#[test]
#[ignore = "needs the protocol's official SDK (the Python package mcp) in target/mcp-sdk"]
fn the_official_sdk_lists_and_calls_every_tool() {
    let env = TestEnv::signed_in(None);
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/target/mcp-sdk/bin/python");
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/e2e/mcp_client.py");
    let mut command = std::process::Command::new(python);
    for (name, value) in env.command(&[]).get_envs() {
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
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        printed["tools"],
        json!(["create_post", "delete_post", "list_profiles", "permissions", "token_status", "whoami"])
    );
    let responses = printed["responses"].as_array().unwrap();
    assert!(responses.iter().all(|response| response["isError"] == false), "{printed}");
    assert_eq!(responses[1]["structuredContent"]["status"], "active");
    assert_eq!(responses[2]["structuredContent"]["member"]["name"], "Ada Lovelace");
    assert_eq!(responses[3]["structuredContent"]["profile"], "work");
    assert_eq!(responses[4]["structuredContent"]["urn"], "urn:li:share:7300000000000000001");
    assert_eq!(env.sandbox_state()["posts"][0]["deleted"], true);
}
