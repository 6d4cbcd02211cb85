//! The hint of an error, with the key of its next step.

use super::keymap::{Action, KeyContext, Keymap};
use crate::{Error, NextStep};

pub(crate) fn hint(keymap: &Keymap, program: &str, error: &Error) -> String {
    error.render_hint(|step| sentence(keymap, program, step))
}

fn sentence(keymap: &Keymap, program: &str, step: &NextStep) -> String {
    use NextStep as Step;
    let (context, action, purpose) = match step {
        Step::SignIn { .. }
        | Step::SignInWithApp { .. }
        | Step::SignInWithScopes { .. }
        | Step::SignInAsNewProfile { .. }
        | Step::SignInReplacingMember { .. } => (KeyContext::List, Action::Reauthorize, "re-authorize"),
        Step::SignInToNewProfile | Step::UseClientCredentials => (KeyContext::List, Action::Add, "add a profile"),
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
    keymap.key_sentence(context, action, purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_the_key_of_its_action() {
        let error = Error::bad_input("x", "Advice.").with_next_step(NextStep::SignIn { profile: "work".to_owned() });
        assert_eq!(hint(&Keymap::default(), "linkedin-tui", &error), "Advice. Press r to re-authorize.");
        let directory = Error::bad_input("x", "").with_next_step(NextStep::UseOtherDirectory);
        assert!(hint(&Keymap::default(), "linkedin-tui", &directory).contains("--config-dir"));
    }
}
