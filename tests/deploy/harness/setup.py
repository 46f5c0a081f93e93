"""What all tests of `palate setup` share: calling it, reading its lines, and what it may touch."""
import re
import shlex

HOST = "api.example.org"
SERVICES = {"apache": "apache2", "lighttpd": "lighttpd"}
WATCHED = ("/etc", "/var/lib", "/var/log", "/usr/local", "/home", "/root", "/srv")
# What the database and others write while they run, and the copies that useradd keeps.
RUNTIME = ("/var/lib/mysql", "/var/lib/apache2", "/var/lib/lighttpd", "/var/lib/logrotate", "/var/lib/php", "/var/log/apache2",
           "/var/log/lighttpd", "/var/log/mysql", "/var/log/btmp", "/var/log/lastlog", "/var/log/faillog", "/root/.mariadb_history",
           "/root/.mysql_history", "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-")
# Directories whose only change is that something came and went.
STEP = re.compile(r"^(done|kept|would)\b")


def serving_root(machine, server, **how):
    """A machine with MariaDB and the web server running, as apt-get leaves it."""
    root = machine(server, **how)
    root.start("mariadb", SERVICES[server])
    return root


def run_setup(root, *arguments, check=True, host=HOST, environment=None):
    command = "palate setup " + " ".join(shlex.quote(part) for part in ("--host", host, *arguments))
    return root.run(command, check=check, environment=environment)


def steps(result, word):
    """The lines that begin with that word."""
    return [line for line in result.lines if re.match(rf"{word}\b", line)]


def tree(root):
    return root.snapshot_tree(*WATCHED, leave_out=RUNTIME)


def printed_curl(result):
    """The curl command that setup prints at its end."""
    joined = result.out.replace("\\\n", " ")
    found = re.findall(r"^\s*(curl .*)$", joined, re.MULTILINE)
    assert found, result
    return found[-1]


def answers(root, host=HOST):
    return root.request("GET", f"http://{host}/openapi.json").status == 200
