"""Figures, tables and plots. Nothing is measured here."""
import json
import math
import os
import platform
import time

from kit.world import BENCH, CHECKOUT

RESULTS = BENCH / "results"
DOCUMENT = CHECKOUT / "docs" / "performance.md"


def figure(name, value, unit, target=None):
    """target: None, or "<= 5" or ">= 0.8"."""
    holds = None
    if target:
        sign, bound = target.split()
        holds = value <= float(bound) if sign == "<=" else value >= float(bound)
    return {"id": name, "value": value, "unit": unit, "target": target, "holds": holds}


def number(value):
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def table(head, rows):
    """Markdown, aligned so that it reads well on a terminal too."""
    texts = [[str(cell) if isinstance(cell, str) else number(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))) + " |" for row in texts]
    lines.insert(1, "|" + "|".join("-" * (width + 2) if column == 0 else "-" * (width + 1) + ":" for column, width in enumerate(widths)) + "|")
    return "\n".join(lines)


def verdict(entry):
    return {None: "", True: "holds", False: "MISSED"}[entry["holds"]]


def figures_table(figures):
    return table(["figure", "measured", "unit", "target", ""],
                 [[entry["id"], entry["value"], entry["unit"], entry["target"] or "", verdict(entry)] for entry in figures])


# The figures of a part begin with one of these.
PREFIXES = {"load": ("lighttpd.", "apache.", "peer."), "steps": ("steps.", "round_trips.", "processor."), "worker": ("worker.",),
            "cgi": ("cgi.",), "growth": ("growth.",), "soak": ("soak.",), "ingest": ("ingest.",)}


def keep_figures(name, part, figures):
    """Puts a part's figures into a file of results in place of its former ones; returns all that the file has now."""
    path, kept = RESULTS / name, []
    RESULTS.mkdir(exist_ok=True)
    if path.exists():
        kept = [entry for entry in json.loads(path.read_text(encoding="utf-8")) if not entry["id"].startswith(PREFIXES[part])]
    order = list(PREFIXES)
    every = sorted(kept + figures, key=lambda entry: next(order.index(part) for part in order if entry["id"].startswith(PREFIXES[part])))
    path.write_text("[\n" + ",\n".join("  " + json.dumps(entry) for entry in every) + "\n]\n", encoding="utf-8")
    return every


def write_section(name, text):
    """Replaces one measured section of the document; what people wrote around it stays."""
    begin, end = f"<!-- measured: {name} -->", f"<!-- /measured: {name} -->"
    before, rest = DOCUMENT.read_text(encoding="utf-8").split(begin)
    DOCUMENT.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")),
                 platform.machine())
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}"


def origin():
    """The line above each measured table."""
    return f"Measured on {time.strftime('%Y-%m-%d')}, load average {os.getloadavg()[2]:.1f}: {machine()}."


# -- SVG ---------------------------------------------------------------------------------------------------------------------------

COLOURS = ("#c9d1d9", "#9aa7b4", "#57606a", "#0a7d55", "#d4a72c")
FONT = 'font-family="DejaVu Sans, Verdana, Arial, sans-serif"'


def text(x, y, content, size=13, anchor="start", colour="#24292f", more=""):
    content = str(content).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" {more}>{content}</text>'


def write_svg(name, title, width, height, body):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / name).write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" {FONT}>\n<title>{title}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        + text(24, 32, title, 17, more='font-weight="bold"') + "\n" + "\n".join(body) + "\n</svg>\n", encoding="utf-8")


def plot_bars(name, title, subtitle, groups):
    """groups: [(label, [(bar's name, value)])]; one panel below the other, bars from the left on one axis."""
    top, bar, left, width = 78, 20, 220, 880
    longest = max(value for _, bars in groups for _, value in bars)
    body = [text(24, 54, subtitle, 12, colour="#57606a")]
    y = top
    for label, bars in groups:
        body.append(text(24, y + 14, label, 14, more='font-weight="bold"'))
        y += 24
        for place, (who, value) in enumerate(bars):
            length = (width - left - 110) * value / longest
            body.append(text(left - 10, y + 14, who, 12, "end"))
            body.append(f'<rect x="{left}" y="{y}" width="{max(length, 1):.1f}" height="{bar - 4}" fill="{COLOURS[place % len(COLOURS)]}"/>')
            body.append(text(left + length + 6, y + 13, number(value), 12))
            y += bar
        y += 16
    write_svg(name, title, width, y + 10, body)


def plot_lines(name, title, subtitle, axes, series):
    """axes: (label of x, label of y), both logarithmic; series: [(name, colour, dashed, [(x, y)])]."""
    width, height, left, right, top, bottom = 880, 520, 80, 660, 80, 460
    points = [point for _, _, _, line in series for point in line]
    x0, x1 = (round(edge(math.log10(x) for x, _ in points)) for edge in (min, max))
    y0, y1 = math.floor(min(math.log10(y) for _, y in points)), math.ceil(max(math.log10(y) for _, y in points))
    place_x = lambda x: left + (right - left) * (math.log10(x) - x0) / max(x1 - x0, 1)
    place_y = lambda y: bottom - (bottom - top) * (math.log10(y) - y0) / max(y1 - y0, 1)
    body = [text(24, 54, subtitle, 12, colour="#57606a"), text(left, bottom + 42, axes[0], 12), text(24, top - 8, axes[1], 12)]
    for power in range(x0, x1 + 1):
        body.append(f'<line x1="{place_x(10**power):.1f}" y1="{top}" x2="{place_x(10**power):.1f}" y2="{bottom}" stroke="#eaeef2"/>')
        body.append(text(place_x(10**power), bottom + 20, f"{10**power:,}", 12, "middle"))
    for power in range(y0, y1 + 1):
        body.append(f'<line x1="{left}" y1="{place_y(10**power):.1f}" x2="{right}" y2="{place_y(10**power):.1f}" stroke="#eaeef2"/>')
        body.append(text(left - 8, place_y(10**power) + 4, f"{10.0**power:,.10g}", 12, "end"))
    labels = []
    for label, colour, dashed, line in series:
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        path = " ".join(f"{place_x(x):.1f},{place_y(y):.1f}" for x, y in line)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        body += [f'<circle cx="{place_x(x):.1f}" cy="{place_y(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in line]
        labels.append([place_y(line[-1][1]), label, colour])
    labels.sort()
    for above, below in zip(labels, labels[1:]):
        below[0] = max(below[0], above[0] + 16)
    body += [text(right + 12, y + 4, label, 12, colour=colour) for y, label, colour in labels]
    write_svg(name, title, width, height + 10, body)
