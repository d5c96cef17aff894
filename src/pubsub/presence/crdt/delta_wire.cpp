#include "pubsub/presence/crdt/delta_wire.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace beamline::presence {

namespace {

// What follows of a replica.
constexpr unsigned has_start = 1;
constexpr unsigned has_end = 2;
constexpr unsigned has_runs = 4;
constexpr unsigned has_values = 8;
constexpr unsigned has_all = has_start | has_end | has_runs | has_values;

// Every element has octets of its own, so the octets are what bounds their number.
constexpr std::size_t elements_max = SIZE_MAX;
constexpr std::size_t run_octets_min = 2;
constexpr std::size_t entry_octets_min = 5;
constexpr std::size_t replica_octets_min = 3;

class packer {
public:
  bytes run(const delta& d) {
    std::set<replica_id> replicas;
    for (const auto* clock : {&d.start, &d.end})
      for (const auto& [r, counter] : *clock)
        replicas.insert(r);
    for (const auto& [r, seen] : d.cloud)
      replicas.insert(r);
    for (const auto& [r, values] : d.values)
      replicas.insert(r);
    out_.u8(delta_format);
    out_.boolean(d.is_whole);
    out_.varint(replicas.size());
    for (const auto& r : replicas)
      put_replica(d, r);
    return out_.take();
  }

private:
  void put_replica(const delta& d, const replica_id& r) {
    auto start = d.start.find(r);
    auto end = d.end.find(r);
    auto seen = d.cloud.find(r);
    auto values = d.values.find(r);
    unsigned what = 0;
    what |= start != d.start.end() ? has_start : 0U;
    what |= end != d.end.end() ? has_end : 0U;
    what |= seen != d.cloud.end() && !seen->second.empty() ? has_runs : 0U;
    what |= values != d.values.end() && !values->second.empty() ? has_values : 0U;
    out_.blob(r.name);
    out_.varint(r.version);
    out_.u8(static_cast<std::uint8_t>(what));
    if ((what & has_start) != 0)
      out_.varint(start->second);
    if ((what & has_end) != 0)
      out_.varint(end->second);
    if ((what & has_runs) != 0)
      put_runs(seen->second);
    if ((what & has_values) != 0)
      put_values(values->second);
  }

  void put_runs(const dot_set& dots) {
    out_.varint(dots.runs().size());
    std::uint64_t upto = 0;
    for (auto [first, last] : dots.runs()) {
      out_.varint(first - upto - 1);
      out_.varint(last - first);
      upto = last;
    }
  }

  void put_values(const entry_map& values) {
    out_.varint(values.size());
    std::uint64_t before = 0;
    for (const auto& [counter, e] : values) {
      out_.varint(counter - std::exchange(before, counter));
      put_text(topics_, *e->topic);
      out_.varint(e->actor);
      out_.blob(e->key);
      put_text(metas_, *e->meta);
    }
  }

  void put_text(std::map<std::string_view, std::uint64_t>& known, std::string_view text) {
    auto [at, is_new] = known.emplace(text, known.size() + 1);
    out_.varint(is_new ? 0 : at->second);
    if (is_new)
      out_.blob(text);
  }

  byte_writer out_;
  std::map<std::string_view, std::uint64_t> topics_;
  std::map<std::string_view, std::uint64_t> metas_;
};

class unpacker {
public:
  unpacker(std::string_view octets, const delta_limits& limits) : in_{octets}, limits_{limits} {}

  result<delta> run() {
    if (auto format = in_.u8(); in_.ok() && format != delta_format)
      in_.fail(errc::unsupported,
               "format " + std::to_string(format) + "; this release reads format " + std::to_string(delta_format));
    delta_.is_whole = in_.boolean();
    for (auto n = in_.count(elements_max, replica_octets_min); n > 0 && in_.ok(); --n)
      take_replica();
    if (auto done = in_.finish(); !done)
      return done.error().in("presence delta");
    return std::move(delta_);
  }

private:
  void fail(const std::string& what) { in_.fail(errc::invalid, what); }

  void take_replica() {
    replica_id r{std::string{in_.blob(replica_name_octets_max)}, in_.varint()};
    unsigned what = in_.u8();
    if (!in_.ok())
      return;
    if (owner_ && !(*owner_ < r))
      return fail("replica " + r.name + " follows " + owner_->name + "; expected ascending names and versions");
    if ((what & ~has_all) != 0)
      return fail("bits " + std::to_string(what) + " of a replica; expected 0 to " + std::to_string(has_all));
    if (delta_.is_whole && (what & (has_start | has_runs)) != 0)
      return fail("a whole state with a start, or dots, of " + r.name + "; it has an end and values only");
    owner_ = std::make_shared<const replica_id>(std::move(r));
    take_range(what);
    if ((what & has_runs) != 0)
      take_runs();
    if (in_.ok() && !is_covered())
      return fail("changes of " + owner_->name + " without their dots; expected all from start to end");
    if ((what & has_values) != 0)
      take_values();
  }

  std::uint64_t take_counter(std::uint64_t since, std::uint64_t more) {
    auto step = in_.varint();
    if (step > counter_max - since || more > counter_max - since - step) {
      fail("a counter beyond 2^62");
      return 0;
    }
    return since + step + more;
  }

  void take_range(unsigned what) {
    if ((what & has_start) != 0)
      delta_.start.emplace(*owner_, take_counter(0, 0));
    if ((what & has_end) != 0)
      delta_.end.emplace(*owner_, take_counter(0, 0));
  }

  void take_runs() {
    auto& dots = delta_.cloud[*owner_];
    std::uint64_t upto = 0;
    for (auto n = in_.count(elements_max, run_octets_min); n > 0 && in_.ok(); --n) {
      auto first = take_counter(upto, 1);
      auto last = take_counter(first, 0);
      if (!in_.ok())
        return;
      // One encoding for a set: a run that touches the one before would be part of it.
      if (upto != 0 && first == upto + 1)
        return fail("runs of dots of " + owner_->name + " that touch at " + std::to_string(first));
      dots.insert(first, last);
      upto = last;
    }
    if (in_.ok() && dots.empty())
      fail("no dots of " + owner_->name + " where some were announced");
  }

  [[nodiscard]] bool is_covered() const {
    auto start = counter_of(delta_.start, *owner_);
    auto end = counter_of(delta_.end, *owner_);
    if (delta_.is_whole || start == end)
      return true;
    auto dots = delta_.cloud.find(*owner_);
    return start < end && dots != delta_.cloud.end() && dots->second.contains(start + 1, end);
  }

  void take_values() {
    auto& values = delta_.values[*owner_];
    std::uint64_t before = 0;
    for (auto n = in_.count(elements_max, entry_octets_min); n > 0 && in_.ok(); --n) {
      auto e = std::make_shared<held_entry>();
      e->owner = owner_;
      e->counter = take_counter(before, 0);
      e->topic = take_text(topics_, limits_.topic_octets_max);
      e->actor = in_.varint();
      e->key = std::string{in_.blob(limits_.key_octets_max)};
      e->meta = take_text(metas_, limits_.meta_octets_max);
      if (!in_.ok())
        return;
      if (e->topic->empty())
        return fail("an entry of " + owner_->name + " in a topic without a name");
      if (e->counter == before || !delta_.has_seen(*owner_, e->counter))
        return fail("entry " + std::to_string(e->counter) + " of " + owner_->name + " that is none of its dots");
      before = e->counter;
      values.emplace_hint(values.end(), before, std::move(e));
    }
    if (in_.ok() && values.empty())
      fail("no entries of " + owner_->name + " where some were announced");
  }

  std::shared_ptr<const std::string> take_text(std::vector<std::shared_ptr<const std::string>>& known,
                                               std::size_t octets_max) {
    auto number = in_.varint();
    if (number == 0)
      known.push_back(std::make_shared<const std::string>(in_.blob(octets_max)));
    else if (number > known.size())
      fail("text " + std::to_string(number) + " of " + std::to_string(known.size()) + " that came before");
    else
      return known[number - 1];
    return in_.ok() ? known.back() : nullptr;
  }

  byte_reader in_;
  delta_limits limits_;
  delta delta_;
  std::shared_ptr<const replica_id> owner_;  // Of the section under way.
  std::vector<std::shared_ptr<const std::string>> topics_;
  std::vector<std::shared_ptr<const std::string>> metas_;
};

}  // namespace

bytes pack(const delta& d) { return packer{}.run(d); }

result<delta> unpack(std::string_view octets, const delta_limits& limits) { return unpacker{octets, limits}.run(); }

}  // namespace beamline::presence
