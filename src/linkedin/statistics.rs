//! Numbers about posts: reactions and comments ("Social Metadata API"), and the statistics of a member's posts ("Member
//! Post Statistics", from version 202506).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::endpoints::{POST_ANALYTICS, SOCIAL_METADATA};
use super::meanings::{self, Explanation, Meaning};
use super::urn::encode;
use super::versions::Version;
use crate::{Code, Error, Result};

/// A number about one post, or about all posts of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    Impressions,
    MembersReached,
    Reactions,
    Comments,
    Reshares,
    Sends,
    Saves,
    LinkClicks,
    PremiumButtonClicks,
    FollowersGained,
    ProfileViews,
}

/// The version from which on LinkedIn knows the metrics after [`Metric::Reshares`].
const MORE_METRICS_SINCE: &str = "202604";

impl Metric {
    pub(crate) const ALL: [Self; 11] = [
        Self::Impressions,
        Self::MembersReached,
        Self::Reactions,
        Self::Comments,
        Self::Reshares,
        Self::Sends,
        Self::Saves,
        Self::LinkClicks,
        Self::PremiumButtonClicks,
        Self::FollowersGained,
        Self::ProfileViews,
    ];

    /// Returns the key in JSON, the label, and LinkedIn's `queryType`.
    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Impressions => ("impressions", "Impressions", "IMPRESSION"),
            Self::MembersReached => ("members_reached", "Members reached", "MEMBERS_REACHED"),
            Self::Reactions => ("reactions", "Reactions", "REACTION"),
            Self::Comments => ("comments", "Comments", "COMMENT"),
            Self::Reshares => ("reshares", "Reposts", "RESHARE"),
            Self::Sends => ("sends", "Sends", "POST_SEND"),
            Self::Saves => ("saves", "Saves", "POST_SAVE"),
            Self::LinkClicks => ("link_clicks", "Link clicks", "LINK_CLICKS"),
            Self::PremiumButtonClicks => ("premium_button_clicks", "Premium button clicks", "PREMIUM_CTA_CLICKS"),
            Self::FollowersGained => ("followers_gained", "Followers gained", "FOLLOWER_GAINED_FROM_CONTENT"),
            Self::ProfileViews => ("profile_views", "Profile views", "PROFILE_VIEW_FROM_CONTENT"),
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        self.row().0
    }

    pub(crate) const fn label(self) -> &'static str {
        self.row().1
    }

    const fn query_type(self) -> &'static str {
        self.row().2
    }

    /// Returns whether this version of the API knows the metric.
    pub(crate) fn is_known_in(self, version: Version) -> bool {
        self <= Self::Reshares || version.to_string().as_str() >= MORE_METRICS_SINCE
    }
}

/// Why a metric has no value.
#[derive(Debug)]
pub(crate) enum NoMetric {
    /// No other number of this kind can be read now: the token may not, the version lacks the path, or LinkedIn does not
    /// respond.
    Closed(Error),
    /// LinkedIn refuses this number.
    Refused(Error),
}

impl From<Explanation> for NoMetric {
    fn from(explanation: Explanation) -> Self {
        match explanation.meaning {
            Meaning::RequestInvalid | Meaning::RequestMalformed => Self::Refused(explanation.error),
            _ => Self::Closed(explanation.error),
        }
    }
}

impl From<Error> for NoMetric {
    fn from(error: Error) -> Self {
        Self::Closed(error)
    }
}

/// Reactions and comments of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub reactions: u64,
    pub comments: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SocialMetadata {
    #[serde(default)]
    reaction_summaries: BTreeMap<String, Count>,
    comment_summary: Count,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
}

impl From<SocialMetadata> for Counts {
    fn from(body: SocialMetadata) -> Self {
        let reactions = body.reaction_summaries.values().fold(0, |sum: u64, one| sum.saturating_add(one.count));
        Self { reactions, comments: body.comment_summary.count }
    }
}

/// Reads the numbers of reactions and comments of a post.
pub(crate) async fn fetch_counts(api: Api<'_>, post: &str) -> Result<Counts, NoMetric> {
    let response = api.get(&format!("{SOCIAL_METADATA}/{}", encode(post))).await?;
    if !response.is_success() {
        return Err(meanings::explain(&response).for_request_by_program().into());
    }
    Ok(response.json_object::<SocialMetadata>()?.into())
}

/// Returns the query for a metric of a post, or of all posts of the member for `None`. `None` for a URN that the
/// statistics do not accept, such as that of an activity.
fn statistics_path(post: Option<&str>, metric: Metric) -> Option<String> {
    let finder = match post {
        None => "q=me".to_owned(),
        Some(urn) => {
            let kind = match urn.strip_prefix("urn:li:")?.split_once(':')?.0 {
                "share" => "share",
                "ugcPost" => "ugc",
                _ => return None,
            };
            format!("q=entity&entity=({kind}:{})", encode(urn))
        }
    };
    Some(format!("{POST_ANALYTICS}?{finder}&queryType={}&aggregation=TOTAL", metric.query_type()))
}

#[derive(Deserialize)]
struct StatisticsList {
    elements: Vec<StatisticsRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatisticsRow {
    count: u64,
    /// A text since version 202605; before, an object whose one value is the text.
    #[serde(default)]
    metric_type: Value,
}

impl StatisticsRow {
    fn is_of(&self, metric: Metric) -> bool {
        let name = match &self.metric_type {
            Value::Object(object) => object.values().next().and_then(Value::as_str),
            other => other.as_str(),
        };
        name.is_none_or(|name| name == metric.query_type())
    }
}

impl StatisticsList {
    fn total(&self, metric: Metric) -> Option<u64> {
        self.elements.iter().find(|row| row.is_of(metric)).map(|row| row.count)
    }
}

/// Reads a metric of one post of the member, or of all for `None`. LinkedIn may know no number.
pub(crate) async fn fetch_metric(api: Api<'_>, post: Option<&str>, metric: Metric) -> Result<Option<u64>, NoMetric> {
    let Some(path) = statistics_path(post, metric) else {
        return Err(NoMetric::Closed(Error::new(
            Code::BadInput,
            "LinkedIn's statistics know a post by its share or ugcPost URN, not by the URN of its activity.",
            "Use the URN that post printed when the post was published.",
        )));
    };
    let response = api.get(&path).await?;
    if !response.is_success() {
        return Err(meanings::explain(&response).for_request_by_program().into());
    }
    Ok(response.json_object::<StatisticsList>()?.total(metric))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::linkedin::http::Response;

    #[rstest]
    #[case::total(None, Some("q=me"))]
    #[case::share(Some("urn:li:share:7"), Some("q=entity&entity=(share:urn%3Ali%3Ashare%3A7)"))]
    #[case::ugc_post(Some("urn:li:ugcPost:7"), Some("q=entity&entity=(ugc:urn%3Ali%3AugcPost%3A7)"))]
    #[case::activity(Some("urn:li:activity:7"), None)]
    fn statistics_have_a_finder(#[case] post: Option<&str>, #[case] finder: Option<&str>) {
        let expected = finder.map(|finder| {
            format!("/rest/memberCreatorPostAnalytics?{finder}&queryType=MEMBERS_REACHED&aggregation=TOTAL")
        });
        assert_eq!(statistics_path(post, Metric::MembersReached), expected);
    }

    #[rstest]
    #[case::text(r#"{"elements":[{"count":670,"metricType":"IMPRESSION"}],"paging":{}}"#, Some(670))]
    #[case::object(
        r#"{"elements":[{"count":670,"metricType":{"com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1":"IMPRESSION"}}]}"#,
        Some(670)
    )]
    #[case::unnamed(r#"{"elements":[{"count":0}]}"#, Some(0))]
    #[case::other_metric(r#"{"elements":[{"count":1,"metricType":"COMMENT"}]}"#, None)]
    #[case::none(r#"{"elements":[]}"#, None)]
    fn metric_type_is_a_text_or_an_object(#[case] body: &str, #[case] total: Option<u64>) {
        let list: StatisticsList = serde_json::from_str(body).unwrap();
        assert_eq!(list.total(Metric::Impressions), total);
    }

    #[rstest]
    #[case::list("[]")]
    #[case::nested_list("[[]]")]
    #[case::no_elements("{}")]
    fn json_of_another_shape_is_no_number(#[case] body: &str) {
        let response = Response::from_parts("GET", POST_ANALYTICS, 200, body.as_bytes());
        assert!(response.json_object::<StatisticsList>().is_err());
    }

    #[rstest]
    #[case::none(r#"{"reactionSummaries":{},"commentSummary":{"count":0,"topLevelCount":0}}"#, 0, 0)]
    #[case::some(
        r#"{"reactionSummaries":{"LIKE":{"reactionType":"LIKE","count":2},"EMPATHY":{"count":1}},"commentSummary":{"count":5,"topLevelCount":4}}"#,
        3,
        5
    )]
    fn reactions_of_all_types_are_added(#[case] body: &str, #[case] reactions: u64, #[case] comments: u64) {
        let body: SocialMetadata = serde_json::from_str(body).unwrap();
        assert_eq!(Counts::from(body), Counts { reactions, comments });
    }

    #[test]
    fn later_metrics_are_requested_of_later_versions() {
        let known = |version: &str| {
            let version = Version::parse(version).unwrap();
            Metric::ALL.into_iter().filter(|metric| metric.is_known_in(version)).count()
        };
        assert_eq!((known("202603"), known("202604"), known("202609")), (5, 11, 11));
    }
}
