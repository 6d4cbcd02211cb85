//! The linked pages that were read for previews. A call with a digest sends what the preview showed: its page is read
//! again only if it is no longer stored.

use std::collections::VecDeque;
use std::sync::Mutex;

use tempfile::NamedTempFile;

use super::calls::LinkCard;
use crate::Result;
use crate::flows::publish::add_link_metadata;
use crate::session::Context;
use crate::sync::lock;

/// How many linked pages are stored, each with the file of its thumbnail; beyond it the oldest is deleted.
const MAX_LINKED_PAGES: usize = 16;

/// The pages of the last previews.
#[derive(Default)]
pub(super) struct LinkedPages(Mutex<VecDeque<LinkMetadata>>);

struct LinkMetadata {
    /// The card as the call had it.
    requested: LinkCard,
    completed: LinkCard,
    /// The file of the thumbnail, which is deleted with this value.
    _thumbnail_file: Option<NamedTempFile>,
}

impl LinkedPages {
    /// Fills in the empty fields of a card: for a preview from the page, for a call with a digest as its preview did.
    /// Returns why there is no thumbnail.
    pub(super) async fn complete(
        &self,
        ctx: &Context,
        card: &mut LinkCard,
        is_preview: bool,
    ) -> Result<Option<String>> {
        if !is_preview && let Some(page) = lock(&self.0).iter().rev().find(|page| page.requested == *card) {
            *card = page.completed.clone();
            return Ok(None);
        }
        let requested = card.clone();
        let mut link = requested.clone().parse()?;
        let (thumbnail_file, warning) = add_link_metadata(ctx, &mut link).await?;
        card.fill_in(link);
        let mut pages = lock(&self.0);
        pages.push_back(LinkMetadata { requested, completed: card.clone(), _thumbnail_file: thumbnail_file });
        if pages.len() > MAX_LINKED_PAGES {
            pages.pop_front();
        }
        Ok(warning)
    }
}
