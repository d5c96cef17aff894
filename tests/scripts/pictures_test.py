"""scripts/pictures knows the pages of the blog, and the documentation shows all of its pictures."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import pictures  # noqa: E402


class Stage:
    def url(self, host, page):
        return f"http://{host}{page}"


class Pictures(unittest.TestCase):
    def test_every_page_is_shown_on_each_screen_in_each_scheme(self):
        for page in ("home", "index", "post", "discussion", "cluster", "not-found"):
            made = [name for name in pictures.names() if name.startswith(f"{page}-")]
            self.assertEqual(made, [f"{page}-desktop-light.png", f"{page}-desktop-dark.png",
                                    f"{page}-phone-light.png", f"{page}-phone-dark.png"])
        self.assertEqual(len(set(pictures.names())), 26)

    def test_a_shot_says_where_how_large_and_in_which_colours(self):
        desktop, _, phone, dark = pictures.shots_of(Stage(), ["cluster"])
        self.assertEqual((desktop["url"], desktop["width"], desktop["is_whole"]), ("http://event_horizon_1/cluster", 1280, True))
        self.assertEqual((phone["width"], phone["height"], phone["scheme"], "is_whole" in phone), (390, 1780, "light", False))
        self.assertEqual(dark["scheme"], "dark")

    def test_the_pictures_are_there_shown_and_small(self):
        shown = set()
        for document in (ROOT / "docs" / "pages.md", ROOT / "README.md"):
            shown |= set(re.findall(r"images/([\w-]+\.png)", document.read_text(encoding="utf-8")))
        self.assertEqual(shown, set(pictures.names()))
        self.assertEqual({path.name for path in pictures.FOLDER.glob("*.png")}, set(pictures.names()))
        self.assertLessEqual(sum(path.stat().st_size for path in pictures.FOLDER.glob("*.png")), pictures.OCTETS_MAX)

    def test_wrong_words_show_the_usage(self):
        for words, code in ((["--help"], 0), (["--flood"], 2), (["a", "b"], 2)):
            told = subprocess.run([ROOT / "scripts" / "pictures", *words], capture_output=True, text=True, timeout=60, check=False,
                                  env={"PATH": "/usr/bin:/bin", "BEAMLINE_PROGRAM": "/bin/true"})
            self.assertEqual(told.returncode, code, told.stderr)
            self.assertIn("usage: scripts/pictures", told.stdout if code == 0 else told.stderr)


if __name__ == "__main__":
    unittest.main()
