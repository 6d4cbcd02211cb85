//! The hint of an error, with the key of its next step.

use super::keymap::{Action, KeyContext, Keymap};
use crate::{Error, NextStep};

/// Where the current screen offers an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// The page lists it among its next steps, with the key that takes it now.
    Step,
    /// A key of this context, which is the current one, does it.
    Key(KeyContext),
    /// Only another screen has it.
    Elsewhere,
}

/// Returns the hint of an error. `offer` returns where the current screen offers an action of a context; if it does not, the
/// sentence begins with the screen that has it.
pub(crate) fn hint(
    keymap: &Keymap,
    program_command: &str,
    error: &Error,
    offer: &dyn Fn(KeyContext, Action) -> Offer,
) -> String {
    error.render_hint(|step| describe_step(keymap, program_command, step, offer))
}

fn describe_step(
    keymap: &Keymap,
    program_command: &str,
    step: &NextStep,
    offer: &dyn Fn(KeyContext, Action) -> Offer,
) -> String {
    use NextStep as Step;
    let (context, action, purpose) = match step {
        Step::SignIn { .. }
        | Step::SignInWithApp { .. }
        | Step::SignInKeepingBothMembers { .. }
        | Step::SignInReplacingMember { .. } => (KeyContext::List, Action::Reauthorize, "re-authorize"),
        Step::SetUp | Step::SignInToNewProfile | Step::SignInWithNewApp | Step::UseClientCredentialsForNewProfile => {
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
        Step::SignInWithScopes { .. } => return describe_missing_scope(keymap, "", offer),
        Step::SignInOnceApproved { .. } => return describe_missing_scope(keymap, "When the app has it: ", offer),
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
    let screen = match (offer(context, action), context) {
        (Offer::Step, _) => return format!("{}.", capitalized(purpose)),
        (Offer::Key(context), _) => return keymap.key_sentence(context, action, purpose),
        (Offer::Elsewhere, KeyContext::List) => "In the profile list",
        (Offer::Elsewhere, KeyContext::Compose) => "In the post's form",
        (Offer::Elsewhere, KeyContext::Deliveries) => "In the profile's deliveries",
        (Offer::Elsewhere, _) => "In the export dialog",
    };
    match keymap.key(context, action) {
        Some(key) => format!("{screen}, press {} to {purpose}.", key.name()),
        None => keymap.key_sentence(context, action, purpose),
    }
}

/// Returns how to sign in with a scope that the token lacks. A re-authorization alone requests the scopes that the profile has.
fn describe_missing_scope(keymap: &Keymap, condition: &str, offer: &dyn Fn(KeyContext, Action) -> Offer) -> String {
    let sentence = |text: &str| if condition.is_empty() { capitalized(text) } else { format!("{condition}{text}") };
    if offer(KeyContext::NotPublished, Action::Reauthorize) == Offer::Step {
        return sentence("re-authorize with the scope.");
    }
    if let Offer::Key(context) = offer(KeyContext::Preview, Action::EditScopes) {
        return sentence(&format!("press {} to add the scope.", keymap.key_name(context, Action::EditScopes)));
    }
    let place = if offer(KeyContext::List, Action::Edit) == Offer::Elsewhere { "in the profile list, " } else { "" };
    let key_name = |action| keymap.key_name(KeyContext::List, action);
    sentence(&format!(
        "{place}press {} to add the scope, and then {} to re-authorize.",
        key_name(Action::Edit),
        key_name(Action::Reauthorize)
    ))
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_names_the_key_of_its_action() {
        let error = Error::bad_input("x", "Advice.").with_next_step(NextStep::SignIn { profile: "work".to_owned() });
        let shown = |error, offer| hint(&Keymap::default(), "linkedin-tui", error, &|_, _| offer);
        let (list, preview) = (Offer::Key(KeyContext::List), Offer::Key(KeyContext::Preview));
        assert_eq!(shown(&error, list), "Advice. Press r to re-authorize.");
        assert_eq!(shown(&error, Offer::Elsewhere), "Advice. In the profile list, press r to re-authorize.");
        assert_eq!(shown(&error, Offer::Step), "Advice. Re-authorize.", "the page shows the key");
        let (profile, scopes) = ("work".to_owned(), "openid w_member_social".to_owned());
        let lacking = Error::bad_input("x", "")
            .with_next_step(NextStep::SignInWithScopes { profile: profile.clone(), scopes: scopes.clone() });
        let expected = "In the profile list, press e to add the scope, and then r to re-authorize.";
        assert_eq!(shown(&lacking, Offer::Elsewhere), expected, "r alone requests the same scopes again");
        assert_eq!(shown(&lacking, preview), "Press a to add the scope.");
        assert_eq!(shown(&lacking, Offer::Step), "Re-authorize with the scope.");
        let unapproved = Error::bad_input("x", "").with_next_step(NextStep::SignInOnceApproved { profile, scopes });
        let expected =
            "When the app has it: in the profile list, press e to add the scope, and then r to re-authorize.";
        assert_eq!(shown(&unapproved, Offer::Elsewhere), expected);
        assert_eq!(shown(&unapproved, Offer::Step), "When the app has it: re-authorize with the scope.");
        let new_app = Error::bad_input("x", "").with_next_step(NextStep::SignInWithNewApp);
        assert_eq!(shown(&new_app, Offer::Elsewhere), "In the profile list, press a to add a profile.");
        let author = Error::bad_input("x", "").with_next_step(NextStep::SelectAuthor);
        assert_eq!(shown(&author, Offer::Elsewhere), "In the post's form, press alt-a to select the author.");
        let directory = Error::bad_input("x", "").with_next_step(NextStep::UseOtherDirectory);
        assert!(shown(&directory, Offer::Elsewhere).contains("--config-dir"));
    }
}
