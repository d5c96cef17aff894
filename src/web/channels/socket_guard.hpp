#pragma once

#include "actors/process.hpp"
#include "web/channels/connection.hpp"

#include <memory>
#include <string>

namespace beamline::web::channels {

/// Closes one connection when its socket id is told to disconnect, with 1001. It ends with the connection, and the
/// connection with it (1012): a client that could not be thrown out must not stay.
class socket_guard final : public process {
public:
  struct setup {
    std::shared_ptr<connection> of;
    std::string id;
    std::string pubsub;
  };
  socket_guard(process_context& c, setup s) : process{c}, setup_{std::move(s)} {}

private:
  behavior init() override;
  void terminate(const reason& why) override;

  setup setup_;
};

}  // namespace beamline::web::channels
