#include "support/throwaway_postgres.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beamline::test {

namespace {

namespace fs = std::filesystem;

// CTest's for a test that was not run, see tests/store/CMakeLists.txt.
constexpr int exit_skipped = 77;

// No syncing: the machine is not expected to fail, only processes. Deadlocks are found at once.
constexpr std::string_view settings = R"(
listen_addresses = ''
fsync = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 40
deadlock_timeout = 100ms
log_min_messages = warning
autovacuum = off
)";

/// Waits until the program that uses the server has gone; $1 is the folder, $2 that of PostgreSQL's programs.
constexpr const char* janitor_script = R"(
trap '' INT TERM HUP
cat >/dev/null
"$2/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$1"
)";

fs::path find_programs() {
  auto found = std::vector<fs::path>{};
  auto ec = std::error_code{};
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", ec})
    if (fs::exists(version.path() / "bin/initdb"))
      found.push_back(version.path() / "bin");
  std::sort(found.begin(), found.end());
  if (!found.empty())
    return found.back();
  auto path = std::string_view{std::getenv("PATH") ? std::getenv("PATH") : ""};
  while (!path.empty()) {
    const auto folder = path.substr(0, path.find(':'));
    if (fs::exists(fs::path{folder} / "initdb") && fs::exists(fs::path{folder} / "postgres"))
      return fs::path{folder};
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
  }
  return {};
}

/// Between fork and exec: nothing here may allocate or lock.
void become(unsigned user, unsigned group) {
  if (geteuid() == 0 && (setgid(group) != 0 || setuid(user) != 0))
    _exit(126);
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  auto all = std::vector<char*>{};
  for (auto& w : words)
    all.push_back(w.data());
  all.push_back(nullptr);
  return all;
}

}  // namespace

throwaway_postgres& throwaway_postgres::shared() {
  static throwaway_postgres one;
  return one;
}

throwaway_postgres::throwaway_postgres() : programs_{find_programs()} {
  const auto* without = std::getenv("BEAMLINE_TESTS_WITHOUT_POSTGRES");
  if (without && std::string_view{without} == "1") {
    std::fprintf(stderr, "SKIPPED: nothing about PostgreSQL is tested, because BEAMLINE_TESTS_WITHOUT_POSTGRES=1\n");
    std::fflush(stderr);
    std::_Exit(exit_skipped);
  }
  if (programs_.empty())
    throw std::runtime_error{"PostgreSQL's programs are not installed: run scripts/setup test (Debian: postgresql-15), "
                             "or set BEAMLINE_TESTS_WITHOUT_POSTGRES=1 to test nothing about it"};
  auto pattern = (fs::temp_directory_path() / "beamline-postgres-XXXXXX").string();
  if (!mkdtemp(pattern.data()))
    throw std::runtime_error{"mkdtemp failed for " + pattern};
  folder_ = pattern;
  if (geteuid() == 0) {
    const auto* who = getpwnam("postgres");
    if (!who)
      who = getpwnam("nobody");
    if (!who || chown(folder_.c_str(), who->pw_uid, who->pw_gid) != 0)
      throw std::runtime_error{"PostgreSQL does not run as root, and there is no user postgres or nobody"};
    user_ = who->pw_uid;
    group_ = who->pw_gid;
  }
  start_janitor();
  run({"initdb", "-D", folder_ / "data", "-U", "beamline", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"});
  std::ofstream{folder_ / "data/postgresql.conf", std::ios::app} << settings << "unix_socket_directories = '"
                                                                 << folder_.string() << "'\n";
  start();
}

throwaway_postgres::~throwaway_postgres() {
  close(lifeline_);
  int status = 0;
  waitpid(janitor_, &status, 0);
}

void throwaway_postgres::start_janitor() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error{"pipe failed"};
  auto words = std::vector<std::string>{"sh", "-c", janitor_script, "janitor", folder_, programs_};
  const auto all = pointers(words);
  janitor_ = fork();
  if (janitor_ < 0)
    throw std::runtime_error{"fork failed"};
  if (janitor_ == 0) {
    become(user_, group_);
    setsid();  // A signal for the test's group is not for it.
    if (chdir("/") != 0 || dup2(ends[0], 0) < 0)
      _exit(126);
    execv("/bin/sh", all.data());
    _exit(127);
  }
  close(ends[0]);
  lifeline_ = ends[1];
}

std::string throwaway_postgres::run(std::vector<std::string> words) const {
  const auto program = (programs_ / words.front()).string();
  const auto all = pointers(words);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error{"pipe failed"};
  const auto pid = fork();
  if (pid < 0)
    throw std::runtime_error{"fork failed"};
  if (pid == 0) {
    become(user_, group_);
    if (chdir("/") != 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0)
      _exit(126);
    execv(program.c_str(), all.data());
    _exit(127);
  }
  close(ends[1]);
  auto said = std::string{};
  auto chunk = std::array<char, 4096>{};
  for (ssize_t n = 0; (n = read(ends[0], chunk.data(), chunk.size())) > 0;)
    said.append(chunk.data(), static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{words.front() + " failed: " + said + "\n" + log()};
  return said;
}

void throwaway_postgres::start() {
  // The server keeps pg_ctl's output open: it gets a file of its own.
  run({"pg_ctl", "-D", folder_ / "data", "-l", folder_ / "log", "-w", "-t", "60", "start"});
}

void throwaway_postgres::stop(end how) {
  run({"pg_ctl", "-D", folder_ / "data", "-m", how == end::crash ? "immediate" : "fast", "-w", "-t", "60", "stop"});
}

std::string throwaway_postgres::log() const {
  auto in = std::ifstream{folder_ / "log"};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string throwaway_postgres::create_database() {
  auto name = "test" + std::to_string(++databases_);
  psql("postgres", "CREATE DATABASE " + name);
  return url(name);
}

std::string throwaway_postgres::url(const std::string& database, const std::string& parameters) const {
  return "postgresql://beamline@/" + database + "?host=" + folder_.string() + (parameters.empty() ? "" : "&")
       + parameters;
}

std::string throwaway_postgres::psql(const std::string& database, const std::string& sql) const {
  return run({"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder_, "-U", "beamline", "-d", database,
              "-c", sql});
}

}  // namespace beamline::test
