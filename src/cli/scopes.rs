//! `scopes`: the catalogue.

use std::process::ExitCode;

use serde_json::json;

use super::args::Json;
use super::printer::Printer;
use crate::Result;
use crate::linkedin::scopes::{Access, CATALOGUE, PRESETS, RETIRED};

const fn word(access: Access) -> &'static str {
    match access {
        Access::SelfServe => "self-serve",
        Access::Approval => "approval",
        Access::Closed => "closed",
    }
}

pub(super) fn run(args: Json, printer: Printer) -> Result<ExitCode> {
    if args.json {
        let scopes: Vec<_> = CATALOGUE
            .iter()
            .map(|row| json!({"id": row.id, "product": row.product, "access": word(row.access), "grants": row.grants}))
            .collect();
        let presets: Vec<_> = PRESETS.iter().map(|one| json!({"name": one.name, "scopes": one.scopes})).collect();
        let retired: Vec<_> = RETIRED.iter().map(|(old, new)| json!({"id": old, "instead": new})).collect();
        printer.value(&json!({"scopes": scopes, "presets": presets, "retired": retired}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut product = "";
    for row in CATALOGUE {
        if row.product != product {
            product = row.product;
            printer.data(&format!("\n{product}"))?;
        }
        printer.data(&format!("  {:30} {:10}  {}", row.id, word(row.access), row.grants))?;
    }
    printer.data("\nRetired by LinkedIn")?;
    for (old, new) in RETIRED {
        printer.data(&format!("  {old:30} ask for {new} instead"))?;
    }
    Ok(ExitCode::SUCCESS)
}
