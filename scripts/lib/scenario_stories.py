"""The stories that scripts/cluster scenario tells. Each takes a play (its cluster, its readers) and a number of events."""

import contextlib
import time

from scenario_checks import wait_drained
from scenario_pressure import Pressing, accepted, made
from scenario_stage import wait_until
from terminal import Failure

H1, H2, OWNER = "event_horizon_1", "event_horizon_2", "accumulator_1"
HOSTS = (H1, H2)
# What readers do whose host is about to be killed. A visit is not answered, so nobody could say whether it was accepted.
ANSWERED = ("like", "comment")
FIRST_COMMENT = "Written in a browser while all is well."
LATER_COMMENT = "Written in a browser while the accumulator is away."
# So many more than were asked for: pressing ends when the host goes away.
ENDLESS = 1_000_000
# The accumulator is linked again at once when it starts; after a partition, when the other side is tried again.
LINKED_S = 45.0
KEPT_S = 20.0


def accumulator_outage(play, events):
    """The accumulator dies; so does a host, meanwhile; both come back."""
    begin(play, events)
    with play.step("SIGKILL accumulator_1"):
        play.stage.do("kill", OWNER)
        wait_until(lambda: not any(OWNER in play.stage.links(host) for host in HOSTS), "the hosts see that", KEPT_S)
    before = {host: play.stage.told_outbox(host)["accepted"] for host in HOSTS}
    since = {host: accepted(play.lines_of(host)) for host in HOSTS}
    with play.step("readers press on both hosts, the accumulator is away") as tell:
        play.press(events * 6 // 10)
        tell(f"{play.made} events so far")
    with play.step("a reader with a browser likes and comments, and the page takes it"):
        play.like_in_browser(H1)
        play.comment_in_browser(H1, LATER_COMMENT)
        since[H1] -= 2 * play.has_browsers
    with play.step("the outboxes hold all that was accepted") as tell:
        for host in HOSTS:
            want = accepted(play.lines_of(host)) - since[host]
            wait_until(lambda host=host, want=want: kept(play.stage, host) - before[host] >= want,
                       lambda host=host, want=want: f"{host} keeps {want}, has {kept(play.stage, host) - before[host]}", KEPT_S)
            tell(f"{host} {play.stage.told_outbox(host)['size']} entries")
    crash(play, H2, max(4, events // 10))
    with play.step("restart event_horizon_2; its page is live again"):
        play.stage.do("restart", H2)
        play.are_live()
    with play.step("readers press on both hosts, the accumulator is still away") as tell:
        play.press(events - accepted(play.lines))
        tell(f"{play.made} events so far")
    with play.step("restart accumulator_1"):
        play.stage.do("restart", OWNER)
    with play.step("what waited is sent"):
        wait_drained(play.stage, HOSTS)


def partition(play, events):
    """A host and the accumulator cannot hear each other, but everybody else can."""
    begin(play, events)
    with play.step("cut the cable between event_horizon_1 and accumulator_1"):
        play.stage.do("partition", H1, OWNER)
    with play.step("readers press on both hosts") as tell:
        play.press(events - accepted(play.lines))
        tell(f"{H1} has {play.stage.told_outbox(H1)['size']} waiting, {H2} {play.stage.told_outbox(H2)['size']}")
    with play.step("the other host's events are counted meanwhile") as tell:
        wait_drained(play.stage, [H2])
        tell(f"{play.told()} likes of {play.slugs[0]} so far")
    with play.step("heal"):
        play.stage.do("heal")
        wait_until(lambda: OWNER in play.stage.links(H1), "event_horizon_1 is linked with the accumulator again", LINKED_S)
    with play.step("what waited is sent"):
        wait_drained(play.stage, HOSTS)


def host_crash(play, events):
    """A host dies while its readers press, twice; the other one goes on."""
    begin(play, events)
    share = max(4, (events - accepted(play.lines)) // 4)
    for number in ("first", "second"):
        with play.step(f"readers press on both hosts, for the {number} time"):
            play.press(share)
            wait_drained(play.stage, HOSTS)
        others = Pressing(play.lines_of(H2), share // 2)
        crash(play, H1, share // 2)
        with play.step("the other host's readers did not notice"):
            others.wait()
        with play.step("restart event_horizon_1; its page is live again"):
            play.stage.do("restart", H1)
            play.are_live()
    with play.step("readers press the rest"):
        play.press(events - accepted(play.lines))
    with play.step("nothing waits"):
        wait_drained(play.stage, HOSTS)


def rolling_restart(play, events):
    """Every node is restarted in order, one after another, and readers go on all the time."""
    begin(play, events)
    share = max(4, (events - accepted(play.lines)) // 4)
    for node in (*HOSTS, OWNER):
        with play.step(f"restart {node} while readers press elsewhere") as tell:
            others = Pressing([line for line in play.lines if line.host != node], share)
            leaving = Pressing(play.lines_of(node), ENDLESS, ANSWERED, may_end=True) if node in HOSTS else None
            play.stage.do("restart", node)
            others.wait()
            if leaving:
                leaving.wait()
            play.are_live()
            tell(f"{play.made} events so far")
    with play.step("readers press the rest"):
        play.press(events - accepted(play.lines))
    with play.step("nothing waits"):
        wait_drained(play.stage, HOSTS)


STORIES = {"accumulator-outage": accumulator_outage, "partition": partition, "host-crash": host_crash,
           "rolling-restart": rolling_restart}
# A cut cable is noticed after the tick time.
SETTINGS = {"partition": ["cluster.tick_time=2s"]}


# --- what they share ----------------------------------------------------------------------------------


def begin(play, events):
    """All is well: everybody is linked, and a like, a comment and a visit are told to all."""
    with play.step("the nodes are linked"):
        names = {*HOSTS, OWNER}
        for node in names:
            wait_until(lambda node=node: names - {node} <= play.stage.links(node), f"{node} sees the others", LINKED_S)
    with play.step("two readers open the post, one on each host" if play.has_browsers else "no browsers, as asked"):
        play.open_browsers()
    with play.step("likes, comments and visits on both hosts, and all pages show them") as tell:
        play.press(min(12, events // 2))
        play.like_in_browser(H2)
        play.comment_in_browser(H1, FIRST_COMMENT)
        play.browsers_read(FIRST_COMMENT)
        wait_drained(play.stage, HOSTS)
        tell(f"{play.told()} likes of {play.slugs[0]}")
        play.browsers_see(play.told())


def kept(stage, host):
    answer = stage.outbox(host)
    return answer["accepted"] if answer else -1


def crash(play, host, count):
    """SIGKILL in the midst of presses."""
    with play.step(f"SIGKILL {host} while its readers press") as tell:
        lines = play.lines_of(host)
        before = made(lines)
        pressing = Pressing(lines, ENDLESS, ANSWERED, may_end=True)
        with contextlib.ExitStack() as killing:
            killing.callback(pressing.wait)
            killing.callback(play.stage.kill, host)
            until = time.monotonic() + KEPT_S
            while made(lines) - before < count:
                if time.monotonic() > until:
                    raise Failure(f"{host} takes only {made(lines) - before} events in {KEPT_S:.0f} s")
                time.sleep(0.002)
        unanswered = sum(len(line.unknown()) for line in lines)
        tell(f"{made(lines) - before} events, {unanswered} so far without an answer")
