#include "net/link_report.hpp"

#include <algorithm>
#include <utility>

namespace beamline::net {

rpc::procedure link_report_procedure(std::function<result<std::vector<link_stats>>()> stats) {
  return rpc::function_procedure<get_link_report>([stats = std::move(stats)](const get_link_report&) {
    link_report out;
    if (auto links = stats())
      for (const auto& l : *links)
        if (!l.peer.is_hidden)
          out.links.push_back({l.peer.identity.name, l.latency});
    std::sort(out.links.begin(), out.links.end(),
              [](const reported_link& a, const reported_link& b) { return a.node < b.node; });
    return out;
  });
}

}  // namespace beamline::net
