//! Which address is answered by what, and the misbehaviour that comes before and after.

use std::time::Duration;

use hyper::Method;

use super::call::{Call, Reply};
use super::scenario::Behaviour;
use super::server::Server;
use super::{api, authorize, consent, control, feed, images, introspect, oidc, organizations, pages, posts, token};
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
    if let Some(reply) = misbehave(&behaviour, &call.path) {
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
    [at::ACCESS_TOKEN, at::INTROSPECT, at::REVOKE].contains(&path)
        || path.starts_with("/v2/")
        || path.starts_with("/rest/")
        || path.starts_with(images::UPLOADS)
}

fn misbehave(behaviour: &Behaviour, path: &str) -> Option<Reply> {
    if !machine(path) {
        return None;
    }
    if behaviour.html {
        return Some(Reply::html(200, pages::bummer("We're working on it. Please try again later.")));
    }
    if behaviour.rate_limited {
        return Some(api::throttled());
    }
    if behaviour.server_error {
        return Some(api::server_error());
    }
    None
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
        at::USERINFO if get => oidc::userinfo(server, call),
        at::ME if get => api::me(server, call),
        at::POSTS if post => posts::create(server, call),
        at::UGC_POSTS if post => posts::create_legacy(server, call),
        at::IMAGES if post => images::initialize(server, call),
        path if call.method == Method::PUT && path.starts_with(images::UPLOADS) => images::upload(server, call),
        path if get && path.strip_prefix(at::IMAGES).is_some_and(|rest| rest.starts_with('/')) => {
            images::read(server, call)
        }
        at::ORGANIZATION_ACLS if get => organizations::acls(server, call, "organization"),
        "/v2/organizationAcls" if get => organizations::acls(server, call, "organizationTarget"),
        "/v2/organizationalEntityAcls" if get => organizations::acls(server, call, "organizationalTarget"),
        path if get && path.strip_prefix(at::ORGANIZATIONS).is_some_and(|rest| rest.starts_with('/')) => {
            organizations::organization(server, call)
        }
        path if post && path.strip_prefix(at::POSTS).is_some_and(|rest| rest.starts_with('/')) => {
            posts::update(server, call)
        }
        path if get && path.starts_with(at::FEED_UPDATE) => feed::permalink(server, call),
        path if call.method == Method::DELETE && path.starts_with(at::POSTS) => posts::delete(server, call),
        "/" if get => control::page(server),
        pages::STYLE_PATH if get => Ok(pages::style()),
        path if path.starts_with("/sandbox/") => control::endpoint(server, call),
        path if path.starts_with("/v2/") || path.starts_with("/rest/") => Ok(api::no_such_resource(path)),
        _ => Ok(Reply::html(404, pages::not_found())),
    }
}
