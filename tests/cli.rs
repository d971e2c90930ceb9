//! Transcripts of the command line: what people type and what they read, with its exit code.
//!
//! Each transcript runs in a directory of its own, a copy of the `.in` beside it.

#[test]
fn transcripts() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd").run();
}
