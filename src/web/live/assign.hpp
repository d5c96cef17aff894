#pragma once

#include "web/live/comparable.hpp"

#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

/// Members of a view's or component's state that know when they changed, so that a render evaluates only what depends
/// on a change.
///
///   struct assigns {
///     live::assign<post> shown;                    // set with =, changed in place with edit()
///     live::assign<int> viewers{0};
///     live::temporary<std::vector<line>> lines;    // empty again after each render that was sent
///     live::stream<comment> comments{"comments"};  // see stream.hpp
///     std::string title;                           // a plain member counts as changed at every render
///   };
///
/// What a member says about itself is one number, its version: 0 when it was made or changed, else the number that a
/// `render_context` gave it when it was read. A context remembers the versions of the last render that was sent. So a
/// render that throws or is thrown away loses nothing, an object put in another's place counts as changed, and several
/// contexts of one view may read the same member.
namespace beamline::web::live {

struct render_scope;

/// What all tracked members have in common. Belongs to the process of its view.
class tracked_cell {
public:
  /// The number under which a context saw the present value; 0: none has.
  [[nodiscard]] std::uint32_t version() const noexcept { return version_; }

protected:
  tracked_cell() = default;
  tracked_cell(const tracked_cell&) noexcept {}  // A copy is another member, which nobody has seen.
  tracked_cell& operator=(const tracked_cell&) noexcept {
    touch();
    return *this;
  }
  ~tracked_cell() = default;

  void touch() noexcept { version_ = 0; }

private:
  friend class render_context;
  mutable std::uint32_t version_ = 0;
};

/// A member that forgets its value once the client has it.
class consumable_cell : public tracked_cell {
protected:
  consumable_cell() = default;
  consumable_cell(const consumable_cell&) = default;
  consumable_cell& operator=(const consumable_cell&) = default;
  virtual ~consumable_cell() = default;

private:
  friend class render_context;
  /// Of a stream, which is part of its view from now on: its number there. It takes the next one if it has none yet.
  /// Others need none.
  virtual void join_view(render_scope& /*of*/) const {}
  virtual void consume() const noexcept = 0;
};

/// A cell that reads as the value it holds.
template <class T, std::derived_from<tracked_cell> Cell>
class value_cell : public Cell {
public:
  using value_type = T;

  [[nodiscard]] const T& get() const noexcept { return value_; }
  [[nodiscard]] const T& operator*() const noexcept { return value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }
  operator const T&() const noexcept { return value_; }  // NOLINT: implicit on purpose
  /// The value to be changed in place; it counts as changed from now on. Do not keep the reference over a render.
  [[nodiscard]] T& edit() noexcept {
    this->touch();
    return value_;
  }

  // A list is iterated like the list itself.
  [[nodiscard]] auto begin() const requires requires(const T& t) { t.begin(); }
  { return value_.begin(); }
  [[nodiscard]] auto end() const requires requires(const T& t) { t.end(); }
  { return value_.end(); }

protected:
  value_cell() = default;
  explicit value_cell(T value) : value_{std::move(value)} {}
  value_cell(const value_cell&) = default;
  value_cell& operator=(const value_cell&) = default;
  ~value_cell() = default;

  mutable T value_{};  // A `temporary` is emptied by the render, which sees the state as constant.
};

/// A value that knows whether it changed.
template <class T>
class assign : public value_cell<T, tracked_cell> {
  using base = value_cell<T, tracked_cell>;

public:
  assign() = default;
  assign(T value) : base{std::move(value)} {}  // NOLINT: implicit on purpose
  assign(const assign&) = default;
  /// Setting an equal value (if `T` has ==) changes nothing.
  assign& operator=(const assign& other) {
    set(T(other.value_));
    return *this;
  }
  template <class U>
    requires(std::constructible_from<T, U&&> && !std::derived_from<std::remove_cvref_t<U>, tracked_cell>)
  assign& operator=(U&& value) {
    set(T(std::forward<U>(value)));
    return *this;
  }
  template <class V = T>
  requires std::constructible_from<V, std::initializer_list<typename V::value_type>> assign&
  operator=(std::initializer_list<typename V::value_type> values) {
    set(T(values));
    return *this;
  }
  ~assign() = default;

private:
  void set(T&& value) {
    if constexpr (detail::comparable<T>)
      if (this->value_ == value)
        return;
    this->value_ = std::move(value);
    this->touch();
  }
};

/// A value for one render: put back to `T{}` when that render was sent, without a change. The client keeps what it
/// shows. For what is large and needed once; for growing lists see `stream`.
template <class T>
class temporary final : public value_cell<T, consumable_cell> {
  using base = value_cell<T, consumable_cell>;

public:
  temporary() = default;
  temporary(T value) : base{std::move(value)} {}  // NOLINT: implicit on purpose
  temporary& operator=(T value) {
    this->value_ = std::move(value);
    this->touch();
    return *this;
  }

private:
  void consume() const noexcept override { this->value_ = T{}; }
};

template <class>
inline constexpr bool is_temporary = false;
template <class T>
inline constexpr bool is_temporary<temporary<T>> = true;

/// One member as `render_context::begin` takes it; made from any member.
class tracked {
public:
  template <class T>
  tracked(const T& member) noexcept {  // NOLINT: implicit on purpose
    if constexpr (std::derived_from<T, tracked_cell>)
      cell_ = &member;
    if constexpr (std::derived_from<T, consumable_cell>)
      consumable_ = &member;
  }

private:
  friend class render_context;
  const tracked_cell* cell_ = nullptr;  // None: a plain member.
  const consumable_cell* consumable_ = nullptr;
};

/// Which members changed since the last render that was sent.
class changes {
public:
  /// Nothing is known to the client yet, or nothing is known of it: everything must be evaluated.
  [[nodiscard]] static changes all() noexcept { return changes{~std::uint64_t{0}, true}; }
  explicit changes(std::uint64_t mask) noexcept : changes{mask, false} {}

  /// True if one of the members in `mask` changed: bit i is member i of `begin`, bit 63 also all beyond.
  [[nodiscard]] bool has(std::uint64_t mask) const noexcept { return is_all_ || (mask_ & mask) != 0; }
  [[nodiscard]] bool is_all() const noexcept { return is_all_; }

private:
  changes(std::uint64_t mask, bool is_all) noexcept : mask_{mask}, is_all_{is_all} {}

  std::uint64_t mask_;
  bool is_all_;
};

/// The value of a member, as templates read it: of an assign or temporary what it holds, else the member.
template <class T>
[[nodiscard]] const T& value_of(const T& member) noexcept {
  return member;
}
template <class T>
[[nodiscard]] const T& value_of(const assign<T>& member) noexcept {
  return member.get();
}
template <class T>
[[nodiscard]] const T& value_of(const temporary<T>& member) noexcept {
  return member.get();
}

}  // namespace beamline::web::live
