//! The command line: [`main`] gives any crate all of it for the models of its registry.

mod args;
mod bench;
mod cases;
mod check;
mod conform;
mod exit;
mod explore;
mod human;
mod interrupt;
mod list;
mod mutants;
mod output;
mod pages;

mod pin;
mod replay;
mod session;
mod trace;
mod verify;
mod watch;

use crate::panics;
use crate::registry::{InputError, Registry};
use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches};
use output::{Output, note};
use session::Session;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Why a command could not say what it was asked for.
enum Failure {
    /// A mistake in what was asked: what, where and what to do.
    Usage(String),
    /// A mistake of this program or of a model.
    Internal(String),
}

type Ended = Result<u8, Failure>;

/// Runs the command line of this process for the models of `registry`.
pub fn main(registry: Registry) -> ExitCode {
    interrupt::install();
    panics::install();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let registry = Arc::new(registry);
    let code = match panics::catch(|| run(&registry, &arguments)) {
        Ok(code) => code,
        Err(said) => tell(&Failure::Internal(said)),
    };
    // The registry outlives every thread that may still look at it.
    drop(registry);
    ExitCode::from(code)
}

fn run(registry: &Arc<Registry>, arguments: &[OsString]) -> u8 {
    if cases::is_child(arguments) {
        let ended = registry.validate().map_err(Failure::from).and_then(|()| cases::run_here(registry, arguments));
        return ended.unwrap_or_else(|failure| tell(&failure));
    }
    let program = arguments.first().and_then(|path| Path::new(path).file_stem());
    let program = program.map_or_else(|| "proofmark".to_owned(), |name| name.to_string_lossy().into_owned());
    let parser = Cli::command().name(program.clone()).bin_name(program.clone());
    let parsed = parser.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(shown) => return show_clap(&shown),
    };
    output::choose_colors(cli.everywhere.color);
    let typed: Vec<_> = arguments.iter().skip(1).map(|argument| argument.to_string_lossy()).collect();
    let command = format!("{program} {}", typed.join(" ")).trim_end().to_owned();
    let mut session = Session::new(registry, cli.everywhere, &program, command);
    let report = matches!(cli.command, None | Some(Command::Verify(_))).then_some(Path::new(verify::DEFAULT_REPORT));
    let ended =
        panics::catch(|| execute(&mut session, cli.command)).unwrap_or_else(|said| Err(Failure::Internal(said)));
    let code = ended.unwrap_or_else(|failure| {
        let code = tell(&failure);
        if let Failure::Internal(said) = failure {
            session.broke(&said, report);
        }
        code
    });
    session.ended(code)
}

fn execute(session: &mut Session<'_>, command: Option<Command>) -> Ended {
    session.registry.validate()?;
    match command {
        None => verify::run(session, args::Verify::default()),
        Some(Command::Verify(options)) => verify::run(session, options),
        Some(Command::List) => list::run(session),
        Some(Command::Check(options)) => check::run(session, &options),
        Some(Command::Conform(options)) => conform::run(session, &options),
        Some(Command::Mutants { targets }) => mutants::run(session, &targets),
        Some(Command::Replay { counterexample }) => replay::run(session, &counterexample),
        Some(Command::Pin { counterexample }) => pin::run(session, &counterexample),
        Some(Command::Explore(options)) => explore::run(session, &options),
        Some(Command::Bench { names }) => bench::run(session, &names),
        Some(Command::Completions { shell }) => pages::completions(session, shell),
        Some(Command::Man) => pages::man(session),
    }
}

/// Help and the version go to standard output, mistakes to standard error.
fn show_clap(shown: &clap::Error) -> u8 {
    if shown.use_stderr() {
        note(shown.render().ansi().to_string().trim_end());
        return exit::USAGE;
    }
    let mut out = Output::new(clap::ColorChoice::Auto);
    out.text(shown.render().ansi());
    if out.failed() { exit::INTERNAL } else { exit::OK }
}

fn tell(failure: &Failure) -> u8 {
    use output::BAD;
    match failure {
        Failure::Usage(text) => {
            let plain = text.strip_prefix("error: ").unwrap_or(text);
            note(format_args!("{BAD}error{BAD:#}: {plain}"));
            exit::USAGE
        }
        Failure::Internal(text) => {
            note(format_args!("{BAD}internal error{BAD:#} {text}"));
            note(
                "This is no verdict. If the place is in your model, mend it there; else please report this line, the \
                 command line and `--version`.",
            );
            exit::INTERNAL
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Failure::Usage(error.to_string())
    }
}

#[cfg(test)]
mod tests;
