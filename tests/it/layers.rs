//! The layers and their dependencies, read from `use` lines and paths; and the files that may expose secrets, read the
//! system clock or block.

mod cycles;
mod modules;

use std::path::{Path, PathBuf};

/// The layers that each layer may use. `sandbox` uses only LinkedIn's constants and the lowest layers: an error
/// shared with the client would stay hidden.
const ALLOWED_DEPENDENCIES: &[(&str, &[&str])] = &[
    ("assets", &[]),
    ("error", &["text"]),
    ("secret", &[]),
    ("clock", &["sync"]),
    ("text", &[]),
    ("sync", &[]),
    ("files", &["error"]),
    ("linkedin", &["assets", "error", "secret", "clock", "sync", "text", "files"]),
    ("oauth", &["linkedin", "error", "secret", "clock", "sync", "text", "files"]),
    ("store", &["linkedin", "error", "secret", "clock", "sync", "text", "files"]),
    ("config", &["store", "linkedin", "error", "secret", "clock", "sync", "text", "files"]),
    ("host", &["error", "secret", "clock", "sync", "text", "files"]),
    ("encryption", &["config", "store", "error", "secret", "clock", "sync", "text", "files"]),
    (
        "session",
        &["linkedin", "store", "config", "encryption", "host", "error", "secret", "clock", "sync", "text", "files"],
    ),
    (
        "flows",
        &[
            "session",
            "oauth",
            "linkedin",
            "store",
            "config",
            "encryption",
            "host",
            "error",
            "secret",
            "clock",
            "sync",
            "text",
            "files",
        ],
    ),
    ("sandbox", &["assets", "linkedin", "error", "secret", "clock", "sync", "text", "files"]),
    (
        "cli",
        &[
            "assets",
            "flows",
            "session",
            "oauth",
            "linkedin",
            "store",
            "config",
            "encryption",
            "host",
            "sandbox",
            "error",
            "secret",
            "clock",
            "sync",
            "text",
            "files",
        ],
    ),
    (
        "tui",
        &[
            "flows",
            "session",
            "oauth",
            "linkedin",
            "store",
            "config",
            "encryption",
            "host",
            "sandbox",
            "error",
            "secret",
            "clock",
            "sync",
            "text",
            "files",
        ],
    ),
    (
        "fuzzing",
        &["flows", "session", "oauth", "linkedin", "store", "config", "error", "secret", "clock", "sync", "text"],
    ),
    (
        "internal",
        &[
            "cli",
            "tui",
            "sandbox",
            "flows",
            "session",
            "encryption",
            "host",
            "oauth",
            "config",
            "store",
            "linkedin",
            "error",
            "secret",
            "clock",
            "text",
        ],
    ),
    ("lib", &["error", "flows", "secret"]),
    ("main", &["cli"]),
];

/// Files that may use one additional layer, with the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[("src/session/mod.rs", "sandbox", "--sandbox starts it for every command")];

fn source_paths(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(source_paths(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}

fn source_files() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = source_paths(&root.join("src"))
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text)
        })
        .collect();
    files.sort();
    files
}

/// Returns the layer of a file: the directory under `src`, or the file's own name.
fn layer(path: &str) -> &str {
    let rest = path.strip_prefix("src/").unwrap();
    rest.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Returns every layer that a text uses by `crate::LAYER` or, in one line or several, `crate::{a, b::c}`.
fn used_layers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let (mut depth, mut word) = (0, String::new());
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut word)),
                    c if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            found.push(word);
        } else {
            found.push(rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        }
    }
    found.iter().map(|word| word.trim().split("::").next().unwrap().to_owned()).collect()
}

#[test]
fn no_dependency_points_upwards() {
    let layers: Vec<&str> = ALLOWED_DEPENDENCIES.iter().map(|(layer, _)| *layer).collect();
    let mut wrong = Vec::new();
    for (path, text) in source_files() {
        let own_layer = layer(&path);
        let Some((_, allowed)) = ALLOWED_DEPENDENCIES.iter().find(|(layer, _)| *layer == own_layer) else {
            panic!("{path} is in no layer");
        };
        for other in used_layers(&text) {
            let is_excepted = EXCEPTIONS.iter().any(|(file, layer, _)| *file == path && *layer == other);
            let is_allowed = allowed.contains(&other.as_str()) || is_excepted;
            if layers.contains(&other.as_str()) && other != own_layer && !is_allowed {
                wrong.push(format!("{path} uses {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_exception_is_still_needed() {
    let files = source_files();
    for (file, layer, reason) in EXCEPTIONS {
        let (_, text) = files.iter().find(|(path, _)| path == file).unwrap();
        assert!(used_layers(text).iter().any(|name| name == layer), "{file} no longer uses {layer} ({reason})");
    }
}

#[test]
fn flows_and_lower_layers_use_no_terminal() {
    const TERMINAL_WORDS: &[&str] = &["ratatui", "crossterm", "clap", "println!", "eprintln!"];
    for (path, text) in source_files() {
        if !matches!(layer(&path), "cli" | "tui" | "main" | "lib") {
            for word in TERMINAL_WORDS {
                let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
                assert!(!code.into_iter().any(|line| line.contains(word)), "{path} uses {word}");
            }
        }
        if matches!(layer(&path), "store" | "config") {
            assert!(!text.contains("reqwest") && !text.contains("hyper"), "{path} uses the network");
        }
    }
}

/// Files of lower layers that may contain commands in strings, with the reason.
const FILES_WITH_COMMANDS: &[(&str, &str)] = &[
    ("src/flows/doctor/", "doctor is a command only; its fixes are typed into a shell"),
    ("src/flows/presets.rs", "the commands of deliveries"),
    ("src/flows/calendar.rs", "a calendar is read outside the interface"),
    ("src/host/", "the commands of browsers and clipboards"),
    ("src/sandbox/feed.rs", "a page that shows an example"),
];

#[test]
fn lower_layers_suggest_no_command() {
    let mut found = Vec::new();
    for (path, text) in source_files() {
        if matches!(layer(&path), "cli" | "tui" | "main")
            || FILES_WITH_COMMANDS.iter().any(|(file, _)| path.starts_with(file))
        {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let commands =
            ["login", "token", "status", "profiles", "apps", "check", "refresh", "revoke", "whoami", "deliver"]
                .into_iter()
                .chain([
                    "permissions",
                    "exec",
                    "export",
                    "import",
                    "post",
                    "api",
                    "mcp",
                    "encryption",
                    "scopes",
                    "doctor",
                ]);
        let commands: Vec<String> = commands.map(|command| format!("linkedin-tui {command}")).collect();
        let has_suggestion = |line: &&str| commands.iter().any(|command| line.contains(command)) || has_option(line);
        found.extend(code.filter(has_suggestion).map(|line| format!("{path}: {}", line.trim())));
    }
    assert!(found.is_empty(), "use Error::with_next_step instead:\n{}", found.join("\n"));
}

/// Returns whether a line names an option in a text: `--` after a space, a parenthesis or a backtick.
fn has_option(line: &str) -> bool {
    line.match_indices("--").any(|(at, _)| {
        line[..at].ends_with([' ', '(', '`']) && line[at + 2..].starts_with(|c: char| c.is_ascii_lowercase())
    })
}

#[test]
fn only_listed_files_expose_secrets() {
    let mut files = Vec::new();
    for (path, text) in source_files() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        files.extend(code.filter(|line| line.contains(".expose()")).map(|_| path.clone()));
    }
    assert_eq!(
        files,
        [
            "src/cli/output/printer.rs",
            "src/linkedin/http/form.rs",
            "src/oauth/callback/pages.rs",
            "src/session/process.rs",
            "src/store/format/secrets.rs",
            "src/tui/mod.rs"
        ],
        "printed on demand, sent, shown in the browser on demand, delivered, saved, shown or copied on demand"
    );
}

#[test]
fn io_error_kinds_are_compared_but_not_shown() {
    for (path, text) in source_files() {
        for line in text.lines().filter(|line| line.contains(".kind()")) {
            let is_compared = line.split(".kind()").skip(1).all(|rest| {
                ["==", "!=", "{"].iter().any(|sign| rest.trim_start().starts_with(sign)) || line.contains("matches!(")
            });
            assert!(is_compared, "{path} shows an error's kind; io_reason describes it to users: {line}");
        }
    }
}

/// Files that may read the system clock: the clock itself and its re-export for tests, the session that injects it, the readers of HTTP headers (for a
/// response without `Date`), and the comparison of file times.
const SYSTEM_CLOCK_FILES: &[&str] = &[
    "src/clock.rs",
    "src/internal.rs",
    "src/session/mod.rs",
    "src/linkedin/meanings/mod.rs",
    "src/linkedin/http/response.rs",
    "src/files/leftovers.rs",
];

#[test]
fn time_comes_from_the_injected_clock() {
    for (path, text) in source_files().into_iter().filter(|(path, _)| !SYSTEM_CLOCK_FILES.contains(&path.as_str())) {
        for word in ["SystemClock", "system_now", "SystemTime::now", "Timestamp::now", "Zoned::now"] {
            assert!(!text.contains(word), "{path} uses {word}");
        }
    }
}

#[test]
fn used_layers_are_found_in_every_use_form() {
    let text = "use crate::{Error, cli::args};\nlet x = crate::tui::runtime();\nuse crate::{a::{b, c}, d};\npub use crate::secret;";
    assert_eq!(used_layers(text), ["Error", "cli", "tui", "a", "d", "secret"]);
}

/// Calls that block on a lock or the disk, and with it every task of their thread, including the lock's holder.
const BLOCKING_CALLS: &[&str] = &[
    "update_profile",
    "update_locked",
    "create_or_update_profile",
    "save_app",
    "set_current_profile",
    "claim_current_profile",
    "make_current_if_none",
    "rename_profile",
    "delete_profile_with_undo",
    "delete_profile",
    "restore_profile",
    "delete_app",
    "lock_profile",
    "lock_deliveries",
    "ensure_writable",
    "ensure_writable_locked",
    "read_locked",
    "save_post",
    "save_maybe_published",
    "delete_maybe_published",
    "mark_post_deleted",
    "save_draft",
    "delete_draft",
    "set_completed_guide_steps",
    "claim_notification",
    "release_notification",
];

#[test]
fn no_flow_blocks_the_runtime_thread() {
    let mut wrong = Vec::new();
    for (path, text) in source_files() {
        if layer(&path) != "flows" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        // `Context::with_store` runs a closure on its own thread; only direct calls block.
        for line in code.lines() {
            if BLOCKING_CALLS.iter().any(|call| line.contains(&format!("ctx.store.{call}("))) {
                wrong.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "use Context::with_store:\n{}", wrong.join("\n"));
}
