"""The block of docs/operations.md for a bare machine, pasted: Debian without anything, apt-get, make, make install, palate setup, a recommendation."""
import pytest
from harness.product import copy_checkout
from harness.blocks import commands, deploying_blocks

STEPS = 3  # packages and build, install, setup


@pytest.mark.parametrize("services", (pytest.param(True, id="machine"), pytest.param(False, id="container")))
@pytest.mark.parametrize("server", ("apache", "lighttpd"))
def test_the_block_makes_a_bare_machine_answer(machine, server, services, request):
    blocks = deploying_blocks()
    assert server in blocks, f"docs/operations.md has no block with palate setup for {server}"
    root = machine("archives", palate=False, services=services)
    root.put("/etc/hosts", root.read("/etc/hosts") + "127.0.0.1 api.example.org\n")
    copy_checkout(root, "/root/palate")
    played = commands(blocks[server])
    seconds = {}
    for command in played:
        done = root.run(command, directory="/root/palate", timeout=900)
        seconds[command] = round(done.seconds, 1)
    print(f"\n{request.node.name}: {seconds}")
    before_asking = [command for command in played if not command.startswith("curl")]
    assert len(before_asking) <= STEPS, before_asking
    answer = root.request("GET", "http://api.example.org/openapi.json")
    assert answer.status == 200, answer
    assert root.run("palate doctor --url http://api.example.org", check=False).status == 0
