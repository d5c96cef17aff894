"""Choosing TCP ports on loopback so that no two scripts on this machine choose the same one."""

import errno
import socket

from terminal import Failure

HTTP_BASE = 4000
LINK_BASE = 4400
PROXY_BASE = 4800
# Ports 4000 .. 4099 + 100 k are for HTTP, 4400 .. 4499 + 100 k for links, 4800 .. 4899 + 100 k for the fault proxy: four
# tries each before the kernel chooses.
STEP = 100
TRIES = 4


class Ports:
    """Ports claimed by this script. A claim is a name in the kernel that dies with the process."""

    def __init__(self):
        self._claims = {}

    def choose(self, default, host="127.0.0.1"):
        """The default port, or the next free one. The caller compares, and says when they differ."""
        for port in range(default, default + STEP * TRIES, STEP):
            if self.claim(port, host):
                return port
        for _ in range(100):
            with socket.socket(family_of(host), socket.SOCK_STREAM) as probe:
                probe.bind((host, 0))
                port = probe.getsockname()[1]
            if self.claim(port, host):
                return port
        raise Failure(f"no free TCP port on {host} near {default}; stop some programs (ss -ltnp lists them)")

    def claim(self, port, host="127.0.0.1"):
        """True if nobody listens on the port and no other script is about to."""
        mark = None if port in self._claims else claim_name(port)
        if mark is None:
            return False
        if not is_free(port, host):
            mark.close()
            return False
        self._claims[port] = mark
        return True

    def release(self):
        """Once the nodes listen, their sockets speak for themselves, and the fault proxy while they do not."""
        for mark in self._claims.values():
            mark.close()
        self._claims.clear()


def claim_name(port):
    """A socket whose name says that somebody of this machine's scripts has this port; None when another one says so."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        mark.bind(f"\0beamline-port-{port}")
        return mark
    except OSError:
        mark.close()
        return None


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_free(port, host="127.0.0.1"):
    with socket.socket(family_of(host), socket.SOCK_STREAM) as probe:
        # As the node itself does: a port that only waits for old packets to die is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
            return True
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise Failure(f"cannot test port {port} on {host}: {error.strerror}") from error
