//! Keys in one place: the tables of bindings, what `config.toml` changes of them, and everything that is derived from both:
//! dispatch, key hints, help, the choices inside pages, sentences that name a key, and the key reference.

mod bindings;
mod context;
mod key;
mod rebinding;
mod reference;
mod rendering;

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};
use strum::IntoEnumIterator;

pub use bindings::Availability;
pub(crate) use bindings::Binding;
pub use context::{Action, KeyContext};
pub(crate) use key::Key;
pub use reference::reference;
pub(in crate::tui) use rendering::{choice, choices, hints};

/// A binding with the keys that it has now.
#[derive(Clone, Debug)]
pub struct BoundKeys {
    /// The context.
    pub context: KeyContext,
    /// The row of the context's table.
    pub binding: &'static Binding,
    /// Its keys; none where it is unbound.
    pub keys: Vec<Key>,
}

/// All bindings with the keys that they have now.
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

/// Returns whether the key stops the program until the shell continues it, wherever it is pressed.
pub(crate) fn suspends(event: &KeyEvent) -> bool {
    cfg!(unix) && SUSPEND.matches(event)
}

/// Leaves, wherever it is pressed.
pub(in crate::tui) const LEAVE: Key = Key::ctrl('c');
/// Stops the program until the shell continues it.
pub(in crate::tui) const SUSPEND: Key = Key::ctrl('z');

impl Keymap {
    /// Returns what a key means in a context; the release of a key means nothing.
    pub fn action(&self, context: KeyContext, event: &KeyEvent) -> Option<Action> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        if LEAVE.matches(event) {
            return Some(if context.is_interruptible() { Action::Back } else { Action::Quit });
        }
        let mut bound = self.in_context(context);
        bound.find(|bound| bound.keys.iter().any(|key| key.matches(event))).map(|bound| bound.binding.action)
    }

    /// Returns the bindings of a context in the order of its table.
    pub fn in_context(&self, context: KeyContext) -> impl Iterator<Item = &BoundKeys> {
        self.bound.iter().filter(move |bound| bound.context == context)
    }

    fn bound(&self, context: KeyContext, action: Action) -> Option<&BoundKeys> {
        self.in_context(context).find(|bound| bound.binding.action == action)
    }

    /// Returns the first key of an action, where it has one.
    pub fn key(&self, context: KeyContext, action: Action) -> Option<Key> {
        self.bound(context, action)?.keys.first().copied()
    }

    /// Returns the name of an action's key, or where to bind one.
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
    fn no_key_means_two_things_in_one_context() {
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
    fn ctrl_c_leaves_everywhere() {
        let keymap = Keymap::default();
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(keymap.action(KeyContext::Credentials, &event), Some(Action::Quit));
        assert_eq!(keymap.action(KeyContext::SignIn, &event), Some(Action::Back));
    }
}
