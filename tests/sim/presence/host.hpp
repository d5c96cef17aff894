#pragma once

#include "pubsub/presence/tracker.hpp"
#include "sim/links/resident.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace beamline::gathering {

/// Has guests, whom it tracks in rooms of both trackers, updates, untracks and throws out; now and then it tracks
/// somebody who has left already. Tells what it knows of each entry.
class host final : public linked::resident {
public:
  static constexpr std::size_t guests_max = 4;
  static constexpr std::size_t entries_max = 12;

  using resident::resident;
  behavior init() override;

private:
  struct entry_id {
    std::string tracker;
    std::string topic;
    pid who;
    std::string key;
    friend bool operator<(const entry_id& a, const entry_id& b) {
      return std::tuple{a.who.id(), std::string_view{a.tracker}, std::string_view{a.topic}, std::string_view{a.key}}
           < std::tuple{b.who.id(), std::string_view{b.tracker}, std::string_view{b.topic}, std::string_view{b.key}};
    }
  };

  void change();
  void invite();
  [[nodiscard]] entry_id some_entry();
  void track(const entry_id& e);
  void update(const entry_id& e);
  void untrack(const entry_id& e);
  void note(const entry_id& e, const presence::track_answer& a);
  void tell(const entry_id& e, std::string_view is, std::string_view ref = {});
  [[nodiscard]] pid shard_of(const entry_id& e) const;

  std::vector<pid> guests_;
  pid gone_;                            // Who left last.
  std::map<entry_id, bool> entries_{};  // Whether it is being talked about.
};

}  // namespace beamline::gathering
