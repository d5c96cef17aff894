#pragma once

#include "net/byte_stream.hpp"
#include "net/links.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// Something discovery did or saw that people may want to know of: told once per change, never once per round.
struct discovery_note {
  enum class kind : std::uint8_t {
    found,         // Addresses that are new.
    own,           // An address leads to this node itself (D189).
    absent,        // Addresses that are stale from now on (D191).
    back,          // Stale ones that are in the answers again.
    forgotten,     // Stale ones nobody has named for long.
    trouble,       // An attempt failed, in another way than the last one did.
    reached,       // One succeeded after such trouble.
    expelled,      // A node that is in no answer any more is let go of (strict membership).
    query_fails,   // A source does not answer; whatever it said before holds on.
    query_works,   // It does again.
    query_empty,   // It says that there is nobody.
    query_excess,  // It names more addresses than are taken, or what is no address.
    table_full,    // New addresses are not taken: there are too many.
  };

  kind what{};
  std::string source{};  // Label of the source it is about.
  std::vector<endpoint> at{};
  std::string node{};
  connect_outcome::kind outcome{};  // Of `trouble`.
  std::string detail{};
  duration retry{};       // Of `trouble`: until the next attempt.
  std::size_t count = 0;  // Of what is not in `at`, or was left out.
};

/// `unreachable`, `refused`, ...: for logs, events and people.
[[nodiscard]] std::string_view word_of(connect_outcome::kind k) noexcept;

}  // namespace beamline::net
