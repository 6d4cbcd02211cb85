//! `post --front-matter`: publishes an article once.

use std::path::Path;

use serde::Serialize;

use super::args::{Args, build_draft};
use super::sending::{add_first_comment, check_first_comment, print_dry_run, print_published, publish_draft};
use crate::cli::output::printer::Printer;
use crate::flows::front_matter::{Article, State};
use crate::flows::publish;
use crate::session::Session;
use crate::store::Name;
use crate::text::clean;
use crate::{Code, Error, Result};

/// Publishes an article by its front matter. The file is marked before the post is sent: if the result is lost, the next
/// run does not publish it again.
pub(super) fn publish_article(session: &Session, name: &Name, file: &Path, args: Args, printer: Printer) -> Result<()> {
    let (is_dry_run, is_once, comment) = (args.dry_run, args.once, args.first_comment.clone());
    check_first_comment(comment.as_deref())?;
    let mut article = Article::open(file)?;
    match article.state() {
        State::Published(urn) if is_once => return print_already_published(&urn, printer),
        State::Pending if is_once => {
            return Err(Error::new(
                Code::MaybePublished,
                "An earlier run sent this post and did not learn its result: it may have been published.",
                "Look at the author's recent posts. Then set linkedin_urn in the file, or remove it to publish again.",
            ));
        }
        _ => {}
    }
    let draft = article.fill(build_draft(args)?)?;
    if is_dry_run {
        return print_dry_run(session, name, &draft, comment.as_deref(), printer);
    }
    publish::check(&draft)?;
    article.mark_pending()?;
    let mut published = match publish_draft(session, name, draft, comment.as_deref(), printer) {
        Ok(published) => published,
        Err(error) => {
            if !matches!(error.code, Code::MaybePublished | Code::Interrupted) {
                article.mark_unpublished()?;
            }
            return Err(error);
        }
    };
    if let Err(error) = article.mark_published(published.urn.as_deref().unwrap_or("unknown")) {
        // The post is published, whether or not the file could be saved.
        printer.print_status(&format!("warning: the post is published, but its URN is not in the file. {error}"));
    }
    add_first_comment(session, name, &mut published, comment.as_deref(), printer);
    print_published(name, &published, printer)
}

#[derive(Serialize)]
struct AlreadyPublished<'a> {
    urn: &'a str,
    duplicate: bool,
}

fn print_already_published(urn: &str, printer: Printer) -> Result<()> {
    printer.print_status("The article is already published, so nothing was sent.");
    if printer.json {
        return printer.print_json(&AlreadyPublished { urn, duplicate: true });
    }
    printer.print_line(&clean(urn, 200))
}
