#pragma once

#include "pubsub/system/entry.hpp"
#include "web/channels/port.hpp"
#include "web/live/join.hpp"
#include "web/live/view_instance.hpp"
#include "web/live/view_site.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace beamline::web::live {

/// The process behind one connected view: mounts it, gives it what the browser and other processes send, and pushes
/// what changes.
///
///   connection --channel_event, channel_drained--> +-----------+ --join_ok, reply, push--> connection
///   others -----messages, signals, updates-------> | view_host | <--> view_instance: the view, its components
///                                                  +-----------+
///
/// Diffs are pulled: a change marks the view dirty; it is rendered once, when all that waits in the mailbox has been
/// handled and the socket takes bytes. Until then changes merge in the view's state and cost nothing; what cannot merge
/// is bounded: a view that has more than view_instance::waiting_octets_max of events and stream changes waiting, for a
/// browser that does not read for `patience`, is ended, to be mounted anew when the browser reads again; and one that
/// has more events than view_instance::pending_events_max, at once. (That many in one turn are no browser's fault:
/// push_event throws.) Replies to the browser's own events are not held back: it has at most
/// channels::connection::unhandled_events_max of them.
///
/// What it ends with: `normal` when it sent the browser elsewhere; `shutdown` "left" or "closed" by its connection,
/// "parent ended" for a nested one, "view crashed: ..." when its code threw (one report, view_crash.hpp), "overrun".
class view_host final : public process, private view_owner {
public:
  // A browser that takes nothing for a moment, while much is sent to it at once, is none that does not read.
  static constexpr duration patience = std::chrono::seconds{2};

  struct setup {
    std::unique_ptr<view> what;
    connected_site site;
    join_accepted join;
    channels::channel_id channel = 0;
    std::shared_ptr<channels::channel_port> port;
    route_function route{};  // Finds URLs of this view only.
    hash_key key{};
  };

  view_host(process_context& c, setup s);

private:
  behavior init() override;
  void terminate(const reason& why) override;
  bool handle_other(const caf::type_erased_tuple& content) override;

  void view_ran() override;
  void view_threw(std::string during, const std::exception_ptr& thrown) override;
  void patch_root(patch_to target) override;
  [[nodiscard]] bool is_browser_reading() const override { return port_->writable(); }

  void join();
  void join_elsewhere(navigation target);
  void handle(const channels::channel_event& e);
  void handle(const event& e);
  void handle(const clear_flash& e);
  void handle(const live_patch& e);
  void handle(const components_leaving& e);
  void handle(const components_left& e);
  void handle(const pubsub::signalled& s);
  void answer(std::string response);
  void answer_with_changes();
  void flush();
  void push_changes();
  bool leave_if_asked(bool is_answer);
  void watch_budget();
  void give_up();
  [[nodiscard]] safe_html place_nested(const nested_view_spec& spec);
  [[nodiscard]] std::string flash_token() const;
  [[nodiscard]] view_instance::setup instance_setup(setup& s);

  /// Runs `fn`; `during()` says what it was when it throws.
  template <class During, class F>
  void guarded(During during, F fn) {
    try {
      fn();
    } catch (...) {
      view_threw(std::string{during()}, std::current_exception());
    }
  }

  channels::channel_id channel_;
  std::shared_ptr<channels::channel_port> port_;
  connected_site site_;
  std::unique_ptr<join_accepted> join_;  // Until it is answered.
  std::string view_id_;
  bool is_sticky_;  // A root without a URL of its own.
  std::unique_ptr<nested_places> nested_;
  view_instance instance_;
  std::optional<std::string> ref_;  // Of the event being handled, until it is answered.
  bool is_flush_queued_ = false;
  bool is_losing_patience_ = false;  // It is over its budget, and the time runs.
  bool is_over_ = false;             // It has told its browser to go elsewhere, or failed, or its parent has ended.
  bool is_crashed_ = false;          // Its browser is to mount it anew.
};

}  // namespace beamline::web::live
