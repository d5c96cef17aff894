#pragma once

// Sequential models for `linearizable`: what a register, a counter, a set answers when one call comes after another.
// A model of your own has the same five members; see sequential_model.

#include "testing/check/model_text.hpp"

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace beamline::testing {

/// What an object does when its calls come one after another.
///
/// `apply` changes the state as the call does and says whether the call can have given that answer there; without an
/// answer (nobody heard it) any will do. `describe` gives words. States are values that can be ordered. A model whose
/// calls concern one of several independent things may offer `key_of(call)`: then each thing is checked by itself,
/// which is as strict and far cheaper.
template <class M>
concept sequential_model = std::totally_ordered<typename M::state> && requires(
    typename M::state& s, const typename M::call& c, const std::optional<typename M::answer>& a) {
  { M::initial() } -> std::same_as<typename M::state>;
  { M::apply(s, c, a) } -> std::same_as<bool>;
  { M::describe(c, a) } -> std::convertible_to<std::string>;
  { M::describe(s) } -> std::convertible_to<std::string>;
};

/// One value that is read, written, and replaced if it is what one thinks it is.
template <class V>
struct register_model {
  using state = V;
  struct call {
    enum class kind : std::uint8_t { read, write, replace } what = kind::read;
    V value{};     // Of a write or replacement.
    V expected{};  // Of a replacement: only if the register holds this.
  };
  struct answer {
    V value{};            // Of a read.
    bool is_done = true;  // Of a replacement.
  };

  [[nodiscard]] static call read() { return {}; }
  [[nodiscard]] static call write(V v) { return {call::kind::write, std::move(v), {}}; }
  [[nodiscard]] static call replace(V expected, V v) {
    return {call::kind::replace, std::move(v), std::move(expected)};
  }

  [[nodiscard]] static state initial() { return V{}; }
  static bool apply(state& s, const call& c, const std::optional<answer>& a) {
    switch (c.what) {
      case call::kind::read: return !a || a->value == s;
      case call::kind::write: s = c.value; return true;
      case call::kind::replace: break;
    }
    auto is_match = s == c.expected;
    if (is_match)
      s = c.value;
    return !a || a->is_done == is_match;
  }
  [[nodiscard]] static std::string describe(const state& s) { return model_text(s); }
  [[nodiscard]] static std::string describe(const call& c, const std::optional<answer>& a) {
    switch (c.what) {
      case call::kind::read: return "read" + (a ? " -> " + model_text(a->value) : std::string{});
      case call::kind::write: return "write " + model_text(c.value);
      case call::kind::replace: break;
    }
    return "replace " + model_text(c.expected) + " by " + model_text(c.value)
         + (!a           ? ""
            : a->is_done ? " -> done"
                         : " -> refused");
  }
};

/// A number that is added to and read. An answer is the number after the call; who does not tell it gives none, but
/// says that the call was answered (`answered`).
struct counter_model {
  using state = std::int64_t;
  struct call {
    std::int64_t add = 0;  // 0: it only reads.
  };
  struct answer {
    std::optional<std::int64_t> total{};
  };

  [[nodiscard]] static call read() { return {}; }
  [[nodiscard]] static call add(std::int64_t n) { return {n}; }
  /// Done, without a total.
  [[nodiscard]] static answer done() { return {}; }

  [[nodiscard]] static state initial() { return 0; }
  static bool apply(state& s, const call& c, const std::optional<answer>& a) {
    s += c.add;
    return !a || !a->total || *a->total == s;
  }
  [[nodiscard]] static std::string describe(const state& s) { return model_text(s); }
  [[nodiscard]] static std::string describe(const call& c, const std::optional<answer>& a) {
    return (c.add == 0 ? std::string{"read"} : "add " + model_text(c.add))
         + (a && a->total ? " -> " + model_text(*a->total) : "");
  }
};

/// Values that are put in, taken out and asked for. An answer says whether the value was in it before the call.
/// Values are independent of each other, so each is checked by itself.
template <class V>
struct set_model {
  using state = std::set<V>;
  using answer = bool;
  struct call {
    enum class kind : std::uint8_t { insert, erase, contains } what = kind::contains;
    V value{};
  };

  [[nodiscard]] static call insert(V v) { return {call::kind::insert, std::move(v)}; }
  [[nodiscard]] static call erase(V v) { return {call::kind::erase, std::move(v)}; }
  [[nodiscard]] static call contains(V v) { return {call::kind::contains, std::move(v)}; }
  [[nodiscard]] static const V& key_of(const call& c) { return c.value; }

  [[nodiscard]] static state initial() { return {}; }
  static bool apply(state& s, const call& c, const std::optional<answer>& a) {
    auto was_in = s.contains(c.value);
    if (c.what == call::kind::insert)
      s.insert(c.value);
    else if (c.what == call::kind::erase)
      s.erase(c.value);
    return !a || *a == was_in;
  }
  [[nodiscard]] static std::string describe(const state& s) {
    std::string all;
    for (const auto& v : s)
      all += (all.empty() ? "{" : ", ") + model_text(v);
    return all.empty() ? "{}" : all + "}";
  }
  [[nodiscard]] static std::string describe(const call& c, const std::optional<answer>& a) {
    auto verb = c.what == call::kind::insert ? "insert " : c.what == call::kind::erase ? "erase " : "contains ";
    return verb + model_text(c.value) + (!a ? "" : *a ? " -> it was in" : " -> it was not in");
  }
};

}  // namespace beamline::testing
