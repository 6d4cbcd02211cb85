//! The Pages on which the profile's member has a role, and whether posts as them are possible.

use jiff::SignedDuration;

use super::refresh::valid_token;
use super::token_retry::{error_code, retry_if_token_refused};
use crate::Result;
use crate::linkedin::api::Api;
use crate::linkedin::http::Response;
use crate::linkedin::organizations::{self, PageRole};
use crate::linkedin::probes;
use crate::session::Context;
use crate::store::{Member, Name, Profile};

/// The Pages whose name and authorization are requested: two requests for each, and LinkedIn limits the calls of a day.
pub(crate) const MAX_DETAILED_PAGES: usize = 50;

/// A Page on which the member has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// The raw name, to be cleaned before display; absent if the token may not read it.
    pub name: Option<String>,
    /// LinkedIn's name of the role, such as `ADMINISTRATOR`.
    pub role: String,
    /// Whether the token can publish as the Page; `None` if not known.
    pub can_post: Option<bool>,
}

/// Lists the Pages on which the profile's member has an approved role, in LinkedIn's order.
///
/// # Errors
/// `not_permitted` if the token may not read the member's roles.
pub(crate) async fn list(ctx: &Context, name: &Name) -> Result<Vec<Page>> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    retry_if_token_refused(ctx, profile, error_code, async |profile: &Profile| fetch(ctx, profile).await).await
}

async fn fetch(ctx: &Context, profile: &Profile) -> Result<Vec<Page>> {
    let token = profile.require_token()?;
    let api = ctx.api(token);
    let member = profile.member.as_ref().map(Member::urn);
    // Without a list of scopes LinkedIn's approval is about the member alone.
    let has_scope = token.scopes.iter().any(|scope| scope == "w_organization_social");
    let may_have_scope = has_scope || token.scopes.is_empty();
    let mut pages = Vec::new();
    for (number, role) in organizations::list_roles(api).await?.into_iter().enumerate() {
        let is_detailed = number < MAX_DETAILED_PAGES;
        let can_post = match &member {
            _ if !may_have_scope || !role.can_publish() => Some(false),
            Some(member) if is_detailed => {
                fetch_authorization(api, member, &role).await.filter(|is_approved| has_scope || !is_approved)
            }
            _ => None,
        };
        let name = if is_detailed { organizations::fetch_name(api, &role.page).await } else { None };
        pages.push(Page { urn: role.page, name, role: role.role, can_post });
    }
    Ok(pages)
}

/// Fetches whether the member may publish as the Page; `None` if the request fails.
async fn fetch_authorization(api: Api<'_>, member: &str, role: &PageRole) -> Option<bool> {
    let response = api.get(&probes::publish_permission_path(member, &role.page)).await.ok();
    response.filter(Response::is_success).map(|response| probes::is_approved(&response))
}
