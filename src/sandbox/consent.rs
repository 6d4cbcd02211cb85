//! The forms of the authorization endpoint: sign-in and consent; and both without a browser.

use url::Url;

use super::authorization_request::{AuthorizationRequest, check_target};
use super::call::{Call, Fields};
use super::core::Core;
use super::reply::{HandlerResult, Reply, into_reply};
use super::{authorize, html, members};
use crate::{Code, Error, Result};

/// The sign-in form: one of the members, or Cancel.
pub(super) fn sign_in(core: &Core, call: &Call) -> HandlerResult {
    let (form, request) = submitted(core, call)?;
    if form.get("cancel").is_some() {
        return Ok(authorize::cancelled_login(&core.behaviour(), &request));
    }
    let Some(member) = form.get("member").and_then(members::find) else {
        return Err(Reply::html(400, html::bummer("There is no such member")).into());
    };
    core.sign_in(Some(member.key))?;
    Ok(Reply::redirect(303, &request.target))
}

/// The consent form: Allow or Cancel.
pub(super) fn decide(core: &Core, call: &Call) -> HandlerResult {
    let (form, request) = submitted(core, call)?;
    if form.get("allow").is_none() {
        return Ok(authorize::cancelled_consent(&core.behaviour(), &request));
    }
    // Another tab may have signed out meanwhile.
    let signed_in = core.state()?.signed_in;
    match signed_in.as_deref().and_then(members::find) {
        Some(member) => authorize::allow(core, &core.behaviour(), &request, member),
        None => Ok(Reply::redirect(303, &request.target)),
    }
}

/// Reads a form and the authorization request that it carries along.
fn submitted(core: &Core, call: &Call) -> HandlerResult<(Fields, AuthorizationRequest)> {
    call.require_own_origin()?;
    let form = call.form();
    let request = check_target(&core.state()?, &core.behaviour(), form.get("request").unwrap_or_default())?;
    Ok((form, request))
}

/// Signs a member in and allows the request; returns the URL of the redirect.
pub(super) fn approve(core: &Core, url: &Url, member: &str) -> Result<Url> {
    let member = members::find(member).ok_or_else(|| {
        let keys: Vec<&str> = members::MEMBERS.iter().map(|member| member.key).collect();
        Error::bad_input(
            format!("The sandbox has no member {}.", crate::text::clean(member, 40)),
            format!("Use one of: {}.", keys.join(", ")),
        )
    })?;
    let behaviour = core.behaviour();
    let refused = || {
        Error::new(
            Code::Refused,
            "The sandbox shows an error page for this sign-in instead of a redirect.",
            "Check the client ID and the redirect URL.",
        )
    };
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let reply = match check_target(&core.state()?, &behaviour, &target) {
        Err(reply) => reply,
        Ok(request) if behaviour.cancel_at_login => authorize::cancelled_login(&behaviour, &request),
        Ok(request) => {
            core.sign_in(Some(member.key))?;
            if behaviour.cancel_at_consent {
                authorize::cancelled_consent(&behaviour, &request)
            } else {
                into_reply(authorize::allow(core, &behaviour, &request, member))?
            }
        }
    };
    let location = reply.headers.iter().find(|(name, _)| *name == "location").ok_or_else(refused)?;
    Url::parse(&location.1).map_err(|_| refused())
}
