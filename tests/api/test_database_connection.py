"""The connection to MariaDB: what a false server gets."""
import pytest

from harness import rogue_database
from harness.rogue_database import RogueDatabase

TELLING = (b"mysql_clear_password", b"dialog", b"sha256_password", b"caching_sha2_password", b"mysql_old_password")


def by_host(stand, name, port, **more):
    """The path of a configuration that leads to MariaDB at this port; .password is what a false one is after."""
    text = stand.configure(name).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("socket = ")]
    at = lines.index("[database]") + 1
    lines[at:at] = ["host = 127.0.0.1", f"port = {port}", *(f"{key} = {value}" for key, value in more.items())]
    return stand.write(name, "\n".join(lines) + "\n")


def ask(stand, path):
    return stand.tool.run("--config", path, "tenant", "list", "--quiet", check=False, timeout=30)


# ---- A false server


@pytest.mark.parametrize("plugin", TELLING)
def test_no_server_is_told_the_password(stand, plugin):
    password = stand.database.passwords["palate_tool"].encode()
    for how in ({"plugin": plugin}, {"switch": plugin}):
        with RogueDatabase(**how) as rogue:
            said = ask(stand, by_host(stand, "rogue.conf", rogue.port))
            assert rogue.over.wait(10)
        assert said.returncode == 1 and said.stderr
        assert password not in rogue.login + rogue.told
        assert not rogue.told, "nothing at all is sent in such a way"


def test_no_server_gets_a_file(stand):
    file = stand.root / "tool.password"
    with RogueDatabase(wants=str(file)) as rogue:
        said = ask(stand, by_host(stand, "rogue.conf", rogue.port))
        assert not rogue.capabilities() & rogue_database.LOCAL_FILES, "the client says that it can send files"
    assert said.returncode == 1
    assert file.read_bytes().strip() not in rogue.file
