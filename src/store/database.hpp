#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/backup.hpp"
#include "store/migration.hpp"
#include "store/value.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace beamline::store {

/// The statements of one transaction. Valid only inside the function it is given to, on that thread.
///
/// Every SQL text is one statement, with placeholders `$1`, `$2`, …; prepared statements are cached by their
/// text, so texts are constants and values are parameters. Transaction control (BEGIN, SAVEPOINT, PRAGMA,
/// ATTACH, …) is refused. A statement that fails dooms its transaction: those after it are not run and give the
/// same error, the outcome is that error whatever the function returns, and nothing of the transaction stays.
/// Expected clashes are therefore written into the statement: `ON CONFLICT … DO NOTHING`.
///
/// The same SQL runs on SQLite and on PostgreSQL, with the column types TEXT, INTEGER or BIGINT (64 bits), REAL and
/// BLOB; truth is 0 and 1 in an integer column. Text is UTF-8 without zero octets, on both.
///
/// Errors: exists (unique key), conflict (foreign key), invalid (other constraints, SQL, parameters), denied (a
/// write inside of `read`), io (disk full or failing), corrupt, unavailable (locked by somebody else, the server is
/// away), busy (others wrote the same rows again and again), timeout (a statement that ran too long), cancelled (the
/// store is closing).
class transaction {
public:
  virtual ~transaction() = default;

  /// Runs a statement; rows it returns are ignored.
  virtual result<void> execute(std::string_view sql, parameters values = {}) = 0;
  /// Rows inserted, updated or deleted by the last `execute`, without those changed by triggers and cascades.
  [[nodiscard]] virtual std::int64_t changes() const = 0;
  /// Calls `each` for every row, in order. Nothing bounds the number of rows but the statement itself.
  virtual result<void> query(std::string_view sql, parameters values, const std::function<void(const row&)>& each) = 0;

  /// All rows as tuples: `tx.select<std::string, int>("SELECT slug, likes FROM …")`.
  template <class... T>
  result<std::vector<std::tuple<T...>>> select(std::string_view sql, parameters values = {}) {
    auto rows = std::vector<std::tuple<T...>>{};
    if (auto done = query(sql, values, [&](const row& r) { rows.push_back(r.as<T...>()); }); !done)
      return done.error();
    return rows;
  }

  /// The first row, if there is one.
  template <class... T>
  result<std::optional<std::tuple<T...>>> select_one(std::string_view sql, parameters values = {}) {
    auto first = std::optional<std::tuple<T...>>{};
    auto take = [&](const row& r) {
      if (!first)
        first = r.as<T...>();
    };
    if (auto done = query(sql, values, take); !done)
      return done.error();
    return first;
  }
};

/// The storage port: asynchronous transactions on one database. Thread-safe. Two forms exist,
/// `threaded_database` with workers of its own and `inline_database` driven from outside.
///
///   caller                                   store
///     transact(fn, done) ------------------->  queued (or done(busy) when the queue is full)
///                                              batch: BEGIN  fn fn fn …  COMMIT   (durable)
///     done(result) <-------------------------  on a store thread
///
/// Contract of `transact`:
///  - `fn` runs on a store thread, inside of a transaction that sees all transactions before it. An error it
///    returns, or anything it throws, rolls back its own effects and nothing else.
///  - `fn` may be run again when a transaction it shared failed: no side effects but SQL.
///  - `done` is called exactly once: on a store thread after the commit is durable, or with the error. When the
///    request is refused at once (busy, unavailable) it is called on the caller's thread before `transact`
///    returns, and nothing happened. `done` must be short and must not call `close`.
///  - An `io` error of the commit itself means not acknowledged; after a crash of the machine, or when the server was
///    lost in the middle of it ("in doubt"), the effect may be found all the same. Whoever repeats must be able to
///    recognise a repetition.
///  - Transactions take effect, and are acknowledged, in the order they were accepted.
///
/// `read` sees one consistent state, at least everything acknowledged before it was asked for. Reads run beside
/// transactions and beside each other: no order is promised.
class database {
public:
  using work = std::function<result<void>(transaction&)>;
  using completion = std::function<void(result<void>)>;

  virtual ~database() = default;

  /// `fn(transaction&)` returns `result<T>`, `done` takes a `result<T>`; `T` may be void.
  template <class F, class D>
    requires std::invocable<F&, transaction&>
  void transact(F fn, D done) {
    auto [w, c] = typed(std::move(fn), std::move(done));
    do_transact(std::move(w), std::move(c));
  }

  template <class F, class D>
    requires std::invocable<F&, transaction&>
  void read(F fn, D done) {
    auto [w, c] = typed(std::move(fn), std::move(done));
    do_read(std::move(w), std::move(c));
  }

  /// Brings an application's schema up to date, in order with the transactions around it. Each migration is
  /// one transaction; the refusals are those of `check_migrations`. Names and SQL must be constants.
  void migrate(std::string app, std::vector<migration> known, completion done) {
    do_migrate(std::move(app), std::move(known), std::move(done));
  }

  /// Writes a copy of the database as it is now to `to`, the full path of a file that must not exist yet, while reads
  /// and transactions go on. `done` as for `transact`. Errors: exists, not_found, invalid, denied, io, busy;
  /// unsupported where the back end has tools of its own for it, which the message names.
  void back_up(std::filesystem::path to, std::function<void(result<backup_report>)> done) {
    do_back_up(std::move(to), std::move(done));
  }

  /// Refuses new work with `unavailable` and finishes what was accepted. What is not done within `budget` is
  /// refused too (`unavailable`; work under way is interrupted: `cancelled`), and the result is `timeout`. Blocks.
  /// Every completion was called when it returns. A second call is harmless.
  virtual result<void> close(duration budget) = 0;

private:
  virtual void do_transact(work fn, completion done) = 0;
  virtual void do_read(work fn, completion done) = 0;
  virtual void do_migrate(std::string app, std::vector<migration> known, completion done) = 0;
  virtual void do_back_up(std::filesystem::path, std::function<void(result<backup_report>)> done) {
    done(error{errc::unsupported, "this database makes no backups by itself"});
  }

  template <class F, class D>
  static std::pair<work, completion> typed(F fn, D done) {
    using outcome = std::invoke_result_t<F&, transaction&>;
    using T = typename outcome::value_type;
    static_assert(std::is_invocable_v<D&, outcome>, "the completion must take what the function returns");
    if constexpr (std::is_void_v<T>) {
      return {work{std::move(fn)}, completion{std::move(done)}};
    } else {
      auto slot = std::make_shared<std::optional<T>>();
      auto run = [slot, fn = std::move(fn)](transaction& tx) mutable -> result<void> {
        auto r = fn(tx);
        if (!r)
          return std::move(r).error();
        *slot = std::move(r).value();
        return {};
      };
      auto finish = [slot, done = std::move(done)](result<void> r) mutable {
        if (r)
          done(outcome{std::move(**slot)});
        else
          done(outcome{r.error()});
      };
      return {work{std::move(run)}, completion{std::move(finish)}};
    }
  }
};

}  // namespace beamline::store
