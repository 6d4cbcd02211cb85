//! `mcp`: the protocol as JSON lines, and with clients of the official SDKs.

mod sdk;
mod writing;

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::e2e::social::{COMMUNITY_SCOPES, publish, signed_in_with_approved_app};
use crate::e2e::test_env::{TestEnv, stderr};

/// A server and its client. Every line that the server writes is kept.
pub(crate) struct Client {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    transcript: String,
    id: u64,
}

impl Client {
    pub(crate) fn start(env: &TestEnv, arguments: &[&str]) -> Self {
        let mut command = env.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut client = Self { child, stdin, lines, transcript: String::new(), id: 0 };
        client.send(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}));
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    /// Sends a message, and returns the response to a request.
    fn send(&mut self, message: &Value) -> Value {
        writeln!(self.stdin, "{message}").unwrap();
        if message.get("id").is_none() {
            return Value::Null;
        }
        let line = self.lines.next().unwrap().unwrap();
        self.transcript.push_str(&line);
        let response: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(response["id"], message["id"], "{response}");
        response
    }

    /// Sends a request, and returns its response.
    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.id += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}))
    }

    /// Calls a tool, and returns its result.
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.id += 1;
        let response = self.send(&tool_call(self.id, tool, arguments));
        assert!(response["result"].is_object(), "{tool}: {response}");
        response["result"].clone()
    }

    /// Calls a tool that must succeed, and returns its content.
    fn content(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// Calls a tool that must fail, and returns its error.
    fn error(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool}: {result}");
        result["structuredContent"]["error"].clone()
    }

    /// Gets the preview of a call and confirms it; returns the preview and the result.
    pub(crate) fn confirm(&mut self, tool: &str, arguments: &Value) -> (Value, Value) {
        let preview = self.content(tool, arguments);
        assert_eq!((&preview["done"], &preview["result"]), (&json!(false), &Value::Null), "{tool}");
        let done = self.content(tool, &with_digest(arguments, &preview["digest"]));
        assert_eq!((&done["done"], &done["digest"]), (&json!(true), &Value::Null), "{tool}");
        (preview["preview"].clone(), done["result"].clone())
    }

    /// Ends the server, and returns everything that it wrote.
    pub(crate) fn finish(self) -> String {
        let Self { child, stdin, lines, mut transcript, .. } = self;
        drop(stdin);
        let rest: Vec<_> = lines.collect();
        assert!(rest.is_empty(), "stdout is the protocol alone: {rest:?}");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        transcript.push_str(&stderr(&output));
        transcript
    }
}

/// Returns the arguments of the call that confirms a preview.
fn with_digest(arguments: &Value, digest: &Value) -> Value {
    let mut confirmed = arguments.clone();
    confirmed["digest"] = digest.clone();
    confirmed
}

/// Initializes a server, sends `calls` one by one, and returns their responses.
fn call_server(env: &TestEnv, arguments: &[&str], calls: &[Value]) -> Vec<Value> {
    let mut client = Client::start(env, arguments);
    let responses = calls.iter().map(|call| client.send(call)).collect();
    client.finish();
    responses
}

/// The tools without `--allow-post`.
const READ_TOOLS: [&str; 8] =
    ["list_posts", "list_profiles", "pages", "permissions", "reauthorize_hint", "stats", "token_status", "whoami"];

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
    assert_eq!(tool_names(&responses[0]), READ_TOOLS);
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
    let second = json!({"profile": "second"});
    let (post, text) = (json!("urn:li:share:1"), json!("no"));
    let mut tools: Vec<(&str, Value)> =
        READ_TOOLS.iter().filter(|tool| **tool != "list_profiles").map(|tool| (*tool, second.clone())).collect();
    tools.extend([
        ("create_post", json!({"profile": "second", "text": text})),
        ("edit_post", json!({"profile": "second", "post": post, "text": text})),
        ("delete_post", json!({"profile": "second", "post": post})),
        ("comment", json!({"profile": "second", "post": post, "text": text})),
        ("react", json!({"profile": "second", "post": post, "reaction": "like"})),
    ]);
    let mut calls: Vec<Value> =
        (1_u64..).zip(&tools).map(|(id, (tool, arguments))| tool_call(id, tool, arguments)).collect();
    calls.push(tool_call(20, "list_profiles", &json!({})));
    calls.push(tool_call(21, "whoami", &json!({"profile": "work"})));
    calls.push(tool_call(22, "whoami", &json!({})));
    let responses = call_server(&env, &["mcp", "--allow-post", "--profile", "work"], &calls);
    let (rejected, allowed) = responses.split_at(tools.len());
    for (response, (tool, _)) in rejected.iter().zip(&tools) {
        let error = &response["result"]["structuredContent"]["error"];
        assert_eq!((&response["result"]["isError"], &error["code"]), (&true.into(), &"bad_input".into()), "{tool}");
        assert!(error["message"].as_str().unwrap().contains("restricted to the profile work"), "{error}");
    }
    let listed = allowed[0]["result"]["structuredContent"]["profiles"].as_array().unwrap();
    assert_eq!(listed.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["work"]);
    for response in &allowed[1..] {
        assert_eq!(response["result"]["structuredContent"]["member"]["name"], "Ada Lovelace", "{response}");
    }
    assert!(!serde_json::to_string(allowed).unwrap().contains("second"));
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
fn the_command_to_sign_in_starts_nothing() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp"]);
    let hint = client.content("reauthorize_hint", &json!({}));
    assert_eq!((&hint["status"], &hint["required"]), (&"active".into(), &false.into()));
    assert_eq!(hint["command"], "linkedin-tui login work");
    env.expire("work");
    let hint = client.content("reauthorize_hint", &json!({"profile": "work"}));
    assert_eq!((&hint["status"], &hint["required"]), (&"expired".into(), &true.into()));
    client.finish();
    assert!(!env.url_file().exists(), "no browser was started");
}

#[test]
fn every_tool_has_schemas_and_annotations() {
    let env = TestEnv::signed_in(None);
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let response = &call_server(&env, &["mcp", "--allow-post"], std::slice::from_ref(&list))[0];
    let manifest = include_str!("../../../packaging/mcp/manifest.json");
    let manifest: Value = serde_json::from_str(manifest).unwrap();
    let named = manifest["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap());
    assert_eq!(tool_names(response), named.collect::<Vec<_>>(), "the bundle's manifest names the same tools");
    assert_eq!(tool_names(response).len(), READ_TOOLS.len() + 5);
    for tool in response["result"]["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{name}: {schema}");
        }
        assert_eq!(tool["outputSchema"]["anyOf"].as_array().map(Vec::len), Some(2), "{name}: a result or an error");
        let annotations = &tool["annotations"];
        let hints =
            ["readOnlyHint", "destructiveHint", "idempotentHint"].map(|hint| annotations[hint].as_bool().unwrap());
        let expected = match name {
            "create_post" | "comment" => [false, false, false],
            "edit_post" | "delete_post" | "react" => [false, true, true],
            _ => [true, false, true],
        };
        assert_eq!(hints, expected, "{name}");
        if !hints[0] {
            assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}: a misspelled field is rejected");
            assert!(tool["inputSchema"]["properties"]["digest"].is_object(), "{name}");
        }
    }
}

#[test]
fn posting_is_offered_only_with_allow_post() {
    let env = TestEnv::signed_in(None);
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    for arguments in [&["mcp"][..], &["mcp", "--allow-post=false"]] {
        let mut calls = vec![list.clone()];
        let tools = ["create_post", "edit_post", "delete_post", "comment", "react"];
        calls.extend((2_u64..).zip(tools).map(|(id, tool)| tool_call(id, tool, &json!({"text": "no"}))));
        let responses = call_server(&env, arguments, &calls);
        assert_eq!(tool_names(&responses[0]), READ_TOOLS);
        for response in &responses[1..] {
            assert!(response.get("error").is_some(), "not offered: {response}");
        }
    }
    let allowed = call_server(&env, &["mcp", "--allow-post"], std::slice::from_ref(&list));
    let also = call_server(&env, &["mcp", "--allow-post=true"], std::slice::from_ref(&list));
    let names = [
        "comment",
        "create_post",
        "delete_post",
        "edit_post",
        "list_posts",
        "list_profiles",
        "pages",
        "permissions",
        "react",
        "reauthorize_hint",
        "stats",
        "token_status",
        "whoami",
    ];
    assert_eq!((tool_names(&allowed[0]), tool_names(&also[0])), (names.to_vec(), names.to_vec()));
}

#[test]
fn resources_are_the_profiles_and_the_posts() {
    let env = TestEnv::signed_in(None);
    let urn = publish(&env);
    assert!(env.login("second", "bruce", &[]).status.success());
    let token = env.token("work");
    let mut client = Client::start(&env, &["mcp", "--profile", "work"]);
    let list = client.request("resources/list", &json!({}));
    let uris = ["linkedin-tui://profiles", "linkedin-tui://posts"];
    let listed: Vec<&str> =
        list["result"]["resources"].as_array().unwrap().iter().map(|row| row["uri"].as_str().unwrap()).collect();
    assert_eq!(listed, uris);
    let [profiles, posts] = uris.map(|uri| {
        let contents = client.request("resources/read", &json!({ "uri": uri }))["result"]["contents"][0].clone();
        assert_eq!((&contents["uri"], &contents["mimeType"]), (&uri.into(), &"application/json".into()));
        serde_json::from_str::<Value>(contents["text"].as_str().unwrap()).unwrap()
    });
    let names: Vec<&Value> = profiles["profiles"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["work"], "the server is restricted to it");
    assert_eq!((&posts["posts"][0]["urn"], &posts["posts"][0]["text"]), (&json!(urn), &"Hello".into()));
    let error = client.request("resources/read", &json!({ "uri": "linkedin-tui://tokens" }));
    assert!(error["error"]["message"].as_str().unwrap().contains("no such resource"), "{error}");
    std::fs::remove_file(env.config().join("profiles/work.toml")).unwrap();
    let error = client.request("resources/read", &json!({ "uri": uris[1] }));
    assert_eq!(error["error"]["data"]["error"]["code"], "no_such_profile", "{error}");
    assert!(!client.finish().contains(&token));
}

#[test]
fn prompts_name_only_tools_that_exist() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp", "--allow-post"]);
    let tools = client.request("tools/list", &json!({}));
    let list = client.request("prompts/list", &json!({}))["result"]["prompts"].clone();
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["write_post", "reauthorize_profiles"]);
    for name in names {
        let prompt = client.request("prompts/get", &json!({ "name": name, "arguments": { "topic": "tea & rust" } }));
        let text = prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap().to_owned();
        assert_eq!(text.contains("tea & rust"), name == "write_post", "{text}");
        let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_').filter(|word| word.contains('_'));
        let mut tools_in_text: Vec<&str> = words.filter(|word| *word != "check_now").collect();
        assert!(!tools_in_text.is_empty());
        tools_in_text.retain(|word| !tool_names(&tools).contains(word));
        assert!(tools_in_text.is_empty(), "{tools_in_text:?}");
    }
    let without_topic = client.request("prompts/get", &json!({ "name": "write_post" }));
    assert!(without_topic["result"]["messages"][0]["content"]["text"].as_str().unwrap().contains("ask me for"));
    assert!(client.request("prompts/get", &json!({ "name": "other" }))["error"].is_object());
    client.finish();
}

#[test]
fn pages_posts_and_statistics_are_read() {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    let urn = publish(&env);
    let mut client = Client::start(&env, &["mcp"]);
    let pages = client.content("pages", &json!({}));
    assert_eq!(
        (&pages["pages"][0]["name"], &pages["pages"][0]["can_post"]),
        (&"Analytical Engines".into(), &true.into())
    );
    let posts = client.content("list_posts", &json!({}));
    let post = &posts["posts"][0];
    assert_eq!(
        (&post["urn"], &post["text"], &post["visibility"]),
        (&urn.as_str().into(), &"Hello".into(), &"public".into())
    );
    assert_eq!(post["deleted_at"], Value::Null);
    let stats = client.content("stats", &json!({"post": post["url"]}));
    assert_eq!((&stats["urn"], &stats["metrics"]["reactions"]), (&urn.into(), &0.into()));
    assert_eq!(stats["metrics"].as_object().unwrap().len(), 11);
    assert_eq!(client.error("stats", &json!({"post": "nothing"}))["code"], "bad_input");
    client.finish();
}

#[test]
fn reading_tools_refuse_unknown_arguments() {
    let env = TestEnv::signed_in(None);
    let mut client = Client::start(&env, &["mcp"]);
    let tools = client.request("tools/list", &json!({}))["result"]["tools"].as_array().unwrap().clone();
    let of_a_profile = |tool: &&Value| tool["inputSchema"]["properties"]["profile"].is_object();
    let names: Vec<String> =
        tools.iter().filter(of_a_profile).map(|tool| tool["name"].as_str().unwrap().to_owned()).collect();
    assert!(names.len() >= 4, "{names:?}");
    for (id, name) in (1000..).zip(names) {
        let response = client.send(&tool_call(id, &name, &json!({"profil": "other"})));
        assert!(response.to_string().contains("unknown field `profil`"), "{name}: {response}");
    }
}
