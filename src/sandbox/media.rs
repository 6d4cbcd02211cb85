//! Documents and videos: the upload, in one piece or in parts, and what LinkedIn makes of it afterwards.

use hyper::Method;
use serde_json::{Value, json};

use super::answers::{self, ensure, required_field, unknown_field};
use super::api::{Caller, WRITE_SCOPES, decode_urn};
use super::call::Call;
use super::core::Core;
use super::images::{UPLOAD_URL_MS, check_owner};
use super::paths;
use super::random;
use super::response::{HandlerResult, Response};
use super::scenario::VideoToken;
use super::state::{Media, SandboxState};
use crate::linkedin::endpoints as at;
use crate::linkedin::videos::parse_movie_header;

/// Bytes of a part of a video, except the last one.
const PART_BYTES: u64 = 4_194_304;
/// Sizes of a video in bytes that LinkedIn accepts.
const VIDEO_BYTES: std::ops::RangeInclusive<u64> = 75_000..=524_288_000;
/// Largest document, in bytes.
const MAX_DOCUMENT_BYTES: usize = 100 * 1024 * 1024;
/// The parts of upload paths after the ID.
const PART: &str = "uploadedVideo";
const CAPTIONS: &str = "uploadedCaptions";
const THUMBNAIL: &str = "uploaded-thumbnail";
const DOCUMENT: &str = "uploaded-document";
/// How far from its beginning a file that begins with its header has it, in bytes.
const MAX_HEADER_OFFSET: usize = 64 * 1024;
/// Why a video was not processed. The field is documented, its texts are not.
const FAILURE_REASON: &str = "The video could not be processed.";

/// `POST /rest/documents?action=initializeUpload`.
pub(super) fn initialize_document(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, answers::UPLOAD_DENIED)?;
    ensure(call.query == "action=initializeUpload", answers::METHOD_UNRESOLVED)?;
    let body = Value::Object(call.json_object()?);
    check_fields(&body, "initializeUploadRequest", &["owner"], &[])?;
    let owner = as_str_or_empty(&body["initializeUploadRequest"]["owner"]);
    check_owner(caller, owner)?;
    let media = create(core, caller, owner, |media| media.parts = vec![None])?;
    Ok(Response::json(&json!({ "value": {
        "uploadUrlExpiresAt": media.expires_ms,
        "uploadUrl": format!("{}{}{}/{DOCUMENT}/0?ca=vector_ads&cn=uploads&sync=0", core.origin(), paths::UPLOADS, media.id),
        "document": media.urn(),
    } })))
}

/// `POST /rest/videos`: starts or ends an upload.
pub(super) fn handle_video_action(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    caller.require(WRITE_SCOPES, answers::UPLOAD_DENIED)?;
    if core.behavior().videos_refused {
        let permission = format!("partnerApiVideosExternal.ACTION-initializeUpload.{}01", caller.month());
        return Err(answers::UPLOAD_DENIED.refusal(&[("permission", &permission)]));
    }
    match call.query.as_str() {
        "action=initializeUpload" => initialize_video(core, call, caller),
        "action=finalizeUpload" => finalize_video(core, call, caller),
        _ => Err(answers::METHOD_UNRESOLVED.into()),
    }
}

fn initialize_video(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let body = Value::Object(call.json_object()?);
    let optional = ["uploadCaptions", "uploadThumbnail", "templateName"];
    check_fields(&body, "initializeUploadRequest", &["owner", "fileSizeBytes"], &optional)?;
    let request = &body["initializeUploadRequest"];
    let owner = as_str_or_empty(&request["owner"]);
    check_owner(caller, owner)?;
    let size = request["fileSizeBytes"].as_u64().unwrap_or_default();
    if !VIDEO_BYTES.contains(&size) {
        let values =
            [("field", "/initializeUploadRequest/fileSizeBytes"), ("value", &*request["fileSizeBytes"].to_string())];
        return Err(answers::VALUE_REFUSED.refusal(&values));
    }
    let wants = |field: &str| request[field].as_bool().unwrap_or_default();
    let media = create(core, caller, owner, |media| {
        media.is_video = true;
        media.size = size;
        media.parts = vec![None; usize::try_from(size.div_ceil(PART_BYTES)).unwrap_or_default()];
    })?;
    let base = format!("{}{}{}", core.origin(), paths::UPLOADS, media.id);
    let instructions: Vec<Value> = (0..media.parts.len() as u64)
        .map(|part| {
            let first = part * PART_BYTES;
            let last = (first + PART_BYTES).min(size) - 1;
            json!({ "uploadUrl": format!("{base}/{PART}/{part}?sau=sandbox&app=1&v=beta"), "firstByte": first, "lastByte": last })
        })
        .collect();
    let mut value = json!({
        "uploadUrlsExpireAt": media.expires_ms, "video": media.urn(), "uploadInstructions": instructions, "uploadToken": "",
    });
    for (field, url, path) in
        [("uploadCaptions", "captionsUploadUrl", CAPTIONS), ("uploadThumbnail", "thumbnailUploadUrl", THUMBNAIL)]
    {
        if wants(field) {
            value[url] = format!("{base}/{path}").into();
        }
    }
    Ok(Response::json(&json!({ "value": value })))
}

fn finalize_video(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    let body = Value::Object(call.json_object()?);
    check_fields(&body, "finalizeUploadRequest", &["video", "uploadToken", "uploadedPartIds"], &[])?;
    let request = &body["finalizeUploadRequest"];
    let (urn, sent) = (as_str_or_empty(&request["video"]), &request["uploadedPartIds"]);
    core.update(|state, now_ms| {
        let member = caller.member_key();
        let media = state.media.iter_mut().find(|media| media.urn() == urn && media.member == member);
        let media = media.ok_or(answers::NOT_FOUND)?;
        ensure(media.expires_ms > now_ms, answers::VIDEO_UPLOAD_EXPIRED)?;
        let uploaded: Option<Vec<&str>> = media.parts.iter().map(Option::as_deref).collect();
        if uploaded.is_none_or(|uploaded| *sent != json!(uploaded)) {
            let values = [("field", "/finalizeUploadRequest/uploadedPartIds"), ("value", &*sent.to_string())];
            return Err(answers::VALUE_REFUSED.refusal(&values));
        }
        media.is_uploaded = true;
        Ok(())
    })?;
    Ok(Response::empty(200))
}

/// Returns whether a path is one that a video is uploaded to, which needs no token.
pub(super) fn is_video_upload(path: &str) -> bool {
    let kind = path.strip_prefix(paths::UPLOADS).and_then(|rest| rest.split('/').nth(1));
    kind.is_some_and(|kind| [PART, CAPTIONS, THUMBNAIL].contains(&kind))
}

pub(super) fn is_document_upload(path: &str) -> bool {
    path.strip_prefix(paths::UPLOADS).and_then(|rest| rest.split('/').nth(1)) == Some(DOCUMENT)
}

/// `PUT {uploadUrl}` of a part, captions or a thumbnail.
pub(super) fn upload_video(core: &Core, call: &Call) -> HandlerResult {
    ensure(call.method == Method::PUT, answers::METHOD_NOT_ALLOWED)?;
    let has_token = call.header("authorization").is_some();
    match core.behavior().video_token {
        VideoToken::Required => ensure(has_token, answers::TOKEN_MISSING)?,
        VideoToken::Refused => ensure(!has_token, answers::TOKEN_INVALID)?,
        VideoToken::Ignored => {}
    }
    let mut words = call.path.trim_start_matches(paths::UPLOADS).split('/');
    let (id, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let index: usize = words.next().and_then(|text| text.parse().ok()).unwrap_or_default();
    let etag = format!("/ambry-video/signedId/{}.bin", random::generate_text(24)?);
    let etag = core.update(|state, now_ms| {
        let media = state.media.iter_mut().find(|media| media.id == id).ok_or(answers::NOT_FOUND)?;
        ensure(media.expires_ms > now_ms, answers::VIDEO_UPLOAD_EXPIRED)?;
        match kind {
            CAPTIONS => media.has_captions = true,
            THUMBNAIL => media.has_thumbnail = true,
            _ => {
                let part = media.parts.get_mut(index).ok_or(answers::NOT_FOUND)?;
                let first = index as u64 * PART_BYTES;
                let expected = media.size.saturating_sub(first).min(PART_BYTES);
                let length = call.body.len() as u64;
                if length != expected {
                    let values = [("field", "Content-Length"), ("value", &*length.to_string())];
                    return Err(answers::VALUE_REFUSED.refusal(&values));
                }
                *part = Some(etag.clone());
                // The header is at the beginning of the file or, if it was not optimized for streaming, at its end.
                let searched = match index {
                    index if index + 1 == media.parts.len() => call.body.len(),
                    0 => call.body.len().min(MAX_HEADER_OFFSET),
                    _ => 0,
                };
                media.length_seconds = find_movie_seconds(&call.body[..searched]).or(media.length_seconds);
                if index == 0 {
                    media.is_unreadable = call.body.get(4..8) != Some(b"ftyp");
                }
            }
        }
        Ok(etag)
    })?;
    if kind == THUMBNAIL {
        core.images.save(id, &call.body)?;
    }
    Ok(Response::empty(201).with("etag", format!("\"{etag}\"")))
}

/// `PUT {uploadUrl}` of a document, with the same member's token.
pub(super) fn upload_document(core: &Core, call: &Call, caller: &Caller) -> HandlerResult {
    ensure(call.method == Method::PUT, answers::METHOD_NOT_ALLOWED)?;
    let id = call.path.trim_start_matches(paths::UPLOADS).split('/').next().unwrap_or_default();
    ensure(call.body.len() <= MAX_DOCUMENT_BYTES, answers::BODY_TOO_LARGE)?;
    core.update(|state, now_ms| {
        let found = state.media.iter_mut().find(|media| media.id == id && media.member == caller.member_key());
        let media = found.ok_or(answers::DOCUMENT_FORBIDDEN)?;
        ensure(media.expires_ms > now_ms, answers::UPLOAD_EXPIRED)?;
        media.size = call.body.len() as u64;
        media.is_uploaded = true;
        media.is_unreadable = !["%PDF-", "PK\u{3}\u{4}"].iter().any(|start| call.body.starts_with(start.as_bytes()))
            && !call.body.starts_with(b"\xd0\xcf\x11\xe0");
        media.pages = count_pages(&call.body);
        Ok(())
    })?;
    Ok(Response::empty(201))
}

/// Finds the movie header in a part of a video, and returns the video's length.
fn find_movie_seconds(body: &[u8]) -> Option<u64> {
    const MOVIE_HEADER: &[u8] = b"mvhd";
    let start = body.windows(MOVIE_HEADER.len()).position(|window| window == MOVIE_HEADER)? + MOVIE_HEADER.len();
    parse_movie_header(&body[start..]).map(|duration| duration.as_secs())
}

/// Counts the page objects of a PDF; `None` where there are none in plain text.
fn count_pages(body: &[u8]) -> Option<usize> {
    let is_page = |start: usize| {
        let value = body[start..].strip_prefix(b"/Type").map(<[u8]>::trim_ascii_start);
        let end = value.and_then(|value| value.strip_prefix(b"/Page"));
        end.and_then(<[u8]>::first).is_some_and(|next| !next.is_ascii_alphabetic())
    };
    let count = (0..body.len()).filter(|start| is_page(*start)).count();
    (count > 0).then_some(count)
}

/// `GET /rest/documents/{urn}` and `GET /rest/videos/{urn}`.
pub(super) fn read(core: &Core, collection: &str, key: &str, caller: &Caller) -> HandlerResult {
    let behavior = core.behavior();
    let is_video = collection == at::VIDEOS;
    let forbidden = || {
        let resource = if is_video { "video" } else { "document" };
        answers::DOCUMENT_FORBIDDEN.refusal(&[("resource", resource)])
    };
    if behavior.media_read_refused {
        return Err(forbidden());
    }
    let urn = decode_urn(key);
    let state = core.state()?;
    let media = find(&state, &urn).filter(|media| media.is_video == is_video).ok_or(answers::NOT_FOUND)?;
    if media.member != caller.member_key() {
        return Err(forbidden());
    }
    let status = media.status(behavior.processing_failed);
    let mut body = json!({ "id": media.urn(), "owner": media.owner, "status": status });
    if status == "PROCESSING_FAILED" {
        body["processingFailureReason"] = FAILURE_REASON.into();
    }
    advance_processing(core, &urn)?;
    Ok(Response::json(&body))
}

/// Advances the processing of an upload, which takes as many status requests as the scenario sets.
pub(super) fn advance_processing(core: &Core, urn: &str) -> HandlerResult<()> {
    core.update(|state, _| {
        if let Some(media) = state.media.iter_mut().find(|media| media.urn() == urn && media.is_uploaded) {
            media.steps_left = media.steps_left.saturating_sub(1);
        }
        Ok(())
    })
}

pub(super) fn find<'a>(state: &'a SandboxState, urn: &str) -> Option<&'a Media> {
    state.media.iter().find(|media| media.urn() == urn)
}

/// Refuses a post with an upload that is unknown, of another owner, or not ready.
pub(super) fn check(state: &SandboxState, author: &str, urn: &str, is_failing: bool) -> HandlerResult<()> {
    let media = find(state, urn).ok_or(answers::URN_INVALID)?;
    ensure(media.owner == author, answers::CONTENT_NOT_OWNED)?;
    match media.status(is_failing) {
        "AVAILABLE" => Ok(()),
        "PROCESSING_FAILED" => Err(answers::UPLOAD_UNREADABLE.into()),
        _ => Err(answers::UPLOAD_MISSING.into()),
    }
}

fn create(core: &Core, caller: &Caller, owner: &str, describe: impl FnOnce(&mut Media)) -> HandlerResult<Media> {
    let id = format!("D4D05AQ{}", random::generate_text(12)?);
    let steps_left = core.behavior().processing_steps;
    core.update(|state, now_ms| {
        let mut media = Media {
            id,
            owner: owner.to_owned(),
            member: caller.member_key().to_owned(),
            expires_ms: now_ms + UPLOAD_URL_MS,
            steps_left,
            ..Media::default()
        };
        describe(&mut media);
        state.media.push(media.clone());
        Ok(media)
    })
}

/// Checks the fields of a request's only object; reports all problems in one response.
fn check_fields(body: &Value, name: &str, required: &[&str], optional: &[&str]) -> HandlerResult<()> {
    let missing = |field: &str| required_field(&format!("{name}/{field}"));
    let Some(object) = body[name].as_object() else { return Err(answers::unprocessable(&[required_field(name)?])) };
    let mut problems = Vec::new();
    for field in required.iter().filter(|field| !object.contains_key(**field)) {
        problems.push(missing(field)?);
    }
    for field in
        object.keys().filter(|field| !required.contains(&field.as_str()) && !optional.contains(&field.as_str()))
    {
        problems.push(unknown_field(&format!("{name}/{field}"))?);
    }
    if problems.is_empty() { Ok(()) } else { Err(answers::unprocessable(&problems)) }
}

fn as_str_or_empty(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_with_and_without_spaces() {
        let body = b"<< /Type /Pages >> << /Type /Page >> <</Type/Page/Parent 1 0 R>> << /Type\n/Page\n>> /Type /Page";
        assert_eq!(count_pages(body), Some(3));
        assert_eq!(count_pages(b"<< /Type /Catalog >>"), None);
    }

    #[test]
    fn the_length_of_a_video_is_in_its_header() {
        let fields: Vec<u8> = [0_u32, 0, 0, 1000, 83_400].into_iter().flat_map(u32::to_be_bytes).collect();
        assert_eq!(find_movie_seconds(&[b"..mvhd", &fields[..]].concat()), Some(83));
        for damaged in [b"mvhd", b"moov"] {
            assert_eq!(find_movie_seconds(damaged), None);
        }
    }
}
