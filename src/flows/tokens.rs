//! The front door for another Rust program that only wants a live token.

use std::path::Path;

use jiff::SignedDuration;

use super::with_token::with_valid_token;
use crate::Result;
use crate::encryption::no_prompt;
use crate::secret::Secret;
use crate::session::{Options, Session};
use crate::store::Profile;

/// The profiles of this machine's user, for a program that uses their tokens.
///
/// Signing in is a person's work and stays with `linkedin-tui login` and the interface; this reads what they saved, and
/// refreshes where LinkedIn gave a refresh token.
///
/// ```
/// # use linkedin_tui::flows::sign_in::{Command, Event, Request, sign_in};
/// # use linkedin_tui::session::{Options, Session, block_on};
/// # use linkedin_tui::linkedin::{Flow, RedirectUrl};
/// # use linkedin_tui::store::{App, Name};
/// # use linkedin_tui::{sandbox, secret::Secret};
/// use linkedin_tui::TokenStore;
///
/// # fn sign_in_to_the_sandbox(dir: &std::path::Path) -> linkedin_tui::Result<()> {
/// #     let options = Options { sandbox: true, config_dir: Some(dir.to_owned()), ..Options::default() };
/// #     let session = Session::open(options, linkedin_tui::encryption::no_prompt)?;
/// #     let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
/// #     block_on(async {
/// #         let (ctx, running) = session.context().await?;
/// #         let running = running.unwrap();
/// #         let request = Request {
/// #             app: App {
/// #                 name: Name::parse("app")?,
/// #                 client_id: sandbox::CLIENT_ID.to_owned(),
/// #                 client_secret: Some(Secret::new(sandbox::CLIENT_SECRET)),
/// #                 redirect_url: RedirectUrl::parse(&format!("http://localhost:{port}/callback"))?,
/// #                 flow: Flow::Standard,
/// #             },
/// #             profile: Name::parse("work")?,
/// #             scopes: vec!["openid".to_owned(), "profile".to_owned()],
/// #             browser: None,
/// #             no_browser: true,
/// #             timeout_seconds: 20,
/// #             show_token: false,
/// #             on_member_mismatch: None,
/// #         };
/// #         let (told, mut listening) = tokio::sync::mpsc::unbounded_channel();
/// #         let (commands, heard) = tokio::sync::mpsc::unbounded_channel();
/// #         let tell = move |event| {
/// #             if let Event::Listening { authorization_url, .. } = event {
/// #                 told.send(authorization_url).unwrap();
/// #             }
/// #         };
/// #         let member = async {
/// #             let url = listening.recv().await.unwrap();
/// #             let back = running.approve(&url, "ada").await.unwrap();
/// #             commands.send(Command::Paste(back.into())).unwrap();
/// #             std::future::pending::<()>().await;
/// #         };
/// #         tokio::select! {
/// #             ended = sign_in(&ctx, request, &tell, heard) => ended.map(drop),
/// #             () = member => unreachable!(),
/// #         }
/// #     })
/// # }
/// # fn main() -> linkedin_tui::Result<()> {
/// # let dir = tempfile::tempdir().unwrap();
/// # sign_in_to_the_sandbox(dir.path())?;
/// # let open = || TokenStore::open_in(&dir.path().join("sandbox"));
/// # /*
/// let store = TokenStore::open()?;
/// # */
/// # let store = open()?;
/// let token = store.token("work")?;
/// let header = format!("Authorization: Bearer {}", token.expose());
/// # assert!(header.starts_with("Authorization: Bearer AQ"));
/// # assert_eq!(store.token("nobody").unwrap_err().code, linkedin_tui::Code::NoSuchProfile);
/// # Ok(())
/// # }
/// ```
///
/// Calls block: a program with an asynchronous runtime of its own makes them where blocking is allowed
/// (`tokio::task::spawn_blocking`).
#[derive(Clone, Debug)]
pub struct TokenStore(Session);

impl TokenStore {
    /// The folder that the command line uses: `LINKEDIN_TUI_CONFIG_DIR`, else the system's place for settings.
    ///
    /// # Errors
    /// `files` where there is no such folder to be told, or it belongs to somebody else.
    pub fn open() -> Result<Self> {
        Session::open(Options::default(), no_prompt).map(Self)
    }

    /// The folder named, as by `--config-dir`.
    ///
    /// # Errors
    /// As [`TokenStore::open`].
    pub fn open_in(folder: &Path) -> Result<Self> {
        let options = Options { config_dir: Some(folder.to_owned()), ..Options::default() };
        Session::open(options, no_prompt).map(Self)
    }

    /// The profile's access token, refreshed first where that is due and possible.
    ///
    /// # Errors
    /// `no_such_profile`; `signed_out`, `expired` or `revoked` when a person must sign in; `network` and its kind when a
    /// refresh was due; `locked` when another process refreshes for more than 35 s; file errors.
    pub fn token(&self, profile: &str) -> Result<Secret> {
        self.token_for(profile, SignedDuration::ZERO)
    }

    /// The same for a token that must live at least `min_ttl`.
    ///
    /// # Errors
    /// As [`TokenStore::token`]; `expired` too where the token ends sooner and cannot be refreshed.
    pub fn token_for(&self, profile: &str, min_ttl: SignedDuration) -> Result<Secret> {
        let access = |profile: &Profile| profile.require_token().map(|token| token.access.clone());
        with_valid_token(&self.0, Some(profile), min_ttl, &|_| {}, access)
    }
}
