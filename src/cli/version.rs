//! `--version --verbose`: how this program was built. build.rs records it.

use std::ffi::OsString;

/// Returns whether the arguments of `--version` contain `--verbose` too: clap stops at the first of the two.
pub(super) fn is_verbose(arguments: &[OsString]) -> bool {
    arguments.iter().skip(1).filter_map(|argument| argument.to_str()).any(|argument| {
        argument == "--verbose" || argument.starts_with('-') && !argument.starts_with("--") && argument.contains('v')
    })
}

/// Returns version, commit, target, features and compiler, one per line.
pub(super) fn describe() -> String {
    format!(
        "linkedin-tui {}\ncommit: {}\ntarget: {}\nfeatures: {}\ncompiler: {}",
        env!("CARGO_PKG_VERSION"),
        env!("LINKEDIN_TUI_BUILD_COMMIT"),
        env!("LINKEDIN_TUI_BUILD_TARGET"),
        env!("LINKEDIN_TUI_BUILD_FEATURES"),
        env!("LINKEDIN_TUI_BUILD_RUSTC"),
    )
}
