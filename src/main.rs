//! The `linkedin-tui` program.

use std::process::ExitCode;

use linkedin_tui::internal::{run, set_panic_hook, tui};

fn main() -> ExitCode {
    set_panic_hook(|| ());
    run(std::env::args_os(), tui::run)
}
