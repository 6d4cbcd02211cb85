//! The hint of an error, with the key of its next step.

use super::keymap::{Action, KeyContext, Keymap};
use crate::{Error, NextStep};

/// Returns the hint of an error. `is_here` returns whether the current screen has an action; if it has not, the sentence begins
/// with the screen that has it.
pub(crate) fn hint(
    keymap: &Keymap,
    program_command: &str,
    error: &Error,
    is_here: &dyn Fn(KeyContext, Action) -> bool,
) -> String {
    error.render_hint(|step| describe_step(keymap, program_command, step, is_here))
}

fn describe_step(
    keymap: &Keymap,
    program_command: &str,
    step: &NextStep,
    is_here: &dyn Fn(KeyContext, Action) -> bool,
) -> String {
    use NextStep as Step;
    let (context, action, purpose) = match step {
        Step::SignIn { .. }
        | Step::SignInWithApp { .. }
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
        Step::SignInWithScopes { .. } if is_here(KeyContext::Preview, Action::EditScopes) => {
            (KeyContext::Preview, Action::EditScopes, "add the scope")
        }
        // A re-authorization requests the scopes that the profile has.
        Step::SignInWithScopes { .. } => (KeyContext::List, Action::Edit, "add the scope"),
        // The form shows its fields.
        Step::NameDelivery | Step::SetPresetSettings { .. } => return String::new(),
        // Only another start of the program helps.
        Step::UseOtherDirectory => {
            return "To use another directory, start the program with --config-dir DIR.".to_owned();
        }
        Step::CreateKey { encryption } => {
            return format!("To create a new key, run {program_command} encryption {encryption}.");
        }
        other => return format!("{}.", other.label()),
    };
    let screen = match context {
        _ if is_here(context, action) => None,
        KeyContext::List => Some("In the profile list"),
        KeyContext::Compose => Some("In the post's form"),
        KeyContext::Deliveries => Some("In the profile's deliveries"),
        KeyContext::Export => Some("In the export dialog"),
        _ => None,
    };
    let sentence = match (screen, keymap.key(context, action)) {
        (Some(screen), Some(key)) => format!("{screen}, press {} to {purpose}.", key.name()),
        _ => keymap.key_sentence(context, action, purpose),
    };
    if action != Action::Edit {
        return sentence;
    }
    format!("{sentence} {}", keymap.key_sentence(KeyContext::List, Action::Reauthorize, "re-authorize"))
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
        let scopes =
            NextStep::SignInWithScopes { profile: "work".to_owned(), scopes: "openid w_member_social_feed".to_owned() };
        let lacking = Error::bad_input("x", "").with_next_step(scopes);
        let expected = "In the profile list, press e to add the scope. Press r to re-authorize.";
        assert_eq!(shown(&lacking, false), expected, "r alone requests the same scopes again");
        assert_eq!(shown(&lacking, true), "Press a to add the scope.");
        let author = Error::bad_input("x", "").with_next_step(NextStep::SelectAuthor);
        assert_eq!(shown(&author, false), "In the post's form, press alt-a to select the author.");
        let directory = Error::bad_input("x", "").with_next_step(NextStep::UseOtherDirectory);
        assert!(shown(&directory, false).contains("--config-dir"));
    }
}
