//! Which address is answered by what, and the misbehaviour that comes before and after.

use std::time::Duration;

use hyper::Method;

use super::answers;
use super::api::{self, Caller};
use super::call::{Answered, Call, Reply, settle};
use super::scenario::{Behaviour, Throttle};
use super::server::Server;
use super::{authorize, consent, control, feed, images, introspect, oidc, organizations, pages, posts, reads, token};
use crate::Result;
use crate::linkedin::endpoints as at;

/// Answers a request.
pub(super) fn route(server: &Server, call: &Call) -> Result<Reply> {
    if let Some(fault) = control::due_fault(server, &call.path) {
        // "after": the work is done, but the client does not hear of it.
        if fault.after {
            dispatch(server, call)?;
        }
        return Ok(fault.reply());
    }
    let behaviour = server.behaviour();
    if let Some(reply) = misbehave(&behaviour, call) {
        return Ok(reply);
    }
    let mut reply = dispatch(server, call)?;
    if machine(&call.path) {
        reply.delay = Duration::from_millis(behaviour.slow_ms);
    }
    reply.dropped = behaviour.drop_connection
        && call.method == Method::POST
        && [at::ACCESS_TOKEN, at::POSTS, at::UGC_POSTS].contains(&call.path.as_str());
    Ok(reply)
}

/// Is this an address that programs call, not people?
fn machine(path: &str) -> bool {
    [at::ACCESS_TOKEN, at::INTROSPECT, at::REVOKE].contains(&path) || is_api(path) || path.starts_with(images::UPLOADS)
}

fn is_api(path: &str) -> bool {
    path.starts_with("/v2/") || path.starts_with("/rest/")
}

fn misbehave(behaviour: &Behaviour, call: &Call) -> Option<Reply> {
    if !machine(&call.path) {
        return None;
    }
    if behaviour.html {
        return Some(Reply::html(200, pages::bummer("")));
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

fn dispatch(server: &Server, call: &Call) -> Result<Reply> {
    let get = call.method == Method::GET || call.method == Method::HEAD;
    let post = call.method == Method::POST;
    match call.path.as_str() {
        at::AUTHORIZATION | at::NATIVE_AUTHORIZATION if get => authorize::page(server, call),
        consent::SIGN_IN if post => consent::sign_in(server, call),
        consent::DECIDE if post => consent::decide(server, call),
        at::ACCESS_TOKEN if post => token::endpoint(server, call),
        at::INTROSPECT if post => introspect::endpoint(server, call),
        at::REVOKE if post => introspect::revoke(server, call),
        at::DISCOVERY if get => Ok(oidc::discovery(server)),
        at::JWKS if get => Ok(oidc::jwks(server)),
        path if get && path.starts_with(at::FEED_UPDATE) => feed::permalink(server, call),
        "/" if get => control::page(server),
        pages::STYLE_PATH if get => Ok(pages::style()),
        path if path.starts_with("/sandbox/") => control::endpoint(server, call),
        path if is_api(path) || path.starts_with(images::UPLOADS) => {
            settle(api::enter(server, call).and_then(|caller| api_dispatch(server, call, &caller)))
        }
        _ => Ok(Reply::html(404, pages::not_found())),
    }
}

/// Collections that the sandbox has, for telling a wrong path from a wrong method.
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

fn api_dispatch(server: &Server, call: &Call, caller: &Caller) -> Answered {
    if call.path.starts_with(images::UPLOADS) && call.method == Method::PUT {
        return images::upload(server, call, caller);
    }
    let method = if call.method == Method::HEAD { "GET" } else { call.method.as_str() };
    let (collection, key) = api::split(&call.path);
    match (method, collection, key) {
        ("GET", at::USERINFO, "") => oidc::userinfo(server, caller),
        ("GET", at::ME, "") => api::me(caller),
        ("POST", at::POSTS, "") => posts::create(server, call, caller),
        ("POST", at::UGC_POSTS, "") => posts::create_legacy(server, call, caller),
        ("GET", at::POSTS, "") => reads::posts(server, call, caller),
        ("GET", at::POSTS, key) => reads::read_post(server, key, caller),
        ("POST", at::POSTS, key) => posts::update(server, call, key, caller),
        ("DELETE", at::POSTS | at::UGC_POSTS, key) if !key.is_empty() => posts::delete(server, key, caller),
        ("POST", at::IMAGES, "") => images::initialize(server, call, caller),
        ("POST", at::ASSETS, "") => images::register(server, call, caller),
        ("GET", at::IMAGES, key) if !key.is_empty() => images::read(server, key, caller),
        ("GET", at::ORGANIZATION_ACLS, "") => organizations::acls(server, call, caller, "organization"),
        ("GET", "/v2/organizationAcls", "") => organizations::acls(server, call, caller, "organizationTarget"),
        ("GET", "/v2/organizationalEntityAcls", "") => {
            organizations::acls(server, call, caller, "organizationalTarget")
        }
        ("GET", at::ORGANIZATIONS, key) if !key.is_empty() => organizations::organization(key, caller),
        ("GET", "/rest/organizationAuthorizations", key) => organizations::authorization(key, caller),
        ("GET", "/rest/socialActions" | "/v2/socialActions", key) => reads::social_actions(server, call, key, caller),
        ("GET", "/rest/socialMetadata", key) => reads::counts(server, key, caller),
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
