//! The key reference in Markdown, `docs/keys.md`.

use std::fmt::Write as _;

use strum::IntoEnumIterator;

use super::bindings::{COMMON, COMMON_WITH_TEXT_FIELD};
use super::{Binding, KeyContext, QUIT_KEY, SUSPEND_KEY};

const INTRODUCTION: &str = "\
<!-- Generated from the key bindings: UPDATE_SCREENS=1 cargo test --test it screens -->
# Keys

The keys of the interface can be changed in `config.toml`, except ctrl-c and ctrl-z. The table is named after the screen or
dialog, the entry after the action:

```toml
[keys.list]
reauthorize = \"R\"            # instead of r
up = [\"up\", \"k\", \"ctrl-p\"]   # several keys
undo = \"none\"                # no key
```

A key is one character (`r`, `R`, `/`), a name (`enter`, `esc`, `space`, `tab`, `shift-tab`, `up`, `down`, `left`, `right`,
`page-up`, `page-down`, `home`, `end`, `insert`, `delete`, `backspace`, `f1` to `f24`), or one of these after `ctrl-` or
`alt-`. The entry replaces the default keys of the action. Another action of the same table that has the key by default loses
it. A key that is bound to two actions is an error. Where text is typed, keys that edit it cannot be bound. Nor can `ctrl-i`,
`ctrl-m` and `ctrl-[`: terminals send tab, enter and esc for them.
";

/// Returns the document. A test compares it with the file.
pub fn key_reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "\nOn every screen, `{}` quits or cancels; on Linux and macOS, `{}` suspends until the shell's `fg`.\nThese keys cannot be changed.\n",
        QUIT_KEY.name(),
        SUSPEND_KEY.name()
    );
    text += "\n## Every screen\n\nEvery screen and dialog has these actions, except the palette and the help. Those without a key are in the list that `:` opens.\n\n";
    text += "| keys | where text is typed | description | action |\n|---|---|---|---|\n";
    for (binding, with_text_field) in COMMON.iter().zip(COMMON_WITH_TEXT_FIELD) {
        let (keys, field_keys) = (key_list(binding), key_list(with_text_field));
        let _ = writeln!(text, "| {keys} | {field_keys} | {} | `{}` |", binding.label, binding.action.name());
    }
    for context in KeyContext::iter() {
        let _ = write!(
            text,
            "\n## {}\n\n`[keys.{}]`\n\n| group | keys | description | action |\n|---|---|---|---|\n",
            context.title(),
            context.name()
        );
        let is_common = |binding: &Binding| COMMON.iter().any(|common| common.action == binding.action);
        let is_own = |binding: &Binding| context.own_bindings().iter().any(|listed| listed.action == binding.action);
        let mut bindings: Vec<&Binding> =
            context.bindings().filter(|binding| is_own(binding) || !is_common(binding)).collect();
        bindings.sort_by_key(|binding| context.group(binding.action));
        let mut previous_group = None;
        for binding in bindings {
            let group = context.group(binding.action);
            // A heading is written once.
            let title = if previous_group.replace(group) == Some(group) { "" } else { group.title() };
            let keys = key_list(binding);
            let _ = writeln!(text, "| {title} | {keys} | {} | `{}` |", binding.label, binding.action.name());
        }
    }
    text
}

fn key_list(binding: &Binding) -> String {
    binding.keys.iter().map(|key| format!("`{}`", key.name())).collect::<Vec<_>>().join(" ")
}
