//! What the member does in the browser: signs in, allows or cancels; and the same without one.

use url::Url;

use super::authorize::{self, Request};
use super::call::{Call, Reply};
use super::members;
use super::server::{self, Server};
use super::{control, pages};
use crate::{Code, Error, Result};

/// Where the sign-in form goes.
pub(super) const SIGN_IN: &str = "/uas/login-submit";
/// Where the consent form goes.
pub(super) const DECIDE: &str = "/oauth/v2/login-success";

/// The sign-in form: one of the members, or Cancel.
pub(super) fn sign_in(server: &Server, call: &Call) -> Result<Reply> {
    if let Some(refusal) = control::foreign(call) {
        return Ok(refusal);
    }
    let form = call.form();
    let request = match carried(server, form.get("request").unwrap_or_default())? {
        Ok(request) => request,
        Err(reply) => return Ok(reply),
    };
    if form.get("cancel").is_some() {
        return Ok(authorize::cancelled_login(&server.behaviour(), &request));
    }
    let Some(member) = form.get("member").and_then(members::find) else {
        return Ok(Reply::html(400, pages::bummer("There is no such member")));
    };
    sign_in_as(server, Some(member.key))?;
    Ok(Reply::redirect(303, &request.target))
}

/// The consent form: Allow or Cancel.
pub(super) fn decide(server: &Server, call: &Call) -> Result<Reply> {
    if let Some(refusal) = control::foreign(call) {
        return Ok(refusal);
    }
    let form = call.form();
    let request = match carried(server, form.get("request").unwrap_or_default())? {
        Ok(request) => request,
        Err(reply) => return Ok(reply),
    };
    if form.get("allow").is_none() {
        return Ok(authorize::cancelled_consent(&server.behaviour(), &request));
    }
    // Another tab may have signed out meanwhile.
    let signed_in = server.store.read()?.signed_in;
    match signed_in.as_deref().and_then(members::find) {
        Some(member) => authorize::allow(server, &server.behaviour(), &request, member),
        None => Ok(Reply::redirect(303, &request.target)),
    }
}

fn carried(server: &Server, target: &str) -> Result<Result<Request, Reply>> {
    Ok(authorize::again(&server.store.read()?, &server.behaviour(), target))
}

/// Signs a member in, or out.
pub(super) fn sign_in_as(server: &Server, member: Option<&str>) -> Result<()> {
    server.store.change(|state| {
        state.signed_in = member.map(str::to_owned);
        Ok(())
    })
}

/// Does all that a member would do in the browser, and gives the address it would end at.
pub(super) fn approve(server: &Server, url: &Url, member: &str) -> Result<Url> {
    let member = members::find(member).ok_or_else(|| {
        let keys: Vec<&str> = members::MEMBERS.iter().map(|member| member.key).collect();
        Error::bad_input(
            format!("The sandbox has no member called {}.", crate::text::clean(member, 40)),
            format!("Use one of: {}.", keys.join(", ")),
        )
    })?;
    let behaviour = server.behaviour();
    let refused = || {
        Error::new(
            Code::Refused,
            "The sandbox shows an error page for this sign-in and sends nobody back.",
            "Check the client ID and the redirect URL.",
        )
    };
    let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let reply = match authorize::again(&server.store.read()?, &behaviour, &target) {
        Err(reply) => reply,
        Ok(request) if behaviour.cancel_at_login => authorize::cancelled_login(&behaviour, &request),
        Ok(request) => {
            sign_in_as(server, Some(member.key))?;
            if behaviour.cancel_at_consent {
                authorize::cancelled_consent(&behaviour, &request)
            } else {
                authorize::allow(server, &behaviour, &request, member)?
            }
        }
    };
    let location = reply.headers.iter().find(|(name, _)| *name == "location").ok_or_else(refused)?;
    Url::parse(&location.1).map_err(|_| refused())
}

/// The state is changed by the member's own doing in the portal's settings page.
pub(super) fn revoke_member_grants(server: &Server, member: Option<&str>, app: Option<&str>) -> Result<()> {
    server::change(server, |state, _| {
        let keys: Vec<String> = match member {
            Some(key) => vec![key.to_owned()],
            None => members::MEMBERS.iter().map(|member| member.key.to_owned()).collect(),
        };
        for key in keys {
            state.revoke_grants(&key, app);
        }
        Ok(())
    })
}
