#include "testing/net/node_network.hpp"

#include "base/node_name.hpp"
#include "testing/net/listening_port.hpp"
#include "testing/net/network_core.hpp"
#include "testing/net/simulated_network.hpp"

#include <optional>
#include <utility>

namespace beamline::testing {

namespace {

// What `pick` is fed with while there is no pipe yet.
enum purpose : std::uint64_t { of_knock = 1, of_answer, of_question = 1000 };

bool is_loopback_host(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_any_host(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

}  // namespace

/// Somebody dials.
struct node_network::attempt {
  net::endpoint asked;  // As it was said.
  on_dial done;
  const machine* to = nullptr;
  std::string address{};
  bool is_loopback = false;
  std::uint64_t id = 0;  // Of the connection to be.
  std::uint64_t knocks = 0;
  timer_id gives_up{};
  bool is_over = false;

  [[nodiscard]] error unavailable(const std::string& why) const {
    return {errc::unavailable, "dialling " + to_string(asked) + ": " + why};
  }
};

node_network::node_network(network_core& core, simulated_node& n)
    : core_{core}, on_{n.on()}, incarnation_{n.incarnation()} {}

void node_network::end() {
  *is_ended_ = true;
  for (const auto& under_way : std::exchange(attempts_, {}))
    if (auto a = under_way.lock()) {
      a->is_over = true;  // What is still on its way looks at this first: this object may be gone by then.
      a->done = nullptr;
    }
}

// -- dialling ----------------------------------------------------------------------------
//
//   dialler  ──── knock ────>  system of the other machine: is the port open, is there room?
//            <─── answer ────  refused, or taken: from here on there is a connection (connection.cpp)
//            ──── opened ───>  accepted

void node_network::dial(const net::endpoint& to, duration within, on_dial done) {
  if (is_ended())
    return;
  auto a = std::make_shared<attempt>(attempt{.asked = to, .done = std::move(done)});
  std::erase_if(attempts_, [](const auto& earlier) { return earlier.expired(); });
  attempts_.push_back(a);
  a->gives_up = core_.world.at(
      core_.world.now() + within,
      [this, a, within] { complete(a, a->unavailable("no answer within " + std::to_string(to_ms(within)) + " ms")); },
      incarnation_);
  if (is_loopback_host(to.host)) {
    a->is_loopback = true;
    dial_address(a, address_of(on_.index()));
  } else if (is_ip_address(to.host)) {
    dial_address(a, to.host);
  } else {
    look_up_and_dial(a, to.host);
  }
}

void node_network::look_up_and_dial(const std::shared_ptr<attempt>& a, const std::string& host) {
  resolve(net::dns_record::address, host, [this, a](result<net::name_answer> found) {
    if (a->is_over)
      return;
    if (found)
      dial_address(a, found->front().host);
    else
      complete(a, found.error().in("dialling " + to_string(a->asked)));
  });
}

void node_network::dial_address(const std::shared_ptr<attempt>& a, const std::string& address) {
  auto index = machine_at(address, core_.world.machines());
  if (!index)
    return;  // Nobody has that address: nobody will answer.
  a->to = core_.world.machines()[*index].get();
  a->address = address;
  a->id = core_.next_connection(on_, *a->to);
  knock(a);
}

void node_network::knock(const std::shared_ptr<attempt>& a) {
  auto draw = mix64(core_.seed_of(a->id) + of_knock + ++a->knocks * 64);
  core_.ways.carry(on_.index(), a->to->index(), core_.world.now() + pick(core_.world.weather().latency, draw),
                   [this, a] {
                     if (a->is_over || is_ended())
                       return;
                     core_.world.note(trace_tag("dial"), a->id, a->knocks);
                     auto port = core_.port_at(*a->to, a->asked.port, a->is_loopback);
                     if (!core_.is_powered(*a->to) || (port && !port->has_room()))
                       knock_later(a);
                     else
                       answer(a, port != nullptr);
                   });
}

void node_network::knock_later(const std::shared_ptr<attempt>& a) {
  core_.world.at(core_.world.now() + retransmit_after, [this, a] {
    if (!a->is_over && !is_ended())
      knock(a);
  });
}

void node_network::answer(const std::shared_ptr<attempt>& a, bool is_taken) {
  auto draw = mix64(core_.seed_of(a->id) + of_answer);
  core_.ways.carry(a->to->index(), on_.index(), core_.world.now() + pick(core_.world.weather().latency, draw),
                   [this, a, is_taken] {
                     if (a->is_over || is_ended())
                       return;
                     if (is_taken)
                       connect(a);
                     else
                       complete(a, a->unavailable("refused, nobody listens there"));
                   });
}

void node_network::connect(const std::shared_ptr<attempt>& a) {
  auto c = std::make_shared<connection>(core_, connection::options{
                                                   .id = a->id,
                                                   .from = {&on_, {address_of(on_.index()), core_.free_port(on_)}},
                                                   .to = {a->to, {a->address, a->asked.port}},
                                                   .is_loopback = a->is_loopback,
                                               });
  c->open(incarnation_);
  complete(a, std::unique_ptr<net::byte_stream>{std::make_unique<simulated_stream>(c, connection::dialler)});
}

void node_network::complete(const std::shared_ptr<attempt>& a, result<std::unique_ptr<net::byte_stream>> outcome) {
  if (std::exchange(a->is_over, true))
    return;
  core_.world.forget(a->gives_up);
  auto kept = std::make_shared<result<std::unique_ptr<net::byte_stream>>>(std::move(outcome));
  core_.world.at(
      core_.world.now(), [a, kept] { std::exchange(a->done, nullptr)(std::move(*kept)); }, incarnation_);
}

// -- listening ---------------------------------------------------------------------------

result<std::unique_ptr<net::acceptor>> node_network::listen(const net::endpoint& at) {
  if (is_ended())
    return error{errc::unavailable, "listening at " + to_string(at) + ": the node has ended"};
  auto reach = listening_port::reach::everybody;
  if (is_loopback_host(at.host))
    reach = listening_port::reach::itself;
  else if (at.host == address_of(on_.index()))
    reach = listening_port::reach::others;
  else if (!is_any_host(at.host))
    return error{errc::invalid, "listening at " + to_string(at) + ": that is not an address of " + on_.name()
                                    + "; it has " + address_of(on_.index())};
  auto port = at.port == 0 ? core_.free_port(on_) : at.port;
  if (core_.ports.contains({on_.index(), port}))
    return error{errc::conflict, "listening at " + to_string(at) + ": port " + std::to_string(port) + " of "
                                     + on_.name() + " is taken; choose another one, or 0 for a free one"};
  auto p = std::make_shared<listening_port>(
      core_, listening_port::options{.on = &on_, .incarnation = incarnation_, .at = {at.host, port}, .by = reach});
  core_.ports.emplace(std::pair{on_.index(), port}, p);
  core_.world.note(trace_tag("listen"), incarnation_, port);
  return std::unique_ptr<net::acceptor>{std::make_unique<simulated_acceptor>(std::move(p))};
}

// -- asking for names ----------------------------------------------------------------------

void node_network::resolve(net::dns_record what, const std::string& name, on_answer done) {
  if (is_ended())
    return;
  auto draw = mix64(core_.seed_of((std::uint64_t{on_.index()} << 32) + of_question) + ++questions_ + incarnation_);
  auto one_way = pick(core_.world.weather().latency, draw);
  auto asked = core_.world.now();
  // Whoever answers does so by what holds when the question gets there. It ends with its node.
  core_.world.at(
      asked + one_way,
      [this, what, name, asked, one_way, done = std::move(done)] {
        bool is_out = core_.names.is_out_for(on_.index());
        auto when = is_out ? asked + simulated_network::dns_answer_within : core_.world.now() + one_way;
        auto found =
            is_out ? error{errc::unavailable, "no name server answered the question for \"" + name + "\" within "
                                                  + std::to_string(to_ms(simulated_network::dns_answer_within)) + " ms"}
                   : core_.names.answer(what, name, core_.world.machines());
        core_.world.at(
            when, [done, found = std::move(found)] { done(found); }, incarnation_);
      },
      incarnation_);
}

}  // namespace beamline::testing
