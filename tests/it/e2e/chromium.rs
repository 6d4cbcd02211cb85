//! Sign-in in a real browser: headless Chromium, controlled through chromedriver, opens the URL that the
//! program passes to `BROWSER`. Run by `cargo test -- --ignored`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::e2e::test_env::{TestEnv, json as parsed, stderr};
use crate::support::ports::free_port;
use crate::support::{client, wait_for};
use serde_json::{Value, json};

/// A `WebDriver` session.
pub(crate) struct Chromium {
    driver: Child,
    session: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    _profile: tempfile::TempDir,
}

impl Chromium {
    pub(crate) fn start() -> Self {
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver (Debian: chromium-driver)");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let http = client();
        wait_for("chromedriver", || {
            runtime.block_on(async { http.get(format!("{base}/status")).send().await.ok()?.text().await.ok() })
        });
        let profile = tempfile::tempdir().unwrap();
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            format!("--user-data-dir={}", profile.path().display()),
        ]);
        let capabilities = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let mut chromium = Self { driver, session: format!("{base}/session"), runtime, http, _profile: profile };
        let id = chromium.post("", &capabilities)["sessionId"].as_str().expect("a session").to_owned();
        chromium.session = format!("{base}/session/{id}");
        chromium
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.session)).timeout(Duration::from_secs(60));
        self.runtime.block_on(async {
            let text = request.body(body.to_string()).send().await.unwrap().text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap()["value"].take()
        })
    }

    fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.session)).timeout(Duration::from_secs(60));
        self.runtime.block_on(async {
            let text = request.send().await.unwrap().text().await.unwrap();
            serde_json::from_str::<Value>(&text).unwrap()["value"].take()
        })
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    fn current_url(&self) -> String {
        self.get("/url").as_str().unwrap_or_default().to_owned()
    }

    /// Waits for the element that a CSS selector matches, and returns its ID.
    fn find(&self, selector: &str) -> String {
        wait_for(selector, || {
            let value = self.post("/element", &json!({"using": "css selector", "value": selector}));
            // An error is an object too; the key of an element ID is fixed by the standard.
            value.get("element-6066-11e4-a52e-4f735466cecf")?.as_str().map(str::to_owned)
        })
    }

    /// Clicks an element once it exists.
    fn click(&self, selector: &str) {
        let found = self.find(selector);
        self.post(&format!("/element/{found}/click"), &json!({}));
    }

    /// Runs the body of a JavaScript function, and returns its result.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Sets the size of the page in CSS pixels, and whether the user prefers a dark color scheme.
    #[cfg(feature = "mcp")]
    pub(crate) fn emulate(&self, width: u32, is_dark: bool) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        let scheme = json!({"name": "prefers-color-scheme", "value": if is_dark { "dark" } else { "light" }});
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", metrics),
            ("Emulation.setEmulatedMedia", json!({"features": [scheme]})),
        ] {
            self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
        }
    }

    fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let request = self.http.delete(&self.session);
        drop(self.runtime.block_on(async { request.send().await }));
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn chromium_signs_in_and_allows() {
    let env = TestEnv::new(None);
    let chromium = Chromium::start();
    let child = env.start_login("work", &["--json"]);
    chromium.open(env.browser_url().as_str());
    chromium.click("#member-bruce");
    chromium.click("#allow");
    let page = wait_for("the outcome page", || Some(chromium.text()).filter(|text| text.contains("You are signed in")));
    assert!(!page.contains("AQ"), "no token on the page: {page}");
    let current_url = chromium.current_url();
    assert!(!current_url.contains("code=") && !current_url.contains("state="), "{current_url}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(parsed(&output)["status"], "active");
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn chromium_signs_in_and_cancels() {
    let env = TestEnv::new(None);
    let chromium = Chromium::start();
    let child = env.start_login("work", &["--json"]);
    chromium.open(env.browser_url().as_str());
    chromium.click("#member-bruce");
    // The previous page has a Cancel button too, so wait for the next page.
    chromium.find("#allow");
    chromium.click("#cancel");
    wait_for("the outcome page", || Some(chromium.text()).filter(|text| text.contains("You are not signed in")));
    let current_url = chromium.current_url();
    assert!(!current_url.contains("error=") && !current_url.contains("state="), "{current_url}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(parsed(&output)["error"]["code"], "denied");
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn chromium_sees_the_post_in_the_feed() {
    let env = TestEnv::signed_in(None);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/e2e/images/small.png");
    let output =
        env.run(&["post", "Hello LinkedIn API :-) #rust", "--image", picture, "--alt", "a blue card", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let chromium = Chromium::start();
    chromium.open(env.sandbox.base().as_str());
    chromium.find("#posts article.update .tag");
    let page = chromium.text();
    for expected_text in ["Ada Lovelace", "Hello LinkedIn API :-) #rust", "Anyone"] {
        assert!(page.contains(expected_text), "{expected_text}: {page}");
    }
    let script = "const image = document.querySelector('#posts img'); image.loading = 'eager'; \
                  return image.complete ? [image.naturalWidth, image.alt] : null";
    let image_state = wait_for("the image", || Some(chromium.run(script)).filter(|image_state| !image_state.is_null()));
    assert_eq!(image_state, json!([48, "a blue card"]));
    chromium.open(parsed(&output)["url"].as_str().unwrap());
    let post_page = wait_for("the post alone", || Some(chromium.text()).filter(|text| text.contains("The whole feed")));
    assert!(post_page.contains("Hello LinkedIn API :-) #rust"), "{post_page}");
    let deleted = env.run(&["post", "--delete", parsed(&output)["urn"].as_str().unwrap()]);
    assert_eq!(deleted.status.code(), Some(0), "{}", stderr(&deleted));
    chromium.open(env.sandbox.base().as_str());
    wait_for("the deleted post", || Some(chromium.text()).filter(|text| text.contains("Deleted by Ada Lovelace")));
}
