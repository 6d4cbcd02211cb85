//! The documentation is correct: generated parts are up to date, links work, and commands parse.
//!
//! `UPDATE_DOCS=1 cargo test --test it docs` rewrites the generated parts.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory as _, Parser as _};
use linkedin_tui::Code;
use linkedin_tui::internal::cli::Cli;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n")
}

/// Compares a document with its expected content; `UPDATE_DOCS=1` rewrites it first.
fn check_current(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join(path), expected).unwrap();
    }
    assert!(read(path) == expected, "{path} is stale: UPDATE_DOCS=1 cargo test --test it docs");
}

/// Returns every Markdown file of the repository, with its path from the root.
fn documents() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && name != "artifacts" && !name.starts_with('.') {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|kind| kind == "md") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name.clone(), read(&name));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root(), &mut found);
    assert!(found.contains_key("README.md"));
    found
}

/// A piece of a document: a fenced block with its language, or the text between two.
enum Piece {
    Code { language: String, text: String },
    Text(String),
}

fn pieces(document: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut fence: Option<String> = None;
    for line in document.lines() {
        let opened = line.trim_start().strip_prefix("```");
        match (&fence, opened) {
            (None, Some(language)) => {
                found.push(Piece::Text(std::mem::take(&mut text)));
                fence = Some(language.trim().to_owned());
            }
            (Some(language), Some("")) => {
                found.push(Piece::Code { language: language.clone(), text: std::mem::take(&mut text) });
                fence = None;
            }
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "a code block is not closed:\n{text}");
    found.push(Piece::Text(text));
    found
}

// ---- links

/// Returns the anchors of a document's headings, as GitHub forms them.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in pieces(document) {
        let Piece::Text(text) = piece else { continue };
        for heading in text.lines().filter(|line| line.starts_with('#')) {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let slug: String = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            let again = (1..).map(|number| format!("{slug}-{number}"));
            let free = std::iter::once(slug.clone()).chain(again).find(|slug| !found.contains(slug));
            found.extend(free);
        }
    }
    found
}

/// Returns the targets of inline links and images outside code.
fn links(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in pieces(document) {
        let Piece::Text(text) = piece else { continue };
        // Inline code is not a link.
        let prose: String = text.split('`').step_by(2).collect();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| target.to_owned()));
        let sources = text.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        found.extend(sources.map(|(target, _)| target.to_owned()));
    }
    found
}

#[test]
fn relative_links_and_anchors_lead_somewhere() {
    let documents = documents();
    let mut broken = Vec::new();
    for (name, text) in &documents {
        for link in links(text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let mut parts: Vec<&str> = name.split('/').collect();
            if file.is_empty() {
                parts = vec![name];
            } else {
                parts.pop();
                for part in file.split('/') {
                    if part == ".." {
                        parts.pop();
                    } else if part != "." {
                        parts.push(part);
                    }
                }
            }
            let target = parts.join("/");
            let exists = root().join(&target).exists();
            let is_headed =
                anchor.is_none_or(|at| documents.get(&target).is_some_and(|text| anchors(text).contains(at)));
            if !exists || !is_headed {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn anchors_are_formed_as_github_forms_them() {
    let text = "# The `a b`: one, two\n```sh\n# no heading\n```\n## Twice\n## Twice\n";
    assert_eq!(anchors(text), ["the-a-b-one-two", "twice", "twice-1"].map(str::to_owned).into());
}

/// Returns whether a path exists in the repository, or in its `src/`.
fn is_source_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    root().join(path).exists() || root().join("src").join(path).exists()
}

#[test]
fn source_files_named_in_documents_exist() {
    let mut missing = Vec::new();
    for (name, text) in documents() {
        let words = text.split(|c: char| c.is_whitespace() || "`()[],;:\"'|".contains(c));
        for word in words.map(|word| word.trim_end_matches('.')) {
            let is_source = ["src/", "tests/", "assets/", "fuzz/"].iter().any(|folder| word.starts_with(folder))
                || Path::new(word).extension().is_some_and(|kind| kind == "rs") && word.contains('/');
            let is_pattern = word.contains(['*', '{', '<']) || word.chars().any(char::is_uppercase);
            let is_link = name.contains('/') && word.starts_with("..");
            if is_source && !is_pattern && !is_link && !word.contains("://") && !is_source_path(word) {
                missing.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

// ---- commands

/// Returns the arguments of the command line at the start of `text`, up to what terminates it in a shell. An unclosed quote
/// terminates it too: the whole command is quoted.
fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<(char, Vec<String>)> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (&quote, character) {
            (Some((open, _)), _) if character == *open => quote = None,
            (None, '\\') if characters.peek() == Some(&'\n') => {
                characters.next();
            }
            (None, '\'' | '"') => {
                let before = found.iter().cloned().chain(word.clone()).collect();
                quote = Some((character, before));
                word.get_or_insert_default();
            }
            (None, '\n' | ';' | '&' | '>' | '<' | ')' | '`') => break,
            (None, '|' | '#') if word.is_none() => break,
            (None, _) if character.is_whitespace() => found.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    found.extend(word);
    quote.map_or(found, |(_, before)| before)
}

/// Returns a value for a placeholder: `[PROFILE]`, `SECONDS`, `off|keyring`.
fn filled(word: &str) -> Option<String> {
    let bare = word.trim_start_matches('[').trim_end_matches(']').replace("\\|", "|");
    let is_choice = !bare.contains("://") && !bare.contains(' ');
    let first = if is_choice { bare.split('|').next().unwrap_or_default() } else { &bare };
    Some(
        match first {
            "" | "…" | "..." => return None,
            "SECONDS" | "N" => "60",
            "DURATION" => "7d",
            "FORMAT" => "env",
            "SHELL" => "bash",
            "COMMAND" => "login",
            "KEY=VALUE" => "repo=me/site",
            other => other,
        }
        .to_owned(),
    )
}

/// Returns every command line of this program in `text`, with its arguments.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for start in ["linkedin-tui ", "linkedin-tui.exe ", "cargo run --release -- "] {
        for (at, _) in text.match_indices(start) {
            // At the start of a line, behind a path, an operator, a cron schedule; anywhere else it is an argument.
            let before = text[..at].trim_end_matches(' ').chars().next_back();
            if before.is_none_or(|before| before.is_ascii_digit() || "\n(/\\|;&=*-\"'".contains(before)) {
                found.push(words(&text[at + start.len()..]).iter().filter_map(|word| filled(word)).collect());
            }
        }
    }
    found
}

/// Returns why the arguments do not parse.
fn refusal(arguments: &[String]) -> Option<String> {
    let line = std::iter::once("linkedin-tui").chain(arguments.iter().map(String::as_str));
    let refused = Cli::try_parse_from(line).err()?;
    let is_help = matches!(refused.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!is_help).then(|| format!("linkedin-tui {}: {}", arguments.join(" "), refused.render()))
}

/// Returns the arguments of `{"command": "linkedin-tui", "args": [...]}` at any depth.
fn arguments_in(value: &serde_json::Value, found: &mut Vec<Vec<String>>) {
    let Some(object) = value.as_object() else { return };
    if object.get("command").is_some_and(|command| command == "linkedin-tui") {
        let arguments = object["args"].as_array().unwrap();
        found.push(arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect());
    }
    for value in object.values() {
        arguments_in(value, found);
    }
}

#[test]
fn every_command_line_shown_parses() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, text) in documents() {
        if name == "CHANGELOG.md" || name.starts_with("fuzz/") || name.starts_with("benches/") {
            continue;
        }
        for piece in pieces(&text) {
            let lines = match piece {
                Piece::Code { language, text } if language == "json" => {
                    let mut lines = Vec::new();
                    if let Ok(value) = text.trim().parse::<serde_json::Value>() {
                        arguments_in(&value, &mut lines);
                    }
                    lines
                }
                Piece::Code { language, .. } if ["text", "toml", "xml"].contains(&language.as_str()) => Vec::new(),
                Piece::Code { text, .. } => command_lines(&text),
                // Inline code only: prose names the program too.
                Piece::Text(text) => {
                    let inline = text.split('`').skip(1).step_by(2);
                    inline.filter(|code| !code.contains('\n')).flat_map(command_lines).collect()
                }
            };
            count += lines.len();
            wrong.extend(lines.iter().filter_map(|line| refusal(line)).map(|why| format!("{name}: {why}")));
        }
    }
    assert!(count > 70, "only {count} command lines were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn command_lines_are_found_in_shell_text() {
    let lines = command_lines(
        "TOKEN=$(linkedin-tui token work) # linkedin-tui is here\n\
         linkedin-tui token work --header | curl -H @- https://example.com/\n\
         linkedin-tui post \"a | b\" \\\n  --link https://example.com/ > file\n\
         linkedin-tui encryption [off|keyring]\n\
         run \"linkedin-tui whoami\"\n",
    );
    let expected: [&[&str]; 5] = [
        &["token", "work"],
        &["token", "work", "--header"],
        &["post", "a | b", "--link", "https://example.com/"],
        &["encryption", "off"],
        &["whoami"],
    ];
    assert_eq!(lines, expected);
    assert!(refusal(&["tokens".to_owned()]).is_some());
    assert!(refusal(&["--help".to_owned()]).is_none());
}

// ---- generated documents

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace("](", "]\\(").replace('\n', " ")
}

/// `--min-ttl <DURATION>`
fn flag(argument: &Arg) -> String {
    let names =
        [argument.get_short().map(|short| format!("-{short}")), argument.get_long().map(|long| format!("--{long}"))];
    let names: Vec<String> = names.into_iter().flatten().collect();
    let values = argument.get_value_names().unwrap_or_default().iter().map(|name| {
        let is_delimited = name.starts_with('<') || name.contains('|');
        if is_delimited { format!("<{}>", name.trim_matches(['<', '>'])) } else { name.to_string() }
    });
    let values: Vec<String> = if argument.get_action().takes_values() { values.collect() } else { Vec::new() };
    if argument.is_positional() {
        return argument.to_string();
    }
    [names.join(", "), values.join(" ")].join(" ").trim_end().to_owned()
}

fn meaning(argument: &Arg) -> String {
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        write!(meaning, ": {}", values.join(", ")).unwrap();
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        write!(meaning, " (default: {})", defaults.join(", ")).unwrap();
    }
    cell(&meaning)
}

fn table<'a>(out: &mut String, head: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<String> = arguments
        .filter(|argument| !argument.is_hide_set() && !["help", "version"].contains(&argument.get_id().as_str()))
        .map(|argument| format!("| `{}` | {} |\n", cell(&flag(argument)), meaning(argument)))
        .collect();
    if !rows.is_empty() {
        write!(out, "\n| {head} | meaning |\n|---|---|\n{}", rows.concat()).unwrap();
    }
}

/// Examples become a code block; other paragraphs stay text.
fn notes(out: &mut String, command: &Command) {
    let notes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in notes.split("\n\n") {
        let (head, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        if head.starts_with("Example") {
            let lines: Vec<&str> = rest.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            write!(out, "\n```sh\n{}\n```\n", lines.join("\n")).unwrap();
        } else if !paragraph.is_empty() {
            write!(out, "\n{}\n", paragraph.replace('\n', " ")).unwrap();
        }
    }
}

fn section(out: &mut String, command: &Command, level: usize) {
    let name = command.get_bin_name().unwrap_or_default();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    write!(out, "\n{} {name}\n\n{about}\n", "#".repeat(level)).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim().replace("\n       ", "\n");
    write!(out, "\n```text\n{usage}\n```\n").unwrap();
    table(out, "argument", command.get_positionals());
    table(out, "option", options(command).filter(|argument| !argument.is_global_set()));
    notes(out, command);
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        section(out, inner, level + 1);
    }
}

fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| !argument.is_positional())
}

#[test]
fn commands_are_documented_as_they_are() {
    let mut command = Cli::command();
    command.build();
    let mut out = String::from(
        "<!-- Generated from the command line's definition by tests/it/docs.rs: UPDATE_DOCS=1 cargo test --test it docs -->\n\
         # Commands\n\n\
         Without a command, `linkedin-tui` opens the interface. `linkedin-tui help COMMAND` prints the help of a command, and\n\
         `linkedin-tui man` prints the manual page.\n\n\
         See [json.md](json.md) for exit codes, error codes and the output of `--json`.\n\n",
    );
    let commands = || command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set());
    out.push_str("| command | does |\n|---|---|\n");
    for inner in commands() {
        let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(out, "| [`{0}`](#linkedin-tui-{0}) | {1} |", inner.get_name(), cell(&about)).unwrap();
    }
    out.push_str("\n## Global options\n");
    table(&mut out, "option", options(&command).filter(|argument| argument.is_global_set()));
    for inner in commands() {
        section(&mut out, inner, 2);
    }
    check_current("docs/commands.md", &out);
}

#[test]
fn configuration_shows_the_example_file() {
    const BEGIN: &str = "<!-- config.example.toml: begin -->\n";
    const END: &str = "<!-- config.example.toml: end -->\n";
    let text = read("docs/configuration.md");
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let example = read("config.example.toml");
    check_current("docs/configuration.md", &format!("{before}{BEGIN}```toml\n{example}```\n{END}{after}"));
}

// ---- facts

#[test]
fn readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; what is longer belongs in docs/");
}

#[test]
fn faults_are_numbered_without_gaps() {
    let text = read("docs/faults.md");
    let numbers: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next())
        .filter(|cell| cell.len() == 3 && *cell != "row")
        .collect();
    let counts = [('L', 36), ('T', 29), ('S', 32), ('X', 18), ('U', 17), ('C', 10), ('K', 6)];
    let expected: Vec<String> =
        counts.iter().flat_map(|(letter, count)| (1..=*count).map(move |row| format!("{letter}{row:02}"))).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn error_codes_are_documented_as_they_are() {
    const HEAD: &str = "| code | exit code | retryable | meaning |\n|---|---|---|---|\n";
    let text = read("docs/json.md");
    let (before, rest) = text.split_once(HEAD).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let rows: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let is_retryable = if code.is_retryable() { "yes" } else { "" };
            format!("| `{}` | {} | {is_retryable} | {} |", code.as_str(), code.exit_code(), cell(code.description()))
        })
        .collect();
    check_current("docs/json.md", &format!("{before}{HEAD}{}\n\n{after}", rows.join("\n")));
}

// ---- JSON

/// Returns the paths of all keys in a value; of an array, those of its first element.
fn shape(value: &serde_json::Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                let at = format!("{at}.{key}");
                shape(value, &at, into);
                into.insert(at);
            }
        }
        serde_json::Value::Array(items) => {
            if let Some(first) = items.first() {
                shape(first, &format!("{at}[]"), into);
            }
        }
        _ => {}
    }
}

fn shape_of(json: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    shape(&json.trim().parse().unwrap_or_else(|error| panic!("{error}: {json}")), "", &mut found);
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

/// Compares the README's sign-in with a real one, up to what differs each time: addresses, ports, times, names of browsers.
#[cfg(unix)]
fn readme_shows_its_progress(real: &str) {
    let fixed = |line: &str| {
        let end = ["http", " (", ": ", "expires "].iter().filter_map(|word| line.find(word)).min();
        line[..end.unwrap_or(line.len())].to_owned()
    };
    let real: Vec<String> = real.lines().map(fixed).collect();
    let readme = read("README.md");
    let (_, block) = readme.split_once("login work\n```\n\n```text\n").unwrap();
    for line in block.lines().take_while(|line| *line != "```") {
        assert!(real.contains(&fixed(line)), "README.md shows `{line}`, which is not in:\n{}", real.join("\n"));
    }
}

#[cfg(unix)]
#[test]
fn outputs_are_documented_as_they_are() {
    let env = crate::e2e::env::TestEnv::new(None);
    let signed_in = env.login("work", "ada", &["--app", "work"]);
    assert!(signed_in.status.success());
    readme_shows_its_progress(&String::from_utf8(signed_in.stderr).unwrap());
    let file = env.dir.path().join("site.env");
    let file = format!("file={}", file.display());
    let added = env.run(&["deliver", "work", "--add", "dotenv", "--name", "local", "--set", &file]);
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let documented = documented_json();
    assert!(documented.len() >= 13);
    for (command, json) in documented {
        let arguments: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let done = env.run(&arguments);
        let stdout = String::from_utf8(done.stdout).unwrap();
        let mut real = shape_of(&stdout);
        // The JSON of `api` is LinkedIn's, not this program's.
        real.retain(|path| !path.starts_with(".body."));
        assert_eq!(shape_of(&json), real, "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    let done = env.run(&["token", "nope", "--json"]);
    let text = read("docs/json.md");
    let error = text.lines().find(|line| line.starts_with("{\"error\"")).unwrap();
    assert_eq!(shape_of(error), shape_of(&String::from_utf8(done.stdout).unwrap()));
}
