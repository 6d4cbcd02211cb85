//! What the terminal can show, told from its variables.

/// How many colours it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorDepth {
    /// None.
    None,
    /// The sixteen that every terminal has.
    #[default]
    Sixteen,
    /// A table of 256.
    Table,
    /// Any.
    True,
}

/// What the terminal can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalCapabilities {
    /// `TERM`.
    pub term: Option<String>,
    /// The locale's encoding is UTF-8, or no locale is named.
    pub unicode: bool,
    /// How many colours it has.
    pub color_depth: ColorDepth,
}

impl TerminalCapabilities {
    /// Looks at the variables that `get` gives.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let term = set("TERM");
        let name = term.as_deref().unwrap_or_default();
        let color_depth = if name == "dumb" {
            ColorDepth::None
        } else if set("COLORTERM").is_some_and(|value| matches!(value.as_str(), "truecolor" | "24bit")) {
            ColorDepth::True
        } else if name.contains("256color") {
            ColorDepth::Table
        } else {
            ColorDepth::Sixteen
        };
        Self {
            unicode: locale.is_none_or(|name| name.to_ascii_lowercase().replace('-', "").contains("utf8")),
            color_depth,
            term,
        }
    }

    /// May characters beyond ASCII be drawn? The Linux console's font lacks most of them.
    #[must_use]
    pub fn draws_unicode(&self) -> bool {
        self.unicode && !matches!(self.term.as_deref(), Some("dumb" | "linux"))
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
    fn u12_term_and_locale_say_what_can_be_shown() {
        let rich = with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "de_DE.UTF-8")]);
        assert!(rich.draws_unicode() && rich.color_depth == ColorDepth::True);
        assert_eq!(with(&[("TERM", "screen-256color")]).color_depth, ColorDepth::Table);
        assert_eq!(with(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]).color_depth, ColorDepth::None);
        assert!(!with(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]).draws_unicode());
        assert!(!with(&[("TERM", "linux")]).draws_unicode() && with(&[]).draws_unicode());
    }
}
