//! Publishing a post, and what is printed about it.

use std::sync::{Arc, Once};

use jiff::tz::TimeZone;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::cli::output::json::{ErrorDetails, ErrorReport};
use crate::cli::output::post_progress::PostReporter;
use crate::cli::output::printer::Printer;
use crate::clock::{format_minute, rfc3339};
use crate::flows::permissions;
use crate::flows::publish::{self, Attachment, Draft, Published};
use crate::session::{Session, block_on};
use crate::store::Name;
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Why a post is not known to be published.
pub(super) struct Unconfirmed {
    pub(super) error: Box<Error>,
    /// Whether the post was sent, so that it may be published.
    pub(super) is_maybe_published: bool,
}

impl From<Unconfirmed> for Error {
    fn from(unconfirmed: Unconfirmed) -> Self {
        *unconfirmed.error
    }
}

/// Publishes a post and prints the warnings. An error after which it may be published names its first comment too.
pub(super) fn publish_draft(
    session: &Session,
    name: &Name,
    draft: Draft,
    first_comment: Option<&str>,
    printer: Printer,
) -> std::result::Result<Published, Unconfirmed> {
    warn_if_not_permitted(session, name, &draft, printer);
    let reporter = Arc::new(PostReporter::new(printer));
    let events = Arc::clone(&reporter);
    let result = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        // Printed with the first event: the post was checked by then.
        let (note, host_ctx) = (Once::new(), ctx.clone());
        let on_event = move |event| {
            note.call_once(|| printer.print_custom_host_note(&host_ctx, "publishing"));
            events.handle(event);
        };
        Box::pin(publish::publish(&ctx, name, draft, Arc::new(on_event))).await
    });
    let published = result.map_err(|error| {
        let is_interrupted = error.code == Code::Interrupted && reporter.is_sending();
        let is_maybe_published = is_interrupted || error.code == Code::MaybePublished;
        // The usual message, that nothing was changed, would be wrong here.
        let error = if is_interrupted {
            Error::new(
                Code::Interrupted,
                "Interrupted after the post was sent: it may have been published.",
                "Check the author's recent posts on LinkedIn before you post again.",
            )
        } else {
            error
        };
        let error = if is_maybe_published { FirstComment::add_unsent(error, first_comment, printer) } else { error };
        Unconfirmed { error: Box::new(error), is_maybe_published }
    })?;
    printer.print_warnings(&session.store);
    for warning in &published.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    Ok(published)
}

/// Rejects an empty comment before the post is sent.
pub(super) fn check_first_comment(text: Option<&str>) -> Result<()> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(Error::bad_input("The first comment is empty.", "Add a text, or remove --first-comment."))
        }
        _ => Ok(()),
    }
}

/// Comments on the post that was just published, and prints the warnings. The post is published whether or not that works.
pub(super) fn add_first_comment(
    session: &Session,
    name: &Name,
    published: &mut Published,
    text: Option<&str>,
    printer: Printer,
) {
    let Some(text) = text else { return };
    let sent = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        Ok(publish::add_first_comment(&ctx, name, published, text).await)
    });
    let warnings = sent.unwrap_or_else(|error| {
        // The usual message, that nothing was changed, would be wrong here.
        let error = match error.code {
            Code::Interrupted => Error::new(
                Code::Interrupted,
                "Interrupted while it was sent.",
                "Look at the post on LinkedIn before you comment again.",
            ),
            _ => error,
        };
        published.first_comment = Some(publish::FirstComment::Failed(error));
        Vec::new()
    });
    for warning in warnings.into_iter().chain(FirstComment::warning(published, printer)) {
        printer.print_status(&format!("warning: {warning}"));
    }
}

impl FirstComment {
    /// Returns what became of the first comment; `None` without one.
    pub(crate) fn of(published: &Published, printer: Printer) -> Option<Self> {
        let error = match published.first_comment.as_ref()? {
            publish::FirstComment::Failed(error) => Some(ErrorReport::new(error, printer.program_command).error),
            publish::FirstComment::Published | publish::FirstComment::NotSent => None,
        };
        Some(Self { published: published.first_comment == Some(publish::FirstComment::Published), error })
    }

    /// Adds to an error after which the post may be published that its first comment was not sent.
    pub(crate) fn add_unsent(mut error: Error, text: Option<&str>, printer: Printer) -> Error {
        if let Some(text) = text {
            let comment = printer.command("comment URL TEXT");
            let text = sanitize(text, 60);
            error.hint = format!(
                "{} Its first comment \"{text}\" was not sent. If the post is there, send it: {comment}.",
                error.hint
            );
        }
        error
    }

    /// Returns that the first comment is missing, or may be.
    pub(crate) fn warning(published: &Published, printer: Printer) -> Option<String> {
        let outcome = published.first_comment.as_ref()?;
        match outcome {
            publish::FirstComment::Published => None,
            publish::FirstComment::NotSent => {
                let post = published.urn.as_deref().unwrap_or("URL");
                let comment = printer.command(format_args!("comment {post} TEXT"));
                Some(format!("the first comment was not sent: the post existed already. To send it: {comment}"))
            }
            publish::FirstComment::Failed(error) => {
                let verb = if outcome.is_maybe_published() { "may be missing" } else { "is not" };
                let what = printer.summarize(error);
                Some(format!("the post is published, but its first comment {verb}. {what}"))
            }
        }
    }
}

/// Fills in the title, the description and the thumbnail that no option sets from the linked page. Returns the file of the
/// thumbnail.
pub(super) fn add_preview(session: &Session, draft: &mut Draft, printer: Printer) -> Result<Option<NamedTempFile>> {
    let Attachment::Link(link) = &mut draft.attachment else { return Ok(None) };
    let (thumbnail_file, warning) = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::add_link_metadata(&ctx, link).await
    })?;
    if let Some(warning) = warning {
        printer.print_status(&format!("warning: {warning}"));
    }
    Ok(thumbnail_file)
}

/// Warns if the saved permissions do not allow the post. It is sent anyway: only LinkedIn's response decides.
fn warn_if_not_permitted(session: &Session, name: &Name, draft: &Draft, printer: Printer) {
    let Ok(profile) = session.store.without_secrets().profile(name) else { return };
    let Some(probed) = profile.permissions() else { return };
    if let Some(denial) = permissions::posting_denial(&profile, draft.author.as_deref()) {
        let probed_at = format_minute(probed.at, &TimeZone::system());
        printer.print_status(&format!(
            "warning: LinkedIn may refuse this post (permissions of {probed_at}): {}",
            sanitize(&denial.reason, 300)
        ));
    }
}

pub(super) fn print_dry_run(
    session: &Session,
    name: &Name,
    draft: &Draft,
    first_comment: Option<&str>,
    printer: Printer,
) -> Result<()> {
    let requests = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::plan(&ctx, &session.store.profile(name)?, draft, first_comment)
    })?;
    printer.print_warnings(&session.store);
    if printer.is_json {
        let requests = requests.iter().map(PlannedRequest::new).collect();
        return printer.print_json(&DryRun { dry_run: true, requests });
    }
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            printer.print_line("")?;
        }
        printer.print_line(&format!("{} {}", request.method, request.url))?;
        if request.has_token {
            printer.print_line("Authorization: Bearer ****")?;
        }
        for (header, value) in &request.headers {
            printer.print_line(&format!("{header}: {value}"))?;
        }
        if !request.body.is_empty() {
            printer.print_line("")?;
            printer.print_line(&request.body)?;
        }
    }
    printer.print_status("Nothing was sent.");
    Ok(())
}

#[derive(Serialize)]
struct DryRun<'a> {
    dry_run: bool,
    requests: Vec<PlannedRequest<'a>>,
}

#[derive(Serialize)]
struct PlannedRequest<'a> {
    method: &'a str,
    url: &'a str,
    headers: serde_json::Map<String, Value>,
    body: Value,
}

impl<'a> PlannedRequest<'a> {
    fn new(request: &'a publish::PlannedRequest) -> Self {
        Self {
            method: request.method,
            url: &request.url,
            headers: request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect(),
            body: match request.body.as_str() {
                "" => Value::Null,
                body => serde_json::from_str(body).unwrap_or_else(|_| body.into()),
            },
        }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct PublishResult<'a> {
    urn: Option<&'a str>,
    url: Option<&'a str>,
    duplicate: bool,
    visibility: Option<String>,
    author: &'a str,
    profile: &'a str,
    /// The kind of the post, as [`Attachment::name`] names it.
    kind: &'static str,
    images: usize,
    legacy: bool,
    published_at: Option<String>,
    /// Absent without a first comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_comment: Option<FirstComment>,
}

/// The result of a first comment.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct FirstComment {
    published: bool,
    /// `null` where it was not sent because the post existed already.
    error: Option<ErrorDetails>,
}

impl<'a> PublishResult<'a> {
    pub(crate) fn new(name: &'a Name, published: &'a Published) -> Self {
        Self {
            urn: published.urn.as_deref(),
            url: published.url.as_deref(),
            duplicate: published.is_duplicate,
            // LinkedIn does not report the visibility of the existing post.
            visibility: (!published.is_duplicate).then(|| published.visibility.as_str().to_ascii_lowercase()),
            author: &published.author,
            profile: name.as_str(),
            kind: published.kind,
            images: published.images,
            legacy: published.is_legacy,
            published_at: (!published.is_duplicate).then(|| rfc3339(published.at)),
            first_comment: None,
        }
    }
}

pub(super) fn print_published(name: &Name, published: &Published, printer: Printer) -> Result<()> {
    if published.is_duplicate {
        printer
            .print_status("The same text is already published, so LinkedIn created no second post. The existing post:");
    }
    if printer.is_json {
        let first_comment = FirstComment::of(published, printer);
        return printer.print_json(&PublishResult { first_comment, ..PublishResult::new(name, published) });
    }
    match (&published.urn, &published.url) {
        (Some(urn), Some(url)) => {
            printer.print_line(urn)?;
            printer.print_line(url)
        }
        _ if published.is_duplicate => {
            printer.print_status("LinkedIn did not report its URN.");
            Ok(())
        }
        _ => {
            printer.print_status("Published. LinkedIn did not report the URN; find the post on the author's page.");
            Ok(())
        }
    }
}
