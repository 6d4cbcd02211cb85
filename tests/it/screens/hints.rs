//! The keys that a refusal names, against the keymap of the screen on which it stands.

use linkedin_tui::internal::tui::keymap::{Action, KeyContext};
use linkedin_tui::internal::tui::state::State;
use linkedin_tui::{Error, NextStep};

use crate::screens::scenes;

/// Every next step that the interface answers with a key.
fn steps() -> Vec<NextStep> {
    let profile = || "work".to_owned();
    vec![
        NextStep::SignIn { profile: profile() },
        NextStep::SignInToNewProfile,
        NextStep::SignInWithNewApp,
        NextStep::SetUp,
        NextStep::SignInWithApp { profile: profile(), app: "my-app".to_owned() },
        NextStep::SignInWithScopes { profile: profile(), scopes: "openid w_member_social".to_owned() },
        NextStep::SignInOnceApproved { profile: profile(), scopes: "w_member_social_feed".to_owned() },
        NextStep::AddClientSecret { app: "my-app".to_owned(), client_id: "86abcdefghijkl".to_owned() },
        NextStep::SelectProfile,
        NextStep::Identify { profile: profile() },
        NextStep::ProbePermissions { profile: profile() },
        NextStep::ListDeliveries { profile: profile() },
        NextStep::ListPresets,
        NextStep::ListPosts,
        NextStep::SelectAuthor,
        NextStep::ExportJson,
    ]
}

/// The contexts in which the keys of a profile are about the profile.
const PROFILE: &[KeyContext] = &[KeyContext::List, KeyContext::Detail, KeyContext::JobResults, KeyContext::SignedIn];

/// What a key is named for, the action that does it, and the contexts in which the action means that; none for all contexts.
const PURPOSES: &[(&str, &[Action], &[KeyContext])] = &[
    ("re-authorize", &[Action::Reauthorize], &[]),
    ("re-authorize with the client secret", &[Action::Reauthorize], &[]),
    ("add a profile", &[Action::Add], PROFILE),
    ("add the scope", &[Action::Edit], PROFILE),
    ("add the scope", &[Action::EditScopes], &[KeyContext::Compose, KeyContext::Preview]),
    ("select a current profile", &[Action::Use], PROFILE),
    ("identify the member", &[Action::Check], PROFILE),
    ("try again", &[Action::Permissions], PROFILE),
    ("see the deliveries", &[Action::Deliveries], PROFILE),
    ("see the posts", &[Action::Posts], PROFILE),
    ("add a delivery", &[Action::Add], &[KeyContext::Deliveries]),
    ("select another format", &[Action::NextField], &[KeyContext::Export]),
    ("select the author", &[Action::NextAuthor], &[KeyContext::Compose]),
];

/// Returns whether a context has the key for the purpose, and where `must_be_available` whether it does something now.
fn has_key(state: &State, context: KeyContext, (key, purpose): (&str, &str), must_be_available: bool) -> bool {
    let mut bound = state.config.keymap.bindings(context);
    bound.any(|bound| {
        let means = |(named, actions, contexts): &(&str, &[Action], &[KeyContext])| {
            *named == purpose
                && actions.contains(&bound.binding.action)
                && (contexts.is_empty() || contexts.contains(&context))
        };
        bound.keys.iter().any(|one| one.name() == key)
            && PURPOSES.iter().any(means)
            && (!must_be_available || bound.binding.current_label(state).is_some())
    })
}

/// Returns the keys that a hint names, each with its purpose.
fn named_keys(hint: &str) -> Vec<(String, String)> {
    let words = hint.trim_end_matches('.').replace("Press ", "press ");
    let keys = words.split("press ").skip(1).flat_map(|part| part.split(", and then "));
    keys.map(|part| part.split_once(" to ").unwrap_or_else(|| panic!("{hint}")))
        .map(|(key, purpose)| (key.to_owned(), purpose.to_owned()))
        .collect()
}

#[test]
fn keys_of_a_refusal_do_what_it_says_where_it_stands() {
    const PLACES: &[(&str, KeyContext)] = &[
        ("in the profile list, ", KeyContext::List),
        ("in the post's form, ", KeyContext::Compose),
        ("in the profile's deliveries, ", KeyContext::Deliveries),
        ("in the export dialog, ", KeyContext::Export),
    ];
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, scene) in scenes::all() {
        let state = &scene.state;
        if !state.overlays.is_empty() {
            continue;
        }
        for step in steps() {
            let hint = state.hint(&Error::bad_input("x", "").with_next_step(step));
            let place = PLACES.iter().find(|(place, _)| hint.to_lowercase().contains(place));
            let context = place.map_or(state.key_context(), |(_, context)| *context);
            for (key, purpose) in named_keys(&hint) {
                count += usize::from(place.is_none());
                if !has_key(state, context, (&key, &purpose), place.is_none()) {
                    wrong.push(format!("{name}: {hint}"));
                }
            }
        }
    }
    assert!(count > 100, "only {count} keys without a place were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
