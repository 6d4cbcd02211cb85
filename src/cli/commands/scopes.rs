//! `scopes`: the catalogue.

use std::process::ExitCode;

use serde_json::json;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::linkedin::products::{PRODUCTS, products_with};
use crate::linkedin::scopes::{CATALOGUE, PRESETS, Preset, RETIRED, Scope, cost_without_openid};

pub(crate) fn run(printer: Printer) -> Result<ExitCode> {
    if printer.json { as_json(printer) } else { as_text(printer) }?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(printer: Printer) -> Result<()> {
    let scope = |row: &Scope| {
        let products: Vec<_> = products_with(row.id).map(|product| product.name).collect();
        let access = row.access.label();
        json!({"id": row.id, "product": row.product, "products": products, "access": access, "grants": row.grants})
    };
    let products = PRODUCTS.iter().map(|product| {
        json!({
            "name": product.name,
            "access": product.access.label(),
            "needs_own_app": product.needs_own_app,
            "condition": (!product.condition.is_empty()).then_some(product.condition),
            "scopes": product.scopes,
        })
    });
    let presets =
        PRESETS.iter().map(|preset| json!({"name": preset.name, "scopes": preset.scopes, "cost": cost(preset)}));
    printer.value(&json!({
        "scopes": CATALOGUE.iter().map(scope).collect::<Vec<_>>(),
        "products": products.collect::<Vec<_>>(),
        "presets": presets.collect::<Vec<_>>(),
        "retired": RETIRED.iter().map(|(old, new)| json!({"id": old, "instead": new})).collect::<Vec<_>>(),
    }))
}

fn as_text(printer: Printer) -> Result<()> {
    let row = |row: &Scope| printer.data(&format!("  {:30} {:17}  {}", row.id, row.access.label(), row.grants));
    for (number, product) in PRODUCTS.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        printer.data(&format!("{gap}{} ({})", product.name, product.terms()))?;
        let own = |id: &str| CATALOGUE.iter().find(|row| row.id == id && row.product == product.name);
        CATALOGUE.iter().filter(|one| one.product == product.name).try_for_each(row)?;
        let also: Vec<&str> = product.scopes.iter().copied().filter(|id| own(id).is_none()).collect();
        if !also.is_empty() {
            printer.data(&format!("  also {}", also.join(" ")))?;
        }
    }
    printer.data("\nNo product in the portal")?;
    CATALOGUE.iter().filter(|one| products_with(one.id).next().is_none()).try_for_each(row)?;
    printer.data("\nRetired by LinkedIn")?;
    for (old, new) in RETIRED {
        printer.data(&format!("  {old:30} ask for {new} instead"))?;
    }
    printer.data("\nPresets")?;
    for preset in PRESETS {
        printer.data(&format!("  {:15} {}", preset.name, preset.scopes.join(" ")))?;
        if let Some(cost) = cost(preset) {
            printer.data(&format!("  {:15} {cost}", ""))?;
        }
    }
    Ok(())
}

fn cost(preset: &Preset) -> Option<&'static str> {
    cost_without_openid(&preset.scopes.iter().map(|&scope| scope.to_owned()).collect::<Vec<_>>())
}
