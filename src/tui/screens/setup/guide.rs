//! The app guide: the developer portal's steps as a checklist ("Getting Access to LinkedIn APIs";
//! the order of the steps from developers' reports of 2026).

use std::sync::Arc;

use crate::linkedin::RedirectUrl;
use crate::linkedin::endpoints::portal;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::{copy_text, move_in_list, move_selection};
use crate::tui::scrolling::scroll;
use crate::tui::state::State;

/// One step of the checklist.
pub(super) struct GuideStep {
    /// Its key in `state.toml`.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// The page or the tab of the portal.
    pub(super) location: &'static str,
    /// How to do it, in the portal's terms.
    pub(super) instructions: &'static str,
    /// The page to open.
    page: &'static str,
    /// The value to copy instead of the page's URL.
    pub(super) value: Option<&'static str>,
}

pub(super) const STEPS: &[GuideStep] = &[
    GuideStep {
        key: "page",
        title: "Create a LinkedIn Page",
        location: "linkedin.com/company/setup/new",
        instructions: "Or use one that you administer. Every app is linked to a Page; the link cannot be changed later.",
        page: portal::NEW_PAGE,
        value: None,
    },
    GuideStep {
        key: "app",
        title: "Create a developer app",
        location: "Developer Portal, Create app",
        instructions: "Enter a name (without \"LinkedIn\" in it), select the Page, upload a logo, accept the terms.",
        page: portal::NEW_APP,
        value: None,
    },
    GuideStep {
        key: "verify",
        title: "Verify the app with the Page",
        location: "Settings tab",
        instructions: "Settings tab > Verify > Generate URL. A Page admin must open the URL within 30 days.",
        page: portal::APPS,
        value: None,
    },
    GuideStep {
        key: "products",
        title: "Add two products",
        location: "Products tab",
        instructions: "Products tab: \"Share on LinkedIn\" and \"Sign In with LinkedIn using OpenID Connect\".",
        page: portal::APPS,
        value: None,
    },
    GuideStep {
        key: "redirect",
        title: "Register the redirect URL",
        location: "Auth tab",
        instructions: "Auth tab > Authorized redirect URLs for your app. Add exactly http://localhost:3000/callback",
        page: portal::APPS,
        value: Some(RedirectUrl::DEFAULT),
    },
    GuideStep {
        key: "credentials",
        title: "Copy Client ID and Client Secret",
        location: "Auth tab",
        instructions: "Auth tab > Application credentials: Client ID and Primary Client Secret. You enter them on the next screen.",
        page: portal::APPS,
        value: None,
    },
];

/// What changed since older tutorials.
pub(super) const OUTDATED_TUTORIALS: &str = "r_liteprofile and r_emailaddress were retired in 2023. Use openid, profile and email instead. \
The product \"Marketing Developer Platform\" was split into Advertising API, Community Management API, Lead Sync, Conversions and \
Events, each of which requires approval. To post as a member you need none of them.";

/// Adds to the completed steps that the guide was opened.
pub(super) fn mark_seen(completed: &[String]) -> Vec<String> {
    let mut completed = completed.to_vec();
    if !completed.iter().any(|key| key == "seen") {
        completed.push("seen".to_owned());
    }
    completed
}

pub(super) fn handle(state: &mut State, action: Action) -> Vec<Effect> {
    let step = &STEPS[state.setup.guide_row.min(STEPS.len() - 1)];
    match action {
        // The text scrolls; the arrow keys still select a step.
        Action::PageUp | Action::PageDown if state.setup.shows_outdated_tutorials => scroll(state, action),
        action if action.is_navigation() => {
            state.setup.guide_row = move_in_list(state, state.setup.guide_row, STEPS.len(), action);
        }
        Action::OutdatedTutorials => state.setup.shows_outdated_tutorials = !state.setup.shows_outdated_tutorials,
        Action::Toggle => {
            let Some(store) = state.store.as_mut().map(Arc::make_mut) else { return Vec::new() };
            match store.completed_guide_steps.iter().position(|key| key == step.key) {
                Some(at) => drop(store.completed_guide_steps.remove(at)),
                None => store.completed_guide_steps.push(step.key.to_owned()),
            }
            state.setup.guide_row = move_selection(state.setup.guide_row, STEPS.len(), Action::Down);
            return vec![Effect::SaveCompletedGuideSteps(store.completed_guide_steps.clone())];
        }
        Action::OpenPage => return vec![Effect::OpenPage(step.page.to_owned())],
        Action::CopyRedirectUrl => match step.value {
            Some(value) => return copy_text("the redirect URL", value),
            None => return copy_text("the URL of the page", step.page),
        },
        _ => {}
    }
    Vec::new()
}
