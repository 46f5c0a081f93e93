"""The tool, where only the whole installation can tell."""
import re

from harness.client import request
from harness.stand import CHECKOUT


def test_the_example_configuration_is_what_the_tool_prints(stand):
    assert stand.tool.run("settings").stdout == (CHECKOUT / "etc/palate.conf.example").read_text()
    assert stand.tool.run("settings", "--markdown").stdout == (CHECKOUT / "docs/configuration.md").read_text()


def test_there_is_one_version(stand, quick):
    version = re.search(r'PALATE_VERSION "(.+)"', (CHECKOUT / "fcgi/base/version.h").read_text())[1]
    assert stand.tool.run("--version").stdout == f"palate {version}\n"
    assert request(quick.port, "GET", "/openapi.json").json()["info"]["version"] == version


def test_the_help_of_contexts_names_each_setting(stand):
    help_text = stand.tool.run("context", "set", "--help").stdout
    refused = stand.tool.run("context", "set", "--tenant", "alpha", "--id", "1", "--settings", '{"no_such": 1}', check=False)
    names = re.search(r"use (.+)", refused.stderr).group(1).split(", ")
    assert len(names) == 13 and "shadow" in names
    assert re.findall(r"^  (\w+) +\S", help_text.split("\nsettings:\n")[1], re.MULTILINE) == names
