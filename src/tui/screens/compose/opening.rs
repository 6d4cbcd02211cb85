//! Opens the compose screen, and fills it with a saved draft or with a post that is used again.

use crate::tui::screens::member_name;
use jiff::Timestamp;

use super::attachment::{AttachmentKind, FileField, ImageFields, PollFields};
use super::{CONNECTIONS, ComposedPost, new_text_area};
use crate::flows::{permissions, social};
use crate::linkedin::capabilities::Capability;
use crate::linkedin::posts::Visibility;
use crate::linkedin::urn::is_page_urn;
use crate::store::{Name, Profile, PublishedPost, SavedDraft};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Author, ComposeContents, Effect};
use crate::tui::screens::{comment, profiles};
use crate::tui::state::{Screen, State};
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::widgets::field::Field;

/// Opens the screen for a profile, and reads its draft, its Pages and its earlier posts.
pub(crate) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = profile.name.clone();
    if let Some(reason) = cannot_publish_reason(state, profile) {
        state.notify_error(reason);
        return Vec::new();
    }
    let member = profile.member.as_ref().map(member_name);
    let author = Author {
        urn: None,
        name: member.unwrap_or_else(|| "You (name unknown)".to_owned()),
        refusal: permissions::posting_denial(profile, None),
    };
    let id = state.take_id();
    let comment_refusal = social::refusal_by_permissions(profile, Capability::Comment, None);
    let post = ComposedPost { comment_refusal, ..ComposedPost::new(id, name.clone(), author) };
    state.open_screen(Screen::Compose(Box::new(post)));
    vec![Effect::OpenCompose { id, name }]
}

/// Opens the screen as [`open`] does, and fills it once it is known that there is no draft.
pub(crate) fn open_with(state: &mut State, profile: &Profile, prefill: SavedDraft) -> Vec<Effect> {
    let effects = open(state, profile);
    if let Screen::Compose(post) = &mut state.screen {
        post.prefill = Some(Box::new(prefill));
    }
    effects
}

/// Returns why a profile cannot publish, and what to press.
pub(crate) fn cannot_publish_reason(state: &State, profile: &Profile) -> Option<String> {
    let name = &profile.name;
    if profile.token.is_none() {
        let sign_in = state.key_sentence(KeyContext::List, Action::Reauthorize, "sign in");
        return Some(format!("Profile {name} has no token to publish with. {sign_in}"));
    }
    let reason = profiles::invalid_reason(state, profile).filter(|_| !profile.is_refreshable(state.now))?;
    let reauthorize = state.key_sentence(KeyContext::List, Action::Reauthorize, "re-authorize");
    Some(format!("Profile {name} cannot publish: its token {reason}. {reauthorize}"))
}

/// Opens the screen to change the text of a published post, and reads the names that complete a mention.
pub(crate) fn open_edit(state: &mut State, name: Name, post: PublishedPost) -> Vec<Effect> {
    let author = comment::author_name(state, &name, &post).unwrap_or_else(|| post.author.clone());
    let author = Author { urn: Some(post.author.clone()), name: author, refusal: None };
    let id = state.take_id();
    let mut compose = ComposedPost::new(id, name.clone(), author);
    compose.text = new_text_area(&post.text);
    if post.visibility == CONNECTIONS {
        compose.visibility = Visibility::Connections;
    }
    compose.post_to_edit = Some(Box::new(post));
    state.open_screen(Screen::Compose(Box::new(compose)));
    vec![Effect::ReadMentionableNames { id, name }]
}

/// Fills the form with the saved draft, the Pages and the earlier posts.
pub(crate) fn on_opened(state: &mut State, id: u64, contents: ComposeContents) -> Vec<Effect> {
    let (store, now) = (state.store(), state.now);
    let Some(compose) = state.compose_mut(id) else { return Vec::new() };
    let is_blank = compose.is_blank();
    compose.authors.truncate(1);
    compose.authors.extend(contents.pages);
    compose.recent_posts = contents.recent;
    compose.maybe_published_posts = contents.maybe_published;
    compose.accepted = contents.accepted;
    let is_unknown = store.profile(&compose.profile).is_some_and(|profile| profile.member.is_none());
    // A token that does not identify its member usually publishes for a Page.
    if is_unknown && compose.authors.len() > 1 && compose.author == 0 {
        compose.author = 1;
    }
    let (has_draft, has_prefill) = (contents.draft.is_some(), compose.prefill.is_some());
    let Some(draft) = contents.draft.filter(|_| is_blank) else {
        if !has_draft {
            return compose.apply_prefill(&store, now);
        }
        return Vec::new();
    };
    let mut effects = vec![Effect::RecordShownDraft { id, draft: Box::new(draft.clone()) }];
    effects.extend(compose.fill(draft, &store));
    compose.can_replace_draft = true;
    let purpose = if has_prefill { "discard it and use the post" } else { "discard it" };
    let discard = state.key_sentence(KeyContext::Compose, Action::Discard, purpose);
    state.notify(format!("Restored your draft. {discard}"));
    effects
}

impl ComposedPost {
    /// Fills the form with a draft, and checks its files. Its author stays, whether or not the Page was found.
    pub(super) fn fill(&mut self, draft: SavedDraft, store: &StoreSnapshot) -> Vec<Effect> {
        self.text = new_text_area(&draft.text);
        let is_for_connections = draft.visibility == CONNECTIONS;
        self.visibility = if is_for_connections { Visibility::Connections } else { Visibility::Public };
        self.attachment = AttachmentKind::of_draft(&draft);
        self.link = Field::new(draft.link.unwrap_or_default());
        self.title = Field::new(draft.title.unwrap_or_default());
        self.description = Field::new(draft.description.unwrap_or_default());
        self.thumbnail = FileField::new(draft.thumbnail.unwrap_or_default());
        self.document = FileField::new(draft.document.unwrap_or_default());
        self.video = FileField::new(draft.video.unwrap_or_default());
        self.captions = FileField::new(draft.captions.unwrap_or_default());
        self.poll = draft.poll.as_ref().map(PollFields::new).unwrap_or_default();
        self.parent = Field::new(draft.reshare.unwrap_or_default());
        self.first_comment = Field::new(draft.first_comment.unwrap_or_default());
        self.images = draft.images.iter().map(ImageFields::new).collect();
        self.add_image_row();
        if let Some(urn) = draft.author {
            let listed = self.authors.iter().position(|author| author.urn.as_ref() == Some(&urn));
            if listed.is_none() && is_page_urn(&urn) {
                let profile = store.profile(&self.profile);
                let pages = profile.and_then(Profile::permissions).into_iter().flat_map(|found| &found.pages);
                let name = pages.filter(|page| page.urn == urn).find_map(|page| page.name.clone());
                self.authors.extend(profile.map(|profile| Author::from_page(profile, urn, name)));
                self.author = self.authors.len() - 1;
            } else {
                self.author = listed.unwrap_or_default();
            }
        }
        self.inspect_files()
    }

    /// Fills the form with what it was opened with. What was typed meanwhile follows it.
    pub(super) fn apply_prefill(&mut self, store: &StoreSnapshot, now: Timestamp) -> Vec<Effect> {
        let Some(mut draft) = self.prefill.take() else { return Vec::new() };
        let typed = self.typed_text();
        draft.text.push_str(&typed);
        // An untouched copy is not a draft that the next post would open with.
        if !typed.is_empty() {
            self.mark_changed(now);
        }
        self.fill(*draft, store)
    }
}
