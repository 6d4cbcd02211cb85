//! `comment`: comments on a post, changes a comment or deletes one.

use std::cell::Cell;

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::commands::post::{Deleted, Edited};
use crate::cli::commands::react::note_denial;
use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use crate::flows::social::{self, CommentEvent, Commented};
use crate::linkedin::capabilities::Capability;
use crate::session::{Session, block_on};
use crate::store::Name;
use crate::{Code, Error, Result};

/// Largest text on stdin, in bytes: larger than any comment.
const MAX_STDIN_BYTES: u64 = 1024 * 1024;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Post: its URN, or a link to it; with --edit, the text
    #[arg(value_name = "URN|URL", required_unless_present_any = ["edit", "delete"], conflicts_with = "delete")]
    pub(crate) post: Option<String>,
    /// Text of the comment, or - for stdin; no escaping needed
    #[arg(required_unless_present_any = ["edit", "delete"], conflicts_with_all = ["edit", "delete"])]
    pub(crate) text: Option<String>,
    /// Who comments, such as a Page (urn:li:organization:N) [default: the member]
    #[arg(long = "as", value_name = "URN")]
    pub(crate) actor: Option<String>,
    /// Replace the text of a comment; its URN or link
    #[arg(long, value_name = "URN", conflicts_with = "delete")]
    pub(crate) edit: Option<String>,
    /// Delete a comment; its URN or link
    #[arg(long, value_name = "URN")]
    pub(crate) delete: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct CommentResult<'a> {
    urn: Option<&'a str>,
    post: &'a str,
    url: &'a str,
}

impl<'a> CommentResult<'a> {
    pub(crate) fn new(commented: &'a Commented) -> Self {
        Self { urn: commented.urn.as_deref(), post: &commented.post, url: &commented.url }
    }
}

pub(crate) fn run(session: &Session, args: Args, printer: Printer) -> Result<()> {
    let (name, selected_by) = session.select_profile(None)?;
    if let Some(file) = selected_by {
        printer.print_status(&format!("profile {name}, selected by {}", file.display()));
    }
    // With --edit, the text is the only argument.
    let (post, text) = if args.edit.is_some() { (None, args.post) } else { (args.post, args.text) };
    let text = if text.as_deref() == Some("-") { read_stdin()? } else { text.unwrap_or_default() };
    if let Some(comment) = args.edit.as_deref().or(args.delete.as_deref()) {
        let text = args.edit.is_some().then_some(text.as_str());
        note_denial(session, &name, Capability::Comment, args.actor.as_deref(), printer);
        return change(session, &name, comment, text, args.actor.as_deref(), printer);
    }
    let post = social::parse_post(&post.unwrap_or_default())?;
    note_denial(session, &name, Capability::Comment, args.actor.as_deref(), printer);
    let was_sent = Cell::new(false);
    let on_event = |event| match event {
        CommentEvent::Sending => was_sent.set(true),
        CommentEvent::FallingBack(api) => printer.print_status(&format!(
            "note: LinkedIn does not permit this app to comment by {}; trying {}.",
            api.other().path(),
            api.path()
        )),
    };
    let result = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_custom_host_note(&ctx, "commenting");
        Box::pin(social::comment(&ctx, &name, &post, &text, args.actor.as_deref(), &on_event)).await
    });
    let commented = result.map_err(|error| match error.code {
        // The usual message, that nothing was changed, would be wrong here.
        Code::Interrupted if was_sent.get() => Error::new(
            Code::Interrupted,
            "Interrupted after the comment was sent: it may have been published.",
            "Look at the post on LinkedIn before you comment again.",
        ),
        _ => error,
    })?;
    printer.print_warnings(&session.store);
    for warning in &commented.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    print(&commented, printer)
}

/// Replaces the text of a comment, or deletes it without one.
fn change(
    session: &Session,
    name: &Name,
    comment: &str,
    text: Option<&str>,
    actor: Option<&str>,
    printer: Printer,
) -> Result<()> {
    let urn = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_custom_host_note(&ctx, "changing a comment");
        Box::pin(social::change_comment(&ctx, name, comment, text, actor)).await
    })?;
    printer.print_warnings(&session.store);
    match (printer.is_json, text) {
        (true, Some(_)) => printer.print_json(&Edited { urn: &urn, edited: true })?,
        (true, None) => printer.print_json(&Deleted { urn: &urn, deleted: true })?,
        (false, Some(_)) => printer.print_status(&format!("Changed the text of {urn}.")),
        (false, None) => printer.print_status(&format!("Deleted {urn}.")),
    }
    Ok(())
}

/// Returns the text on stdin without its last newline.
fn read_stdin() -> Result<String> {
    let text = prompt::read_stdin("The text on stdin", MAX_STDIN_BYTES, "Pipe in plain text.".to_owned())?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn print(commented: &Commented, printer: Printer) -> Result<()> {
    if printer.is_json {
        return printer.print_json(&CommentResult::new(commented));
    }
    match &commented.urn {
        Some(urn) => printer.print_line(urn)?,
        None => printer.print_status("Published. LinkedIn did not report the URN of the comment."),
    }
    printer.print_line(&commented.url)
}
