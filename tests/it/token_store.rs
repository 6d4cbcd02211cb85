//! The library's public interface, as another program uses it.

use linkedin_tui::{Code, NextStep, TokenStore};

use crate::user::world::World;

#[test]
fn token_store_returns_the_token_of_a_sign_in() {
    let world = World::new(None);
    assert!(world.login("work", "ada", &[]).status.success());
    let store = TokenStore::open_in(&world.config()).unwrap();
    let token = store.token("work").unwrap();
    assert!(token.expose().starts_with("AQ"));
    let missing = store.token("nobody").unwrap_err();
    assert_eq!((missing.code, missing.next_step), (Code::NoSuchProfile, None), "{}", missing.hint);
    let empty = tempfile::tempdir().unwrap();
    let first = TokenStore::open_in(empty.path()).unwrap().token("work").unwrap_err();
    assert_eq!(first.next_step.as_deref(), Some(&NextStep::SignInToNewProfile));
}
