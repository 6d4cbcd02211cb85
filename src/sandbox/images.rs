//! Images: the upload in two steps, and the pictures themselves.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::api::{self, Bearer};
use super::call::{Call, Reply};
use super::server::{self, Server};
use super::state::Image;
use super::{organizations, random};
use crate::{Code, Error, Result};

/// Where the bytes are put.
pub(super) const UPLOADS: &str = "/dms-uploads/";
/// Where the control page takes them from.
pub(super) const SHOWN: &str = "/sandbox/image/";
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
                "Make the folder writable, or choose another one with --config-dir.",
            )
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

/// Is this author one that the caller may act for?
pub(super) fn owns(bearer: &Bearer, urn: &str) -> bool {
    bearer.member.is_some_and(|member| {
        urn == format!("urn:li:person:{}", member.sub_for(&bearer.token.app))
            || organizations::may_post(member.key, urn)
    })
}

/// `POST /rest/images?action=initializeUpload`.
pub(super) fn initialize(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let version = match api::version(server, call) {
        Ok(version) => version,
        Err(reply) => return Ok(reply),
    };
    if !bearer.may("w_member_social") && !bearer.may("w_organization_social") {
        return Ok(api::not_permitted(&format!("images.ACTION-initializeUpload.{version}")));
    }
    if call.query != "action=initializeUpload" {
        let words = "POST operation requires the action initializeUpload";
        return Ok(Reply::json(400, &json!({ "status": 400, "code": "ILLEGAL_ARGUMENT", "message": words })));
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let Some(owner) = body.pointer("/initializeUploadRequest/owner").and_then(Value::as_str).map(str::to_owned) else {
        let words =
            "ERROR :: /initializeUploadRequest/owner :: field is required but not found and has no default value\n";
        return Ok(Reply::json(422, &json!({ "message": words, "status": 422 })));
    };
    if !owns(&bearer, &owner) {
        return Ok(api::denied(
            "Field Value validation failed in REQUEST_BODY: Data Processing Exception while processing fields [/initializeUploadRequest/owner]",
        ));
    }
    let id = format!("D4D10AQ{}", random::text(12)?);
    server::change(server, |state, now_ms| {
        let expires_ms = now_ms + SERVES;
        let member = bearer.member.map(|member| member.key.to_owned()).unwrap_or_default();
        state.images.push(Image { id: id.clone(), owner, member, expires_ms, kind: None });
        Ok(Reply::json(
            200,
            &json!({ "value": {
                "uploadUrlExpiresAt": expires_ms,
                "uploadUrl": format!("{}{UPLOADS}{id}/uploaded-image/0?ca=vector_feedshare&cn=uploads&sync=0", server.origin()),
                "image": format!("urn:li:image:{id}"),
            } }),
        ))
    })
}

/// `PUT {uploadUrl}`: the bytes, with the same member's token.
pub(super) fn upload(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let id = call.path.trim_start_matches(UPLOADS).split('/').next().unwrap_or_default().to_owned();
    let Some(kind) = kind(&call.body) else {
        let words = "The uploaded file is no image of a supported type";
        return Ok(Reply::json(400, &json!({ "status": 400, "code": "INVALID_VALUE_FOR_FIELD", "message": words })));
    };
    let caller = bearer.member.map(|member| member.key);
    let refusal = server::change(server, |state, now_ms| {
        let found = state.images.iter_mut().find(|image| image.id == id && Some(image.member.as_str()) == caller);
        Ok(match found {
            Some(image) if image.expires_ms > now_ms => {
                image.kind = Some(kind.to_owned());
                None
            }
            Some(_) => Some(Reply::empty(410)),
            None => Some(api::denied("Not enough permissions to upload this image")),
        })
    })?;
    if let Some(refusal) = refusal {
        return Ok(refusal);
    }
    server.pictures.keep(&id, &call.body)?;
    Ok(Reply::empty(201))
}

/// `GET /rest/images/{urn}`: a member's scope does not read.
pub(super) fn read(server: &Server, call: &Call) -> Result<Reply> {
    let bearer = match api::bearer(server, call)? {
        Ok(bearer) => bearer,
        Err(reply) => return Ok(reply),
    };
    let version = match api::version(server, call) {
        Ok(version) => version,
        Err(reply) => return Ok(reply),
    };
    if !bearer.may("r_organization_social") {
        return Ok(api::not_permitted(&format!("images.GET.{version}")));
    }
    let urn = call.path.rsplit('/').next().unwrap_or_default().replace("%3A", ":").replace("%3a", ":");
    let state = server.store.read()?;
    let found = state.images.iter().find(|image| image.urn() == urn);
    Ok(match found {
        None => api::no_such_resource(&call.path),
        Some(image) => Reply::json(
            200,
            &json!({
                "id": image.urn(), "owner": image.owner,
                "status": if image.kind.is_some() { "AVAILABLE" } else { "WAITING_UPLOAD" },
                "downloadUrl": format!("{}{SHOWN}{}", server.origin(), image.id),
            }),
        ),
    })
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
