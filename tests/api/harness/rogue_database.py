"""Who stands in for MariaDB and is after what the client knows: its password, or a file of its machine.

Speaks just enough of the protocol to greet, to choose the way of logging in, and to answer the first statement. It keeps what it was
sent: .login is the client's answer to the greeting, .told what came after it was asked for another way to log in, .file what it sent
when it was asked for a file.
"""
import contextlib
import socket
import struct
import threading

LOCAL_FILES, SSL = 0x80, 0x800
# LONG_PASSWORD, CONNECT_WITH_DB, LOCAL_FILES, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, MULTI_RESULTS, PLUGIN_AUTH
CAPABILITIES = 0x01 | 0x08 | LOCAL_FILES | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000
OK = b"\x00\x00\x00\x02\x00\x00\x00"


def packet(number, payload):
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


def greeting(plugin):
    return (b"\x0a5.5.5-10.11.11-MariaDB\x00" + struct.pack("<I", 7) + b"12345678\x00" + struct.pack("<H", CAPABILITIES & 0xFFFF) +
            b"\x2d\x02\x00" + struct.pack("<H", CAPABILITIES >> 16) + bytes([21]) + bytes(10) + b"123456789012\x00" + plugin + b"\x00")


class RogueDatabase:
    def __init__(self, plugin=b"mysql_native_password", switch=None, wants=None):
        """switch: the way to log in that is asked for after the first; wants: path of the file that is asked for."""
        self.plugin, self.switch, self.wants = plugin, switch, wants
        self.login = self.told = self.file = b""
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.serve(connection)
                self.over.set()

    def serve(self, connection):
        connection.sendall(packet(0, greeting(self.plugin)))
        self.login = connection.recv(65536)
        if self.switch:
            connection.sendall(packet(2, b"\xfe" + self.switch + b"\x00" + b"12345678901234567890\x00"))
            self.told = connection.recv(65536)
        if self.wants:
            connection.sendall(packet(2, OK))
            connection.recv(65536)
            connection.sendall(packet(1, b"\xfb" + self.wants.encode()))
            self.file = connection.recv(65536)

    def capabilities(self):
        """What the client said that it can do."""
        assert self.over.wait(10) and len(self.login) > 8
        return struct.unpack("<I", self.login[4:8])[0]
