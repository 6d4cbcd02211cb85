//! `deliver`: hands the token to where it is used, again; shows, adds and removes deliveries.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::commands::dotenv;
use crate::cli::output::printer::Printer;
use crate::clock::rfc3339;
use crate::flows::deliver::{planned, redeliver};
use crate::session::DeliveryEvent;
use crate::session::DeliveryMonitor;

use crate::flows::manage::{add_delivery, remove_delivery};
use crate::flows::presets::{PRESETS, Preset};
use crate::session::{Session, block_on};
use crate::store::{CommandExit, Delivery, DeliveryResult, Name};
use crate::text::clean;
use crate::{Code, Error, Result};

/// `deliver`
#[derive(Args, Debug)]
pub struct Deliver {
    /// The profile; else the current one
    pub profile: Option<String>,
    /// Print the commands that would run, and run none
    #[arg(long, conflicts_with = "test")]
    pub dry_run: bool,
    /// Send a test token of the same length; it really arrives, so deliver again afterwards
    #[arg(long)]
    pub test: bool,
    /// Only the delivery of this name; repeatable
    #[arg(long, value_name = "DELIVERY")]
    pub only: Vec<String>,
    /// Show the deliveries, and how each went last
    #[arg(long, group = "instead", conflicts_with_all = ["dry_run", "test", "only"])]
    pub list: bool,
    /// Show what can be added
    #[arg(long, group = "instead", conflicts_with_all = ["profile", "dry_run", "test", "only"])]
    pub presets: bool,
    /// Add a delivery to the profile
    #[arg(long, value_name = "PRESET", group = "instead", requires = "profile", conflicts_with_all = ["dry_run", "test", "only"])]
    pub add: Option<String>,
    /// What to call it; else the preset's name
    #[arg(long, value_name = "DELIVERY", requires = "add")]
    pub name: Option<String>,
    /// What the preset must know; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "add")]
    pub settings: Vec<String>,
    /// Take a delivery out of the profile
    #[arg(long, value_name = "DELIVERY", group = "instead", requires = "profile", conflicts_with_all = ["dry_run", "test", "only"])]
    pub remove: Option<String>,
    /// Put the NAME=value lines on stdin into a .env file whose other lines stay: a delivery's command
    #[arg(long, value_name = "FILE", group = "instead", conflicts_with_all = ["profile", "dry_run", "test", "only"])]
    pub into_dotenv: Option<PathBuf>,
}

/// Tells what happens to deliveries on stderr, whichever command made the token.
pub(crate) fn event_reporter(printer: Printer) -> DeliveryMonitor {
    DeliveryMonitor::new(move |event| match event {
        DeliveryEvent::Started { profile, delivery, .. } => {
            printer.status(&format!("delivering the token of {profile}: {}", clean(&delivery, 60)));
        }
        DeliveryEvent::Ended { delivery, result, .. } if result.succeeded() => {
            let detail = if result.line.is_empty() { String::new() } else { format!(": {}", result.line) };
            let what = if result.test_token { "test token delivered" } else { "delivered" };
            printer.status(&format!("{what}: {}{detail}", clean(&delivery, 60)));
        }
        DeliveryEvent::Ended { profile, delivery, result } => {
            printer.status(&format!("not delivered: {}: {}", clean(&delivery, 60), result.summary()));
            printer.status(&format!("  The token is safe. Deliver it again: linkedin-tui deliver {profile}"));
        }
        DeliveryEvent::Failed { profile, error } => {
            printer.status(&format!("the deliveries of {profile}: {error}"));
            printer.status(&format!("  {} Then: linkedin-tui deliver {profile}", error.hint));
        }
    })
}

pub(crate) fn run(session: &Session, args: &Deliver, printer: Printer) -> Result<ExitCode> {
    if let Some(file) = &args.into_dotenv {
        return dotenv::merge(file, printer);
    }
    if args.presets {
        return presets(printer);
    }
    printer.warnings(&session.store);
    let name = session.profile(args.profile.as_deref())?;
    if let Some(preset) = &args.add {
        return add(session, &name, Preset::find(preset)?, args, printer);
    }
    if let Some(delivery) = &args.remove {
        return remove(session, &name, delivery, printer);
    }
    if args.list {
        return list(&session.store.profile(&name)?.deliveries, &name, printer);
    }
    if args.dry_run {
        return dry_run(&planned(&session.store.without_secrets().profile(&name)?, &args.only)?, printer);
    }
    let results = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        redeliver(&ctx, &name, &args.only, args.test).await
    })?;
    if printer.json {
        printer.value(&results.iter().map(|(name, result)| outcome(name, result)).collect::<Vec<_>>())?;
    }
    if args.test && results.iter().any(|(_, result)| result.succeeded()) {
        printer
            .status("A test token is stored there now. To deliver the real one, run the same command without --test.");
    }
    let failed = results.iter().any(|(_, result)| !result.succeeded());
    Ok(ExitCode::from(if failed { Code::NotDelivered.exit_code() } else { 0 }))
}

/// Prints what would run, and how each command would get the token.
fn dry_run(deliveries: &[Delivery], printer: Printer) -> Result<ExitCode> {
    if printer.json {
        let rows: Vec<Value> = deliveries
            .iter()
            .map(|one| json!({"name": one.name, "command": one.command, "input": one.input.as_str()}))
            .collect();
        printer.value(&json!({"dry_run": true, "deliveries": rows}))?;
        return Ok(ExitCode::SUCCESS);
    }
    for one in deliveries {
        let (name, command) = (clean(&one.name, 60), clean(&one.command.join(" "), 200));
        printer.data(&format!("{name}  {command}  (input: {})", one.input.as_str()))?;
    }
    printer.status("Nothing was run.");
    Ok(ExitCode::SUCCESS)
}

fn outcome(name: &str, result: &DeliveryResult) -> Value {
    let (code, failure) = match &result.ended {
        CommandExit::Code(code) => (Some(*code), None),
        CommandExit::Failed(why) => (None, Some(why)),
    };
    json!({
        "name": name,
        "delivered": result.delivered_token(),
        "test_token": result.test_token,
        "at": rfc3339(result.at),
        "exit_code": code,
        "failure": failure,
        "line": result.line,
    })
}

fn shown(delivery: &Delivery) -> Value {
    json!({
        "name": delivery.name,
        "command": delivery.command,
        "input": delivery.input.as_str(),
        "last": delivery.last.as_ref().map(|last| outcome(&delivery.name, last)),
    })
}

fn list(deliveries: &[Delivery], name: &Name, printer: Printer) -> Result<ExitCode> {
    if printer.json {
        printer.value(&deliveries.iter().map(shown).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    if deliveries.is_empty() {
        printer.status(&format!("The profile {name} has no deliveries. linkedin-tui deliver --presets lists some."));
    }
    for one in deliveries {
        let last = match &one.last {
            None => "never run".to_owned(),
            Some(last) if last.succeeded() && last.test_token => {
                format!("has a test token since {}; deliver the real one", rfc3339(last.at))
            }
            Some(last) if last.succeeded() => format!("delivered {}  {}", rfc3339(last.at), last.line),
            Some(last) => format!("failed {}  {}", rfc3339(last.at), last.summary()),
        };
        printer.data(&format!(
            "{}  {}  {}",
            clean(&one.name, 60),
            clean(&one.command.join(" "), 200),
            last.trim_end()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn presets(printer: Printer) -> Result<ExitCode> {
    if printer.json {
        let rows: Vec<Value> = PRESETS
            .iter()
            .map(|preset| {
                let settings: Vec<Value> = preset
                    .settings
                    .iter()
                    .map(|one| json!({"key": one.key, "about": one.about, "default": one.default}))
                    .collect();
                json!({"preset": preset.key, "about": preset.about, "settings": settings})
            })
            .collect();
        printer.value(&rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    for preset in PRESETS {
        printer.data(&format!("{:22} {}", preset.key, preset.about))?;
        for one in preset.settings {
            let default = one.default.map_or_else(String::new, |text| format!(" (else {text})"));
            printer.data(&format!("{:22}   --set {}=...  {}{default}", "", one.key, one.about))?;
        }
    }
    printer.status("Add one: linkedin-tui deliver PROFILE --add PRESET --name NAME --set KEY=VALUE");
    Ok(ExitCode::SUCCESS)
}

fn add(session: &Session, name: &Name, preset: &Preset, args: &Deliver, printer: Printer) -> Result<ExitCode> {
    let mut detail = Vec::new();
    for text in &args.settings {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Error::bad_input("--set takes KEY=VALUE.", "For example: --set repo=me/site"))?;
        detail.push((key.to_owned(), value.to_owned()));
    }
    let new = preset.delivery(args.name.as_deref().unwrap_or(preset.key), &detail, &session.folder)?;
    add_delivery(&session.store, name, &new)?;
    if printer.json {
        printer.value(&shown(&new))?;
    }
    printer.status(&format!("Each new token of {name} goes to: {}", clean(&new.command.join(" "), 200)));
    printer.status(&format!(
        "Try it with a test token: linkedin-tui deliver {name} --test; deliver now: linkedin-tui deliver {name}"
    ));
    Ok(ExitCode::SUCCESS)
}

fn remove(session: &Session, name: &Name, delivery: &str, printer: Printer) -> Result<ExitCode> {
    let removed = remove_delivery(&session.store, name, delivery)?;
    if printer.json {
        printer.value(&shown(&removed))?;
    }
    printer.status(&format!("{} is no longer delivered to; what stands there stays.", clean(&removed.name, 60)));
    Ok(ExitCode::SUCCESS)
}
