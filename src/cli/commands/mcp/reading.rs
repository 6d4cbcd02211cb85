//! The tools that change nothing.

use serde_json::Value;

use super::calls::{ProfileCall, StatsCall, TokenStatusCall};
use super::results::{self, CheckedProfile, ListedPost, Pages, Posts, Profiles, ReauthorizeHint, UnreadableProfile};
use super::{Server, to_value};
use crate::Result;
use crate::cli::commands::pages::Row;
use crate::cli::commands::permissions as permissions_command;
use crate::cli::output::json;
use crate::clock::rfc3339;
use crate::flows::{check, pages, permissions, statistics};
use crate::store::{Name, Profile, Status};

impl Server {
    pub(super) fn list_readable_profiles(&self) -> Result<Value> {
        let current = self.ctx.store.current_profile().unwrap_or_default();
        let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
        let is_allowed = |name: &Name| self.only_profile.as_ref().is_none_or(|only| only == name);
        for entry in self.ctx.store.without_secrets().profiles()?.into_iter().filter(|entry| is_allowed(&entry.name)) {
            match entry.profile {
                Ok(profile) => rows.push(json::Profile::as_of_now(&self.ctx, &profile, current.as_ref())),
                Err(error) => {
                    unreadable.push(UnreadableProfile { name: entry.name.to_string(), error: error.code.as_str() });
                }
            }
        }
        to_value(&Profiles { profiles: rows, unreadable })
    }

    pub(super) async fn check_status(&self, call: TokenStatusCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let mut warnings = Vec::new();
        let profile = if call.check_now {
            let checked = check::check(&self.ctx, &name).await?;
            warnings = checked.warnings;
            checked.profile
        } else {
            self.ctx.store.without_secrets().profile(&name)?
        };
        let next = self.is_sign_in_required(&profile).then(|| self.sign_in_command(&name));
        to_value(&CheckedProfile { profile: self.to_json(&profile), warnings, next })
    }

    pub(super) fn suggest_sign_in(&self, call: &ProfileCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let profile = self.ctx.store.without_secrets().profile(&name)?;
        let expires_at = profile.token.as_ref().and_then(|token| token.expires_at);
        to_value(&ReauthorizeHint {
            profile: name.to_string(),
            status: self.ctx.status(&profile).as_str(),
            expires_at: expires_at.map(rfc3339),
            required: self.is_sign_in_required(&profile),
            command: self.sign_in_command(&name),
        })
    }

    pub(super) async fn identify_member(&self, call: ProfileCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let profile = check::whoami(&self.ctx, &name).await?;
        to_value(&self.to_json(&profile))
    }

    pub(super) async fn probe_permissions(&self, call: ProfileCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let profile = permissions::probe(&self.ctx, &name).await?;
        to_value(&permissions_command::Report::from(&profile))
    }

    pub(super) fn list_published(&self, call: &ProfileCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        self.ctx.store.without_secrets().profile(&name)?;
        let posts = self.ctx.store.all_posts(&name)?.into_iter().map(|post| ListedPost::new(&self.ctx, post));
        to_value(&Posts { posts: posts.collect() })
    }

    pub(super) async fn list_pages(&self, call: ProfileCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let pages = Box::pin(pages::list(&self.ctx, &name)).await?;
        to_value(&Pages { pages: pages.iter().map(Row::from).collect() })
    }

    pub(super) async fn read_statistics(&self, call: StatsCall) -> Result<Value> {
        let name = self.resolve_profile(call.profile.as_deref())?;
        let found = Box::pin(statistics::fetch(&self.ctx, &name, call.post.as_deref())).await?;
        to_value(&results::Stats::from(found))
    }

    fn to_json(&self, profile: &Profile) -> json::Profile {
        json::Profile::as_of_now(&self.ctx, profile, self.ctx.store.current_profile().unwrap_or_default().as_ref())
    }

    /// Returns whether the token is invalid and cannot be refreshed.
    fn is_sign_in_required(&self, profile: &Profile) -> bool {
        let is_invalid = matches!(self.ctx.status(profile), Status::Expired | Status::Revoked | Status::SignedOut);
        is_invalid && !profile.is_refreshable(self.ctx.now())
    }

    fn sign_in_command(&self, name: &Name) -> String {
        self.printer.command(format_args!("login {name}"))
    }
}
