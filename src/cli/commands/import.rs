//! `import`: takes over a `.env` file and a token file, those of the Node script included.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use jiff::Timestamp;

use crate::config::Environment;
use crate::config::environment::{ACCESS_TOKEN, TOKEN_FILE};
use crate::error::io_reason;
use crate::files;
use crate::flows::import::{app_from_environment, import};
use crate::flows::token_file::TokenFile;
use crate::linkedin::RedirectUrl;
use crate::session::{Session, block_on};
use crate::store::Name;
use crate::{Code, Error, Result};

/// `import`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The profile to make; else `default`
    pub profile: Option<String>,
    /// A file with `LINKEDIN_CLIENT_ID`, `LINKEDIN_CLIENT_SECRET`, `LINKEDIN_REDIRECT_URI`; else ./.env
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// A file with the token, alone or as JSON; else the one that `ACCESS_TOKEN_FILEPATH` names, else
    /// `./access_token.json`
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Read the token from stdin
    #[arg(long, conflicts_with = "token_file")]
    pub token_stdin: bool,
    /// Take app and token from the variables of this process
    #[arg(long, conflicts_with_all = ["env_file", "token_file", "token_stdin"])]
    pub from_env: bool,
    /// The saved app that the token belongs to
    #[arg(long, value_name = "NAME", conflicts_with = "env_file")]
    pub app: Option<String>,
    /// The app's redirect URL, in place of the one in `LINKEDIN_REDIRECT_URI`
    #[arg(long, value_name = "URL", conflicts_with = "app")]
    pub redirect_url: Option<String>,
}

/// Largest token file that is read, in bytes.
const MAX_TOKEN_FILE_BYTES: u64 = 1024 * 1024;
/// Where the Node script keeps its token.
const DEFAULT_TOKEN_FILE: &str = "access_token.json";

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let name = Name::parse(session.named(args.profile.as_deref()).unwrap_or("default"))?;
    let described = environment(session, args)?;
    let app = if let Some(app) = &args.app {
        Some(session.store.app(&Name::parse(app)?)?)
    } else {
        let redirect_url = args.redirect_url.as_deref().map(|url| RedirectUrl::parse(url.trim())).transpose()?;
        app_from_environment(&name, &described.variables, redirect_url).map_err(with_redirect_hint)?
    };
    let found = token(session, args, &described)?;
    if app.is_none() && found.is_none() {
        return Err(Error::bad_input(
            "There is nothing to import: no LINKEDIN_CLIENT_ID and no token was found.",
            "Name them: linkedin-tui import --env-file .env --token-file access_token.json",
        ));
    }
    let imported = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let imported = import(&ctx, &name, app, found).await?;
        if let (true, Some(profile)) = (printer.json, &imported.profile) {
            printer.value(&json::of(&ctx, profile, printer.current_profile(&session.store).as_ref()))?;
        } else if let (true, Some(app)) = (printer.json, &imported.app) {
            printer.value(&json::app(app, &[]))?;
        }
        Ok(imported)
    })?;
    printer.warnings(&session.store);
    for remark in &imported.remarks {
        printer.status(&format!("note: {remark}"));
    }
    if let Some(app) = &imported.app {
        printer.status(&format!("The app {} is saved ({}).", app.name, session.root.join("apps").display()));
    }
    match &imported.profile {
        Some(profile) => printer.status(&format!(
            "The token is saved in the profile {}. Delete the file it came from: others may be able to read it.",
            profile.name
        )),
        None => printer.status(&format!("There was no token. Sign in: linkedin-tui login {name}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// A redirect URL of another environment is no reason to import nothing.
fn with_redirect_hint(mut error: Error) -> Error {
    if error.message.contains("redirect URL") {
        error.hint = format!("{} Or give the right one here: --redirect-url {}", error.hint, RedirectUrl::DEFAULT);
    }
    error
}

/// Variables, and the folder that relative paths in them start from.
struct Described {
    variables: Environment,
    folder: PathBuf,
    /// Are the variables those of a file, or of this process because that was asked for?
    asked_for: bool,
}

/// The `.env` file named, else the process's variables where asked for, else the working folder's.
fn environment(session: &Session, args: &Args) -> Result<Described> {
    let own = || Described { variables: session.env.clone(), folder: session.folder.clone(), asked_for: args.from_env };
    if args.from_env {
        return Ok(own());
    }
    let path = args.env_file.clone().unwrap_or_else(|| session.folder.join(".env"));
    match Environment::from_dotenv(&path, &session.env)? {
        Some((_, Some(error))) => Err(error),
        Some((variables, None)) => Ok(Described {
            variables,
            folder: path.parent().map_or_else(|| session.folder.clone(), Path::to_owned),
            asked_for: true,
        }),
        None if args.env_file.is_none() => Ok(own()),
        None => Err(missing(&path)),
    }
}

/// The token from where a flag says, else from the file that the script's own variable names, else
/// from where the script keeps it, else from `LINKEDIN_ACCESS_TOKEN`.
fn token(session: &Session, args: &Args, described: &Described) -> Result<Option<TokenFile>> {
    if args.token_stdin {
        let text = files::read_stream(std::io::stdin().lock(), MAX_TOKEN_FILE_BYTES).and_then(files::decode);
        let text = text.map_err(|error| {
            Error::bad_input(
                format!("The token on stdin could not be read: {}.", io_reason(&error)),
                "Pass the token alone on one line.",
            )
        })?;
        return TokenFile::parse(&text, None).map(Some);
    }
    let variables = &described.variables;
    let in_variable = || match variables.get(ACCESS_TOKEN).filter(|_| described.asked_for) {
        Some(text) => TokenFile::parse(&text, None).map(Some).map_err(|error| variables.attribute(ACCESS_TOKEN, error)),
        None => Ok(None),
    };
    if args.from_env
        && let Some(found) = in_variable()?
    {
        return Ok(Some(found));
    }
    let (path, variable) = match (&args.token_file, variables.get(TOKEN_FILE)) {
        (Some(path), _) => (path.clone(), None),
        (None, Some(path)) => (described.folder.join(path.trim()), Some(TOKEN_FILE)),
        (None, None) if args.from_env => return Ok(None),
        (None, None) => (session.folder.join(DEFAULT_TOKEN_FILE), None),
    };
    let found = read_token(&path).map_err(|error| match variable {
        Some(variable) => variables.attribute(variable, error),
        None => error,
    });
    match found? {
        Some(found) => Ok(Some(found)),
        None if args.token_file.is_none() => in_variable(),
        None => Err(missing(&path)),
    }
}

fn missing(path: &Path) -> Error {
    Error::new(Code::Files, format!("{} does not exist.", path.display()), "Check the path.")
}

/// Reads a token file; `None` where there is none.
fn read_token(path: &Path) -> Result<Option<TokenFile>> {
    let read = || {
        let (file, about) = files::open_regular(path)?;
        let saved_at = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let text = files::read_stream(file, MAX_TOKEN_FILE_BYTES).and_then(files::decode)?;
        // What comes through a pipe was written now, whenever the token was issued.
        Ok((text, saved_at.filter(|_| about.is_file())))
    };
    match read() {
        Ok((text, saved_at)) => TokenFile::parse(&text, saved_at)
            .map(Some)
            .map_err(|error| Error { message: format!("{} has no access token in it.", path.display()), ..error }),
        Err(error) if std::io::Error::kind(&error) == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(
            Code::Files,
            format!("{} could not be read: {}.", path.display(), io_reason(&error)),
            "Check the path, its mode, and that the file is text.",
        )),
    }
}
