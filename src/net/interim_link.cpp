#include "net/interim_link.hpp"

#include "actors/process.hpp"
#include "actors/reason_codec.hpp"
#include "actors/system_config.hpp"
#include "base/log.hpp"
#include "base/node_name.hpp"
#include "net/byte_stream.hpp"
#include "net/interim_link_table.hpp"

#include <caf/io/middleman.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace beamline::net {

namespace {

// The middleman gets this long to connect; on loopback it is there or refused at once.
constexpr auto connect_within = 10s;
// A gate that was reached must answer within this time; then it is tried again.
constexpr duration hello_within = 5s;
// More gates than links: those that were refused are watched until they go, too.
constexpr std::size_t watched_max = 2 * link_peers_max;

/// The canonical form of an address of this machine only.
result<std::string> loopback(std::string_view host) {
  if (host == "localhost")
    return std::string{"127.0.0.1"};
  auto canonical = canonical_host(host);
  if (canonical && is_ip_address(*canonical) && (canonical->starts_with("127.") || *canonical == "::1"))
    return canonical;
  return error{errc::invalid, "\"" + std::string{host}
                                  + "\" is not a loopback address; links between machines are not supported yet, use "
                                    "127.0.0.1 or ::1"};
}

result<endpoint> parse_loopback(std::string_view text) {
  auto e = parse_endpoint(text);
  if (!e)
    return e.error();
  auto address = loopback(e->host);
  if (!address)
    return address.error().in("endpoint \"" + std::string{text} + "\"");
  return endpoint{*address, e->port};
}

/// The port is open: now dial.
struct begin_dialing {};

/// The process that peers know. It dials, watches the gates of others, and feeds the table.
class gate final : public process {
public:
  struct options {
    std::vector<endpoint> endpoints;
    duration retry_min;
    duration retry_max;
    std::function<void(const reason&)> ended;
  };

  gate(process_context& c, std::shared_ptr<link_table> table, options o)
      : process{c}, table_{std::move(table)}, options_{std::move(o)} {
    for (auto& e : options_.endpoints)
      dials_.push_back({.to = std::move(e)});
  }

  behavior init() override {
    limit_mailbox(std::numeric_limits<std::int64_t>::max());  // Each peer bounds itself, see `envelope_octets`.
    set_down_handler([this](caf::scheduled_actor*, caf::down_msg& d) {
      watched_.erase(d.source);
      table_->lose(d.source, to_string(reason_from_caf(d.reason)));
      for (auto& one : dials_)
        if (one.gate == d.source)
          forget(one);
      review();
    });
    return handlers([this](const link_envelope& e) { handle_envelope(e); },
                    [this](const begin_dialing&) {
                      for (auto& d : dials_)
                        do_dial(d);
                    });
  }

  void terminate(const reason& why) override {
    table_->close("the node stops");
    watched_.clear();
    dials_.clear();
    if (options_.ended)
      options_.ended(why);
  }

private:
  struct dial {
    endpoint to;
    caf::actor_addr gate{};  // Who answers there, once that is known.
    bool is_connecting = false;
    timer_ref timer = 0;  // Until the next attempt, or until the hello must have come.
    std::uint32_t attempts = 0;
    std::string problem{};  // The last one, logged once.
  };

  void handle_envelope(const link_envelope& e) {
    const auto& from = current_sender();
    if (!from || from->node() == home_system().node() || !watch_gate(from))
      return;
    table_->receive(from, e);
    if (e.where == link_verb)
      review();
  }

  bool watch_gate(const caf::strong_actor_ptr& other) {
    if (watched_.contains(other->address()))
      return true;
    if (watched_.size() >= watched_max)
      return false;
    watched_.insert(other->address());
    caf::event_based_actor::monitor(caf::actor_cast<caf::actor>(other));
    return true;
  }

  [[nodiscard]] bool is_linked(const dial& d) const {
    return table_->gate_at(to_string(d.to)) || (d.gate && table_->is_linked(d.gate));
  }

  void forget(dial& d) {
    d.gate = {};
    stop_timer(d);
  }

  void stop_timer(dial& d) {
    if (d.timer != 0)
      cancel(std::exchange(d.timer, 0));
  }

  /// Dials again where a link has gone, and learns of links that came up, whoever began them.
  void review() {
    for (auto& d : dials_) {
      if (is_linked(d)) {
        stop_timer(d);
        d.attempts = 0;
        d.problem.clear();
      } else if (!d.is_connecting && d.timer == 0) {
        retry(d, {});
      }
    }
  }

  void do_dial(dial& d) {
    d.timer = 0;
    if (is_linked(d))
      return;
    d.is_connecting = true;
    // Asynchronously: the blocking call would hold a scheduler thread.
    request(home_system().middleman().actor_handle(), connect_within, caf::connect_atom_v, d.to.host, d.to.port)
        .then(
            [this, &d](const caf::node_id&, const caf::strong_actor_ptr& other, const std::set<std::string>&) {
              d.is_connecting = false;
              handle_connected(d, other);
            },
            [this, &d](caf::error& e) {
              d.is_connecting = false;
              retry(d, "no answer (" + home_system().render(e) + ")");
            });
  }

  void handle_connected(dial& d, const caf::strong_actor_ptr& other) {
    if (!other)
      return retry(d, "whoever listens there offers no link");
    if (other->node() == home_system().node())
      return retry(d, "that is this node itself; remove it from the endpoints");
    d.gate = other->address();
    if (is_linked(d))
      return review();
    if (!watch_gate(other))
      return retry(d, "too many other gates are known already");
    table_->greet(other);
    stop_timer(d);
    d.timer = run_after(hello_within, [this, &d] {
      d.timer = 0;
      if (!is_linked(d))
        retry(d, "it was reached but did not link");
    });
  }

  void retry(dial& d, const std::string& problem) {
    if (!problem.empty() && problem != d.problem) {
      d.problem = problem;
      env().log().info("net", "peer not reached, trying again", {{"endpoint", to_string(d.to)}, {"why", problem}});
    }
    auto wait = options_.retry_min;
    for (auto n = d.attempts; n > 0 && wait < options_.retry_max; --n)
      wait *= 2;
    wait = std::min(wait, options_.retry_max);
    ++d.attempts;
    auto off = env().random().below(static_cast<std::uint64_t>(wait.count() / 2));
    stop_timer(d);
    d.timer = run_after(wait - duration{static_cast<duration::rep>(off)}, [this, &d] { do_dial(d); });
  }

  std::shared_ptr<link_table> table_;
  options options_;
  std::vector<dial> dials_;  // Fixed after the constructor: handlers refer to its elements.
  std::set<caf::actor_addr> watched_;
};

}  // namespace

void load_middleman(system_config& config) {
  config.load<caf::io::middleman>();
  config.set("middleman.workers", std::size_t{0});  // Two cores: deserializing on the I/O thread is faster.
  // That would open a port on every interface.
  config.set("middleman.enable-automatic-connections", false);
  config.add_message_type<link_envelope>("beamline.link");
}

interim_link::interim_link(node& n, std::shared_ptr<link_table> table, pid gate)
    : node_{n}, table_{std::move(table)}, gate_{std::move(gate)} {}

interim_link::~interim_link() { close(); }

beamline::peers& interim_link::peers() noexcept { return *table_; }

std::shared_ptr<beamline::peers> interim_link::share_peers() const { return table_; }

result<std::unique_ptr<interim_link>> interim_link::start(node& n, options o) {
  auto bind = loopback(o.bind);
  if (!bind)
    return bind.error().in("cluster.bind");
  if (!n.system().has_middleman())
    return error{errc::invalid, "the node cannot link; pass net::load_middleman as its options' configure"};
  gate::options dialing{
      {}, std::max(o.retry_min, duration{1ms}), std::max(o.retry_max, duration{1ms}), std::move(o.ended)};
  for (const auto& text : o.endpoints) {
    auto e = parse_loopback(text);
    if (!e)
      return e.error();
    dialing.endpoints.push_back(std::move(*e));
  }
  auto table = std::make_shared<link_table>(n, o.role);
  std::unique_ptr<interim_link> link{
      new interim_link{n, table, n.spawn_as<gate>({.label = "link gate"}, table, std::move(dialing))}};
  auto own_gate = n.processes().find(link->gate_.id());
  // With reuse a port is free again at once after a crash; two listeners on one port are refused all the same.
  auto port = n.system().middleman().publish(caf::actor_cast<caf::actor>(own_gate), o.port, bind->c_str(), true);
  if (!port)
    return error{errc::conflict, "cluster.port " + std::to_string(o.port) + " on " + *bind + " cannot be opened ("
                                     + n.system().render(port.error())
                                     + "); another program listens there: end it, or set cluster.port to a free port"};
  link->port_ = *port;
  // Also when the gate has ended: the port stays open until then.
  link->unpublish_ = [&n, gate = caf::actor_cast<caf::actor>(own_gate), open = *port] {
    (void)n.system().middleman().unpublish(gate, open);
  };
  link->endpoint_ = to_string(endpoint{*bind, *port});
  n.env().log().info("net", "links are accepted", {{"bind", *bind}, {"port", *port}});
  return link;
}

void interim_link::begin() {
  auto own_gate = node_.processes().find(gate_.id());
  if (is_closed_ || !own_gate)
    return;
  table_->open(std::move(own_gate), endpoint_);
  node_.cast(gate_, begin_dialing{});
}

void interim_link::close() {
  if (is_closed_)
    return;
  is_closed_ = true;
  table_->close("the node stops");
  if (auto unpublish = std::exchange(unpublish_, nullptr))
    unpublish();
  node_.exit(gate_, reason::shutdown());
}

}  // namespace beamline::net
