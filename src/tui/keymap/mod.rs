//! The key bindings, as `config.toml` changes them, and everything that is derived from them: dispatch, key hints, help,
//! choices inside pages, sentences that name a key, and the key reference.

mod bindings;
mod context;
mod key;
mod key_hint;
mod rebinding;
mod reference;
mod rendering;

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};
use strum::IntoEnumIterator;

use super::state::State;

pub(crate) use bindings::Binding;
pub(crate) use context::ActionGroup;
pub use context::{Action, KeyContext};
pub(crate) use key::Key;
pub(crate) use key_hint::KeyHint;
pub use reference::key_reference;
pub(in crate::tui) use rendering::{all_key_hints, choice, choices, key_hints};

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
        let bound = KeyContext::iter().flat_map(|context| {
            context.bindings().map(move |binding| {
                let is_own = context.own_bindings().iter().any(|listed| listed.action == binding.action);
                let own_keys = context.own_bindings().iter().flat_map(|listed| listed.keys);
                // A key of the context's own bindings is not bound to a common action too.
                let is_taken = |key: &Key| !is_own && own_keys.clone().any(|own_key| own_key == key);
                let keys = binding.keys.iter().copied().filter(|key| !is_taken(key)).collect();
                BoundKeys { context, binding, keys }
            })
        });
        Self { bound: bound.collect() }
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
    /// Returns whether a context has an action, with a key or without.
    pub(crate) fn has_action(&self, context: KeyContext, action: Action) -> bool {
        self.find(context, action).is_some()
    }

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

    /// Returns the bindings of a context: its own, then the common ones.
    pub fn bindings(&self, context: KeyContext) -> impl Iterator<Item = &BoundKeys> {
        self.bound.iter().filter(move |bound| bound.context == context)
    }

    fn find(&self, context: KeyContext, action: Action) -> Option<&BoundKeys> {
        self.bindings(context).find(|bound| bound.binding.action == action)
    }

    /// Returns the name of what an action does in a state; `None` where it does nothing.
    pub(in crate::tui) fn label(&self, state: &State, context: KeyContext, action: Action) -> Option<String> {
        self.find(context, action)?.binding.current_label(state)
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
    pub fn key_sentence(&self, context: KeyContext, action: Action, purpose: &str) -> String {
        match self.key(context, action) {
            Some(key) => format!("Press {} to {purpose}.", key.name()),
            None => format!("To {purpose}, bind {} in [keys.{}] of config.toml.", action.name(), context.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::context::TextEntry;
    use super::*;

    #[test]
    fn key_has_one_action_in_a_context() {
        for context in KeyContext::iter() {
            let rows: Vec<BoundKeys> = Keymap::default().bindings(context).cloned().collect();
            let keys: Vec<Key> = rows.iter().flat_map(|row| row.keys.clone()).collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys[index + 1..].contains(key), "{context:?} {}", key.name());
            }
            let actions: Vec<Action> = rows.iter().map(|row| row.binding.action).collect();
            for (index, action) in actions.iter().enumerate() {
                assert!(!actions[index + 1..].contains(action), "{context:?} {action:?}");
            }
        }
    }

    #[test]
    fn what_is_copied_is_listed_below_copy() {
        for context in KeyContext::iter() {
            for bound in Keymap::default().bindings(context) {
                let action = bound.binding.action;
                let is_copied = action.name().starts_with("copy");
                assert!(!is_copied || context.group(action) == ActionGroup::Copy, "{context:?} {action:?}");
            }
        }
    }

    #[test]
    fn scrolling_a_post_is_navigation() {
        assert!(Action::ScrollUp.is_navigation() && Action::ScrollDown.is_navigation());
    }

    #[test]
    fn ctrl_c_quits_or_goes_back() {
        let keymap = Keymap::default();
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(keymap.action(KeyContext::Credentials, &event), Some(Action::Quit));
        assert_eq!(keymap.action(KeyContext::SignIn, &event), Some(Action::Back));
    }

    /// The letters that mean the same on every screen, with their actions.
    const VERBS: &[(char, &[Action])] = &[
        ('a', &[Action::Add, Action::AddSamples, Action::SaveAsNewProfile, Action::EditScopes]),
        // What the screen is about: the token, or the URL.
        ('c', &[Action::CopyToken, Action::CopyUrlToOpen]),
        ('d', &[Action::Delete]),
        ('e', &[Action::Edit, Action::EditScopes]),
        ('f', &[Action::Refresh]),
        ('g', &[Action::First]),
        ('h', &[Action::Posts]),
        ('i', &[Action::CopyMemberId, Action::CopyClientId]),
        ('j', &[Action::Down]),
        ('k', &[Action::Up]),
        ('l', &[Action::JobResults, Action::Back]),
        ('m', &[Action::Comment]),
        ('n', &[Action::Back]),
        ('o', &[Action::OpenPage, Action::OpenPortal, Action::OpenGuide, Action::ReopenBrowser]),
        ('p', &[Action::Compose]),
        ('q', &[Action::Quit, Action::Back]),
        ('r', &[Action::Reauthorize, Action::Retry]),
        ('s', &[Action::Sort]),
        ('t', &[Action::Deliveries]),
        ('u', &[Action::Undo]),
        // What LinkedIn reports now about a token, a permission, or a post.
        ('v', &[Action::Check]),
        ('x', &[Action::Revoke, Action::Discard, Action::DiscardMine]),
        // Only copying, and the answer of a question.
        ('y', &[]),
        ('B', &[Action::OpenControlPage]),
        ('G', &[Action::Last]),
        ('P', &[Action::Permissions, Action::Back]),
        ('R', &[Action::ReauthorizeDue]),
        ('L', &[Action::RequestLog, Action::Back]),
        (',', &[Action::Settings, Action::Back]),
        ('/', &[Action::Filter]),
        (':', &[Action::Palette]),
        ('?', &[Action::Help, Action::Back]),
    ];

    /// Where a letter means something else, and why.
    const EXCEPTIONS: &[(KeyContext, &str, &str)] = &[
        (KeyContext::Copy, "abcdefhikmnrstuvCRS", "its letters name the values of a profile"),
        (KeyContext::DifferentMember, "mR", "its letters name the choices of the page"),
        (KeyContext::SignIn, "p", "p pastes the callback URL: nothing can be posted before there is a token"),
        (KeyContext::List, "n", "n renames: R re-authorizes the profiles that are due"),
        (KeyContext::Detail, "n", "the same keys as in the list"),
        (KeyContext::Deliveries, "n", "n sends a test token in a list without a question"),
    ];

    #[test]
    fn letter_has_one_meaning_on_every_screen() {
        let keymap = Keymap::default();
        let mut used = vec![false; EXCEPTIONS.len()];
        let (mut others, mut only) = (Vec::new(), std::collections::HashMap::new());
        for bound in keymap.bound.iter() {
            let action = bound.binding.action;
            for key in &bound.keys {
                let KeyCode::Char(letter) = key.to_event().code else { continue };
                if !key.to_event().modifiers.is_empty() {
                    continue;
                }
                let is_copy = letter == 'y' && bound.context.group(action) == ActionGroup::Copy;
                // The dialogs that ask a question answer it with y and n.
                let answers_no = |bound: &&BoundKeys| bound.keys.contains(&Key::char('n'));
                let is_yes = letter == 'y' && keymap.find(bound.context, Action::Back).as_ref().is_some_and(answers_no)
                    || action == Action::PublishAgain;
                let verb = VERBS.iter().find(|(verb, _)| *verb == letter);
                if is_copy || is_yes || verb.is_some_and(|(_, actions)| actions.contains(&action)) {
                    continue;
                }
                let exception = EXCEPTIONS
                    .iter()
                    .position(|(context, letters, _)| *context == bound.context && letters.contains(letter));
                // A letter without an entry has one action, wherever it is bound.
                let mut is_only = || !letter.is_alphabetic() || *only.entry(letter).or_insert(action) == action;
                match exception {
                    Some(at) => used[at] = true,
                    None if verb.is_none() && is_only() => {}
                    None => others.push(format!("{letter} means {} in {}", action.name(), bound.context.name())),
                }
            }
        }
        assert!(others.is_empty(), "{}", others.join("\n"));
        assert!(used.iter().all(|used| *used), "an exception is out of date: {used:?}");
    }

    #[test]
    fn no_key_is_one_that_terminals_or_multiplexers_take() {
        // Paste, the prefixes of tmux and screen, flow control, the escape of telnet.
        for taken in ['v', 'a', 'b', 's', 'q', ']'] {
            let event = KeyEvent::new(KeyCode::Char(taken), KeyModifiers::CONTROL);
            for bound in Keymap::default().bound.iter() {
                let is_bound = bound.keys.iter().any(|key| key.matches(&event));
                assert!(
                    !is_bound,
                    "ctrl-{taken} is bound to {} in {}",
                    bound.binding.action.name(),
                    bound.context.name()
                );
            }
        }
    }

    #[test]
    fn every_list_and_page_can_be_navigated() {
        let keymap = Keymap::default();
        let press = |context, code| keymap.action(context, &KeyEvent::new(code, KeyModifiers::NONE));
        for context in KeyContext::iter().filter(|context| keymap.has_action(*context, Action::Up)) {
            let keys = [
                (KeyCode::Up, Action::Up),
                (KeyCode::Down, Action::Down),
                (KeyCode::PageUp, Action::PageUp),
                (KeyCode::PageDown, Action::PageDown),
            ];
            let letters = [
                (KeyCode::Char('k'), Action::Up),
                (KeyCode::Char('j'), Action::Down),
                (KeyCode::Home, Action::First),
                (KeyCode::Char('g'), Action::First),
                (KeyCode::End, Action::Last),
                (KeyCode::Char('G'), Action::Last),
            ];
            let has_field = context.text_entry() != TextEntry::None;
            for (code, action) in keys.into_iter().chain(letters.into_iter().filter(|_| !has_field)) {
                let is_letter_of_value = context == KeyContext::Copy && matches!(code, KeyCode::Char(_));
                assert!(press(context, code) == Some(action) || is_letter_of_value, "{context:?} {code:?}");
            }
        }
        for context in [KeyContext::JobResults, KeyContext::Help, KeyContext::Permissions, KeyContext::Deliveries] {
            assert!(keymap.has_action(context, Action::Up), "{context:?}");
        }
    }

    #[test]
    fn every_context_opens_the_palette() {
        let keymap = Keymap::default();
        for context in KeyContext::iter() {
            let is_palette_or_help = matches!(context, KeyContext::Palette | KeyContext::Help | KeyContext::FindHelp);
            // The URL is printed after the full screen was left, where no palette can be drawn.
            if is_palette_or_help || context == KeyContext::PrintedUrl {
                continue;
            }
            let key = if context.text_entry() == TextEntry::None { KeyCode::Char(':') } else { KeyCode::F(2) };
            let action = keymap.action(context, &KeyEvent::new(key, KeyModifiers::NONE));
            assert_eq!(action, Some(Action::Palette), "{context:?}");
        }
    }
}
