#include "pubsub/presence/presence.hpp"

#include "actors/process_table.hpp"
#include "pubsub/presence/layer/ledger.hpp"
#include "pubsub/presence/layer/publisher.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/tasks/task_supervisor.hpp"

#include <mutex>
#include <stdexcept>
#include <utility>

namespace beamline::presence {

namespace {

using layer::ledger;

/// The ledgers of the nodes that one specification was started on: they outlive the supervisor, so that after its
/// restart subscribers are told what left meanwhile.
class ledgers {
public:
  /// An earlier run of a node takes its ledger along.
  std::shared_ptr<ledger> of(const node_identity& node) {
    std::lock_guard lock{mutex_};
    auto& e = by_node_[node.name];
    if (e.second == nullptr || e.first != node.incarnation)
      e = {node.incarnation, std::make_shared<ledger>()};
    return e.second;
  }

private:
  std::mutex mutex_;
  std::map<std::string, std::pair<std::uint64_t, std::shared_ptr<ledger>>> by_node_;
};

/// What a shard calls in its turn: notes the diff and wakes the publisher, if there is one. A new one looks by itself.
std::function<void(const diff&)> noting(std::shared_ptr<ledger> l, process_table& processes, const tracker_options& o) {
  return [l = std::move(l), &processes, name = layer::publisher_name(o.name),
          is_counting = o.mode == tracker_mode::count, also = o.on_diff](const diff& d) {
    if (is_counting ? l->note_counts(d) : l->note(d))
      if (auto id = processes.whereis(name); id != 0)
        processes.tell(id, layer::changes_noted{});
    if (also)
      also(d);
  };
}

std::string objection_to(const environment& env, const presence_options& o) {
  const auto* s = pubsub::find_system(env, o.pubsub);
  const auto me = "the presence \"" + o.tracker.name + "\" ";
  if (s == nullptr)
    return "badarg: " + me + "broadcasts in the pubsub system \"" + o.pubsub
         + "\", which does not run on this node; start child_system({.name = \"" + o.pubsub + "\"}) before it";
  if (!o.dispatcher.empty() && !s->about().dispatchers.contains(o.dispatcher))
    return "badarg: " + me + "broadcasts by the dispatcher \"" + o.dispatcher + "\", which the pubsub system \""
         + o.pubsub + "\" does not have; give it in system_options::dispatchers";
  return {};
}

}  // namespace

result<void> check_presence_options(const presence_options& o) {
  const auto me = "the presence \"" + o.tracker.name + "\": ";
  if (auto tracker = check_tracker_options(o.tracker); !tracker)
    return tracker;
  if (o.fetch && o.fetch_later)
    return error{errc::invalid, me + "both fetch and fetch_later are given; keep one of them"};
  if (o.fetch_time <= duration{0})
    return error{errc::invalid,
                 me + "fetch_time is " + std::to_string(o.fetch_time.count()) + " ns, it has to be positive"};
  if (o.batch < duration{0})
    return error{errc::invalid, me + "batch is " + std::to_string(o.batch.count()) + " ns, it must not be negative"};
  if (o.tracker.mode == tracker_mode::count && (o.fetch || o.fetch_later || o.handle_metas))
    return error{errc::invalid, me
                                    + "fetch and handle_metas need members, and its tracker is in mode count; use "
                                      "watch_count only, or mode members"};
  return {};
}

pid presence_on(const environment& env, std::string_view name) { return {env.self(), layer::publisher_name(name)}; }

pid fetchers_on(const environment& env, std::string_view name) { return {env.self(), layer::fetchers_name(name)}; }

supervision::child_spec child_presence(presence_options o) {
  if (auto ok = check_presence_options(o); !ok)
    throw std::invalid_argument{ok.error().message};
  auto options = std::make_shared<const presence_options>(std::move(o));
  auto books = std::make_shared<ledgers>();
  const auto& name = options->tracker.name;
  return supervision::child_supervisor(
      "presence:" + name,
      [options,
       books](environment& env) -> std::variant<supervision::supervisor_spec, supervision::start_ignored, reason> {
        using namespace supervision;
        if (auto wrong = objection_to(env, *options); !wrong.empty())
          return reason::custom(std::move(wrong));
        auto l = books->of(*env.self());
        auto tracker = options->tracker;
        const auto publisher_name = layer::publisher_name(tracker.name);
        tracker.on_diff = noting(l, env.processes(), tracker);
        task_supervisor_options fetchers{.name = layer::fetchers_name(tracker.name)};
        // A fetch that hangs is killed; so many of them may be stuck at once before all are given up together.
        fetchers.flags.zombies_max = 2 * layer::fetch_pool::running_max;
        supervisor_spec s;
        // Behind a tracker that was started anew, the publisher compares what it has told with what is there.
        s.flags.strategy = strategy::rest_for_one;
        s.children.push_back(child_tracker(std::move(tracker)));
        s.children.push_back(child_task_supervisor("fetchers", fetchers));
        s.children.push_back(child<layer::publisher>("publisher", options, l)
                                 .with({.name = publisher_name, .park_max = layer::publisher_park_max}));
        return s;
      });
}

}  // namespace beamline::presence
