//! Colors: one accent, and one color for each meaning. Every text passes a contrast of 4.5:1, or has no color at all.

use ratatui::style::{Color, Modifier, Style};

use crate::host::terminal::ColorDepth;
use crate::store::Status;
use crate::text::shorten_path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The sixteen ANSI colors depend on the terminal's palette and are often unreadable as text. They color marks only.
    pub color_depth: ColorDepth,
    /// Whether only ASCII characters are drawn.
    pub is_ascii: bool,
    pub is_light: bool,
}

/// A color, as 24 bits and as the number of a similar one in the 256 colors. The first sixteen of those are never used,
/// because a palette redefines them.
#[derive(Clone, Copy, Debug)]
struct ThemeColor {
    rgb: (u8, u8, u8),
    index: u8,
}

const fn theme_color(r: u8, g: u8, b: u8, index: u8) -> ThemeColor {
    ThemeColor { rgb: (r, g, b), index }
}

/// The colors on a dark or on a light background.
struct ColorPalette {
    accent: ThemeColor,
    success: ThemeColor,
    warning: ThemeColor,
    error: ThemeColor,
    muted: ThemeColor,
    /// Text and background of the selected row.
    selection: (ThemeColor, ThemeColor),
    /// The background of a text field.
    field: ThemeColor,
    /// Text on a background of the accent or of the warning color.
    on_fill: ThemeColor,
}

/// The accent is close to LinkedIn's blue (10, 102, 194): lighter on a dark background, a little darker on the selection of a light one.
const DARK: ColorPalette = ColorPalette {
    accent: theme_color(112, 181, 249, 75),
    success: theme_color(86, 211, 100, 78),
    warning: theme_color(227, 179, 65, 179),
    error: theme_color(255, 123, 114, 210),
    muted: theme_color(158, 168, 180, 248),
    selection: (theme_color(255, 255, 255, 231), theme_color(28, 47, 74, 236)),
    field: theme_color(38, 44, 54, 235),
    on_fill: theme_color(0, 0, 0, 16),
};
const LIGHT: ColorPalette = ColorPalette {
    accent: theme_color(9, 97, 186, 25),
    success: theme_color(17, 99, 41, 22),
    warning: theme_color(122, 78, 0, 94),
    error: theme_color(179, 32, 28, 124),
    muted: theme_color(87, 96, 106, 240),
    selection: (theme_color(0, 0, 0, 16), theme_color(214, 230, 247, 254)),
    field: theme_color(232, 236, 241, 255),
    on_fill: theme_color(255, 255, 255, 231),
};

impl Theme {
    const fn palette(self) -> &'static ColorPalette {
        if self.is_light { &LIGHT } else { &DARK }
    }

    /// Returns a color; `None` where the terminal has none that is readable as text.
    const fn terminal_color(self, color: ThemeColor) -> Option<Color> {
        match self.color_depth {
            ColorDepth::None | ColorDepth::Sixteen => None,
            ColorDepth::Indexed => Some(Color::Indexed(color.index)),
            ColorDepth::True => Some(Color::Rgb(color.rgb.0, color.rgb.1, color.rgb.2)),
        }
    }

    fn text(self, color: ThemeColor) -> Style {
        self.terminal_color(color).map_or_else(Style::new, |color| Style::new().fg(color))
    }

    /// Returns the style of a mark, which has a color in every terminal with colors.
    fn mark(self, color: ThemeColor, ansi: Color) -> Style {
        if self.color_depth == ColorDepth::Sixteen { Style::new().fg(ansi) } else { self.text(color) }
    }

    /// Returns the color of a pixel; `None` where the terminal has too few colors.
    pub(crate) const fn pixel(self, [red, green, blue]: [u8; 3]) -> Option<Color> {
        match self.color_depth {
            ColorDepth::None | ColorDepth::Sixteen => None,
            // The cube of 6 by 6 by 6 colors begins at 16.
            ColorDepth::Indexed => Some(Color::Indexed(16 + red / 43 * 36 + green / 43 * 6 + blue / 43)),
            ColorDepth::True => Some(Color::Rgb(red, green, blue)),
        }
    }

    /// Returns the style of titles and of the focus.
    pub fn accent(self) -> Style {
        self.text(self.palette().accent).add_modifier(Modifier::BOLD)
    }

    /// Returns the style of the selected row, over its whole width.
    pub fn selected(self) -> Style {
        let (text, background) = self.palette().selection;
        match (self.terminal_color(text), self.terminal_color(background)) {
            (Some(text), Some(background)) => Style::new().fg(text).bg(background).add_modifier(Modifier::BOLD),
            _ => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    /// Returns the style of the screen's primary action.
    pub fn primary(self) -> Style {
        self.fill(self.palette().accent)
    }

    /// Returns the style of the badge that distinguishes the sandbox from LinkedIn.
    pub fn badge(self) -> Style {
        self.fill(self.palette().warning)
    }

    fn fill(self, background: ThemeColor) -> Style {
        let filled = match (self.terminal_color(self.palette().on_fill), self.terminal_color(background)) {
            (Some(text), Some(background)) => Style::new().fg(text).bg(background),
            _ => Style::new().add_modifier(Modifier::REVERSED),
        };
        filled.add_modifier(Modifier::BOLD)
    }

    pub fn field(self, is_focused: bool) -> Style {
        let palette = self.palette();
        match self.terminal_color(if is_focused { palette.selection.1 } else { palette.field }) {
            // The line separates fields below each other.
            Some(background) if !is_focused => Style::new().bg(background).add_modifier(Modifier::UNDERLINED),
            Some(background) => Style::new().bg(background),
            None if is_focused => Style::new().add_modifier(Modifier::UNDERLINED),
            None => Style::new().add_modifier(Modifier::UNDERLINED | Modifier::DIM),
        }
    }

    /// Returns the style of secondary text. Sixteen colors have no readable gray.
    pub fn dim(self) -> Style {
        match self.terminal_color(self.palette().muted) {
            Some(color) => Style::new().fg(color),
            None => Style::new().add_modifier(Modifier::DIM),
        }
    }

    /// Returns the style of headings and labels.
    pub const fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn success(self) -> Style {
        self.text(self.palette().success)
    }

    pub fn warning(self) -> Style {
        self.text(self.palette().warning)
    }

    pub fn error(self) -> Style {
        self.text(self.palette().error)
    }

    pub fn success_mark(self) -> Style {
        self.mark(self.palette().success, Color::Green)
    }

    pub fn warning_mark(self) -> Style {
        self.mark(self.palette().warning, Color::Yellow)
    }

    pub fn error_mark(self) -> Style {
        self.mark(self.palette().error, Color::Red)
    }

    /// Returns the style of a status, which is never shown without its name or mark.
    pub fn status(self, status: Status) -> Style {
        match status {
            Status::Active => self.success(),
            Status::Expiring => self.warning(),
            Status::Expired | Status::Revoked => self.error(),
            Status::SignedOut | Status::Unknown => self.dim(),
        }
    }

    /// Returns the mark of a status and its style. Marks differ in shape, so they can be read without color.
    pub fn status_mark(self, status: Status) -> (&'static str, Style) {
        match status {
            Status::Active => (self.symbol("✓", "+"), self.success_mark()),
            Status::Expiring => ("!", self.warning_mark()),
            Status::Expired | Status::Revoked => (self.symbol("✗", "x"), self.error_mark()),
            Status::SignedOut => (self.symbol("○", "o"), self.dim()),
            Status::Unknown => ("?", self.dim()),
        }
    }

    /// Returns the mark of something done; `x` would read as failed.
    pub fn done_mark(self) -> (&'static str, Style) {
        (self.symbol("✓", "+"), self.success_mark())
    }

    /// Returns the mark of something that failed.
    pub fn failed_mark(self) -> (&'static str, Style) {
        (self.symbol("✗", "x"), self.error_mark())
    }

    /// Shortens a path in its middle. `~`, which stands for cut text in ASCII, would read as the home directory there.
    pub(crate) fn shorten_path(self, path: &str, width: usize) -> String {
        shorten_path(path, width, self.ellipsis())
    }

    /// Returns the mark before a line that is selected. Where its colors are reversed, half a block would be cut out of the line.
    pub fn cursor(self) -> &'static str {
        match self.terminal_color(self.palette().selection.1) {
            _ if self.is_ascii => ">",
            Some(_) => "▌",
            None => " ",
        }
    }

    /// Returns the mark of one of several choices, with the gap after it.
    pub const fn radio(self, is_selected: bool) -> &'static str {
        if is_selected { self.symbol("(●) ", "(*) ") } else { "( ) " }
    }

    /// Returns what separates two facts in a line.
    pub const fn separator(self) -> &'static str {
        self.symbol(" · ", ", ")
    }

    /// Returns what follows the name of something that is going on.
    pub const fn ellipsis(self) -> &'static str {
        self.symbol("…", "...")
    }

    pub const fn symbol<'a>(self, unicode: &'a str, ascii: &'a str) -> &'a str {
        if self.is_ascii { ascii } else { unicode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The backgrounds of widespread palettes: xterm, Terminal.app, iTerm2, Windows Terminal, VS Code, One Half, Solarized.
    const DARK_BACKGROUNDS: &[(u8, u8, u8)] =
        &[(0, 0, 0), (12, 12, 12), (30, 30, 30), (40, 44, 52), (0, 43, 54), (21, 25, 31)];
    const LIGHT_BACKGROUNDS: &[(u8, u8, u8)] = &[(255, 255, 255), (250, 250, 250), (253, 246, 227), (242, 242, 242)];

    /// Returns the value of one of the 256 colors beyond the first sixteen: a cube of six levels, then grays.
    fn indexed(index: u8) -> (u8, u8, u8) {
        if index >= 232 {
            let gray = 8 + 10 * (index - 232);
            return (gray, gray, gray);
        }
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        let cube = index - 16;
        (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
    }

    /// Returns the relative luminance (WCAG 2.2).
    fn luminance((r, g, b): (u8, u8, u8)) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    }

    fn contrast(left: (u8, u8, u8), right: (u8, u8, u8)) -> f64 {
        let (left, right) = (luminance(left), luminance(right));
        (left.max(right) + 0.05) / (left.min(right) + 0.05)
    }

    #[test]
    fn every_text_has_a_contrast_of_at_least_4_5() {
        let palettes = [("dark", &DARK, DARK_BACKGROUNDS), ("light", &LIGHT, LIGHT_BACKGROUNDS)];
        for (theme, palette, backgrounds) in palettes {
            let depths = [
                ("true", (|color: ThemeColor| color.rgb) as fn(ThemeColor) -> _),
                ("256", |color: ThemeColor| indexed(color.index)),
            ];
            for (depth, value) in depths {
                let ColorPalette { accent, success, warning, error, muted, selection, field, on_fill } = *palette;
                let texts = [accent, success, warning, error, muted];
                let fills = [selection.1, field].map(value);
                for background in backgrounds.iter().copied().chain(fills) {
                    for text in texts {
                        let ratio = contrast(value(text), background);
                        assert!(ratio >= 4.5, "{theme}, {depth}: {text:?} on {background:?} has {ratio:.2}");
                    }
                }
                for (text, background) in [selection, (on_fill, accent), (on_fill, warning)] {
                    let ratio = contrast(value(text), value(background));
                    assert!(ratio >= 4.5, "{theme}, {depth}: {text:?} on {background:?} has {ratio:.2}");
                }
            }
        }
    }

    #[test]
    fn sixteen_colors_color_marks_but_no_text() {
        let theme = Theme { color_depth: ColorDepth::Sixteen, is_ascii: false, is_light: true };
        for text in [theme.accent(), theme.success(), theme.warning(), theme.error(), theme.dim(), theme.selected()] {
            assert_eq!((text.fg, text.bg), (None, None));
        }
        assert_eq!(theme.error_mark().fg, Some(Color::Red));
        assert_eq!(Theme { color_depth: ColorDepth::None, ..theme }.error_mark().fg, None);
    }
}
