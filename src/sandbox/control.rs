//! The control page and its JSON API, described in the parent module.

use hyper::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::apps::App;
use super::call::Call;
use super::core::{Core, ScenarioState};
use super::fault::InjectedError;
use super::html::not_found_page;
use super::response::{HandlerResult, Refusal, Response};
use super::scenario::Scenario;
use super::state::SandboxState;
use super::{control_page, images, members, paths};
use crate::Result;
use crate::secret::Secret;
use crate::text::sanitize;

/// How far the clock may be moved in either direction: a century, which cannot overflow.
const MAX_CLOCK_OFFSET_SECONDS: i64 = 3_155_760_000;

/// Renders the control page.
pub(super) fn render_page(core: &Core) -> Result<Response> {
    let state = core.state()?;
    let scenario_state = core.scenario_state();
    let (scenario, behavior) = (scenario_state.scenario, &scenario_state.behavior);
    Ok(Response::html(200, control_page::render(&state, scenario, behavior, core.now(&state))))
}

/// Handles every path under `/sandbox/`.
pub(super) fn handle_request(core: &Core, call: &Call) -> HandlerResult {
    call.require_same_origin()?;
    let command = call.path.trim_start_matches("/sandbox/");
    if [Method::GET, Method::HEAD].contains(&call.method) {
        return Ok(match command {
            "state" => Response::json(&describe_state(core)?),
            _ if call.path.starts_with(paths::IMAGE_FILES) => images::file(core, call),
            _ => Response::html(404, not_found_page()),
        });
    }
    // A page of another site can send other methods without an origin.
    if call.method != Method::POST {
        let refusal = Response::error(405, "method_not_allowed", "A command of the sandbox is a POST.");
        return Err(refusal.with("allow", "GET, HEAD, POST").into());
    }
    let params = if call.is_form() {
        call.form().into_object()
    } else if call.body.is_empty() {
        Map::new()
    } else {
        serde_json::from_slice(&call.body).map_err(bad_request)?
    };
    apply_command(core, command, params)?;
    if call.is_form() { Ok(Response::redirect(303, "/")) } else { Ok(Response::json(&describe_state(core)?)) }
}

fn bad_request(reason: impl std::fmt::Display) -> Refusal {
    Response::error(400, "bad_request", &reason.to_string()).into()
}

fn invalid_command(reason: impl std::fmt::Display) -> Refusal {
    bad_request(format!("Invalid command: {reason}. See the documentation of the sandbox."))
}

fn apply_command(core: &Core, command: &str, params: Map<String, Value>) -> HandlerResult<()> {
    let text = |name: &str| params.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    let member = match text("member").map(members::find) {
        Some(None) => return Err(invalid_command("member not found")),
        member => member.flatten().map(|member| member.key),
    };
    match command {
        "scenario" => {
            let name = text("name").unwrap_or("normal");
            let scenario = Scenario::parse(name)
                .map_err(|error| bad_request(format!("{error} {}", error.hint_without_command())))?;
            let changes = match params.get("set") {
                Some(Value::Object(changes)) => changes.clone(),
                Some(_) => return Err(invalid_command("set is not an object")),
                None => Map::new(),
            };
            let behavior = merge(&scenario.behavior(), changes)?;
            let mut scenario_state = core.scenario_state();
            scenario_state.scenario = scenario;
            scenario_state.behavior = behavior;
            Ok(())
        }
        "sign-in" => core.sign_in(member),
        "revoke-member-grants" => revoke_consents(core, member, text("client_id")),
        "clock" => set_clock(core, &params),
        "app" => configure_app(core, params),
        "fault" => {
            let error: InjectedError = serde_json::from_value(Value::Object(params)).map_err(invalid_command)?;
            if error.times == 0 {
                return Err(invalid_command("times is 0"));
            }
            core.scenario_state().injected_errors.push(error);
            Ok(())
        }
        "clear-faults" => {
            core.scenario_state().injected_errors.clear();
            Ok(())
        }
        "reset" => {
            *core.scenario_state() = ScenarioState::new(Scenario::Normal);
            core.images.clear();
            core.update(|state, _| {
                *state = SandboxState::default();
                Ok(())
            })
        }
        _ => Err(invalid_command(format!("/sandbox/{} not found", sanitize(command, 40)))),
    }
}

/// Returns `value` with the fields of `changes` replaced.
fn merge<T: Serialize + DeserializeOwned>(value: &T, changes: Map<String, Value>) -> HandlerResult<T> {
    let mut merged = serde_json::to_value(value).map_err(invalid_command)?;
    if let Some(fields) = merged.as_object_mut() {
        fields.extend(changes);
    }
    serde_json::from_value(merged).map_err(invalid_command)
}

/// Revokes what the member (all members for `None`) consented to for the app (to all apps for `None`).
fn revoke_consents(core: &Core, member: Option<&str>, app: Option<&str>) -> HandlerResult<()> {
    core.update(|state, _| {
        for consenting_member in
            members::MEMBERS.iter().filter(|candidate| member.is_none_or(|key| key == candidate.key))
        {
            state.revoke_consents(consenting_member.key, app);
        }
        Ok(())
    })
}

fn set_clock(core: &Core, params: &Map<String, Value>) -> HandlerResult<()> {
    let seconds = match params.get("advance_seconds") {
        Some(Value::String(number)) => number.parse().ok(),
        Some(number) => number.as_i64(),
        None => None,
    };
    let is_reset = params.get("reset").is_some_and(|value| value != false);
    core.update(|state, _| {
        let offset = match seconds {
            _ if is_reset => 0,
            Some(seconds) => state.clock_offset.saturating_add(seconds),
            None => return Err(invalid_command("advance_seconds is not an integer")),
        };
        state.clock_offset = offset.clamp(-MAX_CLOCK_OFFSET_SECONDS, MAX_CLOCK_OFFSET_SECONDS);
        Ok(())
    })
}

/// Creates an app or changes one; settings that `params` does not name do not change.
fn configure_app(core: &Core, params: Map<String, Value>) -> HandlerResult<()> {
    let Some(client_id) = params.get("client_id").and_then(Value::as_str).map(str::to_owned) else {
        return Err(invalid_command("client_id is missing"));
    };
    core.update(|state, _| {
        let current = state.app(&client_id).cloned().unwrap_or_else(|| App::new(&client_id));
        let app = merge(&current, params)?;
        state.apps.retain(|other| other.client_id != client_id);
        state.apps.push(app);
        Ok(())
    })
}

/// Returns the state as JSON, without secrets: tokens are masked, codes are only counted, client secrets are left out.
fn describe_state(core: &Core) -> Result<Value> {
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
        .map(|token| json!({ "token": masked(&token.value), "member": token.member, "revoked": token.is_revoked }))
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
        "behavior": scenario_state.behavior,
        "requests": scenario_state.requests,
        "apps": apps,
        "grants": state.consents,
        "codes": state.codes.len(),
        "tokens": tokens,
        "refresh_tokens": refresh_tokens,
        "posts": state.posts,
        "comments": state.comments,
        "reactions": state.reactions,
        "images": state.images,
        "media": state.media,
        "faults": scenario_state.injected_errors.len(),
    }))
}
