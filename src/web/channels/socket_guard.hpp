#pragma once

#include "actors/process.hpp"
#include "base/result.hpp"
#include "web/channels/connection.hpp"
#include "web/channels/spawner.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::channels {

/// Closes one connection when its socket id is told to disconnect, with 1001; whoever makes it subscribes it to the id.
/// It ends with the connection, and the connection with it (1012): a client that could not be thrown out must not stay.
class socket_guard final : public process {
public:
  socket_guard(process_context& c, std::shared_ptr<connection> of) : process{c}, of_{std::move(of)} {}

private:
  behavior init() override;
  void terminate(const reason& why) override;

  std::shared_ptr<connection> of_;
};

/// Makes the guard of a connection: from its return on `disconnect_socket` with that id reaches it. Errors:
/// `unavailable` (there is no such PubSub system), `busy` (no room for another process), those of
/// pubsub::system::subscribe.
[[nodiscard]] result<void> guard_connection(const std::shared_ptr<connection>& c, const std::string& id,
                                            std::string_view pubsub, node& home, const spawner& processes);

}  // namespace beamline::web::channels
