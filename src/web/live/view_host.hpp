#pragma once

#include "web/channels/port.hpp"
#include "web/live/join.hpp"
#include "web/live/tokens.hpp"
#include "web/live/view_process.hpp"

#include <memory>

namespace beamline::web::live {

/// The process behind one connected view: mounts it, gives it what the browser and other processes send, and pushes
/// what changes.
///
/// Diffs are pulled: a change marks the view dirty; it is rendered when all that waits in the mailbox has been
/// handled and the socket takes bytes.
class view_host final : public view_process {
public:
  struct setup {
    std::unique_ptr<view> what;
    join_accepted join;
    channels::channel_id channel = 0;
    std::shared_ptr<channels::channel_port> port;
    route_function route;  // Finds paths of this view only.
    const page_tokens* tokens = nullptr;
    hash_key key;
  };

  view_host(process_context& c, setup s);

private:
  behavior init() override;
  void terminate(const reason& why) override;
  bool handle_other(const caf::type_erased_tuple& content) override;
  void changed() override;

  void handle(const channels::channel_event& e);
  void handle(const event& e);
  void handle(const clear_flash& e);
  void handle(const live_patch& e);
  void handle(const components_leaving& e);
  void handle(const components_left& e);
  void answer(std::string response);
  void answer_with_changes();
  void push_changes();
  bool leave_if_asked(bool is_answer);
  [[nodiscard]] std::string diff();

  channels::channel_id channel_;
  std::shared_ptr<channels::channel_port> port_;
  route_function route_;
  const page_tokens& tokens_;
  join_accepted join_;
  tree_memory memory_;
  std::optional<std::string> ref_;  // Of the event being handled, until it is answered.
  bool is_dirty_ = false;
  bool is_flush_queued_ = false;
};

}  // namespace beamline::web::live
