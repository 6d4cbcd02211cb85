//! Images: the upload in two steps, and the files for the pages.

use serde_json::{Value, json};

use super::answers::{self, ensure};
use super::api::{Caller, WRITE_SCOPES, decode_urn};
use super::call::Call;
use super::core::Core;
use super::organizations::{self, can_act_for};
use super::paths;
use super::random;
use super::response::{HandlerResult, Response};
use super::state::Image;

/// The field that describes the upload, in both APIs.
const REQUEST: &str = "initializeUploadRequest";
const LEGACY_REQUEST: &str = "registerUploadRequest";
/// The recipe of the legacy API for images of posts ("Share on LinkedIn").
const RECIPE: &str = "urn:li:digitalmediaRecipe:feedshare-image";
/// How long an upload URL is valid, in milliseconds.
pub(super) const UPLOAD_URL_MS: i64 = 24 * 3600 * 1000;

/// Returns the media type of an image by its first bytes; `None` if LinkedIn does not accept it.
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
    caller.require(WRITE_SCOPES, answers::UPLOAD_DENIED)?;
    ensure(call.query == "action=initializeUpload", answers::METHOD_UNRESOLVED)?;
    let body = Value::Object(call.json_object()?);
    if let Some(name) = body.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| *name != REQUEST) {
        let field = format!("/{}", crate::text::sanitize(name, 60));
        return Err(answers::FIELD_UNPERMITTED.refusal(&[("field", &field)]));
    }
    let owner = read_owner(&body, REQUEST)?;
    check_owner(caller, owner)?;
    let (image, url) = create(core, caller, owner, ImageApi::Versioned)?;
    Ok(Response::json(&json!({ "value": {
        "uploadUrlExpiresAt": image.expires_ms,
        "uploadUrl": url,
        "image": image.urn(),
    } })))
}

/// `POST /v2/assets?action=registerUpload`: an image for `/v2/ugcPosts`.
pub(super) fn register(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, answers::ASSET_DENIED)?;
    ensure(call.query == "action=registerUpload", answers::METHOD_UNRESOLVED)?;
    let body = Value::Object(call.json_object()?);
    let owner = read_owner(&body, LEGACY_REQUEST)?;
    let request = &body[LEGACY_REQUEST];
    let relationship = &request["serviceRelationships"][0];
    let is_image = request["recipes"] == json!([RECIPE])
        && relationship["relationshipType"] == "OWNER"
        && relationship["identifier"] == "urn:li:userGeneratedContent";
    ensure(is_image, answers::RECIPE_REFUSED)?;
    if !can_act_for(caller, owner) {
        return Err(answers::FIELD_VALUE.refusal(&[("field", &format!("/{LEGACY_REQUEST}/owner"))]));
    }
    let (image, url) = create(core, caller, owner, ImageApi::Legacy)?;
    let mechanism = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest";
    Ok(Response::json(&json!({ "value": {
        "uploadMechanism": { mechanism: { "uploadUrl": url, "headers": {} } },
        "asset": image.urn(),
    } })))
}

/// Returns the owner that the field `request` of the body names.
fn read_owner<'a>(body: &'a Value, request: &str) -> HandlerResult<&'a str> {
    match body[request]["owner"].as_str() {
        Some(owner) => Ok(owner),
        None => Err(answers::unprocessable(&[answers::required_field(&format!("{request}/owner"))?])),
    }
}

/// The API that an image is uploaded with, and can be posted with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ImageApi {
    Versioned,
    Legacy,
}

/// Creates an image without its bytes; returns it and its upload URL.
fn create(core: &Core, caller: &Caller, owner: &str, api: ImageApi) -> HandlerResult<(Image, String)> {
    let id = format!("D4D10AQ{}", random::generate_text(12)?);
    let url = format!("{}{}{id}/uploaded-image/0?ca=vector_feedshare&cn=uploads&sync=0", core.origin(), paths::UPLOADS);
    let image = core.update(|state, now_ms| {
        let image = Image {
            id,
            owner: owner.to_owned(),
            member: caller.member_key().to_owned(),
            expires_ms: now_ms + UPLOAD_URL_MS,
            kind: None,
            is_asset: api == ImageApi::Legacy,
            is_unreadable: false,
        };
        state.images.push(image.clone());
        Ok(image)
    })?;
    Ok((image, url))
}

/// Checks that the caller may upload for the owner, whose kind decides which permission is missing.
pub(super) fn check_owner(caller: &Caller, owner: &str) -> HandlerResult<()> {
    let (scope, refusal) = if owner.starts_with(organizations::URN_PREFIX) {
        ("w_organization_social", answers::PAGE_OWNER)
    } else {
        ("w_member_social", answers::MEMBER_OWNER)
    };
    ensure(owner != "urn:li:person:", answers::OWNER_EMPTY)?;
    ensure(caller.has_scope(scope), refusal)?;
    ensure(can_act_for(caller, owner), answers::IMAGE_FORBIDDEN)
}

/// `PUT {uploadUrl}`: the bytes, with the same member's token. An unreadable image is refused only when
/// it is posted.
pub(super) fn upload(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let id = call.path.trim_start_matches(paths::UPLOADS).split('/').next().unwrap_or_default().to_owned();
    let kind = media_type(&call.body);
    let key = caller.member.map(|member| member.key);
    core.update(|state, now_ms| {
        let image = state.images.iter_mut().find(|image| image.id == id && Some(image.member.as_str()) == key);
        let image = image.ok_or(answers::IMAGE_FORBIDDEN)?;
        ensure(image.expires_ms > now_ms, answers::UPLOAD_EXPIRED)?;
        image.kind = kind.map(str::to_owned);
        image.is_unreadable = kind.is_none();
        Ok(())
    })?;
    core.images.save(&id, &call.body)?;
    Ok(Response::empty(201))
}

/// `GET /rest/images/{urn}`: a member's scope does not allow it.
pub(super) fn read(core: &Core, key: &str, caller: &Caller) -> HandlerResult {
    if !(core.behavior().images_readable && caller.has_scope("w_member_social")) {
        caller.require(&["r_organization_social"], answers::IMAGE_DENIED)?;
    }
    let urn = decode_urn(key);
    let state = core.state()?;
    let image = state.images.iter().find(|image| image.urn() == urn).ok_or(answers::NOT_FOUND)?;
    let status = match (&image.kind, image.is_unreadable) {
        (Some(_), _) => "AVAILABLE",
        (None, true) => "PROCESSING_FAILED",
        (None, false) => "WAITING_UPLOAD",
    };
    Ok(Response::json(&json!({
        "id": image.urn(), "owner": image.owner, "status": status,
        "downloadUrl": format!("{}{}{}", core.origin(), paths::IMAGE_FILES, image.id),
    })))
}

/// Returns the file of an image, for the pages.
pub(super) fn file(core: &Core, call: &Call) -> Response {
    let bytes = core.images.load(call.path.trim_start_matches(paths::IMAGE_FILES)).unwrap_or_default();
    let Some(media_type) = media_type(&bytes) else { return Response::empty(404) };
    let mut response =
        Response::empty(200).with("content-type", media_type).with("cache-control", "private, max-age=3600");
    response.body = bytes;
    response
}
