//! The key reference in Markdown, `docs/keys.md`.

use std::fmt::Write as _;

use strum::IntoEnumIterator;

use super::{KeyContext, QUIT_KEY, SUSPEND_KEY};

const INTRODUCTION: &str = "\
<!-- Generated from the key bindings: UPDATE_SCREENS=1 cargo test --test it screens -->
# Keys

Every key of the interface can be changed in `config.toml`. The table is named after the screen or dialog, the entry after
the action:

```toml
[keys.list]
reauthorize = \"R\"            # instead of r
up = [\"up\", \"k\", \"ctrl-p\"]   # several keys
undo = \"none\"                # no key
```

A key is one character (`r`, `R`, `/`), a name (`enter`, `esc`, `space`, `tab`, `shift-tab`, `up`, `down`, `left`, `right`,
`page-up`, `page-down`, `home`, `end`, `insert`, `delete`, `backspace`, `f1` to `f24`), or one of these after `ctrl-` or
`alt-`. The entry replaces the default keys of the action. Another action of the same table that has the key by default loses
it. A key that is bound to two actions is an error. Where text is typed, keys that edit it cannot be bound.
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
    for context in KeyContext::iter() {
        let _ = write!(
            text,
            "\n## {}\n\n`[keys.{}]`\n\n| keys | description | action |\n|---|---|---|\n",
            context.title(),
            context.name()
        );
        for binding in context.bindings() {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.name())).collect();
            let _ = writeln!(text, "| {} | {} | `{}` |", keys.join(" "), binding.label, binding.action.name());
        }
    }
    text
}
