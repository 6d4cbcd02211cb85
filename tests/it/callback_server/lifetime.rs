//! The lifetime of the callback server: port conflicts, when the port is open, and the outcome page.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use linkedin_tui::internal::oauth::callback::{BrowserOutcome, SuccessPage};
use linkedin_tui::{Code, Error};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::callback_server::server::{LOCALHOST_V6, TestServer, bind_error};
use crate::support::DEADLINE;
use crate::support::ports::free_port;
use crate::support::process::runs_in_own_process;

#[tokio::test]
async fn l23_l24_a_port_in_use_is_reported() {
    let wildcard = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), LOCALHOST_V6].into_iter().chain(wildcard) {
        let Ok(other_listener) = TcpListener::bind((address, 0)) else { continue };
        let port = other_listener.local_addr().unwrap().port();
        let error = bind_error(port).await.unwrap_or_else(|| panic!("{address} was not detected"));
        assert!(error.message.contains(&port.to_string()), "{error}");
        assert!(error.hint.contains("port"), "{}", error.hint);
    }
}

#[tokio::test]
async fn l25_consecutive_sign_ins_use_one_port() {
    if !runs_in_own_process("callback_server::lifetime::l25_consecutive_sign_ins_use_one_port") {
        return;
    }
    let port = free_port();
    for _ in 0..200 {
        TestServer::on_port(port).await.assert_accepts_callback().await;
    }
}

#[tokio::test]
async fn l27_nothing_listens_after_the_sign_in() {
    if !runs_in_own_process("callback_server::lifetime::l27_nothing_listens_after_the_sign_in") {
        return;
    }
    // Canceled: closed at once, so that the next sign-in can use the port.
    let server = TestServer::new().await;
    let port = server.port;
    drop(server);
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
    // Finished without a browser that waits for a page.
    let server = TestServer::new().await;
    let port = server.port;
    let failed = Error::new(Code::TimedOut, "Timed out waiting for the browser.", "Sign in again.");
    tokio::time::timeout(DEADLINE, server.callback.finish(BrowserOutcome::Failed(failed))).await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    // Stopped by a panic.
    let server = TestServer::new().await;
    let port = server.port;
    let panicked = tokio::spawn(async move {
        let _server = server;
        panic!("an internal error");
    });
    assert!(panicked.await.unwrap_err().is_panic());
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
    // Finished successfully, with the page fetched.
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    let page_path = server.send_callback(&query).await.header("location").unwrap().to_owned();
    server.code().await.unwrap();
    let mut stream = server.connect().await;
    stream.write_all(format!("GET {page_path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").as_bytes()).await.unwrap();
    let saved = BrowserOutcome::SignedIn(SuccessPage {
        member: None,
        member_id: None,
        profile: "work".to_owned(),
        expires_at: None,
        token: None,
    });
    let mut page = Vec::new();
    let (read, ()) = tokio::join!(stream.read_to_end(&mut page), server.callback.finish(saved));
    read.unwrap();
    assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
}

#[tokio::test]
async fn l29_a_disconnected_browser_does_not_stop_the_sign_in() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    let mut stream = server.connect().await;
    // A response to a later connection shows that this one was accepted.
    assert_eq!(server.get("/", "").await.status, 404);
    let request = format!("GET /callback?{query} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    // Closing sends a reset.
    stream.set_zero_linger().unwrap();
    drop(stream);
    assert_eq!(server.code().await.unwrap(), "AQvalid");
}

#[tokio::test]
async fn l30_the_code_leaves_the_address_bar() {
    let mut server = TestServer::new().await;
    let response = server.send_callback(&server.valid_query()).await;
    let page_path = response.header("location").unwrap().to_owned();
    assert!(
        !page_path.contains('?') && !page_path.contains("AQvalid") && !page_path.contains(&server.state),
        "{page_path}"
    );
    server.code().await.unwrap();
    // The page is delayed until the outcome is known.
    let mut stream = server.connect().await;
    let request = format!("GET {page_path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port);
    stream.write_all(request.as_bytes()).await.unwrap();
    let saved = BrowserOutcome::SignedIn(SuccessPage {
        member: Some("Ada <b>Lovelace</b>".to_owned()),
        member_id: Some("abc".to_owned()),
        profile: "work".to_owned(),
        expires_at: None,
        token: None,
    });
    let mut page = String::new();
    let (read, ()) = tokio::join!(stream.read_to_string(&mut page), server.callback.finish(saved));
    read.unwrap();
    assert!(page.contains("You are signed in") && page.contains("Ada &lt;b&gt;Lovelace"), "{page}");
}

#[tokio::test]
async fn the_outcome_is_shown_after_a_decision() {
    let mut server = TestServer::new().await;
    let (port, query) = (server.port, server.valid_query());
    let page_path = server.send_callback(&query).await.header("location").unwrap().to_owned();
    server.code().await.unwrap();
    server.callback.show_decision_needed();
    let choice = server.get(&page_path, "").await.body;
    assert!(choice.contains("terminal") && choice.contains("http-equiv=\"refresh\""), "{choice}");
    // The page reloads while the sign-in ends.
    let reload = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = format!("GET {page_path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    };
    let failed = BrowserOutcome::Failed(Error::new(Code::TimedOut, "The decision took too long.", ""));
    let ((), page) = tokio::join!(server.callback.finish(failed), reload);
    assert!(page.contains("The decision took too long."), "{page}");
}

#[tokio::test]
async fn the_short_link_leads_to_linkedin() {
    let server = TestServer::new().await;
    let link = server.callback.short_link();
    let path = link.strip_prefix(&format!("http://localhost:{}", server.port)).unwrap();
    let response = server.get(path, "").await;
    assert_eq!(response.status, 303);
    assert!(response.header("location").unwrap().starts_with("https://www.linkedin.com/oauth/v2/authorization?"));
    assert_eq!(server.get(path, "Sec-Fetch-Dest: iframe\r\n").await.status, 403);
}

#[tokio::test]
async fn l33_a_pasted_callback_passes_the_same_checks() {
    let mut server = TestServer::new().await;
    let port = server.port;
    let state = server.state.clone();
    for invalid in [
        "AQonlythecode".to_owned(),
        "code=AQ".to_owned(),
        format!("http://localhost:{port}/callback?code=AQ"),
        format!("http://localhost:{port}/callback?code=AQ&state=wrong"),
        format!("http://localhost:{port}/other?code=AQ&state={state}"),
        format!("http://evil.example:{port}/callback?code=AQ&state={state}"),
        format!("http://localhost:{}/callback?code=AQ&state={state}", port - 1),
        "http://".to_owned(),
    ] {
        let error = server.callback.paste(&invalid).await.unwrap_err();
        assert_eq!(error.code, Code::StateMismatch, "{invalid}");
        assert!(!error.to_string().contains(&state), "no state in an error");
    }
    server
        .callback
        .paste(&format!("  \"http://localhost:{port}/callback?{}\" \n", server.valid_query()))
        .await
        .unwrap();
    assert_eq!(server.code().await.unwrap(), "AQvalid");
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
#[case::among_words(|url: &str| format!("it shows {url} and no page"))]
#[tokio::test]
async fn l33_a_pasted_url_is_accepted_in_every_form(#[case] form: fn(&str) -> String) {
    let mut server = TestServer::new().await;
    let pasted = form(&format!("http://localhost:{}/callback?{}", server.port, server.valid_query()));
    server.callback.paste(&pasted).await.unwrap();
    assert_eq!(server.code().await.unwrap(), "AQvalid");
}

#[rstest]
#[tokio::test]
async fn l33_a_broken_url_can_be_pasted_in_two_parts(#[values(10, 35, 45, 60, 80)] at: usize) {
    let mut server = TestServer::new().await;
    let pasted = format!("http://localhost:{}/callback?{}", server.port, server.valid_query());
    let error = server.callback.paste(&pasted[..at]).await.unwrap_err();
    assert!(error.message.contains("paste the rest"), "{error}");
    server.callback.paste(&pasted[at..]).await.unwrap();
    assert_eq!(server.code().await.unwrap(), "AQvalid");
}

#[tokio::test]
async fn l33_a_long_wrong_paste_does_not_lose_the_next_one() {
    let mut server = TestServer::new().await;
    let pasted = format!("http://localhost:{}/callback?{}", server.port, server.valid_query());
    server.callback.paste(&"x".repeat(8190)).await.unwrap_err();
    server.callback.paste(&pasted[..45]).await.unwrap_err();
    server.callback.paste(&pasted[45..]).await.unwrap();
    assert_eq!(server.code().await.unwrap(), "AQvalid");
}

/// Sends a request as a different user of this machine; returns the response if `reads_response`, otherwise closes the connection at once.
#[cfg(target_os = "linux")]
async fn send_as_different_user(port: u16, request: &str, reads_response: bool) -> String {
    let last_command = if reads_response { "cat <&3" } else { "exec 3>&-" };
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; printf %s \"$0\" >&3; {last_command}");
    let mut command = tokio::process::Command::new("setpriv");
    command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-c", &script, request]);
    let output = tokio::time::timeout(DEADLINE, command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "needs root to run as a different user"]
async fn l32_a_different_local_user_cannot_finish_the_sign_in() {
    let mut server = TestServer::new().await;
    let port = server.port;
    let short = server.callback.short_link();
    let path = short.strip_prefix(&format!("http://localhost:{port}")).unwrap();
    let error = format!("/callback?error=user_cancelled_login&state={}", server.state);
    for target in [format!("/callback?{}", server.valid_query()), error, path.to_owned()] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
        let response = send_as_different_user(port, &request, true).await;
        assert!(response.starts_with("HTTP/1.1 403"), "{response}");
        assert!(!response.contains(&server.state), "{response}");
        // The kernel lists root as the owner of a socket that its sender closed; such a sender must not pass as root.
        send_as_different_user(port, &request, false).await;
    }
    let mut rejected_callbacks = server.callback.rejected_callbacks();
    let rejected = tokio::time::timeout(DEADLINE, rejected_callbacks.wait_for(|rejected| rejected.count == 4))
        .await
        .unwrap()
        .unwrap();
    assert!(
        rejected.last_reason.contains("another user of this machine")
            || rejected.last_reason.contains("disconnected before"),
        "{}",
        rejected.last_reason
    );
    drop(rejected);
    server.assert_accepts_callback().await;
}
