//! Every error that the sandbox sends has the text of a collected LinkedIn response.

use std::collections::BTreeSet;
use std::path::Path;

use linkedin_tui::internal::sandbox::{CLIENT_ID, STRICT_CLIENT_ID, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::client::*;

/// Replaces names, numbers and quoted values with `*`.
fn generalize(text: &str) -> String {
    let words = text.split([' ', '\n']).filter(|word| !word.is_empty());
    let is_plain = |word: &str| word.chars().all(|letter| letter.is_ascii_alphabetic() || "'.,_".contains(letter));
    let words: Vec<&str> = words.map(|word| if is_plain(word) && !word.contains('.') { word } else { "*" }).collect();
    words.join(" ")
}

/// Returns the status, ordered keys and generalized text of an error; of a 422, one for each line.
fn response_shapes(status: u16, body: &Value) -> Vec<String> {
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    let code = body["code"].as_str().or(body["error"].as_str()).unwrap_or_default();
    let message = body["message"].as_str().or(body["error_description"].as_str()).unwrap_or_default();
    let lines: Vec<&str> = if status == 422 { message.trim_end().lines().collect() } else { vec![message] };
    lines.into_iter().map(|line| format!("{status} {keys:?} {code} {}", generalize(line))).collect()
}

fn collected_shapes() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/linkedin/answers.json");
    let entries: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let errors = entries.iter().filter(|entry| entry["status"].as_u64().unwrap() >= 400);
    errors
        .filter_map(|entry| {
            let body: Value = serde_json::from_str(entry["body"].as_str().unwrap()).ok()?;
            Some(response_shapes(u16::try_from(entry["status"].as_u64().unwrap()).unwrap(), &body))
        })
        .flatten()
        .collect()
}

#[tokio::test]
async fn every_error_response_is_a_collected_response() {
    let known = collected_shapes();
    let client = SandboxClient::new().await;
    let mut token = String::new();
    let mut seen_shapes = BTreeSet::new();
    let paths = [
        "/v2/userinfo",
        "/v2/me",
        "/v2/ugcPosts",
        "/v2/people/~:(id)",
        "/v2/nothing",
        "/rest/posts",
        "/rest/posts?q=author&author=x",
        "/rest/posts/urn%3Ali%3Ashare%3A1",
        "/rest/posts/urn:li:share:1",
        "/rest/posts?q=author&author=urn:li:person:x",
        "/rest/images",
        "/rest/images?action=initializeUpload",
        "/rest/images/x",
        "/v2/assets",
        "/v2/assets?action=registerUpload",
        "/rest/organizationAcls",
        "/rest/organizationAcls?q=roleAssignee&projection=(x)",
        "/rest/organizationAcls?q=roleAssignee",
        "/rest/organizations/1",
        "/rest/organizationAuthorizations/x",
        "/rest/socialActions/x/comments",
        "/rest/socialActions/x/likes",
        "/rest/socialMetadata/x",
        "/rest/reactions",
        "/rest/memberCreatorPostAnalytics?q=me&metricType=X",
        "/rest/memberAuthorizations",
    ];
    let author = format!("urn:li:organization:{}", 2_414_183);
    let page = {
        let mut body = draft("x");
        body["author"] = json!(author);
        body
    };
    let bodies = [
        "{".to_owned(),
        "{}".to_owned(),
        draft("x").to_string(),
        page.to_string(),
        draft(&"x".repeat(3001)).to_string(),
        json!({ "initializeUploadRequest": { "owner": "urn:li:person:" } }).to_string(),
        json!({ "registerUploadRequest": {} }).to_string(),
    ];
    for scenario in Scenario::ALL {
        if ["html-instead-of-json", "slow-answer", "drop-connection"].contains(&scenario.name()) {
            continue;
        }
        client.control("scenario", json!({ "name": "normal" })).await;
        if client.userinfo(&token).await.status != 200 {
            token = client.token(MEMBER_SCOPES).await;
        }
        client.control("scenario", json!({ "name": scenario.name() })).await;
        let mut responses = Vec::new();
        for path in paths {
            for bearer in ["", "garbage", &token] {
                responses.push(client.send(Method::GET, path, bearer, VERSION_HEADERS, "").await);
            }
            responses.push(client.send(Method::GET, path, &token, &[("linkedin-version", "202504")], "").await);
            responses.push(client.send(Method::GET, path, &token, &[], "").await);
            responses.push(client.send(Method::DELETE, path, &token, VERSION_HEADERS, "").await);
            for body in &bodies {
                responses.push(client.send(Method::POST, path, &token, VERSION_HEADERS, body).await);
            }
        }
        let form = token_request("unknown");
        for name in ["grant_type", "code", "redirect_uri", "client_id", "client_secret", ""] {
            responses.push(client.post("/oauth/v2/accessToken", &without_parameter(&form, name)).await);
        }
        for (name, value) in [
            ("client_secret", "wrong"),
            ("client_id", STRICT_CLIENT_ID),
            ("grant_type", "client_credentials"),
            ("grant_type", "refresh_token"),
            ("grant_type", "password"),
        ] {
            let invalid = with_parameter(&with_parameter(&form, name, value), "refresh_token", "AQXunknown");
            responses.push(client.post("/oauth/v2/accessToken", &invalid).await);
        }
        for (client_id, secret) in
            [(CLIENT_ID, "wrong"), ("unknown", "x"), (CLIENT_ID, linkedin_tui::internal::sandbox::CLIENT_SECRET)]
        {
            let form = [("client_id", client_id), ("client_secret", secret), ("token", "garbage")];
            responses.push(client.post("/oauth/v2/introspectToken", &form).await);
            responses.push(client.post("/oauth/v2/revoke", &form).await);
        }
        for response in responses.into_iter().filter(|response| response.status >= 400) {
            if response.status == 404 && response.text.starts_with('<') {
                continue;
            }
            for shape in response_shapes(response.status, &response.json()) {
                assert!(known.contains(&shape), "{}: {shape}\n{}", scenario.name(), response.text);
                seen_shapes.insert(shape);
            }
        }
    }
    assert!(seen_shapes.len() > 30, "{}: {seen_shapes:#?}", seen_shapes.len());
}

// Only the errors of the control API and of a failing sandbox may have their own texts.
#[test]
fn the_sandbox_source_contains_no_error_text() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let error_texts =
                ["serviceErrorCode", "\"message\"", "error_description", "ERROR ::", "Not enough", "\"error\""];
            let has_error_text = error_texts.iter().any(|text| line.contains(text));
            let is_bare = ["Response::empty(4", "Response::empty(5", "Response::text(4", "Response::text(5"]
                .iter()
                .any(|pattern| line.contains(pattern));
            let is_excepted = match name.as_str() {
                "answers.rs" => !is_bare,
                "control.rs" => line.contains("\"picture\""),
                "response.rs" => line.contains("\"message\""),
                // The text of a comment.
                "social.rs" => line.contains("const MESSAGE"),
                "server.rs" => line.contains("Response::text(500"),
                "images.rs" => line.contains("return Response::empty(404)"),
                _ => false,
            };
            if (has_error_text || is_bare) && !is_excepted {
                wrong.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
