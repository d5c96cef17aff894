#pragma once

#include "pubsub/groups.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace beamline::linked {

inline constexpr const char* group_names[] = {"red", "blue"};

/// Joins and leaves groups, itself and processes of its own, some of them more than once.
class joiner final : public resident {
public:
  static constexpr std::size_t members_max = 4;

  using resident::resident;
  behavior init() override;

private:
  void change();

  std::vector<pid> members_;  // Processes of its own.
};

/// Follows groups: what it was told, folded, must be what is there, at every point at which it can compare (I15).
class follower final : public resident {
public:
  using resident::resident;
  behavior init() override;

private:
  struct followed {
    std::uint64_t ref = 0;
    std::vector<pid> members;  // Sorted.
    std::string wrong;         // The first thing.
    bool is_asking = false;
  };

  void lost(const node_identity& who) override;
  void attend_scope();
  void follow(const std::string& group);
  void note(const std::string& group, const pubsub::groups::monitored& m);
  void add(const pubsub::groups::joined& m);
  void take(const pubsub::groups::left& m);

  std::map<std::string, followed> groups_;
};

}  // namespace beamline::linked
