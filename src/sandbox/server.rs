//! The port: reads requests, hands them to the routes, writes the answers with the headers that
//! LinkedIn's servers add.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::answers;
use super::call::{Call, Reply};
use super::control::Fault;
use super::images::{self, Pictures};
use super::oidc::SigningKey;
use super::scenario::{Behaviour, PostId, Scenario};
use super::state::Store;
use super::{api, random, routes};
use crate::Result;
use crate::clock::Clock;
use crate::linkedin::endpoints as at;

/// Larger bodies are refused.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
/// The same for an image.
const IMAGE_LIMIT: usize = 64 * 1024 * 1024;

/// What every route may use.
pub(super) struct Server {
    pub(super) store: Store,
    pub(super) pictures: Pictures,
    pub(super) base: Url,
    pub(super) key: SigningKey,
    pub(super) clock: Arc<dyn Clock>,
    /// What this process was told; not kept on disk.
    pub(super) scenario_state: Mutex<ScenarioState>,
}

/// The scenario and its switches, the faults that wait, and how often each address was asked.
#[derive(Default)]
pub(super) struct ScenarioState {
    pub(super) scenario: Scenario,
    pub(super) behaviour: Behaviour,
    pub(super) faults: Vec<Fault>,
    pub(super) requests: BTreeMap<String, u64>,
}

impl Server {
    pub(super) fn scenario_state(&self) -> MutexGuard<'_, ScenarioState> {
        self.scenario_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        self.scenario_state().behaviour.clone()
    }

    /// Milliseconds since the epoch by the sandbox's clock.
    pub(super) fn now_ms(&self, offset: i64) -> i64 {
        self.clock.now().as_millisecond() + offset * 1000
    }

    /// The sandbox's own address without the slash at its end.
    pub(super) fn origin(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    /// Answers, whatever happens.
    fn answer(&self, call: &Call) -> Reply {
        *self.scenario_state().requests.entry(counted(call)).or_default() += 1;
        let reply = routes::route(self, call).unwrap_or_else(|error| {
            tracing::warn!(code = error.code.as_str(), "the sandbox failed");
            Reply::text(500, "text/plain; charset=utf-8", format!("{error}\n{}\n", error.neutral_hint()))
        });
        match self.date() {
            Some(date) => reply.with("date", date),
            // hyper then tells the machine's time.
            None => reply,
        }
    }

    /// The `Date` header by the sandbox's clock.
    fn date(&self) -> Option<String> {
        let now = Timestamp::from_millisecond(self.now_ms(self.store.read().ok()?.clock_offset)).ok()?;
        DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()
    }
}

/// The name a request is counted under: what it is about is left out.
fn counted(call: &Call) -> String {
    let path = if ["/rest/", "/v2/"].iter().any(|api| call.path.starts_with(api)) {
        api::split(&call.path).0
    } else {
        let known = [at::FEED_UPDATE, images::UPLOADS, images::SHOWN];
        known.into_iter().find(|known| call.path.starts_with(known)).unwrap_or(&call.path)
    };
    format!("{} {path}", call.method)
}

/// Serves until the future is dropped; open connections end with it.
pub(super) async fn serve(listener: TcpListener, server: Arc<Server>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely; do not spin.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let server = Arc::clone(&server);
        let mixed_case = server.behaviour().post_id == PostId::Mixed;
        connections.spawn(async move {
            let service = service_fn(move |request| handle(Arc::clone(&server), request));
            // A client that hangs up, and an answer that is dropped on purpose, end here.
            let ended = hyper::server::conn::http1::Builder::new()
                .title_case_headers(mixed_case)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            drop(ended);
        });
    }
}

async fn handle(server: Arc<Server>, request: Request<Incoming>) -> std::io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let limit = if parts.uri.path().starts_with(images::UPLOADS) { IMAGE_LIMIT } else { BODY_LIMIT };
    let body = match Limited::new(body, limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(finish(answers::BODY_TOO_LARGE.reply(), parts.uri.path())),
    };
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    let path = call.path.clone();
    // Files and their locks may block.
    let reply = tokio::task::spawn_blocking(move || server.answer(&call)).await.map_err(std::io::Error::other)?;
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    if reply.dropped {
        return Err(std::io::Error::other("dropped on purpose"));
    }
    Ok(finish(reply, &path))
}

/// Adds LinkedIn's headers.
fn finish(reply: Reply, path: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut add = |name: &str, value: &str| {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    };
    for (name, value) in &reply.headers {
        add(name, value);
    }
    let mut add_missing = |name: &str, value: &str| {
        if !reply.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            add(name, value);
        }
    };
    add_missing("x-content-type-options", "nosniff");
    let is_api = ["/v2/", "/rest/", images::UPLOADS].iter().any(|api| path.starts_with(api));
    if is_api || path.starts_with("/oauth/") {
        add_missing("x-li-uuid", &random::text(22).map(|text| format!("{text}==")).unwrap_or_default());
        add_missing("x-li-fabric", "prod-ltx1");
        add_missing("x-li-pop", "afd-prod-ltx1-x");
        add_missing("x-li-proto", "http/1.1");
    }
    if is_api {
        add_missing("x-li-responseorigin", "RGW");
        add_missing("x-restli-protocol-version", "2.0.0");
        // Rest.li 1.0 reports its errors by a name of its own, and nothing else.
        if reply.status >= 400 && !reply.headers.iter().any(|(name, _)| *name == "x-linkedin-error-response") {
            add_missing("x-restli-error-response", "true");
            add_missing("x-restli-gateway-error", "false");
        }
    }
    if is_api || path.starts_with("/oauth/") {
        add("set-cookie", "bcookie=\"v=2&sandbox\"; Path=/; SameSite=Lax");
        add("set-cookie", "lidc=\"b=SANDBOX\"; Path=/; SameSite=Lax");
    }
    response
}

/// Changes the state by the sandbox's clock: `change` gets it with the time in milliseconds.
pub(super) fn change<T>(server: &Server, change: impl FnOnce(&mut super::state::State, i64) -> Result<T>) -> Result<T> {
    server.store.change(|state| {
        let now = server.now_ms(state.clock_offset);
        change(state, now)
    })
}
