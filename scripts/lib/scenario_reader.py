"""A reader whose browser runs no scripts: pages and forms over HTTP, with cookies of its own, and visits as the live client
makes them."""

import base64
import enum
import html
import http.client
import json
import os
import re
import socket
import urllib.parse

# A host answers within milliseconds; with a like or a comment it may wait for the accumulator (outbox.call_time).
ANSWER_S = 15.0
_META_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]*)"')
_VIEW = re.compile(r'<div id="([^"]+)" data-phx-main[^>]*? data-phx-session="([^"]*)" data-phx-static="([^"]*)"')


class Outcome(enum.Enum):
    ACCEPTED = "accepted"  # The host has answered that it has the event: now or later it counts.
    REFUSED = "refused"    # The host has answered that it does not.
    AWAY = "away"          # The host was not there.
    UNKNOWN = "unknown"    # The host went away before it answered: the event may count or not.


class Reader:
    """Somebody with a session of a host. Sessions are signed with the secret of the cluster, so another host takes them, too.
    Not for several threads."""

    def __init__(self, port):
        self.port = port
        self.token = ""
        self._cookies = {}
        self._view = None

    @property
    def visitor(self):
        """What the host calls this reader: it stands, signed, in the session's cookie."""
        body = self._cookies["_beamline_session"].split(".")[2]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["visitor"]

    def open(self, page):
        """Loads a page. OSError when the host is away."""
        status, text = self._request("GET", page)
        if status != 200:
            raise OSError(f"GET {page} of port {self.port} was answered {status}")
        if found := _META_TOKEN.search(text):
            self.token = html.unescape(found[1])
        self._view = _VIEW.search(text)
        return text

    def like(self, slug, liked=True):
        return self._post(f"/blog/{slug}/like", {"liked": "true" if liked else "false"})

    def comment(self, slug, content, author, parent=""):
        return self._post(f"/blog/{slug}/comments", {"content": content, "author": author, "parent": parent})

    def visit(self, slug):
        """Loads a post, joins its live view and leaves. The host counts that, without an answer that says so."""
        try:
            self.open(f"/blog/{slug}")
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_S) as line:
                self._join(line, f"/blog/{slug}")
        except OSError:
            return Outcome.UNKNOWN
        return Outcome.ACCEPTED

    # --- HTTP -------------------------------------------------------------------------------------------

    def _post(self, path, fields):
        body = urllib.parse.urlencode(fields | {"_csrf_token": self.token})
        try:
            status, _ = self._request("POST", path, body)
        except ConnectionRefusedError:
            return Outcome.AWAY
        except (OSError, http.client.HTTPException):
            return Outcome.UNKNOWN
        return Outcome.ACCEPTED if status == 303 else Outcome.REFUSED

    def _request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        headers = {"Cookie": self._cookie_header(), "Origin": f"http://127.0.0.1:{self.port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self._cookies[key.strip()] = rest.partition(";")[0]
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def _cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    # --- live -------------------------------------------------------------------------------------------

    def _join(self, line, page):
        if self._view is None:
            raise OSError(f"{page} of port {self.port} holds no live view")
        view, session, static = (html.unescape(part) for part in self._view.groups())
        here = f"127.0.0.1:{self.port}"
        query = urllib.parse.urlencode({"_csrf_token": self.token, "_mounts": 0, "_mount_attempts": 0, "vsn": "2.0.0"})
        key = base64.b64encode(os.urandom(16)).decode()
        line.sendall((f"GET /live/websocket?{query} HTTP/1.1\r\nHost: {here}\r\nOrigin: http://{here}\r\nConnection: Upgrade\r\n"
                      f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                      f"Cookie: {self._cookie_header()}\r\n\r\n").encode())
        with line.makefile("rb") as answers:
            status = answers.readline().split(b" ")[1:2]
            while answers.readline() not in (b"\r\n", b""):
                pass
            if status != [b"101"]:
                raise OSError(f"the upgrade at {here} was answered {status}")
            params = {"_csrf_token": self.token, "_mounts": 0, "_mount_attempts": 0}
            payload = {"url": f"http://{here}{page}", "params": params, "session": session, "static": static, "sticky": False}
            line.sendall(text_frame(json.dumps(["1", "1", f"lv:{view}", "phx_join", payload])))
            joined = json.loads(read_text(answers))
            if joined[3] != "phx_reply" or joined[4].get("status") != "ok":
                raise OSError(f"the view of {page} at {here} was not joined: {joined[3]} {str(joined[4])[:200]}")


def text_frame(text):
    """A masked text frame; the mask is zero, which servers cannot tell from any other."""
    data = text.encode()
    if len(data) < 126:
        size = bytes([0x80 | len(data)])
    elif len(data) < 65536:
        size = bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
    else:
        size = bytes([0x80 | 127]) + len(data).to_bytes(8, "big")
    return b"\x81" + size + b"\0\0\0\0" + data


def read_text(stream):
    """The payload of the next frame, which is whole: the server sends neither fragments nor masks."""
    head = stream.read(2)
    if len(head) < 2:
        raise ConnectionResetError("the host closed the socket")
    size = head[1] & 0x7F
    if size >= 126:
        size = int.from_bytes(stream.read(2 if size == 126 else 8), "big")
    data = stream.read(size)
    if head[0] != 0x81 or len(data) < size:
        raise ConnectionResetError("the host sent no text")
    return data
