//! `post --front-matter`: publishes an article; with `--once`, only if its front matter has no URN.

use std::path::Path;

use serde::Serialize;

use super::args::{Args, build_draft};
use super::sending::{add_first_comment, check_first_comment, print_dry_run, print_published, publish_draft};
use crate::cli::output::printer::Printer;
use crate::flows::front_matter::{ArticleState, LockedArticle};
use crate::flows::publish;
use crate::session::Session;
use crate::store::Name;
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Publishes an article by its front matter. The file is marked before the post is sent: if the result is lost, the next run
/// with `--once` does not publish it again.
pub(super) fn publish_article(session: &Session, name: &Name, file: &Path, args: Args, printer: Printer) -> Result<()> {
    let (is_dry_run, is_once, comment) = (args.dry_run, args.once, args.first_comment.clone());
    check_first_comment(comment.as_deref())?;
    let locked = LockedArticle::open(&session.store, file)?;
    let article = &locked.article;
    let before = article.state();
    match &before {
        ArticleState::Published(urn) if is_once => return print_already_published(urn, printer),
        ArticleState::Pending if is_once => {
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
    article.mark(&ArticleState::Pending)?;
    let mut published = match publish_draft(session, name, draft, comment.as_deref(), printer) {
        Ok(published) => published,
        Err(unconfirmed) => {
            // Without --once the file may have the URN of an earlier post.
            if !unconfirmed.is_maybe_published
                && let Err(unsaved) = article.mark(&before)
            {
                printer.print_status(&format!("warning: nothing is published, but the file says pending. {unsaved}"));
            }
            return Err(unconfirmed.into());
        }
    };
    let urn = published.urn.clone().unwrap_or_else(|| "unknown".to_owned());
    if let Err(error) = article.mark(&ArticleState::Published(urn)) {
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
    if printer.is_json {
        return printer.print_json(&AlreadyPublished { urn, duplicate: true });
    }
    printer.print_line(&sanitize(urn, 200))
}
