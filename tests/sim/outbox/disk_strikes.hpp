#pragma once

#include "base/random.hpp"
#include "testing/cluster.hpp"
#include "testing/disk/simulated_disk.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::sim_outbox {

/// Machines that stop in the middle of what they do to their disks: before a write, a sync or a truncation that the
/// seed chooses, so within a commit, a checkpoint or the recovery at a start. The power goes, or the process dies and
/// what it has written stays. They are started again after a while. A run has none, or a few.
class disk_strikes {
public:
  /// From now on, on those machines; before the first node starts. Both must outlive it.
  void arm(testing::cluster& c, const std::vector<std::string>& nodes);
  /// No more; what is under way is finished now: all machines run.
  void disarm();

private:
  struct target {
    std::uint64_t operations = 0;  // So far ...
    std::uint64_t next = 0;        // ... and with this one it stops; 0: never.
    bool is_power_lost = false;
    bool is_stopping = false;  // Its disk is gone, and the node goes with the next event of the world.
  };

  testing::simulated_disk::verdict judge(const std::string& node, testing::simulated_disk::operation what,
                                         std::string_view file);
  void draw(target& t);
  void end(const std::string& node);

  testing::cluster* cluster_ = nullptr;
  std::unique_ptr<seeded_random> random_;
  std::map<std::string, target> targets_;
  int left_ = 0;
};

}  // namespace beamline::sim_outbox
