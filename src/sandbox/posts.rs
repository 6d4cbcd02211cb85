//! Posts: the versioned API and the legacy one.

use serde_json::{Map, Value, json};

use super::api::{self, Bearer};
use super::call::{Call, Reply};
use super::scenario::PostId;
use super::server::{self, Server};
use super::state::{Post, State};
use super::{content, images, little};
use crate::Result;

/// UTF-16 units of text.
const LONGEST: usize = 3000;
/// The same text by the same author within so many seconds is a duplicate.
const DUPLICATE_SECONDS: i64 = 600;
/// What `POST /rest/posts` needs, and what else it knows.
const REQUIRED: [&str; 5] = ["author", "commentary", "visibility", "distribution", "lifecycleState"];
const OPTIONAL: [&str; 5] =
    ["content", "isReshareDisabledByAuthor", "reshareContext", "adContext", "contentLandingPage"];

/// A post that may be published.
struct Draft {
    author: String,
    text: String,
    visibility: String,
    content: Option<Value>,
}

/// `POST /rest/posts`: 201, an empty body, the ID only in a header.
pub(super) fn create(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let draft = api::version(server, call).and_then(|version| {
        let permission = format!("posts.CREATE.{version}");
        if server.behaviour().legacy_posts_only {
            return Err(api::not_permitted(&permission));
        }
        permitted(&bearer, &permission)?;
        let body = object(call)?;
        schema(&body)?;
        author_permitted(&bearer, body.get("author"), &permission)?;
        let text = body.get("commentary").and_then(Value::as_str).unwrap_or_default();
        Ok(Draft {
            author: body.get("author").and_then(Value::as_str).unwrap_or_default().to_owned(),
            text: little::published(text),
            visibility: body.get("visibility").and_then(Value::as_str).unwrap_or_default().to_owned(),
            content: body.get("content").cloned(),
        })
    });
    publish(server, &bearer, draft, "x-restli-id")
}

/// `POST /v2/ugcPosts`: plain text, no version.
pub(super) fn create_legacy(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let permission = "ugcPosts.CREATE.NO_VERSION";
    let draft = permitted(&bearer, permission).and_then(|()| legacy_draft(&bearer, call, permission));
    publish(server, &bearer, draft, "X-RestLi-Id")
}

fn legacy_draft(bearer: &Bearer, call: &Call, permission: &str) -> Result<Draft, Reply> {
    let body = object(call)?;
    if body.contains_key("distribution") {
        return Err(api::denied(
            "Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/distribution]",
        ));
    }
    let missing = ["author", "lifecycleState", "specificContent", "visibility"].into_iter();
    unprocessable(&missing.filter(|name| !body.contains_key(*name)).map(required).collect::<Vec<_>>())?;
    author_permitted(bearer, body.get("author"), permission)?;
    let whole = Value::Object(body);
    let text = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Draft {
        author: text("/author"),
        text: text("/specificContent/com.linkedin.ugc.ShareContent/shareCommentary/text"),
        visibility: text("/visibility/com.linkedin.ugc.MemberNetworkVisibility"),
        content: None,
    })
}

/// `DELETE /rest/posts/{urn}`: 204, and 204 again.
pub(super) fn delete(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let allowed = api::version(server, call).and_then(|version| permitted(&bearer, &format!("posts.DELETE.{version}")));
    if let Err(reply) = allowed {
        return Ok(reply);
    }
    let urn = named(call);
    server.store.change(|state| {
        let Some(post) = state.posts.iter_mut().find(|post| post.urn == urn) else {
            return Ok(Reply::empty(204));
        };
        if !images::owns(&bearer, &post.author) {
            return Ok(api::not_permitted("posts.DELETE"));
        }
        post.deleted = true;
        Ok(Reply::empty(204))
    })
}

/// `POST /rest/posts/{urn}` with `X-RestLi-Method: PARTIAL_UPDATE`: another text.
pub(super) fn update(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let permitted = |version: String| permitted(&bearer, &format!("posts.PARTIAL_UPDATE.{version}"));
    let body = match api::version(server, call).and_then(permitted).and_then(|()| object(call)) {
        Ok(body) => Value::Object(body),
        Err(reply) => return Ok(reply),
    };
    if !call.header("x-restli-method").is_some_and(|method| method.eq_ignore_ascii_case("PARTIAL_UPDATE")) {
        let words = "POST to an entity needs the header X-RestLi-Method: PARTIAL_UPDATE";
        return Ok(Reply::json(400, &json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": words })));
    }
    let Some(text) = body.pointer("/patch/$set/commentary").and_then(Value::as_str).map(little::published) else {
        return Ok(unprocessable(&[required("patch/$set/commentary")]).err().unwrap_or_else(|| Reply::empty(204)));
    };
    if text.encode_utf16().count() > LONGEST {
        return Ok(too_long());
    }
    let urn = named(call);
    server::change(server, |state, now_ms| {
        let Some(post) = state.posts.iter_mut().find(|post| post.urn == urn && !post.deleted) else {
            return Ok(api::no_such_resource(&call.path));
        };
        if !images::owns(&bearer, &post.author) {
            return Ok(api::not_permitted("posts.PARTIAL_UPDATE"));
        }
        post.text = text;
        post.edited = Some(now_ms / 1000);
        Ok(Reply::empty(204))
    })
}

/// The URN at the end of a path.
fn named(call: &Call) -> String {
    let encoded = call.path.rsplit('/').next().unwrap_or_default().replace('+', "%2B");
    url::form_urlencoded::parse(encoded.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

fn permitted(bearer: &Bearer, permission: &str) -> Result<(), Reply> {
    let may = bearer.may("w_member_social") || bearer.may("w_organization_social");
    if may { Ok(()) } else { Err(api::not_permitted(permission)) }
}

/// A page's posts need another scope than a member's.
fn author_permitted(bearer: &Bearer, author: Option<&Value>, permission: &str) -> Result<(), Reply> {
    let page = author.and_then(Value::as_str).is_some_and(|author| author.starts_with("urn:li:organization:"));
    let scope = if page { "w_organization_social" } else { "w_member_social" };
    if bearer.may(scope) { Ok(()) } else { Err(api::not_permitted(permission)) }
}

fn object(call: &Call) -> Result<Map<String, Value>, Reply> {
    serde_json::from_slice(&call.body).map_err(|_| {
        let words = "Request body could not be converted to data map";
        Reply::json(400, &json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": words }))
    })
}

fn required(name: &str) -> String {
    format!("ERROR :: /{name} :: field is required but not found and has no default value\n")
}

/// All that is wrong with the body, in one answer.
fn schema(body: &Map<String, Value>) -> Result<(), Reply> {
    let mut problems: Vec<String> =
        REQUIRED.into_iter().filter(|name| !body.contains_key(*name)).map(required).collect();
    for name in body.keys().filter(|name| !REQUIRED.contains(&name.as_str()) && !OPTIONAL.contains(&name.as_str())) {
        problems.push(format!("ERROR :: /{name} :: unrecognized field found but not allowed\n"));
    }
    let symbols: [(&str, &[&str]); 2] = [
        ("visibility", &["PUBLIC", "CONNECTIONS", "LOGGED_IN", "CONTAINER"]),
        ("lifecycleState", &["PUBLISHED", "DRAFT", "PUBLISH_REQUESTED", "PUBLISH_FAILED"]),
    ];
    for (name, known) in symbols {
        if let Some(value) = body.get(name)
            && !value.as_str().is_some_and(|value| known.contains(&value))
        {
            problems.push(format!("ERROR :: /{name} :: {value} is not an enum symbol\n"));
        }
    }
    if let Some(content) = body.get("content") {
        problems.extend(content::problems(content));
    }
    unprocessable(&problems)
}

fn unprocessable(problems: &[String]) -> Result<(), Reply> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(Reply::json(422, &json!({ "message": problems.concat(), "status": 422 })))
}

/// Checks what both APIs check, and publishes.
fn publish(server: &Server, bearer: &Bearer, draft: Result<Draft, Reply>, header: &'static str) -> Result<Reply> {
    let counted = server::change(server, |state, now_ms| {
        let member = bearer.member.map_or("", |member| member.key);
        Ok(state.count_call(&bearer.token.app, member, now_ms / 1000, server.behaviour().daily_posts))
    })?;
    if !counted {
        return Ok(api::day_used_up());
    }
    let draft = match draft {
        Ok(draft) => draft,
        Err(reply) => return Ok(reply),
    };
    // The full URN of the member themselves, as this app sees them, or of a page where they may
    // post; a bare user ID is refused.
    let Some(member) = bearer.member.filter(|_| images::owns(bearer, &draft.author)) else {
        return Ok(api::denied(
            "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/author]",
        ));
    };
    if draft.text.encode_utf16().count() > LONGEST {
        return Ok(too_long());
    }
    let id = server.behaviour().post_id;
    server::change(server, |state, now_ms| {
        let now = now_ms / 1000;
        if let Some(refusal) =
            draft.content.as_ref().and_then(|content| content::refused(state, &draft.author, content))
        {
            return Ok(refusal);
        }
        if let Some(urn) = duplicate(state, &draft, now) {
            return Ok(duplicate_refused(&urn));
        }
        state.last_post += 1;
        let urn = format!("urn:li:share:{}", state.last_post);
        state.posts.push(Post {
            urn: urn.clone(),
            author: draft.author,
            member: member.key.to_owned(),
            text: draft.text,
            visibility: draft.visibility,
            at: now,
            deleted: false,
            content: draft.content,
            edited: None,
        });
        let reply = Reply::empty(201);
        Ok(match id {
            PostId::Sent | PostId::Mixed => reply.with(header, urn),
            PostId::Omitted => reply,
        })
    })
}

fn too_long() -> Reply {
    let words = format!("Field /commentary exceeds the maximum length of {LONGEST}");
    Reply::json(400, &json!({ "status": 400, "code": "FIELD_LENGTH_TOO_LONG", "message": words }))
}

fn duplicate(state: &State, draft: &Draft, now: i64) -> Option<String> {
    let recent = |post: &&Post| (0..DUPLICATE_SECONDS).contains(&(now - post.at));
    let same = |post: &&Post| !post.deleted && post.author == draft.author && post.text == draft.text;
    state.posts.iter().filter(recent).find(same).map(|post| post.urn.clone())
}

fn duplicate_refused(urn: &str) -> Reply {
    let words =
        format!("com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}");
    let problem = json!({ "description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST" });
    Reply::json(
        422,
        &json!({
            "errorDetailType": "com.linkedin.common.error.BadRequest",
            "message": words,
            "errorDetails": { "inputErrors": [problem] },
            "status": 422,
        }),
    )
}
