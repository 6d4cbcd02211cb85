//! The library's public interface, as used by a different program.

use linkedin_tui::{Code, NextStep, TokenStore};

use crate::e2e::test_env::TestEnv;

#[test]
fn token_store_returns_the_token_of_a_sign_in() {
    let env = TestEnv::new(None);
    assert!(env.login("work", "ada", &[]).status.success());
    let store = TokenStore::open_in(&env.config()).unwrap();
    let token = store.token("work").unwrap();
    assert!(token.expose().starts_with("AQ"));
    let missing = store.token("missing").unwrap_err();
    assert_eq!((missing.code, missing.next_step), (Code::NoSuchProfile, None), "{}", missing.hint);
    let empty = tempfile::tempdir().unwrap();
    let first = TokenStore::open_in(empty.path()).unwrap().token("work").unwrap_err();
    assert_eq!(first.next_step.as_deref(), Some(&NextStep::SignInToNewProfile));
}
