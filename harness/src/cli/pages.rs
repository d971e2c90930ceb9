//! `completions` and `man`: written by the same definition that parses the command line.

use super::args::Cli;
use super::session::Session;
use super::{Ended, Failure, exit};
use clap::CommandFactory;

pub(super) fn completions(session: &mut Session<'_>, shell: clap_complete::Shell) -> Ended {
    session.refuse_outputs("completions")?;
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), session.program.clone(), &mut text);
    session.out.text(String::from_utf8_lossy(&text));
    Ok(exit::OK)
}

/// One page with every command: `proofmark man | man -l -`.
pub(super) fn man(session: &mut Session<'_>) -> Ended {
    session.refuse_outputs("man")?;
    let mut command = Cli::command().name(session.program.clone());
    command.build();
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command.clone()).render(&mut page).and_then(|()| {
        let subcommands: Vec<_> = command.get_subcommands().filter(|command| !command.is_hide_set()).collect();
        subcommands.into_iter().try_for_each(|subcommand| {
            let name = subcommand.get_display_name().unwrap_or(subcommand.get_name()).replace('-', " ");
            page.extend_from_slice(format!(".SH {}\n", name.to_uppercase()).as_bytes());
            let man = clap_mangen::Man::new(subcommand.clone());
            man.render_synopsis_section(&mut page)?;
            man.render_description_section(&mut page)?;
            man.render_options_section(&mut page)
        })
    });
    written.map_err(|cause| Failure::Internal(cause.to_string()))?;
    session.out.text(String::from_utf8_lossy(&page));
    Ok(exit::OK)
}
