//! A key hint, which the layout places without the state.

use super::context::Action;

/// A key at the bottom of the screen, and what it does.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyHint {
    pub key: String,
    pub label: String,
    /// The action of the key; `None` only in tests of the layout.
    pub action: Option<Action>,
    /// Whether it is the primary action of the context, which Enter or `y` performs.
    pub is_primary: bool,
    /// Whether it is one of those that every context has: actions, help, back, quit.
    pub is_global: bool,
}
