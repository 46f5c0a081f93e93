"""docs/operations.md as commands: the indented blocks of a section, played as they stand."""
import re
import textwrap

from harness.layers import CHECKOUT

# The roots have no systemd. Debian's unit reloads lighttpd by this signal; its init script would stop it and start it again.
SYSTEMCTL = """#!/bin/sh
[ "$*" != "reload lighttpd" ] || exec kill -USR1 "$(cat /run/lighttpd.pid)"
exec service "$2" "$1"
"""


def put_systemctl(root):
    root.put("/usr/local/sbin/systemctl", SYSTEMCTL, "0755")


def blocks(title):
    """The indented blocks of the section of that title, in their order. One below a numbered step is indented beyond it."""
    text = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section, f"docs/operations.md has no section {title}"
    found = re.findall(r"(?:^ {4,}\S.*\n(?:^\s*\n(?= {4}))?)+", section.group(1), re.MULTILINE)
    assert found, f"the section {title} has no commands"
    return [textwrap.dedent(block) for block in found]


def play(root, script, **how):
    """As pasted into one shell; the first command that fails ends it, with what was run."""
    return root.run(f"set -eo pipefail\nset -x\n{script}", **how)
