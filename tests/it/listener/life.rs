//! The lifetime of the callback server: port conflicts, when the port is open, and the outcome page.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use linkedin_tui::internal::oauth::callback::{PageOutcome, SavedPage};
use linkedin_tui::{Code, Error};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::listener::waiting::{V6, Wait, refusal};
use crate::support::DEADLINE;
use crate::support::ports::free_port;
use crate::support::process::is_alone;

#[tokio::test]
async fn l23_l24_a_port_in_use_is_refused() {
    let wildcard = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), V6].into_iter().chain(wildcard) {
        let Ok(squatter) = TcpListener::bind((address, 0)) else { continue };
        let port = squatter.local_addr().unwrap().port();
        let error = refusal(port).await.unwrap_or_else(|| panic!("{address} was not noticed"));
        assert!(error.message.contains(&port.to_string()), "{error}");
        assert!(error.hint.contains("port"), "{}", error.hint);
    }
}

#[tokio::test]
async fn l25_sign_ins_back_to_back_on_one_port() {
    if !is_alone("listener::life::l25_sign_ins_back_to_back_on_one_port") {
        return;
    }
    let port = free_port();
    for _ in 0..200 {
        Wait::on(port).await.still_waits().await;
    }
}

#[tokio::test]
async fn l27_nothing_listens_after_the_sign_in() {
    if !is_alone("listener::life::l27_nothing_listens_after_the_sign_in") {
        return;
    }
    // Cancelled: closed at once, so that the next sign-in can use the port.
    let wait = Wait::new().await;
    let port = wait.port;
    drop(wait);
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
    // Finished without a browser that waits for a page.
    let wait = Wait::new().await;
    let port = wait.port;
    let failed = Error::new(Code::TimedOut, "Nobody came back.", "Sign in again.");
    tokio::time::timeout(DEADLINE, wait.waiting.finish(PageOutcome::Failed(failed))).await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    // Stopped by a panic.
    let wait = Wait::new().await;
    let port = wait.port;
    let panicked = tokio::spawn(async move {
        let _wait = wait;
        panic!("a fault of ours");
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
    // Finished successfully, with the page fetched.
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
    let done = wait.callback(&query).await.header("location").unwrap().to_owned();
    wait.answer().await.unwrap();
    let mut stream = wait.connect().await;
    stream.write_all(format!("GET {done} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").as_bytes()).await.unwrap();
    let saved = PageOutcome::Saved(SavedPage {
        member: None,
        member_id: None,
        profile: "work".to_owned(),
        expires_at: None,
        token: None,
    });
    let mut page = Vec::new();
    let (read, ()) = tokio::join!(stream.read_to_end(&mut page), wait.waiting.finish(saved));
    read.unwrap();
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
}

#[tokio::test]
async fn l29_a_browser_that_vanishes_does_not_stop_the_sign_in() {
    let mut wait = Wait::new().await;
    let (port, query) = (wait.port, wait.good());
    let mut stream = wait.connect().await;
    // A response to a later connection shows that this one was accepted.
    assert_eq!(wait.get("/", "").await.status, 404);
    let request = format!("GET /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    // The close is a reset.
    stream.set_zero_linger().unwrap();
    drop(stream);
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
}

#[tokio::test]
async fn l30_the_code_leaves_the_address_bar() {
    let mut wait = Wait::new().await;
    let reply = wait.callback(&wait.good()).await;
    let done = reply.header("location").unwrap().to_owned();
    assert!(!done.contains('?') && !done.contains("AQgood") && !done.contains(&wait.state), "{done}");
    wait.answer().await.unwrap();
    // The page is delayed until the outcome is known.
    let mut stream = wait.connect().await;
    let request = format!("GET {done} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", wait.port);
    stream.write_all(request.as_bytes()).await.unwrap();
    let saved = PageOutcome::Saved(SavedPage {
        member: Some("Ada <b>Lovelace</b>".to_owned()),
        member_id: Some("abc".to_owned()),
        profile: "work".to_owned(),
        expires_at: None,
        token: None,
    });
    let mut page = String::new();
    let (read, ()) = tokio::join!(stream.read_to_string(&mut page), wait.waiting.finish(saved));
    read.unwrap();
    assert!(page.contains("You are signed in") && page.contains("Ada &lt;b&gt;Lovelace"), "{page}");
}

#[tokio::test]
async fn the_short_link_leads_to_linkedin() {
    let wait = Wait::new().await;
    let link = wait.waiting.short_link();
    let path = link.strip_prefix(&format!("http://localhost:{}", wait.port)).unwrap();
    let reply = wait.get(path, "").await;
    assert_eq!(reply.status, 303);
    assert!(reply.header("location").unwrap().starts_with("https://www.linkedin.com/oauth/v2/authorization?"));
    assert_eq!(wait.get(path, "Sec-Fetch-Dest: iframe\r\n").await.status, 403);
}

#[tokio::test]
async fn l33_a_pasted_answer_goes_through_the_same_checks() {
    let mut wait = Wait::new().await;
    let port = wait.port;
    let state = wait.state.clone();
    for bad in [
        "AQonlythecode".to_owned(),
        "code=AQ".to_owned(),
        format!("http://localhost:{port}/callback?code=AQ"),
        format!("http://localhost:{port}/callback?code=AQ&state=wrong"),
        format!("http://localhost:{port}/other?code=AQ&state={state}"),
        format!("http://evil.example:{port}/callback?code=AQ&state={state}"),
        format!("http://localhost:{}/callback?code=AQ&state={state}", port - 1),
        "http://".to_owned(),
    ] {
        let error = wait.waiting.paste(&bad).await.unwrap_err();
        assert_eq!(error.code, Code::StateMismatch, "{bad}");
        assert!(!error.to_string().contains(&state), "no state in an error");
    }
    wait.waiting.paste(&format!("  \"http://localhost:{port}/callback?{}\" \n", wait.good())).await.unwrap();
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
}

#[rstest]
#[case::without_scheme(|url: &str| url.replace("http://", ""))]
#[case::broken_over_lines(|url: &str| format!("{}\n{}", &url[..50], &url[50..]))]
#[case::with_html_entities(|url: &str| url.replace('&', "&amp;"))]
#[case::with_zero_width_characters(|url: &str| format!("\u{feff}{}\u{200b}", url.replace("code", "co\u{200b}de")))]
#[case::in_angle_brackets(|url: &str| format!("<{url}>"))]
#[case::in_quotes(|url: &str| format!("“{url}”"))]
#[case::as_markdown(|url: &str| format!("[{url}]({url})"))]
#[case::query_alone(|url: &str| url.split_once('?').unwrap().1.to_owned())]
#[case::query_with_question_mark(|url: &str| url[url.find('?').unwrap()..].to_owned())]
#[case::path_alone(|url: &str| url[url.find("/callback").unwrap()..].to_owned())]
#[case::among_words(|url: &str| format!("it says {url} and no page"))]
#[tokio::test]
async fn l33_a_pasted_url_is_taken_in_every_form(#[case] form: fn(&str) -> String) {
    let mut wait = Wait::new().await;
    let pasted = form(&format!("http://localhost:{}/callback?{}", wait.port, wait.good()));
    wait.waiting.paste(&pasted).await.unwrap();
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
}

#[rstest]
#[tokio::test]
async fn l33_the_rest_of_a_broken_url_may_follow(#[values(10, 35, 45, 60, 80)] at: usize) {
    let mut wait = Wait::new().await;
    let pasted = format!("http://localhost:{}/callback?{}", wait.port, wait.good());
    let error = wait.waiting.paste(&pasted[..at]).await.unwrap_err();
    assert!(error.message.contains("paste the rest"), "{error}");
    wait.waiting.paste(&pasted[at..]).await.unwrap();
    assert_eq!(wait.answer().await.unwrap(), "AQgood");
}

/// Sends bytes as another user of this machine; returns the response, unless the sender closes the connection at once.
#[cfg(target_os = "linux")]
async fn as_another_user(port: u16, request: &str, reads: bool) -> String {
    let end = if reads { "cat <&3" } else { "exec 3>&-" };
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; printf %s \"$0\" >&3; {end}");
    let mut command = tokio::process::Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-c", &script, request]);
    let output = tokio::time::timeout(DEADLINE, command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "needs root, to act as another user"]
async fn l32_another_local_user_cannot_finish_the_sign_in() {
    let mut wait = Wait::new().await;
    let port = wait.port;
    let short = wait.waiting.short_link();
    let go = short.strip_prefix(&format!("http://localhost:{port}")).unwrap();
    let error = format!("/callback?error=user_cancelled_login&state={}", wait.state);
    for path in [format!("/callback?{}", wait.good()), error, go.to_owned()] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        let answer = as_another_user(port, &request, true).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(!answer.contains(&wait.state), "{answer}");
        // A sender that closes at once is not taken for root, which is the owner that the kernel lists for such a socket.
        as_another_user(port, &request, false).await;
    }
    let mut rejected_callbacks = wait.waiting.rejected_callbacks();
    let refused = tokio::time::timeout(DEADLINE, rejected_callbacks.wait_for(|rejected| rejected.count == 4))
        .await
        .unwrap()
        .unwrap();
    assert!(
        refused.last_reason.contains("user") || refused.last_reason.contains("disconnected"),
        "{}",
        refused.last_reason
    );
    drop(refused);
    wait.still_waits().await;
}
