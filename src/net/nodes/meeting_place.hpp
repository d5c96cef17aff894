#pragma once

#include "net/links.hpp"
#include "net/nodes/attempt.hpp"
#include "net/nodes/doorkeeper.hpp"
#include "net/nodes/live_link.hpp"
#include "net/nodes/node_registry.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::net {

/// What `links` is inside: accepts and dials, lets attempts become links and ends them. Everything but `registry`
/// happens on the loop; `links` posts to it.
///
///   attempt ── proven ──> opening link ── ready ──> up (registry) ── lost, disconnect, replaced ──> down
class meeting_place : public std::enable_shared_from_this<meeting_place> {
public:
  meeting_place(node& n, event_loop& loop, byte_network& network, carriers& over, links_options o);
  ~meeting_place();
  meeting_place(const meeting_place&) = delete;
  meeting_place& operator=(const meeting_place&) = delete;

  /// The one thing that is done by whoever starts the links.
  result<void> listen();

  // -- on the loop -------------------------------------------------------------------------

  void begin();
  void close(std::function<void()> finished);
  void connect(const endpoint& to, const expectation& who, links::on_connect tell);
  void disconnect(const std::string& name, std::string_view why, const std::string& detail);
  void ban(const std::string& name, duration lasts);
  void use_keys(keyring keys);
  void on_hints(std::function<void(const std::vector<links::hint>&)> told) { hints_ = std::move(told); }

  // -- on any thread -----------------------------------------------------------------------

  void post(std::function<void(meeting_place&)> fn);
  [[nodiscard]] std::vector<link_stats> stats() const;
  [[nodiscard]] const node_card& card() const noexcept { return card_; }
  [[nodiscard]] std::optional<endpoint> listens_at() const { return listens_at_; }
  [[nodiscard]] node_registry& registry() noexcept { return registry_; }
  [[nodiscard]] environment& env() noexcept { return node_.env(); }

private:
  struct opening_link {
    std::shared_ptr<live_link> link;
    std::uint64_t attempt = 0;
    std::vector<links::on_connect> waiters;
  };
  /// Who dialled and was told that the other node's dial goes on: answered when that one is a link, or in time.
  struct promise {
    std::vector<links::on_connect> waiters;
    connect_outcome otherwise;
    std::unique_ptr<loop_timer> timer;
  };
  struct up_link {
    std::shared_ptr<live_link> link;
    peer_info peer;
    time_point since{};
  };

  void accept();
  void welcome(std::unique_ptr<byte_stream> stream);
  [[nodiscard]] admission& door_of(const std::string& address);
  [[nodiscard]] bool make_room(time_point now);
  [[nodiscard]] std::string object_to_dialling(const endpoint& to) const;
  std::shared_ptr<attempt> make_attempt(attempt::options o);
  [[nodiscard]] verdict judge(std::uint64_t id, const node_card& claimed, verdict said);
  void handle_failed(std::uint64_t id, const connect_outcome& o);
  void handle_proven(std::uint64_t id);
  [[nodiscard]] std::string object_late(const attempt& a) const;
  void over(std::uint64_t id);
  void go_on_all();
  void open_link(const std::shared_ptr<attempt>& from);
  void handle_ready(std::uint64_t connection);
  void handle_lost(std::uint64_t connection, std::string_view why, const std::string& detail);
  void take_down(const std::string& name, std::string_view why, const std::string& detail);
  void end_link(const std::shared_ptr<live_link>& link, std::string_view why, const std::string& detail);
  void drop_opening(std::uint64_t connection, const connect_outcome& o);
  void drop_openings(const std::function<bool(const live_link::options&)>& which, const std::string& why);
  void hear_neighbours(const std::vector<control::neighbour>& known);
  void tell_neighbours(const up_link& to);
  [[nodiscard]] bool join_other(const std::string& name, std::vector<links::on_connect>& waiters,
                                const connect_outcome& otherwise);
  void wait_for_dial_of(const std::string& name, std::vector<links::on_connect>& waiters, const connect_outcome& o);
  void keep_promise(const std::string& name, const connect_outcome& o);
  void note_stranger(const std::string& address, const connect_outcome& o, const std::string& objection);
  void answer(std::vector<links::on_connect>& waiters, const connect_outcome& o);

  node& node_;
  event_loop& loop_;
  byte_network& network_;
  carriers& carriers_;
  links_options options_;
  node_card card_;
  std::optional<endpoint> listens_at_;
  node_registry registry_;
  doorkeeper doorkeeper_;
  admission strangers_;
  admission locals_;  // Those of this very machine: its nodes share an address.
  std::unique_ptr<acceptor> acceptor_;
  loop_timer accept_timer_;
  std::map<std::uint64_t, std::shared_ptr<attempt>> attempts_;
  std::map<std::uint64_t, opening_link> opening_;  // By connection.
  std::map<std::string, up_link> up_;
  std::map<std::string, promise> promises_;                      // By node.
  std::map<std::uint64_t, std::shared_ptr<live_link>> closing_;  // By connection: their goodbyes are on the way.
  std::vector<std::function<void()>> finished_;                  // Who waits for the end of all.
  std::function<void(const std::vector<links::hint>&)> hints_;
  std::uint64_t last_id_ = 0;  // Of attempts and connections here; they only grow.
  bool is_begun_ = false;
  bool is_closed_ = false;
};

}  // namespace beamline::net
