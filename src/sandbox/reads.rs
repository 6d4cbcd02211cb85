//! Reads that require approved products: posts, statistics, the member's own data. A token of the self-serve products gets 403 from each, with the name of the permission.

use serde_json::{Value, json};

use super::answers::{self, Answer, ensure};
use super::api::{Caller, decode_urn};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, can_act_for};
use super::response::{HandlerResult, Response};
use super::state::Post;

/// Parameters of the statistics.
const STATISTICS_PARAMETERS: &[&str] = &["q", "queryType", "aggregation", "entity", "dateRange", "start", "count"];
/// The metrics of every version that has statistics.
const METRICS: &[&str] = &["IMPRESSION", "MEMBERS_REACHED", "REACTION", "COMMENT", "RESHARE"];
/// Further metrics.
const LATER_METRICS: &[&str] = &[
    "POST_SEND",
    "POST_SAVE",
    "LINK_CLICKS",
    "PREMIUM_CTA_CLICKS",
    "FOLLOWER_GAINED_FROM_CONTENT",
    "PROFILE_VIEW_FROM_CONTENT",
];
/// The first version that has them.
const LATER_METRICS_SINCE: &str = "202604";
/// The first version whose statistics name the metric by a string.
const METRIC_STRING_SINCE: &str = "202605";

/// Finds the post of a key; a deleted one is not found.
pub(super) fn find_post(core: &Core, key: &str) -> HandlerResult<Post> {
    let urn = decode_urn(key);
    let state = core.state()?;
    let post = state.posts.into_iter().find(|post| post.urn == urn && !post.is_deleted);
    Ok(post.ok_or(answers::NOT_FOUND)?)
}

/// Finds a post of the caller.
pub(super) fn find_callers_post(core: &Core, key: &str, caller: &Caller) -> HandlerResult<Post> {
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
    if !caller.has_community_management() {
        return Err(caller.permission_denied(answer));
    }
    Err(if is_page { answers::PAGE_AUTHOR } else { answers::MEMBER_AUTHOR }.into())
}

/// `GET /rest/posts?q=author&author={urn}`.
pub(super) fn list_posts(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let query = call.parameters();
    let (Some("author"), Some(author)) = (query.get("q"), query.get("author")) else {
        return answers::METHOD_UNRESOLVED.to_response();
    };
    check_readable(caller, author, answers::POSTS_DENIED)?;
    let start = query.number("start", 0);
    let count = query.number("count", 10).clamp(1, core.behavior().largest_page.max(1));
    let state = core.state()?;
    let by_author = state.posts.iter().rev().filter(|post| post.author == author && !post.is_deleted);
    let elements: Vec<Value> = by_author.skip(start).take(count).map(to_json).collect();
    Ok(Response::json(&json!({ "paging": { "start": start, "count": count, "links": [] }, "elements": elements })))
}

/// `GET /rest/posts/{urn}`.
pub(super) fn read_post(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    if !caller.has_community_management() {
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

/// `GET /rest/memberCreatorPostAnalytics?q=me`, or `?q=entity` for one post.
pub(super) fn read_statistics(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(&["r_member_postAnalytics"], answers::STATISTICS_DENIED)?;
    let query = call.parameters();
    if let Some(name) = query.names().find(|name| !STATISTICS_PARAMETERS.contains(name)) {
        return Err(answers::PARAMETER_NOT_ALLOWED.refusal(&[("field", name)]));
    }
    let (Some(finder), Some(metric)) = (query.get("q"), query.get("queryType")) else {
        return answers::METHOD_UNRESOLVED.to_response();
    };
    let is_known =
        METRICS.contains(&metric) || LATER_METRICS.contains(&metric) && caller.month() >= LATER_METRICS_SINCE;
    ensure(is_known, answers::QUERY_SYNTAX)?;
    let state = core.state()?;
    let posts: Vec<String> = match (finder, query.get("entity")) {
        ("me", None) => {
            let own = state
                .posts
                .iter()
                .filter(|post| Some(&post.author) == caller.member_urn().as_ref() && !post.is_deleted);
            own.map(|post| post.urn.clone()).collect()
        }
        ("entity", Some(entity)) => vec![find_callers_post(core, parse_entity_urn(entity)?, caller)?.urn],
        _ => return answers::METHOD_UNRESOLVED.to_response(),
    };
    let sum = |count: &dyn Fn(&str) -> usize| posts.iter().map(|post| count(post)).sum::<usize>().to_string();
    let count = match metric {
        // The number of the recorded answer: no member views the posts of the sandbox.
        "IMPRESSION" => "670".to_owned(),
        "REACTION" => sum(&|post| state.reactions_to(post).count()),
        "COMMENT" => sum(&|post| state.comments_on(post).count()),
        _ => "0".to_owned(),
    };
    let is_string = caller.month() >= METRIC_STRING_SINCE;
    let answer = if is_string { answers::STATISTICS } else { answers::STATISTICS_OBJECT };
    answer.to_response_with(&[("metric", metric), ("count", &count)])
}

/// Returns the URN in `(share:urn:li:share:1)` or `(ugc:urn:li:ugcPost:1)`.
fn parse_entity_urn(entity: &str) -> HandlerResult<&str> {
    let key = entity.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).and_then(|key| key.split_once(':'));
    let is_kind = |(kind, urn): &(&str, &str)| {
        matches!(*kind, "share") && urn.starts_with("urn:li:share:")
            || matches!(*kind, "ugc") && urn.starts_with("urn:li:ugcPost:")
    };
    Ok(key.filter(is_kind).ok_or(answers::QUERY_SYNTAX)?.1)
}

/// `GET /rest/memberAuthorizations?q=memberAndApplication`: the member whose data the app may read.
pub(super) fn read_member_authorizations(call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(
        &["r_dma_portability_self_serve", "r_dma_portability_3rd_party"],
        answers::MEMBER_AUTHORIZATIONS_DENIED,
    )?;
    let is_finder = call.parameters().get("q") == Some("memberAndApplication");
    let member = caller.member_urn().filter(|_| is_finder).ok_or(answers::METHOD_UNRESOLVED)?;
    answers::MEMBER_AUTHORIZATIONS.to_response_with(&[("member", &member)])
}
