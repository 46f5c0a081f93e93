"""The workers' log: the time in each line, log rotation, and a log that cannot be written to."""
import gzip
import os
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from harness.client import Api
from harness.shapes import check_recommendations_answer
from harness.stand import BUILD, CHECKOUT, IS_ROOT, WEB_GROUP, wait_until

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
VERSION = re.search(r'PALATE_VERSION "(.+)"', (CHECKOUT / "fcgi/base/version.h").read_text())[1]
START = re.compile(rf"{MOMENT} palate: version {re.escape(VERSION)} has started with /\S+ shared=(yes|no)$")
LINE = re.compile(rf"({MOMENT}) palate ([A-Z]+) (\S+) (\d{{3}}) id=(\S+) ")


def served(api):
    """The id of a request that was answered well."""
    answer = api.recommendations(user_id="u", quantity=1)
    check_recommendations_answer(answer)
    return answer.request_id


def ids_in(text):
    """The request ids of a log, after a look at every line of it."""
    lines = [line for line in text.splitlines() if not START.match(line)]
    broken = [line for line in lines if not LINE.match(line)]
    assert not broken, broken[:3]
    return [LINE.match(line)[5] for line in lines]


def test_each_line_begins_with_its_moment(everywhere):
    before = datetime.now(timezone.utc)
    number = served(everywhere)
    found = wait_until(lambda: [line for line in everywhere.front.log().splitlines() if f" id={number} " in line], 5, "its line")
    assert len(found) == 1
    moment = datetime.fromisoformat(LINE.match(found[0])[1].replace("Z", "+00:00"))
    # The log has whole milliseconds.
    assert before - timedelta(milliseconds=1) <= moment <= datetime.now(timezone.utc)


def test_a_worker_says_its_version_when_it_starts(pool, mint):
    served(Api(pool, mint()))
    wait_until(lambda: [line for line in pool.log().splitlines() if START.search(line)], 5, "the line of a start")


def test_under_lighttpd_workers_have_a_file_of_their_own(quick, mint):
    """server.breakagelog of the example: without it a lighttpd in the background would send them to /dev/null."""
    number, path = served(Api(quick, mint())), quick.directory / "lighttpd" / "workers.log"
    wait_until(lambda: f" id={number} " in path.read_text(), 5, "the line is there")
    for pid in quick.workers():
        assert os.readlink(f"/proc/{pid}/fd/2") == str(path)


def test_the_time_is_utc_wherever_the_server_stands(stand):
    path = stand.write("log-zone.conf", (stand.root / "palate.conf").read_text() + f"[log]\nfile = {stand.root}/zone.log\n")
    stand.run_cgi(PALATE_CONFIG=str(path), REQUEST_URI="/nowhere", TZ="Asia/Kolkata")
    moment = datetime.fromisoformat(LINE.match((stand.root / "zone.log").read_text())[1].replace("Z", "+00:00"))
    assert abs(datetime.now(timezone.utc) - moment) < timedelta(seconds=60)


def log_folder(stand, name):
    """As the documentation makes it: the web server's own, readable by its group."""
    folder = stand.root / name
    folder.mkdir()
    folder.chmod(0o2750)
    if IS_ROOT:
        shutil.chown(folder, WEB_GROUP, "adm")
    return folder


@pytest.fixture
def logging_to(stand, mint):
    """Makes a front of a kind whose workers log to a file, in the sandbox, and ends it afterwards."""
    made = []

    def start(kind, name, path):
        text = (stand.root / "palate.conf").read_text()
        configuration = stand.write(f"{name}.conf", f"{text}[log]\nfile = {path}\n[worker]\nsandbox = required\n")
        front = stand.front(kind, name, configuration, workers=4)
        made.append((name, front))
        return Api(front, mint())

    yield start
    for name, front in made:
        front.stop()
        del stand.fronts[name, front.kind]


class Callers:
    """Requests without a pause, from several threads, until stopped; their ids."""

    def __init__(self, api, number=3):
        self.api, self.running, self.ids = api, threading.Event(), []
        self.running.set()
        self.pool = ThreadPoolExecutor(number)
        self.done = [self.pool.submit(self.ask) for _ in range(number)]

    def ask(self):
        while self.running.is_set():
            self.ids.append(served(self.api))

    def stop(self):
        self.running.clear()
        for future in self.done:
            future.result()
        return self.ids


def wait_until_all(api, numbers, *paths):
    """The last line is written after its answer has been sent."""
    wait_until(lambda: len(numbers) <= sum(path.read_bytes().count(b"\n") for path in paths), 5, "the last lines")


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd"])
def test_a_renamed_log_is_followed_and_no_line_is_lost(stand, logging_to, kind):
    folder = log_folder(stand, f"rotated-{kind}")
    log, old = folder / "requests.log", folder / "requests.log.1"
    callers = Callers(logging_to(kind, f"rotating-{kind}", log))
    time.sleep(1)
    os.rename(log, old)
    time.sleep(2)  # each worker has looked by now
    settled = old.read_text()
    time.sleep(1)
    numbers = callers.stop()
    wait_until_all(callers.api, numbers, log, old)
    assert old.read_text() == settled and len(ids_in(settled)) > 10
    assert log.stat().st_mode & 0o777 == 0o640
    written = ids_in(old.read_text()) + ids_in(log.read_text())
    assert len(written) == len(set(written))
    assert set(numbers) <= set(written)


@pytest.mark.skipif(not IS_ROOT, reason="logrotate becomes the web server's user, which needs root")
def test_the_example_for_logrotate(stand, logging_to, tmp_path):
    folder = log_folder(stand, "logrotate")
    rules = tmp_path / "palate"
    rules.write_text((CHECKOUT / "etc/logrotate-example").read_text().replace("/var/log/palate/*.log", f"{folder}/*.log"))
    rules.chmod(0o644)
    callers = Callers(logging_to("lighttpd", "logrotate-front", folder / "requests.log"), 2)
    for _ in range(3):
        time.sleep(1.5)
        result = subprocess.run(["logrotate", "--force", "--state", tmp_path / "state", rules], capture_output=True, text=True, timeout=60)
        assert (result.returncode, result.stdout + result.stderr) == (0, "")
    time.sleep(1.5)
    numbers = callers.stop()
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["requests.log", "requests.log.1", "requests.log.2.gz", "requests.log.3.gz"]
    plain = [folder / name for name in names[:2]]
    packed = [gzip.decompress((folder / name).read_bytes()).decode() for name in names[2:]]
    wanted = set(numbers)
    wait_until(lambda: wanted <= {number for text in [path.read_text() for path in plain] + packed for number in ids_in(text)}, 5,
               "every request has its line")
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o640 and path.owner() == WEB_GROUP and path.group() == "adm"


def one_worker_after_another(api):
    return [served(api) for _ in range(3 * api.front.pool)]


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd"])
def test_a_log_that_cannot_be_opened_stops_nobody_and_is_tried_again(stand, logging_to, kind):
    folder = stand.root / f"later-{kind}"
    path = folder / "requests.log"
    api = logging_to(kind, f"unopened-{kind}", path)
    numbers = one_worker_after_another(api)
    said = f"palate: cannot open the log {path} ([log] file): No such file or directory"
    wait_until(lambda: said in api.front.log() and all(f" id={number} " in api.front.log() for number in numbers), 5,
               "the reason and the lines are in the web server's log")
    workers = len(api.front.workers())
    assert api.front.log().count(said) <= workers, "each worker says it once"
    log_folder(stand, folder.name)
    time.sleep(1.1)
    numbers = one_worker_after_another(api)
    wait_until(lambda: path.exists() and set(numbers) <= set(ids_in(path.read_text())), 5, "lines go where they should")


@pytest.mark.skipif(not IS_ROOT, reason="needs a folder of another user")
def test_a_log_that_is_not_the_workers(stand, logging_to):
    folder = stand.root / "foreign"
    folder.mkdir(mode=0o755)
    api = logging_to("lighttpd", "foreign-log", folder / "requests.log")
    numbers = one_worker_after_another(api)
    wait_until(lambda: f"cannot open the log {folder}/requests.log ([log] file): Permission denied" in api.front.log(), 5, "the reason")
    assert all(f" id={number} " in api.front.log() for number in numbers[:-1])


def test_a_file_as_large_as_it_may_be_stops_nobody(stand):
    """Hosts limit the size of files: the signal for that ends a process that does not expect it."""
    log = stand.root / "limited.log"
    path = stand.write("log-limit.conf", (stand.root / "palate.conf").read_text() + f"[log]\nfile = {log}\n")
    environment = {"PATH": "/usr/bin:/bin", "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": "/nowhere",
                   "SERVER_PROTOCOL": "HTTP/1.1", "PALATE_CONFIG": str(path)}
    log.write_text("x" * 1024)
    result = subprocess.run(["prlimit", "--fsize=1024", BUILD / "palate.fcgi"], env=environment, capture_output=True, text=True, timeout=30)
    assert result.returncode == 0 and result.stdout.startswith("Status: 404")
    assert f"cannot write to the log {log} ([log] file): File too large" in result.stderr and "palate GET /nowhere 404" in result.stderr


def test_a_full_disk_stops_nobody(logging_to):
    api = logging_to("lighttpd", "full-disk", "/dev/full")
    numbers = one_worker_after_another(api)
    wait_until(lambda: all(f" id={number} " in api.front.log() for number in numbers), 5, "lines go to the web server's log")
    assert "cannot write to the log /dev/full ([log] file): No space left on device" in api.front.log()
