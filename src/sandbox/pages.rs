//! The pages of the authorization endpoint: sign-in and consent.

use maud::{Markup, html};

use super::authorization_request::AuthorizationRequest;
use super::html::{render_page, sanitize_text};
use super::members::SandboxMember;
use super::paths;
use crate::linkedin::scopes;

/// Returns the page on which a member signs in.
pub(super) fn render_sign_in_page(request: &AuthorizationRequest, members: &[SandboxMember]) -> String {
    let content = html! {
        section.card.narrow {
            h1 { "Sign in" }
            p { "to continue to " strong { (sanitize_text(&request.app.name)) } }
            form method="post" action=(paths::SIGN_IN) {
                input type="hidden" name="request" value=(request.path_and_query);
                div.members { @for member in members { (render_member_button(member, "")) } }
                button.plain type="submit" id="cancel" name="cancel" value="1" { "Cancel" }
            }
            p.fine { "LinkedIn asks for a password here; the sandbox does not." }
        }
    };
    render_page("Sign in", &content)
}

/// Returns the button that signs `member` in, with a note after the email address.
pub(super) fn render_member_button(member: &SandboxMember, note: &str) -> Markup {
    html! {
        button.member type="submit" id={ "member-" (member.key) } name="member" value=(member.key) {
            strong { (sanitize_text(&member.display_name())) }
            small { (member.email) (note) }
        }
    }
}

/// Returns the page that asks the member for consent.
pub(super) fn render_consent_page(request: &AuthorizationRequest, member: &SandboxMember) -> String {
    let content = html! {
        section.card.narrow {
            h1 { (sanitize_text(&request.app.name)) " would like to:" }
            ul.rows {
                @for scope in &request.scopes { li { (sanitize_text(&scopes::consent_text(scope))) " " code { (sanitize_text(scope)) } } }
            }
            p.fine {
                "Signed in as " strong { (sanitize_text(&member.display_name())) }
                ". You will be redirected to " (sanitize_text(request.redirect_origin()))
            }
            form method="post" action=(paths::CONSENT) {
                input type="hidden" name="request" value=(request.path_and_query);
                div.buttons {
                    button.plain type="submit" id="cancel" name="cancel" value="1" { "Cancel" }
                    button.primary type="submit" id="allow" name="allow" value="1" { "Allow" }
                }
            }
        }
    };
    render_page("Authorize", &content)
}
