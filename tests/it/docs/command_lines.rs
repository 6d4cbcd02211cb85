//! The command lines in the documentation parse.

use super::{Block, documents, split_blocks};
use clap::Parser as _;
use clap::error::ErrorKind;
use linkedin_tui::internal::cli::Cli;

/// Returns the arguments of the command line at the start of `text`, up to what terminates it in a shell. An unclosed quote
/// terminates it too, since the command itself is quoted.
pub(crate) fn shell_words(text: &str) -> Vec<String> {
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
fn fill_placeholder(word: &str) -> Option<String> {
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
                found.push(
                    shell_words(&text[at + start.len()..]).iter().filter_map(|word| fill_placeholder(word)).collect(),
                );
            }
        }
    }
    found
}

/// Returns the error of arguments that do not parse.
pub(crate) fn parse_error(arguments: &[String]) -> Option<String> {
    let line = std::iter::once("linkedin-tui").chain(arguments.iter().map(String::as_str));
    let error = Cli::try_parse_from(line).err()?;
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    (!is_help).then(|| format!("linkedin-tui {}: {}", arguments.join(" "), error.render()))
}

/// Collects the arguments of `{"command": "linkedin-tui", "args": [...]}` in nested objects.
fn collect_json_arguments(value: &serde_json::Value, found: &mut Vec<Vec<String>>) {
    let Some(object) = value.as_object() else { return };
    if object.get("command").is_some_and(|command| command == "linkedin-tui") {
        let arguments = object["args"].as_array().unwrap();
        found.push(arguments.iter().map(|argument| argument.as_str().unwrap().to_owned()).collect());
    }
    for value in object.values() {
        collect_json_arguments(value, found);
    }
}

#[test]
#[cfg_attr(not(feature = "mcp"), ignore = "the documentation has the command mcp")]
fn every_command_line_shown_parses() {
    let (mut count, mut errors) = (0, Vec::new());
    for (name, text) in documents() {
        if name == "CHANGELOG.md" || name.starts_with("fuzz/") || name.starts_with("benches/") {
            continue;
        }
        for block in split_blocks(&text) {
            let lines = match block {
                Block::Code { language, text } if language == "json" => {
                    let mut lines = Vec::new();
                    if let Ok(value) = text.trim().parse::<serde_json::Value>() {
                        collect_json_arguments(&value, &mut lines);
                    }
                    lines
                }
                Block::Code { language, .. } if ["text", "toml", "xml"].contains(&language.as_str()) => Vec::new(),
                Block::Code { text, .. } => command_lines(&text),
                // Only inline code has commands; prose mentions the program too.
                Block::Text(text) => {
                    let inline = text.split('`').skip(1).step_by(2);
                    inline.filter(|code| !code.contains('\n')).flat_map(command_lines).collect()
                }
            };
            count += lines.len();
            errors.extend(lines.iter().filter_map(|line| parse_error(line)).map(|error| format!("{name}: {error}")));
        }
    }
    assert!(count > 70, "only {count} command lines were found");
    assert!(errors.is_empty(), "{}", errors.join("\n"));
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
    assert!(parse_error(&["tokens".to_owned()]).is_some());
    assert!(parse_error(&["--help".to_owned()]).is_none());
}
