//! All tests that need no process of their own, as one program.

#![allow(unreachable_pub, reason = "a test has no public face")]

mod allocations;
mod config;
mod contract;
mod credentials;
mod examples;
mod extractors;
mod functions;
mod harness;
mod hostile_size;
mod nested_layers;
mod properties;
mod random_stacks;
mod short_credentials;
mod short_headers;
mod short_tokens;
mod stacked_credentials;
mod support;
mod tower;
#[cfg(feature = "tracing")]
mod tracing;
