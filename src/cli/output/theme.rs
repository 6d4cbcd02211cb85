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

/// The columns of the terminal that the flexible column of a table keeps where the terminal is narrow.
const MIN_FLEXIBLE_COLUMNS: usize = 12;

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
    Unknown,
}

impl From<Status> for Level {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Good,
            Status::Expiring => Self::Warning,
            Status::Expired | Status::Revoked => Self::Bad,
            Status::SignedOut => Self::Neutral,
            Status::Unknown => Self::Unknown,
        }
    }
}

pub(crate) struct Cell {
    text: String,
    style: Style,
    /// Whether the text is wrapped instead of cut.
    wraps: bool,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), style: Style::new(), wraps: false }
    }
}

impl Cell {
    pub(crate) fn wrapped(self) -> Self {
        Self { wraps: true, ..self }
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
            (Level::Unknown, _) => "?",
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
        if self.has_color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Returns a text in the color of a level, after its mark.
    pub(crate) fn marked_cell(self, level: Level, text: &str) -> Cell {
        Cell { style: level_style(level), ..format!("{} {text}", self.mark(level)).into() }
    }

    pub(crate) fn yes_or_no_cell(self, value: Option<bool>) -> Cell {
        let level = match value {
            Some(true) => Level::Good,
            Some(false) => Level::Bad,
            None => Level::Unknown,
        };
        self.marked_cell(level, yes_or_no(value))
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

    /// Returns the lines of a table. On a narrow terminal the column with the index `flexible` becomes narrower; what is still
    /// too wide is cut.
    pub(crate) fn format_table(self, header: &[&str], flexible: usize, mut rows: Vec<Vec<Cell>>) -> Vec<String> {
        let title = |title: &&str| Cell { style: Style::new().bold(), ..(*title).into() };
        rows.insert(0, header.iter().map(title).collect());
        let width = |column: usize| rows.iter().map(|row| columns(&row[column].text)).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..header.len()).map(width).collect();
        let total = widths.iter().sum::<usize>() + GAP_COLUMNS * (header.len() - 1);
        let natural = widths[flexible];
        let narrowed = natural.saturating_sub(total.saturating_sub(terminal_columns()));
        widths[flexible] = narrowed.max(natural.min(MIN_FLEXIBLE_COLUMNS));
        rows.iter().flat_map(|row| self.format_row(row, &widths)).collect()
    }

    fn format_row(self, row: &[Cell], widths: &[usize]) -> Vec<String> {
        let cut = |(cell, &width): (&Cell, &usize)| {
            if cell.wraps { wrap(&cell.text, width) } else { vec![fit(&cell.text, width)] }
        };
        let cells: Vec<Vec<String>> = row.iter().zip(widths).map(cut).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let format_line = |number: usize| {
            let (mut line, mut remaining_columns) = (String::new(), terminal_columns());
            for (index, (lines, &width)) in cells.iter().zip(widths).enumerate() {
                if index > 0 {
                    line.push_str(&" ".repeat(GAP_COLUMNS.min(remaining_columns)));
                    remaining_columns = remaining_columns.saturating_sub(GAP_COLUMNS);
                }
                let text = fit(lines.get(number).map_or("", String::as_str), remaining_columns);
                line.push_str(&self.apply_style(row[index].style, &text));
                let padding = if index + 1 < widths.len() { width.saturating_sub(columns(&text)) } else { 0 };
                line.push_str(&" ".repeat(padding.min(remaining_columns - columns(&text))));
                remaining_columns = remaining_columns.saturating_sub(width);
            }
            line
        };
        (0..height).map(format_line).collect()
    }
}

fn terminal_columns() -> usize {
    crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns))
}

const fn level_style(level: Level) -> Style {
    match level {
        Level::Good => AnsiColor::Green.on_default(),
        Level::Warning | Level::Unknown => AnsiColor::Yellow.on_default(),
        Level::Bad => AnsiColor::Red.on_default(),
        Level::Neutral => Style::new().dimmed(),
    }
}

/// Formats a past day and time in the system's time zone: `Jan 25, 2027 09:12, 3 days ago`.
pub(crate) fn format_past(at: Timestamp, now: Timestamp) -> String {
    clock::format_past(at, now, &TimeZone::system())
}

/// Formats a past time in few columns, in the system's time zone: `Jan 25 09:12`, or the day if its year is not the current one.
pub(crate) fn format_recent(at: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let [at, now] = [at, now].map(|time| time.to_zoned_datetime(zone.clone()));
    at.strftime(if at.year() == now.year() { "%b %-d %H:%M" } else { "%b %-d, %Y" }).to_string()
}

/// Formats a day in the system's time zone: `Jan 25, 2027, in 59 days`.
pub(crate) fn format_day_and_relative(at: Timestamp, now: Timestamp) -> String {
    clock::format_day_and_relative(at, now, &TimeZone::system())
}

/// Returns a value that may be unknown as a word.
pub(crate) const fn yes_or_no(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
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
