//! Draws a screen as SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

const CELL_WIDTH_PX: f32 = 8.4;
const CELL_HEIGHT_PX: f32 = 18.0;
const MARGIN_PX: f32 = 14.0;
/// The colors of a terminal's default text and background.
#[derive(Clone, Copy)]
struct Defaults {
    foreground: &'static str,
    background: &'static str,
}

const DARK: Defaults = Defaults { foreground: "#d7dae0", background: "#14171c" };
const LIGHT: Defaults = Defaults { foreground: "#1f2328", background: "#ffffff" };

fn hex(color: Color, default: &str) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Green => "#7fc86f".to_owned(),
        Color::Yellow => "#e5c15c".to_owned(),
        Color::Red => "#f0716a".to_owned(),
        _ => default.to_owned(),
    }
}

/// Returns the foreground and background of a cell.
fn colors(cell: &Cell, defaults: Defaults) -> (String, String) {
    let (foreground, background) = (hex(cell.fg, defaults.foreground), hex(cell.bg, defaults.background));
    if cell.modifier.contains(Modifier::REVERSED) { (background, foreground) } else { (foreground, background) }
}

/// Draws the buffer.
pub(crate) fn svg(buffer: &Buffer, is_light: bool) -> String {
    let defaults = if is_light { LIGHT } else { DARK };
    let mut svg = String::new();
    begin(&mut svg, buffer, defaults);
    draw_cells(&mut svg, buffer, defaults);
    svg.push_str("</svg>\n");
    svg
}

/// Draws one buffer after the other, each for its seconds, over and over. Where motion is not wanted, the last one stays.
pub(crate) fn animated_svg(frames: &[(Buffer, f32)]) -> String {
    let total: f32 = frames.iter().map(|(_, seconds)| seconds).sum();
    let mut svg = String::new();
    begin(&mut svg, &frames[0].0, DARK);
    writeln!(svg, "<style>\ng{{visibility:hidden;animation:{total}s step-end infinite}}").unwrap();
    let mut start = 0.0;
    for (number, (_, seconds)) in frames.iter().enumerate() {
        let (from, to) = (start / total * 100.0, (start + seconds) / total * 100.0);
        let hidden_before = if number == 0 { "" } else { "0%{visibility:hidden}" };
        writeln!(
            svg,
            "@keyframes f{number}{{{hidden_before}{from:.2}%{{visibility:visible}}{to:.2}%{{visibility:hidden}}}}\n\
             #f{number}{{animation-name:f{number}}}"
        )
        .unwrap();
        start += seconds;
    }
    let last = frames.len() - 1;
    writeln!(
        svg,
        "@media(prefers-reduced-motion:reduce){{g{{animation:none}}#f{last}{{visibility:visible}}}}\n</style>"
    )
    .unwrap();
    for (number, (buffer, _)) in frames.iter().enumerate() {
        writeln!(svg, "<g id=\"f{number}\">").unwrap();
        draw_cells(&mut svg, buffer, DARK);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn begin(svg: &mut String, buffer: &Buffer, defaults: Defaults) {
    let (width, height) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.1} {:.1}\" font-family=\"ui-monospace, Menlo, Consolas, \
         'DejaVu Sans Mono', monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>",
        width * CELL_WIDTH_PX + 2.0 * MARGIN_PX,
        height * CELL_HEIGHT_PX + 2.0 * MARGIN_PX,
        defaults.background,
    )
    .unwrap();
}

/// Draws the cells with one `text` element for each run of equally styled cells, so that columns align in any font.
fn draw_cells(svg: &mut String, buffer: &Buffer, defaults: Defaults) {
    draw_lines(svg, buffer, defaults);
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let first = &buffer[(x, y)];
            let begin = x;
            let mut run = String::new();
            while x < buffer.area.width {
                let cell = &buffer[(x, y)];
                if (cell.fg, cell.bg, cell.modifier) != (first.fg, first.bg, first.modifier) {
                    break;
                }
                // Lines are drawn as lines: glyphs of most fonts leave gaps between the rows.
                run.push_str(if line_path(cell.symbol(), (0.0, 0.0)).is_some() { " " } else { cell.symbol() });
                x += u16::try_from(cell.symbol().width().max(1)).unwrap();
            }
            draw(svg, &run, first, defaults, (begin, y, x - begin));
        }
    }
}

/// Returns the path of a line or a corner in the cell at a position, in pixels.
fn line_path(symbol: &str, (x, y): (f32, f32)) -> Option<String> {
    let (half_width, half_height) = (CELL_WIDTH_PX / 2.0, CELL_HEIGHT_PX / 2.0);
    let (middle, center) = (x + half_width, y + half_height);
    let path = match symbol {
        "─" => format!("M{x:.1} {center:.1}h{CELL_WIDTH_PX}"),
        "│" => format!("M{middle:.1} {y:.1}v{CELL_HEIGHT_PX}"),
        "╭" => format!("M{middle:.1} {:.1}v-{half_height}h{half_width}", y + CELL_HEIGHT_PX),
        "╮" => format!("M{x:.1} {center:.1}h{half_width}v{half_height}"),
        "╰" => format!("M{middle:.1} {y:.1}v{half_height}h{half_width}"),
        "╯" => format!("M{x:.1} {center:.1}h{half_width}v-{half_height}"),
        _ => return None,
    };
    Some(path)
}

fn draw_lines(svg: &mut String, buffer: &Buffer, defaults: Defaults) {
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let cell = &buffer[(x, y)];
            let position = (MARGIN_PX + f32::from(x) * CELL_WIDTH_PX, MARGIN_PX + f32::from(y) * CELL_HEIGHT_PX);
            let is_rule = |x: u16| buffer[(x, y)].symbol() == "─" && buffer[(x, y)].fg == cell.fg;
            let length = (x..buffer.area.width).take_while(|x| is_rule(*x)).count();
            if let Some(path) = line_path(cell.symbol(), position) {
                let all = paths.entry(colors(cell, defaults).0).or_default();
                if length > 1 {
                    let length = f32::from(u16::try_from(length).unwrap()) * CELL_WIDTH_PX;
                    write!(all, "M{:.1} {:.1}h{length:.1}", position.0, position.1 + CELL_HEIGHT_PX / 2.0).unwrap();
                } else {
                    all.push_str(&path);
                }
            }
            x += u16::try_from(length).unwrap().max(1);
        }
    }
    for (color, path) in paths {
        writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\"/>").unwrap();
    }
}

fn draw(svg: &mut String, run: &str, cell: &Cell, defaults: Defaults, (column, row, columns): (u16, u16, u16)) {
    let (foreground, background) = colors(cell, defaults);
    let (x, y) = (MARGIN_PX + f32::from(column) * CELL_WIDTH_PX, MARGIN_PX + f32::from(row) * CELL_HEIGHT_PX);
    let width = f32::from(columns) * CELL_WIDTH_PX;
    if background != defaults.background {
        writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{CELL_HEIGHT_PX}\" fill=\"{background}\"/>"
        )
        .unwrap();
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        let at = y + CELL_HEIGHT_PX - 2.0;
        writeln!(svg, "<path d=\"M{x:.1} {at:.1}h{width:.1}\" stroke=\"{foreground}\" stroke-opacity=\".5\"/>")
            .unwrap();
    }
    // Leading and trailing blanks would only be stretched.
    let text = run.trim();
    if text.is_empty() {
        return;
    }
    let lead = u16::try_from(run.width() - run.trim_start().width()).unwrap();
    let x = x + f32::from(lead) * CELL_WIDTH_PX;
    let length = f32::from(u16::try_from(text.width()).unwrap()) * CELL_WIDTH_PX;
    let mut style = String::new();
    if cell.modifier.contains(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if cell.modifier.contains(Modifier::DIM) {
        style.push_str(" fill-opacity=\".65\"");
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let base = y + CELL_HEIGHT_PX - 5.0;
    writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{base:.1}\" fill=\"{foreground}\"{style} textLength=\"{length:.1}\" xml:space=\"preserve\">{text}</text>"
    )
    .unwrap();
}
