//! `login`: sign in or re-authorize from the command line.

use std::io::IsTerminal;

use crate::cli::commands::profiles;
use crate::cli::output::login_progress::LoginReporter;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{self, Level};
use crate::cli::prompt;
use crate::config::SIGN_IN_TIMEOUT_SECONDS;
use crate::flows::client_credentials;
use crate::flows::sign_in::{
    DifferentMemberChoice, Request, SignInOutcome, describe_revoked, find_revoked_profiles, sign_in,
};
use crate::host::HostEnvironment;
use crate::linkedin::endpoints::portal;
use crate::linkedin::{self, Flow, RedirectUrl, products, scopes};
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET};
use crate::secret::Secret;
use crate::session::Context;
use crate::session::{Session, block_on};
use crate::store::{App, Name, Profile, Undecided};
use crate::text::sanitize;
use crate::{Code, Error, NextStep, Result};

#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Args {
    /// Profile name [default: the current profile, or default]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Saved app, or the name of a new one
    #[arg(long, value_name = "NAME")]
    #[arg(add = crate::cli::candidates::complete_app_names())]
    pub(crate) app: Option<String>,
    /// Client ID, from the app's Auth tab
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// Where the client secret comes from.
    #[command(flatten)]
    pub(crate) secret: prompt::SecretSource,
    /// Scope to request; repeatable, or separated by commas or spaces
    #[arg(long = "scope", value_name = "SCOPE")]
    #[arg(add = crate::cli::candidates::complete_scopes())]
    pub(crate) scopes: Vec<String>,
    /// Redirect URL, exactly as registered on the app's Auth tab
    #[arg(long, value_name = "URL")]
    pub(crate) redirect_url: Option<String>,
    /// Browser command, saved in the profile; %s or a last argument is the URL
    #[arg(long, value_name = "CMD", conflicts_with = "no_browser")]
    pub(crate) browser: Option<String>,
    /// Print the URL instead of opening a browser
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// Read the callback URL from stdin (the callback server keeps running)
    #[arg(long)]
    pub(crate) manual: bool,
    /// Time to wait for the browser
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(SIGN_IN_TIMEOUT_SECONDS))]
    pub(crate) timeout: Option<u64>,
    /// What to do if a different member signs in
    #[arg(long, value_name = "replace|new:NAME|discard")]
    pub(crate) on_member_mismatch: Option<String>,
    /// Also show the token in the browser
    #[arg(long)]
    pub(crate) show_token_in_browser: bool,
    /// Print the token on stdout
    #[arg(long)]
    pub(crate) print_token: bool,
    /// Get an app token by the client credentials grant, without a browser
    #[arg(long, conflicts_with_all = ["scopes", "browser", "no_browser", "manual", "timeout", "on_member_mismatch", "show_token_in_browser"])]
    pub(crate) client_credentials: bool,
}

pub(crate) fn run(session: &Session, mut args: Args, printer: Printer) -> Result<()> {
    printer.reject_json_with(args.print_token.then_some("--print-token"))?;
    printer.print_warnings(&session.store);
    let name = select_profile_name(session, &args)?;
    let saved = match session.store.profile(&name) {
        Ok(profile) => Some(profile),
        Err(error) if error.code == Code::NoSuchProfile => None,
        Err(error) => return Err(error),
    };
    if args.client_credentials || saved.as_ref().is_some_and(|profile| profile.client_credentials) {
        return sign_in_with_client_credentials(session, &args, &name, saved.as_ref(), printer);
    }
    let mut typed_secret = None;
    if saved.is_none() && !printer.is_json {
        typed_secret = prompt_for_app(session, &mut args, printer)?;
    }
    let request = build_request(session, &args, name, saved, typed_secret, printer)?;
    let outcome = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        let request = Request { is_token_shown: request.is_token_shown || ctx.settings.browser.show_token, ..request };
        warn_before_sign_in(&ctx, &request, printer)?;
        let theme = printer.status_theme(session);
        let (reporter, commands) =
            LoginReporter::new(printer, theme, args.manual, session.options.is_sandbox, HostEnvironment::detect());
        sign_in(&ctx, request, &|event| reporter.handle(event), commands).await
    })?;
    print_outcome(session, &args, &outcome, printer)
}

/// Gets a token by the client credentials grant, for a new or an existing profile.
fn sign_in_with_client_credentials(
    session: &Session,
    args: &Args,
    name: &Name,
    saved: Option<&Profile>,
    printer: Printer,
) -> Result<()> {
    let has_browser_option = args.manual
        || args.no_browser
        || args.browser.is_some()
        || args.timeout.is_some()
        || args.on_member_mismatch.is_some()
        || args.show_token_in_browser;
    if !args.client_credentials && (!args.scopes.is_empty() || has_browser_option) {
        return Err(Error::bad_input(
            format!("The profile {name} uses client credentials: its token has neither a member nor scopes."),
            "Remove the options, or sign in as a member to another profile.",
        ));
    }
    let app = resolve_app(session, args, name, saved, None, printer)?;
    let profile = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_custom_host_note(&ctx, "signing in");
        client_credentials::sign_in(&ctx, &app, name).await
    })?;
    let outcome = SignInOutcome {
        missing_scopes: Vec::new(),
        revoked_profiles: Vec::new(),
        saved_in: session.store.profile_path(name).display().to_string(),
        profile,
    };
    print_outcome(session, args, &outcome, printer)
}

/// Warns of a host that is not LinkedIn's, of invalid certificates, and of scopes that revoke other tokens.
fn warn_before_sign_in(ctx: &Context, request: &Request, printer: Printer) -> Result<()> {
    printer.print_custom_host_note(ctx, "signing in");
    for warning in ctx.http.warnings()? {
        printer.print_status(&format!("warning: {warning}"));
    }
    let profiles: Vec<Profile> =
        ctx.store.without_secrets().profiles()?.into_iter().filter_map(|entry| entry.profile.ok()).collect();
    let saved = profiles.iter().find(|profile| profile.name == request.profile);
    let granted = saved.and_then(|profile| profile.token.as_ref()).map(|token| token.scopes.as_slice());
    print_scope_warnings(&request.scopes, granted.unwrap_or_default(), printer);
    let revoked = find_revoked_profiles(request, &ctx.store.without_secrets().apps()?, profiles.iter(), ctx.now());
    if !revoked.is_empty() {
        let names: Vec<&str> = revoked.iter().map(Name::as_str).collect();
        printer.print_status(&format!(
            "warning: these scopes differ from those of earlier tokens for the client ID of the app {}. If the same member signs in, LinkedIn may revoke the tokens of: {}",
            request.app.name,
            names.join(", ")
        ));
    }
    Ok(())
}

/// Warns of scopes that LinkedIn may refuse. Those that it granted before are accepted.
fn print_scope_warnings(requested: &[String], granted: &[String], printer: Printer) {
    let new = scopes::find_missing(requested, granted);
    let approvals = products::required_approvals(&new)
        .map(|approvals| format!("The scopes require LinkedIn's approval of your app for: {approvals}"));
    let warnings = [scopes::unknown_warning(&new), approvals, products::combination_warning(requested)];
    for warning in warnings.into_iter().flatten() {
        printer.print_status(&format!("warning: {warning}"));
    }
}

fn print_outcome(session: &Session, args: &Args, outcome: &SignInOutcome, printer: Printer) -> Result<()> {
    let profile = &outcome.profile;
    if let Some(revoked) = describe_revoked(&outcome.revoked_profiles) {
        printer.print_status(&format!("warning: {revoked} To check them: {}", printer.command("check --all")));
    }
    let now = session.clock.now();
    let expiry = profile.token.as_ref().and_then(|token| token.expires_at).map_or_else(
        || "LinkedIn did not report when the token expires".to_owned(),
        |expires_at| format!("the token expires {}", theme::format_day_and_relative(expires_at, now)),
    );
    let describe_app = || format!("the app {} itself", profile.app);
    let owner = profile.member.as_ref().map_or_else(
        || {
            if profile.client_credentials {
                describe_app()
            } else {
                "a member that LinkedIn did not identify".to_owned()
            }
        },
        |member| sanitize(member.name.as_deref().unwrap_or(&member.id), 80),
    );
    let is_restricted = profile.check.is_some_and(|check| check.undecided == Some(Undecided::Restricted));
    let (level, restriction) =
        if is_restricted { (Level::Warning, ", whose account LinkedIn restricted") } else { (Level::Good, "") };
    let done = format!("done: {} is signed in as {owner}{restriction}; {expiry}.", profile.name);
    printer.print_status(&printer.status_theme(session).format_step(level, &done));
    if args.print_token
        && let Some(token) = &profile.token
    {
        printer.print_secret("", &token.access)?;
    }
    if printer.is_json {
        printer.print_json(&profiles::to_json(session, profile, printer)?)?;
    }
    Ok(())
}

/// Returns the selected profile, else `default`.
fn select_profile_name(session: &Session, args: &Args) -> Result<Name> {
    match session.find_profile(args.profile.as_deref())? {
        Some((name, _)) => Ok(name),
        None => Name::parse("default"),
    }
}

/// Prompts for the app and the scopes of a first sign-in, if neither options nor saved files name them, and returns the
/// client secret if it was typed. Changes nothing without a terminal.
fn prompt_for_app(session: &Session, args: &mut Args, printer: Printer) -> Result<Option<Secret>> {
    let apps = session.store.app_names()?;
    let is_app_selected = args.app.is_some() || apps.len() == 1 || session.options.is_sandbox;
    if is_app_selected || find_client_id(session, args)?.is_some() {
        return Ok(None);
    }
    let names: Vec<&str> = apps.iter().map(Name::as_str).collect();
    let prompt = if names.is_empty() {
        "Client ID:".to_owned()
    } else {
        format!("Saved app ({}), or the client ID of another one:", names.join(", "))
    };
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        printer.print_status(&format!("The client ID and secret are on your app's Auth tab: {}", portal::APPS));
        let redirect_url = find_redirect_url(session, args)?;
        printer.print_status(&format!("Add this redirect URL there: {}", redirect_url.as_str()));
    }
    loop {
        let Some(typed) = prompt::prompt_text(&prompt, printer)? else { return Ok(None) };
        if names.contains(&typed.as_str()) {
            args.app = Some(typed);
            break;
        }
        match linkedin::parse_client_id(&typed) {
            Ok(id) => {
                args.client_id = Some(id);
                break;
            }
            Err(error) => printer.print_status(&printer.summarize(&error)),
        }
    }
    // The portal shows the secret next to the client ID.
    let secret = if needs_secret(session, args)? { prompt_for_secret(printer)? } else { None };
    if args.scopes.is_empty() {
        prompt_for_scopes(args, printer)?;
    }
    Ok(secret)
}

/// Returns whether neither an option nor the environment nor a saved app has the client secret.
fn needs_secret(session: &Session, args: &Args) -> Result<bool> {
    Ok(!args.secret.is_given()
        && session.env.client_secret().is_none()
        && find_app(session, args, None)?.is_none_or(|app| app.client_secret.is_none() && app.flow == Flow::Standard))
}

/// Prompts for a client secret until one is typed; `None` without a terminal.
fn prompt_for_secret(printer: Printer) -> Result<Option<Secret>> {
    loop {
        let typed = prompt::prompt_secret("Client secret from the app's Auth tab (hidden):", printer)?;
        if typed.as_ref().is_none_or(|secret| !secret.is_empty()) {
            return Ok(typed);
        }
        printer.print_status("Enter the Primary Client Secret.");
    }
}

/// Prompts for the number of a preset of scopes, or for scopes.
fn prompt_for_scopes(args: &mut Args, printer: Printer) -> Result<()> {
    let to_owned = |scopes: &[&str]| -> Vec<String> { scopes.iter().map(|&scope| scope.to_owned()).collect() };
    for (number, preset) in (1..).zip(scopes::PRESETS) {
        let terms = products::required_approvals(&to_owned(preset.scopes)).map_or("", |_| " (requires approval)");
        printer.print_status(&format!("  {number}  {:15} {}{terms}", preset.title, preset.scopes.join(" ")));
    }
    let default =
        scopes::PRESETS.iter().position(|preset| preset.scopes == scopes::DEFAULT).map_or(1, |index| index + 1);
    loop {
        let prompt = format!("Number, or the scopes to request [{default}]:");
        let Some(typed) = prompt::prompt_text(&prompt, printer)? else { return Ok(()) };
        let number = if typed.is_empty() { Ok(default) } else { typed.parse::<usize>() };
        let selected = match number {
            Err(_) => scopes::split(&typed),
            Ok(number) => {
                let Some(preset) = number.checked_sub(1).and_then(|index| scopes::PRESETS.get(index)) else {
                    printer.print_status(&format!("Enter a number from 1 to {}, or scopes.", scopes::PRESETS.len()));
                    continue;
                };
                to_owned(preset.scopes)
            }
        };
        match scopes::check_before_request(&selected, &[]) {
            Ok(()) => {
                args.scopes = selected;
                return Ok(());
            }
            Err(error) => printer.print_status(&printer.summarize(&error)),
        }
    }
}

/// Combines options, saved files, environment variables and defaults.
fn build_request(
    session: &Session,
    args: &Args,
    name: Name,
    saved: Option<Profile>,
    typed_secret: Option<Secret>,
    printer: Printer,
) -> Result<Request> {
    let app = resolve_app(session, args, &name, saved.as_ref(), typed_secret, printer)?;
    let requested: Vec<String> = scopes::split(&args.scopes.join(" "));
    let scopes = match (requested.is_empty(), &saved) {
        (false, _) => requested,
        (true, Some(profile)) if !profile.scopes.is_empty() => profile.scopes.clone(),
        (true, _) => scopes::DEFAULT.iter().map(|&scope| scope.to_owned()).collect(),
    };
    let granted = saved.as_ref().and_then(|profile| profile.token.as_ref()).map(|token| token.scopes.as_slice());
    scopes::check_before_request(&scopes, granted.unwrap_or_default())?;
    let settings = session.settings()?;
    let on_different_member = match args.on_member_mismatch.as_deref() {
        Some(text) => Some(parse_different_member_choice(text)?),
        None if std::io::stdin().is_terminal() && !printer.is_json => None,
        None => Some(DifferentMemberChoice::Discard),
    };
    Ok(Request {
        app,
        profile: name,
        scopes,
        browser: args.browser.clone().or_else(|| saved.and_then(|profile| profile.browser)),
        is_browser_disabled: args.no_browser,
        timeout_seconds: args.timeout.unwrap_or(settings.sign_in.timeout_seconds),
        is_token_shown: args.show_token_in_browser,
        on_different_member,
    })
}

fn parse_different_member_choice(text: &str) -> Result<DifferentMemberChoice> {
    text.parse().map_err(|error: Option<Error>| {
        error.unwrap_or_else(|| {
            Error::bad_input(
                "--on-member-mismatch accepts replace, new:NAME or discard.",
                "For example: --on-member-mismatch new:client-li",
            )
        })
    })
}

/// Returns the selected saved app, or builds one, with its client secret.
fn resolve_app(
    session: &Session,
    args: &Args,
    profile: &Name,
    saved: Option<&Profile>,
    typed_secret: Option<Secret>,
    printer: Printer,
) -> Result<App> {
    let secret = args.secret.read()?.or(typed_secret);
    let mut app = match find_app(session, args, saved)? {
        Some(app) => ensure_consistent(app, args)?,
        None => build_app(session, args, profile)?,
    };
    if secret.is_some() {
        app.client_secret = secret;
    }
    if app.client_secret.is_none() && app.flow == Flow::Standard {
        app.client_secret = match session.env.client_secret() {
            Some(secret) => Some(secret),
            None => prompt_for_secret(printer)?,
        };
    }
    if app.client_secret.as_ref().is_none_or(Secret::is_empty) && app.flow == Flow::Standard {
        return Err(Error::bad_input(
            "The client secret is missing.",
            "Pass --client-secret-stdin or --client-secret-file, or set LINKEDIN_CLIENT_SECRET.",
        ));
    }
    Ok(app)
}

fn find_app(session: &Session, args: &Args, saved: Option<&Profile>) -> Result<Option<App>> {
    let store = &session.store;
    if let Some(profile) = saved {
        if let Some(app) = args.app.as_deref().filter(|app| *app != profile.app.as_str()) {
            return Err(Error::bad_input(
                format!(
                    "The profile {} belongs to the app {}, not to {}.",
                    profile.name,
                    profile.app,
                    sanitize(app, 80)
                ),
                "Sign in to another profile, or delete this one first.",
            ));
        }
        return store.app(&profile.app).map(Some);
    }
    if let Some(name) = &args.app {
        let name = Name::parse(name)?;
        return match store.app(&name) {
            Ok(app) => Ok(Some(app)),
            Err(error) if error.code == Code::NoSuchApp && args.client_id.is_some() => Ok(None),
            Err(mut error) if error.code == Code::NoSuchApp => {
                let hint = format!("{} To create it, add --client-id.", crate::text::to_sentence(&error.hint));
                error.replace_hint(hint, None);
                Err(error)
            }
            Err(error) => Err(error),
        };
    }
    let apps = store.apps()?;
    let client_id = find_client_id(session, args)?;
    match client_id {
        Some(id) => Ok(apps.into_iter().find(|app| app.client_id == id)),
        None if apps.len() == 1 => Ok(apps.into_iter().next()),
        None => Ok(None),
    }
}

/// Returns the client ID of the option, else of the environment variable.
fn find_client_id(session: &Session, args: &Args) -> Result<Option<String>> {
    match args.client_id.as_deref().filter(|id| !id.trim().is_empty()) {
        Some(id) => linkedin::parse_client_id(id).map(Some),
        None => session.env.client_id(),
    }
}

/// Rejects an option that contradicts a saved app.
fn ensure_consistent(app: App, args: &Args) -> Result<App> {
    let differs = |what: &str, saved: &str| {
        Err(Error::bad_input(
            format!("The saved app {} has a different {what}: {}.", app.name, sanitize(saved, 200)),
            "Remove the option, or add another app under a new name: --app NAME with a new profile.",
        ))
    };
    if args.client_id.as_deref().is_some_and(|id| id.trim() != app.client_id) {
        return differs("client ID", &app.client_id);
    }
    if args.redirect_url.as_deref().is_some_and(|url| url.trim() != app.redirect_url.as_str()) {
        return differs("redirect URL", app.redirect_url.as_str());
    }
    Ok(app)
}

fn build_app(session: &Session, args: &Args, profile: &Name) -> Result<App> {
    let sandbox_client_id = session.options.is_sandbox.then_some(CLIENT_ID);
    let client_id = match sandbox_client_id {
        Some(id) if args.client_id.is_none() => Some(id.to_owned()),
        _ => find_client_id(session, args)?,
    };
    let Some(client_id) = client_id else {
        return Err(Error::bad_input(
            "No app to sign in with.",
            "Pass --client-id and --client-secret-stdin, or name a saved app with --app.",
        )
        .with_next_step(NextStep::SetUp));
    };
    let name = args.app.as_deref().map_or_else(|| Ok(profile.clone()), Name::parse)?;
    let existing_names = session.store.app_names()?;
    Ok(App {
        name: if args.app.is_some() { name } else { name.first_free(|name| existing_names.contains(name)) },
        client_secret: (sandbox_client_id == Some(client_id.as_str())).then(|| Secret::new(CLIENT_SECRET)),
        client_id,
        redirect_url: find_redirect_url(session, args)?,
        flow: Flow::Standard,
    })
}

fn find_redirect_url(session: &Session, args: &Args) -> Result<RedirectUrl> {
    match &args.redirect_url {
        Some(text) => RedirectUrl::parse(text.trim()),
        None => session.env.redirect_url()?.map_or_else(|| RedirectUrl::parse(RedirectUrl::DEFAULT), Ok),
    }
}
