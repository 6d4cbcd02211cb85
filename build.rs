//! Compresses the data that is built in, records the build for `--version --verbose`, and keeps what only unwinding needs out of
//! the released program, which aborts on a panic: 1.2 MB.

use std::env::var;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The data that is built into the program.
const ASSETS: [&str; 5] = [
    "assets/linkedin/access.toml",
    "assets/linkedin/answers.json",
    "assets/linkedin/meanings.toml",
    "assets/mcp/schemas.json",
    "assets/sandbox/style.css",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for asset in ASSETS {
        compress(Path::new(asset));
    }
    let is_release = var("PROFILE").as_deref() == Ok("release");
    if is_release && var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        discard_unwind_tables();
    }
    let directory = PathBuf::from(var("CARGO_MANIFEST_DIR").unwrap_or_default());
    // A debug build has no commit: it would be compiled again after each one.
    let commit = if is_release {
        for path in files_that_follow_head(&directory) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        commit(&directory).unwrap_or_else(|| "unknown".to_owned())
    } else {
        "unknown (debug build)".to_owned()
    };
    let rustc = run(Command::new(var("RUSTC").unwrap_or_default()).arg("--version"));
    for (name, value) in
        [("COMMIT", Some(commit)), ("TARGET", var("TARGET").ok()), ("FEATURES", features()), ("RUSTC", rustc)]
    {
        println!("cargo::rustc-env=LINKEDIN_TUI_BUILD_{name}={}", value.as_deref().unwrap_or("none"));
    }
}

/// Writes the compressed file, which `src/assets.rs` includes.
fn compress(asset: &Path) {
    println!("cargo::rerun-if-changed={}", asset.display());
    let name = asset.file_name().unwrap_or_default().to_string_lossy();
    let written = std::fs::read_to_string(asset).and_then(|text| {
        let text = if name == "answers.json" { answers_of_the_sandbox(&text) } else { text };
        let compressed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 9);
        std::fs::write(PathBuf::from(var("OUT_DIR").unwrap_or_default()).join(format!("{name}.deflate")), compressed)
    });
    if let Err(error) = written {
        println!("cargo::error={} could not be compressed: {error}", asset.display());
    }
}

/// Returns the answers that the sandbox sends, without the keys that only tests read. Each is a line of the file.
fn answers_of_the_sandbox(text: &str) -> String {
    const SENDER: &str = "src/sandbox/answers.rs";
    println!("cargo::rerun-if-changed={SENDER}");
    let sender = std::fs::read_to_string(SENDER).unwrap_or_default();
    let is_sent = |entry: &String| entry.split('"').nth(3).is_some_and(|id| sender.contains(&format!("\"{id}\"")));
    let entries = text.lines().filter_map(|line| line.split_once(",\"sure\":")).map(|(entry, _)| format!("{entry}}}"));
    format!("[{}]", entries.filter(is_sent).collect::<Vec<_>>().join(","))
}

/// Makes the linker discard the index of the unwind tables. The tables themselves are discarded only by linkers that support the
/// script: LLD, which is Rust's default, and GNU ld.
fn discard_unwind_tables() {
    println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let is_own_linker = var("RUSTC_LINKER").is_ok() || flags.contains("fuse-ld") || flags.contains("linker=");
    if is_own_linker || var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu") {
        return;
    }
    let script = PathBuf::from(var("OUT_DIR").unwrap_or_default()).join("discard.ld");
    let sections = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table*) } } INSERT AFTER .data;\n";
    if std::fs::write(&script, sections).is_ok() {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}

/// Returns the Cargo features of the build, such as `keyring, mcp`.
fn features() -> Option<String> {
    let enabled = var("CARGO_CFG_FEATURE").ok()?;
    let names: Vec<&str> = enabled.split(',').filter(|name| !["", "default"].contains(name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Returns the commit of the checkout in `directory`, else the one that `cargo package` recorded.
pub(crate) fn commit(directory: &Path) -> Option<String> {
    if is_checkout(directory) {
        return git(directory, &["rev-parse", "HEAD"]);
    }
    let recorded = std::fs::read_to_string(directory.join(".cargo_vcs_info.json")).ok()?;
    // {"git": {"sha1": "…"}}
    let hash = recorded.split_once("\"sha1\"")?.1.split('"').nth(1)?;
    (hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| hash.to_owned())
}

/// Returns the files that change with every commit and checkout.
fn files_that_follow_head(directory: &Path) -> Vec<PathBuf> {
    if !is_checkout(directory) {
        return Vec::new();
    }
    let paths = ["HEAD", "logs/HEAD"].iter().filter_map(|name| git(directory, &["rev-parse", "--git-path", name]));
    // A path that does not exist would run this script in every build.
    paths.map(|path| directory.join(path)).filter(|path| path.exists()).collect()
}

/// Returns whether `directory` is the top of a checkout: an unpacked package may be inside a different one.
fn is_checkout(directory: &Path) -> bool {
    directory.join(".git").exists()
}

fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    run(Command::new("git").arg("-C").arg(directory).args(arguments))
}

/// Returns the first line that a command prints, if it succeeds.
fn run(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned)
}
