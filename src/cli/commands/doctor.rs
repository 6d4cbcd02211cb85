//! `doctor`: every check on a line, with its fix below.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::cli::output::theme::{Level, Theme};
use crate::flows::doctor::{Check, CheckState, OutputTerminal, Report, format_bug_report, run_checks};
use crate::session::{Session, block_on};
use crate::store::write_output;
use crate::text::sanitize;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Also write a bug report without names or secrets, safe to share
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<ExitCode> {
    let no_color = printer.has_no_color || session.env.get("NO_COLOR").is_some();
    let size = std::io::stdout().is_terminal().then(|| crossterm::terminal::size().ok()).flatten();
    let report = block_on(async { Ok(run_checks(session, OutputTerminal { size, no_color }).await) })?;
    if printer.is_json {
        printer.print_json(&ReportJson::new(&report, printer))?;
    } else {
        print_report(&report, printer.theme(session), printer)?;
    }
    if let Some(path) = &args.bundle {
        write_output(path, &format!("{}\n", format_bug_report(&report)))?;
        let path = sanitize(&path.to_string_lossy(), 120);
        printer.print_status(&format!(
            "Wrote the bug report to {path}. It contains no names or secrets and is safe to share."
        ));
    }
    Ok(ExitCode::from(report.exit_code()))
}

fn print_report(report: &Report, theme: Theme, printer: Printer) -> Result<()> {
    let mut group = "";
    for check in &report.checks {
        if check.group() != group {
            printer.print_line(&format!("{}{}", if group.is_empty() { "" } else { "\n" }, check.group()))?;
            group = check.group();
        }
        let level = match check.state {
            CheckState::Ok => Level::Good,
            CheckState::Warning => Level::Warning,
            CheckState::Error => Level::Bad,
        };
        let mark = theme.paint(level, theme.mark(level));
        printer.print_line(&format!("  {mark} {}", check.message.plain(report.root(), printer.program_command)))?;
        if let Some(fix) = &check.fix {
            printer.print_line(&format!("      {}", fix.plain(report.root(), printer.program_command)))?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct ReportJson {
    checks: Vec<CheckRow>,
    ok: bool,
}

#[derive(Serialize)]
struct CheckRow {
    id: &'static str,
    group: &'static str,
    state: &'static str,
    message: String,
    fix: Option<String>,
}

impl ReportJson {
    fn new(report: &Report, printer: Printer) -> Self {
        let to_row = |check: &Check| CheckRow {
            id: check.id,
            group: check.group(),
            state: check.state.as_str(),
            message: check.message.plain(report.root(), printer.program_command),
            fix: check.fix.as_ref().map(|fix| fix.plain(report.root(), printer.program_command)),
        };
        Self { checks: report.checks.iter().map(to_row).collect(), ok: report.is_ok() }
    }
}
