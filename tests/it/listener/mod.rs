//! The callback listener under fire: raw bytes on its port, and the sign-in that must go on.

mod life;
mod requests;
mod waiting;
