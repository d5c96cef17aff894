#pragma once

#include "web/live/async.hpp"
#include "web/live/template.hpp"

namespace beamline::web::live::components {

/// How an `async_result` of any type stands.
class async_state {
public:
  async_state() = default;
  template <class T>
  async_state(const live::async_result<T>& r)  // NOLINT: implicit on purpose
      : is_set_{true}, is_ok_{r.ok()}, is_loading_{r.loading()}, failed_{r.failed()} {}

  [[nodiscard]] bool is_set() const noexcept { return is_set_; }
  [[nodiscard]] bool is_ok() const noexcept { return is_ok_; }
  [[nodiscard]] bool is_loading() const noexcept { return is_loading_; }
  [[nodiscard]] const async_failure* failed() const noexcept { return failed_; }

private:
  bool is_set_ = false;
  bool is_ok_ = false;
  bool is_loading_ = false;
  const async_failure* failed_ = nullptr;
};

/// What `assign_async` loads, in its three states:
///
///   <.async_result assign={@orgs}>
///     <:loading>Loading …</:loading>
///     <:failed :let={why}>Sorry: {why.text}</:failed>
///     <li :for={org <- @orgs.result()}>{org.name}</li>
///   </.async_result>
///
/// The content is shown as soon as there is a value, and stays while it is loaded anew or when that fails.
struct async_result_attrs {
  async_state assign{};
  slot<> loading{};
  slot<no_attrs, const async_failure&> failed{};
  slot<> inner_block{};
};
/// Throws std::invalid_argument without `assign`.
[[nodiscard]] rendered async_result(const async_result_attrs& a, render_context& context);

}  // namespace beamline::web::live::components
