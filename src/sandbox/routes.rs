//! Routes each path to its handler, and applies the switches of the scenario before and after.

use std::time::Duration;

use hyper::Method;

use super::answers::{self, ensure};
use super::api::{self, Caller};
use super::call::Call;
use super::core::Core;
use super::response::{HandlerResult, Response, into_response};
use super::scenario::{Behavior, RateLimit};
use super::{
    authorize, consent, control, fault, feed, html, images, introspect, media, oidc, organizations, paths, posts,
    reads, social, token,
};
use crate::linkedin::endpoints;

/// Handles a call.
pub(super) fn route(core: &Core, call: &Call) -> HandlerResult {
    let injected_error = fault::take_injected_error(&mut core.scenario_state().injected_errors, &call.path);
    if let Some(error) = injected_error {
        if error.is_carried_out_first {
            into_response(dispatch(core, call))?;
        }
        return Ok(error.to_response());
    }
    let behavior = core.behavior();
    refuse_by_scenario(&behavior, call)?;
    let mut response = into_response(dispatch(core, call))?;
    if is_program_path(&call.path) {
        response.delay = Duration::from_millis(behavior.slow_ms);
    }
    response.is_dropped = behavior.drop_connection
        && call.method == Method::POST
        && [endpoints::ACCESS_TOKEN, endpoints::POSTS, endpoints::UGC_POSTS].contains(&call.path.as_str());
    Ok(response)
}

/// Returns whether programs, not users, call this path.
fn is_program_path(path: &str) -> bool {
    [endpoints::ACCESS_TOKEN, endpoints::INTROSPECT, endpoints::REVOKE].contains(&path)
        || is_api(path)
        || path.starts_with(paths::UPLOADS)
}

fn is_api(path: &str) -> bool {
    path.starts_with("/v2/") || path.starts_with("/rest/")
}

/// Refuses a program's call if a switch requires it: every call, or only those that a rate limit counts.
fn refuse_by_scenario(behavior: &Behavior, call: &Call) -> HandlerResult<()> {
    if !is_program_path(&call.path) {
        return Ok(());
    }
    if behavior.html {
        return Err(Response::html(200, html::bummer_page("")).into());
    }
    ensure(!behavior.server_error, answers::SERVER_ERROR)?;
    let is_comment = call.method == Method::POST && call.path.ends_with("/comments");
    let answer = match behavior.rate_limit {
        RateLimit::Documented => answers::THROTTLED,
        RateLimit::ApplicationDay if is_api(&call.path) => answers::APP_DAILY_LIMIT,
        // The same limit, in a shorter body: LinkedIn sends both.
        RateLimit::ApplicationDayShort if is_api(&call.path) => answers::APP_DAILY_LIMIT_SHORT,
        RateLimit::MemberDay if is_api(&call.path) => answers::MEMBER_DAILY_LIMIT,
        RateLimit::CommentMinute if is_api(&call.path) && is_comment => answers::COMMENT_LIMIT,
        _ => return Ok(()),
    };
    Err(answer.into())
}

fn dispatch(core: &Core, call: &Call) -> HandlerResult {
    let is_get = call.method == Method::GET || call.method == Method::HEAD;
    let is_post = call.method == Method::POST;
    match call.path.as_str() {
        endpoints::AUTHORIZATION | endpoints::NATIVE_AUTHORIZATION if is_get => {
            authorize::authorization_page(core, call)
        }
        paths::SIGN_IN if is_post => consent::sign_in(core, call),
        paths::CONSENT if is_post => consent::handle_consent(core, call),
        endpoints::ACCESS_TOKEN if is_post => token::handle_request(core, call),
        endpoints::INTROSPECT if is_post => introspect::introspect(core, call),
        endpoints::REVOKE if is_post => introspect::revoke(core, call),
        endpoints::DISCOVERY if is_get => Ok(oidc::discovery(core)),
        endpoints::JWKS if is_get => Ok(oidc::jwks(core)),
        path if is_get && path.starts_with(endpoints::FEED_UPDATE) => Ok(feed::permalink(core, call)?),
        "/" | endpoints::RECENT_ACTIVITY if is_get => Ok(control::render_page(core)?),
        paths::STYLE if is_get => Ok(html::style()),
        path if path.starts_with("/sandbox/") => control::handle_request(core, call),
        path if media::is_video_upload(path) => media::upload_video(core, call),
        path if is_api(path) || path.starts_with(paths::UPLOADS) => {
            dispatch_api(core, call, &api::validate_call(core, call)?)
        }
        _ => Ok(Response::html(404, html::not_found_page())),
    }
}

/// The collections of the API: a wrong method gets a different error than an unknown path.
const COLLECTIONS: &[&str] = &[
    endpoints::USERINFO,
    endpoints::ME,
    endpoints::POSTS,
    endpoints::UGC_POSTS,
    endpoints::IMAGES,
    endpoints::DOCUMENTS,
    endpoints::VIDEOS,
    endpoints::ASSETS,
    endpoints::ORGANIZATION_ACLS,
    organizations::LEGACY_ACLS,
    organizations::LEGACY_ENTITY_ACLS,
    endpoints::ORGANIZATIONS,
    endpoints::ORGANIZATION_AUTHORIZATIONS,
    endpoints::SOCIAL_ACTIONS,
    endpoints::LEGACY_SOCIAL_ACTIONS,
    endpoints::SOCIAL_METADATA,
    endpoints::REACTIONS,
    endpoints::POST_ANALYTICS,
    endpoints::MEMBER_AUTHORIZATIONS,
];

fn dispatch_api(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    if media::is_document_upload(&call.path) {
        return media::upload_document(core, call, caller);
    }
    if call.path.starts_with(paths::UPLOADS) && call.method == Method::PUT {
        return images::upload(core, call, caller);
    }
    let method = if call.method == Method::HEAD { "GET" } else { call.method.as_str() };
    let (collection, key) = api::split_path(&call.path);
    match (method, collection, key) {
        ("GET", endpoints::USERINFO, "") => oidc::read_userinfo(core, caller),
        ("GET", endpoints::ME, "") => api::read_me(caller),
        ("POST", endpoints::POSTS, "") => posts::create(core, call, caller),
        ("POST", endpoints::UGC_POSTS, "") => posts::create_legacy(core, call, caller),
        ("GET", endpoints::POSTS, "") => reads::list_posts(core, call, caller),
        ("GET", endpoints::POSTS, key) => reads::read_post(core, key, caller),
        ("POST", endpoints::POSTS, key) => posts::update(core, call, key, caller),
        ("DELETE", endpoints::POSTS | endpoints::UGC_POSTS, key) if !key.is_empty() => posts::delete(core, key, caller),
        ("POST", endpoints::IMAGES, "") => images::initialize(core, call, caller),
        ("POST", endpoints::DOCUMENTS, "") => media::initialize_document(core, call, caller),
        ("POST", endpoints::VIDEOS, "") => media::handle_video_action(core, call, caller),
        ("GET", endpoints::DOCUMENTS | endpoints::VIDEOS, key) if !key.is_empty() => {
            media::read(core, collection, key, caller)
        }
        ("POST", endpoints::ASSETS, "") => images::register(core, call, caller),
        ("GET", endpoints::IMAGES, key) if !key.is_empty() => images::read(core, key, caller),
        ("GET", endpoints::ORGANIZATION_ACLS, "") => organizations::list_acls(core, call, caller, "organization"),
        ("GET", organizations::LEGACY_ACLS, "") => organizations::list_acls(core, call, caller, "organizationTarget"),
        ("GET", organizations::LEGACY_ENTITY_ACLS, "") => {
            organizations::list_acls(core, call, caller, "organizationalTarget")
        }
        ("GET", endpoints::ORGANIZATIONS, key) if !key.is_empty() => organizations::read_organization(key, caller),
        ("GET", endpoints::ORGANIZATIONS, "") => organizations::find_by_vanity_name(call, caller),
        ("GET", endpoints::ORGANIZATION_AUTHORIZATIONS, key) => organizations::read_authorization(key, caller),
        ("GET", endpoints::SOCIAL_ACTIONS | endpoints::LEGACY_SOCIAL_ACTIONS, key) => {
            social::read(core, call, key, caller)
        }
        ("POST", endpoints::SOCIAL_ACTIONS | endpoints::LEGACY_SOCIAL_ACTIONS, key) => {
            social::write_comment(core, call, key, caller)
        }
        ("DELETE", endpoints::SOCIAL_ACTIONS | endpoints::LEGACY_SOCIAL_ACTIONS, key) => {
            social::delete_comment(core, call, key, caller)
        }
        ("GET", endpoints::SOCIAL_METADATA, key) => social::read_counts(core, key, caller),
        ("POST", endpoints::REACTIONS, "") => social::react(core, call, caller),
        ("DELETE", endpoints::REACTIONS, key) => social::delete_reaction(core, key, caller),
        ("GET", endpoints::REACTIONS, key) => social::read_reactions(core, call, key, caller),
        ("GET", endpoints::POST_ANALYTICS, "") => reads::read_statistics(core, call, caller),
        ("GET", endpoints::MEMBER_AUTHORIZATIONS, "") => reads::read_member_authorizations(call, caller),
        (_, collection, _) if COLLECTIONS.contains(&collection) => answers::METHOD_NOT_ALLOWED.to_response(),
        _ => answers::NO_RESOURCE.to_response(),
    }
}
