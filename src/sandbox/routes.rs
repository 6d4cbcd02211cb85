//! Routes each path to its handler, and misbehaves before and after as the scenario says.

use std::time::Duration;

use hyper::Method;

use super::api::{self, Caller};
use super::call::Call;
use super::core::Core;
use super::reply::{HandlerResult, Reply, into_reply};
use super::scenario::{Behaviour, Throttle};
use super::{
    answers, authorize, consent, control, fault, feed, html, images, introspect, oidc, organizations, paths, posts,
    reads, token,
};
use crate::Result;
use crate::linkedin::endpoints as at;

/// Answers a call.
pub(super) fn route(core: &Core, call: &Call) -> Result<Reply> {
    let fault = fault::take_due(&mut core.scenario_state().faults, &call.path);
    if let Some(fault) = fault {
        // "after": the request is carried out, but the client gets no answer to it.
        if fault.after {
            into_reply(dispatch(core, call))?;
        }
        return Ok(fault.reply());
    }
    let behaviour = core.behaviour();
    if let Some(reply) = misbehave(&behaviour, call) {
        return Ok(reply);
    }
    let mut reply = into_reply(dispatch(core, call))?;
    if is_machine_path(&call.path) {
        reply.delay = Duration::from_millis(behaviour.slow_ms);
    }
    reply.dropped = behaviour.drop_connection
        && call.method == Method::POST
        && [at::ACCESS_TOKEN, at::POSTS, at::UGC_POSTS].contains(&call.path.as_str());
    Ok(reply)
}

/// Whether programs call this path, not people.
fn is_machine_path(path: &str) -> bool {
    [at::ACCESS_TOKEN, at::INTROSPECT, at::REVOKE].contains(&path) || is_api(path) || path.starts_with(paths::UPLOADS)
}

fn is_api(path: &str) -> bool {
    path.starts_with("/v2/") || path.starts_with("/rest/")
}

fn misbehave(behaviour: &Behaviour, call: &Call) -> Option<Reply> {
    if !is_machine_path(&call.path) {
        return None;
    }
    if behaviour.html {
        return Some(Reply::html(200, html::bummer("")));
    }
    if behaviour.server_error {
        return Some(answers::SERVER_ERROR.reply());
    }
    let is_comment = call.method == Method::POST && call.path.ends_with("/comments");
    let reached = match behaviour.throttle {
        Throttle::Documented => answers::THROTTLED,
        Throttle::ApplicationDay if is_api(&call.path) => answers::APP_DAY,
        Throttle::ApplicationDayShort if is_api(&call.path) => answers::APP_DAY_SHORT,
        Throttle::MemberDay if is_api(&call.path) => answers::MEMBER_DAY,
        Throttle::CommentMinute if is_api(&call.path) && is_comment => answers::COMMENT_MINUTE,
        _ => return None,
    };
    Some(reached.reply())
}

fn dispatch(core: &Core, call: &Call) -> HandlerResult {
    let get = call.method == Method::GET || call.method == Method::HEAD;
    let post = call.method == Method::POST;
    match call.path.as_str() {
        at::AUTHORIZATION | at::NATIVE_AUTHORIZATION if get => authorize::page(core, call),
        paths::SIGN_IN if post => consent::sign_in(core, call),
        paths::CONSENT if post => consent::decide(core, call),
        at::ACCESS_TOKEN if post => token::endpoint(core, call),
        at::INTROSPECT if post => introspect::endpoint(core, call),
        at::REVOKE if post => introspect::revoke(core, call),
        at::DISCOVERY if get => Ok(oidc::discovery(core)),
        at::JWKS if get => Ok(oidc::jwks(core)),
        path if get && path.starts_with(at::FEED_UPDATE) => Ok(feed::permalink(core, call)?),
        "/" if get => Ok(control::page(core)?),
        paths::STYLE if get => Ok(html::style()),
        path if path.starts_with("/sandbox/") => Ok(control::endpoint(core, call)?),
        path if is_api(path) || path.starts_with(paths::UPLOADS) => {
            dispatch_api(core, call, &api::authorize(core, call)?)
        }
        _ => Ok(Reply::html(404, html::not_found())),
    }
}

/// The collections of the API: another method on one is answered unlike another path.
const COLLECTIONS: &[&str] = &[
    at::USERINFO,
    at::ME,
    at::POSTS,
    at::UGC_POSTS,
    at::IMAGES,
    at::ASSETS,
    at::ORGANIZATION_ACLS,
    "/v2/organizationAcls",
    "/v2/organizationalEntityAcls",
    at::ORGANIZATIONS,
    "/rest/organizationAuthorizations",
    "/rest/socialActions",
    "/v2/socialActions",
    "/rest/socialMetadata",
    "/rest/reactions",
    api::STATISTICS,
    api::OWN_DATA,
];

fn dispatch_api(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    if call.path.starts_with(paths::UPLOADS) && call.method == Method::PUT {
        return images::upload(core, call, caller);
    }
    let method = if call.method == Method::HEAD { "GET" } else { call.method.as_str() };
    let (collection, key) = api::split(&call.path);
    match (method, collection, key) {
        ("GET", at::USERINFO, "") => oidc::userinfo(core, caller),
        ("GET", at::ME, "") => api::me(caller),
        ("POST", at::POSTS, "") => posts::create(core, call, caller),
        ("POST", at::UGC_POSTS, "") => posts::create_legacy(core, call, caller),
        ("GET", at::POSTS, "") => reads::posts(core, call, caller),
        ("GET", at::POSTS, key) => reads::read_post(core, key, caller),
        ("POST", at::POSTS, key) => posts::update(core, call, key, caller),
        ("DELETE", at::POSTS | at::UGC_POSTS, key) if !key.is_empty() => posts::delete(core, key, caller),
        ("POST", at::IMAGES, "") => images::initialize(core, call, caller),
        ("POST", at::ASSETS, "") => images::register(core, call, caller),
        ("GET", at::IMAGES, key) if !key.is_empty() => images::read(core, key, caller),
        ("GET", at::ORGANIZATION_ACLS, "") => organizations::acls(core, call, caller, "organization"),
        ("GET", "/v2/organizationAcls", "") => organizations::acls(core, call, caller, "organizationTarget"),
        ("GET", "/v2/organizationalEntityAcls", "") => organizations::acls(core, call, caller, "organizationalTarget"),
        ("GET", at::ORGANIZATIONS, key) if !key.is_empty() => organizations::organization(key, caller),
        ("GET", "/rest/organizationAuthorizations", key) => organizations::authorization(key, caller),
        ("GET", "/rest/socialActions" | "/v2/socialActions", key) => reads::social_actions(core, call, key, caller),
        ("GET", "/rest/socialMetadata", key) => reads::counts(core, key, caller),
        ("GET", api::STATISTICS, "") => reads::statistics(call, caller),
        ("GET", api::OWN_DATA, "") => reads::own_data(call, caller),
        // The sandbox has no comments and reactions yet; it refuses whom LinkedIn refuses.
        ("POST", "/rest/socialActions", key) if key.ends_with("/comments") && !caller.is_partner() => {
            Err(caller.denied(&answers::COMMENT_DENIED).into())
        }
        ("POST", "/rest/reactions", "") if !caller.is_partner() => Err(caller.denied(&answers::REACTION_DENIED).into()),
        ("POST", "/rest/socialActions" | "/v2/socialActions" | "/rest/reactions", _) => {
            Err(answers::NO_RESOURCE.reply().into())
        }
        (_, collection, _) if COLLECTIONS.contains(&collection) => Err(answers::METHOD_NOT_ALLOWED.reply().into()),
        _ => Err(answers::NO_RESOURCE.reply().into()),
    }
}
