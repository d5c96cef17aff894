#include "pubsub/presence/crdt/entry.hpp"

#include "base/random.hpp"

#include <string_view>

namespace beamline::presence {

namespace {

// FNV-1a, of which the length is part: "ab","c" and "a","bc" differ.
std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  for (char c : text)
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
  return (hash ^ text.size()) * 0x100000001b3ULL;
}

}  // namespace

tracked as_tracked(const held_entry& e) { return {{*e.topic, e.actor, e.key}, e.meta, {*e.owner, e.counter}}; }

bool operator==(const held_entry& a, const held_entry& b) {
  return a.counter == b.counter && a.actor == b.actor && a.key == b.key && *a.topic == *b.topic && *a.meta == *b.meta
      && *a.owner == *b.owner;
}

std::uint64_t digest_of(const held_entry& e) {
  std::uint64_t hash = mix64(0xcbf29ce484222325ULL ^ mix64(e.counter)) ^ mix64(e.actor + 1);
  return mix64(mixed(mixed(mixed(hash, *e.topic), e.key), *e.meta));
}

}  // namespace beamline::presence
