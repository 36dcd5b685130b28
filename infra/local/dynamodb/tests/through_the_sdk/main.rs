//! What the ledger, the registry and the stream's readers rely on, asked through the unmodified
//! SDK.

mod data_folder;
mod items;
mod local;
mod numbers;
mod stream;
mod transactions;
