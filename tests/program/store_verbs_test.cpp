#include "program/store_verbs.hpp"

#include "control_fixture.hpp"
#include "store/blocking.hpp"
#include "store/events.hpp"
#include "store/open.hpp"

#include <array>
#include <cstdio>

#include <sys/wait.h>

// `store-backup` on a control socket, and `beamline store backup` as a process that asks for it.

using namespace beamline;
using namespace beamline::program::control::testing;
namespace fs = std::filesystem;

namespace {

struct ended {
  int status = -1;
  std::string out;  // Both streams.
};

/// Runs the program to its end. `words` go through the shell.
ended run(const std::string& words) {
  auto* pipe = ::popen((words + " 2>&1").c_str(), "r");
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

/// A node "a" with a database, in a var folder.
struct fixture {
  running_server s;
  temporary_dir var;
  temporary_dir out;
  telemetry events;
  system_clock time;
  std::shared_ptr<store::database> db;

  fixture() {
    fs::rename(s.dir.path, var.path / "a");
    fs::create_symlink(var.path / "a", s.dir.path);
    program::add_store_verbs(s.verbs, [this] { return db; });
  }
  void open() {
    auto opened = store::open_database({.path = out.path / "a.db"}, events, time);
    REQUIRE(opened.ok());
    db = std::move(*opened);
    REQUIRE(store::transact_blocking(*db, [](store::transaction& tx) {
              return tx.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
            }).ok());
  }
  ended back_up(const std::string& words) {
    return run("cd " + out.path.string() + " && " BEAMLINE_PROGRAM " store backup " + words + " --dir "
               + var.path.string());
  }
};

}  // namespace

TEST_CASE("`beamline store backup` copies the database of the only node that runs, to a path from here") {
  fixture f;
  f.open();
  auto e = f.back_up("copy.db");
  CHECK(e.status == 0);
  CHECK(contains(e.out, "wrote " + (f.out.path / "copy.db").string()));
  CHECK(contains(e.out, "checked and on disk"));
  auto copy = store::open_database({.path = f.out.path / "copy.db"}, f.events, f.time);
  REQUIRE(copy.ok());
  CHECK(store::read_blocking(**copy, [](store::transaction& tx) { return tx.select<int>("SELECT id FROM t"); }).ok());
  auto json_answer = f.back_up("sub/../second.db --node a --json");
  CHECK(json_answer.status == 0);
  auto parsed = parse_json(json_answer.out);
  REQUIRE(parsed.ok());
  CHECK((*parsed)["file"] == (f.out.path / "second.db").string());
  CHECK((*parsed)["octets"] == fs::file_size(f.out.path / "second.db"));
}

TEST_CASE("`beamline store backup` says what is in its way") {
  fixture f;
  auto closed = f.back_up("copy.db");
  CHECK(closed.status == 1);
  CHECK(contains(closed.out, "no database open"));
  f.open();
  auto taken = f.back_up("a.db");
  CHECK(taken.status == 1);
  CHECK(contains(taken.out, "the file exists; backups overwrite nothing"));
  auto lost = f.back_up("copy.db --node b");
  CHECK(lost.status == 3);
  CHECK(f.back_up("").status == 2);
  CHECK(f.back_up("./").status == 2);
  CHECK(run(BEAMLINE_PROGRAM " store backup x --dir " + f.out.path.string()).status == 3);
}

TEST_CASE("connections with the database server and backups are in the log") {
  system_clock time;
  auto log = logger::in_memory(time);
  auto events = telemetry{};
  {
    program::store_reports reports{events, *log};
    events.emit(store::connected{"postgresql://ann@h/d", "writer", 2});
    events.emit(store::disconnected{"postgresql://ann@h/d", "reader", "gone"});
    events.emit(store::backed_up{"/x", 4096, 5ms});
  }
  events.emit(store::backed_up{"/y", 4096, 5ms});
  const auto lines = log->recent();
  REQUIRE(lines.size() == 3);
  CHECK(contains(lines[0], "connected with the database server"));
  CHECK(contains(lines[0], "postgresql://ann@h/d"));
  CHECK(contains(lines[0], "writer"));
  CHECK(contains(lines[1], "lost the database server"));
  CHECK(contains(lines[1], "gone"));
  CHECK(contains(lines[2], "wrote a backup"));
}
