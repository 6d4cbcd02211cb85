//! The capabilities of the terminal, by its environment variables.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    None,
    /// Sixteen colors.
    #[default]
    Sixteen,
    /// 256 colors.
    Indexed,
    /// 24-bit color.
    True,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TerminalCapabilities {
    /// `TERM`.
    pub term: Option<String>,
    /// Whether the locale's encoding is UTF-8, or no locale is set.
    pub is_utf8: bool,
    pub color_depth: ColorDepth,
}

impl TerminalCapabilities {
    /// Detects the capabilities from the variables that `get` returns.
    pub(crate) fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let non_empty = |name: &str| get(name).filter(|value| !value.is_empty());
        let locale = non_empty("LC_ALL").or_else(|| non_empty("LC_CTYPE")).or_else(|| non_empty("LANG"));
        let term = non_empty("TERM");
        let name = term.as_deref().unwrap_or_default();
        let is_windows_terminal = non_empty("WT_SESSION").is_some();
        let color_depth = if name == "dumb" {
            ColorDepth::None
        } else if non_empty("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit"))
            || term.is_none() && is_windows_terminal
        {
            ColorDepth::True
        } else if name.contains("256color") {
            ColorDepth::Indexed
        } else {
            ColorDepth::Sixteen
        };
        Self {
            is_utf8: locale.is_none_or(|name| name.to_ascii_lowercase().replace('-', "").contains("utf8")),
            color_depth,
            term,
        }
    }

    /// Returns whether characters beyond ASCII can be drawn: the font of the Linux console lacks most of them.
    pub(crate) fn can_draw_unicode(&self) -> bool {
        self.is_utf8 && !matches!(self.term.as_deref(), Some("dumb" | "linux"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> TerminalCapabilities {
        TerminalCapabilities::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn u12_capabilities_follow_term_and_locale() {
        let rich = with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "de_DE.UTF-8")]);
        assert!(rich.can_draw_unicode() && rich.color_depth == ColorDepth::True);
        assert_eq!(with(&[("TERM", "screen-256color")]).color_depth, ColorDepth::Indexed);
        assert_eq!(with(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]).color_depth, ColorDepth::None);
        assert_eq!(with(&[("WT_SESSION", "1b2")]).color_depth, ColorDepth::True, "Windows Terminal");
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).can_draw_unicode());
        assert!(!with(&[("TERM", "linux")]).can_draw_unicode() && with(&[]).can_draw_unicode());
    }
}
