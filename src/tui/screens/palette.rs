//! The palette: finds every action of the context below it by name, shows its key, and runs it. In the profile list it finds
//! profiles too.

use ratatui::text::{Line, Span};

use super::{move_in_list, profiles};
use crate::store::Name;
use crate::text::{columns, fit, fold_for_search};
use crate::tui::keymap::{Action, ActionGroup, KeyContext};
use crate::tui::message::Effect;
use crate::tui::overlays::Overlay;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::update;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Page, cursor_mark};

/// The columns of its text at most.
pub(crate) const WIDTH: usize = 72;
/// The rows that it shows at once at most.
const MAX_ROWS: usize = 18;
/// How many actions that were run from the palette are listed first.
const MAX_RECENT: usize = 3;
/// The columns of the group of an action.
const GROUP_WIDTH: usize = 9;

#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub(crate) query: Field,
    /// The index of the selected entry among those that match.
    pub(crate) selected: usize,
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Runs an action.
    Action(Action),
    /// Selects a profile in the list.
    Profile(Name),
}

/// An action that can be run, or a profile that can be selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) target: Target,
    pub(crate) label: String,
    /// Empty where the action has no key.
    pub(crate) key: String,
    group: ActionGroup,
}

/// Returns the actions of the context below the palette that do something now and match the query, the best match first. Without
/// a query they are those that were run last, then those of this screen and those of the whole program, each with the key hints
/// first.
pub(crate) fn entries(state: &State, query: &str, is_ascii: bool) -> Vec<Entry> {
    let context = state.context_below();
    let is_open = |action| match action {
        Action::RequestLog => state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Requests(_))),
        Action::Settings => state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Settings(_))),
        action => action == Action::Palette,
    };
    let words: Vec<String> = query.split_whitespace().map(fold_for_search).collect();
    let recent_rank =
        |action: Action| state.recent_actions.iter().position(|recent| *recent == action).unwrap_or(MAX_RECENT);
    let mut matches: Vec<_> = state
        .config
        .keymap
        .bindings(context)
        .filter(|bound| !is_open(bound.binding.action))
        .filter_map(|bound| {
            let action = bound.binding.action;
            let entry = Entry {
                target: Target::Action(action),
                label: spell_out(state, context, action, bound.binding.current_label(state)?),
                key: bound.keys.first().map_or_else(String::new, |key| key.label(is_ascii)),
                group: context.group(action),
            };
            let match_rank = match_rank(&entry, action, context, &words)?;
            let is_global = entry.group == ActionGroup::Program;
            Some((
                (match_rank, recent_rank(action), action.is_navigation(), is_global, !bound.binding.is_hint(state)),
                entry,
            ))
        })
        .collect();
    matches.sort_by_key(|(rank, _)| *rank);
    // Two keys may do the same: Enter and Tab show the details of the current profile.
    let mut at = 1;
    while at < matches.len() {
        let label = &matches[at].1.label;
        match matches[..at].iter().position(|(_, entry)| entry.label == *label) {
            Some(same) => {
                let (_, entry) = matches.remove(at);
                let keys = format!("{} {}", matches[same].1.key, entry.key);
                keys.trim().clone_into(&mut matches[same].1.key);
            }
            None => at += 1,
        }
    }
    let mut entries: Vec<Entry> = matches.into_iter().map(|(_, entry)| entry).collect();
    if context == KeyContext::List && !words.is_empty() {
        entries.extend(matching_profiles(state, &words));
    }
    entries
}

/// Returns the profiles whose names have all the words.
fn matching_profiles(state: &State, words: &[String]) -> Vec<Entry> {
    let store = state.store();
    let names = store.rows.iter().map(|row| &row.name);
    let names = names.filter(|name| words.iter().all(|word| name.as_str().contains(word.as_str())));
    let entry = |name: &Name| Entry {
        target: Target::Profile(name.clone()),
        label: format!("select {name}"),
        key: String::new(),
        group: ActionGroup::Profile,
    };
    let mut names: Vec<&Name> = names.collect();
    // The name that was typed comes before the longer ones that contain it.
    names.sort_by_key(|name| !words.iter().any(|word| name.as_str() == word));
    names.into_iter().map(entry).collect()
}

/// Returns whether anything matches what was typed.
pub(crate) fn has_matches(state: &State) -> bool {
    match state.overlays.last() {
        Some(Overlay::Palette(palette)) => !entries(state, palette.query.trimmed(), false).is_empty(),
        _ => false,
    }
}

/// Returns a label with its object, which the key hints of the list leave out.
fn spell_out(state: &State, context: KeyContext, action: Action, label: String) -> String {
    if !matches!(context, KeyContext::List | KeyContext::Detail) {
        return label;
    }
    let object = match action {
        Action::Add => "a profile",
        Action::Check | Action::Refresh | Action::Revoke | Action::Export => "the token",
        Action::Mark => "the profile",
        Action::Details if profiles::shows_details(state) => "of the profile",
        Action::Compose => return "write a post".to_owned(),
        _ => return label,
    };
    format!("{label} {object}")
}

/// Returns the rank of an entry among the matches, 0 for the best; `None` where a word is nowhere in it.
fn match_rank(entry: &Entry, action: Action, context: KeyContext, words: &[String]) -> Option<u8> {
    let label = fold_for_search(&entry.label);
    let name = action.name().replace('_', " ");
    let group_and_context = fold_for_search(&format!("{} {}", entry.group.title(), context.title()));
    let word_rank = |word: &String| {
        if label.starts_with(word.as_str()) {
            Some(0)
        } else if label.contains(&format!(" {word}")) {
            Some(1)
        } else if label.contains(word.as_str()) || name.contains(word.as_str()) {
            Some(2)
        } else if group_and_context.contains(word.as_str()) {
            Some(3)
        } else {
            let is_abbreviated = |part: &str| is_abbreviation(word, part);
            (word.len() > 1 && label.split(' ').any(is_abbreviated)).then_some(4)
        }
    };
    words.iter().map(word_rank).try_fold(0, |worst, match_rank| Some(worst.max(match_rank?)))
}

/// Returns whether a word of a label begins with the first character of `word`, and has the others in their order. Characters
/// that are scattered over several words are no abbreviation.
fn is_abbreviation(word: &str, part: &str) -> bool {
    let mut remaining = part.chars();
    let mut typed = word.chars();
    typed.next() == remaining.next() && typed.all(|c| remaining.any(|other| other == c))
}

pub(crate) fn handle(state: &mut State, mut palette: Palette, action: Action) -> Vec<Effect> {
    // The palette is closed, so its entries are those of the topmost context.
    let matches = entries_below_closed(state, palette.query.trimmed());
    match action {
        Action::Back => return Vec::new(),
        Action::Apply => {
            let Some(entry) = matches.get(palette.selected.min(matches.len().saturating_sub(1))) else {
                state.overlays.push(Overlay::Palette(palette));
                return Vec::new();
            };
            let action = match &entry.target {
                Target::Action(action) => *action,
                Target::Profile(name) => {
                    profiles::select_profile(state, name);
                    return Vec::new();
                }
            };
            state.recent_actions.retain(|recent| *recent != action);
            state.recent_actions.insert(0, action);
            state.recent_actions.truncate(MAX_RECENT);
            return update::run_from_palette(state, action);
        }
        action => palette.selected = move_in_list(state, palette.selected, matches.len(), action),
    }
    state.overlays.push(Overlay::Palette(palette));
    Vec::new()
}

fn entries_below_closed(state: &mut State, query: &str) -> Vec<Entry> {
    state.overlays.push(Overlay::Palette(Palette::default()));
    let matches = entries(state, query, false);
    state.overlays.pop();
    matches
}

pub(crate) fn page(state: &State, palette: &Palette, theme: Theme, width: usize, height: usize) -> Page {
    let mut page = Page::new(theme, width, "Actions");
    state.context_below().title().clone_into(&mut page.title_note);
    let matches = entries(state, palette.query.trimmed(), theme.is_ascii);
    page.search(&palette.query, "Type to find an action", true);
    let rows = height.saturating_sub(page.lines.len()).clamp(1, MAX_ROWS);
    // The dialog keeps the height that it has before anything is typed: its field does not move.
    let line_count = page.lines.len() + entries(state, "", theme.is_ascii).len().min(rows);
    if matches.is_empty() {
        page.dim("No action matches.");
        page.lines.resize(line_count, Line::default());
        return page;
    }
    let selected = palette.selected.min(matches.len() - 1);
    let first = (selected + 1).saturating_sub(rows);
    let key_width = matches.iter().map(|entry| columns(&entry.key)).max().unwrap_or_default();
    let label_width = width.saturating_sub(2 + GROUP_WIDTH + key_width + 4);
    page.title_note = format!("{}{}{}/{}", page.title_note, theme.separator(), selected + 1, matches.len());
    let last = (first + rows).min(matches.len());
    let line = page.lines.len();
    page.mark_continued((line, first > 0), (line + last - first - 1, last < matches.len()));
    for (at, entry) in matches.iter().enumerate().skip(first).take(rows) {
        let is_selected = at == selected;
        let label = fit(&entry.label, label_width);
        let pad = " ".repeat(label_width.saturating_sub(columns(&label)) + 2);
        let key_pad = " ".repeat(key_width - columns(&entry.key) + 2);
        let (dim, accent) =
            if is_selected { (theme.selected(), theme.selected()) } else { (theme.dim(), theme.accent()) };
        page.click_row(is_selected);
        page.lines.push(
            Line::from(vec![
                cursor_mark(theme, is_selected),
                Span::raw(label),
                Span::styled(format!("{pad}{:<GROUP_WIDTH$}", entry.group.title()), dim),
                Span::styled(format!("{key_pad}{}", entry.key), accent),
            ])
            .style(crate::tui::widgets::page::row_style(theme, is_selected)),
        );
    }
    let line_count = line_count.max(page.lines.len());
    page.lines.resize(line_count, Line::default());
    page
}
