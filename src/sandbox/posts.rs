//! Creates, changes and deletes posts: the versioned API and the legacy one.

use serde_json::Value;

use super::answers::{self, ensure, required_field, unknown_field};
use super::api::{Caller, WRITE_SCOPES, decode_urn};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, can_act_for};
use super::response::{HandlerResult, Refusal, Response};
use super::scenario::{Behavior, LongText, PermissionText, PostId, PostsAccess};
use super::state::{ASSET_URN, IMAGE_URN, Post, SandboxState};
use super::{content, little_text, media};

/// Longest text of a post, in UTF-16 code units.
const MAX_TEXT_UNITS: usize = 3000;
/// How long a post with the same text and author counts as a duplicate, in seconds.
const DUPLICATE_SECONDS: i64 = 600;
/// The fields that `POST /rest/posts` requires.
const REQUIRED: [&str; 5] = ["author", "commentary", "visibility", "distribution", "lifecycleState"];
/// The fields that `POST /v2/ugcPosts` requires.
const LEGACY_REQUIRED: [&str; 4] = ["author", "lifecycleState", "specificContent", "visibility"];
/// The other fields of `POST /rest/posts`.
const OPTIONAL: [&str; 5] =
    ["content", "isReshareDisabledByAuthor", "reshareContext", "adContext", "contentLandingPage"];

/// A post that may be published.
struct Draft {
    author: String,
    text: String,
    visibility: String,
    content: Option<Value>,
    image_urn_prefix: &'static str,
    /// The post that is reshared.
    parent: Option<String>,
}

/// `POST /rest/posts`: 201, an empty body, the ID only in a header.
pub(super) fn create(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    count_post(core, caller)?;
    let behavior = core.behavior();
    match behavior.posts_access {
        PostsAccess::RestBroken => return answers::SERVER_ERROR.to_response(),
        PostsAccess::Both if caller.has_any_scope(WRITE_SCOPES) => {}
        _ => return Err(post_denied(caller)),
    }
    let body = Value::Object(call.json_object()?);
    check_schema(&body)?;
    let author = to_text(&body["author"]);
    check_author(&behavior, caller, &author)?;
    let state = to_text(&body["lifecycleState"]);
    if state != "PUBLISHED" {
        return Err(answers::VALUE_REFUSED.refusal(&[("field", "/lifecycleState"), ("value", &state)]));
    }
    let draft = Draft {
        author,
        text: little_text::published_text(&to_text(&body["commentary"])),
        visibility: to_text(&body["visibility"]),
        content: body.get("content").cloned(),
        image_urn_prefix: IMAGE_URN,
        parent: body["reshareContext"]["parent"].as_str().map(str::to_owned),
    };
    publish(core, call, caller, draft)
}

/// `POST /v2/ugcPosts`: plain text, no version.
pub(super) fn create_legacy(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    count_post(core, caller)?;
    if core.behavior().posts_access == PostsAccess::None {
        return Err(caller.permission_denied(answers::UGC_DENIED));
    }
    caller.require(WRITE_SCOPES, answers::UGC_DENIED)?;
    let body = Value::Object(call.json_object()?);
    if let Some(name) = ["distribution", "content"].into_iter().find(|name| body.get(name).is_some()) {
        return Err(answers::FIELD_UNPERMITTED.refusal(&[("field", &format!("/{name}"))]));
    }
    refuse_problems(&find_missing_fields(&body, &LEGACY_REQUIRED)?)?;
    let author = to_text(&body["author"]);
    let is_page = author.starts_with(organizations::URN_PREFIX);
    let scope = if is_page { "w_organization_social" } else { "w_member_social" };
    if !caller.has_scope(scope) || !can_act_for(caller, &author) {
        return Err(answers::FIELD_VALUE.refusal(&[("field", "/author")]));
    }
    let share = &body["specificContent"]["com.linkedin.ugc.ShareContent"];
    // Images of the versioned API are refused.
    let mut media = share["media"].as_array().into_iter().flatten().filter_map(|media| media["media"].as_str());
    ensure(!media.any(|urn| urn.starts_with(IMAGE_URN)), answers::CONTENT_NOT_OWNED)?;
    let draft = Draft {
        author,
        text: to_text(&share["shareCommentary"]["text"]),
        visibility: to_text(&body["visibility"]["com.linkedin.ugc.MemberNetworkVisibility"]),
        content: content::from_legacy(share),
        image_urn_prefix: ASSET_URN,
        parent: None,
    };
    publish(core, call, caller, draft)
}

/// `DELETE /rest/posts/{urn}` and the legacy one: 204, and 404 for a deleted post.
pub(super) fn delete(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, answers::DELETE_DENIED)?;
    change_post(core, key, caller, |post, _| post.is_deleted = true)?;
    ensure(!core.behavior().already_deleted, answers::NOT_FOUND)?;
    Ok(Response::empty(204))
}

/// `POST /rest/posts/{urn}` with `X-RestLi-Method: PARTIAL_UPDATE`: changes the text.
pub(super) fn update(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, answers::UPDATE_DENIED)?;
    let method = call.header("x-restli-method").unwrap_or_default();
    ensure(method.eq_ignore_ascii_case("PARTIAL_UPDATE"), answers::METHOD_UNRESOLVED)?;
    let body = call.json_object()?;
    let Some(commentary) = body.get("patch").and_then(|patch| patch["$set"]["commentary"].as_str()) else {
        return Err(answers::unprocessable(&[required_field("patch/$set/commentary")?]));
    };
    let text = little_text::published_text(commentary);
    check_length(&core.behavior(), &text)?;
    change_post(core, key, caller, |post, now| {
        post.text = text;
        post.edited = Some(now);
    })?;
    Ok(Response::empty(204))
}

/// Applies `change` to a post of the caller; it gets the time in epoch seconds.
fn change_post(core: &Core, key: &str, caller: &Caller, change: impl FnOnce(&mut Post, i64)) -> HandlerResult<()> {
    let urn = decode_urn(key);
    core.update(|state, now_ms| {
        let post = state.posts.iter_mut().find(|post| post.urn == urn && !post.is_deleted).ok_or(answers::NOT_FOUND)?;
        ensure(can_act_for(caller, &post.author), answers::FORBIDDEN)?;
        change(post, now_ms / 1000);
        Ok(())
    })
}

/// Counts the call; refuses it if the member's daily limit with this app is reached.
fn count_post(core: &Core, caller: &Caller) -> HandlerResult<()> {
    let limit = core.behavior().daily_posts;
    core.update(|state, now_ms| {
        let is_allowed = state.count_post(&caller.token.app, caller.member_key(), now_ms / 1000, limit);
        ensure(is_allowed, answers::MEMBER_DAILY_LIMIT)
    })
}

fn post_denied(caller: &Caller) -> Refusal {
    match caller.permission_text {
        PermissionText::Year2023 => answers::POST_DENIED_2023.into(),
        _ => caller.permission_denied(answers::POST_DENIED),
    }
}

/// Checks the author: a Page's posts need another scope than a member's, and a role.
fn check_author(behavior: &Behavior, caller: &Caller, author: &str) -> HandlerResult<()> {
    if author.starts_with(organizations::URN_PREFIX) {
        let refusal = if behavior.old_page_refusal { answers::PAGE_AUTHOR_OLD } else { answers::PAGE_AUTHOR };
        ensure(caller.has_scope("w_organization_social") && !behavior.page_posts_refused, refusal)?;
        return ensure(can_act_for(caller, author), answers::FORBIDDEN);
    }
    if !caller.has_scope("w_member_social") {
        return Err(post_denied(caller));
    }
    if can_act_for(caller, author) { Ok(()) } else { Err(answers::FIELD_VALUE.refusal(&[("field", "/author")])) }
}

/// Returns the text of a JSON string; empty if the value is missing or not a string.
fn to_text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns the lines of a 422 for the missing ones of `names`.
fn find_missing_fields(body: &Value, names: &[&str]) -> HandlerResult<Vec<String>> {
    names.iter().filter(|name| body.get(**name).is_none()).map(|name| required_field(name)).collect()
}

/// Checks the fields of the body; reports all problems in one response.
fn check_schema(body: &Value) -> HandlerResult<()> {
    let mut problems = find_missing_fields(body, &REQUIRED)?;
    for (name, value) in body.as_object().into_iter().flatten() {
        let allowed_values: &[&str] = match name.as_str() {
            "visibility" => &["PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"],
            "lifecycleState" => &["PUBLISHED", "DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"],
            "content" => {
                problems.extend(content::find_problems(value)?);
                continue;
            }
            "reshareContext" if value["parent"].is_string() => continue,
            "reshareContext" => {
                problems.push(required_field("reshareContext/parent")?);
                continue;
            }
            known if REQUIRED.contains(&known) || OPTIONAL.contains(&known) => continue,
            unknown => {
                problems.push(unknown_field(unknown)?);
                continue;
            }
        };
        if !value.as_str().is_some_and(|value| allowed_values.contains(&value)) {
            let values = [("field", &*format!("/{name}")), ("value", &*value.to_string())];
            problems.push(answers::FIELD_ENUM.message(&values)?);
        }
    }
    refuse_problems(&problems)
}

fn refuse_problems(problems: &[String]) -> HandlerResult<()> {
    if problems.is_empty() { Ok(()) } else { Err(answers::unprocessable(problems)) }
}

/// Checks what both APIs check, and publishes the post.
fn publish(core: &Core, call: &Call, caller: &Caller, draft: Draft) -> HandlerResult {
    let behavior = core.behavior();
    check_length(&behavior, &draft.text)?;
    let media_urn = draft.content.as_ref().and_then(content::document_or_video).map(|(urn, _)| urn.to_owned());
    let published = core.update(|state, now_ms| {
        let now = now_ms / 1000;
        check_content(state, &draft, behavior.processing_failed)?;
        if let Some(urn) = find_duplicate(state, &draft, now) {
            let answer = if behavior.duplicate_undetailed { answers::DUPLICATE_BARE } else { answers::DUPLICATE };
            return Err(answer.refusal(&[("urn", &urn)]));
        }
        state.last_number += 1;
        // A post with several images is a ugcPost too.
        let is_ugc = behavior.post_id == PostId::UgcPost
            || draft.content.as_ref().is_some_and(|content| content.get("multiImage").is_some());
        let urn = format!("urn:li:{}:{}", if is_ugc { "ugcPost" } else { "share" }, state.last_number);
        state.posts.push(Post {
            urn: urn.clone(),
            author: draft.author,
            member: caller.member_key().to_owned(),
            text: draft.text,
            visibility: draft.visibility,
            at: now,
            is_deleted: false,
            content: draft.content,
            edited: None,
            parent: draft.parent,
        });
        Ok(urn)
    });
    if let (Err(_), Some(media_urn)) = (&published, media_urn) {
        // Processing goes on while a post is refused: an app that may not read the status tries again instead.
        media::advance_processing(core, &media_urn)?;
    }
    let urn = published?;
    let response = Response::empty(201);
    // Rest.li 1.0 has another name for the header.
    let is_protocol_2 = call.header("x-restli-protocol-version") == Some("2.0.0");
    let header = if is_protocol_2 { "x-restli-id" } else { "x-linkedin-id" };
    Ok(match behavior.post_id {
        PostId::Omitted => response,
        PostId::Encoded => response.with(header, urn.replace(':', "%3A")),
        PostId::Sent | PostId::MixedCaseHeader | PostId::UgcPost => response.with(header, urn),
    })
}

fn check_length(behavior: &Behavior, text: &str) -> HandlerResult<()> {
    let length = text.encode_utf16().count();
    let answer = match behavior.long_text {
        _ if length <= MAX_TEXT_UNITS => return Ok(()),
        LongText::Real => answers::TEXT_TOO_LONG,
        LongText::Documented => answers::FIELD_TOO_LONG,
    };
    Err(answer.refusal(&[("length", &length.to_string())]))
}

fn check_content(state: &SandboxState, draft: &Draft, is_failing: bool) -> HandlerResult<()> {
    if let Some(parent) = &draft.parent {
        ensure(state.posts.iter().any(|post| post.urn == *parent && !post.is_deleted), answers::NOT_FOUND)?;
    }
    let Some(content) = &draft.content else { return Ok(()) };
    content::check(state, &draft.author, content, draft.image_urn_prefix, is_failing)
}

fn find_duplicate(state: &SandboxState, draft: &Draft, now: i64) -> Option<String> {
    let is_recent = |post: &&Post| (0..DUPLICATE_SECONDS).contains(&(now - post.at));
    let is_same = |post: &&Post| !post.is_deleted && post.author == draft.author && post.text == draft.text;
    state.posts.iter().filter(is_recent).find(is_same).map(|post| post.urn.clone())
}
