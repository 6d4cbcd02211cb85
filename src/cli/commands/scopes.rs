//! `scopes`: the scopes, products and presets that this version knows.

use serde::Serialize;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Level, Theme};
use crate::linkedin::products::{PRODUCTS, Product, products_with};
use crate::linkedin::scopes::{CATALOG, PRESETS, Preset, RETIRED, Scope, missing_openid_warning};

#[derive(Serialize)]
struct Catalog {
    scopes: Vec<ScopeRow>,
    products: Vec<ProductRow>,
    presets: Vec<PresetRow>,
    retired: Vec<RetiredScope>,
}

#[derive(Serialize)]
struct ScopeRow {
    id: &'static str,
    /// The product that the text output lists it under: the usual one.
    product: &'static str,
    /// Every product that includes it.
    products: Vec<&'static str>,
    access: &'static str,
    grants: &'static str,
}

#[derive(Serialize)]
struct ProductRow {
    name: &'static str,
    access: &'static str,
    needs_own_app: bool,
    condition: Option<&'static str>,
    scopes: &'static [&'static str],
}

#[derive(Serialize)]
struct PresetRow {
    name: &'static str,
    scopes: &'static [&'static str],
    /// The warning about a set without `openid`.
    #[serde(rename = "cost")]
    warning: Option<&'static str>,
}

#[derive(Serialize)]
struct RetiredScope {
    id: &'static str,
    instead: &'static str,
}

impl Catalog {
    fn new() -> Self {
        let scope = |scope: &Scope| ScopeRow {
            id: scope.id,
            product: scope.product,
            products: products_with(scope.id).map(|product| product.name).collect(),
            access: scope.access.label(),
            grants: scope.grants,
        };
        let product = |product: &Product| ProductRow {
            name: product.name,
            access: product.access.label(),
            needs_own_app: product.needs_own_app,
            condition: (!product.condition.is_empty()).then_some(product.condition),
            scopes: product.scopes,
        };
        let preset =
            |preset: &Preset| PresetRow { name: preset.name, scopes: preset.scopes, warning: preset_warning(preset) };
        Self {
            scopes: CATALOG.iter().map(scope).collect(),
            products: PRODUCTS.iter().map(product).collect(),
            presets: PRESETS.iter().map(preset).collect(),
            retired: RETIRED.iter().map(|&(id, instead)| RetiredScope { id, instead }).collect(),
        }
    }
}

pub(crate) fn run(theme: Theme, printer: Printer) -> Result<()> {
    if printer.is_json { printer.print_json(&Catalog::new()) } else { print_catalog(theme, printer) }
}

fn print_catalog(theme: Theme, printer: Printer) -> Result<()> {
    let print_scope = |scope: &Scope| {
        let access = theme.paint(Level::from(scope.access), &format!("{:17}", scope.access.label()));
        let lines = theme.format_hanging(&format!("  {:30} {access}  ", scope.id), 2 + 30 + 1 + 17 + 2, scope.grants);
        lines.iter().try_for_each(|line| printer.print_line(line))
    };
    let print_heading = |text: &str| {
        theme.format_hanging("", 0, text).iter().try_for_each(|line| printer.print_line(&theme.format_heading(line)))
    };
    for (index, product) in PRODUCTS.iter().enumerate() {
        if index > 0 {
            printer.print_line("")?;
        }
        print_heading(&format!("{} ({})", product.name, product.terms()))?;
        let is_listed = |id: &str| CATALOG.iter().any(|scope| scope.id == id && scope.product == product.name);
        CATALOG.iter().filter(|scope| scope.product == product.name).try_for_each(print_scope)?;
        let other_scopes: Vec<&str> = product.scopes.iter().copied().filter(|id| !is_listed(id)).collect();
        if !other_scopes.is_empty() {
            let lines = theme.format_hanging("  also ", 7, &other_scopes.join(" "));
            lines.iter().try_for_each(|line| printer.print_line(line))?;
        }
    }
    printer.print_line("")?;
    print_heading("Scopes without a product")?;
    CATALOG.iter().filter(|scope| products_with(scope.id).next().is_none()).try_for_each(print_scope)?;
    printer.print_line("")?;
    print_heading("Retired by LinkedIn")?;
    for (old, new) in RETIRED {
        let lines = theme.format_hanging(&format!("  {old:30} "), 2 + 30 + 1, &format!("request {new} instead"));
        lines.iter().try_for_each(|line| printer.print_line(line))?;
    }
    printer.print_line("")?;
    print_heading("Presets")?;
    for preset in PRESETS {
        let scopes = preset.scopes.join(" ");
        for (label, text) in
            std::iter::once((preset.title, scopes.as_str())).chain(preset_warning(preset).map(|text| ("", text)))
        {
            let lines = theme.format_hanging(&format!("  {label:15} "), 2 + 15 + 1, text);
            lines.iter().try_for_each(|line| printer.print_line(line))?;
        }
    }
    Ok(())
}

/// Returns the warning about a set of scopes without `openid`.
fn preset_warning(preset: &Preset) -> Option<&'static str> {
    missing_openid_warning(&preset.scopes.iter().map(|&scope| scope.to_owned()).collect::<Vec<_>>())
}
