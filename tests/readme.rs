//! The transcripts of the README and of the guides are what the program prints. Durations and memory differ from run to
//! run: a page shows those of one run, and any other will do.

use std::path::Path;

#[test]
fn the_transcripts_of_the_readme_are_real() {
    transcripts_are_real("README.md");
}

#[test]
fn the_transcripts_of_the_guide_to_locks_are_real() {
    transcripts_are_real("docs/guides/locks.md");
}

fn transcripts_are_real(page: &str) {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let timeless = directory.path().join("page.md");
    // The longest of them, a link and a mutant, tell how far they are after ten seconds, which a busy machine may need.
    let page = page.replace("\n\nverified: ", "\n...\n\nverified: ");
    let slow = |line: &str| if line.starts_with("conforms ") && line.contains(" by L6: ") { "...\n" } else { "" };
    let lines = page.lines().map(|line| slow(line).to_owned() + &without_measurements(line) + "\n");
    std::fs::write(&timeless, lines.collect::<String>()).unwrap();
    // The commands run here, and leave behind what they leave behind.
    std::fs::create_dir(directory.path().join("page.in")).unwrap();

    trycmd::TestCases::new().case(timeless).run();
}

/// The line with `[..]`, which matches anything, in the place of each measurement.
fn without_measurements(line: &str) -> String {
    const UNITS: [&str; 6] = ["ms", "s", "min", "h", "MiB", "GiB"];
    if line.trim_start().starts_with('$') {
        return line.to_owned();
    }
    let mut words: Vec<&str> = line.split(' ').collect();
    for at in 1..words.len() {
        let unit = words[at].trim_end_matches([',', ';']);
        if UNITS.contains(&unit) && words[at - 1].parse::<f64>().is_ok() {
            words[at - 1] = "[..]";
            // What follows the unit stays: a comma, or the end of the line.
            words[at] = &words[at][unit.len()..];
            if at >= 2 && words[at - 2] == "under" {
                words[at - 2] = "";
            }
        }
    }
    let mut line = words.join(" ");
    // They run outside the checkout, where the sources are not there to be searched for the line.
    if let Some((place, _)) = line.split_once(".rs:").filter(|(place, _)| place.contains("stated in: ")) {
        line = format!("{place}.rs");
    }
    for (untidy, tidy) in [("[..] ,", "[..],"), ("[..] ;", "[..];"), ("  [..]", " [..]"), ("[..] [..]", "[..]")] {
        line = line.replace(untidy, tidy);
    }
    line.trim_end().to_owned()
}

#[test]
fn measurements_and_nothing_else_are_left_open() {
    for (line, timeless) in [
        ("3 states, depth 2, under 1 ms", "3 states, depth 2, [..]"),
        ("185,369 states, depth 25, 1.77 s", "185,369 states, depth 25, [..]"),
        ("depth 11, 2 ms, 6.6 MiB", "depth 11, [..], [..]"),
        ("in 2 min 3 s", "in [..]"),
        ("  killed  drop-guard  by agreement  at ci, 5 ms", "  killed  drop-guard  by agreement  at ci, [..]"),
        ("  stated in: models/src/paxos.rs:12", "  stated in: models/src/paxos.rs"),
        ("mutants: 54 killed of 54 planted", "mutants: 54 killed of 54 planted"),
        ("$ proofmark check paxos --timeout 5 s", "$ proofmark check paxos --timeout 5 s"),
    ] {
        assert_eq!(without_measurements(line), timeless);
    }
}
