"""How it is measured: one cell of load by wrk, a worker's memory, its start, its log, the database's counters."""
import json
import os
import re
import socket
import statistics
import struct
import subprocess
import time

from kit.world import BENCH, BUILD, WORKER

STEPS = ("parse", "token", "check", "tenant", "answer", "send")
COUNTERS = ("Questions", "Com_stmt_prepare", "Com_stmt_fetch", "Com_stmt_reset", "Com_begin", "Com_select", "Com_insert", "Com_update",
            "Com_commit", "Bytes_sent", "Bytes_received")


def load(world, port, requests, connections, seconds, tolerant=False):
    """One run of wrk. Fails when anything but 2xx came back, so that no refusal is counted as work, unless tolerant."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", BENCH / "load.lua",
               f"http://127.0.0.1:{port}", "--", world.requests / requests, world.token]
    output = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=True).stdout
    result = json.loads(output.rsplit("WRK ", 1)[1])
    assert tolerant or (result["requests"] and not result["failed"]), f"{requests} at {connections} connections: {output}"
    result["rps"] = result["requests"] / result["seconds"]
    return result


def memory(pid):
    """Bytes of a process: {private: no other process has them, models apart; pss: with its share of what is shared; anonymous: of that
    what belongs to no file}. A model's pages are the page cache's, and private only for as long as one worker alone has read them."""
    sums, of_model = {"private": 0, "pss": 0, "anonymous": 0}, False
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, rest = line.partition(":")
            if " " in name:
                of_model = ".palate" in line or ".delta-" in line or ".withdrawn-" in line
            elif name in ("Private_Clean", "Private_Dirty") and not of_model:
                sums["private"] += 1024 * int(rest.split()[0])
            elif name == "Pss":
                sums["pss"] += 1024 * int(rest.split()[0])
            elif name == "Anonymous":
                sums["anonymous"] += 1024 * int(rest.split()[0])
    return sums


def counters(world):
    rows = dict(world.stand.database.execute("SHOW GLOBAL STATUS"))
    return {name: int(rows[name]) for name in COUNTERS}


def round_trips(world, port, requests):
    """Messages to MariaDB that wait for an answer, for one request, by kind."""
    load(world, port, requests, 1, 1)  # every user of the requests has his row, every statement is prepared
    before = counters(world)
    result = load(world, port, requests, 1, 2)
    after = counters(world)
    each = {name: (after[name] - before[name]) / result["requests"] for name in COUNTERS}
    each["round_trips"] = sum(each[name] for name in ("Questions", "Com_stmt_prepare", "Com_stmt_fetch", "Com_stmt_reset"))
    return each


def step_times(world, front, requests, connections, seconds=2):
    """Median and mean of each step, in microseconds, from the workers' own log lines."""
    log = world.logs / f"palate-{front}.log"
    start = log.stat().st_size
    load(world, world.fronts["palate", front].port, requests, connections, seconds)
    with open(log, encoding="utf-8") as file:
        file.seek(start)
        lines = [line for line in file if " 200 " in line]
    times = {step: [int(found) for found in re.findall(rf" {step}=(\d+)", "".join(lines))] for step in STEPS}
    return {step: {"median": statistics.median(values), "mean": statistics.fmean(values)} for step, values in times.items()}


# -- FastCGI by hand, to time the start of a worker ----------------------------------------------------------------------------------

def record(kind, content):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def fcgi_request(variables, body):
    pairs = b"".join(struct.pack("!II", len(name) | 1 << 31, len(value) | 1 << 31) + name.encode() + value.encode()
                     for name, value in variables.items())
    return (record(1, struct.pack("!HB5x", 1, 0)) + record(4, pairs) + record(4, b"") + record(5, body) + record(5, b""))


def start_to_answer(world, line):
    """Milliseconds from fork() to the whole first answer of a worker that nobody has started before."""
    method, path, body = line.split("\t")
    request = fcgi_request({"REQUEST_METHOD": method, "REQUEST_URI": path, "QUERY_STRING": path.partition("?")[2],
                            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", "SERVER_PROTOCOL": "HTTP/1.1",
                            "HTTP_AUTHORIZATION": f"Bearer {world.token}", "GATEWAY_INTERFACE": "CGI/1.1"}, body.encode())
    path = world.stand.root / "start.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(path))
        listener.listen(8)
        environment = {"PATH": "/usr/bin:/bin", "PALATE_CONFIG": str(world.stand.root / "palate-lighttpd.conf")}
        begun = time.perf_counter()
        worker = subprocess.Popen([WORKER], stdin=listener, env=environment)
        client.settimeout(30)
        client.connect(str(path))
        client.sendall(request)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
            if len(answer) >= 16 and answer[-16:-14] == b"\x01\x03":  # FCGI_END_REQUEST
                break
        elapsed = time.perf_counter() - begun
    worker.terminate()
    worker.wait(10)
    assert b"200" in answer[:200], answer[:500]
    return 1000 * elapsed


def warm_up(world):
    """mod_fcgid starts a worker only when a request meets all others busy, and that request waits a second: not in what is measured."""
    for (who, name), front in world.fronts.items():
        for requests in (("post", "get") if who == "palate" else ("durable-post", "durable-get")):
            # Apache may close a few of so many connections while it starts processes.
            load(world, front.port, requests, 96 if name == "apache" else 16, 3, tolerant=True)
    for name in ("post", "get"):
        load(world, world.peer.port, name, 16, 1)


def choose_peer(world):
    """The peer's best arrangement, by both endpoints at 16 connections."""
    peer, rates = world.make_peer(), {}
    for arrangement in peer.ARRANGEMENTS:
        peer.start(arrangement)
        speeds = []
        for name in ("post", "get"):
            load(world, peer.port, name, 16, 1)
            speeds.append(load(world, peer.port, name, 16, 2)["rps"])
        rates[arrangement] = speeds
    best = max(rates, key=lambda arrangement: rates[arrangement][0] * rates[arrangement][1])
    peer.start(best)
    return {arrangement[0]: [round(speed) for speed in speeds] for arrangement, speeds in rates.items()}


def compare_cgi(world, rounds):
    """Median time of a request at one connection, ours and the bare program's, interleaved."""
    for who, program in (("palate", WORKER), ("yardstick", BUILD / "yardstick/cgi")):
        world.start_front(who, "cgi", program)
    times = {"palate": [], "yardstick": []}
    for number in range(rounds):
        for who in ("palate", "yardstick") if number % 2 else ("yardstick", "palate"):
            times[who].append(load(world, world.fronts[who, "cgi"].port, "post", 1, 2)["p50_us"])
    return times


def sum_memory(pids):
    found = [memory(pid) for pid in pids]
    return {kind: sum(each[kind] for each in found) for kind in found[0]}


def soak(world, total):
    """Sums of the workers' memory before and after many requests of both kinds, and how many they were. A worker that has been
    replaced in between would show as another set of processes."""
    front = world.fronts["palate", "lighttpd"]
    warm = 0
    while warm < total // 20:  # every worker has met the longest histories
        for name in ("post", "get"):
            warm += load(world, front.port, name, 16, 3)["requests"]
    workers, served = front.workers(), 0
    before = sum_memory(workers)
    while served < total:
        for name in ("post", "get"):
            served += load(world, front.port, name, 16, 5 if total <= 200_000 else 30)["requests"]
        os.truncate(world.logs / "palate-lighttpd.log", 0)
    assert set(workers) == set(front.workers()), "a worker ended during the soak"
    return before, sum_memory(workers), served


# -- Processor time ------------------------------------------------------------------------------------------------------------------

def processor_seconds(pids):
    """User and system time of all threads of these processes so far."""
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def web_server(front):
    """The web server's processes: those of its session that are not workers."""
    leader = int((front.directory / front.kind / "pid").read_text())
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getsid(int(entry)) == leader:
                found.append(int(entry))
        except ProcessLookupError:
            continue
    return [pid for pid in found if pid not in front.workers()]


def processor_time(world, who, name, requests, seconds=3):
    """Microseconds of processor for one request at 16 connections: {worker, database, server}. Unlike a rate, this hardly depends on
    what else the machine does."""
    front = world.fronts[who, name]
    sides = {"worker": front.workers(), "database": [int((world.stand.database.directory / "mariadb.pid").read_text())],
             "server": web_server(front)}
    before = {side: processor_seconds(pids) for side, pids in sides.items()}
    result = load(world, front.port, requests, 16, seconds)
    return {side: round(1e6 * (processor_seconds(pids) - before[side]) / result["requests"], 1) for side, pids in sides.items()}
