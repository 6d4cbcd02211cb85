//! Creates sample profiles in the sandbox.

use super::{Services, list};
use crate::linkedin::{Flow, RedirectUrl};
use crate::sandbox::{REFRESH_TOKEN_SECONDS, SampleToken, TOKEN_SECONDS};
use crate::secret::Secret;
use crate::store::{App, Member, Name, Profile, ProfileStore, RefreshToken, Token};
use crate::tui::message::Message;
use crate::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp};

impl Services {
    /// Creates a profile for each of the sandbox's sample tokens; one that exists is left as it is.
    pub(super) fn add_sample_profiles(&self) {
        let (lazy_context, versions) = (self.context.clone(), std::sync::Arc::clone(&self.file_versions));
        self.spawn(async move {
            let result = async {
                let ctx = lazy_context.get().await?;
                let Some((_, Some(sandbox))) = lazy_context.cell.get() else {
                    return Err(Error::new(Code::Unexpected, "The sandbox is not running.", "Start it again."));
                };
                let (samples, now) = (sandbox.issue_samples().await?, ctx.now());
                ctx.with_store(move |store| {
                    for sample in samples {
                        save(store, sample, now)?;
                    }
                    list::read_snapshot(store, &versions)
                })
                .await
            };
            result.await.map_or_else(Message::Failed, |store| Message::StoreReloaded(Box::new(store)))
        });
    }
}

fn save(store: &ProfileStore, sample: SampleToken, now: Timestamp) -> Result<()> {
    let name = Name::parse(sample.profile)?;
    if store.profile_names()?.contains(&name) {
        return Ok(());
    }
    let app = save_app(store, &sample)?;
    let age_seconds = sample.age_seconds;
    let after_issue = |seconds: i64| now.checked_add(SignedDuration::from_secs(seconds - age_seconds)).unwrap_or(now);
    let refresh = sample.refresh.map(|refresh| RefreshToken::new(refresh, Some(after_issue(REFRESH_TOKEN_SECONDS))));
    let token = Token {
        access: sample.access,
        scopes: sample.scopes.clone(),
        issued_at: after_issue(0),
        expires_at: Some(after_issue(TOKEN_SECONDS)),
        refresh,
    };
    let member = Member {
        id: sample.member.sub_for(sample.client_id),
        name: Some(sample.member.name.to_owned()),
        email: Some(sample.member.email.to_owned()),
    };
    store.create_or_update_profile(Profile::new(name.clone(), app, sample.scopes), |profile| {
        profile.token = Some(token);
        profile.member = Some(member);
    })?;
    store.make_current_if_none(&name);
    Ok(())
}

/// Saves the app of a sample, unless it is saved under any name; returns its name.
fn save_app(store: &ProfileStore, sample: &SampleToken) -> Result<Name> {
    let saved = store.without_secrets().apps()?;
    if let Some(app) = saved.iter().find(|app| app.client_id == sample.client_id) {
        return Ok(app.name.clone());
    }
    let name = Name::parse(sample.app)?.first_free(|name| saved.iter().any(|app| app.name == *name));
    store.save_app(&App {
        name: name.clone(),
        client_id: sample.client_id.to_owned(),
        client_secret: Some(Secret::new(sample.client_secret)),
        redirect_url: RedirectUrl::parse(RedirectUrl::DEFAULT)?,
        // The sandbox's apps have a client secret.
        flow: Flow::Standard,
    })?;
    Ok(name)
}
