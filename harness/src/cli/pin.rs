//! `pin`: makes a kept counterexample a regression test.

use super::session::Session;
use super::{Ended, Failure, exit, replay};
use crate::corpus::CORPUS;
use crate::excerpt;
use crate::replay::load;
use crate::report::write_atomically;
use serde_json::json;
use std::ffi::OsStr;
use std::path::Path;

pub(super) fn run(session: &mut Session<'_>, named: &OsStr) -> Ended {
    session.refuse_outputs("pin")?;
    let refuse = |error: excerpt::FileError| Failure::Usage(error.to_string());
    let path = replay::find(session, named)?;
    // What cannot be read again would be no test.
    load(session.registry, &path).map_err(refuse)?;
    let text = excerpt::read(&path).map_err(refuse)?;
    let name = path.file_name().unwrap_or(named);
    let pinned = Path::new(CORPUS).join(name);
    write_atomically(&pinned, text.as_bytes()).map_err(|error| Failure::Usage(error.to_string()))?;
    if session.json() {
        session.json_line(&json!({ "pinned": pinned.display().to_string() }))?;
    } else {
        session.out.line(format_args!(
            "pinned: {}; `{} verify` runs it from now on",
            pinned.display(),
            session.program
        ));
    }
    Ok(exit::OK)
}
