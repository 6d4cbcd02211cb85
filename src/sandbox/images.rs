//! Images: the upload in two steps, and the files for the pages.

use serde_json::{Map, Value, json};

use super::answers;
use super::api::{Caller, WRITE_SCOPES, decoded};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, owns};
use super::paths;
use super::random;
use super::reply::{HandlerResult, Reply};
use super::state::Image;

/// The recipe of the legacy API for images of posts ("Share on LinkedIn").
const RECIPE: &str = "urn:li:digitalmediaRecipe:feedshare-image";
/// How long an upload URL is valid, in milliseconds.
const UPLOAD_URL_MS: i64 = 24 * 3600 * 1000;

/// The media type of an image by its first bytes; `None` where LinkedIn does not take it.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}

/// `POST /rest/images?action=initializeUpload`.
pub(super) fn initialize(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, &answers::UPLOAD_DENIED)?;
    if call.query != "action=initializeUpload" {
        return Err(answers::METHOD_UNRESOLVED.reply().into());
    }
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(&call.body) else {
        return Err(answers::BODY_UNREADABLE.reply().into());
    };
    if let Some(name) = body.keys().find(|name| *name != "initializeUploadRequest") {
        let field = format!("/{}", crate::text::clean(name, 60));
        return Err(answers::FIELD_UNPERMITTED.filled(&[("field", &field)]).into());
    }
    let Some(owner) = body.get("initializeUploadRequest").and_then(|request| request["owner"].as_str()) else {
        let missing = answers::required_field("/initializeUploadRequest/owner");
        return Err(answers::unprocessable(&[missing]).into());
    };
    check_owner(caller, owner)?;
    let (image, url) = reserve(core, caller, owner, false)?;
    Ok(Reply::json(&json!({ "value": {
        "uploadUrlExpiresAt": image.expires_ms,
        "uploadUrl": url,
        "image": image.urn(),
    } })))
}

/// `POST /v2/assets?action=registerUpload`: an image for `/v2/ugcPosts`.
pub(super) fn register(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, &answers::ASSET_DENIED)?;
    if call.query != "action=registerUpload" {
        return Err(answers::METHOD_UNRESOLVED.reply().into());
    }
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| answers::BODY_UNREADABLE.reply())?;
    let request = &body["registerUploadRequest"];
    let Some(owner) = request["owner"].as_str() else {
        let missing = answers::required_field("/registerUploadRequest/owner");
        return Err(answers::unprocessable(&[missing]).into());
    };
    let relationship = &request["serviceRelationships"][0];
    if request["recipes"] != json!([RECIPE])
        || relationship["relationshipType"] != "OWNER"
        || relationship["identifier"] != "urn:li:userGeneratedContent"
    {
        return Err(answers::RECIPE_REFUSED.reply().into());
    }
    if !owns(caller, owner) {
        return Err(answers::FIELD_VALUE.filled(&[("field", "/registerUploadRequest/owner")]).into());
    }
    let (image, url) = reserve(core, caller, owner, true)?;
    let mechanism = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest";
    Ok(Reply::json(&json!({ "value": {
        "uploadMechanism": { mechanism: { "uploadUrl": url, "headers": {} } },
        "asset": image.urn(),
    } })))
}

/// Creates an image without its bytes; returns it and its upload URL.
fn reserve(core: &Core, caller: &Caller, owner: &str, is_asset: bool) -> HandlerResult<(Image, String)> {
    let id = format!("D4D10AQ{}", random::text(12)?);
    let url = format!("{}{}{id}/uploaded-image/0?ca=vector_feedshare&cn=uploads&sync=0", core.origin(), paths::UPLOADS);
    let image = core.update(|state, now_ms| {
        let image = Image {
            id,
            owner: owner.to_owned(),
            member: caller.member.map(|member| member.key.to_owned()).unwrap_or_default(),
            expires_ms: now_ms + UPLOAD_URL_MS,
            kind: None,
            is_asset,
            unreadable: false,
        };
        state.images.push(image.clone());
        Ok(image)
    })?;
    Ok((image, url))
}

/// Checks that the caller may upload for the owner, whose kind decides which permission is missing.
fn check_owner(caller: &Caller, owner: &str) -> Result<(), Reply> {
    let is_page = owner.starts_with(organizations::URN);
    let refusal = match owner {
        "urn:li:person:" => answers::OWNER_EMPTY,
        _ if is_page && !caller.has("w_organization_social") => answers::PAGE_OWNER,
        _ if !is_page && !caller.has("w_member_social") => answers::MEMBER_OWNER,
        _ if !owns(caller, owner) => answers::IMAGE_FORBIDDEN,
        _ => return Ok(()),
    };
    Err(refusal.reply())
}

/// `PUT {uploadUrl}`: the bytes, with the same member's token. An unreadable image is refused only when
/// it is posted.
pub(super) fn upload(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let id = call.path.trim_start_matches(paths::UPLOADS).split('/').next().unwrap_or_default().to_owned();
    let kind = media_type(&call.body);
    let key = caller.member.map(|member| member.key);
    let refusal = core.update(|state, now_ms| {
        let found = state.images.iter_mut().find(|image| image.id == id && Some(image.member.as_str()) == key);
        Ok(match found {
            Some(image) if image.expires_ms > now_ms => {
                image.kind = kind.map(str::to_owned);
                image.unreadable = kind.is_none();
                None
            }
            Some(_) => Some(answers::UPLOAD_EXPIRED.reply()),
            None => Some(answers::IMAGE_FORBIDDEN.reply()),
        })
    })?;
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    core.images.save(&id, &call.body)?;
    Ok(Reply::empty(201))
}

/// `GET /rest/images/{urn}`: a member's scope does not allow it.
pub(super) fn read(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    if !(core.behaviour().images_readable && caller.has("w_member_social")) {
        caller.require(&["r_organization_social"], &answers::IMAGE_DENIED)?;
    }
    let urn = decoded(key);
    let state = core.state()?;
    let Some(image) = state.images.iter().find(|image| image.urn() == urn) else {
        return Err(answers::NOT_FOUND.reply().into());
    };
    let status = match (&image.kind, image.unreadable) {
        (Some(_), _) => "AVAILABLE",
        (None, true) => "PROCESSING_FAILED",
        (None, false) => "WAITING_UPLOAD",
    };
    Ok(Reply::json(&json!({
        "id": image.urn(), "owner": image.owner, "status": status,
        "downloadUrl": format!("{}{}{}", core.origin(), paths::IMAGE_FILES, image.id),
    })))
}

/// Returns the file of an image, for the pages.
pub(super) fn file(core: &Core, call: &Call) -> Reply {
    let bytes = core.images.load(call.path.trim_start_matches(paths::IMAGE_FILES));
    match bytes.and_then(|bytes| media_type(&bytes).map(|kind| (kind, bytes))) {
        None => Reply::empty(404),
        Some((kind, bytes)) => {
            let mut reply = Reply::empty(200).with("content-type", kind).with("cache-control", "private, max-age=3600");
            reply.body = bytes;
            reply
        }
    }
}
