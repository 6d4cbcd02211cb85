//! The app guide: the developer portal's steps as a checklist ("Getting Access to LinkedIn APIs";
//! the order of steps from people's reports of 2026).

use std::sync::Arc;

use crate::linkedin::RedirectUrl;
use crate::linkedin::endpoints::portal;
use crate::tui::keymap::Action;
use crate::tui::message::{ClipboardContent, Effect, TerminalEffect};
use crate::tui::state::State;

/// One line of the checklist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Its key in `state.toml`.
    pub key: &'static str,
    /// What to do.
    pub title: &'static str,
    /// How, in the portal's words.
    pub how: &'static str,
    /// The page to open.
    pub page: &'static str,
    /// The value to copy.
    pub value: Option<&'static str>,
}

/// The checklist.
pub(crate) const LINES: &[Line] = &[
    Line {
        key: "page",
        title: "Create a LinkedIn Page",
        how: "Or use one that you administer. Every app is linked to a Page; the link cannot be changed later.",
        page: portal::NEW_PAGE,
        value: None,
    },
    Line {
        key: "app",
        title: "Create a developer app",
        how: "Enter a name (without \"LinkedIn\" in it), select the Page, upload a logo, accept the terms.",
        page: portal::NEW_APP,
        value: None,
    },
    Line {
        key: "verify",
        title: "Verify the app with the Page",
        how: "Settings tab > Verify > Generate URL. A Page admin must open the URL within 30 days.",
        page: portal::APPS,
        value: None,
    },
    Line {
        key: "products",
        title: "Add two products",
        how: "Products tab: \"Share on LinkedIn\" and \"Sign In with LinkedIn using OpenID Connect\".",
        page: portal::APPS,
        value: None,
    },
    Line {
        key: "redirect",
        title: "Register the redirect URL",
        how: "Auth tab > Authorized redirect URLs for your app. Add exactly http://localhost:3000/callback",
        page: portal::APPS,
        value: Some(RedirectUrl::DEFAULT),
    },
    Line {
        key: "credentials",
        title: "Copy Client ID and Primary Client Secret",
        how: "Auth tab > Application credentials. You enter them on the next screen.",
        page: portal::APPS,
        value: None,
    },
];

/// What changed since older tutorials.
pub(crate) const OLD_TUTORIAL: &str = "r_liteprofile and r_emailaddress were retired in 2023. Use openid, profile and email instead. \
The product \"Marketing Developer Platform\" was split into Advertising API, Community Management API, Lead Sync, Conversions and \
Events, each of which requires approval. To post as a member you need none of them.";

/// The ticks, with the mark that the guide was seen.
pub(in crate::tui) fn seen(ticks: &[String]) -> Vec<String> {
    let mut ticks = ticks.to_vec();
    if !ticks.iter().any(|tick| tick == "seen") {
        ticks.push("seen".to_owned());
    }
    ticks
}

/// A command on the guide.
pub(in crate::tui) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let line = LINES[state.setup.guide_line.min(LINES.len() - 1)];
    match action {
        Action::Up => state.setup.guide_line = state.setup.guide_line.saturating_sub(1),
        Action::Down => state.setup.guide_line = (state.setup.guide_line + 1).min(LINES.len() - 1),
        Action::OutdatedTutorials => state.setup.old_tutorial = !state.setup.old_tutorial,
        Action::Toggle => {
            let Some(files) = state.files.as_mut().map(Arc::make_mut) else { return Vec::new() };
            match files.guide.iter().position(|tick| tick == line.key) {
                Some(at) => drop(files.guide.remove(at)),
                None => files.guide.push(line.key.to_owned()),
            }
            state.setup.guide_line = (state.setup.guide_line + 1).min(LINES.len() - 1);
            return vec![Effect::SaveGuide(files.guide.clone())];
        }
        Action::OpenPage => return vec![Effect::OpenPage(line.page.to_owned())],
        Action::CopyUrl => {
            let copied = ClipboardContent::Text(line.value.unwrap_or(line.page).to_owned());
            return vec![Effect::Terminal(TerminalEffect::Copy {
                what: if line.value.is_some() { "the redirect URL" } else { "the URL of the page" },
                copied,
            })];
        }
        _ => {}
    }
    Vec::new()
}
