"""Connections that are opened and left, as many as asked for and for as long: those that the server closes are opened again.

A process of its own, since its sockets would use up the files of the one that starts it. The first line of standard input is what to do
(JSON: port, connections, a_second: as many are opened in a second at most), the end of standard input ends it. Each third of them says
nothing, a third half of a request's head, a third a whole head and half of the body. At the end it prints, as JSON, `held`, the largest
number that was open at once, and `opened`, all that were.
"""
import contextlib
import json
import resource
import select
import socket
import sys
import time

SPARE = 64  # files for everything else
TICK = 0.05  # seconds
BEGINNINGS = (b"", b"POST /v1/items HTTP/1.1\r\nHost: loc", b"POST /v1/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n[{")


def raise_files(wanted):
    """As many as the machine lets; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((wanted, max(hard, wanted)), (min(hard, wanted), hard)):
        with contextlib.suppress(ValueError, OSError):
            if soft < wanted:
                resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Holder:
    def __init__(self, port):
        self.port, self.open, self.epoll = port, {}, select.epoll()
        self.held = self.opened = 0

    def add(self, count):
        """Opens some without waiting for the server."""
        for _ in range(count):
            connection = socket.socket()
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.connect(("127.0.0.1", self.port))
            self.open[connection.fileno()] = connection
            self.epoll.register(connection, select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP)
            self.opened += 1
        self.held = max(self.held, len(self.open))

    def look(self, seconds):
        """Says its part to who has been accepted, and forgets whom the server has sent away."""
        for file, events in self.epoll.poll(seconds, 4096):
            if events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLIN | select.EPOLLRDHUP):
                self.epoll.unregister(file)
                self.open.pop(file).close()
            else:
                with contextlib.suppress(OSError):
                    self.open[file].send(BEGINNINGS[file % len(BEGINNINGS)])
                self.epoll.modify(file, select.EPOLLRDHUP)


def main():
    job = json.loads(sys.stdin.readline())
    most = min(job["connections"], raise_files(job["connections"] + SPARE) - SPARE)
    holder, ended = Holder(job["port"]), select.poll()
    ended.register(sys.stdin, select.POLLIN | select.POLLHUP)
    while not ended.poll(0):
        begin = time.monotonic()
        holder.add(min(most - len(holder.open), int(job["a_second"] * TICK)))
        while (left := begin + TICK - time.monotonic()) > 0:
            holder.look(left)
    print(json.dumps({"held": holder.held, "opened": holder.opened}))


if __name__ == "__main__":
    main()
