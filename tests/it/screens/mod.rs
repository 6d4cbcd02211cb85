//! Every screen: what its keys do, how it looks at each size, and that no data can break it.

mod composing;
mod deliveries;
mod hostile;
mod keys;
mod listing;
mod looped;
mod many;
mod members;
mod permissions;
mod pictures;
mod scenes;
mod svg;
