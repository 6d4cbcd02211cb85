//! The statistics of a post, or of all posts of the profile's member, as far as the token may read them.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::permissions;
use super::refresh::valid_token;
use super::social::parse_post;
use super::token_retry::{error_code, is_refused, retry_if_token_refused};
use crate::linkedin::capabilities::{ANALYTICS_SCOPE, Capability, feed_scope};
use crate::linkedin::statistics::{self, Metric, NoMetric};
use crate::session::Context;
use crate::store::{Name, Profile};
use crate::{Error, Result};

/// Scopes that read the counts of a post (`assets/linkedin/answers.json`, `partnerApiSocialMetadata.GET`).
const COUNT_SCOPES: [&str; 4] =
    ["w_member_social_feed", "r_member_social_feed", "w_organization_social_feed", "r_organization_social_feed"];

/// What could not be read where LinkedIn refused every further metric.
pub(crate) const FURTHER_METRICS: &str = "statistics";

/// The numbers that could be read.
#[derive(Debug)]
pub(crate) struct Statistics {
    /// The URN of the post; `None` for all posts of the member.
    pub post: Option<String>,
    pub metrics: BTreeMap<Metric, u64>,
    /// What could not be read, and why.
    pub missing: Vec<(String, Error)>,
}

/// Reads the statistics of `post`, a URN or a link, or of all posts of the member for `None`.
///
/// # Errors
/// `bad_input` before anything is sent; the first refusal if no number at all could be read.
pub(crate) async fn fetch(ctx: &Context, name: &Name, post: Option<&str>) -> Result<Statistics> {
    let post = post.map(parse_post).transpose()?;
    let profile = valid_token(ctx, name, SignedDuration::ZERO).await?;
    let fetch = async |profile: &Profile| fetch_all(ctx, profile, post.clone()).await;
    retry_if_token_refused(ctx, profile, error_code, fetch).await
}

async fn fetch_all(ctx: &Context, profile: &Profile, post: Option<String>) -> Result<Statistics> {
    let api = ctx.api(profile.require_token()?);
    let mut found = Statistics { post, metrics: BTreeMap::new(), missing: Vec::new() };
    if let Some(post) = &found.post {
        match statistics::fetch_counts(api, post).await {
            Ok(counts) => {
                found.metrics.insert(Metric::Reactions, counts.reactions);
                found.metrics.insert(Metric::Comments, counts.comments);
            }
            Err(NoMetric::Closed(error) | NoMetric::Refused(error)) => {
                found.add_missing("reactions and comments", explain_counts_refusal(error, profile))?;
            }
        }
    }
    for metric in Metric::ALL {
        // One request for each; the counts above are what readers see.
        if found.metrics.contains_key(&metric) || !metric.is_known_in(ctx.api_version.current()) {
            continue;
        }
        let explain = |error| {
            let refused = (Capability::Statistics, "the statistics");
            permissions::explain_missing_scope(error, profile, ANALYTICS_SCOPE, refused)
        };
        match statistics::fetch_metric(api, found.post.as_deref(), metric).await {
            Ok(number) => found.metrics.extend(number.map(|number| (metric, number))),
            Err(NoMetric::Refused(error)) => found.add_missing(&metric.label().to_lowercase(), explain(error))?,
            Err(NoMetric::Closed(error)) => {
                found.add_missing(FURTHER_METRICS, explain(error))?;
                break;
            }
        }
    }
    match found.missing.first() {
        Some((_, error)) if found.metrics.is_empty() => Err(error.clone()),
        _ => Ok(found),
    }
}

/// Explains a refusal of counts by the scope that the token lacks: any of these reads them.
fn explain_counts_refusal(error: Error, profile: &Profile) -> Error {
    if COUNT_SCOPES.iter().any(|scope| permissions::missing_scope(profile, scope).is_none()) {
        return error;
    }
    permissions::explain_missing_scope(
        error,
        profile,
        feed_scope(None),
        (Capability::React, "the numbers of reactions and comments"),
    )
}

impl Statistics {
    /// Adds what could not be read; fails if the token itself was refused.
    fn add_missing(&mut self, what: &str, error: Error) -> Result<()> {
        if is_refused(error.code) {
            return Err(error);
        }
        self.missing.push((what.to_owned(), error));
        Ok(())
    }
}
