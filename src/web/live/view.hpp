#pragma once

#include "base/json.hpp"
#include "pubsub/system.hpp"
#include "web/live/event.hpp"
#include "web/live/flash.hpp"
#include "web/live/hooks.hpp"
#include "web/live/live_socket.hpp"
#include "web/live/rendered.hpp"

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <utility>
#include <vector>

/// Server-rendered live pages: what an application writes.
///
///   class blog_show : public live::view_of<blog_show, post_stats> {
///   public:
///     struct assigns { live::assign<std::int64_t> likes; };
///     void mount(const mount_params& p, view_socket& s) override {
///       subscribe(s, stats_of_post(slug));                              // nothing in the first render
///     }
///     void handle_event(const event& e, view_socket& s) override;       // what the visitor did
///     void handle_info(const post_stats& m, view_socket& s);            // what other processes sent
///     rendered render(render_context& c) const override { return render_template(assigns_, c); }
///   };
///
/// A view is mounted twice: once without a connection, for the page's first HTML, in a process that ends with the
/// answer; and for good when the browser has connected, in a process of its own per tab. After every call the view
/// is rendered again and what changed is sent, as soon as the browser's socket takes it: however many changes there
/// are meanwhile, a slow browser costs one pending diff.
///
/// What fails how: a view that throws, in any of its calls, ends; one report says which view, where and in what
/// (view_crash.hpp), its browser shows its error state and mounts the view anew after 1, 2, 5, 10 s. Nobody else
/// notices. It ends as `shutdown`, with a text that begins with "view crashed".
namespace beamline::web::live {

class render_context;

struct mount_params {
  json params = json::object();   // Of the URL: path and query.
  json session = json::object();  // What the site knows of this browser; see `endpoint`.
  std::string url = {};           // Path and query, as a request has them. Empty: the view has none of its own.
  std::string action = {};        // What the route says the view is to do there: "index", "edit".
};

struct view_subscribe_options {
  // Empty: `signal` for last_value topics, so that a flood of changes costs the view one wake-up, else `each`.
  std::optional<pubsub::delivery> how{};
  std::string_view system = pubsub::default_system;
};

/// The view's side of its browser, see live_socket.hpp.
class view_socket : public live_socket {
public:
  /// From now on the view is sent what is broadcast there, until it ends; of a last_value topic what is known at once.
  /// While the first HTML is made it does nothing. Throws std::runtime_error when the system refuses: the browser comes
  /// again. A view that does not keep up with `each` is ended rather than shown gaps. In a view, call `subscribe(s, t)`
  /// of `view_of` instead, which knows whether the view expects the message.
  template <class M, pubsub::topic_class Class>
  pubsub::subscription_ptr subscribe(const pubsub::topic<M, Class>& t, const view_subscribe_options& o = {}) {
    constexpr auto usual = Class == pubsub::topic_class::last_value ? pubsub::delivery::signal : pubsub::delivery::each;
    return do_subscribe(t.name(), o.how.value_or(usual), o.system);
  }
  template <class M, pubsub::topic_class Class>
  void unsubscribe(const pubsub::topic<M, Class>& t, std::string_view system = pubsub::default_system) {
    pubsub::system_of(env(), system).unsubscribe(self(), t);
  }
  /// The newest of a last_value topic known on this node: for the first HTML.
  template <class M>
  [[nodiscard]] std::optional<M> latest(const pubsub::topic<M, pubsub::topic_class::last_value>& t,
                                        std::string_view system = pubsub::default_system) const {
    auto m = pubsub::system_of(env(), system).last_value(t.name());
    return m.template match_elements<M>() ? std::optional<M>{m.template get_as<M>(0)} : std::nullopt;
  }
  /// From now on `fn` runs before the view's own function of that stage. Throws std::invalid_argument when the stage
  /// has a hook of that name.
  void attach_hook(std::string name, stage::handle_params_stage, params_hook fn);
  void attach_hook(std::string name, stage::handle_event_stage, event_hook fn);
  void attach_hook(std::string name, stage::handle_info_stage, info_hook fn);
  void attach_hook(std::string name, stage::after_render_stage, render_hook fn);
  /// False: it was not attached.
  template <class Stage>
  bool detach_hook(std::string_view name, Stage at) {
    return hooks().of(at).detach(name);
  }

  /// Something that hooks leave for the view and for each other, by its type: `s.set(current_user{...})`.
  template <class T>
  void set(T value) {
    private_part(typeid(T)) = std::make_any<T>(std::move(value));
  }
  /// Null: nobody has set one.
  template <class T>
  [[nodiscard]] const T* find() {
    return std::any_cast<T>(&private_part(typeid(T)));
  }

  // During mount:

  /// What the page's script sent along with the join; an empty object in the first render. Never to be trusted.
  [[nodiscard]] virtual const json& connect_params() const = 0;
  /// The page was loaded with scripts or styles of another release.
  [[nodiscard]] virtual bool static_changed() const = 0;

protected:
  [[nodiscard]] virtual view_hooks& hooks() = 0;
  [[nodiscard]] virtual std::any& private_part(const std::type_info& type) = 0;

private:
  pubsub::subscription_ptr do_subscribe(const std::string& topic, pubsub::delivery how, std::string_view system);
};

/// One live page. Lives in one process; nothing in it needs a lock.
class view {
public:
  virtual ~view() = default;

  virtual void mount(const mount_params& p, view_socket& s);
  /// After mount, and whenever the URL changes within the view. Not in nested views, which have none.
  virtual void handle_params(const mount_params& p, view_socket& s);
  /// Unknown names should throw: no page of ours sends them.
  virtual void handle_event(const event& e, view_socket& s);
  /// Something else was cast to the view's process. False: not expected.
  virtual bool handle_message(const caf::type_erased_tuple& content, view_socket& s);

  /// What the page should show now. Must not change anything.
  [[nodiscard]] virtual rendered render(render_context& c) const = 0;
  /// The page's title; empty: the layout's.
  [[nodiscard]] virtual std::string title() const;
  /// What the <head> of the first HTML has besides: meta and link elements for search engines and social networks.
  /// Later changes reach nobody.
  [[nodiscard]] virtual safe_html head() const;
  /// The view has ended, however it did; its browser hears nothing more of it. For what it has taken elsewhere.
  virtual void terminate(const reason& why);
};

/// A view that is sent messages of the types `Infos`: `Derived::handle_info(const Info&, view_socket&)` for each.
/// Whether they were cast, broadcast to it, or fetched after a signal makes no difference.
template <class Derived, class... Infos>
class view_of : public view {
public:
  bool handle_message(const caf::type_erased_tuple& content, view_socket& s) final {
    return (try_one<Infos>(content, s) || ...);
  }

protected:
  /// As `s.subscribe`; to a topic of another message it does not compile.
  template <class M, pubsub::topic_class Class>
  static pubsub::subscription_ptr subscribe(view_socket& s, const pubsub::topic<M, Class>& t,
                                            const view_subscribe_options& o = {}) {
    static_assert((std::is_same_v<M, Infos> || ...), "this view has no handle_info for what is sent to that topic");
    return s.subscribe(t, o);
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
