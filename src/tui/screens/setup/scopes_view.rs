//! Draws the step of the scopes: presets, products with their scopes, and what the selected line means.

use super::scopes::{ScopeRow, is_preset, scopes_of};
use crate::linkedin::products::{self, Access, PRODUCTS, Product};
use crate::linkedin::scopes::{self, CATALOG, PRESETS};
use crate::text::{capitalized, columns, fit};
use crate::tui::layout::PageWidths;
use crate::tui::screens::Note;
use crate::tui::state::State;
use crate::tui::store_snapshot::StoreSnapshot;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub(super) fn scopes_page(state: &State, store: &StoreSnapshot, theme: Theme, widths: PageWidths) -> Page {
    let setup = &state.setup;
    let list = &setup.scope_list;
    let mut page = Page::with_aside(theme, widths, "What may this token do?");
    let checked = setup.all_scopes();
    page.title_note = format!("{} selected", checked.len());
    let rows = list.rows();
    if let Some(find) = &list.find {
        page.search(find, "Type to find a scope", true);
        page.title_note = if rows.len() == 1 { "1 match".to_owned() } else { format!("{} matches", rows.len()) };
        if rows.is_empty() {
            page.dim("No scope matches. Custom scopes are typed in the last line of the list.");
        }
    }
    let ids = rows.iter().filter_map(|row| if let ScopeRow::Scope(id) = row { Some(id.len()) } else { None });
    let id_width = ids.max().unwrap_or_default();
    let is_custom = !PRESETS.iter().any(|preset| is_preset(preset, &checked));
    for row in &rows {
        let is_selected = *row == list.row;
        match row {
            ScopeRow::Preset(number) => add_preset_row(&mut page, &PRESETS[*number], is_selected, &checked),
            ScopeRow::Product(product) => {
                if is_first_product(product) {
                    if is_custom {
                        page.lines.push(Line::styled(format!("  {}custom selection", theme.radio(true)), theme.dim()));
                    }
                    page.blank();
                }
                add_product_row(&mut page, product, is_selected, list.is_unfolded(product), &checked);
            }
            ScopeRow::Scope(id) => {
                let indent = if list.find.is_some() { "" } else { "  " };
                add_scope_row(&mut page, id, is_selected, (indent, id_width), &checked);
            }
            ScopeRow::Custom => {
                page.blank();
                let notes = vec![(theme.dim(), "Separated by spaces.".to_owned())];
                page.field("Custom scopes", &setup.custom_scopes, is_selected, notes);
                if is_selected {
                    page.visible_line = Some(page.lines.len() - 1);
                }
            }
        }
    }
    let footnote_width = if widths.is_split { widths.main + widths.aside } else { widths.single };
    for (style, text) in scope_notes(state, store, (&checked, products_to_add), theme) {
        page.footnote(style, &text, footnote_width);
    }
    let facts = row_facts(list.row);
    if widths.is_split {
        page.aside("About");
        page.strong(&facts.name);
        page.plain(&facts.grants);
        if !facts.product.is_empty() || !facts.access.is_empty() {
            page.blank();
        }
        if !facts.product.is_empty() {
            page.dim("Product");
            page.plain(&facts.product);
        }
        if !facts.access.is_empty() {
            page.dim("Access");
            page.plain(&facts.access);
        }
        if !facts.consent.is_empty() {
            page.blank();
            page.dim(facts.consent_heading);
            for text in &facts.consent {
                page.bullet(text);
            }
        }
    } else if !facts.grants.is_empty() {
        // The scopes of a folded product would leave no room for the list.
        let grants = match list.row {
            ScopeRow::Product(product) => match scopes_of(product).count() {
                1 => "1 scope".to_owned(),
                count => format!("{count} scopes"),
            },
            _ => facts.grants,
        };
        let mut parts = vec![format!("{}: {grants}", facts.name), facts.access];
        parts.retain(|part| !part.is_empty());
        page.footnote(theme.dim(), &parts.join("; "), footnote_width);
    }
    page
}

fn is_first_product(product: &str) -> bool {
    CATALOG.first().is_some_and(|scope| scope.product == product)
}

/// What is known about a row of the list.
#[derive(Default)]
struct RowFacts {
    name: String,
    grants: String,
    product: String,
    access: String,
    /// What the scopes allow: the sentences of LinkedIn's consent page, where they are known.
    consent: Vec<String>,
    consent_heading: &'static str,
}

fn product_label(product: &str) -> String {
    if PRODUCTS.iter().any(|listed| listed.name == product) {
        product.to_owned()
    } else {
        "Scopes without a product".to_owned()
    }
}

fn product_terms(product: &str) -> String {
    let listed = PRODUCTS.iter().find(|listed| listed.name == product);
    listed.map_or_else(|| Access::Closed.label().to_owned(), Product::terms)
}

/// Returns the heading of what scopes allow: LinkedIn's sentences, or the program's own where LinkedIn's are not known.
fn consent_heading(ids: &[&str]) -> &'static str {
    if ids.iter().all(|id| scopes::has_known_consent(id)) { "The member will see" } else { "The token grants" }
}

fn row_facts(row: ScopeRow) -> RowFacts {
    let consent = |ids: &[&str]| ids.iter().map(|id| scopes::consent_text(id)).collect();
    match row {
        ScopeRow::Preset(number) => {
            let preset = &PRESETS[number];
            RowFacts {
                name: capitalized(preset.title),
                grants: preset.scopes.join(" "),
                consent: consent(preset.scopes),
                consent_heading: consent_heading(preset.scopes),
                ..RowFacts::default()
            }
        }
        ScopeRow::Product(product) => {
            let ids: Vec<&str> = scopes_of(product).map(|scope| scope.id).collect();
            RowFacts {
                name: product_label(product),
                grants: ids.join(" "),
                access: product_terms(product),
                ..RowFacts::default()
            }
        }
        ScopeRow::Scope(id) => scopes::find(id).map_or_else(RowFacts::default, |scope| RowFacts {
            name: id.to_owned(),
            grants: scope.grants.to_owned(),
            product: product_label(scope.product),
            access: product_terms(scope.product),
            consent: consent(&[id]),
            consent_heading: consent_heading(&[id]),
        }),
        ScopeRow::Custom => RowFacts {
            name: "Custom scopes".to_owned(),
            grants: "For scopes that are not in the list. LinkedIn refuses those that your app may not request."
                .to_owned(),
            ..RowFacts::default()
        },
    }
}

/// Returns the access to a product or a preset: its mark and its label.
fn access_span(theme: Theme, access: Access, is_selected: bool) -> Span<'static> {
    let (mark, style) = match access {
        Access::SelfServe => (theme.done_mark().0, theme.success()),
        Access::Approval => ("!", theme.warning()),
        Access::Closed => (theme.failed_mark().0, theme.dim()),
    };
    let style = if is_selected { Style::new() } else { style };
    Span::styled(format!("{mark} {}", access.label()), style)
}

const ACCESS_WIDTH: usize = 19;

fn add_preset_row(page: &mut Page, preset: &scopes::Preset, is_selected: bool, checked: &[String]) {
    const NAME_WIDTH: usize = 16;
    let theme = page.theme;
    let radio = theme.radio(is_preset(preset, checked));
    let room = page.width.saturating_sub(2 + 4 + NAME_WIDTH + 1 + ACCESS_WIDTH);
    let ids: Vec<String> = preset.scopes.iter().map(|&id| id.to_owned()).collect();
    let access = if products::required_approvals(&ids).is_some() { Access::Approval } else { Access::SelfServe };
    let style = if is_selected { Style::new() } else { theme.dim() };
    let all_ids = preset.scopes.join(" ");
    let first_id = format!("{} and {} more", preset.scopes[0], preset.scopes.len() - 1);
    let count = format!("{} scopes", preset.scopes.len());
    let summary = [all_ids, first_id].into_iter().find(|text| columns(text) < room).unwrap_or(count);
    let spans = vec![
        Span::styled(radio, theme.accent()),
        Span::raw(format!("{:<NAME_WIDTH$} ", capitalized(preset.title))),
        Span::styled(format!("{:<room$}", fit(&summary, room)), style),
        access_span(theme, access, is_selected),
    ];
    page.row(is_selected, spans);
}

fn add_product_row(page: &mut Page, product: &str, is_selected: bool, is_unfolded: bool, checked: &[String]) {
    const COUNT_WIDTH: usize = 6;
    let theme = page.theme;
    let ids: Vec<&str> = scopes_of(product).map(|scope| scope.id).collect();
    let count = ids.iter().filter(|id| checked.iter().any(|scope| scope == *id)).count();
    let fold = if is_unfolded { theme.symbol("▾ ", "v ") } else { theme.symbol("▸ ", "> ") };
    let room = page.width.saturating_sub(2 + 2 + COUNT_WIDTH + ACCESS_WIDTH);
    let access = PRODUCTS.iter().find(|listed| listed.name == product).map_or(Access::Closed, |listed| listed.access);
    let style = if is_selected { Style::new() } else { theme.dim() };
    let spans = vec![
        Span::styled(fold, style),
        Span::styled(format!("{:<room$}", fit(&product_label(product), room.saturating_sub(1))), theme.strong()),
        Span::styled(format!("{:<COUNT_WIDTH$}", format!("{count}/{}", ids.len())), style),
        access_span(theme, access, is_selected),
    ];
    page.row(is_selected, spans);
}

fn add_scope_row(
    page: &mut Page,
    id: &str,
    is_selected: bool,
    (indent, id_width): (&'static str, usize),
    checked: &[String],
) {
    let theme = page.theme;
    let Some(scope) = scopes::find(id) else { return };
    let room = page.width.saturating_sub(2 + indent.len() + 4 + id_width + 2);
    let is_checked = checked.iter().any(|scope| scope == id);
    let mark = if is_checked { Span::styled("[x] ", theme.success()) } else { Span::raw("[ ] ") };
    let style = if is_selected { Style::new() } else { theme.dim() };
    let spans = vec![
        Span::raw(indent),
        mark,
        Span::raw(format!("{:<id_width$}  ", scope.id)),
        Span::styled(fit(scope.grants, room), style),
    ];
    page.row(is_selected, spans);
}

/// A function that returns the sentence about the products that the app must have for scopes.
type ProductsSentence = fn(&[String]) -> String;

/// Returns which products the app must have for scopes that need no approval.
fn products_to_add(checked: &[String]) -> String {
    let products = products::products_for_one_app(checked).unwrap_or_default();
    let names: Vec<String> = products.iter().map(|product| format!("\"{}\"", product.name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!("Your app must have the product {name} (Products tab, added at once)."),
        [first @ .., last] => {
            format!("Your app must have the products {} and {last} (Products tab, added at once).", first.join(", "))
        }
    }
}

/// Returns the same in few words.
pub(super) fn products_to_add_briefly(checked: &[String]) -> String {
    match products::products_for_one_app(checked).unwrap_or_default().as_slice() {
        [] => String::new(),
        [product] => format!("The app's Products tab must list \"{}\".", product.name),
        [_, _] => "The app's Products tab must list both products.".to_owned(),
        all => format!("The app's Products tab must list all {} products.", all.len()),
    }
}

/// Returns the notes about the checked scopes as a whole; `products_to_add` returns the sentence about the products.
pub(super) fn scope_notes(
    state: &State,
    store: &StoreSnapshot,
    (checked, products_to_add): (&[String], ProductsSentence),
    theme: Theme,
) -> Vec<Note> {
    let granted = state.setup.granted_scopes(store);
    if let Err(error) = scopes::check_before_request(checked, &granted) {
        return vec![(theme.error(), format!("{error} {}", error.hint))];
    }
    let unknown = scopes::unknown_warning(checked);
    let has_unknown = unknown.is_some();
    let mut notes: Vec<Note> = unknown.map(|warning| (theme.warning(), warning)).into_iter().collect();
    match products::required_approvals(checked) {
        Some(approvals) => {
            notes.push((theme.warning(), format!("Requires LinkedIn's approval of your app for: {approvals}")));
        }
        None if !has_unknown => {
            // The demo app of the sandbox, and an app that LinkedIn granted the scopes before, have the products.
            let new = scopes::find_missing(checked, &granted);
            let has_products = state.is_sandbox() || new.is_empty();
            let add = if has_products { String::new() } else { format!(" {}", products_to_add(&new)) };
            notes.push((theme.success(), format!("No approval needed.{add}")));
        }
        None => {}
    }
    notes.extend(products::combination_warning(checked).map(|warning| (theme.warning(), warning)));
    notes.extend(scopes::missing_openid_warning(checked).map(|cost| (theme.dim(), cost.to_owned())));
    notes
}
