//! The help: a word on the screen beneath in the portal's terms, and its keys.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::keymap::{self, Place};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// What a screen is about.
const fn about(place: Place) -> &'static [&'static str] {
    match place {
        Place::Guide => &[
            "An app is what LinkedIn gives tokens to. It is made at linkedin.com/developers, belongs to a company Page, and \
             stays yours.",
            "\"Share on LinkedIn\" lets it post for you; \"Sign In with LinkedIn using OpenID Connect\" tells who you are. \
             Both are granted at once on the Products tab.",
            "\"Marketing Developer Platform\", r_liteprofile and r_emailaddress in older tutorials no longer exist.",
        ],
        Place::Credentials => &[
            "Client ID: Auth tab, \"Application credentials\". It is public, and stands in the address that the browser opens.",
            "Client secret: the same tab, \"Primary Client Secret\", behind the eye. It is secret: it is sent to LinkedIn's \
             token endpoint only, and saved in a file that only you can read.",
            "Pasted text is cleaned of spaces, quotes, line ends and a leading LINKEDIN_CLIENT_SECRET=.",
        ],
        Place::Scopes => &[
            "A scope is a permission. LinkedIn gives it to apps that have its product: Products tab of the app. Self-serve \
             products are there at once; others LinkedIn must approve, which takes weeks.",
            "openid alone is refused by LinkedIn: choose profile or email with it.",
            "Some products must be the only one of their app: their scopes go with no others.",
            "Other scopes than a member granted before end that member's earlier tokens for the app.",
        ],
        Place::Redirect => &[
            "After Allow, LinkedIn sends the browser to this address. This program listens there, on your own machine only, \
             while you sign in.",
            "It must stand on the Auth tab letter for letter. A difference shows LinkedIn's \"Bummer, something went wrong\" \
             page, and nothing comes back here.",
        ],
        Place::Review => &[
            "The profile's name is how you and your scripts call this account: linkedin-tui token NAME.",
            "LinkedIn has no account picker: it takes whoever is signed in in the browser. A browser profile for each account \
             keeps them apart: firefox -P work, chromium --profile-directory=Work.",
        ],
        Place::Progress => &[
            "Press Allow in the browser, and this screen goes on by itself. Nothing is saved before LinkedIn gave a token.",
            "No browser here? Open the short link in any browser that reaches this machine, or press u, select the address, \
             and paste what the browser ends on with p.",
        ],
        Place::Failure => &["Nothing was saved, and nothing you typed is lost."],
        Place::Done => &["Ordinary LinkedIn apps get no refresh token: sign in again before the 60 days are over."],
        _ => &[
            "A profile is one member's token for one app. ● marks the current one, which commands use where none is named.",
            "Tokens live 60 days. r signs in again with the same app and scopes; the old token is kept until the new one is there.",
        ],
    }
}

/// What is true of every place.
const EVERYWHERE: &[(&str, &str)] = if cfg!(unix) {
    &[("ctrl-c", "leave"), ("ctrl-z", "suspend, until the shell's fg")]
} else {
    &[("ctrl-c", "leave")]
};

/// The page.
pub(in crate::tui) fn page(place: Place, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Help: {}", place.title()));
    for paragraph in about(place) {
        page.say(Style::new(), paragraph, width);
        page.blank();
    }
    for binding in keymap::at(place) {
        page.lines.push(Line::from(vec![
            Span::styled(format!("{:>10}  ", binding.key.shown(theme.ascii)), theme.accent()),
            Span::raw(binding.label),
        ]));
    }
    for (key, label) in EVERYWHERE {
        page.lines.push(Line::from(vec![Span::styled(format!("{key:>10}  "), theme.accent()), Span::raw(*label)]));
    }
    page
}
