//! The control page and its JSON API, described in the parent module.

use serde_json::{Map, Value, json};

use super::apps::App;
use super::call::Call;
use super::core::{Core, ScenarioState};
use super::fault::Fault;
use super::html::not_found;
use super::reply::Reply;
use super::scenario::{Behaviour, Scenario};
use super::state::SandboxState;
use super::{control_page, images, members, paths};
use crate::secret::Secret;
use crate::text::clean;
use crate::{Code, Error, Result};

/// How far the clock may be moved in either direction, in seconds: a century, which cannot overflow.
const MAX_CLOCK_OFFSET: i64 = 3_155_760_000;

/// `GET /`.
pub(super) fn page(core: &Core) -> Result<Reply> {
    let state = core.state()?;
    let scenario = core.scenario_state().scenario;
    Ok(Reply::html(200, control_page::render(&state, scenario, core.now(&state))))
}

/// Answers every path under `/sandbox/`.
pub(super) fn endpoint(core: &Core, call: &Call) -> Result<Reply> {
    if let Err(refusal) = call.require_own_origin() {
        return Ok(refusal);
    }
    let command = call.path.trim_start_matches("/sandbox/");
    if call.method == hyper::Method::GET {
        return match command {
            "state" => Ok(Reply::json(&snapshot(core)?)),
            "picture" => Ok(Reply::empty(404)),
            _ if call.path.starts_with(paths::IMAGE_FILES) => Ok(images::file(core, call)),
            _ => Ok(Reply::html(404, not_found())),
        };
    }
    let is_form = call.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let params = if is_form {
        call.form().into_object()
    } else if call.body.is_empty() {
        Map::new()
    } else {
        match serde_json::from_slice(&call.body) {
            Ok(params) => params,
            Err(error) => return Ok(bad_request(&error.to_string())),
        }
    };
    match apply_command(core, command, params) {
        Ok(()) if is_form => Ok(Reply::redirect(303, "/")),
        Ok(()) => Ok(Reply::json(&snapshot(core)?)),
        Err(error) if error.code == Code::BadInput => Ok(bad_request(&format!("{error} {}", error.neutral_hint()))),
        Err(error) => Err(error),
    }
}

fn bad_request(reason: &str) -> Reply {
    Reply::error(400, "bad_request", reason)
}

fn invalid_command(reason: impl std::fmt::Display) -> Error {
    Error::bad_input(format!("The sandbox does not understand this: {reason}."), "See the sandbox's documentation.")
}

fn apply_command(core: &Core, command: &str, params: Map<String, Value>) -> Result<()> {
    let text = |name: &str| params.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    let member = match text("member").map(members::find) {
        Some(None) => return Err(invalid_command("there is no such member")),
        found => found.flatten().map(|member| member.key),
    };
    match command {
        "scenario" => {
            let scenario = Scenario::parse(text("name").unwrap_or("normal"))?;
            let behaviour = with_switches(&scenario.behaviour(), params.get("set"))?;
            let mut scenario_state = core.scenario_state();
            scenario_state.scenario = scenario;
            scenario_state.behaviour = behaviour;
            Ok(())
        }
        "sign-in" => core.sign_in(member),
        "revoke-member-grants" => revoke_grants(core, member, text("client_id")),
        "clock" => set_clock(core, &params),
        "app" => configure_app(core, params),
        "fault" => {
            let fault: Fault = serde_json::from_value(Value::Object(params)).map_err(invalid_command)?;
            core.scenario_state().faults.push(fault);
            Ok(())
        }
        "reset" => {
            *core.scenario_state() = ScenarioState::default();
            core.images.clear();
            core.update(|state, _| {
                *state = SandboxState::default();
                Ok(())
            })
        }
        _ => Err(invalid_command(format!("there is no /sandbox/{}", clean(command, 40)))),
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

/// Revokes what the member (all members for `None`) granted to the app (to all apps for `None`).
fn revoke_grants(core: &Core, member: Option<&str>, app: Option<&str>) -> Result<()> {
    core.update(|state, _| {
        for one in members::MEMBERS.iter().filter(|one| member.is_none_or(|key| key == one.key)) {
            state.revoke_grants(one.key, app);
        }
        Ok(())
    })
}

fn set_clock(core: &Core, params: &Map<String, Value>) -> Result<()> {
    let seconds = match params.get("advance_seconds") {
        Some(Value::String(number)) => number.parse().ok(),
        Some(number) => number.as_i64(),
        None => None,
    };
    let reset = params.contains_key("reset");
    core.update(|state, _| {
        state.clock_offset = match seconds {
            _ if reset => 0,
            Some(seconds) => state.clock_offset.saturating_add(seconds).clamp(-MAX_CLOCK_OFFSET, MAX_CLOCK_OFFSET),
            None => return Err(invalid_command("advance_seconds is not a whole number")),
        };
        Ok(())
    })
}

/// Creates an app or changes one; settings that `params` does not name stay.
fn configure_app(core: &Core, params: Map<String, Value>) -> Result<()> {
    let Some(client_id) = params.get("client_id").and_then(Value::as_str).map(str::to_owned) else {
        return Err(invalid_command("client_id is missing"));
    };
    core.update(|state, _| {
        let known = state.app(&client_id).cloned().unwrap_or_else(|| App::new(&client_id));
        let mut all = serde_json::to_value(known).map_err(invalid_command)?;
        if let Some(all) = all.as_object_mut() {
            all.extend(params);
        }
        let app: App = serde_json::from_value(all).map_err(invalid_command)?;
        state.apps.retain(|other| other.client_id != client_id);
        state.apps.push(app);
        Ok(())
    })
}

/// Returns the state as JSON; codes, tokens and secrets are masked.
fn snapshot(core: &Core) -> Result<Value> {
    let state = core.state()?;
    let now = core.now(&state);
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
    let scenario_state = core.scenario_state();
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
