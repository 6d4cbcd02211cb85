//! Helpers that several areas of tests share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use linkedin_tui::internal::clock::FixedClock;
use linkedin_tui::internal::config::Settings;
use linkedin_tui::internal::host::{Browser, Started};
use linkedin_tui::internal::linkedin::http::{Http, Network};
use linkedin_tui::internal::linkedin::versions::Setting;
use linkedin_tui::internal::linkedin::{Endpoints, Flow, RedirectUrl, VersionInUse};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::{Context, DeliveryMonitor, PageIds};
use linkedin_tui::internal::store::{App, Name, Profile, ProfileStore, RefreshToken, Token};
use linkedin_tui::{Code, Error};
use url::Url;

pub(crate) mod encrypted_store;
pub(crate) mod ports;
pub(crate) mod process;
pub(crate) mod sandbox;
pub(crate) mod sign_in;

/// Maximum duration of every wait.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The secrets of [`app`] and [`profile`], which tests search for in outputs.
pub(crate) const CLIENT_SECRET: &str = "WPL_AP1.canary0client0secret";
pub(crate) const ACCESS_TOKEN: &str = "AQcanary0access0token";
pub(crate) const REFRESH_TOKEN: &str = "AQcanary0refresh0token";

/// A PNG of one pixel.
pub(crate) const PIXEL_PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x56\xc7\x2f\r\0\0\0\0IEND\xaeB`\x82";

/// Returns the time at which the clock of every test starts.
pub(crate) fn start_time() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap()
}

pub(crate) fn fixed_clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(start_time()))
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn app(text: &str) -> App {
    App {
        name: name(text),
        client_id: "86abcdefghijkl".to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        redirect_url: RedirectUrl::parse(RedirectUrl::DEFAULT).unwrap(),
        flow: Flow::Standard,
    }
}

/// Returns a profile of the app `my-app` with both tokens; the access token contains its name.
pub(crate) fn profile(text: &str) -> Profile {
    let mut profile = Profile::new(name(text), name("my-app"), vec!["openid".to_owned()]);
    profile.token = Some(Token {
        access: Secret::new(format!("{ACCESS_TOKEN}-{text}")),
        scopes: profile.scopes.clone(),
        issued_at: start_time(),
        expires_at: Some(start_time()),
        refresh: Some(RefreshToken::new(Secret::new(REFRESH_TOKEN), Some(start_time()))),
    });
    profile
}

/// Saves the profile; replaces one of the same name.
pub(crate) fn save(store: &ProfileStore, profile: Profile) {
    store.create_or_update_profile(profile.clone(), |stored| *stored = profile).unwrap();
}

/// Saves the app `my-app` and the profiles `work` and `spare`.
pub(crate) fn save_app_and_profiles(store: &ProfileStore) {
    store.save_app(&app("my-app")).unwrap();
    for text in ["work", "spare"] {
        save(store, profile(text));
    }
}

pub(crate) fn access_token(profile: &Profile) -> &str {
    profile.token.as_ref().unwrap().access.expose()
}

/// Returns all files and directories below `directory`, sorted.
pub(crate) fn paths_below(directory: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        paths.push(entry.path());
        if entry.path().is_dir() {
            paths.extend(paths_below(&entry.path()));
        }
    }
    paths.sort();
    paths
}

/// Returns every file below `directory`, with its content.
pub(crate) fn files_below(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    paths_below(directory).into_iter().filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes))).collect()
}

/// A browser that does not start.
pub(crate) struct NoBrowser;

impl Browser for NoBrowser {
    fn start(&self, _: Option<&str>, _: &Url) -> Result<Started, Error> {
        Err(Error::new(Code::Unexpected, "no browser is installed", ""))
    }
}

/// Returns the context of a session on the files in `directory`, with both of LinkedIn's hosts at `base`.
pub(crate) fn context(directory: &Path, base: &str, clock: Arc<FixedClock>) -> Context {
    Context {
        store: ProfileStore::open(directory).unwrap(),
        settings: Settings::default(),
        endpoints: Endpoints::new(base, base).unwrap(),
        http: Http::new(Network::default()),
        clock: clock.clone(),
        api_version: VersionInUse::new(Setting::Auto, None, clock),
        browser: Arc::new(NoBrowser),
        deliveries: DeliveryMonitor::default(),
        page_ids: PageIds::default(),
        reporter: linkedin_tui::internal::session::Reporter::default(),
    }
}

/// Builds an HTTP client for requests of a test itself.
pub(crate) fn client() -> reqwest::Client {
    client_builder().build().unwrap()
}

pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    // Only the first call in the process installs the provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy()
}

/// Polls until there is a value, or fails at the [`DEADLINE`].
#[track_caller]
#[cfg_attr(not(unix), expect(dead_code, reason = "only tests of Unix wait for it"))]
pub(crate) fn wait_for<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = poll() {
            return value;
        }
        assert!(Instant::now() < deadline, "timed out waiting for {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

#[track_caller]
#[cfg_attr(not(unix), expect(dead_code, reason = "only tests of Unix wait for it"))]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}

/// Writes a file with this mode.
#[cfg(unix)]
pub(crate) fn write_with_mode(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[cfg(unix)]
pub(crate) fn create_fifo(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
}
