//! Delivering the stored token, or a test token, on request.

use jiff::SignedDuration;

use super::deliver::{DeliveredToken, run_deliveries, select_deliveries};
use super::refresh::{stored_token, valid_token};
use crate::Result;
use crate::session::Context;
use crate::store::{DeliveryResult, Name};

/// Runs the deliveries with these names, or all, with the stored token, which is refreshed first if needed.
/// `is_test` sends a test token of the same length instead, without a request to LinkedIn. A command that fails is not an
/// error here but a result.
pub(crate) async fn redeliver(
    ctx: &Context,
    name: &Name,
    delivery_names: &[String],
    is_test: bool,
) -> Result<Vec<(String, DeliveryResult)>> {
    let profile = ctx.profile(name).await?;
    select_deliveries(&profile, delivery_names)?;
    if !is_test && stored_token(&profile, ctx.now(), SignedDuration::ZERO)?.is_none() {
        // `run_deliveries` delivers the refreshed token.
        let without_deliveries = Context { deliveries: ctx.deliveries.clone().suppressed(), ..ctx.clone() };
        valid_token(&without_deliveries, name, SignedDuration::ZERO).await?;
    }
    let delivered_token = if is_test { DeliveredToken::Test } else { DeliveredToken::Stored };
    run_deliveries(ctx, name, delivery_names, delivered_token).await
}
