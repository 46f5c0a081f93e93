"""The commands on files: formats, refusals, interruption, and that no half-written file is ever left."""
import gzip
import json
import lzma
import os
import signal
import struct
import time
import xml.etree.ElementTree as tree

import pytest

NOW = 1_700_000_000


def rows_of_two_tastes(users=40):
    return [(f"u{user}", f"{'ab'[user % 2]}{(user + step) % 9}", "view", NOW + user * 1000 + step * 86400)
            for user in range(users) for step in range(5)]


def as_json_lines(rows):
    return "".join(json.dumps({"user_id": u, "item_id": i, "type": t, "occurred_at": at}) + "\n" for u, i, t, at in rows)


def without_time(model):
    """The bytes of a model but for the moment of training and the header's checksum, which holds it."""
    data = bytearray(model.read_bytes())
    data[92:96] = data[48:56] = bytes(0)  # from the back, so that the first place stays
    return data


def test_formats_give_the_same_lists(tool):
    rows = rows_of_two_tastes()
    plain = tool.events("events.csv", rows)
    lists = tool.lists(plain, ["u0", "u1", "new"])
    lines = as_json_lines(rows).encode()
    (tool.folder / "events.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tool.folder / "events.jsonl").write_bytes(lines)
    (tool.folder / "packed").write_bytes(lzma.compress(lines))
    for name in ("events.csv.gz", "events.jsonl", "packed"):
        assert tool.lists(name, ["u0", "u1", "new"]) == lists


def test_seen_items(tool):
    rows = rows_of_two_tastes()
    events = tool.events("events.csv", rows)
    seen = {item for user, item, _, _ in rows if user == "u0"}
    assert not seen & set(tool.lists(events, ["u0"], k=100)["u0"])
    assert seen < set(tool.lists(events, ["u0"], k=100, options=["--include-seen"])["u0"])


def test_order_of_rows_does_not_matter_to_the_history(tool):
    rows = rows_of_two_tastes()
    lists = tool.lists(tool.events("events.csv", rows), ["u0", "u7"])
    assert tool.lists(tool.events("events.csv", rows[::-1]), ["u0", "u7"]) == lists


def test_training_is_repeatable(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    items = tool.write("items.csv", "id,name,created\n" + "".join(f"{kind}{n},Item {n},1500000000\n" for kind in "ab" for n in range(9)))
    for name, threads in (("one", 1), ("two", 2), ("again", 2)):
        tool.run("train", "--events", events, "--items", items, "--model", name, "--threads", threads, "--seed", 3)
    assert without_time(tool.folder / "one") == without_time(tool.folder / "two") == without_time(tool.folder / "again")


def test_events_of_unknown_items_are_left_out(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    items = tool.write("items.jsonl", '{"id": "a0", "name": "A"}\n{"id": "b0", "name": "B"}\n')
    said = tool.run("train", "--events", events, "--items", items, "--model", "out.model")
    assert "2 items, " in said and "events left out" in said
    assert tool.lists(events, ["u0"], items=items)["u0"]


@pytest.mark.parametrize("text, reason", [
    ("user_id,item_id\na,x\nb\n", "events.csv:3: the line has 1 fields between commas, the header 2; fix or remove the line"),
    ("user_id,item_id,occurred_at\na,x,soon\n", "events.csv:2: occurred_at must be a time"),
    ("user_id,thing\na,x\n", "the column item_id is missing: found user_id, thing"),
    ("user_id,item_id\n", "events.csv holds no event"),
    ("", "the file is empty"),
])
def test_bad_events(tool, text, reason):
    tool.write("events.csv", text)
    tool.write("users.txt", "a\n")
    assert reason in tool.run("train", "--events", "events.csv", "--model", "out.model", status=1)
    assert reason in tool.run("evaluate", "--events", "events.csv", status=1)
    assert not (tool.folder / "out.model").exists()


def test_bad_paths(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    assert "cannot write nowhere/out.model: nowhere: No such file" in tool.run("train", "--events", events, "--model", "nowhere/out.model",
                                                                              status=1)
    assert "it is no ordinary file" in tool.run("train", "--events", events, "--model", "/dev/null", status=1)
    assert "it is a folder" in tool.run("evaluate", "--events", events, "--json", ".", status=1)
    assert "nowhere/p.svg" in tool.run("evaluate", "--events", events, "--plot", "nowhere/p.svg", status=1)
    tool.run("train", "--events", events, "--model", "out.model")
    tool.write("users.txt", "u0\n")
    common = ["recommend", "--events", events, "--users", "users.txt"]
    assert "nowhere/recs" in tool.run(*common, "--model", "out.model", "--output", "nowhere/recs", status=1)
    assert "cannot open the model none" in tool.run(*common, "--model", "none", "--output", "recs", status=1)
    assert "not a Palate model" in tool.run(*common, "--model", events, "--output", "recs", status=1)
    tool.write("users.txt", "\n\n")
    assert "names no user" in tool.run(*common, "--model", "out.model", "--output", "recs", status=1)
    tool.write("users.txt", "u 0\n")
    assert "holds a space" in tool.run(*common, "--model", "out.model", "--output", "recs", status=1)
    assert sorted(path.name for path in tool.folder.iterdir()) == ["events.csv", "out.model", "users.txt"]


def test_output_to_standard_output(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    tool.run("train", "--events", events, "--model", "out.model")
    tool.write("users.txt", "u0\nu1\n")
    process = tool.start("recommend", "--model", "out.model", "--events", events, "--users", "users.txt", "--output", "/dev/stdout", "-k", 2)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and [len(line.split()) for line in output.splitlines()] == [3, 3]


def names(tool):
    return sorted(path.name for path in tool.folder.iterdir())


def interrupt(process):
    process.send_signal(signal.SIGINT)


def expect_interrupted(tool, process, before):
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, output + errors
    assert "interrupted" in errors and "Sanitizer" not in errors
    assert (tool.folder / "target").read_text() == "as before"
    assert names(tool) == before


@pytest.mark.parametrize("words", [
    ["train", "--items", "items.jsonl", "--model", "target"], ["evaluate", "--json", "target"],
    ["recommend", "--model", "out.model", "--users", "users.txt", "--output", "target"]])
def test_interruption_while_reading(tool, words):
    """The events come through a pipe, so that the moment is certain."""
    tool.write("items.jsonl", '{"id": "x", "name": "X"}\n')
    tool.write("users.txt", "u0\n")
    tool.write("target", "as before")
    os.mkfifo(tool.folder / "pipe")
    before = names(tool)
    process = tool.start(*words, "--events", "pipe")
    with open(tool.folder / "pipe", "w", encoding="utf-8") as pipe:
        pipe.write("user_id,item_id\n" + "u0,x\n" * 1000)
        pipe.flush()
        time.sleep(0.2)
        interrupt(process)
    expect_interrupted(tool, process, before)


def test_interruption_while_writing(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    tool.run("train", "--events", events, "--model", "out.model")
    tool.write("users.txt", "u0\n" * 1_000_000)
    tool.write("target", "as before")
    before = names(tool)
    process = tool.start("recommend", "--events", events, "--model", "out.model", "--users", "users.txt", "--output", "target")
    deadline = time.monotonic() + 60
    while names(tool) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(names(tool)) == len(before) + 1  # the temporary file
    interrupt(process)
    expect_interrupted(tool, process, before)


def test_evaluate_writes_a_plot_and_figures(tool):
    events = tool.events("events & more.csv", rows_of_two_tastes(120))
    said = tool.run("evaluate", "--events", events, "--split", "last-1", "-k", 5, "--plot", "plot.svg", "--json", "figures.json")
    svg = tree.parse(tool.folder / "plot.svg").getroot()
    texts = [text for element in svg.iter("{http://www.w3.org/2000/svg}text") for text in element.itertext()]
    for text in ("Palate", "popularity", "recent popularity", "item-kNN", "Recall@5 (share found)", "HR@5 (users with a find)"):
        assert text in texts
    figures = json.loads((tool.folder / "figures.json").read_text(encoding="utf-8"))
    for method in figures["methods"]:
        for measure in ("recall", "ndcg", "hit_rate", "coverage"):
            assert 0 <= method[measure] <= 1
            assert measure == "coverage" or f"{method[measure]:.4f}" in said
        assert method["name"] == "Palate" or method["palate_ndcg_ahead"]["low"] <= method["palate_ndcg_ahead"]["high"]
    assert figures["tested_users"] == 120 and figures["sentence"] in said
    assert sorted(path.name for path in tool.folder.iterdir()) == ["events & more.csv", "figures.json", "plot.svg"]  # and no model


def test_evaluate_is_repeatable(tool):
    events = tool.events("events.csv", rows_of_two_tastes(60))
    for name in ("one", "two"):
        tool.run("evaluate", "--events", events, "--split", "random-20", "--json", name)
    figures = [json.loads((tool.folder / name).read_text(encoding="utf-8")) for name in ("one", "two")]
    for entry in figures:
        entry.pop("train_seconds")
    assert figures[0] == figures[1]


@pytest.mark.parametrize("rows, split", [
    (lambda n: NOW + n * 90 * 86400, "last-30d"), (lambda n: NOW + n, "last-1"), (lambda n: NOW, "random-10")])
def test_evaluate_chooses_the_split_by_the_times(tool, rows, split):
    events = tool.events("events.csv", [(f"u{n}", f"i{(n + step) % 30}", "view", rows(step)) for n in range(60) for step in range(12)])
    assert f"split {split}:" in tool.run("evaluate", "--events", events)


@pytest.mark.parametrize("moment", ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_one_wrong_clock_does_not_decide_the_evaluation(tool, moment):
    rows = [(f"u{n}", f"i{(n + step) % 30}", "view", NOW + step * 9 * 86400 + n) for n in range(60) for step in range(12)]
    plain = tool.run("evaluate", "--events", tool.events("events.csv", rows))
    ahead = tool.run("evaluate", "--events", tool.events("events.csv", [*rows, ("u1", "i9", "view", moment)]))
    assert "1 events were left out" in ahead
    tested = [said.split(" users tested")[0].split()[-1] for said in (plain, ahead)]
    assert tested[0] == tested[1] != "0"


def test_places_in_an_order_take_the_place_of_times(tool):
    """As data sets without times have them: of all events, of each user's, or one number for all."""
    timed = [(f"u{n}", f"i{(n + step) % 30}", "view", NOW + step * 60) for n in range(60) for step in range(12)]
    placed = [(user, item, kind, at - NOW) for user, item, kind, at in timed]
    assert "split last-1:" in tool.run("evaluate", "--events", tool.events("events.csv", placed))
    assert "split random-10:" in tool.run("evaluate", "--events", tool.events("events.csv", [(*row[:3], 1) for row in timed]))
    said = tool.run("evaluate", "--events", tool.events("events.csv", [*placed, timed[0]]), status=1)
    assert "events.csv:722: occurred_at is given, though the first event has a place in an order" in said
    said = tool.run("evaluate", "--events", tool.events("events.csv", [*timed, placed[0]]), status=1)
    assert "events.csv:722: occurred_at is a place in an order, though the first event has it" in said


def test_robots_are_neither_learned_from_nor_tested(tool):
    rows = [(f"u{n}", f"i{(n + step) % 30}", "view", NOW + step * 9 * 86400 + n) for n in range(60) for step in range(12)]
    plain = tool.run("evaluate", "--events", tool.events("events.csv", rows))
    robot = [("robot", f"i{step % 30}", "view", NOW + 90 * 86400 + step * 200) for step in range(900)]
    said = tool.run("evaluate", "--events", tool.events("events.csv", rows + robot))
    assert "900 events of 1 users were left out" in said
    assert [text.split(" users tested")[0].split()[-1] for text in (plain, said)] == ["60"] * 2
    assert "900 events of 1 users left out" in tool.run("train", "--events", "events.csv", "--model", "out.model")


def test_a_history_has_windows_by_kind(tool):
    """What was bought steers a list behind 400 newer views, and what was only shown is no history."""
    rows = [(f"u{n}", f"{'ab'[n % 2]}{step}", "purchase", NOW + n * 1000 + step * 86400) for n in range(60) for step in range(6)]
    rows += [("x", f"b{step}", "purchase", NOW + step) for step in range(5)]
    few = tool.lists(tool.events("events.csv", rows), ["x"], k=1)
    views = [("x", "new", "view", NOW + 10000 + step) for step in range(400)]
    shown = [("x", f"a{step % 5}", "impression", NOW + 20000 + step) for step in range(400)]
    assert few["x"] == ["b5"]
    assert tool.lists(tool.events("events.csv", rows + views + shown), ["x"], k=1)["x"] == ["b5"]


def test_evaluate_without_anybody_to_test(tool):
    events = tool.events("events.csv", [(f"u{n}", "only", "view", NOW) for n in range(20)])
    assert "no user can be tested with the split random-10" in tool.run("evaluate", "--events", events, status=1)


def test_inspect(tool):
    events = tool.events("events.csv", rows_of_two_tastes())
    tool.run("train", "--events", events, "--model", "out.model")
    said = tool.run("inspect", "--model", "out.model", "--verify")
    assert "18 items, 40 users, 200 events" in said and "every byte is as it was written" in said


def damage(data, offset, value):
    return data[:offset] + value + data[offset + len(value):]


@pytest.mark.parametrize("change, verify, reason", [
    (lambda data: data[:50], False, "short"),
    (lambda data: b"X" + data[1:], False, "not a Palate model"),
    (lambda data: damage(data, 8, struct.pack("<I", 99)), False, "version"),
    (lambda data: damage(data, 24, b"\1"), False, "damaged"),
    (lambda data: data + b"\0", False, "size"),
    (lambda data: data[:-1] + bytes([data[-1] ^ 1]), True, "damaged"),
])
def test_inspect_refuses_damage(tool, change, verify, reason):
    tool.run("train", "--events", tool.events("events.csv", rows_of_two_tastes()), "--model", "good")
    (tool.folder / "bad").write_bytes(change((tool.folder / "good").read_bytes()))
    said = tool.run("inspect", "--model", "bad", *(["--verify"] if verify else []), status=1)
    assert "the model bad cannot be used: " in said and reason in said
    assert "cannot open the model none: No such file" in tool.run("inspect", "--model", "none", status=1)


def test_wrong_usage(tool):
    for words in (["train", "--events", "e"], ["recommend"], ["evaluate"], ["inspect"], ["evaluate", "--events", "e", "--split", "half"]):
        assert "--help" in tool.run(*words, status=2)
    for command in ("train", "recommend", "evaluate", "inspect"):
        assert "example: palate" in tool.run(command, "--help")
