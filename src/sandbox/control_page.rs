//! The control page: posts, tokens and apps, and the forms that change the sandbox.

use maud::{Markup, html};

use super::apps::App;
use super::feed;
use super::html::{format_time, render_page, sanitize_text};
use super::members::SandboxMember;
use super::pages::render_member_button;
use super::scenario::{Behavior, Scenario};
use super::state::{AccessToken, SandboxState};
use crate::secret::Secret;

/// Tokens that the page lists.
const MAX_TOKENS: usize = 50;

pub(super) fn render(state: &SandboxState, scenario: Scenario, behavior: &Behavior, now: i64) -> String {
    let content = html! {
        div.columns {
            div {
                (members(behavior.members(), state.signed_in.as_deref()))
                section.card {
                    h2 { "Feed" }
                    div id="posts" { (feed::list(state, behavior)) }
                }
                section.card {
                    h2 { "Tokens issued" }
                    ul.rows id="tokens" {
                        @for token in state.tokens.iter().rev().take(MAX_TOKENS) { (token_row(token, now)) }
                        @if state.tokens.is_empty() { li.none { "No tokens yet." } }
                    }
                }
                section.card {
                    h2 { "Apps" }
                    ul.rows id="apps" { @for app in &state.apps { (app_row(app)) } }
                }
            }
            div { (scenarios(scenario)) (clock(now)) (reset()) }
        }
    };
    render_page("Sandbox", &content)
}

fn members(members: &[SandboxMember], signed_in: Option<&str>) -> Markup {
    let name = members.iter().find(|member| Some(member.key) == signed_in).map(SandboxMember::display_name);
    html! {
        section.card {
            h2 { "Signed in: " (sanitize_text(name.as_deref().unwrap_or("no member"))) }
            form method="post" action="/sandbox/sign-in" {
                div.members {
                    @for member in members { (render_member_button(member, if signed_in == Some(member.key) { " · signed in" } else { "" })) }
                }
                button.plain type="submit" id="sign-out" name="member" value="" { "Sign out" }
            }
            form method="post" action="/sandbox/revoke-member-grants" {
                button.plain type="submit" id="revoke-grants" { "Revoke all permissions" }
                p.fine {
                    "As on a member’s settings page: revokes every token; the next sign-in asks for consent again."
                }
            }
        }
    }
}

fn scenarios(current: Scenario) -> Markup {
    html! {
        section.card {
            h2 { "Scenario: " (current.name()) }
            p { (current.description()) }
            form method="post" action="/sandbox/scenario" {
                fieldset {
                    legend.hidden { "Scenario" }
                    @for scenario in Scenario::ALL {
                        label.choice {
                            input type="radio" name="name" value=(scenario.name())
                                id={ "scenario-" (scenario.name()) } checked[*scenario == current];
                            span { strong { (scenario.name()) } " " small { (scenario.description()) } }
                        }
                    }
                }
                button.primary type="submit" id="use-scenario" { "Use this scenario" }
            }
        }
    }
}

/// How far the buttons move the clock, in days: a token is valid for 60, and is reported as expiring in the last 7.
const CLOCK_STEPS: [i64; 3] = [1, 53, 60];

fn clock(now: i64) -> Markup {
    html! {
        section.card {
            h2 { "Clock: " (format_time(now)) }
            form method="post" action="/sandbox/clock" {
                div.buttons.start {
                    @for days in CLOCK_STEPS {
                        button.plain type="submit" name="advance_seconds" value=(days * 86_400) {
                            "+" (days) @if days == 1 { " day" } @else { " days" }
                        }
                    }
                }
            }
            form method="post" action="/sandbox/clock" {
                button.plain type="submit" name="reset" value="1" { "Reset to the current time" }
            }
        }
    }
}

fn reset() -> Markup {
    html! {
        section.card {
            h2 { "Reset" }
            form method="post" action="/sandbox/reset" {
                button.plain type="submit" id="reset" { "Delete everything" }
            }
        }
    }
}

fn token_row(token: &AccessToken, now: i64) -> Markup {
    html! {
        li {
            strong { (token.status(now)) } " "
            code { (Secret::new(token.value.as_str()).masked()) }
            small {
                (sanitize_text(token.member.as_deref().unwrap_or("no member"))) " · " (sanitize_text(&token.app)) " · "
                (sanitize_text(&token.scopes.join(" "))) " · expires " (format_time(token.expires_at))
            }
        }
    }
}

fn app_row(app: &App) -> Markup {
    html! {
        li {
            strong { (sanitize_text(&app.name)) }
            small { "Client ID " code { (sanitize_text(&app.client_id)) } }
            small { "Client secret " code { (sanitize_text(&app.client_secret)) } }
            small {
                "Redirect URLs " (sanitize_text(&app.redirect_urls.join(" ")))
                @if app.has_any_loopback_callback { " (and /callback on any port of this machine)" }
            }
            small { "Scopes " (sanitize_text(&app.scopes.join(" "))) }
        }
    }
}
