"""One connection through the fault proxy: two ends, and between them two directions, each under a rule of its own.

  dialler ── End ──▶ Direction (rule of dialler → target) ──▶ End ── target
          ── End ◀── Direction (rule of target → dialler) ◀── End ──

As with a cable: what is cut is held, in order, and nothing is closed; ends are held like octets. The target is dialled
when the first octets may pass, so a dialler that gave up while the way was cut leaves no trace there.
"""

import asyncio
import collections
import socket

import fault_rules

# Octets of one direction that wait here; then its source is read no more, and the system's buffers fill as they do
# behind a slow line.
WAITING_OCTETS_MAX = 8 * 1024 * 1024
WAITING_OCTETS_MAX_SLOW = 256 * 1024
# So that a slow line is slow evenly.
RATED_PIECE = 4 * 1024
# Unsent octets in front of an end; then the other one is read no more.
UNSENT_OCTETS_MAX = 1024 * 1024
# A dialler that has not said hello by then passes as a stranger.
GREETING_S = 1.0
DIAL_S = 5.0

EOF, RESET = "eof", "reset"


class Direction:
    """Octets one way. Everything runs on the event loop."""

    def __init__(self, link, rule):
        self.link = link
        self.rule = rule
        self.source = None
        self.sink = None
        self.octets = 0  # Passed so far.
        self.is_over = False
        self._waiting = collections.deque()  # (when it came, octets or how it ended)
        self.waiting_octets = 0
        self._free_at = 0.0  # When a rated line takes the next octets.
        self._timer = None
        rule.listeners.add(self.pump)

    def feed(self, data):
        if not self._waiting and self.rule.is_clear and self.is_sink_ready:
            self.octets += len(data)
            self.sink.transport.write(data)
            return
        if self.is_over:
            return  # Nobody is there any more; why, the source is told when that may pass.
        step = RATED_PIECE if self.rule.rate else max(1, len(data))
        now = asyncio.get_running_loop().time()
        for at in range(0, max(1, len(data)), step):
            self._waiting.append((now, data[at:at + step]))
        self.waiting_octets += len(data)
        self.pump()

    def end(self, how):
        """The source will send no more."""
        self._waiting.append((asyncio.get_running_loop().time(), how))
        self.pump()

    @property
    def is_sink_ready(self):
        return self.sink is not None and self.sink.transport is not None and not self.sink.is_full

    def pump(self):
        """Passes on what may go now, and sees to it that the rest goes when it may."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._waiting and not self.rule.is_cut and not self.is_over:
            came, what = self._waiting[0]
            due = max(came + self.rule.delay_s, self._free_at if self.rule.rate else 0.0)
            if due > loop.time():
                self._timer = loop.call_at(due, self.pump)
                break
            if not self.is_sink_ready:
                self.link.want_target()
                break
            self._waiting.popleft()
            self._pass(what, loop.time())
        self.govern()

    def _pass(self, what, now):
        if isinstance(what, str):
            self.is_over = True
            self.sink.finish(what)
            self.link.ended()
            return
        if self.rule.rate:
            # A little debt is forgiven, so that a late timer does not make the line slower than it is.
            self._free_at = max(self._free_at, now - 0.05) + len(what) / self.rule.rate
        self.waiting_octets -= len(what)
        self.octets += len(what)
        self.sink.transport.write(what)

    def govern(self):
        """Reads the source or does not."""
        if self.source is None or self.source.transport is None:
            return
        rule = self.rule
        most = WAITING_OCTETS_MAX
        if rule.rate:
            most = min(most, WAITING_OCTETS_MAX_SLOW + int(rule.rate * rule.delay_s))
        is_stuck = self.waiting_octets >= most or (self.sink is not None and self.sink.is_full)
        # Behind a cut cable nobody sees what the other side does; but who dials and gives up, is forgotten.
        is_dark = rule.is_cut and self.link.target_end is not None
        self.source.read(not (is_stuck or is_dark))

    def forget(self):
        self.rule.listeners.discard(self.pump)
        if self._timer:
            self._timer.cancel()
        self._waiting.clear()


class End(asyncio.Protocol):
    """One socket of a link."""

    def __init__(self, link):
        self.link = link
        self.transport = None
        self.out = None  # The direction it feeds.
        self.is_full = False
        self._is_reading = True
        self._has_ended = False

    def connection_made(self, transport):
        self.transport = transport
        transport.set_write_buffer_limits(high=UNSENT_OCTETS_MAX)
        handle = transport.get_extra_info("socket")
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link.made(self)

    def data_received(self, data):
        if self.out is None:
            self.link.greeted(data)
        else:
            self.out.feed(data)

    def eof_received(self):
        self._end(EOF)
        return True  # The other way goes on.

    def connection_lost(self, exc):
        self.transport = None
        self._end(RESET)
        self.link.lost(self)

    def _end(self, how):
        if self._has_ended:
            return
        self._has_ended = True
        if self.out is None or self.link.is_given_up(self):
            self.link.close()
        else:
            self.out.end(how)

    def pause_writing(self):
        self.is_full = True
        self.link.towards(self).govern()

    def resume_writing(self):
        self.is_full = False
        self.link.towards(self).pump()

    def read(self, is_wanted):
        if is_wanted != self._is_reading and self.transport and not self.transport.is_closing():
            self._is_reading = is_wanted
            if is_wanted:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def finish(self, how):
        if self.transport is None or self.transport.is_closing():
            return
        if how == EOF and self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            reset(self.transport)


class Link:
    """One connection, from its dialler to the node behind a port of the proxy."""

    def __init__(self, proxy, port):
        self.proxy = proxy
        self.port = port
        self.since = asyncio.get_running_loop().time()
        self.dialler = None  # Its name, once it has said hello.
        self.dialler_end = End(self)
        self.target_end = None
        self.there = None
        self.back = None
        self._greeting = b""
        self._timer = None
        self._dial = None
        self._is_closed = False
        proxy.links.add(self)

    # --- of the ends ------------------------------------------------------------------------------------

    def made(self, end):
        if end is self.dialler_end:
            self._timer = asyncio.get_running_loop().call_later(GREETING_S, self._recognise, fault_rules.STRANGER)
            return
        if self._is_closed:
            end.transport.abort()
            return
        self.target_end = end
        end.out = self.back
        self.there.sink, self.back.source = end, end
        self.there.pump()

    def greeted(self, data):
        self._greeting += data
        end = fault_rules.greeting_end(self._greeting)
        if end is None or len(self._greeting) < end:
            return
        known = self.proxy.ports
        self._recognise(fault_rules.name_in(self._greeting[:end], known) if end else fault_rules.STRANGER)

    def _recognise(self, name):
        self._timer.cancel()
        if self._is_closed or self.dialler is not None:
            return
        self.dialler = name
        rules = self.proxy.rules
        self.there = Direction(self, rules.of(name, self.port.name))
        self.back = Direction(self, rules.of(self.port.name, name))
        self.there.source, self.back.sink = self.dialler_end, self.dialler_end
        self.dialler_end.out = self.there
        self.there.feed(self._greeting)  # Even if there is nothing: the target is dialled all the same.
        self._greeting = b""

    def want_target(self):
        """The first octets may pass."""
        if self._dial is None and not self._is_closed:
            self._dial = asyncio.ensure_future(self._dial_target())

    async def _dial_target(self):
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(loop.create_connection(lambda: End(self), *self.port.target), DIAL_S)
        except (OSError, asyncio.TimeoutError):
            self.close()  # As when nobody listens: the dialler's connection is reset.

    def is_given_up(self, end):
        """Who dialled has hung up before anything of it had passed."""
        return end is self.dialler_end and self._dial is None

    def towards(self, end):
        return self.back if end is self.dialler_end else self.there

    def ended(self):
        if self.there.is_over and self.back.is_over:
            self.close(is_gentle=True)

    def lost(self, end):
        """This socket is gone for good: what is for it has nowhere to go."""
        direction = self.towards(end)
        if direction is None:
            return
        direction.forget()
        direction.is_over = True
        other = self.back if direction is self.there else self.there
        if self.is_given_up(end):
            self.close()
        elif other.is_over:
            self.close(is_gentle=True)

    def close(self, is_gentle=False):
        if self._is_closed:
            return
        self._is_closed = True
        self.proxy.links.discard(self)
        if self._timer:
            self._timer.cancel()
        for direction in (self.there, self.back):
            if direction:
                direction.forget()
        for end in (self.dialler_end, self.target_end):
            if end and end.transport and is_gentle:
                end.transport.close()  # What is on its way still goes.
            elif end and end.transport:
                reset(end.transport)

    def described(self):
        return {
            "from": self.dialler or fault_rules.STRANGER, "to": self.port.name,
            "age_s": round(asyncio.get_running_loop().time() - self.since, 3),
            "octets_there": self.there.octets if self.there else 0, "octets_back": self.back.octets if self.back else 0,
            "held_there": self.there.waiting_octets if self.there else 0,
            "held_back": self.back.waiting_octets if self.back else 0,
        }


def reset(transport):
    """Ends a connection as a machine does that knows nothing of it."""
    handle = transport.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    transport.abort()
