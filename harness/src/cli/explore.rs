//! `explore`: a model in a browser.

use super::args::{Explore, Variant};
use super::output::note;
use super::session::Session;
use super::{Ended, Failure, cases, exit, interrupt, panics, replay};
use crate::explore::server::{Access, Server};
use crate::explore::view::{AskedCase, StartView};
use crate::explore::{Desk, Refused};
use crate::replay::load;
use crate::report::write_atomically;
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
    let opened = start.asked();
    let shown =
        format!("{}{}", start.model, start.bound.as_ref().map_or_else(String::new, |bound| format!(" at {bound}")));
    let counterexample = start.counterexample.clone();
    let desk = Desk::new(Arc::clone(session.registry), session.store.clone(), session.program.clone(), start);
    let desk = desk.with_runner(cases::runner()?);
    if let (Some(name), Some(saved)) = (&counterexample, saved) {
        desk.offer(name.clone(), saved);
    }
    // What cannot be opened is refused here and not in the page.
    desk.open(&opened).map_err(refuse)?;
    if let Some(directory) = &asked.export {
        return export(session, &desk, &opened, counterexample.as_deref(), directory);
    }
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
    server
        .run(desk, access, stop)
        .map_err(|cause| Failure::Internal(format!("the explorer's server failed: {cause}")))?;
    Ok(exit::OK)
}

/// Where a page without a link begins, and the counterexample that it shows there.
fn start(session: &Session<'_>, asked: &Explore) -> Result<(StartView, Option<Saved>), Failure> {
    let Some(named) = &asked.at else {
        let model = match &asked.model {
            Some(name) => session.registry.find(name)?.name,
            None => session.registry.rows_and_clusters().next().map_or("", |row| row.name),
        };
        let Variant { bound, set, mutant } = asked.variant.clone();
        let set = set.into_iter().collect();
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
    let start = StartView { counterexample: Some(name), ..StartView::of(&saved) };
    Ok((start, Some(saved)))
}

/// Writes the page that needs no server.
fn export(
    session: &mut Session<'_>,
    desk: &Desk,
    opened: &AskedCase,
    counterexample: Option<&str>,
    directory: &Path,
) -> Ended {
    let page = panics::catch(|| desk.page(opened, counterexample)).map_err(Failure::Internal)?.map_err(refuse)?;
    let file = directory.join(format!("{}.html", counterexample.unwrap_or(&opened.model)));
    write_atomically(&file, page).map_err(|error| Failure::Usage(error.to_string()))?;
    if session.json() {
        session.json_line(&json!({ "model": opened.model, "page": file.display().to_string() }))?;
    } else {
        session.out.line(format_args!("page: {}", file.display()));
    }
    Ok(exit::OK)
}

fn refuse(refused: Refused) -> Failure {
    match refused {
        Refused::Broken(said) => Failure::Internal(said),
        refused => Failure::Usage(refused.to_string()),
    }
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
