"""Two readers with Chromium, who sit before their pages during a scenario. tests/browser/puppets.mjs moves them."""

import json
import os
import select
import shutil
import subprocess

from cluster_state import ROOT
from terminal import Failure

FOLDER = ROOT / "tests" / "browser"
# A browser starts within seconds; a page is live at once, or, after an outage, when the client tries again (10 s).
START_S = 60.0
ORDER_S = 45.0
LIVE_S = 30.0


def missing():
    """What is not there of what browsers need, as a sentence with the remedy; None when all is."""
    if shutil.which("node") is None:
        return "node is missing; install it with scripts/setup test, or leave the browsers out with --no-browser"
    if not (FOLDER / "node_modules" / "playwright-core").exists():
        return "playwright-core is missing; install it with scripts/setup test, or leave the browsers out with --no-browser"
    if not os.environ.get("CHROMIUM") and shutil.which("chromium") is None:
        return "chromium is missing; install it with scripts/setup test, or leave the browsers out with --no-browser"
    return None


class Browsers:
    """The readers by their hosts: whoever reads on event_horizon_1 is called so."""

    def __init__(self, stage, hosts, page):
        self.hosts = hosts
        self._stage = stage
        self._page = page
        self._process = None

    def __enter__(self):
        with open(self._stage.folder / "browsers.log", "wb") as said:
            self._process = subprocess.Popen(["node", str(FOLDER / "puppets.mjs")], cwd=FOLDER, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=said)
        try:
            self._answer("start", START_S)
            for host in self.hosts:
                self.tell(host, "arrive", url=self._stage.url(host, self._page))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def tell(self, host, verb, **words):
        """Has a reader do something; returns its value. Failure when it does not succeed."""
        try:
            self._process.stdin.write((json.dumps({"do": verb, "who": host} | words) + "\n").encode())
            self._process.stdin.flush()
        except OSError as error:
            raise Failure(f"the browsers have ended; see {self._stage.folder / 'browsers.log'}") from error
        return self._answer(f"{verb} at {host}", ORDER_S)

    def see(self, likes, within_s=LIVE_S):
        for host in self.hosts:
            self.tell(host, "sees", likes=likes, within_s=within_s)

    def read(self, text, within_s=LIVE_S):
        for host in self.hosts:
            self.tell(host, "reads", text=text, within_s=within_s)

    def are_live(self):
        for host in self.hosts:
            self.tell(host, "live", within_s=LIVE_S)

    def loads(self):
        return {host: self.tell(host, "loads") for host in self.hosts}

    def _answer(self, what, timeout_s):
        readable, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        line = self._process.stdout.readline() if readable else b""
        if not line:
            raise Failure(f"the browsers do not answer ({what}); see {self._stage.folder / 'browsers.log'}")
        answer = json.loads(line)
        if not answer["ok"]:
            raise Failure(f"{what}: {answer['error']}")
        return answer.get("value")
