//! `api`: one authenticated request; the body on stdout as LinkedIn sent it.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::output::indent::indented;
use crate::cli::output::printer::{Printer, error_object};
use crate::error::io_reason;
use crate::files;
use crate::flows::call::{self, Call};
use crate::linkedin::answers::{self, Meaning};
use crate::linkedin::http::Answer;
use crate::session::{Session, block_on};
use crate::text::clean;
use crate::{Code, Error, Result};

/// Largest body that is sent.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// More pages of one list are not followed.
const MOST_PAGES: usize = 1000;

/// `api`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// GET, POST, PUT, PATCH, DELETE ...
    pub method: String,
    /// The path with its query, such as /v2/userinfo; never a host
    pub path: String,
    /// The body: JSON, `@FILE`, or `-` or `@-` for stdin
    #[arg(long, value_name = "JSON|@FILE|-", allow_negative_numbers = true)]
    pub data: Option<String>,
    /// Another header; repeatable. Replaces one that would be filled in, but never the token
    #[arg(long = "header", short = 'H', value_name = "NAME:VALUE")]
    pub headers: Vec<String>,
    /// Print the status and x-li-uuid on stderr
    #[arg(long, short)]
    pub include: bool,
    /// Follow a list to its end, one page after the other (GET)
    #[arg(long)]
    pub paginate: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let headers = args.headers.iter().map(|header| split(header)).collect::<Result<Vec<_>>>()?;
    let body = args.data.as_deref().map(body).transpose()?;
    let mut call = Call::new(&args.method, &args.path, &headers, body)?;
    if args.paginate && !call.is_get() {
        return Err(Error::bad_input("--paginate is for GET.", "Only a list has pages."));
    }
    let (name, chosen_by) = session.chosen(None)?;
    if let Some(file) = chosen_by.filter(|_| !call.is_get()) {
        printer.status(&format!("profile {name}, chosen by {}", file.display()));
    }
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.warnings(&session.store);
        for page in 0..MOST_PAGES {
            let answer = call::call(&ctx, &name, &call).await?;
            if args.include {
                let uuid = answer.uuid.as_deref().unwrap_or("-");
                printer.status(&format!("status: {}\nx-li-uuid: {uuid}", answer.status));
            }
            let error = (!answer.is_success()).then(|| refused(&answer));
            // A list whose last page was full ends with an empty one, which says nothing.
            if page == 0 || error.is_some() || !call::is_empty_list(&answer) {
                show(&answer, error.as_ref(), page > 0, printer)?;
            }
            if let Some(error) = error {
                if !printer.json {
                    printer.error(&error);
                }
                return Ok(ExitCode::from(error.code.exit_code()));
            }
            match call::next(&ctx, &call, &answer)?.filter(|_| args.paginate) {
                Some(next) => call = next,
                None => break,
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// 401 is a person's to mend, everything else LinkedIn's refusal.
fn refused(answer: &Answer) -> Error {
    if (300..400).contains(&answer.status) {
        return Error::new(
            Code::UnexpectedResponse,
            format!(
                "LinkedIn answered with a redirect ({}), which is not followed: it could carry the token elsewhere.",
                answer.status
            ),
            "Check linkedin.api in config.toml, and the path.",
        );
    }
    let mut reading = answers::read(answer);
    // A failure says nothing of whether a write was carried out before it.
    if reading.meaning == Meaning::ServerError && !matches!(answer.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        reading.error.code = Code::MaybePublished;
        reading.error.message = format!("LinkedIn failed ({}); the request may have been carried out.", answer.status);
        "Look on LinkedIn before you send it again.".clone_into(&mut reading.error.hint);
    }
    reading.error
}

fn split(header: &str) -> Result<(String, String)> {
    let (name, value) = header
        .split_once(':')
        .ok_or_else(|| Error::bad_input(format!("{} is no header.", clean(header, 60)), "Write it as NAME:VALUE."))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn body(data: &str) -> Result<Vec<u8>> {
    let read = match (data, data.strip_prefix('@')) {
        // `@-` is how curl spells it.
        ("-" | "@-", _) => files::read_stream(std::io::stdin().lock(), MAX_BODY_BYTES),
        (_, Some(path)) => files::read_bounded(Path::new(path), MAX_BODY_BYTES),
        (_, None) => Ok(data.as_bytes().to_vec()),
    };
    read.map_err(|error| {
        Error::bad_input(
            format!("The data {} cannot be read: {}.", clean(data, 80), io_reason(&error)),
            "Check the path after the @; `-` reads stdin.",
        )
    })
}

fn show(answer: &Answer, error: Option<&Error>, another: bool, printer: Printer) -> Result<()> {
    let body = answer.body();
    if printer.json {
        let parsed = match serde_json::from_slice::<Value>(body) {
            Ok(value) => value,
            Err(_) if body.is_empty() => Value::Null,
            Err(_) => json!(String::from_utf8_lossy(body)),
        };
        let mut object =
            json!({ "status": answer.status, "uuid": answer.uuid, "id": answer.created_id, "body": parsed });
        if let Some(error) = error {
            object["error"] = error_object(error)["error"].take();
        }
        return printer.value(&object);
    }
    if body.is_empty() {
        return Ok(());
    }
    if std::io::stdout().is_terminal() {
        return printer.data(&indented(&String::from_utf8_lossy(body)));
    }
    if another {
        printer.bytes(b"\n")?;
    }
    printer.bytes(body)
}
