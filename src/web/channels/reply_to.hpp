#pragma once

#include "base/json.hpp"
#include "web/channels/port.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace beamline::web {

/// Answers one message of a client, now or later, at most once: the first answer counts. What nobody answers the client
/// times out, after 10 s by default. Copies are one answer; to be used in the channel's turns. After the channel's end
/// it does nothing.
class reply_to {
public:
  /// Nobody waits for it.
  reply_to() = default;
  reply_to(std::shared_ptr<channels::channel_port> port, channels::channel_id id, const std::optional<std::string>& ref)
      : waiting_{ref ? std::make_shared<waiting>(waiting{std::move(port), id, *ref}) : nullptr} {}

  /// The client expects an answer and has none yet.
  [[nodiscard]] bool is_wanted() const noexcept { return waiting_ && waiting_->port; }

  void ok(const json& response = json::object()) const { send(channels::status_ok, response); }
  void error(const json& response = json::object()) const { send(channels::status_error, response); }
  /// Any status: the client's `receive(status, ...)`.
  void send(std::string_view status, const json& response) const;
  /// Octets, at most 255 of them for the status.
  void send(std::string_view status, const channels::binary_payload& response) const;

private:
  struct waiting {
    std::shared_ptr<channels::channel_port> port;  // Null once answered.
    channels::channel_id id;
    std::string ref;
  };
  std::shared_ptr<waiting> waiting_;
};

}  // namespace beamline::web
