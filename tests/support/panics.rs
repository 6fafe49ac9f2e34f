//! Panics that a test expects.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, Location, catch_unwind, set_hook, take_hook},
    sync::Once,
};

thread_local! {
    static EXPECTED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Checks that `function` panics with this message, and that the panic names the file
/// of the test and not one of this crate.
#[track_caller]
pub fn assert_panics<T>(message: &str, function: impl FnOnce() -> T) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            EXPECTED.with_borrow_mut(|expected| match expected {
                Some(printed) => *printed = panic.to_string(),
                None => others(panic),
            });
        }));
    });
    EXPECTED.set(Some(String::new()));
    let outcome = catch_unwind(AssertUnwindSafe(function));
    let printed = EXPECTED.take().unwrap();
    assert!(outcome.is_err(), "no panic: {message}");
    let location = format!("panicked at {}:", Location::caller().file());
    assert!(printed.starts_with(&location), "{printed}");
    assert!(printed.contains(message), "{printed}");
}
