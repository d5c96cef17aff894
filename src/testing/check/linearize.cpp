#include "testing/check/linearize.hpp"

#include "base/random.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

// The history is a list of invocations and answers in the order of time. A search lifts calls out of it one by one, in
// the order in which they take effect. A call may be lifted as long as no answer stands before its invocation: an
// answer that is still in the list belongs to a call that must take effect first. When no call can be lifted before the
// first answer, the last lifted call goes back and the next is tried. Two ways that lifted the same calls and
// reached the same state go on alike, so the second is cut off.

namespace beamline::testing {

namespace {

class search {
public:
  search(const std::vector<call_span>& calls, const apply_call& apply, const linearize_limits& limits)
      : calls_{calls}, apply_{apply}, limits_{limits}, lifted_((calls.size() + 63) / 64) {
    build_list();
  }

  linearization run() {
    auto at = nodes_[0].next;
    while (answers_left_ > 0) {
      const auto& n = nodes_[at];
      if (!n.is_answer && try_to_lift(n.call)) {
        at = nodes_[0].next;
      } else if (!n.is_answer) {
        at = n.next;  // Never the end of the list: an answer is still in it.
      } else if (way_.empty()) {
        return finish(linearization::verdict::illegal, std::move(longest_));
      } else {
        if (way_.size() > longest_.size())
          longest_ = order();
        at = nodes_[put_back()].next;
      }
      if (seen_.size() > limits_.configurations_max)
        return finish(linearization::verdict::undecided, std::move(longest_));
    }
    return finish(linearization::verdict::legal, order());
  }

private:
  struct node {
    std::size_t prev = 0;
    std::size_t next = 0;
    std::size_t call = 0;
    bool is_answer = false;
  };
  struct lifted_call {
    std::size_t call;
    model_state before;
  };
  using configuration = std::tuple<std::uint64_t, model_state, std::vector<std::uint64_t>>;

  void build_list() {
    struct event {
      std::uint64_t when;
      std::size_t call;
      bool is_answer;
    };
    std::vector<event> events;
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      events.push_back({calls_[i].invoked, i, false});
      if (calls_[i].returned)
        events.push_back({*calls_[i].returned, i, true});
    }
    // At the same moment what is made comes first: such calls overlap.
    std::ranges::sort(events, {}, [](const event& e) { return std::tuple{e.when, e.is_answer, e.call}; });
    nodes_.resize(events.size() + 1);
    invocation_.resize(calls_.size());
    answer_.resize(calls_.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto& n = nodes_[i + 1];
      n = {i, i + 2 < nodes_.size() ? i + 2 : 0, events[i].call, events[i].is_answer};
      nodes_[i].next = i + 1;
      (n.is_answer ? answer_ : invocation_)[n.call] = i + 1;
      answers_left_ += n.is_answer ? 1 : 0;
    }
  }

  bool try_to_lift(std::size_t call) {
    auto after = apply_(state_, call, calls_[call].returned.has_value());
    if (!after)
      return false;
    flip(call);
    if (!seen_.emplace(lifted_hash_, *after, lifted_).second) {
      flip(call);
      return false;
    }
    way_.push_back({call, state_});
    state_ = *after;
    unlink(invocation_[call]);
    if (answer_[call] != 0) {
      unlink(answer_[call]);
      --answers_left_;
    }
    return true;
  }

  /// The node of the invocation that is in the list again.
  std::size_t put_back() {
    auto [call, before] = way_.back();
    way_.pop_back();
    state_ = before;
    flip(call);
    if (answer_[call] != 0) {
      relink(answer_[call]);
      ++answers_left_;
    }
    relink(invocation_[call]);
    return invocation_[call];
  }

  void flip(std::size_t call) {
    lifted_[call / 64] ^= std::uint64_t{1} << (call % 64);
    lifted_hash_ ^= mix64(call + 1);
  }
  void unlink(std::size_t i) {
    nodes_[nodes_[i].prev].next = nodes_[i].next;
    nodes_[nodes_[i].next].prev = nodes_[i].prev;
  }
  void relink(std::size_t i) {
    nodes_[nodes_[i].prev].next = i;
    nodes_[nodes_[i].next].prev = i;
  }

  [[nodiscard]] std::vector<std::size_t> order() const {
    std::vector<std::size_t> calls;
    calls.reserve(way_.size());
    for (const auto& l : way_)
      calls.push_back(l.call);
    return calls;
  }
  [[nodiscard]] linearization finish(linearization::verdict v, std::vector<std::size_t> order) const {
    return {v, std::move(order), seen_.size()};
  }

  const std::vector<call_span>& calls_;
  const apply_call& apply_;
  const linearize_limits& limits_;
  std::vector<node> nodes_;                       // A ring; the first is its anchor.
  std::vector<std::size_t> invocation_, answer_;  // Nodes of each call; answer 0: none.
  std::size_t answers_left_ = 0;
  model_state state_ = 0;
  std::vector<std::uint64_t> lifted_;  // One bit for each call ...
  std::uint64_t lifted_hash_ = 0;      // ... and what makes comparing two of these short.
  std::vector<lifted_call> way_;
  std::vector<std::size_t> longest_;
  std::set<configuration> seen_;
};

}  // namespace

linearization linearize(const std::vector<call_span>& calls, const apply_call& apply, const linearize_limits& limits) {
  return search{calls, apply, limits}.run();
}

std::vector<call_span> beginning_of(const std::vector<call_span>& calls, std::size_t answers) {
  std::vector<std::uint64_t> moments;
  for (const auto& c : calls)
    if (c.returned)
      moments.push_back(*c.returned);
  if (answers >= moments.size())
    return calls;
  std::ranges::sort(moments);
  std::vector<call_span> some = calls;
  for (auto& c : some)
    if (c.returned && (answers == 0 || *c.returned > moments[answers - 1]))
      c.returned.reset();
  return some;
}

std::optional<std::size_t> shortest_illegal(const std::vector<call_span>& calls, const apply_call& apply,
                                            const linearize_limits& limits) {
  auto is_illegal = [&](std::size_t answers) {
    return linearize(beginning_of(calls, answers), apply, limits).what == linearization::verdict::illegal;
  };
  auto answers =
      static_cast<std::size_t>(std::ranges::count_if(calls, [](const call_span& c) { return c.returned.has_value(); }));
  if (!is_illegal(answers))
    return std::nullopt;
  std::size_t legal = 0;
  while (answers - legal > 1) {
    auto middle = legal + (answers - legal) / 2;
    (is_illegal(middle) ? answers : legal) = middle;
  }
  return answers;
}

}  // namespace beamline::testing
