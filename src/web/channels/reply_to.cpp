#include "web/channels/reply_to.hpp"

#include <utility>

namespace beamline::web {

void reply_to::send(std::string_view status, const json& response) const {
  if (is_wanted())
    std::exchange(waiting_->port, nullptr)->reply(waiting_->id, waiting_->ref, status, dump_json(response));
}

void reply_to::send(std::string_view status, const channels::binary_payload& response) const {
  if (is_wanted())
    std::exchange(waiting_->port, nullptr)->reply_binary(waiting_->id, waiting_->ref, status, response.data);
}

}  // namespace beamline::web
