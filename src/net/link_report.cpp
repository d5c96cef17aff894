#include "net/link_report.hpp"

#include "actors/peers.hpp"
#include "net/rpc/call.hpp"

#include <memory>

namespace beamline::net {

namespace {

/// A report that is being made; it is told when all pings have ended.
struct measuring {
  link_report report{};
  std::size_t awaited = 0;
  rpc::responder<link_report> to;
};

void measure(process& self, const rpc::responder<link_report>& answer) {
  auto at = std::make_shared<measuring>(measuring{.to = answer});
  for (const auto& peer : self.env().peers().list())
    if (at->report.links.size() < reported_links_max)
      at->report.links.push_back({peer.identity.name, std::nullopt});
  if (at->report.links.empty())
    return answer.set(at->report);
  at->awaited = at->report.links.size();
  auto& time = self.env().time();
  for (std::size_t i = 0; i < at->report.links.size(); ++i) {
    auto ended = [at] {
      if (--at->awaited == 0)
        at->to.set(at->report);
    };
    rpc::call<void>(self, at->report.links[i].node, link_ping{}, link_ping_time)
        .then(
            [at, i, ended, &time, since = time.now()] {
              at->report.links[i].latency = time.now() - since;
              ended();
            },
            [ended](const rpc::failure&) { ended(); });
  }
}

}  // namespace

rpc::procedure link_ping_procedure() {
  return rpc::function_procedure<link_ping>([](const link_ping&) {});
}

rpc::procedure link_report_procedure() {
  return rpc::function_procedure<get_link_report, link_report>(
      [](const get_link_report&, rpc::call_context& c, const rpc::responder<link_report>& answer) {
        measure(c.self(), answer);
      });
}

}  // namespace beamline::net
