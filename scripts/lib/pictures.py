"""scripts/pictures: a cluster of its own, some life on its pages, and a picture of each page for docs/pages.md."""

import contextlib
import http.client
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import scenario_browsers
from cluster_state import ROOT
from scenario_checks import wait_drained
from scenario_reader import Outcome, Reader
from scenario_stage import Report, Stage, wait_until
from scenario_stories import H1, H2, HOSTS, OWNER
from terminal import Failure, RED, paint, say

USAGE = """\
usage: scripts/pictures [FOLDER]

Takes the pictures that docs/pages.md and README.md show, into FOLDER; docs/images unless given. A cluster of its own is
started on free ports, readers visit, like and write, and every page is shown on a desktop and on a phone, in light and in
dark. The cluster page is shown while the accumulator is away. Takes about two minutes. Needs what scripts/setup full
installs: Chromium, and pngquant, which makes the files small.
"""
FOLDER = ROOT / "docs" / "images"
# All pictures together: who clones the repository gets every version of them.
OCTETS_MAX = 2_500_000
SHOOTING_S = 240.0
WAIT_S = 20.0

POST = "hello"
# A page is shown as far as it fits the screen, unless it has a height of its own there, or is shown whole.
PAGES = {
    "home": {"page": "/"},
    "index": {"page": "/blog"},
    "post": {"page": f"/blog/{POST}"},
    "discussion": {"page": f"/blog/{POST}", "from": ".likes", "press": "#like"},
    "cluster": {"page": "/cluster", "desktop": {"is_whole": True}, "phone": {"height": 1780}, "shows": "#latencies td >> text=/ ms$/"},
    "not-found": {"page": "/blog/no-such-post", "is_live": False},
}
SCREENS = {"desktop": {"width": 1280, "height": 800, "scale": 1}, "phone": {"width": 390, "height": 844, "scale": 2}}
SCHEMES = ("light", "dark")
# The picture on top of the README: two browsers on two hosts.
PAIR = "two-browsers"

WRITTEN = (
    ("Mira", "I pressed Like on my phone and saw it here before my thumb was up again. Which of the two nodes counts?", (
        ("Jonas", "Neither. Both pass it on to the accumulator, and it tells all hosts the new number."),
        ("Mira", "So I can kill it and go on reading. I have just tried: my like waited, and then it counted once."),
    )),
    ("Tariq", "Turned JavaScript off. The button is a form, this comment came through one, too.", ()),
    ("Elena", "Is there a way to see what waits?", (
        ("Jonas", "Yes: the cluster page shows every outbox, and its history."),
    )),
)


def names():
    """Every file that is made, without folder."""
    shots = [f"{page}-{screen}-{scheme}.png" for page in PAGES for screen in SCREENS for scheme in SCHEMES]
    return shots + [f"{PAIR}-{scheme}.png" for scheme in SCHEMES]


def shots_of(stage, pages):
    return [{"name": f"{page}-{screen}-{scheme}", "url": stage.url(H1, PAGES[page]["page"]), "scheme": scheme} | size | PAGES[page]
            | PAGES[page].get(screen, {}) for page in pages for screen, size in SCREENS.items() for scheme in SCHEMES]


# --- life ---------------------------------------------------------------------------------------------


def reader_at(stage, host, slug):
    reader = Reader(stage.port(host))
    reader.open(f"/blog/{slug}")
    return reader


def come(stage):
    """Readers of all posts: of each a few less than of the one before."""
    listed = sorted(set(re.findall(r"/blog/([a-z0-9-]+)<", Reader(stage.port(H1)).open("/sitemap.xml"))), key=lambda slug: slug != POST)
    for place, slug in enumerate(listed):
        for number in range(max(3, 28 - 4 * place)):
            reader = reader_at(stage, HOSTS[number % 2], slug)
            expect(reader.visit(slug), f"a visit of {slug}")
            if number % 3 == 0:
                expect(reader.like(slug), f"a like of {slug}")


def write(stage):
    for author, text, answers in WRITTEN:
        expect(reader_at(stage, H1, POST).comment(POST, text, author), "a comment")
        parent = wait_until(lambda text=text: comment_id(stage, text), "the comment is shown", WAIT_S)
        for other, answer in answers:
            expect(reader_at(stage, H2, POST).comment(POST, answer, other, parent), "an answer")
            wait_until(lambda answer=answer: comment_id(stage, answer), "the answer is shown", WAIT_S)


def comment_id(stage, text):
    """The id under which a comment is on the first host's page; None while it is not."""
    page = Reader(stage.port(H1)).open(f"/blog/{POST}")
    above, found, _ = page.partition(text)
    return re.findall(r'id="comment-([^"]+)"', above)[-1] if found else None


def expect(outcome, what):
    if outcome is not Outcome.ACCEPTED:
        raise Failure(f"{what} was not accepted: {outcome.value}")


def lose_the_accumulator(stage):
    """It goes twice, so that the history has a hill behind it and begins another."""
    for count in (24, 15):
        stage.do("kill", OWNER)
        for number in range(count):
            expect(reader_at(stage, H1, POST).like(POST), "a like")
            # As many as there are seconds in the history: one sample each.
            if number % 5 == 4:
                size = stage.told_outbox(H1)["size"]
                wait_until(lambda size=size: shown_waiting(stage) >= size, "the cluster page shows what waits", WAIT_S)
        if count == 24:
            stage.do("restart", OWNER)
            wait_drained(stage, HOSTS)
            wait_until(lambda: shown_waiting(stage) == 0, "the cluster page shows that nothing waits", WAIT_S)


def shown_waiting(stage):
    found = re.search(r'id="events-waiting"[^>]*>\s*([\d,]+)', Reader(stage.port(H1)).open("/cluster"))
    return int(found[1].replace(",", "")) if found else -1


# --- pictures -----------------------------------------------------------------------------------------


def shoot(stage, folder, shots, pair=None):
    order = {"folder": str(folder), "shots": shots, "readers": [stage.url(host, f"/blog/{POST}") for host in HOSTS], "pair": pair}
    try:
        done = subprocess.run(["node", str(scenario_browsers.FOLDER / "pictures.mjs")], input=json.dumps(order), text=True,
                              cwd=scenario_browsers.FOLDER, capture_output=True, timeout=SHOOTING_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"the pictures are not taken after {SHOOTING_S:.0f} s") from late
    if done.returncode != 0:
        raise Failure(f"the pictures were not taken: {done.stderr.strip()[-2000:]}")


def make_small(folder):
    """A palette instead of full colours: a third of the size, and no eye sees it on pages of text."""
    done = subprocess.run(["pngquant", "--force", "--skip-if-larger", "--strip", "--speed", "1", "--ext", ".png", "64",
                           *sorted(str(path) for path in folder.glob("*.png"))], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 98):  # 98: it was as small before.
        raise Failure(f"pngquant ended with {done.returncode}: {done.stderr.strip()}")


def take(report, folder):
    with Stage(report, "release", []) as stage:
        with report.step("readers come, like and write"):
            come(stage)
            write(stage)
            wait_drained(stage, HOSTS)
        with report.step("two browsers, one press of Like"):
            shoot(stage, folder, [], PAIR)
        with report.step("every page but one, on two screens, in two schemes"):
            shoot(stage, folder, shots_of(stage, [page for page in PAGES if page != "cluster"]))
        with report.step("the accumulator goes"):
            lose_the_accumulator(stage)
        with report.step("the cluster page"):
            shoot(stage, folder, shots_of(stage, ["cluster"]))
        with report.step("the files are made small"):
            make_small(folder)
        made = {path.name: path.stat().st_size for path in folder.glob("*.png")}
        report.check("every picture is there", sorted(made) == sorted(names()), f"{len(made)} of {len(names())}")
        octets = sum(made.values())
        report.check("they are small", octets <= OCTETS_MAX, f"{octets:,} octets, at most {OCTETS_MAX:,}")


def main(words):
    if words and (words[0].startswith("-") or len(words) > 1):
        print(USAGE, end="", file=sys.stdout if words[0] in ("-h", "--help") else sys.stderr)
        return 0 if words[0] in ("-h", "--help") else 2
    target = pathlib.Path(words[0]) if words else FOLDER
    report = Report("pictures", is_silent=False)
    try:
        if what := scenario_browsers.missing():
            raise Failure(what.partition(", or")[0])
        if shutil.which("pngquant") is None:
            raise Failure("pngquant is missing; install it with: scripts/setup full")
        with tempfile.TemporaryDirectory(prefix="beamline-pictures-") as made:
            take(report, pathlib.Path(made))
            if report.has_held:
                target.mkdir(parents=True, exist_ok=True)
                for name in names():
                    shutil.copyfile(pathlib.Path(made) / name, target / name)
    except (Failure, OSError, http.client.HTTPException) as failure:
        say(paint(str(failure) or type(failure).__name__, RED, sys.stderr), "pictures")
        return 1
    return 0 if report.has_held else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
    sys.exit(130)
