//! Publishing, changing, finding and deleting a post, and their results.

use std::path::Path;

use jiff::Timestamp;

use super::commands::leave;
use super::results::is_edit_outcome_unknown;
use super::{ComposedPost, Progress, Stage, Task, first_comment, recent_activity};
use crate::flows::publish::{Event, FirstComment, Published};
use crate::linkedin::urn::is_page_urn;
use crate::store::PublishedPost;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::{copy_text, posts};
use crate::tui::state::{Screen, State};
use crate::{Code, Error, Result};

impl ComposedPost {
    /// Returns when this post was sent by an earlier attempt, which may have published it.
    pub(crate) fn maybe_published_at(&self) -> Option<Timestamp> {
        self.maybe_published_times().first().copied()
    }

    /// Returns when this post was sent by attempts that may have published it, the first one first.
    pub(super) fn maybe_published_times(&self) -> Vec<Timestamp> {
        if self.is_edit() || self.maybe_published_posts.is_empty() {
            return Vec::new();
        }
        let own = self.to_saved_post(Timestamp::UNIX_EPOCH);
        let is_same = |sent: &PublishedPost| {
            // The member's own posts: the form does not know the URN.
            let is_members = own.author.is_empty() && !is_page_urn(&sent.author);
            let author = if is_members { &sent.author } else { &own.author };
            sent.is_same(&PublishedPost { author: author.clone(), ..own.clone() })
        };
        let mut times: Vec<_> =
            self.maybe_published_posts.iter().filter(|sent| is_same(sent)).map(|sent| sent.at).collect();
        times.sort_unstable();
        times
    }

    /// Returns the post as it is saved when it is sent; the author is empty for the member.
    fn to_saved_post(&self, at: Timestamp) -> PublishedPost {
        let attachment = self.to_attachment().unwrap_or_default().describe(|path| {
            let files = self.parts().into_iter().filter_map(|part| self.file(part));
            let mut same = files.map(|(_, file)| file).filter(|file| Path::new(file.path.trimmed()) == path);
            Some(same.next()?.info()?.bytes)
        });
        PublishedPost {
            attachment,
            ..PublishedPost::new(None, self.author_urn().unwrap_or_default(), at, &self.typed_text())
        }
    }
}

pub(super) fn publish(state: &mut State, mut post: Box<ComposedPost>) -> Vec<Effect> {
    let (urn, edited_at) = match &post.post_to_edit {
        Some(edited) => (edited.urn.clone(), edited.edited_at),
        None => (None, None),
    };
    let (id, name) = (post.id, post.profile.clone());
    let mut effects = Vec::new();
    // An untouched copy of a post is a draft once it is sent: its result may be lost.
    if !post.can_replace_draft {
        post.can_replace_draft = true;
        effects.extend(post.save());
    }
    let effect = match (post.to_draft(), urn) {
        (Ok(draft), Some(urn)) => {
            post.stage = Stage::Busy(Task::Edit, Progress::new("Saving the new text"));
            Some(Effect::EditPost { id, name, urn, text: draft.text, edited_at })
        }
        (Ok(draft), None) => {
            post.stage = Stage::Busy(Task::Publish, Progress::new("Publishing"));
            let first_comment = post.first_comment_text();
            Some(Effect::Publish { id, name, draft: Box::new(draft), first_comment })
        }
        (Err(error), _) => {
            post.stage = Stage::Failed(error);
            None
        }
    };
    state.scroll = 0;
    state.screen = Screen::Compose(post);
    effects.extend(effect);
    effects
}

/// Looks for the post among those of the author.
pub(super) fn find(state: &mut State, mut post: Box<ComposedPost>, error: Error) -> Vec<Effect> {
    let effect = post.to_draft().ok().map(|draft| {
        let (id, name) = (post.id, post.profile.clone());
        post.stage = Stage::Busy(Task::Find(error), Progress::new("Searching for the post on LinkedIn"));
        Effect::FindPost { id, name, draft: Box::new(draft) }
    });
    state.screen = Screen::Compose(post);
    effect.into_iter().collect()
}

/// Deletes the post that was just published.
pub(crate) fn delete(state: &mut State, target: &posts::PostToDelete) -> Vec<Effect> {
    let Screen::Compose(post) = &mut state.screen else { return Vec::new() };
    let Stage::Published(published) = &post.stage else { return Vec::new() };
    post.stage = Stage::Busy(Task::Delete(published.clone()), Progress::new("Deleting the post"));
    vec![Effect::DeletePost { id: post.id, name: target.name.clone(), urn: target.urn.clone() }]
}

pub(super) fn published_effects(published: &Published, action: Action) -> Vec<Effect> {
    let copy = |what, text: &Option<String>| text.as_deref().map(|text| copy_text(what, text));
    let effects = match action {
        Action::OpenPage => published.url.clone().map(|url| vec![Effect::OpenPage(url)]),
        Action::CopyUrlToOpen => copy("the post's URL", &published.url),
        Action::CopyUrn => copy("the post's URN", &published.urn),
        _ => None,
    };
    effects.unwrap_or_default()
}

pub(crate) fn on_progressed(state: &mut State, id: u64, event: Event) {
    let now = state.now;
    if let Some(post) = state.compose_mut(id)
        && let Stage::Busy(Task::Publish, progress) = &mut post.stage
    {
        progress.apply(event, now);
    }
}

/// Returns whether files are uploaded and the post itself was not sent yet.
pub(crate) fn can_cancel(state: &State) -> bool {
    let is_cancellable =
        |post: &ComposedPost| matches!(&post.stage, Stage::Busy(Task::Publish, step) if step.is_cancellable());
    state.compose().is_some_and(is_cancellable)
}

/// Handles an upload that was canceled before the post was sent.
pub(crate) fn on_canceled(state: &mut State, id: u64) {
    if let Some(post) = state.compose_mut(id)
        && matches!(post.stage, Stage::Busy(Task::Publish, _))
    {
        post.stage = Stage::Preview;
        state.notify("The upload was canceled. Nothing was published.");
    }
}

/// Handles the result of publishing a post, or of deleting one (`None`).
pub(crate) fn on_finished(state: &mut State, id: u64, result: Result<Option<Box<Published>>>) -> Vec<Effect> {
    let now = state.now;
    let Some(post) = state.compose_mut(id) else { return posts::on_deleted(state, id, result.map(drop)) };
    match (result, &post.stage) {
        (Ok(Some(published)), _) => show_published(state, id, published),
        (Ok(None), _) => {
            let (name, returns_to_posts) = (post.profile.clone(), post.returns_to_posts);
            let mut effects = leave(state, name, returns_to_posts);
            effects.push(Effect::ReloadStore);
            state.notify("The post was deleted.");
            effects
        }
        (Err(error), Stage::Busy(Task::Delete(published), _)) => {
            post.stage = Stage::Published(published.clone());
            let hint = state.status_hint(&error);
            state.notify_error(format!("The post was not deleted. {error} {hint}"));
            Vec::new()
        }
        (Err(error), _) => {
            if error.code == Code::MaybePublished {
                let sent = post.to_saved_post(now);
                post.maybe_published_posts.push(sent);
            }
            post.stage = Stage::Failed(error);
            Vec::new()
        }
    }
}

/// Shows a published post, whose draft is deleted.
fn show_published(state: &mut State, id: u64, published: Box<Published>) -> Vec<Effect> {
    let first_comment = state.compose().and_then(ComposedPost::first_comment_text);
    first_comment::keep_text(state, &published, first_comment);
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    let lacks_comment = published.lacks_comment();
    post.stage = Stage::Published(published);
    let mut effects = vec![Effect::DeleteDraft { id, name: post.profile.clone() }];
    // The profile may have the refusal of its comment.
    effects.extend(lacks_comment.then_some(Effect::ReloadStore));
    effects
}

/// Handles the result of changing the text of a published post.
pub(crate) fn on_edited(state: &mut State, id: u64, result: Result<Vec<String>>) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    match result {
        Ok(warnings) => {
            let (name, urn) = (post.profile.clone(), post.post_to_edit.as_ref().and_then(|edited| edited.urn.clone()));
            let effects = posts::open(state, name, urn);
            state.notify(format!("The text of the post was changed. {}", warnings.join(" ")).trim_end().to_owned());
            effects
        }
        Err(error) => {
            post.may_be_changed |= is_edit_outcome_unknown(error.code);
            post.stage = Stage::Failed(error);
            Vec::new()
        }
    }
}

/// Handles a post that was changed since its text was opened: the preview says so, and nothing was sent.
pub(crate) fn on_changed_meanwhile(state: &mut State, id: u64, changed: Box<PublishedPost>) {
    let Some(post) = state.compose_mut(id) else { return };
    post.replaced_line = Some(changed.first_line.clone());
    post.post_to_edit = Some(changed);
    post.stage = Stage::Preview;
    state.scroll = 0;
    state.notify_error("Nothing was saved: the text was changed after you opened it.");
}

/// Handles the search for a post that may have been published.
pub(crate) fn on_searched(state: &mut State, id: u64, result: Result<Option<Box<Published>>>) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    let Stage::Busy(Task::Find(error), _) = &post.stage else { return Vec::new() };
    let error = error.clone();
    if let Ok(Some(mut published)) = result {
        published.first_comment = post.first_comment_text().map(|_| FirstComment::NotSent);
        return show_published(state, id, published);
    }
    post.stage = Stage::Failed(error);
    let activity = recent_activity(post.author_urn());
    report_search_without_post(state, activity, result.err());
    Vec::new()
}

/// Reports that a post was not found, or why it was not searched for. `activity` is where a person looks for it: the screen has
/// the key that opens it.
pub(crate) fn report_search_without_post(state: &mut State, activity: &str, error: Option<Error>) {
    match error {
        Some(error) if error.code == Code::NotPermitted => {
            state.notify_error(format!("LinkedIn does not let this token read posts. Look at {activity}."));
        }
        Some(error) => state.notify_failure(&error),
        None => {
            state
                .notify_error(format!("The post is not among the newest posts of the author yet. Look at {activity}."));
        }
    }
}
