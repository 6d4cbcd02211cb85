//! An attempt to publish a post, and what earlier ones left: a file is not uploaded again because its post failed, and a post that
//! may have been published is recorded.

use std::sync::Mutex;

use jiff::Timestamp;

use crate::session::Context;
use crate::store::{FileStamp, Name, PublishedPost, UploadReceipt};
use crate::sync::lock;
use crate::{Code, Error};

/// Deletes the record that a post may have been published.
pub(super) async fn delete_record(ctx: &Context, name: &Name, post: &PublishedPost) {
    let (name, post) = (name.clone(), post.clone());
    if let Err(error) = ctx.with_store(move |store| store.delete_maybe_published(&name, &post)).await {
        tracing::info!("the record that a post may have been published was not deleted: {}", error.code.as_str());
    }
}

/// An attempt to publish a post, with the upload receipts of its profile and author.
pub(super) struct Attempt<'a> {
    ctx: &'a Context,
    name: &'a Name,
    /// The post as it was typed.
    post: &'a PublishedPost,
    receipts: Mutex<Vec<UploadReceipt>>,
    /// The record that the post may have been published, or why it could not be saved; `None` until the post is sent.
    record: Mutex<Option<Result<Record, Error>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Record {
    /// Created by this attempt.
    New,
    /// Of an earlier attempt.
    Earlier,
}

impl<'a> Attempt<'a> {
    /// Reads the receipts that can still be used. Without them files are uploaded again, so a failure is only logged.
    pub(super) async fn load(ctx: &'a Context, name: &'a Name, post: &'a PublishedPost) -> Self {
        let (owned_name, now) = (name.clone(), ctx.now());
        let receipts = ctx.with_store(move |store| store.upload_receipts(&owned_name, now)).await;
        let mut receipts = receipts.unwrap_or_else(|error| {
            tracing::info!("the receipts of uploads were not read: {}", error.code.as_str());
            Vec::new()
        });
        receipts.retain(|receipt| receipt.owner == post.author);
        Self { ctx, name, post, receipts: Mutex::new(receipts), record: Mutex::new(None) }
    }

    /// Records that the post is being sent: if its response is lost, it may have been published. Without the record it is sent
    /// all the same: a failure is reported if the response is lost.
    pub(super) async fn record_sending(&self) {
        if matches!(*lock(&self.record), Some(Ok(_))) {
            return;
        }
        let (name, post) = (self.name.clone(), PublishedPost { at: self.ctx.now(), ..self.post.clone() });
        let saved = self.ctx.with_store(move |store| store.save_maybe_published(&name, &post)).await;
        *lock(&self.record) = Some(saved.map(|is_new| if is_new { Record::New } else { Record::Earlier }));
    }

    /// Returns the error of a post that was sent, which warns if that was not recorded.
    pub(super) fn warn_if_unrecorded(&self, mut error: Error) -> Error {
        if error.code == Code::MaybePublished
            && let Some(Err(cause)) = &*lock(&self.record)
        {
            error.message = format!(
                "{} That could not be recorded, so there is no warning if the post is sent again: {}",
                error.message, cause.message
            );
        }
        error
    }

    /// Returns whether an earlier attempt may have published the post.
    pub(super) fn was_maybe_published(&self) -> bool {
        matches!(*lock(&self.record), Some(Ok(Record::Earlier)))
    }

    /// Deletes the record: the post was published.
    pub(super) async fn delete_record_as_published(&self) {
        self.delete_record_if(|_| true).await;
    }

    /// Deletes the record of this attempt: the post was refused. That does not show whether an earlier attempt published it.
    pub(super) async fn delete_record_as_refused(&self) {
        self.delete_record_if(|record| record == Record::New).await;
    }

    async fn delete_record_if(&self, is_outdated: impl Fn(Record) -> bool) {
        if lock(&self.record).take_if(|saved| matches!(saved, Ok(record) if is_outdated(*record))).is_some() {
            delete_record(self.ctx, self.name, self.post).await;
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ctx.now()
    }

    /// Returns the URN of these files, uploaded to a collection such as `/rest/images` as they are now.
    pub(super) fn find_upload(&self, collection: &str, files: &[FileStamp]) -> Option<String> {
        let receipts = lock(&self.receipts);
        let receipt = receipts.iter().rev().find(|receipt| receipt.api == collection && receipt.files == files)?;
        Some(receipt.urn.clone())
    }

    /// Saves an upload at once: an interruption must not lose it.
    pub(super) async fn save_upload(&self, collection: &str, files: &[FileStamp], urn: &str) {
        let receipt = UploadReceipt {
            urn: urn.to_owned(),
            api: collection.to_owned(),
            owner: self.post.author.clone(),
            at: self.ctx.now(),
            files: files.to_vec(),
        };
        lock(&self.receipts).push(receipt.clone());
        let name = self.name.clone();
        let saved = self.ctx.with_store(move |store| store.save_upload_receipt(&name, &receipt)).await;
        if let Err(error) = saved {
            tracing::info!("the receipt of an upload was not saved: {}", error.code.as_str());
        }
    }

    /// Deletes the receipts of these URNs: of files that are published, or that LinkedIn cannot use.
    pub(super) async fn delete_uploads(&self, urns: Vec<String>) {
        if urns.is_empty() {
            return;
        }
        lock(&self.receipts).retain(|receipt| !urns.contains(&receipt.urn));
        let (name, now) = (self.name.clone(), self.ctx.now());
        let deleted = self.ctx.with_store(move |store| store.delete_upload_receipts(&name, &urns, now)).await;
        if let Err(error) = deleted {
            tracing::info!("the receipts of uploads were not deleted: {}", error.code.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::encryption::no_prompt;
    use crate::session::{Options, Session};
    use crate::store::Profile;

    #[tokio::test]
    async fn a_record_that_was_saved_later_is_not_missing() {
        let directory = tempfile::tempdir().unwrap();
        let options = Options { config_dir: Some(directory.path().to_owned()), ..Options::default() };
        let (ctx, _) = Session::open(options, no_prompt).unwrap().context().await.unwrap();
        let name = Name::parse("work").unwrap();
        let post = json!({"urn": null, "author": "urn:li:person:x", "at": "2026-03-01T10:00:00Z"});
        let post: PublishedPost = serde_json::from_value(post).unwrap();
        let attempt = Attempt::load(&ctx, &name, &post).await;
        let message = || attempt.warn_if_unrecorded(Error::new(Code::MaybePublished, "Lost.", "")).message;

        // There is no such profile.
        attempt.record_sending().await;
        assert!(message().starts_with("Lost. That could not be recorded"), "{}", message());

        let profile = Profile::new(name.clone(), Name::parse("app").unwrap(), Vec::new());
        ctx.store.create_or_update_profile(profile, |_| {}).unwrap();
        attempt.record_sending().await;
        assert_eq!(message(), "Lost.");
        assert!(ctx.store.find_maybe_published(&name, &post).unwrap().is_some());
        attempt.delete_record_as_refused().await;
        assert!(ctx.store.find_maybe_published(&name, &post).unwrap().is_none());
    }
}
