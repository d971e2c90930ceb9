//! The report as the XML of `JUnit`, for whatever shows the results of tests.
//!
//! A suite is a model at a bound; a case is a property, and two more say whether the search saw everything
//! and whether it proves something. What was cut or is vacuous fails; an expected failure passes and says so. Another
//! suite is a system, with a case for each link; and one has a case for each mutant and link, which passes where that
//! came of it which was foreseen.

use super::view::{BehaviourView, LinkView, SystemView, must, reported};
use super::{Checked, Report, WriteError, words, write_atomically};
use crate::judgement::{JudgedProperty, PropertyVerdict};
use crate::mutants::{MutantResult, MutantVerdict};
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};
use std::path::Path;
use std::time::Duration;

/// The XML. The same report gives the same text.
///
/// # Panics
/// Never: the document is built and written in memory.
pub fn xml(report: &Report) -> String {
    let mut document = quick_junit::Report::new(report.run.program.as_str());
    document.set_time(seconds(report.run.seconds));
    document.add_test_suites(report.checks.iter().map(|check| suite(report, check)));
    document.add_test_suites(SystemView::all(report).iter().map(system_suite));
    if !report.mutants.is_empty() {
        let mut suite = TestSuite::new("mutants");
        suite.set_time(seconds(report.mutants.iter().map(|mutant| mutant.seconds).sum()));
        suite.add_test_cases(report.mutants.iter().map(|mutant| mutant_case(report, mutant)));
        document.add_test_suite(suite);
    }
    if let Some(undone) = &report.run.undone {
        let mut suite = TestSuite::new("run");
        let failure = Failure::new("incomplete", format!("incomplete: {undone}"));
        suite.add_test_case(case("run".into(), "came to its end", Some(failure)));
        document.add_test_suite(suite);
    }
    document.to_string().expect("a document in memory can be written")
}

/// Writes the XML to a file.
///
/// # Errors
/// When it cannot be written; an older file is then still there.
pub fn write(path: &Path, report: &Report) -> Result<(), WriteError> {
    write_atomically(path, xml(report))
}

fn suite(report: &Report, check: &Checked) -> TestSuite {
    let judgement = &check.judgement;
    let mut suite = TestSuite::new(check.title());
    suite.set_time(seconds(judgement.seconds));
    suite.add_property(Property::new("command", report.command(check)));
    for (name, value) in &judgement.constants {
        suite.add_property(Property::new(format!("constant.{name}"), value.to_string()));
    }
    let counts = [("distinct", judgement.distinct), ("generated", judgement.generated), ("depth", judgement.depth)];
    suite.add_properties(counts.map(|(name, count)| Property::new(name, count.to_string())));

    suite.add_test_cases(judgement.properties.iter().map(|property| property_case(report, check, property)));
    suite.add_test_case(case(
        check.title(),
        "explored exhaustively",
        judgement.cut.as_ref().map(|cut| Failure::new("incomplete", format!("incomplete: {cut}"))),
    ));
    let vacuities = judgement.vacuities.join("; ");
    let vacuous = (!vacuities.is_empty()).then(|| Failure::new("vacuous", format!("vacuous: {vacuities}")));
    suite.add_test_case(case(check.title(), "not vacuous", vacuous));
    suite
}

fn system_suite(system: &SystemView) -> TestSuite {
    let mut suite = TestSuite::new(format!("code of {}", system.title));
    suite.add_test_cases(system.links.iter().map(|link| link_case(system, link)));
    suite
}

fn link_case(system: &SystemView, link: &LinkView) -> TestCase {
    let failure = (link.mark.tone != "good").then(|| {
        let told = link.divergence.as_ref().map_or_else(String::new, ToString::to_string);
        let message = format!("{}: {}", link.verdict, link.findings.join("; "));
        Failure { kind: link.verdict, message, description: told }
    });
    let mut case = case(format!("links of {}", system.title), &link.name, failure);
    case.set_time(seconds(link.took));
    case
}

struct Failure {
    kind: &'static str,
    message: String,
    description: String,
}

impl Failure {
    fn new(kind: &'static str, message: String) -> Self {
        Self { kind, message, description: String::new() }
    }
}

fn case(class: String, name: &str, failure: Option<Failure>) -> TestCase {
    let status = failure.map_or_else(TestCaseStatus::success, |failure| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(failure.kind).set_message(failure.message);
        if !failure.description.is_empty() {
            status.set_description(failure.description);
        }
        status
    });
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

fn property_case(report: &Report, check: &Checked, property: &JudgedProperty) -> TestCase {
    let verdict = words::property(property.verdict);
    let told = BehaviourView::new(&report.run.program, property, "").map(|behaviour| behaviour.to_string());
    let failed = |kind| {
        let mut failure = Failure::new(kind, format!("{} ({}): {verdict}", property.name, property.kind));
        failure.description = told.clone().unwrap_or_default();
        Some(failure)
    };
    let failure = match property.verdict {
        PropertyVerdict::Holds | PropertyVerdict::Expected => None,
        PropertyVerdict::Violated => failed("violated"),
        PropertyVerdict::Unmet => failed("vacuous"),
        PropertyVerdict::Unknown => failed("incomplete"),
    };
    let mut case = case(check.title(), &property.name, failure);
    if property.verdict == PropertyVerdict::Expected {
        let mut output = "This property fails, and the bound says that it must.".to_owned();
        if let Some(told) = told {
            output += "\n";
            output += &told;
        }
        case.set_system_out(output);
    }
    case
}

fn mutant_case(report: &Report, mutant: &MutantResult) -> TestCase {
    let verdict = words::mutant(mutant.verdict);
    let failure = (!mutant.foreseen).then(|| {
        let by = reported(mutant).map_or_else(String::new, |by| format!("; {by}"));
        let mut failure = Failure::new(verdict, format!("{verdict}: {}{by}", must(mutant)));
        failure.description = format!("{}\n{}\n", mutant.lesson, report.mutant_command(mutant));
        failure
    });
    let class = format!("mutants of {}, link {}", mutant.target, mutant.link);
    let mut case = case(class, &mutant.mutant, failure);
    case.set_time(seconds(mutant.seconds));
    if mutant.foreseen && mutant.verdict != MutantVerdict::Killed {
        case.set_system_out("Nothing reports this bug here, and it was said beforehand that nothing can.");
    }
    case
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
