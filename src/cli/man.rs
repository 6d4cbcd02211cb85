//! `man`: one manual page, generated from the arguments. Each command is a subsection of COMMANDS.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::Cli;
use super::output::printer::Printer;
use crate::{Code, Error, Result};

pub(super) fn run(printer: Printer) -> Result<()> {
    let page = render_page()
        .map_err(|_| Error::new(Code::Unexpected, "The manual page could not be generated.", "Please report this."))?;
    printer.print_line(page.trim_end())
}

/// Defines the string `Aq`, by which the sections write an apostrophe.
const APOSTROPHE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

fn render_page() -> io::Result<String> {
    let program = Cli::command();
    let man = Man::new(program.clone().subcommand_value_name("COMMAND").disable_help_subcommand(true));
    let (name, version) = (program.get_name(), env!("CARGO_PKG_VERSION"));
    // clap_mangen's own title omits the date argument, so man pages show the version in its place.
    let mut page = format!("{APOSTROPHE}.TH {name} 1 \"\" \"{name} {version}\"\n");
    page.push_str(&render(|out| man.render_name_section(out))?);
    page.push_str(&render_synopsis(&man, &program)?);
    page.push_str(&render(|out| man.render_description_section(out))?);
    page.push_str(&render(|out| man.render_options_section(out))?);
    page.push_str(".SH COMMANDS\n");
    for command in program.get_subcommands() {
        page.push_str(&render_command(name, command)?);
    }
    page.push_str(&render(|out| man.render_extra_section(out))?.replace(".SH EXTRA", ".SH EXAMPLES AND EXIT CODES"));
    page.push_str(&render(|out| man.render_version_section(out))?);
    Ok(page)
}

/// Renders the subsection of a command of `parent`, and those of its subcommands.
fn render_command(parent: &str, command: &Command) -> io::Result<String> {
    if command.is_hide_set() {
        return Ok(String::new());
    }
    let path = format!("{parent} {}", command.get_name());
    // The options that every command has are described once, for the program.
    let man = Man::new(command.clone().bin_name(&path).disable_help_flag(true).disable_help_subcommand(true));
    let mut sections = vec![render(|out| man.render_description_section(out))?];
    if !command.has_subcommands() {
        sections.insert(0, render_synopsis(&man, command)?);
        sections.push(render(|out| man.render_options_section(out))?);
    }
    if command.get_after_help().is_some() {
        sections.push(render(|out| man.render_extra_section(out))?);
    }
    let mut subsection = format!(".SS \"{}\"\n", path.replace('-', "\\-"));
    for (number, section) in sections.iter().enumerate() {
        let text = without_headings(section);
        if number > 0 && !text.is_empty() && !text.starts_with(".TP") {
            subsection.push_str(".PP\n");
        }
        subsection.push_str(&text);
    }
    for subcommand in command.get_subcommands() {
        subsection.push_str(&render_command(&path, subcommand)?);
    }
    Ok(subsection)
}

/// Renders the synopsis of a command, with the values of its options, which `clap_mangen` omits.
fn render_synopsis(man: &Man, command: &Command) -> io::Result<String> {
    let mut synopsis = render(|out| man.render_synopsis_section(out))?;
    for option in command.get_opts().filter(|option| option.get_action().takes_values()) {
        if let (Some(long), Some(values)) = (option.get_long(), option.get_value_names()) {
            let name = format!("\\-\\-{}\\fR", long.replace('-', "\\-"));
            synopsis = synopsis.replace(&name, &format!("{name} \\fI{}\\fR", values.join(" ")));
        }
    }
    Ok(synopsis)
}

/// Renders a section without the definition of [`APOSTROPHE`] that each one begins with.
fn render(section: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<String> {
    let mut text = Vec::new();
    section(&mut text)?;
    Ok(String::from_utf8_lossy(&text).replace(APOSTROPHE, ""))
}

fn without_headings(section: &str) -> String {
    section.split_inclusive('\n').filter(|line| !line.starts_with(".SH ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synopses_show_the_values_of_options() {
        let page = render_page().unwrap();
        assert!(page.contains("\\-\\-config\\-dir\\fR \\fIDIR\\fR]"), "{page}");
        assert!(page.contains("\\-\\-client\\-id\\fR \\fIID\\fR]"), "{page}");
        assert!(page.contains("\\-\\-sandbox\\fR]"), "a flag has no value: {page}");
    }
}
