//! Comments and reactions: the versioned API, and the legacy one for comments.

use serde_json::{Map, Value, json};

use super::answers::{self, Answer, ensure, required_field, unknown_field};
use super::api::{Caller, decode_urn};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, can_act_for};
use super::reads::{find_callers_post, find_post};
use super::response::{HandlerResult, Response};
use super::state::{Comment, Reaction};

/// Scopes that read comments, reactions and counts.
const READ_SCOPES: &[&str] =
    &["w_member_social_feed", "r_member_social_feed", "w_organization_social_feed", "r_organization_social_feed"];
/// Scopes that write them: as the member, and as a Page.
const WRITE_SCOPES: Scopes = Scopes { member: &["w_member_social_feed"], page: &["w_organization_social_feed"] };
/// Scopes that write comments by the legacy API.
const LEGACY_SCOPES: Scopes = Scopes {
    member: &["w_member_social_feed", "w_member_social"],
    page: &["w_organization_social_feed", "w_organization_social"],
};
/// A member's next comment is refused for so long.
const COMMENT_PAUSE_SECONDS: i64 = 60;
/// The types of reactions.
const REACTION_TYPES: &[&str] = &["LIKE", "PRAISE", "EMPATHY", "INTEREST", "APPRECIATION", "ENTERTAINMENT"];
/// The field of a comment that holds its text.
const MESSAGE: &str = "message";
/// The fields of a new comment.
const COMMENT_FIELDS: &[&str] = &["actor", "object", MESSAGE, "parentComment", "content"];

/// The scopes of which one is necessary.
struct Scopes {
    member: &'static [&'static str],
    page: &'static [&'static str],
}

impl Scopes {
    /// Refuses with `denied` unless the caller may act for some member or Page.
    fn require_any(&self, caller: &Caller, denied: Answer) -> HandlerResult<()> {
        caller.require(&[self.member, self.page].concat(), denied)
    }

    /// Refuses unless the caller may act for `actor`; a field of the body, or a parameter, names it.
    fn require_for(&self, caller: &Caller, actor: &str, denied: Answer) -> HandlerResult<()> {
        let is_page = actor.starts_with(organizations::URN_PREFIX);
        caller.require(if is_page { self.page } else { self.member }, denied)?;
        if can_act_for(caller, actor) {
            return Ok(());
        }
        Err(if is_page { answers::FORBIDDEN.into() } else { answers::FIELD_VALUE.refusal(&[("field", "/actor")]) })
    }
}

fn is_legacy(call: &Call) -> bool {
    call.path.starts_with("/v2/")
}

/// Returns the scopes and the refusal of a write of a comment.
fn comment_rules(core: &Core, call: &Call, caller: &Caller, denied: Answer) -> HandlerResult<(Scopes, Answer)> {
    let rules = if is_legacy(call) { (LEGACY_SCOPES, answers::COMMENT_DENIED_V2) } else { (WRITE_SCOPES, denied) };
    if core.behavior().comments_refused { Err(caller.permission_denied(rules.1)) } else { Ok(rules) }
}

/// `GET .../socialActions/{urn}` and `.../socialActions/{urn}/comments`.
pub(super) fn read(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    let (urn, is_list) = match key.split_once('/') {
        Some((urn, "comments")) => (urn, true),
        None => (key, false),
        Some(_) => return answers::NO_RESOURCE.to_response(),
    };
    let denied = match (is_legacy(call), is_list) {
        (true, _) => answers::SOCIAL_DENIED_V2,
        (false, true) => answers::COMMENTS_DENIED,
        (false, false) => answers::SOCIAL_DENIED,
    };
    caller.require(READ_SCOPES, denied)?;
    let post = find_callers_post(core, urn, caller)?.urn;
    let state = core.state()?;
    if !is_list {
        let mut body = answers::SOCIAL_COUNTS.json(&[("urn", &post)])?;
        body["likesSummary"]["totalLikes"] = state.reactions_to(&post).count().into();
        body["commentsSummary"]["totalFirstLevelComments"] =
            state.comments_on(&post).filter(|comment| comment.parent.is_none()).count().into();
        return Ok(Response::json(&body));
    }
    let query = call.parameters();
    let (start, count) = (query.number("start", 0), query.number("count", 10));
    let mut body = answers::COMMENTS_NONE.json(&[])?;
    body["paging"]["start"] = start.into();
    body["paging"]["count"] = count.into();
    body["elements"] = state.comments_on(&post).skip(start).take(count).map(to_json).collect();
    Ok(Response::json(&body))
}

fn to_json(comment: &Comment) -> Value {
    let mut body = json!({
        "id": comment.id, "commentUrn": comment.urn(), "object": comment.post, "actor": comment.actor,
        MESSAGE: { "text": comment.text }, "created": { "actor": comment.actor, "time": comment.at * 1000 },
    });
    if let Some(parent) = &comment.parent {
        body["parentComment"] = json!(parent);
    }
    body
}

/// `POST .../socialActions/{urn}/comments` creates a comment, and with its ID and `PARTIAL_UPDATE` changes its text.
pub(super) fn write_comment(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    match key.split_once("/comments") {
        Some((urn, "")) => create_comment(core, call, urn, caller),
        Some((urn, rest)) if rest.starts_with('/') => update_comment(core, call, urn, &rest[1..], caller),
        _ => answers::NO_RESOURCE.to_response(),
    }
}

fn create_comment(core: &Core, call: &Call, urn: &str, caller: &Caller) -> HandlerResult {
    let (scopes, denied) = comment_rules(core, call, caller, answers::COMMENT_DENIED)?;
    scopes.require_any(caller, denied)?;
    let body = call.json_object()?;
    check_comment(&body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let actor = text("actor").unwrap_or_default();
    scopes.require_for(caller, &actor, denied)?;
    let post = find_post(core, urn)?.urn;
    let comment = Comment {
        id: String::new(),
        post,
        actor,
        member: caller.member_key().to_owned(),
        text: body[MESSAGE]["text"].as_str().unwrap_or_default().to_owned(),
        parent: text("parentComment"),
        at: caller.now_ms / 1000,
        is_edited: false,
    };
    let id = core.update(|state, now_ms| {
        let is_known = |parent: &String| state.comments.iter().any(|known| known.urn() == *parent);
        ensure(comment.parent.as_ref().is_none_or(is_known), answers::NOT_FOUND)?;
        let last = state.comments.iter().rev().find(|known| known.member == comment.member);
        let is_too_soon = |known: &Comment| now_ms / 1000 - known.at < COMMENT_PAUSE_SECONDS;
        ensure(!last.is_some_and(is_too_soon), answers::COMMENT_LIMIT)?;
        state.last_number += 1;
        let id = state.last_number.to_string();
        state.comments.push(Comment { id: id.clone(), ..comment });
        Ok(id)
    })?;
    // Rest.li 1.0 has another name for the header.
    let is_protocol_2 = call.header("x-restli-protocol-version") == Some("2.0.0");
    Ok(Response::empty(201).with(if is_protocol_2 { "x-restli-id" } else { "x-linkedin-id" }, id))
}

/// Checks the fields of a new comment; reports all problems in one response.
fn check_comment(body: &Map<String, Value>) -> HandlerResult<()> {
    let mut problems = Vec::new();
    for name in ["actor", "object"] {
        if !body.get(name).is_some_and(Value::is_string) {
            problems.push(required_field(name)?);
        }
    }
    match body.get(MESSAGE) {
        None => problems.push(required_field(MESSAGE)?),
        Some(message) if !message["text"].is_string() => problems.push(required_field("message/text")?),
        Some(_) => {}
    }
    for name in body.keys().filter(|name| !COMMENT_FIELDS.contains(&name.as_str())) {
        problems.push(unknown_field(name)?);
    }
    if problems.is_empty() { Ok(()) } else { Err(answers::unprocessable(&problems)) }
}

fn update_comment(core: &Core, call: &Call, urn: &str, id: &str, caller: &Caller) -> HandlerResult {
    let (scopes, denied) = comment_rules(core, call, caller, answers::COMMENT_UPDATE_DENIED)?;
    scopes.require_any(caller, denied)?;
    let method = call.header("x-restli-method").unwrap_or_default();
    ensure(method.eq_ignore_ascii_case("PARTIAL_UPDATE"), answers::METHOD_UNRESOLVED)?;
    let body = call.json_object()?;
    let Some(text) = body.get("patch").and_then(|patch| patch[MESSAGE]["$set"]["text"].as_str()) else {
        return Err(answers::unprocessable(&[required_field("patch/message/$set/text")?]));
    };
    change_comment(core, call, (urn, id), caller, (&scopes, denied), |comments, index| {
        text.clone_into(&mut comments[index].text);
        comments[index].is_edited = true;
    })
}

/// `DELETE .../socialActions/{urn}/comments/{id}?actor={urn}`.
pub(super) fn delete_comment(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    let Some((urn, id)) = key.split_once("/comments/") else { return answers::NO_RESOURCE.to_response() };
    let (scopes, denied) = comment_rules(core, call, caller, answers::COMMENT_DELETE_DENIED)?;
    scopes.require_any(caller, denied)?;
    change_comment(core, call, (urn, id), caller, (&scopes, denied), |comments, index| {
        comments.remove(index);
    })
}

/// Applies `change` to a comment of the actor that the query names: 204, and 404 for an unknown one.
fn change_comment(
    core: &Core,
    call: &Call,
    (urn, id): (&str, &str),
    caller: &Caller,
    (scopes, denied): (&Scopes, Answer),
    change: impl FnOnce(&mut Vec<Comment>, usize),
) -> HandlerResult {
    let query = call.parameters();
    let actor = query.get("actor").ok_or(answers::METHOD_UNRESOLVED)?;
    scopes.require_for(caller, actor, denied)?;
    let post = decode_urn(urn);
    core.update(|state, _| {
        let is_addressed = |comment: &Comment| comment.post == post && comment.id == id;
        let index = state.comments.iter().position(is_addressed).ok_or(answers::NOT_FOUND)?;
        ensure(state.comments[index].actor == actor, answers::FORBIDDEN)?;
        change(&mut state.comments, index);
        Ok(())
    })?;
    Ok(Response::empty(204))
}

/// `GET /rest/socialMetadata/{urn}`: the numbers of comments and reactions.
pub(super) fn read_counts(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(READ_SCOPES, answers::COUNTS_DENIED)?;
    let post = find_callers_post(core, key, caller)?.urn;
    let state = core.state()?;
    let mut body = answers::COUNTS.json(&[("urn", &post)])?;
    for (kind, count) in state.reaction_counts(&post) {
        body["reactionSummaries"][kind] = json!({ "reactionType": kind, "count": count });
    }
    let is_top_level = |comment: &&Comment| comment.parent.is_none();
    body["commentSummary"]["count"] = state.comments_on(&post).count().into();
    body["commentSummary"]["topLevelCount"] = state.comments_on(&post).filter(is_top_level).count().into();
    Ok(Response::json(&body))
}

/// `POST /rest/reactions?actor={urn}`: an actor's next reaction replaces the previous one.
pub(super) fn react(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let denied = answers::REACTION_DENIED;
    WRITE_SCOPES.require_any(caller, denied)?;
    let query = call.parameters();
    let actor = query.get("actor").ok_or(answers::METHOD_UNRESOLVED)?;
    let body = call.json_object()?;
    let mut problems = Vec::new();
    for name in ["root", "reactionType"] {
        if !body.get(name).is_some_and(Value::is_string) {
            problems.push(required_field(name)?);
        }
    }
    for name in body.keys().filter(|name| !["root", "reactionType"].contains(&name.as_str())) {
        problems.push(unknown_field(name)?);
    }
    let kind = body.get("reactionType").and_then(Value::as_str).unwrap_or("LIKE");
    if !REACTION_TYPES.contains(&kind) {
        let value = Value::from(kind).to_string();
        problems.push(answers::FIELD_ENUM.message(&[("field", "/reactionType"), ("value", &value)])?);
    }
    if !problems.is_empty() {
        return Err(answers::unprocessable(&problems));
    }
    WRITE_SCOPES.require_for(caller, actor, denied)?;
    let post = find_post(core, body["root"].as_str().unwrap_or_default())?.urn;
    core.update(|state, now_ms| {
        state.reactions.retain(|known| known.post != post || known.actor != actor);
        state.reactions.push(Reaction {
            post,
            actor: actor.to_owned(),
            member: caller.member_key().to_owned(),
            kind: kind.to_owned(),
            at: now_ms / 1000,
        });
        Ok(())
    })?;
    Ok(Response::empty(201))
}

/// Returns the URN after `name` in a key such as `(actor:{urn},entity:{urn})`.
fn find_key_urn(key: &str, name: &str) -> Option<String> {
    let parts = key.strip_prefix('(')?.strip_suffix(')')?;
    let value = parts.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix(':'))?;
    Some(decode_urn(value))
}

/// `DELETE /rest/reactions/(actor:{urn},entity:{urn})`: 204, and 404 without such a reaction.
pub(super) fn delete_reaction(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    let denied = answers::REACTION_DELETE_DENIED;
    WRITE_SCOPES.require_any(caller, denied)?;
    let (Some(actor), Some(post)) = (find_key_urn(key, "actor"), find_key_urn(key, "entity")) else {
        return answers::PATH_SYNTAX.to_response();
    };
    WRITE_SCOPES.require_for(caller, &actor, denied)?;
    core.update(|state, _| {
        let count = state.reactions.len();
        state.reactions.retain(|known| known.post != post || known.actor != actor);
        ensure(state.reactions.len() < count, answers::NOT_FOUND)
    })?;
    Ok(Response::empty(204))
}

/// `GET /rest/reactions/(entity:{urn})?q=entity`.
pub(super) fn read_reactions(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(READ_SCOPES, answers::REACTIONS_DENIED)?;
    let entity = find_key_urn(key, "entity").filter(|_| call.parameters().get("q") == Some("entity"));
    let post = find_callers_post(core, &entity.ok_or(answers::METHOD_UNRESOLVED)?, caller)?.urn;
    let state = core.state()?;
    let to_json = |reaction: &Reaction| {
        json!({
            "root": reaction.post, "reactionType": reaction.kind,
            "created": { "actor": reaction.actor, "time": reaction.at * 1000 },
        })
    };
    let elements: Vec<Value> = state.reactions_to(&post).map(to_json).collect();
    let paging = json!({ "start": 0, "count": elements.len(), "links": [] });
    Ok(Response::json(&json!({ "paging": paging, "elements": elements })))
}
