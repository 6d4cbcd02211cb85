//! The key and message handlers of the compose screen.

use std::sync::Arc;

use jiff::Timestamp;

use super::attachment::{Attachment, FileField, ImageFields, PollFields};
use super::editing::SAVE_DELAY;
use super::publishing::{find, publish, published_effects};
use super::{CONNECTIONS, ComposedPost, Part, Stage, Task, editor};
use crate::flows::permissions;
use crate::flows::publish::{FileInfo, FileRole, Picture, Published};
use crate::linkedin::endpoints::portal;
use crate::linkedin::posts::Visibility;
use crate::store::{Name, Profile, PublishedPost, SavedDraft};
use crate::text::clean;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Author, ComposeContents, Effect, PathCompletion, PostRow, TerminalEffect};
use crate::tui::screens::{comment, posts, profiles, setup};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::widgets::field::Field;
use crate::{Code, Error, Result};

/// Opens the screen for a profile, and reads its draft, its Pages and its earlier posts.
pub(crate) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = profile.name.clone();
    if let Some(reason) = cannot_publish_reason(state, profile) {
        state.notify_error(reason);
        return Vec::new();
    }
    let member = profile.member.as_ref().map(|member| member.name.clone().unwrap_or_else(|| member.id.clone()));
    let author = Author {
        urn: None,
        name: member.unwrap_or_else(|| "You (name unknown)".to_owned()),
        refusal: permissions::posting_denial(profile, None),
    };
    let id = state.take_id();
    state.open_screen(Screen::Compose(Box::new(ComposedPost::new(id, name.clone(), author))));
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

/// Returns the scope that the token lacks for a post of the selected author, where the granted scopes are known.
pub(crate) fn missing_scope(state: &State) -> Option<&'static str> {
    let post = state.compose()?;
    let files = state.files();
    permissions::missing_post_scope(files.profile(&post.profile)?, post.selected_author()?.urn.as_deref())
}

/// Returns whether the missing scope can be requested from here: what is written stays, as a draft.
pub(crate) fn can_add_scope(state: &State) -> bool {
    missing_scope(state).is_some() && state.compose().is_some_and(|post| !post.is_update())
}

/// Returns what a sign-in does about the failure; `None` where it does not help.
pub(crate) fn reauthorize_label(state: &State) -> Option<String> {
    let post = state.compose()?;
    if post.needs_sign_in() {
        return Some("re-authorize".to_owned());
    }
    let is_refused = matches!(&post.stage, Stage::Failed(error) if error.code == Code::NotPermitted);
    if is_refused_with_scope(state) {
        return Some("re-authorize".to_owned());
    }
    missing_scope(state).filter(|_| is_refused).map(|scope| format!("re-authorize with {scope}"))
}

/// Returns whether LinkedIn refused a new post although the token has its scope: the app lacks the product, or the token is older
/// than it.
pub(crate) fn is_refused_with_scope(state: &State) -> bool {
    let files = state.files();
    let granted = |name| files.profile(name).and_then(|profile| profile.token.as_ref()).map(|token| &token.scopes);
    state.compose().is_some_and(|post| {
        let is_refused = matches!(&post.stage, Stage::Failed(error) if error.code == Code::NotPermitted);
        let has_scopes = granted(&post.profile).is_some_and(|scopes| !scopes.is_empty());
        is_refused && !post.is_update() && has_scopes && missing_scope(state).is_none()
    })
}

/// Returns whether the portal may add the product that the app lacks. The sandbox's apps are in no portal.
pub(crate) fn can_open_portal(state: &State) -> bool {
    is_refused_with_scope(state) && !state.is_sandbox()
}

/// Opens the review of a sign-in that requests the scope that the token lacks. The post returns if the review is left.
fn request_missing_scope(state: &mut State, mut post: Box<ComposedPost>) -> Vec<Effect> {
    let files = state.files();
    let profile = files.profile(&post.profile);
    let author = post.selected_author().and_then(|author| author.urn.clone());
    let scope = profile.and_then(|profile| permissions::missing_post_scope(profile, author.as_deref()));
    let (Some(profile), Some(scope)) = (profile, scope) else {
        state.screen = Screen::Compose(post);
        return Vec::new();
    };
    let Some(app) = files.apps.iter().find(|app| app.name == profile.app) else {
        state
            .notify_error(format!("The app {} of profile {} is missing or cannot be read.", profile.app, profile.name));
        state.screen = Screen::Compose(post);
        return Vec::new();
    };
    let mut effects = post.finish_focused_field();
    effects.extend(post.save());
    if post.is_reading_link() {
        effects.extend(post.cancel_link_preview());
    }
    post.stage = Stage::Writing;
    state.post_to_continue = Some(post.profile.clone());
    state.closed_post = Some(post);
    effects.extend(setup::open_with_scope(state, profile, app, scope));
    effects
}

/// Returns to the post that the review of a sign-in was opened from.
pub(crate) fn return_to_closed(state: &mut State) -> bool {
    let Some(post) = state.closed_post.take() else { return false };
    state.open_screen(Screen::Compose(post));
    true
}

/// Opens the screen to change the text of a published post.
pub(crate) fn open_edit(state: &mut State, name: Name, post: PublishedPost) {
    let files = state.files();
    let profile = files.profile(&name);
    let member = profile.and_then(|profile| profile.member.as_ref()).filter(|member| member.urn() == post.author);
    let page = || {
        let pages = profile?.permissions()?.pages.iter();
        pages.filter(|page| page.urn == post.author).find_map(|page| page.name.clone())
    };
    let author = member.and_then(|member| member.name.clone()).or_else(page).unwrap_or_else(|| post.author.clone());
    let author = Author { urn: Some(post.author.clone()), name: author, refusal: None };
    let mut compose = ComposedPost::new(state.take_id(), name, author);
    compose.text = editor(&post.text);
    if post.visibility == CONNECTIONS {
        compose.visibility = Visibility::Connections;
    }
    compose.post_to_edit = Some(Box::new(post));
    state.open_screen(Screen::Compose(Box::new(compose)));
}

/// Fills the form with the saved draft, the Pages and the earlier posts.
pub(crate) fn on_opened(state: &mut State, id: u64, contents: ComposeContents) -> Vec<Effect> {
    let (files, now) = (state.files(), state.now);
    let Some(compose) = state.compose_mut(id) else { return Vec::new() };
    compose.authors.truncate(1);
    compose.authors.extend(contents.pages);
    compose.recent_posts = contents.recent;
    compose.sent_posts = contents.sent;
    let is_unknown = files.profile(&compose.profile).is_some_and(|profile| profile.member.is_none());
    // A token that does not identify its member usually publishes for a Page.
    if is_unknown && compose.authors.len() > 1 && compose.author == 0 {
        compose.author = 1;
    }
    let (has_draft, has_prefill) = (contents.draft.is_some(), compose.prefill.is_some());
    let Some(draft) = contents.draft.filter(|_| compose.text.is_empty()) else {
        if !has_draft {
            return compose.apply_prefill(now);
        }
        return Vec::new();
    };
    let effects = compose.fill(draft);
    let purpose = if has_prefill { "discard it and use the post" } else { "discard it" };
    let discard = state.key_sentence(KeyContext::Compose, Action::Discard, purpose);
    state.notify(format!("Restored your draft. {discard}"));
    effects
}

impl ComposedPost {
    /// Returns a problem with the file that it is about, where it does not name one.
    fn name_file(&self, part: Part, problem: String) -> String {
        let file = self.file(part).map(|(_, file)| clean(file.path.trimmed(), 200));
        match (part, file) {
            (Part::Image(number), Some(path)) if problem.starts_with("Cannot be used") => {
                format!("Image {}: {path}: {problem}", number + 1)
            }
            (Part::Thumbnail, Some(path)) if problem.starts_with("Cannot be used") => {
                format!("Thumbnail: {path}: {problem}")
            }
            _ => problem,
        }
    }

    /// Fills the form with a draft, and checks its files.
    fn fill(&mut self, draft: SavedDraft) -> Vec<Effect> {
        self.text = editor(&draft.text);
        let is_for_connections = draft.visibility == CONNECTIONS;
        self.visibility = if is_for_connections { Visibility::Connections } else { Visibility::Public };
        self.attachment = Attachment::of_draft(&draft);
        self.link = Field::new(draft.link.unwrap_or_default());
        self.title = Field::new(draft.title.unwrap_or_default());
        self.description = Field::new(draft.description.unwrap_or_default());
        self.thumbnail = FileField::new(draft.thumbnail.unwrap_or_default());
        self.document = FileField::new(draft.document.unwrap_or_default());
        self.video = FileField::new(draft.video.unwrap_or_default());
        self.captions = FileField::new(draft.captions.unwrap_or_default());
        self.poll = draft.poll.as_ref().map(PollFields::new).unwrap_or_default();
        self.parent = Field::new(draft.reshare.unwrap_or_default());
        self.images = draft.images.iter().map(ImageFields::new).collect();
        self.add_image_row();
        if draft.author.is_some() {
            self.author = self.authors.iter().position(|author| author.urn == draft.author).unwrap_or_default();
        }
        self.inspect_files()
    }

    /// Fills the form with what it was opened with. What was typed meanwhile follows it.
    fn apply_prefill(&mut self, now: Timestamp) -> Vec<Effect> {
        let Some(mut draft) = self.prefill.take() else { return Vec::new() };
        draft.text.push_str(&self.typed_text());
        self.mark_edited(now);
        self.fill(*draft)
    }
}

/// Saves what was typed a second ago, so that neither a crash nor a closed terminal loses more.
pub(crate) fn save_if_due(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    save_if(state, |post| post.unsaved_since.is_some_and(|since| now.duration_since(since) >= SAVE_DELAY))
}

/// Saves the draft where the files no longer have the profile: another process may have renamed it, which saving detects.
pub(crate) fn save_if_profile_is_missing(state: &mut State) -> Vec<Effect> {
    let files = state.files();
    save_if(state, |post| matches!(post.stage, Stage::Writing) && !files.has_profile(post.profile.as_str()))
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
        state.notify(format!("Profile {old} is now called {new}, and the draft is saved there."));
    }
    vec![Effect::ReadFiles]
}

/// Handles a draft that was not saved: the post stays open, or is opened again.
pub(crate) fn on_draft_failed(state: &mut State, id: u64, error: &Error) {
    if matches!(state.screen, Screen::Profiles)
        && let Some(post) = state.closed_post.take_if(|post| post.id == id)
    {
        state.open_screen(Screen::Compose(post));
    }
    if let Some(post) = state.compose_mut(id) {
        post.is_saved = false;
    }
    let mut text = format!("{error} {}", state.hint(error));
    if state.key_context() == KeyContext::Compose {
        text = format!("{text} {}", state.key_sentence(KeyContext::Compose, Action::Discard, "discard it"));
    }
    state.notify_error(text);
}

pub(crate) fn handle(state: &mut State, mut post: Box<ComposedPost>, action: Action) -> Vec<Effect> {
    let next = match (post.stage.clone(), action) {
        (Stage::Writing, action) => return handle_writing(state, post, action),
        (Stage::Preview, Action::Publish) if post.sent_at().is_none() => return publish(state, post),
        (Stage::Preview, Action::PublishAgain) if post.sent_at().is_some() => return publish(state, post),
        (Stage::Preview, Action::EditScopes) if !post.is_update() => return request_missing_scope(state, post),
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
            let has_scope = is_refused_with_scope(state);
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
            let is_cancelling = matches!(&busy, Stage::Busy(_, progress) if progress.is_cancelling());
            if !is_cancelling {
                state.notify_error("This cannot be canceled now. Wait for LinkedIn's response.");
            }
            busy
        }
        (unchanged, _) => unchanged,
    };
    post.stage = next;
    state.screen = Screen::Compose(post);
    Vec::new()
}

/// Asks whether to sign in again. What was typed is saved as a draft, which the sign-in leads back to.
fn ask_to_sign_in(state: &mut State, mut post: Box<ComposedPost>, error: Error) -> Vec<Effect> {
    state.post_to_continue = Some(post.profile.clone()).filter(|_| !post.is_update());
    state.dialog = Some(Dialog::Reauthorize(post.profile.clone()));
    post.stage = Stage::Failed(error);
    state.screen = Screen::Compose(post);
    Vec::new()
}

fn handle_published(state: &mut State, post: Box<ComposedPost>, published: Published, action: Action) -> Vec<Effect> {
    let name = post.profile.clone();
    match action {
        Action::Back => {
            state.open_screen(Screen::Profiles);
            return vec![Effect::ReadFiles];
        }
        Action::Posts => return posts::open(state, name, published.urn),
        Action::Comment if !published.is_duplicate => {
            let at = published.at;
            let row = PostRow {
                post: PublishedPost::new(published.urn, &published.author, at, &post.typed_text()),
                url: published.url,
                is_sent: false,
            };
            state.screen = Screen::Compose(post);
            return comment::open(state, name, row);
        }
        Action::Edit if published.urn.is_some() && !published.is_duplicate => {
            let visibility = published.visibility.as_str().to_ascii_lowercase();
            let text = post.typed_text();
            let edited = PublishedPost::new(published.urn, &published.author, published.at, &text);
            open_edit(state, name, PublishedPost { visibility, ..edited });
            return Vec::new();
        }
        Action::Compose => {
            let files = state.files();
            state.screen = Screen::Compose(post);
            return files.profile(&name).map_or_else(Vec::new, |profile| open(state, profile));
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
        Action::Back if post.is_reading_link() => effects = post.cancel_link_preview(),
        Action::PreviewLink if post.can_preview_link() => match post.preview_link() {
            Ok(started) => effects = started,
            Err(problem) => state.notify_error(problem),
        },
        Action::Back if post.is_update() => {
            if post.has_content() {
                state.dialog = Some(Dialog::DiscardDraft);
            } else {
                return leave_update(state, *post);
            }
        }
        Action::Back => {
            let effects = post.save();
            // An empty post needs no draft.
            state.closed_post = matches!(effects[..], [Effect::SaveDraft { .. }]).then_some(post);
            state.open_screen(Screen::Profiles);
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
            if !post.is_update() =>
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
                post.mark_edited(state.now);
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
        Action::EditScopes if !post.is_update() => return request_missing_scope(state, post),
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

/// Shows the preview, or moves the focus to what is wrong.
fn preview(state: &mut State, post: &mut ComposedPost) {
    state.scroll = 0;
    if let Some((part, problem)) = post.first_problem() {
        post.part = part;
        state.notify_error(post.name_file(part, problem));
    } else if let Err(error) = post.to_draft() {
        state.notify_failure(&error);
    } else if post.is_update() && !post.has_content() {
        state.notify_error("The text has not changed.");
    } else {
        post.stage = Stage::Preview;
    }
}

/// Discards the draft, or the changes of a published post.
pub(crate) fn discard(state: &mut State) -> Vec<Effect> {
    let Screen::Compose(post) = std::mem::replace(&mut state.screen, Screen::Profiles) else { return Vec::new() };
    if post.is_update() {
        return leave_update(state, *post);
    }
    let mut effects = if post.is_reading_link() { vec![Effect::CancelLinkPreview] } else { Vec::new() };
    let empty = ComposedPost::new(post.id, post.profile, Author::default());
    let (authors, recent_posts, sent_posts) = (post.authors, post.recent_posts, post.sent_posts);
    let mut post = ComposedPost { authors, recent_posts, sent_posts, prefill: post.prefill, is_edited: true, ..empty };
    effects.extend(post.save());
    effects.extend(post.apply_prefill(state.now));
    state.screen = Screen::Compose(Box::new(post));
    state.notify("The draft was discarded.");
    effects
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
    picture: Option<&Arc<Picture>>,
) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    for part in post.parts() {
        let is_same = post.file(part).is_some_and(|(kind, _)| kind == role);
        if let Some(file) = post.file_mut(part).filter(|_| is_same) {
            file.set_read(path, result, picture);
        }
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
                post.text.clear();
                let inserted_chars = post.insert_text(&text);
                post.mark_edited(now);
                state.notify_truncated_paste(inserted_chars);
            }
            Err(reason) => state.notify_error(reason),
        }
    }
    vec![Effect::Terminal(TerminalEffect::ShowScreen)]
}
