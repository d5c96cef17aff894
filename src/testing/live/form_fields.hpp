#pragma once

#include "testing/live/dom.hpp"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace beamline::testing {

/// What a test puts into a field: a text or number, `true`/`false` for a checkbox, or the chosen ones of a multiple
/// select or of checkboxes that share a name.
class field_input {
public:
  field_input(const char* text) : texts_{text} {}                      // NOLINT: implicit on purpose
  field_input(std::string text) : texts_{std::move(text)} {}           // NOLINT: implicit on purpose
  field_input(std::string_view text) : texts_{std::string{text}} {}    // NOLINT: implicit on purpose
  field_input(bool is_checked) : is_flag_{true}, flag_{is_checked} {}  // NOLINT: implicit on purpose
  template <class Number>
    requires(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>)
  field_input(Number number) : texts_{std::to_string(number)} {}  // NOLINT: implicit on purpose
  field_input(std::vector<std::string> chosen) : is_list_{true}, texts_{std::move(chosen)} {}  // NOLINT

  [[nodiscard]] bool is_flag() const noexcept { return is_flag_; }
  [[nodiscard]] bool is_list() const noexcept { return is_list_; }
  [[nodiscard]] bool flag() const noexcept { return flag_; }
  [[nodiscard]] const std::vector<std::string>& texts() const noexcept { return texts_; }

private:
  bool is_flag_ = false;
  bool is_list_ = false;
  bool flag_ = false;
  std::vector<std::string> texts_;
};

/// Fields by name, as they are called in the form: `{{"u[name]", "ann"}, {"u[terms]", true}}`.
using field_inputs = std::vector<std::pair<std::string, field_input>>;

/// Whether the element is one of those that a form sends: <input>, <select>, <textarea>, <button>.
[[nodiscard]] bool is_field(const dom_node& n);
/// The form an element belongs to: around it, or named by its attribute `form`. Null: none.
[[nodiscard]] dom_node* form_of(dom_node& field);
/// All fields of a form, in the order in which they stand.
[[nodiscard]] std::vector<dom_node*> fields_of(dom_node& form);
/// Calls `fn` for each field below `root` with a name under which it is found again after a patch.
void each_field(dom_node& root, const std::function<void(dom_node&, const std::string& key)>& fn);

/// What the field would send; of a checkbox its `value` whether it is ticked or not.
[[nodiscard]] std::string value_of(const dom_node& field);
[[nodiscard]] bool is_checked(const dom_node& field);

/// Types, ticks and chooses. Returns the field that was changed last, or null for none. Throws `std::invalid_argument`
/// for a field that is not there, is disabled or hidden, and for a choice that is not offered.
dom_node* put_into_form(dom_node& form, const field_inputs& values);
/// One field that belongs to no form.
void put_into_field(dom_node& field, const field_input& value);

/// What a browser sends, url-encoded, as the client serializes it: with `_unused_` marks for what was not touched.
/// `submitter`: the button that was pressed, or null. `only`: nothing but the fields of that name, if not empty.
[[nodiscard]] std::string serialize_form(dom_node& form, const dom_node* submitter, std::string_view only = {});
/// The same without the client's marks: a native submit.
[[nodiscard]] std::string native_form_body(dom_node& form, const dom_node* submitter);

}  // namespace beamline::testing
