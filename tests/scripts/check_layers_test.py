"""scripts/check_layers on small trees: each rule refuses what it is for and lets the allowed pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CheckLayers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="beamline-layers-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "src").mkdir()
        self.write("src/base/result.hpp", "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        return subprocess.run([sys.executable, ROOT / "scripts" / "check_layers", self.root], capture_output=True,
                              text=True, check=False)

    def assert_clean(self):
        result = self.check()
        self.assertEqual((result.stdout, result.returncode), ("", 0))

    def assert_refused(self, *parts):
        result = self.check()
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)
        for part in parts:
            self.assertIn(part, result.stdout)

    def test_includes_that_point_down_are_fine(self):
        self.write("src/actors/process.hpp", '#pragma once\n#include "base/result.hpp"\n')
        self.write("src/web/server.cpp", '#include "actors/process.hpp"\n#include <vector>\n')
        self.write("src/main.cpp", '#include "base/result.hpp"\n')
        self.assert_clean()

    def test_an_include_that_points_up_is_refused(self):
        self.write("src/actors/process.hpp", "#pragma once\n")
        self.write("src/base/log.cpp", '// first\n#include "actors/process.hpp"\n')
        self.assert_refused("src/base/log.cpp:2:", "base may not know actors", "nothing else")

    def test_net_and_web_do_not_know_each_other(self):
        self.write("src/web/server.hpp", "#pragma once\n")
        self.write("src/net/link.cpp", '#include "web/server.hpp"\n')
        self.assert_refused("src/net/link.cpp:1:", "net may not know web")

    def test_nothing_but_tests_may_include_the_simulator(self):
        self.write("src/testing/world.hpp", "#pragma once\n")
        self.write("src/apps/blog/post.cpp", '#include "testing/world.hpp"\n')
        self.assert_refused("apps may not know testing")

    def test_another_application_is_known_by_its_contracts_only(self):
        self.write("src/apps/accumulator/contracts.hpp", "#pragma once\n")
        self.write("src/apps/accumulator/store.hpp", "#pragma once\n")
        self.write("src/apps/blog/post.cpp", '#include "apps/accumulator/contracts.hpp"\n')
        self.assert_clean()
        self.write("src/apps/blog/post.cpp", '#include "apps/accumulator/store.hpp"\n')
        self.assert_refused("src/apps/blog/post.cpp:1:", "another application")

    def test_a_folder_outside_the_table_is_refused(self):
        self.write("src/misc/thing.hpp", '#include "base/result.hpp"\n')
        self.assert_refused("src/misc/thing.hpp belongs to no layer")

    def test_includes_are_written_from_src(self):
        self.write("src/base/log.cpp", '#include "result.hpp"\n')
        self.assert_refused('"result.hpp" is no file below src/')

    def test_headers_in_a_ring_are_refused(self):
        self.write("src/base/a.hpp", '#include "base/b.hpp"\n')
        self.write("src/base/b.hpp", '#include "base/a.hpp"\n')
        self.assert_refused("includes in a ring: base/a.hpp -> base/b.hpp -> base/a.hpp")

    def test_the_three_actor_headers_of_caf_belong_in_sources_and_the_rest_in_actors(self):
        self.write("src/actors/system.hpp", "#include <caf/actor_system.hpp>\n")
        self.write("src/web/view.cpp", "#include <caf/behavior.hpp>\n")
        self.write("src/net/middleman/door.cpp", "#include <caf/io/middleman.hpp>\n")
        self.assert_clean()
        self.write("src/web/view.hpp", "#include <caf/behavior.hpp>\n")
        self.assert_refused("src/web/view.hpp:1:", "written in a .cpp file")
        self.write("src/web/view.hpp", "")
        self.write("src/actors/link.cpp", "#include <caf/io/middleman.hpp>\n")
        self.assert_refused("src/actors/link.cpp:1:", "behind the link")
        self.write("src/actors/link.cpp", "")
        self.write("src/web/view.cpp", "#include <caf/actor_system.hpp>\n")
        self.assert_refused("src/web/view.cpp:1:", "goes through src/actors")

    def test_base_has_no_actors(self):
        self.write("src/base/log.cpp", "#include <caf/message.hpp>\n")
        self.assert_refused("src/base/log.cpp:1:")

    def test_socket_headers_stay_in_sources(self):
        self.write("src/web/listener.cpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.assert_clean()
        self.write("src/web/listener.hpp", "#include <boost/asio/ip/tcp.hpp>\n")
        self.assert_refused("src/web/listener.hpp:1:", "boost/asio")

    def test_calls_outside_their_ports_are_refused(self):
        calls = {
            "auto t = std::chrono::steady_clock::now();": "reads a clock",
            "auto t = std::chrono::system_clock::now();": "reads a clock",
            "auto t = std::time(nullptr);": "reads a clock",
            "auto t = time(nullptr);": "reads a clock",
            "::clock_gettime(CLOCK_REALTIME, &t);": "reads a clock",
            "localtime_r(&t, &parts);": "reads a clock",
            "std::this_thread::sleep_for(1s);": "sleeps",
            "usleep(10);": "sleeps",
            "std::random_device device;": "draws random numbers",
            "int n = rand();": "draws random numbers",
            "getrandom(bytes, 8, 0);": "draws random numbers",
            'auto home = std::getenv("HOME");': "reads the environment",
            "std::thread worker{run};": "starts a thread",
            "auto later = std::async(run);": "starts a thread",
            "sys.spawn<caf::detached>(run);": "starts a thread",
            "auto zone = std::chrono::current_zone();": "reads a clock",
            "auto ticks = __rdtsc();": "reads a clock",
            "auto used = std::clock();": "reads a clock",
            "::sleep(1);": "sleeps",
            "std::condition_variable changed;": "waits",
            "std::future<int> answer = ask();": "waits",
            "auto n = promise.get_future().get();": "waits",
            "std::latch done{2};": "waits",
            "std::counting_semaphore<4> slots{4};": "waits",
            "std::timed_mutex m;": "waits",
            "auto n = node.call_sync<int>(p, m);": "waits",
            "::poll(&file, 1, 100);": "waits",
            "::select(1, &in, nullptr, nullptr, nullptr);": "waits",
            "sem_wait(&slots);": "waits",
            "caf::scoped_actor self{system};": "waits",
            "int n = rand_r(&seed);": "draws random numbers",
            "long n = lrand48();": "draws random numbers",
            "RAND_bytes(out, 8);": "draws random numbers",
            "std::uniform_int_distribution<int> die{1, 6};": "another standard library",
            "std::shuffle(all.begin(), all.end(), g);": "another standard library",
            "auto cores = std::thread::hardware_concurrency();": "asks for the machine",
            "auto mine = ::getpid();": "asks for the machine",
            "gethostname(name, sizeof name);": "asks for the machine",
            "std::ifstream in{path};": "opens a file",
            'auto* f = fopen(path, "r");': "opens a file",
            "int fd = ::open(path, O_RDONLY);": "opens a file",
            "auto is = std::filesystem::exists(path);": "opens a file",
            "getaddrinfo(host, port, nullptr, &all);": "talks to the network",
            "int s = ::socket(AF_INET, SOCK_STREAM, 0);": "talks to the network",
            "if (fork() == 0) run();": "starts another program",
            'std::system("date");': "starts another program",
            "std::map<caf::strong_actor_ptr, int> seen;": "is ordered by address",
            "std::set<const slot*> open;": "is ordered by address",
            "std::map<std::shared_ptr<view>, int> views;": "is ordered by address",
            "std::set<std::pair<int, int>*> open;": "is ordered by address",
            "static int counted = 0;": "share",
            "static std::map<int, std::string> names;": "share",
            "thread_local bool is_inside{false};": "share",
            "static std::function<void()> hook;": "share",
        }
        for line, what in calls.items():
            with self.subTest(line):
                self.write("src/web/view.cpp", f"void f() {{\n  {line}\n}}\n")
                self.assert_refused("src/web/view.cpp:2:", what)

    def test_globals_that_may_change_are_refused(self):
        for line in ("int counted = 0;", "inline bool is_on;", "std::mutex guards_all;", "std::vector<int> all{1};",
                     "std::atomic<int> running{0};", "std::unique_ptr<part> only;"):
            with self.subTest(line):
                self.write("src/web/view.cpp", f"namespace beamline {{\n{line}\n}}\n")
                self.assert_refused("src/web/view.cpp:2:", "is a global that may change")

    def test_calls_inside_their_ports_are_fine(self):
        self.write("src/base/time.cpp", "  auto t = std::chrono::steady_clock::now();\n")
        self.write("src/base/random.cpp", "  auto n = getrandom(out, 8, 0);\n")
        self.write("src/main.cpp", '  auto home = std::getenv("HOME");\n')
        self.assert_clean()

    def test_words_in_comments_and_texts_and_likely_names_are_no_calls(self):
        self.write("src/web/view.cpp", "\n".join([
            "// std::this_thread::sleep_for would block; getenv too",
            "/* rand()", " usleep(1) */",
            '  auto text = "call rand() and time(nullptr)";',
            '  auto raw = R"(std::thread t; "getenv")";',
            "  auto big = 1'000'000; auto letter = '\"'; // getenv",
            "  auto now = clock.now(); auto due = message.time(); auto operand(1);",
            "std::thread::id owner;",
            "  auto& s = node.system(); auto all = registry.select(spec); door.open(path); conn.connect(); poll.send(x);",
            "  std::mutex m; std::filesystem::path p; caf::actor_system& system() { return s; }",
            "  std::map<pid, view*> by_pid; std::vector<view*> views; std::map<std::string, std::shared_ptr<view>> named;",
            ""]))
        self.assert_clean()

    def test_what_cannot_change_and_functions_are_no_shared_state(self):
        self.write("src/web/view.cpp", "\n".join([
            "static constexpr int limit = 3;",
            "static const auto names = make_names();",
            "static reason normal() { return {}; }",
            "static std::map<int, std::string> names_of(const view& v);",
            "static result<std::vector<int>> read(int a, int b) noexcept;",
            "constexpr int other = 4;",
            "const std::string text = make_text();",
            "inline constexpr std::size_t views_max = 8;",
            "std::string name_of(int id) { return {}; }",
            "int add(int a, int b = 2);",
            "struct view { int counted = 0; std::mutex m; };",
            "static_assert(limit == 3);",
            "void f() { auto n = static_cast<int>(limit); }",
            ""]))
        self.assert_clean()

    def test_a_call_after_a_text_is_still_seen_on_its_line(self):
        self.write("src/web/view.cpp", '  auto a = R"x(\n)"\n)x";\n  auto b = "\\"//"; usleep(1);\n')
        self.assert_refused("src/web/view.cpp:4: usleep")

    def test_loops_over_unordered_containers_are_refused(self):
        self.write("src/web/view.hpp", "#pragma once\nstruct view {\n  std::unordered_map<int, std::vector<int>> by_id_;\n"
                                       "  using waiting = std::unordered_set<int>;\n  waiting asked_;\n};\n")
        for loop in ("for (auto& [id, v] : by_id_) send(v);", "for (auto& e : this->by_id_) send(e);",
                     "for (auto i = by_id_.begin(); i != by_id_.end(); ++i) send(*i);", "for (int i : asked_) send(i);",
                     "for (auto& [id, v] : other.by_id_) send(v);", "std::for_each(v->by_id_.cbegin(), end, send);"):
            with self.subTest(loop):
                self.write("src/web/view.cpp", f'#include "web/view.hpp"\nvoid f() {{\n  {loop}\n}}\n')
                self.assert_refused("src/web/view.cpp:3:", "which is unordered")

    def test_looking_things_up_and_loops_over_what_has_an_order_are_fine(self):
        self.write("src/web/view.hpp", "#pragma once\nstruct view { std::unordered_map<int, int> by_id; };\n")
        self.write("src/web/view.cpp", "\n".join([
            '#include "web/view.hpp"',
            "int f(view& v) { auto i = v.by_id.find(3); return i == v.by_id.end() ? 0 : i->second; }",
            "void g(const std::map<int, int>& all) { for (auto& [a, b] : all) send(b); }",
            ""]))
        self.write("src/web/other.cpp", '#include "web/view.hpp"\nvoid g() {\n  std::vector<int> by_id;\n'
                                        "  for (int i : by_id) send(i);\n}\n")
        self.write("src/web/third.cpp", "void h(const std::vector<int>& by_id) { for (int i : by_id) send(i); }\n")
        self.assert_clean()

    def test_tests_may_not_sleep(self):
        self.write("tests/web/view_test.cpp", "void f() { std::this_thread::sleep_for(1s); }\n")
        self.assert_refused("tests/web/view_test.cpp:1:", "advance virtual time")

    def test_a_wrong_command_line_shows_the_usage(self):
        for words in (["--fast"], ["a", "b"], ["/nowhere"]):
            result = subprocess.run([ROOT / "scripts" / "check_layers", *words], capture_output=True, check=False)
            self.assertEqual(result.returncode, 2)


class ThisCheckout(unittest.TestCase):
    def test_this_checkout_keeps_its_layers(self):
        result = subprocess.run([ROOT / "scripts" / "check_layers"], capture_output=True, text=True, check=False)
        self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
