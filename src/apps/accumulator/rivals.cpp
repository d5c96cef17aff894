#include "apps/accumulator/rivals.hpp"

#include "apps/accumulator/contracts.hpp"
#include "base/log.hpp"
#include "net/rpc/call.hpp"

namespace beamline::accumulator {

namespace {

constexpr duration ask_timeout = std::chrono::seconds{5};
// After a question that got no answer; a link that went down asks anew when it is up again.
constexpr duration ask_pause = std::chrono::seconds{2};

}  // namespace

behavior rivals::init() {
  for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
    look_at(peer);
  return handlers([this](const node_up& m) { look_at(m.peer); }, [](const node_down&) {});
}

void rivals::look_at(const peer_info& peer) {
  if (peer.role != role || is_over_)
    return;
  // The own counter is asked as well: it knows the database once that is open.
  net::rpc::call<standing>(*this, env().self()->name, get_standing{}, ask_timeout)
      .then([this, peer](const standing& own) { ask(peer, own); },
            [this, peer](const net::rpc::failure&) { look_again(peer); });
}

void rivals::look_again(const peer_info& peer) {
  run_after(ask_pause, [this, connection = peer.connection] {
    for (const auto& linked : env().peers().list())
      if (linked.connection == connection)
        look_at(linked);
  });
}

void rivals::ask(const peer_info& peer, const standing& own) {
  net::rpc::call<standing>(*this, peer.identity.name, get_standing{}, ask_timeout)
      .then([this, peer, own](const standing& theirs) { compare(peer, own, theirs); },
            [this, peer](const net::rpc::failure& f) {
              env().log().debug("accumulator", "another accumulator does not say yet which database it has",
                                {{"node", peer.identity.name}, {"why", to_string(f)}});
              look_again(peer);
            });
}

void rivals::compare(const peer_info& peer, const standing& own, const standing& theirs) {
  auto self_as = contender{env().self()->name, env().self()->incarnation, own};
  auto other = contender{peer.identity.name, peer.identity.incarnation, theirs};
  if (is_over_ || (!must_give_way(self_as, other) && !must_give_way(other, self_as)))
    return;
  if (!must_give_way(self_as, other))
    return env().log().warn("accumulator",
                            "another accumulator with a database of its own is linked; it is to give way",
                            {{"node", peer.identity.name}});
  is_over_ = true;
  auto why = "the accumulator " + peer.identity.name
           + " runs already, and this one has another database: with SQLite "
             "there is one accumulator in a cluster. Stop one of them, or give both the same PostgreSQL "
             "(BEAMLINE_DATABASE_URL)";
  env().log().error("accumulator", "this accumulator gives way", {{"why", std::string_view{why}}});
  stop();
}

}  // namespace beamline::accumulator
