#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace beamline::test {

/// A PostgreSQL server of this test program's own: made in a temporary folder, reached by a socket in it and by nobody
/// else, ended and removed with the program however that ends (a small process waits for it).
///
/// The programs of Debian's package postgresql-15 are used. Where they are missing, a test fails and says what to
/// install, or the program ends as skipped when BEAMLINE_TESTS_WITHOUT_POSTGRES=1. PostgreSQL refuses to run as root:
/// then it runs as the user `postgres`, or `nobody`.
class throwaway_postgres {
public:
  /// The server that all tests of this program share; started at first use, which takes about a second.
  static throwaway_postgres& shared();

  ~throwaway_postgres();
  throwaway_postgres(const throwaway_postgres&) = delete;
  throwaway_postgres& operator=(const throwaway_postgres&) = delete;

  /// Makes an empty database and returns its URL.
  std::string create_database();
  /// A URL of an existing one; `parameters` as "sslmode=disable&…".
  [[nodiscard]] std::string url(const std::string& database, const std::string& parameters = {}) const;
  /// Runs SQL in it with psql; returns what that prints, unaligned and without headings.
  std::string psql(const std::string& database, const std::string& sql) const;

  enum class end { orderly, crash };
  void stop(end how);
  void start();
  [[nodiscard]] std::string log() const;

private:
  throwaway_postgres();
  /// Runs a program of PostgreSQL's as the server's user; throws with its output if it fails.
  std::string run(std::vector<std::string> words) const;
  void start_janitor();

  std::filesystem::path programs_;
  std::filesystem::path folder_;
  unsigned user_ = 0;
  unsigned group_ = 0;
  int lifeline_ = -1;  // The janitor cleans up when its other end reads the end.
  int janitor_ = -1;
  int databases_ = 0;
};

}  // namespace beamline::test
