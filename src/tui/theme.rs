//! Colours: one accent, the terminal's own sixteen for meaning, none at all where asked.

use ratatui::style::{Color, Modifier, Style};

use crate::store::Status;

/// How things look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Are there colours?
    pub colour: bool,
    /// Only ASCII characters?
    pub ascii: bool,
    /// A light background?
    pub light: bool,
    /// More than sixteen colours?
    pub true_colour: bool,
}

impl Theme {
    const fn paint(self, color: Color) -> Style {
        if self.colour { Style::new().fg(color) } else { Style::new() }
    }

    /// LinkedIn's blue, on titles and the selection and nowhere else.
    pub const fn accent(self) -> Style {
        let blue = match (self.true_colour, self.light) {
            (true, true) => Color::Rgb(10, 102, 194),
            (true, false) => Color::Rgb(112, 181, 249),
            (false, true) => Color::Blue,
            (false, false) => Color::LightBlue,
        };
        self.paint(blue).add_modifier(Modifier::BOLD)
    }

    /// The selected row.
    pub const fn selected(self) -> Style {
        if self.colour { self.accent() } else { Style::new().add_modifier(Modifier::REVERSED) }
    }

    /// A text field.
    pub const fn field(self, focused: bool) -> Style {
        let style = Style::new().add_modifier(Modifier::UNDERLINED);
        if focused { style } else { style.add_modifier(Modifier::DIM) }
    }

    /// Secondary text.
    pub const fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Headings and labels.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Good.
    pub const fn good(self) -> Style {
        self.paint(Color::Green)
    }

    /// Soon a chore.
    pub const fn warning(self) -> Style {
        self.paint(Color::Yellow)
    }

    /// Bad.
    pub const fn bad(self) -> Style {
        self.paint(Color::Red)
    }

    /// A status's colour; its word always stands beside it.
    pub const fn status(self, status: Status) -> Style {
        match status {
            Status::Active => self.good(),
            Status::Expiring => self.warning(),
            Status::Expired | Status::Revoked => self.bad(),
            Status::SignedOut | Status::Unknown => self.dim(),
        }
    }

    /// `fancy`, or `simple` where only ASCII is wanted.
    pub const fn pick<'a>(self, fancy: &'a str, simple: &'a str) -> &'a str {
        if self.ascii { simple } else { fancy }
    }
}
