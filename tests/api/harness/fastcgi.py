"""A worker alone, and the web server's side of FastCGI: for what no web server does when it is told to."""
import contextlib
import os
import socket
import struct
import subprocess

from harness.stand import BUILD

BEGIN_REQUEST, ABORT_REQUEST, PARAMS, STDIN = 1, 2, 4, 5


def cpu_seconds(pid):
    """What a process has used of processors."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Worker:
    def __init__(self, process, address, log):
        self.pid, self.address, self.log = process.pid, address, log

    def ask(self, method, uri, token, body=b""):
        """Sends a whole request; the connection is the caller's, to read from or to close."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(str(self.address))
        variables = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method, "REQUEST_URI": uri, "CONTENT_TYPE": "application/json",
                     "CONTENT_LENGTH": str(len(body)), "HTTP_AUTHORIZATION": f"Bearer {token}"}
        pairs = b"".join(struct.pack(">BI", len(name), len(value) | 1 << 31) + f"{name}{value}".encode() for name, value in variables.items())
        send(connection, BEGIN_REQUEST, struct.pack(">HBxxxxx", 1, 0))
        send(connection, PARAMS, pairs)
        send(connection, PARAMS)
        for at in range(0, len(body), 65000):
            send(connection, STDIN, body[at:at + 65000])
        send(connection, STDIN)
        return connection


def send(connection, kind, content=b""):
    connection.sendall(struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content)


def read_all(connection):
    """All that the worker sends until it parts."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@contextlib.contextmanager
def worker(stand, name, configuration):
    """A worker of its own, as spawn-fcgi would start it."""
    address, log = stand.root / f"{name}.sock", stand.root / f"{name}.log"
    with socket.socket(socket.AF_UNIX) as queue, open(log, "wb") as errors:
        queue.bind(str(address))
        queue.listen(8)
        process = subprocess.Popen([BUILD / "palate.fcgi"], stdin=queue, stdout=subprocess.DEVNULL, stderr=errors,
                                   env={**stand.environment, "PALATE_CONFIG": str(configuration)})
        try:
            yield Worker(process, address, log)
        finally:
            process.terminate()
            process.wait(30)
            address.unlink()
