//! What the tests with real programs have in common.
