//! Detects what a profile's token permits at LinkedIn, by introspection and GET requests alone, one at a time and at
//! most `MAX_REQUESTS` of them: what only a write shows is unknown unless LinkedIn accepted or refused such a write
//! before.

mod evidence;
mod requests;

use std::cell::Cell;

use jiff::SignedDuration;

use self::evidence::Evidence;
use self::requests::{MAX_REQUESTS, Requests, StopReason};
use super::check::require_member_token;
use super::refresh::{has_same_token, valid_token};
use super::token_retry::{error_code, is_refused, retry_if_token_refused};
use crate::linkedin::capabilities::{Capability, feed_scope, post_scope};
use crate::linkedin::endpoints::{ME, USERINFO};
use crate::linkedin::http::Response;
use crate::linkedin::organizations::{self, PageRole};
use crate::linkedin::probes::{self, Conclusion};
use crate::linkedin::products::{Access, USE_SECOND_PROFILE, app_includes, product_for_same_app, products_with};
use crate::linkedin::scopes;
use crate::linkedin::urn::is_page_urn;
use crate::linkedin::userinfo::UserInfo;
use crate::session::Context;
use crate::store::{
    App, Check, Member, Name, PagePermission, Permission, Permissions, Profile, ProfileStore, Verdict, WriteOutcome,
};
use crate::{Code, Error, NextStep, Result};

/// Detects what the profile's token permits, and saves it with the profile.
///
/// # Errors
/// `signed_out`, `expired` or `revoked` when only a sign-in helps; `not_permitted` for a token
/// without a member; `network`, `server_error` or `rate_limited` if a request fails; `locked` if the profile was changed
/// elsewhere meanwhile. Nothing is saved then.
pub(crate) async fn probe(ctx: &Context, name: &Name) -> Result<Profile> {
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    require_member_token(&profile)?;
    let remaining_requests = Cell::new(MAX_REQUESTS);
    let probed = retry_if_token_refused(ctx, profile, error_code, async |profile: &Profile| {
        detect(ctx, profile, &remaining_requests).await.map(|found| (found, profile.clone()))
    });
    let (found, probed_profile) = probed.await.map_err(|mut error| {
        if is_refused(error.code) {
            error.replace_hint("", Some(NextStep::SignIn { profile: name.to_string() }));
        }
        error
    })?;
    let save = move |profile: &mut Profile| {
        let can_sign_in = |one: &Permission| one.capability == Capability::SignIn && one.allowed == Some(true);
        // LinkedIn returned the member because the token is valid.
        if found.list.iter().any(can_sign_in) && has_same_token(profile, &probed_profile) {
            profile.check = Some(Check::new(found.at, Verdict::Active));
        }
        profile.stored_permissions = Some(found);
        Ok(())
    };
    let profile = ctx.update_profile(name, save).await?;
    if profile.permissions().is_none() {
        return Err(Error::new(
            Code::Locked,
            format!(
                "The profile {name} was changed elsewhere while its permissions were probed. The result was discarded."
            ),
            "",
        )
        .with_next_step(NextStep::ProbePermissions { profile: name.to_string() }));
    }
    Ok(profile)
}

/// Collects evidence about the profile's token, and evaluates it.
async fn detect(ctx: &Context, profile: &Profile, remaining_requests: &Cell<usize>) -> Result<Permissions> {
    let app_name = profile.app.clone();
    let (app, token) = (ctx.with_store(move |store| store.app(&app_name)).await?, profile.require_token()?);
    let mut requests = Requests::new(ctx, token, remaining_requests);
    let mut evidence = Evidence { scopes: requests.fetch_granted_scopes(&app).await, ..Evidence::default() };
    match collect(&mut requests, &mut evidence, profile, &app).await {
        Ok(()) => {}
        Err(StopReason::Restricted(detail)) => evidence.restricted = Some(detail),
        Err(StopReason::Failed(error)) => return Err(error),
    }
    Ok(Permissions {
        at: ctx.now(),
        app: profile.app.clone(),
        client_id: app.client_id,
        scopes: token.scopes.clone(),
        list: evidence.evaluate(),
        pages: evidence.pages,
    })
}

/// Sends the probes, except those that the scopes already decide.
async fn collect(
    requests: &mut Requests<'_>,
    evidence: &mut Evidence,
    profile: &Profile,
    app: &App,
) -> Result<(), StopReason> {
    let (finding, response) = requests.send_first(USERINFO).await?;
    let userinfo_member = UserInfo::read(&response).ok().map(Member::from);
    let is_unreadable = finding.conclusion == Conclusion::Allowed && userinfo_member.is_none();
    evidence.sign_in = Some(if is_unreadable { finding.with_unreadable_body() } else { finding });
    let mut member = userinfo_member.or_else(|| profile.member.clone()).as_ref().map(Member::urn);
    if member.is_none() && evidence.has_any_scope(&["r_basicprofile"]) {
        let (_, response) = requests.get(ME).await?;
        member = response.and_then(|response| probes::member_urn(&response));
    }
    add_history(requests.ctx, evidence, profile, app, member.as_deref())?;

    if evidence.has_any_scope(&[
        "r_dma_portability_self_serve",
        "r_dma_portability_member",
        "r_dma_portability_3rd_party",
    ]) {
        evidence.portability = Some(requests.get(&probes::member_authorizations_path()).await?.0);
    }
    if evidence.may_have_scope("r_member_social")
        && let Some(member) = &member
    {
        evidence.member_posts = Some(requests.get(&probes::own_posts_path(member)).await?.0);
    }
    if evidence.may_have_scope("r_member_postAnalytics") {
        evidence.statistics = Some(requests.get(&probes::statistics_path()).await?.0);
    }
    if evidence.may_have_scope(feed_scope(None))
        && let Some(post) = &evidence.known_post
    {
        for path in [probes::comments_path(post), probes::counts_path(post)] {
            evidence.social.push(requests.get(&path).await?.0);
        }
    }
    if evidence.may_have_scope("w_organization_social") {
        probe_pages(requests, evidence, member.as_deref()).await?;
    }
    Ok(())
}

/// Finds the Pages where the member has a role, and whether posts as them are possible.
async fn probe_pages(
    requests: &mut Requests<'_>,
    evidence: &mut Evidence,
    member: Option<&str>,
) -> Result<(), StopReason> {
    let can_list = evidence.may_have_scope("rw_organization_admin") || evidence.may_have_scope("r_organization_admin");
    if !can_list {
        return Ok(());
    }
    let (finding, response) = requests.get(&probes::roles_path()).await?;
    let roles = response.filter(Response::is_success).map(|response| organizations::parse_roles(&response));
    let is_unreadable = finding.conclusion == Conclusion::Allowed && matches!(roles, Some(Err(_)));
    evidence.roles = Some(if is_unreadable { finding.with_unreadable_body() } else { finding });
    let page = |role: PageRole| {
        let can_post = role.can_publish();
        PagePermission { urn: role.page, name: None, role: role.role, can_post }
    };
    evidence.pages = roles.and_then(Result::ok).unwrap_or_default().into_iter().map(page).collect();
    let Some(member) = member else { return Ok(()) };
    for number in 0..evidence.pages.len() {
        let path = probes::publish_permission_path(member, &evidence.pages[number].urn);
        let (_, response) = requests.get(&path).await?;
        // Without a response the role decides.
        if let Some(response) = response.filter(Response::is_success) {
            evidence.pages[number].can_post = probes::is_approved(&response);
            evidence.authorizations += 1;
        }
    }
    for page in &mut evidence.pages {
        page.name = requests.fetch_page_name(&page.urn).await;
    }
    Ok(())
}

/// Adds the outcomes of earlier writes, and the posts that were published with this program.
fn add_history(
    ctx: &Context,
    evidence: &mut Evidence,
    profile: &Profile,
    app: &App,
    member: Option<&str>,
) -> Result<(), StopReason> {
    let token = profile.require_token()?;
    evidence.outcomes = load_outcomes(&ctx.store, profile, &app.client_id)?;
    evidence.outcomes.retain(is_of_capability);
    let posts = ctx.store.posts(&profile.name)?;
    let mut member_posts = posts.iter().filter(|post| Some(post.author.as_str()) == member);
    evidence.known_post = member_posts.clone().find(|post| post.deleted_at.is_none()).and_then(|post| post.urn.clone());
    // Published with this very token, so by this app.
    evidence.posted_at = member_posts.find(|post| post.at >= token.issued_at).map(|post| post.at);
    Ok(())
}

/// Returns how LinkedIn responded to earlier writes of this app with the token's scopes.
fn load_outcomes(store: &ProfileStore, profile: &Profile, client_id: &str) -> Result<Vec<WriteOutcome>> {
    let token = profile.require_token()?;
    let mut outcomes = store.outcomes(&profile.name)?;
    outcomes.retain(|outcome| outcome.client_id == client_id && scopes::are_same(&outcome.scopes, &token.scopes));
    Ok(outcomes)
}

/// Saves whether LinkedIn accepted a write, or refused it for a missing product or scope, and updates the saved
/// permission.
pub(crate) async fn record_write(
    ctx: &Context,
    profile: &Profile,
    capability: Capability,
    author: &str,
    write: Write,
) -> Result<()> {
    let (app, token) = (ctx.store.without_secrets().app(&profile.app)?, profile.require_token()?);
    let outcome = WriteOutcome {
        capability,
        author: author.to_owned(),
        client_id: app.client_id,
        scopes: token.scopes.clone(),
        at: ctx.now(),
        is_accepted: write.is_accepted,
        api: write.api.to_owned(),
    };
    let permission =
        profile.permissions().and_then(|found| found.get(capability)).filter(|_| is_of_capability(&outcome));
    let is_unchanged = permission.is_none_or(|permission| permission.allowed == Some(outcome.is_accepted));
    let name = profile.name.clone();
    let save = move |store: &ProfileStore| {
        store.save_outcome(&name, &outcome)?;
        if is_unchanged {
            return Ok(());
        }
        let update = |profile: &mut Profile| {
            let mut stored = profile.stored_permissions.iter_mut().flat_map(|found| &mut found.list);
            if let Some(permission) = stored.find(|stored| stored.capability == capability) {
                *permission = evidence::permission_after_write(&outcome);
            }
            Ok(())
        };
        store.update_profile(&store.current_name(&name), update).map(drop)
    };
    ctx.with_store(save).await
}

/// Returns whether an outcome is evidence for the permission of its capability. Comments and reactions as a Page need another
/// scope than the member's.
fn is_of_capability(outcome: &WriteOutcome) -> bool {
    !matches!(outcome.capability, Capability::Comment | Capability::React) || !is_page_urn(&outcome.author)
}

/// Returns the URNs of those whose last write of each capability LinkedIn accepted, with the profile's app and scopes.
pub(crate) fn accepted_writes(store: &ProfileStore, profile: &Profile) -> Result<Vec<AcceptedWrite>> {
    let app = store.without_secrets().app(&profile.app)?;
    let accepted = load_outcomes(store, profile, &app.client_id)?.into_iter().filter(|outcome| outcome.is_accepted);
    Ok(accepted.map(|outcome| AcceptedWrite { capability: outcome.capability, author: outcome.author }).collect())
}

/// A write that LinkedIn accepted: evidence that outweighs the scopes of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedWrite {
    pub capability: Capability,
    /// The URN of the member or Page that wrote.
    pub author: String,
}

/// For how long the API of the last write is tried first: LinkedIn may grant or withdraw the access to an API.
const LAST_API_VALIDITY: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Returns the last write of this capability by `author`, with this app and these scopes, if it is at most 30 days old.
pub(crate) fn last_write(
    ctx: &Context,
    profile: &Profile,
    capability: Capability,
    author: &str,
) -> Result<Option<WriteOutcome>> {
    let app = ctx.store.without_secrets().app(&profile.app)?;
    let is_recent = |outcome: &WriteOutcome| ctx.now().duration_since(outcome.at) < LAST_API_VALIDITY;
    let mut outcomes = load_outcomes(&ctx.store, profile, &app.client_id)?.into_iter();
    Ok(outcomes.find(|one| one.capability == capability && one.author == author && is_recent(one)))
}

/// Returns the path that accepted the last write of this capability, with this app and these scopes, if it is at most 30 days
/// old.
pub(crate) fn last_accepted(ctx: &Context, profile: &Profile, capability: Capability) -> Result<Option<String>> {
    let app = ctx.store.without_secrets().app(&profile.app)?;
    let accepted = load_outcomes(&ctx.store, profile, &app.client_id)?.into_iter().filter(|outcome| {
        outcome.capability == capability
            && outcome.is_accepted
            && ctx.now().duration_since(outcome.at) < LAST_API_VALIDITY
    });
    Ok(accepted.max_by_key(|outcome| outcome.at).map(|outcome| outcome.api))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    pub is_accepted: bool,
    /// The path of the request.
    pub api: &'static str,
}

/// Returns why the member can't do this with the profile's token; `None` if the member can, or if that is not known.
pub(crate) fn denial(profile: &Profile, capability: Capability) -> Option<String> {
    let one = profile.permissions()?.get(capability)?;
    (one.allowed == Some(false)).then(|| one.reason())
}

/// Why a token can't post, by the saved permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingDenial {
    pub reason: String,
    /// Whether the app's products may have changed it since: LinkedIn refused an earlier post.
    pub depends_on_product: bool,
}

/// Returns why the profile's token can't post as `author`; `None` if it can, or if that is not known.
pub(crate) fn posting_denial(profile: &Profile, author: Option<&str>) -> Option<PostingDenial> {
    let permissions = profile.permissions()?;
    let page = author.filter(|author| is_page_urn(author));
    let capability = if page.is_some() { Capability::PostAsPage } else { Capability::PostAsMember };
    if let Some(denied) = permissions.get(capability).filter(|permission| permission.allowed == Some(false)) {
        let depends_on_product = denied.product.is_some();
        return Some(PostingDenial { reason: denied.reason(), depends_on_product });
    }
    let page = permissions.pages.iter().find(|listed| Some(listed.urn.as_str()) == page)?;
    let reason = format!("The role {} cannot publish as this Page.", page.role);
    (!page.can_post).then_some(PostingDenial { reason, depends_on_product: false })
}

/// Returns the scope that a post as `author` needs and the profile's token lacks; `None` if it has it, and if its scopes
/// are not known.
pub(crate) fn missing_post_scope(profile: &Profile, author: Option<&str>) -> Option<&'static str> {
    missing_scope(profile, post_scope(author))
}

/// Explains a refusal of `refused` by the scope that the profile's token lacks, if it lacks it: LinkedIn's response names only the
/// product, which the app may have.
pub(crate) fn explain_missing_scope(
    mut error: Error,
    profile: &Profile,
    scope: &'static str,
    (capability, refused): (Capability, &str),
) -> Error {
    if error.code != Code::NotPermitted || missing_scope(profile, scope).is_none() {
        return error;
    }
    error.message =
        format!("LinkedIn refused {refused}: the token of profile {} lacks the scope {scope}.", profile.name);
    advise_on_missing_scope(&mut error, profile, scope, capability);
    error
}

/// Sets the advice on a scope that the profile's token lacks: the product with its terms, and the sign-in that requests the scope,
/// or the second profile that it needs.
pub(crate) fn advise_on_missing_scope(
    error: &mut Error,
    profile: &Profile,
    scope: &'static str,
    capability: Capability,
) {
    let granted = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let comes_with = |product: &str| format!("The scope comes with the product {product}.");
    let usual = capability.remedy(granted);
    if app_includes(granted, scope) {
        let (profile, scopes) = (profile.name.to_string(), format!("{} {scope}", granted.join(" ")));
        let hint = if usual.needs_second_profile || !products_with(&granted[0]).any(|one| one.name == usual.product) {
            "The app's product includes the scope.".to_owned()
        } else {
            format!("The app's product {} includes the scope.", usual.product)
        };
        error.replace_hint(hint, Some(NextStep::SignInWithScopes { profile, scopes }));
        return;
    }
    let Some(product) = product_for_same_app(granted, scope) else {
        let product = comes_with(&usual.product_with_terms());
        error.replace_hint(format!("{product} {USE_SECOND_PROFILE}"), Some(NextStep::SignInWithNewApp));
        return;
    };
    let (profile, scopes) = (profile.name.to_string(), format!("{} {scope}", granted.join(" ")));
    // LinkedIn refuses the whole sign-in where the app has no product with one of its scopes.
    let step = if product.access == Access::SelfServe {
        NextStep::SignInWithScopes { profile, scopes }
    } else {
        NextStep::SignInOnceApproved { profile, scopes }
    };
    let found = format!("{} ({})", product.name, product.terms());
    let hint = if usual.product == product.name {
        comes_with(&found)
    } else {
        comes_with(&format!("{}, or beside this app's other products with {found}", usual.product_with_terms()))
    };
    error.replace_hint(hint, Some(step));
}

/// Returns whether a sign-in of this profile can request `scope`, as far as LinkedIn documents it.
pub(crate) fn can_add_scope(profile: &Profile, scope: &str) -> bool {
    profile.token.as_ref().is_some_and(|token| product_for_same_app(&token.scopes, scope).is_some())
}

/// Returns `scope` if the profile's token lacks it; `None` if its scopes are not known.
pub(crate) fn missing_scope(profile: &Profile, scope: &'static str) -> Option<&'static str> {
    let granted = profile.token.as_ref()?.scopes.as_slice();
    (!granted.is_empty() && !granted.iter().any(|granted| granted == scope)).then_some(scope)
}

/// Returns the Pages that the profile can post as, separated by commas; `None` if none is known.
pub(crate) fn postable_pages(profile: &Profile) -> Option<String> {
    let label = |page: &PagePermission| match &page.name {
        Some(name) => format!("{} ({})", page.urn, crate::text::sanitize(name, 60)),
        None => page.urn.clone(),
    };
    let pages: Vec<String> = profile.permissions()?.postable_pages().map(label).collect();
    (!pages.is_empty()).then(|| pages.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_scope_names_what_was_refused_and_the_terms() {
        let name = |text| Name::suggest(text, text);
        let scopes = ["openid", "w_member_social"].map(str::to_owned).to_vec();
        let mut profile = Profile::new(name("work"), name("my-app"), scopes.clone());
        profile.token = Some(crate::store::Token {
            access: crate::secret::Secret::new("token"),
            scopes,
            issued_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            refresh: None,
        });
        let refused = || Error::new(Code::NotPermitted, "Not enough permissions.", "");
        let comment = (Capability::Comment, "the comment");
        let error = explain_missing_scope(refused(), &profile, feed_scope(None), comment);
        assert_eq!(
            error.message,
            "LinkedIn refused the comment: the token of profile work lacks the scope w_member_social_feed."
        );
        assert_eq!(
            error.hint,
            "The scope comes with the product Community Management API (requires approval, an app of its own, registered \
             legal entities only). Use a second profile, with an app of its own."
        );
        assert_eq!(error.next_step.as_deref(), Some(&NextStep::SignInWithNewApp), "the app cannot have the product");
        let mut error = refused();
        advise_on_missing_scope(&mut error, &profile, "w_organization_social", Capability::PostAsPage);
        assert_eq!(
            error.hint,
            "The scope comes with the product Community Management API (requires approval, an app of its own, registered \
             legal entities only), or beside this app's other products with Advertising API (requires approval)."
        );
        assert!(
            matches!(error.next_step.as_deref(), Some(NextStep::SignInOnceApproved { .. })),
            "{:?}",
            error.next_step
        );
        let mut error = refused();
        advise_on_missing_scope(&mut error, &profile, "w_member_social", Capability::PostAsMember);
        assert_eq!(error.hint, "The scope comes with the product Share on LinkedIn (self-serve).");
        assert!(matches!(error.next_step.as_deref(), Some(NextStep::SignInWithScopes { .. })), "{:?}", error.next_step);
    }
}
