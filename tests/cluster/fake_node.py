#!/usr/bin/env python3
"""Stands in for the `beamline` program, so that scripts/cluster is tested quickly and against nodes that misbehave.

FAKE_NODE names the misbehaviour: "dies" (ends while starting), "stubborn" (ignores SIGTERM), "slow" (ready after a second).
"""

import http.server
import os
import select
import signal
import sys
import threading
import time

settings = dict(word.split("=", 1) for flag, word in zip(sys.argv, sys.argv[1:]) if flag == "--set")
flags = dict(zip(sys.argv, sys.argv[1:]))
name = settings["node.name"].partition("@")[0]
behaviour = os.environ.get("FAKE_NODE", "")
begun = time.monotonic()


def log(text):
    print(f"{time.strftime('%H:%M:%S')} info {text}", file=sys.stderr, flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = behaviour != "slow" or time.monotonic() - begun > 1
        self.send_response(200 if ready else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: (log("ends on SIGTERM"), os._exit(0)))

log(f"{name} starts with {' '.join(sys.argv[1:])} .")
for secret in ("SECRET", "COOKIE"):
    log(f"the {secret.lower()} has {len(os.environ.get('BEAMLINE_' + secret, ''))} characters")
if behaviour == "dies" and settings["node.role"] == "accumulator":
    log("error: store.path is unusable; choose another")
    sys.exit(7)

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(settings["web.port"])), Handler)
if settings["cluster.enabled"] == "true":
    link = http.server.ThreadingHTTPServer(("127.0.0.1", int(settings["cluster.port"])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
if "--lifeline-fd" in flags:
    lifeline = int(flags["--lifeline-fd"])
    while True:
        select.select([lifeline], [], [])
        if os.read(lifeline, 1) == b"":
            log("ends with its lifeline")
            os._exit(0)
while True:
    signal.pause()
