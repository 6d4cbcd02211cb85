//! Colors, marks, dates and tables for a terminal.

use clap::builder::styling::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock;
use crate::host::TerminalCapabilities;
use crate::host::terminal::ColorDepth;
use crate::session::Session;
use crate::store::Status;
use crate::text::{columns, fit, wrap};

/// Spaces between two columns of a table.
const GAP_COLUMNS: usize = 2;

/// Lets the console of Windows interpret escape sequences; returns whether it does, as every other terminal.
pub(crate) fn enable_escape_sequences() -> bool {
    #[cfg(windows)]
    return crossterm::ansi_support::supports_ansi();
    #[cfg(not(windows))]
    true
}

/// How stdout or stderr is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    /// Whether it is a terminal. Other output is for scripts and stays the same in every version.
    pub(crate) is_terminal: bool,
    has_color: bool,
    is_ascii: bool,
}

/// The severity of a state, which has a mark and a color.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Good,
    Warning,
    Bad,
    Neutral,
}

impl From<Status> for Level {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Good,
            Status::Expiring => Self::Warning,
            Status::Expired | Status::Revoked => Self::Bad,
            Status::SignedOut | Status::Unknown => Self::Neutral,
        }
    }
}

pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::new() }
    }
}

impl Theme {
    pub(crate) fn new(session: &Session, no_color: bool, is_terminal: bool) -> Self {
        let capabilities = TerminalCapabilities::from_variables(|name| session.env.get(name));
        let no_color = no_color || session.env.get("NO_COLOR").is_some();
        Self {
            is_terminal,
            has_color: is_terminal
                && !no_color
                && capabilities.color_depth != ColorDepth::None
                && enable_escape_sequences(),
            is_ascii: !capabilities.can_draw_unicode() || session.settings().is_ok_and(|settings| settings.ui.ascii),
        }
    }

    pub(crate) const fn mark(self, level: Level) -> &'static str {
        match (level, self.is_ascii) {
            (Level::Good, false) => "✓",
            (Level::Good, true) => "+",
            (Level::Warning, _) => "!",
            (Level::Bad, false) => "✗",
            (Level::Bad, true) => "x",
            (Level::Neutral, _) => "-",
        }
    }

    /// Returns `text` in the color of a level.
    pub(crate) fn paint(self, level: Level, text: &str) -> String {
        self.apply_style(level_style(level), text)
    }

    /// Returns a line about a finished step, with its mark on a terminal.
    pub(crate) fn format_step(self, line: &str) -> String {
        if self.is_terminal {
            format!("{} {line}", self.paint(Level::Good, self.mark(Level::Good)))
        } else {
            line.to_owned()
        }
    }

    fn apply_style(self, style: Style, text: &str) -> String {
        if self.has_color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn status_cell(self, status: Status) -> Cell {
        let level = Level::from(status);
        Cell { text: format!("{} {}", self.mark(level), status.as_str()), style: level_style(level) }
    }

    /// Returns a text after a prefix of `indent` columns: on a terminal wrapped at its width, with the other lines below the
    /// first.
    pub(crate) fn format_hanging(self, prefix: &str, indent: usize, text: &str) -> Vec<String> {
        if !self.is_terminal {
            return vec![format!("{prefix}{text}")];
        }
        let lines = wrap(text, terminal_columns().saturating_sub(indent)).into_iter().enumerate();
        lines
            .map(|(row, line)| if row == 0 { format!("{prefix}{line}") } else { format!("{:indent$}{line}", "") })
            .collect()
    }

    /// Returns the lines of a table, cut at the width of the terminal.
    pub(crate) fn format_table(self, header: &[&str], mut rows: Vec<Vec<Cell>>) -> Vec<String> {
        let title = |title: &&str| Cell { text: (*title).to_owned(), style: Style::new().bold() };
        rows.insert(0, header.iter().map(title).collect());
        let width = |column: usize| rows.iter().map(|row| columns(&row[column].text)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..header.len()).map(width).collect();
        let line = |row: &Vec<Cell>| {
            let (mut line, mut remaining_columns) = (String::new(), terminal_columns());
            for (index, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if index > 0 {
                    line.push_str(&" ".repeat(GAP_COLUMNS.min(remaining_columns)));
                    remaining_columns = remaining_columns.saturating_sub(GAP_COLUMNS);
                }
                let text = fit(&cell.text, remaining_columns);
                line.push_str(&self.apply_style(cell.style, &text));
                let padding = if index + 1 < widths.len() { width - columns(&text) } else { 0 };
                line.push_str(&" ".repeat(padding.min(remaining_columns - columns(&text))));
                remaining_columns = remaining_columns.saturating_sub(width);
            }
            line
        };
        rows.iter().map(line).collect()
    }
}

fn terminal_columns() -> usize {
    crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns))
}

const fn level_style(level: Level) -> Style {
    match level {
        Level::Good => AnsiColor::Green.on_default(),
        Level::Warning => AnsiColor::Yellow.on_default(),
        Level::Bad => AnsiColor::Red.on_default(),
        Level::Neutral => Style::new().dimmed(),
    }
}

/// Formats a past day and time in the system's time zone: `Jan 25, 2027 09:12, 3 days ago`.
pub(crate) fn format_past(at: Timestamp, now: Timestamp) -> String {
    clock::format_past(at, now, &TimeZone::system())
}

/// Formats a day in the system's time zone: `Jan 25, 2027, in 59 days`.
pub(crate) fn format_day_and_relative(at: Timestamp, now: Timestamp) -> String {
    clock::format_day_and_relative(at, now, &TimeZone::system())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_hangs_on_a_terminal_and_stays_on_one_line_elsewhere() {
        let theme = Theme { is_terminal: false, has_color: false, is_ascii: false };
        let text = "a word ".repeat(60);
        assert_eq!(theme.format_hanging("label  ", 7, text.trim()), [format!("label  {}", text.trim())]);
        let lines = Theme { is_terminal: true, ..theme }.format_hanging("label  ", 7, text.trim());
        assert!(lines.len() > 1 && lines[0].starts_with("label  a word"), "{lines:?}");
        for line in &lines[1..] {
            assert!(line.starts_with("       ") && columns(line) <= terminal_columns(), "{line:?}");
        }
    }
}
