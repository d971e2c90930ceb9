//! `explore`: a model in a browser.

use super::args::Explore;
use super::output::note;
use super::session::Session;
use super::{Ended, Failure, exit, interrupt, replay};
use crate::explore::Desk;
use crate::explore::server::{Access, Server};
use crate::explore::view::{AskedCase, StartView};
use crate::replay::load;
use crate::store::Saved;
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn run(session: &mut Session<'_>, asked: &Explore) -> Ended {
    session.refuse_outputs("explore")?;
    let (start, saved) = start(session, asked)?;
    let opened = AskedCase {
        model: start.model.clone(),
        bound: start.bound.clone(),
        set: start.set.clone(),
        mutant: start.mutant.clone(),
    };
    let shown = format!("{}{}", start.model, start.bound.as_ref().map_or_else(String::new, |bound| format!(" at {bound}")));
    let counterexample = start.counterexample.clone();
    let desk = Desk::new(Arc::clone(session.registry), session.store.clone(), session.program.clone(), start);
    if let (Some(name), Some(saved)) = (counterexample, saved) {
        desk.offer(name, saved);
    }
    // What cannot be opened is refused here and not in the page.
    desk.open(&opened).map_err(|refused| Failure::Usage(refused.to_string()))?;
    let server = listen(asked.listen)?;
    let access = Access::to(server.address()).map_err(Failure::Internal)?;
    let url = access.url();
    if session.json() {
        session.json_line(&json!({ "model": opened.model, "url": url }))?;
    } else {
        session.out.line(format_args!("{shown}: {url}"));
        session.out.line("Ctrl-C ends it.");
    }
    if asked.open
        && let Err(cause) = open::that_detached(&url)
    {
        note(format_args!("no browser could be opened: {cause}"));
    }
    let stop = async {
        while !interrupt::requested() {
            tokio::time::sleep(LOOK).await;
        }
    };
    server.run(desk, access, stop).map_err(|cause| Failure::Internal(format!("the explorer's server failed: {cause}")))?;
    Ok(exit::OK)
}

/// Where a page without a link begins, and the counterexample that it shows there.
fn start(session: &Session<'_>, asked: &Explore) -> Result<(StartView, Option<Saved>), Failure> {
    let Some(named) = &asked.at else {
        let model = match &asked.model {
            Some(name) => session.registry.find(name)?.name,
            None => session.registry.rows_and_clusters().next().map_or("", |row| row.name),
        };
        let (bound, mutant) = (asked.bound.clone(), asked.mutant.clone());
        let set = asked.set.iter().cloned().collect();
        return Ok((StartView { model: model.to_owned(), bound, set, mutant, counterexample: None }, None));
    };
    let path = replay::find(session, named)?;
    let (saved, _) = load(session.registry, &path).map_err(|error| Failure::Usage(error.to_string()))?;
    if let Some(model) = asked.model.as_ref().filter(|model| **model != saved.model) {
        let file = Path::new(named).display();
        return Err(Failure::Usage(format!("--at {file} is a counterexample of {}, and not of {model}", saved.model)));
    }
    // A file is known to the page by its name alone.
    let name = path.file_stem().unwrap_or(named).to_string_lossy().into_owned();
    let start = StartView {
        model: saved.model.clone(),
        bound: Some(saved.bound.clone()),
        set: saved.constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        mutant: saved.mutant.clone(),
        counterexample: Some(name),
    };
    Ok((start, Some(saved)))
}

/// Listens where it was told, or else on the usual port or, if that is taken, on any.
fn listen(address: Option<SocketAddr>) -> Result<Server, Failure> {
    let usual = SocketAddr::from(([127, 0, 0, 1], PORT));
    let server = match Server::bind(address.unwrap_or(usual)) {
        Err(cause) if address.is_none() && cause.kind() == io::ErrorKind::AddrInUse => {
            Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        }
        server => server,
    };
    server.map_err(|cause| Failure::Usage(format!("cannot listen on {}: {cause}", address.unwrap_or(usual))))
}

/// Where a page is found when nobody says otherwise.
const PORT: u16 = 7070;
/// How often it is asked whether to stop.
const LOOK: Duration = Duration::from_millis(50);
