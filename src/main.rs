//! The `linkedin-tui` program.

use std::process::ExitCode;

use linkedin_tui::internal::{end_on_panic, run, tui};

fn main() -> ExitCode {
    end_on_panic(|| ());
    run(std::env::args_os(), tui::run)
}
