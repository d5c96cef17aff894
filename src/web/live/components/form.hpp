#pragma once

#include "web/live/components/passed_attribute.hpp"
#include "web/live/form.hpp"
#include "web/live/template.hpp"

#include <string>

namespace beamline::web::live::components {

/// A form that a component is given. It refers to the caller's, which lives as long as the call.
class form_reference {
public:
  form_reference() = default;
  form_reference(const live::form& f) noexcept : form_{&f} {}  // NOLINT: implicit on purpose
  [[nodiscard]] bool is_set() const noexcept { return form_ != nullptr; }
  [[nodiscard]] const live::form& get() const noexcept { return *form_; }

private:
  const live::form* form_ = nullptr;
};

/// A form of live/form.hpp:
///
///   <.form :let={f} for={@form} phx-change="validate" phx-submit="save">
///     <input id={f["name"].id} name={f["name"].name} value={f["name"].text()}>
///   </.form>
///
/// Give it an id (or the form a name, which is the id then): only forms with one are filled in again after a crash.
/// With `action` it also works without JavaScript, or is submitted natively by `phx-trigger-action`; then it needs the
/// session's token: `csrf={@csrf}`.
struct form_attrs {
  form_reference for_{};
  std::string id{};  // Else the form's.
  std::string action{};
  std::string method = "post";  // With `action`; `put`, `patch` and `delete` travel as `_method`.
  std::string csrf{};
  passed_attribute autocomplete{};
  passed_attribute enctype{};
  passed_attribute name{};
  passed_attribute novalidate{};
  passed_attribute rel{};
  passed_attribute target{};
  attributes rest{};
  slot<no_attrs, const live::form&> inner_block{};
};
/// Throws std::invalid_argument without `for`, and for an `action` by post without `csrf`.
[[nodiscard]] rendered form(const form_attrs& a, render_context& context);

/// The rows of a list within a form, with the hidden inputs that keep their ids while they move:
///
///   <.inputs_for :let={item} form={f} field="items">
///     <input name={item["title"].name} value={item["title"].text()}>
///     <button type="button" name="u[items_drop][]" value={item.index()}
///     phx-click={js::dispatch("change")}>Remove</button>
///   </.inputs_for>
///   <input type="hidden" name="u[items_drop][]">
///   <button type="button" name="u[items_sort][]" value="new" phx-click={js::dispatch("change")}>Add</button>
struct inputs_for_attrs {
  form_reference form{};
  std::string field{};
  bool skip_hidden = false;  // The template writes them itself, as in tables: `persistent_id()` under `_persistent_id`.
  slot<no_attrs, const live::form&> inner_block{};
};
/// Throws std::invalid_argument without `form` or `field`.
[[nodiscard]] rendered inputs_for(const inputs_for_attrs& a, render_context& context);

}  // namespace beamline::web::live::components
