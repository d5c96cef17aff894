"""What scripts/check logs finds."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import log_lines  # noqa: E402  (the path above comes first)


class LinesOf(unittest.TestCase):
    def lines(self, source):
        return list(log_lines.lines_of(source))

    def test_area_and_text_of_each_call(self):
        self.assertEqual(self.lines('env().log().warn("net", "node down",\n  {{"why", why}});'), [("net", "node down")])
        self.assertEqual(self.lines('log_.write(limit_, log_level::error, "pg", "join refused", {{"a", b}});'),
                         [("pg", "join refused")])
        self.assertEqual(self.lines('env.log().info("web", "x, and y");\nlog.error("net", "z");'),
                         [("web", "x, and y"), ("net", "z")])

    def test_a_text_of_several_lines_is_one(self):
        self.assertEqual(self.lines('log.error("net",\n    "one, "\n    "two", {{"a", b}});'), [("net", "one, two")])

    def test_an_area_that_has_a_name(self):
        source = 'constexpr std::string_view area = "discovery";\nlog.info(area, "found", {{"a", b}});'
        self.assertEqual(self.lines(source), [("discovery", "found")])

    def test_debug_lines_are_for_developers(self):
        self.assertEqual(self.lines('log.debug("net", "x");\nlog_.write(l, log_level::debug, "net", "y");'), [])


class Unexplained(unittest.TestCase):
    def left(self, text, page, area="net"):
        return log_lines.unexplained({"a.cpp": f'log.warn("{area}", "{text}");'}, [page])

    def test_whole_or_in_its_beginning(self):
        text = "a service was refused: its name is too long"
        self.assertEqual(self.left(text, f"| `{text}` | |"), [])
        self.assertEqual(self.left(text, "| `a service was refused` | |"), [])
        self.assertEqual(self.left(text, "| `a service` | |"), [("a.cpp", text)])
        self.assertEqual(self.left(text, "a service was refused"), [("a.cpp", text)])

    def test_other_areas_are_not_asked_for(self):
        self.assertEqual(self.left("x", "", area="store"), [])

    def test_the_sources_have_such_lines(self):
        found = {area for path in (ROOT / "src").rglob("*.cpp")
                 for area, _ in log_lines.lines_of(path.read_text(encoding="utf-8"))}
        self.assertLessEqual(log_lines.AREAS, found)


if __name__ == "__main__":
    unittest.main()
