//! The forms of the authorization endpoint, sign-in and consent, and their submission without a browser.

use url::Url;

use super::authorization_request::{AuthorizationRequest, check_path_and_query};
use super::call::{Call, Fields};
use super::core::Core;
use super::members::{self, MEMBERS};
use super::response::{HandlerResult, Response, into_response};
use super::{authorize, html};
use crate::{Code, Error, Result};

/// Handles the sign-in form: one of the members, or Cancel.
pub(super) fn sign_in(core: &Core, call: &Call) -> HandlerResult {
    let (form, request) = read_form(core, call)?;
    if form.get("cancel").is_some() {
        return authorize::cancel_login(&core.behavior(), &request);
    }
    let Some(member) = form.get("member").and_then(members::find) else {
        return Ok(Response::html(400, html::bummer_page("Member not found.")));
    };
    core.sign_in(Some(member.key))?;
    Ok(Response::redirect(303, &request.path_and_query))
}

/// Handles the consent form: Allow or Cancel.
pub(super) fn handle_consent(core: &Core, call: &Call) -> HandlerResult {
    let (form, request) = read_form(core, call)?;
    if form.get("allow").is_none() {
        return authorize::cancel_consent(&core.behavior(), &request);
    }
    match core.state()?.signed_in.as_deref().and_then(members::find) {
        Some(member) => authorize::allow(core, &core.behavior(), &request, member),
        // The member signed out in another tab.
        None => Ok(Response::redirect(303, &request.path_and_query)),
    }
}

/// Reads a form and the authorization request in its hidden field.
fn read_form(core: &Core, call: &Call) -> HandlerResult<(Fields, AuthorizationRequest)> {
    call.require_same_origin()?;
    let form = call.form();
    let request = check_path_and_query(&core.state()?, &core.behavior(), form.get("request").unwrap_or_default())?;
    Ok((form, request))
}

/// Signs a member in and allows the request, as far as the switches of the scenario let the member; returns the URL of the
/// redirect, which has an error where one of them cancels.
pub(super) fn approve(core: &Core, url: &Url, key: &str) -> Result<Url> {
    let response = into_response(submit_forms(core, url, key))?;
    let location = response.headers.iter().find(|(name, _)| *name == "location");
    location.and_then(|(_, url)| Url::parse(url).ok()).ok_or_else(|| {
        Error::new(
            Code::Refused,
            "The sandbox shows an error page for this sign-in instead of a redirect.",
            "Check the client ID and the redirect URL.",
        )
    })
}

fn submit_forms(core: &Core, url: &Url, key: &str) -> HandlerResult {
    let member = members::find(key).ok_or_else(|| {
        let keys: Vec<&str> = MEMBERS.iter().map(|member| member.key).collect();
        Error::bad_input(
            format!("The sandbox has no member {}.", crate::text::sanitize(key, 40)),
            format!("Use one of: {}.", keys.join(", ")),
        )
    })?;
    let behavior = core.behavior();
    let path_and_query = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = check_path_and_query(&core.state()?, &behavior, &path_and_query)?;
    if behavior.cancel_at_login {
        return authorize::cancel_login(&behavior, &request);
    }
    core.sign_in(Some(member.key))?;
    if behavior.cancel_at_consent {
        return authorize::cancel_consent(&behavior, &request);
    }
    authorize::allow(core, &behavior, &request, member)
}
