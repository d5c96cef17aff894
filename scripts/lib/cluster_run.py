"""The life of a cluster: up in the foreground or detached, and down.

A foreground cluster belongs to the script. Three things make sure that nothing outlives it: Ctrl-C and SIGTERM stop the
nodes in order; every node holds the reading end of var/lifeline and ends itself when the script, the only writer, is
gone, even by kill -9; and the lock in var/ is the kernel's, which drops it with the process. A detached cluster belongs
to nobody: `down` finds its processes by pid and start time.
"""

import os
import signal
import sys
import time

import build_step
import cluster_faults
import cluster_logs
import cluster_nodes
import processes
from cluster_state import Cluster, State
from ports import Ports
from terminal import Failure, GREEN, RED, paint, say

OWNER_STOP_TIMEOUT_S = 2 * cluster_nodes.STOP_TIMEOUT_S + 10.0
# An older mark was left by a restart that was itself killed.
RESTART_TIMEOUT_S = cluster_nodes.STOP_TIMEOUT_S + 5.0


class Signals:
    """Counts requests to stop. The second one means: at once. Before `install` they interrupt, e.g. a build."""

    @staticmethod
    def interrupt():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)

    def __init__(self):
        self.stops = 0

    def install(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        return self

    def _note(self, _number, _frame):
        self.stops += 1

    @property
    def should_stop(self):
        return self.stops > 0

    @property
    def is_hurried(self):
        return self.stops > 1


def reap():
    """Collects ended children, so that none stays as a zombie. Returns {pid: exit status}."""
    ended = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = os.waitstatus_to_exitcode(status)


def describe_end(code):
    if code is None:
        return "ended"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with {code}"


# --- up -----------------------------------------------------------------------------------------------


def up(arguments, state):
    require_one_database(arguments)
    lock = state.lock()
    if lock is None:
        raise Failure("a cluster is running here, or being started, by another scripts/cluster; "
                      "see scripts/cluster status, stop it with: scripts/cluster down")
    with lock:
        clear_leftovers(state)
        program = cluster_nodes.program_of(arguments.preset)
        Signals.interrupt()
        if not os.environ.get("BEAMLINE_PROGRAM"):
            build_step.build(arguments.preset, ["beamline", "assets"], state.folder / "build.log", "cluster")
        # From here on there are nodes to stop.
        signals = Signals().install()
        ports = Ports()
        address = "::1" if arguments.ipv6 else "127.0.0.1"
        nodes = cluster_nodes.plan(arguments.hosts, arguments.accumulators, ports, address)
        me = (None, None) if arguments.detach else (os.getpid(), processes.start_time_of(os.getpid()))
        cluster = Cluster(arguments.preset, program, *me, nodes, address=address, is_by_hand=arguments.by_hand,
                          settings=arguments.settings)
        return Run(cluster, state, ports, signals, arguments.detach).run()


def require_one_database(arguments):
    """Several accumulators count in one database; a file of SQLite has one owner, and each would have a file of its own."""
    is_shared = os.environ.get("BEAMLINE_DATABASE_URL") or any(setting.startswith("store.database_url=")
                                                               for setting in arguments.settings)
    if arguments.accumulators > 1 and not is_shared:
        raise Failure(f"--accumulators {arguments.accumulators} needs one PostgreSQL for all of them, as a SQLite file has one "
                      "owner; set BEAMLINE_DATABASE_URL=postgresql://user:password@host:5432/name, or start one accumulator")


def clear_leftovers(state):
    """Stops what an earlier foreground script left behind when it was killed; its nodes are ending by themselves."""
    cluster = state.load()
    if cluster is None:
        return
    running = [node for node in cluster.nodes if node.is_running]
    if running and cluster.owner_pid is None:
        raise Failure(f"a detached cluster is running here ({', '.join(node.short for node in running)}); "
                      "stop it with: scripts/cluster down")
    if running:
        say(f"stopping {len(running)} nodes left over by an earlier run")
        cluster_nodes.stop(running)
    cluster_faults.stop(cluster)
    state.forget()


class Run:
    """One `up`, from the first process to the last."""

    def __init__(self, cluster, state: State, ports, signals, detach):
        self.cluster = cluster
        self.state = state
        self.ports = ports
        self.signals = signals
        self.detach = detach
        self.writer = None
        self.exits = {}

    def run(self):
        try:
            if not self.detach:
                self.make_lifeline()
            self.start()
            if not self.wait_ready():
                return self.end("stopping before all nodes were ready")
            self.ports.release()
            for node in self.cluster.nodes:
                cluster_faults.hold_ports(self.cluster, self.state, node)
            self.announce()
            self.note_ready()
            if self.detach:
                return 0
            self.watch()
        except BaseException:
            # Whatever went wrong, its report comes last, below what is said about stopping.
            self.end(None)
            raise
        return self.end("stopping")

    def make_lifeline(self):
        # A new file each time: nodes of a killed script keep holding the old one, and see its end.
        self.state.lifeline.unlink(missing_ok=True)
        os.mkfifo(self.state.lifeline, 0o600)
        self.writer = os.open(self.state.lifeline, os.O_RDWR)

    def start(self):
        self.state.save(self.cluster)
        end = None if self.detach else cluster_nodes.open_lifeline(self.state)
        try:
            cluster_faults.start(self.cluster, self.state, end)
            self.state.save(self.cluster)
            for node in self.cluster.nodes:
                cluster_nodes.start(self.cluster, node, self.state, end)
                self.state.save(self.cluster)
        finally:
            if end is not None:
                os.close(end)

    def collect(self):
        self.exits.update(reap())

    def wait_ready(self):
        def tell(node, seconds):
            say(f"{node.short} is ready after {seconds:.2f} s")

        return cluster_nodes.wait_ready(self.cluster.nodes, self.state, tell, self.collect,
                                        lambda: self.signals.should_stop)

    def announce(self):
        width = max(len(node.short) for node in self.cluster.nodes)
        for node in self.cluster.nodes:
            print(f"{node.short:<{width}}  {paint(node.url + '/', GREEN)}")
        first = self.cluster.nodes[0]
        if first.role == cluster_nodes.HOST:
            print(f"open {first.url}/blog/hello")
        print("stop with: scripts/cluster down" if self.detach else "Ctrl-C stops the cluster", flush=True)

    def note_ready(self):
        with self.state.editing() as cluster:
            if cluster is not None:
                cluster.is_ready = True

    def watch(self):
        """Shows the logs until asked to stop, or until no node is left that could be restarted into."""
        follower = cluster_logs.Follower(self.state)
        dead = set()
        has_proxy = True
        while not self.signals.should_stop:
            self.collect()
            current = self.state.load()
            if current is not None:
                self.cluster = current  # Processes may have been replaced, nodes added and removed.
            if has_proxy and not self.cluster.is_proxy_running:
                has_proxy = False
                say(paint("the fault proxy has ended, and with it every link; its log is "
                          f"{self.state.folder / 'fault_proxy.log'}; start anew with: scripts/cluster up", RED, sys.stderr))
            try:
                shown = follower.poll(self.cluster.nodes)
            except BrokenPipeError:
                self.signals.stops += 1  # Nobody reads the logs any more, e.g. `up | head`.
                break
            for node in self.cluster.nodes:
                identity = (node.pid, node.started)
                if not node.is_running and identity not in dead and not self.is_restarting(node):
                    dead.add(identity)
                    self.report_death(node)
            if not shown:
                time.sleep(cluster_logs.POLL_S)
        follower.poll(self.cluster.nodes)

    def is_restarting(self, node):
        try:
            return time.time() - (self.state.node_folder(node) / "restarting").stat().st_mtime < RESTART_TIMEOUT_S
        except OSError:
            return False

    def report_death(self, node):
        end = describe_end(self.exits.get(node.pid))
        say(paint(f"{node.short} (pid {node.pid}) {end}; start it again with: scripts/cluster restart {node.short}",
                  RED, sys.stderr))

    def end(self, word):
        """Stops every node. 0 if all ended by themselves."""
        if word:
            say(word)
        recorded = self.state.load()
        nodes = recorded.nodes if recorded else self.cluster.nodes
        killed = cluster_nodes.stop(nodes, self.collect, lambda: self.signals.is_hurried)
        cluster_faults.stop(recorded or self.cluster, self.collect)
        self.state.forget()
        if word:
            say("all nodes ended" + (f", {', '.join(killed)} by force" if killed else ""))
        return 1 if killed else 0


# --- down ---------------------------------------------------------------------------------------------


def down(state):
    cluster = state.load()
    if cluster is None:
        say("no cluster is running here")
        return 0
    if cluster.is_owned:
        owner = (cluster.owner_pid, cluster.owner_started)
        say(f"asking scripts/cluster up (pid {cluster.owner_pid}) to stop")
        processes.send_signal(*owner, signal.SIGTERM)
        if processes.wait_gone([owner], OWNER_STOP_TIMEOUT_S):
            say(f"it did not stop within {OWNER_STOP_TIMEOUT_S:.0f} s; it is killed")
            processes.send_signal(*owner, signal.SIGKILL)
            processes.wait_gone([owner], 5.0)
    killed = cluster_nodes.stop(cluster.nodes)
    cluster_faults.stop(cluster)
    state.forget()
    say("all nodes ended" + (f", {', '.join(killed)} by force" if killed else ""))
    return 1 if killed else 0
