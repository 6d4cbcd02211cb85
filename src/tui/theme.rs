//! Colors: one accent, the terminal's sixteen ANSI colors for a meaning, or none where the user wants none.

use ratatui::style::{Color, Modifier, Style};

use crate::store::Status;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub has_color: bool,
    /// Whether only ASCII characters are drawn.
    pub is_ascii: bool,
    pub is_light: bool,
    pub has_true_color: bool,
}

impl Theme {
    const fn paint(self, color: Color) -> Style {
        if self.has_color { Style::new().fg(color) } else { Style::new() }
    }

    /// Returns LinkedIn's blue, for titles and the selection only.
    pub const fn accent(self) -> Style {
        let blue = match (self.has_true_color, self.is_light) {
            (true, true) => Color::Rgb(10, 102, 194),
            (true, false) => Color::Rgb(112, 181, 249),
            (false, true) => Color::Blue,
            (false, false) => Color::LightBlue,
        };
        self.paint(blue).add_modifier(Modifier::BOLD)
    }

    pub const fn selected(self) -> Style {
        if self.has_color { self.accent() } else { Style::new().add_modifier(Modifier::REVERSED) }
    }

    pub const fn field(self, is_focused: bool) -> Style {
        let style = Style::new().add_modifier(Modifier::UNDERLINED);
        if is_focused { style } else { style.add_modifier(Modifier::DIM) }
    }

    /// Returns the style of secondary text.
    pub const fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Returns the style of headings and labels.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub const fn success(self) -> Style {
        self.paint(Color::Green)
    }

    pub const fn warning(self) -> Style {
        self.paint(Color::Yellow)
    }

    pub const fn error(self) -> Style {
        self.paint(Color::Red)
    }

    /// Returns the style of a status, which is never shown without its name.
    pub const fn status(self, status: Status) -> Style {
        match status {
            Status::Active => self.success(),
            Status::Expiring => self.warning(),
            Status::Expired | Status::Revoked => self.error(),
            Status::SignedOut | Status::Unknown => self.dim(),
        }
    }

    pub const fn symbol<'a>(self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.is_ascii { ascii } else { unicode }
    }
}
