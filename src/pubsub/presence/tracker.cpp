#include "pubsub/presence/tracker.hpp"

#include "actors/process_access.hpp"
#include "pubsub/presence/tracker/limits.hpp"
#include "pubsub/presence/tracker/shard.hpp"
#include "supervision/partition_supervisor.hpp"
#include "supervision/supervisor.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::presence {

namespace {

using supervision::child_spec;

// Restarts of shards that one tracker bears: a fault that comes back at once climbs to the whole tracker.
constexpr int shard_restarts_max = 10;

error wrong(const tracker_options& o, std::string_view field, const std::string& problem) {
  return {errc::invalid, "tracker \"" + o.name + "\": " + std::string{field} + " " + problem};
}

std::string ms(duration d) { return std::to_string(to_ms(d)) + " ms"; }

result<void> check_periods(const tracker_options& o) {
  if (o.broadcast_period <= duration::zero())
    return wrong(o, "broadcast_period", "is " + ms(o.broadcast_period) + ", expected more than nothing");
  if (o.silent_periods_max < 0)
    return wrong(o, "silent_periods_max", "is " + std::to_string(o.silent_periods_max) + ", expected 0 or more");
  if (o.clock_sample_periods < 1)
    return wrong(o, "clock_sample_periods", "is " + std::to_string(o.clock_sample_periods) + ", expected 1 or more");
  if (o.down_period < 2 * o.broadcast_period)
    return wrong(o, "down_period",
                 "is " + ms(o.down_period) + ", expected at least two broadcast_periods, "
                     + ms(2 * o.broadcast_period));
  if (auto idle = (o.silent_periods_max + 2) * o.broadcast_period; o.down_period <= idle)
    return wrong(o, "down_period",
                 "is " + ms(o.down_period) + ", expected more than (silent_periods_max + 2) broadcast_periods, "
                     + ms(idle) + ": an idle replica is heard that seldom");
  if (o.permdown_period <= o.down_period)
    return wrong(o, "permdown_period",
                 "is " + ms(o.permdown_period) + ", expected more than down_period, " + ms(o.down_period));
  if (o.nodedown_grace && *o.nodedown_grace < duration::zero())
    return wrong(o, "nodedown_grace", "is " + ms(*o.nodedown_grace) + ", expected 0 or more, or nothing");
  return {};
}

std::shared_ptr<const trackers::tracker> running(const environment& env, std::string_view tracker) {
  if (auto t = env.get<trackers>().find(tracker))
    return t;
  throw std::logic_error{"no tracker \"" + std::string{tracker} + "\" runs on " + env.self()->name
                         + "; put child_tracker({.name = \"" + std::string{tracker} + "\"}) into its tree"};
}

std::size_t index_of(std::string_view topic, std::size_t shards) {
  return static_cast<std::size_t>(supervision::stable_hash(topic) % shards);
}

/// Puts the tracker on the list of its node before the shards start, and takes it off when it ends. What is tracked
/// survives its crash, and that of the shards; not their crashing again and again, which ends the tracker: then the
/// next one begins with nothing, as what it would go on from may be what they crash of.
class registrar final : public process {
public:
  registrar(process_context& c, std::shared_ptr<const tracker_options> o) : process{c}, tracker_{std::move(o)} {}

private:
  behavior init() override {
    if (auto ok = env().get<trackers>().open(tracker_->name, tracker_->mode, tracker_->shards); !ok)
      return refuse_start(reason::custom(ok.error().message));
    return handlers();
  }
  void terminate(const reason& why) override {
    if (why.is_graceful())
      env().get<trackers>().close(tracker_->name);
  }

  std::shared_ptr<const tracker_options> tracker_;
};

}  // namespace

result<void> check_tracker_options(const tracker_options& o) {
  if (o.name.empty() || o.name.size() > tracker_name_octets_max)
    return wrong(o, "name",
                 "has " + std::to_string(o.name.size()) + " octets, expected 1 to "
                     + std::to_string(tracker_name_octets_max));
  if (o.shards == 0 || o.shards > shards_max)
    return wrong(o, "shards", "is " + std::to_string(o.shards) + ", expected 1 to " + std::to_string(shards_max));
  if (o.entries_max == 0)
    return wrong(o, "entries_max", "is 0, expected 1 or more");
  std::size_t last = 0;
  for (auto size : o.delta_sizes_max) {
    if (size <= last)
      return wrong(o, "delta_sizes_max",
                   "has " + std::to_string(size) + " after " + std::to_string(last) + ", expected sizes that grow");
    last = size;
  }
  return check_periods(o);
}

pid shard_of(const environment& env, std::string_view tracker, std::string_view topic) {
  return {env.self(), shard_name(tracker, index_of(topic, running(env, tracker)->shards.size()))};
}

std::vector<pid> shards_of(const environment& env, std::string_view tracker) {
  std::vector<pid> all;
  for (std::size_t i = 0; i < running(env, tracker)->shards.size(); ++i)
    all.emplace_back(env.self(), shard_name(tracker, i));
  return all;
}

std::vector<tracked> dirty_list(const environment& env, std::string_view tracker, std::string_view topic) {
  auto t = running(env, tracker);
  std::vector<tracked> found;
  auto name = std::string{topic};
  t->shards[index_of(topic, t->shards.size())]->board.read(topic).for_each([&](const board_entry& e) {
    // In mode `count` what stands for all of another node is no entry.
    if (t->mode == tracker_mode::members || e.actor != 0)
      found.push_back({{name, e.actor, e.key}, e.meta, {*e.owner, e.counter}});
  });
  return found;
}

std::uint64_t dirty_count(const environment& env, std::string_view tracker, std::string_view topic) {
  auto t = running(env, tracker);
  return t->shards[index_of(topic, t->shards.size())]->board.count(topic);
}

void untrack_everywhere(process& from, std::string_view tracker, const pid& who) {
  for (const auto& s : shards_of(from.env(), tracker))
    process_access{from}.cast(s, untrack_all{who});
}

child_spec child_tracker(tracker_options o) {
  if (auto ok = check_tracker_options(o); !ok)
    throw std::invalid_argument{ok.error().message};
  auto id = o.name;
  auto shared = std::make_shared<const tracker_options>(std::move(o));
  supervision::partition_spec shards;
  shards.name = "presence_shards:" + id;
  shards.partitions = shared->shards;
  shards.child = supervision::child<shard>("0", shared, std::size_t{0});
  shards.with_arguments = [shared](child_spec& c, std::size_t i) {
    c.start = [shared, i](supervision::starter& by) -> supervision::start_outcome {
      return by.spawn<shard>(shared, i);
    };
    c.name = shard_name(shared->name, i);
    c.park_max = shard_park_max;
  };
  shards.flags.intensity = shard_restarts_max;
  return supervision::child_supervisor(id, {.children = {supervision::child<registrar>("registrations", shared),
                                                         supervision::child_partition_supervisor(std::move(shards))}});
}

}  // namespace beamline::presence
