"""scripts/conformance on small trees: no case is left out, no test counts that cannot fail, in any way we know of."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import catalogue  # noqa: E402  (the path above comes first)
import conformance  # noqa: E402
import test_cases  # noqa: E402

CATALOGUE = "tests/supervision/otp_catalogue.md"
TABLE = "docs/otp-conformance.md"
OTHERS = [document for document in conformance.DOCUMENTS if document.source != CATALOGUE]
HEADER = "## A. start\n\n| id | case | given / when / then | C++ | S |\n|---|---|---|---|---|\n"
A01 = "| A01 | start_normal | nothing / start / runs | y | S76 |\n"
A02 = "| A02 | start_template | template / start / runs | a: dynamic supervisor | S97 |\n"
A03 = "| A03 | start_old_form | tuple / start / runs | n: one form only | – |\n"
N01 = "| N01 | net_kernel_longnames | two kinds / start / refused | n: one kind | – |\n"
TESTS = """\
TEST_CASE("A01 a supervisor starts") {
  CHECK(run());
}

TEST_CASE("A02 so does a dynamic one") { REQUIRE(run()); }
"""


class Tree(unittest.TestCase):
    """A checkout of two covered cases and one that is not applicable."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="beamline-conformance-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write(CATALOGUE, "# Cases\n\n" + HEADER + A01 + A02 + A03)
        for number, document in enumerate(OTHERS, 1):
            # Every catalogue must be there; these ask for nothing. An id belongs to one of them.
            self.write(document.source, "# Cases\n\n" + HEADER + N01.replace("N", "NOPQ"[number]))
        self.write("tests/CMakeLists.txt", "foreach(area base supervision)\n  add_subdirectory(${area})\nendforeach()")
        self.write("tests/supervision/CMakeLists.txt", "beamline_test(supervision\n  SOURCES\n    start_test.cpp)\n")
        self.write_tests(TESTS)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_tests(self, text):
        self.write("tests/supervision/start_test.cpp", text)

    def run_script(self, *words):
        command = [sys.executable, ROOT / "scripts" / "conformance", *words, self.root]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def table(self):
        return (self.root / TABLE).read_text()

    def assert_fine(self):
        for words in ((), ("--check",)):
            result = self.run_script(*words)
            self.assertEqual((result.stdout, result.returncode), ("", 0))

    def assert_refused(self, *parts):
        """One problem, the same with and without --check."""
        for words in ((), ("--check",)):
            result = self.run_script(*words)
            self.assertEqual(result.returncode, 1, result.stdout)
            self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)
            for part in parts:
                self.assertIn(part, result.stdout)


class Documents(Tree):
    def test_covered_cases_are_fine_and_listed_with_their_tests(self):
        self.assert_fine()
        link = "([start_test.cpp](../tests/supervision/start_test.cpp))"
        for line in (f"| A01 | start_normal | ported | A01 a supervisor starts {link} |",
                     f"| A02 | start_template | adapted: dynamic supervisor | A02 so does a dynamic one {link} |",
                     "| A03 | start_old_form | not applicable: one form only | – |",
                     "| A. start | 3 | 1 | 1 | 1 | 0 |", "| **all** | 3 | 1 | 1 | 1 | 0 |"):
            self.assertIn(line, self.table().splitlines())

    def test_a_case_may_have_several_tests(self):
        self.write_tests(TESTS + 'TEST_CASE("A01 it starts | with a <name>") { CHECK(run()); }\n')
        self.assert_fine()
        self.assertIn("start_test.cpp))<br>A01 it starts \\| with a &lt;name> (", self.table())

    def test_a_case_that_is_not_applicable_may_be_tested_and_the_table_says_so(self):
        self.write_tests(TESTS + 'TEST_CASE("A03 the old form works too") { CHECK(run()); }\n')
        self.assert_fine()
        self.assertIn("| not applicable: one form only (tested nevertheless) | A03 the old form works", self.table())

    def test_check_refuses_a_table_that_is_missing_or_not_up_to_date_and_changes_nothing(self):
        result = self.run_script("--check")
        self.assertEqual((result.returncode, result.stdout.splitlines()),
                         (1, [f"{document.target}: is not up to date; run scripts/conformance"
                              for document in conformance.DOCUMENTS]))
        self.assertFalse((self.root / TABLE).exists())
        self.assert_fine()
        before = self.table()
        self.write_tests(TESTS.replace("A01 a supervisor", "A01 every supervisor"))
        self.assertEqual(self.run_script("--check").returncode, 1)
        self.assertEqual(self.table(), before)
        self.assert_fine()

    def test_moving_a_test_within_its_file_does_not_change_the_table(self):
        self.assert_fine()
        self.write_tests("\n\n\n" + TESTS)
        self.assertEqual(self.run_script("--check").returncode, 0)

    def test_a_missing_catalogue_is_refused(self):
        (self.root / CATALOGUE).unlink()
        result = self.run_script("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{CATALOGUE}: cannot be read", result.stdout)

    def test_an_id_belongs_to_one_catalogue(self):
        self.write("tests/net/catalogue.md", "## Links\n\n- A01 P \"connects\": given two nodes, then one link. D1\n")
        second = conformance.Document("tests/net/catalogue.md", "docs/net-conformance.md", "Links", "Of links.")
        _, problems = conformance.look(self.root, conformance.DOCUMENTS + [second])
        self.assertEqual(problems, [f"tests/net/catalogue.md:3: A01 is a case of {CATALOGUE} too; ids are unique"])

    def test_an_invariant_with_the_id_of_a_case_is_none_of_its_tests(self):
        rows = [A03.replace("A03", f"I{n:02}") for n in range(1, 10)] + [A01.replace("A01", "I10")]
        section = HEADER.replace("A. start", "I. dynamic") + "".join(rows)
        self.write(CATALOGUE, "# Cases\n\n" + HEADER + A01 + A02 + A03 + "\n" + section)
        self.write("tests/CMakeLists.txt", "add_subdirectory(supervision)\nadd_subdirectory(pubsub)")
        self.write("tests/pubsub/CMakeLists.txt", "beamline_test(pubsub\n  SOURCES\n    law_test.cpp)\n")
        self.write("tests/pubsub/law_test.cpp", 'TEST_CASE("I10 merging is associative") { CHECK(run()); }\n')
        self.assert_refused("I10 has no test")
        self.write_tests(TESTS + 'TEST_CASE("I10 it starts") { CHECK(run()); }\n')
        self.assert_fine()
        self.assertNotIn("associative", self.table())

    def test_a_wrong_command_line_shows_the_usage(self):
        for words in (["--fast"], ["a", "b"], ["/nowhere"]):
            result = subprocess.run([ROOT / "scripts" / "conformance", *words], capture_output=True, check=False)
            self.assertEqual(result.returncode, 2)


class Tests(Tree):
    def test_a_portable_case_without_a_test_is_refused(self):
        self.write_tests(TESTS.replace("A01 ", ""))
        self.assert_refused(f"{CATALOGUE}:7: A01 has no test")
        self.assertIn("| A01 | start_normal | **without a test**, to be ported | – |", self.table())
        self.assertIn("| **all** | 3 | 0 | 1 | 1 | 1 |", self.table())

    def test_an_adapted_case_without_a_test_is_refused(self):
        self.write_tests(TESTS.replace("A02 ", ""))
        self.assert_refused(f"{CATALOGUE}:8: A02 has no test")

    def test_tests_that_are_commented_out_do_not_count(self):
        first, second = TESTS.split("\n\n")
        for off in (f"/* {first} */\n", first.replace("\n", " ").join(["// ", "\n"]), f"#if 0\n{first}\n#endif\n"):
            with self.subTest(off):
                self.write_tests(off + second)
                self.assert_refused("A01 has no test")

    def test_a_test_with_an_unknown_id_is_refused(self):
        self.write_tests(TESTS + 'TEST_CASE("A3 a supervisor ends") { CHECK(run()); }\n')
        self.assert_refused('tests/supervision/start_test.cpp:6: "A3 a supervisor ends" begins with A3, which no')

    def test_names_that_only_look_a_little_like_an_id_are_fine(self):
        names = ("SHA1 of nothing", "a01 b", "A01x", "IPv6", "H2-C")
        self.write_tests(TESTS + "".join(f'TEST_CASE("{name}") {{}}\n' for name in names))
        self.assert_fine()

    def test_an_id_is_followed_by_a_space(self):
        self.write_tests(TESTS.replace("A01 a", "A01: a"))
        self.assert_refused("has no space after A01")

    def test_a_test_that_asserts_nothing_is_refused(self):
        for body in ("{}", "{ run(); }", "{ // CHECK(run());\n}", '{ run("CHECK(x)"); }', "{ CHECK(true); }",
                     "{ WARN(run()); }", "{ if (run()) { run(); } }\nvoid helper() { CHECK(run()); }"):
            with self.subTest(body):
                self.write_tests(TESTS + f'TEST_CASE("A01 it starts twice") {body}\n')
                self.assert_refused('start_test.cpp:6: "A01 it starts twice" asserts nothing')

    def test_any_assertion_at_any_depth_counts(self):
        for assertion in ("CHECK(x)", "REQUIRE(x)", "CHECK_EQ(x, 1)", "REQUIRE_THROWS(x)", "CHECK_FALSE(x)",
                          "RC_ASSERT(x)", "DOCTEST_CHECK(x)", "CHECK(truth)", 'CHECK_MESSAGE(x, "}")'):
            with self.subTest(assertion):
                body = f'{{\n  if (a) {{ b = "}}"; }}\n  SUBCASE("c") {{ {assertion}; }}\n}}\n'
                self.write_tests(TESTS + f'TEST_CASE("A01 it starts twice") {body}')
                self.assert_fine()

    def test_a_test_that_is_switched_off_is_refused(self):
        for decorator in ("skip()", "may_fail()", "should_fail()", "expected_failures(1)"):
            with self.subTest(decorator):
                self.write_tests(TESTS.replace('starts")', f'starts" * doctest::{decorator})'))
                self.assert_refused("has the decorator " + decorator.partition("(")[0])

    def test_a_test_that_no_cmake_file_names_is_refused(self):
        for text in ("", "beamline_test(supervision SOURCES restart_test.cpp)", "# start_test.cpp\n"):
            with self.subTest(text):
                self.write("tests/supervision/CMakeLists.txt", text)
                self.assert_refused("tests/supervision/start_test.cpp: is in no CMakeLists.txt")

    def test_a_test_in_a_folder_that_is_not_built_is_refused(self):
        self.write("tests/CMakeLists.txt", "add_subdirectory(base)\n")
        self.assert_refused("tests/supervision/start_test.cpp: is in no CMakeLists.txt")
        self.write("tests/CMakeLists.txt", "add_subdirectory(base)\nadd_subdirectory(supervision)\n")
        self.assert_fine()

    def test_a_test_may_be_built_by_a_folder_above(self):
        (self.root / "tests/supervision/start_test.cpp").unlink()
        self.write("tests/supervision/otp/start_test.cpp", TESTS)
        self.write("tests/supervision/CMakeLists.txt", "beamline_test(supervision SOURCES otp/start_test.cpp)")
        self.assert_fine()
        self.assertIn("(../tests/supervision/otp/start_test.cpp)", self.table())


class Catalogues(Tree):
    def assert_catalogue_refused(self, text, *parts):
        self.write(CATALOGUE, text)
        self.assert_refused(*parts)

    def test_an_id_that_is_there_twice_is_refused(self):
        self.assert_catalogue_refused(HEADER + A01 + A02 + A01, f"{CATALOGUE}:7: A01 is there already, in line 5")

    def test_a_lost_line_is_refused(self):
        self.assert_catalogue_refused(HEADER + A01 + A02 + A03.replace("A03", "A04"), "A03 is missing before A04")

    def test_adapted_and_not_applicable_cases_say_how_and_why(self):
        self.assert_catalogue_refused(HEADER + A01 + A02 + A03.replace("n: one form only", "n"), "A03", "but not why")
        _, problems = catalogue.read(HEADER + A01 + A02.replace("a: dynamic supervisor", "a:"))
        self.assertEqual(problems, [(6, "A02 says it is adapted, but not how; add a few words")])

    def test_half_rows_are_refused(self):
        for row, what in ((A03.replace("| n:", "| maybe:"), 'the verdict "maybe"'),
                          (A03.replace(" | – |", " |"), "4 cells"), (A03.replace("A03", "a3"), '"a3" is no id')):
            with self.subTest(row):
                self.assert_catalogue_refused(HEADER + A01 + A02 + row, f"{CATALOGUE}:7: ", what)

    def test_a_row_outside_a_table_of_cases_is_refused(self):
        self.assert_catalogue_refused(HEADER + A01 + A02 + "\nText\n" + A03, "A03", "has a column C++")

    def test_other_tables_and_lists_are_left_alone(self):
        others = "\n| word | meaning |\n|---|---|\n| W | worker |\n\n- one\n- Two P\n"
        self.write(CATALOGUE, HEADER + A01 + A02 + A03 + others)
        self.assert_fine()

    def test_lists_are_read_as_tables_are(self):
        cases, problems = catalogue.read("\n".join([
            "## Topics", "", '- PS1 P "a: b", pool {1,8}: given a, then b (twice) holds. D9, D95–D98',
            '- PS2 A "sizes": given pool 4, then 4 workers. (own counters) D118', "- PS3 N pg: runtime internals.",
            '- PS4 A `dns` "up" and (more): as asked. I4']))
        self.assertEqual(problems, [])
        self.assertEqual([(case.id, case.name, case.verdict, case.note) for case in cases][1:], [
            ("PS2", "sizes", "a", "own counters"), ("PS3", "pg", "n", "runtime internals"),
            ("PS4", '`dns` "up" and (more)', "a", "as asked")])
        self.assertEqual((cases[0].name, cases[0].section, cases[0].line), ('"a: b", pool {1,8}', "Topics", 3))
        self.assertEqual(cases[0].verdict, "y")

    def test_half_items_of_a_list_are_refused(self):
        _, problems = catalogue.read("- SY1 Given two nodes, then one link.\n- JS1 P a: b. D1 and JS2 P c: d. D2\n"
                                     "- JS3 N what\n")
        self.assertEqual([what.partition(";")[0] for _, what in problems],
                         ["SY1 has no verdict", "JS1 shares its line with JS2", "JS3 says it is not applicable, but not why"])


class Sources(unittest.TestCase):
    def names(self, text):
        return [test.name for test in test_cases.read("x_test.cpp", text)]

    def test_every_macro_that_makes_a_test_is_known(self):
        self.assertEqual(self.names("\n".join([
            'TEST_CASE("A01 a") {}', 'TEST_CASE_FIXTURE(tree, "A02 b") {}', 'TEST_CASE_TEMPLATE("A03 c", T, int) {}',
            'TEST_CASE_TEMPLATE_DEFINE("A04 d", T, id) {}', "TEST_CASE_TEMPLATE_INVOKE(id, int);", 'SCENARIO("A05 e") {}',
            'DOCTEST_TEST_CASE("A06 f") {}', 'TEST_SUITE("A07 g") {', 'TEST_CASE_CLASS("A08 h") {}', "}"])),
            ["A01 a", "A02 b", "A03 c", "A04 d", "A05 e", "A06 f", "A08 h"])

    def test_names_may_be_written_in_several_pieces(self):
        source = 'TEST_CASE(\n    "A01 a (b) "  // "no"\n    "says \\"c\\""\n    R"( and {d})") {}\n'
        self.assertEqual(self.names(source), ['A01 a (b) says "c" and {d}'])

    def test_lines_are_those_of_the_macro(self):
        tests = test_cases.read("x_test.cpp", '\n\nTEST_CASE("a") { CHECK(f(")")); }\n\nTEST_CASE(\n  "b") {\n}\n')
        self.assertEqual([(test.name, test.line, test.asserts) for test in tests], [("a", 3, True), ("b", 5, False)])


class ThisCheckout(unittest.TestCase):
    maxDiff = None

    def test_every_case_of_this_checkout_has_its_test(self):
        command = [ROOT / "scripts" / "conformance", "--check"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
