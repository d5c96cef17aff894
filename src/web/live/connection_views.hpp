#pragma once

#include "actors/pid.hpp"
#include "web/live/join.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web::live {

/// The views of one connection, as its nested views must know them. Thread-safe; shared by the connection's joins and
/// the views' processes.
class connection_views {
public:
  // Views that have ended are remembered, so that a child which joins at that moment gets the right answer; no more of
  // them than this.
  static constexpr std::size_t ended_max = 32;

  /// A view was mounted: the newest of that id counts. `root` is the view that has the page's URL, itself for a root.
  void mounted(const std::string& view_id, const pid& who, const pid& root);
  /// It has told its browser to go elsewhere, and is about to end.
  void redirecting(const std::string& view_id, const pid& who);
  void ended(const std::string& view_id, const pid& who);

  [[nodiscard]] parent_status status(const parent_identity& p) const;
  /// A view that is mounted, and the root above it.
  struct family {
    pid parent;
    pid root;
  };
  [[nodiscard]] std::optional<family> find(const parent_identity& p) const;

private:
  struct entry {
    pid who;
    pid root;
    parent_status status = parent_status::alive;
  };
  [[nodiscard]] entry* find_entry(const std::string& view_id, const pid& who);
  void forget_some();

  mutable std::mutex mutex_;
  std::map<std::string, entry, std::less<>> views_;
};

}  // namespace beamline::web::live
