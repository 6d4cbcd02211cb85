//! The checks of the fuzz targets in `fuzz/`: properties of every parser of untrusted input.
//!
//! A check takes bytes and panics if a property does not hold. The test below runs every check over its committed seeds,
//! so that an input that failed once stays fixed without a fuzzer.

mod callbacks;
mod files;
mod requests;
mod responses;
mod texts;

use std::borrow::Cow;

use crate::Error;
use crate::text::is_hostile;

pub use callbacks::{callback_query, pasted_callback, redirect_url};
pub use files::{dotenv, profile_file};
pub use requests::api_path;
pub use responses::{error_body, token_response, userinfo};
pub use texts::{credential, little_text, terminal_text};

/// The longest error that is shown, in characters.
const MAX_ERROR_CHARS: usize = 4096;

/// Splits the input after its first line.
fn split_line(input: &[u8]) -> (Cow<'_, str>, &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (String::from_utf8_lossy(&input[..end]), input.get(end + 1..).unwrap_or_default())
}

/// Returns all texts of an error that can be shown.
fn collect_displayed_text(error: &Error) -> String {
    format!("{error} {} {}", error.hint_without_command(), error.sources().join(" "))
}

/// Checks that an error is safe on a terminal, and not too long to read.
fn check_displayed_error(error: &Error) {
    let shown = collect_displayed_text(error);
    assert!(!shown.contains(is_hostile), "an error contains control characters: {shown:?}");
    assert!(shown.chars().count() <= MAX_ERROR_CHARS, "an error of {} characters", shown.chars().count());
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    type Check = fn(&[u8]);

    const TARGETS: &[(&str, Check)] = &[
        ("api_path", api_path),
        ("callback_query", callback_query),
        ("credential", credential),
        ("dotenv", dotenv),
        ("error_body", error_body),
        ("little_text", little_text),
        ("pasted_callback", pasted_callback),
        ("profile_file", profile_file),
        ("redirect_url", redirect_url),
        ("terminal_text", terminal_text),
        ("token_response", token_response),
        ("userinfo", userinfo),
    ];

    #[test]
    fn every_seed_passes_its_check() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        // The published crate does not contain them.
        if !directory.exists() {
            return;
        }
        let mut failed_seeds = Vec::new();
        for (name, check) in TARGETS {
            let seeds: Vec<_> =
                std::fs::read_dir(directory.join(name)).unwrap().map(|seed| seed.unwrap().path()).collect();
            assert!(!seeds.is_empty(), "{name} has no seed");
            for seed in seeds {
                let input = std::fs::read(&seed).unwrap();
                if std::panic::catch_unwind(|| check(&input)).is_err() {
                    failed_seeds.push(seed);
                }
            }
        }
        assert!(failed_seeds.is_empty(), "{failed_seeds:#?}");
        let directories = std::fs::read_dir(directory).unwrap().count();
        assert_eq!(directories, TARGETS.len(), "a directory of seeds belongs to no target");
    }

    #[test]
    fn empty_lines_pass_every_check() {
        for (_, check) in TARGETS {
            for input in [b"".as_slice(), b"\n", b"\0", b"\xff\xfe", b"\n\n\n"] {
                check(input);
            }
        }
    }
}
