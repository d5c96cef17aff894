#pragma once

#include "live/load/wire.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace beamline::bench {

/// What the page of a live view says to the client that will connect it.
struct page_facts {
  std::string csrf_token;
  std::string view_id;
  std::string session;
  std::string static_part;
  std::string cookies;  // As they are sent back.
};
/// Throws std::runtime_error, with the status, when the answer is no page of a live view.
[[nodiscard]] page_facts facts_of(const http_answer& page);

/// The upgrade request of the page's connection, and the payload of the view's join.
[[nodiscard]] std::string upgrade_request(const page_facts& p, std::uint16_t port);
[[nodiscard]] std::string join_payload(const page_facts& p, std::string_view url);

}  // namespace beamline::bench
