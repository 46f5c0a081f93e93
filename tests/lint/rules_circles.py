"""No circles: what a file includes, it can be read after. A .c and its .h count as one.

In a circle of files none can be understood, tested or moved without all others. A face is allowed to be one end of a
circle: a header with the types of a room, whose .c calls the parts of the room, which take those types.
"""
import re

from sources import blank, c_files, read

FACES = {
    "storage/clients": "its header has struct tenant, which a tenant's events and their types are read by",
    "token/claims": "its header is the face of the room; what it calls takes its claims",
    "request/request": "its header is the request that each step fills; its table calls the steps",
    "request/transport": "body_length.c says how much of it to read",
    "remote/remote": "its header is the query and the reply that protocol and client take",
    "api/recommend/recommendations_json": "explanation_json.c writes one member of its answer",
    "cli/accounts/client": "its header has the options that its commands, a file each, take",
    "cli/doctor/doctor": "its header has the report that each check writes to",
    "cli/import/source": "its header has the options and outcomes that the reader of each format takes",
    "training/trainer": "its header has the inputs and settings that all parts take",
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)\.h"', re.MULTILINE)


def read_graph():
    graph = {}
    for path in c_files("fcgi"):
        unit = path[len("fcgi/"):-2]
        graph.setdefault(unit, set()).update(set(INCLUDE.findall(blank(read(path), keep_strings=True))) - {unit})
    return graph


def find_circle(graph, start):
    """The shortest way from start back to it; None: there is none."""
    ways, seen = [[start]], {start}
    for way in ways:
        for unit in sorted(graph.get(way[-1], ())):
            if unit == start:
                return way + [start]
            if unit not in seen:
                seen.add(unit)
                ways.append(way + [unit])
    return None


def check_circles():
    graph = read_graph()
    cut = {unit: uses - set(FACES) for unit, uses in graph.items()}
    told = set()
    for unit in sorted(cut):
        circle = None if unit in told else find_circle(cut, unit)
        if circle:
            told.update(circle)
            yield f"fcgi/{unit}.c:1: includes itself in a circle: {' -> '.join(circle)}"
    for face in sorted(FACES):
        with_face = {unit: uses - (set(FACES) - {face}) for unit, uses in graph.items()}
        if not find_circle(with_face, face):
            yield f"tests/lint/rules_circles.py:1: {face} is in no circle any more: remove the exception"


RULES = {"circles": ("no circle between files but through a face", check_circles)}
