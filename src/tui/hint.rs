//! What to do about an error, as keys.

use super::keymap::{self, Action, Place};
use crate::{Error, NextStep};

/// Returns the advice of an error, followed by the key of its next step.
pub(crate) fn hint(error: &Error) -> String {
    error.hint_with(sentence)
}

fn sentence(step: &NextStep) -> String {
    use NextStep as Step;
    let (place, action, purpose) = match step {
        Step::SignIn { .. }
        | Step::SignInWithApp { .. }
        | Step::SignInWithScopes { .. }
        | Step::SignInAsNewProfile { .. }
        | Step::SignInReplacingMember { .. } => (Place::List, Action::Reauthorize, "re-authorize"),
        Step::SignInToNewProfile | Step::UseClientCredentials => (Place::List, Action::Add, "add a profile"),
        Step::AddClientSecret { .. } => (Place::List, Action::Reauthorize, "re-authorize with the client secret"),
        Step::SelectProfile | Step::NameProfile => (Place::List, Action::Next, "select a current profile"),
        Step::Identify { .. } => (Place::List, Action::Check, "identify the member"),
        Step::ProbePermissions { .. } => (Place::List, Action::Permissions, "try again"),
        Step::ListDeliveries { .. } | Step::RemoveDelivery { .. } => {
            (Place::List, Action::Deliver, "see the deliveries")
        }
        Step::ListPresets => (Place::Deliveries, Action::Add, "add a delivery"),
        Step::ExportJson => (Place::Export, Action::Next, "export in another format"),
        Step::SelectAuthor => (Place::Compose, Action::NextAuthor, "select the author"),
        // The form shows its fields.
        Step::NameDelivery | Step::SetPresetSettings { .. } => return String::new(),
        // Only another start of the program helps.
        Step::UseOtherFolder => return "To use another folder, start the program with --config-dir DIR.".to_owned(),
        Step::CreateKey { storage } => return format!("To create a new key, run linkedin-tui encryption {storage}."),
        other => return format!("{}.", other.label()),
    };
    key_of(place, action).map_or_else(|| format!("{}.", step.label()), |key| format!("Press {key} to {purpose}."))
}

/// Returns the first key that is bound to `action` at `place`, as people write it.
fn key_of(place: Place, action: Action) -> Option<String> {
    keymap::at(place).find(|binding| binding.action == action).map(|binding| binding.key.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_the_key_of_its_action() {
        let error = Error::bad_input("x", "Advice.").with_next_step(NextStep::SignIn { profile: "work".to_owned() });
        assert_eq!(hint(&error), "Advice. Press r to re-authorize.");
        let folder = Error::bad_input("x", "").with_next_step(NextStep::UseOtherFolder);
        assert!(hint(&folder).contains("--config-dir"));
    }
}
