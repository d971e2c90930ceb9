//! A history as a picture: a lane for each client, a bar for each operation.

use super::{History, Linearizability, Obstacle, OperationId};
use askama::Template;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};

/// A history, drawn with what its judge said of it.
///
/// A bar reaches from the invocation of an operation to its response, and a pending one has an open end. The numbers
/// are the order that was found or, where there is none, the longest that there is; what cannot come next is hatched,
/// crossed and red, so colour is not needed to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    width: usize,
    height: usize,
    verdict: &'static str,
    in_words: String,
    lanes: Vec<Lane>,
    bars: Vec<Bar>,
    /// Where the response is that no order explains, and whether there is room for words before it.
    overdue: Option<(usize, bool)>,
    legend: Vec<Entry>,
    /// What did not fit into its bar.
    in_full: Vec<Row>,
    /// Where the lanes end.
    floor: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Lane {
    name: String,
    top: usize,
    height: usize,
    is_shaded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    x: usize,
    y: usize,
    width: usize,
    is_open: bool,
    mark: Mark,
    asked: String,
    answered: String,
    /// Whether one of these did not fit.
    is_cut: bool,
    /// All of it in words, to be read aloud or shown where it is pointed at.
    in_words: String,
}

/// What the judge said of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Its place in the order, from 1.
    Ordered(usize),
    /// It cannot come next.
    Refused,
    /// It could come next, but leads no further.
    Fruitless,
    /// It is in no order, and comes too late to be to blame, or never took effect.
    Unmarked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    x: usize,
    y: usize,
    mark: Mark,
    text: &'static str,
}

/// A line of text under the picture; only the first of an operation has its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    y: usize,
    mark: Option<Mark>,
    text: String,
}

/// What is known of an operation before it has a place.
struct Told {
    mark: Mark,
    client: Option<usize>,
    from: usize,
    /// `None` of a pending one.
    to: Option<usize>,
    asked: String,
    answered: String,
}

impl Drawing {
    /// Draws a history, with operations and responses as their `Debug` tells them. Nobody can read a picture of
    /// thousands of operations: a violation is [minimised](super::minimise) first.
    pub fn of<O: Debug, R: Debug>(history: &History<O, R>, judged: &Linearizability) -> Self {
        let (verdict, order) = match judged {
            Linearizability::Linearizable(_) => ("Linearizable: this order explains every answer", "the order"),
            Linearizability::NotLinearizable { .. } => {
                ("Not linearizable: no order explains every answer", "the longest order that there is")
            }
            Linearizability::Unknown => ("Not known to be linearizable", "the order"),
        };
        let told = told(history, judged);
        let (lanes, rows) = lanes(&told);
        let left = lanes.iter().map(|lane| wide(&lane.name)).max().filter(|&width| width > 0).map_or(0, |w| w + 16);
        let most = (LABELS / told.len().max(1)).clamp(20, 44);
        let marks = marks(&told, history.events, left + MARGIN + 12, most);
        let width = (marks.last().copied().unwrap_or_default() + MARGIN).max(NARROWEST);
        let bars: Vec<_> = told.iter().zip(&rows).map(|(told, &y)| Bar::new(told, y, &marks, width)).collect();
        let floor = lanes.last().map_or(TOP, |lane| lane.top + lane.height);
        let overdue = match judged {
            Linearizability::NotLinearizable { stuck } => {
                told[stuck.overdue.0].to.map(|at| (marks[at], marks[at] > wide(NOT_EXPLAINED) + 100))
            }
            _ => None,
        };
        let (legend, under) = legend(&told, order, floor + 56, width);
        let in_full = in_full(told.iter().zip(&bars).filter(|(_, bar)| bar.is_cut), under, width);
        let height = in_full.last().map_or(under, |row| row.y) + MARGIN;
        Self { width, height, verdict, in_words: in_words(&told), lanes, bars, overdue, legend, in_full, floor }
    }

    /// The picture as a file of its own.
    pub fn svg(&self) -> String {
        self.render("history", true)
    }

    /// The picture as a part of a page, where `name` is no other element's.
    pub(crate) fn inline(&self, name: &str) -> String {
        self.render(name, false)
    }

    fn top(&self) -> usize {
        self.lanes.first().map_or(TOP, |lane| lane.top)
    }

    fn render(&self, name: &str, alone: bool) -> String {
        Picture { drawing: self, name, alone, not_explained: NOT_EXPLAINED }
            .render()
            .expect("every part of the picture is text or a number")
    }
}

#[derive(Template)]
#[template(path = "drawing.svg")]
struct Picture<'a> {
    drawing: &'a Drawing,
    name: &'a str,
    /// Whether it is a file, which must say what it is.
    alone: bool,
    not_explained: &'static str,
}

impl Bar {
    fn new(told: &Told, y: usize, marks: &[usize], right: usize) -> Self {
        let x = marks[told.from];
        let end = told.to.map_or(right, |to| marks[to]);
        let answered = if told.to.is_some() { format!("→ {}", told.answered) } else { told.answered.clone() };
        let room = (end - x).saturating_sub(BADGE + 8) * 10 / CHARACTER;
        Self {
            x,
            y,
            width: end - x,
            is_open: told.to.is_none(),
            mark: told.mark,
            is_cut: told.asked.chars().count().max(answered.chars().count()) > room,
            asked: short(&told.asked, room),
            answered: short(&answered, room),
            in_words: format!("{}; {}", told.in_words(), told.mark.in_words()),
        }
    }

    fn middle(&self) -> usize {
        self.y + BAR / 2
    }

    fn text_at(&self) -> usize {
        self.x + if self.mark == Mark::Unmarked { 8 } else { BADGE }
    }

    fn outline(&self) -> String {
        let Self { x, y, width, .. } = self;
        let (right, bottom) = (x + width, y + BAR);
        if self.is_open {
            return format!(
                "M{right} {y}H{}Q{x} {y} {x} {}V{}Q{x} {bottom} {} {bottom}H{right}",
                x + 4,
                y + 4,
                bottom - 4,
                x + 4
            );
        }
        format!(
            "M{} {y}H{}Q{right} {y} {right} {}V{}Q{right} {bottom} {} {bottom}H{}Q{x} {bottom} {x} {}V{}Q{x} {y} {} {y}Z",
            x + 4,
            right - 4,
            y + 4,
            bottom - 4,
            right - 4,
            x + 4,
            bottom - 4,
            y + 4,
            x + 4
        )
    }

    /// Lines across the bar. They are drawn one by one, since a pattern needs a name, and a page has many pictures.
    fn hatch(&self) -> String {
        let Self { x, y, width, .. } = *self;
        let lines = (HATCH..width + BAR).step_by(HATCH).map(|at| {
            let (from_x, from_y) = (x + at.saturating_sub(BAR), y + at.min(BAR));
            let (to_x, to_y) = (x + at.min(width), y + at.saturating_sub(width));
            format!("M{from_x} {from_y}L{to_x} {to_y}")
        });
        lines.collect()
    }
}

impl Mark {
    fn in_words(self) -> String {
        match self {
            Mark::Ordered(place) => format!("number {place} in the order"),
            Mark::Refused => "cannot come next".to_owned(),
            Mark::Fruitless => "could come next, but leads no further".to_owned(),
            Mark::Unmarked => "not in the order".to_owned(),
        }
    }

    fn symbol(self) -> String {
        match self {
            Mark::Ordered(place) => place.to_string(),
            Mark::Refused => "✕".to_owned(),
            Mark::Fruitless => "?".to_owned(),
            Mark::Unmarked => String::new(),
        }
    }

    fn ink(self) -> &'static str {
        match self {
            Mark::Ordered(_) => "#245c87",
            Mark::Refused => "#a3271f",
            Mark::Fruitless => "#7d5200",
            Mark::Unmarked => "#6b737d",
        }
    }

    fn wash(self) -> &'static str {
        match self {
            Mark::Ordered(_) => "#eaf1f8",
            Mark::Refused => "#fdf1ef",
            Mark::Fruitless => "#f9f0dc",
            Mark::Unmarked => "#ffffff",
        }
    }

    fn is_refused(self) -> bool {
        self == Mark::Refused
    }

    fn is_fruitless(self) -> bool {
        self == Mark::Fruitless
    }
}

impl Told {
    fn who(&self) -> String {
        self.client.map_or_else(String::new, |client| format!("client {client}: "))
    }

    fn in_words(&self) -> String {
        let answered = if self.to.is_some() { "answered " } else { "" };
        format!("{}{}, {answered}{}", self.who(), self.asked, self.answered)
    }
}

fn told<O: Debug, R: Debug>(history: &History<O, R>, judged: &Linearizability) -> Vec<Told> {
    let (order, next): (&[OperationId], &[(OperationId, Obstacle)]) = match judged {
        Linearizability::Linearizable(order) => (order, &[]),
        Linearizability::NotLinearizable { stuck } => (&stuck.prefix, &stuck.next),
        Linearizability::Unknown => (&[], &[]),
    };
    let mut marks = vec![Mark::Unmarked; history.len()];
    for (place, id) in (1..).zip(order) {
        marks[id.0] = Mark::Ordered(place);
    }
    for (id, obstacle) in next {
        marks[id.0] = if *obstacle == Obstacle::Refused { Mark::Refused } else { Mark::Fruitless };
    }
    let told = history.operations.iter().zip(marks).map(|(told, mark)| Told {
        mark,
        client: told.client,
        from: told.invoked,
        to: told.answer.as_ref().map(|answer| answer.at),
        asked: format!("{:?}", told.asked),
        answered: told.response().map_or_else(|| "not answered".to_owned(), |response| format!("{response:?}")),
    });
    told.collect()
}

/// The lanes from top to bottom, and where the bar of each operation is. A client that asks again before it is answered
/// has several bars one above another; operations of clients that nobody told apart fill as few rows as they can.
fn lanes(told: &[Told]) -> (Vec<Lane>, Vec<usize>) {
    let mut rows_of: BTreeMap<Option<usize>, Vec<Option<usize>>> = BTreeMap::new();
    let mut row = Vec::new();
    for told in told {
        let rows = rows_of.entry(told.client).or_default();
        let free = rows.iter().position(|ends| ends.is_some_and(|end| end < told.from)).unwrap_or(rows.len());
        if free == rows.len() {
            rows.push(None);
        }
        rows[free] = told.to;
        row.push(free);
    }
    let (mut lanes, mut tops, mut top) = (Vec::new(), BTreeMap::new(), TOP);
    for (at, (&client, rows)) in rows_of.iter().enumerate() {
        let height = rows.len() * ROW + GAP;
        let name = client.map_or_else(String::new, |client| format!("client {client}"));
        lanes.push(Lane { name, top, height, is_shaded: at % 2 == 0 });
        tops.insert(client, top);
        top += height;
    }
    let y = told.iter().zip(row).map(|(told, row)| tops[&told.client] + GAP + row * ROW);
    (lanes, y.collect())
}

/// Where each invocation and each response is, from left to right, and the end: so far apart that what is said of an
/// operation fits into its bar.
fn marks(told: &[Told], events: usize, left: usize, most: usize) -> Vec<usize> {
    let mut gaps = vec![NEAREST; events];
    let last = events.saturating_sub(1);
    let mut by_length: Vec<_> = told.iter().map(|told| (told.from, told.to.unwrap_or(last + 1), told)).collect();
    by_length.sort_by_key(|&(from, to, _)| to - from);
    for (from, to, told) in by_length {
        let longest = told.asked.chars().count().max(told.answered.chars().count() + 2).min(most);
        let needed = BADGE + wide_by(longest) + 10;
        let covered = &mut gaps[from..to];
        let missing = needed.saturating_sub(covered.iter().sum());
        let each = missing.div_ceil(covered.len().max(1));
        for gap in covered {
            *gap += each;
        }
    }
    let ends = gaps.iter().scan(left, |x, gap| {
        *x += gap;
        Some(*x)
    });
    std::iter::once(left).chain(ends).collect()
}

/// The marks that are used, with what they mean, and where the next line of text may be.
fn legend(told: &[Told], order: &'static str, top: usize, width: usize) -> (Vec<Entry>, usize) {
    let known = [
        (Mark::Ordered(1), order),
        (Mark::Refused, "cannot come next"),
        (Mark::Fruitless, "could come next, but leads no further"),
        (Mark::Unmarked, "not in the order"),
    ];
    let alike = |one: Mark, other: Mark| std::mem::discriminant(&one) == std::mem::discriminant(&other);
    let (mut x, mut y) = (MARGIN, top);
    let mut entries = Vec::new();
    for (mark, text) in known.into_iter().filter(|&(mark, _)| told.iter().any(|told| alike(told.mark, mark))) {
        let needed = 28 + wide(text) + 24;
        if x > MARGIN && x + needed > width {
            (x, y) = (MARGIN, y + 24);
        }
        entries.push(Entry { x, y, mark, text });
        x += needed;
    }
    (entries, y + 12)
}

/// What did not fit into its bar, in lines that fit into the picture.
fn in_full<'a>(cut: impl Iterator<Item = (&'a Told, &'a Bar)>, top: usize, width: usize) -> Vec<Row> {
    let columns = (width - 2 * MARGIN - 28) * 10 / CHARACTER;
    let mut rows = Vec::new();
    let mut y = top + 14;
    for (told, _) in cut {
        for (at, line) in wrapped(&told.in_words(), columns).into_iter().enumerate() {
            y += if at == 0 { 24 } else { 16 };
            rows.push(Row { y, mark: (at == 0).then_some(told.mark), text: line });
        }
    }
    rows
}

/// The text in lines of so many characters, broken at spaces where there are any.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        for part in word.chars().collect::<Vec<_>>().chunks(columns.max(1)) {
            if used + part.len() > columns && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            used += part.len();
            lines.last_mut().into_iter().for_each(|line| line.extend(part));
        }
    }
    lines
}

fn in_words(told: &[Told]) -> String {
    let mut text = String::new();
    let mut ordered: Vec<_> = told.iter().collect();
    ordered.sort_by_key(|told| if let Mark::Ordered(place) = told.mark { place } else { usize::MAX });
    for told in ordered {
        let _ = write!(text, "{}; {}. ", told.in_words(), told.mark.in_words());
    }
    text.trim_end().to_owned()
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn wide(text: &str) -> usize {
    wide_by(text.chars().count())
}

fn wide_by(characters: usize) -> usize {
    (characters * CHARACTER).div_ceil(10)
}

/// The width of a character of a fixed-width font at 12 pixels, in tenths of a pixel.
const CHARACTER: usize = 73;
const NOT_EXPLAINED: &str = "no order explains this answer";
const TOP: usize = 56;
const MARGIN: usize = 20;
const NARROWEST: usize = 560;
/// How high a bar is, its row with the space below, and the space above the first.
const BAR: usize = 42;
const ROW: usize = 52;
const GAP: usize = 10;
/// The room in front of a text for its mark.
const BADGE: usize = 30;
const HATCH: usize = 9;
/// How near two events may be.
const NEAREST: usize = 22;
/// How many characters of labels a picture has room for, about.
const LABELS: usize = 260;
