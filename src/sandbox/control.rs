//! The control page and its JSON, described in the parent module.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::apps::App;
use super::call::{Call, Reply};
use super::scenario::{Behaviour, Scenario};
use super::server::Server;
use super::state::State;
use super::{consent, images, members, pages};
use crate::secret::Secret;
use crate::{Error, Result};

/// A fault that waits for its request.
#[derive(Clone, Deserialize)]
pub(super) struct Fault {
    /// Requests whose path begins so.
    path_prefix: String,
    #[serde(default = "internal")]
    status: u16,
    #[serde(default)]
    body: String,
    /// How many requests it hits.
    #[serde(default = "once")]
    times: u32,
    /// Hold the answer back for so many milliseconds.
    #[serde(default)]
    delay_ms: u64,
    /// Close the connection instead of answering.
    #[serde(default)]
    drop: bool,
    /// Do the work first.
    #[serde(default)]
    pub(super) after: bool,
}

fn internal() -> u16 {
    500
}

fn once() -> u32 {
    1
}

impl Fault {
    pub(super) fn reply(&self) -> Reply {
        let kind = if self.body.starts_with(['{', '[']) { "application/json" } else { "text/html; charset=utf-8" };
        let mut reply = Reply::text(self.status, kind, self.body.clone());
        reply.delay = std::time::Duration::from_millis(self.delay_ms);
        reply.dropped = self.drop;
        reply
    }
}

/// The fault that this request runs into, if any; it is counted down.
pub(super) fn due_fault(server: &Server, path: &str) -> Option<Fault> {
    if path.starts_with("/sandbox/") {
        return None;
    }
    let mut scenario_state = server.scenario_state();
    let fault =
        scenario_state.faults.iter_mut().find(|fault| fault.times > 0 && path.starts_with(&fault.path_prefix))?;
    fault.times -= 1;
    let due = fault.clone();
    scenario_state.faults.retain(|fault| fault.times > 0);
    Some(due)
}

/// Refuses what another web site's page, or another name for this machine, sends.
pub(super) fn foreign(call: &Call) -> Option<Reply> {
    let refuse = |reason: &str| Some(refusal(403, "forbidden", reason));
    let host = call.header("host").unwrap_or_default();
    let url = url::Url::parse(&format!("http://{host}/"));
    if !url.is_ok_and(|url| crate::linkedin::endpoints::is_loopback(&url)) {
        return refuse("The sandbox answers only to this machine's own names.");
    }
    match call.header("origin") {
        Some(origin) if origin != format!("http://{host}") => refuse("The sandbox takes no requests from other sites."),
        _ => None,
    }
}

/// `GET /`.
pub(super) fn page(server: &Server) -> Result<Reply> {
    let state = server.store.read()?;
    let now = server.now_ms(state.clock_offset) / 1000;
    let scenario = server.scenario_state().scenario;
    Ok(Reply::html(200, pages::control(&state, scenario, now)))
}

/// Everything under `/sandbox/`.
pub(super) fn endpoint(server: &Server, call: &Call) -> Result<Reply> {
    if let Some(refusal) = foreign(call) {
        return Ok(refusal);
    }
    let verb = call.path.trim_start_matches("/sandbox/");
    if call.method == hyper::Method::GET {
        return match verb {
            "state" => Ok(Reply::json(&snapshot(server)?)),
            "picture" => Ok(Reply::empty(404)),
            _ if call.path.starts_with(images::SHOWN) => Ok(images::show(server, call)),
            _ => Ok(Reply::html(404, pages::not_found())),
        };
    }
    let is_form = call.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let order = if is_form {
        call.form().into_object()
    } else if call.body.is_empty() {
        Map::new()
    } else {
        match serde_json::from_slice(&call.body) {
            Ok(order) => order,
            Err(error) => return Ok(bad(&error.to_string())),
        }
    };
    match apply_command(server, verb, order) {
        Ok(()) if is_form => Ok(Reply::redirect(303, "/")),
        Ok(()) => Ok(Reply::json(&snapshot(server)?)),
        Err(error) if error.code == crate::Code::BadInput => Ok(bad(&format!("{error} {}", error.neutral_hint()))),
        Err(error) => Err(error),
    }
}

fn bad(reason: &str) -> Reply {
    refusal(400, "bad_request", reason)
}

/// An error of the control itself.
fn refusal(status: u16, error: &str, reason: &str) -> Reply {
    Reply::text(status, "application/json", json!({ "error": error, "message": reason }).to_string())
}

fn invalid_command(words: impl std::fmt::Display) -> Error {
    Error::bad_input(format!("The sandbox does not understand this: {words}."), "See the sandbox's documentation.")
}

fn apply_command(server: &Server, verb: &str, order: Map<String, Value>) -> Result<()> {
    let text = |name: &str| order.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    let member = match text("member").map(members::find) {
        Some(None) => return Err(invalid_command("there is no such member")),
        found => found.flatten().map(|member| member.key),
    };
    match verb {
        "scenario" => {
            let scenario = Scenario::parse(text("name").unwrap_or("normal"))?;
            let behaviour = with_switches(&scenario.behaviour(), order.get("set"))?;
            let mut scenario_state = server.scenario_state();
            scenario_state.scenario = scenario;
            scenario_state.behaviour = behaviour;
            Ok(())
        }
        "sign-in" => consent::sign_in_as(server, member),
        "revoke-member-grants" => consent::revoke_member_grants(server, member, text("client_id")),
        "clock" => {
            let by = match order.get("advance_seconds") {
                Some(Value::String(number)) => number.parse().ok(),
                Some(number) => number.as_i64(),
                None => None,
            };
            let reset = order.contains_key("reset");
            server.store.change(|state| {
                state.clock_offset = match by {
                    _ if reset => 0,
                    // A century either way is enough, and cannot overflow.
                    Some(by) => state.clock_offset.saturating_add(by).clamp(-3_155_760_000, 3_155_760_000),
                    None => return Err(invalid_command("advance_seconds is not a whole number")),
                };
                Ok(())
            })
        }
        "app" => configure_app(server, order),
        "fault" => {
            let fault: Fault = serde_json::from_value(Value::Object(order)).map_err(invalid_command)?;
            server.scenario_state().faults.push(fault);
            Ok(())
        }
        "reset" => {
            *server.scenario_state() = super::server::ScenarioState::default();
            server.pictures.clear();
            server.store.change(|state| {
                *state = State::default();
                Ok(())
            })
        }
        _ => Err(invalid_command(format!("there is no /sandbox/{}", crate::text::clean(verb, 40)))),
    }
}

fn with_switches(behaviour: &Behaviour, set: Option<&Value>) -> Result<Behaviour> {
    let Some(set) = set else { return Ok(behaviour.clone()) };
    let mut all = serde_json::to_value(behaviour).map_err(invalid_command)?;
    if let (Some(all), Some(set)) = (all.as_object_mut(), set.as_object()) {
        all.extend(set.clone());
    }
    serde_json::from_value(all).map_err(invalid_command)
}

/// Makes an app or changes one; what is not named stays as it is.
fn configure_app(server: &Server, order: Map<String, Value>) -> Result<()> {
    let Some(client_id) = order.get("client_id").and_then(Value::as_str).map(str::to_owned) else {
        return Err(invalid_command("client_id is missing"));
    };
    server.store.change(|state| {
        let known = state.app(&client_id).cloned().unwrap_or_else(|| App::new(&client_id));
        let mut all = serde_json::to_value(known).map_err(invalid_command)?;
        if let Some(all) = all.as_object_mut() {
            all.extend(order);
        }
        let app: App = serde_json::from_value(all).map_err(invalid_command)?;
        state.apps.retain(|other| other.client_id != client_id);
        state.apps.push(app);
        Ok(())
    })
}

/// What the sandbox knows; codes, tokens and secrets masked.
fn snapshot(server: &Server) -> Result<Value> {
    let state = server.store.read()?;
    let now = server.now_ms(state.clock_offset) / 1000;
    let masked = |value: &str| Secret::new(value).masked();
    let tokens: Vec<Value> = state
        .tokens
        .iter()
        .map(|token| {
            json!({
                "token": masked(&token.value), "client_id": token.app, "member": token.member,
                "scope": token.scopes.join(","), "created_at": token.created_ms / 1000,
                "expires_at": token.expires_at, "status": token.status(now),
            })
        })
        .collect();
    let refresh_tokens: Vec<Value> = state
        .refresh_tokens
        .iter()
        .map(|token| json!({ "token": masked(&token.value), "member": token.member, "revoked": token.revoked }))
        .collect();
    let apps: Vec<Value> = state
        .apps
        .iter()
        .map(|app| json!({ "client_id": app.client_id, "name": app.name, "scopes": app.scopes }))
        .collect();
    let scenario_state = server.scenario_state();
    Ok(json!({
        "now": now,
        "signed_in": state.signed_in,
        "scenario": scenario_state.scenario.name(),
        "behaviour": scenario_state.behaviour,
        "requests": scenario_state.requests,
        "apps": apps,
        "grants": state.grants,
        "codes": state.codes.len(),
        "tokens": tokens,
        "refresh_tokens": refresh_tokens,
        "posts": state.posts,
        "images": state.images,
    }))
}
