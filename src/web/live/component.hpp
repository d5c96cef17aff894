#pragma once

#include "web/live/event.hpp"
#include "web/live/rendered.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <utility>

/// Live components: parts of a view with state and events of their own, rendered apart from it.
///
///   class counter final : public live::component {
///   public:
///     struct attrs { int start = 0; };
///     void mount(component_socket&) override;                       // once
///     void update(const attrs& a, component_socket&);               // at each render of its place
///     void handle_event(const event& e, component_socket&) override;   // phx-target={@myself}
///     rendered render(render_context&) const override;              // exactly one element
///   private:
///     struct assigns { live::assign<int> count; } assigns_;
///   };
///
///   <.live_component module={counter} id="likes" start={@likes} />      c.component<counter>("likes", {.start = ...})
///
/// A component lives in its view's process, from the first render of its place until the browser says that its element
/// is gone. The place is a type and an id, unique within the view; the browser knows it by a number.
namespace beamline::web::live {

class component_socket;  // The component's side of its view: flash, events, messages to itself.
class render_context;

/// Number of a component within its view, counted from 1, never used again. 0 stands for the view itself.
using component_id = std::uint64_t;

class component {
public:
  virtual ~component() = default;

  virtual void mount(component_socket& s);
  /// Unknown names should throw, and do so by default: no page of ours sends them.
  virtual void handle_event(const event& e, component_socket& s);
  [[nodiscard]] virtual rendered render(render_context& c) const = 0;
};

/// What identifies a component within its view.
struct component_key {
  std::type_index type;
  std::string id;
  friend auto operator<=>(const component_key&, const component_key&) = default;
};

/// A component's place in a tree: which one, and the attributes it is given there.
class component_place {
public:
  explicit component_place(component_key key) : key_{std::move(key)} {}
  virtual ~component_place() = default;
  component_place(const component_place&) = delete;
  component_place& operator=(const component_place&) = delete;

  [[nodiscard]] const component_key& key() const noexcept { return key_; }
  [[nodiscard]] virtual std::unique_ptr<component> make() const = 0;
  virtual void update(component& c, component_socket& s) const = 0;

private:
  component_key key_;
};

namespace detail {

template <class C>
concept takes_attrs = requires(C& c, const typename C::attrs& a, component_socket& s) {
  c.update(a, s);
};

template <class C>
class typed_place final : public component_place {
public:
  static_assert(std::derived_from<C, component>, "a live component derives from live::component");
  static_assert(takes_attrs<C> || std::is_empty_v<typename C::attrs>,
                "a live component with attributes needs `void update(const attrs&, component_socket&)`");

  typed_place(std::string_view id, typename C::attrs a)
      : component_place{{typeid(C), std::string{id}}}, attrs_{std::move(a)} {}

  [[nodiscard]] std::unique_ptr<component> make() const override { return std::make_unique<C>(); }
  void update(component& c, component_socket& s) const override {
    if constexpr (takes_attrs<C>)
      static_cast<C&>(c).update(attrs_, s);
  }

private:
  typename C::attrs attrs_;
};

}  // namespace detail

/// The place of a `C` with that id; also what `send_update` takes.
template <class C>
[[nodiscard]] std::shared_ptr<const component_place> place_of(std::string_view id, typename C::attrs a = {}) {
  return std::make_shared<const detail::typed_place<C>>(id, std::move(a));
}

}  // namespace beamline::web::live
