//! The report as one page, readable without a network, without a script and without colour.

use super::view::{Mark, PageView, drawings};
use super::{Report, WriteError, write_atomically};
use askama::Template;
use std::path::{Path, PathBuf};

/// The page. The same report gives the same page.
///
/// # Panics
/// Never: the template is compiled in and formats only what is already text.
pub fn page(report: &Report) -> String {
    let run = &report.run;
    let page = Page {
        view: PageView::new(report),
        program: &run.program,
        version: &run.version,
        started: &run.started,
        command: &run.command,
        good: Mark { tone: "good", words: "ok, holds".into() },
        bad: Mark { tone: "bad", words: "violated".into() },
        open: Mark { tone: "open", words: "incomplete, unknown".into() },
        void: Mark { tone: "void", words: "vacuous, unmet".into() },
        expected: Mark { tone: "expected", words: "fails, as expected".into() },
        conforms: Mark { tone: "good", words: "conforms".into() },
        diverges: Mark { tone: "bad", words: "diverges".into() },
        killed: Mark { tone: "good", words: "killed".into() },
        missed: Mark { tone: "expected", words: "missed, as foreseen".into() },
        unforeseen: Mark { tone: "bad", words: "survived, wrong evidence".into() },
    };
    page.render().expect("every field of the page is text")
}

/// The file of the page in which the counterexample of that ID can be stepped through.
pub(super) fn file(id: &str) -> String {
    format!("counterexample-{id}.html")
}

/// Writes the page as `index.html` into a directory, which is made if it is missing, and beside it each picture and each
/// counterexample that can be stepped through as a file of its own; tells where the page is.
///
/// # Errors
/// When it cannot be written; an older page is then still there.
pub fn write(directory: &Path, report: &Report) -> Result<PathBuf, WriteError> {
    let path = directory.join("index.html");
    write_atomically(&path, page(report))?;
    for (file, drawing) in report.conformances.iter().flat_map(drawings) {
        write_atomically(&directory.join(file), drawing.svg())?;
    }
    for (id, page) in &report.pages {
        write_atomically(&directory.join(file(id)), page)?;
    }
    Ok(path)
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    view: PageView,
    program: &'a str,
    version: &'a str,
    started: &'a str,
    command: &'a str,
    good: Mark,
    bad: Mark,
    open: Mark,
    void: Mark,
    expected: Mark,
    conforms: Mark,
    diverges: Mark,
    killed: Mark,
    missed: Mark,
    unforeseen: Mark,
}
