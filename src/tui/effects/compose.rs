//! What the compose screen shows when it opens: the draft, the Pages, the earlier posts, and the names to mention.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use super::drafts::OpenDraft;
use super::{Services, interrupted_error};
use crate::flows::permissions::accepted_writes;
use crate::flows::publish::{self, KnownName, NameSource};
use crate::store::{Name, Permissions, ProfileStore};
use crate::sync::lock;
use crate::tui::message::{Author, ComposeContents, Message};

impl Services {
    pub(super) fn open_compose(&self, id: u64, name: Name) {
        let (ctx, drafts, messages) = (self.context.clone(), Arc::clone(&self.drafts), self.messages.clone());
        self.spawn(async move {
            let (store, profile_name) = (ctx.session.store.without_secrets(), name.clone());
            let (profiles, failures) = (store.clone(), messages.clone());
            let read = tokio::task::spawn_blocking(move || {
                let profile = store.profile(&profile_name).ok();
                let accepted = profile.as_ref().map(|profile| accepted_writes(&store, profile));
                let draft = store.draft(&profile_name).unwrap_or_else(|error| {
                    drop(failures.blocking_send(Message::Failed(error)));
                    None
                });
                let contents = ComposeContents {
                    // The screen opens even if these cannot be read.
                    draft,
                    recent: store.posts(&profile_name).unwrap_or_default(),
                    maybe_published: store.maybe_published_posts(&profile_name).unwrap_or_default(),
                    accepted: accepted.and_then(Result::ok).unwrap_or_default(),
                    pages: Vec::new(),
                };
                // Text that was typed meanwhile may be saved already.
                lock(&drafts).entry(id).or_insert_with(|| OpenDraft {
                    profile: profile.clone(),
                    known_profiles: store.profile_names().unwrap_or_default(),
                    // Until the form shows the draft, what is typed does not replace it.
                    saved: None,
                    pictures: Vec::new(),
                    conflict: None,
                });
                (contents, profile)
            });
            let Ok((mut contents, profile)) = read.await else {
                return Message::Failed(interrupted_error());
            };
            let Some(profile) = profile else {
                return Message::ComposeOpened { id, contents: Box::new(contents) };
            };
            let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
            if scopes.iter().any(|scope| scope.ends_with("organization_admin"))
                && let Ok(ctx) = ctx.get_for(&name).await
                && let Ok(pages) = publish::list_pages(&ctx, &name).await
            {
                contents.pages =
                    pages.into_iter().map(|page| Author::from_page(&profile, page.urn, page.name)).collect();
            }
            // `list_pages` lists only the Pages that the member administers. Pages with another role that can post come from
            // the probed permissions.
            for page in profile.permissions().into_iter().flat_map(Permissions::postable_pages) {
                if !contents.pages.iter().any(|listed| listed.urn.as_deref() == Some(page.urn.as_str())) {
                    contents.pages.push(Author::from_page(&profile, page.urn.clone(), page.name.clone()));
                }
            }
            let named = contents.pages.iter().filter_map(|page| {
                let urn = page.urn.clone().filter(|urn| *urn != page.name)?;
                Some(KnownName { name: page.name.clone(), urn })
            });
            send_mentionable_names(&messages, profiles, (id, name), named.collect());
            let draft_author = contents.draft.as_ref().and_then(|draft| draft.author.as_deref());
            // The author of the draft stays, and the screen shows why LinkedIn would refuse it.
            contents.pages.retain(|page| page.refusal.is_none() || page.urn.as_deref() == draft_author);
            Message::ComposeOpened { id, contents: Box::new(contents) }
        });
    }
}

/// Reads who can be mentioned, and sends the names in a message of their own: the files of every profile are read, and the
/// form does not wait for that.
pub(super) fn send_mentionable_names(
    messages: &Sender<Message>,
    store: ProfileStore,
    (id, profile): (u64, Name),
    pages: Vec<KnownName>,
) {
    let messages = messages.clone();
    tokio::task::spawn_blocking(move || {
        // Without the profiles there are still the Pages.
        let known = publish::load_known_names(&store, &profile, NameSource::AllProfiles).unwrap_or_default();
        drop(messages.blocking_send(Message::NamesRead { id, names: publish::list_mention_names(&known, &pages) }));
    });
}
