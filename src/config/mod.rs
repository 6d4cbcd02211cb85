//! Settings, the config directory, and the environment.

pub mod dotenv;
pub mod environment;
mod keys;
mod paths;
mod settings;

pub use environment::Environment;
pub use keys::{KeyEntry, KeyTable};
pub use paths::{config_dir, resolve_path};
pub use settings::{Browser, LinkedIn, Network, Notify, SIGN_IN_SECONDS, Settings, SignIn, Status, Storage, Ui};
