//! `api`: one request with token and headers, to LinkedIn's API and nowhere else.

use std::process::{Output, Stdio};

use linkedin_tui::internal::sandbox::{PAGES_CLIENT_ID, PAGES_CLIENT_SECRET};
use serde_json::{Value, json};

use crate::user::recorder::Recorder;
use crate::user::world::{World, json as parsed, stderr, stdout};

/// Points the API at another host.
fn point_api(world: &World, api: &str) {
    let www = world.sandbox.base().as_str().trim_end_matches('/').to_owned();
    std::fs::write(world.config().join("config.toml"), format!("[linkedin]\nwww = \"{www}\"\napi = \"{api}\"\n"))
        .unwrap();
}

fn run(world: &World, arguments: &[&str]) -> Output {
    world.run(&[&["api"], arguments].concat())
}

#[test]
fn the_body_comes_as_linkedin_sent_it() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 22\r\nx-li-uuid: abc==\r\nConnection: close\r\n\r\n{\"b\":1.50,  \"a\" : \"\\u00e9\"}";
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    let answer = answer.replace("Content-Length: 22", &format!("Content-Length: {}", body.len()));
    let world = World::signed_in(None);
    let host = Recorder::start(&answer);
    point_api(&world, &host.base());
    let done = run(&world, &["get", "/rest/things?ids=List(urn%3Ali%3Aperson%3Ax)&q=a", "-i"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(stdout(&done), body, "not a byte more or less");
    assert_eq!(stderr(&done), "status: 200\nx-li-uuid: abc==\n");
    let request = host.requests().remove(0).to_ascii_lowercase();
    let token = stdout(&world.run(&["token", "work"])).trim().to_ascii_lowercase();
    for line in [
        "get /rest/things?ids=list(urn%3ali%3aperson%3ax)&q=a http/1.1",
        &format!("authorization: bearer {token}"),
        "linkedin-version: 202609",
        "x-restli-protocol-version: 2.0.0",
    ] {
        assert!(request.lines().any(|one| one == line), "{line}: {request}");
    }
    // No version header under /v2/, and the user's header replaces the program's.
    run(&world, &["GET", "/v2/userinfo"]);
    run(&world, &["GET", "/rest/x", "--header", "linkedin-version: 202601", "-H", "X-RestLi-Method:BATCH_GET"]);
    let requests = host.requests();
    assert!(!requests[1].to_ascii_lowercase().contains("linkedin-version"));
    let third = requests[2].to_ascii_lowercase();
    assert!(third.contains("linkedin-version: 202601") && !third.contains("202609"), "{third}");
    assert!(third.contains("x-restli-method: batch_get"));
    let as_json = parsed(&run(&world, &["GET", "/rest/x", "--json"]));
    assert_eq!(as_json, json!({ "status": 200, "uuid": "abc==", "id": null, "body": { "a": "é", "b": 1.5 } }));
}

#[test]
fn data_comes_from_an_argument_a_file_or_stdin() {
    let world = World::signed_in(None);
    let author = parsed(&world.run(&["whoami", "work", "--json"]))["member"]["urn"].clone();
    let post = |text: &str| {
        json!({
            "author": author, "commentary": text, "visibility": "PUBLIC", "distribution": { "feedDistribution": "MAIN_FEED" },
            "lifecycleState": "PUBLISHED",
        })
        .to_string()
    };
    let file = world.dir.path().join("post.json");
    std::fs::write(&file, post("from a file")).unwrap();
    let done = run(&world, &["POST", "/rest/posts", "--data", &format!("@{}", file.display())]);
    assert_eq!((done.status.code(), stdout(&done).as_str()), (Some(0), ""), "{}", stderr(&done));
    assert_eq!(run(&world, &["post", "/rest/posts", "--data", &post("from here")]).status.code(), Some(0));
    let mut command = world.command(&["api", "POST", "/rest/posts", "--data", "-", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), post("from stdin").as_bytes()).unwrap();
    let done = parsed(&child.wait_with_output().unwrap());
    assert!(done["id"].as_str().unwrap().starts_with("urn:li:share:"), "{done}");
    let state = world.sandbox_state();
    let texts: Vec<&str> =
        state["posts"].as_array().unwrap().iter().map(|post| post["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["from a file", "from here", "from stdin"]);
    assert_eq!(run(&world, &["POST", "/rest/posts", "--data", "@/nowhere"]).status.code(), Some(2));
}

#[test]
fn an_error_prints_the_body_and_then_exits() {
    let world = World::signed_in(None);
    let done = run(&world, &["GET", "/v2/me"]);
    assert_eq!(done.status.code(), Some(5));
    let body: Value = serde_json::from_str(&stdout(&done)).unwrap();
    assert_eq!(body["message"], "Not enough permissions to access: me.GET.NO_VERSION");
    assert!(stderr(&done).starts_with("error: "), "{}", stderr(&done));
    let done = run(&world, &["GET", "/v2/me", "--json"]);
    assert_eq!((done.status.code(), &parsed(&done)["error"]["code"]), (Some(5), &json!("not_permitted")));
    for (status, exit) in [(400, 5), (404, 5), (422, 5), (426, 5), (429, 5), (500, 5), (503, 5), (302, 5), (401, 4)] {
        world.control("fault", &json!({ "path_prefix": "/v2/x", "status": status, "body": "{\"a\":1}" }));
        let done = run(&world, &["GET", "/v2/x"]);
        assert_eq!((done.status.code(), stdout(&done).as_str()), (Some(exit), "{\"a\":1}"), "{status}");
    }
    world.control("revoke-member-grants", &json!({}));
    let done = run(&world, &["GET", "/v2/userinfo"]);
    assert_eq!(done.status.code(), Some(4));
    assert!(stdout(&done).contains("REVOKED_ACCESS_TOKEN"));
}

#[test]
fn no_other_host_ever_gets_the_token() {
    let world = World::signed_in(None);
    let other = Recorder::start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    let base = other.base();
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
        let done = run(&world, &["GET", path]);
        assert_eq!(done.status.code(), Some(2), "{path}: {}", stderr(&done));
    }
    for header in ["Authorization: Bearer x", "Host: evil.example", "host:x", "no-colon", "Transfer-Encoding: chunked"]
    {
        assert_eq!(run(&world, &["GET", "/v2/userinfo", "--header", header]).status.code(), Some(2), "{header}");
    }
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let answer =
            format!("HTTP/1.1 {status}\r\nLocation: {base}/take\r\nContent-Length: 4\r\nConnection: close\r\n\r\nover");
        let redirecting = Recorder::start(&answer);
        point_api(&world, &redirecting.base());
        let done = run(&world, &["GET", "/v2/userinfo"]);
        assert_eq!((done.status.code(), stdout(&done).as_str()), (Some(5), "over"), "{status}");
        assert!(stderr(&done).contains("not followed"), "{}", stderr(&done));
        assert_eq!(redirecting.requests().len(), 1);
    }
    // A list with the URL of its next page on another host.
    let list = json!({ "elements": [1], "paging": { "links": [{ "rel": "next", "href": format!("{base}/rest/x?start=1") }] } });
    let list = list.to_string();
    let listing = Recorder::start(&format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{list}",
        list.len()
    ));
    point_api(&world, &listing.base());
    let done = run(&world, &["GET", "/rest/x", "--paginate"]);
    assert_eq!((done.status.code(), stdout(&done)), (Some(5), list), "{}", stderr(&done));
    assert_eq!(other.requests(), Vec::<String>::new(), "the other host received no request");
}

#[test]
fn paginated_lists_are_followed_to_the_end() {
    let world = World::new(None);
    let mut command = world.command(&[
        "login",
        "pages",
        "--client-id",
        PAGES_CLIENT_ID,
        "--client-secret-stdin",
        "--redirect-url",
        &world.redirect_url(),
        "--scope",
        "openid profile rw_organization_admin",
    ]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{PAGES_CLIENT_SECRET}\n").as_bytes()).unwrap();
    world.allow(&world.browser_url(), "ada");
    assert!(child.wait_with_output().unwrap().status.success());
    let organizations = |done: &Output| {
        let text = stdout(done);
        let pages = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        pages.flat_map(|page| page.unwrap()["elements"].as_array().cloned().unwrap()).collect::<Vec<_>>()
    };
    let path = "/rest/organizationAcls?q=roleAssignee&count=1";
    assert_eq!(organizations(&run(&world, &["GET", path])).len(), 1);
    let all = run(&world, &["GET", path, "--paginate"]);
    assert_eq!((all.status.code(), organizations(&all).len()), (Some(0), 3), "{}", stdout(&all));
    assert_eq!(stdout(&all).lines().count(), 3);
    assert_eq!(run(&world, &["POST", path, "--paginate"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_it_indented() {
    use crate::user::terminal::Terminal;
    let world = World::new(None);
    assert!(world.login("work", "mallory", &[]).status.success());
    let mut terminal = Terminal::start(world.pty(&["api", "GET", "/v2/userinfo"]), 100, 30);
    assert_eq!(terminal.exit_code(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains("  \"email\": \"mallory@sandbox.example\",\r\n"), "{raw}");
    assert!(!raw.contains('\u{1b}') && !raw.contains('\u{202e}'), "u02 nothing in it steers the terminal");
}
