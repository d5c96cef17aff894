#pragma once

#include "net/events.hpp"
#include "sim/links/events.hpp"
#include "testing/check/evidence.hpp"
#include "testing/check/telemetry_checker.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace beamline::linked {

/// Per sender, receiver and connection what is heard is a prefix of what was said (I7): in order, without gaps, and
/// from the first number on that was said over a connection. A receiver that was born during one may begin anywhere.
class no_gaps final : public testing::telemetry_checker {
public:
  no_gaps() : telemetry_checker{"numbers without gaps"} {}

  void on_start(testing::simulated_node& n) override {
    auto here = n.incarnation();
    listen<net::link_changed>(n, [this, here](const net::link_changed& e) {
      if (e.status == "up")
        ++links_[{here, std::string{e.node}}];
    });
    listen<said>(n, [this, here](const said& e) {
      auto now_over = links_[{here, std::string{e.to}}];
      auto& s = streams_[{here, e.process, e.stream}];
      if (s.over != now_over)
        s.firsts.insert(e.number);
      s.over = now_over;
    });
    listen<looked_out>(n, [this, here](const looked_out& e) { receivers_[{here, e.process}] = {}; });
    listen<status_seen>(n, [this, here](const status_seen& e) {
      auto& r = receivers_[{here, e.process}];
      auto& l = r.links[std::string{e.node}];
      if (e.is_up)
        l = {l.count + 1, {}};
    });
    listen<heard>(n, [this, &n](const heard& e) { check(n, e); });
  }

private:
  struct stream {
    std::uint64_t over = 0;          // Which link of the sender the last number went over.
    std::set<std::uint64_t> firsts;  // Said first over some link.
  };
  using stream_key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;
  struct link {
    std::uint64_t count = 0;                     // This many links with that node it has been told of.
    std::map<stream_key, std::uint64_t> last{};  // Heard over this one.
  };
  struct receiver {
    std::map<std::string, link> links;
    std::map<stream_key, std::uint64_t> last;  // Heard ever.
  };

  void check(testing::simulated_node& n, const heard& e) {
    auto& r = receivers_[{n.incarnation(), e.process}];
    auto& l = r.links[std::string{e.by}];
    stream_key from{e.run, e.speaker, e.stream};
    auto& last = l.last[from];
    auto& ever = r.last[from];
    auto told = who(n, e.process) + " at " + moment(n.world()) + " heard number " + std::to_string(e.number)
              + " of stream " + std::to_string(e.stream) + " of <" + std::string{e.by} + "." + std::to_string(e.speaker)
              + ">";
    if (last != 0 && e.number != last + 1)
      fail(told + " after " + std::to_string(last) + ", over one connection (I7)");
    else if (e.number <= ever)
      fail(told + " after " + std::to_string(ever) + " (I7)");
    else if (last == 0 && l.count > 1 && !streams_[from].firsts.contains(e.number))
      fail(told + " as the first over a connection, over which others were said before it (I7)");
    last = ever = e.number;
  }

  std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> links_;  // Of a run, with a node: how many so far.
  std::map<stream_key, stream> streams_;                                  // Run, process, stream.
  std::map<std::pair<std::uint64_t, std::uint64_t>, receiver> receivers_;
};

}  // namespace beamline::linked
