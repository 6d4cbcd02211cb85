//! `post`: publishes a post, lists the posts published from here, deletes one.

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
use crate::flows::publish::{self, Attachment, Draft, Link, Published};
use crate::linkedin::posts::{MAX_TEXT_UNITS, Visibility};
use crate::session::{Session, block_on};
use crate::store::{DraftImage, Name, PublishedPost};
use crate::text::clean;
use crate::{Code, Error, Result};

/// Largest text on stdin, in bytes: larger than any post, so that an error can state the length.
const MAX_STDIN_BYTES: u64 = 1024 * 1024;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Text of the post, or - for stdin; no escaping needed
    #[arg(required_unless_present_any = ["delete", "recent"], conflicts_with_all = ["delete", "recent"])]
    pub(crate) text: Option<String>,
    /// Who can see the post
    #[arg(long, value_enum, default_value_t = PostVisibility::Public)]
    pub(crate) visibility: PostVisibility,
    /// Author, such as a Page (urn:li:organization:N) [default: the member]
    #[arg(long = "as", value_name = "URN")]
    pub(crate) author: Option<String>,
    /// Link below the text
    #[arg(long, value_name = "URL", conflicts_with = "images")]
    pub(crate) link: Option<String>,
    /// Title of the link (LinkedIn does not fetch it)
    #[arg(long, value_name = "TEXT", requires = "link")]
    pub(crate) title: Option<String>,
    /// Image below the text (PNG, JPEG or GIF); repeatable, at most 20
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) images: Vec<PathBuf>,
    /// Alt text, one per --image, in order
    #[arg(long = "alt", value_name = "TEXT", requires = "images")]
    pub(crate) alts: Vec<String>,
    /// Turn @[Name](urn:li:person:ID) in the text into mentions
    #[arg(long)]
    pub(crate) mentions: bool,
    /// Print the requests without the token, and send nothing
    #[arg(long, conflicts_with_all = ["delete", "recent"])]
    pub(crate) dry_run: bool,
    /// Delete a post
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
    let text = match args.text {
        Some(text) if text == "-" => read_stdin()?,
        text => text.unwrap_or_default(),
    };
    let mut alts = args.alts.into_iter();
    let attachment = match args.link {
        Some(link) => Attachment::Link(Link::parse(&link, args.title)?),
        None => {
            Attachment::from_images(args.images.into_iter().map(|path| DraftImage { path, alt: alts.next() }).collect())
        }
    };
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
        printer.print_line("Authorization: Bearer ****")?;
        for (header, value) in &request.headers {
            printer.print_line(&format!("{header}: {value}"))?;
        }
        printer.print_line("")?;
        printer.print_line(&request.body)?;
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
            body: serde_json::from_str(&request.body).unwrap_or_else(|_| request.body.as_str().into()),
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

/// Deletes the post with a URN, or with a URL that contains it.
fn delete(session: &Session, name: &Name, urn: &str, printer: Printer) -> Result<()> {
    let urn = urn.find("urn:li:").map_or(urn, |at| &urn[at..]).trim_end_matches('/');
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::delete(&ctx, name, urn).await
    })?;
    printer.print_warnings(&session.store);
    if printer.json {
        return printer.print_json(&Deleted { urn, deleted: true });
    }
    printer.print_status(&format!("Deleted {urn}."));
    Ok(())
}
