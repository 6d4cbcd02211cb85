//! The authorization endpoint: its pages, and the redirect with a code or an error.

use super::answers;
use super::authorization_request::{AuthorizationRequest, check};
use super::call::Call;
use super::core::Core;
use super::members::SandboxMember;
use super::response::{HandlerResult, Response};
use super::scenario::Behavior;
use super::state::{AuthorizationCode, Consent, SandboxState};
use super::{pages, random, token};

/// `GET /oauth/v2/authorization` and the native one.
pub(super) fn authorization_page(core: &Core, call: &Call) -> HandlerResult {
    let behavior = core.behavior();
    let state = core.state()?;
    let request = check(&state, &behavior, &call.path, &call.query)?;
    if behavior.cancel_at_login {
        return cancel_login(&behavior, &request);
    }
    let signed_in = state.signed_in.as_deref().and_then(|key| behavior.member(key));
    let Some(member) = signed_in.or_else(|| behavior.members().first().filter(|_| behavior.already_granted)) else {
        return Ok(Response::html(200, pages::render_sign_in_page(&request, behavior.members())));
    };
    if behavior.cancel_at_consent {
        return cancel_consent(&behavior, &request);
    }
    if behavior.already_granted || has_consent(&state, &request, member, core.now(&state)) {
        return allow(core, &behavior, &request, member);
    }
    Ok(Response::html(200, pages::render_consent_page(&request, member)))
}

/// Returns whether the member consented to exactly these scopes and has a valid token for them.
fn has_consent(state: &SandboxState, request: &AuthorizationRequest, member: &SandboxMember, now: i64) -> bool {
    let id = &request.app.client_id;
    state
        .consents
        .iter()
        .any(|consent| consent.app == *id && consent.member == member.key && consent.scopes == request.scopes)
        && state.tokens.iter().any(|token| {
            token.app == *id && token.member.as_deref() == Some(member.key) && token.status(now) == "active"
        })
}

/// Issues a code and redirects the browser with it.
pub(super) fn allow(
    core: &Core,
    behavior: &Behavior,
    request: &AuthorizationRequest,
    member: &SandboxMember,
) -> HandlerResult {
    // Codes begin like tokens; real ones have between 130 and 350 characters, all URL-safe.
    let value = format!("AQT{}", random::generate_text(if behavior.long_tokens { 347 } else { 157 })?);
    let mut granted = request.scopes.clone();
    if behavior.fewer_scopes && granted.len() > 1 {
        let refused_index =
            ["w_member_social", "email"].iter().find_map(|id| granted.iter().position(|scope| scope == id));
        granted.remove(refused_index.unwrap_or(granted.len() - 1));
    }
    core.update(|state, now_ms| {
        let now = now_ms / 1000;
        let age_seconds = if behavior.expired_code { token::CODE_SECONDS + 60 } else { 0 };
        let app = &request.app.client_id;
        state.consents.retain(|consent| !(consent.app == *app && consent.member == member.key));
        state.consents.push(Consent {
            app: app.clone(),
            member: member.key.to_owned(),
            scopes: request.scopes.clone(),
            at: now,
        });
        state.codes.push(AuthorizationCode {
            value: value.clone(),
            app: app.clone(),
            member: member.key.to_owned(),
            redirect_uri: request.redirect_uri.clone(),
            scopes: granted,
            at: now - age_seconds,
            is_used: false,
            challenge: request.challenge.clone(),
        });
        Ok(())
    })?;
    Ok(request.redirect(&format!("code={value}")))
}

pub(super) fn cancel_login(behavior: &Behavior, request: &AuthorizationRequest) -> HandlerResult {
    let is_bare = behavior.cancel_undescribed;
    request.refuse(if is_bare { answers::CANCELLED_LOGIN_BARE } else { answers::CANCELLED_LOGIN })
}

pub(super) fn cancel_consent(behavior: &Behavior, request: &AuthorizationRequest) -> HandlerResult {
    let is_bare = behavior.cancel_undescribed;
    request.refuse(if is_bare { answers::CANCELLED_CONSENT_BARE } else { answers::CANCELLED_CONSENT })
}
