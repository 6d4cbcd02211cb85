//! What to do about an error, as commands that work as typed.

use crate::{Error, NextStep};

/// Returns the advice of an error, followed by the command of its next step.
pub(crate) fn render_hint(error: &Error, program_command: &str) -> String {
    error.render_hint(|step| match suggest(step) {
        Suggestion::Command(arguments) => {
            format!("{}: {program_command} {arguments}", step.label()).trim_end().to_owned()
        }
        Suggestion::Option(option) => format!("{}: {option}", step.label()),
        Suggestion::None => format!("{}.", step.label()),
    })
}

enum Suggestion {
    /// A command of this program.
    Command(String),
    /// An option for the same command.
    Option(String),
    /// The step is not a command.
    None,
}

fn suggest(step: &NextStep) -> Suggestion {
    Suggestion::Command(match step {
        NextStep::SignIn { profile } => format!("login {profile}"),
        NextStep::SetUp => String::new(),
        NextStep::SignInToNewProfile => "login NAME".to_owned(),
        NextStep::SignInWithNewApp => "login NAME --client-id CLIENT_ID".to_owned(),
        NextStep::SignInWithApp { profile, app } => format!("login {profile} --app {app}"),
        NextStep::SignInWithScopes { profile, scopes } | NextStep::SignInOnceApproved { profile, scopes } => {
            format!("login {profile} --scope \"{scopes}\"")
        }
        NextStep::SignInKeepingBothMembers { profile } => format!("login {profile} --on-member-mismatch new:NAME"),
        NextStep::SignInReplacingMember { profile } => format!("login {profile} --on-member-mismatch replace"),
        NextStep::UseClientCredentialsForNewProfile => "login NAME --client-credentials".to_owned(),
        NextStep::AddClientSecret { app, client_id } => {
            format!("apps add {app} --client-id {client_id} --client-secret-stdin")
        }
        NextStep::SelectProfile => "profiles use NAME".to_owned(),
        NextStep::Identify { profile } => format!("whoami {profile}"),
        NextStep::ProbePermissions { profile } => format!("permissions {profile}"),
        NextStep::ListDeliveries { profile } => format!("deliver {profile} --list"),
        NextStep::RemoveDelivery { profile, delivery } => format!("deliver {profile} --remove {}", quote(delivery)),
        NextStep::ListPresets => "deliver --presets".to_owned(),
        NextStep::ImportUnderOtherName => "import NAME".to_owned(),
        NextStep::ListPosts => "post --recent".to_owned(),
        NextStep::ListScopes => "scopes".to_owned(),
        NextStep::CreateKey { encryption } => format!("encryption {encryption}"),
        NextStep::NameProfile => return option("--profile NAME"),
        NextStep::NameDelivery => return option("--name NAME"),
        NextStep::SetPresetSettings { keys } => {
            return Suggestion::Option(
                keys.iter().map(|key| format!("--set {key}=VALUE")).collect::<Vec<_>>().join(" "),
            );
        }
        NextStep::NameImportedApp => return option("--app NAME"),
        NextStep::SetRedirectUrl => return option("--redirect-url URL"),
        NextStep::SelectAuthor => return option("--as urn:li:person:ID"),
        NextStep::ExportJson => return option("--format json"),
        NextStep::UseOtherDirectory => return option("--config-dir DIR"),
        NextStep::UseOtherPort => return option("--port PORT"),
        NextStep::CopyClientId | NextStep::FinishOtherSignIn => return Suggestion::None,
    })
}

fn option(text: &str) -> Suggestion {
    Suggestion::Option(text.to_owned())
}

/// Returns a value as one word of a command line, or a placeholder if a shell cannot express it.
pub(crate) fn quote(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "NAME".to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Global;

    #[test]
    fn hint_keeps_options_that_select_files() {
        let global = Global { sandbox: true, config_dir: Some("/tmp/two words".into()), ..Global::default() };
        let error = Error::bad_input("x", "Advice.").with_next_step(NextStep::SignIn { profile: "work".to_owned() });
        assert_eq!(
            render_hint(&error, global.program_command()),
            "Advice. Sign in: linkedin-tui --sandbox --config-dir '/tmp/two words' login work"
        );
        let error = Error::bad_input("x", "").with_next_step(NextStep::UseOtherDirectory);
        assert_eq!(render_hint(&error, Global::default().program_command()), "Use another directory: --config-dir DIR");
        let error = Error::bad_input("x", "").with_next_step(NextStep::SignInWithNewApp);
        let command = "Sign in to a new profile: linkedin-tui login NAME --client-id CLIENT_ID";
        assert_eq!(render_hint(&error, Global::default().program_command()), command);
        assert_eq!(render_hint(&Error::bad_input("x", "Advice."), "linkedin-tui"), "Advice.");
    }
}
