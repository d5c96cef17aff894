#pragma once

// Channels for users: one process per joined topic of one connection, for the npm client `phoenix` as it is.
//
//   class room : public web::channel {
//   public:
//     using channel::channel;
//     web::join_answer join(const std::string& topic, const json& params) override {
//       return find_string(params, "name") ? web::join_answer{web::join_ok{}} : web::join_refused{};
//     }
//     void handle_in(const std::string& event, const payload& p, web::reply_to r) override {
//       if (event != "say")
//         return channel::handle_in(event, p, r);
//       (void)broadcast("said", as_json(p));
//       r.ok();
//     }
//   };
//
// user_socket.hpp puts it on a server. What holds: messages of one client on one topic are handled in the order they
// came, and replies and pushes leave in the order they were made. The process ends with its connection. One that
// throws costs its client a phx_error on that topic, after which the client joins again; nobody else notices.

#include "actors/process.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "web/channels/broadcast.hpp"
#include "web/channels/fast_lane.hpp"
#include "web/channels/reply_to.hpp"

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

namespace beamline::web {

/// What a connection knows of its client; the same for all channels on it.
struct socket_assigns {
  json params = json::object();  // Of the upgrade request's query.
  // What the site remembers of this browser, if the request proves that one of our own pages made it (`_csrf_token`).
  std::optional<json> session{};
  std::string auth_token{};  // Offered with the client's option `authToken`.
  std::any user{};           // What the connect hook found out: whose connection it is.
  std::string id{};          // `disconnect_socket` with it ends the connection; empty: none.
};

/// A channel's answer to who wants to join.
struct join_ok {
  json response = json::object();
};
struct join_refused {
  json response = json{{"reason", "unauthorized"}};
};
/// It is decided later, with `accept_join` or `refuse_join`; the client waits 10 s. Its events wait meanwhile.
struct join_later {};
using join_answer = std::variant<join_ok, join_refused, join_later>;

/// Where a channel belongs. Made by its connection, passed on by constructors.
struct channel_setup {
  struct site {
    std::string route;     // The pattern its topic matched.
    std::string pubsub;    // The system its broadcasts go through; empty: none.
    std::string presence;  // The presence it shows and is shown in.
  };
  std::string topic;
  channels::message_payload params;
  channels::channel_id id = 0;
  std::shared_ptr<channels::channel_port> port;
  std::shared_ptr<const socket_assigns> socket;
  std::shared_ptr<const site> at;
};

/// The base class. All functions run in the channel's own turns; one that throws ends the channel only.
class channel : public process {
public:
  using payload = channels::message_payload;
  using binary = channels::binary_payload;

  channel(process_context& c, channel_setup s) : process{c}, setup_{std::move(s)} {}

  // -- to be overridden -------------------------------------------------------------------------------

  /// Who may join, and what it is told. A throw refuses the join as crashed; the client tries again.
  virtual join_answer join(const std::string& topic, const json& params) = 0;
  /// The client has its answer, and the topic is subscribed to: what is read and pushed from here on misses no
  /// broadcast.
  virtual void joined() {}
  /// An event of the client. The default throws: this channel knows no such event.
  virtual void handle_in(const std::string& event, const payload& p, reply_to r);
  /// An intercepted broadcast on its way to this client: push it, changed or not, or do not.
  virtual void handle_out(const std::string& event, const payload& p) { push(event, p); }
  /// The client reads again: `writable` was false and is true.
  virtual void drained() {}
  /// A channel that had joined ends: `shutdown` "left" or "closed" (the connection), `normal` after `stop_channel`,
  /// else whatever ended it. It may still broadcast. What it throws is logged.
  virtual void closing(const reason& why);
  /// More message types it understands.
  virtual behavior messages() { return {}; }

protected:
  [[nodiscard]] const std::string& topic() const noexcept { return setup_.topic; }
  [[nodiscard]] const socket_assigns& socket() const noexcept { return *setup_.socket; }

  /// Before the join is accepted: these events pass `handle_out` instead of the fast lane. At most 1024 of them wait
  /// for one channel; see `fast_lane`.
  void intercept(std::set<std::string, std::less<>> events);
  /// For `join_later`, once.
  void accept_join(const json& response = json::object());
  void refuse_join(const json& response = json{{"reason", "unauthorized"}});

  /// To this client, once the join is accepted. Throws std::logic_error before, std::invalid_argument for a name that
  /// is empty, longer than 255 octets or the protocol's own (`phx_...`). A client that does not read loses its
  /// connection at `outgoing_bytes_max`: who sends much looks at `writable` and goes on when `drained`.
  void push(const std::string& event, const payload& p);
  [[nodiscard]] bool writable() const { return setup_.port->writable(); }

  /// To all who joined the topic, on all nodes; one encoded frame for all sockets of a node. Errors: `invalid` as for
  /// `push`, `unsupported` (no PubSub system), and those of pubsub::system::broadcast.
  result<void> broadcast(const std::string& event, const payload& p);
  /// The same, but not to this client.
  result<void> broadcast_from(const std::string& event, const payload& p);

  // -- presence: needs a presence on this node that publishes through the dispatcher `channels` --------

  // What fails here is a mistake of the program or a node in trouble, and ends the channel: the client joins again.

  /// Pushes `presence_state`, who is there; from `joined` on, so that no diff is missed. Diffs come by themselves.
  void push_presence_state();
  /// Shows this channel under `key` until it ends or is untracked; calls `tracked`, if any, with its phx_ref. When the
  /// presence ends and is started anew it has forgotten everybody: the channel is then shown again, with the meta it
  /// had last and another ref, as soon as the presence answers; one that stays away for a minute ends the channel.
  void track_presence(const std::string& key, const json& meta, std::function<void(const std::string&)> tracked = {});
  /// Another meta, made from the old one, in the tracker.
  void update_presence(const std::string& key, std::function<json(const json& old)> change,
                       std::function<void(const std::string&)> updated = {});
  void untrack_presence(const std::string& key, std::function<void()> untracked = {});

  /// Ends it; the client gets phx_close and does not join again.
  void stop_channel() { stop(); }

  /// The JSON of an event; throws when it carries octets.
  [[nodiscard]] static const json& as_json(const payload& p);
  /// The other way round.
  [[nodiscard]] static const bytes& as_octets(const payload& p);

private:
  behavior init() final;
  void terminate(const reason& why) final;
  void decide(const join_answer& answer);
  void handle(const channels::channel_event& e);
  void handle(const channels::client_event& e);
  [[nodiscard]] result<pubsub::system*> find_system() const;
  [[noreturn]] void fail_presence(std::string_view doing, const std::string& why) const;
  [[nodiscard]] pid shard() const;
  void watch_presence();
  void show_again_later();
  void show_again();
  void show_again(const pid& shard, const std::string& key, const json& meta);
  template <class M>
  void ask_shard(std::string_view doing, M m, std::function<void(const std::string&)> then);

  channel_setup setup_;
  std::set<std::string, std::less<>> intercepted_;
  std::shared_ptr<channels::fast_lane> lane_;  // Since it is subscribed.
  time_point asked_at_{};
  std::map<std::string, json> shown_;  // By key, the meta.
  watch_ref presence_watch_ = 0;       // While something is shown.
  std::uint32_t shown_again_ = 0;      // Attempts in a row that came to nothing.
  bool is_to_be_shown_again_ = false;
  enum class phase { deciding, joined, refused } phase_ = phase::deciding;
};

}  // namespace beamline::web
