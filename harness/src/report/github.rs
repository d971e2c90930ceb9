//! The report for GitHub Actions: annotations on the log, and a summary of the job.

use super::view::{BehaviourView, LinkView, PageView, SystemView, must, outcome, reported};
use super::{Report, WriteError, words};
use crate::judgement::PropertyVerdict;
use crate::place::Place;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// One `::error` line for whatever keeps the run from being ok; empty when nothing does.
pub fn annotations(report: &Report) -> String {
    let mut lines = String::new();
    let mut error = |place: Option<&Place>, title: &str, message: &str| {
        let file = place.map_or_else(String::new, |place| format!("file={},", escape_property(&place.file)));
        let line = place.and_then(|place| place.line).map_or_else(String::new, |line| format!("line={line},"));
        let _ = writeln!(lines, "::error {file}{line}title={}::{}", escape_property(title), escape(message));
    };
    for check in &report.checks {
        let title = check.title();
        let violated = check.judgement.properties.iter().filter(|p| p.verdict == PropertyVerdict::Violated);
        for property in violated {
            let told = BehaviourView::new(&report.run.program, property, "");
            let told = told.map_or_else(String::new, |behaviour| behaviour.to_string());
            let message = format!("{} ({}) should hold and fails.\n{told}", property.name, property.kind);
            error(property.stated.as_ref(), &format!("violated: {title}"), message.trim_end());
        }
        if let Some(doubt) = check.doubt() {
            error(None, &format!("incomplete: {title}"), &format!("Not everything was decided: {doubt}."));
        }
        for vacuity in &check.judgement.vacuities {
            error(None, &format!("vacuous: {title}"), &format!("This proves nothing: {vacuity}."));
        }
    }
    for link in SystemView::all(report).iter().flat_map(|system| &system.links) {
        if link.mark.tone != "good" {
            let told = link.divergence.as_ref().map_or_else(String::new, ToString::to_string);
            let message = format!("{}.\n{told}", words::capitalised(&link.findings.join("; ")));
            error(None, &format!("{}: {}", link.verdict, link.in_full), message.trim_end());
        }
    }
    if let Some(undone) = &report.run.undone {
        error(None, "incomplete: interrupted", &format!("Not everything was done: {undone}."));
    }
    for mutant in report.mutants.iter().filter(|mutant| !mutant.foreseen) {
        let verdict = words::mutant(mutant.verdict);
        let by = reported(mutant).map_or_else(String::new, |by| format!(" {by}."));
        let message = format!("{}.{by} {}", must(mutant), mutant.lesson);
        error(None, &format!("{verdict}: mutant {} of {}", mutant.mutant, mutant.target), &message);
    }
    lines
}

/// The job's summary, in GitHub's Markdown.
pub fn summary(report: &Report) -> String {
    let page = PageView::new(report);
    let mut text = format!("## {} {}\n\n", symbol(page.conclusion.tone), escape_markdown(&page.headline));
    if !page.lead.is_empty() {
        let _ = writeln!(text, "{}\n", escape_markdown(&page.lead));
    }
    for remark in &page.remarks {
        let _ = writeln!(text, "- {} {}", symbol(remark.tone), escape_markdown(&remark.words));
    }
    text += "\n";
    if !report.checks.is_empty() {
        text += "| Model and bound | Verdict | Properties | Distinct states | Time |\n";
        text += "| --- | --- | --- | ---: | ---: |\n";
        for check in page.models.iter().flat_map(|model| &model.checks) {
            let cells = [&check.title, &check.mark.words, &check.properties_in_words, &check.distinct, &check.seconds];
            let [title, verdict, properties, distinct, seconds] = cells.map(|cell| escape_markdown(cell));
            let symbol = symbol(check.mark.tone);
            let _ = writeln!(text, "| {title} | {symbol} {verdict} | {properties} | {distinct} | {seconds} |");
        }
        text += "\n";
    }
    let links: Vec<_> = page.systems.iter().flat_map(|system| &system.links).collect();
    text += &table_of_links(&links);
    let missed: Vec<_> = report.mutants.iter().filter(|mutant| !mutant.foreseen).collect();
    if !missed.is_empty() {
        text += "| Mutant | Verdict | What must notice it |\n| --- | --- | --- |\n";
        for mutant in missed {
            let mark = outcome(mutant);
            let name = format!("{} of {}", mutant.mutant, mutant.target);
            let cells = [&name, &mark.words, &must(mutant)].map(|cell| escape_markdown(cell));
            let _ = writeln!(text, "| {} | {} {} | {} |", cells[0], symbol(mark.tone), cells[1], cells[2]);
        }
        text += "\n";
    }
    let behaviours = page.models.iter().flat_map(|model| &model.checks).flat_map(|check| &check.behaviours);
    for behaviour in behaviours {
        text += &folded(&behaviour.title, &behaviour.to_string());
    }
    for divergence in links.iter().filter_map(|link| link.divergence.as_ref()) {
        text += &folded(&divergence.title, &divergence.to_string());
    }
    text
}

fn table_of_links(links: &[&LinkView]) -> String {
    if links.is_empty() {
        return String::new();
    }
    let mut text = "| System and link | Verdict | Judged | Steps of the code | Time |\n".to_owned();
    text += "| --- | --- | ---: | ---: | ---: |\n";
    for link in links {
        let cells = [&link.in_full, &link.mark.words, &link.runs, &link.steps, &link.seconds];
        let [title, verdict, runs, steps, seconds] = cells.map(|cell| escape_markdown(cell));
        let symbol = symbol(link.mark.tone);
        let _ = writeln!(text, "| {title} | {symbol} {verdict} | {runs} | {steps} | {seconds} |");
    }
    text + "\n"
}

/// A text that is seen when its title is opened.
fn folded(title: &str, text: &str) -> String {
    let (title, text) = (escape_html(title), escape_html(text));
    format!("<details><summary>{title}</summary>\n\n<pre>{text}</pre>\n</details>\n\n")
}

/// Appends the summary to the file that GitHub names in `GITHUB_STEP_SUMMARY`: a job's steps share it.
///
/// # Errors
/// When the file cannot be written.
pub fn append_summary(path: &Path, report: &Report) -> Result<(), WriteError> {
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).map_err(WriteError::at(path))?;
    file.write_all(summary(report).as_bytes()).map_err(WriteError::at(path))
}

/// The symbol before a verdict: the words beside it say the same.
fn symbol(tone: &str) -> &'static str {
    match tone {
        "good" => "✅",
        "bad" => "❌",
        "open" => "⏳",
        _ => "⚠️",
    }
}

/// A workflow command's message: what would end the line or begin an escape is escaped.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A workflow command's property: what would end the property too.
fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}

/// Text within a table or a line of Markdown.
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped += "&lt;",
            '&' => escaped += "&amp;",
            c if "\\`*_[]|~#$@".contains(c) => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text within an element of HTML that Markdown passes through. A blank line would end the element.
fn escape_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.lines().map(|line| if line.is_empty() { "&nbsp;\n".to_owned() } else { format!("{line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Setting an error message" of GitHub's workflow commands: data escapes `%`, CR and LF; a property also
    /// `:` and `,`.
    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(escape("50 %\r\na: b, c"), "50 %25%0D%0Aa: b, c");
        assert_eq!(escape_property("a: b, 5 %"), "a%3A b%2C 5 %25");
    }

    #[test]
    fn names_cannot_break_out_of_a_table() {
        assert_eq!(escape_markdown("a|b\n<img> `x`"), "a\\|b &lt;img> \\`x\\`");
        assert_eq!(escape_html("<b>\n\n</pre>"), "&lt;b&gt;\n&nbsp;\n&lt;/pre&gt;\n");
    }
}
