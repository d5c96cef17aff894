#pragma once

#include <atomic>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace beamline::supervision {

class application_context;

/// The answer to a hook: to be given once, now or later, from any thread. Copies are one answer, the first one counts,
/// and when the last copy goes without an answer the hook has failed. Must not be kept longer than the node.
template <class T>
class hook_reply {
public:
  /// Gets the answer, or nothing when there never was one.
  using taker = std::function<void(std::optional<T>)>;

  explicit hook_reply(taker take) : cell_{std::make_shared<cell>(std::move(take))} {}

  void operator()(T answer) const { cell_->give(std::move(answer)); }

private:
  struct cell {
    explicit cell(taker t) : take{std::move(t)} {}
    ~cell() { give(std::nullopt); }
    cell(const cell&) = delete;
    cell& operator=(const cell&) = delete;

    void give(std::optional<T> answer) {
      if (!is_given.test_and_set())
        take(std::move(answer));
    }

    taker take;
    std::atomic_flag is_given = ATOMIC_FLAG_INIT;
  };

  std::shared_ptr<cell> cell_;
};

/// A function of an application that the controller calls in its own turn. It must not block; there are two forms:
///
///   [](application_context& c) { return T; }                      is done when it returns
///   [](application_context& c, hook_reply<T> done) { ... }        is done when `done(T)` is called, by whomever
///
/// A throw is a failure in both. `More`: what it is called with besides the context.
template <class T, class... More>
class hook {
public:
  hook() = default;

  template <class F>
    requires std::invocable<F&, application_context&,
                            More...> && std::convertible_to<std::invoke_result_t<F&, application_context&, More...>, T>
    hook(F f)  // NOLINT: implicit on purpose
        : run_{[f = std::move(f)](application_context& c, More... more, const hook_reply<T>& done) mutable {
            done(T{f(c, more...)});
          }} {}

    template <class F>
      requires std::invocable<F&, application_context&,
                              More...> && std::is_void_v<std::invoke_result_t<F&, application_context&, More...>>
      hook(F f)  // NOLINT: implicit on purpose
          : run_{[f = std::move(f)](application_context& c, More... more, const hook_reply<T>& done) mutable {
              f(c, more...);
              done(T{});
            }} {}

      template <class F>
        requires std::invocable<F&, application_context&, More..., hook_reply<T>> hook(F f)
            : run_{std::move(f)} {}  // NOLINT: implicit on purpose

        explicit operator bool() const noexcept { return static_cast<bool>(run_); }
        void operator()(application_context& c, More... more, const hook_reply<T>& done) const {
          run_(c, more..., done);
        }

      private:
        std::function<void(application_context&, More..., const hook_reply<T>&)> run_;
};

}  // namespace beamline::supervision
