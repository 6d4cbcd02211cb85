//! The hint of an error, with the key of its next step.

use super::keymap::{Action, KeyContext, Keymap};
use crate::{Error, NextStep};

/// Returns the hint of an error. `is_here` returns whether the screen has an action; the sentence names the screen of another
/// key.
pub(crate) fn hint(
    keymap: &Keymap,
    program: &str,
    error: &Error,
    is_here: &dyn Fn(KeyContext, Action) -> bool,
) -> String {
    error.render_hint(|step| sentence(keymap, program, step, is_here))
}

fn sentence(keymap: &Keymap, program: &str, step: &NextStep, is_here: &dyn Fn(KeyContext, Action) -> bool) -> String {
    use NextStep as Step;
    let (context, action, purpose) = match step {
        Step::SignIn { .. }
        | Step::SignInWithApp { .. }
        | Step::SignInWithScopes { .. }
        | Step::SignInKeepingBothMembers { .. }
        | Step::SignInReplacingMember { .. } => (KeyContext::List, Action::Reauthorize, "re-authorize"),
        Step::SetUp | Step::SignInToNewProfile | Step::UseClientCredentialsForNewProfile => {
            (KeyContext::List, Action::Add, "add a profile")
        }
        Step::AddClientSecret { .. } => (KeyContext::List, Action::Reauthorize, "re-authorize with the client secret"),
        Step::SelectProfile | Step::NameProfile => (KeyContext::List, Action::Use, "select a current profile"),
        Step::Identify { .. } => (KeyContext::List, Action::Check, "identify the member"),
        Step::ProbePermissions { .. } => (KeyContext::List, Action::Permissions, "try again"),
        Step::ListDeliveries { .. } | Step::RemoveDelivery { .. } => {
            (KeyContext::List, Action::Deliveries, "see the deliveries")
        }
        Step::ListPosts => (KeyContext::List, Action::Posts, "see the posts"),
        Step::ListPresets => (KeyContext::Deliveries, Action::Add, "add a delivery"),
        Step::ExportJson => (KeyContext::Export, Action::NextField, "select another format"),
        Step::SelectAuthor => (KeyContext::Compose, Action::NextAuthor, "select the author"),
        // The form shows its fields.
        Step::NameDelivery | Step::SetPresetSettings { .. } => return String::new(),
        // Only another start of the program helps.
        Step::UseOtherDirectory => {
            return "To use another directory, start the program with --config-dir DIR.".to_owned();
        }
        Step::CreateKey { storage } => return format!("To create a new key, run {program} encryption {storage}."),
        other => return format!("{}.", other.label()),
    };
    let place = match context {
        _ if is_here(context, action) => "",
        KeyContext::List => "In the profile list, press",
        KeyContext::Compose => "Back in the text, press",
        _ => "",
    };
    let press = keymap.key_sentence(context, action, purpose);
    match press.strip_prefix("Press") {
        Some(rest) if !place.is_empty() => format!("{place}{rest}"),
        _ => press,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_the_key_of_its_action() {
        let error = Error::bad_input("x", "Advice.").with_next_step(NextStep::SignIn { profile: "work".to_owned() });
        let shown = |error, is_here| hint(&Keymap::default(), "linkedin-tui", error, &|_, _| is_here);
        assert_eq!(shown(&error, true), "Advice. Press r to re-authorize.");
        assert_eq!(shown(&error, false), "Advice. In the profile list, press r to re-authorize.");
        let author = Error::bad_input("x", "").with_next_step(NextStep::SelectAuthor);
        assert_eq!(shown(&author, false), "Back in the text, press alt-a to select the author.");
        let directory = Error::bad_input("x", "").with_next_step(NextStep::UseOtherDirectory);
        assert!(shown(&directory, false).contains("--config-dir"));
    }
}
