//! The text of a bug report: the checks and their environment, safe to paste in public.

use super::redactable::Aliases;
use super::{CheckState, Report};
use crate::clock::rfc3339;
use crate::config::Settings;

/// Returns the report as Markdown: without secrets, tokens and members; names are numbers, the home directory is `~`.
pub(crate) fn format_bug_report(report: &Report) -> String {
    let aliases = assign_aliases(report);
    let mut lines = vec!["# linkedin-tui doctor".to_owned(), String::new()];
    let facts = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("system", describe_system()),
        ("created at", rfc3339(report.at)),
        ("sandbox", if report.is_sandbox { "yes" } else { "no" }.to_owned()),
        ("apps", report.scan.app_names.len().to_string()),
        ("profiles", report.scan.profile_names.len().to_string()),
        ("client IDs", shorten_client_ids(report)),
        ("settings", list_settings(report)),
    ];
    lines.extend(facts.map(|(name, value)| format!("- {name}: {value}")));
    let mut group = "";
    for check in &report.checks {
        if check.group() != group {
            group = check.group();
            lines.push(format!("\n## {group}\n"));
        }
        let state = match check.state {
            CheckState::Ok => "ok",
            CheckState::Warning => "**warning**",
            CheckState::Error => "**error**",
        };
        lines.push(format!("- {state} `{}`: {}", check.id, escape(&check.message.redacted(&aliases))));
        lines.extend(check.fix.iter().map(|fix| format!("  - {}", escape(&fix.redacted(&aliases)))));
    }
    lines.join("\n")
}

fn assign_aliases(report: &Report) -> Aliases {
    let scan = &report.scan;
    // Apps that only profiles refer to have a number too.
    let mut apps = scan.app_names.clone();
    apps.extend(scan.profiles.iter().map(|profile| profile.app.clone()));
    apps.sort_unstable();
    apps.dedup();
    Aliases { apps, profiles: scan.profile_names.clone(), home: std::env::home_dir() }
}

fn describe_system() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or_default();
    let name = crate::text::sanitize(name.trim_matches('"'), 60);
    format!("{} {} {name}", std::env::consts::OS, std::env::consts::ARCH).trim_end().to_owned()
}

/// Returns the first two characters of each client ID, which identify no app.
fn shorten_client_ids(report: &Report) -> String {
    let short = |id: &str| id.chars().filter(char::is_ascii_alphanumeric).take(2).collect::<String>() + "...";
    let ids: Vec<String> = report.scan.apps.iter().map(|app| short(&app.client_id)).collect();
    if ids.is_empty() { "none".to_owned() } else { ids.join(", ") }
}

fn list_settings(report: &Report) -> String {
    let set_keys = Settings::configured_keys(report.scan.settings.as_deref().unwrap_or_default());
    let format_setting = |(key, value): &(String, Option<String>)| match value {
        Some(value) => format!("{key} = {value}"),
        None => format!("{key} (set)"),
    };
    let settings: Vec<String> = set_keys.iter().map(format_setting).collect();
    if settings.is_empty() { "the defaults".to_owned() } else { settings.join(", ") }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '\\' | '*' | '`' | '_' | '[' | ']' | '@' | '|' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
