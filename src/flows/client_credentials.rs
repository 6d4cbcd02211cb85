//! A token without a member ("Client Credentials Flow"), for apps that LinkedIn enabled it for. No
//! browser and no person: the app's own credentials are enough, again and again.

use super::sign_in::token_of;
use crate::linkedin::Flow;
use crate::oauth::exchange::client_credentials;
use crate::session::Context;
use crate::session::context::client_secret_of;
use crate::store::{App, Name, Profile, Store};
use crate::{Code, Error, NextStep, Result};

/// Gets the token and saves it with the app, in a profile without a member.
///
/// # Errors
/// `bad_input` for a member's profile or a native PKCE app, `not_permitted` where LinkedIn did not
/// enable it, `client_refused`, `network` and its kind, file errors.
pub async fn sign_in(ctx: &Context, app: &App, name: &Name) -> Result<Profile> {
    if app.flow == Flow::NativePkce {
        return Err(Error::bad_input(
            format!("The app {} is a native PKCE app, which has no token of its own.", app.name),
            "Use an app with a client secret.",
        ));
    }
    let wanted = name.clone();
    match ctx.on_disk(move |store| store.profile(&wanted)).await {
        Ok(stored) if !stored.client_credentials => {
            return Err(Error::bad_input(format!("The profile {name} is a member's; nothing was changed."), "")
                .with_next_step(NextStep::UseClientCredentials));
        }
        Err(error) if error.code != Code::NoSuchProfile => return Err(error),
        _ => {}
    }
    let issued = client_credentials(&ctx.http, &ctx.endpoints, &app.client_id, client_secret_of(app)?).await?;
    let token = token_of(issued, &[], ctx.now());
    let (app, name) = (app.clone(), name.clone());
    let save = move |store: &Store| {
        store.put_app(&app)?;
        let new = Profile::new(name.clone(), app.name.clone(), Vec::new());
        let profile = store.put_profile(new, |profile| {
            profile.app.clone_from(&app.name);
            profile.token = Some(token);
            profile.check = None;
            profile.client_credentials = true;
        })?;
        store.make_current_if_none(&name);
        Ok(profile)
    };
    let profile = ctx.on_disk(save).await?;
    super::deliver::new_token(ctx, &profile).await;
    Ok(profile)
}
