//! `import`: imports an app and a token from the files of a script, and from those of other LinkedIn tools.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use crate::config::Environment;
use crate::config::environment::{ACCESS_TOKEN, CLIENT_ID, TOKEN_FILE};
use crate::flows::import::{ImportOutcome, app_from_environment, import};
use crate::flows::token_file::TokenFile;
use crate::flows::tool_files::{self, MAX_FILE_BYTES, ToolFile, not_found_error, read_text};
use crate::linkedin::RedirectUrl;
use crate::session::{Context, Session, block_on};
use crate::store::{App, Name, Status};
use crate::{Error, Result};

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Args {
    /// Profile to create [default: default]
    pub(crate) profile: Option<String>,
    /// Files with an app and a token, of this program's kinds or of other LinkedIn tools
    #[arg(value_name = "FILE", conflicts_with_all = ["env_file", "token_file", "token_stdin", "from_env"])]
    pub(crate) files: Vec<PathBuf>,
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
    #[arg(add = crate::cli::candidates::complete_app_names())]
    pub(crate) app: Option<String>,
    /// Redirect URL of the app, instead of LINKEDIN_REDIRECT_URI
    #[arg(long, value_name = "URL", conflicts_with = "app")]
    pub(crate) redirect_url: Option<String>,
}

/// The token files of linkedin-oauth-helper and of linkedin-publisher.
const DEFAULT_TOKEN_FILES: [&str; 2] = ["access_token.json", ".linkedin-tokens.json"];

/// The app and the token that one file, or the files and variables of a script, contain.
struct Source {
    /// The tool that wrote it, and its files.
    tool: Option<(&'static str, Vec<PathBuf>)>,
    app: AppSource,
    token: Option<TokenFile>,
    /// The name that the tool gave the profile.
    profile: Option<Name>,
}

enum AppSource {
    Saved(App),
    Variables(Environment, Option<RedirectUrl>),
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let (profile, files) = split_arguments(session, args);
    let mut sources =
        if files.is_empty() { vec![read_script(session, args)?] } else { read_files(session, args, &files)? };
    let is_without_options =
        args.env_file.is_none() && args.token_file.is_none() && !args.token_stdin && !args.from_env && files.is_empty();
    if let [source] = sources.as_slice()
        && source.is_empty()?
    {
        let found_files =
            if is_without_options { tool_files::find(&session.working_dir, &session.env) } else { Vec::new() };
        sources = match found_files.as_slice() {
            [(file, _)] => read_files(session, args, std::slice::from_ref(file))?,
            _ => return Err(not_imported_error(&found_files, printer)),
        };
    }
    let explicit = session.explicit_profile(profile).map(Name::parse).transpose()?;
    if let (Some(name), 2..) = (&explicit, sources.len()) {
        return Err(Error::bad_input(
            format!("The files are of {} profiles, and one name was given: {name}.", sources.len()),
            "Import them without a name, or one at a time.",
        ));
    }
    block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let (count, mut results, mut exit_code) = (sources.len(), Vec::new(), 0);
        for source in sources {
            let name = select_name(&source, explicit.as_ref(), count)?;
            match import_source(&ctx, session, &name, source, args, printer).await {
                Ok(imported) => results.push(imported),
                Err(error) if count == 1 => return Err(error),
                Err(error) => {
                    printer.print_status(&format!("{name}: {}", printer.summarize(&error)));
                    exit_code = exit_code.max(error.code.exit_code());
                }
            }
        }
        if printer.is_json {
            print_json(&ctx, &results, count, printer)?;
        }
        Ok(ExitCode::from(exit_code))
    })
}

/// Returns the profile and the files: a first argument that looks like a path, or is a file, is not a profile's name.
fn split_arguments<'a>(session: &Session, args: &'a Args) -> (Option<&'a str>, Vec<PathBuf>) {
    const EXTENSIONS: [&str; 4] = ["json", "yaml", "yml", "env"];
    let is_file = |text: &str| {
        let path = Path::new(text);
        let has_known_extension =
            path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|candidate| extension == *candidate));
        text.starts_with('.')
            || text.contains(['/', std::path::MAIN_SEPARATOR])
            || has_known_extension
            || session.working_dir.join(path).is_file()
    };
    let path = |file: &Path| session.working_dir.join(file);
    let files = args.files.iter().map(|file| path(file));
    match args.profile.as_deref().filter(|text| is_file(text)) {
        Some(file) => (None, std::iter::once(path(Path::new(file))).chain(files).collect()),
        None => (args.profile.as_deref(), files.collect()),
    }
}

fn not_imported_error(found_files: &[(PathBuf, &str)], printer: Printer) -> Error {
    if found_files.is_empty() {
        return Error::bad_input(
            "There is nothing to import: no LINKEDIN_CLIENT_ID and no token was found.",
            format!("Name the files: {}", printer.command("import --env-file .env --token-file access_token.json")),
        );
    }
    let list: Vec<String> = found_files.iter().map(|(path, tool)| format!("{} ({tool})", path.display())).collect();
    Error::bad_input(
        format!("Several files can be imported: {}.", list.join(", ")),
        format!("Name one or more of them: {}", printer.command("import FILE")),
    )
}

/// Reads the files that the user named; a file that belongs to an earlier one is not read again.
fn read_files(session: &Session, args: &Args, files: &[PathBuf]) -> Result<Vec<Source>> {
    if args.env_file.is_some() || args.token_file.is_some() || args.token_stdin || args.from_env {
        return Err(Error::bad_input(
            "The import has two sources: a file, and an option.",
            "Leave out --env-file, --token-file, --token-stdin and --from-env.",
        ));
    }
    let saved = load_saved_app(session, args)?;
    let redirect_url = parse_redirect_url(args)?;
    let (mut sources, mut companions) = (Vec::new(), Vec::new());
    for path in files {
        if companions.contains(path) {
            continue;
        }
        let Some(found) = tool_files::read(path, &session.env)? else {
            sources.push(read_text_file(session, args, path)?);
            continue;
        };
        let ToolFile { tool, path, companion, app, token, profile, assumed_redirect_url } = found;
        let paths = std::iter::once(path).chain(companion.clone()).collect();
        companions.extend(companion);
        let app = match &saved {
            Some(app) => AppSource::Saved(app.clone()),
            None => AppSource::Variables(app, redirect_url.clone().or(assumed_redirect_url)),
        };
        sources.push(Source { tool: tool.map(|tool| (tool, paths)), app, token, profile });
    }
    Ok(sources)
}

/// Reads a file that is neither JSON nor YAML: a `.env` file, or the token alone.
fn read_text_file(session: &Session, args: &Args, path: &Path) -> Result<Source> {
    let is_dotenv = Environment::from_dotenv(path, &session.env)?.is_some_and(|(variables, error)| {
        error.is_some() || [CLIENT_ID, ACCESS_TOKEN].iter().any(|name| variables.get(name).is_some())
    });
    let path = Some(path.to_owned());
    let (env_file, token_file) = if is_dotenv { (path, None) } else { (None, path) };
    let file_args = Args { env_file, token_file, files: Vec::new(), profile: None, ..args.clone() };
    if is_dotenv {
        return read_script(session, &file_args);
    }
    let token = find_token(session, &file_args, &process_variables(session))?;
    let app = load_saved_app(session, args)?
        .map_or_else(|| AppSource::Variables(Environment::default(), None), AppSource::Saved);
    Ok(Source { tool: None, app, token, profile: None })
}

/// Reads the files and variables of a script.
fn read_script(session: &Session, args: &Args) -> Result<Source> {
    let script = read_variables(session, args)?;
    let token = find_token(session, args, &script)?;
    let app = match load_saved_app(session, args)? {
        Some(app) => AppSource::Saved(app),
        None => AppSource::Variables(script.variables, parse_redirect_url(args)?),
    };
    Ok(Source { tool: None, app, token, profile: None })
}

fn load_saved_app(session: &Session, args: &Args) -> Result<Option<App>> {
    args.app.as_deref().map(|name| session.store.app(&Name::parse(name)?)).transpose()
}

fn parse_redirect_url(args: &Args) -> Result<Option<RedirectUrl>> {
    args.redirect_url.as_deref().map(|url| RedirectUrl::parse(url.trim())).transpose()
}

impl Source {
    fn is_empty(&self) -> Result<bool> {
        Ok(self.token.is_none()
            && match &self.app {
                AppSource::Saved(_) => false,
                AppSource::Variables(variables, _) => variables.client_id()?.is_none(),
            })
    }
}

/// Returns the name of the profile: the user's, else the tool's, else `default`, or the tool where there are several.
fn select_name(source: &Source, explicit: Option<&Name>, count: usize) -> Result<Name> {
    let tool_name = || Some(Name::suggest(source.tool.as_ref().filter(|_| count > 1)?.0, "default"));
    match explicit.cloned().or_else(|| source.profile.clone()).or_else(tool_name) {
        Some(name) => Ok(name),
        None => Name::parse("default"),
    }
}

async fn import_source(
    ctx: &Context,
    session: &Session,
    name: &Name,
    source: Source,
    args: &Args,
    printer: Printer,
) -> Result<ImportOutcome> {
    if let Some((tool, paths)) = &source.tool {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        printer.print_status(&format!("Recognized {} ({tool}).", paths.join(" and ")));
        if source.is_empty()? {
            return Err(Error::bad_input(
                format!("There is nothing to import: {} has neither an app nor a token.", paths.join(" and ")),
                "",
            ));
        }
    }
    let app = match source.app {
        AppSource::Saved(app) => Some(app),
        AppSource::Variables(variables, redirect_url) => app_from_environment(name, &variables, redirect_url)?,
    };
    let imported = import(ctx, name, app, source.token).await?;
    printer.print_warnings(&session.store);
    let tool = source.tool.map(|(tool, _)| tool);
    print_imported(session, name, &imported, tool, args, printer);
    Ok(imported)
}

/// Prints on stderr what was saved, and what the user should do next.
fn print_imported(
    session: &Session,
    name: &Name,
    imported: &ImportOutcome,
    tool: Option<&str>,
    args: &Args,
    printer: Printer,
) {
    for warning in &imported.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    if let Some(app) = &imported.app {
        let directory = session.config_directory.join("apps");
        printer.print_status(&if imported.is_new_app {
            format!("Saved the app {} ({}).", app.name, directory.display())
        } else {
            format!("The app {} was saved before ({}).", app.name, directory.display())
        });
        if imported.is_new_app && tool.is_some() {
            printer.print_status(&format!(
                "Its redirect URL is {}. It must be on the app's Auth tab in the Developer Portal.",
                app.redirect_url.as_str()
            ));
        }
    }
    match &imported.profile {
        Some(profile) => {
            let advice = match tool {
                Some(tool) => format!(" The file of {tool} was not changed, and still has the token."),
                None if args.token_stdin || (args.from_env && session.env.get(ACCESS_TOKEN).is_some()) => String::new(),
                None => " Delete the file it came from: others may be able to read it.".to_owned(),
            };
            printer.print_status(&format!("Saved the token in the profile {}.{advice}", profile.name));
            let status = profile.status(session.clock.now(), 0);
            if matches!(status, Status::Expired | Status::Revoked) {
                let sign_in = printer.command(format_args!("login {name}"));
                printer.print_status(&format!("warning: The token is {}. Sign in: {sign_in}", status.as_str()));
            }
        }
        None => {
            printer.print_status(&format!(
                "No token was found. Sign in: {}",
                printer.command(format_args!("login {name}"))
            ));
        }
    }
}

/// Prints the profile, or the app if no token was imported; an array for several files.
fn print_json(ctx: &Context, results: &[ImportOutcome], count: usize, printer: Printer) -> Result<()> {
    let current = printer.current_profile_or_warn(&ctx.store);
    let profiles: Vec<json::Profile> = results
        .iter()
        .filter_map(|imported| Some(json::Profile::as_of_now(ctx, imported.profile.as_ref()?, current.as_ref())))
        .collect();
    match results {
        _ if count > 1 => printer.print_json(&profiles),
        [ImportOutcome { profile: None, app: Some(app), .. }] => printer.print_json(&json::App::new(app, &[])),
        _ => profiles.iter().try_for_each(|profile| printer.print_json(profile)),
    }
}

/// The variables of a script, and the directory for relative paths in them.
struct ScriptVariables {
    variables: Environment,
    directory: PathBuf,
    /// Whether `LINKEDIN_ACCESS_TOKEN` among them is imported: those of this process were not meant without `--from-env`.
    is_token_imported: bool,
}

/// Returns the variables of the named `.env` file, else of this process if requested, else of the directory's `.env` file.
fn read_variables(session: &Session, args: &Args) -> Result<ScriptVariables> {
    if args.from_env {
        return Ok(ScriptVariables { is_token_imported: true, ..process_variables(session) });
    }
    let path = args.env_file.clone().unwrap_or_else(|| session.working_dir.join(".env"));
    match Environment::from_dotenv(&path, &session.env)? {
        Some((_, Some(error))) => Err(error),
        Some((variables, None)) => Ok(ScriptVariables {
            variables,
            directory: path.parent().map_or_else(|| session.working_dir.clone(), Path::to_owned),
            is_token_imported: true,
        }),
        None if args.env_file.is_none() => Ok(process_variables(session)),
        None => Err(not_found_error(&path)),
    }
}

fn process_variables(session: &Session) -> ScriptVariables {
    ScriptVariables { variables: session.env.clone(), directory: session.working_dir.clone(), is_token_imported: false }
}

/// Returns the token of the first source that has one: the option, the file that the script's variable names, the
/// script's default file, `LINKEDIN_ACCESS_TOKEN`. With `--from-env` the variable is first, and no default file is read.
fn find_token(session: &Session, args: &Args, script: &ScriptVariables) -> Result<Option<TokenFile>> {
    if args.token_stdin {
        let text = prompt::read_stdin("The token on stdin", MAX_FILE_BYTES, "Pass the token on one line.")?;
        return TokenFile::parse(&text, None).map(Some);
    }
    let variables = &script.variables;
    let parse_variable = || match variables.get(ACCESS_TOKEN).filter(|_| script.is_token_imported) {
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
        (None, Some(path)) => (script.directory.join(path.trim()), Some(TOKEN_FILE)),
        (None, None) if args.from_env => return Ok(None),
        (None, None) => {
            let paths = DEFAULT_TOKEN_FILES.map(|name| session.working_dir.join(name));
            let [first, _] = &paths;
            (paths.iter().find(|path| path.exists()).unwrap_or(first).clone(), None)
        }
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

/// Reads a token file; `None` where there is none.
fn read_token(path: &Path) -> Result<Option<TokenFile>> {
    let Some((text, saved_at)) = read_text(path)? else { return Ok(None) };
    TokenFile::parse(&text, saved_at)
        .map(Some)
        .map_err(|error| Error { message: format!("{} contains no access token.", path.display()), ..error })
}
