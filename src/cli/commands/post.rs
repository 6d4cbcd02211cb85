//! `post`: publishes a post, lists the posts that were published with this program, changes or deletes one.

mod args;
mod article;
pub(crate) mod sending;

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use self::args::{build_draft, read_text};
use self::article::publish_article;
use self::sending::{
    add_first_comment, add_preview, check_first_comment, print_dry_run, print_published, publish_draft,
};
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Cell, Level, Theme, format_recent};
use crate::clock::rfc3339;
use crate::flows::publish::{self, Mentions, NameSource, parse_post_urn};
use crate::session::{Session, block_on};
use crate::store::{Name, PublishedPost};
use crate::text::sanitize;
use crate::{Error, Result};

pub(crate) use self::args::Args;

pub(crate) fn run(session: &Session, args: Args, printer: Printer) -> Result<()> {
    // A profile file of the directory may have selected it: the user, who did not type the name, sees it.
    let (name, selected_by) = session.select_profile(None)?;
    if let Some(file) = selected_by {
        printer.print_status(&format!("profile {name}, selected by {}", file.display()));
    }
    reject_subcommand(&args)?;
    if args.recent {
        return print_recent(session, &name, printer);
    }
    if args.list_mentions {
        return print_known_names(session, &name, printer);
    }
    if let Some(urn) = &args.delete {
        return delete(session, &name, urn, printer);
    }
    if let Some(urn) = &args.edit {
        return edit(session, &name, urn, &read_text(&args)?, printer);
    }
    if let Some(file) = args.front_matter.clone() {
        return publish_article(session, &name, &file, args, printer);
    }
    let (is_dry_run, reads_preview, comment) = (args.dry_run, args.preview_link, args.first_comment.clone());
    check_first_comment(comment.as_deref())?;
    let mut draft = build_draft(args)?;
    // The draft has the path of the downloaded thumbnail, whose file is deleted when this value is dropped.
    let _thumbnail_file = if reads_preview { add_preview(session, &mut draft, printer)? } else { None };
    if is_dry_run {
        return print_dry_run(session, &name, &draft, comment.as_deref(), printer);
    }
    let mut published = publish_draft(session, &name, draft, comment.as_deref(), printer)?;
    add_first_comment(session, &name, &mut published, comment.as_deref(), printer);
    print_published(&name, &published, printer)
}

/// Rejects a text that is the name of a subcommand elsewhere, such as `list`, which was probably meant as one.
fn reject_subcommand(args: &Args) -> Result<()> {
    let Some(word) = args.text.as_deref().filter(|_| args.edit.is_none()) else { return Ok(()) };
    let what = match word {
        "list" | "ls" | "recent" => "List posts with post --recent.",
        "delete" => "Delete a post with post --delete URN.",
        "edit" => "Change a post with post --edit URN TEXT.",
        "show" | "help" => "See post --help.",
        _ => return Ok(()),
    };
    let hint = format!("{what} To publish the word, pass it on stdin: echo {word} | linkedin-tui post -");
    Err(Error::bad_input(format!("\"{word}\" is not a subcommand of post, and was not published."), hint))
}

#[derive(Serialize)]
struct RecentPost<'a> {
    urn: Option<&'a str>,
    author: &'a str,
    at: String,
    first_line: &'a str,
    deleted_at: Option<String>,
    /// Whether it was sent, and LinkedIn's response did not arrive.
    maybe_published: bool,
}

impl<'a> RecentPost<'a> {
    fn new(post: &'a PublishedPost) -> Self {
        Self {
            urn: post.urn.as_deref(),
            author: &post.author,
            at: rfc3339(post.at),
            first_line: &post.first_line,
            deleted_at: post.deleted_at.map(rfc3339),
            maybe_published: post.is_maybe_published,
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Deleted<'a> {
    pub(crate) urn: &'a str,
    pub(crate) deleted: bool,
}

fn print_recent(session: &Session, name: &Name, printer: Printer) -> Result<()> {
    session.store.profile(name)?;
    let posts = session.store.all_posts(name)?;
    printer.print_warnings(&session.store);
    if printer.is_json {
        return printer.print_json(&posts.iter().map(RecentPost::new).collect::<Vec<_>>());
    }
    if posts.is_empty() {
        printer.print_status(&format!("No posts yet with the profile {name}."));
        return Ok(());
    }
    let theme = printer.theme(session);
    if theme.is_terminal {
        let rows = posts.iter().map(|post| recent_cells(post, session.clock.now(), theme));
        return printer.print_table(theme, &["PUBLISHED", "STATE", "TEXT", "URN"], &[2], rows.collect());
    }
    for post in &posts {
        let state = match post.deleted_at {
            Some(_) => " (deleted)",
            None if post.is_maybe_published => " (may have been published)",
            None => "",
        };
        let urn = sanitize(post.urn.as_deref().unwrap_or("-"), 100);
        printer.print_line(&format!("{}  {urn}  {}{state}", rfc3339(post.at), sanitize(post.title(), 100)))?;
    }
    Ok(())
}

fn recent_cells(post: &PublishedPost, now: Timestamp, theme: Theme) -> Vec<Cell> {
    let (level, state) = match post.deleted_at {
        Some(_) => (Level::Neutral, "deleted"),
        None if post.is_maybe_published => (Level::Unknown, "maybe published"),
        None => (Level::Good, "published"),
    };
    let urn = sanitize(post.urn.as_deref().unwrap_or("-"), 100);
    let text = sanitize(post.title(), 100);
    vec![format_recent(post.at, now).into(), theme.marked_cell(level, state), text.into(), urn.into()]
}

#[derive(Serialize)]
struct MentionRow<'a> {
    name: &'a str,
    urn: &'a str,
}

fn print_known_names(session: &Session, name: &Name, printer: Printer) -> Result<()> {
    let known = publish::load_known_names(&session.store, name, NameSource::AllProfiles)?;
    printer.print_warnings(&session.store);
    if printer.is_json {
        let rows: Vec<_> = known.iter().map(|known| MentionRow { name: &known.name, urn: &known.urn }).collect();
        return printer.print_json(&rows);
    }
    if known.is_empty() {
        printer.print_status("No names are known yet.");
        return Ok(());
    }
    let names = known.iter().map(|known| (sanitize(&known.name, 100), known.urn.as_str()));
    let theme = printer.theme(session);
    if theme.is_terminal {
        let rows = names.map(|(name, urn)| vec![name.into(), urn.into()]);
        return printer.print_table(theme, &["NAME", "URN"], &[0], rows.collect());
    }
    names.into_iter().try_for_each(|(name, urn)| printer.print_line(&format!("{urn}  {name}")))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Edited<'a> {
    pub(crate) urn: &'a str,
    pub(crate) edited: bool,
}

/// Replaces the text of a post.
fn edit(session: &Session, name: &Name, urn: &str, text: &str, printer: Printer) -> Result<()> {
    let urn = parse_post_urn(urn)?;
    let warnings = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::edit(&ctx, name, &urn, text, Mentions::IfKnown).await
    })?;
    printer.print_warnings(&session.store);
    for warning in warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    if printer.is_json {
        return printer.print_json(&Edited { urn: &urn, edited: true });
    }
    printer.print_status(&format!("Changed the text of {urn}."));
    Ok(())
}

/// Deletes a post, by its URN or a link to it.
fn delete(session: &Session, name: &Name, urn: &str, printer: Printer) -> Result<()> {
    let urn = parse_post_urn(urn)?;
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::delete(&ctx, name, &urn).await
    })?;
    printer.print_warnings(&session.store);
    if printer.is_json {
        return printer.print_json(&Deleted { urn: &urn, deleted: true });
    }
    printer.print_status(&format!("Deleted {urn}."));
    Ok(())
}
