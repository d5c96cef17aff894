#pragma once

// Nodes with the real links over the simulated network, each with a process that writes down what it sees of its peers.

#include "testing/net/simulated_links.hpp"
#include "testing/net/support.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace beamline::testing::test {

struct routed {
  std::int64_t number = 0;
  BEAMLINE_MESSAGE(routed, "test.routed", 1, number)
};
/// Casts a message to a process of another node.
struct pass_on {
  pid to;
  std::int64_t number;
};
/// Sends the next number to everybody who is linked, again and again.
struct send_next {};

/// What one process saw of its peers, in its order.
struct diary {
  std::vector<std::string> lines;
  [[nodiscard]] bool has(const std::string& line) const {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
  [[nodiscard]] std::size_t count(const std::string& line) const {
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
  }
};

class diarist final : public process {
public:
  diarist(process_context& c, diary& to) : process{c}, diary_{to} {}
  behavior init() override {
    env().peers().register_service("diary", self());
    for (const auto& p : env().peers().subscribe_with_snapshot(self()))
      note("up", p.identity);
    return handlers([this](const node_up& e) { note("up", e.peer.identity); },
                    [this](const node_down& e) { note("down", e.peer.identity); },
                    [this](const peer_message& m) { note(m.payload, m.from); },
                    [this](const routed& m) { diary_.lines.push_back("routed " + std::to_string(m.number)); },
                    [this](const pass_on& m) { cast(m.to, routed{m.number}); },
                    [this](const send_next&) {
                      ++next_;
                      for (const auto& p : env().peers().list())
                        (void)env().peers().send(p.identity.name, lane::rpc, "diary", std::to_string(next_));
                      send_after(7ms, send_next{});
                    });
  }

private:
  void note(const std::string& what, const node_identity& who) {
    diary_.lines.push_back(what + " " + who.name + "/" + std::to_string(who.incarnation));
  }

  diary& diary_;
  std::int64_t next_ = 0;
};

struct linked_cluster {
  explicit linked_cluster(testing::world& the_world, std::vector<std::string> of = {"a@sim", "b@sim", "c@sim"},
                          simulated_links_options o = {}, bool dials_by_itself = true)
      : w{the_world}, names{std::move(of)}, options{std::move(o)}, dials{dials_by_itself} {
    for (const auto& name : names)
      start(name);
  }

  simulated_node& start(const std::string& name) {
    auto& n = w.start_node(name);
    links[name] = &simulated_links::start(n, dials ? names : std::vector<std::string>{}, options);
    diaries[name].lines.clear();  // Another run, another diary.
    diarists[name] = n.spawn<diarist>(diaries[name]);
    return n;
  }
  simulated_node& node(const std::string& name) { return *w.find_node(name); }
  [[nodiscard]] bool are_linked(const std::string& a, const std::string& b) {
    return w.find_node(a) != nullptr && w.find_node(b) != nullptr && links[a]->is_linked_with(b)
        && links[b]->is_linked_with(a);
  }
  [[nodiscard]] bool are_all_linked() {
    for (const auto& a : names)
      for (const auto& b : names)
        if (a < b && !are_linked(a, b))
          return false;
    return true;
  }
  [[nodiscard]] std::string id(const std::string& name) {
    return name + "/" + std::to_string(node(name).incarnation());
  }

  testing::world& w;
  std::vector<std::string> names;
  simulated_links_options options;
  bool dials;
  std::map<std::string, simulated_links*> links;
  std::map<std::string, pid> diarists;
  std::map<std::string, diary> diaries;
};

/// Every peer goes up, speaks its numbers in order and without gap, goes down, and so on; runs only get newer.
inline void check_order(const diary& d, std::uint64_t seed) {
  std::map<std::string, bool> is_up;
  std::map<std::string, std::uint64_t> newest, last;
  for (const auto& line : d.lines) {
    auto space = line.find(' ');
    auto slash = line.find('/');
    auto what = line.substr(0, space);
    auto who = line.substr(space + 1, slash - space - 1);
    auto incarnation = std::stoull(line.substr(slash + 1));
    INFO("seed ", seed, ", at ", line);
    if (what == "up") {
      CHECK_FALSE(is_up[who]);
      CHECK(incarnation >= newest[who]);
      newest[who] = incarnation;
      last[who] = 0;
    } else {
      bool is_of_this_run = is_up[who] && incarnation == newest[who];
      CHECK(is_of_this_run);
    }
    is_up[who] = what != "down";
    if (what != "up" && what != "down") {
      auto number = std::stoull(what);
      bool is_next = last[who] == 0 || number == last[who] + 1;
      CHECK(is_next);
      last[who] = number;
    }
  }
}

}  // namespace beamline::testing::test
