//! All that is written to standard output and standard error.
//!
//! A reader that goes away (`| head`) ends the output, never the work: the rest is not shown, one line on
//! standard error says so, and the exit code stays the verdict's.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::fmt::Display;
use std::io::{self, Stdout, Write};

/// Standard output.
pub(super) struct Output {
    stream: AutoStream<Stdout>,
    state: State,
}

/// Whether output still arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The reader went away, as a reader may.
    Closed,
    /// The output is lost to an error, such as a full disk.
    Failed,
}

impl Output {
    pub(super) fn new(color: clap::ColorChoice) -> Self {
        Self { stream: AutoStream::new(io::stdout(), choice(color)), state: State::Open }
    }

    /// Writes a line, or several.
    pub(super) fn line(&mut self, text: impl Display) {
        self.text(format_args!("{text}\n"));
    }

    /// Writes text that brings its own ends of lines.
    pub(super) fn text(&mut self, text: impl Display) {
        if self.state != State::Open {
            return;
        }
        // Formatted first, so that a line is written as one piece.
        let text = text.to_string();
        if let Err(cause) = self.stream.write_all(text.as_bytes()).and_then(|()| self.stream.flush()) {
            let gone = cause.kind() == io::ErrorKind::BrokenPipe;
            self.state = if gone { State::Closed } else { State::Failed };
            let code = if gone { "still holds" } else { "will be 70, whatever is found" };
            note(format_args!("the output was cut short ({cause}); the rest is not shown, and the exit code {code}"));
        }
    }

    /// Whether output was lost to an error other than that nobody reads it.
    pub(super) fn failed(&self) -> bool {
        self.state == State::Failed
    }
}

/// Text of a model's making as it can be shown within a line: what would steer the terminal is escaped, and what a
/// workflow of GitHub would take for a command of ours.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    if text.trim_start().starts_with("::") {
        shown.push('\\');
    }
    for c in text.chars() {
        // Marks that change the direction of what follows are no control characters, and deceive as well.
        if c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.replace("##[", "#\\#[")
}

/// The same for text of several lines.
pub(super) fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Writes a line to standard error, with the program's name before it. Where nobody listens it is lost.
pub(super) fn note(text: impl Display) {
    let mut lock = anstream::stderr().lock();
    let _ = writeln!(lock, "{text}");
}

/// Colours of standard error follow the same choice.
pub(super) fn choose_colors(color: clap::ColorChoice) {
    choice(color).write_global();
}

fn choice(color: clap::ColorChoice) -> ColorChoice {
    match color {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::AlwaysAnsi,
        clap::ColorChoice::Never => ColorChoice::Never,
    }
}

/// What is good.
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is bad.
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is not known.
pub(super) const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
/// What stands out.
pub(super) const STRONG: Style = Style::new().bold();
/// What stands back.
pub(super) const FAINT: Style = Style::new().dimmed();

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_is_no_command() {
        assert_eq!(plain("a\n::error::b\u{1b}[31m \u{202e}ä"), "a\\n::error::b\\u{1b}[31m \\u{202e}ä");
        assert_eq!(plain("  ::error::pwned"), "\\  ::error::pwned");
        assert_eq!(plain("see ##[error] so"), "see #\\#[error] so");
    }
}
