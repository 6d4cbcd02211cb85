//! `apps list|show|add|delete`.

use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::NamedApp;
use crate::cli::output::json;
use crate::cli::output::printer::Printer;
use crate::cli::prompt;
use crate::linkedin::{self, Flow, RedirectUrl};
use crate::session::Session;
use crate::store::{App, Name};
use crate::text::clean;
use crate::{Code, Error, Result};

/// `apps ...`
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// All apps
    #[command(after_help = "Example:\n  linkedin-tui apps list --json")]
    List,
    /// One app, without its secret
    #[command(after_help = "Example:\n  linkedin-tui apps show my-poster")]
    Show(NamedApp),
    /// Save an app
    #[command(
        after_help = "Example:\n  linkedin-tui apps add my-poster --client-id 86abcdefghijkl --client-secret-stdin < secret.txt"
    )]
    Add(AddApp),
    /// Delete an app that no profile uses
    #[command(after_help = "Example:\n  linkedin-tui apps delete my-poster")]
    Delete(NamedApp),
}

/// `apps add`
#[derive(Args, Debug)]
pub struct AddApp {
    /// Its name here
    pub app: String,
    /// The client ID
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Where the client secret comes from.
    #[command(flatten)]
    pub secret: prompt::SecretSource,
    /// The redirect URL, exactly as registered; native PKCE: a loopback IP, port 0 for a free one
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,
    /// How it signs in
    #[arg(long, value_enum, default_value_t)]
    pub flow: Flow,
}

impl ValueEnum for Flow {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Standard, Self::NativePkce]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let about = match self {
            Self::Standard => "Client ID and secret: every ordinary app",
            Self::NativePkce => "PKCE, switched on by LinkedIn per app",
        };
        Some(PossibleValue::new(self.as_str()).help(about))
    }
}

pub(crate) fn run(session: &Session, command: Apps, printer: Printer) -> Result<ExitCode> {
    printer.warnings(&session.store);
    let store = &session.store;
    match command {
        Apps::List => {
            let (mut rows, mut damaged) = (Vec::new(), false);
            for name in store.app_names()? {
                match store.without_secrets().app(&name) {
                    Ok(app) => rows.push((store.profiles_of(&name)?, app)),
                    Err(error) if error.code == Code::NoSuchApp => {}
                    Err(error) => {
                        damaged = true;
                        printer.status(&format!("warning: {error} {}", error.hint));
                    }
                }
            }
            if printer.json {
                printer.value(&rows.iter().map(|(users, app)| json::app(app, users)).collect::<Vec<_>>())?;
            } else {
                if rows.is_empty() && !damaged {
                    printer.status("There is no app yet. linkedin-tui login makes one, or linkedin-tui apps add.");
                }
                for (users, app) in &rows {
                    let (id, url) = (clean(&app.client_id, 60), app.redirect_url.as_str());
                    printer.data(&format!("{}  {id}  {url}  {} profiles", app.name, users.len()))?;
                }
            }
            if damaged {
                return Ok(ExitCode::from(Code::FileDamaged.exit_code()));
            }
        }
        Apps::Show(NamedApp { app }) => show(session, &store.without_secrets().app(&Name::parse(&app)?)?, printer)?,
        Apps::Add(args) => show(session, &add(session, args)?, printer)?,
        Apps::Delete(NamedApp { app }) => {
            let app = store.without_secrets().app(&Name::parse(&app)?)?;
            let users = store.profiles_of(&app.name)?;
            if let Some(entry) = store.without_secrets().profiles()?.into_iter().find(|entry| entry.profile.is_err()) {
                return Err(Error::new(
                    Code::FileDamaged,
                    format!(
                        "The app {} was not deleted: the profile {}, which cannot be read, may use it.",
                        app.name, entry.name
                    ),
                    "Repair that profile's file, or delete the profile: linkedin-tui profiles delete NAME",
                ));
            }
            if !users.is_empty() {
                let names: Vec<&str> = users.iter().map(Name::as_str).collect();
                return Err(Error::bad_input(
                    format!("The app {} is used by: {}.", app.name, names.join(", ")),
                    "Delete those profiles first: linkedin-tui profiles delete NAME",
                ));
            }
            store.delete_app(&app.name)?;
            if printer.json {
                printer.value(&json::app(&app, &[]))?;
            }
            printer.status(&format!("The app {} and its secret are deleted from this machine.", app.name));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(session: &Session, app: &App, printer: Printer) -> Result<()> {
    let users = session.store.profiles_of(&app.name)?;
    if printer.json {
        return printer.value(&json::app(app, &users));
    }
    let names: Vec<&str> = users.iter().map(Name::as_str).collect();
    let secret = if app.client_secret.is_some() { "saved (never shown)" } else { "none" };
    printer.data(&format!("{:14} {}", "app", app.name))?;
    printer.data(&format!("{:14} {}", "client ID", clean(&app.client_id, 60)))?;
    printer.data(&format!("{:14} {secret}", "client secret"))?;
    printer.data(&format!("{:14} {}", "redirect URL", app.redirect_url.as_str()))?;
    printer.data(&format!("{:14} {}", "flow", app.flow.as_str()))?;
    printer.data(&format!("{:14} {}", "profiles", names.join(" ")))
}

fn add(session: &Session, args: AddApp) -> Result<App> {
    let name = Name::parse(&args.app)?;
    match session.store.without_secrets().app(&name) {
        Err(error) if error.code == Code::NoSuchApp => {}
        Err(error) => return Err(error),
        Ok(_) => {
            return Err(Error::bad_input(
                format!("There is an app called {name} already."),
                "Choose another name, or delete it first: linkedin-tui apps delete NAME",
            ));
        }
    }
    let client_id = match args.client_id.filter(|id| !id.trim().is_empty()) {
        Some(id) => Some(linkedin::parse_client_id(&id)?),
        None => session.env.client_id()?,
    };
    let client_id = client_id.ok_or_else(|| {
        Error::bad_input("The client ID is missing.", "Give it by --client-id; it stands on the app's Auth tab.")
    })?;
    let secret = args.secret.read()?.or_else(|| session.env.client_secret());
    let flow = args.flow;
    // LINKEDIN_REDIRECT_URI describes an ordinary app; a native one has nothing registered.
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
            "Give it by --client-secret-stdin or --client-secret-file; never as a flag's value.",
        ));
    }
    session.store.create_app(&app)?;
    Ok(app)
}
