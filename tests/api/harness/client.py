"""One HTTP client for the well-behaved tests, and one over the bare socket for the hostile ones. Answers are held to the OpenAPI
document; of several on one connection only the first."""
import http.client
import io
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

from harness import openapi


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def request_id(self):
        return self.headers["X-Request-Id"]

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


def request(port, method, path, body=None, headers=None, timeout=30, check=None):
    """One request on a connection of its own. A server that answers before it has read the body is fine. check: what holds the answer
    to the document."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        try:
            connection.request(method, path, body, headers or {})
        except (BrokenPipeError, ConnectionResetError):
            if connection.sock is None:
                raise
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
    (check or openapi.check)(port, method, path, answer)
    return answer


class Received(io.BytesIO):
    """Bytes as what http.client takes for a socket."""

    def makefile(self, *_):
        return self


def check_received(port, head, received):
    """Holds the first answer in raw bytes to the document, when it is whole."""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    response = http.client.HTTPResponse(Received(received), method=words[0])
    try:
        response.begin()
        answer = Answer(response.status, response.headers, response.read())
    except (http.client.HTTPException, ValueError):
        return
    openapi.check(port, words[0], " ".join(words[1:-1]), answer)


def exchange(port, parts, half_close=False, timeout=20):
    """Sends bytes as they are and returns all that comes back, b"" for a closed connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        try:
            for part in [parts] if isinstance(parts, bytes) else parts:
                connection.sendall(part)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    return received


def status_of(received):
    """Status of the first answer in raw bytes; 0 when there is none."""
    line = received.split(b"\r\n", 1)[0].split()
    return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/") else 0


def chunked(body, size=4096):
    """A body in the chunked transfer coding."""
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Api:
    """The two endpoints of one front, called with one token."""

    def __init__(self, front, token):
        self.front, self.token = front, token

    def with_token(self, token):
        return Api(self.front, token)

    def headers(self, extra=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers.update(extra or {})
        return {name: value for name, value in headers.items() if value is not None}

    def call(self, method, path, body=None, headers=None, timeout=30):
        """body: bytes or text are sent as they are, anything else as JSON."""
        extra = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            extra.setdefault("Content-Type", "application/json")
        return request(self.front.port, method, path, body, self.headers(extra), timeout)

    def recommend(self, sequence_data=None, task="product_recommendation", template="personalized", **more):
        body = {"sequence_data": {} if sequence_data is None else sequence_data, "task": task, "template": template, **more}
        return self.call("POST", "/api/recommend/recommend", body)

    def recommendations(self, headers=None, **query):
        return self.call("GET", "/recommendations" + ("?" + urlencode(query) if query else ""), headers=headers)

    def v1(self, headers=None, **query):
        """GET /v1/recommendations; a list is a repeated key."""
        return self.call("GET", "/v1/recommendations" + ("?" + urlencode(query, doseq=True) if query else ""), headers=headers)

    def raw(self, head, body=b"", half_close=False, timeout=20, close=True, authorize=True):
        """A request over the bare socket: head is the request line and headers, separated by newlines."""
        lines = head.strip("\n").split("\n") + ["Host: localhost"]
        if authorize and self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if close:
            lines.append("Connection: close")
        start = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        received = exchange(self.front.port, [start, body] if body else start, half_close, timeout)
        check_received(self.front.port, start, received)
        return received
