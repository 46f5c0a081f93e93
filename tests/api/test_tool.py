"""The tool, where only the whole installation can tell."""
from harness.stand import CHECKOUT


def test_the_example_configuration_is_what_the_tool_prints(stand):
    assert stand.tool.run("settings").stdout == (CHECKOUT / "etc/palate.conf.example").read_text()


def test_doctor_finds_nothing_wrong_with_a_good_installation(stand, quick):
    result = stand.tool.run("doctor", "--url", f"http://127.0.0.1:{quick.port}", check=False)
    assert result.returncode == 0, result.stdout
    assert "FAIL" not in result.stdout


def test_doctor_writes_no_row(stand, quick, nothing_logged):
    stand.tool.run("doctor", "--url", f"http://127.0.0.1:{quick.port}", check=False)
