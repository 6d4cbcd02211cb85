//! The HTTP server: reads calls, passes them to the routes, and sends the responses with the headers
//! that LinkedIn's servers add.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::call::Call;
use super::core::Core;
use super::response::{Response, into_response};
use super::scenario::PostId;
use super::{answers, api, paths, random, routes};
use crate::Error;
use crate::linkedin::endpoints;

/// Largest body that is not an upload.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// More than the largest document, whose handler refuses what is too large.
const MAX_UPLOAD_BYTES: usize = 128 * 1024 * 1024;

/// Returns the response to a call, or a 500 if the sandbox itself fails.
fn respond(core: &Core, call: &Call) -> Response {
    *core.scenario_state().requests.entry(endpoint_name(call)).or_default() += 1;
    let response = into_response(routes::route(core, call)).unwrap_or_else(|error| internal_error(&error));
    match date(core) {
        Some(date) => response.with("date", date),
        // hyper then sends the machine's time.
        None => response,
    }
}

fn internal_error(error: &Error) -> Response {
    tracing::warn!(code = error.code.as_str(), "the sandbox failed");
    Response::text(500, "text/plain; charset=utf-8", format!("{error}\n{}\n", error.hint_without_command()))
}

/// Returns the `Date` header by the sandbox's clock.
fn date(core: &Core) -> Option<String> {
    let now = Timestamp::from_millisecond(core.now_ms(&core.state().ok()?)).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()
}

/// Returns the name under which requests are counted: method and path without IDs.
fn endpoint_name(call: &Call) -> String {
    let path = if ["/rest/", "/v2/"].iter().any(|api| call.path.starts_with(api)) {
        api::split_path(&call.path).0
    } else {
        let prefixes = [endpoints::FEED_UPDATE, paths::UPLOADS, paths::IMAGE_FILES];
        prefixes.into_iter().find(|prefix| call.path.starts_with(prefix)).unwrap_or(&call.path)
    };
    format!("{} {path}", call.method)
}

/// Serves until the future is dropped; open connections are closed with it.
pub(super) async fn serve(listener: TcpListener, core: Arc<Core>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely; do not spin.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let core = Arc::clone(&core);
        let has_mixed_case = core.behavior().post_id == PostId::MixedCaseHeader;
        connections.spawn(async move {
            let service = service_fn(move |request| handle(Arc::clone(&core), request));
            // An error is a client that closed the connection, or a response that is dropped on purpose.
            let result = hyper::server::conn::http1::Builder::new()
                .title_case_headers(has_mixed_case)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(result);
        });
    }
}

async fn handle(core: Arc<Core>, request: Request<Incoming>) -> std::io::Result<hyper::Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let limit = if parts.uri.path().starts_with(paths::UPLOADS) { MAX_UPLOAD_BYTES } else { MAX_BODY_BYTES };
    let Ok(body) = Limited::new(body, limit).collect().await else {
        let response =
            into_response(answers::BODY_TOO_LARGE.to_response()).unwrap_or_else(|error| internal_error(&error));
        return Ok(into_hyper(response, parts.uri.path()));
    };
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes(),
    };
    let path = call.path.clone();
    // Files and their locks may block.
    let response = tokio::task::spawn_blocking(move || respond(&core, &call)).await.map_err(std::io::Error::other)?;
    if !response.delay.is_zero() {
        tokio::time::sleep(response.delay).await;
    }
    if response.is_dropped {
        return Err(std::io::Error::other("dropped on purpose"));
    }
    Ok(into_hyper(response, &path))
}

/// Converts a response, and adds the headers of LinkedIn's servers.
fn into_hyper(response: Response, path: &str) -> hyper::Response<Full<Bytes>> {
    let mut sent = hyper::Response::new(Full::new(Bytes::from(response.body)));
    *sent.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut add = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
            sent.headers_mut().append(name, value);
        }
    };
    for (name, value) in &response.headers {
        add(name, value);
    }
    let mut add_missing = |name: &str, value: &str| {
        if !response.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name)) {
            add(name, value);
        }
    };
    add_missing("x-content-type-options", "nosniff");
    let is_api = ["/v2/", "/rest/", paths::UPLOADS].iter().any(|api| path.starts_with(api));
    if is_api || path.starts_with("/oauth/") {
        add_missing("x-li-uuid", &random::generate_text(22).map(|text| format!("{text}==")).unwrap_or_default());
        add_missing("x-li-fabric", "prod-ltx1");
        add_missing("x-li-pop", "afd-prod-ltx1-x");
        add_missing("x-li-proto", "http/1.1");
    }
    if is_api {
        add_missing("x-li-responseorigin", "RGW");
        add_missing("x-restli-protocol-version", "2.0.0");
        // Rest.li 1.0 has its own header for errors, and none of these two.
        if response.status >= 400 && !response.headers.iter().any(|(name, _)| *name == "x-linkedin-error-response") {
            add_missing("x-restli-error-response", "true");
            add_missing("x-restli-gateway-error", "false");
        }
    }
    if is_api || path.starts_with("/oauth/") {
        add("set-cookie", "bcookie=\"v=2&sandbox\"; Path=/; SameSite=Lax");
        add("set-cookie", "lidc=\"b=SANDBOX\"; Path=/; SameSite=Lax");
    }
    sent
}
