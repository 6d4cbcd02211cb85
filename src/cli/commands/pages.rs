//! `pages`: the Pages on which the member has a role.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::Result;
use crate::cli::common_args::OneProfile;
use crate::cli::output::printer::Printer;
use crate::flows::pages::{self, MAX_DETAILED_PAGES, Page};
use crate::session::{Session, block_on};
use crate::text::{clean, columns};

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
    if printer.json {
        return printer.print_json(&pages.iter().map(Row::from).collect::<Vec<_>>());
    }
    if pages.is_empty() {
        printer.print_status("The member has no role on any Page.");
    }
    print_table(&pages, printer)
}

/// Prints a line per Page: whether the token can post, URN, role, name.
fn print_table(pages: &[Page], printer: Printer) -> Result<()> {
    let can_post = |page: &Page| match page.can_post {
        Some(true) => "can post",
        Some(false) => "cannot post",
        None => "unknown",
    };
    let width = |text: fn(&Page) -> &str| pages.iter().map(|page| columns(text(page))).max().unwrap_or(0);
    let (urn, role) = (width(|page| &page.urn), width(|page| &page.role));
    pages.iter().try_for_each(|page| {
        let name = clean(page.name.as_deref().unwrap_or("-"), 60);
        printer.print_line(&format!("{:11}  {:urn$}  {:role$}  {name}", can_post(page), page.urn, page.role))
    })
}
