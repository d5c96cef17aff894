#pragma once

#include "actors/environment.hpp"
#include "actors/pid.hpp"
#include "actors/process.hpp"
#include "base/json.hpp"
#include "web/live/event.hpp"
#include "web/live/rendered.hpp"
#include "web/live/reply.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// Server-rendered live pages: what an application writes.
///
///   class counter_view : public live::view_of<counter_view, count_changed> {
///   public:
///     void mount(const mount_params& p, view_socket& s) override {
///       count_ = s.env().get<counter_facade>().current();
///       if (s.connected())
///         s.env().get<counter_facade>().subscribe(s.self());
///     }
///     void handle_event(const event& e, view_socket& s) override;       // what the visitor did
///     void handle_info(const count_changed& m, view_socket& s);         // what other processes cast
///     rendered render() const override;
///   };
///
/// A view is mounted twice: once without a connection, for the page's first HTML, in a process that ends with the
/// answer; and for good when the browser has connected, in a process of its own per tab. After every call the view
/// is rendered again and what changed is sent, as soon as the browser's socket takes it: however many changes there
/// are meanwhile, a slow browser costs one pending diff.
namespace beamline::web::live {

/// Messages for the visitor, by kind ("info", "error"); shown by the view's template until dismissed.
using flash_messages = std::map<std::string, std::string, std::less<>>;

struct mount_params {
  json params = json::object();   // Of the URL: path and query.
  json session = json::object();  // What the site knows of this browser; see `endpoint`.
  std::string url;                // The whole URL, empty for views without one of their own.
};

/// The view's side of its browser. Belongs to the view's process; to be used in the view's calls only, and in
/// functions that run in a turn of the process (answers to calls, timers).
class view_socket {
public:
  virtual ~view_socket() = default;

  /// False while the page's first HTML is made: no subscriptions, calls or timers then; the process ends at once.
  [[nodiscard]] virtual bool connected() const = 0;
  [[nodiscard]] virtual pid self() const = 0;
  [[nodiscard]] virtual environment& env() const = 0;

  virtual void put_flash(std::string kind, std::string text) = 0;
  virtual void clear_flash() = 0;
  [[nodiscard]] virtual const flash_messages& flash() const = 0;

  /// An event for the page's hooks and scripts (`phx:<name>`); `payload` must be an object.
  virtual void push_event(std::string name, const json& payload) = 0;
  /// The answer to the event being handled, for hooks that asked for one; must be an object.
  virtual void reply(const json& value) = 0;

  /// Another URL for this view: its `handle_params` runs, then the browser's address changes.
  virtual void patch(std::string path, history kind = history::push) = 0;
  /// Another view of the same live session, or another page. Both end this view after the current call.
  virtual void navigate(std::string path, history kind = history::push) = 0;
  virtual void redirect(std::string path) = 0;

  /// Runs `fn` after `d`; gone with the view.
  virtual void run_after(duration d, std::function<void()> fn) = 0;

  /// Calls `fn` once when that process ends, or at once when it is not there. Gone with the view.
  virtual std::uint64_t watch(const pid& who, std::function<void(const reason&)> fn) = 0;
  /// `fn` is not called any more.
  virtual void unwatch(std::uint64_t w) = 0;

  /// Calls a process. Neither function is called once the view has ended.
  template <class R, class M, class OnValue, class OnError>
  void call(const pid& to, M&& m, duration within, OnValue on_value, OnError on_error) {
    start_call(to, share(std::forward<M>(m)), within,
               [v = std::move(on_value), e = std::move(on_error)](call_result r) mutable {
                 beamline::detail::dispatch_reply<R>(r, v, e);
               });
  }

protected:
  virtual void start_call(const pid& to, message m, duration within, reply_handler done) = 0;
};

/// One live page. Lives in one process; nothing in it needs a lock. Throwing from any call ends that process: the
/// browser shows its error state and mounts the view anew.
class view {
public:
  virtual ~view() = default;

  virtual void mount(const mount_params& p, view_socket& s) = 0;
  /// After mount, and whenever the URL changes within the view.
  virtual void handle_params(const mount_params& p, view_socket& s);
  /// Unknown names should throw: no page of ours sends them.
  virtual void handle_event(const event& e, view_socket& s);
  /// Something else was cast to the view's process. False: not expected.
  virtual bool handle_message(const caf::type_erased_tuple& content, view_socket& s);

  [[nodiscard]] virtual rendered render() const = 0;
  /// The page's title; empty: the layout's.
  [[nodiscard]] virtual std::string title() const;

  /// Set before each render, so that templates can show it.
  [[nodiscard]] const flash_messages& flash() const noexcept { return *flash_; }

private:
  friend class view_process;
  const flash_messages* flash_ = nullptr;
};

/// A view that is cast messages of the types `Infos`: `Derived::handle_info(const Info&, view_socket&)` for each.
template <class Derived, class... Infos>
class view_of : public view {
public:
  bool handle_message(const caf::type_erased_tuple& content, view_socket& s) final {
    return (try_one<Infos>(content, s) || ...);
  }

private:
  template <class Info>
  bool try_one(const caf::type_erased_tuple& content, view_socket& s) {
    if (!content.match_elements<Info>())
      return false;
    static_cast<Derived*>(this)->handle_info(content.get_as<Info>(0), s);
    return true;
  }
};

/// Makes the view for one mount.
using view_factory = std::function<std::unique_ptr<view>()>;

}  // namespace beamline::web::live
