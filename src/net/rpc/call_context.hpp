#pragma once

#include "actors/process_access.hpp"
#include "base/time.hpp"
#include "net/rpc/failure.hpp"
#include "net/rpc/value.hpp"
#include "net/rpc/wire.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace beamline::net::rpc {

/// A call as the procedure sees it.
struct call_info {
  std::string procedure;
  std::string from_node;                    // As the caller's node states it.
  time_point deadline = time_point::max();  // Nobody waits any longer; max: for ever.
};

/// What a function gets beside its request: the tools of the worker process it runs in (process_access.hpp).
class call_context : public process_access {
public:
  call_context(process& worker, call_info i) : process_access{worker}, info_{std::move(i)} {}

  [[nodiscard]] const call_info& info() const noexcept { return info_; }
  /// For calls of its own; duration::max(): for ever.
  [[nodiscard]] duration left() const {
    return info_.deadline == time_point::max() ? duration::max() : std::max(duration::zero(), info_.deadline - now());
  }

private:
  call_info info_;
};

/// Called once with how it ended; further calls are ignored.
using answer_function = std::function<void(raw_outcome)>;

/// The answer to a call, given later. Copies are one; the first answer counts, dropping the last one without an answer
/// is `failed`. Belongs to the worker.
template <class R>
class responder {
public:
  responder(answer_function answer, std::string where) : state_{std::make_shared<state>(std::move(answer), where)} {}

  template <class Value>
  void set(Value&& value) const {
    state_->give(encode_value<R>(std::forward<Value>(value)));
  }
  void set() const requires std::is_void_v<R> { state_->give(bytes{}); }
  void fail(failure f) const { state_->give(std::move(f)); }
  /// A call of its own has failed; the caller gets that as the cause (D79).
  void fail_because(const failure& f) const { state_->give(nested(f, state_->where)); }

private:
  struct state {
    state(answer_function a, std::string w) : answer{std::move(a)}, where{std::move(w)} {}
    ~state() { give(failed{"unanswered", "the reply was never given", where, nullptr}); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    void give(raw_outcome o) {
      if (auto once = std::exchange(answer, nullptr))
        once(std::move(o));
    }

    answer_function answer;
    std::string where;
  };

  std::shared_ptr<state> state_;
};

}  // namespace beamline::net::rpc
