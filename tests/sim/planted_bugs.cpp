#include "sim/planted_bugs.hpp"

#include "sim/links/links.hpp"
#include "sim/outbox/outbox.hpp"
#include "sim/presence/gathering.hpp"
#include "sim/real/house.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace beamline {

namespace {

planted_bug in_links(std::string_view name, std::string_view where, std::string_view what, std::string_view invariant,
                     planted::bug b) {
  return {name, where, what, invariant, b, planted_bug::scene::links};
}

planted_bug in_gathering(std::string_view name, std::string_view where, std::string_view what,
                         std::string_view invariant, planted::bug b) {
  return {name, where, what, invariant, b, planted_bug::scene::gathering};
}

planted_bug in_outbox(std::string_view name, std::string_view where, std::string_view what, std::string_view invariant,
                      planted::bug b) {
  return {name, where, what, invariant, b, planted_bug::scene::outbox};
}

}  // namespace

const std::vector<planted_bug>& planted_bugs() {
  static const std::vector<planted_bug> all{
      {"timer_after_cancel", "src/actors", "a timer that is due already fires although it was cancelled", "one outcome",
       planted::bug::timer_after_cancel},
      {"late_reply_taken", "src/actors", "after a time-out the late answer is given to the next call", "right answer",
       planted::bug::late_reply_taken},
      {"lost_retry", "src/supervision", "a restart that failed is not tried again", "settles", planted::bug::lost_retry,
       planted_bug::scene::house},
      in_outbox("unsynced_commit", "src/store/sqlite", "a commit does not wait for the disk, and power is lost",
                "exactly-once", planted::bug::unsynced_commit),
      in_outbox("accepted_unsaved", "src/net/outbox", "an event is reported accepted before it is durable",
                "exactly-once", planted::bug::accepted_unsaved),
      in_outbox("row_gone_early", "src/net/outbox", "an entry is removed before its acknowledgement", "exactly-once",
                planted::bug::row_gone_early),
      in_outbox("batch_gone", "src/net/outbox", "the whole batch is removed at any answer", "exactly-once",
                planted::bug::batch_gone),
      in_outbox("drain_stuck", "src/net/outbox", "the drain stays \"syncing\" after a batch that failed", "settles",
                planted::bug::drain_stuck),
      in_outbox("never_again", "src/net/outbox", "no retry timer after a failed batch", "settles",
                planted::bug::never_again),
      in_outbox("queue_overtaken", "src/net/outbox", "an event is sent directly although others of its key wait",
                "in order", planted::bug::queue_overtaken),
      in_outbox("answered_early", "src/apps/accumulator", "an event is acknowledged before its effect is durable",
                "exactly-once", planted::bug::answered_early),
      in_outbox("seen_apart", "src/apps/accumulator", "dedupe row and effect are two transactions", "exactly-once",
                planted::bug::seen_apart),
      in_outbox("older_shown", "src/apps/event_horizon", "older numbers replace newer ones", "numbers only rise",
                planted::bug::older_shown),
      in_links("stale_run_welcome", "src/net/nodes", "an earlier run of a node is let in", "status pairs",
               planted::bug::stale_run_welcome),
      in_links("down_after_up", "src/net/nodes", "node_down is told late, after the node_up of the reconnect",
               "one end per watch", planted::bug::down_after_up),
      in_links("up_after_message", "src/net/nodes", "what a peer sends at once is passed on before its node_up",
               "heard between up and down", planted::bug::up_after_message),
      in_links("down_before_rest", "src/net/nodes", "node_down is told before the ends of calls and watches",
               "one end per watch", planted::bug::down_before_rest),
      in_links("unproven_welcome", "src/net/auth", "the proof in the handshake is not looked at",
               "only who has proven itself", planted::bug::unproven_welcome),
      in_links("lost_call_kept", "src/actors", "calls to a node that is gone wait for their time",
               "one answer per call", planted::bug::lost_call_kept),
      in_links("down_twice", "src/actors", "the loss of a link is told to watches that have fired already",
               "one end per watch", planted::bug::down_twice),
      in_gathering("value_again", "src/pubsub/system", "the last value is told once more after a reconnect",
                   "posts as subscribed", planted::bug::value_again),
      in_gathering("unsubscribed_told", "src/pubsub/system", "who has unsubscribed is still told",
                   "posts as subscribed", planted::bug::unsubscribed_told),
      in_gathering("any_worker", "src/pubsub/system", "what a peer sends goes to any worker, not to that of its sender",
                   "posts in order", planted::bug::any_worker),
      in_gathering("stale_news_taken", "src/pubsub/presence/tracker", "news of an earlier incarnation are accepted",
                   "diffs as listed", planted::bug::stale_news_taken),
      in_gathering("zombies_kept", "src/pubsub/presence/tracker",
                   "members of before a node's restart stay in the others' lists", "settles",
                   planted::bug::zombies_kept),
      in_gathering("grace_ignored", "src/pubsub/presence/tracker", "entries of a node are hidden as its link goes down",
                   "leaves with a cause", planted::bug::grace_ignored),
      in_gathering("hole_not_asked", "src/pubsub/presence/tracker", "what a lost beat told is never asked for",
                   "settles", planted::bug::hole_not_asked),
      in_gathering("hidden_told", "src/pubsub/presence/crdt", "changes of a hidden replica are told twice",
                   "diffs as listed", planted::bug::hidden_told),
  };
  return all;
}

const planted_bug& planted_bug_called(std::string_view name) {
  const auto& all = planted_bugs();
  auto i = std::ranges::find(all, name, &planted_bug::name);
  if (i == all.end())
    throw std::out_of_range{"no planted bug is called \"" + std::string{name} + "\"; see planted_bugs.cpp"};
  return *i;
}

testing::explorer explore_scene(planted_bug::scene s, std::string name) {
  switch (s) {
    case planted_bug::scene::house: return house::explore_house(std::move(name));
    case planted_bug::scene::links: return linked::explore_links(std::move(name));
    case planted_bug::scene::gathering: return gathering::explore_gathering(std::move(name));
    case planted_bug::scene::outbox: return sim_outbox::explore_outbox(std::move(name));
    default: return toy::explore_toy(std::move(name));
  }
}

void with_planted(const planted_bug& b, const std::function<void(testing::explorer)>& campaign) {
  planted::scope on{b.in_src};
  campaign(explore_scene(b.where_to_look, std::string{b.name}));
}

}  // namespace beamline
