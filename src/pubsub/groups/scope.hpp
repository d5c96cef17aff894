#pragma once

#include "actors/peers.hpp"
#include "actors/process.hpp"
#include "base/log.hpp"
#include "pubsub/groups.hpp"
#include "pubsub/groups/group_core.hpp"
#include "pubsub/groups/group_monitors.hpp"

#include <map>
#include <memory>
#include <string>

namespace beamline::pubsub::groups {

/// The process of one scope on one node, registered as "pg:<scope>"; see groups.hpp for what it answers. It is not
/// started when its name is taken (D90). Spawn after `use_peers`, on a node that was given a `scope_list`.
class scope final : public process, private group_port {
public:
  explicit scope(process_context& c, std::string name = std::string{default_scope});

private:
  behavior init() override;
  void terminate(const reason& why) override;

  deferred handle_join(const groups::join& m);
  deferred handle_leave(const groups::leave& m);
  deferred handle_monitor(const groups::monitor& m);
  deferred handle_monitor_scope(const groups::monitor_scope& m);
  bool handle_demonitor(const groups::demonitor& m);
  void handle_message(const peer_message& m);

  [[nodiscard]] std::string objection_to(const std::string& group, const std::vector<pid>& members) const;
  [[nodiscard]] std::string objection_to_monitor(const pid& who) const;
  void watch_owner(const pid& who);
  void member_ended(std::uint64_t id);

  bool send(const std::string& node, lane where, const wire_group_message& m) override;
  void changed(const group_change& c) override;
  void flush_after(duration d) override;
  void complain(const std::string& node, const std::string& what) override;

  std::string name_;
  std::string service_;
  std::shared_ptr<group_table> table_;
  std::unique_ptr<group_core> core_;
  group_monitors monitors_;
  std::map<std::uint64_t, watch_ref> members_;  // Own ones.
  std::map<pid, watch_ref> owners_;             // Of monitors.
  once_per complaints_{10s};
};

}  // namespace beamline::pubsub::groups
