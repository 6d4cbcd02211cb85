//! Unexpected responses of LinkedIn, byte by byte: reported, never quoted, never stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use linkedin_tui::internal::flows::check::{check, whoami};
use linkedin_tui::internal::flows::refresh::refresh;
use linkedin_tui::internal::linkedin::http::{Form, Http, Network, Timeouts};
use linkedin_tui::internal::linkedin::{Endpoints, introspection, userinfo};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::{Code, Error};
use rstest::rstest;

use crate::faults::mock::{MockServer, Response, endless_response, raw_response, response, stalled_response};
use crate::faults::mock_env::{MockEnv, NEW_TOKEN, profile_name, timeouts};
use crate::support::access_token;

const CANARY: &str = "AQcanary0in0the0body";

/// Refreshes against this response; asserts that a failure changes no file and quotes neither body nor URL.
async fn refresh_with_response(mock_response: Response) -> Result<String, Error> {
    let mock = MockServer::new();
    let env = MockEnv::new(&mock.base);
    let before = env.file_text();
    mock.enqueue(mock_response);
    let result = Box::pin(refresh(&env.ctx, &profile_name())).await;
    match result {
        Ok(profile) => Ok(access_token(&profile).to_owned()),
        Err(error) => {
            assert_eq!(env.file_text(), before, "{error}");
            let shown = format!("{error} {error:?} {}", error.hint);
            assert!(
                !shown.contains(&CANARY[..8]) && !shown.contains(&mock.base),
                "no echo of a body or a URL: {shown}"
            );
            Err(error)
        }
    }
}

async fn expect_error(mock_response: Response, what: &str) -> Error {
    refresh_with_response(mock_response).await.err().unwrap_or_else(|| panic!("{what} was accepted"))
}

#[tokio::test]
async fn t05_html_is_rejected_and_json_of_any_content_type_read() {
    let html = format!("<html>{CANARY}</html>");
    let error = expect_error(response(200, "content-type: text/html\r\n", html.as_bytes()), "a page").await;
    assert_eq!(error.code, Code::UnexpectedResponse);
    assert!(error.message.contains("web page"), "{error}");
    let valid_body = format!("{{\"access_token\":\"{NEW_TOKEN}\"}}");
    for kind in ["text/plain", "text/html", "application/octet-stream"] {
        let mock_response = response(200, &format!("content-type: {kind}\r\n"), valid_body.as_bytes());
        assert_eq!(refresh_with_response(mock_response).await.unwrap(), NEW_TOKEN, "{kind}");
    }
    assert!(
        refresh_with_response(response(201, "content-type: text/plain\r\n", valid_body.as_bytes())).await.is_err(),
        "with 200 only"
    );
}

/// Returns bodies without a token, each with its expected error text.
fn unusable_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: String| text.into_bytes();
    vec![
        ("an empty response", Vec::new()),
        ("an empty response", b" \r\n".to_vec()),
        ("JSON of another shape", b"null".to_vec()),
        ("JSON of another shape", text(format!("[\"{CANARY}\"]"))),
        ("JSON of another shape", text(format!("\"{CANARY}\""))),
        ("damaged or truncated", text(format!("{{\"access_token\":\"{CANARY}"))),
        ("damaged or truncated", text(format!("{{\"access_token\":{}\"{CANARY}\"", "[".repeat(50_000)))),
        ("a web page", text(format!("\u{feff}<!doctype html>{CANARY}"))),
        ("form-encoded", text(format!("access_token={CANARY}&expires_in=5184000"))),
        ("not JSON", text(format!("token: {CANARY}"))),
        ("compressed", [b"\x1f\x8b\x08\x00", CANARY.as_bytes()].concat()),
    ]
}

#[tokio::test]
async fn t06_invalid_json_is_reported_without_quoting_it() {
    let mut cases = unusable_bodies();
    cases.extend([
        ("has no access token", b"{}".to_vec()),
        ("has no access token", format!("{{\"access_token\":{{\"x\":\"{CANARY}\"}}}}").into_bytes()),
        ("characters", [b"{\"access_token\":\"".as_slice(), CANARY.as_bytes(), b"\xff\xfe\"}"].concat()),
        ("characters", format!("{{\"access_token\":\"{CANARY} \\ud83d\"}}").into_bytes()),
    ]);
    for (expected_text, body) in cases {
        let error = expect_error(response(200, "content-type: application/json\r\n", &body), expected_text).await;
        assert_eq!(error.code, Code::UnexpectedResponse, "{expected_text}: {error}");
        assert!(error.message.contains(expected_text), "{expected_text}: {error}");
    }
    let compressed = response(200, "content-encoding: br\r\n", CANARY.as_bytes());
    assert!(expect_error(compressed, "a compressed response").await.message.contains("compressed"));
}

#[tokio::test]
async fn a_token_is_read_from_every_json_encoding() {
    let utf16: Vec<u8> =
        format!("\u{feff}{{\"access_token\":\"{NEW_TOKEN}\"}}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        format!("\u{feff}{{\"access_token\":\"{NEW_TOKEN}\"}}").into_bytes(),
        utf16,
        format!("{{\"access_token\":\"{CANARY}\",\"access_token\":\"{NEW_TOKEN}\"}}").into_bytes(),
        format!("{{\"access_token\":\"{NEW_TOKEN}\",\"note\":\"\\ud83d\",\"expires_in\":NaN}}").into_bytes(),
        [format!("{{\"access_token\":\"{NEW_TOKEN}\",\"note\":\"Zo").as_bytes(), b"\xeb\"}"].concat(),
        format!(
            "{{\"access_token\":\"{NEW_TOKEN}\",\"token_type\":{{}},\"deep\":{}1{}}}",
            "[".repeat(900),
            "]".repeat(900)
        )
        .into_bytes(),
    ] {
        let mock_response = response(200, "content-type: application/json\r\n", &body);
        assert_eq!(
            refresh_with_response(mock_response).await.unwrap(),
            NEW_TOKEN,
            "{}",
            String::from_utf8_lossy(&body)
        );
    }
}

#[rstest]
#[case(r#"{"error":"invalid_request","error_description":"authorization code not found"}"#, "code not found")]
#[case(r#"{"error":"server_error","error_description":"Try again in a while"}"#, "Try again in a while")]
#[case(r#"{"status":401,"message":"Empty oauth2_access_token"}"#, "Empty oauth2_access_token")]
#[case(r#"{"access_token":null,"error_description":"Nothing for you"}"#, "Nothing for you")]
#[tokio::test]
async fn a_200_with_an_error_body_reports_its_reason(#[case] body: &str, #[case] reason: &str) {
    let error = expect_error(response(200, "content-type: application/json\r\n", body.as_bytes()), body).await;
    assert!(error.to_string().contains(reason), "{error}");
}

#[tokio::test]
async fn x04_no_endpoint_quotes_an_unreadable_body() {
    let (id, secret, token) = ("86abcdefghijkl", Secret::new("WPL_AP1.x"), Secret::new("AQ1"));
    for (expected_text, body) in unusable_bodies() {
        let mock = MockServer::new();
        let endpoints = Endpoints::new(&mock.base, &mock.base).unwrap();
        let http = Http::with_timeouts(Network::default(), timeouts());
        for _ in 0..3 {
            mock.enqueue(response(200, "content-type: application/json\r\n", &body));
        }
        let direct = http.get(url::Url::parse(&mock.base).unwrap(), &token).await.unwrap();
        for error in [
            direct.json::<std::collections::BTreeMap<String, String>>().unwrap_err(),
            direct.fields().unwrap_err(),
            userinfo::fetch_userinfo(&http, &endpoints, &token).await.unwrap_err(),
            introspection::introspect(&http, &endpoints, id, &secret, &token).await.unwrap_err(),
        ] {
            let shown = format!("{error} {error:?} {}", error.hint);
            assert_eq!(error.code, Code::UnexpectedResponse, "{shown}");
            assert!(shown.contains(expected_text) && !shown.contains(&CANARY[..8]), "{expected_text}: {shown}");
        }
    }
}

#[tokio::test]
async fn t06_a_truncated_response_is_a_network_error() {
    let complete_body = format!("{{\"access_token\":\"{CANARY}\"}}");
    for truncated in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{complete_body}"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n400\r\n{complete_body}"),
        "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
        "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(expect_error(raw_response(truncated.clone()), &truncated).await.code, Code::Network, "{truncated}");
    }
}

#[tokio::test]
async fn t07_oversized_bodies_are_not_read_to_the_end() {
    let sent = Arc::new(AtomicUsize::new(0));
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
    ] {
        let count = Arc::clone(&sent);
        count.store(0, Ordering::SeqCst);
        let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
        let error = expect_error(
            Box::new(move |stream| {
                let mut result = stream.write_all(head.as_bytes());
                while result.is_ok() && count.load(Ordering::SeqCst) < 1 << 30 {
                    result = stream.write_all(&chunk);
                    count.fetch_add(chunk.len(), Ordering::SeqCst);
                }
            }),
            head,
        )
        .await;
        assert_eq!(error.code, Code::UnexpectedResponse, "{head}");
        assert!(error.message.contains("256 KiB"), "{error}");
        assert!(sent.load(Ordering::SeqCst) < 64 << 20, "no more was read than fits the socket buffers");
    }
    // A compressed body, which was not requested, is never decompressed, so it cannot grow.
    let compressed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xed\xc1\x01\x0d\x00";
    let error = expect_error(response(200, "content-encoding: gzip\r\n", compressed), "a compressed response").await;
    assert_eq!(error.code, Code::UnexpectedResponse);
    assert!(error.message.contains("compressed"), "{error}");
}

#[tokio::test]
async fn t02_k04_stalled_and_trickling_responses_time_out() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n";
    let (stalled, trickle, silence) = tokio::join!(
        time_out(|| stalled_response(head)),
        time_out(|| endless_response(head, b" ".to_vec(), Duration::from_millis(5))),
        time_out(|| stalled_response(b"")),
    );
    for error in [stalled, trickle, silence] {
        assert_eq!(error.code, Code::Network);
        assert!(error.message.contains("Timed out"), "{error}");
    }
}

/// Returns the error of a refresh whose three attempts each time out after one second.
async fn time_out(respond: impl Fn() -> Response) -> Error {
    let mock = MockServer::new();
    let timeouts = Timeouts { connect: Duration::from_secs(1), total: Duration::from_secs(1) };
    let env = MockEnv::with_http(&mock.base, Http::with_timeouts(Network::default(), timeouts));
    let before = env.file_text();
    mock.enqueue(respond()).enqueue(respond()).enqueue(respond());
    let error = refresh(&env.ctx, &profile_name()).await.unwrap_err();
    assert_eq!((mock.requests().len(), env.file_text()), (3, before), "retried, and nothing lost");
    error
}

#[tokio::test]
async fn t08_redirects_are_never_followed() {
    let redirect_target = MockServer::new();
    for status in [301, 302, 303, 307, 308] {
        for to in [
            format!("{}/oauth/v2/accessToken", redirect_target.base),
            "/elsewhere".to_owned(),
            "http://localhost/".to_owned(),
        ] {
            let error = expect_error(response(status, &format!("location: {to}\r\n"), b""), "a redirect").await;
            assert_eq!(error.code, Code::UnexpectedResponse, "{status} {to}");
            assert!(error.message.contains("redirect"), "{error}");
        }
    }
    assert!(redirect_target.requests().is_empty(), "the secret was sent to no other host");
}

#[tokio::test]
async fn the_created_id_and_error_flags_are_read_from_headers() {
    let read = |headers: &'static str| async move {
        let mock = MockServer::new();
        mock.enqueue(response(200, headers, b"{}"));
        let http = Http::with_timeouts(Network::default(), timeouts());
        let url = url::Url::parse(&mock.base).unwrap();
        let response = http.post_form(url, Form::default()).await.unwrap();
        (response.created_id, response.is_gateway_error, response.is_error)
    };
    let share = || Some("urn:li:share:7".to_owned());
    let encoded = || Some("urn%3Ali%3Ashare%3A7".to_owned());
    for (headers, expected) in [
        ("", (None, None, None)),
        ("X-RestLi-Id: urn:li:share:7\r\nX-LinkedIn-Id: 1\r\n", (share(), None, None)),
        ("X-LinkedIn-Id: urn%3Ali%3Ashare%3A7\r\n", (encoded(), None, None)),
        ("x-restli-id: \r\nx-linkedin-id: urn:li:share:7\r\n", (share(), None, None)),
        ("x-restli-error-response: true\r\nx-restli-gateway-error: false\r\n", (None, Some(false), Some(true))),
        ("X-LinkedIn-Error-Response: True\r\nX-Restli-Gateway-Error: TRUE\r\n", (None, Some(true), Some(true))),
        ("x-restli-gateway-error: perhaps\r\n", (None, None, None)),
    ] {
        assert_eq!(read(headers).await, expected, "{headers}");
    }
}

#[tokio::test]
async fn t06_x04_introspection_and_userinfo_are_not_quoted() {
    let bodies: [Vec<u8>; 5] = [
        format!("{{\"sub\":\"{CANARY}").into_bytes(),
        format!("{{\"active\":\"{CANARY}\",\"sub\":[\"{CANARY}\"]}}").into_bytes(),
        format!("\"{CANARY}\"").into_bytes(),
        format!("<p>{CANARY}</p>").into_bytes(),
        format!("{{\"active\":1,\"sub\":{{\"x\":\"{CANARY}\"}}}}").into_bytes(),
    ];
    let quotes_body = |shown: &str| shown.contains(&CANARY[..8]);
    for body in bodies {
        let malformed = || response(200, "content-type: application/json\r\n", &body);
        let active =
            || crate::faults::mock::json_response(200, &serde_json::json!({"active": true, "status": "active"}));
        let what = String::from_utf8_lossy(&body).into_owned();
        let mock = MockServer::new();
        let env = MockEnv::new(&mock.base);
        mock.enqueue(malformed()).enqueue(active()).enqueue(malformed()).enqueue(malformed());
        let error = check(&env.ctx, &profile_name()).await.unwrap_err();
        assert!(!quotes_body(&format!("{error} {error:?} {}", error.hint)), "introspection, {what}: {error}");
        // The token is valid; only its member is unknown.
        let shown = match check(&env.ctx, &profile_name()).await {
            Ok(checked) => format!("{:?}", checked.warnings),
            Err(error) => format!("{error} {error:?} {}", error.hint),
        };
        assert!(!quotes_body(&shown), "userinfo, {what}: {shown}");
        if let Err(error) = whoami(&env.ctx, &profile_name()).await {
            assert!(!quotes_body(&format!("{error} {error:?} {}", error.hint)), "whoami, {what}: {error}");
        }
        assert!(!env.file_text().contains("canary"), "{what}");
    }
}
