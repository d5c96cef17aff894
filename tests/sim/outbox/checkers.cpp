#include "sim/outbox/checkers.hpp"

#include "net/outbox/events.hpp"
#include "sim/outbox/events.hpp"
#include "testing/simulated_node.hpp"

#include <algorithm>

namespace beamline::sim_outbox {

namespace {

/// `host/key` of `host/key/number`.
std::string stem(const std::string& token) { return token.substr(0, token.rfind('/')); }

}  // namespace

void in_order::on_start(testing::simulated_node& n) {
  listen<promised>(n, [this](const promised& e) {
    std::string token{e.token};
    promised_[stem(token)].push_back(token);
  });
}

void in_order::at_end(testing::world& w) {
  std::map<std::string, std::vector<std::string>> applied;
  for (const auto& token : book_(w))
    applied[stem(token)].push_back(token);
  for (const auto& p : promised_) {
    const auto& book = applied[p.first];
    auto at = book.begin();
    for (const auto& token : p.second) {
      auto found = std::find(at, book.end(), token);
      if (found != book.end())
        at = found + 1;
      else if (std::find(book.begin(), book.end(), token) != book.end())
        return fail(token + " was applied before what was promised before it (I39)");
    }
  }
}

void bounds_and_rest::on_start(testing::simulated_node& n) {
  auto& h = hosts_[n.name()];
  h = {};
  listen<net::outbox::buffer_changed>(n, [this, &h, name = n.name()](const net::outbox::buffer_changed& e) {
    h.is_loaded = true;
    h.size = e.size;
    h.is_syncing = e.status == "syncing";
    if (e.size > entries_max_)
      fail(name + " holds " + std::to_string(e.size) + " entries (I41)");
  });
  listen<waiting>(n, [&h](const waiting& e) { h.outcomes = e.outcomes; });
}

void bounds_and_rest::on_end(testing::simulated_node& n, testing::node_end how) {
  telemetry_checker::on_end(n, how);
  hosts_.erase(n.name());
}

bool bounds_and_rest::is_at_rest(const std::vector<std::string>& hosts, std::string& why) const {
  for (const auto& name : hosts) {
    auto i = hosts_.find(name);
    if (i == hosts_.end() || !i->second.is_loaded)
      why = name + " has no outbox yet";
    else if (i->second.size > 0)
      why = std::to_string(i->second.size) + " entries wait on " + name;
    else if (i->second.is_syncing)
      why = "the outbox of " + name + " has nothing to send and is syncing";
    else if (i->second.outcomes > 0)
      why = std::to_string(i->second.outcomes) + " outcomes are waited for on " + name;
    else
      continue;
    return false;
  }
  return true;
}

}  // namespace beamline::sim_outbox
