//! The pages of the authorization endpoint: sign-in and consent.

use maud::{Markup, html};

use super::authorization_request::AuthorizationRequest;
use super::html::{page, text};
use super::members::SandboxMember;
use super::paths;
use crate::linkedin::scopes;

/// Returns the page on which a member signs in.
pub(super) fn sign_in(request: &AuthorizationRequest, members: &[SandboxMember]) -> String {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            p { "to continue to " strong { (text(&request.app.name)) } }
            form method="post" action=(paths::SIGN_IN) {
                input type="hidden" name="request" value=(request.target);
                div.members { @for member in members { (member_button(member, false)) } }
                button.plain type="submit" id="cancel" name="cancel" value="1" { "Cancel" }
            }
            p.fine { "LinkedIn asks for a password here; the sandbox does not." }
        }
    };
    page("Sign in", &content)
}

pub(super) fn member_button(member: &SandboxMember, is_signed_in: bool) -> Markup {
    html! {
        button.member type="submit" id={ "member-" (member.key) } name="member" value=(member.key) {
            strong { (text(&member.display_name())) }
            small { (member.email) @if is_signed_in { " · signed in" } }
        }
    }
}

/// Returns the page that asks the member for consent.
pub(super) fn consent(request: &AuthorizationRequest, member: &SandboxMember) -> String {
    let content = html! {
        section.card.narrow {
            h1 { (text(&request.app.name)) " would like to:" }
            ul.rows {
                @for scope in &request.scopes { li { (text(&permission(scope))) " " code { (text(scope)) } } }
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

/// Describes a scope as LinkedIn's consent page does to members.
fn permission(scope: &str) -> String {
    match scope {
        "openid" => "Know who you are on this app".to_owned(),
        "profile" => "Use your name and photo".to_owned(),
        "email" => "Use the primary email address associated with your LinkedIn account".to_owned(),
        "w_member_social" => "Create, modify, and delete posts, comments, and reactions on your behalf".to_owned(),
        other => {
            let mut letters = scopes::find(other).map_or(other, |row| row.grants).chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
        }
    }
}
