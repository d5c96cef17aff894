"""scripts/cluster: a cluster of several nodes on this machine, all of them on 127.0.0.1."""

import argparse
import json
import os
import signal
import sys

import cluster_logs
import cluster_nodes
import cluster_run
import processes
from cluster_state import State
from terminal import Failure, GREEN, RED, YELLOW, paint, say

DESCRIPTION = """\
Starts, shows and stops a cluster on this machine. Its state is in var/: cluster.json, one folder per node with its log
and data, and the secrets the nodes share.

  scripts/cluster up                        build if needed, start, show the logs; Ctrl-C stops everything
  scripts/cluster up --detach               the same in the background
  scripts/cluster status [--json]           what runs, where, and whether it is ready
  scripts/cluster logs [NODE] [-f] [-n N]   the last lines of all nodes or of one; -f goes on
  scripts/cluster kill NODE                 end a node at once, as a crash would
  scripts/cluster restart NODE              stop a node if it runs, start it again on the same ports
  scripts/cluster down                      stop everything
"""
EPILOG = """\
A NODE is named as `status` shows it, e.g. event_horizon_1.
Environment: BEAMLINE_VAR (state folder instead of var/), BEAMLINE_PROGRAM (a built program to use, nothing is built),
BEAMLINE_SECRET and BEAMLINE_COOKIE (instead of var/secret and var/cookie), NO_COLOR.
Ends with 0 if all went well, 1 on a failure, 2 on a wrong command line; `status` with 0 if all nodes are ready,
1 if some are not, 3 if no cluster is running.
"""
NODES_MAX = 32  # Beyond that, default ports of different kinds would meet and a small machine would only swap.


def main():
    arguments = parse(sys.argv[1:])
    state = State()
    verbs = {"up": up, "status": status, "logs": logs, "kill": kill, "restart": restart, "down": down}
    try:
        return verbs[arguments.verb](arguments, state)
    except Failure as failure:
        say(paint(str(failure), RED, sys.stderr))
        return 1
    except OSError as error:
        say(paint(f"{error.filename or 'the system'}: {error.strerror or error}; correct that and try again",
                  RED, sys.stderr))
        return 1
    except KeyboardInterrupt:
        return 130


class Parser(argparse.ArgumentParser):
    """Answers a wrong command line with the whole usage text, then the error."""

    def error(self, message):
        self.print_help(sys.stderr)
        say(paint(message, RED, sys.stderr))
        sys.exit(2)


def parse(words):
    parser = Parser(prog="scripts/cluster", description=DESCRIPTION, epilog=EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verb = verbs.add_parser("up", help="start a cluster")
    verb.add_argument("--hosts", type=count, default=1, metavar="N", help="blog hosts (default 1)")
    verb.add_argument("--accumulators", type=count, default=1, metavar="M", help="accumulators (default 1)")
    verb.add_argument("--detach", action="store_true", help="leave the nodes running in the background")
    verb.add_argument("--preset", default="release", metavar="PRESET", help="CMake preset to build (default release)")
    verb = verbs.add_parser("status", help="show the nodes")
    verb.add_argument("--json", action="store_true", help="for programs")
    verb = verbs.add_parser("logs", help="show the logs")
    verb.add_argument("node", nargs="?", metavar="NODE")
    verb.add_argument("-f", "--follow", action="store_true", help="go on with new lines until Ctrl-C")
    verb.add_argument("-n", "--lines", type=count, default=100, metavar="N", help="lines to begin with (default 100)")
    for name, text in (("kill", "end a node at once"), ("restart", "start a node again")):
        verbs.add_parser(name, help=text).add_argument("node", metavar="NODE")
    verbs.add_parser("down", help="stop everything")
    arguments = parser.parse_args(words)
    if arguments.verb == "up" and not 1 <= arguments.hosts + arguments.accumulators <= NODES_MAX:
        parser.error(f"--hosts {arguments.hosts} and --accumulators {arguments.accumulators} make "
                     f"{arguments.hosts + arguments.accumulators} nodes, expected 1 to {NODES_MAX} in all")
    return arguments


def count(word):
    if not word.isdecimal() or len(word) > 6:
        raise argparse.ArgumentTypeError(f'"{word}" is not a number from 0 to 999999')
    return int(word)


# --- verbs --------------------------------------------------------------------------------------------


def up(arguments, state):
    return cluster_run.up(arguments, state)


def recorded(state):
    cluster = state.load()
    if cluster is None:
        raise Failure("no cluster is running here; start one with: scripts/cluster up")
    return cluster


def status(arguments, state):
    cluster = state.load()
    nodes = cluster.nodes if cluster else []
    rows = [describe(node) for node in nodes]
    running = any(row["state"] != "stopped" for row in rows)
    if arguments.json:
        mode = None if not running else "foreground" if cluster.is_owned else "detached"
        print(json.dumps({"running": running, "mode": mode, "nodes": rows}, indent=2))
    elif not running:
        print("no cluster is running here; start one with: scripts/cluster up")
    else:
        show(rows)
    if not running:
        return 3
    return 0 if all(row["state"] == "ready" for row in rows) else 1


def describe(node):
    if not node.is_running:
        word = "stopped"
    else:
        word = "ready" if cluster_nodes.is_ready(node) else "not ready"
    alive = word != "stopped"
    return {
        "name": node.name, "role": node.role, "index": node.index, "state": word,
        "pid": node.pid if alive else None, "url": node.url, "http_port": node.http_port,
        "link_port": node.link_port, "uptime_s": round(processes.age_s(node.started), 1) if alive else None,
        "memory_kib": processes.resident_kib(node.pid) if alive else None,
    }


def show(rows):
    colours = {"ready": GREEN, "not ready": YELLOW, "stopped": RED}
    print(f"{'node':<20} {'state':<10} {'pid':>8} {'up':>8} {'memory':>9}  {'links':<6} address")
    for row in rows:
        alive = row["pid"] is not None
        uptime = f"{row['uptime_s']:.0f} s" if alive else "-"
        memory = f"{row['memory_kib'] / 1024:.1f} MiB" if alive and row["memory_kib"] is not None else "-"
        word = paint(f"{row['state']:<10}", colours[row["state"]])
        print(f"{row['name'].partition('@')[0]:<20} {word} {row['pid'] or '-':>8} {uptime:>8} {memory:>9}  "
              f"{row['link_port']:<6} {row['url']}/")


def logs(arguments, state):
    cluster = recorded(state)
    chosen = [cluster.find(arguments.node)] if arguments.node else cluster.nodes
    names = {node.name for node in chosen}
    cluster_logs.show_last(chosen, state, arguments.lines)
    if arguments.follow:
        sys.stdout.flush()
        cluster_logs.follow(lambda: [node for node in getattr(state.load(), "nodes", []) if node.name in names], state)
    return 0


def kill(arguments, state):
    node = recorded(state).find(arguments.node)
    if not processes.send_signal(node.pid, node.started, signal.SIGKILL):
        raise Failure(f"{node.short} is not running; start it with: scripts/cluster restart {node.short}")
    processes.wait_gone([(node.pid, node.started)], 5.0)
    say(f"{node.short} (pid {node.pid}) is killed; start it again with: scripts/cluster restart {node.short}")
    return 0


def restart(arguments, state):
    return cluster_run.restart(arguments, state, recorded(state))


def down(_arguments, state):
    return cluster_run.down(state)


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # `logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 141
    sys.exit(code)
