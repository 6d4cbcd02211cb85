//! The linked pages that were read for previews. A call with a digest sends what the preview showed, so that its page is not
//! read again.

use std::collections::VecDeque;
use std::sync::Mutex;

use tempfile::NamedTempFile;

use super::calls::LinkCard;
use crate::Result;
use crate::flows::publish::add_link_metadata;
use crate::session::Context;
use crate::sync::lock;

/// Pages whose pictures are kept; the oldest ones beyond it are deleted.
const MAX_PAGES: usize = 16;

/// The pages of the last previews.
#[derive(Default)]
pub(super) struct LinkedPages(Mutex<VecDeque<LinkMetadata>>);

struct LinkMetadata {
    /// The card as the call had it.
    requested: LinkCard,
    completed: LinkCard,
    /// The file of the thumbnail, which is deleted with this value.
    _picture: Option<NamedTempFile>,
}

impl LinkedPages {
    /// Fills in the fields of a card that are empty: for a preview from the page, for a call with a digest as its preview did.
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
        let (picture, warning) = add_link_metadata(ctx, &mut link).await?;
        card.fill_in(link);
        let mut pages = lock(&self.0);
        pages.push_back(LinkMetadata { requested, completed: card.clone(), _picture: picture });
        if pages.len() > MAX_PAGES {
            pages.pop_front();
        }
        Ok(warning)
    }
}
