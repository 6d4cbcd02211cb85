//! `deliver`: runs the deliveries of a profile; lists, adds and removes them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;

use crate::cli::commands::dotenv;
use crate::cli::output::hint::quote;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Cell, Level, Theme, format_recent};
use crate::clock::rfc3339;
use crate::flows::deliver::select_deliveries;
use crate::flows::manage::{add_delivery, remove_delivery};
use crate::flows::presets::{PRESETS, Preset};
use crate::flows::redeliver::redeliver;
use crate::session::{DeliveryEvent, DeliveryMonitor, Session, block_on};
use crate::store::{CommandExit, Delivery, DeliveryResult, Name, Profile};
use crate::text::{fit, sanitize};
use crate::{Code, Error, Result};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Profile name [default: the current profile]
    #[arg(add = crate::cli::candidates::complete_profile_names())]
    pub(crate) profile: Option<String>,
    /// Print what would run, without running it
    #[arg(long, conflicts_with = "test")]
    pub(crate) dry_run: bool,
    /// Send a test token (replaces the real one until the next delivery)
    #[arg(long)]
    pub(crate) test: bool,
    /// Run only the delivery of this name; repeatable
    #[arg(long, value_name = "DELIVERY")]
    pub(crate) only: Vec<String>,
    /// List the deliveries and their last results
    #[arg(long, group = "instead", conflicts_with_all = ["dry_run", "test", "only"])]
    pub(crate) list: bool,
    /// List the presets of --add
    #[arg(long, group = "instead", conflicts_with_all = ["profile", "dry_run", "test", "only"])]
    pub(crate) presets: bool,
    /// Add a delivery to the profile
    #[arg(long, value_name = "PRESET", group = "instead", conflicts_with_all = ["dry_run", "test", "only"])]
    pub(crate) add: Option<String>,
    /// Name of the delivery [default: the preset's name]
    #[arg(long, value_name = "DELIVERY", requires = "add")]
    pub(crate) name: Option<String>,
    /// Setting of the preset; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "add")]
    pub(crate) settings: Vec<String>,
    /// Remove a delivery from the profile
    #[arg(long, value_name = "DELIVERY", group = "instead", conflicts_with_all = ["dry_run", "test", "only"])]
    pub(crate) remove: Option<String>,
    /// Write NAME=value lines from stdin into a .env file, keeping its other lines
    #[arg(long, value_name = "FILE", group = "instead", conflicts_with_all = ["profile", "dry_run", "test", "only"])]
    pub(crate) into_dotenv: Option<PathBuf>,
}

/// Returns a monitor that prints deliveries on stderr, whichever command issued the token.
pub(crate) fn reporting_monitor(printer: Printer) -> DeliveryMonitor {
    DeliveryMonitor::new(move |event| match event {
        DeliveryEvent::Started { profile, delivery, .. } => {
            printer.print_status(&format!("delivering the token of {profile}: {}", sanitize(&delivery, 60)));
        }
        DeliveryEvent::Finished { delivery, result, .. } if result.succeeded() => {
            let detail = if result.last_line.is_empty() { String::new() } else { format!(": {}", result.last_line) };
            let outcome = if result.is_test_token { "test token delivered" } else { "delivered" };
            printer.print_status(&format!("{outcome}: {}{detail}", sanitize(&delivery, 60)));
        }
        DeliveryEvent::Finished { profile, delivery, result } => {
            printer.print_status(&format!("not delivered: {}: {}", sanitize(&delivery, 60), result.summary()));
            let command = printer.command(format_args!("deliver {profile} --only={}", quote(&delivery)));
            let retry = if result.is_test_token {
                format!("Test it again: {command} --test")
            } else {
                format!("The token is saved. Deliver it again: {command}")
            };
            printer.print_status(&format!("  {retry}"));
        }
        DeliveryEvent::Failed { profile, error } => {
            printer.print_status(&format!("the deliveries of {profile}: {}", printer.summarize(&error)));
            printer.print_status(&format!("  Then: {}", printer.command(format_args!("deliver {profile}"))));
        }
    })
}

/// Runs the deliveries, unless an option selects another action.
pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    if args.list
        || args.presets
        || args.dry_run
        || args.add.is_some()
        || args.remove.is_some()
        || args.into_dotenv.is_some()
    {
        list_or_change(session, args, printer)?;
        return Ok(ExitCode::SUCCESS);
    }
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    warn_of_duplicate_names(session, &session.store.without_secrets().profile(&name)?, printer);
    let results = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        redeliver(&ctx, &name, &args.only, args.test).await
    })?;
    if printer.is_json {
        printer.print_json(
            &results.iter().map(|(name, result)| DeliveryResultJson::new(name, result)).collect::<Vec<_>>(),
        )?;
    }
    if args.test && results.iter().any(|(_, result)| result.succeeded()) {
        printer.print_status(
            "The targets have a test token now. To deliver the real token, run the same command without --test.",
        );
    }
    let failed = results.iter().any(|(_, result)| !result.succeeded());
    Ok(ExitCode::from(if failed { Code::NotDelivered.exit_code() } else { 0 }))
}

/// Lists, adds or removes deliveries, or writes variables into a `.env` file; runs no delivery.
fn list_or_change(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    if let Some(file) = &args.into_dotenv {
        return dotenv::merge(file, printer);
    }
    if args.presets {
        return print_presets(printer);
    }
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(args.profile.as_deref())?;
    if let Some(preset) = &args.add {
        return add_preset(session, &name, Preset::find(preset)?, args, printer);
    }
    if let Some(delivery) = &args.remove {
        return remove_named(session, &name, delivery, printer);
    }
    let profile = session.store.without_secrets().profile(&name)?;
    warn_of_duplicate_names(session, &profile, printer);
    if args.list {
        return print_list(session, &profile.deliveries, &name, printer);
    }
    print_dry_run(&select_deliveries(&profile, &args.only)?, printer)
}

/// Warns of each name that more than one delivery has.
fn warn_of_duplicate_names(session: &Session, profile: &Profile, printer: Printer) {
    let mut counts = BTreeMap::new();
    for delivery in &profile.deliveries {
        let count = counts.entry(delivery.name.as_str()).or_insert(0_usize);
        *count += 1;
        if *count == 2 {
            printer.print_status(&format!(
                "warning: {}: more than one delivery is called {}. Give each a different name.",
                session.store.profile_path(&profile.name).display(),
                sanitize(&delivery.name, 60)
            ));
        }
    }
}

#[derive(Serialize)]
struct PlannedDelivery<'a> {
    name: &'a str,
    command: &'a [String],
    input: &'static str,
}

#[derive(Serialize)]
struct DryRun<'a> {
    dry_run: bool,
    deliveries: Vec<PlannedDelivery<'a>>,
}

/// Prints the commands that would run, and how each would receive the token.
fn print_dry_run(deliveries: &[Delivery], printer: Printer) -> Result<()> {
    if printer.is_json {
        let planned = deliveries.iter().map(|Delivery { name, command, input, .. }| PlannedDelivery {
            name,
            command,
            input: input.as_str(),
        });
        return printer.print_json(&DryRun { dry_run: true, deliveries: planned.collect() });
    }
    for delivery in deliveries {
        let (name, command) = (sanitize(&delivery.name, 60), sanitize(&delivery.command.join(" "), 200));
        printer.print_line(&format!("{name}  {command}  (input: {})", delivery.input.as_str()))?;
    }
    printer.print_status("Nothing was run.");
    Ok(())
}

#[derive(Serialize)]
struct DeliveryResultJson<'a> {
    name: &'a str,
    delivered: bool,
    test_token: bool,
    at: String,
    exit_code: Option<i32>,
    failure: Option<&'a str>,
    line: &'a str,
}

impl<'a> DeliveryResultJson<'a> {
    fn new(name: &'a str, result: &'a DeliveryResult) -> Self {
        let (exit_code, failure) = match &result.exit {
            CommandExit::Code(code) => (Some(*code), None),
            CommandExit::Failed(why) => (None, Some(why.as_str())),
        };
        Self {
            name,
            delivered: result.delivered_token(),
            test_token: result.is_test_token,
            at: rfc3339(result.at),
            exit_code,
            failure,
            line: &result.last_line,
        }
    }
}

#[derive(Serialize)]
struct DeliveryRow<'a> {
    name: &'a str,
    command: &'a [String],
    input: &'static str,
    last: Option<DeliveryResultJson<'a>>,
}

impl<'a> DeliveryRow<'a> {
    fn new(delivery: &'a Delivery) -> Self {
        Self {
            name: &delivery.name,
            command: &delivery.command,
            input: delivery.input.as_str(),
            last: delivery.last_result.as_ref().map(|last| DeliveryResultJson::new(&delivery.name, last)),
        }
    }
}

fn print_list(session: &Session, deliveries: &[Delivery], name: &Name, printer: Printer) -> Result<()> {
    if printer.is_json {
        return printer.print_json(&deliveries.iter().map(DeliveryRow::new).collect::<Vec<_>>());
    }
    if deliveries.is_empty() {
        printer.print_status(&format!(
            "The profile {name} has no deliveries. List the presets: {}",
            printer.command("deliver --presets")
        ));
        return Ok(());
    }
    let theme = printer.theme(session);
    if theme.is_terminal {
        let rows = deliveries.iter().map(|delivery| delivery_cells(delivery, session.clock.now(), theme));
        return printer.print_table(theme, &["DELIVERY", "LAST RUN", "COMMAND", "RESULT"], &[0, 3, 2], rows.collect());
    }
    for delivery in deliveries {
        let last = match &delivery.last_result {
            None => "never run".to_owned(),
            Some(last) if last.succeeded() && last.is_test_token => {
                format!("test token delivered {}; deliver the real one", rfc3339(last.at))
            }
            Some(last) if last.succeeded() => format!("delivered {}  {}", rfc3339(last.at), last.last_line),
            Some(last) => format!("failed {}  {}", rfc3339(last.at), last.summary()),
        };
        printer.print_line(&format!(
            "{}  {}  {}",
            sanitize(&delivery.name, 60),
            sanitize(&delivery.command.join(" "), 200),
            sanitize(last.trim_end(), 200)
        ))?;
    }
    Ok(())
}

fn delivery_cells(delivery: &Delivery, now: Timestamp, theme: Theme) -> Vec<Cell> {
    let (level, result) = match &delivery.last_result {
        None => (Level::Neutral, "never run".to_owned()),
        Some(last) if last.succeeded() && last.is_test_token => {
            (Level::Warning, "test token delivered; deliver the real one".to_owned())
        }
        Some(last) if last.succeeded() => (Level::Good, format!("delivered  {}", sanitize(&last.last_line, 200))),
        Some(last) => (Level::Bad, format!("failed  {}", sanitize(&last.summary(), 200))),
    };
    let at = delivery.last_result.as_ref().map_or_else(|| "-".to_owned(), |last| format_recent(last.at, now));
    let command = fit(&sanitize(&delivery.command.join(" "), 200), 40);
    let result = theme.marked_cell(level, result.trim_end()).wrapped();
    vec![sanitize(&delivery.name, 60).into(), at.into(), command.into(), result]
}

#[derive(Serialize)]
struct PresetRow {
    preset: &'static str,
    about: &'static str,
    settings: Vec<PresetSetting>,
}

#[derive(Serialize)]
struct PresetSetting {
    key: &'static str,
    about: &'static str,
    default: Option<&'static str>,
}

fn print_presets(printer: Printer) -> Result<()> {
    if printer.is_json {
        let rows = PRESETS.iter().map(|preset| PresetRow {
            preset: preset.key,
            about: preset.about,
            settings: preset
                .settings
                .iter()
                .map(|setting| PresetSetting { key: setting.key, about: setting.about, default: setting.default })
                .collect(),
        });
        return printer.print_json(&rows.collect::<Vec<_>>());
    }
    for preset in PRESETS {
        printer.print_line(&format!("{:22} {}", preset.key, preset.about))?;
        for setting in preset.settings {
            let default = setting.default.map_or_else(String::new, |text| format!(" [default: {text}]"));
            printer.print_line(&format!("{:22}   --set {}=...  {}{default}", "", setting.key, setting.about))?;
        }
    }
    printer.print_status(&format!(
        "Add one: {}",
        printer.command("deliver PROFILE --add PRESET --name NAME --set KEY=VALUE")
    ));
    Ok(())
}

fn add_preset(session: &Session, name: &Name, preset: &Preset, args: &Args, printer: Printer) -> Result<()> {
    let mut settings = Vec::new();
    for text in &args.settings {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Error::bad_input("--set accepts KEY=VALUE.", "For example: --set repo=me/site"))?;
        settings.push((key.to_owned(), value.to_owned()));
    }
    let delivery =
        preset.create_delivery(args.name.as_deref().unwrap_or(preset.key), &settings, &session.working_dir)?;
    add_delivery(&session.store, name, &delivery)?;
    if printer.is_json {
        printer.print_json(&DeliveryRow::new(&delivery))?;
    }
    printer.print_status(&format!(
        "Each new token of {name} is delivered to: {}",
        sanitize(&delivery.command.join(" "), 200)
    ));
    // Without --only, the test token would replace the real one at the targets of the other deliveries.
    let command = printer.command(format_args!("deliver {name} --only={}", quote(&delivery.name)));
    printer.print_status(&format!("Try it with a test token: {command} --test; deliver now: {command}"));
    Ok(())
}

fn remove_named(session: &Session, name: &Name, delivery: &str, printer: Printer) -> Result<()> {
    let removed = remove_delivery(&session.store, name, delivery)?;
    if printer.is_json {
        printer.print_json(&DeliveryRow::new(&removed))?;
    }
    printer.print_status(&format!(
        "Removed the delivery {}. What was delivered before stays there.",
        sanitize(&removed.name, 60)
    ));
    Ok(())
}
