#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/value.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace beamline::store::sqlite {

// Prepared statements kept per connection; the least recently used one makes room for a new one.
inline constexpr std::size_t statements_max = 128;

/// One SQLite connection with its prepared statements. Errors are values that name the file and the remedy.
/// Used by one thread at a time, but for `interrupt`.
///
/// (SQLite's own interface, not SQLiteCpp's: errors as values instead of exceptions, statements from a
/// `string_view`, rows without a reference count per column.)
class connection {
public:
  struct options {
    std::string path;
    std::string vfs = {};  // Name of a registered VFS; empty: the system's.
    duration busy_timeout = {};
  };

  /// Opens for reading and writing, creates the file if need be. Extended codes, busy timeout, no URI names.
  [[nodiscard]] static result<std::unique_ptr<connection>> open(const options& opts);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  enum class access { read, write };
  using row_visitor = std::function<void(const row&)>;

  /// Runs one statement of an application: no transaction control, PRAGMA or ATTACH (`denied`); with
  /// `access::read` no changes either. `each` may be empty; what it throws passes through.
  result<void> run(std::string_view sql, parameters values, access allowed, const row_visitor& each);
  /// Runs several statements, separated by semicolons, without values; rules as for `run`.
  result<void> run_script(std::string_view sql);
  /// Runs a statement of this back end: everything is allowed. Prepared each time but for the few of `control`.
  result<void> run_own(std::string_view sql, parameters values = {}, const row_visitor& each = {});

  /// The statements around every transaction; prepared once.
  enum class control { begin_write, begin_read, commit, rollback, savepoint, release, rollback_to };
  result<void> run_control(control what);

  /// Copies this whole database over another one, as it was when this began: writers go on beside it and are not seen.
  /// `is_over` is asked now and then; when it says so, the copy is given up with `cancelled`.
  result<void> copy_to(connection& other, const std::function<bool()>& is_over);

  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] bool has_open_foreign_keys() const;
  [[nodiscard]] bool is_read_only() const;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] const std::string& file() const { return file_; }

  /// From any thread: statements of applications fail with `cancelled` from now on.
  void interrupt() noexcept { is_interrupted_.store(true, std::memory_order_relaxed); }

private:
  struct statement;
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>{}(s); }
  };

  explicit connection(sqlite3* db, std::string file);
  static int authorize(void* self, int action, const char*, const char*, const char*, const char*);
  static int progress(void* self);

  [[nodiscard]] error last_error(std::string_view sql) const;
  result<std::unique_ptr<statement>> prepare(std::string_view sql, bool is_kept, std::string_view* rest);
  result<statement*> cached(std::string_view sql);
  void make_room();
  result<void> bind(statement& s, std::string_view sql, parameters values);
  result<void> step(statement& s, std::string_view sql, const row_visitor& each);
  result<void> run_prepared(statement& s, std::string_view sql, parameters values, access allowed,
                            const row_visitor& each);

  sqlite3* db_;
  std::string file_;  // The path in quotes.
  std::unordered_map<std::string, std::unique_ptr<statement>, text_hash, std::equal_to<>> cache_;
  std::vector<std::unique_ptr<statement>> controls_;
  std::uint64_t uses_ = 0;
  bool is_restricted_ = false;  // An application's statement is being prepared or run.
  std::atomic<bool> is_interrupted_{false};
};

}  // namespace beamline::store::sqlite
