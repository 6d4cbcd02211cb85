//! A comment on a published post: it is sent once.

use ratatui::style::Style;

use super::member_name;
use super::progress::spinner;
use crate::flows::social;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::urn::is_page_urn;
use crate::store::{Name, PublishedPost};
use crate::text::sanitize;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, PostRow};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;
use crate::{Code, Error, Result};

/// The dialog for a comment.
#[derive(Clone, Debug)]
pub struct CommentForm {
    /// Its number; messages of another comment are ignored.
    pub id: u64,
    profile: Name,
    post: PublishedPost,
    /// The URN of the post.
    urn: String,
    /// The URL of the post.
    url: Option<String>,
    /// The URN of the Page that comments; `None` for the member.
    actor: Option<String>,
    /// The name of who comments.
    actor_name: String,
    /// Why LinkedIn would refuse the comment, as far as is known.
    refusal: Option<String>,
    text: Field,
    stage: CommentStage,
}

#[derive(Clone, Debug)]
enum CommentStage {
    Writing,
    Sending,
    /// LinkedIn refused the comment, or its response was lost.
    Failed(Error),
}

impl CommentForm {
    pub(crate) const fn is_sending(&self) -> bool {
        matches!(self.stage, CommentStage::Sending)
    }

    const fn is_writing(&self) -> bool {
        matches!(self.stage, CommentStage::Writing)
    }

    const fn is_maybe_published(&self) -> bool {
        matches!(&self.stage, CommentStage::Failed(error) if matches!(error.code, Code::MaybePublished))
    }

    pub(crate) const fn key_context(&self) -> KeyContext {
        match self.stage {
            CommentStage::Writing | CommentStage::Sending => KeyContext::Comment,
            CommentStage::Failed(_) => KeyContext::CommentFailed,
        }
    }

    /// Returns the text field; `None` where it does not take a text.
    pub(crate) fn field(&mut self) -> Option<&mut Field> {
        self.is_writing().then_some(&mut self.text)
    }
}

fn form(state: &State) -> Option<&CommentForm> {
    match &state.dialog {
        Some(Dialog::Comment(form)) => Some(form),
        _ => None,
    }
}

pub(crate) fn is_writing(state: &State) -> bool {
    form(state).is_some_and(CommentForm::is_writing)
}

/// Returns what closing the form does; `None` while the comment is sent.
pub(crate) fn close_label(state: &State) -> Option<String> {
    let form = form(state).filter(|form| form.is_writing())?;
    Some(if form.text.trimmed().is_empty() { "close" } else { "close and keep the text" }.to_owned())
}

/// Returns whether the post can be opened to see whether the comment was published.
pub(crate) fn can_open(state: &State) -> bool {
    form(state).is_some_and(|form| form.url.is_some() && form.is_maybe_published())
}

/// Opens the dialog for a comment on a post, as its author.
pub(crate) fn open(state: &mut State, profile: Name, row: PostRow) -> Vec<Effect> {
    let Some(urn) = row.post.urn.clone() else { return Vec::new() };
    let store = state.store();
    let saved = store.profile(&profile);
    let (actor, actor_name) = actor_of(state, &profile, &row.post);
    let is_accepted = row.accepted.contains(&Capability::Comment);
    let refusal = saved.filter(|_| !is_accepted);
    let refusal = refusal.and_then(|saved| social::refusal(saved, Capability::Comment, actor.as_deref()));
    let text = Field::new(state.comment_drafts.get(&urn).cloned().unwrap_or_default());
    let form = CommentForm {
        id: state.take_id(),
        profile,
        urn,
        url: row.url,
        actor_name,
        actor,
        post: row.post,
        refusal,
        text,
        stage: CommentStage::Writing,
    };
    state.dialog = Some(Dialog::Comment(Box::new(form)));
    Vec::new()
}

/// Returns who comments on a post or reacts to it, its author: the URN of a Page, or `None` for the member; and the name.
pub(super) fn actor_of(state: &State, profile: &Name, post: &PublishedPost) -> (Option<String>, String) {
    let actor = Some(post.author.clone()).filter(|author| is_page_urn(author));
    let store = state.store();
    let member = store.profile(profile).and_then(|profile| profile.member.as_ref()).filter(|_| actor.is_none());
    let name = author_name(state, profile, post).or_else(|| member.map(member_name)).or_else(|| actor.clone());
    (actor, name.unwrap_or_else(|| "You (name unknown)".to_owned()))
}

/// Returns the name of a post's author, as far as this program knows it: from the profile, from the Pages of any profile, or
/// from the record of the post.
pub(super) fn author_name(state: &State, profile: &Name, post: &PublishedPost) -> Option<String> {
    let store = state.store();
    if !is_page_urn(&post.author) {
        let member = store.profile(profile)?.member.as_ref()?;
        return (member.urn() == post.author).then(|| member_name(member));
    }
    // A name stays true when the permissions no longer are.
    let mut pages = store.readable().flat_map(|profile| &profile.stored_permissions).flat_map(|found| &found.pages);
    pages.find_map(|page| page.name.clone().filter(|_| page.urn == post.author)).or_else(|| post.author_name.clone())
}

pub(crate) fn handle(state: &mut State, mut form: Box<CommentForm>, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match (&form.stage, action) {
        (CommentStage::Writing, Action::Back) => {
            let text = form.text.trimmed();
            if text.is_empty() {
                state.comment_drafts.remove(&form.urn);
            } else {
                state.comment_drafts.insert(form.urn.clone(), text.to_owned());
                state.notify("The comment is kept until you quit.");
            }
            return Vec::new();
        }
        (CommentStage::Sending, Action::Back) => {
            state.notify_not_cancellable(KeyContext::Comment);
        }
        (CommentStage::Writing, Action::Publish) if form.text.trimmed().is_empty() => {
            state.notify_error("Enter a comment.");
        }
        (CommentStage::Writing, Action::Publish) => {
            form.stage = CommentStage::Sending;
            effects.push(Effect::Comment {
                id: form.id,
                name: form.profile.clone(),
                urn: form.urn.clone(),
                text: form.text.trimmed().to_owned(),
                actor: form.actor.clone(),
            });
        }
        (CommentStage::Failed(_), Action::Back) => form.stage = CommentStage::Writing,
        (CommentStage::Failed(_), Action::OpenPage) if form.is_maybe_published() => {
            effects.extend(form.url.clone().map(Effect::OpenPage));
        }
        _ => {}
    }
    state.dialog = Some(Dialog::Comment(form));
    effects
}

/// Handles the result of a comment: the warnings about a published one, or why it was not published. Returns the URN of the
/// post that has a new comment.
pub(crate) fn on_finished(state: &mut State, id: u64, result: Result<Vec<String>>) -> Option<String> {
    let form = match &mut state.dialog {
        Some(Dialog::Comment(form)) if form.id == id => form,
        _ => return None,
    };
    match result {
        Ok(warnings) => {
            let urn = form.urn.clone();
            state.comment_drafts.remove(&urn);
            state.dialog = None;
            state.notify(format!("The comment was published. {}", warnings.join(" ")).trim_end().to_owned());
            Some(urn)
        }
        Err(error) => {
            form.stage = CommentStage::Failed(error);
            None
        }
    }
}

pub(crate) fn page(state: &State, form: &CommentForm, theme: Theme, width: usize) -> Page {
    let title = match &form.stage {
        CommentStage::Failed(_) if form.is_maybe_published() => "? May have been published".to_owned(),
        CommentStage::Failed(_) => format!("{} Not published", theme.failed_mark().0),
        _ => "Comment on the post".to_owned(),
    };
    let mut page = Page::new(theme, width, title);
    if let CommentStage::Failed(error) = &form.stage {
        return add_failure(page, state, form, error);
    }
    let post = if form.post.first_line.is_empty() { &form.urn } else { &form.post.first_line };
    page.selection("Post", &sanitize(post, 200), "", false);
    page.selection("Comment as", &sanitize(&form.actor_name, 80), "", false);
    let help = (theme.dim(), "Enter begins a new line. @[Name] stays text.".to_owned());
    page.growing_field("Comment", &form.text, form.is_writing(), vec![help]);
    if let Some(refusal) = &form.refusal {
        page.blank();
        page.warning(&format!("LinkedIn may refuse it. {}", sanitize(refusal, 300)));
    }
    if form.is_sending() {
        page.blank();
        page.text(theme.accent(), &format!("{} Sending the comment{}", spinner(theme, state.now), theme.ellipsis()));
    }
    page
}

fn add_failure(mut page: Page, state: &State, form: &CommentForm, error: &Error) -> Page {
    let is_maybe_published = form.is_maybe_published();
    page.title_style = if is_maybe_published { page.theme.warning() } else { page.theme.error() };
    let (hint, note) = if is_maybe_published {
        (
            "Look at the post on LinkedIn before you comment again.".to_owned(),
            "The comment is not sent again automatically. Its text is kept.",
        )
    } else {
        (state.hint(error), "The text of the comment is kept.")
    };
    page.failure(Style::new(), error, &hint);
    page.blank();
    page.dim(note);
    page.blank();
    page.next_steps(state, KeyContext::CommentFailed);
    page
}
