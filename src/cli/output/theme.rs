//! Colors, marks, dates and tables for a terminal.

use clap::builder::styling::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock;
use crate::host::TerminalCapabilities;
use crate::host::terminal::ColorDepth;
use crate::linkedin::products::Access;
use crate::session::Session;
use crate::store::Status;
use crate::text::{columns, fit, wrap};

/// Spaces between two columns of a table.
const GAP_COLUMNS: usize = 2;

/// The columns that a text in a table keeps where the terminal is narrow.
const MIN_TEXT_COLUMNS: usize = 8;

/// The columns below which a wrapped text is on lines of its own.
const MIN_WRAPPED_COLUMNS: usize = 20;

/// The width of a terminal that does not report one.
const DEFAULT_TERMINAL_COLUMNS: usize = 80;

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
    /// The columns of the terminal.
    width: usize,
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

impl From<Access> for Level {
    fn from(access: Access) -> Self {
        match access {
            Access::SelfServe => Self::Good,
            Access::Approval => Self::Warning,
            Access::Closed => Self::Bad,
        }
    }
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
            width: terminal_columns(session.env.get("COLUMNS").as_deref()),
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

    /// Returns the heading of a part of the output.
    pub(crate) fn format_heading(self, text: &str) -> String {
        self.apply_style(Style::new().bold(), text)
    }

    /// Returns a line about a finished step, with the mark of a level on a terminal.
    pub(crate) fn format_step(self, level: Level, line: &str) -> String {
        if self.is_terminal { format!("{} {line}", self.paint(level, self.mark(level))) } else { line.to_owned() }
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
        let lines = wrap(text, self.width.saturating_sub(indent)).into_iter().enumerate();
        lines
            .map(|(row, line)| if row == 0 { format!("{prefix}{line}") } else { format!("{:indent$}{line}", "") })
            .collect()
    }

    /// Returns the lines of a table. On a narrow terminal the widest of the columns with the indices `shrinkable` becomes narrower.
    /// Users type the names of the first of them: the others are left out, the last one first, before it is cut. A wrapped last column
    /// is on lines of its own where it would be too narrow to read.
    pub(crate) fn format_table(self, header: &[&str], shrinkable: &[usize], mut rows: Vec<Vec<Cell>>) -> Vec<String> {
        let title = |title: &&str| Cell { style: Style::new().bold(), ..(*title).into() };
        rows.insert(0, header.iter().map(title).collect());
        let mut texts = shrinkable.to_vec();
        let mut widths = self.fit_columns(&rows, &texts);
        let widest = |rows: &[Vec<Cell>], column: usize| rows.iter().map(|row| columns(&row[column].text)).max();
        while let [name, .., left_out] = texts[..]
            && Some(widths[name]) < widest(&rows, name)
        {
            for row in &mut rows {
                drop(row.remove(left_out));
            }
            texts.pop();
            texts.iter_mut().filter(|column| **column > left_out).for_each(|column| *column -= 1);
            widths = self.fit_columns(&rows, &texts);
        }
        let last = widths.len() - 1;
        let wrapped_width = rows.iter().map(|row| columns(&row[last].text)).max().unwrap_or(0).min(MIN_WRAPPED_COLUMNS);
        let mut wrapped = Vec::new();
        if rows.iter().any(|row| row[last].wraps) && widths[last] < wrapped_width {
            wrapped = rows.iter_mut().filter_map(Vec::pop).collect();
            let shrinkable: Vec<usize> = shrinkable.iter().copied().filter(|&column| column != last).collect();
            widths = self.fit_columns(&rows, &shrinkable);
        }
        let mut wrapped = wrapped.into_iter();
        let format_row = |row: &Vec<Cell>| {
            let mut lines = self.format_row(row, &widths);
            if let Some(Cell { text, style, .. }) = wrapped.next() {
                let below = wrap(&text, self.width.saturating_sub(GAP_COLUMNS)).into_iter();
                lines.extend(below.map(|line| format!("{:GAP_COLUMNS$}{}", "", self.apply_style(style, &line))));
            }
            lines
        };
        rows.iter().flat_map(format_row).collect()
    }

    /// Returns the widths of the columns, of which those with the indices `shrinkable` may be narrower than their cells.
    fn fit_columns(self, rows: &[Vec<Cell>], shrinkable: &[usize]) -> Vec<usize> {
        let width = |column: usize| rows.iter().map(|row| columns(&row[column].text)).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        let gaps = GAP_COLUMNS * (widths.len() - 1);
        while widths.iter().sum::<usize>() + gaps > self.width {
            let can_shrink = |column: &usize| widths[*column] > MIN_TEXT_COLUMNS;
            let [name, others @ ..] = shrinkable else { break };
            let widest = others.iter().filter(|column| can_shrink(column)).max_by_key(|column| widths[**column]);
            let Some(&narrowed) = widest.or_else(|| Some(name).filter(|name| can_shrink(name))) else { break };
            widths[narrowed] -= 1;
        }
        widths
    }

    fn format_row(self, row: &[Cell], widths: &[usize]) -> Vec<String> {
        let cut = |(cell, &width): (&Cell, &usize)| {
            if cell.wraps { wrap(&cell.text, width) } else { vec![fit(&cell.text, width)] }
        };
        let cells: Vec<Vec<String>> = row.iter().zip(widths).map(cut).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let format_line = |number: usize| {
            let (mut line, mut remaining_columns) = (String::new(), self.width);
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

/// Returns the width of the terminal; if it does not report one, `variable`, the value of `COLUMNS`.
pub(crate) fn terminal_columns(variable: Option<&str>) -> usize {
    let reported = crossterm::terminal::size().map_or(0, |(columns, _)| usize::from(columns));
    known_columns(reported, variable)
}

/// A pseudo-terminal whose creator set no size reports 0 columns.
fn known_columns(reported: usize, variable: Option<&str>) -> usize {
    let from_variable = || variable.and_then(|columns| columns.parse().ok());
    let known = Some(reported).filter(|&columns| columns > 0).or_else(from_variable);
    known.filter(|&columns| columns > 0).unwrap_or(DEFAULT_TERMINAL_COLUMNS)
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

    const TERMINAL: Theme = Theme { is_terminal: true, has_color: false, is_ascii: false, width: 80 };

    #[test]
    fn text_hangs_on_a_terminal_and_stays_on_one_line_elsewhere() {
        let text = "a word ".repeat(60);
        let elsewhere = Theme { is_terminal: false, ..TERMINAL };
        assert_eq!(elsewhere.format_hanging("label  ", 7, text.trim()), [format!("label  {}", text.trim())]);
        let lines = TERMINAL.format_hanging("label  ", 7, text.trim());
        assert!(lines.len() > 1 && lines[0].starts_with("label  a word"), "{lines:?}");
        for line in &lines[1..] {
            assert!(line.starts_with("       ") && columns(line) <= TERMINAL.width, "{line:?}");
        }
    }

    #[test]
    fn terminal_of_zero_columns_has_an_unknown_width() {
        assert_eq!(known_columns(100, Some("60")), 100);
        assert_eq!(known_columns(0, Some("60")), 60);
        for variable in [None, Some(""), Some("0"), Some("wide")] {
            assert_eq!(known_columns(0, variable), 80, "{variable:?}");
        }
    }

    #[test]
    fn a_narrow_table_keeps_names_and_times() {
        let row = |name: &str, member: &str| -> Vec<Cell> {
            vec![name.into(), "in 22 hours".into(), "blog".into(), member.into()]
        };
        let rows = || vec![row(&"n".repeat(35), "Ada Lovelace"), row("work", &"m".repeat(20))];
        let table = |width| {
            let header = ["PROFILE", "EXPIRES", "APP", "MEMBER"];
            Theme { width, ..TERMINAL }.format_table(&header, &[0, 2, 3], rows())
        };
        assert_eq!(table(100)[1], format!("{}  in 22 hours  blog  Ada Lovelace", "n".repeat(35)));
        // The member yields before the name of the profile.
        assert_eq!(table(70)[1], format!("{}  in 22 hours  blog  Ada Lovelace", "n".repeat(35)));
        // It is left out, and then the app, before the name is cut.
        assert_eq!(table(60)[1], format!("{}  in 22 hours  blog", "n".repeat(35)));
        assert_eq!(table(50)[1], format!("{}  in 22 hours", "n".repeat(35)));
        assert_eq!(table(40)[1], format!("{}…  in 22 hours", "n".repeat(26)));
        for width in [60, 50, 40] {
            let lines = table(width);
            assert!(lines.iter().skip(1).all(|line| line.contains("  in 22 hours")), "{lines:#?}");
            assert!(lines.iter().all(|line| columns(line) <= width), "{lines:#?}");
        }
    }

    #[test]
    fn wrapped_text_has_its_own_lines_in_a_narrow_table() {
        let text = "LinkedIn accepted the last post of this program, on Nov 27, 2026.";
        let table = |width| {
            let row = vec!["yes".into(), "Publish posts as the member".into(), Cell::from(text).wrapped()];
            Theme { width, ..TERMINAL }.format_table(&["ALLOWED", "CAPABILITY", "EVIDENCE"], &[2], vec![row])
        };
        assert!(table(80)[1].contains("  LinkedIn accepted"), "{:#?}", table(80));
        let narrow = table(40);
        assert_eq!(narrow[2], "yes      Publish posts as the member");
        let sentence: Vec<&str> = narrow[3..].iter().map(|line| line.trim()).collect();
        assert_eq!(sentence.join(" "), text, "no word is cut");
        assert!(narrow.iter().all(|line| columns(line.trim_end()) <= 40), "{narrow:#?}");
    }
}
