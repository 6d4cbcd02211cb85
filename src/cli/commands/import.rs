//! `import`: imports an app from a `.env` file and a token from a file, including those of the Node script.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use jiff::Timestamp;

use crate::config::Environment;
use crate::config::environment::{ACCESS_TOKEN, TOKEN_FILE};
use crate::error::io_reason;
use crate::files;
use crate::flows::import::{app_from_environment, import};
use crate::flows::token_file::TokenFile;
use crate::linkedin::RedirectUrl;
use crate::session::{Session, block_on};
use crate::store::{Name, Status};
use crate::{Code, Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Profile to create [default: default]
    pub(crate) profile: Option<String>,
    /// File with LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET and LINKEDIN_REDIRECT_URI [default: .env]
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// File with the token, alone or as JSON [default: ACCESS_TOKEN_FILEPATH or access_token.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Read the token from stdin
    #[arg(long, conflicts_with = "token_file")]
    pub(crate) token_stdin: bool,
    /// Import app and token from environment variables
    #[arg(long, conflicts_with_all = ["env_file", "token_file", "token_stdin"])]
    pub(crate) from_env: bool,
    /// Saved app that the token belongs to
    #[arg(long, value_name = "NAME", conflicts_with = "env_file")]
    #[arg(add = crate::cli::candidates::app_names())]
    pub(crate) app: Option<String>,
    /// Redirect URL of the app, instead of LINKEDIN_REDIRECT_URI
    #[arg(long, value_name = "URL", conflicts_with = "app")]
    pub(crate) redirect_url: Option<String>,
}

/// Largest token file that is read, in bytes.
const MAX_TOKEN_FILE_BYTES: u64 = 1024 * 1024;
/// Where the Node script saves its token.
const DEFAULT_TOKEN_FILE: &str = "access_token.json";

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    let name = Name::parse(session.explicit_profile(args.profile.as_deref()).unwrap_or("default"))?;
    let source = read_variables(session, args)?;
    let app = if let Some(app) = &args.app {
        Some(session.store.app(&Name::parse(app)?)?)
    } else {
        let redirect_url = args.redirect_url.as_deref().map(|url| RedirectUrl::parse(url.trim())).transpose()?;
        app_from_environment(&name, &source.variables, redirect_url).map_err(add_redirect_hint)?
    };
    let found = find_token(session, args, &source)?;
    if app.is_none() && found.is_none() {
        return Err(Error::bad_input(
            "There is nothing to import: no LINKEDIN_CLIENT_ID and no token was found.",
            format!("Name the files: {}", printer.command("import --env-file .env --token-file access_token.json")),
        ));
    }
    let imported = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let imported = import(&ctx, &name, app, found).await?;
        if let (true, Some(profile)) = (printer.json, &imported.profile) {
            printer.print_profile(&ctx, profile)?;
        } else if let (true, Some(app)) = (printer.json, &imported.app) {
            printer.print_json(&json::App::new(app, &[]))?;
        }
        Ok(imported)
    })?;
    printer.print_warnings(&session.store);
    for warning in &imported.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    if let Some(app) = &imported.app {
        let directory = session.root.join("apps");
        printer.print_status(&if imported.is_new_app {
            format!("Saved the app {} ({}).", app.name, directory.display())
        } else {
            format!("The app {} was saved before ({}).", app.name, directory.display())
        });
    }
    match &imported.profile {
        Some(profile) => {
            let advice =
                if args.token_stdin { "" } else { " Delete the file it came from: others may be able to read it." };
            printer.print_status(&format!("Saved the token in the profile {}.{advice}", profile.name));
            let status = profile.status(session.clock.now(), 0);
            if matches!(status, Status::Expired | Status::Revoked) {
                let sign_in = printer.command(format_args!("login {name}"));
                printer.print_status(&format!(
                    "warning: LinkedIn refused that token: it is {}. Sign in: {sign_in}",
                    status.as_str()
                ));
            }
        }
        None => {
            printer.print_status(&format!(
                "No token was found. Sign in: {}",
                printer.command(format_args!("login {name}"))
            ));
        }
    }
    Ok(())
}

/// Suggests `--redirect-url`: an invalid URL in the variables need not prevent the import.
fn add_redirect_hint(mut error: Error) -> Error {
    if error.message.contains("redirect URL") {
        error.hint = format!("{} Or pass the correct one: --redirect-url {}", error.hint, RedirectUrl::DEFAULT);
    }
    error
}

/// Variables, and the directory for relative paths in them.
struct ImportSource {
    variables: Environment,
    directory: PathBuf,
    /// Whether the user named them: as a file, or as this process's variables.
    is_explicit: bool,
}

/// Returns the variables of the named `.env` file, else of this process if requested, else of the directory's `.env` file.
fn read_variables(session: &Session, args: &Args) -> Result<ImportSource> {
    let own = || ImportSource {
        variables: session.env.clone(),
        directory: session.working_dir.clone(),
        is_explicit: args.from_env,
    };
    if args.from_env {
        return Ok(own());
    }
    let path = args.env_file.clone().unwrap_or_else(|| session.working_dir.join(".env"));
    match Environment::from_dotenv(&path, &session.env)? {
        Some((_, Some(error))) => Err(error),
        Some((variables, None)) => Ok(ImportSource {
            variables,
            directory: path.parent().map_or_else(|| session.working_dir.clone(), Path::to_owned),
            is_explicit: true,
        }),
        None if args.env_file.is_none() => Ok(own()),
        None => Err(not_found_error(&path)),
    }
}

/// Returns the token: from where a flag points, else from the file that the script's variable names, else from the
/// script's default file, else from `LINKEDIN_ACCESS_TOKEN`.
fn find_token(session: &Session, args: &Args, source: &ImportSource) -> Result<Option<TokenFile>> {
    if args.token_stdin {
        let text = prompt::read_stdin("The token on stdin", MAX_TOKEN_FILE_BYTES, "Pass the token on one line.")?;
        return TokenFile::parse(&text, None).map(Some);
    }
    let variables = &source.variables;
    let parse_variable = || match variables.get(ACCESS_TOKEN).filter(|_| source.is_explicit) {
        Some(text) => {
            TokenFile::parse(&text, None).map(Some).map_err(|error| variables.attribute_to(ACCESS_TOKEN, error))
        }
        None => Ok(None),
    };
    if args.from_env
        && let Some(found) = parse_variable()?
    {
        return Ok(Some(found));
    }
    let (path, variable) = match (&args.token_file, variables.get(TOKEN_FILE)) {
        (Some(path), _) => (path.clone(), None),
        (None, Some(path)) => (source.directory.join(path.trim()), Some(TOKEN_FILE)),
        (None, None) if args.from_env => return Ok(None),
        (None, None) => (session.working_dir.join(DEFAULT_TOKEN_FILE), None),
    };
    let found = read_token(&path).map_err(|error| match variable {
        Some(variable) => variables.attribute_to(variable, error),
        None => error,
    });
    match found? {
        Some(found) => Ok(Some(found)),
        None if args.token_file.is_none() => parse_variable(),
        None => Err(not_found_error(&path)),
    }
}

fn not_found_error(path: &Path) -> Error {
    Error::new(Code::Files, format!("{} does not exist.", path.display()), "Check the path.")
}

/// Reads a token file; `None` if there is none.
fn read_token(path: &Path) -> Result<Option<TokenFile>> {
    let read = || {
        let (file, about) = files::open_regular(path)?;
        let saved_at = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
        let text = files::read_stream(file, MAX_TOKEN_FILE_BYTES).and_then(files::decode)?;
        // The time of a pipe is now, not when the token was issued.
        Ok((text, saved_at.filter(|_| about.is_file())))
    };
    match read() {
        Ok((text, saved_at)) => TokenFile::parse(&text, saved_at)
            .map(Some)
            .map_err(|error| Error { message: format!("{} contains no access token.", path.display()), ..error }),
        Err(error) if std::io::Error::kind(&error) == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(
            Code::Files,
            format!("{} could not be read: {}.", path.display(), io_reason(&error)),
            "Check the path, its mode, and that the file is text.",
        )
        .with_io_source(&error)),
    }
}
