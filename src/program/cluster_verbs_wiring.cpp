#include "program/cluster_verbs_wiring.hpp"

#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "net/discovery/discovery.hpp"
#include "net/link_report.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/json_call.hpp"
#include "net/rpc/server.hpp"
#include "program/broadcast_procedure.hpp"
#include "program/errand.hpp"
#include "pubsub/json_message.hpp"
#include "pubsub/system.hpp"

#include <utility>

namespace beamline::program {

namespace {

namespace rpc = net::rpc;

// What a broadcast that is no JSON is shown as, at most.
constexpr std::size_t message_octets_shown = 200;
// For a process of this node, which answers at once.
constexpr duration local_time = 5s;

error links_are_away() {
  return {errc::unavailable,
          "the links of this node do not run; with cluster.enabled = false it has none, otherwise its "
          "log says why they ended"};
}

error error_of(const rpc::failure& f) {
  auto code = errc::conflict;
  using kind = rpc::rpc_error::kind;
  for (auto [k, c] : {std::pair{kind::noconnection, errc::unavailable},
                      {kind::timeout, errc::timeout},
                      {kind::notsup, errc::unsupported},
                      {kind::badarg, errc::invalid},
                      {kind::system_limit, errc::busy}})
    if (f.is(k))
      code = c;
  return {f.is_undef() ? errc::not_found : code, to_string(f)};
}

error error_of(const call_error& e, std::string_view whom) {
  auto is_away = e.what == call_error::kind::noproc;
  return {e.what == call_error::kind::timeout ? errc::timeout : errc::unavailable,
          "the process " + std::string{whom}
              + (is_away ? " does not run on this node" : " gave no answer: " + to_string(e))};
}

// -- topics --------------------------------------------------------------------------------

json shown_message(const pubsub::json_message& m) {
  if (auto value = parse_json(m.text, {.bytes_max = pubsub::broadcast_octets_max}); value)
    return *value;
  return {{"octets", m.text.size()}, {"shown", printable(m.text, message_octets_shown)}};
}

json shown_message(const caf::type_erased_tuple& other) {
  return {{"message", printable(other.stringify(0), message_octets_shown)}};
}

error no_topics() {
  return {errc::unavailable,
          "the PubSub system \"" + std::string{pubsub::default_system} + "\" does not run on this node"};
}

/// A subscriber for a client of the control socket.
class topic_listener final : public process {
public:
  topic_listener(process_context& c, std::string topic, cluster_verbs_parts::listener who)
      : process{c}, topic_{std::move(topic)}, who_{std::move(who)} {}

  behavior init() override {
    auto* topics = pubsub::find_system(env());
    auto subscribed =
        topics == nullptr ? result<pubsub::subscription_ptr>{no_topics()} : topics->subscribe(self(), topic_);
    if (!subscribed) {
      fail(subscribed.error());
      return {};
    }
    look();
    return handlers([this](const pubsub::json_message& m) { tell(shown_message(m)); });
  }

  bool handle_other(const caf::type_erased_tuple& content) override {
    if (content.size() == 1)
      tell(shown_message(content));
    return content.size() == 1;
  }

private:
  void look() {
    if (!who_.is_wanted())
      return stop();
    if (pubsub::find_system(env()) == nullptr)
      return fail(no_topics());
    run_after(listener_interval, [this] { look(); });
  }

  void tell(const json& shown) {
    if (!who_.told(shown))
      stop();
  }

  void fail(const error& e) {
    who_.failed(e);
    stop();
  }

  std::string topic_;
  cluster_verbs_parts::listener who_;
};

void subscribe(node& n, const std::string& topic, const cluster_verbs_parts::listener& who) {
  try {
    n.spawn<topic_listener>(topic, who);
  } catch (const process_limit_reached& e) {
    who.failed({errc::busy, e.what()});
  }
}

// -- discovery -------------------------------------------------------------------------------

json ms_or_null(const std::optional<duration>& d) { return d ? json(to_ms(*d)) : json(nullptr); }

json status_json(const net::discovery_status& s) {
  auto targets = json::array();
  for (const auto& t : s.targets)
    targets.push_back({{"endpoint", t.endpoint},
                       {"state", t.state},
                       {"node", t.node},
                       {"role", t.role},
                       {"name", t.name},
                       {"sources", t.sources},
                       {"tries", t.tries},
                       {"next_attempt_in_ms", ms_or_null(t.next_attempt_in)},
                       {"last_error", t.last_error}});
  auto sources = json::array();
  for (const auto& q : s.sources)
    sources.push_back({{"label", q.label},
                       {"state", q.state},
                       {"addresses", q.addresses},
                       {"why", q.why},
                       {"age_ms", ms_or_null(q.age)}});
  return {{"targets", std::move(targets)},
          {"sources", std::move(sources)},
          {"rounds", s.rounds},
          {"is_round_under_way", s.is_round_under_way},
          {"next_round_in_ms", to_ms(s.next_round_in)},
          {"attempts", s.attempts},
          {"text", net::to_text(s)}};
}

json refreshed_json(const net::discovery_refreshed& r) {
  return {{"addresses", r.addresses},
          {"added", r.added},
          {"failed", r.failed},
          {"text", grouped(r.addresses) + " addresses are named, " + grouped(r.added) + " of them new; "
                       + grouped(r.failed) + " sources did not answer\n"}};
}

template <class R, class M, class Show, class Done>
void ask_discovery(node& n, duration within, M m, Show show, const Done& done) {
  send_errand(n, done, [=](const process_access& self) {
    auto finish = finishing(self, done);
    self.call<R>(net::discovery_on(self.self().env()), m, within)
        .then([=](const R& r) { finish(result<json>{show(r)}); },
              [=](const call_error& e) { finish(result<json>{error_of(e, "discovery")}); });
  });
}

// -- links -----------------------------------------------------------------------------------

void use_links(cluster_verbs_parts& p, const current<net::links>& links) {
  p.stats = [&links] {
    result<std::vector<net::link_stats>> out{links_are_away()};
    links.with([&](net::links& l) { out = l.stats(); });
    return out;
  };
  p.connect = [&links](const net::endpoint& at, auto done) {
    bool is_there = false;
    links.with([&](net::links& l) {
      is_there = true;
      l.connect(at, {}, [done](const net::connect_outcome& o) { done(o); });
    });
    if (!is_there)
      done(links_are_away());
  };
  p.disconnect = [&links](std::string_view name) {
    result<bool> out{links_are_away()};
    links.with([&](net::links& l) { out = l.disconnect(name); });
    return out;
  };
  p.ban = [&links](std::string_view name, duration lasts) {
    result<void> out{links_are_away()};
    links.with([&](net::links& l) {
      l.ban(name, lasts);
      out = {};
    });
    return out;
  };
}

// -- calls -----------------------------------------------------------------------------------

void use_calls(cluster_verbs_parts& p, node& n) {
  p.ping = [&n](const std::string& name, duration within, auto done) {
    send_errand(n, done, [=](const process_access& self) {
      auto finish = finishing(self, done);
      rpc::call<void>(self.self(), name, net::link_ping{}, within)
          .then([=] { finish(result<void>{}); }, [=](const rpc::failure& f) { finish(result<void>{error_of(f)}); });
    });
  };
  p.call = [&n](const cluster_verbs_parts::procedure_call& c, auto done) {
    send_errand(n, done, [=](const process_access& self) {
      rpc::call_with_json(self.self(), c.node, c.procedure, c.arguments, c.within, finishing(self, done));
    });
  };
  p.procedures = [&n](const std::string& name, duration within, auto done) {
    send_errand(n, done, [=](const process_access& self) {
      rpc::list_procedures(self.self(), name, within, finishing(self, done));
    });
  };
  p.run = [&n](const std::string& name, const far_request& r, duration within, auto done) {
    send_errand(n, done, [=](const process_access& self) {
      auto finish = finishing(self, done);
      rpc::call<far_answer>(self.self(), name, r, within)
          .then([=](const far_answer& a) { finish(result<far_answer>{a}); },
                [=](const rpc::failure& f) { finish(result<far_answer>{error_of(f)}); });
    });
  };
}

void use_topics(cluster_verbs_parts& p, node& n) {
  p.subscribe = [&n](const std::string& topic, const cluster_verbs_parts::listener& who) { subscribe(n, topic, who); };
  p.broadcast = [&n](const std::string& topic, const json& message, auto done) {
    send_errand(n, done, [topic, text = dump_json(message), done](const process_access& self) {
      auto* topics = pubsub::find_system(self.self().env());
      finishing(self, done)(topics == nullptr
                                ? result<void>{no_topics()}
                                : topics->broadcast(self.self(), topic, pubsub::topic_class::fire_and_forget,
                                                    share(pubsub::json_message{text}), {}));
    });
  };
}

}  // namespace

cluster_verbs_parts parts_of(node& n, const current<net::links>& links) {
  cluster_verbs_parts p;
  use_links(p, links);
  use_calls(p, n);
  use_topics(p, n);
  p.discovery = [&n](bool is_refresh, auto done) {
    if (is_refresh)
      ask_discovery<net::discovery_refreshed>(n, discovery_time, net::discovery_refresh{}, refreshed_json, done);
    else
      ask_discovery<net::discovery_status>(n, local_time, net::get_discovery_status{}, status_json, done);
  };
  return p;
}

behavior far_verbs::init() {
  auto run = [&verbs = verbs_](const far_request& r, rpc::call_context& c, const rpc::responder<far_answer>& answer) {
    // The verb may answer on any thread; the responder is of this worker.
    run_for_peer(verbs, r, c.info().deadline, c.resume_with([answer](const far_answer& a) { answer.set(a); }));
  };
  auto runs = rpc::function_procedure<far_request, far_answer>(run, {.concurrency_max = far_verbs_max, .queue_max = 0});
  call<void>(
      rpc::rpc_on(env()),
      rpc::register_procedures{
          {std::move(runs), broadcast_procedure(), net::link_ping_procedure(), net::link_report_procedure()}, self()},
      local_time)
      .then([] {}, [this](const call_error& e) { stop(reason::custom("peers cannot be served: " + to_string(e))); });
  return {};
}

}  // namespace beamline::program
