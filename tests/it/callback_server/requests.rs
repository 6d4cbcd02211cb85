//! Which callback ends the wait; any other request is rejected and the wait continues.

use linkedin_tui::Code;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::callback_server::server::TestServer;
use crate::support::DEADLINE;
use crate::support::process::runs_in_own_process;

#[tokio::test]
async fn l01_wrong_states_keep_waiting() {
    let mut server = TestServer::new().await;
    for number in 0..100 {
        assert_eq!(server.send_callback(&format!("code=AQ{number}&state=wrong{number}")).await.status, 400);
    }
    assert_eq!(server.rejected_count(), 100);
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l02_l05_l07_l09_l21_a_rejected_callback_keeps_waiting() {
    let mut server = TestServer::new().await;
    let state = server.state.clone();
    let long = "x".repeat(4097);
    let invalid_queries = [
        "code=AQ".to_owned(),
        "code=AQ&state=".to_owned(),
        String::new(),
        format!("code=AQ&state={state}&state={state}"),
        format!("code=AQ&code=AQ&state={state}"),
        format!("error=x&error=y&state={state}"),
        "error=user_cancelled_authorize".to_owned(),
        "error=user_cancelled_authorize&state=wrong".to_owned(),
        format!("state={state}"),
        format!("code=&state={state}"),
        format!("code={long}&state={state}"),
        format!("code=A%0AQ&state={state}"),
        format!("code=%zz&state={state}"),
        format!("code=%ff&state={state}"),
        format!("code=A%00&state={state}"),
        format!("code=AQ&state={state}&iss=https%3A%2F%2Fevil.example"),
        format!("code=AQ&state={}", &state[..state.len() - 1]),
        format!("code=AQ&state={}", state.to_uppercase()),
    ];
    for query in &invalid_queries {
        assert_eq!(server.send_callback(query).await.status, 400, "{query}");
    }
    assert_eq!(server.rejected_count(), invalid_queries.len() as u64);
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn linkedins_issuer_is_accepted_with_any_path() {
    for issuer in ["https%3A%2F%2Fwww.linkedin.com", "https%3A%2F%2Fwww.linkedin.com%2Foauth"] {
        let mut server = TestServer::new().await;
        assert_eq!(
            server.send_callback(&format!("{}&iss={issuer}", server.valid_query())).await.status,
            303,
            "{issuer}"
        );
        assert_eq!(server.code().await.unwrap(), "AQvalid");
    }
}

#[tokio::test]
async fn l03_a_repeated_callback_is_accepted_once() {
    let mut server = TestServer::new().await;
    let query = server.valid_query();
    let (one, two) = tokio::join!(server.send_callback(&query), server.send_callback(&query));
    assert_eq!((one.status, two.status), (303, 303));
    assert_eq!(one.header("location"), two.header("location"), "both see the same page");
    assert_eq!(server.code().await.unwrap(), "AQvalid");
    let second_code = tokio::time::timeout(std::time::Duration::ZERO, server.callback.receive_code()).await;
    assert!(second_code.is_err(), "the code is returned once");
    // A different code with the same state is not a reload.
    assert_eq!(server.send_callback(&format!("code=AQother&state={}", server.state)).await.status, 400);
}

#[tokio::test]
async fn l04_an_old_callback_does_not_end_a_new_wait() {
    if !runs_in_own_process("callback_server::requests::l04_an_old_callback_does_not_end_a_new_wait") {
        return;
    }
    let old = TestServer::new().await;
    let (port, query) = (old.port, old.valid_query());
    drop(old);
    let mut server = TestServer::on_port(port).await;
    assert_eq!(server.send_callback(&query).await.status, 400);
    server.assert_accepts_callback().await;
}

#[rstest]
#[case::denied_at_consent("error=user_cancelled_authorize", Code::Denied)]
#[case::denied_at_login("error=user_cancelled_login", Code::Denied)]
#[case::scope(
    "error=unauthorized_scope_error&error_description=Scope+%26quot%3Br_ads%26quot%3B",
    Code::ScopeNotAuthorized
)]
#[case::error_beside_a_code("error=user_cancelled_authorize&code=AQ", Code::Denied)]
#[tokio::test]
async fn l06_l08_an_error_with_the_valid_state_ends_the_wait(#[case] query: &str, #[case] code: Code) {
    let mut server = TestServer::new().await;
    let response = server.send_callback(&format!("{query}&state={}", server.state)).await;
    assert_eq!(response.status, 303);
    assert_eq!(server.code().await.unwrap_err().code, code);
}

#[tokio::test]
async fn l19_an_unknown_error_is_shown_without_control_characters() {
    let mut server = TestServer::new().await;
    server.send_callback(&format!("error=brand_new&error_description=%1b%5b31mred&state={}", server.state)).await;
    let error = server.code().await.unwrap_err();
    assert!(!format!("{error} {} {:?}", error.hint, error.detail).contains('\u{1b}'));
}

#[tokio::test]
async fn l10_only_the_exact_path_is_accepted() {
    let mut server = TestServer::new().await;
    let query = server.valid_query();
    for path in ["/", "/robots.txt", "/callback/", "/CALLBACK", "//callback", "/%63allback", "/callback/../x", "/done"]
    {
        assert_eq!(server.get(&format!("{path}?{query}"), "").await.status, 404, "{path}");
    }
    assert_eq!(server.get("/favicon.ico", "").await.status, 204);
    assert_eq!(server.rejected_count(), 0, "requests of other paths are not callbacks");
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l11_only_get_is_accepted() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    for method in ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PATCH"] {
        let request =
            format!("{method} /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\n\r\n");
        let response = server.send(request.as_bytes()).await;
        assert_eq!((response.status, response.header("allow")), (405, Some("GET")), "{method}");
    }
    let connect = format!("CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    assert_eq!(server.send(connect.as_bytes()).await.status, 405);
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l12_other_protocols_are_rejected_and_https_is_reported() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    for request in [
        format!("GET http://localhost:{port}/callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        format!("GET /callback?{query} HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n"),
        "nonsense\r\n\r\n".to_owned(),
        format!("GET /callback?{query}\r\n\r\n"),
        format!("GET /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 3\r\n\r\nabc"),
        format!(
            "GET /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 5\r\n\
             Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
    ] {
        let response = server.send(request.as_bytes()).await;
        assert!((400..=505).contains(&response.status), "{} to {request:?}", response.status);
    }
    assert!(server.try_send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.is_none_or(|response| response.status >= 400));
    let hello = [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00][..], &[0; 200]].concat();
    assert!(server.try_send(&hello).await.is_none());
    let mut rejected_callbacks = server.callback.rejected_callbacks();
    let reported =
        tokio::time::timeout(DEADLINE, rejected_callbacks.wait_for(|rejected| rejected.last_reason.contains("https")))
            .await;
    assert!(reported.is_ok_and(|reported| reported.is_ok()), "the reason is reported");
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l13_oversized_requests_are_rejected() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    let many = "X-One: 1\r\n".repeat(65);
    assert_eq!(server.get(&format!("/callback?{query}"), &many).await.status, 431);
    let large = format!("X-Large: {}\r\n", "x".repeat(20 * 1024));
    assert_eq!(server.get(&format!("/callback?{query}"), &large).await.status, 431);
    let long = "x".repeat(9 * 1024);
    assert_eq!(server.get(&format!("/callback?{query}&x={long}"), "").await.status, 414);
    let target = |length: usize| format!("/{}", "x".repeat(length - 1));
    assert_eq!(server.get(&target(8 * 1024), "").await.status, 404, "the longest target that is accepted");
    assert_eq!(server.get(&target(8 * 1024 + 1), "").await.status, 414);
    let huge = format!("GET /callback?{} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", "x".repeat(100 * 1024));
    assert!(matches!(server.send(huge.as_bytes()).await.status, 414 | 431));
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l14_slow_clients_are_closed_and_block_nothing() {
    let mut server = TestServer::new().await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut stream = server.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"GET /callback HTTP/1.1\r\nHo").await.unwrap();
        }
        slow.push(stream);
    }
    server.assert_accepts_callback().await;
    for mut stream in slow {
        let mut read = Vec::new();
        let closed = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut read)).await;
        assert!(closed.is_ok(), "still open");
    }
}

#[tokio::test]
async fn l15_the_number_of_connections_is_capped() {
    let mut server = TestServer::new().await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(server.connect().await);
    }
    // The real callback is the newest connection: it is served, and the oldest idle ones were closed.
    server.assert_accepts_callback().await;
    let (mut closed, mut open) = (0, 0);
    for stream in &idle {
        let mut byte = [0];
        match stream.try_read(&mut byte) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => open += 1,
            _ => closed += 1,
        }
    }
    assert!(open <= 64, "{open} open, {closed} closed");
}

#[tokio::test]
async fn l16_only_loopback_hosts_with_this_port_are_accepted() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    let request = |hosts: String| format!("GET /callback?{query} HTTP/1.1\r\n{hosts}\r\n");
    for host in [
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("localhost.:{port}"),
        format!("localhost:{}", port - 1),
        "localhost".to_owned(),
        format!("a@localhost:{port}"),
        format!("127.0.0.2:{port}"),
        format!("0.0.0.0:{port}"),
        format!("[::]:{port}"),
        String::new(),
    ] {
        let response = server.send(request(format!("Host: {host}\r\n")).as_bytes()).await;
        assert!(matches!(response.status, 400 | 403), "{} for {host:?}", response.status);
    }
    assert_eq!(server.send(request(String::new()).as_bytes()).await.status, 400);
    let twice = format!("Host: localhost:{port}\r\nHost: localhost:{port}\r\n");
    assert_eq!(server.send(request(twice).as_bytes()).await.status, 400);
    for host in ["127.0.0.1", "[::1]", "LOCALHOST"] {
        let response = server.send(format!("GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n").as_bytes()).await;
        assert_eq!(response.status, 404, "{host} is accepted");
    }
    server.assert_accepts_callback().await;
}

#[tokio::test]
async fn l17_l18_only_a_navigation_is_accepted() {
    let mut server = TestServer::new().await;
    let path = format!("/callback?{}", server.valid_query());
    for header in [
        "Sec-Fetch-Mode: no-cors",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: image",
        "Sec-Fetch-Dest: iframe",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe",
        "Origin: https://evil.example",
        "Origin: null",
    ] {
        assert_eq!(server.get(&path, &format!("{header}\r\n")).await.status, 403, "{header}");
    }
    for header in ["Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"] {
        assert_eq!(server.get(&path, &format!("{header}\r\n")).await.status, 204, "{header}");
    }
    let navigation = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\n";
    assert_eq!(server.get(&path, navigation).await.status, 303);
    assert_eq!(server.code().await.unwrap(), "AQvalid");
}

#[tokio::test]
async fn l19_l20_nothing_of_a_request_is_reflected() {
    let server = TestServer::new().await;
    let plain = server.send_callback("state=x").await.body;
    for payload in [
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%22%3E%3Cimg+src=x+onerror=alert(1)%3E",
        "%1b%5d0;owned%07",
        "%e2%80%ae",
        "canary",
    ] {
        for query in [
            format!("error={payload}&error_description={payload}&state=x"),
            format!("state={payload}&code={payload}"),
            format!("{payload}={payload}"),
        ] {
            assert_eq!(server.send_callback(&query).await.body, plain);
        }
        assert_eq!(server.get(&format!("/{payload}"), "").await.body, plain);
    }
    // With the valid state LinkedIn's text is shown, but never as markup or control characters.
    let mut server = TestServer::new().await;
    let query = format!("error=unknown&error_description=%3Cscript%3Ex%3C/script%3E%1b%5b31m&state={}", server.state);
    let page_path = server.send_callback(&query).await.header("location").unwrap().to_owned();
    let error = server.code().await.unwrap_err();
    let (response, ()) = tokio::join!(
        async {
            let port = server.port;
            let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let request = format!("GET {page_path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            text
        },
        server.callback.finish(linkedin_tui::internal::oauth::callback::BrowserOutcome::Failed(error)),
    );
    assert!(
        response.contains("You are not signed in") && !response.contains("<script") && !response.contains('\u{1b}'),
        "{response}"
    );
}

#[tokio::test]
async fn l31_every_response_has_the_security_headers() {
    // `TestServer::send` asserts the headers of each response; this test requests every status once.
    let mut server = TestServer::new().await;
    let mut statuses = std::collections::BTreeSet::new();
    let port = server.port;
    let long_path = "x".repeat(9 * 1024);
    let large_header = format!("X-Wide: {}\r\n", "y".repeat(20 * 1024));
    for request in [
        format!("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        "nonsense\r\n\r\n".to_owned(),
        format!("GET /callback HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
        format!("GET /nothing HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        format!("POST /callback HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\n\r\n"),
        format!("GET /{long_path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{large_header}\r\n"),
    ] {
        statuses.insert(server.send(request.as_bytes()).await.status);
    }
    statuses.insert(server.send_callback(&server.valid_query()).await.status);
    assert_eq!(statuses, [204, 303, 400, 403, 404, 405, 414, 431].into());
    server.code().await.unwrap();
}
