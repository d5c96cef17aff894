#pragma once

#include "testing/check/linearize.hpp"
#include "testing/check/models.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace beamline::testing {

/// What the clients of one object did and were told, in the order in which it happened.
///
///   history<counter_model> h;
///   auto n = h.invoke("a", counter_model::add(1));       when the call is made
///   h.answer(n, {.total = 1});                            when its answer arrives
///   h.refuse(m);                                          it certainly did not happen: `busy`, say
///                                                         neither: it may or may not have (a time-out)
///   auto found = judge(h);                                legal: it behaved as one object would
template <sequential_model M>
class history {
public:
  using call = typename M::call;
  using answer_type = typename M::answer;

  struct entry {
    std::string client;
    call what;
    std::optional<answer_type> got{};
    call_span when{};
    bool is_refused = false;
  };

  // More than this throws std::length_error: check in pieces.
  static constexpr std::size_t calls_max = 100'000;

  [[nodiscard]] std::size_t invoke(std::string client, call c) {
    if (entries_.size() >= calls_max)
      throw std::length_error{"a history has at most " + std::to_string(calls_max) + " calls; check it in pieces"};
    entries_.push_back({std::move(client), std::move(c), {}, {.invoked = ++clock_}});
    return entries_.size() - 1;
  }
  /// A second answer is not kept: whoever watches calls reports it.
  void answer(std::size_t n, answer_type a) {
    auto& e = entries_.at(n);
    if (e.when.returned || e.is_refused)
      return;
    e.got = std::move(a);
    e.when.returned = ++clock_;
  }
  void refuse(std::size_t n) { entries_.at(n).is_refused = !entries_.at(n).when.returned; }

  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }

private:
  std::vector<entry> entries_;
  std::uint64_t clock_ = 0;
};

struct history_judgement {
  linearization::verdict what = linearization::verdict::legal;
  std::string why;                 // In words, unless legal.
  std::size_t configurations = 0;  // Looked at, all parts together.
};

namespace detail {

/// Words for a history that no order explains.
struct stuck_history {
  std::string call{};                // Whose answer nothing explains.
  std::vector<std::string> order{};  // The longest that explains what was before, oldest first.
  std::string state{};               // After it.
  std::vector<std::string> open{};   // What else was under way, not in `order`.
  std::size_t answers = 0;           // In the shortest beginning that shows it.
};
[[nodiscard]] std::string to_string(const stuck_history& s);

/// The part of a history that concerns one key, with its states numbered.
template <sequential_model M>
class history_part {
public:
  using entry = typename history<M>::entry;

  void add(const entry& e) {
    entries_.push_back(&e);
    spans_.push_back(e.when);
  }

  history_judgement judge(const linearize_limits& limits) {
    auto first = M::initial();
    (void)number_of(first);
    auto apply = [this](model_state before, std::size_t n, bool is_answered) { return run(before, n, is_answered); };
    auto all = linearize(spans_, apply, limits);
    if (all.what != linearization::verdict::illegal)
      return {all.what, all.what == linearization::verdict::legal ? "" : undecided(limits), all.configurations};
    auto answers = *shortest_illegal(spans_, apply, limits);
    return {all.what, to_string(stuck(answers, apply, limits)), all.configurations};
  }

private:
  std::optional<model_state> run(model_state before, std::size_t n, bool is_answered) {
    auto s = *states_[before];
    const auto& e = *entries_[n];
    if (!M::apply(s, e.what, is_answered ? e.got : std::nullopt))
      return std::nullopt;
    return number_of(s);
  }

  model_state number_of(const typename M::state& s) {
    auto [i, is_new] = numbers_.try_emplace(s, static_cast<model_state>(states_.size()));
    if (is_new)
      states_.push_back(&i->first);
    return i->second;
  }

  stuck_history stuck(std::size_t answers, const apply_call& apply, const linearize_limits& limits) {
    auto spans = beginning_of(spans_, answers);
    auto longest = linearize(spans, apply, limits).order;
    // The last answer of the shortest beginning is the one that cannot be explained.
    std::size_t last = 0;
    for (std::size_t n = 0; n < spans.size(); ++n)
      if (spans[n].returned && (!spans[last].returned || *spans[n].returned > *spans[last].returned))
        last = n;
    stuck_history s{.call = words(last, true), .answers = answers};
    model_state state = 0;
    std::vector<bool> is_used(spans.size());
    for (auto n : longest) {
      is_used[n] = true;
      s.order.push_back(words(n, spans[n].returned.has_value()));
      state = *apply(state, n, spans[n].returned.has_value());
    }
    s.state = M::describe(*states_[state]);
    for (std::size_t n = 0; n < spans.size(); ++n)
      if (!is_used[n] && n != last && spans[n].invoked < *spans[last].returned)
        s.open.push_back(words(n, spans[n].returned.has_value()));
    return s;
  }

  [[nodiscard]] std::string words(std::size_t n, bool is_answered) const {
    const auto& e = *entries_[n];
    return e.client + ": " + M::describe(e.what, is_answered ? e.got : std::nullopt)
         + (is_answered ? "" : " (no answer yet)");
  }

  [[nodiscard]] std::string undecided(const linearize_limits& l) const {
    return "undecided after " + std::to_string(l.configurations_max) + " configurations of "
         + std::to_string(entries_.size())
         + " calls: let fewer calls be under way at once, or give the model a key_of, or raise configurations_max";
  }

  std::vector<const entry*> entries_;
  std::vector<call_span> spans_;
  std::map<typename M::state, model_state> numbers_;
  std::vector<const typename M::state*> states_;  // Keys of `numbers_`.
};

}  // namespace detail

/// Whether a history is linearizable: each call took effect at one moment between its invocation and its answer. If
/// not, the evidence is the shortest beginning that shows it: the call that cannot have got its answer, and the longest
/// order that explains what was before.
template <sequential_model M>
[[nodiscard]] history_judgement judge(const history<M>& h, const linearize_limits& limits = {}) {
  history_judgement sum;
  auto add = [&](detail::history_part<M>& part) {
    if (sum.what == linearization::verdict::illegal)
      return;
    auto one = part.judge(limits);
    sum.configurations += one.configurations;
    if (one.what != linearization::verdict::legal)
      std::tie(sum.what, sum.why) = std::pair{one.what, std::move(one.why)};
  };
  if constexpr (requires(const typename M::call& c) { M::key_of(c); }) {
    std::map<std::decay_t<decltype(M::key_of(std::declval<const typename M::call&>()))>, detail::history_part<M>> parts;
    for (const auto& e : h.entries())
      if (!e.is_refused)
        parts[M::key_of(e.what)].add(e);
    for (auto& [key, part] : parts)
      add(part);
  } else {
    detail::history_part<M> whole;
    for (const auto& e : h.entries())
      if (!e.is_refused)
        whole.add(e);
    add(whole);
  }
  return sum;
}

}  // namespace beamline::testing
