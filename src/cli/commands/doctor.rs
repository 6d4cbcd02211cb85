//! `doctor`: every finding on a line, its mend below it.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::flows::doctor::{CheckState, Report, Screen, bundle, examine};
use crate::host::TerminalCapabilities;
use crate::session::{Session, block_on};
use crate::store::write_private;

/// `doctor`
#[derive(Args, Debug)]
pub struct Doctor {
    /// Also write a report without names and secrets, safe to paste in public
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

pub(crate) fn run(session: &Session, args: &Doctor, no_color: bool, printer: Printer) -> Result<ExitCode> {
    let no_color = no_color || session.env.get("NO_COLOR").is_some();
    let size = std::io::stdout().is_terminal().then(|| crossterm::terminal::size().ok()).flatten();
    let report = block_on(async { Ok(examine(session, Screen { size, no_color }).await) })?;
    if printer.json {
        printer.value(&as_json(&report))?;
    } else {
        print(&report, ascii(session, no_color), printer)?;
    }
    if let Some(path) = &args.bundle {
        write_private(path, &format!("{}\n", bundle(&report)))?;
        printer.status("The report is written. It has no names and no secrets, and may be shown to anybody.");
    }
    Ok(ExitCode::from(report.exit_code()))
}

/// Are only ASCII characters wanted?
fn ascii(session: &Session, no_color: bool) -> bool {
    let capabilities = TerminalCapabilities::from_variables(|name| session.env.get(name));
    no_color || !capabilities.draws_unicode() || session.settings().is_ok_and(|settings| settings.ui.ascii)
}

fn print(report: &Report, ascii: bool, printer: Printer) -> Result<()> {
    let mut group = "";
    for check in &report.checks {
        if check.group() != group {
            printer.data(&format!("{}{}", if group.is_empty() { "" } else { "\n" }, check.group()))?;
            group = check.group();
        }
        let mark = match (check.state, ascii) {
            (CheckState::Ok, false) => "✓",
            (CheckState::Ok, true) => "+",
            (CheckState::Warning, _) => "!",
            (CheckState::Error, false) => "✗",
            (CheckState::Error, true) => "x",
        };
        printer.data(&format!("  {mark} {}", check.message.plain(report.root())))?;
        if let Some(fix) = &check.fix {
            printer.data(&format!("      {}", fix.plain(report.root())))?;
        }
    }
    Ok(())
}

fn as_json(report: &Report) -> serde_json::Value {
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "group": check.group(),
                "state": check.state.as_str(),
                "message": check.message.plain(report.root()),
                "mend": check.fix.as_ref().map(|fix| fix.plain(report.root())),
            })
        })
        .collect();
    json!({"checks": checks, "ok": report.is_ok()})
}
