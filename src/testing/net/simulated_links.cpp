#include "testing/net/simulated_links.hpp"

#include "testing/net/direct_carrier.hpp"
#include "testing/net/simulated_loop.hpp"
#include "testing/net/simulated_network.hpp"

#include <utility>

namespace beamline::testing {

net::links_options fast_links() {
  net::links_options o;
  o.keys.current = {"1", "a cookie that all simulated nodes know"};
  o.allow_insecure = true;  // The network between machines is simulated, too.
  o.tick_time = 200ms;
  o.setup_time = 250ms;
  return o;
}

struct simulated_links::parts {
  explicit parts(simulated_node& n) : loop{n}, over{loop} {}
  simulated_loop loop;
  direct_carriers over;
};

simulated_links& simulated_links::start(simulated_node& n, std::vector<std::string> others, simulated_links_options o) {
  auto& made = n.own<simulated_links>(n, std::move(others), std::move(o));
  n.env().use_peers(*made.links_);
  return made;
}

simulated_links::simulated_links(simulated_node& n, std::vector<std::string> others, simulated_links_options o)
    : node_{n}, options_{std::move(o)}, parts_{std::make_unique<parts>(n)} {
  auto l = options_.links;
  l.listen = net::endpoint{"0.0.0.0", options_.port};
  if (options_.advertises)
    l.advertise = to_string(n.world().network().address_of(n.name(), options_.port));
  links_ = net::links::start(n.get(), parts_->loop, n.network(), parts_->over, std::move(l)).value();
  auto& w = n.world();
  w.at(
      w.now() + options_.begin_after,
      [this, all = std::move(others)] {
        links_->begin();
        for (const auto& name : all)
          if (name != node_.name())
            keep_dialling(name);
      },
      n.incarnation());
}

simulated_links::~simulated_links() = default;

bool simulated_links::is_linked_with(std::string_view node) const {
  for (const auto& p : links_->list(node_kinds::all))
    if (p.identity.name == node)
      return true;
  return false;
}

void simulated_links::connect(std::string_view machine, std::shared_ptr<net::connect_outcome> out) {
  auto to = node_.world().network().address_of(machine, options_.port);
  links_->connect(to, {}, [out](const net::connect_outcome& o) {
    if (out)
      *out = o;
  });
}

void simulated_links::keep_dialling(const std::string& name) {
  if (is_closed_)
    return;
  auto again = [this, name] {
    auto& w = node_.world();
    auto jitter = node_.env().random().next() % static_cast<std::uint64_t>(options_.redial.count() / 2 + 1);
    w.at(
        w.now() + options_.redial + duration{static_cast<duration::rep>(jitter)}, [this, name] { keep_dialling(name); },
        node_.incarnation());
  };
  if (is_linked_with(name))
    return again();
  auto to = node_.world().network().address_of(name, options_.port);
  links_->connect(to, {}, [again](const net::connect_outcome&) { again(); });
}

void simulated_links::close() {
  is_closed_ = true;
  links_->close();
}

}  // namespace beamline::testing
