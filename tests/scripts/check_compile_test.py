"""What scripts/check takes as compiled by the build, and so does not compile once more."""

import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import check_compile  # noqa: E402


class Headers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="beamline-headers-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, value in {"ROOT": self.root, "DATABASE": self.root / "compile_commands.json",
                            "STAMPS": self.root / "check"}.items():
            patch = mock.patch.object(check_compile, name, value)
            patch.start()
            self.addCleanup(patch.stop)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def built(self, *sources):
        self.write("compile_commands.json", json.dumps([{"file": str(self.root / source)} for source in sources]))

    def test_a_header_that_a_source_includes_first_is_not_compiled_again(self):
        self.write("src/a.cpp", '// A comment.\n#include "a.hpp"\n#include "b.hpp"\n')
        self.write("src/c.cpp", '#include <string>\n#include "c.hpp"\n')
        self.built("src/a.cpp", "src/c.cpp", "src/gone.cpp")
        found = check_compile.first_includes()
        self.assertIn("src/a.hpp", found)
        self.assertNotIn("src/b.hpp", found)
        self.assertNotIn("src/c.hpp", found)

    def test_its_guard_is_looked_at_all_the_same(self):
        self.write("src/a.cpp", '#include "a.hpp"\n')
        self.built("src/a.cpp")
        for text, is_good in (("// Why.\n\n#pragma once\nint a;\n", True), ("int a;\n#pragma once\n", False), ("", False)):
            self.write("src/a.hpp", text)
            problems, looked_at, left_out = check_compile.headers_alone(["src/a.hpp"], True)
            self.assertEqual(problems == [], is_good, text)
            self.assertEqual((looked_at, left_out), (0, 0))

    def test_any_other_header_is_compiled(self):
        self.write("src/alone.hpp", "#pragma once\ninline int two() { return one(); }\n")
        self.built()
        problems, looked_at, _ = check_compile.headers_alone(["src/alone.hpp"], True)
        self.assertEqual(looked_at, 1)
        self.assertIn("src/alone.hpp does not compile alone", problems[0])

    def test_without_a_build_every_header_is_compiled(self):
        self.write("src/a.cpp", '#include "a.hpp"\n')
        self.write("src/a.hpp", "#pragma once\n")
        problems, looked_at, _ = check_compile.headers_alone(["src/a.hpp"], True)
        self.assertEqual((problems, looked_at), ([], 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
