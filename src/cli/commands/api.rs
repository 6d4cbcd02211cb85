//! `api`: one authenticated request to LinkedIn, or one for each page of a list; the bodies of the responses on stdout. They are
//! unchanged, except on a terminal, where JSON is indented, and with `--json`, which adds the status.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use crate::cli::output::json::{ErrorDetails, ErrorReport};
use crate::cli::output::pretty::indent;
use crate::cli::output::printer::Printer;
use crate::error::io_reason;
use crate::files;
use crate::flows::api_request::{self, ApiRequest, NextPage};
use crate::linkedin::http::Response;
use crate::linkedin::meanings::{self, Meaning};
use crate::session::{Session, block_on};
use crate::text::sanitize;
use crate::{Code, Error, Result};

/// Largest request body, in bytes.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// Largest number of pages that `--paginate` requests.
const MAX_PAGES: usize = 1000;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// HTTP method, such as GET or POST
    pub(crate) method: String,
    /// Path and query, such as /v2/userinfo
    pub(crate) path: String,
    /// Request body: JSON, @FILE, or - for stdin
    #[arg(long, value_name = "JSON|@FILE|-", allow_negative_numbers = true)]
    pub(crate) data: Option<String>,
    /// Additional header; repeatable
    #[arg(long = "header", short = 'H', value_name = "NAME:VALUE")]
    pub(crate) headers: Vec<String>,
    /// Print the HTTP status and x-li-uuid on stderr
    #[arg(long, short)]
    pub(crate) include: bool,
    /// Follow a list to its last page (GET only)
    #[arg(long)]
    pub(crate) paginate: bool,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let headers = args.headers.iter().map(|header| parse_header(header)).collect::<Result<Vec<_>>>()?;
    let body = args.data.as_deref().map(read_body).transpose()?;
    let mut request = ApiRequest::new(&args.method, &args.path, &headers, body)?;
    if args.paginate && !request.is_get() {
        return Err(Error::bad_input("--paginate works with GET only.", "Remove it."));
    }
    let (name, selecting_file) = session.select_profile(None)?;
    if let Some(file) = selecting_file.filter(|_| !request.is_get()) {
        printer.print_status(&format!("profile {name}, selected by {}", file.display()));
    }
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_warnings(&session.store);
        for page in 0..MAX_PAGES {
            let response = api_request::send(&ctx, &name, &request).await?;
            if args.include {
                let uuid = response.uuid.as_deref().unwrap_or("-");
                printer.print_status(&format!("status: {}\nx-li-uuid: {uuid}", response.status));
            }
            let error = (!response.is_success()).then(|| response_error(&response));
            // A list whose last page is full is followed by an empty page.
            if page == 0 || error.is_some() || !api_request::is_empty_list(&response) {
                print_response(&response, error.as_ref(), page > 0, printer)?;
            }
            if let Some(error) = error {
                if !printer.is_json {
                    printer.print_error(&error);
                }
                return Ok(ExitCode::from(error.code.exit_code()));
            }
            if !args.paginate {
                return Ok(ExitCode::SUCCESS);
            }
            match api_request::next_page(&ctx.endpoints, &request, &response)? {
                NextPage::Same => {
                    printer.print_status(
                        "warning: the link to the next page leads to the same page, so the list may be incomplete.",
                    );
                    return Ok(ExitCode::SUCCESS);
                }
                NextPage::Other(next) => request = next,
                NextPage::End => return Ok(ExitCode::SUCCESS),
            }
        }
        Err(Error::new(
            Code::UnexpectedResponse,
            format!("The list has more than {MAX_PAGES} pages; the rest was not requested."),
            "Select fewer elements, or more for each page, with the query.",
        ))
    })
}

/// Returns the error of a response that is not a success.
fn response_error(response: &Response) -> Error {
    if (300..400).contains(&response.status) {
        return Error::new(
            Code::UnexpectedResponse,
            format!(
                "LinkedIn returned a redirect ({}), which is not followed: it could send the token elsewhere.",
                response.status
            ),
            "Check linkedin.api in config.toml, and the path.",
        );
    }
    let mut explanation = meanings::explain(response);
    // A server error does not show whether a write was carried out before it. No code is for that alone; this one means it for
    // posts, and is not retried.
    if explanation.meaning == Meaning::ServerError && !matches!(response.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        explanation.error.code = Code::MaybePublished;
        explanation.error.message =
            format!("LinkedIn failed ({}); the request may have been carried out.", response.status);
        explanation.error.replace_hint("Check on LinkedIn before you send it again.", None);
    }
    explanation.error
}

fn parse_header(header: &str) -> Result<(String, String)> {
    let (name, value) = header.split_once(':').ok_or_else(|| {
        Error::bad_input(format!("{} is not a header.", sanitize(header, 60)), "Write it as NAME:VALUE.")
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn read_body(data: &str) -> Result<Vec<u8>> {
    let read = match (data, data.strip_prefix('@')) {
        // curl writes `@-`.
        ("-" | "@-", _) => files::read_stream(std::io::stdin().lock(), MAX_BODY_BYTES),
        (_, Some(path)) => files::read_bounded(Path::new(path), MAX_BODY_BYTES),
        (_, None) => Ok(data.as_bytes().to_vec()),
    };
    read.map_err(|error| {
        Error::bad_input(
            format!("The data {} could not be read: {}.", sanitize(data, 80), io_reason(&error)),
            "Check the path after the @; `-` reads stdin.",
        )
        .with_io_source(&error)
    })
}

/// The response as `--json` prints it.
#[derive(Serialize)]
struct ResponseJson<'a> {
    status: u16,
    uuid: Option<&'a str>,
    id: Option<&'a str>,
    body: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDetails>,
}

fn print_response(response: &Response, error: Option<&Error>, is_later_page: bool, printer: Printer) -> Result<()> {
    let body = response.body();
    if printer.is_json {
        let parsed = match serde_json::from_slice::<Value>(body) {
            Ok(value) => value,
            Err(_) if body.is_empty() => Value::Null,
            Err(_) => String::from_utf8_lossy(body).into(),
        };
        return printer.print_json(&ResponseJson {
            status: response.status,
            uuid: response.uuid.as_deref(),
            id: response.created_id.as_deref(),
            body: parsed,
            error: error.map(|error| ErrorReport::new(error, printer.program_command).error),
        });
    }
    if body.is_empty() {
        return Ok(());
    }
    if std::io::stdout().is_terminal() {
        return printer.print_line(&indent(&String::from_utf8_lossy(body)));
    }
    if is_later_page {
        printer.print_bytes(b"\n")?;
    }
    printer.print_bytes(body)
}
