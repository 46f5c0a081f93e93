"""The tool, where only the whole installation can tell."""
from harness.stand import CHECKOUT


def test_the_example_configuration_is_what_the_tool_prints(stand):
    assert stand.tool.run("settings").stdout == (CHECKOUT / "etc/palate.conf.example").read_text()
