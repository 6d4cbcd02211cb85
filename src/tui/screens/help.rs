//! The help: an explanation of the context below it, and its keys in groups, which can be searched.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::compose::{self, ComposedPost};
use super::profiles;
use crate::text::{columns, fit, fold_for_search, wrap};
use crate::tui::keymap::{Action, ActionGroup, KeyContext, QUIT_KEY, SUSPEND_KEY};
use crate::tui::overlays::Overlay;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

/// The columns from which the groups are in two columns.
const TWO_COLUMNS_WIDTH: usize = 68;
/// Columns between the two columns.
const GAP: usize = 4;

#[derive(Clone, Debug)]
pub struct Help {
    pub(crate) context: KeyContext,
    /// The lines that it is scrolled by.
    pub(crate) scroll: u16,
    pub(crate) filter: Field,
    /// Whether the filter has the focus.
    pub(crate) is_filtering: bool,
}

impl Help {
    pub(crate) fn new(context: KeyContext) -> Self {
        Self { context, scroll: 0, filter: Field::default(), is_filtering: false }
    }
}

/// Handles a key that does not scroll.
pub(crate) fn handle(state: &mut State, mut help: Help, action: Action) {
    match action {
        Action::Filter => help.is_filtering = true,
        Action::Apply => help.is_filtering = false,
        Action::Back if help.is_filtering => {
            help.filter = Field::default();
            help.is_filtering = false;
        }
        Action::Back if !help.filter.text().is_empty() => help.filter = Field::default(),
        Action::Back => return,
        _ => {}
    }
    state.overlays.push(Overlay::Help(help));
}

/// Returns the explanation of a context, in paragraphs. Every context has its own.
#[expect(clippy::too_many_lines, reason = "a text for each context")]
pub(crate) fn explanation(state: &State, context: KeyContext) -> Vec<String> {
    let texts: &[&str] = match context {
        KeyContext::List => {
            let reauthorize =
                state.key_sentence(KeyContext::List, Action::Reauthorize, "re-authorize with the same app and scopes");
            return vec![
                "A profile is one member's token for one app. ● marks the current profile, which commands use when none is \
                 named."
                    .to_owned(),
                format!("Tokens are valid for 60 days. {reauthorize} The old token is kept until the new one arrives."),
            ];
        }
        KeyContext::Filter => {
            &["Profiles whose name, member, app or status contains every word that you type stay in the list."]
        }
        KeyContext::JobResults => &[
            "The result of the last check, refresh, revocation or probe for each profile, problems first. The keys work on the \
             selected profile.",
        ],
        KeyContext::Copy => &[
            "Press the letter of a value to copy it. Tokens are copied without being shown.",
            "ui.clear_clipboard_seconds in the settings clears a copied secret from the clipboard.",
        ],
        KeyContext::Rename => &[
            "The name is what commands use: a-z, 0-9, \".\", \"_\" and \"-\". Scripts that use the old name must be changed.",
        ],
        KeyContext::Edit => &[
            "Changed scopes apply at the next sign-in. The browser command decides which account is signed in to LinkedIn.",
        ],
        KeyContext::EditConflict => {
            &["Another process changed this profile while the form was open. Decide whose changes are saved."]
        }
        KeyContext::Export => &[
            if cfg!(windows) {
                "Writes the token to a file, in the format that your program reads."
            } else {
                "Writes the token to a file that only you can read, in the format that your program reads."
            },
            "A .env file keeps its other lines. NAME in the path stands for the profile's name.",
        ],
        KeyContext::ExportExists => &["The file exists. Replacing it discards what it contains."],
        KeyContext::Delete => &[
            "Deletes the profile from this machine. The token stays valid at LinkedIn unless it is revoked first. A deletion can \
             be undone until the program ends.",
        ],
        KeyContext::Revoke => &["LinkedIn rejects a revoked token at once. Every script that uses it stops working."],
        KeyContext::Revoked => {
            &["Members also see and remove apps on LinkedIn's page of permitted services, which is the surest way."]
        }
        KeyContext::NoRefresh => {
            &["LinkedIn issues refresh tokens to few apps only. All others re-authorize in the browser."]
        }
        KeyContext::Reauthorize if profiles::shows_link(state) => &[
            "Shows a link to LinkedIn. LinkedIn has no account picker: it uses the account that is signed in in the browser \
             where you open the link.",
            "The stored token is kept until the new one arrives.",
        ],
        KeyContext::Reauthorize => &[
            "Opens LinkedIn in the browser. LinkedIn has no account picker: it uses the account that is signed in there.",
            "The stored token is kept until the new one arrives.",
        ],
        KeyContext::Permissions => &[
            "What this token may do at LinkedIn, probed by requests that change nothing. The selected line shows the evidence and \
             which product the permission needs.",
        ],
        KeyContext::Deliveries => &[
            "A delivery is a command of yours that receives each new token on stdin: a CI secret, a vault, a server.",
            "A test token overwrites the real one at its target until the real one is delivered again.",
        ],
        KeyContext::RemoveDelivery => {
            &["New tokens are no longer delivered there. What the target has already is not removed."]
        }
        KeyContext::TestDelivery => {
            &["The test token replaces the real secret at the target. Deliver the real one afterwards."]
        }
        KeyContext::Presets => {
            &["Each preset runs the client of a secret store that you have installed and signed in to."]
        }
        KeyContext::AddDelivery => {
            &["The settings become the command's arguments. The token is only ever on its stdin."]
        }
        KeyContext::Welcome => &[
            "The sandbox simulates LinkedIn on this machine: its sign-in page, its API and three demo members. Everything else is \
             the program that you use with LinkedIn.",
            "The sandbox has files of its own. Commands reach them with --sandbox.",
        ],
        KeyContext::Guide => &[
            "LinkedIn issues access tokens to apps. You create an app at linkedin.com/developers; it is linked to a LinkedIn \
             Page.",
            "\"Share on LinkedIn\" lets it post for you; \"Sign In with LinkedIn using OpenID Connect\" identifies you. Both \
             are granted at once on the Products tab.",
            "\"Marketing Developer Platform\", r_liteprofile and r_emailaddress in older tutorials no longer exist.",
        ],
        KeyContext::Credentials => &[
            "Client ID: Auth tab, \"Application credentials\". It is public and part of the URL that the browser opens.",
            if cfg!(windows) {
                "Client secret: the same tab, \"Primary Client Secret\". It is sent only to LinkedIn's token endpoint, and \
                 saved in your config directory."
            } else {
                "Client secret: the same tab, \"Primary Client Secret\". It is sent only to LinkedIn's token endpoint and \
                 saved in a file that only you can read."
            },
            "Pasted text is cleaned of spaces, quotes, line ends and a leading LINKEDIN_CLIENT_SECRET=.",
        ],
        KeyContext::FindScope => &[
            "Scopes whose name, product or description contains every word that you type stay in the list. What is selected stays \
             selected when the field is closed.",
        ],
        KeyContext::CustomScopes => &[
            "Scopes that the list does not have, separated by spaces. Those that it has are checked there as you type.",
            "LinkedIn refuses the whole sign-in where the app has no product with one of them.",
        ],
        KeyContext::Scopes => &[
            "A scope is a permission. LinkedIn grants it to apps that have its product: Products tab of the app. Self-serve \
             products are added at once; others require approval, which takes weeks.",
            "LinkedIn refuses openid alone: choose profile or email with it.",
            "Some products must be the only one of their app: their scopes cannot be combined with others.",
            "Requesting other scopes than a member granted before revokes that member's earlier tokens for the app.",
        ],
        KeyContext::RedirectUrl => &[
            "After you click Allow, LinkedIn redirects the browser to this URL. The callback server listens there, on this \
             machine only, while you sign in.",
            "It must match the Auth tab exactly. Otherwise LinkedIn shows \"Bummer, something went wrong\" and \
             does not redirect the browser.",
        ],
        KeyContext::Review => {
            let separate = "LinkedIn has no account picker: it uses the account that is signed in to the browser. Separate browser profiles \
             keep accounts apart: firefox -P work, chromium --profile-directory=Work.";
            let program_command = state.config.program_command;
            return vec![
                format!("Commands use the profile's name: {program_command} token NAME."),
                separate.to_owned(),
            ];
        }
        KeyContext::SignIn => {
            let show = state.key_sentence(KeyContext::SignIn, Action::ShowUrl, "show the full URL");
            let paste =
                state.key_sentence(KeyContext::SignIn, Action::PasteCallback, "paste the URL that the browser ends on");
            return vec![
                "Click Allow in the browser; this screen continues automatically. Nothing is saved before LinkedIn issues a \
                 token."
                    .to_owned(),
                "\"Bummer, something went wrong\" in the browser means that the redirect URL or the client ID differs from your \
                 app's Auth tab, or that the app lacks the product of a scope. LinkedIn then never redirects: cancel, and correct it."
                    .to_owned(),
                format!("Headless? Open the short link in any browser that reaches this machine. {show} {paste}"),
            ];
        }
        KeyContext::PasteCallback => &[
            "Paste the whole URL from the address bar of the browser, even if its page says that the site cannot be reached. It \
             is checked as if the browser had reached this machine.",
        ],
        KeyContext::PrintedUrl => {
            &["The URL is printed without the screen, so that it can be selected over several lines."]
        }
        KeyContext::DifferentMember => {
            &["LinkedIn issued this token to a different member than the profile's. It is in memory until you choose."]
        }
        KeyContext::ReplaceToken => &[
            "The profile then belongs to the other member. The token that it has now is overwritten and cannot be restored.",
        ],
        KeyContext::SignInFailed => &["Nothing was saved, and nothing you typed is lost."],
        KeyContext::SignedIn => {
            &["Most LinkedIn apps get no refresh token: re-authorize before the token expires, after 60 days."]
        }
        KeyContext::Compose
        | KeyContext::Preview
        | KeyContext::Publishing
        | KeyContext::Published
        | KeyContext::DeletePost
        | KeyContext::DeleteRecord
        | KeyContext::NotPublished
        | KeyContext::MaybePublished
        | KeyContext::DiscardDraft
        | KeyContext::Posts
        | KeyContext::Statistics
        | KeyContext::Comment
        | KeyContext::CommentFailed
        | KeyContext::React => compose::explanation(context, is_post_edit(state)),
        KeyContext::Detail => {
            &["Every value of the profile, its app and its token. The keys are those of the list, for this profile."]
        }
        KeyContext::Requests => &[
            "The last 200 requests of this run to LinkedIn, the newest first. They are kept in memory only.",
            "Queries, bodies, tokens and client secrets are never recorded; of a refusal only LinkedIn's message and its code.",
        ],
        KeyContext::Request => &[
            "The request ID is what LinkedIn's support asks for.",
            "The copied curl command reads the token when it runs, so it can be shared.",
        ],
        KeyContext::Settings => &[
            "Changes are written to config.toml; its comments and all other lines stay as they are.",
            "Keys are changed there too, in tables such as [keys.list].",
        ],
        KeyContext::EditSetting => &["The value is checked before it is saved."],
        KeyContext::Palette => &["Type a part of an action's name. Enter runs the selected one."],
        KeyContext::Help | KeyContext::FindHelp => &["The keys of the help itself."],
    };
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// Returns whether the text of a published post is being changed.
fn is_post_edit(state: &State) -> bool {
    state.compose().is_some_and(ComposedPost::is_edit)
}

/// The keys of an action, and what it does.
struct KeyRow {
    keys: String,
    label: String,
    /// Whether the action does something now. The others are dimmed.
    is_available: bool,
}

/// A heading and its keys.
type Group = (&'static str, Vec<KeyRow>);

/// Returns the groups of a context's keys that match the filter.
fn groups(state: &State, help: &Help, theme: Theme) -> Vec<Group> {
    let words: Vec<String> = help.filter.trimmed().split_whitespace().map(fold_for_search).collect();
    let matches = |group: &str, row: &KeyRow| {
        let text = fold_for_search(&format!("{group} {} {}", row.keys, row.label));
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let mut rows_by_group: Vec<(ActionGroup, Vec<KeyRow>)> = Vec::new();
    for bound in state.config.keymap.bindings(help.context) {
        // An action without a key is only in the palette, unless config.toml unbinds it.
        if bound.keys.is_empty() && bound.binding.keys.is_empty() {
            continue;
        }
        let keys: Vec<String> = bound.keys.iter().map(|key| key.label(theme.is_ascii)).collect();
        let keys = if keys.is_empty() { "-".to_owned() } else { keys.join(" ") };
        let group = help.context.group(bound.binding.action);
        let current = bound.binding.current_label(state);
        let is_edit = help.context == KeyContext::Compose && is_post_edit(state);
        // The control page exists only in the sandbox, and most parts of the form only for a new post.
        if (group == ActionGroup::Program || is_edit) && current.is_none() {
            continue;
        }
        let is_available = current.is_some();
        let label = current
            .filter(|_| is_edit || bound.binding.action == Action::Continue)
            .unwrap_or_else(|| bound.binding.label.to_owned());
        let row = KeyRow { keys, label, is_available };
        match rows_by_group.iter_mut().find(|(listed, _)| *listed == group) {
            Some((_, rows)) => rows.push(row),
            None => rows_by_group.push((group, vec![row])),
        }
    }
    rows_by_group.sort_by_key(|(group, _)| *group);
    let mut groups: Vec<Group> = rows_by_group.into_iter().map(|(group, rows)| (group.title(), rows)).collect();
    let row = |keys: &str, label: &str| KeyRow { keys: keys.to_owned(), label: label.to_owned(), is_available: true };
    let mut fixed_rows = vec![row(&QUIT_KEY.label(theme.is_ascii), "quit or cancel")];
    if cfg!(unix) {
        fixed_rows.push(row(&SUSPEND_KEY.label(theme.is_ascii), "suspend (fg resumes)"));
    }
    groups.push(("Everywhere", fixed_rows));
    if state.config.mouse {
        groups.push((
            "Mouse",
            vec![
                row("click", "key hint, row, field, link"),
                row("wheel", "up, down"),
                row("shift-drag", "select text"),
            ],
        ));
    }
    for (group, rows) in &mut groups {
        rows.retain(|row| matches(group, row));
    }
    groups.retain(|(_, rows)| !rows.is_empty());
    groups
}

pub(crate) fn page(state: &State, help: &Help, theme: Theme, width: usize) -> Page {
    let is_edit = help.context == KeyContext::Compose && is_post_edit(state);
    let title = if is_edit { "Edit a post" } else { help.context.title() };
    let mut page = Page::new(theme, width, format!("Help: {title}"));
    if help.is_filtering || !help.filter.text().is_empty() {
        page.search(&help.filter, "Type to find a key", help.is_filtering);
    } else {
        // The rest of a long explanation is below the keys, which are what most people look for.
        if let Some(introduction) = explanation(state, help.context).first() {
            page.plain(introduction);
            page.blank();
        }
    }
    add_keys(&mut page, state, help);
    if help.filter.text().is_empty() && !help.is_filtering {
        for paragraph in explanation(state, help.context).iter().skip(1) {
            page.blank();
            page.plain(paragraph);
        }
    }
    page
}

/// Adds the keys in groups, in two columns where there is room.
fn add_keys(page: &mut Page, state: &State, help: &Help) {
    let (theme, width) = (page.theme, page.width);
    let groups = groups(state, help, theme);
    if groups.is_empty() {
        page.dim("No key matches.");
        return;
    }
    if width < TWO_COLUMNS_WIDTH {
        page.lines.extend(column(&groups, theme, width));
        return;
    }
    let column_width = (width - GAP) / 2;
    let (left, right) = split(&groups);
    let (left, right) = (column(left, theme, column_width), column(right, theme, column_width));
    for at in 0..left.len().max(right.len()) {
        let mut line = left.get(at).cloned().unwrap_or_default();
        if let Some(right) = right.get(at) {
            let pad = (column_width + GAP).saturating_sub(line.width());
            line.push_span(Span::raw(" ".repeat(pad)));
            line.spans.extend(right.spans.iter().cloned());
        }
        page.lines.push(line);
    }
}

/// Splits the groups into a left and a right column of heights as similar as their order allows.
fn split(groups: &[Group]) -> (&[Group], &[Group]) {
    let height = |groups: &[Group]| groups.iter().map(|(_, rows)| rows.len() + 2).sum::<usize>();
    // Where nothing is gained by two columns, everything is in the left one.
    let rank = |at: &usize| (height(&groups[..*at]).max(height(&groups[*at..])), std::cmp::Reverse(*at));
    let at = (1..=groups.len()).min_by_key(rank);
    groups.split_at(at.unwrap_or_default())
}

/// Returns the lines of groups below each other.
fn column(groups: &[Group], theme: Theme, width: usize) -> Vec<Line<'static>> {
    let key_width = groups.iter().flat_map(|(_, rows)| rows).map(|row| columns(&row.keys)).max().unwrap_or_default();
    let key_width = key_width.min(width / 2);
    let mut lines = Vec::new();
    for (title, rows) in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        // The style is the span's: the lines of both columns become one.
        lines.push(Line::from(Span::styled(*title, theme.strong())));
        for row in rows {
            let keys = fit(&row.keys, key_width);
            let pad = " ".repeat(key_width - columns(&keys));
            // Long labels wrap: only the help shows them in full.
            for (index, label) in wrap(&row.label, width.saturating_sub(key_width + 2)).into_iter().enumerate() {
                let keys = if index == 0 { format!("{keys}{pad}  ") } else { " ".repeat(key_width + 2) };
                let (key_style, style) =
                    if row.is_available { (theme.accent(), Style::new()) } else { (theme.dim(), theme.dim()) };
                lines.push(Line::from(vec![Span::styled(keys, key_style), Span::styled(label, style)]));
            }
        }
    }
    lines
}
