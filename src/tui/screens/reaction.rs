//! The reaction to a published post: one of six, or none.

use ratatui::style::Style;
use ratatui::text::Span;

use super::progress::spinner;
use super::{comment, move_in_list, posts};
use crate::flows::social;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::social::Reaction;
use crate::store::Name;
use crate::text::{capitalized, sanitize};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::message::{Effect, PostRow};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;
use crate::{Error, Result};

/// Columns of the dialog's text.
const TEXT_WIDTH: usize = 70;

/// The dialog for a reaction.
#[derive(Clone, Debug)]
pub struct ReactionMenu {
    /// Its number; messages of another reaction are ignored.
    pub id: u64,
    profile: Name,
    /// The URN of the post.
    urn: String,
    first_line: String,
    /// The URN of the Page that reacts; `None` for the member.
    actor: Option<String>,
    actor_name: String,
    /// Why LinkedIn would refuse the reaction, as far as is known.
    refusal: Option<String>,
    /// The selected row: a reaction, and below them its deletion.
    selected: usize,
    is_sending: bool,
    /// Why the last request failed.
    failure: Option<Error>,
}

impl ReactionMenu {
    pub(crate) const fn is_sending(&self) -> bool {
        self.is_sending
    }

    /// Returns the selected reaction; `None` deletes it.
    fn reaction(&self) -> Option<Reaction> {
        Reaction::ALL.get(self.selected).copied()
    }

    fn success_text(&self) -> String {
        let actor = match &self.actor {
            None => "You".to_owned(),
            Some(urn) if *urn == self.actor_name => "The Page".to_owned(),
            Some(_) => sanitize(&self.actor_name, 80),
        };
        match self.reaction() {
            Some(reaction) => format!("{actor} reacted to the post: {}.", capitalized(reaction.name())),
            None => "The reaction to the post was deleted.".to_owned(),
        }
    }
}

fn menu(state: &State) -> Option<&ReactionMenu> {
    match &state.dialog {
        Some(Dialog::React(menu)) => Some(menu),
        _ => None,
    }
}

pub(crate) fn can_choose(state: &State) -> bool {
    menu(state).is_some_and(|menu| !menu.is_sending)
}

/// Returns what Enter does.
pub(crate) fn apply_label(state: &State) -> Option<String> {
    let menu = menu(state).filter(|menu| !menu.is_sending)?;
    let label = match menu.reaction() {
        _ if menu.failure.is_some() => "back to the reactions",
        Some(_) => "react",
        None => "delete the reaction",
    };
    Some(label.to_owned())
}

/// Opens the reactions to a post, as its author.
pub(crate) fn open(state: &mut State, profile: Name, row: PostRow) -> Vec<Effect> {
    let Some(urn) = row.post.urn.clone() else { return Vec::new() };
    let store = state.store();
    let saved = store.profile(&profile);
    let (actor, actor_name) = comment::actor_of(state, &profile, &row.post);
    let set = row.post.reaction.as_deref();
    let is_accepted = row.accepted.contains(&Capability::React);
    let refusal = saved.filter(|_| !is_accepted);
    let menu = ReactionMenu {
        id: state.take_id(),
        refusal: refusal.and_then(|saved| social::refusal(saved, Capability::React, actor.as_deref())),
        profile,
        urn,
        first_line: row.post.first_line,
        actor,
        actor_name,
        selected: Reaction::ALL.iter().position(|one| Some(one.api_name()) == set).unwrap_or_default(),
        is_sending: false,
        failure: None,
    };
    state.dialog = Some(Dialog::React(Box::new(menu)));
    Vec::new()
}

/// Returns whether the open dialog shows why a reaction was refused.
pub(crate) fn has_failed(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::React(menu)) if menu.failure.is_some())
}

pub(crate) fn handle(state: &mut State, mut menu: Box<ReactionMenu>, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    let last = Reaction::ALL.len();
    match action {
        // What is being sent cannot be canceled: its result is waited for.
        _ if menu.is_sending => {}
        Action::Back => return Vec::new(),
        Action::Apply if menu.failure.is_some() => menu.failure = None,
        _ if menu.failure.is_some() => {}
        action if action.is_navigation() => menu.selected = move_in_list(state, menu.selected, last + 1, action),
        Action::Apply => {
            menu.is_sending = true;
            effects.push(Effect::React {
                id: menu.id,
                name: menu.profile.clone(),
                urn: menu.urn.clone(),
                reaction: menu.reaction(),
                actor: menu.actor.clone(),
            });
        }
        _ => {}
    }
    state.dialog = Some(Dialog::React(menu));
    effects
}

/// Handles the result: the warnings about a reaction that was set or deleted, or why it was not.
pub(crate) fn on_finished(state: &mut State, id: u64, result: Result<Vec<String>>) {
    let menu = match &mut state.dialog {
        Some(Dialog::React(menu)) if menu.id == id => menu,
        _ => return,
    };
    match result {
        Ok(warnings) => {
            let (done, urn) = (menu.success_text(), menu.urn.clone());
            let reaction = menu.reaction().map(|reaction| reaction.api_name().to_owned());
            if reaction.is_some() {
                posts::set_accepted(state, &urn, Capability::React);
            }
            posts::set_reaction(state, &urn, reaction);
            state.dialog = None;
            state.notify(format!("{done} {}", warnings.join(" ")).trim_end().to_owned());
        }
        Err(error) => (menu.is_sending, menu.failure) = (false, Some(error)),
    }
}

pub(crate) fn page(state: &State, menu: &ReactionMenu, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width.min(TEXT_WIDTH), "React to the post");
    // The dialog keeps its width when the reaction is refused.
    page.min_text_width = page.width;
    if let Some(error) = &menu.failure {
        page.title = format!("{} Reaction not changed", theme.failed_mark().0);
        page.title_style = theme.error();
        page.failure(Style::new(), error, &state.hint(error));
        return page.with_choices(state, KeyContext::React);
    }
    page.strong(&sanitize(if menu.first_line.is_empty() { &menu.urn } else { &menu.first_line }, 200));
    page.value("React as", &sanitize(&menu.actor_name, 80));
    page.blank();
    // Above the rows, where a small window shows it.
    if menu.is_sending {
        page.text(theme.accent(), &format!("{} Sending{}", spinner(theme, state.now), theme.ellipsis()));
        page.blank();
    } else if let Some(refusal) = &menu.refusal {
        page.warning(&format!("LinkedIn may refuse it. {}", sanitize(refusal, 300)));
        page.blank();
    }
    for number in 0..=Reaction::ALL.len() {
        let label = match Reaction::ALL.get(number) {
            Some(reaction) => capitalized(reaction.name()),
            None => "No reaction: delete it".to_owned(),
        };
        page.row(number == menu.selected, vec![Span::raw(label)]);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_names_who_reacted() {
        let text = |actor: Option<&str>, selected| {
            let menu = ReactionMenu {
                id: 1,
                profile: Name::suggest("work", "work"),
                urn: "urn:li:share:1".to_owned(),
                first_line: String::new(),
                actor: actor.map(str::to_owned),
                actor_name: "Analytical Engines".to_owned(),
                refusal: None,
                selected,
                is_sending: true,
                failure: None,
            };
            menu.success_text()
        };
        assert_eq!(text(None, 1), "You reacted to the post: Celebrate.");
        assert_eq!(text(Some("urn:li:organization:7"), 0), "Analytical Engines reacted to the post: Like.");
        assert_eq!(text(Some("urn:li:organization:7"), 6), "The reaction to the post was deleted.");
    }
}
