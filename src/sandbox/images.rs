//! Images: the upload in two steps, and the pictures themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::answers;
use super::api::{Caller, decoded};
use super::call::{Answered, Call, Reply};
use super::server::{self, Server};
use super::state::Image;
use super::{organizations, posts, random};
use crate::{Code, Error, NextStep, Result};

/// Where the bytes are put.
pub(super) const UPLOADS: &str = "/dms-uploads/";
/// Where the control page takes them from.
pub(super) const SHOWN: &str = "/sandbox/image/";
/// How the URN of an image begins.
pub(super) const IMAGE: &str = "urn:li:image:";
/// How the URN of the legacy API's image begins.
pub(super) const ASSET: &str = "urn:li:digitalmediaAsset:";
/// What the legacy API makes of an uploaded image ("Share on LinkedIn").
const RECIPE: &str = "urn:li:digitalmediaRecipe:feedshare-image";
/// How long an upload address serves, in milliseconds.
const SERVES: i64 = 24 * 3600 * 1000;
/// More pictures are not kept in memory.
const KEPT: usize = 100;

/// The bytes of the uploaded images: in files of the sandbox's folder, or in memory.
pub(super) struct Pictures {
    folder: Option<PathBuf>,
    memory: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Pictures {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self { folder: folder.map(|folder| folder.join("images")), memory: Mutex::default() }
    }

    fn keep(&self, id: &str, bytes: &[u8]) -> Result<()> {
        let Some(folder) = &self.folder else {
            let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.insert(id.to_owned(), bytes.to_vec());
            while memory.len() > KEPT {
                memory.pop_first();
            }
            return Ok(());
        };
        let failed = |error: std::io::Error| {
            Error::new(
                Code::Files,
                format!(
                    "The sandbox cannot keep an image in {}: {}.",
                    folder.display(),
                    crate::error::io_reason(&error)
                ),
                "Make the folder writable.",
            )
            .with_next_step(NextStep::UseOtherFolder)
            .with_io_source(&error)
        };
        super::state::make_private_folder(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        std::io::Write::write_all(&mut file, bytes).map_err(failed)?;
        file.persist(folder.join(id)).map(drop).map_err(|error| failed(error.error))
    }

    fn load(&self, id: &str) -> Option<Vec<u8>> {
        // The name of a file comes from the address: only what we made up ourselves is one.
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return None;
        }
        match &self.folder {
            Some(folder) => fs::read(folder.join(id)).ok(),
            None => self.memory.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned(),
        }
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(folder) = &self.folder {
            // What cannot be deleted is not shown either: no post names it any more.
            drop(fs::remove_dir_all(folder));
        }
    }
}

/// The picture's media type by its first bytes; nothing for what LinkedIn does not take.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}

/// `POST /rest/images?action=initializeUpload`.
pub(super) fn initialize(server: &Server, call: &Call, caller: &Caller) -> Answered {
    caller.require(posts::WRITE_SCOPES, &answers::UPLOAD_DENIED)?;
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
        let missing = answers::FIELD_REQUIRED.message(&[("field", "/initializeUploadRequest/owner")]);
        return Err(posts::unprocessable_body(&[missing]).into());
    };
    owner_allowed(caller, owner)?;
    let (image, url) = reserve(server, caller, owner, false)?;
    Ok(Reply::json(&json!({ "value": {
        "uploadUrlExpiresAt": image.expires_ms,
        "uploadUrl": url,
        "image": image.urn(),
    } })))
}

/// `POST /v2/assets?action=registerUpload`: an image for `/v2/ugcPosts`.
pub(super) fn register(server: &Server, call: &Call, caller: &Caller) -> Answered {
    caller.require(posts::WRITE_SCOPES, &answers::ASSET_DENIED)?;
    if call.query != "action=registerUpload" {
        return Err(answers::METHOD_UNRESOLVED.reply().into());
    }
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| answers::BODY_UNREADABLE.reply())?;
    let request = &body["registerUploadRequest"];
    let Some(owner) = request["owner"].as_str() else {
        let missing = answers::FIELD_REQUIRED.message(&[("field", "/registerUploadRequest/owner")]);
        return Err(posts::unprocessable_body(&[missing]).into());
    };
    let relationship = &request["serviceRelationships"][0];
    if request["recipes"] != json!([RECIPE])
        || relationship["relationshipType"] != "OWNER"
        || relationship["identifier"] != "urn:li:userGeneratedContent"
    {
        return Err(answers::RECIPE_REFUSED.reply().into());
    }
    if !posts::owns(caller, owner) {
        return Err(answers::FIELD_VALUE.filled(&[("field", "/registerUploadRequest/owner")]).into());
    }
    let (image, url) = reserve(server, caller, owner, true)?;
    let mechanism = "com.linkedin.digitalmedia.uploading.MediaUploadHttpRequest";
    Ok(Reply::json(&json!({ "value": {
        "uploadMechanism": { mechanism: { "uploadUrl": url, "headers": {} } },
        "asset": image.urn(),
    } })))
}

/// Keeps a place for the bytes of an image; returns it and the URL for them.
fn reserve(server: &Server, caller: &Caller, owner: &str, is_asset: bool) -> Answered<(Image, String)> {
    let id = format!("D4D10AQ{}", random::text(12)?);
    let url = format!("{}{UPLOADS}{id}/uploaded-image/0?ca=vector_feedshare&cn=uploads&sync=0", server.origin());
    let image = server::change(server, |state, now_ms| {
        let image = Image {
            id,
            owner: owner.to_owned(),
            member: caller.member.map(|member| member.key.to_owned()).unwrap_or_default(),
            expires_ms: now_ms + SERVES,
            kind: None,
            is_asset,
            unreadable: false,
        };
        state.images.push(image.clone());
        Ok(image)
    })?;
    Ok((image, url))
}

/// The owner's kind decides which permission is missing.
fn owner_allowed(caller: &Caller, owner: &str) -> Result<(), Reply> {
    let is_page = owner.starts_with(organizations::URN);
    let refusal = match owner {
        "urn:li:person:" => answers::OWNER_EMPTY,
        _ if is_page && !caller.may("w_organization_social") => answers::PAGE_OWNER,
        _ if !is_page && !caller.may("w_member_social") => answers::MEMBER_OWNER,
        _ if !posts::owns(caller, owner) => answers::IMAGE_FORBIDDEN,
        _ => return Ok(()),
    };
    Err(refusal.reply())
}

/// `PUT {uploadUrl}`: the bytes, with the same member's token. What cannot be read is noticed only
/// when it is posted.
pub(super) fn upload(server: &Server, call: &Call, caller: &Caller) -> Answered {
    let id = call.path.trim_start_matches(UPLOADS).split('/').next().unwrap_or_default().to_owned();
    let kind = kind(&call.body);
    let key = caller.member.map(|member| member.key);
    let refusal = server::change(server, |state, now_ms| {
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
    server.pictures.keep(&id, &call.body)?;
    Ok(Reply::empty(201))
}

/// `GET /rest/images/{urn}`: a member's scope does not read.
pub(super) fn read(server: &Server, key: &str, caller: &Caller) -> Answered {
    if !(server.behaviour().images_readable && caller.may("w_member_social")) {
        caller.require(&["r_organization_social"], &answers::IMAGE_DENIED)?;
    }
    let urn = decoded(key);
    let state = server.store.read()?;
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
        "downloadUrl": format!("{}{SHOWN}{}", server.origin(), image.id),
    })))
}

/// A picture for the control page.
pub(super) fn show(server: &Server, call: &Call) -> Reply {
    let bytes = server.pictures.load(call.path.trim_start_matches(SHOWN));
    match bytes.and_then(|bytes| kind(&bytes).map(|kind| (kind, bytes))) {
        None => Reply::empty(404),
        Some((kind, bytes)) => {
            let mut reply = Reply::empty(200).with("content-type", kind).with("cache-control", "private, max-age=3600");
            reply.body = bytes;
            reply
        }
    }
}
