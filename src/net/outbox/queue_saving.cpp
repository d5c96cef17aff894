#include "net/outbox/queue.hpp"

#include <cassert>
#include <iterator>
#include <utility>

// What is written, and what that means for who waits.
namespace beamline::net::outbox {

row_changes queue::next_save(std::size_t rows_max) {
  assert(!is_saving_);
  row_changes out;
  saving_puts_.clear();
  saving_dead_.clear();
  auto put = [&](place p, const event& what, std::uint64_t merged) {
    out.puts.push_back({.at = p, .what = what, .merged = merged});
    saving_puts_.push_back(p);
  };
  while (!dirty_.empty() && out.puts.size() < rows_max) {
    auto p = *dirty_.begin();
    dirty_.erase(dirty_.begin());
    owed_.erase(p);  // The new content is written over it.
    auto& e = waiting_.at(p);
    e.is_dirty = false;
    e.flying = content{e.what.payload, e.merged};
    e.flying_for = std::exchange(e.waiting, {});
    put(p, e.what, e.merged);
    out.drops.insert(out.drops.end(), e.victims.begin(), e.victims.end());
  }
  for (auto i = owed_.begin(); i != owed_.end() && out.puts.size() < rows_max;) {
    const auto& e = waiting_.at(*i);
    if (e.is_settled() && !e.is_doomed) {
      put(*i, e.what, e.merged);
      i = owed_.erase(i);
    } else {
      ++i;
    }
  }
  while (!dead_dirty_.empty() && out.puts.size() < rows_max) {
    auto p = *dead_dirty_.begin();
    dead_dirty_.erase(dead_dirty_.begin());
    out.puts.push_back(dead_.at(p));
    saving_dead_.push_back(p);
  }
  saving_drops_.assign(drops_.begin(), drops_.end());
  drops_.clear();
  out.drops.insert(out.drops.end(), saving_drops_.begin(), saving_drops_.end());
  is_saving_ = true;
  return out;
}

queue::saved_tickets queue::saved(bool ok) {
  assert(is_saving_);
  is_saving_ = false;
  saved_tickets out;
  for (auto p : saving_puts_) {
    auto i = waiting_.find(p);
    if (i == waiting_.end())
      continue;
    auto& e = i->second;
    if (!e.flying) {
      if (!ok)
        owed_.insert(p);
    } else if (!ok) {
      take_back(i, out.failed);
    } else {
      e.has_row = true;
      release(e);
      for (auto v : std::exchange(e.victims, {})) {
        auto victim = waiting_.find(v);
        const auto& gone = victim->second.what;
        out.dropped.push_back({gone.id, gone.type, {}, gone.key, gone.at});
        dropped_ += victim->second.merged;
        erase(victim);
      }
      e.kept = e.is_dirty ? std::exchange(e.flying, {}) : std::nullopt;
      e.flying.reset();
      out.kept.insert(out.kept.end(), e.flying_for.begin(), e.flying_for.end());
      e.flying_for.clear();
      sort_in(p, e);
    }
  }
  if (!ok) {
    drops_.insert(saving_drops_.begin(), saving_drops_.end());
    for (auto p : saving_dead_)
      if (dead_.contains(p))
        dead_dirty_.insert(p);
  }
  return out;
}

/// What is new in an entry could not be written: its content is what was kept before, if anything was.
void queue::take_back(entries::iterator i, std::vector<ticket>& failed) {
  auto& [p, e] = *i;
  failed.insert(failed.end(), e.flying_for.begin(), e.flying_for.end());
  failed.insert(failed.end(), e.waiting.begin(), e.waiting.end());
  e.flying_for.clear();
  e.waiting.clear();
  if (!e.has_row) {
    drops_.insert(p);  // A commit that failed may be found done all the same.
    release(e);
    for (auto v : e.victims)
      spare(v);
    erase(i);
    return;
  }
  assert(e.kept);
  octets_ -= octets_of(e.what);
  e.what.payload = std::move(e.kept->payload);
  e.merged = e.kept->merged;
  octets_ += octets_of(e.what);
  e.kept.reset();
  e.flying.reset();
  e.is_dirty = false;
  dirty_.erase(p);
  owed_.insert(p);  // For the same reason.
  sort_in(p, e);
}

}  // namespace beamline::net::outbox
