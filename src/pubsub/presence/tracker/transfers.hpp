#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "pubsub/presence/tracker/wire.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::presence {

/// Transfers this shard asked for: one per peer at a time, part by part (D162). Pure.
class transfers_wanted {
public:
  /// Refs are counted from there: each run of a shard begins elsewhere, as its peers may still answer the one before.
  explicit transfers_wanted(std::uint64_t first_ref = 0) : last_ref_{first_ref} {}

  struct wish {
    std::string node;
    std::uint64_t ref = 0;
    std::uint64_t part = 0;
    bool is_segment = false;
  };

  /// To be sent now; nothing: one is under way already.
  std::optional<wish> want(const std::string& node, bool is_segment, time_point now);
  [[nodiscard]] bool is_waiting_for(const std::string& node) const { return waiting_.contains(node); }

  struct arrived {
    std::optional<bytes> complete{};  // All of it is there ...
    std::optional<wish> next{};       // ... or this part is to be asked for.
    bool is_segment = false;
  };
  /// One that was not asked for is complete if it is in one part (D162); else it is lost.
  arrived take(const std::string& node, wire_transfer part, time_point now);

  /// Those that nothing was heard of since `before`, once more from their beginning; after transfer_tries_max they are
  /// given up.
  std::vector<wish> overdue(time_point before, time_point now);
  /// Everything from that node.
  void forget(const std::string& node) { waiting_.erase(node); }

private:
  struct wait {
    std::uint64_t ref = 0;
    bool is_segment = false;
    int tries = 1;
    time_point heard{};
    std::uint64_t parts = 0;  // 0: the first has not come.
    std::uint64_t next = 0;
    bytes octets;
  };

  std::uint64_t last_ref_;
  std::map<std::string, wait> waiting_;
};

/// Transfers that peers fetch from this shard in more than one part. Pure. Holds transfers_served_max at most.
class transfers_served {
public:
  /// The first part of `octets`; the others are kept for that node if there are any. Nothing: too many are kept.
  std::optional<wire_transfer> begin(const std::string& node, std::uint64_t ref, bytes octets, time_point now);
  /// Nothing: it is not kept, or not any more; the peer asks anew.
  std::optional<wire_transfer> part(const std::string& node, std::uint64_t ref, std::uint64_t part, time_point now);
  void forget(const std::string& node) { kept_.erase(node); }
  /// Those that nobody asked for since then.
  void forget_before(time_point t);
  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

private:
  struct kept {
    std::uint64_t ref = 0;
    bytes octets;
    time_point asked{};
  };

  std::map<std::string, kept> kept_;
};

}  // namespace beamline::presence
