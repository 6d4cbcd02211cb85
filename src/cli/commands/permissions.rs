//! `permissions`: what the token of a profile permits at LinkedIn.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::Result;
use crate::cli::commands::pages;
use crate::cli::common_args::OneProfile;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Cell, Theme, yes_or_no};
use crate::flows::permissions::probe;
use crate::linkedin::capabilities::Remedy;
use crate::linkedin::products::USE_SECOND_PROFILE;
use crate::session::{Session, block_on};
use crate::store::{PagePermission, Permission, Permissions, Profile};
use crate::text::{columns, sanitize};

/// Columns before the evidence: yes or no, and the title of the capability.
const EVIDENCE_COLUMN: usize = 30;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Report<'a> {
    profile: &'a str,
    capabilities: Vec<Row<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Row<'a> {
    id: &'static str,
    allowed: Option<bool>,
    product: Option<&'a str>,
    evidence: &'a str,
}

impl<'a> From<&'a Profile> for Report<'a> {
    fn from(profile: &'a Profile) -> Self {
        let row = |permission: &'a Permission| Row {
            id: permission.capability.id(),
            allowed: permission.allowed,
            product: permission.product.as_deref(),
            evidence: &permission.evidence,
        };
        let permissions = profile.permissions().map(|probed| probed.list.as_slice()).unwrap_or_default();
        Self { profile: profile.name.as_str(), capabilities: permissions.iter().map(row).collect() }
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
    if printer.is_json {
        printer.print_json(&Report::from(&profile))
    } else {
        print_permissions(&profile, printer.theme(session), printer)
    }
}

fn print_permissions(profile: &Profile, theme: Theme, printer: Printer) -> Result<()> {
    let Some(probed) = profile.permissions() else { return Ok(()) };
    if theme.is_terminal { print_tables(probed, theme, printer) } else { print_lines(probed, printer) }?;
    print_remedies(probed, theme, printer)
}

fn print_tables(probed: &Permissions, theme: Theme, printer: Printer) -> Result<()> {
    let rows = probed.list.iter().map(|permission| {
        let evidence = Cell::from(sanitize(&permission.reason(), 400)).wrapped();
        vec![theme.yes_or_no_cell(permission.allowed), permission.capability.title().into(), evidence]
    });
    printer.print_table(theme, &["ALLOWED", "CAPABILITY", "EVIDENCE"], &[2], rows.collect())?;
    if probed.pages.is_empty() {
        return Ok(());
    }
    printer.print_line("")?;
    let rows = probed.pages.iter().map(|PagePermission { urn, name, role, can_post }| {
        (Some(*can_post), name.as_deref(), role.as_str(), urn.as_str())
    });
    pages::print_table(rows, theme, printer)
}

fn print_lines(probed: &Permissions, printer: Printer) -> Result<()> {
    for permission in &probed.list {
        let title = permission.capability.title();
        let pad = EVIDENCE_COLUMN.saturating_sub(9 + columns(title));
        let (allowed, evidence) = (yes_or_no(permission.allowed), sanitize(&permission.reason(), 400));
        printer.print_line(&format!("{allowed:8} {title}{:pad$}{evidence}", ""))?;
    }
    if !probed.pages.is_empty() {
        printer.print_line("\nPages")?;
    }
    for PagePermission { urn, name, role, can_post } in &probed.pages {
        let name = sanitize(name.as_deref().unwrap_or("-"), 60);
        printer.print_line(&format!("  {:8} {urn}  {name}  {}", yes_or_no(Some(*can_post)), sanitize(role, 60)))?;
    }
    Ok(())
}

/// Prints the products that grant the missing capabilities, each with those that it adds.
fn print_remedies(probed: &Permissions, theme: Theme, printer: Printer) -> Result<()> {
    let remedy = |permission: &Permission| Some((permission.remedy(&probed.scopes)?, permission.capability.title()));
    let needed: Vec<(Remedy, &str)> = probed.list.iter().filter_map(remedy).collect();
    let print = |indent: usize, text: &str| {
        let lines = theme.format_hanging(&" ".repeat(indent), indent, text);
        lines.iter().try_for_each(|line| printer.print_line(line))
    };
    if !needed.is_empty() {
        printer.print_line("\nProducts that grant the missing capabilities")?;
    }
    for (number, (remedy, _)) in needed.iter().enumerate() {
        let has_same_product = |other: &Remedy| other.product == remedy.product;
        if needed[..number].iter().any(|(earlier, _)| has_same_product(earlier)) {
            continue;
        }
        let titles: Vec<&str> =
            needed.iter().filter(|(other, _)| has_same_product(other)).map(|(_, title)| *title).collect();
        print(2, &remedy.product_with_terms())?;
        print(4, &titles.join(", "))?;
        print(4, remedy.portal_url)?;
        if needed.iter().any(|(other, _)| has_same_product(other) && other.needs_second_profile) {
            print(4, USE_SECOND_PROFILE)?;
        }
    }
    Ok(())
}
