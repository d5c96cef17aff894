"""What the scripts say: colours only for people, errors that end the script with a remedy."""

import os
import sys

RED, GREEN, YELLOW, DIM = "31", "32", "33", "2"
NODE_COLOURS = ("36", "35", "34", "32", "33", "96", "95", "94")


class Failure(Exception):
    """An expected failure. Its text names the thing, the value and the remedy; the script prints it and ends with 1."""


def has_colour(stream):
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(text, colour, stream=sys.stdout):
    return f"\033[{colour}m{text}\033[0m" if has_colour(stream) else text


def say(text, prefix="cluster"):
    """One line about what the script does, on stderr so that stdout stays usable by other programs."""
    print(f"{paint(prefix + ':', DIM, sys.stderr)} {text}", file=sys.stderr, flush=True)
