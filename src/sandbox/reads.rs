//! Reads that require approved products: posts, their comments and counts, statistics, the member's own
//! data. A token of the self-serve products gets 403 from each, with the name of the permission.

use serde_json::{Value, json};

use super::answers::{self, Answer, ensure};
use super::api::{Caller, decode_urn};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, can_act_for};
use super::response::{HandlerResult, Response};
use super::state::Post;

/// Scopes that read comments, reactions and counts.
const FEED_SCOPES: &[&str] =
    &["w_member_social_feed", "r_member_social_feed", "w_organization_social_feed", "r_organization_social_feed"];
/// Parameters of the statistics.
const STATISTICS_PARAMETERS: &[&str] = &["q", "queryType", "aggregation", "entity", "dateRange", "start", "count"];
/// The first version whose statistics name the metric by a string.
const METRIC_STRING_SINCE: &str = "202605";

/// Finds the post of a key; a deleted one is not found.
fn find_post(core: &Core, key: &str) -> HandlerResult<Post> {
    let urn = decode_urn(key);
    let state = core.state()?;
    let post = state.posts.into_iter().find(|post| post.urn == urn && !post.deleted);
    Ok(post.ok_or(answers::NOT_FOUND)?)
}

/// Finds a post of the caller.
fn find_callers_post(core: &Core, key: &str, caller: &Caller) -> HandlerResult<Post> {
    let post = find_post(core, key)?;
    ensure(can_act_for(caller, &post.author), answers::FORBIDDEN)?;
    Ok(post)
}

/// Checks that the caller may read the posts of this author. No product grants the scope for a
/// member's posts.
fn check_readable(caller: &Caller, author: &str, answer: Answer) -> HandlerResult<()> {
    let is_page = author.starts_with(organizations::URN_PREFIX);
    if caller.has_scope(if is_page { "r_organization_social" } else { "r_member_social" }) {
        return ensure(can_act_for(caller, author), answers::FORBIDDEN);
    }
    if !caller.is_partner() {
        return Err(caller.permission_denied(answer));
    }
    Err(if is_page { answers::PAGE_AUTHOR } else { answers::MEMBER_AUTHOR }.into())
}

/// `GET /rest/posts?q=author&author={urn}`.
pub(super) fn posts(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let query = call.parameters();
    let (Some("author"), Some(author)) = (query.get("q"), query.get("author")) else {
        return answers::METHOD_UNRESOLVED.to_response();
    };
    check_readable(caller, author, answers::POSTS_DENIED)?;
    let (start, count) = (query.number("start", 0), query.number("count", 10));
    let state = core.state()?;
    let by_author = state.posts.iter().rev().filter(|post| post.author == author && !post.deleted);
    let elements: Vec<Value> = by_author.skip(start).take(count).map(to_json).collect();
    Ok(Response::json(&json!({ "paging": { "start": start, "count": count, "links": [] }, "elements": elements })))
}

/// `GET /rest/posts/{urn}`.
pub(super) fn read_post(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    if !caller.is_partner() {
        caller.require(&["r_member_social"], answers::POST_READ_DENIED)?;
    }
    let post = find_post(core, key)?;
    check_readable(caller, &post.author, answers::POST_READ_DENIED)?;
    Ok(Response::json(&to_json(&post)))
}

fn to_json(post: &Post) -> Value {
    json!({
        "id": post.urn, "author": post.author, "commentary": post.text, "visibility": post.visibility,
        "lifecycleState": "PUBLISHED",
    })
}

/// `GET .../socialActions/{urn}` and `.../socialActions/{urn}/comments`.
pub(super) fn social_actions(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    let (urn, is_list) = match key.split_once('/') {
        Some((urn, "comments")) => (urn, true),
        None => (key, false),
        Some(_) => return answers::NO_RESOURCE.to_response(),
    };
    let answer = match (call.path.starts_with("/v2/"), is_list) {
        (true, _) => answers::SOCIAL_DENIED_V2,
        (false, true) => answers::COMMENTS_DENIED,
        (false, false) => answers::SOCIAL_DENIED,
    };
    caller.require(FEED_SCOPES, answer)?;
    let post = find_callers_post(core, urn, caller)?;
    if is_list {
        answers::COMMENTS_NONE.to_response()
    } else {
        answers::SOCIAL_COUNTS.to_response_with(&[("urn", &post.urn)])
    }
}

/// `GET /rest/socialMetadata/{urn}`: the numbers of comments and reactions.
pub(super) fn counts(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(FEED_SCOPES, answers::COUNTS_DENIED)?;
    let post = find_callers_post(core, key, caller)?;
    answers::COUNTS.to_response_with(&[("urn", &post.urn)])
}

/// `GET /rest/memberCreatorPostAnalytics?q=me`.
pub(super) fn statistics(call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(&["r_member_postAnalytics"], answers::STATISTICS_DENIED)?;
    let query = call.parameters();
    if let Some(name) = query.names().find(|name| !STATISTICS_PARAMETERS.contains(name)) {
        return Err(answers::PARAMETER_NOT_ALLOWED.refusal(&[("field", name)]));
    }
    let (Some("me"), Some(metric)) = (query.get("q"), query.get("queryType")) else {
        return answers::METHOD_UNRESOLVED.to_response();
    };
    let is_string = caller.month() >= METRIC_STRING_SINCE;
    let answer = if is_string { answers::STATISTICS } else { answers::STATISTICS_OBJECT };
    answer.to_response_with(&[("metric", metric)])
}

/// `GET /rest/memberAuthorizations?q=memberAndApplication`: the member whose data the app may read.
pub(super) fn member_authorizations(call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(
        &["r_dma_portability_self_serve", "r_dma_portability_3rd_party"],
        answers::MEMBER_AUTHORIZATIONS_DENIED,
    )?;
    let is_finder = call.parameters().get("q") == Some("memberAndApplication");
    let person = caller.member_urn().filter(|_| is_finder).ok_or(answers::METHOD_UNRESOLVED)?;
    answers::MEMBER_AUTHORIZATIONS.to_response_with(&[("member", &person)])
}
