//! Which callback ends the wait; any other request is rejected and the wait continues.

use linkedin_tui::Code;
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::listener::waiting::Wait;
use crate::support::DEADLINE;
use crate::support::process::is_alone;

#[tokio::test]
async fn l01_wrong_states_keep_waiting() {
    let mut wait = Wait::new().await;
    for number in 0..100 {
        assert_eq!(wait.callback(&format!("code=AQ{number}&state=wrong{number}")).await.status, 400);
    }
    assert_eq!(wait.refused(), 100);
    wait.still_waits().await;
}

#[tokio::test]
async fn l02_l05_l07_l09_l21_a_rejected_callback_keeps_waiting() {
    let mut wait = Wait::new().await;
    let state = wait.state.clone();
    let long = "x".repeat(4097);
    let bad = [
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
    for query in &bad {
        assert_eq!(wait.callback(query).await.status, 400, "{query}");
    }
    assert_eq!(wait.refused(), bad.len() as u64);
    wait.still_waits().await;
}

#[tokio::test]
async fn an_issuer_that_is_linkedin_is_taken_whatever_its_path() {
    for issuer in ["https%3A%2F%2Fwww.linkedin.com", "https%3A%2F%2Fwww.linkedin.com%2Foauth"] {
        let mut wait = Wait::new().await;
        assert_eq!(wait.callback(&format!("{}&iss={issuer}", wait.good())).await.status, 303, "{issuer}");
        assert_eq!(wait.answer().await.unwrap(), "AQgood");
    }
}

#[tokio::test]
async fn l03_the_same_callback_twice_is_one_answer() {
    let mut wait = Wait::new().await;
    let query = wait.good();
    let (one, two) = tokio::join!(wait.callback(&query), wait.callback(&query));
    assert_eq!((one.status, two.status), (303, 303));
    assert_eq!(one.header("location"), two.header("location"), "both see the same page");
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
    let again = tokio::time::timeout(std::time::Duration::ZERO, wait.waiting.code()).await;
    assert!(again.is_err(), "the code is passed on once");
    // Another code with the same state is not a reload.
    assert_eq!(wait.callback(&format!("code=AQother&state={}", wait.state)).await.status, 400);
}

#[tokio::test]
async fn l04_an_old_callback_does_not_end_a_new_wait() {
    if !is_alone("listener::requests::l04_an_old_callback_does_not_end_a_new_wait") {
        return;
    }
    let old = Wait::new().await;
    let (port, query) = (old.port, old.good());
    drop(old);
    let mut wait = Wait::on(port).await;
    assert_eq!(wait.callback(&query).await.status, 400);
    wait.still_waits().await;
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
async fn l06_l08_an_error_with_the_right_state_ends_the_wait(#[case] query: &str, #[case] code: Code) {
    let mut wait = Wait::new().await;
    let reply = wait.callback(&format!("{query}&state={}", wait.state)).await;
    assert_eq!(reply.status, 303);
    assert_eq!(wait.answer().await.unwrap_err().code, code);
}

#[tokio::test]
async fn l19_an_unknown_error_is_shown_without_control_characters() {
    let mut wait = Wait::new().await;
    wait.callback(&format!("error=brand_new&error_description=%1b%5b31mred&state={}", wait.state)).await;
    let error = wait.answer().await.unwrap_err();
    assert!(!format!("{error} {} {:?}", error.hint, error.detail).contains('\u{1b}'));
}

#[tokio::test]
async fn l10_only_the_exact_path_counts() {
    let mut wait = Wait::new().await;
    let query = wait.good();
    for path in ["/", "/robots.txt", "/callback/", "/CALLBACK", "//callback", "/%63allback", "/callback/../x", "/done"]
    {
        assert_eq!(wait.get(&format!("{path}?{query}"), "").await.status, 404, "{path}");
    }
    assert_eq!(wait.get("/favicon.ico", "").await.status, 204);
    assert_eq!(wait.refused(), 0, "those are no answers");
    wait.still_waits().await;
}

#[tokio::test]
async fn l11_only_get_counts() {
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
    for method in ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE", "PATCH"] {
        let request =
            format!("{method} /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\n\r\n");
        let reply = wait.raw(request.as_bytes()).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET")), "{method}");
    }
    let connect = format!("CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    assert_eq!(wait.raw(connect.as_bytes()).await.status, 405);
    wait.still_waits().await;
}

#[tokio::test]
async fn l12_other_protocols_are_closed_and_https_is_reported() {
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
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
        let reply = wait.raw(request.as_bytes()).await;
        assert!((400..=505).contains(&reply.status), "{} to {request:?}", reply.status);
    }
    assert!(wait.answer_to(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.is_none_or(|reply| reply.status >= 400));
    let hello = [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00][..], &[0; 200]].concat();
    assert!(wait.answer_to(&hello).await.is_none());
    let mut rejected_callbacks = wait.waiting.rejected_callbacks();
    let printed =
        tokio::time::timeout(DEADLINE, rejected_callbacks.wait_for(|rejected| rejected.last_reason.contains("https")))
            .await;
    assert!(printed.is_ok_and(|printed| printed.is_ok()), "the reason is printed");
    wait.still_waits().await;
}

#[tokio::test]
async fn l13_too_much_is_refused() {
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
    let many = "X-One: 1\r\n".repeat(65);
    assert_eq!(wait.get(&format!("/callback?{query}"), &many).await.status, 431);
    let large = format!("X-Large: {}\r\n", "x".repeat(20 * 1024));
    assert_eq!(wait.get(&format!("/callback?{query}"), &large).await.status, 431);
    let long = "x".repeat(9 * 1024);
    assert_eq!(wait.get(&format!("/callback?{query}&x={long}"), "").await.status, 414);
    let longest = format!("GET /callback?{} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", "x".repeat(100 * 1024));
    assert!(matches!(wait.raw(longest.as_bytes()).await.status, 414 | 431));
    wait.still_waits().await;
}

#[tokio::test]
async fn l14_slow_clients_are_closed_and_block_nothing() {
    let mut wait = Wait::new().await;
    let mut slow = Vec::new();
    for number in 0..200 {
        let mut stream = wait.connect().await;
        if number % 2 == 0 {
            stream.write_all(b"GET /callback HTTP/1.1\r\nHo").await.unwrap();
        }
        slow.push(stream);
    }
    wait.still_waits().await;
    for mut stream in slow {
        let mut read = Vec::new();
        let closed = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut read)).await;
        assert!(closed.is_ok(), "still open");
    }
}

#[tokio::test]
async fn l15_the_number_of_connections_is_capped() {
    let mut wait = Wait::new().await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(wait.connect().await);
    }
    // The real callback is the newest connection: it is served, and the oldest idle ones were closed.
    wait.still_waits().await;
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
async fn l16_only_this_machines_names_with_this_port_are_hosts() {
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
    let ask = |hosts: String| format!("GET /callback?{query} HTTP/1.1\r\n{hosts}\r\n");
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
        let reply = wait.raw(ask(format!("Host: {host}\r\n")).as_bytes()).await;
        assert!(matches!(reply.status, 400 | 403), "{} for {host:?}", reply.status);
    }
    assert_eq!(wait.raw(ask(String::new()).as_bytes()).await.status, 400);
    let twice = format!("Host: localhost:{port}\r\nHost: localhost:{port}\r\n");
    assert_eq!(wait.raw(ask(twice).as_bytes()).await.status, 400);
    for host in ["127.0.0.1", "[::1]", "LOCALHOST"] {
        let reply = wait.raw(format!("GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n").as_bytes()).await;
        assert_eq!(reply.status, 404, "{host} is ours");
    }
    wait.still_waits().await;
}

#[tokio::test]
async fn l17_l18_only_a_navigation_counts() {
    let mut wait = Wait::new().await;
    let path = format!("/callback?{}", wait.good());
    for header in [
        "Sec-Fetch-Mode: no-cors",
        "Sec-Fetch-Mode: cors",
        "Sec-Fetch-Dest: image",
        "Sec-Fetch-Dest: iframe",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe",
        "Origin: https://evil.example",
        "Origin: null",
    ] {
        assert_eq!(wait.get(&path, &format!("{header}\r\n")).await.status, 403, "{header}");
    }
    for header in ["Sec-Purpose: prefetch;prerender", "Purpose: prefetch", "X-Moz: prefetch"] {
        assert_eq!(wait.get(&path, &format!("{header}\r\n")).await.status, 204, "{header}");
    }
    let navigation = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: cross-site\r\n";
    assert_eq!(wait.get(&path, navigation).await.status, 303);
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
}

#[tokio::test]
async fn l19_l20_nothing_of_a_request_is_reflected() {
    let wait = Wait::new().await;
    let plain = wait.callback("state=x").await.body;
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
            assert_eq!(wait.callback(&query).await.body, plain);
        }
        assert_eq!(wait.get(&format!("/{payload}"), "").await.body, plain);
    }
    // Where the state is right, LinkedIn's text is shown, but never as markup or control characters.
    let mut wait = Wait::new().await;
    let query = format!("error=odd&error_description=%3Cscript%3Ex%3C/script%3E%1b%5b31m&state={}", wait.state);
    let done = wait.callback(&query).await.header("location").unwrap().to_owned();
    let error = wait.answer().await.unwrap_err();
    let (reply, ()) = tokio::join!(
        async {
            let port = wait.port;
            let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let request = format!("GET {done} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            text
        },
        wait.waiting.finish(linkedin_tui::internal::oauth::callback::PageOutcome::Failed(error)),
    );
    assert!(
        reply.contains("You are not signed in") && !reply.contains("<script") && !reply.contains('\u{1b}'),
        "{reply}"
    );
}

#[tokio::test]
async fn l31_every_answer_has_the_headers() {
    // `Wait` asserts them on each response that it reads; this test requests every status once.
    let mut wait = Wait::new().await;
    let mut seen = std::collections::BTreeSet::new();
    let port = wait.port;
    let long = "x".repeat(9 * 1024);
    let wide = format!("X-Wide: {}\r\n", "y".repeat(20 * 1024));
    for raw in [
        format!("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        "nonsense\r\n\r\n".to_owned(),
        format!("GET /callback HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n"),
        format!("GET /nothing HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        format!("POST /callback HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n{wide}\r\n"),
    ] {
        seen.insert(wait.raw(raw.as_bytes()).await.status);
    }
    seen.insert(wait.callback(&wait.good()).await.status);
    assert_eq!(seen, [204, 303, 400, 403, 404, 405, 414, 431].into());
    wait.answer().await.unwrap();
}
