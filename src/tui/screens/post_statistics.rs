//! The statistics of a published post, as far as the token may read them.

use ratatui::text::{Line, Span};

use super::progress::spinner;
use crate::store::Name;
use crate::text::sanitize;
use crate::tui::keymap::Action;
use crate::tui::message::{Effect, PostStatistics};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;
use crate::{Error, Result};

/// Columns of a label.
const LABEL_WIDTH: usize = 22;
/// Columns of a number.
const NUMBER_WIDTH: usize = 12;
/// Columns of the longest bar.
const MAX_BAR_WIDTH: usize = 32;

/// The dialog with the statistics of a post.
#[derive(Clone, Debug)]
pub struct StatisticsDialog {
    /// Its number; messages of another dialog are ignored.
    pub id: u64,
    profile: Name,
    urn: String,
    first_line: String,
    /// The numbers, or why there are none; `None` while they are fetched.
    result: Option<Result<PostStatistics, Error>>,
}

impl StatisticsDialog {
    pub(crate) const fn is_fetching(&self) -> bool {
        self.result.is_none()
    }
}

/// Opens the statistics of a post, and fetches them.
pub(crate) fn open(state: &mut State, profile: Name, urn: String, first_line: String) -> Vec<Effect> {
    let dialog = StatisticsDialog { id: 0, profile, urn, first_line, result: None };
    fetch(state, Box::new(dialog))
}

fn fetch(state: &mut State, mut dialog: Box<StatisticsDialog>) -> Vec<Effect> {
    dialog.id = state.take_id();
    dialog.result = None;
    let effect = Effect::FetchStatistics { id: dialog.id, name: dialog.profile.clone(), urn: dialog.urn.clone() };
    state.dialog = Some(Dialog::Statistics(dialog));
    vec![effect]
}

/// Returns whether the statistics can be fetched again.
pub(crate) fn can_fetch(state: &State) -> bool {
    matches!(&state.dialog, Some(Dialog::Statistics(dialog)) if !dialog.is_fetching())
}

pub(crate) fn handle(state: &mut State, dialog: Box<StatisticsDialog>, action: Action) -> Vec<Effect> {
    match action {
        Action::Back => return Vec::new(),
        Action::Check if !dialog.is_fetching() => return fetch(state, dialog),
        _ => {}
    }
    state.dialog = Some(Dialog::Statistics(dialog));
    Vec::new()
}

/// Handles the statistics that were fetched.
pub(crate) fn on_fetched(state: &mut State, id: u64, result: Result<PostStatistics>) {
    if let Some(Dialog::Statistics(dialog)) = &mut state.dialog
        && dialog.id == id
    {
        dialog.result = Some(result);
    }
}

pub(crate) fn page(state: &State, dialog: &StatisticsDialog, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, "Statistics of the post");
    if !dialog.first_line.is_empty() {
        page.strong(&sanitize(&dialog.first_line, 200));
    }
    page.dim(&sanitize(&dialog.urn, 120));
    page.blank();
    match &dialog.result {
        None => page.text(
            theme.accent(),
            &format!("{} Fetching the statistics{}", spinner(theme, state.now), theme.ellipsis()),
        ),
        Some(Err(error)) => {
            page.failure(theme.error(), error, &state.hint(error));
        }
        Some(Ok(statistics)) => {
            add_bars(&mut page, &statistics.metrics);
            for (what, error) in &statistics.missing {
                page.blank();
                let message = format!("Not shown: {what}. {}", error.message);
                page.failure(theme.warning(), &Error { message, ..error.clone() }, &state.hint(error));
            }
        }
    }
    page
}

/// Adds a line for each number, with a bar on one scale from zero: a number that is far smaller than another has none.
fn add_bars(page: &mut Page, metrics: &[(&'static str, u64)]) {
    let theme = page.theme;
    let max = metrics.iter().map(|(_, number)| *number).max().unwrap_or_default().max(1);
    let width = page.width.saturating_sub(LABEL_WIDTH + NUMBER_WIDTH + 1).min(MAX_BAR_WIDTH);
    for (label, number) in metrics {
        let (number, max) = (u128::from(*number), u128::from(max));
        let columns = usize::try_from((number * width as u128 + max / 2) / max).unwrap_or(width);
        let style = if number > 0 { theme.strong() } else { theme.dim() };
        page.lines.push(Line::from(vec![
            Span::raw(format!("{label:<LABEL_WIDTH$}")),
            Span::styled(format!("{number:>NUMBER_WIDTH$} "), style),
            Span::styled(theme.symbol("█", "#").repeat(columns), theme.accent()),
        ]));
    }
}
