#pragma once

#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "store/blocking.hpp"
#include "store/sqlite/open.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace beamline::store::test {

/// A directory of its own that goes away with the test. Others may enter it: some tests drop privileges.
class temp_dir {
public:
  temp_dir() {
    auto pattern = (std::filesystem::temp_directory_path() / "beamline-store-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      throw std::runtime_error{"mkdtemp failed"};
    path_ = pattern;
    std::filesystem::permissions(path_, std::filesystem::perms::all);
  }
  ~temp_dir() {
    auto ec = std::error_code{};
    std::filesystem::remove_all(path_, ec);
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

/// Runs `child` in a forked process and returns its exit code, or -1 if a signal ended it.
inline int in_child(const std::function<int()>& child) {
  const auto pid = fork();
  if (pid == 0)
    _exit(child());
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    throw std::runtime_error{"fork or waitpid failed"};
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A back end on memory or a file, failing the test if it cannot be opened.
inline connections open_or_fail(const sqlite::open_options& opts, const clock& time) {
  auto opened = sqlite::open(opts, time);
  INFO((opened ? std::string{} : opened.error().message));
  REQUIRE(opened.ok());
  return std::move(*opened);
}

/// Runs one piece of work on a core.
inline result<void> write(core& on, database::work fn) { return on.write(std::vector{std::move(fn)}).front(); }

inline result<void> write_sql(core& on, std::string_view sql) {
  return write(on, [sql](transaction& tx) { return tx.execute(sql); });
}

/// The single number a query gives.
inline std::int64_t number(core& on, std::string_view sql) {
  std::int64_t n = -1;
  auto done = on.read([&](transaction& tx) -> result<void> {
    auto row = tx.select_one<std::int64_t>(sql);
    if (!row)
      return row.error();
    n = std::get<0>((*row).value());
    return {};
  });
  INFO((done ? std::string{} : done.error().message));
  REQUIRE(done.ok());
  return n;
}

/// Failed with this code, and the message has all these words.
inline void check_error(const result<void>& r, errc code, std::initializer_list<std::string_view> words) {
  REQUIRE_FALSE(r.ok());
  INFO(r.error().message);
  CHECK(r.error().code == code);
  for (auto word : words) {
    INFO("expected: " << std::string{word});
    CHECK(r.error().message.find(word) != std::string::npos);
  }
}

template <class T>
result<void> as_void(const result<T>& r) {
  return r ? result<void>{} : result<void>{r.error()};
}

}  // namespace beamline::store::test
