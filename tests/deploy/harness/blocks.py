"""The blocks of docs/operations.md that are to be pasted on a bare machine, and playing them."""
import re

from harness.layers import CHECKOUT

FENCE = re.compile(r"^```(?:sh|bash)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def deploying_blocks():
    """The fenced blocks of the section Deploying that call `palate setup` for a machine, by web server."""
    text = (CHECKOUT / "docs/operations.md").read_text(encoding="utf-8")
    section = re.search(r"^## Deploying\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section, "docs/operations.md has no section Deploying"
    found = {}
    for block in FENCE.findall(section.group(1)):
        if re.search(r"\bpalate setup\b(?!.*--site)", block):
            found.setdefault("lighttpd" if "lighttpd" in block else "apache", block)
    return found


def commands(block):
    """The commands of a block as bash would take them one after the other from a terminal: lines, joined where they go on."""
    joined, taken = "", []
    for line in block.splitlines():
        joined += line + "\n"
        if not line.endswith("\\") and not line.rstrip().endswith("&&"):
            if joined.strip() and not joined.lstrip().startswith("#"):
                taken.append(joined.strip())
            joined = ""
    assert not joined, f"the block ends within a command: {joined}"
    return taken
