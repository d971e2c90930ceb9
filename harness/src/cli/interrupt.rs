//! Ctrl-C: the first stops the search cleanly, the second ends the process at once.

use super::output::note;
use std::sync::atomic::{AtomicBool, Ordering};

/// Listens from now on.
pub(super) fn install() {
    let installed = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(super::exit::INTERRUPTED.into());
        }
        note("stopping; once more to stop at once");
    });
    if let Err(cause) = installed {
        note(format_args!("Ctrl-C will end the program without a word: {cause}"));
    }
}

/// Whether the user asked to stop.
pub(super) fn requested() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
