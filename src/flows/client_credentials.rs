//! A token without a member ("Client Credentials Flow"), for apps that LinkedIn enabled it for: it needs no browser,
//! only the app's own credentials.

use super::deliver::deliver_new_token;
use crate::linkedin::Flow;
use crate::session::Context;
use crate::store::{App, Name, Profile, ProfileStore, Token};
use crate::{Code, Error, NextStep, Result};

/// Requests the token and saves it with the app, in a profile without a member.
pub(crate) async fn sign_in(ctx: &Context, app: &App, name: &Name) -> Result<Profile> {
    if app.flow == Flow::NativePkce {
        return Err(Error::bad_input(
            format!("The app {} is a native PKCE app, which can't use client credentials.", app.name),
            "Use an app with a client secret.",
        ));
    }
    match ctx.profile(name).await {
        Ok(stored) if !stored.client_credentials => {
            return Err(Error::bad_input(format!("The profile {name} belongs to a member. Nothing was changed."), "")
                .with_next_step(NextStep::UseClientCredentialsForNewProfile));
        }
        Err(error) if error.code != Code::NoSuchProfile => return Err(error),
        _ => {}
    }
    let issued = ctx.token_client(app)?.client_credentials().await?;
    let token = Token::from_issued(issued, &[], ctx.now());
    let (app, name) = (app.clone(), name.clone());
    let save = move |store: &ProfileStore| {
        store.save_app(&app)?;
        let new = Profile::new(name.clone(), app.name.clone(), Vec::new());
        let profile = store.create_or_update_profile(new, |profile| {
            profile.app.clone_from(&app.name);
            profile.token = Some(token);
            profile.check = None;
            profile.client_credentials = true;
        })?;
        store.make_current_if_none(&name);
        Ok(profile)
    };
    let profile = ctx.with_store(save).await?;
    deliver_new_token(ctx, &profile).await;
    Ok(profile)
}
