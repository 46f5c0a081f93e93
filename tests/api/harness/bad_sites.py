"""Sites for test_doctor.py: one that is not Palate's, and one that passes requests on to a front, but not all of them whole."""
import contextlib
import http.client
import http.server
import ssl
import threading

PAGE = b"<!DOCTYPE html><html><title>It works!</title></html>"


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, content, kind="text/html", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class Site:
    """Runs a handler on a free port of 127.0.0.1, with TLS when it is given a certificate with its key."""

    def __init__(self, handler, certificate=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def other_site(status=404, **headers):
    """A handler that answers everything with a page."""
    class Handler(Quiet):
        def do_GET(self):
            self.body()
            self.answer(status, PAGE, **headers)
        do_POST = do_GET
    return Handler


def passing_on(port, change):
    """A handler that passes everything on to a port. change(handler, headers, body) may alter the headers and gives back the body; what
    it gives back in place of one that is no bytes is (status, body): the answer, without asking the port. None: no answer at all."""
    class Handler(Quiet):
        def do_GET(self):
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("content-length", "transfer-encoding")}
            changed = change(self, headers, self.body())
            if changed is None:
                self.close_connection = True
                return
            if isinstance(changed, tuple):
                self.answer(*changed)
                return
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
                connection.request(self.command, self.path, changed or None, headers)
                reply = connection.getresponse()
                self.answer(reply.status, reply.read(), reply.headers.get("Content-Type", ""))
        do_POST = do_GET
    return Handler
