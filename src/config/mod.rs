//! Settings, the folder they are in, and the environment. Knows no network.

pub mod dotenv;
pub mod environment;
mod paths;
mod settings;

pub use environment::Environment;
pub use paths::{config_dir, resolve_path};
pub use settings::{Browser, LinkedIn, Network, Notify, SIGN_IN_SECONDS, Settings, SignIn, Status, Storage, Ui};
