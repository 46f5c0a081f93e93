"""Verbs that list: a table for people, lines of keys for scripts, and nothing at all where there is nothing."""
import pytest


@pytest.fixture(scope="module")
def tenant(stand):
    stand.tool.tenant("listed")
    for name in [*stand.tool.run("event-type", "list", "--tenant", "listed", "--quiet").stdout.split()]:
        stand.tool.run("event-type", "delete", name, "--tenant", "listed")
    return "listed"


VERBS = {
    "client": (("client", "list", "--tenant", "listed"), "palate client create --tenant listed"),
    "event-type": (("event-type", "list", "--tenant", "listed"), "palate event-type set NAME --tenant listed"),
    "context": (("context", "list", "--tenant", "listed"), "palate context set"),
    "client alias": (("client", "alias", "list", "--tenant", "listed"), "palate client alias add"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_list_is_a_sentence_for_people_and_nothing_for_scripts(stand, tenant, verb):
    words, advice = VERBS[verb]
    told = stand.tool.run(*words)
    assert told.stdout == "" and advice in told.stderr and told.stderr.count("\n") == 1
    quiet = stand.tool.run(*words, "--quiet")
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_quiet_lists_keys_alone(stand):
    run = stand.tool.run
    stand.tool.tenant("lines")
    for client in ("lines-a", "lines-b"):
        stand.tool.client("lines", client)
        run("client", "alias", "add", "--client", client, "--issuer", "https://i.example/", "--name", f"name of {client}")
    stand.tool.context("lines", 7, "kitchen", {"quantity": 3})
    stand.tool.context("lines", 11, "garden", {"quantity": 3})
    listed = {words: run(*words.split(), "--tenant", "lines", "--quiet").stdout
              for words in ("client list", "client alias list", "context list", "event-type list")}
    assert listed["client list"] == "lines-a\nlines-b\n"
    assert listed["client alias list"] == "".join(f"https://i.example/\tname of lines-{which}\n" for which in "ab")
    assert listed["context list"] == "7\n11\n"
    names = [line.split()[1] for line in run("event-type", "list", "--tenant", "lines").stdout.splitlines()[1:]]
    assert len(names) > 1 and listed["event-type list"].splitlines() == names
    tenants = [line.split()[0] for line in run("tenant", "list").stdout.splitlines()[1:]]
    assert "lines" in tenants and run("tenant", "list", "--quiet").stdout.splitlines() == tenants


def test_no_tenant_at_all(stand):
    """In a database of its own, which nothing has been put into."""
    stand.database.execute("CREATE DATABASE nothing_listed CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
    stand.database.execute("GRANT ALL PRIVILEGES ON nothing_listed.* TO 'palate_tool'@'localhost'")
    try:
        path = stand.write("nothing-listed.conf", (stand.root / "palate.conf").read_text().replace("name = palate\n", "name = nothing_listed\n"))
        stand.tool.run("--config", path, "migrate")
        told = stand.tool.run("--config", path, "tenant", "list")
        assert told.stdout == "" and "palate tenant create NAME" in told.stderr
        quiet = stand.tool.run("--config", path, "tenant", "list", "--quiet")
        assert (quiet.stdout, quiet.stderr) == ("", "")
    finally:
        stand.database.execute("DROP DATABASE nothing_listed")
        stand.database.execute("REVOKE ALL PRIVILEGES ON nothing_listed.* FROM 'palate_tool'@'localhost'")
