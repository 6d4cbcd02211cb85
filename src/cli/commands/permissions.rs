//! `permissions`: what the token of a profile permits at LinkedIn.

use serde::Serialize;

use crate::Result;
use crate::cli::common_args::OneProfile;
use crate::cli::output::printer::Printer;
use crate::flows::permissions::probe;
use crate::linkedin::capabilities::Remedy;
use crate::session::{Session, block_on};
use crate::store::{PagePermission, Permission, Profile};
use crate::text::clean;

/// Columns before the evidence: yes or no, and the label of the capability.
const INDENT: usize = 30;

#[derive(Serialize)]
pub(crate) struct Report<'a> {
    profile: &'a str,
    capabilities: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'static str,
    allowed: Option<bool>,
    product: Option<&'a str>,
    evidence: &'a str,
}

impl<'a> From<&'a Profile> for Report<'a> {
    fn from(profile: &'a Profile) -> Self {
        let row = |one: &'a Permission| Row {
            id: one.capability.id(),
            allowed: one.allowed,
            product: one.product.as_deref(),
            evidence: &one.evidence,
        };
        let found = profile.permissions().map(|found| found.list.as_slice()).unwrap_or_default();
        Self { profile: profile.name.as_str(), capabilities: found.iter().map(row).collect() }
    }
}

pub(crate) fn run(session: &Session, args: &OneProfile, printer: Printer) -> Result<()> {
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    let profile = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let profile = probe(&ctx, &name).await?;
        ctx.deliveries.wait_until_finished().await;
        Ok(profile)
    })?;
    if printer.json { printer.print_json(&Report::from(&profile)) } else { print_table(&profile, printer) }
}

fn print_table(profile: &Profile, printer: Printer) -> Result<()> {
    let Some(found) = profile.permissions() else { return Ok(()) };
    for one in &found.list {
        let head = format!("{:8} {}", yes_or_no(one.allowed), one.capability.title());
        printer.print_line(&format!("{head:INDENT$}{}", clean(&one.evidence, 400)))?;
    }
    if !found.pages.is_empty() {
        printer.print_line("\nPages")?;
    }
    for PagePermission { urn, name, role, can_post } in &found.pages {
        let name = clean(name.as_deref().unwrap_or("-"), 60);
        printer.print_line(&format!("  {:8} {urn}  {name}  {}", yes_or_no(Some(*can_post)), clean(role, 60)))?;
    }
    print_remedies(&found.list, printer)
}

/// Prints the products that would turn a "no" into a "yes", each with what it grants.
fn print_remedies(list: &[Permission], printer: Printer) -> Result<()> {
    let needed: Vec<(Remedy, &str)> =
        list.iter().filter_map(|one| Some((one.remedy()?, one.capability.title()))).collect();
    if !needed.is_empty() {
        printer.print_line("\nProducts that would grant it")?;
    }
    for (number, (remedy, _)) in needed.iter().enumerate() {
        let same = |other: &Remedy| other.product == remedy.product;
        if needed[..number].iter().any(|(before, _)| same(before)) {
            continue;
        }
        let titles: Vec<&str> = needed.iter().filter(|(other, _)| same(other)).map(|(_, title)| *title).collect();
        printer.print_line(&format!("  {} ({})", remedy.product, remedy.terms))?;
        printer.print_line(&format!("    {}", titles.join(", ")))?;
        printer.print_line(&format!("    {}", remedy.page))?;
    }
    Ok(())
}

const fn yes_or_no(allowed: Option<bool>) -> &'static str {
    match allowed {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}
