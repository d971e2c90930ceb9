//! The forms of a report, held by golden samples: `SNAPSHOTS=overwrite cargo test -p proofmark-harness report`
//! rewrites them, and the change is read before it is committed.

mod sample;

use super::{Conclusion, github, html, junit};
use crate::conform::Conformance;
use sample::{interrupted, mixed, nothing, partly_judged, sound};
use snapbox::{assert_data_eq, file};

#[test]
fn the_page_of_a_sound_run() {
    assert_data_eq!(html::page(&sound()), file!["samples/sound.html"].raw());
}

#[test]
fn the_page_of_a_run_with_everything_that_can_go_wrong() {
    assert_data_eq!(html::page(&mixed()), file!["samples/mixed.html"].raw());
}

#[test]
fn the_xml() {
    assert_data_eq!(junit::xml(&mixed()), file!["samples/mixed.xml"].raw());
}

#[test]
fn the_annotations() {
    assert_eq!(github::annotations(&sound()), "");
    assert_data_eq!(github::annotations(&mixed()), file!["samples/annotations.txt"].raw());
}

#[test]
fn the_summary_of_a_job() {
    assert_data_eq!(github::summary(&mixed()), file!["samples/summary.md"].raw());
}

/// Nothing is loaded: neither from the network nor from a file beside the page; and nothing runs.
#[test]
fn the_page_stands_alone() {
    for page in [html::page(&sound()), html::page(&mixed()), html::page(&nothing())] {
        for forbidden in
            ["http:", "https:", "src=", "url(", "@import", "<link", "<script", "<iframe", "srcset", "//cdn"]
        {
            assert!(!page.contains(forbidden), "the page contains {forbidden}");
        }
        for reference in page.split("href=\"").skip(1) {
            let target = reference.split('"').next().unwrap_or_default();
            let id = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} is not on the page"));
            assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "#{id} is not on the page exactly once");
        }
    }
}

#[test]
fn what_a_model_says_of_itself_cannot_become_markup() {
    let mut report = sound();
    report.checks[0].about = "<script>alert(1)</script>".into();
    report.checks[0].judgement.properties[0].name = "a < b & \"c\"".into();
    let page = html::page(&report);

    assert!(!page.contains("<script") && !page.contains("a < b"));
    assert!(page.contains("a &#60; b &#38; &#34;c&#34;"));
    assert!(junit::xml(&report).contains("a &lt; b &amp; &quot;c&quot;"));
}

/// A violation beats a divergence, which beats a surviving mutant, which beats *incomplete*, which beats *vacuous*; nothing is never ok.
#[test]
fn the_worst_decides() {
    let mut report = mixed();
    let conclusions = [
        Conclusion::Violated,
        Conclusion::Diverged,
        Conclusion::Survived,
        Conclusion::Incomplete,
        Conclusion::Vacuous,
        Conclusion::Ok,
    ];
    for conclusion in conclusions {
        assert_eq!(report.conclusion(), conclusion);
        report.checks.retain(|check| sample::conclusion_of(check) != conclusion);
        report.conformances.retain(|found| sample::conclusion_of_link(found) != conclusion);
        if conclusion == Conclusion::Survived {
            report.mutants.retain(|mutant| mutant.foreseen);
        }
    }
    assert_eq!(nothing().conclusion(), Conclusion::Nothing);
    assert!(html::page(&nothing()).contains("<h1>Nothing was checked</h1>"));
}

/// What was not done or not judged is never ok, in any form of the report.
#[test]
fn what_was_left_out_is_told_everywhere() {
    for (report, told) in [
        (interrupted(), "1 of 4 bounds and 2 of 3 mutants were not checked"),
        (partly_judged(), "the stateright engine does not judge “AC1 agreement”"),
    ] {
        assert_eq!(report.conclusion(), Conclusion::Incomplete);
        let page = html::page(&report);
        assert!(page.contains("<h1>Incomplete") && page.contains(told), "{page}");
        assert!(junit::xml(&report).contains("type=\"incomplete\""));
        assert!(github::annotations(&report).contains(told));
        assert!(github::summary(&report).contains("Incomplete") && github::summary(&report).contains(told));
    }
}

#[test]
fn a_command_repeats_its_row() {
    let report = mixed();
    let commands: Vec<_> = report.checks.iter().map(|check| report.command(check)).collect();

    assert_eq!(
        commands[1],
        "proofmark check two-phase-commit --bound textbook --set participants=9 --threads 2 --timeout 60s"
    );
    assert!(commands.iter().any(|command| command.contains("--engine stateright")));
    assert!(commands.iter().any(|command| command.contains("--mutant commit-on-majority")));
}

/// What judges a link again is told where the report knows it, and no more.
#[test]
fn a_command_repeats_its_link() {
    let report = mixed();
    let commands: Vec<_> = report.conformances.iter().map(|found| report.link_command(found)).collect();

    assert_eq!(commands[0].as_deref(), Some("proofmark conform two-phase-commit --link L1"));
    assert_eq!(commands[1].as_deref(), Some("proofmark conform two-phase-commit --link L2 --seed 12"));
    assert_eq!(
        commands.last().unwrap().as_deref(),
        Some("proofmark conform two-phase-commit --link L1 --mutant vote-before-sync")
    );
    let one_seed = Conformance { runs: 1, divergence: None, ..report.conformances[1].clone() };
    assert_eq!(report.link_command(&one_seed), None);
}

/// A mutant that a link misses passes where that was foreseen, and whatever was not foreseen does not.
#[test]
fn what_was_foreseen_of_a_mutant_decides() {
    let xml = junit::xml(&sound());
    assert!(xml.contains("mutants of two-phase-commit, link L3") && !xml.contains("<failure"), "{xml}");
    assert_eq!(sound().conclusion(), Conclusion::Ok);

    let mut report = sound();
    report.mutants.iter_mut().for_each(|mutant| mutant.foreseen = false);
    assert_eq!(report.conclusion(), Conclusion::Survived);
    assert_eq!(github::annotations(&report).lines().count(), report.mutants.len());
    assert_eq!(junit::xml(&report).matches("<failure").count(), report.mutants.len());
}

#[test]
fn the_record_is_compared_only_with_what_was_recorded() {
    let mut check = sound().checks.remove(0);
    assert!(!check.differs_from_record());
    check.judgement.distinct += 1;
    assert!(check.differs_from_record());
    check.judgement.complete = false;
    assert!(!check.differs_from_record(), "a search that was cut has other counts");
    check.judgement.complete = true;
    check.judgement.constants.insert("participants".into(), 9_i64.into());
    assert!(!check.differs_from_record(), "other constants have other counts");
}

#[test]
fn a_summary_is_appended_and_an_error_names_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("summary.md");
    std::fs::write(&path, "An earlier step.\n\n").unwrap();
    github::append_summary(&path, &sound()).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("An earlier step.\n\n## "));

    let missing = directory.path().join("missing").join("summary.md");
    let error = github::append_summary(&missing, &sound()).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}
