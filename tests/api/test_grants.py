"""`palate grants`: what it prints, run by the database's administrator, makes a worker's rights right."""
import shutil
import subprocess

import pytest

from harness.client import Api
from harness.shapes import check_recommendations_answer
from harness.stand import BUILD, CHECKOUT


def statements(sql):
    return [part.strip() for part in "\n".join(line for line in sql.splitlines() if not line.startswith("--")).split(";") if part.strip()]


@pytest.fixture
def other_names(stand):
    """A configuration whose users have other names and, for MariaDB, come from any host; with no right at all yet."""
    text = (stand.root / "palate.conf").read_text()
    text = text.replace("user = palate_worker\n", "user = shop's worker\n").replace("database_user = palate_tool\n", "database_user = owner\n")
    path = stand.write("other-names.conf", text)
    passwords = stand.database.passwords
    stand.database.execute(f"CREATE USER 'shop''s worker'@'%' IDENTIFIED BY '{passwords['palate_worker']}'")
    stand.database.execute(f"CREATE USER owner@'%' IDENTIFIED BY '{passwords['palate_tool']}'")
    stand.database.execute("GRANT ALL PRIVILEGES ON palate.* TO owner@'%'")
    yield path
    stand.database.execute("DROP USER 'shop''s worker'@'%', owner@'%'")


def test_other_names_and_hosts(stand, other_names, mint):
    denied = stand.tool.run("--config", other_names, "doctor", "--worker", stand.worker, check=False)
    assert denied.returncode == 1, denied.stdout
    for statement in statements(stand.tool.run("--config", other_names, "grants", "--from", "%").stdout):
        stand.database.execute(statement)
    passed = stand.tool.run("--config", other_names, "doctor", "--worker", stand.worker, check=False)
    assert passed.returncode == 0 and "all that is needed, no more" in passed.stdout, passed.stdout
    front = stand.front("lighttpd", "other-names", other_names, workers=2)
    check_recommendations_answer(Api(front, mint()).recommendations(user_id="u"))
    front.stop()
    del stand.fronts["other-names", "lighttpd"]


def test_with_the_names_it_has_it_is_the_file_as_it_stands(stand):
    printed = stand.tool.run("grants").stdout
    assert statements(printed) == ["USE `palate`", *statements((CHECKOUT / "sql/grants.sql").read_text())]


def test_one_user_for_both_needs_none(stand):
    path = stand.write("one-user.conf", (stand.root / "palate.conf").read_text().replace("user = palate_worker", "user = palate_tool"))
    result = stand.tool.run("--config", path, "grants")
    assert result.stdout == "" and "nothing to grant: [database] user and [tool] database_user are both palate_tool" in result.stderr


def test_the_files_beside_the_tool_are_found(stand, tmp_path):
    """As on shared hosting: everything in one folder, called from another."""
    home = tmp_path / "home"
    shutil.copytree(CHECKOUT / "sql", home / "sql")
    shutil.copy(BUILD / "palate", home / "palate")
    (home / "sql" / "grants.sql").write_text("GRANT SELECT ON mine TO 'palate_worker'@'localhost';\n")
    (home / "sql" / "900-mine.sql").write_text("SELECT 1;\n")

    def run(*words):
        return subprocess.run([home / "palate", *words], cwd="/", env=stand.environment, text=True, capture_output=True, timeout=60)
    assert "ON mine TO" in run("grants").stdout
    assert "would apply 900-mine.sql" in run("migrate", "--dry-run").stdout
    (home / "sql" / "grants.sql").unlink()
    assert f"{home}/sql/grants.sql" in run("grants").stderr and "--dir" in run("grants").stderr
