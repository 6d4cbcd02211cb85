//! `apps list|show|add|delete`.

use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::common_args::NamedApp;
use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::Theme;
use crate::cli::prompt;
use crate::linkedin::{self, Flow, RedirectUrl};
use crate::session::Session;
use crate::store::{App, Name};
use crate::text::sanitize;
use crate::{Code, Error, Result};

#[derive(Debug, Subcommand)]
pub(crate) enum Apps {
    /// List all apps
    #[command(after_help = "Example:\n  linkedin-tui apps list --json")]
    List,
    /// Show an app, without its secret
    #[command(after_help = "Example:\n  linkedin-tui apps show my-poster")]
    Show(NamedApp),
    /// Add an app
    #[command(
        after_help = "Example:\n  linkedin-tui apps add my-poster --client-id 86abcdefghijkl --client-secret-stdin < secret.txt"
    )]
    Add(AddApp),
    /// Delete an app that no profile uses
    #[command(after_help = "Example:\n  linkedin-tui apps delete my-poster")]
    Delete(NamedApp),
}

#[derive(Args, Debug)]
pub(crate) struct AddApp {
    /// App name
    pub(crate) app: String,
    /// Client ID, from the app's Auth tab
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Where the client secret comes from.
    #[command(flatten)]
    pub(crate) secret: prompt::SecretSource,
    /// Redirect URL, exactly as registered on the app's Auth tab
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_url: Option<String>,
    /// Authorization flow
    #[arg(long, value_enum, default_value_t)]
    pub(crate) flow: Flow,
}

impl ValueEnum for Flow {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Standard, Self::NativePkce]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Standard => "Client ID and client secret (most apps)",
            Self::NativePkce => "Native PKCE, if LinkedIn enabled it for the app",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

pub(crate) fn run(session: &Session, command: Apps, printer: Printer) -> Result<ExitCode> {
    printer.print_warnings(&session.store);
    let store = &session.store;
    match command {
        Apps::List => {
            let (mut rows, mut has_damaged) = (Vec::new(), false);
            for name in store.app_names()? {
                match store.without_secrets().app(&name) {
                    Ok(app) => rows.push((store.profiles_with_app(&name)?, app)),
                    Err(error) if error.code == Code::NoSuchApp => {}
                    Err(error) => {
                        has_damaged = true;
                        printer.print_warning(&error);
                    }
                }
            }
            if printer.is_json {
                printer.print_json(
                    &rows.iter().map(|(profiles, app)| json::App::new(app, profiles)).collect::<Vec<_>>(),
                )?;
            } else {
                if rows.is_empty() && !has_damaged {
                    printer.print_status(&format!("No apps yet. Add one: {}", printer.command("apps add NAME")));
                }
                print_table(&rows, printer.theme(session), printer)?;
            }
            if has_damaged {
                return Ok(ExitCode::from(Code::FileDamaged.exit_code()));
            }
        }
        Apps::Show(NamedApp { app }) => {
            print_app(session, &store.without_secrets().app(&Name::parse(&app)?)?, printer)?;
        }
        Apps::Add(args) => print_app(session, &add_app(session, args, printer)?, printer)?,
        Apps::Delete(NamedApp { app }) => {
            let name = Name::parse(&app)?;
            // A damaged file is deleted too; only its name is known.
            let app = match store.without_secrets().app(&name) {
                Err(error) if error.code == Code::NoSuchApp => return Err(error),
                app => app.ok(),
            };
            let profiles = store.profiles_with_app(&name)?;
            if let Some((profile, error)) = store.unreadable_profile_with_app(&name)? {
                let delete = printer.command(format_args!("profiles delete {profile}"));
                let hint = match error.code {
                    // Only a newer version deletes it.
                    Code::FileNewer => error.hint,
                    _ if store.profile_path(&profile).is_dir() => "Move that directory elsewhere.".to_owned(),
                    _ => format!("Fix that file, or delete the profile: {delete}"),
                };
                let message =
                    format!("The app {name} was not deleted: the profile {profile} may use it. {}", error.message);
                return Err(Error::new(error.code, message, hint));
            }
            if !profiles.is_empty() {
                let names: Vec<&str> = profiles.iter().map(Name::as_str).collect();
                return Err(Error::bad_input(
                    format!("The app {} is used by: {}.", name, names.join(", ")),
                    format!("Delete those profiles first: {}", printer.command("profiles delete NAME")),
                ));
            }
            let target = store.app_link_target(&name);
            store.delete_app(&name)?;
            if printer.is_json {
                match &app {
                    Some(app) => printer.print_json(&json::App::new(app, &[]))?,
                    None => printer.print_json(&serde_json::json!({"name": name.as_str()}))?,
                }
            }
            printer.print_status(&match target {
                Some(target) => format!(
                    "Deleted the app {name}, which was a symbolic link. Its file still has the client secret: {}",
                    target.display()
                ),
                None => format!("Deleted the app {name} and its client secret from this machine."),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints one row for each app: a table on a terminal, else lines without a header.
fn print_table(rows: &[(Vec<Name>, App)], theme: Theme, printer: Printer) -> Result<()> {
    if theme.is_terminal && !rows.is_empty() {
        let cells = rows.iter().map(|(profiles, app)| {
            let (id, url) = (sanitize(&app.client_id, 60), app.redirect_url.as_str());
            vec![app.name.as_str().into(), id.into(), url.into(), profiles.len().to_string().into()]
        });
        return printer.print_table(
            theme,
            &["APP", "CLIENT ID", "REDIRECT URL", "PROFILES"],
            &[0, 1, 2],
            cells.collect(),
        );
    }
    for (profiles, app) in rows {
        let (id, url) = (sanitize(&app.client_id, 60), app.redirect_url.as_str());
        let count = profiles.len();
        let noun = if count == 1 { "profile" } else { "profiles" };
        printer.print_line(&format!("{}  {id}  {url}  {count} {noun}", app.name))?;
    }
    Ok(())
}

fn print_app(session: &Session, app: &App, printer: Printer) -> Result<()> {
    let profiles = session.store.profiles_with_app(&app.name)?;
    if printer.is_json {
        return printer.print_json(&json::App::new(app, &profiles));
    }
    let names: Vec<&str> = profiles.iter().map(Name::as_str).collect();
    let secret = if app.client_secret.is_some() { "saved (never shown)" } else { "none" };
    printer.print_line(&format!("{:14} {}", "app", app.name))?;
    printer.print_line(&format!("{:14} {}", "client ID", sanitize(&app.client_id, 60)))?;
    printer.print_line(&format!("{:14} {secret}", "client secret"))?;
    printer.print_line(&format!("{:14} {}", "redirect URL", app.redirect_url.as_str()))?;
    printer.print_line(&format!("{:14} {}", "flow", app.flow.as_str()))?;
    printer.print_line(&format!("{:14} {}", "profiles", names.join(" ")))
}

fn add_app(session: &Session, args: AddApp, printer: Printer) -> Result<App> {
    let name = Name::parse(&args.app)?;
    match session.store.without_secrets().app(&name) {
        Err(error) if error.code == Code::NoSuchApp => {}
        Err(error) => return Err(error),
        Ok(_) => {
            return Err(Error::bad_input(
                format!("An app named {name} already exists."),
                format!(
                    "Use another name, or delete it first: {}",
                    printer.command(format_args!("apps delete {name}"))
                ),
            ));
        }
    }
    let client_id = match args.client_id.filter(|id| !id.trim().is_empty()) {
        Some(id) => Some(linkedin::parse_client_id(&id)?),
        None => session.env.client_id()?,
    };
    let client_id = client_id.ok_or_else(|| {
        Error::bad_input("The client ID is missing.", "Pass --client-id; you find it on the app's Auth tab.")
    })?;
    let flow = args.flow;
    // The environment has the values of a standard app; a native PKCE app has no secret and no registered redirect URL.
    let from_env = || if flow == Flow::Standard { session.env.client_secret() } else { None };
    let secret = args.secret.read()?.or_else(from_env);
    let redirect_url = match (args.redirect_url, flow) {
        (Some(text), _) => Some(RedirectUrl::parse_for(flow, text.trim())?),
        (None, Flow::Standard) => session.env.redirect_url()?,
        (None, Flow::NativePkce) => None,
    };
    let redirect_url = match redirect_url {
        Some(url) => url,
        None => RedirectUrl::parse_for(flow, RedirectUrl::default_for(flow))?,
    };
    let app = App { name, client_id, client_secret: secret, redirect_url, flow };
    if app.client_secret.is_none() && app.flow == Flow::Standard {
        return Err(Error::bad_input(
            "The client secret is missing.",
            "Pass --client-secret-stdin or --client-secret-file.",
        ));
    }
    session.store.create_app(&app)?;
    Ok(app)
}
