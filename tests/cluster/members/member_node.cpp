#include "member_node.hpp"

#include "chatter.hpp"
#include "crowd.hpp"
#include "net/discovery/discovery.hpp"

#include <future>
#include <stdexcept>
#include <utility>

namespace beamline::members {

namespace {

using namespace supervision;

constexpr duration answer_time = 40s;
constexpr duration start_time = 20s;
// Of an orderly end: leaving, goodbyes, and whatever still runs.
constexpr duration stop_time = 5s;

message_contract contract() {
  message_contract c;
  c.add<chatter>();
  return c;
}

std::unique_ptr<logger> open_log(const clock& time, const std::string& node) {
  log_options o;
  o.format = log_format::json_lines;
  return logger::open(o, time, node).value();
}

net::links_options links_of(const member_settings& s) {
  net::links_options o;
  o.listen = s.listen;
  o.advertise = to_string(s.advertise);
  o.keys.current = {"1", "a cookie for tests, which is long enough"};
  o.tick_time = s.tick;
  return o;
}

/// The last child: when it starts, all others run. It is not needed any longer then.
class start_signal final : public process {
public:
  start_signal(process_context& c, std::shared_ptr<std::promise<void>> to) : process{c}, to_{std::move(to)} {}
  behavior init() override {
    to_->set_value();
    return ignore_start();
  }

private:
  std::shared_ptr<std::promise<void>> to_;
};

child_spec discovery_child(net::machine_links& machine, const member_settings& s) {
  net::discovery_options o;
  o.peers = s.peers;
  o.own = {s.listen, s.advertise};
  // Often: the tests measure what follows a link.
  o.interval = 500ms;
  o.back_off_min = 100ms;
  o.back_off_max = 500ms;
  child_spec c;
  c.id = "discovery";
  c.start = [&machine, o](starter& by) -> start_outcome {
    return by.spawn<net::discovery>(o, net::discovery_ports_of(*machine.get(), machine.names(), machine.thread()));
  };
  return c;
}

}  // namespace

member_node::member_node(const member_settings& s)
    : log_{open_log(clock_, s.name)},
      home_{node::options{
                .name = s.name, .incarnation = s.incarnation, .contract = contract(), .configure = net::load_carriers},
            environment::ports{clock_, random_, *log_, events_, timers_}} {
  home_.env().provide(partitions_);
  home_.env().provide(systems_);
  home_.env().provide(trackers_);
  machine_ = net::machine_links::start(home_, {.links = links_of(s)}).value();
  home_.env().use_peers(*machine_->get());
  auto started = std::make_shared<std::promise<void>>();
  auto all_run = started->get_future();
  auto top = tree(s);
  top.children.push_back(
      child<start_signal>("start signal", std::move(started)).with({.restart = restart_type::temporary}));
  top_ = home_.spawn<supervisor>(std::move(top));
  // Dropped with the tree when that does not start.
  if (all_run.wait_for(start_time) != std::future_status::ready || !top_runs()) {
    end();
    throw std::runtime_error{"the node does not start within " + std::to_string(to_ms(start_time))
                             + " ms; its log tells why"};
  }
  machine_->get()->begin();
}

member_node::~member_node() { end(); }

bool member_node::top_runs() { return home_.processes().is_alive(top_.id()); }

void member_node::end() {
  (void)home_.stop_sync(top_, reason::shutdown(), stop_time);
  machine_->close(stop_time);
  home_.shutdown(stop_time);
  machine_.reset();
}

supervisor_spec member_node::tree(const member_settings& s) {
  supervisor_spec top;
  // Stopped from the last to the first: trackers leave while those they track still live.
  top.children = {pubsub::child_system({}),
                  child<crowd>("crowd"),
                  presence::child_tracker(tracker(s, members_tracker)),
                  presence::child_tracker(tracker(s, counts_tracker)),
                  child<hearer>("hearer"),
                  discovery_child(*machine_, s)};
  return top;
}

presence::tracker_options member_node::tracker(const member_settings& s, std::string_view name) {
  presence::tracker_options o;
  o.name = name;
  o.mode = name == counts_tracker ? presence::tracker_mode::count : presence::tracker_mode::members;
  o.shards = s.shards;
  o.broadcast_period = s.period;
  o.down_period = s.down;
  o.nodedown_grace = s.grace;
  o.leaves_on_shutdown = true;
  if (o.mode == presence::tracker_mode::members)
    o.on_diff = [this](const presence::diff& d) { diffs_.add(d); };
  return o;
}

template <class M>
json member_node::ask(const std::string& whom, M m) {
  auto got = home_.call_sync<json>(pid{home_.identity(), whom}, std::move(m), answer_time);
  if (auto* said = std::get_if<json>(&got))
    return *said;
  return {{"ok", false}, {"error", whom + ": " + to_string(std::get<call_error>(got))}};
}

json member_node::answer(const json& what) {
  const auto* verb = find_string(what, "do");
  const auto* topic = find_string(what, "topic");
  auto name = topic == nullptr ? std::string{} : *topic;
  if (verb == nullptr)
    return {{"ok", false}, {"error", "\"do\" is missing, expected a verb"}};
  if (*verb == "nodes")
    return {{"ok", true}, {"nodes", linked()}};
  if (*verb == "diffs")
    return diffs_.of(name).told();
  if (*verb == "dirty")
    return {{"ok", true},
            {"members", presence::dirty_list(home_.env(), members_tracker, name).size()},
            {"counts", presence::dirty_count(home_.env(), counts_tracker, name)}};
  if (*verb == "heard")
    return {{"ok", true}, {"senders", ask("hearer", hearer::get_heard{})}};
  if (*verb == "counters")
    return counters();
  return ask("crowd", order{what});
}

json member_node::linked() {
  auto all = json::object();
  for (const auto& p : machine_->get()->list(node_kinds::visible))
    all[p.identity.name] = p.identity.incarnation;
  return all;
}

json member_node::counters() {
  auto c = pubsub::system_of(home_.env()).count();
  return {{"ok", true},
          {"subscriptions", c.subscriptions},
          {"broadcasts", c.broadcasts},
          {"received", c.received},
          {"deliveries", c.deliveries},
          {"dropped", c.overflows + c.peer_drops + c.worker_drops + c.unreadable}};
}

}  // namespace beamline::members
