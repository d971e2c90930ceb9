//! One run of the program: what every command needs, and what it leaves behind.

use super::args::{Everywhere, Format};
use super::output::{BAD, DOUBT, Output, note};
use super::watch::Watcher;
use super::{Failure, exit, human, panics};
use crate::check::Options;
use crate::conform::Conformance;
use crate::explore::Desk;
use crate::explore::view::StartView;
use crate::judgement::Judgement;
use crate::mutants::MutantResult;
use crate::registry::{Case, Registry, Row};
use crate::replay::load;
use crate::report::{self, Checked, Machine, Report, Run, WriteError};
use crate::store::{self, Store};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// One run.
pub(super) struct Session<'a> {
    pub(super) registry: &'a Arc<Registry>,
    pub(super) everywhere: Everywhere,
    pub(super) out: Output,
    /// The name by which the program was called.
    pub(super) program: String,
    /// The command line, as it was typed.
    command: String,
    started: SystemTime,
    clock: Instant,
    pub(super) store: Store,
    /// Whether the user was told that counterexamples cannot be kept.
    told_not_kept: bool,
    /// Whether an output that was asked for could not be written.
    lost: bool,
    checks: Vec<Checked>,
    conformances: Vec<Conformance>,
    mutants: Vec<MutantResult>,
    /// What was asked for and not done.
    undone: Option<String>,
    /// Limits that applied to every check.
    pub(super) limits: Vec<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(registry: &'a Arc<Registry>, everywhere: Everywhere, program: &str, command: String) -> Self {
        Self {
            registry,
            out: Output::new(everywhere.color),
            everywhere,
            program: program.to_owned(),
            command,
            started: SystemTime::now(),
            clock: Instant::now(),
            store: Store::within(Path::new("")),
            told_not_kept: false,
            lost: false,
            checks: Vec::new(),
            conformances: Vec::new(),
            mutants: Vec::new(),
            undone: None,
            limits: Vec::new(),
        }
    }

    pub(super) fn json(&self) -> bool {
        self.everywhere.format == Format::Json
    }

    pub(super) fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// Someone to watch a search of that name.
    pub(super) fn watcher(&self, label: String) -> Watcher {
        Watcher::new(label, self.everywhere.quiet)
    }

    /// Prints a value as a line of JSON.
    pub(super) fn json_line(&mut self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let line = serde_json::to_string(value).map_err(|error| Failure::Internal(error.to_string()))?;
        self.out.line(line);
        Ok(())
    }

    /// Checks a case, keeps its counterexamples and remembers it for the report. Printing is the caller's.
    pub(super) fn check(&mut self, row: &Row, case: &Case, options: &Options) -> Result<Judgement, Failure> {
        let label = format!("{} at {}", case.model, case.bound.name);
        let watcher = self.watcher(label.clone());
        let checked = panics::catch(|| case.check(options, &watcher));
        drop(watcher);
        let judgement = match checked {
            Ok(Ok(judgement)) => judgement,
            Ok(Err(refused)) => return Err(Failure::Usage(format!("{label}: {refused}"))),
            Err(panicked) => return Err(Failure::Internal(format!("while checking {label}: {panicked}"))),
        };
        self.keep(&judgement);
        self.checks.push(Checked {
            judgement: judgement.clone(),
            about: row.about.to_owned(),
            purpose: case.bound.about.to_owned(),
            constants: case.bound.constants.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            recorded: case.bound.counts,
        });
        Ok(judgement)
    }

    /// Explores a cluster and keeps its counterexamples. It is a link's, and not among the checks of models.
    pub(super) fn explore(&mut self, row: &Row, case: &Case, options: &Options) -> Result<Judgement, Failure> {
        let judgement = self.check(row, case, options)?;
        self.checks.pop();
        Ok(judgement)
    }

    /// Keeps a counterexample that a link has found.
    pub(super) fn keep_one(&mut self, id: &str, saved: &store::Saved) {
        let written = self.store.keep_one(id, saved);
        self.tell_if_not_kept(written);
    }

    pub(super) fn remember_conformance(&mut self, found: Conformance) {
        self.conformances.push(found);
    }

    pub(super) fn conformances(&self) -> &[Conformance] {
        &self.conformances
    }

    pub(super) fn remember(&mut self, mutant: MutantResult) {
        self.mutants.push(mutant);
    }

    /// The user stopped the run; what was left undone is told now and in the report.
    pub(super) fn interrupted(&mut self, undone: String) {
        note(format_args!("interrupted: {undone}"));
        self.undone = Some(undone);
    }

    pub(super) fn checks(&self) -> &[Checked] {
        &self.checks
    }

    pub(super) fn mutants(&self) -> &[MutantResult] {
        &self.mutants
    }

    /// Shows a judgement in full and, if a mutant survived it, what is told of that.
    pub(super) fn show(&mut self, judgement: &Judgement, survival: Option<&str>) -> Result<(), Failure> {
        if self.json() {
            return self.json_line(judgement);
        }
        if self.everywhere.quiet {
            human::quiet(&mut self.out, judgement);
        } else {
            human::block(&mut self.out, &self.program, judgement);
        }
        if let Some(survival) = survival {
            self.out.line(format_args!("  {DOUBT}{survival}{DOUBT:#}"));
        }
        Ok(())
    }

    /// A directory in which nothing can be kept costs the replay and not the verdict.
    fn keep(&mut self, judgement: &Judgement) {
        self.tell_if_not_kept(self.store.keep(judgement));
        if let Some(directory) = &self.everywhere.itf
            && let Err(error) = store::write_itfs(directory, judgement)
        {
            self.lose(&error);
        }
    }

    fn tell_if_not_kept(&mut self, written: Result<(), WriteError>) {
        if let Err(error) = written
            && !self.told_not_kept
        {
            self.told_not_kept = true;
            note(format_args!("warning: counterexamples are not kept, so `replay` will not find them: {error}"));
        }
    }

    /// An output that was asked for could not be written: the run fails, whatever it found.
    fn lose(&mut self, error: &WriteError) {
        self.lost = true;
        note(format_args!("{BAD}error{BAD:#}: {error}"));
    }

    /// The code to end with: nobody who asked for output and lost it should believe that all is well.
    pub(super) fn ended(&self, code: u8) -> u8 {
        if self.lost || self.out.failed() { exit::worse(code, exit::INTERNAL) } else { code }
    }

    /// An internal error ended the run: what was found until then is reported, and that this is not all.
    pub(super) fn broke(&mut self, said: &str, default: Option<&Path>) {
        self.undone = Some(format!("an internal error ended it {said}"));
        self.write_reports(default);
    }

    /// Refuses outputs that cannot be written, before anything runs. Nothing is left behind.
    pub(super) fn refuse_unwritable(&self) -> Result<(), Failure> {
        let Everywhere { report, junit, itf, .. } = &self.everywhere;
        for (option, directory) in [("--report", report), ("--itf", itf)] {
            if let Some(directory) = directory {
                writable(directory)
                    .map_err(|why| Failure::Usage(format!("{option} {}: {why}", directory.display())))?;
            }
        }
        let page = report.as_ref().map(|directory| directory.join("index.html"));
        if let Some(page) = page.as_ref().filter(|page| page.is_dir()) {
            return Err(Failure::Usage(format!("--report: {} is a directory; move it away", page.display())));
        }
        if let Some(file) = junit {
            let refuse = |why: String| Failure::Usage(format!("--junit {}: {why}", file.display()));
            let ends_in_slash = file.to_string_lossy().ends_with(std::path::is_separator);
            if file.is_dir() || file.file_name().is_none() || ends_in_slash {
                return Err(refuse("this is a directory; name a file".to_owned()));
            }
            let summary = summary_file().filter(|_| self.everywhere.github);
            for (other, written) in [("--report", page), ("the job summary of --github", summary)] {
                if written.is_some_and(|written| place(&written) == place(file)) {
                    return Err(refuse(format!("{other} would be written to the same file; name another")));
                }
            }
            // What is there and no file, such as a pipe, is written to as it is.
            if file.is_file() || !file.exists() {
                writable(file.parent().unwrap_or(Path::new(""))).map_err(refuse)?;
            }
        }
        Ok(())
    }

    /// Refuses outputs of what was checked, for a command that checks nothing.
    pub(super) fn refuse_outputs(&self, command: &str) -> Result<(), Failure> {
        let Everywhere { report, junit, itf, github, .. } = &self.everywhere;
        let given = [
            ("--report", report.is_some()),
            ("--junit", junit.is_some()),
            ("--itf", itf.is_some()),
            ("--github", *github),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::Usage(format!(
                "`{command}` checks nothing, so {option} has nothing to write; `verify`, `check` and `mutants` take it"
            ))),
            None => Ok(()),
        }
    }

    /// Writes the reports that were asked for, and to `default` where no directory was named: that one may be missed
    /// without harm.
    pub(super) fn write_reports(&mut self, default: Option<&Path>) {
        let wanted = self.everywhere.report.clone().or_else(|| default.map(Path::to_owned));
        if wanted.is_none() && self.everywhere.junit.is_none() && !self.everywhere.github {
            return;
        }
        let mut report = self.assemble();
        if let Some(directory) = wanted {
            report.pages = self.pages(&report);
            match report::html::write(&directory, &report) {
                Ok(page) if !self.json() => self.out.line(format_args!("report: {}", page.display())),
                Ok(_) => {}
                Err(error) if self.everywhere.report.is_some() => self.lose(&error),
                Err(error) => note(format_args!("warning: no report was written: {error}")),
            }
        }
        if let Some(file) = &self.everywhere.junit
            && let Err(error) = report::junit::write(file, &report)
        {
            self.lose(&error);
        }
        if self.everywhere.github {
            self.annotate(&report);
        }
    }

    /// The pages in which counterexamples can be walked through: those of the checks, and those that links have kept.
    fn pages(&self, report: &Report) -> BTreeMap<String, String> {
        let of_checks = report.checks.iter().flat_map(|check| store::counterexamples(&check.judgement));
        let of_links = report.conformances.iter().filter_map(|found| {
            let id = found.divergence.as_ref().map(|divergence| divergence.id.clone()).filter(|id| !id.is_empty())?;
            let (saved, _) = load(self.registry, &self.store.path(&id)).ok()?;
            Some((id, saved))
        });
        let mut pages = BTreeMap::new();
        for (id, saved) in of_checks.chain(of_links) {
            // One at a time: a desk keeps the states of what is open.
            let start = StartView::of(&saved);
            let asked = start.asked();
            let desk = Desk::new(Arc::clone(self.registry), self.store.clone(), self.program.clone(), start);
            desk.offer(id.clone(), saved);
            let unwritten = match panics::catch(|| desk.page(&asked, Some(&id))) {
                Ok(Ok(page)) => {
                    pages.insert(id, page);
                    continue;
                }
                Ok(Err(refused)) => refused.to_string(),
                Err(said) => said,
            };
            note(format_args!("warning: no page shows {id}: {unwritten}"));
        }
        pages
    }

    /// The runner reads annotations from standard error too, where they are in nobody's JSON.
    fn annotate(&mut self, report: &Report) {
        let annotations = report::github::annotations(report);
        if self.json() {
            note(annotations.trim_end());
        } else {
            self.out.text(annotations);
        }
        if let Some(summary) = summary_file()
            && let Err(error) = report::github::append_summary(&summary, report)
        {
            self.lose(&error);
        }
    }

    fn assemble(&mut self) -> Report {
        let started = humantime::format_rfc3339_seconds(self.started).to_string();
        Report {
            run: Run {
                program: self.program.clone(),
                command: self.command.clone(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started: started.replace('T', " ").replace('Z', " UTC"),
                seconds: self.seconds(),
                machine: Machine {
                    cores: Options::default().threads,
                    system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                },
                options: self.limits.clone(),
                undone: self.undone.take(),
            },
            checks: std::mem::take(&mut self.checks),
            conformances: std::mem::take(&mut self.conformances),
            mutants: std::mem::take(&mut self.mutants),
            pages: BTreeMap::new(),
        }
    }
}

/// Where GitHub wants the summary of the job.
fn summary_file() -> Option<PathBuf> {
    std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from)
}

/// The file that a path names, whether it is there or not, by whatever way.
fn place(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (whole.parent(), whole.file_name()) {
        (Some(parent), Some(name)) => place(parent).join(name),
        _ => whole,
    }
}

/// Whether a directory can be written, or made where it does not exist.
fn writable(directory: &Path) -> Result<(), String> {
    let existing = directory.ancestors().find(|ancestor| ancestor.as_os_str().is_empty() || ancestor.exists());
    let existing = match existing {
        Some(ancestor) if !ancestor.as_os_str().is_empty() => ancestor,
        _ => Path::new("."),
    };
    if !existing.is_dir() {
        return Err(format!("{} is not a directory", existing.display()));
    }
    tempfile::tempfile_in(existing).map(drop).map_err(|cause| format!("cannot write there: {cause}"))
}
