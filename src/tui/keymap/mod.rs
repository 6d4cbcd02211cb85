//! The key bindings, as `config.toml` changes them, and everything that is derived from them: dispatch, key hints, help,
//! choices inside pages, sentences that name a key, and the key reference.

mod bindings;
mod context;
mod key;
mod rebinding;
mod reference;
mod rendering;

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};
use strum::IntoEnumIterator;

pub(crate) use bindings::Binding;
pub use context::{Action, KeyContext};
pub(crate) use key::Key;
pub use reference::key_reference;
pub(crate) use rendering::Hint;
pub(in crate::tui) use rendering::{choice, choices, hints};

/// A binding with its keys after the changes of `config.toml`.
#[derive(Clone, Debug)]
pub struct BoundKeys {
    pub context: KeyContext,
    pub binding: &'static Binding,
    /// Empty where the action is unbound.
    pub keys: Vec<Key>,
}

/// All bindings with their keys after the changes of `config.toml`.
#[derive(Clone, Debug)]
pub struct Keymap {
    bound: Arc<[BoundKeys]>,
}

impl Default for Keymap {
    fn default() -> Self {
        let all = KeyContext::iter().flat_map(|context| {
            context.bindings().iter().map(move |binding| BoundKeys { context, binding, keys: binding.keys.to_vec() })
        });
        Self { bound: all.collect() }
    }
}

/// Quits in every context, except where [`KeyContext::has_back_on_ctrl_c`].
pub(in crate::tui) const QUIT_KEY: Key = Key::ctrl('c');
/// Suspends the program in every context, until the shell continues it.
pub(in crate::tui) const SUSPEND_KEY: Key = Key::ctrl('z');

pub(crate) fn is_suspend_key(event: &KeyEvent) -> bool {
    cfg!(unix) && SUSPEND_KEY.matches(event)
}

impl Keymap {
    /// Returns the action that a key is bound to in a context; the release of a key has none.
    pub fn action(&self, context: KeyContext, event: &KeyEvent) -> Option<Action> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        if QUIT_KEY.matches(event) {
            return Some(if context.has_back_on_ctrl_c() { Action::Back } else { Action::Quit });
        }
        let mut bound = self.bindings(context);
        bound.find(|bound| bound.keys.iter().any(|key| key.matches(event))).map(|bound| bound.binding.action)
    }

    /// Returns the bindings of a context in the order of its table.
    pub fn bindings(&self, context: KeyContext) -> impl Iterator<Item = &BoundKeys> {
        self.bound.iter().filter(move |bound| bound.context == context)
    }

    fn find(&self, context: KeyContext, action: Action) -> Option<&BoundKeys> {
        self.bindings(context).find(|bound| bound.binding.action == action)
    }

    /// Returns the first key of an action; `None` where it is unbound.
    pub fn key(&self, context: KeyContext, action: Action) -> Option<Key> {
        self.find(context, action)?.keys.first().copied()
    }

    /// Returns the name of an action's first key, or where in `config.toml` to bind one.
    pub fn key_name(&self, context: KeyContext, action: Action) -> String {
        self.key(context, action).map_or_else(|| format!("[keys.{}] {}", context.name(), action.name()), Key::name)
    }

    /// Returns a sentence that names the key of an action: "Press r to re-authorize."
    pub fn press(&self, context: KeyContext, action: Action, purpose: &str) -> String {
        match self.key(context, action) {
            Some(key) => format!("Press {} to {purpose}.", key.name()),
            None => format!("To {purpose}, bind {} in [keys.{}] of config.toml.", action.name(), context.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn key_has_one_action_in_a_context() {
        for context in KeyContext::iter() {
            let rows = context.bindings();
            let keys: Vec<Key> = rows.iter().flat_map(|row| row.keys).copied().collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[index + 1..].contains(key), "{context:?} {}", key.name());
            }
            let actions: Vec<Action> = rows.iter().map(|row| row.action).collect();
            for (index, action) in actions.iter().enumerate() {
                assert!(!actions[index + 1..].contains(action), "{context:?} {action:?}");
            }
        }
    }

    #[test]
    fn ctrl_c_quits_or_goes_back() {
        let keymap = Keymap::default();
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(keymap.action(KeyContext::Credentials, &event), Some(Action::Quit));
        assert_eq!(keymap.action(KeyContext::SignIn, &event), Some(Action::Back));
    }
}
