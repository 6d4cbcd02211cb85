//! What each key does on each screen: `update` as a table.
