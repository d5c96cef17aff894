#pragma once

#include "actors/message.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::pubsub {

// A longer name of a topic is refused as `invalid`.
inline constexpr std::size_t topic_octets_max = 255;

/// What becomes of a message after those who are subscribed have it.
enum class topic_class : std::uint8_t {
  fire_and_forget = 0,
  last_value = 1,  // Every node keeps the newest one, and who subscribes later is given it.
  // 2 is for the log: dense offsets, an epoch, history from any offset on.
};

/// A topic: its name, what is sent to it, and how that is kept. Made by a `topic_name` or a `topic_family`, so that a
/// misspelt name, and a message that nobody there expects, do not compile.
template <wire_message M, topic_class Class = topic_class::fire_and_forget>
class topic {
public:
  using message_type = M;
  static constexpr topic_class kind = Class;

  explicit topic(std::string name) : name_{std::move(name)} {}
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  friend bool operator==(const topic&, const topic&) = default;

private:
  std::string name_;
};

/// What things are told apart by in the names of topics.
template <class Key>
concept topic_key = std::integral<Key> || std::convertible_to<const Key&, std::string_view>;

/// `7`, or text in which `:` and `%` are written as `%3A` and `%25`: no key can name a topic of another level.
template <topic_key Key>
[[nodiscard]] std::string topic_segment(const Key& key) {
  if constexpr (std::integral<Key>) {
    return std::to_string(key);
  } else {
    std::string text;
    for (char c : std::string_view{key}) {
      if (c == ':')
        text += "%3A";
      else if (c == '%')
        text += "%25";
      else
        text += c;
    }
    return text;
  }
}

/// One topic of a fixed name.
///
///   inline constexpr topic_name<site_stats, topic_class::last_value> stats_of_site{"stats:site"};
///   main.broadcast(*this, stats_of_site(), site_stats{...});
template <wire_message M, topic_class Class = topic_class::fire_and_forget>
class topic_name {
public:
  consteval explicit topic_name(std::string_view name) : name_{name} {}
  [[nodiscard]] topic<M, Class> operator()() const { return topic<M, Class>{std::string{name_}}; }

private:
  std::string_view name_;
};

/// One topic for each of many things: `workflow:7`.
///
///   inline constexpr topic_family<workflow_changed, std::uint64_t> workflow_topic{"workflow"};
///   main.subscribe(self(), workflow_topic(7));
template <wire_message M, topic_key Key = std::string_view, topic_class Class = topic_class::fire_and_forget>
class topic_family {
public:
  consteval explicit topic_family(std::string_view prefix) : prefix_{prefix} {}
  [[nodiscard]] topic<M, Class> operator()(const Key& key) const {
    return topic<M, Class>{std::string{prefix_} + ":" + topic_segment(key)};
  }

private:
  std::string_view prefix_;
};

/// A level below: `workflow:7:step:2`. Its keys are those of the thing, then its own.
///
///   inline constexpr topic_subfamily<step_changed, std::uint64_t, std::uint32_t> step_topic{"workflow", "step"};
///   main.subscribe(self(), step_topic(7, 2));
template <wire_message M, topic_key Key, topic_key Own, topic_class Class = topic_class::fire_and_forget>
class topic_subfamily {
public:
  consteval topic_subfamily(std::string_view prefix, std::string_view level) : prefix_{prefix}, level_{level} {}
  [[nodiscard]] topic<M, Class> operator()(const Key& key, const Own& own) const {
    return topic<M, Class>{std::string{prefix_} + ":" + topic_segment(key) + ":" + std::string{level_} + ":"
                           + topic_segment(own)};
  }

private:
  std::string_view prefix_;
  std::string_view level_;
};

}  // namespace beamline::pubsub
