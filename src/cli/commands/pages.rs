//! `pages`: the Pages on which the member has a role.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::Result;
use crate::cli::common_args::OneProfile;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Cell, Theme};
use crate::flows::pages::{self, MAX_DETAILED_PAGES, Page};
use crate::session::{Session, block_on};
use crate::text::{columns, sanitize};

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Row<'a> {
    name: Option<&'a str>,
    urn: &'a str,
    role: &'a str,
    can_post: Option<bool>,
}

impl<'a> From<&'a Page> for Row<'a> {
    fn from(page: &'a Page) -> Self {
        Self { name: page.name.as_deref(), urn: &page.urn, role: &page.role, can_post: page.can_post }
    }
}

pub(crate) fn run(session: &Session, args: &OneProfile, printer: Printer) -> Result<()> {
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    let pages = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        Box::pin(pages::list(&ctx, &name)).await
    })?;
    if pages.len() > MAX_DETAILED_PAGES {
        printer.print_status(&format!(
            "note: names, and whether the token can post, are requested for the first {MAX_DETAILED_PAGES} of {} Pages only.",
            pages.len()
        ));
    }
    if printer.is_json {
        return printer.print_json(&pages.iter().map(Row::from).collect::<Vec<_>>());
    }
    if pages.is_empty() {
        printer.print_status("The member has no role on any Page.");
    }
    print_list(&pages, printer.theme(session), printer)
}

/// A Page in a table for a terminal: whether the token can post as it, name, role and URN.
type PageRow<'a> = (Option<bool>, Option<&'a str>, &'a str, &'a str);

/// Prints a table of Pages, for a terminal.
pub(super) fn print_table<'a>(pages: impl Iterator<Item = PageRow<'a>>, theme: Theme, printer: Printer) -> Result<()> {
    let rows = pages.map(|(can_post, name, role, urn)| -> Vec<Cell> {
        let name = sanitize(name.unwrap_or("-"), 60);
        vec![theme.yes_or_no_cell(can_post), name.into(), sanitize(role, 60).into(), sanitize(urn, 100).into()]
    });
    printer.print_table(theme, &["CAN POST", "PAGE", "ROLE", "URN"], &[1, 2], rows.collect())
}

/// Prints the Pages: a table on a terminal, else a line each with whether the token can post, URN, role and name.
fn print_list(pages: &[Page], theme: Theme, printer: Printer) -> Result<()> {
    if theme.is_terminal && !pages.is_empty() {
        let rows =
            pages.iter().map(|page| (page.can_post, page.name.as_deref(), page.role.as_str(), page.urn.as_str()));
        return print_table(rows, theme, printer);
    }
    let can_post = |page: &Page| match page.can_post {
        Some(true) => "can post",
        Some(false) => "cannot post",
        None => "unknown",
    };
    let width = |text: fn(&Page) -> &str| pages.iter().map(|page| columns(text(page))).max().unwrap_or(0);
    let (urn, role) = (width(|page| &page.urn), width(|page| &page.role));
    pages.iter().try_for_each(|page| {
        let name = sanitize(page.name.as_deref().unwrap_or("-"), 60);
        printer.print_line(&format!("{:11}  {:urn$}  {:role$}  {name}", can_post(page), page.urn, page.role))
    })
}
