//! One page that needs no server: a part of the graph, or a counterexample, that opens from a file.
//!
//! Its script and its style stand in it, each named by its hash in the page's own content security policy; what was
//! recorded stands in it as JSON, which no browser executes.

use super::open::Open;
use super::server::for_export;
use super::space::{Breadth, StateId, Walk};
use super::view::{
    CaseView, CounterexampleView, DisabledView, ModelsView, PathView, StateName, StateView, fingerprint_in, name_of,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What the page has instead of a server.
#[derive(Serialize)]
struct Recorded {
    models: ModelsView,
    case: CaseView,
    states: BTreeMap<StateName, StateView>,
    disabled: BTreeMap<StateName, DisabledView>,
    path: PathView,
    counterexample: Option<CounterexampleView>,
    #[serde(rename = "loop")]
    back_to: Option<usize>,
}

/// What a page shows.
pub enum Shown {
    /// The states near the initial ones.
    Start,
    /// A path, and what can happen beside it; where a lasso returns to, and the property that it is about.
    Path {
        /// The path.
        path: PathView,
        /// The index of the state to which a lasso returns.
        back_to: Option<usize>,
        /// The property.
        property: Option<String>,
    },
    /// A counterexample, and what can happen beside it.
    Counterexample(Box<CounterexampleView>),
}

/// The page that shows that.
///
/// # Errors
/// When this build has no page.
pub fn page(models: ModelsView, open: &Open, shown: Shown) -> Result<String, String> {
    let (script, style) = for_export().ok_or("this build of the program has no page to export")?;
    let title = match &shown {
        Shown::Counterexample(shown) => format!("{}: {}", shown.case.model, shown.property),
        Shown::Path { property: Some(property), .. } => format!("{}: {property}", open.view.model),
        Shown::Start | Shown::Path { .. } => format!("{} at {}", open.view.model, open.view.bound),
    };
    let recorded = record(models, open, shown);
    let json = serde_json::to_string(&recorded).map_err(|error| format!("the page cannot be written: {error}"))?;
    // Within a script element nothing but its end is told from text.
    let json = json.replace('<', "\\u003c");
    let script = script.replace("</script", "<\\/script");
    let style = style.replace("</style", "<\\/style");
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data: blob:",
        hash(&script),
        hash(&style)
    );
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<div id=\"app\"></div>\n\
         <script type=\"application/json\" id=\"recorded\">{json}</script>\n<script>{script}</script>\n</body>\n</html>\n",
        escaped(&title)
    ))
}

fn record(models: ModelsView, open: &Open, shown: Shown) -> Recorded {
    let beside = if matches!(shown, Shown::Start) { u32::MAX } else { 1 };
    let (path, counterexample, back_to) = match shown {
        Shown::Start => {
            let states = open.view.initial.first().cloned().into_iter().collect();
            (PathView { states, steps: Vec::new(), changed: None }, None, None)
        }
        Shown::Path { path, back_to, .. } => (path, None, back_to),
        Shown::Counterexample(shown) => (shown.path.clone(), Some(*shown.clone()), shown.back_to),
    };
    let mut walk = open.walk();
    let on_path: Vec<_> = path.states.iter().filter_map(|name| walk.find(fingerprint_in(name)?)).collect();
    let kept = near(&mut **walk, &on_path, beside);
    walk.look_around(LOOKED_AROUND);
    let first: Vec<_> = on_path.iter().chain(kept.iter().filter(|id| !on_path.contains(id))).copied().collect();
    let disabled = first.into_iter().take(MOST_DISABLED).map(|id| {
        let (looked_at, exhaustive) = walk.look_around(0);
        let disabled = walk.disabled(id).into_iter().map(Into::into).collect();
        (name_of(walk.fingerprint(id)), DisabledView { disabled, looked_at, exhaustive })
    });
    let disabled = disabled.collect();
    let names: Vec<_> = kept.into_iter().map(|id| name_of(walk.fingerprint(id))).collect();
    drop(walk);
    let states = names.into_iter().filter_map(|name| Some((name.clone(), open.state(&name).ok()?))).collect();
    // The page has no server, and can open nothing else.
    let models = ModelsView {
        models: models.models.into_iter().filter(|model| model.name == open.view.model).collect(),
        systems: Vec::new(),
        ..models
    };
    Recorded { models, case: open.view.clone(), states, disabled, path, counterexample, back_to }
}

/// The states of a path, and those up to so many steps beside it, as many as a page holds.
fn near(walk: &mut dyn Walk, path: &[StateId], steps: u32) -> BTreeSet<StateId> {
    let mut breadth = Breadth::from(walk, path);
    while let Some((place, _)) = breadth.take() {
        if breadth.depth(place) >= steps || breadth.len() >= MOST_STATES {
            break;
        }
        breadth.expand(walk, place);
    }
    // A path is held in whole, however long it is.
    (0..breadth.len().min(MOST_STATES.max(path.len()))).map(|place| breadth.at(place).0).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// States of a page.
const MOST_STATES: usize = 300;
/// States of a page of which it is told what cannot happen.
const MOST_DISABLED: usize = 60;
/// States whose actions are learnt for that.
const LOOKED_AROUND: usize = 500;

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_title_is_text() {
        assert_eq!(escaped("<script>&"), "&lt;script&gt;&amp;");
    }
}
