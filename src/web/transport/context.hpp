#pragma once

#include "base/log.hpp"
#include "web/options.hpp"
#include "web/router.hpp"
#include "web/server.hpp"
#include "web/transport/inbox.hpp"
#include "web/transport/round.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace beamline::web::transport {

class session;

// One read takes at most this much. The buffer is shared: connections are read when the socket is readable, so
// an idle connection needs none.
inline constexpr std::size_t read_bytes_max = 64 * 1024;

// Reads of one connection in one turn; then the others have theirs.
inline constexpr int reads_per_turn_max = 4;

// The log names a proxy that is not trusted at most once in so long.
inline constexpr duration unnamed_proxy_interval = 1h;

/// What all connections of a server share. Belongs to the server's thread, except for what is atomic or const.
struct context {
  context(web_options o, router r, server_ports p)
      : options{std::move(o)},
        routes{std::move(r)},
        ports{p},
        door{std::make_shared<inbox>(io)},
        rounds{std::make_shared<round>(io)} {}

  const web_options options;
  const router routes;
  const server_ports ports;
  boost::asio::io_context io{1};
  std::shared_ptr<inbox> door;
  std::shared_ptr<round> rounds;

  std::map<std::uint64_t, std::shared_ptr<session>> sessions;  // By age; defines the order of shutdown.
  std::uint64_t last_session_id = 0;
  std::uint64_t last_request_id = 0;
  std::atomic<std::size_t> connection_count{0};
  std::atomic<std::size_t> socket_count{0};
  bool is_draining = false;
  std::function<void()> on_empty;  // Called when the last connection is gone while draining.

  once_per unnamed_proxy_log{unnamed_proxy_interval};
  std::array<char, read_bytes_max> scratch{};

  /// The `date` header's value, made once per second.
  [[nodiscard]] std::string_view date();
  void log_error(std::string_view what, std::string_view where, std::string_view why);

private:
  std::int64_t date_second_ = -1;
  std::string date_;
};

}  // namespace beamline::web::transport
