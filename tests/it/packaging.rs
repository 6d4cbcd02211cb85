//! Releases: the manifest, the changelog, the workflows, the packages and the documentation agree. `.ci/packaging` builds them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use linkedin_tui::internal::sandbox::Scenario;

#[expect(dead_code, clippy::print_stdout, reason = "the test calls one function of the build script")]
#[path = "../../build.rs"]
mod build_script;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).replace("\r\n", "\n")
}

/// Returns the text after each `start` in `text`, up to the first character for which `is_end` is true.
fn texts_after<'a>(text: &'a str, start: &str, is_end: impl Fn(char) -> bool) -> Vec<&'a str> {
    let found = text.match_indices(start).map(|(at, _)| &text[at + start.len()..]);
    found.map(|rest| rest.split(&is_end).next().unwrap_or_default()).collect()
}

fn is_word_end(character: char) -> bool {
    character.is_whitespace() || "`\"'|()".contains(character)
}

/// Returns the targets in `packaging/project.py`, each with the suffix of its archive.
fn targets() -> Vec<(String, String)> {
    let text = read("packaging/project.py");
    let (_, rest) = text.split_once("TARGETS = {\n").unwrap();
    let (table, _) = rest.split_once("\n}").unwrap();
    let pair = |line: &str| {
        let mut quoted = line.split('"').skip(1).step_by(2).map(str::to_owned);
        (quoted.next().unwrap(), quoted.next().unwrap())
    };
    table.lines().map(pair).collect()
}

#[test]
fn changelog_has_a_dated_section_of_this_version() {
    let text = read("CHANGELOG.md");
    let heading = format!("## {VERSION} - ");
    let date =
        text.lines().find_map(|line| line.strip_prefix(&heading)).unwrap_or_else(|| panic!("no `{heading}DATE`"));
    date.parse::<jiff::civil::Date>().unwrap();
}

#[test]
fn documents_name_this_version() {
    let mut count = 0;
    for name in ["docs/install.md", "docs/recipes.md", "packaging/README.md"] {
        let text = read(name);
        for start in ["linkedin-tui@v", "git checkout v", "git tag -s v", "git push origin v", "--version "] {
            for version in
                texts_after(&text, start, is_word_end).into_iter().filter(|word| word.starts_with(char::is_numeric))
            {
                assert_eq!(version, VERSION, "{name}: {start}{version}");
                count += 1;
            }
        }
    }
    assert!(count >= 5, "only {count} versions were found");
}

#[test]
fn scripts_name_scenarios_that_exist() {
    let mut count = 0;
    for name in ["packaging/tests/action", "tests/clients/run"] {
        for scenario in texts_after(&read(name), "--scenario ", is_word_end) {
            assert!(Scenario::parse(scenario).is_ok(), "{name}: the sandbox has no scenario {scenario}");
            count += 1;
        }
    }
    assert!(count >= 2, "only {count} scenarios were found");
}

#[test]
fn documents_name_the_toolchains() {
    let releases = read(".github/workflows/release.yml");
    let toolchain = texts_after(&releases, "RUST_TOOLCHAIN: \"", is_word_end)[0];
    assert_eq!(texts_after(&read(".github/workflows/ci.yml"), "RUST_TOOLCHAIN: \"", is_word_end), [toolchain]);
    assert_eq!(texts_after(&read("docs/install.md"), "rustup toolchain install ", is_word_end), [toolchain]);
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    for name in ["README.md", "docs/install.md", "CONTRIBUTING.md"] {
        let named: Vec<String> = texts_after(&read(name), "ust", |c| c == '\n')
            .into_iter()
            .filter_map(|rest| Some(rest.split_once(" or newer")?.0.rsplit([' ', ',']).next()?.to_owned()))
            .collect();
        assert_eq!(named, [oldest], "{name}");
    }
}

#[test]
fn documents_name_files_that_a_release_has() {
    let mut files: BTreeSet<String> =
        targets().into_iter().map(|(target, suffix)| format!("linkedin-tui-{target}{suffix}")).collect();
    assert!(files.len() >= 6, "{files:?}");
    for name in
        ["linkedin-tui_amd64.deb", "linkedin-tui_arm64.deb", "linkedin-tui.x86_64.rpm", "linkedin-tui.aarch64.rpm"]
    {
        files.insert(name.to_owned());
    }
    for name in texts_after(&read("packaging/finish"), "# ", is_word_end).into_iter().filter(|word| word.contains('.'))
    {
        files.insert(name.to_owned());
    }
    files.extend(["install.sh", "NAME"].map(str::to_owned));
    let mut count = 0;
    for name in ["README.md", "docs/install.md", "docs/recipes.md", "packaging/install.sh"] {
        let text = read(name);
        for file in
            texts_after(&text, "releases/latest/download/", is_word_end).into_iter().filter(|file| !file.is_empty())
        {
            assert!(files.contains(file), "{name}: no release has {file}");
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} links were found");
}

#[test]
fn manifests_for_assistants_have_no_version_of_their_own() {
    let manifest: serde_json::Value = serde_json::from_str(&read("packaging/mcp/manifest.json")).unwrap();
    for key in ["name", "version", "description", "license", "repository"] {
        assert!(manifest.get(key).is_none(), "packaging/bundle writes {key} as Cargo.toml has it");
    }
    let server: serde_json::Value = serde_json::from_str(&read("packaging/mcp/server.json.in")).unwrap();
    assert_eq!((&server["version"], &server["repository"]["url"]), (&"@VERSION@".into(), &"@REPOSITORY@".into()));
    assert_eq!(server["packages"][0]["identifier"], "@URL:mcpb@");
    let name = env!("CARGO_PKG_REPOSITORY").replace("https://github.com/", "io.github.");
    assert_eq!(server["name"], name, "the registry accepts only names of the repository's owner");
    assert!(server["description"].as_str().unwrap().len() <= 100, "the registry's limit");
    let skill = read("packaging/skill/SKILL.md");
    assert!(skill.starts_with("---\nname: linkedin-tui\ndescription: ") && !skill.contains(VERSION));
}

#[test]
fn cargo_binstall_finds_the_archives() {
    let manifest = read("Cargo.toml");
    let (_, metadata) = manifest.split_once("[package.metadata.binstall]\n").unwrap();
    let (binstall, _) = metadata.split_once("[package.metadata.deb]").unwrap();
    let default = "pkg-url = \"{ repo }/releases/download/v{ version }/{ name }-{ target }{ archive-suffix }\"\npkg-fmt = \"tgz\"\n";
    assert!(binstall.starts_with(default), "{binstall}");
    for (target, suffix) in targets() {
        let is_default = suffix == ".tar.gz" && !target.contains("apple");
        let is_named = binstall.contains(&format!("{target}{suffix}"))
            || binstall.contains(&format!("overrides.{target}]\npkg-fmt = \"{}\"", suffix.trim_start_matches('.')));
        assert!(is_default || is_named, "[package.metadata.binstall] does not find the archive of {target}");
    }
}

#[test]
fn commit_comes_from_git_else_from_the_package() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(build_script::commit(directory.path()), None, "neither");
    let recorded = "0123456789abcdef0123456789abcdef01234567";
    let info = format!("{{\n  \"git\": {{\n    \"sha1\": \"{recorded}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}");
    std::fs::write(directory.path().join(".cargo_vcs_info.json"), info).unwrap();
    assert_eq!(build_script::commit(directory.path()).as_deref(), Some(recorded));
    let git = |arguments: &[&str]| {
        let user = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").current_dir(directory.path()).args(user).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--no-verify", "-m", "test"]);
    assert_eq!(build_script::commit(directory.path()), Some(git(&["rev-parse", "HEAD"])));
}
