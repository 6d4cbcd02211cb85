//! A valid token for a command that needs nothing else.

use jiff::SignedDuration;

use super::refresh::{stored_token, valid_token_with_events};
use crate::Result;
use crate::session::retry::FlowEventSink;
use crate::session::{Session, block_on};
use crate::store::Profile;

/// Runs `work` with the selected profile, whose token is valid for `min_ttl` and refreshed first only if needed, then waits
/// for deliveries in the background. The usual case reads one file and starts neither a runtime nor the network.
pub(crate) fn with_valid_token<T>(
    session: &Session,
    profile_argument: Option<&str>,
    min_ttl: SignedDuration,
    on_event: FlowEventSink<'_>,
    work: impl FnOnce(&Profile) -> Result<T>,
) -> Result<T> {
    let name = session.select_profile_name(profile_argument)?;
    let profile = session.store.profile(&name)?;
    if stored_token(&profile, session.clock.now(), min_ttl)?.is_some() {
        return work(&profile);
    }
    block_on(async {
        let (context, _sandbox) = session.context().await?;
        let result = work(&valid_token_with_events(&context, &name, min_ttl, on_event).await?);
        context.deliveries.wait_until_finished().await;
        result
    })
}
