#include "apps/accumulator/rivals.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/accumulator/counter.hpp"
#include "base/log.hpp"
#include "net/rpc/call.hpp"

#include <tuple>
#include <utility>

namespace beamline::accumulator {

namespace {

constexpr duration ask_timeout = std::chrono::seconds{5};
// After a question that got no answer; a link that went down asks anew when it is up again.
constexpr duration ask_pause = std::chrono::seconds{2};

}  // namespace

rivals::rivals(process_context& c) : rivals{c, parts{}} {}
rivals::rivals(process_context& c, parts p) : process{c}, parts_{std::move(p)} {}

behavior rivals::init() {
  if (parts_.counter)
    hold_start();  // Who is ready applies what comes.
  run_after(rivals_first_look, [this] {
    end_first_look();
    admit();
  });
  for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
    look_at(peer);
  return handlers([this](const node_up& m) { look_at(m.peer); }, [this](const node_down& m) { forget(m.peer); });
}

void rivals::end_first_look() {
  if (!std::exchange(is_first_look_over_, true) && parts_.counter)
    confirm_start();
}

/// As far as is known.
void rivals::admit() {
  if (parts_.counter)
    cast(parts_.counter, admit_writes{is_first_look_over_ && unknown_.empty() && !is_over_});
}

void rivals::forget(const peer_info& peer) {
  if (unknown_.erase(peer.connection) > 0)
    admit();
}

void rivals::look_at(const peer_info& peer) {
  if (peer.role != role || is_over_)
    return;
  const auto& own_run = *env().self();
  bool is_earlier =
      std::tie(peer.identity.incarnation, peer.identity.name) < std::tie(own_run.incarnation, own_run.name);
  if (is_earlier && unknown_.insert(peer.connection).second)
    admit();
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
  if (is_over_)
    return;
  if (!must_give_way(self_as, other) && !must_give_way(other, self_as))
    return forget(peer);
  if (!must_give_way(self_as, other)) {
    forget(peer);
    return env().log().warn("accumulator",
                            "another accumulator with a database of its own is linked; it is to give way",
                            {{"node", peer.identity.name}});
  }
  is_over_ = true;
  auto why = "the accumulator " + peer.identity.name
           + " runs already, and this one has another database: with SQLite "
             "there is one accumulator in a cluster. Stop one of them, or give both the same PostgreSQL "
             "(BEAMLINE_DATABASE_URL)";
  end_first_look();  // It has started, and ends normally, or nobody would take that for an end of its application.
  env().log().error("accumulator", "this accumulator gives way", {{"why", std::string_view{why}}});
  stop();
}

}  // namespace beamline::accumulator
