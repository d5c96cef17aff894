"""scripts/cluster: a cluster of several nodes on this machine, all of them on its loopback addresses."""

import argparse
import os
import sys

import cluster_change
import cluster_faults
import cluster_logs
import cluster_run
import cluster_status
import scenario
from cluster_state import NODES_MAX, State
from fault_rules import DELAY_MS_MAX, RATE_KIB_MAX
from terminal import Failure, RED, paint, say

DESCRIPTION = """\
Starts, shows and stops a cluster on this machine, and disturbs it. Its state is in var/: cluster.json, one folder per
node with its log and data, and the secrets the nodes share.

  scripts/cluster up                        build if needed, start two hosts and an accumulator, show the logs; Ctrl-C
                                            stops everything
  scripts/cluster up --detach               the same in the background
  scripts/cluster status [--json]           what runs, where, whether it is ready, who sees whom, and what waits
  scripts/cluster logs [NODE] [-f] [-n N]   the last lines of all nodes or of one; -f goes on
  scripts/cluster add host|accumulator      start a further node, which joins the others
  scripts/cluster remove NODE               stop a node in order and forget it
  scripts/cluster kill NODE                 end a node at once, as a crash would
  scripts/cluster restart NODE              stop a node if it runs, start it again on the same ports
  scripts/cluster pause NODE                freeze a node (SIGSTOP)
  scripts/cluster resume NODE               let it go on (SIGCONT)
  scripts/cluster partition A B             nothing passes between A and B any more; --one-way: from A to B
  scripts/cluster delay A B MS              what passes between them is late by so much each way; 0 ends it
  scripts/cluster rate A B KIB              so many KiB per second each way at most; 0 ends it
  scripts/cluster heal [A B]                end the faults between A and B, or all of them
  scripts/cluster down                      stop everything
  scripts/cluster scenario [NAME] [--json]  a scripted story on a cluster of its own, and whether all held; without a
                                            NAME: which there are
"""
EPILOG = """\
A NODE is named as `status` shows it, e.g. event_horizon_1. All links run through one proxy, which makes the faults.
Environment: BEAMLINE_VAR (state folder instead of var/), BEAMLINE_PROGRAM (a built program to use, nothing is built),
BEAMLINE_SECRET instead of var/secret, BEAMLINE_COOKIE_FILE or BEAMLINE_COOKIE instead of var/cookie, NO_COLOR.
Ends with 0 if all went well, 1 on a failure, 2 on a wrong command line; `status` with 0 if all nodes are ready,
1 if some are not, 3 if no cluster is running.
"""
# What takes an existing cluster.
CHANGES = {
    "kill": cluster_change.kill, "restart": cluster_change.restart, "pause": cluster_change.pause,
    "resume": cluster_change.resume, "add": cluster_change.add, "remove": cluster_change.remove,
    "partition": cluster_faults.partition, "heal": cluster_faults.heal, "delay": cluster_faults.delay,
    "rate": cluster_faults.rate,
}


def main():
    arguments = parse(sys.argv[1:])
    state = State()
    try:
        if arguments.verb == "up":
            return cluster_run.up(arguments, state)
        if arguments.verb == "down":
            return cluster_run.down(state)
        if arguments.verb == "status":
            return cluster_status.status(arguments, state, state.load())
        if arguments.verb == "scenario":
            return scenario.scenario(arguments)
        cluster = state.load()
        if cluster is None:
            raise Failure("no cluster is running here; start one with: scripts/cluster up")
        return logs(arguments, state, cluster) if arguments.verb == "logs" else CHANGES[arguments.verb](arguments, state, cluster)
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
    add_up(verbs.add_parser("up", help="start a cluster"))
    verb = verbs.add_parser("status", help="show the nodes, who sees whom, and what waits")
    verb.add_argument("--json", action="store_true", help="for programs")
    verb = verbs.add_parser("logs", help="show the logs")
    verb.add_argument("node", nargs="?", metavar="NODE")
    verb.add_argument("-f", "--follow", action="store_true", help="go on with new lines until Ctrl-C")
    verb.add_argument("-n", "--lines", type=number_up_to(999_999), default=100, metavar="N",
                      help="lines to begin with (default 100)")
    verb = verbs.add_parser("add", help="start a further node")
    verb.add_argument("role", choices=list(cluster_change.ROLES), metavar="host|accumulator")
    for name, text in (("remove", "stop a node in order and forget it"), ("kill", "end a node at once"),
                       ("restart", "start a node again"), ("pause", "freeze a node"), ("resume", "let a node go on")):
        verbs.add_parser(name, help=text).add_argument("node", metavar="NODE")
    verb = add_pair(verbs.add_parser("partition", help="cut the cable between two nodes"))
    verb = add_pair(verbs.add_parser("delay", help="make what passes between two nodes late"))
    verb.add_argument("ms", type=number_up_to(DELAY_MS_MAX), metavar="MS")
    verb = add_pair(verbs.add_parser("rate", help="make the line between two nodes slow"))
    verb.add_argument("kib", type=number_up_to(RATE_KIB_MAX), metavar="KIB")
    verb = verbs.add_parser("heal", help="end faults")
    verb.add_argument("one", nargs="?", metavar="A")
    verb.add_argument("other", nargs="?", metavar="B")
    verbs.add_parser("down", help="stop everything")
    add_scenario(verbs.add_parser("scenario", help="tell a scripted story"))
    arguments = parser.parse_args(words)
    if arguments.verb == "up" and not 1 <= arguments.hosts + arguments.accumulators <= NODES_MAX:
        parser.error(f"--hosts {arguments.hosts} and --accumulators {arguments.accumulators} make "
                     f"{arguments.hosts + arguments.accumulators} nodes, expected 1 to {NODES_MAX} in all")
    if arguments.verb == "scenario" and not scenario.EVENTS_MIN <= arguments.events <= scenario.EVENTS_MAX:
        parser.error(f"--events is {arguments.events}, expected {scenario.EVENTS_MIN} to {scenario.EVENTS_MAX}")
    return arguments


def add_up(verb):
    count = number_up_to(999_999)
    verb.add_argument("--hosts", type=count, default=2, metavar="N", help="blog hosts (default 2)")
    verb.add_argument("--accumulators", type=count, default=1, metavar="M", help="accumulators (default 1)")
    verb.add_argument("--detach", action="store_true", help="leave the nodes running in the background")
    verb.add_argument("--by-hand", action="store_true",
                      help="tell no node of the others; `beamline remote NODE connect` links them")
    verb.add_argument("--ipv6", action="store_true", help="links over ::1 instead of 127.0.0.1")
    verb.add_argument("--set", dest="settings", action="append", default=[], type=setting, metavar="KEY=VALUE",
                      help="a setting for every node, over all others")
    verb.add_argument("--preset", default="release", metavar="PRESET", help="CMake preset to build (default release)")


def add_scenario(verb):
    verb.add_argument("name", nargs="?", choices=list(scenario.STORIES), metavar="NAME",
                      help=f"one of {', '.join(scenario.STORIES)}")
    verb.add_argument("--events", type=number_up_to(999_999), default=scenario.EVENTS, metavar="N",
                      help=f"how much readers do (default {scenario.EVENTS})")
    verb.add_argument("--no-browser", action="store_true", help="without the readers who have Chromium")
    verb.add_argument("--json", action="store_true", help="the report for programs")
    verb.add_argument("--preset", default="release", metavar="PRESET", help="CMake preset to build (default release)")


def add_pair(verb):
    verb.add_argument("one", metavar="A")
    verb.add_argument("other", metavar="B")
    verb.add_argument("--one-way", action="store_true", help="only from A to B")
    return verb


def number_up_to(most):
    def number(word):
        if not word.isdecimal() or int(word) > most:
            raise argparse.ArgumentTypeError(f'"{word}" is not a number from 0 to {most}')
        return int(word)

    return number


def setting(word):
    if "=" not in word[1:]:
        raise argparse.ArgumentTypeError(f'"{word}" is no setting, expected KEY=VALUE such as cluster.tick_time=1s')
    return word


def logs(arguments, state, cluster):
    chosen = [cluster.find(arguments.node)] if arguments.node else cluster.nodes
    names = {node.name for node in chosen}
    cluster_logs.show_last(chosen, state, arguments.lines)
    if arguments.follow:
        sys.stdout.flush()
        cluster_logs.follow(lambda: [node for node in getattr(state.load(), "nodes", []) if node.name in names], state)
    return 0


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # `logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 141
    sys.exit(code)
