"""The two example files on the distribution's own servers, as an administrator would take them."""
import pytest
from harness import by_hand, shop


@pytest.mark.parametrize("server", (pytest.param("apache", marks=pytest.mark.short), "lighttpd"))
def test_an_installation_by_hand_answers(machine, server):
    root = machine(server)
    token = by_hand.install(root, server)
    described, known = shop.ask(root, token)
    assert described.status == 200, described
    assert len(described.json["results"]) == 5
    assert known.status == 200, known
    assert root.request("GET", "/recommendations").status == 401
