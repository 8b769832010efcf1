#!/usr/bin/env python3
"""What a look-up costs with the usual alternatives: SQLite by primary key, Redis SISMEMBER over a Unix socket.

usage: compare.py N [LOOKUPS]

Keys are 16 random bytes, as in the index. Redis is asked one key at a time, as a proxy would that has one request, and by
pipelines of 100; its client here is a bare socket, so that no client library is measured. Both times include Python's
own loop, which is measured too and printed. Needs redis-server (Debian) in PATH; it runs in a directory of its own.
"""
import hashlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time


def key(i: int, kind: bytes) -> bytes:
    return hashlib.blake2b(i.to_bytes(8, "little"), digest_size=16, person=kind).digest()


def timed(keys, ask):
    """Nanoseconds per key: wall, and the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter_ns()
        for k in keys:
            ask(k)
        best = min(best, (time.perf_counter_ns() - start) / len(keys))
    return best


def sqlite(folder, count, hits, misses, loop):
    path = os.path.join(folder, "suppressions.db")
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE suppression (key BLOB PRIMARY KEY, channels INTEGER) WITHOUT ROWID")
    db.executemany("INSERT INTO suppression VALUES (?, 15)", ((key(i, b"member"),) for i in range(count)))
    db.commit()
    db.execute("PRAGMA cache_size = -2000000")
    ask = "SELECT channels FROM suppression WHERE key = ?"
    hit = timed(hits, lambda k: db.execute(ask, (k,)).fetchone())
    miss = timed(misses, lambda k: db.execute(ask, (k,)).fetchone())
    size = os.path.getsize(path) / count
    print(f"SQLite point query, all pages cached: miss {miss - loop:.0f} ns  hit {hit - loop:.0f} ns; file {size:.1f} bytes/entry")


def resp(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def redis(folder, count, hits, misses, loop):
    path = os.path.join(folder, "redis.sock")
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.DEVNULL)
    try:
        link = socket.socket(socket.AF_UNIX)
        for _ in range(100):
            try:
                link.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        answers = link.makefile("rb")

        def command(*words):
            link.sendall(resp(*words))
            return answers.readline()

        for start in range(0, count, 1000):
            command(b"SADD", b"s", *(key(i, b"member") for i in range(start, min(start + 1000, count))))
        assert command(b"SCARD", b"s") == b":%d\r\n" % count
        assert command(b"SISMEMBER", b"s", hits[0]) == b":1\r\n"
        assert command(b"SISMEMBER", b"s", misses[0]) == b":0\r\n"
        hit = timed(hits, lambda k: command(b"SISMEMBER", b"s", k))
        miss = timed(misses, lambda k: command(b"SISMEMBER", b"s", k))

        def pipeline(keys):
            batches = [b"".join(resp(b"SISMEMBER", b"s", k) for k in keys[i:i + 100]) for i in range(0, len(keys), 100)]

            def ask(batch):
                link.sendall(batch)
                for _ in range(100):
                    answers.readline()

            return timed(batches, ask) / 100

        print(f"Redis SISMEMBER, Unix socket, one at a time: miss {miss - loop:.0f} ns  hit {hit - loop:.0f} ns")
        print(f"Redis SISMEMBER, pipelines of 100, answers read by Python: miss {pipeline(misses):.0f} ns  hit {pipeline(hits):.0f} ns")
        link.sendall(resp(b"INFO", b"memory"))
        for line in iter(answers.readline, b"\r\n"):
            if line.startswith(b"used_memory:"):
                print(f"Redis memory: {int(line.split(b':')[1]) / count:.1f} bytes/entry")
    finally:
        server.terminate()
        server.wait()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    count = int(sys.argv[1])
    lookups = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    hits = [key(i * 7919 % count, b"member") for i in range(lookups)]
    misses = [key(i, b"stranger") for i in range(lookups)]
    loop = timed(hits, lambda k: None)
    print(f"{count} entries, {lookups} look-ups; Python's loop {loop:.0f} ns, taken off below")
    folder = tempfile.mkdtemp(prefix="stopgate-compare-")
    try:
        sqlite(folder, count, hits, misses, loop)
        redis(folder, count, hits, misses, loop)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
