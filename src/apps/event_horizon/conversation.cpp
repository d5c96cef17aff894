#include "apps/event_horizon/conversation.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace beamline::event_horizon {

namespace {

using accumulator::comment;
using accumulator::comment_news;
using accumulator::comment_state;

/// As the accumulator lists them.
bool is_before(const comment& a, const comment& b) { return std::tie(a.at, a.id) < std::tie(b.at, b.id); }

std::size_t octets_of(const comment& c) { return sizeof(comment) + c.author.size() + c.content.size(); }

error corrupt(const std::string& slug, const std::string& what) {
  return {errc::corrupt, "comments of \"" + slug + "\": " + what};
}

}  // namespace

conversation::conversation(std::string slug) { now_.slug = std::move(slug); }

// -- reading ---------------------------------------------------------------------------------------

accumulator::list_comments conversation::begin_reading() {
  reading_ = reading{};
  reading_->made.slug = now_.slug;
  return {.slug = now_.slug};
}

result<std::optional<accumulator::list_comments>> conversation::add_page(const accumulator::comment_list& page) {
  using next = std::optional<accumulator::list_comments>;
  auto& r = *reading_;
  for (const auto& c : page.comments)
    if (c.slug != now_.slug || c.id.is_nil() || c.state != comment_state::visible) {
      auto wrong = corrupt(now_.slug, "the list has one that it should not have: " + c.id.str());
      reading_.reset();
      return wrong;
    }
  if (r.pages++ == 0)
    r.made.version = page.version;
  r.last_version = std::max(r.last_version, page.version);
  // An answer may stand before what it answers, where two clocks differ.
  for (const auto& c : page.comments)
    if (!insert(r.made, c) && r.orphans.size() < discussion_comments_max)
      r.orphans.push_back(c);
  trim(r.made);
  bool is_over = page.is_complete || page.comments.empty();
  if (!is_over && r.pages < reading_pages_max) {
    const auto& last = page.comments.back();
    return next{accumulator::list_comments{.slug = now_.slug, .after_at = last.at, .after = last.id}};
  }
  if (!is_over)
    r.made.is_complete = false;
  finish_reading();
  return next{};
}

void conversation::finish_reading() {
  auto r = std::move(*reading_);
  reading_.reset();
  for (const auto& c : r.orphans)
    (void)insert(r.made, c);  // What it answers was left out.
  auto was = std::exchange(now_, std::move(r.made));
  waiting_.merge(r.since);
  heard_of_ = std::max(heard_of_, r.last_version);
  is_stale_ = r.has_missed;
  take_waiting();
  trim(now_);
  // An older list than what is known already, of an accumulator that was set back: versions decide.
  if (is_known_ && now_.version < was.version)
    now_ = std::move(was);
  else if (!is_known_ || now_ != was)
    ++changes_;
  is_known_ = true;
}

// -- news ------------------------------------------------------------------------------------------

result<void> conversation::add(const comment_news& news) {
  if (news.what.slug != now_.slug || news.what.id.is_nil() || news.version <= 0)
    return corrupt(now_.slug, "news of \"" + news.what.slug + "\" " + news.what.id.str() + ", version "
                                  + std::to_string(news.version));
  heard_of_ = std::max(heard_of_, news.version);
  if (reading_) {
    if (reading_->since.size() < waiting_news_max)
      reading_->since.emplace(news.version, news);
    else
      reading_->has_missed = true;
  }
  if (!is_known_ || news.version <= now_.version)
    return {};
  if (waiting_.size() < waiting_news_max)
    waiting_.emplace(news.version, news);
  else
    is_stale_ = true;
  auto before = now_.version;
  take_waiting();
  if (now_.version != before) {
    trim(now_);
    ++changes_;
  }
  return {};
}

void conversation::take_waiting() {
  while (!waiting_.empty()) {
    auto first = waiting_.begin();
    if (first->first > now_.version + 1)
      return;
    if (first->first == now_.version + 1) {
      if (!apply(first->second, now_))
        is_stale_ = true;
      now_.version = first->first;
    }
    waiting_.erase(first);
  }
}

void conversation::note_version(std::int64_t version) { heard_of_ = std::max(heard_of_, version); }

bool conversation::needs_reading() const { return !is_known_ || is_stale_ || heard_of_ > now_.version; }

// -- the list --------------------------------------------------------------------------------------

bool conversation::apply(const comment_news& news, discussion& d) {
  const auto& c = news.what;
  if (c.state != comment_state::visible) {
    remove(d, c.id);
    return true;
  }
  if (auto* known = find(d, c.id)) {
    *known = c;
    return !news.is_list_stale;
  }
  // What it answers is not there: it was left out, or the list is another one than we think.
  bool is_placed = insert(d, c) || !d.is_complete;
  return is_placed && !news.is_list_stale;
}

comment* conversation::find(discussion& d, const uid& id) { return const_cast<comment*>(std::as_const(d).find(id)); }

bool conversation::insert(discussion& d, const comment& c) {
  if (c.parent.is_nil()) {
    auto at = std::upper_bound(d.threads.begin(), d.threads.end(), c,
                               [](const comment& one, const comment_thread& t) { return is_before(one, t.first); });
    d.threads.insert(at, comment_thread{c});
    return true;
  }
  auto thread =
      std::find_if(d.threads.begin(), d.threads.end(), [&](const comment_thread& t) { return t.first.id == c.parent; });
  if (thread == d.threads.end())
    return false;
  thread->answers.insert(std::upper_bound(thread->answers.begin(), thread->answers.end(), c, is_before), c);
  return true;
}

void conversation::remove(discussion& d, const uid& id) {
  std::erase_if(d.threads, [&](const comment_thread& t) { return t.first.id == id; });
  for (auto& t : d.threads)
    std::erase_if(t.answers, [&](const comment& c) { return c.id == id; });
}

void conversation::trim(discussion& d) {
  std::size_t count = 0;
  std::size_t octets = 0;
  for (const auto& t : d.threads) {
    count += 1 + t.answers.size();
    octets += octets_of(t.first);
    for (const auto& c : t.answers)
      octets += octets_of(c);
  }
  auto is_over = [&] { return count > discussion_comments_max || octets > discussion_octets_max; };
  auto first = d.threads.begin();
  for (; is_over() && std::next(first) != d.threads.end(); ++first) {
    count -= 1 + first->answers.size();
    octets -= octets_of(first->first);
    for (const auto& c : first->answers)
      octets -= octets_of(c);
  }
  auto answer = first == d.threads.end() ? std::vector<comment>::iterator{} : first->answers.begin();
  auto begin = answer;
  for (; is_over() && answer != first->answers.end(); ++answer) {
    --count;
    octets -= octets_of(*answer);
  }
  if (first == d.threads.begin() && answer == begin)
    return;
  d.is_complete = false;
  if (answer != begin)
    first->answers.erase(begin, answer);
  d.threads.erase(d.threads.begin(), first);
}

discussion_ref conversation::snapshot() const { return std::make_shared<const discussion>(now_); }

}  // namespace beamline::event_horizon
