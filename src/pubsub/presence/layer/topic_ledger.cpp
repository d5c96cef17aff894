#include "pubsub/presence/layer/topic_ledger.hpp"

#include "pubsub/presence/layer/meta_text.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace beamline::presence::layer {

namespace {

bool is_same(const meta_text& a, const meta_text& b) { return a == b || (a != nullptr && b != nullptr && *a == *b); }

/// The value by which a meta is counted. One without the field is somebody nobody knows more of than the key; no
/// value's text begins as that one does.
std::string value_of(const std::string& key, const meta_text& meta, std::string_view quoted_field) {
  const auto value = field_text(*meta, quoted_field);
  return value.empty() ? "key:" + key : std::string{value};
}

}  // namespace

// -- what the tracker says ---------------------------------------------------------------------------

topic_ledger::touch& topic_ledger::note(const std::string& key, const std::string& ref, const meta_text& before) {
  ++version_;
  auto [at, is_new] = pending_[key].try_emplace(ref);
  auto& t = at->second;
  if (is_new)
    t.before = before;
  else if (t.at <= exposed_at_)
    t.must_tell = true;
  t.at = version_;
  return t;
}

void topic_ledger::forget_touch(const std::string& key, const std::string& ref) {
  auto k = pending_.find(key);
  k->second.erase(ref);
  if (k->second.empty())
    pending_.erase(k);
}

void topic_ledger::join(const std::string& key, const std::string& ref, meta_text meta) {
  auto [at, is_new] = keys_[key].try_emplace(ref);
  auto& e = at->second;
  if (!is_new && is_same(e.meta, meta))
    return;
  auto& t = note(key, ref, e.meta);
  t.last = meta;
  if (is_new)
    e.order = version_;
  else
    count_value(key, e.meta, false);
  e.meta = std::move(meta);
  count_value(key, e.meta, true);
}

void topic_ledger::leave(const std::string& key, const std::string& ref) {
  auto k = keys_.find(key);
  if (k == keys_.end())
    return;
  auto r = k->second.find(ref);
  if (r == k->second.end())
    return;
  auto& t = note(key, ref, r->second.meta);
  t.last = r->second.meta;
  if (t.before == nullptr && !t.must_tell)
    forget_touch(key, ref);  // Nobody has heard of it: however long nothing is taken, this does not add up.
  count_value(key, r->second.meta, false);
  k->second.erase(r);
  if (k->second.empty())
    keys_.erase(k);
}

void topic_ledger::replace(const std::vector<meta_change>& listed) {
  std::set<std::pair<std::string_view, std::string_view>> there;
  for (const auto& m : listed)
    there.emplace(m.key, m.ref);
  for (const auto& m : present())
    if (!there.contains({m.key, m.ref}))
      leave(m.key, m.ref);
  for (const auto& m : listed)
    join(m.key, m.ref, m.meta);
}

// -- who is there --------------------------------------------------------------------------------------

std::vector<meta_change> topic_ledger::present(const std::string& key) const {
  std::vector<meta_change> all;
  auto k = keys_.find(key);
  if (k == keys_.end())
    return all;
  std::vector<std::pair<std::uint64_t, const refs::value_type*>> ordered;
  for (const auto& r : k->second)
    ordered.emplace_back(r.second.order, &r);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [order, r] : ordered)
    all.push_back({key, r->first, r->second.meta});
  return all;
}

std::vector<meta_change> topic_ledger::present() const {
  std::vector<meta_change> all;
  for (const auto& [key, metas] : keys_)
    if (metas.size() == 1)
      all.push_back({key, metas.begin()->first, metas.begin()->second.meta});
    else
      for (auto& m : present(key))
        all.push_back(std::move(m));
  return all;
}

std::uint64_t topic_ledger::count(const std::string& quoted_field) {
  if (quoted_field.empty())
    return keys_.size();
  auto [at, is_new] = values_.try_emplace(quoted_field);
  if (is_new)
    for (const auto& [key, metas] : keys_)
      for (const auto& r : metas)
        ++at->second[value_of(key, r.second.meta, quoted_field)];
  return at->second.size();
}

void topic_ledger::count_value(const std::string& key, const meta_text& meta, bool is_join) {
  for (auto& [field, all] : values_) {
    auto v = all.try_emplace(value_of(key, meta, field)).first;
    v->second += is_join ? 1 : -1;
    if (v->second == 0)
      all.erase(v);
  }
}

const topic_ledger::entry* topic_ledger::find(const std::string& key, const std::string& ref) const {
  auto k = keys_.find(key);
  if (k == keys_.end())
    return nullptr;
  auto r = k->second.find(ref);
  return r == k->second.end() ? nullptr : &r->second;
}

// -- what subscribers are told ---------------------------------------------------------------------------

topic_ledger::flight topic_ledger::take(std::size_t changes_max) {
  flight f;
  flown taken{0, {}};
  for (std::size_t looked_at = 0; !pending_.empty() && looked_at < changes_max;) {
    auto key = pending_.extract(pending_.begin());
    looked_at += key.mapped().size();
    std::vector<std::pair<std::uint64_t, meta_change>> joins;
    for (const auto& [ref, t] : key.mapped()) {
      const auto* now = find(key.key(), ref);
      if (!t.must_tell && is_same(t.before, now != nullptr ? now->meta : nullptr))
        continue;
      if (now != nullptr)
        joins.emplace_back(now->order, meta_change{key.key(), ref, now->meta});
      else
        f.changes.leaves.push_back({key.key(), ref, t.last});
    }
    std::sort(joins.begin(), joins.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& j : joins)
      f.changes.joins.push_back(std::move(j.second));
    taken.touched.insert(std::move(key));
  }
  if (!f.changes.empty()) {
    f.id = taken.id = ++last_flight_;
    flights_.push_back(std::move(taken));
  }
  return f;
}

void topic_ledger::published(std::uint64_t id) {
  auto f = std::find_if(flights_.begin(), flights_.end(), [&](const flown& x) { return x.id == id; });
  if (f != flights_.end())
    flights_.erase(f);
}

void topic_ledger::recall() {
  for (auto f = flights_.rbegin(); f != flights_.rend(); ++f)
    for (auto& [key, touched] : f->touched)
      for (auto& [ref, t] : touched) {
        auto [at, is_new] = pending_[key].try_emplace(ref, t);
        at->second.before = t.before;
        at->second.must_tell = true;
      }
  flights_.clear();
}

std::vector<meta_change> topic_ledger::told() const {
  std::map<std::pair<std::string, std::string>, meta_text> before;
  const auto undo = [&](const auto& touched_keys) {
    for (const auto& [key, touched] : touched_keys)
      for (const auto& [ref, t] : touched)
        before[{key, ref}] = t.before;
  };
  undo(pending_);
  for (auto f = flights_.rbegin(); f != flights_.rend(); ++f)
    undo(f->touched);
  std::vector<meta_change> all;
  for (auto& m : present()) {
    auto b = before.find({m.key, m.ref});
    if (b == before.end()) {
      all.push_back(std::move(m));
      continue;
    }
    if (b->second != nullptr)
      all.push_back({m.key, m.ref, b->second});
    before.erase(b);
  }
  for (auto& [who, meta] : before)
    if (meta != nullptr)
      all.push_back({who.first, who.second, meta});
  return all;
}

}  // namespace beamline::presence::layer
