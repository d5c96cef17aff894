"""Which faults hold between which nodes, for the fault proxy: a rule per ordered pair, looked at by every connection."""

import dataclasses

# A dialler that is none of the nodes this proxy knows, or does not say its name in the way nodes do.
STRANGER = "?"
DELAY_MS_MAX = 60_000
RATE_KIB_MAX = 10_000_000

# The first frame of a dialler: kind 1 (handshake), the length of its body in three octets, the body.
HELLO_KIND = 1
HEADER_OCTETS = 4
HELLO_OCTETS_MAX = 4096


class Refused(Exception):
    """A request that cannot be carried out; the text says why and what is expected."""


@dataclasses.dataclass(eq=False)
class Rule:
    """What happens to octets on their way from one node to another. `listeners` are told when it changes."""

    is_cut: bool = False
    delay_s: float = 0.0
    rate: float = 0.0  # Octets per second; 0: as fast as can be.
    listeners: set = dataclasses.field(default_factory=set)

    @property
    def is_clear(self):
        return not (self.is_cut or self.delay_s or self.rate)

    def change(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
        for listener in list(self.listeners):
            listener()

    def described(self):
        return {"cut": self.is_cut, "delay_ms": round(self.delay_s * 1000, 3), "rate_kib": round(self.rate / 1024, 3)}


class Rules:
    """Rules by ordered pair. They stay while the proxy runs, also for nodes that have gone and come back."""

    def __init__(self):
        self._rules = {}

    def of(self, source, sink):
        return self._rules.setdefault((source, sink), Rule())

    def between(self, one, other, one_way):
        return [self.of(one, other)] if one_way else [self.of(one, other), self.of(other, one)]

    def heal_all(self):
        for rule in list(self._rules.values()):
            if not rule.is_clear:
                rule.change(is_cut=False, delay_s=0.0, rate=0.0)

    def described(self):
        return [{"from": source, "to": sink} | rule.described()
                for (source, sink), rule in sorted(self._rules.items(), key=lambda item: item[0]) if not rule.is_clear]


def delay_of(value):
    return _number("ms", value, DELAY_MS_MAX) / 1000


def rate_of(value):
    return _number("kib", value, RATE_KIB_MAX) * 1024


def _number(name, value, most):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise Refused(f'"{name}" is {value!r}, expected a number from 0 to {most:,}')
    return float(value)


def address_of(text):
    """("127.0.0.1", 4400) of "127.0.0.1:4400", ("::1", 4400) of "[::1]:4400"."""
    host, colon, port = str(text).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or (":" in bare and bare == host) or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f'the address is "{text}", expected one such as "127.0.0.1:4400" or "[::1]:4400"')
    return bare, int(port)


def greeting_end(data):
    """How many octets the first frame has; None: not known yet; 0: this is no hello of a node."""
    if data and data[0] != HELLO_KIND:
        return 0
    if len(data) < HEADER_OCTETS:
        return None
    body = int.from_bytes(data[1:HEADER_OCTETS], "big")
    return HEADER_OCTETS + body if 0 < body <= HELLO_OCTETS_MAX else 0


def name_in(hello, known):
    """The known node that says hello: its name is in clear in there, behind its length, before anything else is named."""
    found = [(at, name) for name in known if (at := hello.find(_length(name) + name.encode())) >= 0]
    return min(found)[1] if found else STRANGER


def _length(name):
    """As the node's codec writes it: seven bits an octet, the lowest first."""
    size = len(name)
    return bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
