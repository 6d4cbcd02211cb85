//! Every screen: its keys, its layout at each size, and its behavior with hostile data.

mod bulk_actions;
mod compose;
mod consistency;
mod deliveries;
mod event_loop;
mod hints;
mod hostile_data;
mod key_bindings;
mod keys;
mod member_mismatch;
mod mouse;
mod notifications;
mod overlays;
mod permissions;
mod profile_list;
mod scenes;
mod search;
mod setup;
mod snapshots;
mod svg;
