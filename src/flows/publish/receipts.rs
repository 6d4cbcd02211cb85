//! Uploads of earlier attempts: a file is not uploaded again because its post failed.

use std::sync::Mutex;

use crate::session::Context;
use crate::store::{FileStamp, Name, PublishedPost, UploadReceipt};
use crate::sync::lock;

/// Deletes the record that a post of `author` was sent.
pub(super) async fn unmark_sent(ctx: &Context, name: &Name, author: &str, text: &str) {
    let (name, author, text) = (name.clone(), author.to_owned(), text.to_owned());
    if let Err(error) = ctx.with_store(move |store| store.delete_sent_post(&name, &author, &text)).await {
        tracing::info!("the record of a sent post was not deleted: {}", error.code.as_str());
    }
}

/// The receipts of one profile and author.
pub(super) struct Receipts<'a> {
    ctx: &'a Context,
    name: &'a Name,
    owner: &'a str,
    known: Mutex<Vec<UploadReceipt>>,
    /// The text of the post as it was typed.
    text: &'a str,
    /// Whether the sending of the post was recorded, and whether it was before.
    sent: Mutex<Option<Sent>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Now,
    Before,
}

impl<'a> Receipts<'a> {
    /// Reads the receipts that can still be used. Without them files are uploaded again, so a failure is only logged.
    pub(super) async fn load(ctx: &'a Context, name: &'a Name, owner: &'a str, text: &'a str) -> Self {
        let (owned_name, now) = (name.clone(), ctx.now());
        let known = ctx.with_store(move |store| store.upload_receipts(&owned_name, now)).await;
        let mut known = known.unwrap_or_else(|error| {
            tracing::info!("the receipts of uploads were not read: {}", error.code.as_str());
            Vec::new()
        });
        known.retain(|receipt| receipt.owner == owner);
        Self { ctx, name, owner, known: Mutex::new(known), text, sent: Mutex::new(None) }
    }

    /// Records that the post is being sent: if its response is lost, it may be published. Without the record it is sent all
    /// the same, so a failure is only logged.
    pub(super) async fn mark_sent(&self) {
        if lock(&self.sent).is_some() {
            return;
        }
        let post = PublishedPost::new(None, self.owner, self.ctx.now(), self.text);
        let name = self.name.clone();
        match self.ctx.with_store(move |store| store.save_sent_post(&name, &post)).await {
            Ok(is_new) => *lock(&self.sent) = Some(if is_new { Sent::Now } else { Sent::Before }),
            Err(error) => tracing::info!("that the post was sent was not saved: {}", error.code.as_str()),
        }
    }

    /// Returns whether the post was sent before this attempt, without a response.
    pub(super) fn was_sent_before(&self) -> bool {
        *lock(&self.sent) == Some(Sent::Before)
    }

    /// Deletes the record: the post is in the list of posts, or was refused. A refusal says nothing about an earlier attempt.
    pub(super) async fn unmark_sent(&self, is_published: bool) {
        let sent = *lock(&self.sent);
        if sent == Some(Sent::Now) || sent.is_some() && is_published {
            unmark_sent(self.ctx, self.name, self.owner, self.text).await;
        }
    }

    /// Returns the URN of these files, uploaded to `api` as they are now.
    pub(super) fn find(&self, api: &str, files: &[FileStamp]) -> Option<String> {
        let known = lock(&self.known);
        let receipt = known.iter().rev().find(|receipt| receipt.api == api && receipt.files == files)?;
        Some(receipt.urn.clone())
    }

    /// Saves an upload at once: an interruption must not lose it.
    pub(super) async fn add(&self, api: &str, files: &[FileStamp], urn: &str) {
        let receipt = UploadReceipt {
            urn: urn.to_owned(),
            api: api.to_owned(),
            owner: self.owner.to_owned(),
            at: self.ctx.now(),
            files: files.to_vec(),
        };
        lock(&self.known).push(receipt.clone());
        let name = self.name.clone();
        let saved = self.ctx.with_store(move |store| store.save_upload_receipt(&name, &receipt)).await;
        if let Err(error) = saved {
            tracing::info!("the receipt of an upload was not saved: {}", error.code.as_str());
        }
    }

    /// Deletes the receipts of these URNs: of files that are published, or that LinkedIn cannot use.
    pub(super) async fn delete(&self, urns: Vec<String>) {
        if urns.is_empty() {
            return;
        }
        lock(&self.known).retain(|receipt| !urns.contains(&receipt.urn));
        let (name, now) = (self.name.clone(), self.ctx.now());
        let deleted = self.ctx.with_store(move |store| store.delete_upload_receipts(&name, &urns, now)).await;
        if let Err(error) = deleted {
            tracing::info!("the receipts of uploads were not deleted: {}", error.code.as_str());
        }
    }
}
