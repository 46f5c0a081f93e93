"""A proxy in front of MariaDB that loses the connection in the middle of a worker's COMMIT, on purpose; or of another statement.

It knows just enough of the protocol to recognise the statement by the beginning of its text, and to see it executed where it was
prepared. The protocol is strictly question and answer, so the first bytes after a question belong to its answer.
"""
import contextlib
import socket
import threading

COM_QUERY, COM_STMT_PREPARE, COM_STMT_EXECUTE, COM_STMT_BULK_EXECUTE = 0x03, 0x16, 0x17, 0xFA


def read(connection, length):
    received = b""
    while len(received) < length:
        chunk = connection.recv(length - len(received))
        if not chunk:
            raise OSError("closed")
        received += chunk
    return received


def read_packet(connection):
    head = read(connection, 4)
    return head + read(connection, int.from_bytes(head[:3], "little"))


class CommitProxy:
    """Cuts one COMMIT: moment "before": MariaDB never gets it; "after": it is done but its answer is lost. What is to happen when MariaDB has
    lost the worker, and the worker does not know yet, is `between`."""

    def __init__(self, path, database, moment, statement=b"COMMIT", between=None):
        self.between = between
        self.database, self.moment, self.statement, self.cuts = str(database), moment, statement, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o777)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.database)
        answers = Answers(server, client)
        commit = None
        with client, server, contextlib.suppress(OSError):
            while True:
                packet = read_packet(client)
                command, rest = packet[4], packet[5:]
                if command == COM_STMT_PREPARE and rest.startswith(self.statement):
                    commit = answers.wanted = True
                executed = command in (COM_STMT_EXECUTE, COM_STMT_BULK_EXECUTE) and commit and rest[:4] == answers.statement
                if (executed or (command == COM_QUERY and rest.startswith(self.statement))) and not self.cuts:
                    self.cuts += 1
                    answers.muted = True
                    if self.moment == "after":
                        server.sendall(packet)
                        answers.swallowed.wait(5)
                    server.shutdown(socket.SHUT_RDWR)
                    if self.between:
                        self.between()
                    return
                server.sendall(packet)


class Answers(threading.Thread):
    """Hands MariaDB's answers on; notes the number of the statement that is being prepared when asked to."""

    def __init__(self, server, client):
        super().__init__(daemon=True)
        self.server, self.client = server, client
        self.wanted, self.statement, self.muted = None, None, False
        self.swallowed = threading.Event()
        self.start()

    def run(self):
        with contextlib.suppress(OSError):
            while chunk := self.server.recv(65536):
                if self.wanted and not self.statement:
                    self.statement = chunk[5:9]
                if self.muted:
                    self.swallowed.set()
                    break
                self.client.sendall(chunk)
        with contextlib.suppress(OSError):
            if not self.muted:
                self.client.shutdown(socket.SHUT_RDWR)
