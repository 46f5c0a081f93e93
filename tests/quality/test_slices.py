"""Training in slices and within a bound of memory: what comes out is the model of one undisturbed run."""
import os
import random
import re
import signal
import subprocess
import time

import pytest

DAY = 86400
NOW = 1_700_000_000


def write_inputs(tool, users=300, groups=12, seed=1):
    """Tastes in groups of 20 items, over 90 days. The items tell when they were made, so that no moment of training is in the model."""
    draw = random.Random(seed)
    rows = [(f"u{user}", f"g{draw.randrange(3) + user % groups}-{int(20 * draw.random() ** 2)}", "view", NOW - draw.randrange(90 * DAY))
            for user in range(users) for _ in range(12)]
    items = [(f"g{group}-{item}", f"group {group} thing {item}") for group in range(groups + 3) for item in range(20)]
    tool.write("items.csv", "id,name,created\n" + "".join(f"{id},{name},1500000000\n" for id, name in items))
    return tool.events("events.csv", rows)


def words(model, *options):
    return ["train", "--events", "events.csv", "--items", "items.csv", "--model", model, *options]


def body(tool, name):
    """The bytes behind the header, which holds the moment of training."""
    data = (tool.folder / name).read_bytes()
    return data[int.from_bytes(data[16:20], "little"):]


def names(tool):
    return sorted(path.name for path in tool.folder.iterdir())


def begin(tool, model):
    """One slice whose time is over, on the fastest machine, before its second piece."""
    tool.run(*words(model, "--time-budget", "1ms"))
    assert (tool.folder / f"{model}.state").exists() and not (tool.folder / model).exists()


def finish(tool, model, budget="1s", limit=300):
    """Runs slices until the model is there; their number."""
    for count in range(1, limit):
        said = tool.run(*words(model, "--time-budget", budget))
        if (tool.folder / model).exists():
            assert not (tool.folder / f"{model}.state").exists() and "not done yet" not in said
            return count
        assert "not done yet: at " in said and "the same command goes on" in said
        assert (tool.folder / f"{model}.state").exists()
    raise AssertionError("never done")


def test_slices_give_the_model_of_one_run(fast_tool):
    write_inputs(fast_tool, 3000)
    fast_tool.run(*words("whole"))
    begin(fast_tool, "sliced")
    finish(fast_tool, "sliced")
    assert body(fast_tool, "sliced") == body(fast_tool, "whole")
    assert names(fast_tool) == ["events.csv", "items.csv", "sliced", "whole"]


def test_kills_and_interruptions_in_the_middle(fast_tool):
    """A kill costs a few seconds of work, whenever it comes; Ctrl-C none."""
    write_inputs(fast_tool, 3000)
    fast_tool.run(*words("whole"))
    for attempt, number in enumerate([signal.SIGKILL, signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL]):
        process = fast_tool.start(*words("sliced", "--time-budget", "1h"))
        time.sleep(0.3 + 0.35 * attempt)
        process.send_signal(number)
        process.communicate(timeout=60)
        assert not (fast_tool.folder / "sliced").exists() or process.returncode == 0
        (fast_tool.folder / "sliced").unlink(missing_ok=True)  # of an attempt that was done before the signal came
    finish(fast_tool, "sliced")
    assert body(fast_tool, "sliced") == body(fast_tool, "whole")
    assert names(fast_tool) == ["events.csv", "items.csv", "sliced", "whole"]


def test_a_torn_state_is_fixed(fast_tool):
    """Whatever is left of the state after a power cut, the model is the same."""
    write_inputs(fast_tool, 2000)
    fast_tool.run(*words("whole"))
    state = fast_tool.folder / "sliced.state"
    draw = random.Random(3)
    for budget in ["1ms", "300ms", "600ms", "1s"]:
        fast_tool.run(*words("sliced", "--time-budget", budget))
        if (fast_tool.folder / "sliced").exists():
            break
        data = bytearray(state.read_bytes())
        if draw.random() < 0.5:
            data = data[:draw.randrange(len(data))]
        else:
            data[draw.randrange(len(data))] ^= 1
        state.write_bytes(data)
    if not (fast_tool.folder / "sliced").exists():
        finish(fast_tool, "sliced")
    assert body(fast_tool, "sliced") == body(fast_tool, "whole")


def test_a_state_of_other_inputs_is_dropped(fast_tool):
    write_inputs(fast_tool, 3000)
    begin(fast_tool, "sliced")
    write_inputs(fast_tool, 3100, seed=2)
    finish(fast_tool, "sliced")
    fast_tool.run(*words("whole"))
    assert body(fast_tool, "sliced") == body(fast_tool, "whole")


def test_only_one_run_at_a_time(fast_tool):
    write_inputs(fast_tool, 3000)
    process = fast_tool.start(*words("sliced", "--time-budget", "1h"))
    deadline = time.monotonic() + 60
    while not (fast_tool.folder / "sliced.state").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert "another run is at work" in fast_tool.run(*words("sliced", "--time-budget", "1s"), status=1)
    process.kill()
    process.communicate()


def peak_kib(tool, command):
    process = subprocess.Popen([str(tool.program), *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tool.folder)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss, said


@pytest.mark.parametrize("users, groups", [(3000, 40), (5000, 12)])
def test_memory_is_bounded(fast_tool, users, groups):
    """Too little is refused with the amount that is needed; that amount does, and is not passed; the model does not depend on it."""
    write_inputs(fast_tool, users, groups)
    status, peak, said = peak_kib(fast_tool, words("small", "--memory", "64M"))
    if status:
        assert not (fast_tool.folder / "small").exists()
        amount = re.search(r"give --memory (\d+)M where", said)
        assert amount, said
        needed = int(amount.group(1))
    else:
        assert peak < 64 * 1024
        needed = 64
    status, peak, said = peak_kib(fast_tool, words("enough", "--memory", f"{needed}M"))
    assert status == 0, said
    assert peak < needed * 1024
    fast_tool.run(*words("whole"))
    assert body(fast_tool, "enough") == body(fast_tool, "whole")


def test_nearest_items_by_learned_vectors(tool):
    """Two tastes whose items have nothing in common in their names: neighbours are of the same taste."""
    draw = random.Random(4)
    rows = [(f"u{user}", f"{'ab'[user % 2]}{draw.randrange(20)}", "view", NOW - draw.randrange(60 * DAY)) for user in range(200) for _ in range(6)]
    tool.run("train", "--events", tool.events("events.csv", rows), "--model", "out.model")
    for taste in "ab":
        lines = tool.run("inspect", "--model", "out.model", "--near", f"{taste}3", "-k", 5).splitlines()
        assert len(lines) == 5 and all(line.split()[1].startswith(taste) for line in lines), lines
    assert 'holds no item "c"' in tool.run("inspect", "--model", "out.model", "--near", "c", status=1)
