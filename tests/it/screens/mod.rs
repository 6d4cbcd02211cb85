//! Every screen: what its keys do, how it looks at each size, and that no data can break it.

mod bulk_actions;
mod compose;
mod deliveries;
mod event_loop;
mod hostile_data;
mod key_bindings;
mod keys;
mod member_mismatch;
mod permissions;
mod profile_list;
mod scenes;
mod snapshots;
mod svg;
