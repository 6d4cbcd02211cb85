//! A real browser: headless Chromium, controlled through chromedriver, opens the URL that the
//! program passes to `BROWSER`. Run by `cargo test -- --ignored`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::ports::free_port;
use crate::support::{client, wait_for};
use crate::user::world::{World, json as parsed, stderr};
use serde_json::{Value, json};

/// A `WebDriver` session.
struct Chromium {
    driver: Child,
    session: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    _profile: tempfile::TempDir,
}

impl Chromium {
    fn start() -> Self {
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
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let mut chromium = Self { driver, session: format!("{base}/session"), runtime, http, _profile: profile };
        let id = chromium.post("", &wanted)["sessionId"].as_str().expect("a session").to_owned();
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

    fn open(&self, url: &str) {
        self.post("/url", &json!({"url": url}));
    }

    fn address(&self) -> String {
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
    fn press(&self, selector: &str) {
        let found = self.find(selector);
        self.post(&format!("/element/{found}/click"), &json!({}));
    }

    fn text(&self) -> String {
        let text = self.post("/execute/sync", &json!({"script": "return document.body.innerText", "args": []}));
        text.as_str().unwrap_or_default().to_owned()
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
    let world = World::new(None);
    let chromium = Chromium::start();
    let child = world.start_login("work", &["--json"]);
    chromium.open(world.browser_url().as_str());
    chromium.press("#member-bruce");
    chromium.press("#allow");
    let page = wait_for("the outcome page", || Some(chromium.text()).filter(|text| text.contains("You are signed in")));
    assert!(!page.contains("AQ"), "no token on the page: {page}");
    let address = chromium.address();
    assert!(!address.contains("code=") && !address.contains("state="), "{address}");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    assert_eq!(parsed(&done)["status"], "active");
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn chromium_signs_in_and_cancels() {
    let world = World::new(None);
    let chromium = Chromium::start();
    let child = world.start_login("work", &["--json"]);
    chromium.open(world.browser_url().as_str());
    chromium.press("#member-bruce");
    // The previous page has a Cancel too: wait until it is gone.
    chromium.find("#allow");
    chromium.press("#cancel");
    wait_for("the outcome page", || Some(chromium.text()).filter(|text| text.contains("You are not signed in")));
    let address = chromium.address();
    assert!(!address.contains("error=") && !address.contains("state="), "{address}");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(4), "{}", stderr(&done));
    assert_eq!(parsed(&done)["error"]["code"], "denied");
}

#[test]
#[ignore = "needs Chromium and its driver"]
fn chromium_sees_the_post_in_the_feed() {
    let world = World::signed_in(None);
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/user/images/small.png");
    let done =
        world.run(&["post", "Hello LinkedIn API :-) #rust", "--image", picture, "--alt", "a blue card", "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    let chromium = Chromium::start();
    chromium.open(world.sandbox.base().as_str());
    chromium.find("#posts article.update .tag");
    let page = chromium.text();
    for expected_text in ["Ada Lovelace", "Hello LinkedIn API :-) #rust", "Anyone"] {
        assert!(page.contains(expected_text), "{expected_text}: {page}");
    }
    let script = "const image = document.querySelector('#posts img'); image.loading = 'eager'; \
                  return image.complete ? [image.naturalWidth, image.alt] : null";
    let seen = wait_for("the image", || {
        Some(chromium.post("/execute/sync", &json!({"script": script, "args": []}))).filter(|seen| !seen.is_null())
    });
    assert_eq!(seen, json!([48, "a blue card"]));
    chromium.open(parsed(&done)["url"].as_str().unwrap());
    let alone = wait_for("the post alone", || Some(chromium.text()).filter(|text| text.contains("The whole feed")));
    assert!(alone.contains("Hello LinkedIn API :-) #rust"), "{alone}");
    let deleted = world.run(&["post", "--delete", parsed(&done)["urn"].as_str().unwrap()]);
    assert_eq!(deleted.status.code(), Some(0), "{}", stderr(&deleted));
    chromium.open(world.sandbox.base().as_str());
    wait_for("the deleted post", || Some(chromium.text()).filter(|text| text.contains("Deleted by Ada Lovelace")));
}
