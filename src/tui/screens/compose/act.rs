//! What the compose screen's keys do.

use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};
use ratatui_textarea::Input;

use super::{Author, Compose, Opened, Part, Stage, editor};
use crate::Result;
use crate::flows::permissions;
use crate::flows::publish::{Event, Published};
use crate::store::{Profile, SavedDraft};
use crate::tui::hint::hint;
use crate::tui::keymap::Action;
use crate::tui::message::{ClipboardContent, Effect};
use crate::tui::screens::profiles;
use crate::tui::state::{Overlay, Screen, State};
use crate::tui::widgets::field::{Field, cleaned};

/// Opens the screen for a profile; a draft and the pages to post as are asked for.
pub(in crate::tui) fn open(state: &mut State, profile: &Profile) -> Vec<Effect> {
    let name = profile.name.clone();
    if profile.token.is_none() {
        state.say(format!("{name} has no token to publish with; sign in first."), true);
        return Vec::new();
    }
    if let Some(how) = profiles::dead(state, profile).filter(|_| !profile.is_refreshable(state.now)) {
        state.say(format!("{name} cannot publish: its token {how}. r signs in again, then write."), true);
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
    state.compose = Some(Compose::new(id, name.clone(), author));
    state.go(Screen::Compose);
    vec![Effect::OpenCompose { id, name }]
}

/// Takes the draft that was kept, the pages, and what was published before.
pub(in crate::tui) fn opened(state: &mut State, id: u64, found: Opened) {
    let Some(compose) = state.compose.as_mut().filter(|one| one.id == id) else { return };
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
    state.say("Here is the draft that you left; ctrl-x empties it.", false);
}

/// Keeps what was typed a second after it was, so that neither a crash nor a closed terminal costs more.
pub(in crate::tui) fn keep_in_time(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    match &mut state.compose {
        Some(compose) if compose.unkept.is_some_and(|since| now.duration_since(since) >= KEPT_AFTER) => compose.keep(),
        _ => Vec::new(),
    }
}

/// How long a text may wait to be kept.
pub(in crate::tui) const KEPT_AFTER: SignedDuration = SignedDuration::from_secs(1);

impl Compose {
    /// Something was typed at `now`.
    fn typed(&mut self, now: Timestamp) -> Vec<Effect> {
        self.unkept.get_or_insert(now);
        Vec::new()
    }

    /// Keeps what was typed; an empty post is no draft.
    fn keep(&mut self) -> Vec<Effect> {
        self.unkept = None;
        let draft = self.saved();
        let empty = SavedDraft { visibility: draft.visibility.clone(), ..SavedDraft::default() };
        if draft == empty {
            return vec![Effect::DropDraft(self.profile.clone())];
        }
        vec![Effect::KeepDraft { name: self.profile.clone(), draft: Box::new(draft) }]
    }
}

/// A key that is no command.
pub(in crate::tui) fn type_key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let now = state.now;
    let Some(compose) = state.compose.as_mut().filter(|one| matches!(one.stage, Stage::Writing)) else {
        return Vec::new();
    };
    match compose.part {
        Part::Text => drop(compose.text.input(Input::from(key))),
        part => {
            if let Some(field) = compose.field(part) {
                field.type_key(key);
            }
        }
    }
    compose.typed(now)
}

/// Pasted text: whole in the editor, one line in a field.
pub(in crate::tui) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let now = state.now;
    let Some(compose) = state.compose.as_mut().filter(|one| matches!(one.stage, Stage::Writing)) else {
        return Vec::new();
    };
    match compose.part {
        Part::Text => {
            let kept: String = text.replace("\r\n", "\n").replace('\r', "\n");
            let kept: String =
                kept.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).take(20_000).collect();
            compose.text.insert_str(kept);
        }
        // Words and paths stay as they are; only an address is freed of what copying brings along.
        Part::Title | Part::Alt | Part::Images => {
            let kept: String = text.trim().replace(char::is_whitespace, " ");
            if let Some(field) = compose.field(compose.part) {
                field.insert(&kept.replace(char::is_control, ""));
            }
        }
        part => {
            if let Some(field) = compose.field(part) {
                field.insert(&cleaned(text).0);
            }
        }
    }
    compose.typed(now)
}

/// A command.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(compose) = state.compose.as_mut() else { return Vec::new() };
    match compose.stage.clone() {
        Stage::Writing => writing(state, action),
        Stage::Preview => match action {
            Action::Next => publish(state),
            Action::Back => to(compose, Stage::Writing),
            _ => Vec::new(),
        },
        // What was sent cannot be called back; the answer is waited for.
        Stage::Publishing(_) => Vec::new(),
        Stage::Published(live) => published(state, live, action),
        Stage::Deleting(live) => match (action, &live.urn) {
            (Action::Delete, Some(urn)) => {
                compose.stage = Stage::Publishing("deleting the post".to_owned());
                vec![Effect::DeletePost { id: compose.id, name: compose.profile.clone(), urn: urn.clone() }]
            }
            (Action::Back, _) => to(compose, Stage::Published(live)),
            _ => Vec::new(),
        },
        Stage::Failed(_) => match action {
            Action::Next | Action::Back => to(compose, Stage::Writing),
            // What was typed is kept as a draft.
            Action::Reauthorize if compose.needs_sign_in() => {
                state.overlay = Some(Overlay::Reauthorize(compose.profile.clone()));
                Vec::new()
            }
            _ => Vec::new(),
        },
    }
}

fn to(compose: &mut Compose, stage: Stage) -> Vec<Effect> {
    compose.stage = stage;
    Vec::new()
}

fn writing(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(compose) = state.compose.as_mut() else { return Vec::new() };
    let at = Part::ALL.iter().position(|part| *part == compose.part).unwrap_or_default();
    match action {
        Action::NextField => compose.part = Part::ALL[(at + 1) % Part::ALL.len()],
        Action::PreviousField => compose.part = Part::ALL[(at + Part::ALL.len() - 1) % Part::ALL.len()],
        Action::Visibility => {
            compose.connections_only = !compose.connections_only;
            return compose.keep();
        }
        Action::NextAuthor => {
            compose.author = (compose.author + 1) % compose.authors.len().max(1);
            return compose.keep();
        }
        Action::Clear => {
            let (authors, recent) = (compose.authors.clone(), compose.recent.clone());
            let empty = Compose::new(compose.id, compose.profile.clone(), Author::default());
            *compose = Compose { authors, recent, ..empty };
            return compose.keep();
        }
        Action::Next => {
            let effects = compose.keep();
            match compose.post() {
                Ok(_) => compose.stage = Stage::Preview,
                Err(error) => state.say(format!("{error} {}", hint(&error)), true),
            }
            state.scroll = 0;
            return effects;
        }
        Action::Back => {
            let effects = compose.keep();
            state.go(Screen::Profiles);
            return effects;
        }
        _ => {}
    }
    Vec::new()
}

fn publish(state: &mut State) -> Vec<Effect> {
    let Some(compose) = state.compose.as_mut() else { return Vec::new() };
    match compose.post() {
        Ok(draft) => {
            compose.stage = Stage::Publishing("publishing".to_owned());
            vec![Effect::Publish { id: compose.id, name: compose.profile.clone(), draft: Box::new(draft) }]
        }
        Err(error) => to(compose, Stage::Failed(error)),
    }
}

fn published(state: &mut State, live: Box<Published>, action: Action) -> Vec<Effect> {
    let Some(compose) = state.compose.as_mut() else { return Vec::new() };
    match action {
        Action::Next | Action::Back => {
            state.compose = None;
            state.go(Screen::Profiles);
            vec![Effect::ReadFiles]
        }
        Action::OpenPage => live.url.map_or_else(Vec::new, |url| vec![Effect::OpenPage(url)]),
        Action::CopyLink => live.url.map_or_else(Vec::new, |url| {
            vec![Effect::Copy { what: "the post's address", copied: ClipboardContent::Text(url) }]
        }),
        Action::CopyUrn => live.urn.map_or_else(Vec::new, |urn| {
            vec![Effect::Copy { what: "the post's URN", copied: ClipboardContent::Text(urn) }]
        }),
        Action::Delete if live.urn.is_some() => to(compose, Stage::Deleting(live)),
        _ => Vec::new(),
    }
}

/// How far the post is.
pub(in crate::tui) fn went_on(state: &mut State, id: u64, event: Event) {
    if let Some(compose) = state.compose.as_mut().filter(|one| one.id == id)
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

/// The post is live (or deleted again, for `None`), or it failed.
pub(in crate::tui) fn ended(state: &mut State, id: u64, result: Result<Option<Box<Published>>>) -> Vec<Effect> {
    let Some(compose) = state.compose.as_mut().filter(|one| one.id == id) else { return Vec::new() };
    match result {
        Ok(Some(live)) => {
            // The draft has served.
            let effects = vec![Effect::DropDraft(compose.profile.clone())];
            compose.stage = Stage::Published(live);
            effects
        }
        Ok(None) => {
            state.compose = None;
            state.go(Screen::Profiles);
            state.say("The post is deleted.", false);
            vec![Effect::ReadFiles]
        }
        Err(error) => to(compose, Stage::Failed(error)),
    }
}
