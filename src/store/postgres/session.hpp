#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/postgres/address.hpp"
#include "store/postgres/errors.hpp"
#include "store/value.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// libpqxx is used in session.cpp and nowhere else.
namespace beamline::store::postgres {

// Prepared statements kept per connection; the least recently used one makes room for a new one.
inline constexpr std::size_t statements_max = 128;
// A statement of an application that runs longer is ended by the server (`timeout`); migrations are not.
inline constexpr duration statement_time_max = 60s;
// A transaction that stands still for this long (its process is stopped, its machine is cut off) is ended by the
// server, so that it does not hold its locks for ever.
inline constexpr duration idle_transaction_time_max = 30s;

/// One connection to PostgreSQL with its prepared statements. Errors are values that name the server and the remedy.
/// Used by one thread at a time, but for `cancel`. What a failure means for the transaction is in `last_aftermath`
/// until the next statement; a lost session stays lost: make a new one.
class session {
public:
  struct options {
    address server;
    address::settings settings;
    duration lock_timeout;
  };
  using row_visitor = std::function<void(const row&)>;

  /// Blocks, for each of the server's addresses at most `connect_timeout`. Errors: see `explain_refusal`.
  [[nodiscard]] static result<std::unique_ptr<session>> connect(const options& opts);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Runs one statement of an application; see `translate` for the rules. `each` may be empty; what it throws passes
  /// through. Rows are all fetched before the first is shown.
  result<void> run(std::string_view sql, parameters values, const row_visitor& each);
  /// Runs statements of this back end, separated by semicolons, with no more than one answer.
  result<void> run_own(std::string_view sql, const row_visitor& each = {});
  /// Rows changed by the last statement.
  [[nodiscard]] std::int64_t changes() const;

  /// Looks whether the server has closed the connection, without asking it anything.
  result<void> check();
  /// Of the last statement.
  [[nodiscard]] aftermath last_aftermath() const;

  /// From any thread: ends the statement under way, if there is one; it and later ones fail with `cancelled`. A
  /// statement that reaches the server after this does not notice: repeat the call until the work has ended.
  void cancel() noexcept;

private:
  struct impl;
  explicit session(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace beamline::store::postgres
