#include "pubsub/presence/tracker/shard.hpp"

#include "pubsub/presence/events.hpp"
#include "pubsub/presence/tracker/limits.hpp"

#include <algorithm>
#include <utility>

namespace beamline::presence {

namespace {

// A run of a node starts fewer shards than its incarnation lasts microseconds; so versions of a name only grow.
constexpr unsigned starts_bits = 12;

/// Calls a function of the application; what it threw, as text, or nothing.
template <class F>
std::optional<std::string> thrown_by(F&& call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

}  // namespace

std::string shard_name(std::string_view tracker, std::size_t shard) {
  return "presence:" + std::string{tracker} + ":" + std::to_string(shard);
}

shard::shard(process_context& c, std::shared_ptr<const tracker_options> o, std::size_t index)
    : process{c}, tracker_{std::move(o)}, index_{index}, service_{shard_name(tracker_->name, index)} {}

behavior shard::init() {
  auto& list = env().get<trackers>();
  auto mine = list.find(tracker_->name);
  if (mine == nullptr)
    return refuse_start(reason::custom("the tracker " + tracker_->name + " does not run; start it with child_tracker"));
  auto version = (env().self()->incarnation << starts_bits) + list.next_start(tracker_->name);
  auto first = duration{static_cast<duration::rep>(
      env().random().below(static_cast<std::uint64_t>((tracker_->broadcast_period / 4).count()) + 1))};
  core_ = std::make_unique<shard_core>(
      shard_core::options{*tracker_, index_, {env().self()->name, version}, env().self(), first}, mine->shards[index_],
      env().random(), static_cast<shard_port&>(*this), now());
  env().peers().register_service(service_, self());
  core_->start(env().peers().subscribe_with_snapshot(self()), now());
  // Those that have ended meanwhile are told of as any other (D172).
  for (const auto& r : mine->shards[index_]->own.all())
    watch_actor(r.who.actor);
  arm();
  return handlers([this](const presence::track& m) { return answer_to(m); },
                  [this](const presence::update& m) { return answer_to(m); },
                  [this](const presence::untrack& m) { handle_untrack(m); },
                  [this](const untrack_all& m) {
                    if (m.who && !m.who.is_named() && m.who.is_on(*env().self()))
                      forget(m.who.id());
                  },
                  [this](const list_topic& m) { return core_->list(m.topic); },
                  [this](const presence::get_by_key& m) { return core_->by_key(m.topic, m.key); },
                  [this](const count_topic& m) { return topic_count{core_->count(m.topic)}; },
                  [this](const get_shard_status&) { return core_->status(); },
                  [this](const leave_gracefully&) { core_->leave(); },
                  [this](const tracker_info& m) { handle_info(m); }, [this](const peer_message& m) { handle_frame(m); },
                  [this](const node_up& m) {
                    core_->node_up(m.peer, now());
                    arm();
                  },
                  [this](const node_down& m) {
                    core_->node_down(m.peer, now());
                    arm();
                  });
}

void shard::terminate(const reason& why) {
  if (core_ != nullptr && tracker_->leaves_on_shutdown && why.is_graceful())
    core_->leave();
}

// -- who is tracked ---------------------------------------------------------------------------------------

template <class M>
track_answer shard::answer_to(const M& m) {
  auto a = core_->handle(m);
  if (a.ok())
    watch_actor(m.who.id());
  return a;
}

void shard::handle_untrack(const presence::untrack& m) {
  core_->handle(m);
  if (m.who && !core_->has_actor(m.who.id()))
    unwatch_actor(m.who.id());
}

void shard::forget(std::uint64_t actor) {
  core_->forget_actor(actor);
  unwatch_actor(actor);
}

void shard::watch_actor(std::uint64_t actor) {
  if (auto [at, is_new] = watched_.try_emplace(actor); is_new)
    at->second = watch(pid{env().self(), actor}, [this, actor](const reason&) {
      watched_.erase(actor);
      core_->forget_actor(actor);
    });
}

void shard::unwatch_actor(std::uint64_t actor) {
  if (auto w = watched_.extract(actor))
    unwatch(w.mapped());
}

// -- peers and time ---------------------------------------------------------------------------------------

void shard::handle_frame(const peer_message& m) {
  if (auto f = decode_frame(m.payload))
    core_->receive(m.from, *f, now());
  else
    complain(m.from.name, f.error().message);
  arm();
}

void shard::arm() {
  auto next = core_->next_due();
  if (armed_ == next)
    return;
  if (armed_)
    cancel(timer_);
  armed_.reset();
  if (next == time_point::max())
    return;
  armed_ = next;
  timer_ = run_after(std::max(next - now(), duration::zero()), [this] {
    armed_.reset();
    core_->tick(now());
    arm();
  });
}

bool shard::send(const std::string& node, bytes frame) {
  if (is_fenced())
    return false;
  return env().peers().send(node, lane::presence, service_, std::move(frame)).ok();
}

// -- what it tells ----------------------------------------------------------------------------------------

void shard::changed(const diff& d) {
  env().events().emit<tracker_changed>([&] {
    tracker_changed e{tracker_->name, index_, d.size()};
    for (const auto& [topic, t] : d) {
      e.joins += t.joins.size();
      e.leaves += t.leaves.size();
    }
    return e;
  });
  if (!tracker_->on_diff || is_fenced())
    return;
  if (auto what = thrown_by([&] { tracker_->on_diff(d); }))
    callback_failed("on_diff", *what);
}

void shard::handle_info(const tracker_info& m) {
  if (!tracker_->on_info)
    return;
  if (auto what = thrown_by([&] { tracker_->on_info(m.what, *this); }))
    callback_failed("on_info", *what);
}

std::vector<tracked> shard::list(const std::string& topic) const { return core_->list(topic).entries; }

void shard::replica_changed(const replica_id& r, std::string_view to, std::string_view why) {
  env().events().emit(presence::replica_changed{tracker_->name, index_, r.name, r.version, to, why});
  env().log().info("presence", "a replica changed",
                   {{"tracker", tracker_->name}, {"shard", index_}, {"replica", r.name}, {"to", to}, {"why", why}});
}

void shard::transferred(const std::string& node, std::string_view direction, std::size_t octets) {
  env().events().emit(entries_transferred{tracker_->name, index_, node, direction, octets});
}

void shard::mismatch(const std::string& node, const std::string& what) {
  env().events().emit(tracker_mismatch{tracker_->name, index_, node, what});
  env().log().error("presence",
                    "a peer runs another tracker of this name, nothing is exchanged with it; give all nodes "
                    "the same number of shards, mode and release",
                    {{"tracker", tracker_->name}, {"shard", index_}, {"peer", node}, {"what", what}});
}

void shard::complain(const std::string& node, const std::string& what) {
  env().events().emit(peer_frame_dropped{tracker_->name, index_, node, what});
  env().log().write(complaints_, log_level::warn, "presence", "something that a peer sent was dropped",
                    {{"tracker", tracker_->name}, {"shard", index_}, {"peer", node}, {"why", what}});
}

void shard::diverged(const replica_id& r) {
  env().events().emit(replica_diverged{tracker_->name, index_, r.name});
  env().log().error("presence", "what was held of a replica is not what it has; it is fetched anew",
                    {{"tracker", tracker_->name}, {"shard", index_}, {"replica", r.name}});
}

void shard::callback_failed(std::string_view which, const std::string& what) {
  core_->note_callback_failure();
  env().events().emit(tracker_callback_failed{tracker_->name, index_, which, what});
  env().log().write(failures_, log_level::error, "presence", "a function of the application threw",
                    {{"tracker", tracker_->name}, {"shard", index_}, {"function", which}, {"what", what}});
}

}  // namespace beamline::presence
