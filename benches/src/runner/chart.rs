//! The throughput of crowds, drawn: a panel for each way of waiting and of choosing keys, a line for each subject.

use super::bars::Figures;
use super::locks::THREADS;
use super::measurement::Measurement;
use crate::cannot;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use proofmark_benches::locks::contender::{Calls, Contender, DASHMAP, KEPT, LOCKABLE, OURS, REMOVED, SHARDED};
use proofmark_benches::locks::keys::Keys;
use std::fs;
use std::path::Path;

/// Where something is drawn.
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What goes wrong in drawing.
type Fault = Box<dyn std::error::Error>;

/// Draws what was measured into a file.
pub(crate) fn draw(figures: &Figures<'_>, path: &Path) -> Result<(), String> {
    let mut svg = String::new();
    render(figures, &mut svg).map_err(|error| cannot("draw", path.display(), error))?;
    // Who reads in the dark has the same picture in the dark: only background, text and axes differ.
    let svg = svg.replacen('>', &format!(">\n{DARK}"), 1);
    fs::write(path, svg).map_err(|error| cannot("write", path.display(), error))
}

fn render(figures: &Figures<'_>, svg: &mut String) -> Result<(), Fault> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let (title, below) = root.split_vertically(HEAD);
    title.draw(&Text::new(TITLE, (MARGIN, 14), font(23)))?;
    let (blocking, awaiting) = below.split_vertically((SIZE.1 - HEAD) / 2);
    for (band, calls) in [(blocking, Calls::Blocking), (awaiting, Calls::Async)] {
        let range = range(figures, calls)?;
        let (panels, legend) = band.split_horizontally(SIZE.0 - LEGEND);
        for (panel, keys) in panels.split_evenly((1, Keys::ALL.len())).iter().zip(Keys::ALL) {
            draw_panel(panel, figures, calls, keys, range)?;
        }
        draw_legend(&legend, calls)?;
    }
    root.present()?;
    Ok(())
}

/// From the power of ten below all rates to that above them, in millions: the panels of a row have the same scale.
fn range(figures: &Figures<'_>, calls: Calls) -> Result<(f64, f64), Fault> {
    let is_rate = |it: &&Measurement| it.metric == "cycles/s" && it.params["calls"] == calls.name();
    let rates: Vec<f64> = figures.0.iter().filter(is_rate).map(|it| it.median / 1e6).collect();
    let least = rates.iter().copied().fold(f64::INFINITY, f64::min);
    let most = rates.iter().copied().fold(0.0, f64::max);
    if !least.is_finite() || least <= 0.0 {
        return Err("no crowd was measured; run lock-table/uniform, zipf16 or one-key".into());
    }
    Ok((10f64.powf(least.log10().floor()), 10f64.powf(most.log10().ceil())))
}

fn draw_panel(
    area: &Area<'_>,
    figures: &Figures<'_>,
    calls: Calls,
    keys: Keys,
    (least, most): (f64, f64),
) -> Result<(), Fault> {
    let title = format!("{}, {}", calls.name(), keys.words());
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(50)
        .caption(title, font(19))
        .build_cartesian_2d((1f64..8f64).log_scale().base(2.0), (0.99 * least..most).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("threads")
        .x_labels(4)
        .y_labels(6)
        .x_label_formatter(&|threads| format!("{threads:.0}"))
        .y_label_formatter(&|rate| format!("{rate}"))
        .label_style(font(16))
        .axis_style(BLACK.stroke_width(1))
        .bold_line_style(GRID.mix(0.4))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (contender, colour) in of(calls) {
        let points = THREADS
            .iter()
            .filter_map(|&threads| Some((threads as f64, figures.rate(keys, calls, threads, contender.name)? / 1e6)));
        let points: Vec<(f64, f64)> = points.collect();
        let width = if contender.name == OURS { 4 } else { 2 };
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(width)))?;
        // Those without a queue have hollow points.
        let point = if contender.queues { colour.filled() } else { colour.stroke_width(2) };
        chart.draw_series(points.iter().map(|&at| Circle::new(at, 4, point)))?;
    }
    Ok(())
}

fn draw_legend(area: &Area<'_>, calls: Calls) -> Result<(), Fault> {
    for (at, (contender, colour)) in (0..).zip(of(calls)) {
        let y = 60 + 26 * at;
        let width = if contender.name == OURS { 4 } else { 2 };
        area.draw(&PathElement::new([(4, y), (32, y)], colour.stroke_width(width)))?;
        let point = if contender.queues { colour.filled() } else { colour.stroke_width(2) };
        area.draw(&Circle::new((18, y), 4, point))?;
        let style = font(17).into_text_style(area).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(contender.name, (42, y), style))?;
    }
    Ok(())
}

/// Who waits so, each in its colour.
fn of(calls: Calls) -> impl Iterator<Item = (Contender, RGBColor)> {
    Contender::all().into_iter().filter(move |contender| contender.calls == calls).map(|contender| {
        let colour = COLOURS.iter().find(|(name, _)| *name == contender.name).map_or(GRID, |(_, colour)| *colour);
        (contender, colour)
    })
}

fn font(size: u32) -> FontDesc<'static> {
    ("sans-serif", size).into_font()
}

const TITLE: &str =
    "Cycles of lock and unlock, millions a second (both scales logarithmic; hollow points: no queue, spins)";

const SIZE: (u32, u32) = (1_300, 720);
const HEAD: u32 = 40;
const LEGEND: u32 = 320;
const MARGIN: i32 = 16;

/// Of middling brightness, so that they are seen on white and on black.
const COLOURS: [(&str, RGBColor); 6] = [
    (OURS, RGBColor(224, 82, 6)),
    (SHARDED, RGBColor(38, 128, 235)),
    (DASHMAP, RGBColor(30, 158, 96)),
    (LOCKABLE, RGBColor(160, 96, 214)),
    (KEPT, RGBColor(38, 128, 235)),
    (REMOVED, RGBColor(30, 158, 96)),
];

const GRID: RGBColor = RGBColor(128, 128, 128);

const DARK: &str = r##"<style>
@media (prefers-color-scheme: dark) {
  rect[fill="#FFFFFF"] { fill: #0d1117 }
  text[fill="#000000"] { fill: #e6edf3 }
  [stroke="#000000"] { stroke: #9198a1 }
}
</style>"##;
