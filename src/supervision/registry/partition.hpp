#pragma once

#include "actors/process.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace beamline::supervision::detail {

/// What a partition process needs of the data it serves. Thread-safe.
class partition_data {
public:
  struct owner_change {
    std::uint64_t owner;
    bool owns;  // Whether it has anything in this partition now.
  };

  virtual ~partition_data() = default;

  /// From now on `server` serves it, and registering works. Returns who had something in here that an earlier server
  /// never closed. Throws std::logic_error when a living one serves it.
  virtual std::vector<std::uint64_t> open(std::uint64_t server) = 0;
  /// `server` ends: everything is forgotten. Returns who had something in here.
  virtual std::vector<std::uint64_t> close(std::uint64_t server) = 0;
  /// Owners that came to have something, or nothing any more, since the last time. As many as `count`: there may be
  /// more. One `owners_changed` is cast to the server when the first of them comes up.
  virtual std::vector<owner_change> take_changes(std::size_t count) = 0;
  /// That owner has ended.
  virtual void forget(std::uint64_t owner) = 0;
};

/// Cast by registering processes to the server of a partition; hardly more than one waits at a time.
struct owners_changed {};

/// The process behind one partition of a registry. It serves no request: registering and asking go to the data
/// directly. It watches the owners, cleans up after the dead ones (S137), and takes the living ones down when it ends,
/// with its own reason (S144): otherwise they would live on under names that nobody knows any more.
///
/// One watch per owner, kept by the node's process table; links would cost both sides and be contagious the other way.
class registry_partition final : public process {
public:
  // Owners that are looked at in one turn.
  static constexpr std::size_t changes_per_turn = 1024;

  registry_partition(process_context& c, std::shared_ptr<partition_data> data);

  behavior init() override;
  void terminate(const reason& why) override;

private:
  void follow_owners();

  std::shared_ptr<partition_data> data_;
  std::map<std::uint64_t, watch_ref> watched_;
};

}  // namespace beamline::supervision::detail
