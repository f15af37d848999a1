//! Draws what a terminal shows as an SVG: `mx-prod-gate check … --color always | cargo run --example picture -- TITLE`.

use std::fmt::Write;
use std::io::Read;

const CHARACTER: f64 = 8.4;
const LINE: f64 = 19.0;
const MARGIN: f64 = 20.0;
const HEAD: f64 = 46.0;
/// A terminal breaks what is longer.
const COLUMNS: usize = 110;

/// How a piece of a line is drawn.
#[derive(Clone, Copy, Default, PartialEq)]
struct Style {
    colour: Option<&'static str>,
    bold: bool,
    dim: bool,
}

fn main() -> std::io::Result<()> {
    let title = std::env::args().nth(1).unwrap_or_default();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let text = text.replace("\r\n", "\n");
    print!("{}", svg(&title, text.trim_end()));
    Ok(())
}

fn svg(title: &str, text: &str) -> String {
    let lines: Vec<Vec<(Style, String)>> = styled(text);
    let widest = lines.iter().map(|line| line.iter().map(|(_, part)| part.chars().count()).sum::<usize>()).max();
    let width = widest.unwrap_or(0) as f64 * CHARACTER + 2.0 * MARGIN;
    let height = HEAD + lines.len() as f64 * LINE + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <text x=\"{MARGIN}\" y=\"28\" fill=\"#8b949e\" xml:space=\"preserve\">$ {}</text>\n",
        escaped(title)
    );
    for (number, line) in lines.iter().enumerate() {
        let y = HEAD + (number as f64 + 0.7) * LINE;
        let mut column = 0;
        for (style, part) in line {
            let x = MARGIN + f64::from(column) * CHARACTER;
            let length = part.chars().count() as u32;
            let fill = style.colour.unwrap_or(if style.dim { "#8b949e" } else { "#e6edf3" });
            let weight = if style.bold { " font-weight=\"bold\"" } else { "" };
            let drawn = f64::from(length) * CHARACTER;
            // A blank draws nothing, and a set length keeps the columns whatever the font.
            if !part.trim().is_empty() {
                let _ = writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\"{weight} textLength=\"{drawn:.1}\" xml:space=\"preserve\">{}</text>",
                    escaped(part)
                );
            }
            column += length;
        }
    }
    out + "</svg>\n"
}

/// The pieces of each line with their style.
fn styled(text: &str) -> Vec<Vec<(Style, String)>> {
    let mut lines: Vec<Vec<(Style, String)>> = vec![Vec::new()];
    let (mut style, mut rest) = (Style::default(), text);
    while let Some(letter) = rest.chars().next() {
        if let Some(sequence) = rest.strip_prefix("\x1b[") {
            let end = sequence.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(sequence.len());
            sequence[..end].split(';').for_each(|code| style = changed(style, code));
            rest = sequence.get(end + 1..).unwrap_or_default();
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        let filled: usize = lines.last().map_or(0, |line| line.iter().map(|(_, part)| part.chars().count()).sum());
        if filled >= COLUMNS && letter != '\n' {
            lines.push(Vec::new());
        }
        match (letter, lines.last_mut()) {
            ('\n', _) => lines.push(Vec::new()),
            (_, Some(line)) => match line.last_mut() {
                Some((last, part)) if *last == style => part.push(letter),
                _ => line.push((style, letter.to_string())),
            },
            _ => {}
        }
    }
    lines
}

fn changed(style: Style, code: &str) -> Style {
    let colour = match code {
        "31" | "91" => Some("#ff7b72"),
        "32" | "92" => Some("#7ee787"),
        "33" | "93" => Some("#f2cc60"),
        "34" | "94" => Some("#79c0ff"),
        "35" | "95" => Some("#d2a8ff"),
        "36" | "96" => Some("#76e3ea"),
        "90" => Some("#8b949e"),
        _ => None,
    };
    match code {
        "" | "0" => Style::default(),
        "1" => Style { bold: true, ..style },
        "2" => Style { dim: true, ..style },
        "22" => Style { bold: false, dim: false, ..style },
        "39" => Style { colour: None, ..style },
        _ => Style { colour: colour.or(style.colour), ..style },
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
