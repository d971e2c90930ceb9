//! Where code and model part: what the model allows on one side, what the code does on the other.

use super::Entry;
use crate::conform::{ConformVerdict, Conformance, FoundDivergence};
use crate::history::Drawing;
use crate::links::Link;
use crate::report::{Report, words};
use std::fmt;

/// One divergence, in two sides.
pub(in crate::report) struct DivergenceView {
    pub(in crate::report) anchor: String,
    pub(in crate::report) title: String,
    /// Where it was found, what is claimed and what differs.
    pub(in crate::report) facts: Vec<Entry>,
    /// What the model allows, then what the code does.
    pub(in crate::report) sides: [SideView; 2],
    /// A picture as markup, whose texts are escaped, and the file that has it too.
    pub(in crate::report) drawing: Option<(String, String)>,
    /// What repeats it, each with what it does.
    pub(in crate::report) commands: Vec<Entry>,
    /// The page in which it can be walked through; empty where there is none.
    pub(in crate::report) page: String,
}

/// One side.
pub(in crate::report) struct SideView {
    pub(in crate::report) title: &'static str,
    pub(in crate::report) parts: Vec<PartView>,
}

/// What one side is, in one of the ways that it may be.
#[derive(Default)]
pub(in crate::report) struct PartView {
    pub(in crate::report) lead: String,
    /// Fields of the state, with their values on this side.
    pub(in crate::report) fields: Vec<Entry>,
    /// What is not a field's value.
    pub(in crate::report) sentences: Vec<String>,
}

impl DivergenceView {
    /// `None` for a link that has found none.
    pub(super) fn new(report: &Report, found: &Conformance, anchor: &str) -> Option<Self> {
        let divergence = found.divergence.as_ref()?;
        let verb = if found.verdict == ConformVerdict::Violated { "fails" } else { "diverges" };
        let at = if found.link == Link::L6 { "in" } else { "at" };
        Some(Self {
            anchor: anchor.to_owned(),
            title: format!("How {} {verb} by {}, {at} {}", found.system, found.link, divergence.at),
            facts: facts(found.link, divergence),
            sides: sides(found.link, divergence),
            drawing: drawings(found).next().map(|(file, drawing)| (drawing.inline(&format!("{anchor}-history")), file)),
            commands: commands(report, found, divergence),
            page: report.page_of(&divergence.id),
        })
    }
}

/// The pictures of a link, each with the name of its file.
pub(in crate::report) fn drawings(found: &Conformance) -> impl Iterator<Item = (String, &Drawing)> {
    let drawn = found.divergence.iter().filter_map(|divergence| Some((divergence, divergence.drawing.as_ref()?)));
    drawn.map(|(divergence, drawing)| (format!("{}.svg", divergence.id), drawing))
}

fn facts(link: Link, divergence: &FoundDivergence) -> Vec<Entry> {
    let FoundDivergence { property, evidence, events, .. } = divergence;
    let entry = |name: &str, text: String| Entry { name: name.to_owned(), text };
    if link == Link::L6 {
        // What is claimed is one of the sides.
        return vec![entry("Where", divergence.at.clone())];
    }
    let mut facts = vec![entry("The claim", property.clone())];
    if evidence != property {
        let name = match link {
            Link::L3 => "What the code does not follow",
            _ => "What differs",
        };
        facts.push(entry(name, evidence.clone()));
    }
    if *events > 0 {
        facts.push(entry("The way there", words::plural(*events, "event", "events")));
    }
    facts
}

fn commands(report: &Report, found: &Conformance, divergence: &FoundDivergence) -> Vec<Entry> {
    let program = &report.run.program;
    let mut commands = Vec::new();
    if !divergence.id.is_empty() {
        commands.push(Entry { name: "Step through it".into(), text: format!("{program} replay {}", divergence.id) });
        commands.push(Entry { name: "Keep it as a test".into(), text: format!("{program} pin {}", divergence.id) });
    }
    let again = report.link_command(found);
    commands.extend(again.map(|text| Entry { name: "Have it judged again".into(), text }));
    commands
}

fn sides(link: Link, divergence: &FoundDivergence) -> [SideView; 2] {
    let explanation = divergence.explanation.as_deref().unwrap_or("this is no step of it");
    let event = divergence.event.as_deref().unwrap_or("the start");
    if link == Link::L6 {
        let part = |lead: &str, sentences| PartView { lead: words::capitalised(lead), fields: Vec::new(), sentences };
        let told = divergence.explanation.iter().flat_map(|why| why.lines()).map(ToOwned::to_owned).collect();
        return [
            SideView { title: "What is claimed", parts: vec![part(&divergence.property, Vec::new())] },
            SideView { title: "What an interleaving shows", parts: vec![part(event, told)] },
        ];
    }
    let (model_title, code_title) = match link {
        Link::L5 => ("What clients may see", "The last event of the code"),
        Link::L3 => ("What the model can do", "What the code does"),
        Link::Model | Link::L1 | Link::L2 | Link::L6 => ("What the model allows", "What the code does"),
    };
    // L3 tells what the code does not do before the action of the model that it does not follow.
    let (event, action) = match event.rsplit_once(": ") {
        Some((event, action)) if link == Link::L3 => (event, Some(action)),
        _ => (event, None),
    };
    let differences = differences(explanation);
    let mut fields: Vec<Entry> = Vec::new();
    for Difference { name, code, .. } in differences.iter().flat_map(|alternative| &alternative.differences) {
        if !fields.iter().any(|field| field.name == *name && field.text == *code) {
            fields.push(Entry { name: (*name).to_owned(), text: (*code).to_owned() });
        }
    }
    let allowed =
        |Difference { name, model, .. }: &Difference<'_>| Entry { name: (*name).to_owned(), text: (*model).to_owned() };
    let parts = differences.iter().map(|alternative| PartView {
        lead: words::capitalised(&alternative.lead),
        fields: alternative.differences.iter().map(allowed).collect(),
        sentences: alternative.sentences.iter().map(|&sentence| sentence.to_owned()).collect(),
    });
    let action = action.map(|action| PartView { lead: words::capitalised(action), ..PartView::default() });
    let model = SideView { title: model_title, parts: action.into_iter().chain(parts).collect() };
    let code = PartView { lead: words::capitalised(event), fields, sentences: Vec::new() };
    [model, SideView { title: code_title, parts: vec![code] }]
}

/// One way in which the model could have gone, and how the code differs from it.
#[derive(Debug, PartialEq)]
struct Alternative<'a> {
    lead: String,
    differences: Vec<Difference<'a>>,
    sentences: Vec<&'a str>,
}

/// A field, what it is and what it should be.
#[derive(Debug, PartialEq)]
struct Difference<'a> {
    name: &'a str,
    code: &'a str,
    model: &'a str,
}

/// The differences that an explanation tells. It is prose, written for the terminal: what is not recognised stays as
/// it is, so that nothing of it is lost.
fn differences(explanation: &str) -> Vec<Alternative<'_>> {
    (0..).zip(explanation.split(OTHERWISE)).map(|(at, text)| alternative(at > 0, text)).collect()
}

fn alternative(another: bool, text: &str) -> Alternative<'_> {
    let lead = |text: &str| if another { format!("or if {text}") } else { text.to_owned() };
    if let Some((told, clauses)) = text.split_once(": ") {
        let (mut differences, mut sentences) = (Vec::new(), Vec::new());
        for clause in clauses.split(';').map(str::trim).filter(|clause| !clause.is_empty()) {
            match difference(clause) {
                Some(difference) => differences.push(difference),
                None => sentences.push(clause),
            }
        }
        if !differences.is_empty() {
            return Alternative { lead: lead(told), differences, sentences };
        }
    }
    Alternative { lead: lead(text), differences: Vec::new(), sentences: Vec::new() }
}

fn difference(clause: &str) -> Option<Difference<'_>> {
    let (name, values) = clause.split_once(" is ")?;
    let (code, model) = values.rsplit_once(" and should be ")?;
    Some(Difference { name, code, model })
}

impl fmt::Display for DivergenceView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        for Entry { name, text } in &self.facts {
            writeln!(f, "{name}: {text}")?;
        }
        for SideView { title, parts } in &self.sides {
            writeln!(f, "{title}:")?;
            for PartView { lead, fields, sentences } in parts {
                writeln!(f, "  {lead}")?;
                for Entry { name, text } in fields {
                    writeln!(f, "    {name} = {text}")?;
                }
                for sentence in sentences {
                    writeln!(f, "    {sentence}")?;
                }
            }
        }
        for Entry { name, text } in &self.commands {
            writeln!(f, "{name} with: {text}")?;
        }
        Ok(())
    }
}

/// What stands between two alternatives of an explanation.
const OTHERWISE: &str = ", or if ";

#[cfg(test)]
mod tests {
    use super::*;
    use proofmark_vocabulary::{Change, Divergence};

    fn told<'a>(alternative: &'a Alternative<'a>) -> (&'a str, Vec<[&'a str; 3]>, &'a [&'a str]) {
        let differences = alternative.differences.iter().map(|d| [d.name, d.code, d.model]).collect();
        (&alternative.lead, differences, &alternative.sentences)
    }

    #[test]
    fn a_wrong_state_is_told_field_by_field() {
        let change = |path: &str, allowed: &str, found: &str| Change {
            path: path.into(),
            before: Some(allowed.into()),
            after: Some(found.into()),
        };
        let changes = vec![change("tm_state", "init", "committed"), change("down[0]", "false", "true")];
        let explanation = Divergence::WrongState { changes }.to_string();

        assert_eq!(
            differences(&explanation).iter().map(told).collect::<Vec<_>>(),
            [(
                "the specification's actions lead elsewhere",
                vec![["tm_state", "committed", "init"], ["down[0]", "true", "false"]],
                [].as_slice()
            )]
        );
    }

    #[test]
    fn alternatives_are_told_apart() {
        let explanation = "in 0.1, if nothing happened: x is 1 and should be 0; Yes to 2 is not sent there, or if 1 \
                           crashes: x is 1 and should be 2";

        assert_eq!(
            differences(explanation).iter().map(told).collect::<Vec<_>>(),
            [
                ("in 0.1, if nothing happened", vec![["x", "1", "0"]], ["Yes to 2 is not sent there"].as_slice()),
                ("or if 1 crashes", vec![["x", "1", "2"]], [].as_slice()),
            ]
        );
    }

    #[test]
    fn what_is_not_recognised_stays_as_it_is() {
        for explanation in
            ["the specification does not allow \"a\" in [x |-> 0]: every-vote-counted is false", "no: a; b"]
        {
            assert_eq!(
                differences(explanation).iter().map(told).collect::<Vec<_>>(),
                [(explanation, vec![], [].as_slice())]
            );
        }
    }
}
