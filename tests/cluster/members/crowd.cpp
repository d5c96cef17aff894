#include "crowd.hpp"

#include "chatter.hpp"
#include "diff_ledger.hpp"
#include "pubsub/presence/tracker.hpp"

#include <set>
#include <utility>

namespace beamline::members {

namespace {

constexpr duration call_time = 20s;
constexpr int attempts_max = 20;
constexpr duration retry_after = 50ms;

class bystander final : public process {
public:
  using process::process;
  behavior init() override { return handlers(); }
};

json failed(std::string why) { return {{"ok", false}, {"error", std::move(why)}}; }

std::string text_of(const json& what, std::string_view key) {
  const auto* text = find_string(what, key);
  return text == nullptr ? std::string{} : *text;
}

std::string what_was_wrong(const presence::track_answer& a) { return a.ok() ? "" : "refused: " + a.detail; }

json told(const presence::shard_status& s) {
  auto replicas = json::object();
  for (const auto& r : s.replicas)
    replicas[r.id.name] = r.is_being_met ? "being met" : r.is_up ? "up" : "down";
  return {{"replicas", replicas},
          {"own", s.own},
          {"entries", s.entries},
          {"clouds", s.clouds},
          {"requests", s.counters.requests},
          {"served", s.counters.transfers_served},
          {"merged", s.counters.transfers_merged},
          {"shown_early", s.counters.shown_early},
          {"divergences", s.counters.divergences},
          {"callback_failures", s.counters.callback_failures}};
}

}  // namespace

void crowd::job::done(const std::string& wrong) {
  if (failure.empty())
    failure = wrong;
  if (--waits_for > 0)
    return;
  if (!failure.empty())
    return to.set(failed(failure));
  said["ok"] = true;
  to.set(said);
}

behavior crowd::init() {
  (void)register_as("crowd");
  return handlers([this](const order& o) { return obey(o.what); });
}

void crowd::terminate(const reason&) {
  for (const auto& who : everybody_)
    exit(who, reason::shutdown());
}

process::deferred crowd::obey(const json& what) {
  static const std::map<std::string, handler, std::less<>> verbs{
      {"track", &crowd::track}, {"update", &crowd::update}, {"untrack", &crowd::untrack}, {"kill", &crowd::kill},
      {"list", &crowd::list},   {"count", &crowd::count},   {"shards", &crowd::shards},   {"talk", &crowd::talk}};
  auto to = promise<json>();
  auto verb = verbs.find(text_of(what, "do"));
  if (verb == verbs.end())
    to.set(failed("\"do\" is \"" + text_of(what, "do")
                  + "\", expected track, update, untrack, kill, list, count, shards or talk"));
  else if (auto n = find_int(what, "count").value_or(1); n < 1 || n > crowd_order_max)
    to.set(failed("\"count\" is " + std::to_string(n) + ", expected 1 to " + std::to_string(crowd_order_max)));
  else
    (this->*verb->second)(what, to);
  return to;
}

void crowd::track(const json& what, const answer& to) {
  auto topic = text_of(what, "topic");
  auto prefix = text_of(what, "prefix");
  auto n = find_int(what, "count").value_or(1);
  auto keys = find_int(what, "keys").value_or(n);
  if (keys < 1 || topic.empty())
    return to.set(failed("\"keys\" or \"topic\" is missing or wrong"));
  auto kills = find_bool(what, "kill_shards").value_or(false);
  auto of = std::make_shared<job>(job{to, static_cast<std::size_t>(n) * 2});
  for (std::int64_t i = 0; i < n; ++i) {
    auto& m = topics_[topic].emplace_back(member{spawn<bystander>(), prefix + std::to_string(i % keys)});
    everybody_.push_back(m.who);
    for (auto tracker : {members_tracker, counts_tracker})
      track_in(tracker, topic, m, of, 1);
    if (kills && i == n / 2)
      kill_shards();
  }
}

// A shard that is killed takes with it what it was asked and has not answered: then it is unknown what happened.
void crowd::track_in(std::string_view tracker, const std::string& topic, const member& m,
                     const std::shared_ptr<job>& of, int attempt) {
  call<presence::track_answer>(presence::shard_of(env(), tracker, topic),
                               presence::track{topic, m.key, json{{"seat", m.who.id()}}, m.who}, call_time)
      .then(
          [of, attempt](const presence::track_answer& a) {
            auto is_repeated = attempt > 1 && a.what == presence::track_answer::kind::already_tracked;
            of->done(is_repeated ? "" : what_was_wrong(a));
          },
          [=, this](const call_error& e) {
            if (attempt == attempts_max)
              return of->done("track: " + to_string(e));
            run_after(retry_after, [=, this] { track_in(tracker, topic, m, of, attempt + 1); });
          });
}

void crowd::kill_shards() {
  for (auto tracker : {members_tracker, counts_tracker})
    for (const auto& shard : presence::shards_of(env(), tracker))
      exit(shard, reason::kill());
}

void crowd::update(const json& what, const answer& to) {
  auto topic = text_of(what, "topic");
  auto whom = newest(what, true);
  auto of = std::make_shared<job>(job{to, whom.size() + 1});
  for (const auto& m : whom) {
    auto change = [number = ++updates_](const json& old) {
      auto next = old;
      next["version"] = number;
      return next;
    };
    call<presence::track_answer>(presence::shard_of(env(), members_tracker, topic),
                                 presence::update{topic, m.key, change, m.who}, call_time)
        .then([of](const presence::track_answer& a) { of->done(what_was_wrong(a)); },
              [of](const call_error& e) { of->done("update: " + to_string(e)); });
  }
  of->done();
}

void crowd::untrack(const json& what, const answer& to) {
  auto topic = text_of(what, "topic");
  for (const auto& m : newest(what, false))
    for (auto tracker : {members_tracker, counts_tracker})
      cast(presence::shard_of(env(), tracker, topic), presence::untrack{topic, m.key, m.who});
  count(what, to);  // Answered behind them.
}

void crowd::kill(const json& what, const answer& to) {
  for (const auto& m : newest(what, false))
    exit(m.who, reason::kill());
  to.set(json{{"ok", true}});
}

std::vector<crowd::member> crowd::newest(const json& what, bool stay) {
  auto& all = topics_[text_of(what, "topic")];
  auto n = std::min(all.size(), static_cast<std::size_t>(find_int(what, "count").value_or(1)));
  std::vector<member> last(all.end() - static_cast<std::ptrdiff_t>(n), all.end());
  if (!stay)
    all.resize(all.size() - n);
  return last;
}

void crowd::list(const json& what, const answer& to) {
  auto topic = text_of(what, "topic");
  call<presence::listing>(presence::shard_of(env(), members_tracker, topic), presence::list_topic{topic}, call_time)
      .then(
          [to](const presence::listing& l) {
            std::uint64_t digest = 0;
            std::set<std::string> keys;
            auto nodes = json::object();
            for (const auto& t : l.entries) {
              digest += digest_of(t);
              keys.insert(t.key.key);
              nodes[t.at.replica.name] = nodes.value(t.at.replica.name, 0) + 1;
            }
            to.set(json{{"ok", true},
                        {"count", l.entries.size()},
                        {"digest", std::to_string(digest)},
                        {"keys", keys.size()},
                        {"nodes", nodes}});
          },
          [to](const call_error& e) { to.set(failed("list: " + to_string(e))); });
}

void crowd::count(const json& what, const answer& to) {
  auto topic = text_of(what, "topic");
  auto of = std::make_shared<job>(job{to, 2});
  for (auto tracker : {members_tracker, counts_tracker})
    call<presence::topic_count>(presence::shard_of(env(), tracker, topic), presence::count_topic{topic}, call_time)
        .then(
            [of, tracker](const presence::topic_count& c) {
              of->said[std::string{tracker}] = c.count;
              of->done();
            },
            [of](const call_error& e) { of->done("count: " + to_string(e)); });
}

void crowd::shards(const json&, const answer& to) {
  auto of = std::make_shared<job>(job{to, 1});
  for (auto tracker : {members_tracker, counts_tracker})
    for (const auto& shard : presence::shards_of(env(), tracker)) {
      ++of->waits_for;
      call<presence::shard_status>(shard, presence::get_shard_status{}, call_time)
          .then(
              [of, name = to_string(shard)](const presence::shard_status& s) {
                of->said[name] = told(s);
                of->done();
              },
              [of](const call_error& e) { of->done("shards: " + to_string(e)); });
    }
  of->done();
}

void crowd::talk(const json& what, const answer& to) {
  auto senders = find_int(what, "senders").value_or(1);
  auto n = static_cast<std::uint64_t>(find_int(what, "count").value_or(1));
  if (senders < 1 || senders > 100)
    return to.set(failed("\"senders\" is " + std::to_string(senders) + ", expected 1 to 100"));
  auto of = std::make_shared<job>(job{to, static_cast<std::size_t>(senders)});
  for (std::int64_t i = 0; i < senders; ++i) {
    auto who = spawn<talker>(n);
    watch(who, [of](const reason& why) { of->done(why == reason::normal() ? "" : to_string(why)); });
    cast(who, talker::go_on{});
  }
}

}  // namespace beamline::members
