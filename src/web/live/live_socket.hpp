#pragma once

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "actors/process.hpp"
#include "base/json.hpp"
#include "web/live/assign.hpp"
#include "web/live/async.hpp"
#include "web/live/component.hpp"
#include "web/live/flash.hpp"
#include "web/live/reply.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::web::live {

struct push_event_options {
  // The page's scripts hear of it before the page is patched, else after.
  bool is_before_patch = false;
};

/// What a view and its components may ask of their process and its browser. Belongs to the view's process; to be used
/// in its turns only: in the view's calls, and in the functions that were given to it, which run in a turn of the view
/// and show what they changed. None of those is called once the view, or the component that asked, has gone.
class live_socket {
public:
  virtual ~live_socket() = default;
  live_socket() = default;
  live_socket(const live_socket&) = delete;
  live_socket& operator=(const live_socket&) = delete;

  /// False while the page's first HTML is made: no subscriptions, calls, timers or work then; the process ends at once.
  [[nodiscard]] virtual bool connected() const = 0;
  /// The view's process.
  [[nodiscard]] virtual pid self() const = 0;
  [[nodiscard]] virtual environment& env() const = 0;

  // -- what the visitor is told -----------------------------------------------------------------------

  /// A component's flash is its own; it becomes the view's when the component patches or navigates.
  virtual void put_flash(std::string kind, std::string text) = 0;
  virtual void clear_flash() = 0;
  virtual void clear_flash(std::string_view kind) = 0;
  [[nodiscard]] virtual const flash_messages& flash() const = 0;

  /// An event for the page's hooks and scripts (`phx:<name>`); `payload` must be an object. They arrive in the order
  /// they were pushed, those of the view before those of its components, with the diff of the same turn. Throws
  /// std::length_error for more than 1,024 events, or 1 MiB of them, in one turn.
  virtual void push_event(std::string name, const json& payload, push_event_options o = {}) = 0;
  /// The answer to the event being handled, for hooks that asked for one; must be an object.
  virtual void reply(const json& value) = 0;

  /// Another URL for this view: its `handle_params` runs after this call, then the browser's address changes. Of a
  /// nested view: the URL of the view that has one.
  virtual void patch(std::string path, history kind = history::push) = 0;
  /// Another view of the same live session, or another page. Both end this view after the current call.
  virtual void navigate(std::string path, history kind = history::push) = 0;
  /// `redirect` goes to a path of this site, or to an http or https URL; throws std::invalid_argument for others.
  virtual void redirect(std::string target) = 0;

  // -- what else happens ------------------------------------------------------------------------------

  virtual void run_after(duration d, std::function<void()> fn) = 0;
  /// Calls `fn` once when that process ends, or at once when it is not there.
  virtual std::uint64_t watch(const pid& who, std::function<void(const reason&)> fn) = 0;
  virtual void unwatch(std::uint64_t w) = 0;
  /// Sends and forgets; to another node only messages of this node's contract. Nothing while the first HTML is made.
  template <class M>
  void cast(const pid& to, M&& m) {
    do_cast(to, share(std::forward<M>(m)));
  }
  /// Calls a process; one of the two functions is called.
  template <class R, class M, class OnValue, class OnError>
  void call(const pid& to, M&& m, duration within, OnValue on_value, OnError on_error) {
    start_call(to, share(std::forward<M>(m)), within,
               [v = std::move(on_value), e = std::move(on_error)](call_result r) mutable {
                 beamline::detail::dispatch_reply<R>(r, v, e);
               });
  }

  /// Gives that component of this view new attributes, as if its place had been rendered with them. False: there is no
  /// such component.
  template <class C>
  bool send_update(std::string_view id, typename C::attrs a) {
    return update_component(place_of<C>(id, std::move(a)));
  }

  // -- work that takes long: async.hpp ------------------------------------------------------------------

  /// `on_done(async_outcome<T>&)` for work that returns `T` or `result<T>`. Not while the first HTML is made: then it
  /// is not started at all.
  template <class F, class OnDone>
  void start_async(std::string key, F work, OnDone on_done, async_options o = {}) {
    start_async_as<supervision::detail::plain_result_t<F>>(std::move(key), std::move(work), std::move(on_done),
                                                           std::move(o));
  }
  /// For `void(task_context&, task_promise<R>)`.
  template <class R, class F, class OnDone>
  void start_async_as(std::string key, F work, OnDone on_done, async_options o = {}) {
    do_start_async(
        std::move(key), detail::launch_of<R>(std::move(work)),
        [done = std::move(on_done)](detail::raw_async raw) mutable {
          auto outcome = detail::outcome_of<R>(std::move(raw));
          done(outcome);
        },
        o);
  }
  /// Loads `member`, which must be one of the view's or component's own. Its name among the keys is its address. The
  /// work returns `T` or `result<T>`, or is a `void(task_context&, task_promise<result<T>>)`.
  template <class T, class F>
  void assign_async(assign<async_result<T>>& member, F work, async_options o = {}) {
    using result_type = detail::assigned_result_t<T, F>;
    static_assert(std::is_same_v<detail::async_value_t<result_type>, T>, "the work must return T or result<T>");
    member.edit().start(o.is_reset);
    start_async_as<result_type>(
        key_of(member), std::move(work), [&member](async_outcome<T>& r) { member.edit().finish(std::move(r)); },
        std::move(o));
  }
  /// Kills the work; its `on_done` gets `cancelled` with that reason, in a later turn. False: there is none.
  bool cancel_async(const std::string& key, const reason& why = reason::shutdown("cancel")) {
    return do_cancel_async(key, why);
  }
  template <class T>
  bool cancel_async(const assign<async_result<T>>& member, const reason& why = reason::shutdown("cancel")) {
    return do_cancel_async(key_of(member), why);
  }

protected:
  virtual void start_call(const pid& to, message m, duration within, reply_handler done) = 0;
  virtual void do_cast(const pid& to, const message& m) = 0;
  virtual bool update_component(std::shared_ptr<const component_place> place) = 0;
  virtual void do_start_async(std::string key, detail::async_launch launch, detail::async_done done,
                              const async_options& o) = 0;
  virtual bool do_cancel_async(const std::string& key, const reason& why) = 0;

private:
  /// Keys of the application never begin with a zero octet.
  [[nodiscard]] static std::string key_of(const tracked_cell& member) {
    return std::string(1, '\0') + std::to_string(reinterpret_cast<std::uintptr_t>(&member));
  }
};

}  // namespace beamline::web::live
