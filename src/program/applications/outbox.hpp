#pragma once

#include "net/outbox/event_class.hpp"
#include "net/outbox/messages.hpp"
#include "program/node_parts.hpp"
#include "program/recovery_file.hpp"
#include "store/database.hpp"
#include "supervision/child_spec.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace beamline::program {

/// The outbox of a node, for the application whose events wait in it: children of `runtime`.
///
///   ├─ outbox store   its database, always a file of this node; not with outbox.durable = false
///   └─ outbox         sends what waits, see net/outbox/server.hpp
///
/// A node on which no application declares events has neither. Outlives the node's processes.
class outbox_site {
public:
  explicit outbox_site(node_parts& on);

  /// What an application says of its events.
  struct declaration {
    std::shared_ptr<const net::outbox::class_table> classes;
    std::string target_role;
    std::string procedure{net::outbox::handle_buffered_event::message_name};  // Of the target.
  };
  /// Once, before `children` is asked for. An empty table: no outbox.
  void declare(declaration d);

  [[nodiscard]] std::vector<supervision::child_spec> children();
  [[nodiscard]] const std::shared_ptr<recovery_file>& recovery() const noexcept { return recovery_; }

private:
  class store_part;

  [[nodiscard]] supervision::child_spec store_child();
  [[nodiscard]] supervision::child_spec outbox_child();
  [[nodiscard]] std::shared_ptr<store::database> store() const;
  [[nodiscard]] std::filesystem::path in_data_dir(const std::filesystem::path& file) const;

  node_parts& on_;
  std::optional<declaration> declared_;
  std::shared_ptr<recovery_file> recovery_;
  mutable std::mutex mutex_;                // Guards what follows.
  std::shared_ptr<store::database> store_;  // Empty while there is none.
};

// For what is accepted by then; after that the database is interrupted.
inline constexpr duration outbox_store_stop_time = std::chrono::milliseconds{1500};
// Beyond outbox.flush_time, for the last write.
inline constexpr duration outbox_stop_reserve = std::chrono::seconds{1};

}  // namespace beamline::program
