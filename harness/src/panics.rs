//! A panic is an internal error: it is caught, told in a clear line, and never mistaken for a verdict.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

/// Keeps what panics say from now on, instead of printing it in the middle of everything else. With
/// `RUST_BACKTRACE` set it is printed as well, with the backtrace.
pub(crate) fn install() {
    let print = panic::take_hook();
    let wordy = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    panic::set_hook(Box::new(move |panic| {
        if wordy {
            print(panic);
        }
        let said = panic.payload_as_str().unwrap_or("a panic without a text").to_owned();
        let place = panic.location().map_or_else(String::new, |place| format!(" ({place})"));
        // The first panic is the cause; others are threads that miss it.
        SAID.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((said, place));
    }));
}

/// Runs `work`.
///
/// # Errors
/// What a panic within it said, and where.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let said = SAID.lock().unwrap_or_else(PoisonError::into_inner).take();
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        match (said, text) {
            // Whoever passed it on has said more: where it comes from.
            (Some((said, place)), Some(text)) if text.ends_with(&said) => text + &place,
            (Some((said, place)), _) => said + &place,
            (None, text) => text.unwrap_or_else(|| "a panic without a text".to_owned()),
        }
    })
}

/// What the first panic said, and where.
static SAID: Mutex<Option<(String, String)>> = Mutex::new(None);
