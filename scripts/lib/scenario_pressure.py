"""Readers who press, one after another, in lines: a line is one host and one post, so the order of its events is known."""

import dataclasses
import http.client
import threading

from scenario_reader import Outcome, Reader
from terminal import Failure

KINDS = ("like", "visit", "comment")


@dataclasses.dataclass
class Event:
    """Something that a reader did, with what the host said to it."""

    kind: str
    host: str
    slug: str
    visitor: str
    text: str  # Of a comment.
    outcome: Outcome


class Line:
    """The events of one host and one post, in the order in which they were made: each after the answer to the one before."""

    def __init__(self, stage, host, slug):
        self.stage = stage
        self.host = host
        self.slug = slug
        self.events = []

    def press(self, count, kinds=KINDS, may_end=False):
        """So many readers do something each, of all kinds in turn. With `may_end` it ends early when the host goes away: who
        did not even get the page has done nothing, and who is refused by a host that is ending was too late."""
        for i in range(count):
            kind = kinds[i % len(kinds)]
            reader = Reader(self.stage.port(self.host))
            try:
                reader.open(f"/blog/{self.slug}")
            except (OSError, http.client.HTTPException):
                if may_end:
                    return
                raise
            text = f"{self.host} {self.slug} {len(self.events)}"
            if kind == "like":
                outcome = reader.like(self.slug)
            elif kind == "visit":
                outcome = reader.visit(self.slug)
            else:
                outcome = reader.comment(self.slug, text, reader.visitor)
            if may_end and outcome is Outcome.REFUSED:
                outcome = Outcome.AWAY
            self.events.append(Event(kind, self.host, self.slug, reader.visitor, text, outcome))

    def accepted(self, kind=None):
        return self._of(Outcome.ACCEPTED, kind)

    def unknown(self, kind=None):
        return self._of(Outcome.UNKNOWN, kind)

    def refused(self):
        return self._of(Outcome.REFUSED, None)

    def _of(self, outcome, kind):
        return [event for event in self.events if event.outcome is outcome and kind in (None, event.kind)]


class Pressing:
    """Lines that press at once, so many events together, each line in a thread of its own."""

    def __init__(self, lines, count, kinds=KINDS, may_end=False):
        each, more = divmod(count, len(lines))
        self._failures = []
        self._threads = [threading.Thread(target=self._run, args=(line, each + (i < more), kinds, may_end), daemon=True)
                         for i, line in enumerate(lines)]
        for thread in self._threads:
            thread.start()

    def wait(self):
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise Failure(f"a reader could not go on: {self._failures[0]}")

    def _run(self, line, count, kinds, may_end):
        try:
            line.press(count, kinds, may_end)
        except Exception as failure:  # Told by the thread that waits.
            self._failures.append(failure)


def made(lines):
    return sum(len(line.events) for line in lines)


def accepted(lines, kind=None):
    return sum(len(line.accepted(kind)) for line in lines)
