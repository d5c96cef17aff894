"""The logs of several nodes as one stream, each line behind the name of its node."""

import heapq
import re
import sys
import time

import cluster_nodes
from terminal import NODE_COLOURS, paint

POLL_S = 0.1
# More of one node's log per turn would hold up the others.
READ_BYTES_MAX = 256 * 1024
# A line without an end is shown in pieces of this size.
LINE_BYTES_MAX = 64 * 1024
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(?:[.,]\d+)?")


class Follower:
    """Reads what nodes append to their logs. A log that is replaced by a new run's is read from its start."""

    def __init__(self, state, out=sys.stdout):
        self._state = state
        self._out = out
        self._files = {}

    def skip_to_end(self, nodes):
        for node in nodes:
            tail = self._tail(node)
            if tail and tail.file:
                tail.file.seek(0, 2)

    def poll(self, nodes):
        """Prints what is new. Returns whether there was anything."""
        width = max((len(node.short) for node in nodes), default=0)
        anything = False
        for node in nodes:
            for line in self._tail(node).lines():
                print_line(node, width, line, self._out)
                anything = True
        if anything:
            self._out.flush()
        return anything

    def _tail(self, node):
        return self._files.setdefault(node.name, _Tail(self._state.log_file(node)))


class _Tail:
    def __init__(self, path):
        self.path = path
        self.file = None
        self._inode = None
        self._rest = b""
        self._open()

    def lines(self):
        """The complete lines that were appended since the last call."""
        data = self._read()
        if not data and self._is_replaced():
            self._open()
            data = self._read()
        if not data:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES_MAX:
            lines.append(self._rest)
            self._rest = b""
        return [line.decode("utf-8", "replace") for line in lines]

    def _read(self):
        return self.file.read(READ_BYTES_MAX) if self.file else b""

    def _is_replaced(self):
        try:
            return self.path.stat().st_ino != self._inode
        except OSError:
            return False

    def _open(self):
        if self.file:
            self.file.close()
            self.file = None
        try:
            self.file = open(self.path, "rb")
            self._inode = self.path.stat().st_ino
        except OSError:
            pass


def print_line(node, width, line, out=sys.stdout):
    name = paint(f"{node.short:<{width}} |", NODE_COLOURS[node.index % len(NODE_COLOURS)], out)
    print(f"{name} {line}", file=out)


def show_last(nodes, state, count, out=sys.stdout):
    """The last lines of every node, in the order of the times they begin with."""

    def timed(node):
        stamp = ""  # Lines without a time stay behind the line they continue.
        for line in cluster_nodes.last_lines(state.log_file(node), count):
            found = _TIME.search(line[:80])
            stamp = found[0] if found else stamp
            yield stamp, node.index, node, line

    width = max((len(node.short) for node in nodes), default=0)
    merged = list(heapq.merge(*(timed(node) for node in nodes), key=lambda entry: entry[:2]))
    for _, _, node, line in merged[-count:]:
        print_line(node, width, line, out)


def follow(nodes_now, state):
    """Shows new lines until Ctrl-C. `nodes_now` is asked each time, as nodes may come and go."""
    follower = Follower(state)
    nodes = nodes_now()
    follower.skip_to_end(nodes)
    while nodes:
        if not follower.poll(nodes):
            time.sleep(POLL_S)
            nodes = nodes_now()
