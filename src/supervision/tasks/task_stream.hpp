#pragma once

// A stream of tasks: one function run over many inputs, so many at a time (S131).
//
//   async_stream(*this, tasks_, each(urls_), [](const url& u) { return fetch(u); },
//                {.max_concurrency = 8},
//                [this](stream_item<url, page>& i) { if (i.outcome) show(*i.outcome); },
//                [this](const std::optional<task_error>& why) {...});
//
// Inputs are asked for one by one as places become free; a result is delivered in a turn of the owner, in the order of
// the input unless `ordered` is false. `max_concurrency` bounds what runs: behind a slow item others go on, and their
// results wait (at most `buffered_max` of them).
//
// `async_stream`: when a task fails, an owner that does not trap exits ends with the same reason; one that does gets
// the failed item. `async_stream_nolink`: failed items are items in either case. When the owner ends, all ends.

#include "supervision/tasks/function_task.hpp"
#include "supervision/tasks/stream_owner.hpp"

#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace beamline::supervision {

/// One finished item.
template <class In, class Out>
struct stream_item {
  std::uint64_t index;  // Its place in the input, from 0.
  task_outcome<Out> outcome;
  std::optional<In> input{};  // Of failed ones, with zip_input_on_exit.
};

/// The owner's hold on a running stream; only for turns of the owner. Copies are the same stream, dropping it changes
/// nothing.
class task_stream {
public:
  explicit task_stream(std::weak_ptr<detail::stream_owner> s) : state_{std::move(s)} {}

  /// Ends after `items_max` items in all. Returns itself: `async_stream(...).take(3)`.
  task_stream& take(std::size_t items_max) {
    if (auto s = state_.lock())
      s->take(items_max);
    return *this;
  }
  /// No more items are delivered. What runs is killed; when it is gone, `on_end` is called.
  void stop() {
    if (auto s = state_.lock())
      s->stop();
  }

private:
  std::weak_ptr<detail::stream_owner> state_;
};

/// The elements of `all`, one after another, as a generator.
template <class In>
[[nodiscard]] auto each(std::vector<In> all) {
  return [all = std::move(all), next = std::size_t{0}]() mutable -> std::optional<In> {
    if (next == all.size())
      return std::nullopt;
    return std::move(all[next++]);
  };
}

namespace detail {

template <class In, class Out, class Generate, class F, class OnItem>
class typed_stream final : public stream_owner {
public:
  typed_stream(process& owner, const stream_options& o, bool is_linked, Generate generate, F fn, OnItem on_item,
               end_function on_end)
      : stream_owner{owner, o, is_linked, std::move(on_end)},
        generate_{std::move(generate)},
        fn_{std::move(fn)},
        on_item_{std::move(on_item)} {}

private:
  std::shared_ptr<task_plan> next() override {
    std::optional<In> input = generate_();
    if (!input)
      return nullptr;
    if (options().zip_input_on_exit)
      inputs_.emplace(next_, *input);
    ++next_;
    auto plan = std::make_shared<task_plan>();
    plan->options = options().task;
    plan->function = readable_name(typeid(F));
    plan->callers = callers_of(owner());
    plan->spawn = [fn = fn_, in = std::make_shared<In>(std::move(*input))](starter& by, task_start s) {
      return by.spawn<function_task<Out, F, In>>(std::move(s), fn, std::move(*in));
    };
    return plan;
  }

  void on_item(std::uint64_t index, raw_outcome o) override {
    auto item = stream_item<In, Out>{index, task_outcome<Out>{std::move(o)}};
    if (auto in = inputs_.extract(index); in && !item.outcome)
      item.input = std::move(in.mapped());
    on_item_(item);
  }

  Generate generate_;
  F fn_;
  OnItem on_item_;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, In> inputs_;  // Of what was not delivered yet; only with zip_input_on_exit.
};

template <class Generate>
using input_of = typename std::invoke_result_t<Generate&>::value_type;

/// It returns its value, so Out need not be said.
template <class F, class Generate>
concept plain_item_function = requires {
  typename plain_result_t<F, input_of<Generate>>;
};

template <class Out, class Generate, class F, class OnItem, class OnEnd>
task_stream start_stream(process& owner, const pid& supervisor, Generate generate, F fn, const stream_options& o,
                         OnItem on_item, OnEnd on_end, bool is_linked) {
  require_valid(o);
  auto s = std::make_shared<typed_stream<input_of<Generate>, Out, Generate, F, OnItem>>(
      owner, o, is_linked, std::move(generate), std::move(fn), std::move(on_item), std::move(on_end));
  s->begin(supervisor);
  return task_stream{s};
}

}  // namespace detail

/// Starts a stream of `owner`'s: `async_stream(*this, ...)`.
///
/// `generate()` returns std::optional<In>, nothing at the end, and runs in turns of the owner; In must be copyable.
/// `fn` is Out(In), Out(task_context&, In) or, with Out said, void(task_context&, In, task_promise<Out>); each item's
/// task has a copy of it. `on_item(stream_item<In, Out>&)` is called for each item in turns of the owner. `on_end(const
/// std::optional<task_error>&)` once, when nothing of the stream is left, however it ended: all done or stopped, or the
/// error that a task could not be started (`not_started`); not when the owner ends before, as it does after a time-out
/// with on_timeout::exit. Throws std::invalid_argument for invalid options.
template <class Generate, detail::plain_item_function<Generate> F, class OnItem, class OnEnd>
task_stream async_stream(process& owner, const pid& supervisor, Generate generate, F fn, const stream_options& o,
                         OnItem on_item, OnEnd on_end) {
  using out = detail::plain_result_t<F, detail::input_of<Generate>>;
  return detail::start_stream<out>(owner, supervisor, std::move(generate), std::move(fn), o, std::move(on_item),
                                   std::move(on_end), true);
}
template <class Out, class Generate, class F, class OnItem, class OnEnd>
task_stream async_stream(process& owner, const pid& supervisor, Generate generate, F fn, const stream_options& o,
                         OnItem on_item, OnEnd on_end) {
  return detail::start_stream<Out>(owner, supervisor, std::move(generate), std::move(fn), o, std::move(on_item),
                                   std::move(on_end), true);
}

/// The same, not linked.
template <class Generate, detail::plain_item_function<Generate> F, class OnItem, class OnEnd>
task_stream async_stream_nolink(process& owner, const pid& supervisor, Generate generate, F fn, const stream_options& o,
                                OnItem on_item, OnEnd on_end) {
  using out = detail::plain_result_t<F, detail::input_of<Generate>>;
  return detail::start_stream<out>(owner, supervisor, std::move(generate), std::move(fn), o, std::move(on_item),
                                   std::move(on_end), false);
}
template <class Out, class Generate, class F, class OnItem, class OnEnd>
task_stream async_stream_nolink(process& owner, const pid& supervisor, Generate generate, F fn, const stream_options& o,
                                OnItem on_item, OnEnd on_end) {
  return detail::start_stream<Out>(owner, supervisor, std::move(generate), std::move(fn), o, std::move(on_item),
                                   std::move(on_end), false);
}

}  // namespace beamline::supervision
