//! Parses, runs, and maps an error to an exit code.

use std::process::ExitCode;

use linkedin_tui::cli::{self, Asked};
use linkedin_tui::tui;

fn main() -> ExitCode {
    tui::end_on_panic(|| ());
    match cli::run(std::env::args_os()) {
        Asked::Done(code) => code,
        Asked::Interface { session, no_color } => match tui::run(*session, no_color) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => cli::tell(&error),
        },
    }
}
