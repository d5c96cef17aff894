#pragma once

#include "store/core.hpp"
#include "store/sqlite/lock_file.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

namespace beamline::store::sqlite {

/// Makes backups of a database that others write meanwhile, with connections of its own.
///
/// One read transaction is held over the whole copy, so that it shows one state and never begins anew; the writer does
/// not wait for it. Until it is done the write-ahead log is not cut: it grows by what is written meanwhile.
///
/// The copy is made in `<file>.partial`, checked page by page, synced, and only then given its name: a file with the
/// name asked for is a whole backup. What a crash leaves of `.partial` is overwritten by nobody; remove it.
class backup_core final : public core {
public:
  /// `time` must outlive the core; `lock` is held as long as it lives.
  backup_core(std::filesystem::path database, const clock& time, std::shared_ptr<lock_file> lock)
      : lock_{std::move(lock)}, database_{std::move(database)}, clock_{time} {}

  /// Errors: invalid (the path), not_found (its directory), exists (the file, or its `.partial`), denied, io, corrupt
  /// (the database is damaged: the copy does not pass the check), cancelled.
  result<backup_report> back_up(const std::filesystem::path& to) override;
  void interrupt() noexcept override { is_interrupted_.store(true); }

  /// Not for these.
  std::vector<result<void>> write(std::span<const database::work> batch) override;
  result<void> read(const database::work& fn) override;
  result<std::size_t> migrate(std::string_view app, std::span<const migration> known) override;

private:
  result<void> copy(const std::filesystem::path& partial);

  std::shared_ptr<lock_file> lock_;
  std::filesystem::path database_;
  const clock& clock_;
  std::atomic<bool> is_interrupted_{false};
};

}  // namespace beamline::store::sqlite
