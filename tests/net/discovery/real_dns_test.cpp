// Discovery with a real name server, over real sockets. Only CAF's middleman is left out.

#include "actors/real_node.hpp"
#include "net/discovery/discovery.hpp"
#include "net/tcp/dns_resolver.hpp"
#include "net/tcp/name_server.hpp"
#include "net/tcp/net_thread.hpp"
#include "net/tcp/tcp_network.hpp"
#include "testing/net/direct_carrier.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::net;

namespace {

/// A node with its links and its discovery.
class member {
public:
  member(const std::string& name, const endpoint& at, const std::string& servers, discovery_options o = {})
      : home_{{.name = name}}, over_{loop_} {
    home_.n.env().use_peers(peers_);
    loop_.run([&] {
      names_ = dns_resolver::make(loop_, {.servers = servers, .timeout = 200ms, .tries = 1}).value();
      network_ = std::make_unique<tcp_network>(loop_, *names_, home_.clock, *home_.log);
      links_options l;
      l.role = "host";
      l.listen = at;
      l.keys.current = {"1", "a cookie that all nodes of this test know"};
      l.mesh = mesh_mode::none;
      links_ = links::start(home_.n, loop_, *network_, over_, std::move(l)).value();
      peers_.to = links_.get();
    });
    links_->begin();
    finder_ = home_.n.spawn<discovery>(std::move(o), discovery_ports_of(*links_, *names_, loop_));
  }
  ~member() {
    auto told = std::make_shared<std::promise<void>>();
    auto closed = told->get_future();
    links_->close([told] { told->set_value(); });
    closed.wait();
    CHECK(home_.n.shutdown(5s).is_clean());
    loop_.run([&] {
      links_.reset();
      network_.reset();
      names_.reset();
    });
    loop_.stop();
  }
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  [[nodiscard]] std::uint16_t port() const { return links_->listens_at()->port; }
  [[nodiscard]] std::set<std::string> sees() const {
    std::set<std::string> out;
    for (const auto& p : links_->list(node_kinds::all))
      out.insert(p.identity.name);
    return out;
  }
  [[nodiscard]] discovery_status status() {
    return std::get<discovery_status>(home_.n.call_sync<discovery_status>(finder_, get_discovery_status{}, 10s));
  }
  [[nodiscard]] discovery_refreshed refresh() {
    return std::get<discovery_refreshed>(home_.n.call_sync<discovery_refreshed>(finder_, discovery_refresh{}, 30s));
  }
  void disconnect(const std::string& name) { (void)links_->disconnect(name); }
  template <class Condition>
  [[nodiscard]] bool wait_until(Condition c) const {
    return home_.wait_until(c);
  }

private:
  /// The links exist after the node does.
  struct later final : peers {
    links* to = nullptr;
    result<void> send(std::string_view n, lane l, std::string_view s, bytes p) override {
      return to->send(n, l, s, std::move(p));
    }
    void register_service(std::string s, pid h) override { to->register_service(std::move(s), std::move(h)); }
    result<void> signal(const node_identity& n, std::uint64_t f, bytes e) override {
      return to->signal(n, f, std::move(e));
    }
    [[nodiscard]] std::vector<peer_info> subscribe_with_snapshot(pid s, node_kinds k) override {
      return to->subscribe_with_snapshot(std::move(s), k);
    }
    std::size_t unsubscribe(const pid& s, node_kinds k) override { return to->unsubscribe(s, k); }
    [[nodiscard]] std::vector<peer_info> list(node_kinds k) const override { return to->list(k); }
  };

  later peers_;
  subjects::real_node home_;
  net_thread loop_;
  testing::direct_carriers over_;
  std::unique_ptr<dns_resolver> names_;
  std::unique_ptr<tcp_network> network_;
  std::unique_ptr<links> links_;
  pid finder_;
};

std::string state(const discovery_status& s, const endpoint& at) {
  for (const auto& t : s.targets)
    if (t.endpoint == to_string(at))
      return t.state;
  return "unknown";
}

}  // namespace

TEST_CASE("LC6 nodes behind A, AAAA and SRV records of a real name server are found; losing it loses nobody") {
  member four{"four@test", {"127.0.0.2", 0}, ""};
  const auto port = four.port();
  member six{"six@test", {"::1", port}, ""};
  member service{"service@test", {"127.0.0.3", 0}, ""};
  testing::name_server server{"host-record=all.cluster.test,127.0.0.1\nhost-record=all.cluster.test,127.0.0.2,::1\n"
                              "host-record=behind.cluster.test,127.0.0.3\n"
                              "srv-host=_beamline._tcp.cluster.test,behind.cluster.test,"
                              + std::to_string(service.port()) + ",10,5\n"};
  discovery_options o{
      .queries = {{.name = "all.cluster.test", .role = "host", .port = port},
                  {.name = "_beamline._tcp.cluster.test", .records = {.a = false, .aaaa = false, .srv = true}},
                  {.name = "nobody.cluster.test", .port = port}},
      .interval = 500ms,
  };
  member me{"me@test", {"127.0.0.1", port}, server.address(), o};

  const std::set<std::string> all{"four@test", "service@test", "six@test"};
  CHECK(me.wait_until([&] { return me.sees() == all; }));
  CHECK(four.wait_until([&] { return four.sees() == std::set<std::string>{"me@test"}; }));
  CHECK(me.refresh().failed == 0);
  auto s = me.status();
  CHECK(state(s, {"127.0.0.1", port}) == "own");
  CHECK(state(s, {"127.0.0.2", port}) == "linked");
  CHECK(state(s, {"::1", port}) == "linked");
  CHECK(state(s, {"behind.cluster.test", service.port()}) == "linked");
  CHECK(s.sources.at(2).state == "nobody");

  server.stop();
  CHECK(me.wait_until([&] { return me.status().sources.at(0).state == "failed"; }));
  auto before = me.status().rounds;
  CHECK(me.wait_until([&] { return me.status().rounds > before + 4; }));
  CHECK(me.sees() == all);
  me.disconnect("four@test");  // A known address is dialled without a name server, too.
  CHECK(me.wait_until([&] { return !me.sees().contains("four@test"); }));
  CHECK(me.wait_until([&] { return me.sees() == all; }));
}
