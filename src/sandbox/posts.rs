//! Creates, changes and deletes posts: the versioned API and the legacy one.

use serde_json::{Map, Value};

use super::answers;
use super::api::{Caller, WRITE_SCOPES, decoded};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, owns};
use super::reply::{HandlerResult, Reply};
use super::scenario::{Behaviour, GateText, LongText, PostId, PostsAccess};
use super::state::{ASSET_URN, IMAGE_URN, Post, SandboxState};
use super::{content, little};

/// UTF-16 code units of a text.
const MAX_TEXT_UNITS: usize = 3000;
/// How long the same text by the same author is a duplicate, in seconds.
const DUPLICATE_SECONDS: i64 = 600;
/// The fields that `POST /rest/posts` requires.
const REQUIRED: [&str; 5] = ["author", "commentary", "visibility", "distribution", "lifecycleState"];
/// The other fields that it knows.
const OPTIONAL: [&str; 5] =
    ["content", "isReshareDisabledByAuthor", "reshareContext", "adContext", "contentLandingPage"];

/// A post that may be published.
struct Draft {
    author: String,
    text: String,
    visibility: String,
    content: Option<Value>,
    /// How the URNs of its images begin.
    image_urn_prefix: &'static str,
    /// The post that is reshared.
    parent: Option<String>,
}

/// `POST /rest/posts`: 201, an empty body, the ID only in a header.
pub(super) fn create(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    count_post(core, caller)?;
    let behaviour = core.behaviour();
    let is_denied = match behaviour.posts_access {
        PostsAccess::Broken => return Err(answers::SERVER_ERROR.reply().into()),
        PostsAccess::Gated | PostsAccess::None => true,
        PostsAccess::Rest => !caller.has_any(WRITE_SCOPES),
    };
    if is_denied {
        return Err(denied(caller).into());
    }
    let body = json_body(call)?;
    check_schema(&body)?;
    let author = string(&body, "author");
    check_author(&behaviour, caller, author)?;
    let state = string(&body, "lifecycleState");
    if state != "PUBLISHED" {
        return Err(answers::VALUE_REFUSED.filled(&[("field", "/lifecycleState"), ("value", state)]).into());
    }
    let parent = body.get("reshareContext").and_then(|context| context["parent"].as_str());
    let draft = Draft {
        author: author.to_owned(),
        text: little::published(string(&body, "commentary")),
        visibility: string(&body, "visibility").to_owned(),
        content: body.get("content").cloned(),
        image_urn_prefix: IMAGE_URN,
        parent: parent.map(str::to_owned),
    };
    publish(core, call, caller, draft)
}

/// `POST /v2/ugcPosts`: plain text, no version.
pub(super) fn create_legacy(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    count_post(core, caller)?;
    if core.behaviour().posts_access == PostsAccess::None {
        return Err(caller.denied(&answers::UGC_DENIED).into());
    }
    caller.require(WRITE_SCOPES, &answers::UGC_DENIED)?;
    let body = json_body(call)?;
    if let Some(name) = ["distribution", "content"].into_iter().find(|name| body.contains_key(*name)) {
        return Err(answers::FIELD_UNPERMITTED.filled(&[("field", &format!("/{name}"))]).into());
    }
    let names = ["author", "lifecycleState", "specificContent", "visibility"];
    refuse_problems(&names.into_iter().filter(|name| !body.contains_key(*name)).map(required).collect::<Vec<_>>())?;
    let author = string(&body, "author").to_owned();
    let is_page = author.starts_with(organizations::URN);
    let scope = if is_page { "w_organization_social" } else { "w_member_social" };
    if !caller.has(scope) || !owns(caller, &author) {
        return Err(answers::FIELD_VALUE.filled(&[("field", "/author")]).into());
    }
    let whole = Value::Object(body);
    let share = &whole["specificContent"]["com.linkedin.ugc.ShareContent"];
    // The legacy API wants images of its own.
    let mut media = share["media"].as_array().into_iter().flatten().filter_map(|media| media["media"].as_str());
    if media.any(|urn| urn.starts_with(IMAGE_URN)) {
        return Err(answers::CONTENT_NOT_OWNED.reply().into());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let draft = Draft {
        author,
        text: text(&share["shareCommentary"]["text"]),
        visibility: text(&whole["visibility"]["com.linkedin.ugc.MemberNetworkVisibility"]),
        content: content::from_legacy(share),
        image_urn_prefix: ASSET_URN,
        parent: None,
    };
    publish(core, call, caller, draft)
}

/// `DELETE /rest/posts/{urn}` and the legacy one: 204, and 404 for a deleted post.
pub(super) fn delete(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, &answers::DELETE_DENIED)?;
    let urn = decoded(key);
    let is_gone = core.behaviour().already_deleted;
    let reply = core.update(|state, _| {
        let Some(post) = state.posts.iter_mut().find(|post| post.urn == urn && !post.deleted) else {
            return Ok(answers::NOT_FOUND.reply());
        };
        if !owns(caller, &post.author) {
            return Ok(answers::FORBIDDEN.reply());
        }
        post.deleted = true;
        Ok(if is_gone { answers::NOT_FOUND.reply() } else { Reply::empty(204) })
    })?;
    Ok(reply)
}

/// `POST /rest/posts/{urn}` with `X-RestLi-Method: PARTIAL_UPDATE`: changes the text.
pub(super) fn update(core: &Core, call: &Call, key: &str, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, &answers::UPDATE_DENIED)?;
    if !call.header("x-restli-method").is_some_and(|method| method.eq_ignore_ascii_case("PARTIAL_UPDATE")) {
        return Err(answers::METHOD_UNRESOLVED.reply().into());
    }
    let body = Value::Object(json_body(call)?);
    let Some(text) = body.pointer("/patch/$set/commentary").and_then(Value::as_str).map(little::published) else {
        return Err(answers::unprocessable(&[required("patch/$set/commentary")]).into());
    };
    check_length(&core.behaviour(), &text)?;
    let urn = decoded(key);
    let reply = core.update(|state, now_ms| {
        let Some(post) = state.posts.iter_mut().find(|post| post.urn == urn && !post.deleted) else {
            return Ok(answers::NOT_FOUND.reply());
        };
        if !owns(caller, &post.author) {
            return Ok(answers::FORBIDDEN.reply());
        }
        post.text = text;
        post.edited = Some(now_ms / 1000);
        Ok(Reply::empty(204))
    })?;
    Ok(reply)
}

/// Counts the call; refuses it where the member's daily limit with this app is reached.
fn count_post(core: &Core, caller: &Caller) -> HandlerResult<()> {
    let limit = core.behaviour().daily_posts;
    let is_counted = core.update(|state, now_ms| {
        let member = caller.member.map_or("", |member| member.key);
        Ok(state.count_post(&caller.token.app, member, now_ms / 1000, limit))
    })?;
    if is_counted { Ok(()) } else { Err(answers::MEMBER_DAY.reply().into()) }
}

fn denied(caller: &Caller) -> Reply {
    match caller.gate_text() {
        GateText::Of2023 => answers::POST_DENIED_2023.reply(),
        _ => caller.denied(&answers::POST_DENIED),
    }
}

/// Checks the author: a Page's posts need another scope than a member's, and a role.
fn check_author(behaviour: &Behaviour, caller: &Caller, author: &str) -> Result<(), Reply> {
    if author.starts_with(organizations::URN) {
        if behaviour.page_posts_refused || !caller.has("w_organization_social") {
            let old = behaviour.old_page_words;
            return Err(if old { answers::PAGE_AUTHOR_OLD.reply() } else { answers::PAGE_AUTHOR.reply() });
        }
        return if owns(caller, author) { Ok(()) } else { Err(answers::FORBIDDEN.reply()) };
    }
    if !caller.has("w_member_social") {
        return Err(denied(caller));
    }
    if owns(caller, author) { Ok(()) } else { Err(answers::FIELD_VALUE.filled(&[("field", "/author")])) }
}

fn string<'a>(body: &'a Map<String, Value>, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn json_body(call: &Call) -> Result<Map<String, Value>, Reply> {
    serde_json::from_slice(&call.body).map_err(|_| answers::BODY_UNREADABLE.reply())
}

fn required(name: &str) -> String {
    answers::required_field(&format!("/{name}"))
}

/// Checks the fields of the body; reports all problems in one answer.
fn check_schema(body: &Map<String, Value>) -> Result<(), Reply> {
    let mut problems: Vec<String> =
        REQUIRED.into_iter().filter(|name| !body.contains_key(*name)).map(required).collect();
    for name in body.keys().filter(|name| !REQUIRED.contains(&name.as_str()) && !OPTIONAL.contains(&name.as_str())) {
        problems.push(answers::FIELD_UNKNOWN.message(&[("field", &format!("/{}", crate::text::clean(name, 60)))]));
    }
    let symbols: [(&str, &[&str]); 2] = [
        ("visibility", &["PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"]),
        ("lifecycleState", &["PUBLISHED", "DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"]),
    ];
    for (name, known) in symbols {
        if let Some(value) = body.get(name)
            && !value.as_str().is_some_and(|value| known.contains(&value))
        {
            let values = [("field", &*format!("/{name}")), ("value", &*value.to_string())];
            problems.push(answers::FIELD_ENUM.message(&values));
        }
    }
    if let Some(content) = body.get("content") {
        problems.extend(content::problems(content));
    }
    refuse_problems(&problems)
}

fn refuse_problems(problems: &[String]) -> Result<(), Reply> {
    if problems.is_empty() { Ok(()) } else { Err(answers::unprocessable(problems)) }
}

/// Publishes a post after the checks that both APIs make.
fn publish(core: &Core, call: &Call, caller: &Caller, draft: Draft) -> HandlerResult {
    let behaviour = core.behaviour();
    check_length(&behaviour, &draft.text)?;
    let reply = core.update(|state, now_ms| {
        let now = now_ms / 1000;
        if let Some(refusal) = check_content(state, &draft) {
            return Ok(refusal);
        }
        if let Some(urn) = find_duplicate(state, &draft, now) {
            let answer = if behaviour.duplicate_undetailed { answers::DUPLICATE_BARE } else { answers::DUPLICATE };
            return Ok(answer.filled(&[("urn", &urn)]));
        }
        state.last_post += 1;
        // Several images make a post of the other kind.
        let is_ugc = behaviour.post_id == PostId::UgcPost
            || draft.content.as_ref().is_some_and(|content| content.get("multiImage").is_some());
        let urn = format!("urn:li:{}:{}", if is_ugc { "ugcPost" } else { "share" }, state.last_post);
        state.posts.push(Post {
            urn: urn.clone(),
            author: draft.author,
            member: caller.member.map_or("", |member| member.key).to_owned(),
            text: draft.text,
            visibility: draft.visibility,
            at: now,
            deleted: false,
            content: draft.content,
            edited: None,
        });
        let reply = Reply::empty(201);
        let header = if uses_protocol_2(call) { "x-restli-id" } else { "x-linkedin-id" };
        Ok(match behaviour.post_id {
            PostId::Omitted => reply,
            PostId::Encoded => reply.with(header, urn.replace(':', "%3A")),
            PostId::Sent | PostId::Mixed | PostId::UgcPost => reply.with(header, urn),
        })
    })?;
    Ok(reply)
}

/// Whether the call is by Rest.li 2.0: 1.0 has another name for the header with the ID.
fn uses_protocol_2(call: &Call) -> bool {
    call.header("x-restli-protocol-version") == Some("2.0.0")
}

fn check_length(behaviour: &Behaviour, text: &str) -> Result<(), Reply> {
    let length = text.encode_utf16().count();
    if length <= MAX_TEXT_UNITS {
        return Ok(());
    }
    let length = length.to_string();
    Err(match behaviour.long_text {
        LongText::Real => answers::TEXT_TOO_LONG.filled(&[("length", &length)]),
        LongText::Documented => answers::FIELD_TOO_LONG.filled(&[("length", &length)]),
    })
}

fn check_content(state: &SandboxState, draft: &Draft) -> Option<Reply> {
    let is_known = |urn: &String| state.posts.iter().any(|post| post.urn == *urn && !post.deleted);
    if draft.parent.as_ref().is_some_and(|parent| !is_known(parent)) {
        return Some(answers::NOT_FOUND.reply());
    }
    content::check(state, &draft.author, draft.content.as_ref()?, draft.image_urn_prefix)
}

fn find_duplicate(state: &SandboxState, draft: &Draft, now: i64) -> Option<String> {
    let is_recent = |post: &&Post| (0..DUPLICATE_SECONDS).contains(&(now - post.at));
    let is_same = |post: &&Post| !post.deleted && post.author == draft.author && post.text == draft.text;
    state.posts.iter().filter(is_recent).find(is_same).map(|post| post.urn.clone())
}
