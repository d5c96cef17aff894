#pragma once

// Broadcasts between the nodes of this test: numbered per sender, over several topics, so that a hearer can tell
// whether each arrived once and in its sender's order (I17, I18).

#include "actors/message_codec.hpp"
#include "actors/process.hpp"
#include "base/json.hpp"
#include "pubsub/system.hpp"
#include "pubsub/topic.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace beamline::members {

struct chatter {
  std::string sender;
  std::uint64_t number = 0;  // From 1, per sender, over all topics.
  BEAMLINE_MESSAGE(chatter, "members.chatter", 1, sender, number)
};

inline constexpr std::uint64_t chatter_topics = 3;
inline constexpr pubsub::topic_family<chatter, std::uint64_t> chatter_topic{"chatter"};

/// Says so many numbered things, one a turn, each on the next topic, once it is told to go on; then it ends.
class talker final : public process {
public:
  struct go_on {};

  talker(process_context& c, std::uint64_t count) : process{c}, count_{count} {}
  behavior init() override {
    name_ = env().self()->name + "#" + std::to_string(env().self()->incarnation) + "/" + std::to_string(self().id());
    return handlers([this](const go_on&) { say(); });
  }

private:
  void say() {
    if (number_ == count_)
      return stop();
    ++number_;
    auto said = pubsub::system_of(env()).broadcast(*this, chatter_topic(number_ % chatter_topics), {name_, number_});
    if (!said)
      return stop(reason::custom(said.error().message));
    cast(self(), go_on{});
  }

  const std::uint64_t count_;
  std::uint64_t number_ = 0;
  std::string name_;
};

/// Subscribed to all topics; registered as "hearer", answers get_heard.
class hearer final : public process {
public:
  using process::process;
  struct get_heard {};

  behavior init() override {
    (void)register_as("hearer");
    auto& main = pubsub::system_of(env());
    for (std::uint64_t i = 0; i < chatter_topics; ++i)
      (void)main.subscribe(self(), chatter_topic(i)).value();  // Throws, and the node does not start.
    return handlers([this](const chatter& m) { hear(m); }, [this](const get_heard&) { return told(); });
  }

private:
  struct sums {
    std::uint64_t heard = 0;
    std::uint64_t last = 0;
    std::uint64_t missing = 0;     // Numbers that were jumped over ...
    std::uint64_t disordered = 0;  // ... and those that came again, or later than a greater one.
  };

  void hear(const chatter& m) {
    auto& s = senders_[m.sender];
    ++s.heard;
    if (m.number <= s.last) {
      ++s.disordered;
      return;
    }
    s.missing += m.number - s.last - 1;
    s.last = m.number;
  }
  [[nodiscard]] json told() const {
    auto all = json::object();
    for (const auto& [name, s] : senders_)
      all[name] = {{"heard", s.heard}, {"missing", s.missing}, {"disordered", s.disordered}};
    return all;
  }

  std::map<std::string, sums> senders_;
};

}  // namespace beamline::members
