//! The key and message handlers of the compose screen.

use std::sync::Arc;

use super::authorization::{ask_to_sign_in, is_refused_despite_scope, request_missing_scope};
use super::editing::SAVE_DELAY;
use super::opening::{open, open_edit};
use super::publishing::{find, publish, published_effects};
use super::{ComposedPost, Part, Stage, Task};
use crate::flows::publish::{FileInfo, FileRole, FirstComment, PixelPreview, Published};
use crate::linkedin::capabilities::Capability;
use crate::linkedin::endpoints::portal;
use crate::linkedin::urn::is_page_urn;
use crate::store::{Name, PublishedPost};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Author, Effect, PathCompletion, PostRow, TerminalEffect};
use crate::tui::screens::{comment, posts};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::widgets::field::Field;
use crate::{Code, Error, Result};

/// Saves what was typed a second ago, so that neither a crash nor a closed terminal loses more.
pub(crate) fn save_if_due(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    save_if(state, |post| post.unsaved_since.is_some_and(|since| now.duration_since(since) >= SAVE_DELAY))
}

/// Saves the draft where the files no longer have the profile: another process may have renamed it, which saving detects.
pub(crate) fn save_if_profile_is_missing(state: &mut State) -> Vec<Effect> {
    let store = state.store();
    save_if(state, |post| matches!(post.stage, Stage::Writing) && !store.has_profile(post.profile.as_str()))
}

fn save_if(state: &mut State, must_save: impl Fn(&ComposedPost) -> bool) -> Vec<Effect> {
    match &mut state.screen {
        Screen::Compose(post) if must_save(post) => {
            let mut effects = post.save();
            effects.extend(post.inspect_files());
            effects
        }
        _ => Vec::new(),
    }
}

/// Handles a draft that was saved under `new`, because another process renamed the profile.
pub(crate) fn on_draft_moved(state: &mut State, id: u64, new: &Name) -> Vec<Effect> {
    let closed_post = state.closed_post.as_mut().filter(|post| post.id == id);
    let post = match &mut state.screen {
        Screen::Compose(post) if post.id == id => Some(post),
        _ => closed_post,
    };
    if let Some(post) = post.filter(|post| post.profile != *new) {
        let old = std::mem::replace(&mut post.profile, new.clone());
        // The draft of a published post is deleted, and an empty one is not saved.
        let is_published = matches!(post.stage, Stage::Published(_) | Stage::Busy(Task::Delete(_), _));
        let draft = if post.has_draft() && !is_published { ", and the draft is saved there" } else { "" };
        state.notify(format!("Profile {old} is now called {new}{draft}."));
    }
    vec![Effect::ReloadStore]
}

/// Handles a draft that was not saved: the post stays open, or is opened again.
pub(crate) fn on_draft_failed(state: &mut State, id: u64, error: &Error) {
    if matches!(state.screen, Screen::Profiles | Screen::Posts(_))
        && let Some(post) = state.closed_post.take_if(|post| post.id == id)
    {
        state.open_screen(Screen::Compose(post));
    }
    if let Some(post) = state.compose_mut(id) {
        post.is_saved = false;
    }
    let mut text = format!("{error} {}", state.status_hint(error));
    if state.key_context() == KeyContext::Compose {
        text = format!("{text} {}", state.key_sentence(KeyContext::Compose, Action::Discard, "discard it"));
    }
    state.notify_error(text);
}

pub(crate) fn handle(state: &mut State, mut post: Box<ComposedPost>, action: Action) -> Vec<Effect> {
    let next = match (post.stage.clone(), action) {
        (Stage::Writing, action) => return handle_writing(state, post, action),
        (Stage::Preview, Action::Publish) if post.maybe_published_at().is_none() => return publish(state, post),
        (Stage::Preview, Action::PublishAgain) if post.maybe_published_at().is_some() => return publish(state, post),
        (Stage::Preview, Action::EditScopes) if !post.is_edit() => return request_missing_scope(state, post),
        (Stage::Preview | Stage::Failed(_), Action::Back) => Stage::Writing,
        (Stage::Published(published), action) => return handle_published(state, post, *published, action),
        (Stage::Failed(_), Action::OpenPage) if post.is_maybe_published() => {
            let author = post.selected_author().and_then(|author| author.urn.clone());
            state.screen = Screen::Compose(post);
            return vec![Effect::OpenRecentActivity { author }];
        }
        (Stage::Failed(error), Action::Check) if post.is_maybe_published() => return find(state, post, error),
        (Stage::Failed(error), Action::Reauthorize) if post.needs_sign_in() => {
            return ask_to_sign_in(state, post, error);
        }
        (Stage::Failed(error), Action::OpenPortal) if error.code == Code::NotPermitted => {
            state.screen = Screen::Compose(post);
            return vec![Effect::OpenPage(portal::APPS.to_owned())];
        }
        (Stage::Failed(error), Action::Reauthorize) if error.code == Code::NotPermitted => {
            let screen = Screen::Compose(post);
            state.screen = screen;
            let has_scope = is_refused_despite_scope(state);
            let Screen::Compose(post) = std::mem::replace(&mut state.screen, Screen::Profiles) else {
                return Vec::new();
            };
            return if has_scope { ask_to_sign_in(state, post, error) } else { request_missing_scope(state, post) };
        }
        (Stage::Busy(Task::Publish, mut progress), Action::Back) if progress.is_cancellable() => {
            progress.cancel();
            let id = post.id;
            post.stage = Stage::Busy(Task::Publish, progress);
            state.screen = Screen::Compose(post);
            return vec![Effect::CancelPublish { id }];
        }
        (busy @ Stage::Busy(..), Action::Back) => {
            let is_canceling = matches!(&busy, Stage::Busy(_, progress) if progress.is_canceling());
            if !is_canceling {
                state.notify_not_cancellable(KeyContext::Publishing);
            }
            busy
        }
        (unchanged, _) => unchanged,
    };
    post.stage = next;
    state.screen = Screen::Compose(post);
    Vec::new()
}

/// Returns a published post as it is in the list of posts.
fn record(post: &ComposedPost, published: &Published) -> PublishedPost {
    PublishedPost {
        first_line: post.first_line(),
        author_name: post.selected_author().and_then(Author::page_name),
        visibility: published.visibility.as_str().to_ascii_lowercase(),
        ..PublishedPost::new(published.urn.clone(), &published.author, published.at, &post.typed_text())
    }
}

fn handle_published(state: &mut State, post: Box<ComposedPost>, published: Published, action: Action) -> Vec<Effect> {
    let name = post.profile.clone();
    match action {
        Action::Back => {
            let mut effects = leave(state, name, post.returns_to_posts);
            effects.push(Effect::ReloadStore);
            return effects;
        }
        Action::Posts => return posts::open(state, name, published.urn),
        Action::Comment if published.urn.is_some() => {
            let has_comment = published.first_comment == Some(FirstComment::Published);
            let accepted = if has_comment { vec![Capability::Comment] } else { post.accepted_from(&published.author) };
            let row = PostRow { post: record(&post, &published), url: published.url, accepted };
            state.screen = Screen::Compose(post);
            return comment::open(state, name, row);
        }
        Action::Edit if published.urn.is_some() && !published.is_duplicate => {
            return open_edit(state, name, record(&post, &published));
        }
        Action::Compose => {
            let store = state.store();
            let returns_to_posts = post.returns_to_posts;
            state.screen = Screen::Compose(post);
            let effects = store.profile(&name).map_or_else(Vec::new, |profile| open(state, profile));
            // What the store does not have yet: LinkedIn refused it a moment ago.
            if let (Screen::Compose(next), Some(FirstComment::Failed(error))) =
                (&mut state.screen, published.first_comment)
                && error.code == Code::NotPermitted
                && !is_page_urn(&published.author)
            {
                next.comment_refusal = Some(error.message);
            }
            if returns_to_posts {
                return_to_posts(state);
            }
            return effects;
        }
        _ => {}
    }
    let effects = published_effects(&published, action);
    if let (Action::Delete, Some(urn)) = (action, published.urn) {
        let first_line = post.first_line();
        state.dialog = Some(Dialog::DeletePost(Box::new(posts::PostToDelete { name, urn, first_line })));
    }
    state.screen = Screen::Compose(post);
    effects
}

fn handle_writing(state: &mut State, mut post: Box<ComposedPost>, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Action::Back if post.has_name_list() => post.close_name_list(),
        Action::NextField if post.has_name_list() => post.insert_name(state.now),
        Action::Back if post.is_reading_link() => effects = post.cancel_link_preview(),
        Action::PreviewLink if post.can_preview_link() => match post.preview_link() {
            Ok(started) => effects = started,
            Err(problem) => state.notify_error(problem),
        },
        Action::Back if post.is_edit() => {
            if post.has_content() {
                state.dialog = Some(Dialog::DiscardDraft);
            } else {
                return leave_update(state, *post);
            }
        }
        Action::Back => {
            let mut effects = post.save();
            let canceled = post.cancel_link_preview();
            let (name, returns_to_posts) = (post.profile.clone(), post.returns_to_posts);
            // An empty post needs no draft.
            state.closed_post = matches!(effects[..], [Effect::SaveDraft { .. }]).then_some(post);
            effects.extend(canceled);
            effects.extend(leave(state, name, returns_to_posts));
            return effects;
        }
        Action::NextField => {
            effects = match post.path_to_complete() {
                Some((role, text)) => vec![Effect::CompletePath { id: post.id, role, text }],
                None => post.move_focus(action),
            };
        }
        Action::PreviousField => effects = post.move_focus(action),
        Action::ChangeVisibility | Action::NextAuthor | Action::ChangeAttachment | Action::PreviousAttachment
            if !post.is_edit() =>
        {
            let part = match action {
                Action::ChangeVisibility => Part::Visibility,
                Action::NextAuthor => Part::Author,
                _ => Part::Attachment,
            };
            effects = post.finish_focused_field();
            let before = std::mem::replace(&mut post.part, part);
            effects.extend(post.change_choice_and_save(action != Action::PreviousAttachment));
            // The fields of the attachment that had the focus may be gone.
            if post.parts().contains(&before) {
                post.part = before;
            }
        }
        Action::Undo | Action::Redo if post.part == Part::Text => {
            if post.step_history(action == Action::Undo) {
                post.mark_changed(state.now);
            } else {
                let what = if action == Action::Undo { "undo" } else { "redo" };
                state.notify(format!("Nothing to {what}."));
            }
        }
        Action::EditExternally => {
            effects = post.save();
            state.is_editor_open = true;
            effects.push(Effect::Terminal(TerminalEffect::EditText { id: post.id, text: post.typed_text() }));
        }
        Action::Discard if post.has_content() => state.dialog = Some(Dialog::DiscardDraft),
        Action::Discard => state.notify("There is nothing to discard."),
        Action::EditScopes if !post.is_edit() => return request_missing_scope(state, post),
        // What the page fills in would not be what the preview showed.
        Action::Preview if post.is_reading_link() => {
            let cancel = state.key_sentence(KeyContext::Compose, Action::Back, "cancel that");
            state.notify_error(format!("The page is still being read. {cancel}"));
        }
        Action::Preview => {
            effects = post.finish_focused_field();
            effects.extend(post.save());
            preview(state, &mut post);
        }
        _ => {}
    }
    state.screen = Screen::Compose(post);
    effects
}

const NOT_READY: &str = "The post is not ready: see the marked field.";

/// Shows the preview, or moves the focus to what is wrong.
fn preview(state: &mut State, post: &mut ComposedPost) {
    state.scroll = 0;
    if let Some((part, problem)) = post.first_problem() {
        (post.part, post.part_problem) = (part, Some((part, problem)));
        state.notify_error(NOT_READY);
    } else if let Err(error) = post.to_draft() {
        state.notify_failure(&error);
    } else if post.is_edit() && !post.has_content() {
        state.notify_error("The text has not changed.");
    } else {
        post.stage = Stage::Preview;
    }
}

/// Discards the draft, or the changes of a published post.
pub(crate) fn discard(state: &mut State) -> Vec<Effect> {
    let Screen::Compose(mut post) = std::mem::replace(&mut state.screen, Screen::Profiles) else { return Vec::new() };
    if post.is_edit() {
        return leave_update(state, *post);
    }
    let mut effects = post.cancel_link_preview();
    let empty = ComposedPost::new(post.id, post.profile, Author::default());
    let mut post = ComposedPost {
        authors: post.authors,
        recent_posts: post.recent_posts,
        maybe_published_posts: post.maybe_published_posts,
        names: post.names,
        comment_refusal: post.comment_refusal,
        accepted: post.accepted,
        prefill: post.prefill,
        returns_to_posts: post.returns_to_posts,
        can_replace_draft: true,
        ..empty
    };
    effects.extend(post.save());
    // An untouched copy of a post is not a draft.
    post.can_replace_draft = post.prefill.is_none();
    effects.extend(post.apply_prefill(&state.store(), state.now));
    state.screen = Screen::Compose(Box::new(post));
    state.notify("The draft was discarded.");
    effects
}

/// Lets the post that was just opened go back to the posts of its profile.
pub(crate) fn return_to_posts(state: &mut State) {
    if let Screen::Compose(post) = &mut state.screen {
        post.returns_to_posts = true;
    }
}

/// Goes back to where the post was begun: the posts of the profile, or the profile list.
pub(super) fn leave(state: &mut State, profile: Name, returns_to_posts: bool) -> Vec<Effect> {
    if returns_to_posts {
        return posts::open(state, profile, None);
    }
    state.open_screen(Screen::Profiles);
    Vec::new()
}

/// Returns from changing a post to the list of posts.
fn leave_update(state: &mut State, post: ComposedPost) -> Vec<Effect> {
    posts::open(state, post.profile, post.post_to_edit.and_then(|edited| edited.urn))
}

/// Handles a file that was checked.
pub(crate) fn on_file_inspected(
    state: &mut State,
    id: u64,
    (role, path): (FileRole, &str),
    result: &Result<FileInfo, String>,
    picture: Option<&Arc<PixelPreview>>,
) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    for part in post.parts() {
        let is_same = post.file(part).is_some_and(|(kind, _)| kind == role);
        if let Some(file) = post.file_mut(part).filter(|_| is_same) {
            file.set_read(path, result, picture);
        }
    }
    // The preview was opened before the file was read.
    if result.is_err()
        && matches!(post.stage, Stage::Preview)
        && let Some((part, problem)) = post.first_problem()
    {
        post.stage = Stage::Writing;
        (post.part, post.part_problem) = (part, Some((part, problem)));
        state.scroll = 0;
        state.notify_error(NOT_READY);
    }
    Vec::new()
}

/// Handles the completion of the path in the focused field.
pub(crate) fn on_path_completed(state: &mut State, id: u64, text: &str, completion: PathCompletion) -> Vec<Effect> {
    let now = state.now;
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    let part = post.part;
    let Some(file) = post.file_mut(part).filter(|file| file.path.text() == text) else { return Vec::new() };
    let is_completed = completion.text != text;
    if is_completed {
        file.path = Field::new(completion.text);
        post.on_changed(now);
    }
    if completion.matches.len() > 1 {
        post.completions = completion.matches;
        return Vec::new();
    }
    // Nothing is left to complete, so the key moves on.
    if is_completed { post.inspect_files() } else { post.move_focus(Action::NextField) }
}

/// Replaces the text by the one from the editor, and returns to the full screen.
pub(crate) fn on_text_edited(state: &mut State, id: u64, result: Result<String, String>) -> Vec<Effect> {
    let now = state.now;
    state.is_editor_open = false;
    if let Some(post) = state.compose_mut(id) {
        match result {
            Ok(text) if text == post.typed_text() => state.notify("The text is unchanged."),
            Ok(text) => {
                post.part = Part::Text;
                let is_replaced = post.text.clear();
                let inserted_chars = post.insert_text(&text);
                if is_replaced {
                    post.replacements.push(post.typed_text());
                }
                post.mark_changed(now);
                state.notify_truncated_paste(inserted_chars);
            }
            Err(reason) => state.notify_error(reason),
        }
    }
    vec![Effect::Terminal(TerminalEffect::ShowScreen)]
}
