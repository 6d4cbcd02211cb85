//! The help: an explanation of the screen below it, and the screen's keys.

use ratatui::text::{Line, Span};

use crate::text::columns;
use crate::tui::keymap::{Action, Key, KeyContext, QUIT_KEY, SUSPEND_KEY};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

fn explanation(state: &State, context: KeyContext) -> Vec<String> {
    let texts: &[&str] = match context {
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
                 saved in your config folder."
            } else {
                "Client secret: the same tab, \"Primary Client Secret\". It is sent only to LinkedIn's token endpoint and \
                 saved in a file that only you can read."
            },
            "Pasted text is cleaned of spaces, quotes, line ends and a leading LINKEDIN_CLIENT_SECRET=.",
        ],
        KeyContext::Scopes | KeyContext::FindScope => &[
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
        KeyContext::Review => &[
            "Commands use the profile's name: linkedin-tui token NAME.",
            "LinkedIn has no account picker: it uses the account that is signed in to the browser. Separate browser profiles \
             keep accounts apart: firefox -P work, chromium --profile-directory=Work.",
        ],
        KeyContext::SignIn => {
            let show = state.press(KeyContext::SignIn, Action::ShowUrl, "show the full URL");
            let paste =
                state.press(KeyContext::SignIn, Action::PasteCallback, "paste the URL that the browser ends on");
            return vec![
                "Click Allow in the browser; this screen continues automatically. Nothing is saved before LinkedIn issues a \
                 token."
                    .to_owned(),
                format!("Headless? Open the short link in any browser that reaches this machine. {show} {paste}"),
            ];
        }
        KeyContext::SignInFailed => &["Nothing was saved, and nothing you typed is lost."],
        KeyContext::SignedIn => {
            &["Most LinkedIn apps get no refresh token: re-authorize before the token expires, after 60 days."]
        }
        KeyContext::Compose => {
            &["The draft is saved as you type. The preview shows the post before anything is published."]
        }
        KeyContext::DifferentMember => {
            &["LinkedIn issued this token to a different member than the profile's. It is in memory until you choose."]
        }
        KeyContext::List => {
            let reauthorize =
                state.press(KeyContext::List, Action::Reauthorize, "re-authorize with the same app and scopes");
            return vec![
                "A profile is one member's token for one app. ● marks the current profile, which commands use when none is \
                 named."
                    .to_owned(),
                format!("Tokens are valid for 60 days. {reauthorize} The old token is kept until the new one arrives."),
            ];
        }
        _ => &[],
    };
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The keys that work on every screen and cannot be rebound.
const FIXED_KEYS: &[(Key, &str)] = if cfg!(unix) {
    &[(QUIT_KEY, "quit or cancel"), (SUSPEND_KEY, "suspend until the shell's fg")]
} else {
    &[(QUIT_KEY, "quit or cancel")]
};

pub(crate) fn page(state: &State, context: KeyContext, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Help: {}", context.title()));
    for paragraph in explanation(state, context) {
        page.plain(&paragraph);
        page.blank();
    }
    let own = state.config.keymap.bindings(context).map(|bound| (bound.keys.as_slice(), bound.binding.label));
    let fixed = FIXED_KEYS.iter().map(|(key, label)| (std::slice::from_ref(key), *label));
    let rows: Vec<(String, &str)> = own.chain(fixed).map(|(keys, label)| (key_labels(keys, theme), label)).collect();
    let key_width = rows.iter().map(|(keys, _)| columns(keys)).max().unwrap_or_default();
    for (keys, label) in rows {
        let pad = " ".repeat(key_width - columns(&keys));
        page.lines.push(Line::from(vec![Span::styled(format!("{pad}{keys}  "), theme.accent()), Span::raw(label)]));
    }
    page
}

/// Returns the keys of an action, or a dash where it has none.
fn key_labels(keys: &[Key], theme: Theme) -> String {
    if keys.is_empty() {
        return "-".to_owned();
    }
    keys.iter().map(|key| key.label(theme.is_ascii)).collect::<Vec<_>>().join(" ")
}
