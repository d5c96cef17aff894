"""What a cluster leaves on disk, all of it below var/: its nodes, its lock, its secrets and its logs."""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import secrets

import processes
from terminal import Failure, say

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SECRET_BYTES = 32
# Default ports of different kinds are 100 apart, and a small machine would only swap.
NODES_MAX = 64
# As `beamline cookie new` makes them.
COOKIE_BYTES = 40


@dataclasses.dataclass
class Node:
    """One node of the cluster. `index` fixes its default ports and its colour for as long as the cluster lives."""

    name: str
    role: str
    index: int
    http_port: int
    link_port: int   # Where the node listens for links ...
    proxy_port: int  # ... and where the others dial it: the fault proxy's.
    pid: int | None = None
    started: str | None = None

    @property
    def short(self):
        return self.name.partition("@")[0]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def is_running(self):
        return processes.is_running(self.pid, self.started)

    @property
    def is_paused(self):
        return self.is_running and processes.is_stopped(self.pid)


@dataclasses.dataclass
class Cluster:
    """The contents of var/cluster.json. `owner` is the foreground script, or none for a detached cluster."""

    preset: str
    program: str
    owner_pid: int | None
    owner_started: str | None
    nodes: list
    address: str = "127.0.0.1"  # Of the links.
    is_by_hand: bool = False    # Nobody is told of anybody.
    settings: list = dataclasses.field(default_factory=list)  # KEY=VALUE of --set, for every node.
    proxy_pid: int | None = None
    proxy_started: str | None = None
    is_ready: bool = False      # `up` has seen every node ready: what other programs wait for who begin one.

    @property
    def is_owned(self):
        return processes.is_running(self.owner_pid, self.owner_started)

    def find(self, wanted):
        """A node by its full name, or by the part before the @."""
        for node in self.nodes:
            if wanted in (node.name, node.short):
                return node
        known = ", ".join(node.short for node in self.nodes) or "none"
        raise Failure(f'no node is named "{wanted}"; the nodes of this cluster: {known}')

    @property
    def is_proxy_running(self):
        return processes.is_running(self.proxy_pid, self.proxy_started)

    def endpoint(self, port):
        return f"[{self.address}]:{port}" if ":" in self.address else f"{self.address}:{port}"


class State:
    """The var/ folder of one clone. BEAMLINE_VAR names another folder, so that tests do not meet a running cluster."""

    def __init__(self, folder=None):
        self.folder = pathlib.Path(folder or os.environ.get("BEAMLINE_VAR") or ROOT / "var").absolute()
        self.file = self.folder / "cluster.json"
        self.lifeline = self.folder / "lifeline"

    def node_folder(self, node):
        return self.folder / node.short

    def log_file(self, node):
        return self.node_folder(node) / "log"

    def prepare(self):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(f"cannot make {self.folder}: {error.strerror}; make the folder writable") from error

    # --- the cluster file ---------------------------------------------------------------------------

    def load(self):
        """The recorded cluster, or None. Never raises on a damaged file: it is reported and treated as absent."""
        try:
            raw = json.loads(self.file.read_text(encoding="utf-8"))
            nodes = [Node(**node) for node in raw.pop("nodes")]
            return Cluster(nodes=nodes, **raw)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            say(f"{self.file} is not readable ({error}); taken as no cluster, remove the file to be rid of this line")
            return None

    def save(self, cluster):
        fresh = self.file.with_suffix(".json.new")
        fresh.write_text(json.dumps(dataclasses.asdict(cluster), indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.file)

    def forget(self):
        for path in (self.file, self.lifeline):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def editing(self):
        """Read, change, write as one step: yields the cluster (or None) and saves it afterwards."""
        self.prepare()
        with open(self.folder / "cluster.edit", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            cluster = self.load()
            yield cluster
            if cluster is not None:
                self.save(cluster)

    # --- the lock -----------------------------------------------------------------------------------

    def lock(self):
        """Held by `up` for as long as it runs. The kernel releases it with the process, however that ends.

        Returns the open file, to be kept, or None when another script holds the lock.
        """
        self.prepare()
        file = open(self.folder / "cluster.lock", "w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    # --- secrets ------------------------------------------------------------------------------------

    def secret(self, name, variable):
        """The value of the environment variable, or of var/<name>, made on first use and readable by its owner only."""
        return os.environ.get(variable) or self.secret_file(name, SECRET_BYTES).read_text(encoding="ascii").strip()

    def secret_file(self, name, octets):
        """The path of var/<name>, which holds so many random octets in letters."""
        self.prepare()
        path = self.folder / name
        fresh = self.folder / f"{name}.{os.getpid()}"
        if not path.exists():
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(octets) + "\n")
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)  # The first of two scripts wins, and both read the winner's.
            fresh.unlink()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        value = path.read_text(encoding="ascii", errors="replace").strip()
        if len(value) < SECRET_BYTES:
            raise Failure(f"{path} holds {len(value)} characters, expected {SECRET_BYTES} or more; "
                          "remove the file and a new one is made")
        return path
