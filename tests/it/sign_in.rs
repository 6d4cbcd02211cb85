//! The browser flow in process, against the sandbox in every scenario: what is stored, and what
//! is not.

use jiff::SignedDuration;
use linkedin_tui::internal::flows::revoke::AfterRevocation;
use linkedin_tui::internal::flows::sign_in::{Command, DifferentMemberChoice, Event, Request, SignInOutcome};
use linkedin_tui::internal::flows::{check, refresh, revoke};
use linkedin_tui::internal::sandbox::{CLIENT_SECRET, Scenario};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{App, Check, Profile, Status, Undecided, Verdict};
use linkedin_tui::{Code, Error};
use rstest::rstest;
use serde_json::json;

use crate::support::sandbox::SandboxEnv;
use crate::support::sign_in::{self, default_app, sign_in_recording};
use crate::support::{access_token, name};

type SignInEnv = SandboxEnv<Event>;

impl SandboxEnv<Event> {
    async fn new(scenario: Scenario) -> Self {
        Self::start(Some(scenario)).await
    }

    fn request() -> Request {
        let scopes = ["openid", "profile", "email", "w_member_social"].map(str::to_owned).to_vec();
        Request { scopes, ..sign_in::request(default_app()) }
    }

    async fn sign_in(&self, request: Request) -> Result<SignInOutcome, Error> {
        sign_in_recording(&self.ctx, request, &self.events).await
    }

    fn stored(&self) -> Option<Profile> {
        self.ctx.store.profile(&name("work")).ok()
    }

    /// Sets the sandbox's response to the next request of `path`.
    async fn respond_once(&self, path: &str, status: u16, body: &str) {
        let fault = json!({"path_prefix": path, "status": status, "body": body, "times": 1});
        self.control("fault", fault).await;
    }

    /// Signs in while the token endpoint responds with this.
    async fn sign_in_with_token_response(&self, token_response: &serde_json::Value) -> Result<SignInOutcome, Error> {
        self.respond_once("/oauth/v2/accessToken", 200, &token_response.to_string()).await;
        // The sandbox does not know this token, so userinfo would be retried for ten seconds.
        self.respond_once("/v2/userinfo", 403, "{}").await;
        self.sign_in(Request { scopes: vec!["w_member_social".to_owned()], ..SignInEnv::request() }).await
    }

    fn event_names(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        events.iter().map(|event| format!("{event:?}").split(['(', ' ', '{']).next().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn every_scenario_has_its_outcome() {
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            let mut tasks = tokio::task::JoinSet::new();
            for scenario in Scenario::ALL {
                tasks.spawn_local(assert_scenario_outcome(*scenario));
            }
            while let Some(result) = tasks.join_next().await {
                result.unwrap();
            }
        })
        .await;
}

async fn assert_scenario_outcome(scenario: Scenario) {
    let env = SignInEnv::new(scenario).await;
    let result = env.sign_in(SignInEnv::request()).await;
    let stored = env.stored();
    let what = scenario.name();
    let failed_with = |code: Code| {
        let error = result.as_ref().unwrap_err();
        assert_eq!(error.code, code, "{what}: {error} {:?}", error.detail);
        assert!(!error.message.is_empty() && !error.hint.is_empty(), "{what}: each failure names the next step");
        assert!(stored.is_none(), "{what}: nothing is stored");
        assert!(env.ctx.store.app_names().unwrap().is_empty(), "{what}: no app either");
    };
    match scenario {
        Scenario::CancelAtLogin | Scenario::CancelAtConsent => failed_with(Code::Denied),
        Scenario::ExpiredCode => failed_with(Code::CodeRefused),
        Scenario::RateLimited => failed_with(Code::RateLimited),
        Scenario::ServerError => failed_with(Code::ServerError),
        Scenario::HtmlInsteadOfJson => failed_with(Code::UnexpectedResponse),
        Scenario::DropConnection => {
            failed_with(Code::Network);
            assert_eq!(env.request_count("POST /oauth/v2/accessToken").await, 1, "a code is never sent twice");
        }
        Scenario::AppWithoutProducts => failed_with(Code::ScopeNotAuthorized),
        // The sandbox's clock is fixed; `t28` advances it.
        Scenario::FreshTokenRefused | Scenario::IntrospectionDisagrees => {
            assert!(stored.is_some_and(|profile| profile.token.is_some()), "{what}");
        }
        _ => {
            let outcome = result.unwrap_or_else(|error| panic!("{what}: {error} {:?}", error.detail));
            let profile = stored.unwrap();
            assert_eq!(outcome.profile, profile, "{what}");
            let token = profile.token.as_ref().unwrap();
            let is_refreshable = matches!(scenario, Scenario::RefreshTokens | Scenario::RefreshParameterMissing);
            assert_eq!(token.refresh.is_some(), is_refreshable, "{what}");
            assert_eq!(token.access.len() > 1000, scenario == Scenario::LongTokens, "{what}");
            let seconds = token.expires_at.unwrap().as_second() - token.issued_at.as_second();
            let has_default_lifetime = scenario != Scenario::TokenExpires60s;
            assert_eq!(seconds > 5_000_000, has_default_lifetime, "{what}: {seconds}");
            assert_eq!(outcome.missing_scopes.len(), usize::from(scenario == Scenario::FewerScopes), "{what}");
            // Where userinfo fails, the id_token names the member.
            let has_no_member = scenario == Scenario::MemberIdOmitted;
            assert_eq!(profile.member.is_none(), has_no_member, "{what}: t20 the token is saved anyway");
            assert_eq!(env.ctx.store.current_profile().unwrap(), Some(name("work")), "{what}");
        }
    }
}

#[tokio::test]
async fn events_are_reported_in_order() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let expected = [
        "CredentialsChecked",
        "Listening",
        "BrowserOpened",
        "Waiting",
        "CallbackAccepted",
        "Exchanging",
        "TokenSaved",
        "MemberIdentified",
    ];
    assert_eq!(env.event_names(), expected, "t22: saved before userinfo is requested");
}

#[tokio::test]
async fn t17_the_standard_flow_sends_no_code_challenge() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let opened = env.member.opened.lock().unwrap()[0].clone();
    let names: Vec<String> = opened.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["response_type", "client_id", "redirect_uri", "state", "scope"]);
}

#[tokio::test]
async fn t16_a_wrong_secret_opens_no_browser() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let mut request = SignInEnv::request();
    request.app.client_secret = Some(Secret::new("wrong-secret"));
    let error = env.sign_in(request).await.unwrap_err();
    assert_eq!(error.code, Code::ClientRefused);
    assert!(env.member.opened.lock().unwrap().is_empty());
    assert_eq!(env.request_count("POST /oauth/v2/accessToken").await, 0);
}

#[tokio::test]
async fn t21_different_member_changes_nothing_unless_chosen() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let first = env.sign_in(SignInEnv::request()).await.unwrap().profile;
    *env.member.member.lock().unwrap() = "bruce";
    assert_eq!(env.sign_in(SignInEnv::request()).await.unwrap_err().code, Code::DifferentMember);
    assert_eq!(env.stored().unwrap(), first, "discarded");
    let keep = Some(DifferentMemberChoice::SaveAs(name("bruce")));
    let saved = env.sign_in(Request { on_different_member: keep, ..SignInEnv::request() }).await.unwrap();
    assert_eq!(saved.profile.name, name("bruce"));
    assert_eq!(env.stored().unwrap(), first, "saved under a new name");
    let replace = Some(DifferentMemberChoice::Replace);
    let replaced = env.sign_in(Request { on_different_member: replace, ..SignInEnv::request() }).await.unwrap();
    assert_eq!(replaced.profile.name, name("work"));
    assert_ne!(access_token(&env.stored().unwrap()), access_token(&first));
    assert_ne!(env.stored().unwrap().member, first.member);
}

/// Changes a stored profile, as another process does.
fn change_profile(env: &SignInEnv, profile: &str, change: impl FnOnce(&mut Profile)) {
    let change = |stored: &mut Profile| {
        change(stored);
        Ok(())
    };
    env.ctx.store.update_profile(&name(profile), change).unwrap();
}

#[tokio::test]
async fn a_token_for_an_unusable_name_is_saved_anyway() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let work = env.sign_in(SignInEnv::request()).await.unwrap().profile;
    for profile in ["taken", "broken"] {
        env.sign_in(Request { profile: name(profile), ..SignInEnv::request() }).await.unwrap();
    }
    std::fs::write(env.ctx.store.profile_path(&name("broken")), "not TOML").unwrap();
    *env.member.member.lock().unwrap() = "bruce";
    for (profile, code) in [("taken", Code::DifferentMember), ("broken", Code::FileDamaged)] {
        let save_as = Some(DifferentMemberChoice::SaveAs(name(profile)));
        let request = Request { on_different_member: save_as, ..SignInEnv::request() };
        let error = env.sign_in(request).await.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.message.ends_with(&format!("The token is saved as {profile}-2 instead.")), "{error}");
        let saved = env.ctx.store.profile(&name(&format!("{profile}-2"))).unwrap();
        assert!(saved.token.is_some() && saved.member.is_some() && saved.member != work.member);
    }
    assert_eq!(env.stored().unwrap(), work);
    assert_eq!(env.ctx.store.profile(&name("taken")).unwrap().member, work.member);
}

#[tokio::test]
async fn a_member_who_signs_in_meanwhile_is_not_replaced() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    *env.member.member.lock().unwrap() = "bruce";
    let replace = Some(DifferentMemberChoice::Replace);
    let request = Request { on_different_member: replace, ..SignInEnv::request() };
    let (_commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let stored_members = std::sync::Mutex::new(Vec::new());
    let on_event = |event: Event| {
        if let Event::DifferentMember { stored, .. } = event {
            let mut stored_members = stored_members.lock().unwrap();
            stored_members.push(stored.id);
            if stored_members.len() == 1 {
                change_profile(&env, "work", |profile| profile.member.as_mut().unwrap().id = "carol".to_owned());
            }
        }
    };
    let outcome =
        linkedin_tui::internal::flows::sign_in::sign_in(&env.ctx, request, &on_event, receiver).await.unwrap();
    let stored_members = stored_members.lock().unwrap();
    assert_eq!((stored_members.len(), stored_members[1].as_str()), (2, "carol"), "the user decides about carol too");
    assert_eq!(env.stored().unwrap(), outcome.profile);
}

#[tokio::test]
async fn a_token_replaced_meanwhile_has_its_own_member() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let (_commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let bruce = json!({"id": "bruce"});
    let on_event = |event: Event| {
        if let Event::TokenSaved { .. } = event {
            change_profile(&env, "work", |profile| {
                profile.token.as_mut().unwrap().access = Secret::new("other-token");
                profile.member = serde_json::from_value(bruce.clone()).unwrap();
            });
        }
    };
    let request = SignInEnv::request();
    let outcome =
        linkedin_tui::internal::flows::sign_in::sign_in(&env.ctx, request, &on_event, receiver).await.unwrap();
    let stored = env.stored().unwrap();
    let stored_member = stored.member.as_ref().unwrap();
    assert_eq!((access_token(&stored), stored_member.id.as_str()), ("other-token", "bruce"));
    assert_ne!(access_token(&outcome.profile), "other-token");
    assert!(outcome.profile.member.is_some_and(|member| member.id != "bruce"));
}

#[tokio::test]
async fn t22_a_failed_save_can_be_retried() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let (commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let directory = env.directory.path().join("locks");
    let on_event = |event: Event| {
        if matches!(event, Event::Exchanging) {
            // A file instead of the locks directory makes every lock fail.
            std::fs::remove_dir_all(&directory).unwrap();
            std::fs::write(&directory, "in the way").unwrap();
        }
        if let Event::SaveFailed(error) = &event {
            assert!(error.code == Code::Files && error.message.contains("locks"), "{error}");
            std::fs::remove_file(&directory).unwrap();
            commands.send(Command::SaveAgain).unwrap();
        }
        env.events.lock().unwrap().push(event);
    };
    let outcome = linkedin_tui::internal::flows::sign_in::sign_in(&env.ctx, SignInEnv::request(), &on_event, receiver)
        .await
        .unwrap();
    assert_eq!(env.event_names().iter().filter(|event| *event == "SaveFailed").count(), 1);
    assert_eq!(env.stored().unwrap(), outcome.profile);
    assert_eq!(env.request_count("POST /oauth/v2/accessToken").await, 1);
}

#[tokio::test]
async fn t22_s06_an_unwritable_profile_opens_no_browser() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let path = env.ctx.store.profile_path(&name("work"));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
    let error = env.sign_in(SignInEnv::request()).await.unwrap_err();
    assert_eq!(error.code, Code::FileNewer);
    #[cfg(unix)]
    {
        let dangling = env.ctx.store.profile_path(&name("dangling"));
        std::os::unix::fs::symlink(env.directory.path().join("missing"), &dangling).unwrap();
        let error = env.sign_in(Request { profile: name("dangling"), ..SignInEnv::request() }).await.unwrap_err();
        assert!(error.code == Code::Files && error.message.contains("target does not exist"), "{error}");
    }
    assert_eq!(env.request_count("POST /oauth/v2/accessToken").await, 1, "no second browser was opened");
}

#[tokio::test]
async fn t27_a_sibling_that_cannot_be_marked_is_reported() {
    let env = SignInEnv::new(Scenario::Normal).await;
    for profile in ["work", "newer", "zoo"] {
        env.sign_in(Request { profile: name(profile), ..SignInEnv::request() }).await.unwrap();
    }
    let path = env.ctx.store.profile_path(&name("newer"));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("schema = 1", "schema = 2", 1)).unwrap();
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let request = Request { scopes, ..SignInEnv::request() };
    let stored = env.ctx.store.profiles().unwrap();
    let revoked = linkedin_tui::internal::flows::sign_in::find_revoked_profiles(
        &request,
        &env.ctx.store.apps().unwrap(),
        stored.iter().filter_map(|entry| entry.profile.as_ref().ok()),
        env.ctx.now(),
    );
    assert_eq!(revoked, ["newer", "work", "zoo"].map(name), "the earlier token of work may be in use elsewhere");
    let outcome = env.sign_in(request).await.unwrap();
    assert_eq!(outcome.revoked_profiles, [name("newer"), name("zoo")]);
    assert_eq!(env.ctx.store.profile(&name("zoo")).unwrap().check.unwrap().verdict, Verdict::Unknown);
}

#[tokio::test]
async fn t27_profiles_of_the_same_client_id_are_siblings() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let of_other_app = || {
        let request = SignInEnv::request();
        Request { app: App { name: name("copy"), ..request.app.clone() }, profile: name("other"), ..request }
    };
    env.sign_in(SignInEnv::request()).await.unwrap();
    env.sign_in(of_other_app()).await.unwrap();
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let request = Request { scopes, ..of_other_app() };
    let stored = env.ctx.store.profiles().unwrap();
    let revoked = linkedin_tui::internal::flows::sign_in::find_revoked_profiles(
        &request,
        &env.ctx.store.apps().unwrap(),
        stored.iter().filter_map(|entry| entry.profile.as_ref().ok()),
        env.ctx.now(),
    );
    assert_eq!(revoked, ["other", "work"].map(name));
    let outcome = env.sign_in(request).await.unwrap();
    assert_eq!(outcome.revoked_profiles, [name("work")]);
    assert_eq!(env.ctx.status(&env.stored().unwrap()), Status::Unknown);
}

#[tokio::test]
async fn t27_different_scopes_mark_the_siblings() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let outcome = env.sign_in(Request { profile: name("other"), scopes, ..SignInEnv::request() }).await.unwrap();
    assert_eq!(outcome.revoked_profiles, [name("work")]);
    let sibling = env.stored().unwrap();
    assert_eq!(sibling.check.as_ref().unwrap().verdict, Verdict::Unknown);
    assert!(sibling.token.is_some());
    assert_eq!(env.ctx.status(&sibling), Status::Unknown);
    // LinkedIn revoked the first token, which a check reports.
    let checked = check::check(&env.ctx, &name("work")).await.unwrap();
    assert_eq!(env.ctx.status(&checked.profile), Status::Revoked);
}

#[tokio::test]
async fn t27_a_discarded_token_marks_its_members_profiles() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    *env.member.member.lock().unwrap() = "bruce";
    for profile in ["bruce", "dead"] {
        env.sign_in(Request { profile: name(profile), ..SignInEnv::request() }).await.unwrap();
    }
    let revoked_check = Check::new(env.ctx.now(), Verdict::Revoked);
    let set_revoked = |profile: &mut Profile| {
        profile.check = Some(revoked_check);
        Ok(())
    };
    env.ctx.store.update_profile(&name("dead"), set_revoked).unwrap();
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let error = env.sign_in(Request { scopes, ..SignInEnv::request() }).await.unwrap_err();
    assert_eq!(error.code, Code::DifferentMember);
    let revoked = "The scopes differ from those of profile bruce, so LinkedIn may have revoked its token.";
    assert!(error.message.ends_with(revoked), "{error}");
    let stored = |profile: &str| env.ctx.store.profile(&name(profile)).unwrap();
    let status = |profile: &str| env.ctx.status(&stored(profile));
    assert_eq!([status("work"), status("bruce")], [Status::Active, Status::Unknown]);
    assert_eq!(
        (status("dead"), stored("dead").check),
        (Status::Revoked, Some(revoked_check)),
        "what is known stays known"
    );

    // LinkedIn is not asked before a check: the last one was that of the sign-in.
    assert_eq!(stored("bruce").last_check().unwrap().verdict, Verdict::Active);
    let text = || std::fs::read_to_string(env.ctx.store.profile_path(&name("bruce"))).unwrap();
    assert!(text().contains("doubt = \"other-scopes\""), "{}", text());
    check::check(&env.ctx, &name("bruce")).await.unwrap();
    assert_eq!(status("bruce"), Status::Revoked);
    assert!(!text().contains("doubt"), "{}", text());
}

#[tokio::test]
async fn a_restricted_member_is_never_active_after_a_sign_in() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    env.control("scenario", json!({ "name": "restricted-member" })).await;
    // Again, as the member of the profile; then for the first time.
    for profile in ["work", "first"] {
        env.events.lock().unwrap().clear();
        env.sign_in(Request { profile: name(profile), ..SignInEnv::request() }).await.unwrap();
        let stored = env.ctx.store.profile(&name(profile)).unwrap();
        assert_eq!(env.ctx.status(&stored), Status::Unknown, "{profile}");
        let recorded = std::mem::take(&mut *env.events.lock().unwrap());
        let is_restricted =
            |event: &Event| matches!(event, Event::MemberUnknown(error) if error.code == Code::MemberRestricted);
        assert!(recorded.iter().any(is_restricted), "{profile}: {recorded:?}");
    }
}

#[tokio::test]
async fn t27_a_lost_exchange_marks_the_profiles_of_any_member() {
    let env = SignInEnv::new(Scenario::Normal).await;
    for profile in ["work", "same"] {
        env.sign_in(Request { profile: name(profile), ..SignInEnv::request() }).await.unwrap();
    }
    *env.member.member.lock().unwrap() = "bruce";
    env.sign_in(Request { profile: name("bruce"), ..SignInEnv::request() }).await.unwrap();
    *env.member.member.lock().unwrap() = "ada";
    let fewer = || Request { scopes: ["openid", "profile"].map(str::to_owned).to_vec(), ..SignInEnv::request() };
    let status = |profile: &str| env.ctx.status(&env.ctx.store.profile(&name(profile)).unwrap());

    // A refusal changes nothing, nor do the scopes that were granted before.
    env.respond_once("/oauth/v2/accessToken", 401, "{}").await;
    env.sign_in(fewer()).await.unwrap_err();
    env.control("scenario", json!({ "name": "drop-connection" })).await;
    let error = env.sign_in(SignInEnv::request()).await.unwrap_err();
    assert!(!error.message.contains("revoked"), "{error}");
    assert_eq!([status("work"), status("same")], [Status::Active; 2]);

    let error = env.sign_in(fewer()).await.unwrap_err();
    assert_eq!(error.code, Code::Network);
    assert!(
        error.message.ends_with("differ from those of bruce, same, work, so LinkedIn may have revoked their tokens."),
        "{error}"
    );
    assert_eq!(
        [status("work"), status("same"), status("bruce")],
        [Status::Unknown; 3],
        "it is not known who signed in"
    );
    env.control("scenario", json!({ "name": "normal" })).await;
    check::check(&env.ctx, &name("same")).await.unwrap();
    assert_eq!(status("same"), Status::Revoked, "LinkedIn carried out the exchange");
}

#[tokio::test]
async fn t27_a_token_that_is_never_saved_marks_the_siblings() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(Request { profile: name("other"), ..SignInEnv::request() }).await.unwrap();
    let (commands, receiver) = tokio::sync::mpsc::unbounded_channel();
    let commands = std::sync::Mutex::new(Some(commands));
    let path = env.ctx.store.profile_path(&name("work"));
    let on_event = |event: Event| match event {
        // A directory instead of the file makes only this profile's save fail.
        Event::Exchanging => std::fs::create_dir(&path).unwrap(),
        Event::SaveFailed(_) => drop(commands.lock().unwrap().take()),
        _ => {}
    };
    let scopes = ["openid", "profile"].map(str::to_owned).to_vec();
    let request = Request { scopes, ..SignInEnv::request() };
    let signed_in = linkedin_tui::internal::flows::sign_in::sign_in(&env.ctx, request, &on_event, receiver).await;
    let error = signed_in.unwrap_err();
    assert!(error.code == Code::Files && error.message.ends_with("LinkedIn may have revoked its token."), "{error}");
    assert_eq!(env.ctx.status(&env.ctx.store.profile(&name("other")).unwrap()), Status::Unknown);
}

#[tokio::test]
async fn the_reason_of_an_undecided_check_is_saved() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    env.control("scenario", json!({ "name": "restricted-member" })).await;
    let error = check::check(&env.ctx, &name("work")).await.unwrap_err();
    assert_eq!(error.code, Code::MemberRestricted);
    assert!(!error.message.contains("valid"), "the status is unknown: {error}");
    let stored = env.stored().unwrap();
    assert_eq!(
        (env.ctx.status(&stored), stored.check.unwrap().undecided),
        (Status::Unknown, Some(Undecided::Restricted))
    );
    env.control("scenario", json!({ "name": "normal" })).await;
    let checked = check::check(&env.ctx, &name("work")).await.unwrap();
    assert_eq!((env.ctx.status(&checked.profile), checked.profile.check.unwrap().undecided), (Status::Active, None));
}

#[tokio::test]
async fn t27_an_unknown_member_marks_every_profile_of_the_app() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    *env.member.member.lock().unwrap() = "bruce";
    env.sign_in(Request { profile: name("bruce"), ..SignInEnv::request() }).await.unwrap();
    env.control("scenario", json!({ "name": "member-id-omitted" })).await;
    let scopes = vec!["openid".to_owned(), "profile".to_owned()];
    let outcome = env.sign_in(Request { scopes, ..SignInEnv::request() }).await.unwrap();
    assert_eq!(outcome.profile.name, name("work-unverified"));
    assert_eq!(outcome.revoked_profiles, [name("bruce"), name("work")]);
    // Once it is known to be Ada's, the next unknown token gets a number, and no second suffix.
    let set_member = |profile: &mut Profile| {
        profile.member = env.stored().unwrap().member;
        Ok(())
    };
    env.ctx.store.update_profile(&name("work-unverified"), set_member).unwrap();
    let request = Request { profile: name("work-unverified"), ..SignInEnv::request() };
    assert_eq!(env.sign_in(request).await.unwrap().profile.name, name("work-unverified-2"));
}

#[tokio::test]
async fn t28_a_new_token_rejected_for_seconds_is_retried() {
    let env = SignInEnv::new(Scenario::FreshTokenRefused).await;
    // The sandbox's clock is fixed: advance it while userinfo is retried.
    let clock = env.clock.clone();
    let clock_task = tokio::spawn(async move {
        loop {
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            clock.advance(SignedDuration::from_secs(1));
        }
    });
    let outcome = env.sign_in(SignInEnv::request()).await.unwrap();
    clock_task.abort();
    assert_eq!(outcome.profile.member.unwrap().name.as_deref(), Some("Ada Lovelace"));
    assert!(env.request_count("GET /v2/userinfo").await > 1);
}

#[tokio::test]
async fn t29_a_used_code_is_not_sent_again() {
    let env = SignInEnv::new(Scenario::Normal).await;
    let body = json!({"error": "invalid_request", "error_description":
        "Unable to retrieve access token: authorization code not found"})
    .to_string();
    env.respond_once("/oauth/v2/accessToken", 401, &body).await;
    let error = env.sign_in(SignInEnv::request()).await.unwrap_err();
    assert_eq!(error.code, Code::CodeRefused, "{error}");
    assert_eq!(env.request_count("POST /oauth/v2/accessToken").await, 1);
    assert!(env.stored().is_none());
}

#[rstest]
#[tokio::test]
async fn t08_a_redirect_of_the_token_endpoint_is_not_followed(#[values(301, 302, 303, 307, 308)] status: u16) {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.respond_once("/oauth/v2/accessToken", status, "").await;
    let error = env.sign_in(SignInEnv::request()).await.unwrap_err();
    assert_eq!(error.code.exit_code(), 5, "{error}");
    assert!(env.stored().is_none());
}

#[tokio::test]
async fn t13_refresh_without_rotation_keeps_token_and_expiry() {
    let env = SignInEnv::new(Scenario::RefreshTokens).await;
    let first = env.sign_in(SignInEnv::request()).await.unwrap().profile;
    let old = first.token.as_ref().unwrap().refresh.clone().unwrap();
    env.clock.advance(SignedDuration::from_hours(24 * 59));
    let now = env.ctx.now();
    let body = json!({"access_token": "AQrefreshed", "expires_in": 5_184_000}).to_string();
    env.respond_once("/oauth/v2/accessToken", 200, &body).await;
    let fresh = refresh::refresh(&env.ctx, &name("work")).await.unwrap();
    let saved = fresh.token.as_ref().unwrap();
    assert_eq!(saved.access.expose(), "AQrefreshed");
    assert_eq!(saved.refresh.as_ref(), Some(&old));
    assert_eq!(saved.scopes, first.token.as_ref().unwrap().scopes);
    assert_eq!(saved.issued_at, now);
    assert_eq!(env.stored().unwrap(), fresh, "one write");
}

const UNUSUAL_TOKEN: &str = "AQunusual";

#[rstest]
#[case::text_expiry(json!({"access_token": UNUSUAL_TOKEN, "expires_in": "5184000", "token_type": "bearer"}), true)]
#[case::upper_case_type(json!({"access_token": UNUSUAL_TOKEN, "expires_in": 5_184_000, "token_type": "BEARER", "scope": "openid,profile"}), true)]
#[case::negative_expiry(json!({"access_token": UNUSUAL_TOKEN, "expires_in": -1}), false)]
#[case::fraction(json!({"access_token": UNUSUAL_TOKEN, "expires_in": 5_183_999.5}), true)]
#[case::less_than_a_second(json!({"access_token": UNUSUAL_TOKEN, "expires_in": 0.5}), false)]
#[case::no_expiry(json!({"access_token": UNUSUAL_TOKEN}), false)]
#[case::huge_expiry(json!({"access_token": UNUSUAL_TOKEN, "expires_in": u64::MAX}), false)]
#[tokio::test]
async fn t10_t12_unusual_token_responses_are_accepted(
    #[case] token_response: serde_json::Value,
    #[case] has_expiry: bool,
) {
    let env = SignInEnv::new(Scenario::Normal).await;
    let token = env.sign_in_with_token_response(&token_response).await.unwrap().profile.token.unwrap();
    assert_eq!((token.access.expose(), token.expires_at.is_some()), (UNUSUAL_TOKEN, has_expiry));
}

#[rstest]
#[case::other_type(json!({"access_token": UNUSUAL_TOKEN, "token_type": "mac"}))]
#[case::empty_token(json!({"access_token": ""}))]
#[case::header_injection(json!({"access_token": "AQ\r\nX-Evil: 1"}))]
#[case::oversized_token(json!({"access_token": "x".repeat(20_000)}))]
#[case::array(json!([]))]
#[case::null(json!(null))]
#[tokio::test]
async fn t10_t19_unusable_token_responses_are_rejected(#[case] token_response: serde_json::Value) {
    let env = SignInEnv::new(Scenario::Normal).await;
    let error = env.sign_in_with_token_response(&token_response).await.unwrap_err();
    assert_eq!(error.code.exit_code(), 5, "{error}");
    assert!(!format!("{error:?}").contains("X-Evil"), "t06: no echo of a body");
}

#[tokio::test]
async fn a_revocation_is_confirmed_by_introspection() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let revocation = revoke::revoke(&env.ctx, &name("work"), AfterRevocation::DeleteTokens).await.unwrap();
    assert!(revocation.is_confirmed() && revocation.profile.token.is_none());
    let env = SignInEnv::new(Scenario::RevokeMissing).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let revocation = revoke::revoke(&env.ctx, &name("work"), AfterRevocation::KeepTokens).await.unwrap();
    assert!(!revocation.is_confirmed() && revocation.profile.token.is_some());
}

#[tokio::test]
async fn x02_no_event_or_result_prints_a_secret() {
    let env = SignInEnv::new(Scenario::RefreshTokens).await;
    let outcome = env.sign_in(SignInEnv::request()).await.unwrap();
    let token = outcome.profile.token.as_ref().unwrap();
    let request = SignInEnv::request();
    let printed =
        format!("{:?} {outcome:?} {request:?} {:?} {:?}", env.events.lock().unwrap(), env.ctx.store, env.ctx.http);
    for secret in [token.access.expose(), token.refresh.as_ref().unwrap().token.expose(), CLIENT_SECRET] {
        assert!(!printed.contains(secret));
    }
}

#[tokio::test]
async fn a_member_keeps_the_name_without_the_scope_profile() {
    let env = SignInEnv::new(Scenario::Normal).await;
    env.sign_in(SignInEnv::request()).await.unwrap();
    let scopes = ["openid", "email"].map(str::to_owned).to_vec();
    for profile in ["work", "new"] {
        let request = Request { profile: name(profile), scopes: scopes.clone(), ..SignInEnv::request() };
        let member = env.sign_in(request).await.unwrap().profile.member.unwrap();
        assert_eq!(member.name.as_deref(), Some("Ada Lovelace"), "{profile}");
        check::check(&env.ctx, &name(profile)).await.unwrap();
        let stored = env.ctx.store.profile(&name(profile)).unwrap();
        assert_eq!(stored.member.unwrap().name.as_deref(), Some("Ada Lovelace"), "{profile}, checked");
    }
}
