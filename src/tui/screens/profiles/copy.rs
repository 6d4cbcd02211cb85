//! Every value of a profile, each with a key that copies it: the whole detail at every size.

use ratatui::text::{Line, Span};

use crate::clock::rfc3339;
use crate::store::{Name, Profile, Status};
use crate::text::{clean, columns, fit};
use crate::tui::keymap::{Action, Key, KeyContext};
use crate::tui::message::{ClipboardContent, Effect, TerminalEffect, TokenKind};
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
        Action::CopyRefreshToken => {
            ("the refresh token", refresh.map(|refresh| ClipboardContent::Secret(refresh.token.clone())))
        }
        Action::CopyMemberId => ("the member ID", member.and_then(|member| text(&member.id))),
        Action::CopyUrn => ("the URN", member.and_then(|member| text(&member.urn()))),
        Action::CopyMemberName => ("the member's name", member.and_then(|member| text(member.name.as_deref()?))),
        Action::CopyEmail => ("the email address", member.and_then(|member| text(member.email.as_deref()?))),
        Action::CopyProfileName => ("the profile's name", text(profile.name.as_str())),
        Action::CopyAppName => ("the app's name", text(profile.app.as_str())),
        Action::CopyClientId => {
            let files = state.files.as_ref()?;
            let app = files.apps.iter().find(|app| app.name == profile.app);
            ("the client ID", app.and_then(|app| text(&app.client_id)))
        }
        Action::CopyGrantedScopes => ("the granted scopes", token.and_then(|token| text(&token.scopes.join(" ")))),
        Action::CopyRequestedScopes => ("the requested scopes", text(&profile.scopes.join(" "))),
        Action::CopyIssuedAt => ("the issue time", token.and_then(|token| text(&rfc3339(token.issued_at)))),
        Action::CopyExpiresAt => ("the expiry time", token.and_then(|token| text(&rfc3339(token.expires_at?)))),
        Action::CopyRefreshExpiresAt => {
            ("the refresh token's expiry time", refresh.and_then(|refresh| text(&rfc3339(refresh.expires_at?))))
        }
        Action::CopyLastCheck => (
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
            || "has expired according to LinkedIn".to_owned(),
            |end| format!("expired {}", when::left(state, end)),
        )),
        _ => None,
    }
}

/// Returns why the token of a profile is invalid, and which key fixes that.
pub(in crate::tui) fn dead_words(state: &State, name: &Name) -> Option<String> {
    let files = state.files();
    let profile = files.profile(name)?;
    let remedy = if profile.is_refreshable(state.now) {
        state.press(KeyContext::List, Action::Refresh, "refresh it")
    } else {
        state.press(KeyContext::List, Action::Reauthorize, "re-authorize")
    };
    dead(state, profile).map(|how| format!("{how}. {remedy}"))
}

/// Copies one value.
pub(in crate::tui) fn copy(state: &mut State, name: &Name, action: Action) -> Vec<Effect> {
    let files = state.files();
    let Some(profile) = files.profile(name) else { return Vec::new() };
    // The list knows that there is a token, and its file holds it.
    let which = if action == Action::CopyRefreshToken { TokenKind::Refresh } else { TokenKind::Access };
    match value(state, profile, action) {
        Some((_, ClipboardContent::Secret(_) | ClipboardContent::InvalidToken { .. })) => {
            return vec![Effect::ReadToken { profile: name.clone(), which }];
        }
        Some((what, copied)) => return vec![Effect::Terminal(TerminalEffect::Copy { what, copied })],
        None => {}
    }
    let why = match (action, &profile.token) {
        (Action::CopyToken, None) | (Action::CopyMemberId | Action::CopyUrn, _) => {
            state.press(KeyContext::List, Action::Reauthorize, "sign in")
        }
        _ => String::new(),
    };
    state.notify_error(format!("{name} has none to copy. {why}").trim_end());
    Vec::new()
}

/// The list of values.
pub(in crate::tui) fn page(state: &State, name: &Name, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Copy from {name}"));
    let files = state.files();
    let Some(profile) = files.profile(name) else { return page };
    let bound = state.start.keymap.in_context(KeyContext::Copy);
    let values: Vec<_> =
        bound.filter_map(|bound| Some((bound, value(state, profile, bound.binding.action)?.1))).collect();
    let key = |keys: &[Key]| keys.first().map_or_else(String::new, |key| key.label(theme.ascii));
    let key_width = values.iter().map(|(one, _)| columns(&key(&one.keys))).max().unwrap_or_default();
    for (one, copied) in values {
        let shown = match &copied {
            ClipboardContent::Text(text) => clean(text, 300),
            ClipboardContent::Secret(_) | ClipboardContent::InvalidToken { .. } => HIDDEN.to_owned(),
        };
        page.lines.push(Line::from(vec![
            Span::styled(format!("{:<key_width$}  ", key(&one.keys)), theme.accent()),
            Span::styled(format!("{:<LABEL$}", one.binding.label), theme.dim()),
            Span::raw(fit(&shown, width.saturating_sub(LABEL + key_width + 3))),
        ]));
    }
    page
}
