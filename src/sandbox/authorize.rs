//! The authorization endpoint: its pages, and the redirect with a code or an error.

use super::answers::{self, Sample};
use super::authorization_request::{AuthorizationRequest, check};
use super::call::Call;
use super::core::Core;
use super::members::{self, MEMBERS, SandboxMember};
use super::reply::{HandlerResult, Reply};
use super::scenario::Behaviour;
use super::state::{AuthorizationCode, Grant, SandboxState};
use super::{pages, random};

/// `GET /oauth/v2/authorization` and the native one.
pub(super) fn page(core: &Core, call: &Call) -> HandlerResult {
    let behaviour = core.behaviour();
    let state = core.state()?;
    let request = check(&state, &behaviour, &call.path, &call.query)?;
    if behaviour.cancel_at_login {
        return Ok(cancelled_login(&behaviour, &request));
    }
    let signed_in = state.signed_in.as_deref().and_then(members::find);
    let Some(member) = signed_in.or_else(|| MEMBERS.first().filter(|_| behaviour.already_granted)) else {
        return Ok(Reply::html(200, pages::sign_in(&request)));
    };
    after_sign_in(core, &behaviour, &state, &request, member)
}

/// Shows a signed-in member the consent page, or redirects at once where no consent is needed.
fn after_sign_in(
    core: &Core,
    behaviour: &Behaviour,
    state: &SandboxState,
    request: &AuthorizationRequest,
    member: &SandboxMember,
) -> HandlerResult {
    if behaviour.cancel_at_consent {
        return Ok(cancelled_consent(behaviour, request));
    }
    let now = core.now(state);
    if behaviour.already_granted || has_consent(state, request, member, now) {
        return allow(core, behaviour, request, member);
    }
    Ok(Reply::html(200, pages::consent(request, member)))
}

/// Whether the member consented to exactly these scopes and still has a valid token for them.
fn has_consent(state: &SandboxState, request: &AuthorizationRequest, member: &SandboxMember, now: i64) -> bool {
    let id = &request.app.client_id;
    state.grants.iter().any(|grant| grant.app == *id && grant.member == member.key && grant.scopes == request.scopes)
        && state.tokens.iter().any(|token| {
            token.app == *id && token.member.as_deref() == Some(member.key) && token.status(now) == "active"
        })
}

/// Issues a code and redirects the browser with it.
pub(super) fn allow(
    core: &Core,
    behaviour: &Behaviour,
    request: &AuthorizationRequest,
    member: &SandboxMember,
) -> HandlerResult {
    // Codes begin like tokens; real ones have between 130 and 350 characters.
    let value = format!("AQT{}", random::text(if behaviour.long_tokens { 347 } else { 157 })?);
    let mut granted = request.scopes.clone();
    if behaviour.fewer_scopes && granted.len() > 1 {
        let surplus = ["w_member_social", "email"].iter().find_map(|id| granted.iter().position(|scope| scope == id));
        granted.remove(surplus.unwrap_or(granted.len() - 1));
    }
    core.update(|state, now_ms| {
        let now = now_ms / 1000;
        let late = if behaviour.expired_code { super::token::CODE_SECONDS + 60 } else { 0 };
        let id = &request.app.client_id;
        state.grants.retain(|grant| !(grant.app == *id && grant.member == member.key));
        state.grants.push(Grant {
            app: id.clone(),
            member: member.key.to_owned(),
            scopes: request.scopes.clone(),
            at: now,
        });
        state.codes.push(AuthorizationCode {
            value: value.clone(),
            app: id.clone(),
            member: member.key.to_owned(),
            redirect_uri: request.redirect_uri.clone(),
            scopes: granted,
            at: now - late,
            used: false,
            challenge: request.challenge.clone(),
        });
        Ok(())
    })?;
    // The code has URL-safe characters only; `state` stays as it was sent.
    let joint = if request.redirect_uri.contains('?') { '&' } else { '?' };
    let state = request.state.as_deref().map(|state| format!("&state={state}")).unwrap_or_default();
    Ok(Reply::redirect(302, &format!("{}{joint}code={value}{state}", request.redirect_uri)))
}

pub(super) fn cancelled_login(behaviour: &Behaviour, request: &AuthorizationRequest) -> Reply {
    let bare = behaviour.cancel_undescribed;
    refused(request, &if bare { answers::CANCELLED_LOGIN_BARE } else { answers::CANCELLED_LOGIN })
}

pub(super) fn cancelled_consent(behaviour: &Behaviour, request: &AuthorizationRequest) -> Reply {
    let bare = behaviour.cancel_undescribed;
    refused(request, &if bare { answers::CANCELLED_CONSENT_BARE } else { answers::CANCELLED_CONSENT })
}

fn refused(request: &AuthorizationRequest, answer: &Sample) -> Reply {
    Reply::redirect(302, &answer.location(&request.redirect_uri, request.state.as_deref(), &[]))
}
