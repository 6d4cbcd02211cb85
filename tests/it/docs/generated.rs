//! The generated parts of the documentation are up to date.

use std::fmt::Write as _;

use super::{assert_up_to_date, read};
use clap::{Arg, Command, CommandFactory as _};
use linkedin_tui::Code;
use linkedin_tui::internal::cli::Cli;

fn escape_cell(text: &str) -> String {
    text.replace('|', "\\|").replace("](", "]\\(").replace('\n', " ")
}

/// Formats an argument, such as `--min-ttl <DURATION>`.
fn format_flag(argument: &Arg) -> String {
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
    if argument.is_require_equals_set() {
        return format!("{}[={}]", names.join(", "), values.join(" "));
    }
    [names.join(", "), values.join(" ")].join(" ").trim_end().to_owned()
}

fn describe_argument(argument: &Arg) -> String {
    let mut description = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({help})", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() && !argument.is_hide_possible_values_set() {
        write!(description, ": {}", values.join(", ")).unwrap();
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && !argument.is_hide_default_value_set() && argument.get_action().takes_values() {
        write!(description, " (default: {})", defaults.join(", ")).unwrap();
    }
    escape_cell(&description)
}

fn write_argument_table<'a>(out: &mut String, head: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<String> = arguments
        .filter(|argument| !argument.is_hide_set() && !["help", "version"].contains(&argument.get_id().as_str()))
        .map(|argument| format!("| `{}` | {} |\n", escape_cell(&format_flag(argument)), describe_argument(argument)))
        .collect();
    if !rows.is_empty() {
        write!(out, "\n| {head} | meaning |\n|---|---|\n{}", rows.concat()).unwrap();
    }
}

/// Writes the examples as a code block, and other paragraphs as text.
fn write_notes(out: &mut String, command: &Command) {
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

fn write_command(out: &mut String, command: &Command, level: usize) {
    let name = command.get_bin_name().unwrap_or_default();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    write!(out, "\n{} {name}\n\n{about}\n", "#".repeat(level)).unwrap();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim().replace("\n       ", "\n");
    write!(out, "\n```text\n{usage}\n```\n").unwrap();
    write_argument_table(out, "argument", command.get_positionals());
    write_argument_table(out, "option", options(command).filter(|argument| !argument.is_global_set()));
    write_notes(out, command);
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        write_command(out, inner, level + 1);
    }
}

fn options(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|argument| !argument.is_positional())
}

#[test]
#[cfg_attr(not(feature = "mcp"), ignore = "the documentation has the command mcp")]
fn command_reference_is_up_to_date() {
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
        writeln!(out, "| [`{0}`](#linkedin-tui-{0}) | {1} |", inner.get_name(), escape_cell(&about)).unwrap();
    }
    out.push_str("\n## Global options\n");
    write_argument_table(&mut out, "option", options(&command).filter(|argument| argument.is_global_set()));
    for inner in commands() {
        write_command(&mut out, inner, 2);
    }
    assert_up_to_date("docs/commands.md", &out);
}

#[test]
fn configuration_shows_the_example_file() {
    const BEGIN: &str = "<!-- config.example.toml: begin -->\n";
    const END: &str = "<!-- config.example.toml: end -->\n";
    let text = read("docs/configuration.md");
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let example = read("config.example.toml");
    assert_up_to_date("docs/configuration.md", &format!("{before}{BEGIN}```toml\n{example}```\n{END}{after}"));
}

#[test]
fn error_code_table_is_up_to_date() {
    const TABLE_HEAD: &str = "| code | exit code | retryable | meaning |\n|---|---|---|---|\n";
    let text = read("docs/json.md");
    let (before, rest) = text.split_once(TABLE_HEAD).unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let rows: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let is_retryable = if code.is_retryable() { "yes" } else { "" };
            format!(
                "| `{}` | {} | {is_retryable} | {} |",
                code.as_str(),
                code.exit_code(),
                escape_cell(code.description())
            )
        })
        .collect();
    assert_up_to_date("docs/json.md", &format!("{before}{TABLE_HEAD}{}\n\n{after}", rows.join("\n")));
}
