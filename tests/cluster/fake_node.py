#!/usr/bin/env python3
"""Stands in for the `beamline` program, so that scripts/cluster is tested quickly and against nodes that misbehave.

FAKE_NODE names the misbehaviour: "dies" (ends while starting), "stubborn" (ignores SIGTERM), "slow" (ready after a second).
`remote NODE nodes --json --dir VAR` answers with the names in VAR/NODE/sees, one a line; `remote NODE outbox status …` with
what is in VAR/NODE/outbox.
"""

import http.server
import json
import os
import pathlib
import select
import signal
import socket
import sys
import threading
import time

if sys.argv[1] == "remote":
    folder = pathlib.Path(sys.argv[sys.argv.index("--dir") + 1]) / sys.argv[2].partition("@")[0]
    asked = folder / ("outbox" if sys.argv[3] == "outbox" else "sees")
    if not asked.exists():
        sys.exit(3)
    if asked.name == "outbox":
        print(asked.read_text())
        sys.exit(0)
    print(json.dumps({"nodes": [{"name": peer} for peer in (folder / "sees").read_text().split()]}))
    sys.exit(0)

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
log(f"the cookie's file is {os.environ.get('BEAMLINE_COOKIE_FILE', 'not named')}")
if behaviour == "dies" and settings["node.role"] == "accumulator":
    log("error: store.path is unusable; choose another")
    sys.exit(7)

server = http.server.ThreadingHTTPServer(("127.0.0.1", int(settings["web.port"])), Handler)
if settings["cluster.enabled"] == "true":
    if ":" in settings["cluster.bind"]:
        http.server.ThreadingHTTPServer.address_family = socket.AF_INET6
    link = http.server.ThreadingHTTPServer((settings["cluster.bind"], int(settings["cluster.port"])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
lifeline = [int(flags["--lifeline-fd"])] if "--lifeline-fd" in flags else []
while True:
    # Not for ever: a signal that came while the process was stopped may have woken another thread than this.
    readable, _, _ = select.select(lifeline, [], [], 0.2)
    if readable and os.read(lifeline[0], 1) == b"":
        log("ends with its lifeline")
        os._exit(0)
