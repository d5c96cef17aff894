#pragma once

// The processes of a blog on a simulated node, and what stands for their surroundings.

#include "apps/event_horizon/analytics.hpp"
#include "apps/event_horizon/backlog.hpp"
#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/discussions.hpp"
#include "apps/event_horizon/submissions.hpp"
#include "apps/support.hpp"
#include "net/outbox/server.hpp"
#include "net/rpc/server.hpp"
#include "supervision/supervisor.hpp"
#include "testing/disk/simulated_database.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace beamline::test {

/// Stands for the outbox of a node: answers as the test says.
class fake_outbox final : public process {
public:
  struct script {
    // Null: everything is kept. Nothing: no answer.
    std::function<std::optional<net::outbox::outcome>(const net::outbox::event&)> answer{};
    std::vector<net::outbox::event> seen{};
    net::outbox::standing now{};
    std::size_t drained = 0;  // So many of those it has seen wait no more.
    duration delay{};
  };
  fake_outbox(process_context& c, script& s) : process{c}, script_{s} {}

private:
  behavior init() override {
    CHECK(register_as(std::string{net::outbox::outbox_name}));
    return handlers(
        [this](const net::outbox::submit& m) -> deferred {
          auto to = promise<net::outbox::outcome>();
          script_.seen.push_back(m.what);
          run_after(script_.delay, [this, m, to] {
            auto o = script_.answer ? script_.answer(m.what)
                                    : std::optional<net::outbox::outcome>{net::outbox::buffered{m.what.id}};
            if (o)
              to.set(*o);
            else
              kept_.push_back(to);
          });
          return to;
        },
        [this](const net::outbox::is_waiting& m) {
          auto rest = script_.seen.begin() + static_cast<std::ptrdiff_t>(script_.drained);
          return std::any_of(rest, script_.seen.end(), [&](const auto& e) { return e.id == m.entry; });
        },
        [this](const net::outbox::watch_standing& m) {
          watcher_ = m.who;
          return script_.now;
        },
        [this](const net::outbox::standing& m) {
          script_.now = m;
          cast(watcher_, m);
        });
  }

  script& script_;
  pid watcher_;
  std::vector<reply_promise<net::outbox::outcome>> kept_;
};

/// What an outbox says that its target has answered that.
inline net::outbox::outcome applied_with(const accumulator::write_answer& a) { return net::outbox::applied{encode(a)}; }
template <wire_message M>
std::optional<M> payload_of(const net::outbox::event& e) {
  if (e.type != M::message_name)
    return std::nullopt;
  auto m = decode<M>(e.payload);
  return m ? std::optional<M>{std::move(*m)} : std::nullopt;
}

/// As an application has them, in a supervisor's order but without one.
struct blog_processes {
  pid numbers, discussions, submissions, backlog;
};
inline blog_processes start_blog(testing::simulated_node& n, event_horizon::blog& of, const pid& rpc) {
  namespace eh = event_horizon;
  return {n.spawn<eh::analytics>(eh::analytics::parts{of, rpc}),
          n.spawn<eh::discussions>(eh::discussions::parts{of, rpc}),
          n.spawn<eh::submissions>(eh::submissions::parts{of}), n.spawn<eh::backlog>(eh::backlog::parts{of})};
}
/// The same as children.
inline std::vector<supervision::child_spec> blog_children(testing::simulated_node& n, event_horizon::blog& of) {
  namespace eh = event_horizon;
  auto rpc = net::rpc::rpc_on(n.env());
  return {supervision::child<eh::analytics>("numbers", eh::analytics::parts{of, rpc}),
          supervision::child<eh::discussions>("discussions", eh::discussions::parts{of, rpc}),
          supervision::child<eh::submissions>("submissions", eh::submissions::parts{of}),
          supervision::child<eh::backlog>("backlog", eh::backlog::parts{of})};
}

/// Hurries: these stories are long.
inline net::outbox::outbox_options prompt_outbox() {
  net::outbox::outbox_options o;
  o.start_delay_max = 100ms;
  o.retry_min = 500ms;
  o.retry_max = 2s;
  return o;
}

/// The real outbox of a host, on the disk of its machine.
inline supervision::child_spec outbox_child(testing::simulated_node& n,
                                            net::outbox::outbox_options o = prompt_outbox()) {
  namespace ob = net::outbox;
  ob::outbox_parts p{.classes = std::make_shared<const ob::class_table>(event_horizon::cluster::event_classes()),
                     .target_role = std::string{accumulator::role},
                     .own_role = "event_horizon"};
  p.store = n.own<testing::simulated_database>(n).share();
  auto child = supervision::child<ob::server>("outbox", p, o);
  child.name = std::string{ob::outbox_name};
  return child;
}
inline void start_outbox(testing::simulated_node& n, net::outbox::outbox_options o = prompt_outbox()) {
  n.spawn<supervision::supervisor>(
      supervision::supervisor_spec{.flags = {.intensity = 100}, .children = {outbox_child(n, o)}});
  n.world().run();
}

/// All of a host but its links and sockets: joined to them already, without a supervisor.
inline void start_host(testing::simulated_node& n, event_horizon::blog& of) {
  n.env().provide(of);
  auto rpc = n.spawn<net::rpc::server>("event_horizon");
  start_topics(n);
  start_outbox(n);
  start_blog(n, of, rpc);
}

}  // namespace beamline::test
