//! The pages of the authorization endpoint: sign-in and consent.

use maud::{Markup, html};

use super::authorization_request::AuthorizationRequest;
use super::html::{page, text};
use super::members::{MEMBERS, SandboxMember};
use super::paths;
use crate::linkedin::scopes;

/// Returns the page that asks which member signs in.
pub(super) fn sign_in(request: &AuthorizationRequest) -> String {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            p { "to continue to " strong { (text(&request.app.name)) } }
            form method="post" action=(paths::SIGN_IN) {
                input type="hidden" name="request" value=(request.target);
                div.members { @for member in MEMBERS { (member_button(member, false)) } }
                button.plain type="submit" id="cancel" name="cancel" value="1" { "Cancel" }
            }
            p.fine { "LinkedIn asks for a password here. The sandbox only asks which member you are." }
        }
    };
    page("Sign in", &content)
}

pub(super) fn member_button(member: &SandboxMember, is_signed_in: bool) -> Markup {
    let name = member.display_name();
    let initial = name.chars().find(|c| c.is_alphabetic() && !c.is_lowercase());
    html! {
        button.member type="submit" id={ "member-" (member.key) } name="member" value=(member.key) {
            span.avatar aria-hidden="true" { @if let Some(initial) = initial { (initial) } }
            span {
                strong { (text(&name)) }
                small { (member.email) @if is_signed_in { " · signed in" } }
            }
        }
    }
}

/// Returns the page that asks the member for consent.
pub(super) fn consent(request: &AuthorizationRequest, member: &SandboxMember) -> String {
    let app = text(&request.app.name);
    let content = html! {
        section.card.narrow {
            div.pair aria-hidden="true" {
                span.avatar.square { @if let Some(initial) = app.chars().next() { (initial) } }
                span.dots { "···" }
                span.avatar.square.blue { "in" }
            }
            h1 { (app) " would like to:" }
            ul.scopes {
                @for scope in &request.scopes {
                    @if let Some(permission) = permission(scope) {
                        li { (text(&permission)) " " code { (text(scope)) } }
                    }
                }
            }
            p.fine {
                "Signed in as " strong { (text(&member.display_name())) }
                ". You will be redirected to " (text(request.redirect_host()))
            }
            form method="post" action=(paths::CONSENT) {
                input type="hidden" name="request" value=(request.target);
                div.buttons {
                    button.plain type="submit" id="cancel" name="cancel" value="1" { "Cancel" }
                    button.primary type="submit" id="allow" name="allow" value="1" { "Allow" }
                }
            }
        }
    };
    page("Authorize", &content)
}

/// A scope as the consent page describes it to members.
fn permission(scope: &str) -> Option<String> {
    let permission = match scope {
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
    Some(permission.to_owned())
}
