"""Each fault of an installation is named by `palate doctor`, with its true cause and nothing else, and fixed by what doctor says.

The table is harness/faults.py. One machine has all of them, one after the other: a fault that is not fixed shows in the next.
"""
import re
import time

import pytest
from harness import shop
from harness.faults import CONF, FAULTS
from harness.operations import put_systemctl
from harness.setup import SERVICES, run_setup, serving_root

RELOAD = {"apache": "apache2ctl graceful", "lighttpd": "kill -USR1 $(cat /run/lighttpd.pid)"}
COMMANDS = r"(chgrp|chmod|chown|install|mariadb|palate|systemctl) "
ROUNDS = 3


class Doctor:
    """What doctor says: (word, finding, fix) of each line that is not ok."""

    def __init__(self, root, fault, user="root"):
        self.result = root.run(f"palate doctor --url {fault.url} --connect 127.0.0.1", check=False, user=user,
                               environment={"PALATE_CONFIG": CONF})
        found = re.findall(r"^(warn|FAIL)  (.*)\n      fix: (.*)$", self.result.out, re.MULTILINE)
        self.findings = found or ([("died", self.result.err, "")] if self.result.status not in (0, 1) else [])

    def lines(self, word):
        return [(text, fix) for found, text, fix in self.findings if found == word]

    def is_told(self, fault):
        """Every line fits one of the fault's sentences, and every sentence a line."""
        lines = [text for text, _ in self.lines(fault.finding)]
        return (all(any(re.search(says, text) for says in fault.says) for text in lines)
                and all(any(re.search(says, text) for text in lines) for says in fault.says)
                and (fault.finding == "FAIL" or not self.lines("FAIL")))

    def commands(self, word, server):
        """What the fixes begin with, where it is a command: up to the comma, semicolon or bracket behind it."""
        fixes = [re.sub(r"^(systemctl start) apache2 \(or lighttpd", rf"\1 {SERVICES[server]} (", fix) for _, fix in self.lines(word)]
        heads = [re.split(r", |; | \(", fix)[0] for fix in fixes]
        return list(dict.fromkeys(head for head in heads if re.match(COMMANDS, head)))


def until(look, seconds=6):
    """The first look that is good, or the last: servers take up what changed a moment later."""
    end = time.monotonic() + seconds
    while True:
        good, seen = look()
        if good or time.monotonic() > end:
            return good, seen
        time.sleep(0.1)


@pytest.fixture(name="place", params=(pytest.param("apache", marks=pytest.mark.short), "lighttpd"))
def fixture_place(request, machine):
    root = serving_root(machine, request.param)
    items, events = shop.put_files(root, purchases=500)
    run_setup(root, "--server", request.param, "--items", items, "--events", events)
    put_systemctl(root)
    return root, request.param


def run(root, server, command):
    start = f"service {SERVICES[server]} restart"
    root.run(command.format(service=SERVICES[server], reload=RELOAD[server], start=start), check=False)


def fix(root, server, fault, doctor):
    """Does what doctor says, again where something was behind it. What is still wrong, or None."""
    if fault.repair:
        run(root, server, fault.repair)
        good, seen = until(lambda: passes(root, fault))
        return None if good else seen
    for _ in range(ROUNDS):
        commands = doctor.commands(fault.finding, server)
        if not commands:
            break
        for command in commands:
            done = root.run(command, check=False)
            if done.status:
                return done
        good, doctor = until(lambda: passes(root, fault), 2)
        if good:
            return None
    return doctor.result


def passes(root, fault):
    doctor = Doctor(root, fault)
    good = doctor.result.status == 0 and (fault.finding != "warn" or not doctor.lines("warn"))
    return good, doctor if not good else None


def told(root, fault, user="root"):
    doctor = Doctor(root, fault, user)
    return doctor.is_told(fault), doctor


def try_fault(root, server, fault):
    """What is wrong with what doctor says of it, as text; "" when nothing is."""
    run(root, server, fault.breaking)
    good, doctor = until(lambda: told(root, fault))
    problems = []
    if not good:
        problems.append(f"it says otherwise:\n{doctor.result}")
    elif not any(re.search(fault.says[0], text) and re.search(fault.fix, advice) for text, advice in doctor.lines(fault.finding)):
        problems.append(f"/{fault.fix}/ is not how it fixes it:\n{doctor.result}")
    for user, word, says, advises in fault.others:
        other = Doctor(root, fault, user)
        if not any(re.search(says, text) and re.search(advises, advice) for text, advice in other.lines(word)):
            problems.append(f"to {user} it does not say /{says}/ with /{advises}/:\n{other.result}")
    left = fix(root, server, fault, doctor)
    if left:
        problems.append(f"what it says does not fix it:\n{getattr(left, 'result', left)}")
    if fault.after:
        run(root, server, fault.after)
    return "".join(f"{fault.name}: {problem}\n" for problem in problems)


def test_doctor_names_each_fault_and_its_fix_fixes_it(place):
    root, server = place
    problems = []
    for fault in FAULTS[server]:
        began = time.monotonic()
        problem = try_fault(root, server, fault)
        print(f"{time.monotonic() - began:5.1f} s  {fault.name}{': ' + problem if problem else ''}")
        problems.append(problem)
    assert not any(problems), "\n".join(filter(None, problems))
