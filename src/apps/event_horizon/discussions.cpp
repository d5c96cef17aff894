#include "apps/event_horizon/discussions.hpp"

#include "apps/event_horizon/cluster_calls.hpp"
#include "apps/event_horizon/events.hpp"
#include "base/log.hpp"
#include "base/telemetry.hpp"
#include "pubsub/system.hpp"

#include <stdexcept>
#include <utility>

namespace beamline::event_horizon {

namespace {

constexpr duration page_timeout = 5s;
// How long what is missing may still come by itself; and a discussion with gaps is read at most so often.
constexpr duration gap_wait = 300ms;

}  // namespace

discussions::discussions(process_context& c, parts p)
    : process{c}, parts_{std::move(p)}, views_{parts_.of.options().subscribers_max}, readings_{parts_.refresh} {}

behavior discussions::init() {
  if (auto named = register_as(std::string{discussions_name}); !named)
    throw std::runtime_error{named.error().message};
  // What an earlier life knew is not followed any more; views keep what they show until they hear of this one.
  parts_.of.discussions().clear();
  (void)env().peers().subscribe_with_snapshot(self());
  return handlers([this](const accumulator::comment_news& m) { on_news(m); },
                  [this](const comments_moved& m) { on_moved(m); }, [this](const node_up& m) { on_peer(m.peer); },
                  [](const node_down&) {}, [this](const watch_discussion& m) -> deferred { return watch_view(m); },
                  [this](const prepare_for& m) { prepare(m); });
}

// -- which there are ---------------------------------------------------------------------------------

/// Null: there is no such post.
discussions::entry* discussions::open(const std::string& slug) {
  if (auto known = entries_.find(slug); known != entries_.end()) {
    touch(known->second);
    return &known->second;
  }
  if (parts_.of.posts().get(slug) == nullptr)
    return nullptr;
  // Subscribed before it is read, so that nothing is missed in between.
  if (auto ok = pubsub::system_of(env()).subscribe(self(), accumulator::comment_topic(slug)); !ok)
    throw std::runtime_error{ok.error().message};
  auto use = by_use_.insert(by_use_.end(), slug);
  auto& added = entries_.emplace(slug, entry{conversation{slug}, use}).first->second;
  want(slug, "unknown");
  return &added;
}

void discussions::touch(entry& e) { by_use_.splice(by_use_.end(), by_use_, e.use); }

void discussions::forget_idle() {
  auto watched = views_.topics();
  for (auto i = by_use_.begin(); i != by_use_.end() && entries_.size() > parts_.idle_max + watched;) {
    auto slug = *i++;
    if (views_.of(slug).empty())
      forget(slug);
  }
}

void discussions::forget(const std::string& slug) {
  pubsub::system_of(env()).unsubscribe(self(), accumulator::comment_topic(slug));
  auto known = entries_.find(slug);
  by_use_.erase(known->second.use);
  entries_.erase(known);
  untold_.erase(slug);
  parts_.of.discussions().drop(slug);
}

// -- what is heard -----------------------------------------------------------------------------------

void discussions::on_news(const accumulator::comment_news& m) {
  auto known = entries_.find(m.what.slug);
  if (known == entries_.end())
    return;  // It was forgotten a moment ago.
  if (auto ok = known->second.of.add(m); !ok)
    return env().log().warn("event_horizon", "broadcast dropped", {{"error", ok.error()}});
  changed(m.what.slug);
  note_gap(m.what.slug, known->second);
}

void discussions::on_moved(const comments_moved& m) {
  auto known = entries_.find(m.slug);
  if (known == entries_.end())
    return;
  known->second.of.note_version(m.version);
  note_gap(m.slug, known->second);
}

void discussions::on_peer(const peer_info& peer) {
  if (!cluster::is_owner(env(), peer))
    return;
  for (const auto& [slug, e] : entries_)
    want(slug, "linked");
  readings_.encourage();
  read();
}

/// News of two accumulators, and numbers and news, may overtake each other.
void discussions::note_gap(const std::string& slug, entry& e) {
  if (!e.of.needs_reading() || e.of.is_reading() || e.is_gap_timed)
    return;
  e.is_gap_timed = true;
  run_after(gap_wait, [this, slug] {
    auto known = entries_.find(slug);
    if (known == entries_.end())
      return;
    known->second.is_gap_timed = false;
    if (known->second.of.needs_reading() && !known->second.of.is_reading())
      want(slug, "gap");
    read();
  });
}

// -- what is asked -----------------------------------------------------------------------------------

void discussions::want(const std::string& slug, std::string_view why) {
  entries_.find(slug)->second.why = why;
  readings_.want(slug);
}

void discussions::read() {
  while (auto slug = readings_.next()) {
    auto known = entries_.find(*slug);
    if (known == entries_.end()) {  // Forgotten before its turn came.
      readings_.skipped(*slug);
      continue;
    }
    env().events().emit(discussion_read{*slug, known->second.why});
    ask(*slug, known->second.of.begin_reading());
  }
}

void discussions::ask(const std::string& slug, const accumulator::list_comments& page) {
  cluster::call_owner<accumulator::comment_list>(*this, page, page_timeout, parts_.rpc)
      .then([this, slug](const accumulator::comment_list& list) { on_page(slug, list); },
            [this, slug](const net::rpc::failure& f) { on_failure(slug, to_string(f)); });
}

void discussions::on_page(const std::string& slug, const accumulator::comment_list& page) {
  auto known = entries_.find(slug);
  if (known == entries_.end() || !known->second.of.is_reading()) {
    readings_.skipped(slug);
    return read();
  }
  auto next = known->second.of.add_page(page);
  if (!next)
    return on_failure(slug, next.error().message);
  if (*next)
    return ask(slug, **next);
  readings_.answered(slug);
  changed(slug);
  first_renders_.release(slug);
  note_gap(slug, known->second);
  read();
}

void discussions::on_failure(const std::string& slug, std::string_view why) {
  env().log().debug("event_horizon", "comments not read", {{"slug", slug}, {"why", why}});
  // Nobody is there, or has no time: whoever waits need not.
  first_renders_.release_all();
  if (auto known = entries_.find(slug); known != entries_.end())
    known->second.of.give_up_reading();
  if (auto pause = readings_.failed(slug, env().random()))
    run_after(*pause, [this] {
      readings_.retry();
      read();
    });
}

// -- who is told -------------------------------------------------------------------------------------

reply_promise<watch_discussion_answer> discussions::watch_view(const watch_discussion& m) {
  auto answer = promise<watch_discussion_answer>();
  auto* e = open(m.slug);
  if (e == nullptr) {
    answer.fail(reason::custom("there is no post \"" + m.slug + "\""));
    return answer;
  }
  switch (views_.add(m.slug, m.view)) {
    case audience::outcome::full: answer.fail(views_.refusal()); return answer;
    case audience::outcome::first:
      watch(m.view, [this, view = m.view](const reason&) {
        views_.remove(view);
        forget_idle();
      });
      break;
    case audience::outcome::another: break;
  }
  forget_idle();
  answer.set(watch_discussion_answer{parts_.of.discussion(m.slug)});
  read();
  return answer;
}

void discussions::prepare(const prepare_for& m) {
  auto* e = open(m.slug);
  if (e == nullptr)
    return;
  forget_idle();
  read();
  // For as long as there is hope: with nobody to ask the page is made at once.
  if (e->of.is_known() || readings_.is_paused())
    return;
  if (auto n = first_renders_.add(m.slug, m.done))
    run_after(m.at_most, [this, number = *n] { first_renders_.drop(number); });
}

void discussions::changed(const std::string& slug) {
  auto& e = entries_.find(slug)->second;
  if (e.told == e.of.changes())
    return;
  untold_.insert(slug);
  if (!is_pausing_)
    tell();
}

void discussions::tell() {
  for (const auto& slug : std::exchange(untold_, {}))
    tell_one(slug, entries_.find(slug)->second);
  is_pausing_ = true;
  run_after(discussion_interval, [this] {
    is_pausing_ = false;
    if (!untold_.empty())
      tell();
  });
}

void discussions::tell_one(const std::string& slug, entry& e) {
  e.told = e.of.changes();
  auto now = e.of.snapshot();
  parts_.of.discussions().put(now);
  const auto& views = views_.of(slug);
  env().events().emit(discussion_learned{slug, now->size(), now->version, views.size()});
  auto m = share(discussion_updated{slug, now});
  for (const auto& view : views)
    cast(view, m);
}

}  // namespace beamline::event_horizon
