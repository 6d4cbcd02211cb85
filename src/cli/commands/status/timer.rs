//! `status --install-timer` and `--uninstall-timer`: prints each change of the system's scheduler, and applies it.

use std::path::PathBuf;

use jiff::SignedDuration;

use crate::cli::output::printer::Printer;
use crate::host::timer::{Directories, Job, Scheduler, Step};
use crate::session::Session;
use crate::{Code, Error, Result};

const DEFAULT_WITHIN: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Clone, Copy)]
pub(super) enum Change {
    Install { within: Option<SignedDuration> },
    Uninstall,
}

pub(super) fn run(session: &Session, change: Change, is_dry_run: bool, printer: Printer) -> Result<()> {
    if session.options.is_sandbox {
        return Err(Error::bad_input("The timer does not check the sandbox.", "Leave out --sandbox."));
    }
    let directories = find_directories(session)?;
    let (installed_by, steps) = match change {
        Change::Install { within } => {
            let scheduler = Scheduler::detect()?;
            (Some(scheduler), scheduler.install_steps(&build_job(session, within)?, &directories)?)
        }
        Change::Uninstall => {
            let steps =
                Scheduler::uninstall_candidates().into_iter().map(|scheduler| scheduler.uninstall_steps(&directories));
            (None, steps.collect::<Result<Vec<_>>>()?.concat())
        }
    };
    for step in &steps {
        if !is_dry_run {
            step.apply()?;
        }
        if !printer.is_json {
            printer.print_line(&step.describe(!is_dry_run))?;
            if let Step::Write { text, .. } = step
                && is_dry_run
            {
                let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
                printer.print_line(&lines.join("\n"))?;
            }
        }
    }
    if printer.is_json {
        let steps: Vec<String> = steps.iter().map(|step| step.describe(!is_dry_run)).collect();
        return printer.print_json(&serde_json::json!({ "dry_run": is_dry_run, "steps": steps }));
    }
    if is_dry_run {
        return Ok(());
    }
    printer.print_status(&match installed_by {
        Some(scheduler) => format!(
            "{} runs it every day at 9:00. To remove it: {}",
            scheduler.name(),
            printer.command("status --uninstall-timer")
        ),
        None if steps.is_empty() => "No timer is installed.".to_owned(),
        None => "Removed the timer.".to_owned(),
    });
    Ok(())
}

/// Returns the scheduled command: `status --notify` of this program, with the options that select the same files.
fn build_job(session: &Session, within: Option<SignedDuration>) -> Result<Job> {
    let program = std::env::current_exe().map_err(|error| {
        Error::new(Code::Files, "The path of this program is not known.", "Use one of the documented recipes.")
            .with_io_source(&error)
    })?;
    let within = within.unwrap_or(DEFAULT_WITHIN);
    let mut arguments: Vec<String> =
        ["status", "--within", &format!("{}s", within.as_secs()), "--notify"].map(str::to_owned).into();
    if within.as_secs() % 86_400 == 0 {
        arguments[2] = format!("{}d", within.as_secs() / 86_400);
    }
    // A scheduler has none of the variables of this shell.
    let has_selected_directory = session.options.config_dir.is_some()
        || ["LINKEDIN_TUI_CONFIG_DIR", "XDG_CONFIG_HOME"].iter().any(|name| session.env.get(name).is_some());
    if has_selected_directory {
        arguments.extend(["--config-dir".to_owned(), session.config_directory.display().to_string()]);
    }
    Ok(Job { program, arguments })
}

fn find_directories(session: &Session) -> Result<Directories> {
    let home = directories::BaseDirs::new()
        .map(|dirs| dirs.home_dir().to_owned())
        .ok_or_else(|| Error::new(Code::Files, "Your home directory is not known.", "Set HOME."))?;
    let config = session.env.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    Ok(Directories { config: config.unwrap_or_else(|| home.join(".config")), home })
}
