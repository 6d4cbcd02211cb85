//! `post`: publish, list what was published from here, delete.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::{Value, json};
use url::Url;

use crate::cli::output::post_progress::Talk;
use crate::cli::output::printer::Printer;
use crate::clock::rfc3339;
use crate::error::io_reason;
use crate::files;
use crate::flows::permissions;
use crate::flows::publish::{self, Draft, Link, Picture, Planned, Published};
use crate::linkedin::posts::{MAX_TEXT_UNITS, Visibility};
use crate::session::{Session, block_on};
use crate::store::{Name, Posted};
use crate::text::clean;
use crate::{Code, Error, Result};

/// Most bytes of stdin that are read: far more than a post has, so that its true length can be told.
const MAX_STDIN_BYTES: u64 = 1024 * 1024;

/// `post`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The text; `-` reads it from stdin. Special characters need no escaping
    #[arg(required_unless_present_any = ["delete", "recent"], conflicts_with_all = ["delete", "recent"])]
    pub text: Option<String>,
    /// Who sees it
    #[arg(long, value_enum, default_value_t = Seen::Public)]
    pub visibility: Seen,
    /// The author, when it is not the member: a page you may post for (urn:li:organization:N)
    #[arg(long = "as", value_name = "URN")]
    pub author: Option<String>,
    /// A link below the text
    #[arg(long, value_name = "URL", conflicts_with = "images")]
    pub link: Option<String>,
    /// What the link's card says; LinkedIn reads nothing from the page itself
    #[arg(long, value_name = "TEXT", requires = "link")]
    pub title: Option<String>,
    /// An image below the text (PNG, JPEG, GIF); repeatable, at most 20
    #[arg(long = "image", value_name = "FILE")]
    pub images: Vec<PathBuf>,
    /// What an image shows; the first one is for the first image, and so on
    #[arg(long = "alt", value_name = "TEXT", requires = "images")]
    pub alts: Vec<String>,
    /// Turn `@[Name](urn:li:person:ID)` in the text into a mention of that member or organization
    #[arg(long)]
    pub mentions: bool,
    /// Print the exact requests, without the token, and send nothing
    #[arg(long, conflicts_with_all = ["delete", "recent"])]
    pub dry_run: bool,
    /// Delete a post
    #[arg(long, value_name = "URN", conflicts_with = "recent")]
    pub delete: Option<String>,
    /// List the posts made here with the profile
    #[arg(long)]
    pub recent: bool,
}

/// Who sees a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Seen {
    /// Anyone
    Public,
    /// The author's connections
    Connections,
}

pub(crate) fn run(session: &Session, args: Args, printer: Printer) -> Result<ExitCode> {
    let (name, chosen_by) = session.chosen(None)?;
    if let Some(file) = chosen_by {
        printer.status(&format!("profile {name}, chosen by {}", file.display()));
    }
    if args.recent {
        return recent(session, &name, printer);
    }
    if let Some(urn) = &args.delete {
        return delete(session, &name, urn, printer);
    }
    let dry = args.dry_run;
    let draft = draft(args)?;
    if dry {
        return dry_run(session, &name, &draft, printer);
    }
    warn_of_refusal(session, &name, &draft, printer);
    let talk = Arc::new(Talk::new(printer));
    let told = Arc::clone(&talk);
    let ended = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        talk.host(&ctx);
        publish::publish(&ctx, &name, draft, Arc::new(move |event| told.tell(event))).await
    });
    talk.end();
    let published = ended.map_err(|error| match error.code {
        // The usual words, that nothing was left half done, would not be true here.
        Code::Interrupted if talk.was_sent() => Error::new(
            Code::Interrupted,
            "Interrupted after the post was sent: it may have been published.",
            "Look at the author's recent posts on LinkedIn before you post again.",
        ),
        _ => error,
    })?;
    printer.warnings(&session.store);
    for remark in &published.remarks {
        printer.status(&format!("note: {remark}"));
    }
    print(&name, &published, printer)?;
    Ok(ExitCode::SUCCESS)
}

/// Says beforehand what LinkedIn refused when it was last asked; only its answer to this post decides.
fn warn_of_refusal(session: &Session, name: &Name, draft: &Draft, printer: Printer) {
    let Ok(profile) = session.store.without_secrets().profile(name) else { return };
    let Some(found) = profile.permissions() else { return };
    if let Some(why) = permissions::refusal(&profile, draft.author.as_deref()) {
        let at = rfc3339(found.at);
        printer.status(&format!("warning: LinkedIn may refuse this post (permissions of {at}): {}", clean(&why, 300)));
    }
}

fn draft(args: Args) -> Result<Draft> {
    if args.alts.len() > args.images.len() {
        return Err(Error::bad_input("There are more --alt than --image.", "Give one --alt for each image, in order."));
    }
    let text = match args.text {
        Some(text) if text == "-" => from_stdin()?,
        text => text.unwrap_or_default(),
    };
    let link = match args.link {
        None => None,
        Some(link) => Some(Link {
            url: Url::parse(&link)
                .map_err(|_| Error::bad_input("The link is no web address.", "Give a whole one, https://..."))?,
            title: args.title,
        }),
    };
    let mut alts = args.alts.into_iter();
    Ok(Draft {
        text,
        visibility: match args.visibility {
            Seen::Public => Visibility::Public,
            Seen::Connections => Visibility::Connections,
        },
        author: args.author,
        link,
        images: args.images.into_iter().map(|path| Picture { path, alt: alts.next() }).collect(),
        mentions: args.mentions,
    })
}

/// The text without the newline that ends a file.
fn from_stdin() -> Result<String> {
    let text = files::read_stream(std::io::stdin().lock(), MAX_STDIN_BYTES).and_then(files::decode);
    let text = text.map_err(|error| {
        Error::bad_input(
            format!("The text on stdin cannot be used: {}.", io_reason(&error)),
            format!("Pipe plain text in; a post has at most {MAX_TEXT_UNITS} characters."),
        )
    })?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn dry_run(session: &Session, name: &Name, draft: &Draft, printer: Printer) -> Result<ExitCode> {
    let requests = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::plan(&ctx, &session.store.profile(name)?, draft)
    })?;
    printer.warnings(&session.store);
    if printer.json {
        printer.value(&json!({ "dry_run": true, "requests": requests.iter().map(as_json).collect::<Vec<_>>() }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for (index, request) in requests.iter().enumerate() {
        if index > 0 {
            printer.data("")?;
        }
        printer.data(&format!("{} {}", request.method, request.url))?;
        printer.data("Authorization: Bearer ****")?;
        for (header, value) in &request.headers {
            printer.data(&format!("{header}: {value}"))?;
        }
        printer.data("")?;
        printer.data(&request.body)?;
    }
    printer.status("Nothing was sent.");
    Ok(ExitCode::SUCCESS)
}

fn as_json(request: &Planned) -> Value {
    let headers: serde_json::Map<String, Value> =
        request.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let body = serde_json::from_str(&request.body).unwrap_or_else(|_| json!(request.body));
    json!({ "method": request.method, "url": request.url, "headers": headers, "body": body })
}

/// A published post as JSON.
pub(crate) fn value(name: &Name, published: &Published) -> Value {
    json!({
        "urn": published.urn,
        "url": published.url,
        "duplicate": published.duplicate,
        // LinkedIn says nothing of the post that it published earlier.
        "visibility": (!published.duplicate).then(|| published.visibility.as_str().to_ascii_lowercase()),
        "author": published.author,
        "profile": name.as_str(),
        "images": published.images,
        "legacy": published.legacy,
        "published_at": (!published.duplicate).then(|| rfc3339(published.at)),
    })
}

fn print(name: &Name, published: &Published, printer: Printer) -> Result<()> {
    if printer.json {
        return printer.value(&value(name, published));
    }
    if published.duplicate {
        printer.status("The same text is live already, so LinkedIn made no second post. This is the one:");
    }
    match (&published.urn, &published.url) {
        (Some(urn), Some(url)) => {
            printer.data(urn)?;
            printer.data(url)
        }
        _ if published.duplicate => {
            printer.status("LinkedIn did not say which one.");
            Ok(())
        }
        _ => {
            printer.status(
                "The post is published. LinkedIn did not say under which URN; you find it on the author's page.",
            );
            Ok(())
        }
    }
}

fn recent(session: &Session, name: &Name, printer: Printer) -> Result<ExitCode> {
    session.store.profile(name)?;
    let posts = session.store.posts(name)?;
    printer.warnings(&session.store);
    if printer.json {
        let row = |post: &Posted| {
            json!({
                "urn": post.urn,
                "author": post.author,
                "at": rfc3339(post.at),
                "first_line": post.first_line,
                "deleted_at": post.deleted_at.map(rfc3339),
            })
        };
        printer.value(&posts.iter().map(row).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    for post in &posts {
        let gone = if post.deleted_at.is_some() { " (deleted)" } else { "" };
        let urn = clean(post.urn.as_deref().unwrap_or("-"), 100);
        printer.data(&format!("{}  {urn}  {}{gone}", rfc3339(post.at), clean(&post.first_line, 100)))?;
    }
    if posts.is_empty() {
        printer.status(&format!("No post was made here with the profile {name}."));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes the URN, or the post's address that carries it.
fn delete(session: &Session, name: &Name, urn: &str, printer: Printer) -> Result<ExitCode> {
    let urn = urn.find("urn:li:").map_or(urn, |at| &urn[at..]).trim_end_matches('/');
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        publish::delete(&ctx, name, urn).await
    })?;
    printer.warnings(&session.store);
    if printer.json {
        printer.value(&json!({ "urn": urn, "deleted": true }))?;
    } else {
        printer.status(&format!("{urn} is deleted."));
    }
    Ok(ExitCode::SUCCESS)
}
