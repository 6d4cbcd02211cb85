//! The key and message handlers of the compose screen.

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};
use ratatui_textarea::Input;

use super::{CONNECTIONS, Compose, Part, Stage, editor};
use crate::flows::permissions;
use crate::flows::publish::{Event, Published};
use crate::linkedin::posts::Visibility;
use crate::store::{Name, Profile, SavedDraft};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Author, ComposeData, Effect};
use crate::tui::screens::{copy_text, move_selection, profiles};
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::widgets::field::{Field, clean_line};
use crate::{Error, Result};

/// Opens the screen for a profile, and reads its draft, its Pages and its earlier posts.
pub(crate) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = profile.name.clone();
    if profile.token.is_none() {
        let sign_in = state.press(KeyContext::List, Action::Reauthorize, "sign in");
        state.notify_error(format!("{name} has no token to publish with. {sign_in}"));
        return Vec::new();
    }
    if let Some(reason) = profiles::invalid_reason(state, profile).filter(|_| !profile.is_refreshable(state.now)) {
        let reauthorize = state.press(KeyContext::List, Action::Reauthorize, "re-authorize");
        state.notify_error(format!("{name} cannot publish: its token {reason}. {reauthorize}"));
        return Vec::new();
    }
    let member = profile.member.as_ref().map(|member| member.name.clone().unwrap_or_else(|| member.id.clone()));
    let author = Author {
        urn: None,
        name: member.unwrap_or_else(|| "the profile's member".to_owned()),
        refusal: permissions::refusal(profile, None),
    };
    let id = state.take_id();
    state.open_screen(Screen::Compose(Box::new(Compose::new(id, name.clone(), author))));
    vec![Effect::OpenCompose { id, name }]
}

/// Fills the form with the saved draft, the Pages and the earlier posts.
pub(crate) fn on_opened(state: &mut State, id: u64, data: ComposeData) {
    let Some(compose) = state.compose_mut(id) else { return };
    compose.authors.truncate(1);
    compose.authors.extend(data.pages);
    compose.recent = data.recent;
    let Some(draft) = data.draft.filter(|_| compose.text.is_empty()) else { return };
    compose.text = editor(&draft.text);
    let is_for_connections = draft.visibility == CONNECTIONS;
    compose.visibility = if is_for_connections { Visibility::Connections } else { Visibility::Public };
    compose.link = Field::new(draft.link.unwrap_or_default());
    compose.title = Field::new(draft.title.unwrap_or_default());
    let images: Vec<String> = draft.images.iter().map(|image| image.path.to_string_lossy().into_owned()).collect();
    compose.images = Field::new(shlex::try_join(images.iter().map(String::as_str)).unwrap_or_default());
    let alts: Vec<&str> = draft.images.iter().map(|image| image.alt.as_deref().unwrap_or_default()).collect();
    compose.alt = Field::new(alts.join(" | ").trim_matches([' ', '|']).to_owned());
    compose.author = compose.authors.iter().position(|author| author.urn == draft.author).unwrap_or_default();
    let clear = state.press(KeyContext::Compose, Action::Clear, "clear it");
    state.notify(format!("Restored your draft. {clear}"));
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

fn save_if(state: &mut State, must_save: impl Fn(&Compose) -> bool) -> Vec<Effect> {
    match &mut state.screen {
        Screen::Compose(post) if must_save(post) => post.save(),
        _ => Vec::new(),
    }
}

/// Handles a draft that was saved under `new`, because another process renamed the profile.
pub(crate) fn on_draft_moved(state: &mut State, id: u64, new: &Name) -> Vec<Effect> {
    let left = state.closed_post.as_mut().filter(|post| post.id == id);
    let post = match &mut state.screen {
        Screen::Compose(post) if post.id == id => Some(post),
        _ => left,
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
    let mut text = format!("{error} {}", state.hint(error));
    if state.key_context() == KeyContext::Compose {
        text = format!("{text} {}", state.press(KeyContext::Compose, Action::Clear, "discard it"));
    }
    state.notify_error(text);
}

/// The most characters that a paste inserts.
const MAX_PASTED_CHARS: usize = 20_000;

/// How long after a change the draft is saved.
pub(crate) const SAVE_DELAY: SignedDuration = SignedDuration::from_secs(1);

impl Compose {
    fn mark_edited(&mut self, now: Timestamp) {
        self.is_edited = true;
        self.unsaved_since.get_or_insert(now);
    }

    /// Saves the draft, or deletes it where the post is empty.
    fn save(&mut self) -> Vec<Effect> {
        self.unsaved_since = None;
        let draft = self.to_saved_draft();
        let empty = SavedDraft { visibility: draft.visibility.clone(), ..SavedDraft::default() };
        if draft == empty {
            // The stored draft may not have been read yet.
            if !self.is_edited {
                return Vec::new();
            }
            return vec![Effect::DeleteDraft { id: self.id, name: self.profile.clone() }];
        }
        vec![Effect::SaveDraft { id: self.id, name: self.profile.clone(), draft: Box::new(draft) }]
    }

    /// Handles a key without a binding.
    pub(crate) fn type_key(&mut self, key: KeyEvent, now: Timestamp) -> Vec<Effect> {
        if !matches!(self.stage, Stage::Writing) {
            return Vec::new();
        }
        match self.part {
            Part::Text => drop(self.text.input(Input::from(key))),
            part => {
                if let Some(field) = self.field(part) {
                    field.type_key(key);
                }
            }
        }
        self.mark_edited(now);
        Vec::new()
    }

    /// Inserts pasted text: all of it in the editor, its first line in a field; returns what [`Field::insert`] does.
    pub(crate) fn paste(&mut self, text: &str, now: Timestamp) -> Option<usize> {
        if !matches!(self.stage, Stage::Writing) {
            return None;
        }
        self.mark_edited(now);
        match self.part {
            Part::Text => {
                let lines = text.replace("\r\n", "\n").replace('\r', "\n");
                let mut lines = lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
                self.text.insert_str(lines.by_ref().take(MAX_PASTED_CHARS).collect::<String>());
                lines.next().map(|_| MAX_PASTED_CHARS)
            }
            // Text and paths stay as they are; only a URL is cleaned of quotes and invisible characters.
            part @ (Part::Title | Part::Alt | Part::Images) => {
                let line = text.trim().replace(char::is_whitespace, " ");
                self.field(part)?.insert(&line.replace(char::is_control, ""))
            }
            part => self.field(part)?.insert(&clean_line(text).0),
        }
    }
}

pub(crate) fn handle(state: &mut State, mut post: Box<Compose>, action: Action) -> Vec<Effect> {
    let next = match (post.stage.clone(), action) {
        (Stage::Writing, action) => return handle_writing(state, post, action),
        (Stage::Preview, Action::Publish) => return publish(state, post),
        (Stage::Preview | Stage::Failed(_), Action::Back) => Stage::Writing,
        (Stage::Published(_), Action::Back) => {
            state.open_screen(Screen::Profiles);
            return vec![Effect::ReadFiles];
        }
        (Stage::Published(published), action) => {
            let effects = published_effects(&published, action);
            post.stage = match action {
                Action::Delete if published.urn.is_some() => Stage::Deleting(published),
                _ => Stage::Published(published),
            };
            state.screen = Screen::Compose(post);
            return effects;
        }
        (Stage::Deleting(published), Action::Delete) => return delete(state, post, &published),
        (Stage::Deleting(published), Action::Back) => Stage::Published(published),
        (Stage::Failed(error), Action::Reauthorize) if post.needs_sign_in() => {
            // What was typed is saved as a draft.
            state.dialog = Some(Dialog::Reauthorize(post.profile.clone()));
            Stage::Failed(error)
        }
        // A post that was sent cannot be cancelled: its result is waited for.
        (unchanged, _) => unchanged,
    };
    post.stage = next;
    state.screen = Screen::Compose(post);
    Vec::new()
}

fn handle_writing(state: &mut State, mut post: Box<Compose>, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    match action {
        Action::Back => {
            let effects = post.save();
            // An empty post needs no draft.
            state.closed_post = matches!(effects[..], [Effect::SaveDraft { .. }]).then_some(post);
            state.open_screen(Screen::Profiles);
            return effects;
        }
        Action::NextField | Action::PreviousField => {
            let at = Part::ALL.iter().position(|part| *part == post.part).unwrap_or_default();
            post.part = Part::ALL[move_selection(at, Part::ALL.len(), action)];
        }
        Action::ChangeVisibility => {
            post.visibility = match post.visibility {
                Visibility::Public => Visibility::Connections,
                Visibility::Connections => Visibility::Public,
            };
            effects = post.save();
        }
        Action::NextAuthor => {
            post.author = move_selection(post.author, post.authors.len(), Action::NextField);
            effects = post.save();
        }
        Action::Clear => {
            let (authors, recent) = (std::mem::take(&mut post.authors), std::mem::take(&mut post.recent));
            let empty = Compose::new(post.id, post.profile.clone(), Author::default());
            *post = Compose { authors, recent, is_edited: true, ..empty };
            effects = post.save();
        }
        Action::Preview => {
            effects = post.save();
            match post.to_draft() {
                Ok(_) => post.stage = Stage::Preview,
                Err(error) => state.notify_failure(&error),
            }
            state.scroll = 0;
        }
        _ => {}
    }
    state.screen = Screen::Compose(post);
    effects
}

fn publish(state: &mut State, mut post: Box<Compose>) -> Vec<Effect> {
    let effects = match post.to_draft() {
        Ok(draft) => {
            post.stage = Stage::Publishing("publishing".to_owned());
            vec![Effect::Publish { id: post.id, name: post.profile.clone(), draft: Box::new(draft) }]
        }
        Err(error) => {
            post.stage = Stage::Failed(error);
            Vec::new()
        }
    };
    state.screen = Screen::Compose(post);
    effects
}

fn delete(state: &mut State, mut post: Box<Compose>, published: &Published) -> Vec<Effect> {
    let effect = published.urn.clone().map(|urn| Effect::DeletePost { id: post.id, name: post.profile.clone(), urn });
    post.stage = Stage::Publishing("deleting the post".to_owned());
    state.screen = Screen::Compose(post);
    effect.into_iter().collect()
}

fn published_effects(published: &Published, action: Action) -> Vec<Effect> {
    let copy = |what, text: &Option<String>| text.as_deref().map(|text| copy_text(what, text));
    let effects = match action {
        Action::OpenPage => published.url.clone().map(|url| vec![Effect::OpenPage(url)]),
        Action::CopyLink => copy("the post's URL", &published.url),
        Action::CopyUrn => copy("the post's URN", &published.urn),
        _ => None,
    };
    effects.unwrap_or_default()
}

pub(crate) fn on_progressed(state: &mut State, id: u64, event: Event) {
    if let Some(compose) = state.compose_mut(id)
        && let Stage::Publishing(progress) = &mut compose.stage
    {
        *progress = match event {
            Event::Uploading { number, of, sent, size } => {
                format!("uploading image {number} of {of}: {} %", sent * 100 / size.max(1))
            }
            Event::Publishing => "sending the post".to_owned(),
            Event::FallingBack => "the app may not use the versioned API: trying the older one".to_owned(),
        };
    }
}

/// Handles the result of publishing a post, or of deleting it (`None`).
pub(crate) fn on_finished(state: &mut State, id: u64, result: Result<Option<Box<Published>>>) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    match result {
        Ok(Some(published)) => {
            post.stage = Stage::Published(published);
            vec![Effect::DeleteDraft { id, name: post.profile.clone() }]
        }
        Ok(None) => {
            state.open_screen(Screen::Profiles);
            state.notify("The post was deleted.");
            vec![Effect::ReadFiles]
        }
        Err(error) => {
            post.stage = Stage::Failed(error);
            Vec::new()
        }
    }
}
