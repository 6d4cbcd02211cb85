//! `import`: takes over a `.env` file and a token file, those of the Node script included.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::json;
use super::printer::Printer;
use crate::config::Environment;
use crate::flows::import::{Found, app_of, import};
use crate::flows::session::{Session, block_on};
use crate::profile::Name;
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
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Largest file that can be one of these.
const MOST: u64 = 1024 * 1024;
/// Where the Node script kept its token.
const TOKEN_FILE: &str = "access_token.json";

pub(super) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let name = Name::parse(session.named(args.profile.as_deref()).unwrap_or("default"))?;
    let described = environment(session, args)?;
    let app = match &args.app {
        Some(app) => Some(session.store.app(&Name::parse(app)?)?),
        None => app_of(&name, &described.variables)?,
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
            printer.value(&json::of(&ctx, profile, printer.active(&session.store).as_ref()))?;
        } else if let (true, Some(app)) = (printer.json, &imported.app) {
            printer.value(&json::app(app, &[]))?;
        }
        Ok(imported)
    })?;
    printer.warnings(&session.store);
    for remark in &imported.remarks {
        printer.talk(&format!("note: {remark}"));
    }
    if let Some(app) = &imported.app {
        printer.talk(&format!("The app {} is saved ({}).", app.name, session.root.join("apps").display()));
    }
    match &imported.profile {
        Some(profile) => printer.talk(&format!(
            "The token is saved in the profile {}. Delete the file it came from: others may be able to read it.",
            profile.name
        )),
        None => printer.talk(&format!("There was no token. Sign in: linkedin-tui login {name}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Variables, and the folder that relative paths in them start from.
struct Described {
    variables: Environment,
    folder: PathBuf,
}

/// The `.env` file named, else the process's variables where asked for, else the working folder's.
fn environment(session: &Session, args: &Args) -> Result<Described> {
    let own = || Described { variables: session.env.clone(), folder: session.folder.clone() };
    if args.from_env {
        return Ok(own());
    }
    let path = args.env_file.clone().unwrap_or_else(|| session.folder.join(".env"));
    match read(&path)? {
        Some(text) => Ok(Described {
            variables: Environment::from_dotenv(&text),
            folder: path.parent().map_or_else(|| session.folder.clone(), Path::to_owned),
        }),
        None if args.env_file.is_none() => Ok(own()),
        None => Err(missing(&path)),
    }
}

/// The token from where a flag says, else from the file that the script's own variable names, else
/// from where the script kept it.
fn token(session: &Session, args: &Args, described: &Described) -> Result<Option<Found>> {
    if args.token_stdin {
        let mut text = String::new();
        std::io::stdin()
            .take(MOST)
            .read_to_string(&mut text)
            .map_err(|_| Error::bad_input("The token on stdin is no text.", "Pass the token alone on one line."))?;
        return Found::parse(&text).map(Some);
    }
    if args.from_env
        && let Some(text) = session.env.get("LINKEDIN_ACCESS_TOKEN")
    {
        return Found::parse(&text).map(Some);
    }
    let path = match (&args.token_file, described.variables.get("ACCESS_TOKEN_FILEPATH")) {
        (Some(path), _) => path.clone(),
        (None, Some(path)) => described.folder.join(path.trim()),
        (None, None) if args.from_env => return Ok(None),
        (None, None) => session.folder.join(TOKEN_FILE),
    };
    match read(&path)? {
        Some(text) => Found::parse(&text).map(Some),
        None if args.token_file.is_none() => Ok(None),
        None => Err(missing(&path)),
    }
}

fn missing(path: &Path) -> Error {
    Error::new(Code::Files, format!("{} does not exist.", path.display()), "Check the path.")
}

/// A small text file; `None` where there is none.
fn read(path: &Path) -> Result<Option<String>> {
    let failed =
        |why: &str| Error::new(Code::Files, format!("{} could not be read: {why}.", path.display()), "Check it.");
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error.kind().to_string())),
    };
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).map_err(|error| failed(&error.kind().to_string()))?;
    Ok(Some(text))
}
