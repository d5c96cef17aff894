#include "control_fixture.hpp"

#include <array>
#include <cstdio>

#include <sys/wait.h>

// `beamline remote` as a process, against a server in this one.

using namespace beamline;
using namespace beamline::program::control::testing;
using program::control::answer;
using program::control::argument;
using program::control::needs;

namespace {

struct ended {
  int status = -1;
  std::string out;  // Both streams.
};

/// Runs the program to its end. `words` go through the shell.
ended run(const std::string& words) {
  auto* pipe = ::popen((std::string{BEAMLINE_PROGRAM} + " " + words + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  ended e;
  std::array<char, 4096> chunk;
  while (auto n = std::fread(chunk.data(), 1, chunk.size(), pipe))
    e.out.append(chunk.data(), n);
  auto code = ::pclose(pipe);
  REQUIRE(WIFEXITED(code));
  e.status = WEXITSTATUS(code);
  return e;
}

/// The node "a" in a var folder.
struct var_folder {
  running_server s;
  temporary_dir var;
  var_folder() {
    std::filesystem::rename(s.dir.path, var.path / "a");
    std::filesystem::create_symlink(var.path / "a", s.dir.path);
  }
  [[nodiscard]] std::string dir() const { return " --dir " + var.path.string(); }
};

}  // namespace

TEST_CASE("`beamline remote` asks a node by name, by name and host, and by path") {
  var_folder f;
  for (const auto& node :
       {std::string{"a"}, std::string{"a@localhost"}, f.s.dir.path.string(), f.s.socket().string()}) {
    auto e = run("remote " + node + " echo hello 2 --json" + f.dir());
    CHECK(e.status == 0);
    CHECK(e.out == "{\"times\":2,\"word\":\"hello\"}\n");
  }
  auto e = run("remote a echo '{\"word\":\"a b\"}' --json" + f.dir());
  CHECK(e.out == "{\"word\":\"a b\"}\n");
}

TEST_CASE("`beamline remote NODE` lists the verbs; text is for people, JSON for programs") {
  var_folder f;
  auto text = run("remote a" + f.dir());
  CHECK(text.status == 0);
  CHECK(contains(text.out, "echo WORD [TIMES]  says what it is told\n"));
  auto all = parse_json(run("remote a help --json" + f.dir()).out);
  REQUIRE(all.ok());
  CHECK((*all)["verbs"].size() == 6);
}

TEST_CASE("the exit status of `beamline remote` tells what went wrong") {
  var_folder f;
  auto refused = run("remote a ehco" + f.dir());
  CHECK(refused.status == 1);
  CHECK(contains(refused.out, "error: unknown verb \"ehco\"; did you mean echo?"));
  auto late = run("remote a keep --timeout 0.02" + f.dir());
  CHECK(late.status == 1);
  CHECK(contains(late.out, "no answer in time"));
  CHECK(run("remote").status == 2);
  CHECK(run("remote a echo x --timeout never" + f.dir()).status == 2);
  CHECK(run("remote a echo '{'" + f.dir()).status == 2);
  auto missing = run("remote b" + f.dir());
  CHECK(missing.status == 3);
  CHECK(contains(missing.out, "running: a"));
  CHECK(run("remote a@elsewhere" + f.dir()).status == 3);
}

TEST_CASE("`beamline remote` finds the folder of scripts/cluster through BEAMLINE_VAR") {
  var_folder f;
  REQUIRE(::setenv("BEAMLINE_VAR", f.var.path.c_str(), 1) == 0);
  auto e = run("remote a echo x --json");
  ::unsetenv("BEAMLINE_VAR");
  CHECK(e.status == 0);
  CHECK(e.out == "{\"word\":\"x\"}\n");
}
