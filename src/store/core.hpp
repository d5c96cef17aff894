#pragma once

#include "store/database.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace beamline::store {

/// The blocking half of a back end: one connection, on whatever thread calls it. `threaded_database` and
/// `inline_database` are built on it and know no SQL. Used by one thread at a time, but for `interrupt`.
class core {
public:
  virtual ~core() = default;

  /// Runs each piece of work inside of its own savepoint of one shared transaction. The outcomes come in the
  /// same order; when it returns, everything that succeeded is durable.
  virtual std::vector<result<void>> write(std::span<const database::work> batch) = 0;
  /// Runs `fn` on a consistent state; a statement that writes fails with `denied`.
  virtual result<void> read(const database::work& fn) = 0;
  /// Says how many migrations it applied; see `check_migrations` for the refusals.
  virtual result<std::size_t> migrate(std::string_view app, std::span<const migration> known) = 0;

  /// Writes a copy of the database, as it is at this moment, to a file that must not exist yet. On a core made for it
  /// (`connections::copier`): it takes long.
  virtual result<backup_report> back_up(const std::filesystem::path& to);

  /// Called when there is nothing to do: looks after the connection. Says when to call again at the latest, if ever.
  virtual std::optional<duration> tend() { return std::nullopt; }

  /// From any thread: the statement under way and all later ones fail with `cancelled`. For good. Called again until
  /// the work has ended: a server may miss it.
  virtual void interrupt() noexcept = 0;
};

/// What a back end opened: the one writer, and connections that read beside it (none: the writer reads too).
struct connections {
  std::unique_ptr<core> writer;
  std::vector<std::unique_ptr<core>> readers;
  std::unique_ptr<core> copier;  // For backups alone; none: the back end makes none.
};

}  // namespace beamline::store
