//! `react`: sets or deletes a reaction to a post.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use jiff::tz::TimeZone;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::clock::format_minute;
use crate::flows::social::{self, Reacted};
use crate::linkedin::capabilities::Capability;
use crate::linkedin::social::Reaction;
use crate::session::{Session, block_on};
use crate::store::Name;
use crate::text::sanitize;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Post: its URN, or a link to it
    #[arg(value_name = "URN|URL")]
    pub(crate) post: String,
    /// Reaction; replaces the previous one
    #[arg(value_enum, ignore_case = true, required_unless_present = "delete")]
    pub(crate) reaction: Option<ReactionName>,
    /// Delete the reaction, whichever it is
    #[arg(long)]
    pub(crate) delete: bool,
    /// Who reacts, such as a Page (urn:li:organization:N) [default: the member]
    #[arg(long = "as", value_name = "URN")]
    pub(crate) actor: Option<String>,
}

/// A reaction as an argument: its name on LinkedIn, or in LinkedIn's API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReactionName(Reaction);

impl ValueEnum for ReactionName {
    fn value_variants<'a>() -> &'a [Self] {
        const {
            &[
                Self(Reaction::Like),
                Self(Reaction::Celebrate),
                Self(Reaction::Love),
                Self(Reaction::Insightful),
                Self(Reaction::Support),
                Self(Reaction::Funny),
            ]
        }
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.name()).alias(self.0.api_name()))
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ReactResult<'a> {
    post: &'a str,
    reaction: Option<&'static str>,
    actor: &'a str,
    deleted: bool,
}

impl<'a> ReactResult<'a> {
    pub(crate) fn new(reacted: &'a Reacted, reaction: Option<Reaction>) -> Self {
        Self {
            post: &reacted.post,
            reaction: reaction.map(Reaction::name),
            actor: &reacted.actor,
            deleted: reaction.is_none(),
        }
    }
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    let (name, selected_by) = session.select_profile(None)?;
    if let Some(file) = selected_by {
        printer.print_status(&format!("profile {name}, selected by {}", file.display()));
    }
    social::parse_post(&args.post)?;
    let reaction = args.reaction.map(|name| name.0).filter(|_| !args.delete);
    note_denial(session, &name, Capability::React, args.actor.as_deref(), printer);
    let reacted = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        printer.print_custom_host_note(&ctx, "reacting");
        Box::pin(social::react(&ctx, &name, &args.post, reaction, args.actor.as_deref())).await
    })?;
    printer.print_warnings(&session.store);
    for warning in &reacted.warnings {
        printer.print_status(&format!("warning: {warning}"));
    }
    if printer.is_json {
        return printer.print_json(&ReactResult::new(&reacted, reaction));
    }
    let post = &reacted.post;
    printer.print_status(&match reaction {
        Some(reaction) => format!("Reacted to {post}: {}.", reaction.name()),
        None => format!("Deleted the reaction to {post}."),
    });
    Ok(())
}

/// Prints that LinkedIn may refuse the request, if the saved permissions lack it; LinkedIn's response decides.
pub(crate) fn note_denial(
    session: &Session,
    name: &Name,
    capability: Capability,
    actor: Option<&str>,
    printer: Printer,
) {
    let Ok(profile) = session.store.without_secrets().profile(name) else { return };
    let Some(found) = profile.permissions() else { return };
    if let Some(why) = social::refusal_by_permissions(&profile, capability, actor) {
        let at = format_minute(found.at, &TimeZone::system());
        printer.print_status(&format!("note: LinkedIn may refuse this (permissions of {at}): {}", sanitize(&why, 300)));
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("like", "LIKE")]
    #[case("Celebrate", "PRAISE")]
    #[case("praise", "PRAISE")]
    #[case("LOVE", "EMPATHY")]
    #[case("INTEREST", "INTEREST")]
    #[case("support", "APPRECIATION")]
    #[case("Entertainment", "ENTERTAINMENT")]
    fn reactions_have_two_names_in_any_case(#[case] typed: &str, #[case] api_name: &str) {
        assert_eq!(ReactionName::from_str(typed, true).unwrap().0.api_name(), api_name);
    }

    #[test]
    fn a_retired_reaction_is_rejected() {
        assert!(ReactionName::from_str("maybe", true).is_err());
    }
}
