#include "apps/event_horizon/like_reads.hpp"

#include "net/outbox/api.hpp"

namespace beamline::event_horizon {

void like_reads::ask(const ask_liked& what, completion done) {
  enter(std::make_shared<question>(question{{what.slug, what.visitor}, std::move(done)}));
}

void like_reads::enter(const question_ptr& q) {
  if (is_for_this_node(q))
    return;
  if (line_.size() >= like_reads_waiting_max)
    return q->done({});
  line_.push_back(q);
  pump();
}

bool like_reads::is_for_this_node(const question_ptr& q) {
  if (presses_.contains(q->of)) {
    tell_known(q->of, q->done);
    return true;
  }
  auto entry = known_.like_entry(q->of.first, q->of.second);
  if (entry.is_nil() || entry == q->gone)
    return false;
  if (at_outbox_ >= like_reads_waiting_max) {
    q->done({});
    return true;
  }
  ++at_outbox_;
  net::outbox::ask_waiting(self_, entry, [this, q, entry](bool waits) {
    --at_outbox_;
    if (waits)
      return tell_known(q->of, q->done);
    q->gone = entry;
    enter(q);
  });
  return true;
}

void like_reads::pressed(const std::string& slug, const std::string& visitor) {
  auto of = name{slug, visitor};
  ++presses_[of].under_way;
  auto [from, to] = under_way_.equal_range(of);
  for (auto q = from; q != to; ++q)
    q->second->is_overtaken = true;
}

void like_reads::settled(const std::string& slug, const std::string& visitor) {
  auto found = presses_.find({slug, visitor});
  if (found == presses_.end() || --found->second.under_way > 0)
    return;
  auto listening = std::move(found->second.listening);
  presses_.erase(found);
  for (const auto& done : listening)
    done({known_.has_liked(slug, visitor)});
}

void like_reads::pump() {
  while (!line_.empty() && under_way_.size() < like_reads_max) {
    auto q = line_.front();
    line_.pop_front();
    send(q);
  }
}

void like_reads::send(const question_ptr& q) {
  // What was pressed while it stood in the line may not have arrived yet.
  if (is_for_this_node(q))
    return;
  under_way_.emplace(q->of, q);
  cluster::get_liked(self_, q->of.first, q->of.second,
                     [this, q](const cluster::read_outcome<accumulator::like_state>& o) { on_answer(q, o); });
}

void like_reads::on_answer(const question_ptr& q, const cluster::read_outcome<accumulator::like_state>& o) {
  auto [from, to] = under_way_.equal_range(q->of);
  for (auto it = from; it != to; ++it)
    if (it->second == q) {
      under_way_.erase(it);
      break;
    }
  if (q->is_overtaken) {
    tell_known(q->of, q->done);
  } else if (const auto* a = std::get_if<accumulator::like_state>(&o)) {
    known_.remember_like(q->of.first, q->of.second, a->liked);
    q->done({a->liked});
  } else {
    // Nobody waits for the same failure once more.
    auto rest = std::exchange(line_, {});
    q->done({});
    for (const auto& behind : rest)
      behind->done({});
  }
  pump();
}

void like_reads::tell_known(const name& of, const completion& done) {
  if (auto found = presses_.find(of); found != presses_.end())
    found->second.listening.push_back(done);
  else
    done({known_.has_liked(of.first, of.second)});
}

}  // namespace beamline::event_horizon
