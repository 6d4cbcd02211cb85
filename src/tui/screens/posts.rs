//! The posts that were published with a profile: a table, and the selected post below it.

mod view;

use crossterm::event::KeyEvent;

use super::{comment, compose, copy_text, move_in_list, post_statistics, reaction};
use crate::Result;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::urn::is_page_urn;
use crate::store::{Name, PublishedPost, SavedDraft};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, PostRow};
use crate::tui::state::{Dialog, Screen, State};

pub(crate) use view::{delete_page, delete_record_page, page};

/// Rows of the selected post that a key scrolls by.
const SCROLLED_ROWS: u16 = 3;
/// The most keys that wait for the posts.
const MAX_QUEUED_KEYS: usize = 64;
/// The list of posts of a profile.
#[derive(Clone, Debug)]
pub struct Posts {
    /// Its number; messages of another list are ignored.
    pub id: u64,
    pub profile: Name,
    /// The posts, the newest first; `None` until they are read.
    rows: Option<Vec<PostRow>>,
    selected: usize,
    /// The URN of the post to select once the posts are read.
    urn_to_select: Option<String>,
    /// The URN of the post that is being deleted.
    deleting: Option<String>,
    /// The keys for the selected post that were pressed before the posts were read.
    queued_keys: Vec<KeyEvent>,
}

/// The post that is deleted after a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostToDelete {
    pub(crate) name: Name,
    pub(crate) urn: String,
    pub(crate) first_line: String,
}

impl Posts {
    pub(crate) fn selected(&self) -> Option<&PostRow> {
        self.rows.as_ref()?.get(self.selected)
    }

    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, Vec::len)
    }
}

/// The record of a post that is deleted after a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordToDelete {
    pub(crate) name: Name,
    pub(crate) post: PublishedPost,
}

/// Returns what opening the selected post opens: the post, or where a post that may have been published would be.
pub(crate) fn open_label(state: &State) -> Option<String> {
    let row = selected(state)?;
    if row.post.is_maybe_published {
        return Some(compose::open_recent_activity_label(Some(&row.post.author)));
    }
    has_url(state).then(|| "open".to_owned())
}

/// Returns whether the selected post has a URL.
pub(crate) fn has_url(state: &State) -> bool {
    selected(state).is_some_and(|row| row.url.is_some() && row.post.deleted_at.is_none())
}

/// Returns what is deleted of the selected post.
pub(crate) fn delete_label(state: &State) -> Option<String> {
    let is_record = selected(state)?.post.is_maybe_published;
    (is_record || is_published(state)).then(|| if is_record { "delete the record" } else { "delete" }.to_owned())
}

pub(crate) fn has_urn(state: &State) -> bool {
    selected(state).is_some_and(|row| row.post.urn.is_some())
}

/// Returns whether a post is selected.
pub(crate) fn has_post(state: &State) -> bool {
    selected(state).is_some()
}

/// Returns whether the selected post is published and can be changed.
pub(crate) fn is_published(state: &State) -> bool {
    selected(state).is_some_and(|row| row.post.urn.is_some() && row.post.deleted_at.is_none())
}

/// Returns whether LinkedIn did not confirm the selected post.
pub(crate) fn is_maybe_published(state: &State) -> bool {
    selected(state).is_some_and(|row| row.post.is_maybe_published)
}

/// Returns whether an action needs the URN of the selected post.
const fn needs_urn(action: Action) -> bool {
    matches!(
        action,
        Action::Comment
            | Action::CopyUrlToOpen
            | Action::CopyUrn
            | Action::Edit
            | Action::React
            | Action::Reshare
            | Action::Statistics
    )
}

/// Returns why an action does nothing with a post; `None` if it does something.
fn unavailable_reason(state: &State, post: &PublishedPost, action: Action) -> Option<String> {
    if action == Action::Check {
        return (!post.is_maybe_published).then(|| "LinkedIn confirmed this post.".to_owned());
    }
    if post.is_maybe_published && needs_urn(action) {
        let find = state.key_sentence(KeyContext::Posts, Action::Check, "search for it again");
        return Some(format!("LinkedIn did not confirm this post. {find}"));
    }
    if post.deleted_at.is_some() && (needs_urn(action) && action != Action::CopyUrn || action == Action::Delete) {
        return Some("This post was deleted.".to_owned());
    }
    (post.urn.is_none() && needs_urn(action))
        .then(|| "LinkedIn did not return the URN of this post. Find it on the author's page.".to_owned())
}

fn selected(state: &State) -> Option<&PostRow> {
    match &state.screen {
        Screen::Posts(posts) => posts.selected(),
        _ => None,
    }
}

/// Records that LinkedIn accepted a comment or a reaction of a post's author.
pub(crate) fn set_accepted(state: &mut State, urn: &str, capability: Capability) {
    let Screen::Posts(posts) = &mut state.screen else { return };
    let rows = posts.rows.get_or_insert_default();
    let author = rows.iter().find(|row| row.post.urn.as_deref() == Some(urn)).map(|row| row.post.author.clone());
    for row in rows.iter_mut().filter(|row| Some(&row.post.author) == author.as_ref()) {
        row.accepted.push(capability);
    }
}

/// Sets the reaction of a post's author, before the posts are read again.
pub(crate) fn set_reaction(state: &mut State, urn: &str, reaction: Option<String>) {
    let Screen::Posts(posts) = &mut state.screen else { return };
    let mut rows = posts.rows.iter_mut().flatten();
    if let Some(row) = rows.find(|row| row.post.urn.as_deref() == Some(urn)) {
        row.post.reaction = reaction;
    }
}

/// Opens the list of a profile's posts, with one of them selected: else the one that was selected when a form was opened over it.
pub(crate) fn open(state: &mut State, profile: Name, urn_to_select: Option<String>) -> Vec<Effect> {
    let id = state.take_id();
    let selected_in = |posts: &Posts| match &urn_to_select {
        Some(urn) => posts.rows.as_ref()?.iter().position(|row| row.post.urn.as_ref() == Some(urn)),
        None => Some(posts.selected),
    };
    // A list without the post to select is out of date: its keys would reach another post.
    let closed = state.closed_posts.take().filter(|posts| posts.profile == profile).and_then(|mut posts| {
        posts.selected = selected_in(&posts)?;
        Some(posts)
    });
    let mut posts = closed.unwrap_or_else(|| {
        Box::new(Posts {
            id,
            profile: profile.clone(),
            rows: None,
            selected: 0,
            urn_to_select: None,
            deleting: None,
            queued_keys: Vec::new(),
        })
    });
    (posts.id, posts.urn_to_select, posts.deleting) = (id, urn_to_select, None);
    state.open_screen(Screen::Posts(posts));
    vec![Effect::ReadPosts { id, name: profile }]
}

/// Returns the effect that reads the posts again, if they are on the screen.
pub(crate) fn reload(state: &State) -> Option<Effect> {
    let Screen::Posts(posts) = &state.screen else { return None };
    Some(Effect::ReadPosts { id: posts.id, name: posts.profile.clone() })
}

/// Queues a key for the selected post while the posts are still being read, and all keys after it. Returns whether it was
/// queued. Leaving the screen does not wait.
pub(crate) fn queue_key(state: &mut State, action: Option<Action>, key: KeyEvent) -> bool {
    let Screen::Posts(posts) = &mut state.screen else { return false };
    let is_for_row = |action: Action| {
        action.is_navigation()
            || needs_urn(action)
            || matches!(action, Action::Check | Action::Delete | Action::Duplicate | Action::OpenPage)
    };
    let must_wait = action.is_some_and(is_for_row) || !posts.queued_keys.is_empty() && action != Some(Action::Back);
    if posts.rows.is_some() || !must_wait {
        return false;
    }
    if posts.queued_keys.len() < MAX_QUEUED_KEYS {
        posts.queued_keys.push(key);
    }
    true
}

/// Handles the posts that were read. Returns the keys that waited for them.
pub(crate) fn on_read(state: &mut State, id: u64, result: Result<Vec<PostRow>>) -> Vec<KeyEvent> {
    let Screen::Posts(posts) = &mut state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    let queued_keys = std::mem::take(&mut posts.queued_keys);
    match result {
        Ok(rows) => {
            // The selection stays on its post.
            let selected = posts.selected().map(|row| (row.post.urn.clone(), row.post.at));
            let is_selected = |row: &PostRow| match (&posts.urn_to_select, &selected) {
                (Some(urn), _) => row.post.urn.as_ref() == Some(urn),
                (None, Some((urn, at))) => row.post.urn == *urn && row.post.at == *at,
                (None, None) => false,
            };
            posts.selected = rows.iter().position(is_selected).unwrap_or(posts.selected);
            posts.urn_to_select = None;
            posts.selected = posts.selected.min(rows.len().saturating_sub(1));
            posts.rows = Some(rows);
        }
        Err(error) => {
            posts.rows.get_or_insert_default();
            state.notify_failure(&error);
        }
    }
    queued_keys
}

pub(crate) fn handle(state: &mut State, mut posts: Box<Posts>, action: Action) -> Vec<Effect> {
    let count = posts.count();
    let row = posts.selected().cloned();
    let mut effects = Vec::new();
    if let Some(reason) = row.as_ref().and_then(|row| unavailable_reason(state, &row.post, action)) {
        state.notify_error(reason);
        state.screen = Screen::Posts(posts);
        return effects;
    }
    match (action, row) {
        (Action::Back, _) => {
            state.open_screen(Screen::Profiles);
            return vec![Effect::ReloadStore];
        }
        (Action::ScrollUp, _) => state.scroll = state.scroll.saturating_sub(SCROLLED_ROWS),
        (Action::ScrollDown, _) => state.scroll = (state.scroll + SCROLLED_ROWS).min(state.scroll_range.max),
        (action, _) if action.is_navigation() => {
            posts.selected = move_in_list(state, posts.selected, count, action);
            state.scroll = 0;
        }
        (Action::Compose, _) => {
            let store = state.store();
            let name = posts.profile.clone();
            keep_open(state, posts);
            let effects = store.profile(&name).map_or_else(Vec::new, |profile| compose::open(state, profile));
            compose::return_to_posts(state);
            return effects;
        }
        (Action::Duplicate | Action::Reshare, Some(PostRow { post, .. })) => return reuse(state, posts, action, post),
        (Action::Check, Some(PostRow { post, .. })) => {
            state.notify_canceled("Searching for the post on LinkedIn. Nothing is published.");
            effects.push(Effect::SearchRecordedPost {
                id: posts.id,
                name: posts.profile.clone(),
                post: Box::new(post),
            });
        }
        (Action::OpenPage, Some(PostRow { post, .. })) if post.is_maybe_published => {
            effects.push(Effect::OpenRecentActivity { author: Some(post.author).filter(|author| is_page_urn(author)) });
        }
        (Action::OpenPage, Some(PostRow { url: Some(url), post, .. })) if post.deleted_at.is_none() => {
            effects.push(Effect::OpenPage(url));
        }
        (Action::CopyUrlToOpen, Some(PostRow { url: Some(url), post, .. })) if post.deleted_at.is_none() => {
            effects = copy_text("the post's URL", &url);
        }
        (Action::CopyUrn, Some(PostRow { post: PublishedPost { urn: Some(urn), .. }, .. })) => {
            effects = copy_text("the post's URN", &urn);
        }
        (Action::Statistics, Some(PostRow { post, .. })) if post.deleted_at.is_none() => {
            if let Some(urn) = post.urn {
                effects = post_statistics::open(state, posts.profile.clone(), urn, post.first_line);
            }
        }
        (Action::Comment, Some(row)) if row.post.deleted_at.is_none() => {
            effects = comment::open(state, posts.profile.clone(), row);
        }
        (Action::React, Some(row)) if row.post.deleted_at.is_none() => {
            effects = reaction::open(state, posts.profile.clone(), row);
        }
        (Action::Edit, Some(PostRow { post, .. })) if post.urn.is_some() && post.deleted_at.is_none() => {
            return edit(state, posts, post);
        }
        (Action::Delete, Some(PostRow { post, .. })) if post.is_maybe_published => {
            let target = RecordToDelete { name: posts.profile.clone(), post };
            state.dialog = Some(Dialog::DeleteRecord(Box::new(target)));
        }
        (Action::Delete, Some(PostRow { post, .. })) if post.deleted_at.is_none() => {
            if let Some(urn) = post.urn {
                let target = PostToDelete { name: posts.profile.clone(), urn, first_line: post.first_line };
                state.dialog = Some(Dialog::DeletePost(Box::new(target)));
            }
        }
        _ => {}
    }
    state.screen = Screen::Posts(posts);
    effects
}

/// Leaves the list on the screen, and remembers it for when the form that opens over it is closed.
fn keep_open(state: &mut State, posts: Box<Posts>) {
    state.closed_posts = Some(posts.clone());
    state.screen = Screen::Posts(posts);
}

/// Opens the form for a new post: with the text and the link of this one, or with this one to reshare.
fn reuse(state: &mut State, posts: Box<Posts>, action: Action, post: PublishedPost) -> Vec<Effect> {
    let name = posts.profile.clone();
    keep_open(state, posts);
    let author = Some(post.author);
    let mut not_copied = None;
    let prefill = match (action, post.urn) {
        (Action::Duplicate, _) => {
            let (kind, what) = post.attachment.split_once(": ").unwrap_or_default();
            let reshare = (kind == "reshare").then(|| what.to_owned());
            if post.text.is_empty() && post.link.is_none() && reshare.is_none() {
                state.notify_error(if kind.is_empty() {
                    "The text of this post was not saved here. Copy it from LinkedIn."
                } else {
                    "This post has no text, and its attachment is not saved here."
                });
                return Vec::new();
            }
            not_copied = match kind {
                "" | "reshare" => None,
                "link" => Some("The title and the description of the link are not copied.".to_owned()),
                "images" => Some("The images are not copied. Add them again.".to_owned()),
                kind => Some(format!("The {kind} is not copied. Add it again.")),
            };
            SavedDraft {
                text: post.text,
                visibility: post.visibility,
                link: post.link,
                reshare,
                author,
                ..SavedDraft::default()
            }
        }
        (_, Some(urn)) if post.deleted_at.is_none() => {
            SavedDraft { reshare: Some(urn), author, ..SavedDraft::default() }
        }
        _ => return Vec::new(),
    };
    let store = state.store();
    let effects = store.profile(&name).map_or_else(Vec::new, |profile| compose::open_with(state, profile, prefill));
    compose::return_to_posts(state);
    if let Some(text) = not_copied.filter(|_| matches!(state.screen, Screen::Compose(_))) {
        state.notify_warning(text);
    }
    effects
}

/// Opens the editor on the text of a post.
fn edit(state: &mut State, posts: Box<Posts>, post: PublishedPost) -> Vec<Effect> {
    if post.text.is_empty() {
        state.notify_error("The text of this post was not saved here. Edit it on LinkedIn.");
        state.screen = Screen::Posts(posts);
        return Vec::new();
    }
    let store = state.store();
    if let Some(reason) =
        store.profile(&posts.profile).and_then(|profile| compose::cannot_publish_reason(state, profile))
    {
        state.notify_error(reason);
        state.screen = Screen::Posts(posts);
        return Vec::new();
    }
    let name = posts.profile.clone();
    keep_open(state, posts);
    compose::open_edit(state, name, post)
}

/// Deletes the post after its confirmation.
pub(crate) fn delete(state: &mut State, target: &PostToDelete) -> Vec<Effect> {
    let Screen::Posts(posts) = &mut state.screen else { return compose::delete(state, target) };
    posts.deleting = Some(target.urn.clone());
    vec![Effect::DeletePost { id: posts.id, name: target.name.clone(), urn: target.urn.clone() }]
}

/// Handles the result of deleting a post from the list.
pub(crate) fn on_deleted(state: &mut State, id: u64, result: Result<()>) -> Vec<Effect> {
    let Screen::Posts(posts) = &mut state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    posts.deleting = None;
    let name = posts.profile.clone();
    match result {
        Ok(()) => state.notify("The post was deleted."),
        Err(error) => {
            let hint = state.status_hint(&error);
            state.notify_error(format!("The post was not deleted. {error} {hint}"));
        }
    }
    vec![Effect::ReadPosts { id, name }]
}

/// Handles the search for the post of a record: it is selected where it was found.
pub(crate) fn on_record_searched(
    state: &mut State,
    id: u64,
    author: &str,
    result: Result<Option<String>>,
) -> Vec<Effect> {
    let Screen::Posts(posts) = &mut state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    let name = posts.profile.clone();
    match result {
        Ok(Some(urn)) => {
            posts.urn_to_select = Some(urn);
            state.notify("The post was published.");
            return vec![Effect::ReadPosts { id, name }];
        }
        result => {
            compose::report_search_without_post(state, compose::recent_activity(Some(author)), result.err());
        }
    }
    Vec::new()
}

/// Deletes the record after its confirmation.
pub(crate) fn delete_record(state: &State, RecordToDelete { name, post }: RecordToDelete) -> Vec<Effect> {
    let Screen::Posts(posts) = &state.screen else { return Vec::new() };
    vec![Effect::DeleteRecord { id: posts.id, name, post: Box::new(post) }]
}

pub(crate) fn on_record_deleted(state: &mut State, id: u64) -> Vec<Effect> {
    let Screen::Posts(posts) = &state.screen else { return Vec::new() };
    if posts.id != id {
        return Vec::new();
    }
    let name = posts.profile.clone();
    state.notify("The record was deleted.");
    vec![Effect::ReadPosts { id, name }]
}
