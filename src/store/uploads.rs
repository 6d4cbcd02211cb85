//! The receipts of uploads in `posts/NAME.toml`: a file that was uploaded for a post that then failed is used again.

use jiff::{SignedDuration, Timestamp};

use super::format;
use super::model::UploadReceipt;
use super::name::Name;
use super::profile_store::ProfileStore;
use crate::Result;

/// How long an uploaded file is used again. LinkedIn documents no lifetime for a file without a post; its upload URLs
/// are valid for a day.
const RECEIPT_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// The receipts that are saved; older ones are removed.
const MAX_RECEIPTS: usize = 50;

fn is_usable(receipt: &UploadReceipt, now: Timestamp) -> bool {
    // A clock that was wrong must not keep a receipt forever.
    now.duration_since(receipt.at).abs() < RECEIPT_LIFETIME
}

impl ProfileStore {
    /// Returns the receipts that can be used at `now`.
    pub fn upload_receipts(&self, name: &Name, now: Timestamp) -> Result<Vec<UploadReceipt>> {
        let mut receipts = self.posts_file(name)?.upload;
        receipts.retain(|receipt| is_usable(receipt, now));
        Ok(receipts)
    }

    /// Saves a receipt, and removes those that can no longer be used.
    pub fn save_upload_receipt(&self, name: &Name, receipt: &UploadReceipt) -> Result<()> {
        self.replace_upload_receipts(name, receipt.at, |receipts| receipts.push(receipt.clone()))
    }

    /// Removes the receipts of these URNs.
    pub fn delete_upload_receipts(&self, name: &Name, urns: &[String], now: Timestamp) -> Result<()> {
        self.replace_upload_receipts(name, now, |receipts| receipts.retain(|receipt| !urns.contains(&receipt.urn)))
    }

    fn replace_upload_receipts(
        &self,
        name: &Name,
        now: Timestamp,
        change: impl FnOnce(&mut Vec<UploadReceipt>),
    ) -> Result<()> {
        self.change_posts(name, "upload", |name, rows| {
            // Under the lock: another process may have uploaded meanwhile.
            let mut receipts = self.upload_receipts(name, now)?;
            change(&mut receipts);
            rows.clear();
            for receipt in receipts.iter().rev().take(MAX_RECEIPTS).rev() {
                rows.push(format::new_table(receipt)?);
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::model::{FileStamp, PublishedPost};
    use crate::store::posts::tests::create_profile;

    fn receipt(urn: &str, at: Timestamp) -> UploadReceipt {
        let file = FileStamp { path: "/tmp/a.mp4".to_owned(), size: 100_000, modified: 1_700_000_000_123 };
        UploadReceipt {
            urn: urn.to_owned(),
            api: "/rest/videos".to_owned(),
            owner: "urn:li:person:a".to_owned(),
            at,
            files: vec![file.clone(), FileStamp { path: "/tmp/a.vtt".to_owned(), ..file }],
        }
    }

    #[test]
    fn receipts_are_kept_for_a_day_beside_the_posts() {
        let folder = tempfile::tempdir().unwrap();
        let store = ProfileStore::open(folder.path()).unwrap();
        let name = create_profile(&store);
        let now: Timestamp = "2026-11-24T14:05:00Z".parse().unwrap();
        assert_eq!(store.upload_receipts(&name, now).unwrap(), []);
        let post = PublishedPost::new(Some("urn:li:share:7".to_owned()), "urn:li:person:a", now, "Hello");
        store.save_post(&name, &post).unwrap();
        let (first, second) = (receipt("urn:li:video:1", now), receipt("urn:li:video:2", now));
        store.save_upload_receipt(&name, &first).unwrap();
        store.save_upload_receipt(&name, &second).unwrap();
        assert_eq!(store.upload_receipts(&name, now).unwrap(), [first, second.clone()]);
        store.delete_upload_receipts(&name, &["urn:li:video:1".to_owned()], now).unwrap();
        assert_eq!(store.upload_receipts(&name, now).unwrap(), [second]);
        assert_eq!(store.upload_receipts(&name, now + RECEIPT_LIFETIME).unwrap(), [], "too old");
        let later = receipt("urn:li:video:3", now + RECEIPT_LIFETIME);
        store.save_upload_receipt(&name, &later).unwrap();
        assert_eq!(store.upload_receipts(&name, now + RECEIPT_LIFETIME).unwrap(), [later]);
        assert_eq!(store.posts(&name).unwrap(), [post]);
    }
}
