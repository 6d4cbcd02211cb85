//! Files of other versions and in other notations: unknown content is neither overwritten nor deleted.

use std::path::{Path, PathBuf};

use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{
    App, Check, CommandExit, Delivery, DeliveryResult, Input, Member, Profile, ProfileStore, Verdict,
};
use linkedin_tui::{Code, Result};
use rstest::rstest;

use crate::support::{self, app, files_below, name, start_time};

/// Returns a profile with a value for every table of its file.
fn profile() -> Profile {
    let last = DeliveryResult {
        at: start_time(),
        exit: CommandExit::Code(0),
        last_line: "fine".to_owned(),
        is_test_token: false,
    };
    let delivery = Delivery {
        name: "site".to_owned(),
        command: vec!["true".to_owned()],
        input: Input::Token,
        last_result: Some(last),
    };
    Profile {
        member: Some(Member { id: "-x1".to_owned(), name: Some("Ada".to_owned()), email: None }),
        check: Some(Check::new(start_time(), Verdict::Active)),
        deliveries: vec![delivery],
        ..support::profile("work")
    }
}

fn store() -> (tempfile::TempDir, ProfileStore) {
    let directory = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(directory.path()).unwrap();
    store.save_app(&app("my-app")).unwrap();
    store.create_or_update_profile(profile(), |_| {}).unwrap();
    store.set_current_profile(Some(&name("work"))).unwrap();
    (directory, store)
}

/// Returns every file of the directory with its bytes, except the locks.
fn files_except_locks(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files_below(directory).into_iter().filter(|(path, _)| !path.starts_with(directory.join("locks"))).collect()
}

#[rstest]
#[case("2", Code::FileNewer)]
#[case("9223372036854775807", Code::FileNewer)]
#[case("9223372036854775808", Code::FileNewer)]
#[case("99_999_999_999_999_999_999", Code::FileNewer)]
#[case("\"2\"", Code::FileDamaged)]
#[case("2.0", Code::FileDamaged)]
#[case("[2]", Code::FileDamaged)]
#[case("{ a = 1 }", Code::FileDamaged)]
#[case("0", Code::FileDamaged)]
#[case("-1", Code::FileDamaged)]
#[case("true", Code::FileDamaged)]
fn s06_a_file_of_a_different_schema_is_never_changed(
    #[case] schema: &str,
    #[case] code: Code,
    #[values("profiles/work.toml", "apps/my-app.toml")] file: &str,
) {
    let (directory, store) = store();
    let path = directory.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("schema = 1", &format!("schema = {schema} # note"))).unwrap();
    let before = files_except_locks(directory.path());
    let work = name("work");
    let changed = App { client_id: "86zzzzzzzzzzzz".to_owned(), ..app("my-app") };
    let operations: Vec<(&str, Result<()>)> = if file.starts_with("profiles") {
        vec![
            ("update", store.update_profile(&work, |_| Ok(())).map(drop)),
            (
                "create or update",
                store.create_or_update_profile(profile(), |profile| profile.browser = Some("x".to_owned())).map(drop),
            ),
            ("rename", store.rename_profile(&work, &name("job"))),
            ("delete with undo", store.delete_profile_with_undo(&work).map(drop)),
            ("delete", store.delete_profile(&work)),
            ("ensure writable", store.ensure_writable(&work, &name("my-app"))),
        ]
    } else {
        vec![
            ("save", store.save_app(&changed)),
            ("delete", store.delete_app(&name("my-app"))),
            ("ensure writable", store.ensure_writable(&work, &name("my-app"))),
        ]
    };
    for (what, result) in operations {
        let error = result.unwrap_err();
        // A number beyond TOML's range makes the whole file unreadable: reading and writing report it.
        let is_unreadable = schema.len() > 18 && error.code == Code::FileDamaged && what != "delete";
        assert!(error.code == code || is_unreadable, "{what}: {error:?}");
        assert!(error.message.contains(path.file_name().unwrap().to_str().unwrap()), "{error}");
    }
    assert_eq!(files_except_locks(directory.path()), before);
}

#[test]
fn s06_a_posts_file_of_a_newer_version_keeps_its_profile() {
    let (directory, store) = store();
    std::fs::create_dir(directory.path().join("posts")).unwrap();
    std::fs::write(directory.path().join("posts/work.toml"), "schema = 2\n").unwrap();
    let before = files_except_locks(directory.path());
    assert_eq!(store.delete_profile_with_undo(&name("work")).err().unwrap().code, Code::FileNewer);
    assert_eq!(files_except_locks(directory.path()), before);
}

#[rstest]
fn other_damaged_files_can_be_deleted(
    #[values("", "app = ", "\u{0}", "schema = 1\napp = 3\n", "[token]\nschema = 7\n", "<<<<<<< HEAD\nschema = 1\n")]
    text: &str,
) {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    std::fs::write(&path, text).unwrap();
    store.delete_profile(&name("work")).unwrap();
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn s24_a_pipe_can_be_deleted_and_never_blocks() {
    let (_directory, store) = store();
    let path = store.profile_path(&name("work"));
    std::fs::remove_file(&path).unwrap();
    support::create_fifo(&path);
    assert_eq!(
        store.delete_profile_with_undo(&name("work")).err().unwrap().code,
        Code::Files,
        "an undo could not restore it"
    );
    store.delete_profile(&name("work")).unwrap();
    assert!(!path.exists());
}

#[test]
fn s07_unknown_keys_survive_in_every_table_notation() {
    let inline = "schema = 1 # first\napp = \"my-app\"\nscopes = [\"openid\"]\ncustom = 1\n\
        member = { id = \"-x1\", nick = \"A\", name = \"Ada\" }\n\
        token = { access_token = \"AQaccess\", note = [1, 2], scopes = [\"openid\"], issued_at = \"2026-11-18T10:13:20Z\" }\n\
        check = { at = \"2026-11-18T10:13:20Z\", verdict = \"active\", by = \"me\" }\n\
        deliver = [{ name = \"site\", command = [\"true\"], why = \"because\" }]\n\
        delivered = { site = { at = \"2026-11-18T10:13:20Z\", code = 0, line = \"fine\", seen = true } }\n";
    let dotted = "schema = 1\napp = \"my-app\"\nscopes = [\"openid\"]\ncustom = 1\n\
        member.id = \"-x1\"\nmember.nick = \"A\"\nmember.name = \"Ada\"\n\
        token.access_token = \"AQaccess\"\ntoken.note = [1, 2]\ntoken.scopes = [\"openid\"]\ntoken.issued_at = \"2026-11-18T10:13:20Z\"\n\
        check.at = \"2026-11-18T10:13:20Z\"\ncheck.verdict = \"active\"\ncheck.by = \"me\"\n\
        delivered.site = { at = \"2026-11-18T10:13:20Z\", code = 0, line = \"fine\", seen = true }\n\
        [[deliver]]\nname = \"site\"\ncommand = [\"true\"]\nwhy = \"because\"\n";
    for text in [inline, dotted] {
        let (_directory, store) = store();
        let path = store.profile_path(&name("work"));
        std::fs::write(&path, text).unwrap();
        let change = |profile: &mut Profile| {
            profile.member.as_mut().unwrap().name = Some("Grace".to_owned());
            profile.token.as_mut().unwrap().access = Secret::new("AQnew");
            profile.check = Some(Check::new(start_time(), Verdict::Revoked));
            profile.deliveries[0].last_result.as_mut().unwrap().last_line = "again".to_owned();
            Ok(())
        };
        let changed = store.update_profile(&name("work"), change).unwrap();
        let after = std::fs::read_to_string(&path).unwrap();
        assert_eq!(store.profile(&name("work")).unwrap(), changed, "{after}");
        for line in ["custom = 1", "nick = \"A\"", "note = [1, 2]", "by = \"me\"", "why = \"because\"", "seen = true"] {
            assert!(after.contains(line), "{line} is missing:\n{after}");
        }
        for new in ["Grace", "AQnew", "revoked", "again"] {
            assert!(after.contains(new), "{new} is missing:\n{after}");
        }
    }
}

#[test]
fn a_deletion_with_a_damaged_state_can_be_undone() {
    for state in
        ["schema = 2\ncurrent = \"work\"\n", "schema = \"x\"\ncurrent = \"work\"\n", "current = ", "<directory>"]
    {
        let (directory, store) = store();
        let path = directory.path().join("state.toml");
        std::fs::remove_file(&path).unwrap();
        if state == "<directory>" {
            std::fs::create_dir(&path).unwrap();
        } else {
            std::fs::write(&path, state).unwrap();
        }
        let file = store.profile_path(&name("work"));
        let before = std::fs::read(&file).unwrap();
        let removed = store.delete_profile_with_undo(&name("work")).unwrap();
        assert!(!file.exists(), "{state}");
        store.restore_profile(&removed).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), before, "{state}");
        if path.is_file() {
            assert_eq!(std::fs::read_to_string(&path).unwrap(), state, "an unwritable state file is unchanged");
        }
    }
}

#[test]
fn a_rename_completes_or_changes_nothing() {
    for (state, succeeds) in [
        ("schema = 1\ncurrent = \"work\"\n", true),
        ("schema = 1\ncurrent = \"different\"\n", true),
        ("", true),
        ("schema = 2\ncurrent = \"work\"\n", false),
        ("current = ", false),
    ] {
        let (directory, store) = store();
        std::fs::write(directory.path().join("state.toml"), state).unwrap();
        let before = files_except_locks(directory.path());
        let result = store.rename_profile(&name("work"), &name("job"));
        assert_eq!(result.is_ok(), succeeds, "{state}: {result:?}");
        if succeeds {
            assert!(store.profile(&name("job")).is_ok() && store.profile(&name("work")).is_err());
            assert_eq!(store.current_profile().unwrap().is_some(), state.contains("work"), "{state}");
        } else {
            assert_eq!(files_except_locks(directory.path()), before, "{state}");
        }
    }
}

#[test]
fn an_interrupted_rename_keeps_the_current_profile() {
    // The four states of both files during a rename.
    for (state, file, current) in [
        ("current = \"work\"\n", "work", "work"),
        ("current = \"work\"\nrenaming_to = \"job\"\n", "work", "work"),
        ("current = \"work\"\nrenaming_to = \"job\"\n", "job", "job"),
        ("current = \"job\"\n", "job", "job"),
    ] {
        let (directory, store) = store();
        std::fs::write(directory.path().join("state.toml"), format!("schema = 1\n{state}")).unwrap();
        std::fs::rename(store.profile_path(&name("work")), store.profile_path(&name(file))).unwrap();
        assert_eq!(store.current_profile().unwrap(), Some(name(current)), "{state} {file}");
        store.set_current_profile(Some(&name(file))).unwrap();
        assert!(!std::fs::read_to_string(directory.path().join("state.toml")).unwrap().contains("renaming_to"));
    }
}

/// Replaces the key `new` by its earlier name `old` in a profile's file. Returns the profile before, the profile as read,
/// and the text of the file after the next save.
fn rewrite_with_earlier_key(old: &str, new: &str, prepare: impl FnOnce(&mut Profile)) -> (Profile, Profile, String) {
    let (_directory, store) = store();
    let before = store.create_or_update_profile(profile(), prepare).unwrap();
    let path = store.profile_path(&name("work"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(new), "{text}");
    std::fs::write(&path, text.replace(new, &format!("# note\n{old}"))).unwrap();
    let read = store.profile(&name("work")).unwrap();
    store
        .update_profile(&name("work"), |profile| {
            profile.browser = Some("x".to_owned());
            Ok(())
        })
        .unwrap();
    (before, read, std::fs::read_to_string(path).unwrap())
}

#[test]
fn earlier_key_names_are_read_and_rewritten() {
    let (old, new) = ("two_legged = true", "client_credentials = true");
    let (before, read, text) = rewrite_with_earlier_key(old, new, |profile| profile.client_credentials = true);
    assert_eq!(read, before);
    assert!(text.contains(&format!("# note\n{new}\n")) && !text.contains(old), "{text}");
}

#[test]
fn earlier_name_of_the_current_profile_is_read_and_rewritten() {
    let (directory, store) = store();
    let path = directory.path().join("state.toml");
    std::fs::write(&path, "schema = 1\n# note\nactive = \"work\"\n").unwrap();
    assert_eq!(store.current_profile().unwrap(), Some(name("work")));
    store.set_current_profile(Some(&name("work"))).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "schema = 1\n# note\ncurrent = \"work\"\n");
    store.set_current_profile(None).unwrap();
    assert_eq!(store.current_profile().unwrap(), None, "the earlier value is not restored");
}
