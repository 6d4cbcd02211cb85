//! What the compose screen's keys do.

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};
use ratatui_textarea::Input;

use super::{Compose, Part, Stage, editor};
use crate::flows::permissions;
use crate::flows::publish::{Event, Published};
use crate::store::{Name, Profile, SavedDraft};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Author, ClipboardContent, ComposeData, Effect, TerminalEffect};
use crate::tui::screens::profiles;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::widgets::field::{Field, cleaned};
use crate::{Error, Result};

/// Opens the screen for a profile; a draft and the pages to post as are asked for.
pub(in crate::tui) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = profile.name.clone();
    if profile.token.is_none() {
        let sign_in = state.press(KeyContext::List, Action::Reauthorize, "sign in");
        state.notify_error(format!("{name} has no token to publish with. {sign_in}"));
        return Vec::new();
    }
    if let Some(how) = profiles::dead(state, profile).filter(|_| !profile.is_refreshable(state.now)) {
        let reauthorize = state.press(KeyContext::List, Action::Reauthorize, "re-authorize");
        state.notify_error(format!("{name} cannot publish: its token {how}. {reauthorize}"));
        return Vec::new();
    }
    let member = profile.member.as_ref().map(|member| member.name.clone().unwrap_or_else(|| member.id.clone()));
    let id = state.next_id;
    state.next_id += 1;
    let author = Author {
        urn: None,
        name: member.unwrap_or_else(|| "the profile's member".to_owned()),
        refusal: permissions::refusal(profile, None),
    };
    state.go(Screen::Compose(Box::new(Compose::new(id, name.clone(), author))));
    vec![Effect::OpenCompose { id, name }]
}

/// Takes the draft that was kept, the pages, and what was published before.
pub(in crate::tui) fn opened(state: &mut State, id: u64, found: ComposeData) {
    let Some(compose) = state.compose_mut(id) else { return };
    compose.authors.truncate(1);
    compose.authors.extend(found.pages);
    compose.recent = found.recent;
    let Some(draft) = found.draft.filter(|_| compose.text.is_empty()) else { return };
    compose.text = editor(&draft.text);
    compose.connections_only = draft.visibility == "connections";
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

/// Keeps what was typed a second after it was, so that neither a crash nor a closed terminal costs more.
pub(in crate::tui) fn keep_in_time(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    match &mut state.screen {
        Screen::Compose(compose) if compose.unkept.is_some_and(|since| now.duration_since(since) >= KEPT_AFTER) => {
            compose.keep()
        }
        _ => Vec::new(),
    }
}

/// Saves the draft where the files no longer have the profile, which finds the profile's new name.
pub(in crate::tui) fn save_if_profile_is_gone(state: &mut State) -> Vec<Effect> {
    let files = state.files();
    match &mut state.screen {
        Screen::Compose(post) if matches!(post.stage, Stage::Writing) && !files.has(post.profile.as_str()) => {
            post.keep()
        }
        _ => Vec::new(),
    }
}

/// The draft was saved under `new`: another process renamed the profile.
pub(in crate::tui) fn draft_moved(state: &mut State, id: u64, new: &Name) -> Vec<Effect> {
    let left = state.left_post.as_mut().filter(|post| post.id == id);
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

/// The draft was not saved: the post stays open, or is opened again.
pub(in crate::tui) fn draft_failed(state: &mut State, id: u64, error: &Error) {
    if matches!(state.screen, Screen::Profiles)
        && let Some(post) = state.left_post.take_if(|post| post.id == id)
    {
        state.go(Screen::Compose(post));
    }
    let mut text = format!("{error} {}", state.hint(error));
    if state.key_context() == KeyContext::Compose {
        text = format!("{text} {}", state.press(KeyContext::Compose, Action::Clear, "discard it"));
    }
    state.notify_error(text);
}

/// Characters of a pasted text.
const MAX_PASTED_CHARS: usize = 20_000;

/// How long a text may wait to be kept.
pub(in crate::tui) const KEPT_AFTER: SignedDuration = SignedDuration::from_secs(1);

impl Compose {
    /// Something was typed at `now`.
    fn typed(&mut self, now: Timestamp) {
        self.is_edited = true;
        self.unkept.get_or_insert(now);
    }

    /// Keeps what was typed; an empty post is no draft.
    fn keep(&mut self) -> Vec<Effect> {
        self.unkept = None;
        let draft = self.saved();
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

    /// Takes a key that is bound to nothing.
    pub(in crate::tui) fn type_key(&mut self, key: KeyEvent, now: Timestamp) -> Vec<Effect> {
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
        self.typed(now);
        Vec::new()
    }

    /// Takes pasted text: whole in the editor, one line in a field. As [`Field::insert`].
    pub(in crate::tui) fn paste(&mut self, text: &str, now: Timestamp) -> Option<usize> {
        if !matches!(self.stage, Stage::Writing) {
            return None;
        }
        self.typed(now);
        match self.part {
            Part::Text => {
                let lines = text.replace("\r\n", "\n").replace('\r', "\n");
                let mut lines = lines.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
                self.text.insert_str(lines.by_ref().take(MAX_PASTED_CHARS).collect::<String>());
                lines.next().map(|_| MAX_PASTED_CHARS)
            }
            // Text and paths stay as they are; only a URL is freed of what copying brings along.
            part @ (Part::Title | Part::Alt | Part::Images) => {
                let line = text.trim().replace(char::is_whitespace, " ");
                self.field(part)?.insert(&line.replace(char::is_control, ""))
            }
            part => self.field(part)?.insert(&cleaned(text).0),
        }
    }
}

/// A command.
pub(in crate::tui) fn handle(state: &mut State, mut post: Box<Compose>, action: Action) -> Vec<Effect> {
    let next = match (post.stage.clone(), action) {
        (Stage::Writing, action) => return handle_writing(state, post, action),
        (Stage::Preview, Action::Publish) => return publish(state, post),
        (Stage::Preview | Stage::Failed(_), Action::Back) => Stage::Writing,
        (Stage::Published(_), Action::Back) => {
            state.go(Screen::Profiles);
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
    let at = Part::ALL.iter().position(|part| *part == post.part).unwrap_or_default();
    let mut effects = Vec::new();
    match action {
        Action::Back => {
            let effects = post.keep();
            // An empty post needs no draft.
            state.left_post = matches!(effects[..], [Effect::SaveDraft { .. }]).then_some(post);
            state.go(Screen::Profiles);
            return effects;
        }
        Action::NextField => post.part = Part::ALL[(at + 1) % Part::ALL.len()],
        Action::PreviousField => post.part = Part::ALL[(at + Part::ALL.len() - 1) % Part::ALL.len()],
        Action::ChangeVisibility => {
            post.connections_only = !post.connections_only;
            effects = post.keep();
        }
        Action::NextAuthor => {
            post.author = (post.author + 1) % post.authors.len().max(1);
            effects = post.keep();
        }
        Action::Clear => {
            let (authors, recent) = (std::mem::take(&mut post.authors), std::mem::take(&mut post.recent));
            let empty = Compose::new(post.id, post.profile.clone(), Author::default());
            *post = Compose { authors, recent, is_edited: true, ..empty };
            effects = post.keep();
        }
        Action::Preview => {
            effects = post.keep();
            match post.post() {
                Ok(_) => post.stage = Stage::Preview,
                Err(error) => state.notify_error(format!("{error} {}", state.hint(&error))),
            }
            state.scroll = 0;
        }
        _ => {}
    }
    state.screen = Screen::Compose(post);
    effects
}

fn publish(state: &mut State, mut post: Box<Compose>) -> Vec<Effect> {
    let effects = match post.post() {
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

/// Returns what a command does with a published post.
fn published_effects(published: &Published, action: Action) -> Vec<Effect> {
    let copy = |what, text: &Option<String>| {
        text.clone().map(|text| Effect::Terminal(TerminalEffect::Copy { what, copied: ClipboardContent::Text(text) }))
    };
    let effect = match action {
        Action::OpenPage => published.url.clone().map(Effect::OpenPage),
        Action::CopyLink => copy("the post's URL", &published.url),
        Action::CopyUrn => copy("the post's URN", &published.urn),
        _ => None,
    };
    effect.into_iter().collect()
}

/// How far the post is.
pub(in crate::tui) fn went_on(state: &mut State, id: u64, event: Event) {
    if let Some(compose) = state.compose_mut(id)
        && let Stage::Publishing(words) = &mut compose.stage
    {
        *words = match event {
            Event::Uploading { number, of, sent, size } => {
                format!("uploading image {number} of {of}: {} %", sent * 100 / size.max(1))
            }
            Event::Publishing => "sending the post".to_owned(),
            Event::FallingBack => "the app may not use the versioned API: trying the older one".to_owned(),
        };
    }
}

/// The post was published (or deleted, for `None`), or that failed.
pub(in crate::tui) fn ended(state: &mut State, id: u64, result: Result<Option<Box<Published>>>) -> Vec<Effect> {
    let Some(post) = state.compose_mut(id) else { return Vec::new() };
    match result {
        Ok(Some(published)) => {
            post.stage = Stage::Published(published);
            vec![Effect::DeleteDraft { id, name: post.profile.clone() }]
        }
        Ok(None) => {
            state.go(Screen::Profiles);
            state.notify("The post was deleted.");
            vec![Effect::ReadFiles]
        }
        Err(error) => {
            post.stage = Stage::Failed(error);
            Vec::new()
        }
    }
}
