"""A remote recommender that behaves as it is told to: well, badly, or not at all.

A server of threads on 127.0.0.1, with or without TLS. Every request is kept in .requests, so that tests can look at what was asked.
.mode names one of the do_ functions below: "list" answers with .answer, most others are ways to fail.
"""
import contextlib
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass

HANG_SECONDS = 20


@dataclass
class Asked:
    method: str
    target: str
    headers: dict
    body: bytes
    connection: int

    def json(self):
        return json.loads(self.body)


def head(status, length=None, *more):
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body, status="200 OK", *more):
    body = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return head(status, len(body), *more) + body


def results(*pairs):
    return {"results": [{"item_id": item, "score": score} for item, score in pairs]}


class FakeRemote:
    def __init__(self, certificate=None):
        """certificate: (chain file, key file) for TLS."""
        self.requests, self.mode, self.answer, self.connections = [], "list", results(), 0
        self.released = threading.Event()
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.released.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def url(self, path=""):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}{path}"

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self.serve, args=(connection, self.connections), daemon=True).start()

    def serve(self, connection, number):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                reader = connection.makefile("rb")
                while (asked := self.read(reader, number)) and self.reply(connection, asked):
                    pass

    def read(self, reader, number):
        line = reader.readline().decode().split()
        if len(line) < 3:
            return None
        headers = {}
        while (field := reader.readline().decode("latin-1").strip()):
            name, _, value = field.partition(":")
            headers[name.lower()] = value.strip()
        asked = Asked(line[0], line[1], headers, reader.read(int(headers.get("content-length", 0))), number)
        self.requests.append(asked)
        return asked

    def wait(self, seconds):
        self.released.wait(seconds)

    def reply(self, connection, asked):
        """Returns whether the connection lives on."""
        return getattr(self, "do_" + self.mode)(connection, asked) is not False

    # ---- Well

    def do_list(self, connection, asked):
        connection.sendall(whole(self.answer))

    def do_close(self, connection, asked):
        """A right answer, and then the connection is closed though nobody said so."""
        connection.sendall(whole(self.answer))
        return False

    # ---- Slowly

    def do_slow(self, connection, asked):
        """Slow, but in time."""
        self.wait(0.4)
        connection.sendall(whole(self.answer))

    def do_hold(self, connection, asked):
        """Not before .released is set, which ends every other waiting, too."""
        self.wait(HANG_SECONDS)
        connection.sendall(whole(self.answer))

    def do_hang(self, connection, asked):
        self.wait(HANG_SECONDS)
        return False

    def do_drip(self, connection, asked):
        """Byte by byte: each within any time limit for a read, all of it within none."""
        for byte in whole(self.answer):
            connection.sendall(bytes([byte]))
            self.wait(0.05)

    # ---- Statuses

    def do_error(self, connection, asked):
        connection.sendall(whole({"results": "internal details"}, "500 Internal Server Error"))

    def do_limited(self, connection, asked):
        connection.sendall(whole("{}", "429 Too Many Requests", "Retry-After: 2"))

    def do_redirect(self, connection, asked):
        connection.sendall(whole("", "307 Temporary Redirect", "Location: http://169.254.169.254/latest/meta-data"))

    def do_moved(self, connection, asked):
        """To another path of the same host."""
        if asked.target == "/moved-here":
            return self.do_list(connection, asked)
        connection.sendall(whole("", "308 Permanent Redirect", "Location: /moved-here"))
        return True

    def do_no_sessions(self, connection, asked):
        """As Gorse 0.5.11 without an item-to-item recommender, its default: 404 for sessions, in plain text."""
        session = asked.target.startswith("/api/session/")
        connection.sendall(whole("404: Page Not Found", "404 Not Found", "Content-Type: text/plain") if session else whole(self.answer))

    def do_broken_sessions(self, connection, asked):
        connection.sendall(whole("failed", "500 Internal Server Error") if asked.target.startswith("/api/session/") else whole(self.answer))

    # ---- Wrong replies

    def do_text(self, connection, asked):
        connection.sendall(whole("<html>It works!</html>"))

    def do_shape(self, connection, asked):
        connection.sendall(whole({"results": {"item_id": "el-01"}}))

    def do_huge(self, connection, asked):
        """100 MB with a length that says so."""
        connection.sendall(head("200 OK", 100_000_000))
        self.flood(connection, 100_000_000)
        return False

    def do_flood(self, connection, asked):
        """100 MB in chunks, so that nobody knows the length before."""
        connection.sendall(head("200 OK", None, "Transfer-Encoding: chunked"))
        for _ in range(1600):
            connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        return False

    def do_headers(self, connection, asked):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            connection.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        return False

    def flood(self, connection, length):
        for _ in range(length // 65536):
            connection.sendall(b" " * 65536)

    def do_long(self, connection, asked):
        """Says more than it sends, and keeps the connection open for a moment."""
        body = json.dumps(self.answer).encode()
        connection.sendall(head("200 OK", len(body) + 100) + body)
        self.wait(0.1)
        return False

    def do_short(self, connection, asked):
        """Says less than it sends."""
        body = json.dumps(self.answer).encode()
        connection.sendall(head("200 OK", len(body) - 10) + body)

    def do_cut(self, connection, asked):
        """Closed in the middle of the body."""
        body = json.dumps(self.answer).encode()
        connection.sendall(head("200 OK", len(body)) + body[:len(body) // 2])
        return False

    def do_nothing(self, connection, asked):
        """Closed before anything was said."""
        return False

    def do_once(self, connection, asked):
        """Closed before anything was said, but only the first time."""
        if len(self.requests) == 1:
            return False
        connection.sendall(whole(self.answer))
        return True

    def do_garbage(self, connection, asked):
        connection.sendall(b"\x16\x03\x01 this is not HTTP at all\r\n\r\n")
        return False
