"""The table, the list of figures, the plot and the measured part of docs/reliability.md. Nothing is measured here."""
import json
from pathlib import Path

FAULT = Path(__file__).resolve().parents[1]
RESULTS = FAULT / "results"
DOCUMENT = FAULT.parents[1] / "docs" / "reliability.md"


def figure(name, value, unit, target=None):
    """target: None, or "<= 5" or ">= 0.8"."""
    holds = None
    if target:
        sign, bound = target.split()
        holds = value <= float(bound) if sign == "<=" else value >= float(bound)
    return {"id": name, "value": value, "unit": unit, "target": target, "holds": holds}


def number(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"


def table(head, rows):
    """Markdown, aligned so that it reads well on a terminal too."""
    texts = [[number(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))) + " |" for row in texts]
    lines.insert(1, "|" + "|".join("-" * (width + 2) if column == 0 else "-" * (width + 1) + ":" for column, width in enumerate(widths)) + "|")
    return "\n".join(lines)


def causes_table(outcomes):
    """One line a cause: what was done, what the client saw, what was lost, and how soon all was well."""
    rows = []
    for outcome in outcomes:
        report = outcome.report
        rows.append([outcome.name, report["requests"], report["ok"], report["refused"], report["front"], report["cut"] + report["unreached"],
                     report["unanswered"], outcome.violations(), outcome.recovery.get("lighttpd"),
                     outcome.recovery.get("apache-fcgid"), outcome.recovery.get("breaker"),
                     ", ".join(f"{key.replace('_', ' ')} {number(value)}" for key, value in outcome.notes.items())])
    return table(["cause", "asked", "right", "refused", "by server", "cut", "unanswered", "wrong", "lighttpd s", "Apache s", "breaker s",
                  "counted"], rows)


def figures_table(figures):
    verdict = {None: "", True: "holds", False: "MISSED"}
    return table(["figure", "measured", "unit", "target", ""],
                 [[entry["id"], entry["value"], entry["unit"], entry["target"] or "", verdict[entry["holds"]]] for entry in figures])


def in_short(figures, outcomes):
    """Without what the table of causes shows, but with all that was missed."""
    causes = {outcome.name for outcome in outcomes}
    return [entry for entry in figures if entry["id"].split(".")[0] not in causes or entry["holds"] is False]


def write_figures(name, figures):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / name).write_text("[\n" + ",\n".join("  " + json.dumps(entry) for entry in figures) + "\n]\n", encoding="utf-8")


def write_section(name, text):
    """Replaces one measured section of the document; what people wrote around it stays."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- /measured: {name} -->"
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(begin)
    DOCUMENT.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")


# -- The plot: answers and errors a second, scenario behind scenario ------------------------------------------------------------------


def text(x, y, content, size=12, anchor="start", colour="#24292f", more=""):
    content = str(content).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" {more}>{content}</text>'


def per_second(outcome):
    """([right answers], [everything else]) for each second of a scenario."""
    seconds = int(outcome.end - outcome.start) + 1
    good, bad = [0] * seconds, [0] * seconds
    for record in outcome.records:
        place = min(seconds - 1, max(0, int(record["end"] - outcome.start)))
        (good if record["outcome"] == "ok" else bad)[place] += 1
    return good, bad


def plot(outcomes, name):
    left, width, top, bottom = 60, 1500, 60, 330
    series = [(outcome, *per_second(outcome)) for outcome in outcomes]
    total = sum(len(good) for _, good, _ in series)
    highest = max(max(good + bad) for _, good, bad in series) or 1
    scale_x, scale_y = (width - left - 20) / total, (bottom - top) / highest
    body, at, lines = [], 0, {"#0a7d55": [], "#c02f2f": []}
    for place, (outcome, good, bad) in enumerate(series):
        x, w = left + at * scale_x, len(good) * scale_x
        body.append(f'<rect x="{x:.1f}" y="{top}" width="{w:.1f}" height="{bottom - top}" fill="{("#f6f8fa", "#ffffff")[place % 2]}"/>')
        for begin, end in outcome.spans():
            body.append(f'<rect x="{x + (begin - outcome.start) * scale_x:.1f}" y="{top}" width="{max(1.5, (end - begin) * scale_x):.1f}" '
                        f'height="{bottom - top}" fill="#f3d9a4" opacity="0.7"/>')
        for colour, values in (("#0a7d55", good), ("#c02f2f", bad)):
            lines[colour] += [f"{left + (at + second + 0.5) * scale_x:.1f},{bottom - value * scale_y:.1f}" for second, value in enumerate(values)]
        centre = x + w / 2
        body.append(text(centre, bottom + 14, outcome.name.replace("_", " "), 11, "end", more=f'transform="rotate(-40 {centre:.1f} {bottom + 14})"'))
        at += len(good)
    for part in range(5):
        y = bottom - (bottom - top) * part / 4
        body.append(text(left - 6, y + 4, f"{highest * part / 4:.0f}", 11, "end"))
    for colour, points in lines.items():
        body.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
    body.append(text(left, 28, "Answers (green) and errors (red) a second; the cause is at work where it is shaded", 15))
    body.append(text(left, 48, f"{total} seconds in all", 12, colour="#57606a"))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / name).write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="460" viewBox="0 0 {width} 460" '
        'role="img" font-family="DejaVu Sans, Verdana, Arial, sans-serif">\n<title>Answers and errors under faults</title>\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n", encoding="utf-8")
