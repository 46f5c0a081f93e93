"""One tenant that asks for what is most expensive over many connections, each again as soon as it has its answer.

A process of its own, so that its threads do not slow the client who is looked at. The first line of standard input is what to do (JSON:
port, token, paths, connections; a refusal is obeyed, as its Retry-After says), the end of standard input ends it; then it prints
how often it got which status, and the seconds that the answered ones took together.
"""
import http.client
import json
import sys
import threading
import time
from collections import Counter


def ask(job, number, over, counts):
    headers = {"Authorization": f"Bearer {job['token']}"}
    connection = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=75)
    while not over.is_set():
        begin, status, pause = time.monotonic(), 0, 1
        try:
            connection.request("GET", job["paths"][number % len(job["paths"])], headers=headers)
            response = connection.getresponse()
            response.read()
            status, pause = response.status, int(response.headers["Retry-After"] or 1)
        except (OSError, http.client.HTTPException):
            connection.close()
        counts[str(status)] += 1
        if status in (200, 400):
            counts["seconds"] += time.monotonic() - begin
        else:
            over.wait(pause)
    connection.close()


def main():
    job = json.loads(sys.stdin.readline())
    over, counts = threading.Event(), [Counter() for _ in range(job["connections"])]
    threads = [threading.Thread(target=ask, args=(job, number, over, counts[number])) for number in range(job["connections"])]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(sum(counts, Counter())))


if __name__ == "__main__":
    main()
