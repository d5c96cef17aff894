#pragma once

// A group_core without a process and without links.

#include "pubsub/groups/group_core.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace beamline::pubsub::groups::test {

inline node_identity_ptr a_node(const std::string& name, std::uint64_t incarnation = 1) {
  return std::make_shared<const node_identity>(node_identity{name, incarnation});
}

inline peer_info a_peer(const std::string& name, std::uint64_t connection = 1, std::uint64_t incarnation = 1) {
  peer_info p;
  p.identity = {name, incarnation};
  p.connection = connection;
  return p;
}

struct sent_message {
  std::string to;
  lane where;
  wire_group_message what;
};

/// A scope without a process: what it sends and tells is kept.
class bench final : public group_port {
public:
  explicit bench(const std::string& name, std::uint64_t run = 1, std::uint64_t incarnation = 1)
      : table{std::make_shared<group_table>(a_node(name, incarnation))}, core{run, table, *this} {}

  bool send(const std::string& node, lane where, const wire_group_message& m) override {
    if (is_full)
      return false;
    sent.push_back({node, where, m});
    return true;
  }
  void changed(const group_change& c) override { changes.push_back(c); }
  void flush_after(duration) override { is_flush_due = true; }
  void complain(const std::string&, const std::string& what) override { complaints.push_back(what); }

  void flush() {
    while (std::exchange(is_flush_due, false)) {
      core.flush();
      if (is_full)
        return;
    }
  }
  template <class M>
  [[nodiscard]] std::vector<M> take() {
    std::vector<M> all;
    for (const auto& s : std::exchange(sent, {}))
      if (const auto* m = std::get_if<M>(&s.what))
        all.push_back(*m);
    return all;
  }

  std::shared_ptr<group_table> table;
  group_core core;
  std::deque<sent_message> sent;
  std::vector<group_change> changes;
  std::vector<std::string> complaints;
  bool is_full = false;
  bool is_flush_due = false;
};

inline std::vector<std::uint64_t> ids_of(const std::vector<pid>& all) {
  std::vector<std::uint64_t> ids;
  for (const auto& p : all)
    ids.push_back(p.id());
  std::sort(ids.begin(), ids.end());
  return ids;
}

inline const node_identity b_identity{"b@sim", 1};

}  // namespace beamline::pubsub::groups::test
