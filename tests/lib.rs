//! All tests that need no process of their own, as one program.

#![allow(unreachable_pub, reason = "a test has no public face")]

mod allocations;
mod choice_by_code;
mod clients;
mod config;
mod contract;
mod credentials;
mod credentials_in_use;
mod examples;
mod extractors;
mod harness;
mod hostile_size;
mod mdn;
mod nesting;
mod non_tokens;
mod plain_hyper;
mod properties;
mod random_stacks;
mod recipes;
mod short_credentials;
mod short_headers;
mod support;
mod tower;
#[cfg(feature = "tracing")]
mod tracing;
