//! Every value of a profile, each with a key that copies it: the whole detail at every size.

use ratatui::text::{Line, Span};

use crate::clock::rfc3339;
use crate::store::{Name, Profile, Status};
use crate::text::{clean, fit};
use crate::tui::keymap::{self, Action, Place};
use crate::tui::message::{ClipboardContent, Effect, TokenKind};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::when;
use crate::tui::widgets::page::Page;

/// What stands for a token that is there.
const HIDDEN: &str = "••••••••••••";
/// Columns of a value's name.
const LABEL: usize = 16;

/// The path of a profile's file.
pub(super) fn file(state: &State, name: &Name) -> String {
    state.start.profiles_folder.join(format!("{name}.toml")).display().to_string()
}

/// What a copying command copies, and its name for people; `None` where there is none.
pub(in crate::tui) fn value(
    state: &State,
    profile: &Profile,
    action: Action,
) -> Option<(&'static str, ClipboardContent)> {
    let (member, token) = (profile.member.as_ref(), profile.token.as_ref());
    let refresh = token.and_then(|token| token.refresh.as_ref());
    let text = |text: &str| Some(ClipboardContent::Text(text.to_owned()));
    let (what, copied) = match action {
        Action::CopyToken => ("the token", token.map(|token| ClipboardContent::Secret(token.access.clone()))),
        Action::CopyRefresh => {
            ("the refresh token", refresh.map(|refresh| ClipboardContent::Secret(refresh.token.clone())))
        }
        Action::CopyId => ("the user ID", member.and_then(|member| text(&member.id))),
        Action::CopyUrn => ("the URN", member.and_then(|member| text(&member.urn()))),
        Action::CopyMember => ("the member's name", member.and_then(|member| text(member.name.as_deref()?))),
        Action::CopyEmail => ("the e-mail address", member.and_then(|member| text(member.email.as_deref()?))),
        Action::CopyName => ("the profile's name", text(profile.name.as_str())),
        Action::CopyApp => ("the app's name", text(profile.app.as_str())),
        Action::CopyClientId => {
            let files = state.files.as_ref()?;
            let app = files.apps.iter().find(|app| app.name == profile.app);
            ("the client ID", app.and_then(|app| text(&app.client_id)))
        }
        Action::CopyScopes => ("the granted scopes", token.and_then(|token| text(&token.scopes.join(" ")))),
        Action::CopyAsked => ("the scopes asked for", text(&profile.scopes.join(" "))),
        Action::CopyIssued => ("the time of issue", token.and_then(|token| text(&rfc3339(token.issued_at)))),
        Action::CopyExpires => ("the end", token.and_then(|token| text(&rfc3339(token.expires_at?)))),
        Action::CopyRefreshEnd => {
            ("the refresh token's end", refresh.and_then(|refresh| text(&rfc3339(refresh.expires_at?))))
        }
        Action::CopyCheck => (
            "the last check",
            profile.check.and_then(|check| text(&format!("{} {}", rfc3339(check.at), check.verdict.as_str()))),
        ),
        Action::CopyBrowser => ("the browser command", profile.browser.as_deref().and_then(text)),
        Action::CopyFile => ("the file's path", text(&file(state, &profile.name))),
        _ => return None,
    };
    copied.map(|copied| (what, copied))
}

/// How a profile's token died, if it did: for example "expired 12 days ago".
pub(in crate::tui) fn dead(state: &State, profile: &Profile) -> Option<String> {
    let end = profile.token.as_ref()?.expires_at.filter(|end| *end <= state.now);
    match profile.status(state.now, state.start.expiring_days) {
        Status::Revoked => Some("was revoked".to_owned()),
        Status::Expired => Some(end.map_or_else(
            || "has expired, says LinkedIn".to_owned(),
            |end| format!("expired {}", when::left(state, end)),
        )),
        _ => None,
    }
}

/// The same, and which key mends it.
pub(in crate::tui) fn dead_words(state: &State, name: &Name) -> Option<String> {
    let files = state.files();
    let profile = files.profile(name)?;
    let fixes = if profile.is_refreshable(state.now) { "f renews it" } else { "r signs in again" };
    dead(state, profile).map(|how| format!("{how}: {fixes}."))
}

/// Copies one value.
pub(in crate::tui) fn copy(state: &mut State, name: &Name, action: Action) -> Vec<Effect> {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return Vec::new() };
    // The list knows that there is a token, and its file holds it.
    let which = if action == Action::CopyRefresh { TokenKind::Refresh } else { TokenKind::Access };
    match value(state, profile, action) {
        Some((_, ClipboardContent::Secret(_) | ClipboardContent::Dead(..))) => {
            return vec![Effect::ReadToken { profile: name.clone(), which }];
        }
        Some((what, copied)) => return vec![Effect::Copy { what, copied }],
        None => {}
    }
    let why = match (action, &profile.token) {
        (Action::CopyToken, None) | (Action::CopyId | Action::CopyUrn, _) => " r signs in.",
        _ => "",
    };
    state.say(format!("{name} has none to copy.{why}"), true);
    Vec::new()
}

/// The list of values.
pub(in crate::tui) fn page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Copy from {name}"));
    let files = state.files();
    let Some(profile) = files.profile(name) else { return page };
    for binding in keymap::at(Place::Copy) {
        let Some((_, copied)) = value(state, profile, binding.action) else { continue };
        let shown = match &copied {
            ClipboardContent::Text(text) => clean(text, 300),
            ClipboardContent::Secret(_) | ClipboardContent::Dead(..) => HIDDEN.to_owned(),
        };
        page.lines.push(Line::from(vec![
            Span::styled(format!("{:<3}", binding.key.shown(theme.ascii)), theme.accent()),
            Span::styled(format!("{:<LABEL$}", binding.label), theme.dim()),
            Span::raw(fit(&shown, width.saturating_sub(LABEL + 4))),
        ]));
    }
    page
}
