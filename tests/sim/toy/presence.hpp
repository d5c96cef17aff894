#pragma once

#include "actors/process.hpp"
#include "sim/toy/messages.hpp"

#include <map>
#include <set>
#include <string>

namespace beamline::toy {

/// Who is on which node. Each node tells its own members whenever they change, and everything it knows of the others
/// from time to time, for those who missed something. What is believed of a node goes when that node does, and only a
/// linked run of it is believed at all.
class presence final : public process {
public:
  static constexpr duration gossip_every = 250ms;
  // One more is not noted.
  static constexpr std::size_t members_max = 100;

  using process::process;
  behavior init() override;

private:
  void handle_arrive(const arrive& m);
  void handle_depart(const std::string& member);
  void handle_rolls(const peer_message& m);
  void handle_up(const node_identity& peer);
  void handle_down(const node_identity& peer);
  void adopt(roll r);
  [[nodiscard]] bool is_news(const roll& r) const;
  void change_own();
  void gossip();
  void send(const std::string& node, bool is_all, bool wants_answer);
  void show(const roll& r);

  std::map<std::string, pid> members_;  // Of this node, and whose they are.
  std::map<pid, watch_ref> owners_;
  roll own_;
  std::map<std::string, roll> others_;           // By node.
  std::map<std::string, std::uint64_t> linked_;  // Incarnation, by node.
  std::string text_;                             // Of the event being emitted.
};

}  // namespace beamline::toy
