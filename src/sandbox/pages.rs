//! The pages. Every value is cleaned and escaped on its way in; nothing comes from elsewhere.

use super::authorize::Request;
use super::call::Reply;
use super::members::{MEMBERS, SandboxMember};
use super::scenario::Scenario;
use super::state::State;
use super::{consent, feed};
use crate::linkedin::scopes;
use crate::secret::Secret;
use crate::text::{clean, html_escape};

/// Where the style sheet is.
pub(super) const STYLE_PATH: &str = "/sandbox/style.css";

const STYLE: &str = include_str!("../../assets/sandbox/style.css");
const LAYOUT: &str = include_str!("../../assets/sandbox/layout.html");
const SIGN_IN: &str = include_str!("../../assets/sandbox/sign-in.html");
const CONSENT: &str = include_str!("../../assets/sandbox/consent.html");
const BUMMER: &str = include_str!("../../assets/sandbox/bummer.html");
const CONTROL: &str = include_str!("../../assets/sandbox/control.html");

/// Markup that may stand on a page as it is.
pub(super) struct Html(pub(super) String);

pub(super) fn text(value: &str) -> Html {
    Html(html_escape(&clean(value, 400)))
}

/// For attributes that come back to us: escaped, but whole.
pub(super) fn attribute(value: &str) -> Html {
    Html(html_escape(value))
}

/// Puts values into a template's `{{name}}` places, in one pass: a value is never searched.
pub(super) fn fill(template: &str, values: &[(&str, Html)]) -> String {
    let mut page = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let Some((name, left)) = after.split_once("}}") else { break };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            page.push_str(&value.0);
        }
        rest = left;
    }
    page.push_str(rest);
    page
}

pub(super) fn layout(title: &str, content: String) -> String {
    fill(LAYOUT, &[("title", text(title)), ("content", Html(content))])
}

/// The style sheet.
pub(super) fn style() -> Reply {
    Reply::text(200, "text/css; charset=utf-8", STYLE.to_owned())
}

/// "Bummer, something went wrong.", with the reason.
pub(super) fn bummer(why: &str) -> String {
    layout(
        "Bummer, something went wrong.",
        fill(BUMMER, &[("heading", text("Bummer, something went wrong.")), ("why", text(why))]),
    )
}

/// The same page when it keeps an error for the app behind a link.
pub(super) fn bummer_with_link(address: &str) -> String {
    let heading = "Bummer, something went wrong.";
    let link = fill(r#"<a href="{{address}}">Return</a>"#, &[("address", attribute(address))]);
    layout(heading, fill(BUMMER, &[("heading", text(heading)), ("why", Html(link))]))
}

/// 404.
pub(super) fn not_found() -> String {
    let heading = "This page doesn’t exist";
    layout(heading, fill(BUMMER, &[("heading", text(heading)), ("why", text("Please check the address."))]))
}

/// Which of the members is it?
pub(super) fn sign_in(request: &Request) -> String {
    let mut members = String::new();
    for member in MEMBERS {
        members.push_str(&member_button(member, ""));
    }
    let values = [
        ("app", text(&request.app.name)),
        ("action", attribute(consent::SIGN_IN)),
        ("request", attribute(&request.target)),
        ("members", Html(members)),
    ];
    layout("Sign in", fill(SIGN_IN, &values))
}

fn member_button(member: &SandboxMember, mark: &str) -> String {
    let name = member.shown();
    let initial: String = name.chars().find(|c| c.is_alphabetic() && !c.is_lowercase()).into_iter().collect();
    fill(
        r#"<button class="member" type="submit" id="member-{{key}}" name="member" value="{{key}}"><span class="avatar" aria-hidden="true">{{initial}}</span><span><strong>{{name}}</strong><small>{{email}} {{mark}}</small></span></button>
"#,
        &[
            ("key", attribute(member.key)),
            ("initial", text(&initial)),
            ("name", text(&name)),
            ("email", text(member.email)),
            ("mark", text(mark)),
        ],
    )
}

/// What the app would like to do.
pub(super) fn consent(request: &Request, member: &SandboxMember) -> String {
    let mut wishes = String::new();
    for scope in &request.scopes {
        let Some(words) = in_words(scope) else { continue };
        let item =
            fill("<li>{{words}} <code>{{scope}}</code></li>\n", &[("words", text(&words)), ("scope", text(scope))]);
        wishes.push_str(&item);
    }
    let values = [
        ("app", text(&request.app.name)),
        ("initial", text(&request.app.name.chars().take(1).collect::<String>())),
        ("member", text(&member.shown())),
        ("action", attribute(consent::DECIDE)),
        ("request", attribute(&request.target)),
        ("wishes", Html(wishes)),
        ("redirect", text(request.redirect_host())),
    ];
    layout("Authorize", fill(CONSENT, &values))
}

/// A scope as the consent page says it.
fn in_words(scope: &str) -> Option<String> {
    let words = match scope {
        "openid" => "Know who you are on this app",
        "profile" => "Use your name and photo",
        "email" => "Use the primary email address associated with your LinkedIn account",
        "w_member_social" => "Create, modify, and delete posts, comments, and reactions on your behalf",
        other => {
            let grants = scopes::find(other).map_or(other, |row| row.grants);
            let mut letters = grants.chars();
            return letters.next().map(|first| first.to_uppercase().chain(letters).collect());
        }
    };
    Some(words.to_owned())
}

/// The control page.
pub(super) fn control(state: &State, scenario: Scenario, now: i64) -> String {
    let signed_in = state.signed_in.as_deref();
    let mut members = String::new();
    for member in MEMBERS {
        members.push_str(&member_button(member, if signed_in == Some(member.key) { "· signed in" } else { "" }));
    }
    let mut picker = String::new();
    for choice in Scenario::ALL {
        picker.push_str(&fill(
            r#"<label class="choice"><input type="radio" name="name" value="{{name}}" id="scenario-{{name}}"{{checked}}><span><strong>{{name}}</strong> <small>{{words}}</small></span></label>
"#,
            &[
                ("name", attribute(choice.name())),
                ("checked", Html(if *choice == scenario { " checked".to_owned() } else { String::new() })),
                ("words", text(choice.describe())),
            ],
        ));
    }
    let who =
        MEMBERS.iter().find(|member| Some(member.key) == signed_in).map_or("nobody".to_owned(), SandboxMember::shown);
    let values = [
        ("who", text(&who)),
        ("members", Html(members)),
        ("scenario", text(scenario.name())),
        ("scenario_words", text(scenario.describe())),
        ("picker", Html(picker)),
        ("tokens", Html(tokens(state, now))),
        ("posts", Html(feed::cards(state, now))),
        ("apps", Html(apps(state))),
        ("now", text(&time(now))),
    ];
    layout("Sandbox", fill(CONTROL, &values))
}

pub(super) fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|at| at.to_string().replace('T', " ").replace('Z', " UTC"))
        .unwrap_or_default()
}

fn tokens(state: &State, now: i64) -> String {
    let mut rows = String::new();
    for token in state.tokens.iter().rev().take(50) {
        rows.push_str(&fill(
            r#"<li><span class="status {{status}}">{{status}}</span> <code>{{token}}</code><small>{{member}} · {{app}} · {{scope}} · until {{until}}</small></li>
"#,
            &[
                ("status", text(token.status(now))),
                ("token", text(&Secret::new(token.value.as_str()).masked())),
                ("member", text(token.member.as_deref().unwrap_or("no member"))),
                ("app", text(&token.app)),
                ("scope", text(&token.scopes.join(" "))),
                ("until", text(&time(token.expires_at))),
            ],
        ));
    }
    if rows.is_empty() { "<li class=\"none\">No token yet.</li>".to_owned() } else { rows }
}

fn apps(state: &State) -> String {
    let mut rows = String::new();
    for app in &state.apps {
        rows.push_str(&fill(
            "<li><strong>{{name}}</strong><small>Client ID <code>{{id}}</code></small><small>Client secret <code>{{secret}}</code></small><small>Redirect URLs {{urls}} {{any}}</small><small>Scopes {{scopes}}</small></li>\n",
            &[
                ("name", text(&app.name)),
                ("id", text(&app.client_id)),
                ("secret", text(&app.client_secret)),
                ("urls", text(&app.redirect_urls.join(" "))),
                ("any", text(if app.any_loopback_callback { "(any port of this machine with /callback)" } else { "" })),
                ("scopes", text(&app.scopes.join(" "))),
            ],
        ));
    }
    rows
}
