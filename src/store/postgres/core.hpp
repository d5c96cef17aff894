#pragma once

#include "base/telemetry.hpp"
#include "store/core.hpp"
#include "store/postgres/reconnect.hpp"
#include "store/postgres/session.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace beamline::store::postgres {

// A batch that others got in the way of, or whose connection was lost before its commit, is begun anew this often.
inline constexpr int attempts_max = 4;
// An idle connection is looked at this often, so that a server that went away is noticed before somebody needs it.
inline constexpr duration watch_interval = 1s;

/// The PostgreSQL back end's blocking half: batches, savepoints, migrations over one connection, which it makes again
/// when it is lost.
///
///   BEGIN; lock; SAVEPOINT one;   fn₁   check; RELEASE; SAVEPOINT one;   fn₂   ROLLBACK TO one;   fn₃  …   COMMIT
///
/// *One writer at a time*, as with SQLite, over all nodes that use the database: every batch and every migration holds
/// an advisory lock for its transaction. So transactions see all those before them, and Beamline's own never deadlock.
/// Whoever else writes there may still get in the way: then the batch is run again, at most `attempts_max` times.
///
/// *A lost connection*: what was not yet being committed is run again over a new connection, or fails with
/// `unavailable` and left nothing behind. Whether a COMMIT that got no answer took effect is not known: `io`, "in
/// doubt".
class postgres_core final : public core {
public:
  struct parts {
    telemetry& events;
    const clock& time;
  };
  enum class role { writer, reader };

  /// `connected` may be empty: then the first attempt is due. What `p` refers to outlives the core.
  postgres_core(session::options opts, role r, std::uint64_t seed, std::unique_ptr<session> connected, parts p);

  std::vector<result<void>> write(std::span<const database::work> batch) override;
  result<void> read(const database::work& fn) override;
  result<std::size_t> migrate(std::string_view app, std::span<const migration> known) override;
  void interrupt() noexcept override;
  std::optional<duration> tend() override;

private:
  enum class end { finished, lost, in_the_way };

  result<void> connect();
  void drop(const error& why);
  /// Whether a failed attempt is worth another one; drops the connection if it is lost.
  end judge(const error& why);

  /// Repeats as long as it is worth it; the outcomes are final when it returns.
  bool write_persistently(std::span<const database::work> batch, std::span<result<void>> outcomes);
  end write_together(std::span<const database::work> batch, std::span<result<void>> outcomes);
  result<void> write_one(const database::work& fn, bool is_alone, end& how);
  end finish(std::span<result<void>> outcomes, bool is_alone);
  result<std::size_t> migrate_once(std::string_view app, std::span<const migration> known);
  result<std::vector<applied_migration>> applied(std::string_view app);
  result<void> apply(std::string_view app, const migration& m);
  void roll_back();

  session::options options_;
  const role role_;
  parts parts_;
  reconnect_plan plan_;
  error why_lost_;
  std::mutex mutex_;  // Guards the pointer against `interrupt`; only the worker changes it.
  std::unique_ptr<session> session_;
  std::atomic<bool> is_interrupted_{false};
};

}  // namespace beamline::store::postgres
