"""scripts/gallery: builds the gallery of live pages and becomes it."""

import os
import sys

import build_step
from cluster_state import ROOT
from terminal import Failure, RED, paint, say

USAGE = """\
usage: scripts/gallery [--port N] [--state DIR]

  --port   where it listens; 0, the default, is any free port
  --state  keeps its secret there, so that open pages go on after a restart on the same port

Failures are shown in the browser, with the place in the template; open pages load anew after a build and a restart.
Prints the address when it serves. The log of the build is artefacts/build-gallery.log.
"""
ARTEFACTS = ROOT / "artefacts"


def main(words):
    if words and words[0] in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    ARTEFACTS.mkdir(exist_ok=True)
    try:
        build_step.build("dev", ["example_gallery", "gallery_assets"], ARTEFACTS / "build-gallery.log", "gallery")
    except Failure as failure:
        say(paint(str(failure), RED, sys.stderr), "gallery")
        return 1
    program = ROOT / "build" / "dev" / "examples" / "gallery" / "example_gallery"
    # Checks its arguments itself, and says what is wrong with them.
    os.execv(program, [str(program), *words, "--development"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
