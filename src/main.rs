//! The `linkedin-tui` program.

use std::process::ExitCode;

use linkedin_tui::{cli, tui};

fn main() -> ExitCode {
    tui::end_on_panic(|| ());
    cli::run(std::env::args_os(), tui::run)
}
