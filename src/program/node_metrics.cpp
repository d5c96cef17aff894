#include "program/node_metrics.hpp"

#include "actors/events.hpp"
#include "apps/accumulator/events.hpp"
#include "apps/event_horizon/events.hpp"
#include "base/process_metrics.hpp"
#include "base/telemetry_metrics.hpp"
#include "net/discovery/events.hpp"
#include "net/events.hpp"
#include "net/outbox/events.hpp"
#include "net/rpc/events.hpp"
#include "pubsub/events.hpp"
#include "store/events.hpp"
#include "web/events.hpp"

#include <numeric>

namespace beamline::program {

node_metrics::node_metrics(telemetry& events, metrics::registry& into) : registry_{into} {
  auto count = [&]<class E>(const char* name, const char* help, std::initializer_list<std::string_view> labels = {}) {
    handles_.push_back(metrics::count<E>(events, into.counters(name, help, labels)));
  };
  auto observe = [&](auto field, const char* name, const char* help,
                     std::initializer_list<std::string_view> labels = {}) {
    handles_.push_back(metrics::observe(events, field, into.histograms(name, help, metrics::latency_seconds, labels)));
  };

  count.operator()<web::request_done>("beamline_web_requests_total", "Requests answered", {"route", "status"});
  observe(&web::request_done::took, "beamline_web_request_seconds", "Time from a request to its answer", {"route"});
  count.operator()<web::socket_opened>("beamline_web_sockets_opened_total", "WebSockets opened", {"route"});
  count.operator()<web::socket_closed>("beamline_web_sockets_closed_total", "WebSockets closed", {"route", "why"});
  observe(&store::commit_done::took, "beamline_store_commit_seconds", "Time of a group commit until it is on disk");
  count.operator()<store::store_error>("beamline_store_errors_total", "Transactions and reads that failed",
                                       {"operation", "code"});
  count.operator()<store::request_refused>("beamline_store_refused_total", "Requests a full store queue refused");
  count.operator()<store::connected>("beamline_store_connects_total", "Connections made with the database server",
                                     {"role"});
  count.operator()<store::disconnected>("beamline_store_disconnects_total", "Connections lost with the database server",
                                        {"role"});
  count.operator()<process_crashed>("beamline_process_crashes_total",
                                    "Processes that an exception or an ungraceful reason of their own ended", {"kind"});
  count.operator()<message_shed>("beamline_process_messages_shed_total", "Messages that full mailboxes refused",
                                 {"kind"});
  count.operator()<message_unexpected>("beamline_process_messages_unexpected_total", "Messages that no handler takes",
                                       {"kind"});
  count.operator()<net::link_changed>("beamline_net_link_changes_total", "Links that came up or went down",
                                      {"node", "status", "why"});
  count.operator()<net::peer_message_dropped>("beamline_net_messages_dropped_total", "Messages of peers dropped",
                                              {"why"});
  count.operator()<net::lane_overflow>("beamline_net_lane_overflows_total",
                                       "Messages that a full lane towards a peer refused or dropped",
                                       {"node", "lane", "what"});
  count.operator()<net::connect_failed>("beamline_net_connects_failed_total", "Attempts to link that came to nothing",
                                        {"was_dialled_here"});
  observe(&net::discovery_round_done::took, "beamline_discovery_round_seconds", "Time of a round of discovery");
  count.operator()<net::rpc::remote_call_done>("beamline_rpc_calls_total", "Calls to procedures",
                                               {"module", "function", "status"});
  observe(&net::rpc::remote_call_done::took, "beamline_rpc_call_seconds", "Time of a call to a procedure",
          {"module", "function"});
  count.operator()<net::rpc::request_expired>("beamline_rpc_requests_expired_total",
                                              "Requests not executed since nobody waited any more", {"procedure"});
  count.operator()<net::rpc::request_refused>("beamline_rpc_requests_refused_total",
                                              "Requests refused since too many ran and waited", {"procedure"});
  handles_.push_back(metrics::sum(events, &net::outbox::buffer_changed::count,
                                  into.counters("beamline_outbox_events_total", "What became of events", {"action"})));
  observe(&net::outbox::batch_done::took, "beamline_outbox_batch_seconds", "Time until a target answered for a batch",
          {"way"});
  auto& waiting = into.gauge("beamline_outbox_entries", "Entries that wait for their target");
  auto& octets = into.gauge("beamline_outbox_octets", "Octets of them");
  auto& dead = into.gauge("beamline_outbox_dead_letters", "Events that can never be applied");
  handles_.push_back(events.attach<net::outbox::buffer_changed>([&](const net::outbox::buffer_changed& e) {
    waiting.set(static_cast<double>(e.size));
    octets.set(static_cast<double>(e.octets));
    dead.set(static_cast<double>(e.dead));
  }));
  count.operator()<pubsub::broadcast_dropped>("beamline_broadcast_dropped_total",
                                              "Broadcasts that the link to a peer did not take, as it went down; what "
                                              "full lanes drop is in beamline_net_lane_overflows_total",
                                              {"why"});
  count.operator()<pubsub::subscriber_overflow>(
      "beamline_pubsub_overflows_total", "Messages that full mailboxes of subscribers refused", {"system", "policy"});
  count.operator()<pubsub::remote_dropped>("beamline_pubsub_remote_dropped_total", "Broadcasts of peers dropped",
                                           {"system", "why"});
  count.operator()<pubsub::system_mismatch>("beamline_pubsub_mismatches_total",
                                            "Peers without a PubSub system of this node's name, or with another pool",
                                            {"system", "node", "what"});
  count.operator()<pubsub::dispatch_failed>("beamline_pubsub_dispatch_failures_total", "Dispatchers that threw",
                                            {"system", "dispatcher"});
  handles_.push_back(metrics::sum(
      events, &pubsub::values_evicted::count,
      into.counters("beamline_pubsub_values_evicted_total", "Last values forgotten or not kept", {"system"})));
  count.operator()<accumulator::change_applied>("beamline_accumulator_applied_total", "Changes committed");
  count.operator()<accumulator::event_answered>("beamline_accumulator_events_total",
                                                "Events and writing calls answered", {"outcome", "why"});
  handles_.push_back(
      metrics::sum(events, &accumulator::events_lost::count,
                   into.counters("beamline_analytics_lost_total", "Broadcast events that were not counted", {"why"})));
  count.operator()<accumulator::call_refused>("beamline_accumulator_refused_total", "Calls refused",
                                              {"procedure", "code"});
  count.operator()<event_horizon::like_done>("beamline_event_horizon_likes_total", "Likes asked for", {"outcome"});
  count.operator()<event_horizon::comment_done>("beamline_event_horizon_comments_total", "Comments sent", {"outcome"});
  count.operator()<event_horizon::visit_lost>("beamline_event_horizon_visits_lost_total", "Visits that are not counted",
                                              {"why"});
  count.operator()<handler_failed>("beamline_telemetry_handlers_failed_total", "Telemetry handlers that threw");

  collectors_.push_back(metrics::collect_process(into));
}

void node_metrics::watch(process_table& processes) {
  collectors_.push_back(registry_.collect([&processes](metrics::samples& out) {
    out.gauge("beamline_processes", "Processes of this node", static_cast<double>(processes.count()));
  }));
}

void node_metrics::watch(const current<net::links>& links) {
  collectors_.push_back(registry_.collect([&links](metrics::samples& out) {
    std::vector<net::link_stats> all;
    links.with([&](const net::links& l) { all = l.stats(); });
    out.gauge("beamline_net_links", "Peers linked", static_cast<double>(all.size()));
    for (const auto& l : all) {
      const metrics::labels of{{"node", l.peer.identity.name}};
      auto waiting = std::accumulate(l.lanes.waiting_octets.begin(), l.lanes.waiting_octets.end(), std::uint64_t{0});
      out.gauge("beamline_net_waiting_octets", "Octets that wait for a peer", static_cast<double>(waiting), of);
      out.counter("beamline_net_octets_in_total", "Octets from a peer, over all", static_cast<double>(l.wire_octets_in),
                  of);
      out.counter("beamline_net_octets_out_total", "Octets to a peer, over all", static_cast<double>(l.wire_octets_out),
                  of);
      if (l.latency)
        out.gauge("beamline_net_latency_seconds", "Round trip of the last tick",
                  std::chrono::duration<double>(*l.latency).count(), of);
    }
  }));
}

void node_metrics::watch(const current<const web::server>& server) {
  collectors_.push_back(registry_.collect([&server](metrics::samples& out) {
    server.with([&](const web::server& s) {
      out.gauge("beamline_web_connections", "Open connections", static_cast<double>(s.connections()));
      out.gauge("beamline_web_sockets", "Open WebSockets", static_cast<double>(s.sockets()));
    });
  }));
}

}  // namespace beamline::program
