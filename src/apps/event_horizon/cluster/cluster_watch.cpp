#include "apps/event_horizon/cluster/cluster_watch.hpp"

#include "apps/event_horizon/cluster_calls.hpp"
#include "net/outbox/api.hpp"
#include "net/rpc/call.hpp"
#include "net/rpc/events.hpp"

#include <mutex>
#include <stdexcept>
#include <utility>

namespace beamline::event_horizon {

namespace {

// A neighbour that does not answer within this time is asked again later.
constexpr duration outbox_timeout = 5s;
constexpr duration links_timeout = 3s;
// While nobody watches, a picture for first pages is drawn once in so many looks.
constexpr int looks_between_drawings = 5;

/// What is asked for the page itself says nothing about the cluster's work.
bool is_own_question(const net::rpc::remote_call_done& e) {
  const auto name = std::string{e.module} + "." + std::string{e.function};
  return name == net::get_link_report::message_name || name == net::link_ping::message_name;
}

}  // namespace

/// Written on whichever thread has the outcome of a call.
struct cluster_watch::call_meter {
  void record(time_point now, duration took) {
    const std::scoped_lock lock{mutex};
    window.record(now, took);
  }
  [[nodiscard]] call_window::summary summary(time_point now) {
    const std::scoped_lock lock{mutex};
    return window.of_last_minutes(now);
  }

  std::mutex mutex;
  call_window window;
};

cluster_watch::cluster_watch(process_context& c, parts p)
    : process{c}, parts_{std::move(p)}, started_{now()}, calls_{std::make_shared<call_meter>()} {}

behavior cluster_watch::init() {
  if (auto named = register_as(std::string{cluster_watch_name}); !named)
    throw std::runtime_error{named.error().message};
  for (const auto& peer : env().peers().subscribe_with_snapshot(self()))
    others_.found(peer, now());
  hears_calls_ = env().events().attach<net::rpc::remote_call_done>(
      [meter = calls_, &time = env().time()](const net::rpc::remote_call_done& e) {
        if (!is_own_question(e))
          meter->record(time.now(), e.took);
      });
  look();
  return handlers(
      [this](const node_up& m) {
        others_.up(m.peer, now(), env().time().wall_now());
        looks_until_drawn_ = 0;
      },
      [this](const node_down& m) {
        reports_.erase(m.peer.identity.name);
        others_.down(m.peer, m.why, now(), env().time().wall_now());
        looks_until_drawn_ = 0;
      },
      [this](const watch_cluster& m) -> deferred { return watch_view(m); });
}

void cluster_watch::look() {
  ask_outbox();
  if (!views_.empty())
    ask_links();
  if (!views_.empty() || --looks_until_drawn_ <= 0)
    tell();
  run_after(cluster_look_interval, [this] { look(); });
}

void cluster_watch::ask_outbox() {
  call<net::outbox::status>(net::outbox::outbox_on(env()), net::outbox::get_status{}, outbox_timeout)
      .then(
          [this](const net::outbox::status& s) {
            buffer_ = s;
            if (s.is_ready)
              waiting_.record(now(), s.size);
          },
          [this](const call_error&) { buffer_.reset(); });
}

void cluster_watch::ask_links() {
  ask_links_of(env().self()->name);
  std::size_t asked = 1;
  for (const auto& [name, n] : others_.nodes())
    if (n.is_up && asked++ < measured_nodes_max)
      ask_links_of(name);
}

void cluster_watch::ask_links_of(const std::string& node) {
  if (!asked_.insert(node).second)
    return;
  net::rpc::call<net::link_report>(*this, node, net::get_link_report{}, links_timeout)
      .then(
          [this, node](const net::link_report& r) {
            asked_.erase(node);
            const auto known = others_.nodes().find(node);
            // What is said in the moment of leaving is of no use any more.
            if (node == env().self()->name || (known != others_.nodes().end() && known->second.is_up))
              reports_[node] = {r, now()};
          },
          [this, node](const net::rpc::failure&) { asked_.erase(node); });
}

picture_ref cluster_watch::picture() const {
  return std::make_shared<const cluster_picture>(
      draw({.here = env().self()->name,
            .role = parts_.role,
            .version = parts_.version,
            .remote_prefix = cluster::has_prefix(env()) ? env().get<cluster::owners>().remote_prefix : std::string{},
            .started = started_,
            .others = others_,
            .reports = reports_,
            .buffer = buffer_,
            .waiting = waiting_.points(),
            .calls = calls_->summary(now())},
           now()));
}

void cluster_watch::tell() {
  looks_until_drawn_ = looks_between_drawings;
  auto fresh = picture();
  const auto last = parts_.board->now();
  if (last != nullptr && *last == *fresh)
    return;
  parts_.board->show(fresh);
  const auto m = share(cluster_changed{fresh});
  for (const auto& view : views_)
    cast(view, m);
}

process::deferred cluster_watch::watch_view(const watch_cluster& m) {
  auto to = promise<picture_ref>();
  if (views_.size() >= cluster_views_max && views_.count(m.view) == 0) {
    to.fail(
        reason::custom("busy: " + std::to_string(views_.size()) + " views of the cluster, as many as there may be"));
    return to;
  }
  if (views_.insert(m.view).second)
    watch(m.view, [this, view = m.view](const reason&) { views_.erase(view); });
  if (views_.size() == 1)
    ask_links();  // Nobody did since the last view had gone.
  to.set(picture());
  return to;
}

}  // namespace beamline::event_horizon
