//! The scopes step: presets, products that fold, a search, and a field for scopes that are not listed.

use super::Setup;
use crate::linkedin::scopes::{self, CATALOG, PRESETS, Preset, Scope};
use crate::text::fold_for_search;
use crate::tui::keymap::Action;
use crate::tui::state::State;
use crate::tui::widgets::field::Field;

/// A line that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeRow {
    /// The number of a preset.
    Preset(usize),
    /// The name of a product.
    Product(&'static str),
    /// The ID of a scope.
    Scope(&'static str),
    /// The field for custom scopes.
    Custom,
}

/// What the list of the scopes shows.
#[derive(Clone, Debug)]
pub struct ScopeList {
    pub row: ScopeRow,
    /// The products whose scopes are shown.
    unfolded: Vec<&'static str>,
    /// The search, while one is typed.
    pub find: Option<Field>,
}

impl Default for ScopeList {
    fn default() -> Self {
        Self { row: ScopeRow::Preset(DEFAULT_PRESET), unfolded: Vec::new(), find: None }
    }
}

/// The preset that a new setup starts with.
const DEFAULT_PRESET: usize = 1;

impl ScopeList {
    /// Creates the list with the products of the checked scopes unfolded, and the preset that they are selected.
    pub(super) fn from_checked(checked: &[String]) -> Self {
        let preset = PRESETS.iter().position(|preset| is_preset(preset, checked));
        let mut list = Self { row: ScopeRow::Preset(preset.unwrap_or(DEFAULT_PRESET)), ..Self::default() };
        list.unfold_checked(checked);
        list
    }

    fn unfold_checked(&mut self, checked: &[String]) {
        for id in checked {
            if let Some(scope) = scopes::find(id) {
                self.unfold(scope.product);
            }
        }
    }

    fn unfold(&mut self, product: &'static str) {
        if !self.is_unfolded(product) {
            self.unfolded.push(product);
        }
    }

    fn fold(&mut self, product: &str) {
        self.unfolded.retain(|unfolded| *unfolded != product);
    }

    pub(super) fn is_unfolded(&self, product: &str) -> bool {
        self.unfolded.contains(&product)
    }

    /// Selects a scope and shows it.
    pub(super) fn select(&mut self, id: &'static str) {
        if let Some(scope) = scopes::find(id) {
            self.unfold(scope.product);
            self.row = ScopeRow::Scope(scope.id);
        }
    }

    /// Returns the rows in their order.
    pub(super) fn rows(&self) -> Vec<ScopeRow> {
        if let Some(find) = &self.find {
            let query = fold_for_search(find.trimmed());
            let is_match = |scope: &&Scope| {
                [scope.id, scope.grants, scope.product].iter().any(|text| fold_for_search(text).contains(&query))
            };
            return CATALOG.iter().filter(is_match).map(|scope| ScopeRow::Scope(scope.id)).collect();
        }
        let mut rows: Vec<ScopeRow> = (0..PRESETS.len()).map(ScopeRow::Preset).collect();
        for product in products() {
            rows.push(ScopeRow::Product(product));
            if self.is_unfolded(product) {
                rows.extend(scopes_of(product).map(|scope| ScopeRow::Scope(scope.id)));
            }
        }
        rows.push(ScopeRow::Custom);
        rows
    }

    fn move_by(&mut self, action: Action, shown_rows: usize) {
        let rows = self.rows();
        let at = rows.iter().position(|row| *row == self.row).unwrap_or_default();
        let last = rows.len().saturating_sub(1);
        let to = match action {
            Action::Up => at.saturating_sub(1),
            Action::Down => (at + 1).min(last),
            Action::PageUp => at.saturating_sub(shown_rows),
            Action::PageDown => (at + shown_rows).min(last),
            Action::First => 0,
            _ => last,
        };
        if let Some(row) = rows.get(to) {
            self.row = *row;
        }
    }

    /// Selects the first match, unless the selected one still matches.
    pub(super) fn on_find_typed(&mut self) {
        let rows = self.rows();
        if !rows.contains(&self.row)
            && let Some(first) = rows.first()
        {
            self.row = *first;
        }
    }

    /// Ends the search; the selected scope stays visible.
    pub(super) fn close_find(&mut self) {
        self.find = None;
        match self.row {
            ScopeRow::Scope(id) => self.select(id),
            _ => self.row = ScopeRow::Preset(0),
        }
    }
}

/// Returns the products in the order of the catalog.
pub(super) fn products() -> Vec<&'static str> {
    let mut products: Vec<&'static str> = CATALOG.iter().map(|scope| scope.product).collect();
    products.dedup();
    products
}

/// Returns the scopes that the catalog lists for a product.
pub(super) fn scopes_of(product: &str) -> impl Iterator<Item = &'static Scope> {
    CATALOG.iter().filter(move |scope| scope.product == product)
}

/// Returns whether exactly the scopes of a preset are checked.
pub(super) fn is_preset(preset: &Preset, checked: &[String]) -> bool {
    let scopes: Vec<String> = preset.scopes.iter().map(|&scope| scope.to_owned()).collect();
    scopes::are_same(&scopes, checked)
}

/// Returns what the toggle key does with the selected row; `None` where it does nothing.
pub(crate) fn toggle_label(state: &State) -> Option<&'static str> {
    let list = &state.setup.scope_list;
    match list.row {
        ScopeRow::Preset(_) => Some("select"),
        ScopeRow::Product(product) if list.is_unfolded(product) => Some("fold"),
        ScopeRow::Product(_) => Some("unfold"),
        ScopeRow::Scope(_) => Some("toggle"),
        ScopeRow::Custom => None,
    }
}

fn apply_preset(setup: &mut Setup, number: usize) {
    if let Some(preset) = PRESETS.get(number) {
        setup.scopes = preset.scopes.iter().map(|&scope| scope.to_owned()).collect();
        setup.scope_list = ScopeList::from_checked(&setup.scopes);
    }
}

/// Toggles the selected row.
pub(super) fn toggle(setup: &mut Setup) {
    match setup.scope_list.row {
        ScopeRow::Preset(number) => apply_preset(setup, number),
        ScopeRow::Product(product) if setup.scope_list.is_unfolded(product) => setup.scope_list.fold(product),
        ScopeRow::Product(product) => setup.scope_list.unfold(product),
        ScopeRow::Scope(id) => match setup.scopes.iter().position(|checked| checked == id) {
            Some(at) => drop(setup.scopes.remove(at)),
            None => setup.scopes.push(id.to_owned()),
        },
        ScopeRow::Custom => {}
    }
}

pub(super) fn handle(state: &mut State, action: Action) {
    let shown_rows = state.shown_rows();
    let setup = &mut state.setup;
    let list = &mut setup.scope_list;
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last => {
            list.move_by(action, shown_rows);
            return;
        }
        Action::NextField => {
            list.row = if list.row == ScopeRow::Custom { ScopeRow::Preset(0) } else { ScopeRow::Custom };
            return;
        }
        Action::Filter => {
            list.find = Some(Field::default());
            list.on_find_typed();
            return;
        }
        Action::Expand => {
            if let ScopeRow::Product(product) = list.row {
                list.unfold(product);
            }
            return;
        }
        Action::Collapse => {
            let product = match list.row {
                ScopeRow::Scope(id) => scopes::find(id).map(|scope| scope.product),
                ScopeRow::Product(product) => Some(product),
                ScopeRow::Preset(_) | ScopeRow::Custom => None,
            };
            if let Some(product) = product {
                list.fold(product);
                list.row = ScopeRow::Product(product);
            }
            return;
        }
        Action::Toggle => toggle(setup),
        Action::PresetOne => apply_preset(setup, 0),
        Action::PresetTwo => apply_preset(setup, 1),
        Action::PresetThree => apply_preset(setup, 2),
        _ => return,
    }
    // The notification may be about the scopes before; the page shows what is wrong now.
    state.notification = None;
}
