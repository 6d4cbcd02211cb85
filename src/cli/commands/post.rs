//! `post`: publishes a post, lists the posts published from here, changes or deletes one.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::cli::output::post_progress::PostReporter;
use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use crate::clock::rfc3339;
use crate::flows::permissions;
use crate::flows::publish::{
    self, Attachment, Document, DocumentSource, Draft, Link, Published, Video, parse_post_urn,
};
use crate::linkedin::posts::{MAX_TEXT_UNITS, Poll, PollDuration, Visibility};
use crate::session::{Session, block_on};
use crate::store::{DraftImage, Name, PublishedPost};
use crate::text::clean;
use crate::{Code, Error, Result};

/// Largest text on stdin, in bytes: larger than any post, so that an error can state the length.
const MAX_STDIN_BYTES: u64 = 1024 * 1024;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Text of the post, or - for stdin; no escaping needed
    #[arg(required_unless_present_any = ["delete", "recent", "attachment"], conflicts_with_all = ["delete", "recent"])]
    pub(crate) text: Option<String>,
    /// Who can see the post
    #[arg(long, value_enum, default_value_t = PostVisibility::Public)]
    pub(crate) visibility: PostVisibility,
    /// Author, such as a Page (urn:li:organization:N) [default: the member]
    #[arg(long = "as", value_name = "URN")]
    pub(crate) author: Option<String>,
    /// Link below the text
    #[arg(long, value_name = "URL", groups = ["attachment", "titled", "with_thumbnail"])]
    pub(crate) link: Option<String>,
    /// Title of the link (LinkedIn does not fetch it), document or video
    #[arg(long, value_name = "TEXT", requires = "titled")]
    pub(crate) title: Option<String>,
    /// Description of the link
    #[arg(long, value_name = "TEXT", requires = "link")]
    pub(crate) description: Option<String>,
    /// Image of the link's card, or of the video before it plays
    #[arg(long, value_name = "FILE", requires = "with_thumbnail")]
    pub(crate) thumbnail: Option<PathBuf>,
    /// Image below the text (PNG, JPEG or GIF); repeatable, at most 20
    #[arg(long = "image", value_name = "FILE", group = "attachment")]
    pub(crate) images: Vec<PathBuf>,
    /// Alt text, one per --image, in order
    #[arg(long = "alt", value_name = "TEXT", requires = "images")]
    pub(crate) alts: Vec<String>,
    /// Document below the text (PDF, DOC, DOCX, PPT or PPTX)
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled"])]
    pub(crate) document: Option<PathBuf>,
    /// Image of a carousel, a document with an image a page; repeatable
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled"])]
    pub(crate) carousel: Vec<PathBuf>,
    /// Video below the text (MP4, 75 KB to 500 MB)
    #[arg(long, value_name = "FILE", groups = ["attachment", "titled", "with_thumbnail"])]
    pub(crate) video: Option<PathBuf>,
    /// Captions of the video (WebVTT)
    #[arg(long, value_name = "FILE", requires = "video")]
    pub(crate) captions: Option<PathBuf>,
    /// Poll with this question below the text
    #[arg(long, value_name = "QUESTION", group = "attachment", requires = "options")]
    pub(crate) poll: Option<String>,
    /// Option of the poll; 2 to 4
    #[arg(long = "option", value_name = "TEXT", requires = "poll")]
    pub(crate) options: Vec<String>,
    /// Days that the poll is open
    #[arg(long, value_name = "DAYS", value_parser = ["1", "3", "7", "14"], default_value = "3")]
    pub(crate) poll_days: String,
    /// Reshare a post; its URN or link
    #[arg(long, value_name = "URN", group = "attachment")]
    pub(crate) reshare: Option<String>,
    /// Turn @[Name](urn:li:person:ID) in the text into mentions
    #[arg(long)]
    pub(crate) mentions: bool,
    /// Print the requests without the token, and send nothing
    #[arg(long, conflicts_with_all = ["delete", "recent"])]
    pub(crate) dry_run: bool,
    /// Replace the text of a published post; its URN or link
    #[arg(long, value_name = "URN", conflicts_with_all = ["attachment", "delete", "recent", "dry_run", "author"])]
    pub(crate) edit: Option<String>,
    /// Delete a post; its URN or link
    #[arg(long, value_name = "URN", conflicts_with = "recent")]
    pub(crate) delete: Option<String>,
    /// List the posts that were published from here
    #[arg(long)]
    pub(crate) recent: bool,
}

/// Who can see a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PostVisibility {
    /// Anyone
    Public,
    /// Connections only
    Connections,
}

pub(crate) fn run(session: &Session, args: Args, printer: Printer) -> Result<()> {
    let (name, selected_by) = session.select_profile(None)?;
    if let Some(file) = selected_by {
        printer.print_status(&format!("profile {name}, selected by {}", file.display()));
    }
    if args.recent {
        return print_recent(session, &name, printer);
    }
    if let Some(urn) = &args.delete {
        return delete(session, &name, urn, printer);
    }
    if let Some(urn) = &args.edit {
        return edit(session, &name, urn, &read_text(&args)?, printer);
    }
    let is_dry_run = args.dry_run;
    let draft = build_draft(args)?;
    if is_dry_run {
        return print_dry_run(session, &name, &draft, printer);
    }
    warn_if_not_permitted(session, &name, &draft, printer);
    let reporter = Arc::new(PostReporter::new(printer));
    let events = Arc::clone(&reporter);
    let result = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_foreign_host(&ctx, "publishing");
        Box::pin(publish::publish(&ctx, &name, draft, Arc::new(move |event| events.handle(event)))).await
    });
    let published = result.map_err(|error| match error.code {
        // The usual message, that nothing was changed, would be wrong here.
        Code::Interrupted if reporter.was_sent() => Error::new(
            Code::Interrupted,
            "Interrupted after the post was sent: it may have been published.",
            "Check the author's recent posts on LinkedIn before you post again.",
        ),
        _ => error,
    })?;
    printer.print_warnings(&session.store);
    for warning in &published.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    print_published(&name, &published, printer)
}

/// Warns if the saved permissions do not allow the post. It is sent anyway: only LinkedIn's response decides.
fn warn_if_not_permitted(session: &Session, name: &Name, draft: &Draft, printer: Printer) {
    let Ok(profile) = session.store.without_secrets().profile(name) else { return };
    let Some(probed) = profile.permissions() else { return };
    if let Some(why) = permissions::posting_refusal(&profile, draft.author.as_deref()) {
        let probed_at = rfc3339(probed.at);
        printer.print_status(&format!(
            "warning: LinkedIn may refuse this post (permissions of {probed_at}): {}",
            clean(&why, 300)
        ));
    }
}

fn build_draft(args: Args) -> Result<Draft> {
    if args.alts.len() > args.images.len() {
        return Err(Error::bad_input(
            "There are more --alt than --image options.",
            "Pass one --alt per image, in order.",
        ));
    }
    let text = read_text(&args)?;
    let attachment = build_attachment(&args)?;
    Ok(Draft {
        text,
        visibility: match args.visibility {
            PostVisibility::Public => Visibility::Public,
            PostVisibility::Connections => Visibility::Connections,
        },
        author: args.author,
        attachment,
        has_mentions: args.mentions,
    })
}

/// Returns what is below the text; the options of two kinds exclude each other.
fn build_attachment(args: &Args) -> Result<Attachment> {
    reject_options_of_other_kinds(args)?;
    let title = args.title.clone();
    if let Some(url) = &args.link {
        let link = Link::parse(url, title)?;
        let (description, thumbnail) = (args.description.clone(), args.thumbnail.clone());
        return Ok(Attachment::Link(Link { description, thumbnail, ..link }));
    }
    if let Some(path) = args.document.clone() {
        return Ok(Attachment::Document(Document { source: DocumentSource::File(path), title }));
    }
    if !args.carousel.is_empty() {
        let source = DocumentSource::Images(args.carousel.clone());
        return Ok(Attachment::Document(Document { source, title }));
    }
    if let Some(path) = args.video.clone() {
        let (captions, thumbnail) = (args.captions.clone(), args.thumbnail.clone());
        return Ok(Attachment::Video(Video { path, title, captions, thumbnail }));
    }
    if let Some(question) = args.poll.clone() {
        let duration = args.poll_days.parse().ok().and_then(PollDuration::from_days).unwrap_or_default();
        return Ok(Attachment::Poll(Poll { question, options: args.options.clone(), duration }));
    }
    if let Some(parent) = &args.reshare {
        return Ok(Attachment::Reshare(parent.clone()));
    }
    let mut alts = args.alts.iter().cloned();
    let images = args.images.iter().map(|path| DraftImage { path: path.clone(), alt: alts.next() });
    Ok(Attachment::from_images(images.collect()))
}

/// Rejects an option that the kind of the post does not have: clap does not require an option that conflicts with a
/// present one.
fn reject_options_of_other_kinds(args: &Args) -> Result<()> {
    let (has_link, has_video) = (args.link.is_some(), args.video.is_some());
    let is_titled = has_link || has_video || args.document.is_some() || !args.carousel.is_empty();
    let rejected = [
        (args.title.is_some() && !is_titled, "--title", "--link, --document, --carousel or --video"),
        (args.description.is_some() && !has_link, "--description", "--link"),
        (args.thumbnail.is_some() && !has_link && !has_video, "--thumbnail", "--link or --video"),
        (args.captions.is_some() && !has_video, "--captions", "--video"),
        (!args.options.is_empty() && args.poll.is_none(), "--option", "--poll"),
        (!args.alts.is_empty() && args.images.is_empty(), "--alt", "--image"),
    ];
    match rejected.into_iter().find(|(is_rejected, ..)| *is_rejected) {
        Some((_, option, owner)) => {
            Err(Error::bad_input(format!("{option} is only for {owner}."), format!("Remove {option}.")))
        }
        None => Ok(()),
    }
}

/// Returns the text of the post; `-` is stdin.
fn read_text(args: &Args) -> Result<String> {
    match args.text.as_deref() {
        Some("-") => read_stdin(),
        text => Ok(text.unwrap_or_default().to_owned()),
    }
}

/// Returns the text on stdin without its last newline.
fn read_stdin() -> Result<String> {
    let hint = format!("Pipe in plain text; a post has at most {MAX_TEXT_UNITS} characters.");
    let text = prompt::read_stdin("The text on stdin", MAX_STDIN_BYTES, hint)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn print_dry_run(session: &Session, name: &Name, draft: &Draft, printer: Printer) -> Result<()> {
    let requests = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::plan(&ctx, &session.store.profile(name)?, draft)
    })?;
    printer.print_warnings(&session.store);
    if printer.json {
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
        }
    }
}

#[derive(Serialize)]
struct RecentPost<'a> {
    urn: Option<&'a str>,
    author: &'a str,
    at: String,
    first_line: &'a str,
    deleted_at: Option<String>,
}

impl<'a> RecentPost<'a> {
    fn new(post: &'a PublishedPost) -> Self {
        Self {
            urn: post.urn.as_deref(),
            author: &post.author,
            at: rfc3339(post.at),
            first_line: &post.first_line,
            deleted_at: post.deleted_at.map(rfc3339),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Deleted<'a> {
    pub(crate) urn: &'a str,
    pub(crate) deleted: bool,
}

fn print_published(name: &Name, published: &Published, printer: Printer) -> Result<()> {
    if published.is_duplicate {
        printer
            .print_status("The same text is already published, so LinkedIn created no second post. The existing post:");
    }
    if printer.json {
        return printer.print_json(&PublishResult::new(name, published));
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

fn print_recent(session: &Session, name: &Name, printer: Printer) -> Result<()> {
    session.store.profile(name)?;
    let posts = session.store.posts(name)?;
    printer.print_warnings(&session.store);
    if printer.json {
        return printer.print_json(&posts.iter().map(RecentPost::new).collect::<Vec<_>>());
    }
    for post in &posts {
        let deleted = if post.deleted_at.is_some() { " (deleted)" } else { "" };
        let urn = clean(post.urn.as_deref().unwrap_or("-"), 100);
        printer.print_line(&format!("{}  {urn}  {}{deleted}", rfc3339(post.at), clean(&post.first_line, 100)))?;
    }
    if posts.is_empty() {
        printer.print_status(&format!("No posts yet with the profile {name}."));
    }
    Ok(())
}

#[derive(Serialize)]
struct Edited<'a> {
    urn: &'a str,
    edited: bool,
}

/// Replaces the text of a post.
fn edit(session: &Session, name: &Name, urn: &str, text: &str, printer: Printer) -> Result<()> {
    let urn = parse_post_urn(urn)?;
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::edit(&ctx, name, &urn, text).await
    })?;
    printer.print_warnings(&session.store);
    if printer.json {
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
    if printer.json {
        return printer.print_json(&Deleted { urn: &urn, deleted: true });
    }
    printer.print_status(&format!("Deleted {urn}."));
    Ok(())
}
