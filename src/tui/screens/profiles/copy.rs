//! The dialog that lists every value of a profile, each with a key that copies it.

use ratatui::text::Span;

use super::availability::profile_context;
use crate::clock::rfc3339;
use crate::linkedin::member;
use crate::store::{Name, Profile, Status};
use crate::text::{columns, fit, sanitize};
use crate::tui::keymap::{Action, BoundKeys, Key, KeyContext};
use crate::tui::message::{ClipboardContent, Effect, TokenKind};
use crate::tui::screens::{copy_text, move_selection};
use crate::tui::state::{Dialog, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;

/// What is shown instead of a token.
const MASKED: &str = "••••••••••••";
/// Columns of a value's name.
const LABEL_WIDTH: usize = 16;

/// The dialog that lists the values.
#[derive(Clone, Debug)]
pub struct CopyMenu {
    pub(crate) name: Name,
    /// The selected value.
    pub(crate) selected: usize,
}

pub(crate) fn open_copy(state: &mut State, name: Name) {
    state.dialog = Some(Dialog::Copy(CopyMenu { name, selected: 0 }));
}

/// Returns the values that the profile has, each with its action and key.
fn values<'a>(state: &'a State, profile: &'a Profile) -> impl Iterator<Item = (&'a BoundKeys, ClipboardContent)> {
    let bound = state.config.keymap.bindings(KeyContext::Copy);
    bound.filter_map(|bound| Some((bound, copied_value(state, profile, bound.binding.action)?.1)))
}

/// Handles a key of the dialog: it selects a value, or copies one and closes the dialog.
pub(crate) fn handle_copy(state: &mut State, mut menu: CopyMenu, action: Action) -> Vec<Effect> {
    let store = state.store();
    let Some(profile) = store.profile(&menu.name) else { return Vec::new() };
    let actions: Vec<Action> = values(state, profile).map(|(bound, _)| bound.binding.action).collect();
    match action {
        Action::Up | Action::Down => {
            menu.selected = move_selection(menu.selected, actions.len(), action);
            state.dialog = Some(Dialog::Copy(menu));
            Vec::new()
        }
        Action::Continue => match actions.get(menu.selected) {
            Some(action) => copy(state, &menu.name, *action),
            None => Vec::new(),
        },
        Action::Back => Vec::new(),
        action => copy(state, &menu.name, action),
    }
}

/// Returns a command that gets the member of the token, which the shell inserts when it runs the command; `None` if the
/// token does not allow this request.
fn curl_command(state: &State, profile: &Profile) -> Option<String> {
    let url = state.config.endpoints.api(member::select_path(&profile.token.as_ref()?.scopes)?);
    let (program, name) = (state.config.program_command, &profile.name);
    Some(format!("curl -H \"Authorization: Bearer $({program} token {name})\" {url}"))
}

pub(super) fn file_path(state: &State, name: &Name) -> String {
    state.config.profiles_directory.join(format!("{name}.toml")).display().to_string()
}

/// Copies the path of a profile's file.
pub(super) fn copy_path(state: &State, name: &Name) -> Vec<Effect> {
    copy_text("the file's path", &file_path(state, name))
}

/// Returns the value that an action copies and its name; `None` where the profile has no such value.
pub(crate) fn copied_value(
    state: &State,
    profile: &Profile,
    action: Action,
) -> Option<(&'static str, ClipboardContent)> {
    let (member, token) = (profile.member.as_ref(), profile.token.as_ref());
    let refresh = token.and_then(|token| token.refresh.as_ref());
    let text = |text: &str| Some(ClipboardContent::Text(text.to_owned()));
    let (label, content) = match action {
        Action::CopyToken => ("the token", token.map(|token| ClipboardContent::Secret(token.access.clone()))),
        Action::CopyHeader => ("the header", token.map(|token| ClipboardContent::Secret(token.access.clone()))),
        Action::CopyCurl => ("the curl command", curl_command(state, profile).map(ClipboardContent::Text)),
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
            let store = state.store.as_ref()?;
            let app = store.apps.iter().find(|app| app.name == profile.app);
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
            profile.last_check().and_then(|check| text(&format!("{} {}", rfc3339(check.at), check.verdict.as_str()))),
        ),
        Action::CopyBrowser => ("the browser command", profile.browser.as_deref().and_then(text)),
        Action::CopyFilePath => ("the file's path", text(&file_path(state, &profile.name))),
        _ => return None,
    };
    content.map(|content| (label, content))
}

/// Returns why the token of a profile is invalid, for example "expired 12 days ago"; `None` where it may be valid.
pub(crate) fn invalid_reason(state: &State, profile: &Profile) -> Option<String> {
    let expired_at = profile.token.as_ref()?.expires_at.filter(|expiry| *expiry <= state.now);
    match profile.status(state.now, state.config.expiring_days) {
        Status::Revoked => Some("was revoked".to_owned()),
        Status::Expired => Some(expired_at.map_or_else(
            || "has expired according to LinkedIn".to_owned(),
            |expiry| format!("expired {}", time_format::format_relative(state, expiry)),
        )),
        _ => None,
    }
}

/// Returns why the token of a profile is invalid, and which key fixes that.
pub(crate) fn invalid_reason_and_fix(state: &State, name: &Name) -> Option<String> {
    let store = state.store();
    let profile = store.profile(name)?;
    let fix = if profile.is_refreshable(state.now) {
        state.key_sentence(profile_context(state), Action::Refresh, "refresh it")
    } else {
        state.key_sentence(profile_context(state), Action::Reauthorize, "re-authorize")
    };
    invalid_reason(state, profile).map(|reason| format!("{reason}. {fix}"))
}

/// Copies one value of a listed profile. The list has no secrets, so that a token is read from its file first.
pub(super) fn copy(state: &mut State, name: &Name, action: Action) -> Vec<Effect> {
    let store = state.store();
    let Some(profile) = store.profile(name) else { return Vec::new() };
    let kind = match action {
        Action::CopyRefreshToken => TokenKind::Refresh,
        Action::CopyHeader => TokenKind::Header,
        _ => TokenKind::Access,
    };
    match copied_value(state, profile, action) {
        Some((label, ClipboardContent::Text(text))) => return copy_text(label, &text),
        Some(_) => return vec![Effect::ReadToken { profile: name.clone(), kind }],
        None => {}
    }
    let sign_in = match (action, &profile.token) {
        (Action::CopyToken, None) | (Action::CopyMemberId | Action::CopyUrn, _) => {
            state.key_sentence(profile_context(state), Action::Reauthorize, "sign in")
        }
        _ => String::new(),
    };
    state.notify_error(format!("{name} has no such value. {sign_in}").trim_end());
    Vec::new()
}

pub(crate) fn copy_page(state: &State, menu: &CopyMenu, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Copy from profile {}", menu.name));
    let store = state.store();
    let Some(profile) = store.profile(&menu.name) else { return page };
    let values: Vec<_> = values(state, profile).collect();
    let key = |keys: &[Key]| keys.first().map_or_else(String::new, |key| key.label(theme.is_ascii));
    let key_width = values.iter().map(|(bound, _)| columns(&key(&bound.keys))).max().unwrap_or_default();
    let room = page.width.saturating_sub(2 + LABEL_WIDTH + key_width + 2);
    for (number, (bound, content)) in values.iter().enumerate() {
        let text = match content {
            ClipboardContent::Text(text) if bound.binding.action == Action::CopyFilePath => {
                theme.shorten_path(text, room)
            }
            ClipboardContent::Text(text) => fit(&sanitize(text, 300), room),
            _ if bound.binding.action == Action::CopyHeader => format!("Authorization: Bearer {MASKED}"),
            _ => MASKED.to_owned(),
        };
        let is_selected = number == menu.selected;
        page.row(
            is_selected,
            vec![
                Span::styled(format!("{:<key_width$}  ", key(&bound.keys)), theme.accent()),
                Span::styled(format!("{:<LABEL_WIDTH$}", bound.binding.label), theme.dim()),
                Span::raw(text),
            ],
        );
    }
    page
}
