"""The chat of this folder, with two clients in Node.js."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 60


class ChatTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if shutil.which("node") is None:
            raise unittest.SkipTest("Node.js is not installed; scripts/setup test installs it")
        if not (pathlib.Path(os.environ["PACKAGES"]) / "ws").is_dir():
            raise RuntimeError("tests/interop/node_modules is missing; run scripts/setup test")

    def setUp(self):
        self.chat = subprocess.Popen([os.environ["EXAMPLE_CHAT"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.chat.stdout.close)
        self.addCleanup(self.chat.wait, PATIENCE_S)
        self.addCleanup(self.chat.stdin.close)
        self.url = self.chat.stdout.readline().strip()
        self.assertRegex(self.url, r"^http://localhost:\d+$")

    def test_people_see_and_hear_each_other(self):
        """people see and hear each other, and who leaves is gone"""
        told = subprocess.run(["node", "chat_client.mjs", self.url], cwd=HERE, timeout=PATIENCE_S,
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual(json.loads(told), {
            "nobody": ["error", {"reason": "say who you are, in at most 40 octets"}],
            "ann": ["ok", {"welcome": "ann"}],
            "here": "ann,bob",
            "silence": ["error", {"reason": "say something"}],
            "said": ["ok", {}],
            "heard": [["ann: hello <everybody>"], ["ann: hello <everybody>"]],
            "left": "ann",
        })

    def test_the_page_and_the_client_are_served_and_the_program_ends_in_order(self):
        """the page and the client are served, and the program ends in order"""
        with urllib.request.urlopen(self.url, timeout=PATIENCE_S) as page:
            self.assertIn(b'src="/phoenix.js"', page.read())
            self.assertEqual(page.headers["content-type"], "text/html; charset=utf-8")
        with urllib.request.urlopen(self.url + "/phoenix.js", timeout=PATIENCE_S) as script:
            self.assertIn(b"phx_join", script.read())
        self.chat.stdin.close()
        self.assertEqual(self.chat.wait(PATIENCE_S), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
