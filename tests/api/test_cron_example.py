"""etc/cron-example: the lines that train do so as cron would run them, with its bare environment, and print nothing."""
import re
import subprocess

import pytest

from harness.stand import BUILD, CHECKOUT

EXAMPLE = (CHECKOUT / "etc/cron-example").read_text()
FIELDS = r"\S+ +\S+ +\S+ +\S+ +\S+ +"


def in_its_place(stand, command):
    """The command with this installation's paths in place of the documented ones."""
    return command.replace("/var/lib/palate/", f"{stand.root}/").replace("/home/you/palate/", f"{stand.root}/")


def run_as_cron(stand, command, **variables):
    passed = {name: stand.environment[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS")}
    return subprocess.run(["/bin/sh", "-c", in_its_place(stand, command)], cwd="/", env={**passed, **variables}, text=True,
                          capture_output=True, timeout=300)


@pytest.fixture(scope="module")
def trainer(stand):
    """A configuration whose models nobody serves from: the command trains every tenant, also those that other tests want untrained."""
    models = stand.root / "cron-models"
    models.mkdir()
    return models, str(stand.configure("cron.conf", model={"directory": models}))


def trained(models):
    return sum(path.suffix == ".palate" for path in models.iterdir())


def system_lines():
    """The commands of the lines that count, or would if they were not comments; each with its user."""
    return re.findall(rf"^(?:# )?{FIELDS}(palate) (.+)$", EXAMPLE, re.MULTILINE)


def test_the_training_of_a_machine(stand, trainer):
    models, configuration = trainer
    commands = {command for _, command in system_lines() if re.search(r"\bpalate (--\S+ )?train\b", command)}
    assert len(commands) == 1
    for old in models.glob("*.palate"):
        old.unlink()
    result = run_as_cron(stand, commands.pop(), PATH=f"{BUILD}:{re.search('^PATH=(.+)$', EXAMPLE, re.MULTILINE)[1]}",
                         PALATE_CONFIG=configuration)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "") and trained(models) >= 4


def test_the_training_of_a_shared_host(stand, trainer):
    models, configuration = trainer
    section = EXAMPLE[EXAMPLE.index("On shared hosting"):]
    command = re.search(rf"^# {FIELDS}(flock .+)$", section, re.MULTILINE)[1]
    assert re.search("^# PALATE=/home/you/palate/palate$", section, re.MULTILINE)
    for old in models.glob("*.palate"):
        old.unlink()
    result = run_as_cron(stand, command, PATH="/usr/bin:/bin", PALATE=str(BUILD / "palate"), PALATE_CONFIG=configuration)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "") and trained(models) >= 4


@pytest.mark.parametrize("command", re.findall(r"report=.*$", EXAMPLE, re.MULTILINE))
def test_doctor_says_nothing_but_what_is_wrong(stand, quick, command):
    """Its URL names the site, which is the one placeholder of the file."""
    assert set(re.findall(r"@\w+@", EXAMPLE)) == {"@HOST@"} and re.search("https?://@HOST@ ", command)
    # The shared host's line has its own name looked up; here none is.
    here = re.sub("https?://@HOST@ (--connect 127.0.0.1 )?", f"http://api.example.org --connect 127.0.0.1:{quick.port} ", command)
    # A worker that the web server's user can get at, wherever this checkout is.
    here = here.replace(" doctor ", f" doctor --worker {stand.worker} ")
    variables = {"PATH": f"{BUILD}:/usr/bin:/bin", "PALATE": str(BUILD / "palate")}
    good = run_as_cron(stand, here, PALATE_CONFIG=str(stand.root / "palate.conf"), **variables)
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    bad = run_as_cron(stand, here, PALATE_CONFIG=str(stand.root / "absent.conf"), **variables)
    assert "FAIL" in bad.stdout
