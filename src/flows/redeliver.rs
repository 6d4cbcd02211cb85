//! Delivering the stored token, or a test token, on request.

use jiff::SignedDuration;

use super::deliver::{run_deliveries, select_deliveries};
use super::refresh::{stored_token, valid_token};
use crate::Result;
use crate::session::Context;
use crate::store::{DeliveryResult, Name};

/// Delivers the stored token to the deliveries named in `only`, or to all; it is refreshed first if needed.
/// `is_test` sends a test token of the same length instead, without a request to LinkedIn. A command that fails is not an
/// error here but a result.
pub(crate) async fn redeliver(
    ctx: &Context,
    name: &Name,
    only: &[String],
    is_test: bool,
) -> Result<Vec<(String, DeliveryResult)>> {
    let profile = ctx.profile(name).await?;
    select_deliveries(&profile, only)?;
    if !is_test && stored_token(&profile, ctx.now(), SignedDuration::ZERO)?.is_none() {
        // `run_deliveries` delivers the refreshed token.
        let quiet = Context { deliveries: ctx.deliveries.clone().suppressed(), ..ctx.clone() };
        valid_token(&quiet, name, SignedDuration::ZERO).await?;
    }
    run_deliveries(ctx, name, only, is_test).await
}
