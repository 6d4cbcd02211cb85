//! Parses, runs, and maps an error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    linkedin_tui::cli::run(std::env::args_os())
}
