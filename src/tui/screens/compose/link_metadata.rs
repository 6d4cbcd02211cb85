//! Reads title, description and picture of the linked page, and fills the fields that are empty with them.

use ratatui::style::Style;

use super::attachment::AttachmentKind;
use super::{ComposedPost, Part, Stage, with_scheme};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, LinkMetadata};
use crate::tui::screens::progress::spinner;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::{Error, Result};

/// A page that is being read, or why not all of it was.
#[derive(Clone, Debug)]
pub(super) struct LinkedPageState {
    /// The link that it is the page of. With another link this does not apply.
    url: String,
    step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Reading,
    Failed(String),
    /// Why the page has no picture that can be used.
    NoPicture(String),
}

impl ComposedPost {
    fn linked_page(&self) -> Option<&Step> {
        let page = self.linked_page.as_ref()?;
        let is_current = self.attachment == AttachmentKind::Link && page.url == with_scheme(self.link.trimmed());
        is_current.then_some(&page.step)
    }

    pub(crate) fn is_reading_link(&self) -> bool {
        self.linked_page() == Some(&Step::Reading)
    }

    /// Returns whether there is a link, and a field that its page may fill.
    pub(crate) fn can_preview_link(&self) -> bool {
        let is_link = self.attachment == AttachmentKind::Link && !self.link.trimmed().is_empty();
        let has_room = [&self.title, &self.description, &self.thumbnail.path].iter().any(|it| it.trimmed().is_empty());
        is_link && has_room && !self.is_edit() && !self.is_reading_link()
    }

    /// Starts to read the page; an error is what is wrong with the link.
    pub(super) fn preview_link(&mut self) -> Result<Vec<Effect>, String> {
        let mut effects = self.finish_focused_field();
        if let Some(problem) = self.problem(Part::Link) {
            return Err(problem);
        }
        let url = with_scheme(self.link.trimmed());
        self.linked_page = Some(LinkedPageState { url: url.clone(), step: Step::Reading });
        let needs_picture = self.thumbnail.is_empty();
        effects.push(Effect::PreviewLink { id: self.id, url, needs_picture });
        Ok(effects)
    }

    /// Cancels the reading of a page, which may go on while another attachment is selected.
    pub(super) fn cancel_link_preview(&mut self) -> Vec<Effect> {
        let reading = self.linked_page.take_if(|page| page.step == Step::Reading);
        reading.map(|_| Effect::CancelLinkPreview).into_iter().collect()
    }

    /// Fills the fields that are empty; returns their names.
    fn fill_from(&mut self, page: LinkMetadata) -> Vec<&'static str> {
        let mut filled = Vec::new();
        let mut fill = |field: &mut Field, text: Option<String>, name| {
            if let Some(text) = text.filter(|_| field.trimmed().is_empty()) {
                *field = Field::new(text);
                filled.push(name);
            }
        };
        // Another kind of attachment may be selected meanwhile, with a title of its own.
        let other = self.other_titles.iter_mut().find(|(kind, _)| *kind == AttachmentKind::Link);
        fill(other.map_or(&mut self.title, |(_, title)| title), page.title, "title");
        fill(&mut self.description, page.description, "description");
        fill(&mut self.thumbnail.path, page.picture, "thumbnail");
        filled
    }

    /// Returns the note of a part about the linked page.
    pub(super) fn linked_page_note(&self, state: &State, theme: Theme, part: Part) -> Option<(Style, String)> {
        match (part, self.linked_page()?) {
            (Part::Link, Step::Reading) => {
                let cancel = state.key_sentence(KeyContext::Compose, Action::Back, "cancel");
                Some((
                    theme.accent(),
                    format!("{} Reading the page{} {cancel}", spinner(theme, state.now), theme.ellipsis()),
                ))
            }
            (Part::Link, Step::Failed(text)) => Some((theme.error(), text.clone())),
            (Part::Thumbnail, Step::NoPicture(why)) if self.thumbnail.is_empty() => {
                Some((theme.warning(), format!("No thumbnail: {why}")))
            }
            _ => None,
        }
    }
}

/// Handles a page that was read, unless the link changed or the reading was canceled. It is for the link, whichever
/// attachment is selected.
pub(crate) fn on_link_metadata_fetched(
    state: &mut State,
    id: u64,
    url: &str,
    result: Result<LinkMetadata, Error>,
) -> Vec<Effect> {
    let now = state.now;
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    let reading = post.linked_page.take_if(|page| page.url == url && page.step == Step::Reading);
    if reading.is_none() || !matches!(post.stage, Stage::Writing) || with_scheme(post.link.trimmed()) != url {
        return Vec::new();
    }
    let step = match &result {
        Ok(page) => page.warning.clone().map(Step::NoPicture),
        Err(error) => Some(Step::Failed(error.to_string())),
    };
    post.linked_page = step.map(|step| LinkedPageState { url: url.to_owned(), step });
    let Ok(page) = result else { return Vec::new() };
    let filled = post.fill_from(page);
    if filled.is_empty() {
        state.notify("The page has nothing for the fields that are empty.");
        return Vec::new();
    }
    post.mark_changed(now);
    let effects = post.inspect_files();
    state.notify(format!("Filled in from the page: {}.", filled.join(", ")));
    effects
}
