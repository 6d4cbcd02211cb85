//! Unexpected responses of the token endpoint, byte by byte: reported, never quoted, never stored.

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

use crate::faults::mock::{Answer, Mock, endless, raw, stalling, with};
use crate::faults::world::{NEW, World, limits, name};
use crate::support::access_token;

const CANARY: &str = "AQcanary0in0the0body";

/// Refreshes with this response; asserts that the file is unchanged unless it succeeds.
async fn refresh_answered_by(answer: Answer) -> Result<String, Error> {
    let mock = Mock::new();
    let world = World::new(&mock.base);
    let before = world.file();
    mock.then(answer);
    let result = refresh(&world.ctx, &name()).await;
    match result {
        Ok(profile) => Ok(access_token(&profile).to_owned()),
        Err(error) => {
            assert_eq!(world.file(), before, "{error}");
            let shown = format!("{error} {error:?} {}", error.hint);
            assert!(
                !shown.contains(&CANARY[..8]) && !shown.contains(&mock.base),
                "no echo of a body or a URL: {shown}"
            );
            Err(error)
        }
    }
}

async fn refusal_of(answer: Answer, what: &str) -> Error {
    refresh_answered_by(answer).await.err().unwrap_or_else(|| panic!("{what} was believed"))
}

#[tokio::test]
async fn t05_html_is_refused_and_json_of_any_content_type_read() {
    let page = format!("<html>{CANARY}</html>");
    let error = refusal_of(with(200, "content-type: text/html\r\n", page.as_bytes()), "a page").await;
    assert_eq!(error.code, Code::UnexpectedResponse);
    assert!(error.message.contains("web page"), "{error}");
    let good = format!("{{\"access_token\":\"{NEW}\"}}");
    for kind in ["text/plain", "text/html", "application/octet-stream"] {
        let answer = with(200, &format!("content-type: {kind}\r\n"), good.as_bytes());
        assert_eq!(refresh_answered_by(answer).await.unwrap(), NEW, "{kind}");
    }
    assert!(
        refresh_answered_by(with(201, "content-type: text/plain\r\n", good.as_bytes())).await.is_err(),
        "with 200 only"
    );
}

/// Bodies without a token, and the error for each.
fn unusable() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: String| text.into_bytes();
    vec![
        ("an empty answer", Vec::new()),
        ("an empty answer", b" \r\n".to_vec()),
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
    let mut cases = unusable();
    cases.extend([
        ("has no access token", b"{}".to_vec()),
        ("has no access token", format!("{{\"access_token\":{{\"x\":\"{CANARY}\"}}}}").into_bytes()),
        ("characters", [b"{\"access_token\":\"".as_slice(), CANARY.as_bytes(), b"\xff\xfe\"}"].concat()),
        ("characters", format!("{{\"access_token\":\"{CANARY} \\ud83d\"}}").into_bytes()),
    ]);
    for (expected_text, body) in cases {
        let error = refusal_of(with(200, "content-type: application/json\r\n", &body), expected_text).await;
        assert_eq!(error.code, Code::UnexpectedResponse, "{expected_text}: {error}");
        assert!(error.message.contains(expected_text), "{expected_text}: {error}");
    }
    let packed = with(200, "content-encoding: br\r\n", CANARY.as_bytes());
    assert!(refusal_of(packed, "a packed answer").await.message.contains("compressed"));
}

#[tokio::test]
async fn a_token_is_found_in_every_form_of_json() {
    let utf16: Vec<u8> =
        format!("\u{feff}{{\"access_token\":\"{NEW}\"}}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        format!("\u{feff}{{\"access_token\":\"{NEW}\"}}").into_bytes(),
        utf16,
        format!("{{\"access_token\":\"{CANARY}\",\"access_token\":\"{NEW}\"}}").into_bytes(),
        format!("{{\"access_token\":\"{NEW}\",\"note\":\"\\ud83d\",\"expires_in\":NaN}}").into_bytes(),
        [format!("{{\"access_token\":\"{NEW}\",\"note\":\"Zo").as_bytes(), b"\xeb\"}"].concat(),
        format!("{{\"access_token\":\"{NEW}\",\"token_type\":{{}},\"deep\":{}1{}}}", "[".repeat(900), "]".repeat(900))
            .into_bytes(),
    ] {
        let answer = with(200, "content-type: application/json\r\n", &body);
        assert_eq!(refresh_answered_by(answer).await.unwrap(), NEW, "{}", String::from_utf8_lossy(&body));
    }
}

#[rstest]
#[case(r#"{"error":"invalid_request","error_description":"authorization code not found"}"#, "code not found")]
#[case(r#"{"error":"server_error","error_description":"Try again in a while"}"#, "Try again in a while")]
#[case(r#"{"status":401,"message":"Empty oauth2_access_token"}"#, "Empty oauth2_access_token")]
#[case(r#"{"access_token":null,"error_description":"Nothing for you"}"#, "Nothing for you")]
#[tokio::test]
async fn a_success_with_an_error_body_gives_its_reason(#[case] body: &str, #[case] reason: &str) {
    let error = refusal_of(with(200, "content-type: application/json\r\n", body.as_bytes()), body).await;
    assert!(error.to_string().contains(reason), "{error}");
}

#[tokio::test]
async fn x04_no_endpoint_quotes_a_body_that_it_cannot_read() {
    let (id, secret, token) = ("86abcdefghijkl", Secret::new("WPL_AP1.x"), Secret::new("AQ1"));
    for (expected_text, body) in unusable() {
        let mock = Mock::new();
        let endpoints = Endpoints::new(&mock.base, &mock.base).unwrap();
        let http = Http::with_timeouts(Network::default(), limits());
        for _ in 0..3 {
            mock.then(with(200, "content-type: application/json\r\n", &body));
        }
        let direct = http.get(url::Url::parse(&mock.base).unwrap(), &token).await.unwrap();
        for error in [
            direct.json::<std::collections::BTreeMap<String, String>>().unwrap_err(),
            direct.fields().unwrap_err(),
            userinfo::userinfo(&http, &endpoints, &token).await.unwrap_err(),
            introspection::introspect(&http, &endpoints, id, &secret, &token).await.unwrap_err(),
        ] {
            let shown = format!("{error} {error:?} {}", error.hint);
            assert_eq!(error.code, Code::UnexpectedResponse, "{shown}");
            assert!(shown.contains(expected_text) && !shown.contains(&CANARY[..8]), "{expected_text}: {shown}");
        }
    }
}

#[tokio::test]
async fn t06_an_answer_that_breaks_off_is_a_fault_of_the_network() {
    let whole = format!("{{\"access_token\":\"{CANARY}\"}}");
    for cut in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{whole}"),
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n400\r\n{whole}"),
        "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
        "SSH-2.0-OpenSSH_9.9\r\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(refusal_of(raw(cut.clone()), &cut).await.code, Code::Network, "{cut}");
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
        let error = refusal_of(
            Box::new(move |wire| {
                let mut result = wire.write_all(head.as_bytes());
                while result.is_ok() && count.load(Ordering::SeqCst) < 1 << 30 {
                    result = wire.write_all(&chunk);
                    count.fetch_add(chunk.len(), Ordering::SeqCst);
                }
            }),
            head,
        )
        .await;
        assert_eq!(error.code, Code::UnexpectedResponse, "{head}");
        assert!(error.message.contains("256 KiB"), "{error}");
        assert!(sent.load(Ordering::SeqCst) < 64 << 20, "no more was read than the socket buffers hold");
    }
    // A compressed body, which was not requested, is never decompressed, so it cannot grow.
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xed\xc1\x01\x0d\x00";
    let error = refusal_of(with(200, "content-encoding: gzip\r\n", packed), "a packed answer").await;
    assert_eq!(error.code, Code::UnexpectedResponse);
    assert!(error.message.contains("compressed"), "{error}");
}

#[tokio::test]
async fn t02_k04_stalled_and_trickling_answers_time_out() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n";
    let (stalled, trickle, silence) = tokio::join!(
        cut(|| stalling(head)),
        cut(|| endless(head, b" ".to_vec(), Duration::from_millis(5))),
        cut(|| stalling(b"")),
    );
    for error in [stalled, trickle, silence] {
        assert_eq!(error.code, Code::Network);
        assert!(error.message.contains("Timed out"), "{error}");
    }
}

/// Returns the error after three such responses, each with a timeout of one second.
async fn cut(answer: impl Fn() -> Answer) -> Error {
    let mock = Mock::new();
    let limits = Timeouts { connect: Duration::from_secs(1), total: Duration::from_secs(1) };
    let world = World::with_http(&mock.base, Http::with_timeouts(Network::default(), limits));
    let before = world.file();
    mock.then(answer()).then(answer()).then(answer());
    let error = refresh(&world.ctx, &name()).await.unwrap_err();
    assert_eq!((mock.requests().len(), world.file()), (3, before), "retried, and nothing lost");
    error
}

#[tokio::test]
async fn t08_no_redirect_is_followed_to_any_host() {
    let other = Mock::new();
    for status in [301, 302, 303, 307, 308] {
        for to in
            [format!("{}/oauth/v2/accessToken", other.base), "/elsewhere".to_owned(), "http://localhost/".to_owned()]
        {
            let error = refusal_of(with(status, &format!("location: {to}\r\n"), b""), "a redirect").await;
            assert_eq!(error.code, Code::UnexpectedResponse, "{status} {to}");
            assert!(error.message.contains("redirect"), "{error}");
        }
    }
    assert!(other.requests().is_empty(), "the secret went nowhere else");
}

#[tokio::test]
async fn the_created_id_and_error_marks_are_read_from_headers() {
    let read = |headers: &'static str| async move {
        let mock = Mock::new();
        mock.then(with(200, headers, b"{}"));
        let http = Http::with_timeouts(Network::default(), limits());
        let url = url::Url::parse(&mock.base).unwrap();
        let answer = http.post_form(url, Form::default()).await.unwrap();
        (answer.created_id, answer.gateway_error, answer.error_response)
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
async fn t06_x04_no_answer_of_introspection_or_userinfo_is_quoted() {
    let bodies: [Vec<u8>; 5] = [
        format!("{{\"sub\":\"{CANARY}").into_bytes(),
        format!("{{\"active\":\"{CANARY}\",\"sub\":[\"{CANARY}\"]}}").into_bytes(),
        format!("\"{CANARY}\"").into_bytes(),
        format!("<p>{CANARY}</p>").into_bytes(),
        format!("{{\"active\":1,\"sub\":{{\"x\":\"{CANARY}\"}}}}").into_bytes(),
    ];
    let quotes = |shown: &str| shown.contains(&CANARY[..8]);
    for body in bodies {
        let broken = || with(200, "content-type: application/json\r\n", &body);
        let active = || crate::faults::mock::json(200, &serde_json::json!({"active": true, "status": "active"}));
        let what = String::from_utf8_lossy(&body).into_owned();
        let mock = Mock::new();
        let world = World::new(&mock.base);
        mock.then(broken()).then(active()).then(broken()).then(broken());
        let error = check(&world.ctx, &name()).await.unwrap_err();
        assert!(!quotes(&format!("{error} {error:?} {}", error.hint)), "introspection, {what}: {error}");
        // The token is valid; only its member is unknown.
        let shown = match check(&world.ctx, &name()).await {
            Ok(checked) => format!("{:?}", checked.remarks),
            Err(error) => format!("{error} {error:?} {}", error.hint),
        };
        assert!(!quotes(&shown), "userinfo, {what}: {shown}");
        if let Err(error) = whoami(&world.ctx, &name()).await {
            assert!(!quotes(&format!("{error} {error:?} {}", error.hint)), "whoami, {what}: {error}");
        }
        assert!(!world.file().contains("canary"), "{what}");
    }
}
