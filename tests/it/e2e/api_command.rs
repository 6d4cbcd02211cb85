//! `api`: one request with token and headers, to LinkedIn's API and nowhere else.

use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{PAGES_CLIENT_ID, PAGES_CLIENT_SECRET};
use serde_json::{Value, json};

use crate::e2e::mock_api::MockApi;
use crate::e2e::recording_server::RecordingServer;
use crate::e2e::test_env::{TestEnv, json as parsed, stderr, stdout};

/// Points the API to a different host.
fn point_api(env: &TestEnv, api: &str) {
    let www = env.sandbox.base().as_str().trim_end_matches('/').to_owned();
    std::fs::write(env.config().join("config.toml"), format!("[linkedin]\nwww = \"{www}\"\napi = \"{api}\"\n"))
        .unwrap();
}

fn run_api(env: &TestEnv, arguments: &[&str]) -> Output {
    env.run(&[&["api"], arguments].concat())
}

#[test]
fn the_body_is_printed_unchanged() {
    let response = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\nx-li-uuid: abc==\r\nConnection: close\r\n\r\n{\"b\":1.50,  \"a\" : \"\\u00e9\"}";
    let body = response.split("\r\n\r\n").nth(1).unwrap();
    let response = response.replace("Content-Length: 22", &format!("Content-Length: {}", body.len()));
    let env = TestEnv::signed_in(None);
    let host = RecordingServer::start(&response);
    point_api(&env, &host.base());
    let output = run_api(&env, &["get", "/rest/things?ids=List(urn%3Ali%3Aperson%3Ax)&q=a", "-i"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), body, "the body is unchanged");
    assert_eq!(stderr(&output), "status: 200\nx-li-uuid: abc==\n");
    let request = host.requests().remove(0).to_ascii_lowercase();
    let token = stdout(&env.run(&["token", "work"])).trim().to_ascii_lowercase();
    for line in [
        "get /rest/things?ids=list(urn%3ali%3aperson%3ax)&q=a http/1.1",
        &format!("authorization: bearer {token}"),
        "linkedin-version: 202609",
        "x-restli-protocol-version: 2.0.0",
    ] {
        assert!(request.lines().any(|one| one == line), "{line}: {request}");
    }
    // No version header under /v2/, and the user's header replaces the program's.
    run_api(&env, &["GET", "/v2/userinfo"]);
    run_api(&env, &["GET", "/rest/x", "--header", "linkedin-version: 202601", "-H", "X-RestLi-Method:BATCH_GET"]);
    let requests = host.requests();
    assert!(!requests[1].to_ascii_lowercase().contains("linkedin-version"));
    let third = requests[2].to_ascii_lowercase();
    assert!(third.contains("linkedin-version: 202601") && !third.contains("202609"), "{third}");
    assert!(third.contains("x-restli-method: batch_get"));
    let as_json = parsed(&run_api(&env, &["GET", "/rest/x", "--json"]));
    assert_eq!(as_json, json!({ "status": 200, "uuid": "abc==", "id": null, "body": { "a": "é", "b": 1.5 } }));
}

#[test]
fn data_comes_from_an_argument_a_file_or_stdin() {
    let env = TestEnv::signed_in(None);
    let author = parsed(&env.run(&["whoami", "work", "--json"]))["member"]["urn"].clone();
    let post = |text: &str| {
        json!({
            "author": author, "commentary": text, "visibility": "PUBLIC", "distribution": { "feedDistribution": "MAIN_FEED" },
            "lifecycleState": "PUBLISHED",
        })
        .to_string()
    };
    let file = env.dir.path().join("post.json");
    std::fs::write(&file, post("from a file")).unwrap();
    let output = run_api(&env, &["POST", "/rest/posts", "--data", &format!("@{}", file.display())]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", stderr(&output));
    assert_eq!(run_api(&env, &["post", "/rest/posts", "--data", &post("from here")]).status.code(), Some(0));
    let mut command = env.command(&["api", "POST", "/rest/posts", "--data", "-", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), post("from stdin").as_bytes()).unwrap();
    let output = parsed(&child.wait_with_output().unwrap());
    assert!(output["id"].as_str().unwrap().starts_with("urn:li:share:"), "{output}");
    let state = env.sandbox_state();
    let texts: Vec<&str> =
        state["posts"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["from a file", "from here", "from stdin"]);
    assert_eq!(run_api(&env, &["POST", "/rest/posts", "--data", "@/missing"]).status.code(), Some(2));
}

#[test]
fn an_error_prints_the_body_and_then_exits() {
    let env = TestEnv::signed_in(None);
    let output = run_api(&env, &["GET", "/v2/me"]);
    assert_eq!(output.status.code(), Some(5));
    let body: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(body["message"], "Not enough permissions to access: me.GET.NO_VERSION");
    assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
    let output = run_api(&env, &["GET", "/v2/me", "--json"]);
    assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(5), &json!("not_permitted")));
    for (status, exit) in [(400, 5), (404, 5), (422, 5), (426, 5), (429, 5), (500, 5), (503, 5), (302, 5), (401, 4)] {
        env.control("fault", &json!({ "path_prefix": "/v2/x", "status": status, "body": "{\"a\":1}" }));
        let output = run_api(&env, &["GET", "/v2/x"]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(exit), "{\"a\":1}"), "{status}");
    }
    env.control("revoke-member-grants", &json!({}));
    let output = run_api(&env, &["GET", "/v2/userinfo"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stdout(&output).contains("REVOKED_ACCESS_TOKEN"));
}

#[test]
fn no_other_host_receives_the_token() {
    let env = TestEnv::signed_in(None);
    let other_server = RecordingServer::start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    let base = other_server.base();
    let host = base.trim_start_matches("http://");
    for path in [
        base.as_str(),
        &format!("//{host}/v2/userinfo"),
        &format!("/\\{host}/"),
        &format!("@{host}/"),
        &format!("/%2f{host}/../x"),
        "/v2/../../x",
        "/%2e%2e/x",
        "userinfo",
        "",
    ] {
        let output = run_api(&env, &["GET", path]);
        assert_eq!(output.status.code(), Some(2), "{path}: {}", stderr(&output));
    }
    for header in ["Authorization: Bearer x", "Host: evil.example", "host:x", "no-colon", "Transfer-Encoding: chunked"]
    {
        assert_eq!(run_api(&env, &["GET", "/v2/userinfo", "--header", header]).status.code(), Some(2), "{header}");
    }
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let response = format!(
            "HTTP/1.1 {status}\r\nLocation: {base}/target\r\nContent-Length: 4\r\nConnection: close\r\n\r\nover"
        );
        let redirect_server = RecordingServer::start(&response);
        point_api(&env, &redirect_server.base());
        let output = run_api(&env, &["GET", "/v2/userinfo"]);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(5), "over"), "{status}");
        assert!(stderr(&output).contains("not followed"), "{}", stderr(&output));
        assert_eq!(redirect_server.requests().len(), 1);
    }
    // A list with the URL of its next page on a different host.
    let list = json!({ "elements": [1], "paging": { "links": [{ "rel": "next", "href": format!("{base}/rest/x?start=1") }] } });
    let list = list.to_string();
    let list_server = RecordingServer::start(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{list}",
        list.len()
    ));
    point_api(&env, &list_server.base());
    let output = run_api(&env, &["GET", "/rest/x", "--paginate"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(5), list.clone()), "{}", stderr(&output));
    let output = run_api(&env, &["GET", "/rest/x"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), list), "one page needs no next page");
    assert_eq!(other_server.requests(), Vec::<String>::new(), "the other host received no request");
}

#[test]
fn a_list_that_links_to_itself_is_reported_as_incomplete() {
    let env = TestEnv::signed_in(None);
    let list = json!({ "elements": [1], "paging": { "links": [{ "rel": "next", "href": "/rest/x?start=1" }] } });
    let server = MockApi::start(move |_| (200, list.clone()));
    point_api(&env, &server.base());
    let output = run_api(&env, &["GET", "/rest/x", "--paginate"]);
    assert_eq!((output.status.code(), stdout(&output).lines().count()), (Some(0), 2), "{}", stderr(&output));
    assert!(stderr(&output).contains("the list may be incomplete"), "{}", stderr(&output));
}

#[test]
fn paginated_lists_are_followed_to_the_end() {
    let env = TestEnv::new(None);
    let mut command = env.command(&[
        "login",
        "pages",
        "--client-id",
        PAGES_CLIENT_ID,
        "--client-secret-stdin",
        "--redirect-url",
        &env.redirect_url(),
        "--scope",
        "openid profile rw_organization_admin",
    ]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{PAGES_CLIENT_SECRET}\n").as_bytes()).unwrap();
    env.approve_and_follow(&env.browser_url(), "ada");
    assert!(child.wait_with_output().unwrap().status.success());
    let organizations = |output: &Output| {
        let text = stdout(output);
        let pages = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        pages.flat_map(|page| page.unwrap()["elements"].as_array().cloned().unwrap()).collect::<Vec<_>>()
    };
    let path = "/rest/organizationAcls?q=roleAssignee&count=1";
    assert_eq!(organizations(&run_api(&env, &["GET", path])).len(), 1);
    let all = run_api(&env, &["GET", path, "--paginate"]);
    assert_eq!((all.status.code(), organizations(&all).len()), (Some(0), 3), "{}", stdout(&all));
    assert_eq!(stdout(&all).lines().count(), 3);
    assert_eq!(run_api(&env, &["POST", path, "--paginate"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_indented_json() {
    use crate::e2e::terminal::Terminal;
    let env = TestEnv::new(Some("hostile-names"));
    assert!(env.login("work", "grace", &[]).status.success());
    let mut terminal = Terminal::start(env.pty(&["api", "GET", "/v2/userinfo"]), 100, 30);
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    assert!(raw.contains("  \"email\": \"grace@sandbox.example\",\r\n"), "{raw}");
    assert!(!raw.contains('\u{1b}') && !raw.contains('\u{202e}'), "u02 the output has no control characters");
}
