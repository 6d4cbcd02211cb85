//! Settings, the config directory, and the environment.

pub(crate) mod dotenv;
pub(crate) mod environment;
mod keys;
mod paths;
mod settings;

pub use environment::Environment;
pub(crate) use keys::{KeyEntry, KeyTable};
pub(crate) use paths::{config_dir, resolve_path};
pub(crate) use settings::{Network, SIGN_IN_TIMEOUT_SECONDS};
pub use settings::{SettingValue, Settings};
