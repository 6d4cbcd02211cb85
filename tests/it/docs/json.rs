//! The documented JSON and output equal those of the binary.

use std::collections::BTreeSet;

use clap::CommandFactory as _;

use super::read;

/// Collects the paths of all keys in a value; of an array, those of its first element.
fn collect_key_paths(value: &serde_json::Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                let at = format!("{at}.{key}");
                collect_key_paths(value, &at, into);
                into.insert(at);
            }
        }
        serde_json::Value::Array(items) => {
            if let Some(first) = items.first() {
                collect_key_paths(first, &format!("{at}[]"), into);
            }
        }
        _ => {}
    }
}

fn key_paths(json: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_key_paths(&json.trim().parse().unwrap_or_else(|error| panic!("{error}: {json}")), "", &mut found);
    found
}

/// Returns each `<!-- command -->` of json.md with the JSON below it.
fn documented_json() -> Vec<(String, String)> {
    let text = read("docs/json.md");
    let mut found = Vec::new();
    for part in text.split("<!-- ").skip(1) {
        let (command, rest) = part.split_once(" -->\n```json\n").unwrap();
        let (json, _) = rest.split_once("```").unwrap();
        found.push((command.to_owned(), json.to_owned()));
    }
    found
}

/// Asserts that the sign-in in README.md equals a real one, except for URLs, ports, times and browser names.
#[cfg(unix)]
fn assert_readme_shows_sign_in(real: &str) {
    let stable_part = |line: &str| {
        // README.md shows the output on a terminal.
        let line = line.trim_start_matches("✓ ");
        let end = ["http", " (", ": ", "expires "].iter().filter_map(|word| line.find(word)).min();
        line[..end.unwrap_or(line.len())].to_owned()
    };
    let real: Vec<String> = real.lines().map(stable_part).collect();
    let readme = read("README.md");
    let (_, block) = readme.split_once("login work\n```\n\n```text\n").unwrap();
    for line in block.lines().take_while(|line| *line != "```") {
        assert!(real.contains(&stable_part(line)), "README.md shows `{line}`, which is not in:\n{}", real.join("\n"));
    }
}

#[cfg(unix)]
#[test]
fn documented_json_has_the_real_keys() {
    let env = crate::e2e::test_env::TestEnv::new(None);
    let signed_in = env.login("work", "ada", &["--app", "work"]);
    assert!(signed_in.status.success());
    assert_readme_shows_sign_in(&String::from_utf8(signed_in.stderr).unwrap());
    // Another member, so that the token of `work` stays valid, with an app that has the Community Management API.
    env.control("scenario", &serde_json::json!({ "name": "approved-app" }));
    let signed_in = env.login("company", "bruce", &["--scope", crate::e2e::social::COMMUNITY_SCOPES]);
    assert!(signed_in.status.success(), "{}", String::from_utf8_lossy(&signed_in.stderr));
    let file = env.dir.path().join("site.env");
    let file = format!("file={}", file.display());
    let added = env.run(&["deliver", "work", "--add", "dotenv", "--name", "local", "--set", &file]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let documented = documented_json();
    assert!(documented.len() >= 17);
    for (command, json) in documented {
        let arguments: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let output = env.run(&arguments);
        let stdout = String::from_utf8(output.stdout).unwrap();
        let mut real = key_paths(&stdout);
        // The JSON of `api` is LinkedIn's, not this program's.
        real.retain(|path| !path.starts_with(".body."));
        assert_eq!(key_paths(&json), real, "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let output = env.run(&["token", "nope", "--json"]);
    let text = read("docs/json.md");
    let error = text.lines().find(|line| line.starts_with("{\"error\"")).unwrap();
    assert_eq!(key_paths(error), key_paths(&String::from_utf8(output.stdout).unwrap()));
}

#[test]
fn the_json_of_every_command_is_documented() {
    fn collect_names(command: &clap::Command, path: &str, into: &mut Vec<String>) {
        for inner in command.get_subcommands() {
            let path = format!("{path}{}", inner.get_name());
            if inner.has_subcommands() {
                collect_names(inner, &format!("{path} "), into);
            } else {
                into.push(path);
            }
        }
    }
    let mut names = Vec::new();
    collect_names(&linkedin_tui::internal::cli::Cli::command(), "", &mut names);
    let text = read("docs/json.md");
    let is_named = |name: &String| {
        [" ", "`"]
            .iter()
            .any(|end| text.contains(&format!("`{name}{end}")) || text.contains(&format!("<!-- {name}{end}")))
    };
    let missing: Vec<String> = names.into_iter().filter(|name| !is_named(name)).collect();
    assert!(missing.is_empty(), "docs/json.md does not name: {}", missing.join(", "));
}
