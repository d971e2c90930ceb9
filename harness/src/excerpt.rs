//! Files that others may have written: they are read, or refused at the line that is wrong.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// Why a file was refused: the text shows the line under a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError(String);

impl FileError {
    /// An error that is not about one line.
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }
}

/// What is wrong, and where.
pub(crate) struct Wrong {
    pub(crate) what: String,
    pub(crate) label: String,
    pub(crate) place: Range<usize>,
}

/// The whole text of a file.
///
/// # Errors
/// When it cannot be read, is no file, is too large or no text.
pub(crate) fn read(path: &Path) -> Result<String, FileError> {
    let refuse = |why: String| FileError(format!("error: cannot read {}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|cause| refuse(cause.to_string()))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(refuse("it is not a file".into()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|cause| refuse(cause.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refuse(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    String::from_utf8(bytes)
        .map_err(|cause| refuse(format!("it is not UTF-8 text, from byte {} on", cause.utf8_error().valid_up_to())))
}

/// Where a part that was borrowed from the text stands in it.
pub(crate) fn offset(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    start..(start + part.len()).min(text.len())
}

/// The character at which the parser gave up.
pub(crate) fn place_of(error: &serde_json::Error, text: &str) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    start..end
}

/// The parser's words without the place, which the caret shows.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

impl Wrong {
    /// The error with the line of the text that it is about.
    pub(crate) fn show(&self, path: &str, text: &str) -> FileError {
        // Lines of a machine's making may be very long; the renderer folds what is far from the place.
        let snippet = Snippet::source(text)
            .path(path)
            .fold(true)
            .annotation(AnnotationKind::Primary.span(self.place.clone()).label(self.label.as_str()));
        let report: &[Group<'_>] = &[Level::ERROR.primary_title(self.what.as_str()).element(snippet)];
        FileError(Renderer::plain().render(report))
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for FileError {}

/// Bytes that a file may have: more is no file of ours.
const LARGEST: u64 = 64 << 20;
