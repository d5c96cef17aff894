#pragma once

#include "store/core.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/lock_file.hpp"

#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace beamline::store::sqlite {

/// The SQLite back end's blocking half: batches, savepoints, migrations over one connection.
///
/// A batch shares one transaction, with a savepoint for each piece of work. When SQLite gives up the whole
/// transaction because of one of them (disk full, I/O error, interrupt), the batch is run again with a
/// transaction for each, so that it takes nobody else down. When the shared COMMIT itself fails, all fail.
class sqlite_core final : public core {
public:
  /// `time` must outlive the core; `lock` (may be null) is held as long as the core lives.
  sqlite_core(std::unique_ptr<connection> c, const clock& time, std::shared_ptr<lock_file> lock)
      : lock_{std::move(lock)}, connection_{std::move(c)}, clock_{time} {}

  std::vector<result<void>> write(std::span<const database::work> batch) override;
  result<void> read(const database::work& fn) override;
  result<std::size_t> migrate(std::string_view app, std::span<const migration> known) override;
  void interrupt() noexcept override { connection_->interrupt(); }

private:
  enum class batch_end { finished, lost };
  batch_end write_together(std::span<const database::work> batch, std::span<result<void>> outcomes);
  result<void> write_one(const database::work& fn);
  void roll_back();
  result<void> apply(std::string_view app, const migration& m);
  result<std::vector<applied_migration>> applied(std::string_view app);

  std::shared_ptr<lock_file> lock_;  // Declared first: let go of when the connection is closed.
  std::unique_ptr<connection> connection_;
  const clock& clock_;
};

}  // namespace beamline::store::sqlite
