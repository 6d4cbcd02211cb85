use rstest::rstest;

use super::*;

#[test]
fn the_example_documents_every_key_with_its_default() {
    let example: toml::Table = include_str!("../../../config.example.toml").parse().unwrap();
    assert_eq!(Settings::parse(include_str!("../../../config.example.toml")).unwrap(), Settings::default());
    let keys: Vec<String> = example
        .iter()
        .flat_map(|(section, table)| table.as_table().unwrap().keys().map(move |key| format!("{section}.{key}")))
        .collect();
    let wanted = "linkedin.www linkedin.api linkedin.api_version browser.command browser.show_token \
         status.expiring_days status.check_on_start sign_in.timeout_seconds network.proxy network.ca_file \
         notify.command ui.theme ui.mouse ui.ascii ui.reveal_seconds ui.clear_clipboard_seconds storage.encryption";
    assert_eq!(keys.len(), wanted.split(' ').count());
    for key in wanted.split(' ') {
        assert!(keys.iter().any(|documented| documented == key), "config.example.toml lacks {key}");
        // A value of a wrong type must be an error, which shows that the key is read.
        let (section, name) = key.split_once('.').unwrap();
        assert!(Settings::parse(&format!("[{section}]\n{name} = 1979-05-27")).is_err(), "{key} is not read");
    }
}

#[test]
fn unknown_keys_are_listed_and_private_values_hidden() {
    let text = "top = 1\n[ui]\nascii = true\nthem = \"dark\"\n[network]\nproxy = \"http://u:p@h:1\"\n[nothing]\na = 1";
    assert_eq!(Settings::unknown_keys(text), ["nothing", "top", "ui.them"]);
    let set = Settings::configured_keys(text);
    assert_eq!(set, [("network.proxy".to_owned(), None), ("ui.ascii".to_owned(), Some("true".to_owned()))]);
    assert!(Settings::unknown_keys("[").is_empty());
}

#[rstest]
#[case("[storage]\n# mine\nprotection = \"file\" # so\n", Encryption::Off, "off", "\"off\" # so")]
#[case("[storage]\n# mine\nprotection = \"keyring\"\n", Encryption::Keyring, "off", "\"off\"")]
#[case("storage = { protection = \"passphrase\" }\n", Encryption::Passphrase, "passphrase", "\"passphrase\"")]
#[case("[storage]\nprotection = \"file\"\nencryption = \"keyring\"\n", Encryption::Keyring, "keyring", "\"keyring\"")]
fn earlier_key_of_encryption_is_read_and_renamed(
    #[case] text: &str,
    #[case] configured: Encryption,
    #[case] wanted: &str,
    #[case] value: &str,
) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    write_private(&path, text).unwrap();
    assert_eq!(Settings::read(directory.path()).unwrap().storage.encryption, configured);
    assert!(Settings::unknown_keys(text).is_empty());
    let wanted = [Encryption::Off, configured].into_iter().find(|kind| kind.as_str() == wanted).unwrap();
    Settings::set_encryption(directory.path(), wanted).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written.contains(&format!("encryption = {value}")) && !written.contains("protection"), "{written}");
    assert_eq!(written.contains("# mine\n"), text.contains("# mine\n"), "{written}");
    assert_eq!(Settings::read(directory.path()).unwrap().storage.encryption, wanted);
}

#[test]
fn saved_value_keeps_the_rest_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    let save = |section, key, value| Settings::save_value(directory.path(), section, key, value);
    let text = "# my settings\n[ui]\n# at night\ntheme = \"dark\" # really\n\n[keys.list]\nadd = \"n\"\n";
    std::fs::write(&path, text).unwrap();
    let written = || std::fs::read_to_string(&path).unwrap();
    let settings = save("ui", "theme", Some(SettingValue::Text("light".to_owned()))).unwrap();
    assert_eq!(settings.ui.theme, "light");
    assert_eq!(written(), text.replace("\"dark\"", "\"light\""));
    save("ui", "theme", Some(SettingValue::Text("dark".to_owned()))).unwrap();
    save("notify", "command", Some(SettingValue::List(vec!["notify-send".to_owned(), "a b".to_owned()]))).unwrap();
    assert!(written().starts_with(text), "{}", written());
    assert!(written().contains("[notify]\ncommand = [\"notify-send\", \"a b\"]"), "{}", written());
    let settings = save("notify", "command", None).unwrap();
    assert_eq!(settings.notify, Notify::default());
    assert!(!written().contains("notify-send"), "{}", written());
    let commented = "[ui]\n# why it is off\nmouse = false # in tmux\n# next\ntheme = \"dark\"\n";
    std::fs::write(&path, commented).unwrap();
    let settings = save("ui", "mouse", None).unwrap();
    assert_eq!(settings.ui.mouse, Settings::default().ui.mouse);
    assert_eq!(written(), commented.replace("mouse = false ", ""));
    std::fs::write(&path, "[ui\n").unwrap();
    let error = save("ui", "mouse", Some(SettingValue::Switch(false))).unwrap_err();
    assert_eq!((error.code, written().as_str()), (Code::FileDamaged, "[ui\n"));
}

#[test]
fn ca_file_is_found_from_the_home_and_config_directories() {
    let dir = tempfile::tempdir().unwrap();
    let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
    for (typed, expected) in [
        ("~/corp.pem", Some(home.join("corp.pem"))),
        ("corp.pem", Some(dir.path().join("corp.pem"))),
        ("certs/corp.pem", Some(dir.path().join("certs/corp.pem"))),
        ("  /etc/corp.pem ", Some(PathBuf::from("/etc/corp.pem"))),
        ("", None),
        (" ", None),
    ] {
        std::fs::write(dir.path().join("config.toml"), format!("[network]\nca_file = \"{typed}\"")).unwrap();
        assert_eq!(Settings::load(dir.path()).unwrap().network.ca_file(), expected, "{typed:?}");
    }
}

#[test]
fn timeout_outside_the_range_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let load = |seconds: u64| {
        std::fs::write(dir.path().join("config.toml"), format!("[sign_in]\ntimeout_seconds = {seconds}")).unwrap();
        Settings::load(dir.path())
    };
    for seconds in [0, 86_401, i64::MAX as u64] {
        let error = load(seconds).unwrap_err();
        assert_eq!(error.code, Code::BadInput);
        assert!(error.message.contains("sign_in.timeout_seconds"), "{error}");
        assert!(error.hint.contains("1 to 86400"), "{}", error.hint);
    }
    for seconds in [1, 86_400] {
        assert_eq!(load(seconds).unwrap().sign_in.timeout_seconds, seconds);
    }
}

#[test]
fn an_api_version_is_auto_or_a_month() {
    let parse = |text: &str| Settings::parse(&format!("[linkedin]\napi_version = \"{text}\"")).unwrap().api_version();
    assert_eq!(Settings::default().api_version().unwrap(), Setting::Auto);
    assert_eq!(parse("auto").unwrap(), Setting::Auto);
    assert!(matches!(parse("202510.03").unwrap(), Setting::Fixed(_)));
    for bad in ["", "Auto", "newest", "2026-09", "202613", "\\u001b[31m"] {
        let error = parse(bad).unwrap_err();
        assert!(error.message.contains("linkedin.api_version") && error.hint.contains("auto"), "{bad}: {error}");
        assert!(!error.message.contains('\u{1b}'), "{bad:?}");
    }
}

#[test]
fn x04_an_error_has_the_position_and_never_the_value() {
    let position = Settings::parse("[network]\nproxy = [\"SECRET\"]").unwrap_err();
    assert_eq!(position, "line 2, column 9");
}
