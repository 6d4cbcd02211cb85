//! Clients of the protocol's official SDKs, which check each result by the tool's schema.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::e2e::test_env::{TestEnv, stderr};

/// Calls all tools with a client, a program with a script, and checks what it printed.
fn check_client(program: &str, script: &str) {
    let env = TestEnv::signed_in(None);
    let mut command = Command::new(program);
    for (name, value) in env.command(&[]).get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let script = format!("{}/tests/it/e2e/{script}", env!("CARGO_MANIFEST_DIR"));
    command.args([&script, env!("CARGO_BIN_EXE_linkedin-tui"), "mcp", "--allow-post"]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/target"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let post = "urn:li:share:7300000000000000001";
    let text = json!({"text": "by an official SDK", "profile": "work"});
    let edit = json!({"post": post, "text": "edited by an official SDK"});
    let comment = json!({"post": post, "text": "commented by an official SDK"});
    let calls: [(&str, Value); 18] = [
        ("list_profiles", json!({})),
        ("token_status", json!({"profile": "work"})),
        ("whoami", json!({})),
        ("permissions", json!({})),
        ("reauthorize_hint", json!({})),
        ("create_post", text.clone()),
        ("create_post", previous(&text)),
        ("create_post", previous(&text)),
        ("edit_post", edit.clone()),
        ("edit_post", previous(&edit)),
        ("comment", comment.clone()),
        ("comment", previous(&comment)),
        ("list_posts", json!({})),
        ("delete_post", json!({"post": post})),
        ("delete_post", previous(&json!({"post": post}))),
        ("pages", json!({})),
        ("stats", json!({})),
        ("react", json!({"post": post, "reaction": "like"})),
    ];
    child.stdin.take().unwrap().write_all(json!(calls).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["tools"].as_array().unwrap().len(), 13);
    let responses = printed["responses"].as_array().unwrap();
    // The digest was used by the call before, and the app may read neither Pages nor statistics.
    let failed: Vec<&str> = calls
        .iter()
        .zip(responses)
        .filter(|(_, response)| response["isError"] == true)
        .map(|((tool, _), _)| *tool)
        .collect();
    assert_eq!(failed, ["create_post", "pages", "stats"], "{printed}");
    let content = |index: usize| &responses[index]["structuredContent"];
    assert_eq!(content(1)["status"], "active");
    assert_eq!(content(2)["member"]["name"], "Ada Lovelace");
    assert_eq!(content(3)["profile"], "work");
    assert_eq!(content(5)["done"], false);
    assert_eq!((&content(6)["done"], &content(6)["result"]["urn"]), (&true.into(), &post.into()));
    assert_eq!(content(7)["error"]["code"], "bad_input");
    assert_eq!(content(9)["result"]["edited"], true);
    assert_eq!(content(12)["posts"][0]["text"], "edited by an official SDK");
    assert_eq!(env.sandbox_state()["posts"][0]["deleted"], true);
    let resource = |uri: &str| printed["resources"][uri].as_str().unwrap();
    assert!(resource("linkedin-tui://profiles").contains("Ada Lovelace"), "{printed}");
    assert!(resource("linkedin-tui://posts").contains("edited by an official SDK"), "{printed}");
    assert!(printed["prompts"]["reauthorize_profiles"].as_str().unwrap().contains("reauthorize_hint"), "{printed}");
    assert!(printed["prompts"]["write_post"].is_string(), "{printed}");
}

/// Returns arguments with the digest that the clients replace by the last one.
fn previous(arguments: &Value) -> Value {
    super::with_digest(arguments, &json!("$last"))
}

#[test]
#[ignore = "needs the protocol's official SDK (the Python package mcp) in target/mcp-sdk"]
fn the_official_python_sdk_calls_every_tool() {
    check_client(concat!(env!("CARGO_MANIFEST_DIR"), "/target/mcp-sdk/bin/python"), "mcp_client.py");
}

#[test]
#[ignore = "needs Node.js, and the protocol's official SDK (@modelcontextprotocol/sdk) in target/mcp-sdk-ts"]
fn the_official_typescript_sdk_calls_every_tool() {
    check_client("node", "mcp_client.mjs");
}
