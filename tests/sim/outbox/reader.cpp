#include "sim/outbox/reader.hpp"

#include "apps/accumulator/contracts.hpp"
#include "base/telemetry.hpp"
#include "net/outbox/api.hpp"
#include "pubsub/system.hpp"
#include "sim/outbox/events.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace beamline::sim_outbox {

namespace ob = net::outbox;
namespace acc = accumulator;

namespace {

constexpr std::array<std::string_view, 10> kinds_of_post{"like",  "delta",  "toggle",  "visit",   "visit",
                                                         "visit", "passer", "comment", "comment", "orphan"};
constexpr std::int64_t delta_max = 3;

/// The host without its `@sim`.
std::string short_name(const environment& env) { return env.self()->name.substr(0, env.self()->name.find('@')); }

}  // namespace

behavior reader::init() {
  env().events().emit(waiting{0});
  act_later();
  return handlers();
}

void reader::act_later() {
  auto ns = env().random().below(static_cast<std::uint64_t>(pause_max.count()));
  run_after(duration{static_cast<std::int64_t>(ns)}, [this] { act(); });
}

void reader::act() {
  if (!env().get<load_gate>().is_load_on)
    return;
  for (auto n = 1 + env().random().below(3); n > 0; --n)
    submit_something();
  act_later();
}

void reader::submit_something() {
  auto n = env().random().below(posts.size() + 1);
  auto key = n < posts.size() ? std::string{posts[n]} : std::string{page};
  if (!waiting_.insert(key).second)
    return;
  env().events().emit(waiting{waiting_.size()});
  // Time grows over all lives of a reader; each key has one event at a time. It is a visitor's name, too, and those of
  // one event are sorted: they sort by time.
  auto token = fmt::format("{}-{}-{:019}", short_name(env()), key, now().time_since_epoch().count());
  auto p = draw(std::move(key), token);
  submit(token, make(p), p);
}

reader::plan reader::draw(std::string key, const std::string& token) {
  auto n = env().random().below(kinds_of_post.size());
  auto kind = kinds_of_post[n];
  if (key == page)
    kind = n < 8 ? "visit" : "passer";
  else if (key == echo_post)
    kind = "delta";
  plan p{std::move(key), kind};
  if (kind == "like" || kind == "visit" || kind == "comment")
    p.visitor = token;
  if (kind == "toggle")
    p.visitor = "reader-of-" + short_name(env());
  if (kind == "like")
    p.amount = 1;
  if (kind == "toggle")
    p.amount = static_cast<std::int64_t>(env().random().below(2));
  if (kind == "delta") {
    p.amount = 1 + static_cast<std::int64_t>(env().random().below(delta_max));
    if (env().random().below(4) == 0)
      p.amount = -p.amount;
  }
  return p;
}

ob::event reader::make(const plan& p) {
  auto event_of = [&]<class M>(const M& m) {
    return ob::make_event(env(), std::string{M::message_name}, p.key, encode(m));
  };
  auto visitors = p.visitor.empty() ? std::vector<std::string>{} : std::vector{p.visitor};
  if (p.kind == "delta")
    return event_of(acc::update_likes{p.key, {}, true, p.amount, {}});
  if (p.kind == "like" || p.kind == "toggle")
    return event_of(acc::update_likes{p.key, p.visitor, p.amount == 1, 0, {}});
  if (p.kind == "comment" || p.kind == "orphan") {
    auto parent = p.kind == "orphan" ? uid{1, 1} : uid{};
    return event_of(acc::add_comment{p.key, "Well.", {}, parent, p.visitor, {}});
  }
  if (p.key == page)
    return event_of(acc::increment_visit{p.key, visitors, {}});
  return event_of(acc::increment_blog_visit{p.key, visitors, {}});
}

void reader::submit(const std::string& token, ob::event e, const plan& p) {
  auto id = e.id.str();
  env().events().emit(offered{token, id, p.kind, p.key, p.visitor, p.amount});
  auto tell = [this, key = p.key, token, id](const ob::outcome& o) {
    if (std::holds_alternative<ob::refused>(o)) {
      env().events().emit(refused{token});
    } else if (const auto* b = std::get_if<ob::buffered>(&o)) {
      auto entry = b->id.str();
      env().events().emit(promised{token, entry, "buffered"});
    } else {
      env().events().emit(promised{token, id, "applied"});
    }
    waiting_.erase(key);
    env().events().emit(waiting{waiting_.size()});
  };
  if (p.key == echo_post)
    echo(e);
  if (env().random().below(3) == 0)
    ob::enqueue(*this, std::move(e), tell);
  else
    ob::execute_or_buffer(*this, std::move(e), tell);
}

/// The same event by the second path, sometimes twice; it is applied once (D212).
void reader::echo(const ob::event& e) {
  auto* topics = pubsub::find_system(env());
  for (auto n = env().random().below(3); n > 0 && topics != nullptr; --n)
    // May be lost, as everything on that path.
    (void)topics->broadcast(*this, acc::analytics_topic(), acc::tracked_event{e.id, e.type, e.payload, {}, 0});
}

}  // namespace beamline::sim_outbox
