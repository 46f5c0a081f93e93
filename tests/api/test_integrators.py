"""docs/api.md, "For integrators": each of its commands is run as it stands there, against a running service."""
import json
import re
import subprocess
from pathlib import Path

import pytest

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"


def commands():
    """The blocks of the section that are commands, in order."""
    section = re.search(r"^## For integrators\n(.*?)^## ", MANUAL.read_text(), re.MULTILINE | re.DOTALL).group(1)
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def newcomer(stand):
    """A tenant and its client, as `palate tenant create` and `palate client create` leave them."""
    stand.tool.tenant("newcomer")
    created = stand.tool.run("client", "create", "--tenant", "newcomer", "--id", "newcomer-client").stdout
    return "newcomer-client", re.search(r"[0-9a-f]{64}|[A-Za-z0-9_-]{40,}", created).group()


def test_the_section_covers_the_whole_way():
    text = "".join(commands())
    for part in ("/oauth2/token", "/v1/items", "/v1/events", "/v1/recommendations", "/v1/search", "request_id"):
        assert part in text


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd"])
def test_every_command_does_what_it_says(stand, newcomer, kind):
    front = stand.front(kind)
    environment = {"PATH": "/usr/bin:/bin", "BASE": f"http://127.0.0.1:{front.port}", "CLIENT_ID": newcomer[0],
                   "CLIENT_SECRET": newcomer[1]}
    script = "set -euo pipefail\n" + "\necho; echo ----\n".join(commands())
    result = subprocess.run(["bash", "-c", script], env=environment, text=True, capture_output=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    answers = [json.loads(text) for text in result.stdout.split("----") if text.strip()]
    assert not [answer for answer in answers if "error" in answer], result.stdout
    lists = [answer for answer in answers if answer.get("url") == "/v1/recommendations"]
    assert lists and lists[0]["data"], "something was recommended"
