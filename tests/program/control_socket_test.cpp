#include "control_fixture.hpp"
#include "program/control/locate.hpp"

#include <fstream>

#include <sys/stat.h>
#include <sys/un.h>

using namespace beamline;
using namespace beamline::program::control;
using namespace beamline::program::control::testing;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat s {};
  REQUIRE(::lstat(path.c_str(), &s) == 0);
  return s.st_mode & 0777;
}

/// A socket's file whose owner has died without removing it.
void leave_stale_socket(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

}  // namespace

TEST_CASE("the control socket is for its owner only, and goes when its owner goes") {
  temporary_dir dir;
  {
    auto file = socket_file::listen(dir.path);
    REQUIRE(file.ok());
    CHECK(file->path() == dir.path / socket_name);
    CHECK(mode_of(file->path()) == 0600);
    CHECK(connect_to(file->path()).ok());
  }
  CHECK_FALSE(std::filesystem::exists(dir.path / socket_name));
}

TEST_CASE("the file of a dead node is replaced") {
  temporary_dir dir;
  leave_stale_socket(dir.path / socket_name);
  CHECK(connect_to(dir.path / socket_name).error().code == errc::not_found);
  auto file = socket_file::listen(dir.path);
  REQUIRE(file.ok());
  CHECK(connect_to(file->path()).ok());
}

TEST_CASE("a living node is not displaced: who it is and what to do is said") {
  temporary_dir dir;
  auto first = socket_file::listen(dir.path);
  REQUIRE(first.ok());
  auto second = socket_file::listen(dir.path);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::conflict);
  CHECK(contains(second.error().message, dir.path.string() + "/control.sock: a node (process "
                                             + std::to_string(::getpid()) + ") is running there already"));
  CHECK(contains(second.error().message, "node.data_dir"));
  CHECK(connect_to(first->path()).ok());
}

TEST_CASE("a living listener without our lock is not displaced either") {
  temporary_dir dir;
  auto first = socket_file::listen(dir.path);
  REQUIRE(first.ok());
  auto aside = dir.path / "elsewhere";
  std::filesystem::create_directory(aside);
  ::chmod(aside.c_str(), 0700);
  std::filesystem::rename(first->path(), aside / socket_name);
  auto second = socket_file::listen(aside);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == errc::conflict);
  CHECK(std::filesystem::exists(aside / socket_name));
}

TEST_CASE("an end removes its own file only") {
  temporary_dir dir;
  {
    auto file = socket_file::listen(dir.path);
    REQUIRE(file.ok());
    std::filesystem::remove(file->path());
    std::ofstream{file->path()} << "somebody else's";
  }
  CHECK(std::filesystem::exists(dir.path / socket_name));
}

TEST_CASE("what stands in the way is named with its remedy") {
  temporary_dir dir;
  auto refusal = [](const std::filesystem::path& where) {
    auto file = socket_file::listen(where);
    REQUIRE_FALSE(file.ok());
    CHECK(contains(file.error().message, where.string()));
    return file.error();
  };
  SUBCASE("a file that is no socket") {
    std::ofstream{dir.path / socket_name} << "x";
    auto e = refusal(dir.path);
    CHECK(e.code == errc::conflict);
    CHECK(contains(e.message, "is no socket; move it away"));
  }
  SUBCASE("a link, even to a socket") {
    leave_stale_socket(dir.path / "target");
    std::filesystem::create_symlink("target", dir.path / socket_name);
    CHECK(refusal(dir.path).code == errc::conflict);
    CHECK(std::filesystem::exists(dir.path / "target"));
  }
  SUBCASE("a directory that others may enter") {
    for (mode_t open : {0710, 0701, 0770, 0755}) {
      REQUIRE(::chmod(dir.path.c_str(), open) == 0);
      auto e = refusal(dir.path);
      CHECK(e.code == errc::denied);
      CHECK(contains(e.message, "chmod 700"));
    }
    ::chmod(dir.path.c_str(), 0700);
  }
  SUBCASE("no directory") { CHECK(refusal(dir.path / "missing").code == errc::not_found); }
}

TEST_CASE("a path that is too long for a socket's address works all the same, on both ends") {
  temporary_dir dir;
  auto deep = dir.path / std::string(100, 'd') / std::string(100, 'e');
  std::filesystem::create_directories(deep);
  ::chmod(deep.c_str(), 0700);
  {
    auto file = socket_file::listen(deep);
    REQUIRE_MESSAGE(file.ok(), (file ? "" : file.error().message));
    CHECK(mode_of(deep / socket_name) == 0600);
    CHECK(connect_to(deep / socket_name).ok());
    CHECK(socket_file::listen(deep).error().code == errc::conflict);
  }
  CHECK_FALSE(std::filesystem::exists(deep / socket_name));
  CHECK(connect_to(deep / socket_name).error().code == errc::not_found);
}

TEST_CASE("the peer of a connection is known, and only the node's own user and root are admitted") {
  temporary_dir dir;
  auto file = socket_file::listen(dir.path);
  REQUIRE(file.ok());
  auto fd = connect_to(file->path());
  REQUIRE(fd.ok());
  auto who = peer_of(fd->get());
  REQUIRE(who.has_value());
  CHECK(who->process == ::getpid());
  CHECK(who->user == ::geteuid());
  CHECK(is_admitted({::geteuid(), 1}));
  CHECK(is_admitted({0, 1}));
  CHECK_FALSE(is_admitted({::geteuid() + 1, 1}));
  CHECK_FALSE(peer_of(-1).has_value());
}

TEST_CASE("a node is found by name, by name and host, or by path") {
  temporary_dir dir;
  auto socket = [&](const std::string& node) { return locate(node, "var")->socket; };
  CHECK(socket("accumulator_1") == "var/accumulator_1/control.sock");
  CHECK(locate("accumulator_1", "var")->node.empty());
  CHECK(socket("accumulator_1@127.0.0.1") == "var/accumulator_1/control.sock");
  CHECK(locate("accumulator_1@127.0.0.1", "var")->node == "accumulator_1@127.0.0.1");
  CHECK(socket(dir.path.string()) == dir.path / socket_name);
  CHECK(socket("./some.sock") == "./some.sock");
  for (const char* bad : {"", "a b", "a@", "@b", "a@b@c"})
    CHECK_MESSAGE(locate(bad, "var").error().code == errc::invalid, bad);
}

TEST_CASE("the running nodes of a folder are those that answer") {
  temporary_dir dir;
  for (const char* name : {"b", "a", "dead", "empty"}) {
    std::filesystem::create_directory(dir.path / name);
    ::chmod((dir.path / name).c_str(), 0700);
  }
  leave_stale_socket(dir.path / "dead" / socket_name);
  auto a = socket_file::listen(dir.path / "a");
  auto b = socket_file::listen(dir.path / "b");
  CHECK(running_nodes(dir.path) == std::vector<std::string>{"a", "b"});
  CHECK(running_nodes(dir.path / "missing").empty());
}
