"""The tool on files, for tests that need neither a database nor a web server. PALATE_BUILD names the folder of the sanitizer build;
without it build/sanitize."""
import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SANITIZED = Path(os.environ.get("PALATE_BUILD") or CHECKOUT / "build" / "sanitize") / "palate"
RELEASE = SANITIZED.parent.parent / "palate"


class Tool:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def start(self, *words, **settings):
        environment = {**os.environ, "PALATE_CONFIG": "/nonexistent/palate.conf", "TMPDIR": str(self.folder)}
        return subprocess.Popen([str(self.program), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                cwd=self.folder, env=environment, **settings)

    def run(self, *words, status=0):
        process = self.start(*words)
        output, errors = process.communicate(timeout=600)
        assert process.returncode == status, f"{' '.join(map(str, words))}: status {process.returncode}\n{output}{errors}"
        return output + errors

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def events(self, name, rows):
        """rows: (user, item, type, time); time in Unix seconds."""
        return self.write(name, "user_id,item_id,type,occurred_at\n" + "".join(f"{u},{i},{t},{at}\n" for u, i, t, at in rows))

    def lists(self, events, users, k=10, items=None, options=()):
        """Trains, recommends, and returns {user: [items]}."""
        chosen = ["--items", items] if items else []
        self.run("train", "--events", events, *chosen, "--model", "out.model")
        self.write("users.txt", "".join(f"{user}\n" for user in users))
        self.run("recommend", "--model", "out.model", "--events", events, "--users", "users.txt", "-k", k, "--output", "recs.txt", *options)
        lines = (self.folder / "recs.txt").read_text(encoding="utf-8").splitlines()
        assert [line.split()[0] for line in lines] == list(users)
        return {line.split()[0]: line.split()[1:] for line in lines}


@pytest.fixture
def tool(tmp_path):
    return Tool(SANITIZED, tmp_path)


@pytest.fixture
def fast_tool(tmp_path):
    """The release build where there is one: for data that takes a sanitized trainer minutes."""
    return Tool(RELEASE if RELEASE.exists() else SANITIZED, tmp_path)
